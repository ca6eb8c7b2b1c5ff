"""Working time: calendars of hours and holidays, deadlines in calendar or working time, what is left of them."""

from egovframe.core.modules.worktime.calendar import (
    MONDAY_TO_FRIDAY,
    Calendar,
    Hours,
    Mode,
    NeverOpen,
    Span,
    add_working_days,
    deadline,
    remaining,
    worked_between,
    working_days_between,
)
from egovframe.core.modules.worktime.ics import HolidayReport
from egovframe.core.modules.worktime.models import CalendarAssignment, Holiday, WorkCalendar
from egovframe.core.modules.worktime.queries import (
    calendar_by_code,
    calendar_for,
    default_calendar,
    holidays_of,
    value_of,
)
from egovframe.core.modules.worktime.services import (
    assign_calendar,
    import_holidays,
    put_calendar,
    put_holiday,
    remove_holiday,
)

__all__ = [
    "MONDAY_TO_FRIDAY",
    "Calendar",
    "CalendarAssignment",
    "Holiday",
    "HolidayReport",
    "Hours",
    "Mode",
    "NeverOpen",
    "Span",
    "WorkCalendar",
    "add_working_days",
    "assign_calendar",
    "calendar_by_code",
    "calendar_for",
    "deadline",
    "default_calendar",
    "holidays_of",
    "import_holidays",
    "put_calendar",
    "put_holiday",
    "remaining",
    "remove_holiday",
    "value_of",
    "worked_between",
    "working_days_between",
]
