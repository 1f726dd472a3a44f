"""Notices of the State Council's General Office (放假安排的通知) as data: reading and checking."""

from __future__ import annotations

import datetime
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

from attrs import field, frozen

from onsite_workflow.calendar._law import FIRST_YEAR, LAST_YEAR, statutory_count, statutory_names
from onsite_workflow.errors import InvalidInput, Remedy, Violation

__all__ = ["Holiday", "Notice", "packaged_notices", "parse_notice", "read_notice"]

_ONE_DAY = datetime.timedelta(days=1)
_NUMBER = re.compile(r"[^\s〔〕]{1,20}〔(?P<year>\d{4})〕\d{1,4}号")
_BRACKETS = str.maketrans("[［【(（]］】)）", "〔〔〔〔〔〕〕〕〕〕")
_LONGEST_RANGE = 31
_LONGEST_NAME = 100
_SATURDAY = 5
# Yearly notices have reached back to 29 December of the year before, and never past their own year.
_EARLIEST_IN_DECEMBER = 20


@frozen(kw_only=True)
class Holiday:
    """One paragraph of a notice: the days off for one occasion, and the days worked to make up for them.

    - ``off``: the days that the notice names as off, weekend days too where it names them.
    - ``work``: the days that it names as worked.
    - ``granted``: those of ``off`` that are neither statutory nor swapped for another day. They are given
      beyond the Regulation, or are a make-up day that was taken back.
    """

    name: str
    off: tuple[datetime.date, ...]
    work: tuple[datetime.date, ...] = ()
    granted: tuple[datetime.date, ...] = ()


@frozen(kw_only=True)
class Notice:
    """A notice as the General Office issues one.

    - ``number``, ``issued``: its number (发文字号) and its date of issue.
    - ``year``: the year whose holidays it arranges.
    - ``holidays``: its paragraphs.
    - ``supersedes``: the numbers of earlier notices. On the days that this notice names, it holds and
      they don't.
    - ``invented``: true for a notice that nobody issued, made for a rehearsal or a test.
    - ``source``: where it was published, or None.
    """

    number: str
    issued: datetime.date
    year: int
    holidays: tuple[Holiday, ...]
    supersedes: tuple[str, ...] = ()
    invented: bool = False
    source: str | None = None
    _days: dict[datetime.date, tuple[bool, Holiday]] = field(
        init=False, repr=False, eq=False, hash=False
    )

    def __attrs_post_init__(self) -> None:
        days: dict[datetime.date, tuple[bool, Holiday]] = {}
        for holiday in self.holidays:
            days.update(dict.fromkeys(holiday.off, (False, holiday)))
            days.update(dict.fromkeys(holiday.work, (True, holiday)))
        object.__setattr__(self, "_days", days)

    def days(self) -> Mapping[datetime.date, tuple[bool, Holiday]]:
        """Every day that the notice names, with whether it is worked and for which holiday."""
        return self._days

    def to_mapping(self) -> dict[str, Any]:
        """The notice as JSON values, in this library's own shape. `parse_notice` reads it back."""
        return {
            "number": self.number,
            "issued": self.issued.isoformat(),
            "year": self.year,
            "supersedes": list(self.supersedes),
            "invented": self.invented,
            **({"source": self.source} if self.source else {}),
            "holidays": [
                {
                    "name": holiday.name,
                    "off": [day.isoformat() for day in holiday.off],
                    "work": [day.isoformat() for day in holiday.work],
                    "granted": [day.isoformat() for day in holiday.granted],
                }
                for holiday in self.holidays
            ],
        }

    @property
    def label(self) -> str:
        """The number as it is printed. That of an invented notice says so."""
        return f"{self.number}（虚构 invented）" if self.invented else self.number


def is_weekday(day: datetime.date) -> bool:
    """Whether ``day`` is one of Monday to Friday."""
    return day.weekday() < _SATURDAY


def shifts_weekdays(arranged: Mapping[datetime.date, bool]) -> dict[datetime.date, bool]:
    """Of ``arranged`` (day to worked or not), the weekdays that are off and the weekend days worked."""
    return {day: working for day, working in arranged.items() if working != is_weekday(day)}


def _violation(field: str, rule: str, zh: str, en: str, remedy: Remedy | None = None) -> Violation:
    return InvalidInput.of(field, rule, zh, en, remedy=remedy).violations[0]


