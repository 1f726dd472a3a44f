"""After the last notice: the days expected to be worked, and how few or many there may be."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Mapping
from threading import Lock

from onsite_workflow.calendar._assumptions import (
    ASSUMED,
    REACH_BACK,
    Arrangement,
    Assumptions,
    is_weekday,
)
from onsite_workflow.calendar._law import LAST_YEAR

__all__ = ["Outlook"]


class _Open:
    """A festival that no notice has arranged yet: how each arrangement changes the count of days.

    ``changes[w][i]`` tells by how much arrangement ``w`` changes the number of working days from
    ``first`` up to and including the day ``first + i - 1``.
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
        """The least and the most by which it can change the count of days after ``a`` up to ``b``."""
        i, j = max(a - self.first + 1, 0), min(b, self.last) - self.first + 1
        differences = [row[j] - row[i] for row in self.changes]
        return min(differences), max(differences)


class Outlook:
    """Working days after the last confirmed day: the expected ones, the fewest and the most.

    It grows by a year at a time, when it is asked about one. Days are numbers
    (`datetime.date.toordinal`), and counts begin after ``confirmed``.
    """

    def __init__(
        self, confirmed: int, fixed: Mapping[int, bool], assumptions: Assumptions = ASSUMED
    ) -> None:
        """``fixed`` has the days after ``confirmed`` that are settled whatever a later notice says."""
        self.confirmed = confirmed
        self._assumptions = assumptions
        self._fixed = {day: working for day, working in fixed.items() if day > confirmed}
        self._year = datetime.date.fromordinal(confirmed).year
        self._growing = Lock()
        self._open: list[_Open] = []
        self._starts: list[int] = []
        # The index is day - confirmed. `_plain` counts Monday to Friday and the fixed days.
        self._plain = [0]
        self._fewest = [0]
        self._most = [0]
        self._usual = [0]
        self.usual_days: list[int] = []
        self._works: list[bool] = [False]

    @property
    def horizon(self) -> int:
        """The last day that was reckoned so far."""
        return self.confirmed + len(self._plain) - 1

    def reach(self, day: int) -> bool:
        """Reckon up to ``day``. Returns False where the lunar table does not go that far."""
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
            for ways in self._assumptions.arrangements(self._year)
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
            self._plain.append(plain)  # last, since `horizon` tells readers how far the lists go

    def works(self, day: int) -> bool:
        """Whether ``day`` is expected to be a working day."""
        return self._works[day - self.confirmed]

    def usual(self, day: int) -> int:
        """The expected number of working days up to and including ``day``."""
        return self._usual[day - self.confirmed]

    def between(self, a: int, b: int) -> tuple[int, int]:
        """The fewest and the most working days after ``a`` up to and including ``b``.

        Some arrangement gives each of the two numbers, since festivals do not depend on each other.
        Where ``a`` lies within a festival, its arrangements are compared from ``a`` on.
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
        """The festival that begins on ``day`` or before and ends after it, or None."""
        index = bisect_left(self._starts, day + 1) - 1
        if index < 0 or day >= self._open[index].last:
            return None
        return self._open[index]
