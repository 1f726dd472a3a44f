"""Everything that the calendar says, in both languages, as it stands in ``words.txt``.

``python tests/calendar/words.py`` prints it anew. Read a change aloud before it is kept: the text is
what a clerk sees. All local days, and every notice after 2026's, are invented.
"""

from __future__ import annotations

import copy
import datetime
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, cast

from onsite_workflow.calendar import (
    WorkingCalendar,
    check_calendar,
    month_lines,
    parse_notice,
    read_notice,
)
from onsite_workflow.errors import InvalidInput, Violation

sys.path.insert(0, str(Path(__file__).parent))

from test_calendar_notices import AMENDMENT, INVENTED_2027, WRONG, changed, holiday, holiday_cn

DAY = datetime.date
LANGUAGES: tuple[Literal["zh", "en"], ...] = ("zh", "en")
CHINA = WorkingCalendar.china()
PARSED_2027 = parse_notice(INVENTED_2027)
WITH_2027 = CHINA.with_notice(PARSED_2027)
CENTRE = CHINA.with_local_days(
    open=[DAY(2026, 10, 4), DAY(2027, 1, 2)],
    closed=[DAY(2026, 10, 9), DAY(2027, 1, 4)],
    decided_by="孝感市政务服务中心",
    decided_on=DAY(2026, 9, 1),
)


def violation(found: Violation) -> Iterator[str]:
    facts = json.dumps(dict(found.facts), ensure_ascii=False, sort_keys=True)
    yield f"  {found.rule} {facts}"
    yield f"    {found.zh}"
    yield f"    {found.en}"
    if found.remedy is not None and found.remedy.zh != "改正这一项后重新提交。":
        yield f"    > {found.remedy.zh}"
        yield f"    > {found.remedy.en}"


def refusal(act: Callable[[], object]) -> Iterator[str]:
    try:
        act()
    except InvalidInput as error:
        for found in error.violations:
            yield from violation(found)
    else:
        raise AssertionError("was not refused")


def shown(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, default=str)


def notices() -> Iterator[str]:
    """What is wrong with a notice by itself."""
    for data, _ in WRONG:
        different = {k: v for k, v in data.items() if INVENTED_2027.get(k) != v}
        if "holidays" in different and isinstance(data["holidays"], list):
            known = INVENTED_2027["holidays"]
            different["holidays"] = [h for h in data["holidays"] if h not in known]
        yield f"notice {shown(different)}"
        yield from refusal(lambda data=data: parse_notice(data))  # type: ignore[misc]
    public = holiday_cn(PARSED_2027)
    half = copy.deepcopy(public)
    half["days"][3]["isOffDay"] = "yes"
    nameless = copy.deepcopy(public)
    del nameless["days"][0]["name"], nameless["days"][1]["date"]
    given: dict[str, Any] = {"number": PARSED_2027.number, "issued": PARSED_2027.issued}
    for name, data, also in (
        ("no number", public, {}),
        ("no date", public, {"number": PARSED_2027.number}),
        ("a day that is neither", half, given),
        ("a day without a name", nameless, given),
        ("days that are no list", {**public, "days": {}}, given),
        ("a day that is no table", {**public, "days": ["x"]}, given),
        ("papers that are no list", {**public, "papers": "x"}, given),
        ("a source that is too long", changed(source="x" * 501), {}),
        ("a name that is too long", holiday(0, name="长" * 201), {}),
        ("two days twice", holiday(0, off=["2027-01-01", "2027-01-02"] * 2), {}),
        ("two made-up weekdays", holiday(0, work=["2027-01-04", "2027-01-05"]), {}),
        ("two granted days", holiday(4, granted=["2027-06-10", "2027-06-11"]), {}),
        ("two days outside", holiday(0, off=["2026-12-19", "2026-12-20", "2028-01-01"]), {}),
        ("the first day that is the year's", holiday(0, off=["2026-12-29"]), {}),
        ("half a character", changed(source="\ud800"), {}),
        ("a month of days", holiday(0, off=["2027-01-01/2027-01-31"]), {}),
        ("a day more than a month", holiday(0, off=["2027-01-01/2027-02-01"]), {}),
        ("a table that is none", cast("dict[str, Any]", []), {}),
    ):
        yield f"notice, {name}"
        yield from refusal(lambda data=data, also=also: parse_notice(data, **also))  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "notice.toml"
        file.write_text("number =", encoding="utf-8")
        yield "notice, a file that cannot be read"
        yield from refusal(lambda: read_notice(file))


