"""What the calendar answers with: a deadline, a day and its reason, an explanation."""

from __future__ import annotations

import datetime
import enum
import unicodedata
from typing import Literal

from attrs import frozen

from onsite_workflow.calendar._law import english

__all__ = [
    "Day",
    "DayKind",
    "Deadline",
    "Difference",
    "ExplainedDay",
    "Explanation",
    "Language",
    "LocalDay",
    "WorkingDayCount",
    "month_lines",
]

Language = Literal["zh", "en"]

_WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


@frozen(kw_only=True)
class Deadline:
    """The last day of a term of working days.

    ``date`` is the expected day. Where ``provisional`` is false it is certain, and ``earliest`` and
    ``latest`` are the same day. Otherwise it depends on days that no notice has arranged yet: it lies
    between ``earliest`` and ``latest``, both included, if the assumptions of
    ``docs/explanation/calendar.md`` hold.
    """

    date: datetime.date
    provisional: bool
    earliest: datetime.date
    latest: datetime.date

    def text(self, language: Language = "zh") -> str:
        """The deadline as text in ``language``. A provisional one says so and gives both bounds."""
        if language == "zh":
            if not self.provisional:
                return f"{self.date}（确定）"
            return f"{self.date}（暂定；最早{self.earliest}，最晚{self.latest}）"
        if not self.provisional:
            return f"{self.date} (confirmed)"
        return f"{self.date} (provisional; earliest {self.earliest}, latest {self.latest})"


@frozen(kw_only=True)
class WorkingDayCount:
    """A number of working days.

    ``days`` is the expected number. Where ``provisional`` is true, the number lies between ``fewest``
    and ``most``; otherwise both equal ``days``. All are negative where days are counted backwards.
    """

    days: int
    provisional: bool
    fewest: int
    most: int


@frozen(kw_only=True)
class LocalDay:
    """A centre's own decision about a day: whether it is ``open``, who decided it, and when."""

    day: datetime.date
    open: bool
    decided_by: str
    decided_on: datetime.date


class DayKind(enum.Enum):
    """Why a day is a working day or a day off."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    STATUTORY = "statutory"
    SWAPPED_OFF = "swapped_off"
    GRANTED_OFF = "granted_off"
    MAKE_UP = "make_up"
    LOCAL_OPEN = "local_open"
    LOCAL_CLOSED = "local_closed"


_REASONS: dict[DayKind, dict[Language, str]] = {
    DayKind.WORKDAY: {"zh": "工作日", "en": "working day"},
    DayKind.WEEKEND: {"zh": "周末", "en": "weekend"},
    DayKind.STATUTORY: {"zh": "{occasion}，法定节假日", "en": "{occasion}, statutory holiday"},
    DayKind.SWAPPED_OFF: {
        "zh": "{occasion}放假调休",
        "en": "day off for {occasion}, swapped or in lieu",
    },
    DayKind.GRANTED_OFF: {
        "zh": "{occasion}，国务院另行放假",
        "en": "{occasion}, granted by the State Council",
    },
    DayKind.MAKE_UP: {"zh": "为{occasion}调休上班", "en": "make-up working day for {occasion}"},
    DayKind.LOCAL_OPEN: {
        "zh": "本地开放（{decided_by}，{decided_on}决定）",
        "en": "open here (decided by {decided_by} on {decided_on})",
    },
    DayKind.LOCAL_CLOSED: {
        "zh": "本地休息（{decided_by}，{decided_on}决定）",
        "en": "closed here (decided by {decided_by} on {decided_on})",
    },
}

# As wall calendars print it: 休 is a day off for a holiday, 班 is a weekend day that is worked.
_MARKS: dict[DayKind, dict[Language, str]] = {
    DayKind.STATUTORY: {"zh": "休", "en": "off"},
    DayKind.SWAPPED_OFF: {"zh": "休", "en": "off"},
    DayKind.GRANTED_OFF: {"zh": "休", "en": "off"},
    DayKind.LOCAL_CLOSED: {"zh": "休", "en": "off"},
    DayKind.MAKE_UP: {"zh": "班", "en": "work"},
    DayKind.LOCAL_OPEN: {"zh": "班", "en": "work"},
}


@frozen(kw_only=True)
class Day:
    """One day of the calendar.

    - ``working``: whether it is a working day; ``kind``: why.
    - ``occasion``: the festival that it is off or worked for, in Chinese; "" where there is none.
    - ``notice``: the number of the notice that holds for it. That is the notice that names the day,
      or else the yearly notice; None where none has been issued yet.
    - ``provisional``: true where no notice has arranged the day yet. ``working`` is then what is
      expected, and ``may_differ`` tells whether the other answer is possible too.
    - ``local``: the centre's own decision about the day, or None.
    """

    date: datetime.date
    working: bool
    kind: DayKind
    occasion: str
    notice: str | None
    provisional: bool
    may_differ: bool
    local: LocalDay | None = None

    def reason(self, language: Language = "zh") -> str:
        """Why it is a working day or a day off, as text in ``language``. A provisional day says so."""
        zh = language == "zh"
        text = _REASONS[self.kind][language].format(
            occasion=self.occasion if zh else english(self.occasion),
            decided_by=self.local.decided_by if self.local else "",
            decided_on=self.local.decided_on if self.local else "",
        )
        if self.occasion and self.kind is DayKind.WEEKEND:
            holiday = self.occasion.removesuffix("假期") + "假期"
            text += f"（{holiday}）" if zh else f" (within {english(self.occasion)})"
        if self.provisional:
            text += "（暂定）" if zh else " (provisional)"
        return text

    def authority(self, language: Language = "zh") -> str:
        """The number of the notice that holds; where there is none yet, a text that says so."""
        if self.notice is not None:
            return self.notice
        return "尚无放假通知" if language == "zh" else "no notice yet"

    def mark(self, language: Language = "zh") -> str:
        """The mark of a wall calendar: off (休), work (班) or "".

        A ``?`` follows where the day may still turn out otherwise.
        """
        in_holiday = self.kind is DayKind.WEEKEND and self.occasion
        kind = DayKind.SWAPPED_OFF if in_holiday else self.kind
        return _MARKS.get(kind, {}).get(language, "") + ("?" if self.may_differ else "")


@frozen(kw_only=True)
class ExplainedDay:
    """A day that was passed while counting.

    ``number`` is its place in the count: 1, 2, ... forwards, -1, -2, ... backwards, 0 for day zero.
    It is None where the day does not count.
    """

    day: Day
    number: int | None

    @property
    def counted(self) -> bool:
        """Whether the day is one of the working days that were counted."""
        return bool(self.number)

    def text(self, language: Language = "zh") -> str:
        """One line in ``language``: the date, whether it counts, why, and the notice's number."""
        day, zh = self.day, language == "zh"
        if self.number == 0:
            count = "起算日，不计" if zh else "day zero, not counted"
        elif self.number is None:
            count = "不计" if zh else "not counted"
        else:
            back = self.number < 0
            zh_place = f"往前第{-self.number}个" if back else f"第{self.number}个"
            en_place = f"{-self.number} before" if back else f"{self.number}"
            count = f"计，{zh_place}工作日" if zh else f"counted, working day {en_place}"
        weekday = _WEEKDAYS[language][day.date.weekday()]
        return "  ".join(
            (
                f"{day.date} {'周' if zh else ''}{weekday}",
                count,
                day.reason(language),
                day.authority(language),
            )
        )


