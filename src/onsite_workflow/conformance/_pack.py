"""The pack as it is read: groups of cases, each with the working days that it counts over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

from attrs import field, frozen

from onsite_workflow.calendar import Holiday, Notice, WorkingCalendar
from onsite_workflow.checks import as_tuple, check_day, checked, each
from onsite_workflow.errors import InvalidInput
from onsite_workflow.wire.reading import parse_json, read_as

__all__ = ["FORMAT", "Case", "GivenDays", "Group", "groups", "read_days"]

FORMAT: Final = 1

#: Years that a calendar may span: enough for any case, and soon counted.
_LONGEST_SPAN: Final = 100

_DAYS: Final = field(
    factory=tuple, converter=as_tuple, validator=checked(each(check_day)), kw_only=True
)


@frozen(kw_only=True)
class GivenDays:
    """Working days told one by one: Monday to Friday, but for the weekdays ``off``, and the weekend
    days ``worked``. Nothing is known of days before ``first_day``, and those after
    ``confirmed_through`` (always a 28 December) are provisional (I-11)."""

    first_day: dt.date = field(validator=checked(check_day))
    confirmed_through: dt.date = field(validator=checked(check_day))
    off: tuple[dt.date, ...] = _DAYS
    worked: tuple[dt.date, ...] = _DAYS

    def __attrs_post_init__(self) -> None:
        last = self.confirmed_through
        span = last.year - self.first_day.year
        if (last.month, last.day) != (12, 28) or not 0 <= span < _LONGEST_SPAN:
            raise _unfit("confirmed_through", "应为12月28日。", "must be a 28 December.")
        for name, days, weekend in (("off", self.off, False), ("worked", self.worked, True)):
            if any((day.isoweekday() > 5) != weekend for day in days):
                raise _unfit(name, "只列例外。", "lists the exceptions alone.")
            if any(not self.first_day <= day <= dt.date(last.year, 12, 31) for day in days):
                raise _unfit(name, "有日期在范围之外。", "has a day that lies outside.")

    def calendar(self) -> WorkingCalendar:
        """The library's own calendar, of these days and nothing else."""
        years = range(self.first_day.year, self.confirmed_through.year + 1)
        return WorkingCalendar(self._notice(year) for year in years)

    def _notice(self, year: int) -> Notice:
        def of(days: tuple[dt.date, ...]) -> tuple[dt.date, ...]:
            return tuple(day for day in days if day.year == year)

        return Notice(
            number=f"{year}",
            issued=dt.date(year - 1, 12, 1),
            year=year,
            holidays=(Holiday(name=f"{year}", off=of(self.off), work=of(self.worked)),),
            invented=True,
        )


def _unfit(name: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput.of(name, "out_of_range", zh, en)


def read_days(text: str | bytes) -> GivenDays:
    """The ``calendar`` of a group, alone in a file. ``InvalidInput`` where it can't be used."""
    return read_as(GivenDays, parse_json(text))


@frozen(kw_only=True)
class Case:
    """Steps that share a store, and what they show. One that ``continues`` does so in the store of
    the case before it. ``clauses``: what its answers follow from; none is the journal's own form.
    """

    name: str
    shows: str
    clauses: tuple[str, ...]
    steps: tuple[Mapping[str, Any], ...]
    continues: bool = False


@frozen(kw_only=True)
class Group:
    """One file of the pack."""

    name: str
    edition: str
    calendar: Mapping[str, Any]
    cases: tuple[Case, ...]

    def stores(self) -> Iterator[list[Case]]:
        """The cases that share a store, together and in their order."""
        together: list[Case] = []
        for case in self.cases:
            if together and not case.continues:
                yield together
                together = []
            together.append(case)
        yield together


@cache
def groups() -> tuple[Group, ...]:
    """The pack that comes with the library, by name."""
    folder = resources.files("onsite_workflow.conformance").joinpath("cases")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".json")), key=lambda f: f.name)
    return tuple(_group(f.name.removesuffix(".json"), f.read_text("utf-8")) for f in files)


def _group(name: str, text: str) -> Group:
    read = parse_json(text)
    return Group(
        name=name,
        edition=read["edition"],
        calendar=read["calendar"],
        cases=tuple(
            Case(
                name=case["name"],
                shows=case["shows"],
                clauses=tuple(case["clauses"]),
                steps=tuple(case["steps"]),
                continues=case.get("continues", False),
            )
            for case in read["cases"]
        ),
    )
