"""Counting working days: table look-ups where notices reach, an interval beyond."""

from __future__ import annotations

import datetime
import hashlib
import json
from functools import cache
from importlib import resources

from attrs import frozen

from onsite_workflow.errors import InvalidInput

__all__ = ["Deadline", "WorkingCalendar"]

_ONE_DAY = datetime.timedelta(days=1)


@frozen(kw_only=True)
class Deadline:
    """The day on which a number of working days is full.

    ``date`` is the expected day. Where ``provisional`` is false it is certain, and ``earliest``
    and ``latest`` equal it; otherwise it depends on days that no notice has arranged yet.
    """

    date: datetime.date
    provisional: bool
    earliest: datetime.date
    latest: datetime.date


def _days(entries: list[str]) -> list[datetime.date]:
    days: list[datetime.date] = []
    for entry in entries:
        first, _, last = entry.partition("/")
        day, end = datetime.date.fromisoformat(first), datetime.date.fromisoformat(last or first)
        while day <= end:
            days.append(day)
            day += _ONE_DAY
    return days


class WorkingCalendar:
    """Working days by notice. Immutable; two calendars with the same data are equal.

    First form: beyond ``confirmed_through`` the expected day counts Monday to Friday, and the
    interval is a rough 12 days to either side.
    """

    __slots__ = ("_answers", "_first", "_through", "_working", "confirmed_through", "revision")

    confirmed_through: datetime.date
    revision: str

    def __init__(self, text: str) -> None:
        arranged: dict[datetime.date, bool] = {}
        last_year = 0
        for notice in json.loads(text)["notices"]:
            last_year = max(last_year, notice["year"])
            for holiday in notice["holidays"]:
                arranged.update(dict.fromkeys(_days(holiday["off"]), False))
                arranged.update(dict.fromkeys(_days(holiday.get("work", [])), True))
        self.revision = hashlib.sha256(text.encode()).hexdigest()[:12]
        # No notice has changed a day before 29 December of the year before its own.
        self.confirmed_through = datetime.date(last_year, 12, 28)
        first = datetime.date(2007, 1, 1)
        self._first = first.toordinal()
        self._working: list[bool] = []
        self._through: list[int] = []
        self._answers: list[Deadline] = []
        day = first
        while day <= datetime.date(last_year + 10, 12, 31):
            working = arranged.get(day, day.weekday() < 5)
            if working:
                provisional = day > self.confirmed_through
                spread = datetime.timedelta(days=12 if provisional else 0)
                self._answers.append(
                    Deadline(
                        date=day,
                        provisional=provisional,
                        earliest=day - spread,
                        latest=day + spread,
                    )
                )
            self._working.append(working)
            self._through.append(len(self._answers))
            day += _ONE_DAY

    @classmethod
    @cache
    def china(cls) -> WorkingCalendar:
        """The calendar of the notices that come with this library."""
        data = resources.files("onsite_workflow").joinpath("data", "state_council_notices.json")
        return cls(data.read_text(encoding="utf-8"))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WorkingCalendar):
            return NotImplemented
        return self.revision == other.revision

    def __hash__(self) -> int:
        return hash(self.revision)

    def __repr__(self) -> str:
        return (
            f"<WorkingCalendar {self.revision}, confirmed through "
            f"{self.confirmed_through.isoformat()}>"
        )

    def is_working_day(self, day: datetime.date) -> bool:
        """Whether ``day`` is a working day; the expected answer where it is provisional."""
        return self._working[self._index(day, "day")]

    def is_provisional(self, day: datetime.date) -> bool:
        """Whether ``day`` lies beyond what notices have confirmed."""
        self._index(day, "day")
        return day > self.confirmed_through

    def add_working_days(self, start: datetime.date, n: int) -> Deadline:
        """The ``n``-th working day after ``start``; ``start`` itself is day zero.

        A negative ``n`` counts the working days before ``start``; 0 answers ``start``.
        """
        index = self._index(start, "start")
        if n == 0:
            provisional = start > self.confirmed_through
            return Deadline(date=start, provisional=provisional, earliest=start, latest=start)
        if n > 0:
            position = self._through[index] + n - 1
        else:
            position = self._through[index] - self._working[index] + n
        if not 0 <= position < len(self._answers):
            raise InvalidInput.of(
                "n", "calendar_range", "超出工作日历范围", "reaches beyond the calendar"
            )
        return self._answers[position]

    def count_working_days(self, a: datetime.date, b: datetime.date) -> int:
        """The working days after ``a`` up to and including ``b``; negative where ``b < a``."""
        return self._through[self._index(b, "b")] - self._through[self._index(a, "a")]

    def next_working_day_on_or_after(self, day: datetime.date) -> Deadline:
        """``day`` itself, or the first working day after it (Civil Code, article 203)."""
        index = self._index(day, "day")
        return self._answers[self._through[index] - self._working[index]]

    def _index(self, day: datetime.date, field: str) -> int:
        if isinstance(day, datetime.datetime) or not isinstance(
            day,
            datetime.date,  # pyright: ignore[reportUnnecessaryIsInstance]
        ):
            raise InvalidInput.of(
                field, "date_without_time", "应为不带时间的日期", "must be a date without a time"
            )
        index = day.toordinal() - self._first
        if not 0 <= index < len(self._working):
            raise InvalidInput.of(
                field, "calendar_range", "超出工作日历范围", "lies beyond the calendar"
            )
        return index