def beside_others() -> Iterator[str]:
    """What is wrong with a notice among the others."""
    twice = holiday(3, work=["2027-05-08"])
    for name, calendar, data in (
        ("a number that is taken", WITH_2027, twice),
        ("a year that is arranged", WITH_2027, {**twice, "number": "国办发明电〔2026〕100号"}),
        ("the same again", WITH_2027, changed(number="国办发明电〔2026〕100号")),
        ("another is amended", CHINA, {**AMENDMENT, "supersedes": ["国办发明电〔2024〕12号"]}),
        (
            "two of nobody's are amended",
            CHINA,
            {**AMENDMENT, "supersedes": ["国办发明电〔2025〕8号", "国办发明电〔2025〕9号"]},
        ),
        ("nobody's is amended", CHINA, {**AMENDMENT, "supersedes": ["国办发明电〔2025〕8号"]}),
        (
            "before what it amends",
            CHINA,
            {**AMENDMENT, "number": "国办发明电〔2025〕3号", "issued": "2025-09-01"},
        ),
        (
            "a day too many",
            CHINA,
            {**AMENDMENT, "holidays": [{"name": "国庆节", "off": ["2026-10-10"]}]},
        ),
    ):
        notice = parse_notice(data)
        yield f"with_notice, {name}"
        yield from refusal(lambda c=calendar, n=notice: c.with_notice(n))  # type: ignore[misc]
    years = [CHINA.notices[0], CHINA.notices[-1]]
    early = WorkingCalendar(CHINA.notices[:1])
    yield "with_notice, a year is left out"
    yield from refusal(lambda: early.with_notice(CHINA.notices[-1]))
    yield "calendar, years are left out"
    yield from refusal(lambda: WorkingCalendar(years))
    yield "calendar, without a notice"
    yield from refusal(lambda: WorkingCalendar([]))


def questions() -> Iterator[str]:
    """What a calendar can't be asked."""
    first, last = CHINA.first_day, DAY(2200, 12, 31)
    asked: dict[str, Callable[[], object]] = {
        "before the first day": lambda: CHINA.is_working_day(first - datetime.timedelta(days=1)),
        "back before the first day": lambda: CHINA.add_working_days(first, -5),
        "back from far before": lambda: CHINA.add_working_days(DAY(2027, 3, 1), -9_000),
        "after the last day": lambda: CHINA.is_working_day(last + datetime.timedelta(days=1)),
        "on beyond the last day": lambda: CHINA.add_working_days(DAY(2200, 12, 1), 60),
        "a moment": lambda: CHINA.is_working_day(
            datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
        ),
        "no day": lambda: CHINA.count_working_days(DAY(2026, 1, 1), "2026-01-02"),  # type: ignore[arg-type]
        "no whole number": lambda: CHINA.add_working_days(DAY(2026, 1, 1), 1.5),  # type: ignore[arg-type]
        "no month": lambda: CHINA.month(2026, 13),
        "no year": lambda: CHINA.month(2201, 1),
        "a year too early": lambda: CHINA.month(2006, 12),
        "differences from too early": lambda: CHINA.differences(CHINA, DAY(2006, 1, 1), first),
        "differences up to too late": lambda: CHINA.differences(CHINA, first, DAY(2201, 1, 1)),
        "differences from a moment": lambda: WITH_2027.differences(CHINA, "x", first),  # type: ignore[arg-type]
        "differences to no day": lambda: WITH_2027.differences(CHINA, first, "x"),  # type: ignore[arg-type]
        "before the first notice": lambda: CHINA.as_known_on(DAY(2006, 1, 1)),
        "as known at a moment": lambda: CHINA.as_known_on(
            datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
        ),
        "local days of nobody": lambda: CENTRE.with_local_days(
            open=[DAY(2026, 10, 5)], decided_by=" ", decided_on=DAY(2026, 9, 1)
        ),
        "local days both ways": lambda: CENTRE.with_local_days(
            open=[DAY(2026, 10, 6), DAY(2026, 10, 5)],
            closed=[DAY(2026, 10, 5)],
            decided_by="中心",
            decided_on=DAY(2026, 9, 1),
        ),
        "local days too early": lambda: CENTRE.with_local_days(
            closed=[DAY(2026, 10, 5), DAY(2000, 1, 1)],
            decided_by="中心",
            decided_on=DAY(2026, 9, 1),
        ),
        "local days decided at no day": lambda: CENTRE.with_local_days(
            closed=[],
            decided_by="中心",
            decided_on="2026-09-01",  # type: ignore[arg-type]
        ),
    }
    for name, ask in asked.items():
        yield f"question, {name}"
        yield from refusal(ask)


