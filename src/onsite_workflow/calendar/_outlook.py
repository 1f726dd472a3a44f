"""What a notice that is not published yet may say: every arrangement the assumptions leave open.

The assumptions, and nothing else, bound the earliest and latest day of a provisional answer:

A1  The statutory days are off; they are certain by the Regulation and the lunar calendar.
A2  A festival's days off on weekdays, less its make-up days, are its statutory days: whole weekend
    days move, none is given or taken. Mid-Autumn Day and National Day balance together.
A3  Its days off are one unbroken run that begins at most two days before the first statutory day.
    New Year, Qingming, Dragon Boat, Mid-Autumn: no swap at all, or the day alone, or three days.
    Labour Day: no swap, or up to five days (up to six since it has two statutory days).
    Spring Festival and National Day: seven days to six more than the statutory ones.
A4  A festival has at most two make-up days, each one of the two nearest weekend days that are free
    on either side of the run.
A5  No notice touches a day before 29 December of the year before its own.
A6  Since 2025 a stretch of working days with a make-up day in it is at most six days (article 7).

The regular notices of 2008–2026 keep all six (tests/calendar/backtest.py). A1, A2 and A6 are law;
A3–A5 are the record's, one day wider where the record is short.
"""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, product
from threading import Lock

from attrs import frozen

from onsite_workflow.calendar._law import LAST_YEAR, Festival, edition_of, festivals

__all__ = ["REACH_BACK", "Arrangement", "Outlook", "arrangements", "is_weekday"]

# Days are proleptic Gregorian ordinals here: 1 January of the year 1 is 1, and a Monday.
_WEEK = 7
_WEEKEND = frozenset({6, 0})
_MONDAY, _WEDNESDAY, _FRIDAY = 1, 3, 5

_LEAD = 2
_MOST_MADE_UP = 2
_NEAREST = 2
_SHORT = (1, 3)
_LABOUR = {1: (1, 3, 4, 5), 2: (4, 5, 6)}
_LONG = {3: (7, 8, 9), 4: (7, 8, 9, 10)}
# A Mid-Autumn Day this many days before 1 October may lie in the National Day's run; one on a
# weekend within the week before may have its day in lieu there (2015).
_JOINED = 3
_DAY_IN_LIEU = 7
# How far an arrangement is from the usual one; see `_made_up`.
_UNUSUAL = 1000
# Labour Day has been five days long since this year.
_FIVE_DAY_LABOUR = 2020
# The earliest day of the year before that a notice has touched (A5): month and day.
REACH_BACK = (12, 29)


def is_weekday(day: int) -> bool:
    """Monday to Friday, for an ordinal."""
    return day % _WEEK not in _WEEKEND


@frozen(kw_only=True)
class Arrangement:
    """One way to arrange a festival: weekdays that are off and weekend days that are worked.

    Days are ordinals. ``unusual`` orders the arrangements of a festival: the least is expected.
    """

    off: frozenset[int]
    work: frozenset[int]
    unusual: int

    @property
    def days(self) -> frozenset[int]:
        """Every day that differs from Monday to Friday."""
        return self.off | self.work


_Run = tuple[int, int]


def _runs(first: int, last: int, lengths: Iterable[int]) -> set[_Run]:
    """Runs of days off that hold the statutory days ``first`` to ``last`` (A3)."""
    return {
        (start, start + length - 1)
        for length in lengths
        for start in range(first - _LEAD, first + 1)
        if start + length - 1 >= last
    }


def _unswapped(first: int, last: int, granted: int) -> _Run:
    """The run that no swap makes: statutory days, weekends that touch, days in lieu after."""
    while not is_weekday(first - 1):
        first -= 1
    while not is_weekday(last + 1) or _weekdays(first, last) < granted:
        last += 1
    return first, last


def _weekdays(first: int, last: int) -> int:
    return sum(is_weekday(day) for day in range(first, last + 1))


