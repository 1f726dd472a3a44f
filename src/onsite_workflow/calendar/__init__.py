"""The working-day calendar of mainland China: exact where the law has spoken, and honest elsewhere.

A working day (工作日) is what the notices of the State Council's General Office leave as one:
Monday to Friday less the days off, plus the make-up days at weekends. Where no notice has been
published yet an answer is *provisional*: it carries the expected day, the earliest and the latest.
"""

from onsite_workflow.calendar._calendar import Deadline, WorkingCalendar

__all__ = ["Deadline", "WorkingCalendar"]
