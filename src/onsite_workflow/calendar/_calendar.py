"""The working-day calendar: look-ups in tables where notices reach, an interval beyond them."""

from __future__ import annotations

import datetime
import hashlib
import json
import operator
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from onsite_workflow.calendar._answers import (
    Day,
    DayKind,
    Deadline,
    Difference,
    ExplainedDay,
    Explanation,
    LocalDay,
    WorkingDayCount,
)
from onsite_workflow.calendar._assumptions import REACH_BACK, is_weekday
from onsite_workflow.calendar._law import LAST_YEAR, statutory_names
from onsite_workflow.calendar._notices import (
    Holiday,
    Notice,
    balance_of,
    listed,
    packaged_notices,
    problems,
    shifts_weekdays,
)
from onsite_workflow.calendar._outlook import Outlook
from onsite_workflow.errors import InvalidInput, Remedy, Violation

__all__ = ["WorkingCalendar"]

# A part of every revision. Raise it where an expected day may change although no notice did.
_RULES = 1

_LONGEST_NAME = 100


class WorkingCalendar:
    """The working days of mainland China, by the notices of the State Council's General Office.

    It never changes, and threads may share it. Two calendars are equal where their ``revision`` is.

    A day is a `datetime.date`, as people in China write it. A `datetime` is refused with
    `InvalidInput`: whoever has a moment turns it into a day first, once, in Asia/Shanghai.

    Answers up to ``confirmed_through`` follow the notices. Later ones are provisional: they rest on the
    assumptions of ``docs/explanation/calendar.md``. Days before ``first_day`` or after 28 December 2200
    are refused with `InvalidInput`; so every method below that takes a day may raise it.
    """

    __slots__ = (
        "_answers",
        "_confirmed",
        "_earlier",
        "_first",
        "_fixed",
        "_from",
        "_local",
        "_named",
        "_outlook_made",
        "_revision",
        "_up_to",
        "confirmed_through",
        "first_day",
        "local_days",
        "notices",
    )

    notices: Final[tuple[Notice, ...]]
    """The notices in order of issue. Where two name the same day, the later one holds."""
    local_days: Final[tuple[LocalDay, ...]]
    """The centre's own decisions in the order in which they were made. The later one holds."""
    first_day: Final[datetime.date]
    """The first day that the calendar answers for."""
    confirmed_through: Final[datetime.date]
    """The last day that the notices settle: 28 December of the last year with a notice. The days after
    it may be arranged by the next notice, since notices have reached back to 29 December."""

    def __init__(self, notices: Iterable[Notice], local_days: Iterable[LocalDay] = ()) -> None:
        """A calendar of these notices and these decisions of a centre. Usually `china` makes it.

        ``notices`` has one for each year without a gap, and those that amend them, in any order. They
        are not checked again: `read_notice` and `with_notice` do that. Raises `InvalidInput` where
        there is no notice, or a year between two others is missing.
        """
        self.notices = tuple(sorted(notices, key=lambda notice: notice.issued))
        self.local_days = tuple(sorted(local_days, key=lambda local: local.decided_on))
        years = sorted({notice.year for notice in self.notices})
        if not years:
            raise InvalidInput.of("notices", "no_notice", "没有放假通知", "there is no notice")
        if years != list(range(years[0], years[-1] + 1)):
            raise InvalidInput.of(
                "notices", "year_missing", "年份不连续", "a year between two others is missing"
            )
        self.first_day = datetime.date(years[0], 1, 1)
        month, day = REACH_BACK
        self.confirmed_through = datetime.date(years[-1], month, day - 1)
        self._first = self.first_day.toordinal()
        self._confirmed = self.confirmed_through.toordinal()
        self._revision: str | None = None
        self._outlook_made: Outlook | None = None
        self._earlier: dict[tuple[int, int], WorkingCalendar] = {}
        # The tables below are built when first asked for; until then every look-up falls through.
        self._named: dict[int, tuple[bool, Holiday, Notice]] = {}
        self._local: dict[int, LocalDay] = {}
        self._fixed: dict[int, bool] = {}
        self._answers: list[Deadline] = []  # one for each working day, in order
        self._up_to: dict[datetime.date, int] = {}  # the place there of the last one up to a day
        self._from: dict[datetime.date, int] = {}  # and of the first one from the day on

    @classmethod
    def china(cls) -> WorkingCalendar:
        """The calendar of the notices that come with this library. Every call returns the same one."""
        return _china()

    # ---- identity -------------------------------------------------------------------------------

    @property
    def revision(self) -> str:
        """A hash of everything that answers depend on: 12 hexadecimal digits.

        Store it beside whatever you computed; where it has changed, compute that again.
        """
        if self._revision is None:
            content = {
                "rules": _RULES,
                "notices": [notice.to_mapping() for notice in self.notices],
                "local": [
                    [str(local.day), local.open, local.decided_by, str(local.decided_on)]
                    for local in self.local_days
                ],
            }
            text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
            self._revision = hashlib.sha256(text.encode()).hexdigest()[:12]
        return self._revision

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WorkingCalendar):
            return NotImplemented
        return self is other or self.revision == other.revision

    def __hash__(self) -> int:
        return hash(self.revision)

    def __reduce__(self) -> tuple[Any, ...]:
        return WorkingCalendar, (self.notices, self.local_days)

    def __repr__(self) -> str:
        return (
            f"<WorkingCalendar {self.revision}, confirmed through "
            f"{self.confirmed_through.isoformat()}>"
        )

    # ---- asking ---------------------------------------------------------------------------------

    def is_working_day(self, day: datetime.date) -> bool:
        """Whether ``day`` is a working day.

        After ``confirmed_through`` this is what is expected, and `is_provisional` is true. `day` gives
        both, with the reason.
        """
        try:
            return self._up_to[day] == self._from[day]
        except (KeyError, TypeError):
            return self._is_working(self._ordinal(day, "day"))

    def is_provisional(self, day: datetime.date) -> bool:
        """Whether ``day`` is later than ``confirmed_through``, so that no notice settles it."""
        return self._ordinal(day, "day") > self._confirmed

    def add_working_days(self, start: datetime.date, n: int) -> Deadline:
        """The ``n``-th working day after ``start``.

        ``start`` is day zero, whether it is worked or not (Civil Code, article 201). A negative ``n``
        counts the working days before ``start``; 0 gives ``start`` itself. Raises `InvalidInput` where
        ``n`` is no whole number, or the answer lies outside the calendar.
        """
        # A datetime equals no date, so the look-up fails for it and `_ordinal` refuses it below.
        try:
            if n > 0:
                return self._answers[self._up_to[start] + n]
            if n < 0:
                place = self._from[start] + n
                if place >= 0:
                    return self._answers[place]
        except (IndexError, KeyError, TypeError):
            pass
        return self._add(self._ordinal(start, "start"), _whole(n))

    def next_working_day_on_or_after(self, day: datetime.date) -> Deadline:
        """``day`` itself where it is a working day, otherwise the first working day after it.

        This is for limits in plain days whose last day is a day off (Civil Code, article 203).
        """
        return self._add(self._ordinal(day, "day") - 1, 1)

    def count_working_days(self, a: datetime.date, b: datetime.date) -> int:
        """How many working days there are after ``a``, up to and including ``b``.

        The number is negative where ``b`` is earlier than ``a``. After ``confirmed_through`` it is the
        expected number; `count_range` tells how far it may differ.
        """
        try:
            return self._up_to[b] - self._up_to[a]
        except (KeyError, TypeError):
            pass
        return self._through(self._ordinal(b, "b")) - self._through(self._ordinal(a, "a"))

    def count_range(self, a: datetime.date, b: datetime.date) -> WorkingDayCount:
        """As `count_working_days`, with the fewest and the most where the number is provisional."""
        i, j = self._ordinal(a, "a"), self._ordinal(b, "b")
        days = self._through(j) - self._through(i)
        fewest, most = self._between(min(i, j), max(i, j))
        if j < i:
            fewest, most = -most, -fewest
        provisional = max(i, j) > self._confirmed
        return WorkingDayCount(days=days, provisional=provisional, fewest=fewest, most=most)

    def day(self, day: datetime.date) -> Day:
        """What ``day`` is: worked or not, why, and by which notice."""
        return self._day(self._ordinal(day, "day"))

    def month(self, year: int, month: int) -> list[list[Day | None]]:
        """The weeks of a month, as on a wall calendar.

        ``month`` is 1 to 12. Returns a list of weeks of seven places each, Monday first; a place that
        belongs to another month is None. Raises `InvalidInput` for another month than those, or a year
        outside the calendar.
        """
        if not 1 <= month <= 12:
            raise InvalidInput.of("month", "month", "应为1至12", "must lie between 1 and 12")
        if not self.first_day.year <= year <= LAST_YEAR:
            raise _too_late("year") if year > LAST_YEAR else self._too_early("year")
        first = datetime.date(year, month, 1)
        last = datetime.date(year, month, 28)
        while (last + _ONE_DAY).month == month:
            last += _ONE_DAY
        cells: list[Day | None] = [None] * first.weekday()
        cells += [self.day(datetime.date(year, month, d)) for d in range(1, last.day + 1)]
        cells += [None] * (-len(cells) % 7)
        return [cells[i : i + 7] for i in range(0, len(cells), 7)]

    def explain(self, start: datetime.date, n: int) -> Explanation:
        """How `add_working_days` comes to its answer: every day it passes, and why it counts or not.

        It reads the same tables as `add_working_days`. Where the answer is provisional, the days are
        those that are expected. Raises what `add_working_days` raises.
        """
        deadline = self.add_working_days(start, n)
        zero, step = start.toordinal(), 1 if n > 0 else -1
        end = deadline.date.toordinal()
        days = [ExplainedDay(day=self._day(zero), number=0)]
        number = 0
        for ordinal in range(zero + step, end + step, step) if n else ():
            day = self._day(ordinal)
            number += step * day.working
            days.append(ExplainedDay(day=day, number=number if day.working else None))
        return Explanation(start=start, n=n, deadline=deadline, days=tuple(days))

    def notice_for(self, day: datetime.date) -> Notice | None:
        """The notice that holds for ``day``: the last one that names it, or else the yearly one.

        None after ``confirmed_through``, where a notice is still to come.
        """
        return self._notice(self._ordinal(day, "day"))

    def differences(
        self, earlier: WorkingCalendar, first: datetime.date, last: datetime.date
    ) -> tuple[Difference, ...]:
        """The days that are worked in this calendar and not in ``earlier``, or the other way round.

        Looks at the days from ``first`` to ``last``, both included. Each `Difference` says, of both
        calendars, which notice or which local decision holds.
        """
        for field, day in (("first", first), ("last", last)):
            earlier._ordinal(day, field)
        days = range(self._ordinal(first, "first"), self._ordinal(last, "last") + 1)
        return tuple(
            Difference(before=earlier._day(day), after=self._day(day))
            for day in days
            if self._is_working(day) != earlier._is_working(day)
        )

    # ---- other calendars ------------------------------------------------------------------------

    def as_known_on(self, day: datetime.date) -> WorkingCalendar:
        """The calendar as it could be known at the end of ``day``.

        It is without the notices that were issued later and the local days that were decided later. The
        Regulation stays as it is: each edition was made known within two days of the first notice that
        followed it. Raises `InvalidInput` where ``day`` is before the first notice.
        """
        _plain_date(day, "day")
        notices = [notice for notice in self.notices if notice.issued <= day]
        local = [local for local in self.local_days if local.decided_on <= day]
        if not notices:
            raise InvalidInput.of(
                "day",
                "before_first_notice",
                f"早于首个放假通知（{self.notices[0].issued}）",
                f"lies before the first notice ({self.notices[0].issued})",
            )
        # Both are in order of time: how many are known tells which.
        known = (len(notices), len(local))
        if known == (len(self.notices), len(self.local_days)):
            return self
        if known not in self._earlier:
            self._earlier[known] = WorkingCalendar(notices, local)
        return self._earlier[known]

    def with_notice(self, notice: Notice) -> WorkingCalendar:
        """A new calendar with one notice more. `read_notice` reads one from a file.

        Where the calendar has the notice already, the same calendar is returned. Raises `InvalidInput`
        with everything that is wrong: what is wrong with the notice itself; a day that another notice
        arranged, where this one does not supersede that one; a year that is left out; a year whose days
        off no longer add up to what the Regulation grants.
        """
        same = [other for other in self.notices if other.number == notice.number]
        if same and shifts_weekdays(_arranged(same)) == shifts_weekdays(_arranged([notice])):
            return self
        found = problems(notice) or self._misfits(notice)
        if same:
            found = [
                _violation(
                    "number",
                    "number_taken",
                    "同一文号的通知已有，内容不同",
                    "a notice of this number is here already, with other days",
                ),
                *found,
            ]
        if found:
            raise InvalidInput(found)
        return WorkingCalendar((*self.notices, notice), self.local_days)

    def with_local_days(
        self,
        *,
        open: Iterable[datetime.date] = (),  # noqa: A002 - the field's word: 开放
        closed: Iterable[datetime.date] = (),
        decided_by: str,
        decided_on: datetime.date,
    ) -> WorkingCalendar:
        """A new calendar with a centre's own days: ``open`` days are worked, ``closed`` ones are not.

        They hold whatever the notices say. ``decided_by`` says who decided (at most 100 characters) and
        ``decided_on`` when. Business hours are not given here but in a `Regulation`. Raises
        `InvalidInput` where a day is both open and closed, or ``decided_by`` is blank.
        """
        _plain_date(decided_on, "decided_on")
        if not _is_name(decided_by):
            raise InvalidInput.of(
                "decided_by",
                "text",
                f"应写明决定单位，不超过{_LONGEST_NAME}字",
                f"must name who decided, in at most {_LONGEST_NAME} characters",
            )
        named: dict[datetime.date, bool] = {}
        for field, days, is_open in (("open", open, True), ("closed", closed, False)):
            for index, day in enumerate(days):
                self._ordinal(day, f"{field}[{index}]")
                if named.setdefault(day, is_open) is not is_open:
                    raise InvalidInput.of(
                        f"{field}[{index}]",
                        "day_twice",
                        "同一天不能既开放又休息",
                        "cannot be both open and closed",
                    )
        added = [
            LocalDay(day=day, open=is_open, decided_by=decided_by, decided_on=decided_on)
            for day, is_open in sorted(named.items())
        ]
        return WorkingCalendar(self.notices, (*self.local_days, *added)) if added else self

    # ---- tables ---------------------------------------------------------------------------------

    def _build(self) -> None:
        """Fill the tables. Each is complete before it is put in place, and two threads that do it at
        once do no harm."""
        named = {
            day.toordinal(): (working, holiday, notice)
            for notice in self.notices
            for day, (working, holiday) in notice.days().items()
        }
        local = {day.day.toordinal(): day for day in self.local_days}
        fixed = {day: working for day, (working, _, _) in named.items()}
        fixed |= {day: decision.open for day, decision in local.items()}
        answers: list[Deadline] = []
        up_to: dict[datetime.date, int] = {}
        from_on: dict[datetime.date, int] = {}
        for day in range(self._first, self._confirmed + 1):
            date = datetime.date.fromordinal(day)
            from_on[date] = len(answers)
            if fixed.get(day, is_weekday(day)):
                answers.append(Deadline(date=date, provisional=False, earliest=date, latest=date))
            up_to[date] = len(answers) - 1
        self._named, self._local, self._fixed = named, local, fixed
        self._answers, self._from = answers, from_on
        # This one is set last: `_ordinal` takes it as the sign that all tables are there.
        self._up_to = up_to

    def _outlook(self) -> Outlook:
        if self._outlook_made is None:
            self._outlook_made = Outlook(self._confirmed, self._fixed)
        return self._outlook_made

    def _ordinal(self, day: datetime.date, field: str) -> int:
        """The day as an ordinal, where the calendar answers for it. Builds the tables where needed."""
        _plain_date(day, field)
        if not self._up_to:
            self._build()
        ordinal = day.toordinal()
        if ordinal < self._first:
            raise self._too_early(field)
        if ordinal > self._confirmed and not self._outlook().reach(ordinal):
            raise _too_late(field)
        return ordinal

    def _too_early(self, field: str) -> InvalidInput:
        return InvalidInput.of(
            field,
            "before_first_notice",
            f"早于工作日历的第一天（{self.first_day}），此前没有放假通知",
            f"reaches before the calendar's first day ({self.first_day}): no notice is older",
        )

    def _is_working(self, day: int) -> bool:
        if day > self._confirmed:
            return self._outlook().works(day)
        date = datetime.date.fromordinal(day)
        return self._up_to[date] == self._from[date]

    def _through(self, day: int) -> int:
        """The expected number of working days from the first day up to and including ``day``."""
        if day > self._confirmed:
            return len(self._answers) + self._outlook().usual(day)
        if day < self._first:
            return 0
        return self._up_to[datetime.date.fromordinal(day)] + 1

    def _between(self, a: int, b: int) -> tuple[int, int]:
        """The fewest and the most working days after ``a`` up to and including ``b``."""
        if b <= self._confirmed:
            exact = self._through(b) - self._through(a)
            return exact, exact
        certain = len(self._answers) - self._through(a) if a < self._confirmed else 0
        fewest, most = self._outlook().between(max(a, self._confirmed), b)
        return certain + fewest, certain + most

    def _working_date(self, place: int) -> datetime.date:
        """The expected working day at ``place``, counted from 0 at the first."""
        if place < len(self._answers):
            return self._answers[place].date
        day = self._outlook().usual_days[place - len(self._answers)]
        return datetime.date.fromordinal(day)

    def _add(self, start: int, n: int) -> Deadline:
        if n == 0:
            date = datetime.date.fromordinal(start)
            return Deadline(
                date=date, provisional=start > self._confirmed, earliest=date, latest=date
            )
        # Working days are numbered from 0, so the place of one is the number of those before it.
        place = self._through(start) + n - 1 if n > 0 else self._through(start - 1) + n
        if place < 0:
            raise self._too_early("n")
        if place < len(self._answers) and start <= self._confirmed + 1:
            return self._answers[place]
        earliest, latest = self._forward(start, n) if n > 0 else self._backward(start, -n)
        return Deadline(
            date=self._working_date(place),
            provisional=True,
            earliest=datetime.date.fromordinal(earliest),
            latest=datetime.date.fromordinal(latest),
        )

    def _forward(self, start: int, n: int) -> tuple[int, int]:
        """The earliest and the latest day that the ``n``-th working day after ``start`` can be."""
        outlook = self._outlook()
        if start + n > datetime.date(LAST_YEAR, 12, 31).toordinal():
            raise _too_late("n")
        outlook.reach(start)
        while self._between(start, outlook.horizon)[0] < n:
            if not outlook.reach(outlook.horizon + 1):
                raise _too_late("n")
        days = range(start + 1, outlook.horizon + 1)
        earliest = bisect_left(days, n, key=lambda day: self._between(start, day)[1])
        latest = bisect_left(days, n, key=lambda day: self._between(start, day)[0])
        return days[earliest], days[latest]

    def _backward(self, start: int, n: int) -> tuple[int, int]:
        """The earliest and the latest day that the ``n``-th working day before ``start`` can be."""
        days = range(start - 1, self._first - 1, -1)
        latest = bisect_left(days, n, key=lambda day: self._between(day - 1, start - 1)[1])
        earliest = bisect_left(days, n, key=lambda day: self._between(day - 1, start - 1)[0])
        if earliest == len(days):
            raise self._too_early("n")
        return days[earliest], days[latest]

    # ---- describing -----------------------------------------------------------------------------

    def _notice(self, day: int) -> Notice | None:
        if day in self._named:
            return self._named[day][2]
        if day > self._confirmed:
            return None
        year = datetime.date.fromordinal(day).year
        return next(notice for notice in self.notices if notice.year == year)

    def _day(self, day: int) -> Day:
        date = datetime.date.fromordinal(day)
        working = self._is_working(day)
        local = self._local.get(day)
        provisional = day > self._confirmed
        notice = self._notice(day)
        kind, occasion = self._kind(day, working, local)
        return Day(
            date=date,
            working=working,
            kind=kind,
            occasion=occasion,
            notice=notice.label if notice else None,
            provisional=provisional,
            may_differ=provisional and all(self._outlook().may_be(day)),
            local=local,
        )

    def _kind(self, day: int, working: bool, local: LocalDay | None) -> tuple[DayKind, str]:
        """Why ``day`` is worked or not, and for which festival."""
        if local:
            return (DayKind.LOCAL_OPEN if local.open else DayKind.LOCAL_CLOSED), ""
        date = datetime.date.fromordinal(day)
        _, holiday, _ = self._named.get(day, (None, None, None))
        if not working:
            statutory = statutory_names(date.year).get(date)
            if statutory:
                return DayKind.STATUTORY, "、".join(statutory)
            if holiday and date in holiday.granted:
                return DayKind.GRANTED_OFF, holiday.name
            if is_weekday(day):
                return DayKind.SWAPPED_OFF, holiday.name if holiday else _nearest_festival(day)
            return DayKind.WEEKEND, holiday.name if holiday else ""
        if is_weekday(day):
            return DayKind.WORKDAY, ""
        return DayKind.MAKE_UP, holiday.name if holiday else _nearest_festival(day)

    # ---- judging a notice -----------------------------------------------------------------------

    def _misfits(self, notice: Notice) -> list[Violation]:
        """What keeps ``notice`` from being added to the notices of this calendar."""
        numbers = {other.number: other for other in self.notices}
        regular = [other for other in self.notices if not other.supersedes]
        found: list[Violation] = []
        unknown = [number for number in notice.supersedes if number not in numbers]
        if unknown:
            found.append(
                _violation(
                    "supersedes",
                    "supersedes_unknown",
                    f"没有这个文号的通知：{'、'.join(unknown)}",
                    f"no notice of this number is here: {', '.join(unknown)}",
                )
            )
        last = max(other.year for other in regular)
        if not notice.supersedes and notice.year > last + 1:
            found.append(
                _violation(
                    "year",
                    "year_missing",
                    f"请先加入{last + 1}年的通知",
                    f"needs the notice for {last + 1} first",
                )
            )
        before = [other.issued for other in regular if other.year < notice.year]
        before += [numbers[number].issued for number in notice.supersedes if number in numbers]
        if before and notice.issued < max(before):
            found.append(
                _violation(
                    "issued",
                    "issued",
                    "早于它所接续或取代的通知",
                    "lies before the notice it follows or supersedes",
                )
            )
        found.extend(self._overlaps(notice))
        if found:
            return found
        year = [other for other in (*self.notices, notice) if other.year == notice.year]
        granted = sum(len(holiday.granted) for other in year for holiday in other.holidays)
        return balance_of(notice.year, _arranged(year), granted)

    def _overlaps(self, notice: Notice) -> list[Violation]:
        """Settled days that ``notice`` would change, although it does not supersede what settled them."""
        held: dict[str, list[datetime.date]] = {}
        for day, (working, _) in notice.days().items():
            ordinal = self._ordinal(day, "holidays")
            holder = self._notice(ordinal)
            if holder is None or holder.number in notice.supersedes:
                continue
            settled = self._named[ordinal][0] if ordinal in self._named else is_weekday(ordinal)
            if settled != working:
                held.setdefault(holder.number, []).append(day)
        if any(other.year == notice.year for other in self.notices) and not notice.supersedes:
            first = next(other for other in self.notices if other.year == notice.year)
            held.setdefault(first.number, [])
        return [
            _violation(
                "supersedes",
                "overlap",
                f"与{number}重叠（{listed(days, '、') or notice.year}），须在此写明取代该通知",
                f"overlaps {number} ({listed(days) or notice.year}) and must name it here to "
                "supersede it",
                Remedy(
                    zh="若确为调整通知，把被取代通知的文号列入 supersedes",
                    en="if it really amends that notice, list its number in `supersedes`",
                ),
            )
            for number, days in sorted(held.items())
        ]