def _nearest(day: int, step: int, taken: _Run | None) -> list[int]:
    """The nearest free weekend days from ``day`` in one direction."""
    found: list[int] = []
    while len(found) < _NEAREST:
        day += step
        if not is_weekday(day) and not (taken and taken[0] <= day <= taken[1]):
            found.append(day)
    return found


def _made_up(run: _Run, number: int, taken: _Run | None) -> Iterator[tuple[frozenset[int], int]]:
    """Ways to choose the make-up days of a run, each with how unusual it is (A4).

    Usual is the nearest weekend day; of two, one on either side, or both of a weekend that touches
    the run.
    """
    before, after = _nearest(run[0], -1, taken), _nearest(run[1], +1, taken)
    distance = {day: run[0] - day for day in before} | {day: day - run[1] for day in after}
    for days in combinations((*before, *after), number):
        total = sum(distance[day] for day in days)
        one_side = number == _MOST_MADE_UP and (days[0] > run[1] or days[1] < run[0])
        touching = total == 1 + 2
        yield frozenset(days), total + (100 if one_side and not touching else 0)


def _arranged(
    runs: Iterable[_Run], usual: _Run | None, granted: int, taken: _Run | None = None
) -> Iterator[Arrangement]:
    """The arrangements of a festival with ``granted`` statutory days (A2, A4).

    ``taken`` is the run of a neighbouring festival: its weekend days are not free.
    """
    for run in runs:
        off = frozenset(day for day in range(run[0], run[1] + 1) if is_weekday(day))
        number = len(off) - granted
        if not 0 <= number <= _MOST_MADE_UP:
            continue
        for work, unusual in _made_up(run, number, taken):
            edges = (run[0] - 1, run[1] + 1)
            if any(not is_weekday(day) and day not in work for day in edges):
                continue  # the run would really be longer, and is tried as such
            penalty = 0 if run == usual else _UNUSUAL
            yield Arrangement(off=off, work=work, unusual=unusual + penalty)


def _within_limit(arrangement: Arrangement, limit: int | None) -> bool:
    """Whether no stretch of working days with a make-up day in it is too long (A6)."""
    if limit is None:
        return True

    def worked(day: int) -> bool:
        return day in arrangement.work or (is_weekday(day) and day not in arrangement.off)

    for made_up in arrangement.work:
        first = last = made_up
        while worked(first - 1):
            first -= 1
        while worked(last + 1):
            last += 1
        if last - first + 1 > limit:
            return False
    return True


def _short_runs(day: int) -> tuple[set[_Run], _Run]:
    """The runs of a one-day festival, and the usual one."""
    unswapped = _unswapped(day, day, 1)
    runs = _runs(day, day, _SHORT) | {unswapped}
    if day % _WEEK == _MONDAY + 1:
        return runs, (day - 2, day)
    if day % _WEEK == _WEDNESDAY + 1:
        return runs, (day, day + 2)
    return runs, unswapped


def _short(day: int) -> list[Arrangement]:
    runs, usual = _short_runs(day)
    return list(_arranged(runs, usual, 1))


def _labour(days: tuple[int, ...], *, five: bool) -> list[Arrangement]:
    granted = len(days)
    runs = _runs(days[0], days[-1], _LABOUR[granted])
    unswapped = _unswapped(days[0], days[-1], granted)
    usual = _short_runs(days[0])[1]
    if five:
        first = days[0]
        while not is_weekday(first - 1):
            first -= 1
        usual = (first, first + 4)
    return list(_arranged(runs | {unswapped}, usual, granted))


def _spring(days: tuple[int, ...], eve: int) -> list[Arrangement]:
    granted = len(days)
    first, last = eve, eve + granted + 3
    if granted > min(_LONG) and first % _WEEK == _MONDAY:
        first -= 1  # with four statutory days the Sunday before is off too (2026)
    runs = _runs(days[0], days[-1], _LONG[granted])
    return list(_arranged(runs, (first, last), granted))