def checks() -> Iterator[str]:
    """The state of a calendar."""
    missed = WorkingCalendar(n for n in CHINA.notices if n.number != "国办发明电〔2019〕3号")
    many = WorkingCalendar(n for n in CHINA.notices if n.number != "国办发明电〔2020〕1号")
    behind = CHINA.as_known_on(DAY(2025, 6, 1))
    for name, calendar, today in (
        ("in October", CHINA, DAY(2026, 10, 31)),
        ("in November", CHINA, DAY(2026, 11, 1)),
        ("too late", CHINA, DAY(2026, 12, 29)),
        ("with an amendment missed", missed, DAY(2026, 10, 1)),
        ("with a longer one missed", many, DAY(2026, 10, 1)),
        ("behind the package", behind, DAY(2025, 6, 1)),
        (
            "with an invented amendment",
            CHINA.with_notice(parse_notice(AMENDMENT)),
            DAY(2026, 10, 1),
        ),
    ):
        told = check_calendar(calendar, today)
        yield f"check {name}: {told.today}, {told.confirmed_through}, {told.revision}"
        for source in told.sources:
            package = "Python" in source.en
            reach = "" if package else f" {source.version} {source.reaches}"
            yield f"  {source.zh} / {source.en}{reach}"
        for found in told.findings:
            yield from violation(found)


def days() -> Iterator[str]:
    """Days, terms and months."""
    explained: Iterable[tuple[WorkingCalendar, datetime.date, int]] = (
        (CENTRE, DAY(2026, 9, 24), 9),
        (CENTRE, DAY(2026, 12, 30), 4),
        (CHINA, DAY(2020, 1, 23), 3),
        (CHINA, DAY(2020, 9, 30), 1),
        (CHINA, DAY(2015, 9, 7), -4),
        (CHINA, DAY(2027, 2, 12), -6),
        (CHINA, DAY(2026, 9, 30), 0),
        (CHINA, DAY(2027, 9, 20), 8),
        (WITH_2027, DAY(2027, 6, 8), 2),
    )
    for calendar, start, n in explained:
        for language in LANGUAGES:
            yield f"explain {start} {n} {language}"
            yield from (f"  {line}" for line in calendar.explain(start, n).lines(language))
    for calendar, year, month in (
        (CENTRE, 2026, 10),
        (CHINA, 2026, 12),
        (CHINA, 2027, 2),
        (CHINA, 2020, 2),
        (CENTRE, 2027, 1),
    ):
        for language in LANGUAGES:
            yield f"month {year}-{month} {language}"
            yield from (f"  {line}" for line in month_lines(calendar.month(year, month), language))
    yield "differences"
    for found in WITH_2027.differences(CHINA, DAY(2027, 1, 1), DAY(2027, 12, 31)):
        before, after = (
            f"{day.kind.value} {day.occasion} {day.notice} {day.provisional} {day.may_differ}"
            for day in (found.before, found.after)
        )
        yield f"  {found.after.date}: {before} -> {after}"


def words() -> Iterator[str]:
    for part in (notices, beside_others, questions, checks, days):
        yield f"# {part.__doc__}"
        yield from part()


if __name__ == "__main__":
    sys.stdout.write("".join(f"{line}\n" for line in words()))