@frozen(kw_only=True)
class Explanation:
    """How a deadline was reached.

    ``deadline`` is the ``n``-th working day after ``start`` (before it where ``n`` is negative).
    ``days`` are day zero and then every day that was passed, in the order of counting.
    """

    start: datetime.date
    n: int
    deadline: Deadline
    days: tuple[ExplainedDay, ...]

    def lines(self, language: Language = "zh") -> list[str]:
        """The explanation in ``language``: one line for each day, and the deadline as the last line."""
        end = self.deadline.text(language)
        n, back = abs(self.n), self.n < 0
        if language == "zh":
            last = f"自{self.start}{'往前' if back else '起'}{n}个工作日：{end}"
        else:
            days = "1 working day" if n == 1 else f"{n} working days"
            last = f"{days} {'before' if back else 'from'} {self.start}: {end}"
        return [*(day.text(language) for day in self.days), last]


def _wide(text: str) -> int:
    """How many columns ``text`` takes on a terminal, where a Chinese character takes two."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def month_lines(weeks: list[list[Day | None]], language: Language = "zh") -> list[str]:
    """A month as a wall calendar prints it, for a font of fixed width.

    ``weeks`` is what `WorkingCalendar.month` returns. Returns the lines in ``language``: a title, the
    names of the weekdays, one line for each week with the marks of `Day.mark`, and what the marks mean.
    """
    cells = [list(_WEEKDAYS[language])]
    cells += [[f"{day.date.day:2}{day.mark(language)}" if day else "" for day in w] for w in weeks]
    width = max(_wide(cell) for row in cells for cell in row) + 1
    lines = ["".join(cell + " " * (width - _wide(cell)) for cell in row).rstrip() for row in cells]
    days = [day for week in weeks for day in week if day]
    first = days[0].date
    zh = language == "zh"
    title = f"{first.year}年{first.month}月" if zh else f"{first:%Y-%m}"
    legend = ["休：放假  班：调休上班" if zh else "off: day off  work: make-up day"]
    provisional = next((day.date for day in days if day.provisional), None)
    if provisional:
        legend.append(
            f"{provisional}起暂定：尚无放假通知，?为可能不同的日子"
            if zh
            else f"provisional from {provisional} on: no notice yet; ? may differ"
        )
    return [title, *lines, *legend]


@frozen(kw_only=True)
class Difference:
    """A day that two calendars answer differently: as ``before`` has it, and as ``after`` has it."""

    before: Day
    after: Day
