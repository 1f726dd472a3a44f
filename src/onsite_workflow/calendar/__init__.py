"""The working-day calendar of mainland China: exact where the law has spoken, honest elsewhere.

A working day (工作日) is what the notices of the State Council's General Office leave as one:
Monday to Friday less the days off, plus the make-up days at weekends. Where no notice has been
published yet an answer is *provisional*: it carries the expected day, the earliest and the latest.
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