_ONE_DAY = datetime.timedelta(days=1)


@cache
def _china() -> WorkingCalendar:
    return WorkingCalendar(packaged_notices())


def _nearest_festival(day: int) -> str:
    """The festival whose statutory days are nearest: an expected swap is taken to be for that one."""
    year = datetime.date.fromordinal(day).year
    names = {
        date.toordinal(): "、".join(festivals)
        for y in (year, year + 1)
        if y <= LAST_YEAR
        for date, festivals in statutory_names(y).items()
    }
    return names[min(names, key=lambda other: abs(other - day))]


def _arranged(notices: Iterable[Notice]) -> dict[datetime.date, bool]:
    """The days that the notices name, each with whether it is worked. The later notice holds."""
    return {
        day: working
        for notice in sorted(notices, key=lambda notice: notice.issued)
        for day, (working, _) in notice.days().items()
    }


def _plain_date(day: object, field: str) -> None:
    if isinstance(day, datetime.date) and not isinstance(day, datetime.datetime):
        return
    raise InvalidInput.of(
        field,
        "date_without_time",
        "应为不带时间的日期（datetime.date）",
        "must be a date without a time (datetime.date)",
        remedy=Remedy(
            zh="先把时刻按 Asia/Shanghai 折算成日期",
            en="fold the moment into a day first: "
            'moment.astimezone(ZoneInfo("Asia/Shanghai")).date()',
        ),
    )


def _is_name(text: object) -> bool:
    return (
        isinstance(text, str)
        and 0 < len(text.strip()) <= len(text) <= _LONGEST_NAME
        and text.isprintable()
    )


def _whole(n: Any) -> int:
    try:
        return operator.index(n)
    except TypeError:
        message = ("whole_number", "应为整数", "must be a whole number")
        raise InvalidInput.of("n", *message) from None


def _too_late(field: str) -> InvalidInput:
    return InvalidInput.of(
        field,
        "calendar_range",
        f"超出工作日历：农历节日只推算到{LAST_YEAR}年12月28日",
        f"reaches beyond the calendar: festivals are reckoned to {LAST_YEAR}-12-28 only",
    )


def _violation(field: str, rule: str, zh: str, en: str, remedy: Remedy | None = None) -> Violation:
    return InvalidInput.of(field, rule, zh, en, remedy=remedy).violations[0]