def _autumn(mid_autumn: int, national: tuple[int, ...]) -> list[Arrangement]:
    """Mid-Autumn Day and National Day: one run, or two that leave each other's days alone."""
    first, granted = national[0], len(national)
    found: list[Arrangement] = []
    if mid_autumn >= first - _JOINED:
        start = min(first, mid_autumn)
        runs = _runs(start, max(mid_autumn, national[-1]), _LONG[granted + 1])
        usual = (start, start + granted + 4)
        found += _arranged(runs, usual, granted + 1)
    if mid_autumn >= first - 1:
        return found
    runs, usual = _short_runs(mid_autumn)
    weeks = _runs(first, national[-1], _LONG[granted])
    usual_week = (first, first + granted + 3)
    for run, week in product(runs, weeks):
        if run[1] >= week[0] - 1:
            continue
        for a, b in product(
            _arranged([run], usual, 1, taken=week),
            _arranged([week], usual_week, granted, taken=run),
        ):
            if not a.work & b.work:
                found.append(
                    Arrangement(
                        off=a.off | b.off, work=a.work | b.work, unusual=a.unusual + b.unusual
                    )
                )
    if not is_weekday(mid_autumn) and first - mid_autumn <= _DAY_IN_LIEU:
        saturday = mid_autumn if is_weekday(mid_autumn - 1) else mid_autumn - 1
        runs = _runs(first, national[-1], _LONG[granted + 1])
        found += _arranged(runs, None, granted + 1, taken=(saturday, saturday + 1))
    return found


def _ordinals(festival: Festival) -> tuple[int, ...]:
    return tuple(day.toordinal() for day in festival.days)


def arrangements(year: int) -> list[list[Arrangement]]:
    """For each festival of ``year`` (2008 or later) what its notice may say, the usual first.

    Mid-Autumn Day and National Day count as one. The festivals are independent of each other.
    """
    days = {festival.name: _ordinals(festival) for festival in festivals(year)}
    edition = edition_of(year)
    spring = days["春节"]
    open_ways = [
        _short(days["元旦"][0]),
        _spring(spring, spring[0] - edition.spring[0] - 1),
        _short(days["清明节"][0]),
        _labour(days["劳动节"], five=year >= _FIVE_DAY_LABOUR),
        _short(days["端午节"][0]),
        _autumn(days["中秋节"][0], days["国庆节"]),
    ]
    earliest = datetime.date(year - 1, *REACH_BACK).toordinal()
    kept: list[list[Arrangement]] = []
    for ways in open_ways:
        best: dict[tuple[frozenset[int], frozenset[int]], Arrangement] = {}
        for way in sorted(ways, key=lambda way: (way.unusual, sorted(way.days))):
            if min(way.days, default=earliest) >= earliest and _within_limit(
                way, edition.longest_stretch
            ):
                best.setdefault((way.off, way.work), way)
        kept.append(list(best.values()))
    return kept


class _Open:
    """A festival that is still open: how each of its arrangements changes the count, day by day.

    ``changes[w][i]`` is by how much arrangement ``w`` has changed the number of working days
    from ``first`` up to and including day ``first + i - 1``.
    """

    __slots__ = ("changes", "first", "last", "usual")

    def __init__(self, ways: list[Arrangement], fixed: Mapping[int, bool]) -> None:
        touched = [way.days - fixed.keys() for way in ways]
        everything = frozenset[int]().union(*touched)
        self.first, self.last = min(everything), max(everything)
        self.usual = {day: day in ways[0].work for day in touched[0]}
        rows: dict[tuple[int, ...], None] = {}
        for way, days in zip(ways, touched, strict=True):
            change, row = 0, [0]
            for day in range(self.first, self.last + 1):
                if day in days:
                    change += 1 if day in way.work else -1
                row.append(change)
            rows[tuple(row)] = None
        self.changes = list(rows)

    def between(self, a: int, b: int) -> tuple[int, int]:
        """The least and the most it can change the count of the days after ``a`` up to ``b``."""
        i, j = max(a - self.first + 1, 0), min(b, self.last) - self.first + 1
        differences = [row[j] - row[i] for row in self.changes]
        return min(differences), max(differences)


