"""Cases: the engine under complaints, opinions, permits and every other matter that a city works on."""

from egovframe.core.modules.cases.clock import is_overdue, was_late
from egovframe.core.modules.cases.definition import (
    ActionField,
    CaseTypeError,
    Definition,
    State,
    Transition,
    load_definition,
    parse_definition,
)
from egovframe.core.modules.cases.diagram import diagram, transition_table
from egovframe.core.modules.cases.events import CaseChanged as CaseChangedEvent
from egovframe.core.modules.cases.events import CaseEscalated, CaseOpened, CasesAdopted
from egovframe.core.modules.cases.models import Case, CaseArea, CaseEntry, CaseType
from egovframe.core.modules.cases.permissions import CONTACT as READ_CONTACT
from egovframe.core.modules.cases.permissions import READ
from egovframe.core.modules.cases.queries import (
    QUEUES,
    InboxFilter,
    TimelineItem,
    case_by_reference,
    cases_of_reporter,
    count_label,
    inbox,
    note_case_read,
    queue_counts,
    readable_case,
    timeline,
)
from egovframe.core.modules.cases.references import normal_reference, normal_tracking_code
from egovframe.core.modules.cases.services.acting import ActionView, CaseChanged, act, actions_for, is_reporter
from egovframe.core.modules.cases.services.adopting import Adoption, Ending, adopt_cases
from egovframe.core.modules.cases.services.escalating import act_automatically, escalate
from egovframe.core.modules.cases.services.handing_over import count_unfinished, hand_over_cases, unfinished
from egovframe.core.modules.cases.services.opening import NewCase, Opened, find_imported, open_case
from egovframe.core.modules.cases.services.replaying import PastStep, replay
from egovframe.core.modules.cases.subjects import HOLDER, declare_subjects
from egovframe.core.modules.cases.tracking import case_by_tracking_code
from egovframe.core.modules.cases.types import (
    CurrentType,
    all_types,
    current_type,
    definition_of,
    definitions_of,
    publish_types,
    read_definitions,
)
from egovframe.core.modules.cases.views import (
    DeadlineView,
    StateView,
    StateViews,
    deadline_view,
    state_view,
    state_views,
)

declare_subjects()

__all__ = [
    "HOLDER",
    "QUEUES",
    "READ",
    "READ_CONTACT",
    "ActionField",
    "ActionView",
    "Adoption",
    "Case",
    "CaseArea",
    "CaseChanged",
    "CaseChangedEvent",
    "CaseEntry",
    "CaseEscalated",
    "CaseOpened",
    "CaseType",
    "CaseTypeError",
    "CasesAdopted",
    "CurrentType",
    "DeadlineView",
    "Definition",
    "Ending",
    "InboxFilter",
    "NewCase",
    "Opened",
    "PastStep",
    "State",
    "StateView",
    "StateViews",
    "TimelineItem",
    "Transition",
    "act",
    "act_automatically",
    "actions_for",
    "adopt_cases",
    "all_types",
    "case_by_reference",
    "case_by_tracking_code",
    "cases_of_reporter",
    "count_label",
    "count_unfinished",
    "current_type",
    "deadline_view",
    "definition_of",
    "definitions_of",
    "diagram",
    "escalate",
    "find_imported",
    "hand_over_cases",
    "inbox",
    "is_overdue",
    "is_reporter",
    "load_definition",
    "normal_reference",
    "normal_tracking_code",
    "note_case_read",
    "open_case",
    "parse_definition",
    "publish_types",
    "queue_counts",
    "read_definitions",
    "readable_case",
    "replay",
    "state_view",
    "state_views",
    "timeline",
    "transition_table",
    "unfinished",
    "was_late",
]
