"""What the calendar is compared with: second transcriptions and other packages."""

from __future__ import annotations

import datetime
import json
from functools import cache
from pathlib import Path

import holidays
from hypothesis import settings

from onsite_workflow.calendar import WorkingCalendar

DAY_LIST = (
    Path(__file__).parents[3] / "shared" / "conformance" / "state_council_days_2007_2026.json"
)
CHINA = WorkingCalendar.china().as_known_on(datetime.date(2026, 10, 1))
"""The calendar as known in 2026: these tests stay true when the next notice is packaged."""

ONE_DAY = datetime.timedelta(days=1)
unhurried = settings(deadline=None)
"""Tables are built when first asked for: that example alone takes its time."""


def days(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    """Every day from ``first`` to ``last``."""
    return [first + ONE_DAY * i for i in range((last - first).days + 1)]


@cache
def day_list() -> tuple[frozenset[datetime.date], frozenset[datetime.date]]:
    """The State Council's days off and days worked, transcribed by somebody else."""
    listed = json.loads(DAY_LIST.read_text(encoding="utf-8"))
    off, work = (
        frozenset(datetime.date.fromisoformat(day) for day in listed[name])
        for name in ("off", "work")
    )
    return off, work


@cache
def holidays_working_days() -> frozenset[datetime.date]:
    """The working days of 2007-2026 as the ``holidays`` package has them."""
    china = holidays.country_holidays("CN", years=range(2006, 2028))
    return frozenset(
        day
        for day in days(datetime.date(2007, 1, 1), datetime.date(2026, 12, 31))
        if china.is_working_day(day)
    )
