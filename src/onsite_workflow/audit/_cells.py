"""Cells: what a person or a spreadsheet wrote, read as a moment, a word, a unit, an item.

A value is never repeated in an error; a cell that cannot be read is named by row and column.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from typing import Any, Final

import attrs
from attrs import frozen

from onsite_workflow.catalogue import Catalogue
from onsite_workflow.checks import SHANGHAI, YEARS, local_day

from ._fields import Field, Reads
from ._mapping import LedgerMapping, fold

__all__ = ["NOT_YET", "Cells", "Moment", "Unreadable", "without_numbers"]

_DAY: Final = dt.timedelta(days=1)
_INSTANT: Final = dt.timedelta(microseconds=1)


@frozen
class Moment:
    """When something happened, as exactly as the ledger says: ``earliest`` and ``latest`` are one
    instant where it gives the time of day, the first and the last of a day where it does not.
    ``unknown`` is a step that is ticked off without any time."""

    earliest: dt.datetime
    latest: dt.datetime
    unknown: bool = False

    @property
    def exact(self) -> bool:
        """Whether the time of day is known."""
        return self.earliest == self.latest

    @classmethod
    def at(cls, moment: dt.datetime) -> Moment:
        """One instant."""
        return cls(moment, moment)

    @classmethod
    def on(cls, day: dt.date) -> Moment:
        """Some time on that day."""
        start = dt.datetime.combine(day, dt.time(), SHANGHAI)
        return cls(start, start + _DAY - _INSTANT)

    def until(self, moment: dt.datetime) -> Moment:
        """The same, but not after ``moment``, where it may lie before."""
        if self.earliest <= moment < self.latest:
            return attrs.evolve(self, latest=moment)
        return self


TICKED: Final = Moment(
    dt.datetime(YEARS[0] + 1, 1, 1, tzinfo=SHANGHAI),
    dt.datetime(YEARS[-1], 1, 1, tzinfo=SHANGHAI),
    unknown=True,
)


@frozen
class Unreadable:
    """A cell that holds something, but not what its field is. Says what was expected."""

    zh: str
    en: str


_NOT_A_TIME: Final = Unreadable("时间", "a date or a date and time")
_NOT_A_DAY: Final = Unreadable("日期", "a date")
NOT_YET: Final = Unreadable("导出台账以前的时间", "a time before the export")
_ERROR: Final = Unreadable("内容，而不是表格公式的错误值", "a value, not a spreadsheet error")
_GARBLED: Final = Unreadable(
    "可读的文字（编码可能不对）", "readable text (perhaps another encoding)"
)

_EXCEL_ERRORS: Final = frozenset(
    {"#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!", "#####"}
)
#: What people write where there is nothing.
_NOTHING: Final = frozenset(
    ("无", "没有", "暂无", "空", "未填", "未填写", "未提供", "未说明", "未登记", "未告知")
)

_SERIALS: Final = (30_000, 110_000)  # 1982 to 2201, as a spreadsheet counts days
_EPOCH: Final = dt.datetime(1899, 12, 30, tzinfo=SHANGHAI)

_DATE: Final = (
    r"(?P<y>[0-9]{4})(?:-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})"
    r"|/(?P<m2>[0-9]{1,2})/(?P<d2>[0-9]{1,2})"
    r"|\.(?P<m3>[0-9]{1,2})\.(?P<d3>[0-9]{1,2})"
    r"|\s*年\s*(?P<m4>[0-9]{1,2})\s*月\s*(?P<d4>[0-9]{1,2})\s*[日号]"
    r"|(?P<m5>[0-9]{2})(?P<d5>[0-9]{2}))"
)
_WEEKDAY: Final = r"(?:\s*\(?(?:星期|周|礼拜)[一二三四五六日天]\)?)?"
_CLOCK: Final = (
    r"(?P<half>上午|下午|中午|晚上|早上|凌晨|am|pm)?\s*"
    r"(?P<H>[0-9]{1,2})(?::(?P<M>[0-9]{1,2})(?::(?P<S>[0-9]{1,2})(?:\.[0-9]+)?)?"
    r"|\s*[时点](?:\s*(?P<M2>[0-9]{1,2})(?:\s*分)?|(?P<half_past>半)|整)?(?:\s*(?P<S2>[0-9]{1,2})\s*秒)?)"
    r"\s*(?P<half2>am|pm)?"
)
_OFFSET: Final = r"(?P<zone>z|\+[0-9]{2}:?[0-9]{2})?"
_MOMENT: Final = re.compile(rf"{_DATE}{_WEEKDAY}(?:[t\s]*{_CLOCK}\s*{_OFFSET})?")
_CLOCK_ONLY: Final = re.compile(_CLOCK)
_RANGE: Final = re.compile(
    rf"\s*(?:-|~|至|到|—|–|--)\s*(?:{_DATE.replace('?P<', '?P<e_')}{_WEEKDAY}\s*)?{_CLOCK.replace('?P<', '?P<e_')}"
)
_DIGITS: Final = re.compile(r"([0-9]{8})([0-9]{2})([0-9]{2})([0-9]{2})?")
_HALF_DAY: Final = re.compile(r"\s*(?:上午|下午|全天|am|pm)")
_AFTERNOON: Final = frozenset({"下午", "晚上", "pm"})


def _clock(found: re.Match[str]) -> dt.timedelta | None:
    hour = int(found["H"])
    minute = 30 if found["half_past"] else int(found["M"] or found["M2"] or 0)
    second = int(found["S"] or found["S2"] or 0)
    half = found["half"] or found["half2"]
    if half == "晚上" and hour == 12:
        hour = 24  # the midnight that ends the day; not noon
    elif half == "晚上" and 0 < hour < 5:
        return None  # of which night?
    if (half in _AFTERNOON and hour < 12) or (half == "中午" and hour < 6):
        hour += 12
    elif half in ("上午", "凌晨", "am") and hour == 12:
        hour = 0
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        return None
    return dt.timedelta(hours=hour, minutes=minute, seconds=second)


def _date(found: re.Match[str]) -> dt.date | None:
    month = next(int(found[n]) for n in ("m", "m2", "m3", "m4", "m5") if found[n])
    day = next(int(found[n]) for n in ("d", "d2", "d3", "d4", "d5") if found[n])
    try:
        return dt.date(int(found["y"]), month, day)
    except ValueError:
        return None


def _zone(text: str | None) -> dt.tzinfo:
    """``Z`` or ``+08:00``; after a minus stands the end of a span of time (9:00-10:30)."""
    if not text:
        return SHANGHAI
    if text == "z":
        return dt.UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    return dt.timezone(dt.timedelta(hours=min(hours, 23), minutes=min(minutes, 59)))


def _made(day: dt.date, clock: dt.timedelta | None, zone: dt.tzinfo = SHANGHAI) -> Moment | None:
    if day.year not in YEARS or day >= dt.date(YEARS[-1], 12, 30):
        return None
    # Midnight is how systems write a day without its time; nobody serves a case at 24:00.
    if clock is None or (zone is SHANGHAI and clock in (dt.timedelta(), _DAY)):
        return Moment.on(day)
    return Moment.at((dt.datetime.combine(day, dt.time(), zone) + clock).astimezone(SHANGHAI))


class Cells:
    """Reads the cells of one ledger. Texts that come again and again are read once."""

    def __init__(self, mapping: LedgerMapping, catalogue: Catalogue) -> None:
        self.mapping = mapping
        self._seen: dict[tuple[Reads, str], Any] = {}
        self._split = (
            re.compile(f"[{re.escape(mapping.separators)}]") if mapping.separators else None
        )
        self._items = {fold(item.name): item.id for item in reversed(catalogue.items)}
        self._items |= {fold(item.id): item.id for item in catalogue.items}
        self._items |= {
            alias: self._items.get(fold(name), name) for alias, name in mapping.items.items()
        }

    # --- the raw cell

    def text(self, raw: Any) -> str:
        """A cell as text, without what prints nothing around it; blank words become empty."""
        if raw is None:
            return ""
        if isinstance(raw, bool):
            return "是" if raw else "否"
        if isinstance(raw, float):
            return str(int(raw)) if raw.is_integer() else repr(raw)
        text = str(raw).strip().strip("\ufeff\u200b\u200c\u200d\u2060\u3000").strip()
        return "" if fold(text) in self.mapping.blanks else text

    def read(self, field: Field, raws: tuple[Any, ...]) -> Any:
        """The value of a field in one row: None where blank, ``Unreadable`` where it is not one."""
        if len(raws) == 2:
            return self._two_cells(raws[0], raws[1])
        raw = raws[0]
        if field.reads in (Reads.MOMENT, Reads.DAY) and not isinstance(raw, str):
            return self._native(field.reads, raw)
        text = self.text(raw)
        if not text:
            return None
        key = (field.reads, text)
        try:
            return self._seen[key]
        except KeyError:
            value = self._value(field.reads, text)
            if len(self._seen) < 200_000:
                self._seen[key] = value
            return value

    def _value(self, reads: Reads, text: str) -> Any:
        if text.casefold() in _EXCEL_ERRORS or set(text) == {"#"}:
            return _ERROR
        if "\ufffd" in text and reads is not Reads.GIVEN:
            return _GARBLED
        if text in _NOTHING and reads not in (Reads.NONE_OR_GIVEN, Reads.YES_NO, Reads.CASE):
            return None
        match reads:
            case Reads.MOMENT:
                return self._moment(text)
            case Reads.DAY:
                found = self._moment(text)
                return found if isinstance(found, Moment) and not found.unknown else _NOT_A_DAY
            case Reads.GIVEN:
                return True
            case Reads.NONE_OR_GIVEN:
                nothing = ("无", "没有", "不需要", "无需", "无需提供", "不用", "无须", "否")
                return fold(text) not in nothing
            case Reads.UNITS:
                return self._units(text)
            case Reads.ITEMS:
                return self._item_keys(text)
            case Reads.NUMBER | Reads.CASE:
                return text
            case Reads.CAUSE:
                # A cause in somebody's own words is one all the same (``other``, with a note).
                return self.mapping.words["cause"].get(fold(text), "other")
            case Reads.GROUND:
                return self._ground(text)
            case Reads.STATE:
                # Only the ends count; ledgers have many words for what lies between.
                return self.mapping.words["state"].get(fold(text), "open")
            case _:
                return self._word(reads, text)

    def _word(self, reads: Reads, text: str) -> Any:
        words = self.mapping.words[reads.value]
        found = words.get(fold(text))
        if found is not None:
            return found
        known = list(dict.fromkeys(words))[:8]
        return Unreadable(
            f"映射文件[words.{reads.value}]里的词，例如{'、'.join(known)}",
            f"a word of [words.{reads.value}] in the mapping, such as {', '.join(known)}",
        )

    def _ground(self, text: str) -> str:
        words = self.mapping.words["ground"]
        found = [words.get(fold(part), "given") for part in self._parts(text)]
        return "other" if found and all(word == "other" for word in found) else "given"

    # --- units and items

    def _parts(self, text: str) -> list[str]:
        parts = self._split.split(text) if self._split is not None else [text]
        return [part.strip() for part in parts if part.strip()]

    def _units(self, text: str) -> tuple[str, ...]:
        """The units named, one that is named twice twice."""
        aliases = self.mapping.units
        whole = aliases.get(fold(text))
        if whole is not None:
            return (whole,)
        named = (_plain(part) for part in self._parts(text))
        return tuple(
            aliases.get(fold(part)) or _LONG_NUMBER.sub("***", without_numbers(part))
            for part in named
            if part
        )

    def _item_keys(self, text: str) -> tuple[str, ...]:
        """Items by id or name; a name that holds a separator itself is tried whole first."""
        found = self._item(text)
        if found is not None:
            return (found,)
        if self._split is None:
            return (text[:100],)
        text = _CIRCLED.sub(self.mapping.separators[0], text)
        pieces = re.split(f"({self._split.pattern})", text)
        keys: list[str] = []
        at, before = 0, ""
        while at < len(pieces):
            for end in range(len(pieces), at, -2):
                key = self._item("".join(pieces[at:end]))
                if key is not None:
                    break
            else:
                key, end = _plain(pieces[at]), at + 1
                if _ONLY_A_MARK.fullmatch(key):
                    key = ""
                elif led := _LEADING_ID.match(_MARK.sub("", key, count=1)):
                    key = self._items.get(fold(led[1]), key)  # its name stands behind it
            named = before == key and _LEADING_ID.match(pieces[at - 2])  # id、name
            if key and not named:
                keys.append(key)
            before, at = key, end + 1
        return tuple(keys)

    def _item(self, text: str) -> str | None:
        """The item of that id or name, a number in a list before it left out."""
        found = self._items.get(fold(text))
        return found or self._items.get(fold(_MARK.sub("", text, count=1)))

    # --- moments

    def _native(self, reads: Reads, raw: Any) -> Any:
        """What a spreadsheet hands over as a date, a time or a number."""
        if raw is None:
            return None
        if isinstance(raw, bool):
            return (TICKED if raw else None) if reads is Reads.MOMENT else _NOT_A_DAY
        if isinstance(raw, dt.datetime):
            # Spreadsheets keep a fraction of a day: what is left of a second is no part of it.
            rounded = raw + dt.timedelta(milliseconds=500)
            clock = dt.timedelta(hours=rounded.hour, minutes=rounded.minute, seconds=rounded.second)
            return _made(rounded.date(), clock) or _NOT_A_TIME
        if isinstance(raw, dt.date):
            return _made(raw, None) or _NOT_A_TIME
        if isinstance(raw, int | float):
            return self._serial(raw)
        return _NOT_A_TIME

    def _serial(self, number: float) -> Any:
        if math.isnan(number) or not _SERIALS[0] <= number < _SERIALS[1]:
            digits = str(int(number)) if 0 <= number < 10**14 else ""
            return self._moment(digits) if len(digits) in (8, 12, 14) else _NOT_A_TIME
        whole = int(number)
        seconds = round((number - whole) * 86_400)
        day = (_EPOCH + dt.timedelta(days=whole)).date()
        if seconds == 86_400:
            day, seconds = day + _DAY, 0
        return _made(day, dt.timedelta(seconds=seconds)) or _NOT_A_TIME

    def _moment(self, text: str) -> Any:
        ticked = self.mapping.words["yes_no"].get(fold(text)) if len(text) < 10 else None
        if ticked is not None and not (text.isdigit() and len(text) > 1):
            return TICKED if ticked == "yes" else None
        plain = unicodedata.normalize("NFKC", text).casefold().strip()
        for pattern in self.mapping.date_formats:
            try:
                read = dt.datetime.strptime(text, pattern).replace(tzinfo=SHANGHAI)
            except (ValueError, re.error):
                continue
            since = read - read.replace(hour=0, minute=0, second=0, microsecond=0)
            return _made(read.date(), since) or _NOT_A_TIME
        if digits := _DIGITS.fullmatch(plain):
            plain = f"{digits[1]} {digits[2]}:{digits[3]}:{digits[4] or '00'}"
        found = _MOMENT.match(plain)
        if found is None:
            return self._number(plain)
        rest = plain[found.end() :]
        if rest and not (
            (found["H"] and _RANGE.fullmatch(rest))
            or (not found["H"] and _HALF_DAY.fullmatch(rest))
        ):
            return self._number(plain)
        day = _date(found)
        clock = _clock(found) if found["H"] else None
        if day is None or (found["H"] and clock is None):
            return _NOT_A_TIME
        return _made(day, clock, _zone(found["zone"])) or _NOT_A_TIME

    def _number(self, text: str) -> Any:
        if re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", text):
            return self._serial(float(text))
        return _NOT_A_TIME

    def _two_cells(self, date: Any, clock: Any) -> Any:
        """A moment of which date and time of day stand in two columns."""
        if isinstance(date, str):
            text = self.text(date)
            day = self._moment(text) if text else None
        else:
            day = self._native(Reads.MOMENT, date)
        if not isinstance(day, Moment) or day.unknown:
            return day
        if isinstance(clock, str):
            return self._on(day, unicodedata.normalize("NFKC", self.text(clock)).casefold().strip())
        if clock is None:
            return day
        if isinstance(clock, dt.datetime | dt.time):
            time = dt.timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)
        elif isinstance(clock, int | float) and not isinstance(clock, bool) and 0 <= clock < 1:
            time = dt.timedelta(seconds=round(clock * 86_400))
        else:
            return _NOT_A_TIME
        return _made(local_day(day.earliest), time) or _NOT_A_TIME

    def _on(self, day: Moment, text: str) -> Any:
        """That day, at a time of day in words."""
        if not text or _HALF_DAY.fullmatch(text):
            return day
        found = _CLOCK_ONLY.match(text)
        if found is None or (text[found.end() :] and not _RANGE.fullmatch(text[found.end() :])):
            whole = self._moment(text)  # the whole moment again, as some exports have it
            return whole if isinstance(whole, Moment) and not whole.unknown else _NOT_A_TIME
        time = _clock(found)
        return (time is not None and _made(local_day(day.earliest), time)) or _NOT_A_TIME


_CIRCLED: Final = re.compile(r"[①-⑳]")
_MARK: Final = re.compile(
    r"^\s*(?:[(（]\s*(?:[0-9０-９]{1,2}|[一二三四五六七八九十]{1,3})\s*[)）]"
    r"|(?:[0-9０-９]{1,2}|[一二三四五六七八九十]{1,3})\s*[.．、)）:：])\s*"
)
_ONLY_A_MARK: Final = re.compile(
    r"[(（]?\s*(?:[0-9０-９]{1,2}|[一二三四五六七八九十]{1,3})\s*[)）.．]?"
)
_LEADING_ID: Final = re.compile(r"\s*([AaＡａ][.．][0-9]{1,2}[.．][0-9]{1,2})(?![0-9.．])")

_PERSONS_NUMBER: Final = re.compile(
    r"(?<![0-9])(?:[1-9][0-9]{16}[0-9Xx]"  # identity card
    r"|1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}"  # mobile
    r"|0[1-9][0-9]{1,2}[ -]?[1-9][0-9]{6,7})(?![0-9])"  # area code and number
)
#: No unit's name holds one.
_LONG_NUMBER: Final = re.compile(r"[0-9]{7,}")


def without_numbers(text: str) -> str:
    """The text with what looks like a telephone or identity number left out."""
    return _PERSONS_NUMBER.sub("***", text)


def _plain(text: str) -> str:
    """A name as it may be shown: on one line, nothing invisible, not too long."""
    kept = "".join(c for c in text if c.isprintable())
    return " ".join(kept.split())[:100]