class Outlook:
    """Working days beyond the last confirmed day: expected, fewest and most.

    Grows year by year as it is asked. Days are ordinals; counts begin after ``confirmed``.
    """

    def __init__(self, confirmed: int, fixed: Mapping[int, bool]) -> None:
        """``fixed`` are the days beyond ``confirmed`` that are settled, whatever comes."""
        self.confirmed = confirmed
        self._fixed = {day: working for day, working in fixed.items() if day > confirmed}
        self._year = datetime.date.fromordinal(confirmed).year
        self._growing = Lock()
        self._open: list[_Open] = []
        self._starts: list[int] = []
        # Indexed by day - confirmed; `_plain` counts Monday to Friday with the fixed days.
        self._plain = [0]
        self._fewest = [0]
        self._most = [0]
        self._usual = [0]
        self.usual_days: list[int] = []
        self._works: list[bool] = [False]

    @property
    def horizon(self) -> int:
        """The last day reckoned so far."""
        return self.confirmed + len(self._plain) - 1

    def reach(self, day: int) -> bool:
        """Reckon up to ``day``; whether the lunar table goes that far."""
        while self.horizon < day:
            with self._growing:
                if self.horizon < day:
                    if self._year >= LAST_YEAR:
                        return False
                    self._add_year()
        return True

    def _add_year(self) -> None:
        self._year += 1
        usual: dict[int, bool] = dict(self._fixed)
        fresh = [
            _Open(ways, self._fixed)
            for ways in arrangements(self._year)
            if any(way.days - self._fixed.keys() for way in ways)
        ]
        for festival in fresh:
            usual.update(festival.usual)
        self._open += fresh
        self._starts += [festival.first for festival in fresh]
        end = datetime.date(self._year, *REACH_BACK).toordinal() - 1
        fewest = self._fewest[-1] - self._plain[-1]
        most = self._most[-1] - self._plain[-1]
        waiting = iter(fresh)
        current = next(waiting, None)
        for day in range(self.horizon + 1, end + 1):
            plain = self._plain[-1] + self._fixed.get(day, is_weekday(day))
            least = greatest = 0
            if current and day >= current.first:
                least, greatest = current.between(current.first - 1, day)
            self._fewest.append(plain + fewest + least)
            self._most.append(plain + most + greatest)
            if current and day == current.last:
                fewest, most = fewest + least, most + greatest
                current = next(waiting, None)
            works = usual.get(day, is_weekday(day))
            self._works.append(works)
            if works:
                self.usual_days.append(day)
            self._usual.append(len(self.usual_days))
            self._plain.append(plain)  # last: `horizon` is what readers look at

    def works(self, day: int) -> bool:
        """Whether ``day`` is expected to be a working day."""
        return self._works[day - self.confirmed]

    def usual(self, day: int) -> int:
        """The expected number of working days up to and including ``day``."""
        return self._usual[day - self.confirmed]

    def between(self, a: int, b: int) -> tuple[int, int]:
        """The fewest and the most working days after ``a`` up to and including ``b``.

        Both are attained by some arrangement: the festivals are independent, and a festival that
        ``a`` cuts in two is weighed as a whole.
        """
        i, j = a - self.confirmed, b - self.confirmed
        festival = self._around(a)
        if festival is None:
            return self._fewest[j] - self._fewest[i], self._most[j] - self._most[i]
        least, greatest = festival.between(a, b)
        plain = self._plain[min(j, festival.last - self.confirmed)] - self._plain[i]
        if b <= festival.last:
            return plain + least, plain + greatest
        k = festival.last - self.confirmed
        return (
            plain + least + self._fewest[j] - self._fewest[k],
            plain + greatest + self._most[j] - self._most[k],
        )

    def may_be(self, day: int) -> tuple[bool, bool]:
        """Whether ``day`` may be off, and whether it may be a working day."""
        fewest, most = self.between(day - 1, day)
        return fewest == 0, most == 1

    def _around(self, day: int) -> _Open | None:
        """The festival that ``day`` lies in, neither before its first nor at its last day."""
        index = bisect_left(self._starts, day + 1) - 1
        if index < 0 or day >= self._open[index].last:
            return None
        return self._open[index]
