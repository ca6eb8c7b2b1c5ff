"""Routing: which department and official a matter belongs to, and why."""

from egovframe.core.modules.routing.models import RoutingRule
from egovframe.core.modules.routing.values import AreaRef, Decision, Matter, Step

__all__ = ["AreaRef", "Decision", "Matter", "RoutingRule", "Step"]
