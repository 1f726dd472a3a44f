# ruff: noqa: T201 - a script prints
"""The back-test of provisional answers: hide each notice, answer, and compare with what came.

Run it with terms and years of your own::

    python tests/calendar/backtest.py --terms 1 3 5 10 15 20 30
    python tests/calendar/backtest.py --terms 7 60 -20 --years 2020 2021
    python tests/calendar/backtest.py --study

For each year the calendar is asked as it was known on the day before the year's notice was issued,
for every start day of the year. The truth is what the regular notices then said; what the three
extraordinary notices of 2015, 2019 and 2020 changed is counted apart.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from attrs import evolve, field, frozen, mutable

from onsite_workflow.calendar import Deadline, Notice, WorkingCalendar
from onsite_workflow.calendar._assumptions import ASSUMED, Assumptions
from onsite_workflow.calendar._outlook import Outlook

TERMS = (1, 3, 5, 10, 15, 20, 30)
YEARS = tuple(range(2008, 2027))
ONE_DAY = datetime.timedelta(days=1)

CHINA = WorkingCalendar.china()
REGULAR = WorkingCalendar(notice for notice in CHINA.notices if not notice.supersedes)
"""Every regular notice, none of the three extraordinary ones: the truth of the back-test."""


@frozen(kw_only=True)
class Answer:
    """One provisional answer beside what became of it (None where no notice reaches yet)."""

    start: datetime.date
    term: int
    said: Deadline
    became: datetime.date | None

    @property
    def inside(self) -> bool:
        """Whether the truth lies inside the interval."""
        return self.became is not None and self.said.earliest <= self.became <= self.said.latest


@mutable
class Tally:
    """The answers for one term: how many, how good, how wide."""

    answers: int = 0
    inside: int = 0
    expected: int = 0
    exact: int = 0
    widths: list[int] = field(factory=list)

    def add(self, answer: Answer) -> None:
        width = (answer.said.latest - answer.said.earliest).days
        self.answers += 1
        self.inside += answer.inside
        self.expected += answer.said.date == answer.became
        self.exact += width == 0
        self.widths.append(width)


def days_of(year: int) -> Iterator[datetime.date]:
    """Every day of ``year``."""
    day = datetime.date(year, 1, 1)
    while day.year == year:
        yield day
        day += ONE_DAY


def regular_notice(year: int) -> Notice:
    """The notice that first arranged ``year``."""
    return next(notice for notice in CHINA.notices if notice.year == year)


def as_if_unknown(year: int) -> WorkingCalendar:
    """The calendar on the day before the notice for ``year`` was issued."""
    return CHINA.as_known_on(regular_notice(year).issued - ONE_DAY)


def became(truth: WorkingCalendar, start: datetime.date, term: int) -> datetime.date | None:
    """What the term came to in the end; None where that is not known yet."""
    answer = truth.add_working_days(start, term)
    return None if answer.provisional else answer.date


def answers(
    years: Iterable[int], terms: Sequence[int], truth: WorkingCalendar = REGULAR
) -> Iterator[Answer]:
    """Every answer of the back-test whose truth is known."""
    for year in years:
        hidden = as_if_unknown(year)
        for start in days_of(year):
            for term in terms:
                came = became(truth, start, term)
                if came is not None:
                    said = hidden.add_working_days(start, term)
                    yield Answer(start=start, term=term, said=said, became=came)


def tallies(years: Iterable[int], terms: Sequence[int]) -> dict[int, Tally]:
    """The back-test by term."""
    found = {term: Tally() for term in terms}
    for answer in answers(years, terms):
        found[answer.term].add(answer)
    return found


def extraordinary(terms: Sequence[int]) -> list[tuple[Notice, int, int]]:
    """For each extraordinary notice: how many answers it threw out of their interval, of all.

    Asked on the day before the year's regular notice, compared with the law as it became.
    """
    found: list[tuple[Notice, int, int]] = []
    for notice in CHINA.notices:
        if notice.supersedes:
            truth = WorkingCalendar([*REGULAR.notices, notice])
            year = list(answers([notice.year], terms, truth))
            found.append((notice, sum(not answer.inside for answer in year), len(year)))
    return found


# ---- the study: what other assumptions would cost -----------------------------------------------

VARIANTS: dict[str, Assumptions] = {
    "as built": ASSUMED,
    "A3: lengths seen so far, no day of margin": evolve(
        ASSUMED, labour={1: (1, 3, 5), 2: (5,)}, long={3: (7, 8), 4: (8, 9)}
    ),
    "A3: weeks of seven, eight with Mid-Autumn or four statutory days": evolve(
        ASSUMED, long={3: (7,), 4: (8,)}
    ),
    "A3: runs begin with the first statutory day": evolve(ASSUMED, lead=0),
    "A3: long weekends may be swapped too": evolve(ASSUMED, long_weekends_stand=False),
    "A3: one-day festivals of up to four days": evolve(
        ASSUMED, short=(1, 2, 3, 4), long_weekends_stand=False
    ),
    "A4: the nearest weekend day on either side only": evolve(ASSUMED, nearest=1),
    "A4: the three nearest weekend days on either side": evolve(ASSUMED, nearest=3),
    "A6: not assumed": evolve(ASSUMED, article_7=False),
}
AHEAD = tuple(range(2027, 2037))


def outside(assumptions: Assumptions) -> list[int]:
    """The years of the record whose regular notice the assumptions do not leave open."""
    found: list[int] = []
    for year in YEARS:
        ways = assumptions.arrangements(year)
        spans = [
            (min(d for w in f for d in w.days) - 31, max(d for w in f for d in w.days))
            for f in ways
        ]
        swaps = {
            day.toordinal(): working
            for day, (working, _) in regular_notice(year).days().items()
            if working != (day.weekday() < 5)
        }
        fits = True
        previous = 0
        for festival, (_, last) in zip(ways, spans, strict=True):
            mine = {day for day in swaps if previous < day <= last}
            previous = last
            off = frozenset(day for day in mine if not swaps[day])
            work = frozenset(day for day in mine if swaps[day])
            fits = fits and any((w.off, w.work) == (off, work) for w in festival)
        if not fits or any(day > previous for day in swaps):
            found.append(year)
    return found


def mean_width(assumptions: Assumptions, years: Iterable[int], term: int) -> float:
    """The mean width in days of the interval for one term, over the start days of ``years``."""
    total = count = 0
    for year in years:
        confirmed = datetime.date(year - 1, 12, 28).toordinal()
        outlook = Outlook(confirmed, {}, assumptions)
        outlook.reach(datetime.date(year + 1, 12, 28).toordinal())
        for start in days_of(year):
            first = start.toordinal()
            earliest = latest = first
            while outlook.between(first, earliest)[1] < term:
                earliest += 1
            while outlook.between(first, latest)[0] < term:
                latest += 1
            total += latest - earliest
            count += 1
    return total / count


# ---- printing -----------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def report(years: Iterable[int], terms: Sequence[int]) -> str:
    """The back-test by term."""
    return table(
        ("working days", "answers", "inside", "mean width", "exact", "expected right", "widest"),
        (
            (
                term,
                tally.answers,
                f"{tally.inside / tally.answers:.2%}",
                f"{sum(tally.widths) / tally.answers:.2f} days",
                f"{tally.exact / tally.answers:.0%}",
                f"{tally.expected / tally.answers:.1%}",
                f"{max(tally.widths)} days",
            )
            for term, tally in tallies(years, terms).items()
        ),
    )


def report_extraordinary(terms: Sequence[int]) -> str:
    """What the extraordinary notices did."""
    return table(
        ("extraordinary notice", "answers it put outside their interval", "of the year's"),
        ((notice.number, thrown, total) for notice, thrown, total in extraordinary(terms)),
    )


def study() -> str:
    """What other assumptions would cost."""
    rows: list[Sequence[Any]] = []
    for name, assumptions in VARIANTS.items():
        missed = [str(year) for year in outside(assumptions)]
        shown = ", ".join(missed) if len(missed) < 4 else f"{len(missed)} of {len(YEARS)}"
        widths = (f"{mean_width(assumptions, years, 20):.2f}" for years in (YEARS, AHEAD))
        rows.append((name, shown or "none", *widths))
    return table(
        ("assumptions", "notices outside", "20 days, 2008–2026", "20 days, 2027–2036"), rows
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Back-test of the provisional answers.")
    parser.add_argument("--terms", type=int, nargs="+", default=TERMS, help="working days")
    parser.add_argument("--years", type=int, nargs="+", default=YEARS, help="years to hide")
    parser.add_argument("--study", action="store_true", help="compare other assumptions")
    options = parser.parse_args()
    if options.study:
        print(study())
    else:
        print(report(options.years, options.terms))
        print()
        print(report_extraordinary(options.terms))


if __name__ == "__main__":
    main()