def listed(days: Iterable[datetime.date], between: str = ", ") -> str:
    """The days in order, as one text. ``between`` stands between two of them: 、 in Chinese."""
    return between.join(day.isoformat() for day in sorted(days))


def balance_of(year: int, arranged: Mapping[datetime.date, bool], granted: int) -> list[Violation]:
    """What is wrong with the whole arrangement of ``year``: statutory days not off, a wrong sum.

    The days off on weekdays, less the make-up days at weekends, must be as many as the Regulation
    grants, plus the ``granted`` days beyond it. ``arranged`` has the days that the year's notices name,
    those of the December before included, each with whether it is worked.
    """
    found: list[Violation] = []
    worked = [
        day
        for day in statutory_names(year)
        if (is_weekday(day) and arranged.get(day) is not False) or arranged.get(day)
    ]
    if worked:
        found.append(
            _violation(
                "holidays",
                "statutory_days",
                f"法定节假日必须放假：{listed(worked, '、')}",
                f"statutory days must be off: {listed(worked)}",
            )
        )
    swaps = shifts_weekdays(arranged)
    off = sum(not working for working in swaps.values())
    made_up = len(swaps) - off
    owed = statutory_count(year) + granted
    if off - made_up != owed:
        found.append(
            _violation(
                "holidays",
                "statutory_count",
                f"工作日放假{off}天减周末上班{made_up}天，应等于法定{owed}天",
                f"{off} weekdays off less {made_up} weekend days worked must make the {owed} "
                "days the Regulation grants",
                Remedy(
                    zh="核对通知原文；法定之外另行放假的日期列入 granted",
                    en="compare with the notice; list days granted beyond the law in `granted`",
                ),
            )
        )
    return found


def problems(notice: Notice) -> list[Violation]:
    """Everything that is wrong with a notice taken by itself; empty where nothing is."""
    found: list[Violation] = []
    match = _NUMBER.fullmatch(notice.number)
    if match is None:
        found.append(
            _violation(
                "number",
                "notice_number",
                "应为完整的发文字号，例如“国办发明电〔2025〕7号”",
                "must be a whole document number such as 国办发明电〔2025〕7号",
            )
        )
    elif int(match["year"]) != notice.issued.year:
        found.append(
            _violation(
                "issued",
                "notice_number",
                "成文日期的年份与发文字号不一致",
                "the year of issue is not the year in the number",
            )
        )
    if not FIRST_YEAR <= notice.year < LAST_YEAR:
        found.append(
            _violation(
                "year",
                "calendar_range",
                f"应在{FIRST_YEAR}与{LAST_YEAR - 1}之间",
                f"must lie between {FIRST_YEAR} and {LAST_YEAR - 1}",
            )
        )
        return found
    named = [day for holiday in notice.holidays for day in (*holiday.off, *holiday.work)]
    if not named:
        found.append(_violation("holidays", "no_days", "没有任何日期", "names no day"))
        return found
    twice = {day for day in named if named.count(day) > 1}
    if twice:
        found.append(
            _violation(
                "holidays",
                "day_twice",
                f"日期重复：{listed(twice, '、')}",
                f"names a day twice: {listed(twice)}",
            )
        )
    first = datetime.date(notice.year - 1, 12, _EARLIEST_IN_DECEMBER)
    outside = {day for day in named if not first <= day <= datetime.date(notice.year, 12, 31)}
    if outside:
        found.append(
            _violation(
                "holidays",
                "day_outside_year",
                f"日期不属于该年度：{listed(outside, '、')}",
                f"names days that are not the year's: {listed(outside)}",
            )
        )
    if notice.issued > max(named) or notice.issued.year < notice.year - 1:
        found.append(
            _violation(
                "issued",
                "issued",
                "应在上一年或当年、最后一个所列日期之前成文",
                "must lie in the year or the one before, and not after the last day it names",
            )
        )
    loose = {day for h in notice.holidays for day in h.granted if day not in h.off}
    if loose:
        found.append(
            _violation(
                "holidays",
                "granted",
                f"granted 中的日期必须同时列入 off：{listed(loose, '、')}",
                f"days in `granted` must also stand in `off`: {listed(loose)}",
            )
        )
    if not notice.supersedes:
        weekdays = {day for h in notice.holidays for day in h.work if is_weekday(day)}
        if weekdays:
            found.append(
                _violation(
                    "holidays",
                    "made_up_weekday",
                    f"调休上班日必须是周末：{listed(weekdays, '、')}",
                    f"make-up days must be weekend days: {listed(weekdays)}",
                )
            )
        if not found:
            arranged = {day: working for day, (working, _) in notice.days().items()}
            granted = sum(len(holiday.granted) for holiday in notice.holidays)
            found.extend(balance_of(notice.year, arranged, granted))
    return found


