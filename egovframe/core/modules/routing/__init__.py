"""Routing: which department and official a matter belongs to, and why."""

from egovframe.core.modules.routing.deciding import closest, decide, decide_each, wider
from egovframe.core.modules.routing.explain import explain
from egovframe.core.modules.routing.holders import Holding, holding_of
from egovframe.core.modules.routing.models import RoutingRule
from egovframe.core.modules.routing.places import Neighbour, area_refs, areas_at, moved_to, nearest_to, neighbours_at
from egovframe.core.modules.routing.queries import all_rules, rule_by_public_id, rules_in_force
from egovframe.core.modules.routing.services import add_rule, change_rule
from egovframe.core.modules.routing.values import AreaRef, BorderChoice, Decision, Matter, Step

__all__ = [
    "AreaRef",
    "BorderChoice",
    "Decision",
    "Holding",
    "Matter",
    "Neighbour",
    "RoutingRule",
    "Step",
    "add_rule",
    "all_rules",
    "area_refs",
    "areas_at",
    "change_rule",
    "closest",
    "decide",
    "decide_each",
    "explain",
    "holding_of",
    "moved_to",
    "nearest_to",
    "neighbours_at",
    "rule_by_public_id",
    "rules_in_force",
    "wider",
]
