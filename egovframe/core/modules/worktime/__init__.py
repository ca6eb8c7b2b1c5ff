"""Working time: calendars of hours and holidays, deadlines in calendar or working time, what is left of them."""

from egovframe.core.modules.worktime.calendar import (
    Calendar,
    Mode,
    NeverOpen,
    Span,
    add_working_days,
    deadline,
    remaining,
    worked_between,
    working_days_between,
)
from egovframe.core.modules.worktime.models import CalendarAssignment, Holiday, WorkCalendar

__all__ = [
    "Calendar",
    "CalendarAssignment",
    "Holiday",
    "Mode",
    "NeverOpen",
    "Span",
    "WorkCalendar",
    "add_working_days",
    "deadline",
    "remaining",
    "worked_between",
    "working_days_between",
]