# ---- reading ------------------------------------------------------------------------------------


def _text(value: object, field: str, *, longest: int = _LONGEST_NAME) -> str:
    if (
        not isinstance(value, str)
        or not value.strip()
        or len(value) > longest
        or any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in value)
    ):
        raise InvalidInput.of(
            field,
            "text",
            f"应为不超过{longest}字的文本，不含控制字符",
            f"must be a text of at most {longest} characters without control characters",
        )
    return value.strip()


def _date(value: object, field: str) -> datetime.date:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            pass
    raise InvalidInput.of(
        field, "date", "应为日期，例如 2026-10-01", "must be a date such as 2026-10-01"
    )


def _list(value: object, field: str) -> list[object]:
    if not isinstance(value, list):
        raise InvalidInput.of(field, "list", "应为列表", "must be a list")
    return cast("list[object]", value)


def _mapping(value: object, field: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InvalidInput.of(field, "table", "应为对象（表）", "must be a table of named fields")
    return cast("dict[str, object]", value)


def _dates(value: object, field: str) -> Iterator[datetime.date]:
    """The days of a list whose members are dates or ``first/last`` intervals (ISO 8601)."""
    for index, entry in enumerate(_list(value, field)):
        place = f"{field}[{index}]"
        if isinstance(entry, str) and "/" in entry:
            start, _, end = entry.partition("/")
            day, last = _date(start, place), _date(end, place)
            if not 0 <= (last - day).days < _LONGEST_RANGE:
                raise InvalidInput.of(
                    place,
                    "interval",
                    f"起止日期应先后有序，且不超过{_LONGEST_RANGE}天",
                    f"must run forwards and over at most {_LONGEST_RANGE} days",
                )
            while day <= last:
                yield day
                day += _ONE_DAY
        else:
            yield _date(entry, place)


def _days(table: Mapping[str, object], name: str, field: str) -> tuple[datetime.date, ...]:
    return tuple(sorted(_dates(table.get(name, []), f"{field}.{name}")))


def _refuse_unknown(table: Mapping[str, object], known: frozenset[str], field: str) -> None:
    for name in table:
        if name not in known:
            raise InvalidInput.of(
                field,
                "unknown_field",
                f"只接受这些字段：{'、'.join(sorted(known))}",
                f"takes these fields only: {', '.join(sorted(known))}",
            )


_HOLIDAY_FIELDS = frozenset({"name", "off", "work", "granted"})
_NOTICE_FIELDS = frozenset(
    {"number", "issued", "year", "holidays", "supersedes", "invented", "source"}
)


def _holidays(value: object) -> tuple[Holiday, ...]:
    holidays: list[Holiday] = []
    for index, entry in enumerate(_list(value, "holidays")):
        place = f"holidays[{index}]"
        table = _mapping(entry, place)
        _refuse_unknown(table, _HOLIDAY_FIELDS, place)
        holidays.append(
            Holiday(
                name=_text(table.get("name"), f"{place}.name"),
                off=_days(table, "off", place),
                work=_days(table, "work", place),
                granted=_days(table, "granted", place),
            )
        )
    return tuple(holidays)


def _holiday_cn_days(value: object) -> tuple[Holiday, ...]:
    """The ``days`` of the public holiday-cn shape: one ``{name, date, isOffDay}`` for each day."""
    off: dict[str, list[datetime.date]] = {}
    work: dict[str, list[datetime.date]] = {}
    for index, entry in enumerate(_list(value, "days")):
        place = f"days[{index}]"
        table = _mapping(entry, place)
        name = _text(table.get("name"), f"{place}.name")
        is_off = table.get("isOffDay")
        if not isinstance(is_off, bool):
            raise InvalidInput.of(
                f"{place}.isOffDay", "boolean", "应为 true 或 false", "must be true or false"
            )
        off.setdefault(name, [])
        (off[name] if is_off else work.setdefault(name, [])).append(
            _date(table.get("date"), f"{place}.date")
        )
    return tuple(
        Holiday(name=name, off=tuple(sorted(days)), work=tuple(sorted(work.get(name, []))))
        for name, days in off.items()
    )


def _notice(
    table: Mapping[str, object], number: str | None, issued: datetime.date | None
) -> Notice:
    """The notice in ``table``. Its fields are read, but whether it is a possible notice is not checked."""
    number = number if number is not None else cast("str | None", table.get("number"))
    date = issued if issued is not None else table.get("issued")
    if number is None or date is None:
        raise InvalidInput.of(
            "number" if number is None else "issued",
            "notice_number",
            "缺少；没有发文字号和成文日期的数据不可信",
            "is missing: data without the notice's own number and date is not to be trusted",
            remedy=Remedy(
                zh="补上国务院办公厅通知的发文字号（number）和成文日期（issued）",
                en="add the notice's document number (`number`) and its date (`issued`)",
            ),
        )
    year = table.get("year")
    if not isinstance(year, int) or isinstance(year, bool):
        raise InvalidInput.of("year", "year", "应为年份，例如 2027", "must be a year such as 2027")
    if "days" in table:
        holidays = _holiday_cn_days(table["days"])
        papers = _list(table.get("papers", []), "papers")
        source = table.get("source", papers[0] if papers else None)
    else:
        _refuse_unknown(table, _NOTICE_FIELDS, "notice")
        holidays = _holidays(table.get("holidays"))
        source = table.get("source")
    invented = table.get("invented", False)
    if not isinstance(invented, bool):
        raise InvalidInput.of("invented", "boolean", "应为 true 或 false", "must be true or false")
    return Notice(
        number=_text(number, "number").translate(_BRACKETS),
        issued=_date(date, "issued"),
        year=year,
        holidays=holidays,
        supersedes=tuple(
            _text(entry, f"supersedes[{index}]").translate(_BRACKETS)
            for index, entry in enumerate(_list(table.get("supersedes", []), "supersedes"))
        ),
        invented=invented,
        source=None if source is None else _text(source, "source", longest=500),
    )


def parse_notice(
    data: Mapping[str, Any], *, number: str | None = None, issued: datetime.date | None = None
) -> Notice:
    """The notice in ``data``, which was read from TOML or JSON, checked by itself.

    ``data`` has one of two shapes:

    - this library's own: ``number, issued, year, holidays[{name, off, work?, granted?}], supersedes?,
      invented?, source?``, where days are dates or ``first/last`` intervals;
    - that of the public holiday-cn data: ``year, papers, days[{name, date, isOffDay}]``. It has neither
      number nor date of issue. Give them as ``number`` and ``issued``, or as fields of these names.

    Raises `InvalidInput` with every problem that was found.
    """
    notice = _notice(_mapping(data, "notice"), number, issued)
    found = problems(notice)
    if found:
        raise InvalidInput(found)
    return notice


def read_notice(
    path: str | Path, *, number: str | None = None, issued: datetime.date | None = None
) -> Notice:
    """The notice in the file ``path``: TOML where its name ends in ``.toml``, otherwise JSON (UTF-8).

    ``number`` and ``issued`` as in `parse_notice`. Raises `InvalidInput` where the content can't be used,
    and `OSError` where the file can't be read.
    """
    import tomllib  # noqa: PLC0415 - counting days must not pay for it

    file = Path(path)
    content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig")
        data: object = tomllib.loads(text) if file.suffix.lower() == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput.of(
            "file",
            "notice_file",
            "不是可读的 TOML 或 JSON（UTF-8）",
            "is not readable TOML or JSON in UTF-8",
        ) from error
    return parse_notice(cast("Mapping[str, Any]", data), number=number, issued=issued)


@cache
def packaged_notices() -> tuple[Notice, ...]:
    """The notices that come with the library, from that for 2007 on, in order of issue."""
    file = resources.files("onsite_workflow").joinpath("data", "state_council_notices.json")
    data = json.loads(file.read_text(encoding="utf-8"))
    return tuple(_notice(table, None, None) for table in data["notices"])
