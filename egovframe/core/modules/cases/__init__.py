"""Cases: the engine under complaints, opinions, permits and every other matter that a city works on."""

from egovframe.core.modules.cases.definition import (
    ActionField,
    CaseTypeError,
    Definition,
    State,
    Transition,
    load_definition,
    parse_definition,
)
from egovframe.core.modules.cases.models import Case, CaseArea, CaseEntry, CaseType
from egovframe.core.modules.cases.references import normal_reference, normal_tracking_code

__all__ = [
    "ActionField",
    "Case",
    "CaseArea",
    "CaseEntry",
    "CaseType",
    "CaseTypeError",
    "Definition",
    "State",
    "Transition",
    "load_definition",
    "normal_reference",
    "normal_tracking_code",
    "parse_definition",
]
