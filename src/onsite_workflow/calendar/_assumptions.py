"""What a notice that is not published yet may say: every arrangement that six assumptions allow.

The earliest and the latest day of a provisional answer follow from these assumptions and nothing else:

A1  The statutory days are off. The Regulation and the lunar calendar tell which they are.
A2  A festival has as many days off on weekdays, less its make-up days, as it has statutory days: weekend
    days are moved, none is added or taken away. For Mid-Autumn Day and National Day this holds of both
    together.
A3  A festival's days off follow each other without a gap, in one run that begins at most two days
    before the first statutory day. How long the run is:

    - New Year, Qingming, Dragon Boat, Mid-Autumn: on a Monday or Friday the long weekend; otherwise
      three days, or the day alone, or the run without any swap;
    - Labour Day: the run without any swap, or up to five days (six where it has two statutory days);
    - Spring Festival and National Day: at least seven days, and at most six more than their statutory
      ones. A Mid-Autumn Day up to three days before 1 October may be part of National Day's run. One on
      a weekend within the week before may have its day in lieu there.
A4  A festival has at most two make-up days. Each is one of the two nearest weekend days that are free,
    before the run or after it.
A5  No notice touches a day before 29 December of the year before its own.
A6  Since 2025 a stretch of working days with a make-up day in it is at most six days long
    (article 7 of the Regulation: generally, save for special circumstances).

All six hold of the regular notices of 2008-2026. ``tests/calendar/backtest.py`` shows that, and what
narrower and wider assumptions would cost.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, product

from attrs import frozen

from onsite_workflow.calendar._law import Festival, edition_of, festivals

__all__ = ["ASSUMED", "REACH_BACK", "Arrangement", "Assumptions", "is_weekday"]

REACH_BACK = (12, 29)
"""The earliest day, as (month, day) of the year before its own, that a notice has named (A5)."""

# Days are numbers here (`datetime.date.toordinal`): 1 January of the year 1 is 1, and a Monday.
_MONDAY, _TUESDAY, _THURSDAY, _FRIDAY, _SATURDAY, _SUNDAY = 1, 2, 4, 5, 6, 0

# Labour Day has been five days long since this year, so five days are expected.
_FIVE_DAY_LABOUR = 2020
# With four statutory days, a Spring Festival on a Tuesday began on the Sunday before its eve (2026).
_FOUR_DAYS = 4
# What `Arrangement.unusual` is raised by: a run that is not the usual one; two make-up days on the same
# side of the run that do not touch it.
_OTHER_RUN = 1000
_ONE_SIDED = 100


def is_weekday(day: int) -> bool:
    """Whether the day with this number is one of Monday to Friday."""
    return day % 7 not in {_SATURDAY, _SUNDAY}


@frozen(kw_only=True)
class Arrangement:
    """One way to arrange a festival: the weekdays that are off, the weekend days that are worked.

    Days are numbers. Of the arrangements of a festival, the one with the least ``unusual`` is expected.
    """

    off: frozenset[int]
    work: frozenset[int]
    unusual: int

    @property
    def days(self) -> frozenset[int]:
        """Every day on which this is another answer than Monday to Friday gives."""
        return self.off | self.work


# The first and the last day of a run of days off.
_Run = tuple[int, int]


def _weekdays(run: _Run) -> frozenset[int]:
    return frozenset(day for day in range(run[0], run[1] + 1) if is_weekday(day))


def _unswapped(first: int, last: int, granted: int) -> _Run:
    """The run without any swap: statutory days, weekends that touch them, days in lieu after them."""
    while not is_weekday(first - 1):
        first -= 1
    while not is_weekday(last + 1) or len(_weekdays((first, last))) < granted:
        last += 1
    return first, last


def _usual_short(day: int) -> _Run:
    """What is expected of a festival of one day: on a Tuesday or Thursday, days off up to the weekend."""
    if day % 7 == _TUESDAY:
        return day - 2, day
    if day % 7 == _THURSDAY:
        return day, day + 2
    return _unswapped(day, day, 1)


def _ordinals(festival: Festival) -> tuple[int, ...]:
    return tuple(day.toordinal() for day in festival.days)


@frozen(kw_only=True)
class Assumptions:
    """The numbers of A3, A4 and A6.

    - ``lead``: how many days before the first statutory day a run may begin.
    - ``short``, ``labour``, ``long``: how many days a run may have; the last two by the number of
      statutory days.
    - ``long_weekends_stand``: whether a festival on a Monday or Friday is never swapped.
    - ``joined``, ``in_lieu``: days from Mid-Autumn Day to 1 October (A3).
    - ``made_up``: how many make-up days a festival has at most.
    - ``nearest``: from how many weekend days on each side they are chosen.
    - ``article_7``: whether A6 is assumed.
    """

    lead: int = 2
    short: tuple[int, ...] = (1, 3)
    long_weekends_stand: bool = True
    labour: Mapping[int, tuple[int, ...]] = {1: (1, 3, 4, 5), 2: (4, 5, 6)}
    long: Mapping[int, tuple[int, ...]] = {3: (7, 8, 9), 4: (7, 8, 9, 10)}
    joined: int = 3
    in_lieu: int = 7
    made_up: int = 2
    nearest: int = 2
    article_7: bool = True

    def arrangements(self, year: int) -> list[list[Arrangement]]:
        """For each festival of ``year`` (2008 or later), everything that its notice may say.

        Each list begins with what is expected. Mid-Autumn Day and National Day count as one festival.
        What is chosen for one festival does not limit what is chosen for another.
        """
        days = {festival.name: _ordinals(festival) for festival in festivals(year)}
        edition = edition_of(year)
        spring = days["春节"]
        ways_of_each = [
            self._short(days["元旦"][0]),
            self._spring(spring, spring[0] - edition.spring[0] - 1),
            self._short(days["清明节"][0]),
            self._labour(days["劳动节"], five=year >= _FIVE_DAY_LABOUR),
            self._short(days["端午节"][0]),
            self._autumn(days["中秋节"][0], days["国庆节"]),
        ]
        earliest = datetime.date(year - 1, *REACH_BACK).toordinal()
        limit = edition.longest_stretch if self.article_7 else None
        kept: list[list[Arrangement]] = []
        for ways in ways_of_each:
            distinct: dict[tuple[frozenset[int], frozenset[int]], Arrangement] = {}
            for way in sorted(ways, key=lambda way: (way.unusual, sorted(way.days))):
                if min(way.days, default=earliest) >= earliest and _within(way, limit):
                    distinct.setdefault((way.off, way.work), way)
            kept.append(list(distinct.values()))
        return kept

    # ---- the festivals --------------------------------------------------------------------------

    def _short(self, day: int) -> Iterator[Arrangement]:
        return self._arranged(self._short_runs(day), _usual_short(day), 1)

    def _short_runs(self, day: int) -> set[_Run]:
        unswapped = _unswapped(day, day, 1)
        if self.long_weekends_stand and day % 7 in {_MONDAY, _FRIDAY}:
            return {unswapped}
        return self._runs(day, day, self.short) | {unswapped}

    def _labour(self, days: tuple[int, ...], *, five: bool) -> Iterator[Arrangement]:
        first, last, granted = days[0], days[-1], len(days)
        runs = self._runs(first, last, self.labour[granted])
        usual = _usual_short(first)
        if five:
            start = _unswapped(first, last, granted)[0]
            usual = (start, start + 4)
        return self._arranged(runs | {_unswapped(first, last, granted)}, usual, granted)

    def _spring(self, days: tuple[int, ...], eve: int) -> Iterator[Arrangement]:
        granted = len(days)
        first = eve - (granted == _FOUR_DAYS and eve % 7 == _MONDAY)
        runs = self._runs(days[0], days[-1], self.long[granted])
        return self._arranged(runs, (first, eve + granted + 3), granted)

    def _autumn(self, mid_autumn: int, national: tuple[int, ...]) -> Iterator[Arrangement]:
        """Mid-Autumn Day and National Day: one run, or two runs that share no day."""
        first, last, granted = national[0], national[-1], len(national)
        if mid_autumn >= first - self.joined:
            start = min(first, mid_autumn)
            runs = self._runs(start, max(mid_autumn, last), self.long[granted + 1])
            yield from self._arranged(runs, (start, start + granted + 4), granted + 1)
        if mid_autumn >= first - 1:
            return
        usual = (first, first + granted + 3)
        weeks = self._runs(first, last, self.long[granted])
        for run, week in product(self._short_runs(mid_autumn), weeks):
            if run[1] >= week[0] - 1:
                continue
            for a, b in product(
                self._arranged([run], _usual_short(mid_autumn), 1, taken=week),
                self._arranged([week], usual, granted, taken=run),
            ):
                if not a.work & b.work:
                    yield Arrangement(
                        off=a.off | b.off, work=a.work | b.work, unusual=a.unusual + b.unusual
                    )
        if not is_weekday(mid_autumn) and first - mid_autumn <= self.in_lieu:
            saturday = mid_autumn - (mid_autumn % 7 == _SUNDAY)
            yield from self._arranged(weeks, None, granted + 1, taken=(saturday, saturday + 1))

    # ---- runs and make-up days ------------------------------------------------------------------

    def _runs(self, first: int, last: int, lengths: Iterable[int]) -> set[_Run]:
        """The runs of these lengths that contain the statutory days ``first`` to ``last`` (A3)."""
        return {
            (start, start + length - 1)
            for length in lengths
            for start in range(first - self.lead, first + 1)
            if start + length - 1 >= last
        }

    def _arranged(
        self, runs: Iterable[_Run], usual: _Run | None, granted: int, taken: _Run | None = None
    ) -> Iterator[Arrangement]:
        """The arrangements of a festival with ``granted`` statutory days (A2, A4).

        ``taken`` is the run of a neighbouring festival: its weekend days are not free.
        """
        for run in runs:
            off = _weekdays(run)
            number = len(off) - granted
            if not 0 <= number <= self.made_up:
                continue
            for work, unusual in self._make_up_days(run, number, taken):
                if any(not is_weekday(day) and day not in work for day in (run[0] - 1, run[1] + 1)):
                    continue  # a day off beside the run: it is a longer run, which is tried by itself
                penalty = 0 if run == usual else _OTHER_RUN
                yield Arrangement(off=off, work=work, unusual=unusual + penalty)

    def _make_up_days(
        self, run: _Run, number: int, taken: _Run | None
    ) -> Iterator[tuple[frozenset[int], int]]:
        """The ways to choose ``number`` make-up days of a run, each with how unusual it is (A4).

        One make-up day is usually the nearest weekend day. Two are usually one on each side, or both
        days of a weekend that touches the run.
        """
        before, after = self._free(run[0], -1, taken), self._free(run[1], +1, taken)
        distance = {day: run[0] - day for day in before} | {day: day - run[1] for day in after}
        for days in combinations((*before, *after), number):
            unusual = sum(distance[day] for day in days)
            one_sided = number > 1 and (set(days) <= set(before) or set(days) <= set(after))
            touching = unusual == 1 + 2
            yield frozenset(days), unusual + (_ONE_SIDED if one_sided and not touching else 0)

    def _free(self, day: int, step: int, taken: _Run | None) -> list[int]:
        """The nearest free weekend days, going from ``day`` in one direction (``step`` is 1 or -1)."""
        found: list[int] = []
        while len(found) < self.nearest:
            day += step
            if not is_weekday(day) and not (taken and taken[0] <= day <= taken[1]):
                found.append(day)
        return found


def _within(way: Arrangement, limit: int | None) -> bool:
    """Whether people work at most ``limit`` days in a row where one is a make-up day (A6)."""

    def worked(day: int) -> bool:
        return day in way.work or (is_weekday(day) and day not in way.off)

    for made_up in way.work if limit else ():
        first = last = made_up
        while worked(first - 1):
            first -= 1
        while worked(last + 1):
            last += 1
        if limit and last - first + 1 > limit:
            return False
    return True


ASSUMED = Assumptions()
"""The assumptions that every provisional answer rests on."""
