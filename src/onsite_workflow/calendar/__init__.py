"""The working-day calendar of mainland China: certain where a notice is out, provisional elsewhere.

A working day (工作日) is a day from Monday to Friday that is not a day off, or a weekend day that is
worked to make up for one. Which days these are is told each year by a notice of the State Council's
General Office. Where no notice has been published yet, an answer is *provisional*: it gives the expected
day, the earliest and the latest.
"""

from onsite_workflow.calendar._answers import (
    Day,
    DayKind,
    Deadline,
    Difference,
    ExplainedDay,
    Explanation,
    Language,
    LocalDay,
    WorkingDayCount,
    month_lines,
)
from onsite_workflow.calendar._calendar import WorkingCalendar
from onsite_workflow.calendar._check import CalendarCheck, SourceReach, check_calendar
from onsite_workflow.calendar._notices import Holiday, Notice, parse_notice, read_notice

__all__ = [
    "CalendarCheck",
    "Day",
    "DayKind",
    "Deadline",
    "Difference",
    "ExplainedDay",
    "Explanation",
    "Holiday",
    "Language",
    "LocalDay",
    "Notice",
    "SourceReach",
    "WorkingCalendar",
    "WorkingDayCount",
    "check_calendar",
    "month_lines",
    "parse_notice",
    "read_notice",
]
