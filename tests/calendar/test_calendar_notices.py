"""A new notice: read, checked, added, and what it moves."""

from __future__ import annotations

import copy
import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from oracles import CHINA

from onsite_workflow.calendar import (
    Notice,
    WorkingCalendar,
    check_calendar,
    parse_notice,
    read_notice,
)
from onsite_workflow.calendar._notices import problems
from onsite_workflow.errors import InvalidInput

DAY = datetime.date

# Nobody issued this one: it is invented for the tests, and says so.
INVENTED_2027: dict[str, Any] = {
    "number": "国办发明电〔2026〕99号",
    "issued": "2026-11-09",
    "year": 2027,
    "invented": True,
    "holidays": [
        {"name": "元旦", "off": ["2027-01-01/2027-01-03"]},
        {"name": "春节", "off": ["2027-02-05/2027-02-12"], "work": ["2027-01-31", "2027-02-14"]},
        {"name": "清明节", "off": ["2027-04-03/2027-04-05"]},
        {"name": "劳动节", "off": ["2027-05-01/2027-05-05"], "work": ["2027-04-25"]},
        {"name": "端午节", "off": ["2027-06-09"]},
        {"name": "中秋节", "off": ["2027-09-15"]},
        {"name": "国庆节", "off": ["2027-10-01/2027-10-07"], "work": ["2027-09-26", "2027-10-09"]},
    ],
}
TOML_2027 = """
number = "国办发明电〔2026〕99号"
issued = 2026-11-09
year = 2027
invented = true

[[holidays]]
name = "元旦"
off = ["2027-01-01/2027-01-03"]

[[holidays]]
name = "春节"
off = ["2027-02-05/2027-02-12"]
work = [2027-01-31, 2027-02-14]

[[holidays]]
name = "清明节"
off = ["2027-04-03/2027-04-05"]

[[holidays]]
name = "劳动节"
off = ["2027-05-01/2027-05-05"]
work = [2027-04-25]

[[holidays]]
name = "端午节"
off = [2027-06-09]

[[holidays]]
name = "中秋节"
off = [2027-09-15]

[[holidays]]
name = "国庆节"
off = ["2027-10-01/2027-10-07"]
work = [2027-09-26, 2027-10-09]
"""


def changed(**fields: Any) -> dict[str, Any]:
    data = copy.deepcopy(INVENTED_2027)
    data.update(fields)
    return data


def holiday(index: int, **fields: Any) -> dict[str, Any]:
    data = copy.deepcopy(INVENTED_2027)
    data["holidays"][index].update(fields)
    return data


def holiday_cn(notice: Notice) -> dict[str, Any]:
    """The same notice in the public holiday-cn shape, which has no number and no date of issue."""
    return {
        "$schema": "schema.json",
        "$id": "2027.json",
        "year": notice.year,
        "papers": ["https://www.gov.cn/zhengce/invented.htm"],
        "days": [
            {"name": held.name, "date": day.isoformat(), "isOffDay": not working}
            for day, (working, held) in sorted(notice.days().items())
        ],
    }


def rules(data: dict[str, Any], **given: Any) -> set[tuple[str, str]]:
    """The field and rule of everything that is wrong with a notice."""
    with pytest.raises(InvalidInput) as caught:
        parse_notice(data, **given)
    for violation in caught.value.violations:
        assert violation.zh.startswith(violation.facts["field"])
        assert violation.en.startswith(violation.facts["field"])
    return {(violation.facts["field"], violation.rule) for violation in caught.value.violations}


def refused(calendar: WorkingCalendar, notice: Notice) -> set[str]:
    with pytest.raises(InvalidInput) as caught:
        calendar.with_notice(notice)
    return {violation.rule for violation in caught.value.violations}


# ---- reading ------------------------------------------------------------------------------------


def test_toml_json_and_holiday_cn_say_the_same(tmp_path: Path) -> None:
    toml, own, public = (tmp_path / name for name in ("n.toml", "n.json", "cn.json"))
    toml.write_text(TOML_2027, encoding="utf-8")
    own.write_text(json.dumps(INVENTED_2027, ensure_ascii=False), encoding="utf-8")
    notice = read_notice(toml)
    public.write_text(json.dumps(holiday_cn(notice)), encoding="utf-8-sig")
    assert read_notice(own) == notice
    other = read_notice(public, number=notice.number, issued=notice.issued)
    assert other.holidays == notice.holidays
    assert other.source == "https://www.gov.cn/zhengce/invented.htm"
    assert not other.invented


def test_days_worked_may_have_a_name_of_their_own_in_holiday_cn() -> None:
    notice = parse_notice(INVENTED_2027)
    public = holiday_cn(notice)
    for day in public["days"]:
        if not day["isOffDay"]:
            day["name"] += "调休"
    del public["papers"]
    read = parse_notice(public, number=notice.number, issued=notice.issued)
    assert read.source is None
    worked = {day for held in read.holidays for day in held.work}
    assert worked == {day for held in notice.holidays for day in held.work}


def test_a_notice_goes_through_its_own_shape_and_back() -> None:
    for notice in (*CHINA.notices, parse_notice(INVENTED_2027)):
        assert parse_notice(json.loads(json.dumps(notice.to_mapping()))) == notice


def test_every_packaged_notice_passes_its_own_check() -> None:
    notices = WorkingCalendar.china().notices
    assert {notice.number: problems(notice) for notice in notices if problems(notice)} == {}


def test_the_packaged_calendar_can_be_built_notice_by_notice() -> None:
    calendar = WorkingCalendar(CHINA.notices[:1])
    for notice in CHINA.notices[1:]:
        calendar = calendar.with_notice(notice)
    assert calendar == CHINA


def test_brackets_of_a_number_may_be_typed_as_they_come() -> None:
    assert parse_notice(changed(number="国办发明电[2026]99号")).number == "国办发明电〔2026〕99号"
    assert parse_notice(changed(number="国办发明电（2026）99号")).number == "国办发明电〔2026〕99号"


def test_a_notice_is_a_table(tmp_path: Path) -> None:
    file = tmp_path / "notice.json"
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_notice(file)
    assert caught.value.violations[0].rule == "table"


@pytest.mark.parametrize("text", ["[", "number = ", '{"number": 1', "[" * 100_000])
@pytest.mark.parametrize("suffix", [".toml", ".json"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, text: str, suffix: str) -> None:
    file = tmp_path / f"notice{suffix}"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_notice(file)
    assert caught.value.violations[0].rule == "notice_file"


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notice.toml"
    file.write_bytes(TOML_2027.encode("gb18030"))
    with pytest.raises(InvalidInput):
        read_notice(file)


# ---- what is wrong with a notice ----------------------------------------------------------------


def test_data_without_number_or_date_is_not_trusted() -> None:
    public = holiday_cn(parse_notice(INVENTED_2027))
    assert rules(public) == {("number", "notice_number")}
    assert rules(public, number="国办发明电〔2026〕99号") == {("issued", "notice_number")}
    without = {name: value for name, value in INVENTED_2027.items() if name != "number"}
    assert rules(without) == {("number", "notice_number")}


def test_a_day_of_holiday_cn_is_off_or_not() -> None:
    public = holiday_cn(parse_notice(INVENTED_2027))
    public["days"][3]["isOffDay"] = "yes"
    given = {"number": "国办发明电〔2026〕99号", "issued": DAY(2026, 11, 9)}
    assert rules(public, **given) == {("days[3].isOffDay", "boolean")}


# What is wrong, and the field and rule that say so.
WRONG: list[tuple[dict[str, Any], tuple[str, str]]] = [
    (changed(number="2026-99"), ("number", "notice_number")),
    (changed(number=99), ("number", "text")),
    (changed(number="国办发明电〔2025〕99号"), ("issued", "notice_number")),
    (changed(issued="2026-13-01"), ("issued", "date")),
    (changed(issued="20261109"), ("issued", "date")),
    (changed(issued=datetime.datetime(2026, 11, 9)), ("issued", "date")),  # noqa: DTZ001
    (changed(number="国办发明电〔2025〕9号", issued="2025-11-09"), ("issued", "issued")),
    (changed(number="国办发明电〔2027〕9号", issued="2027-12-01"), ("issued", "issued")),
    (changed(year="2027"), ("year", "year")),
    (changed(year=True), ("year", "year")),
    (changed(year=2006), ("year", "calendar_range")),
    (changed(year=2200), ("year", "calendar_range")),
    (changed(year=2028), ("holidays", "day_outside_year")),
    (changed(holidays=[]), ("holidays", "no_days")),
    (changed(holidays={}), ("holidays", "list")),
    (changed(holidays=["元旦"]), ("holidays[0]", "table")),
    (changed(holidays=[{"off": []}]), ("holidays[0].name", "text")),
    (changed(invented="yes"), ("invented", "boolean")),
    (changed(author="somebody"), ("notice", "unknown_field")),
    (changed(supersedes="〔2025〕7"), ("supersedes", "list")),
    (holiday(0, rest=[]), ("holidays[0]", "unknown_field")),
    (holiday(0, name="元\u202e旦"), ("holidays[0].name", "text")),
    (holiday(0, off=["2027-01-03/2027-01-01"]), ("holidays[0].off[0]", "interval")),
    (holiday(0, off=["2027-01-01/2027-03-01"]), ("holidays[0].off[0]", "interval")),
    (holiday(0, off=["2027-01-01", "2027-02-30"]), ("holidays[0].off[1]", "date")),
    (holiday(0, off="2027-01-01"), ("holidays[0].off", "list")),
    (holiday(0, off=["2027-01-01", "2027-01-01"]), ("holidays", "day_twice")),
    (holiday(0, work=["2027-01-02"]), ("holidays", "day_twice")),
    (holiday(0, work=["2027-01-04"]), ("holidays", "made_up_weekday")),
    (holiday(0, work=["2027-01-09"]), ("holidays", "statutory_count")),
    (holiday(4, off=["2027-06-09/2027-06-10"]), ("holidays", "statutory_count")),
    (holiday(4, off=["2027-06-10"]), ("holidays", "statutory_days")),
    (holiday(3, off=["2027-05-03/2027-05-05"], work=["2027-05-02"]),
     ("holidays", "statutory_days")),
    (holiday(4, granted=["2027-06-10"]), ("holidays", "granted")),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), WRONG)
def test_what_is_wrong_is_named(data: dict[str, Any], expected: tuple[str, str]) -> None:
    assert expected in rules(data)


def test_everything_that_is_wrong_is_named_at_once() -> None:
    data = holiday(4, off=["2027-06-10", "2026-06-10"], granted=["2027-06-11"])
    data["number"] = "99号"
    assert rules(data) == {
        ("number", "notice_number"),
        ("holidays", "day_outside_year"),
        ("holidays", "granted"),
    }


def test_a_day_granted_beyond_the_law_is_told_apart() -> None:
    data = holiday(4, off=["2027-06-09/2027-06-10"], granted=["2027-06-10"])
    calendar = CHINA.with_notice(parse_notice(data))
    kinds = [calendar.day(DAY(2027, 6, day)).kind.value for day in (9, 10, 11)]
    assert kinds == ["statutory", "granted_off", "workday"]


# ---- adding a notice ----------------------------------------------------------------------------


def test_an_invented_notice_for_2027_makes_its_dates_confirmed() -> None:
    start = DAY(2027, 2, 1)
    before = CHINA.add_working_days(start, 10)
    assert before.provisional
    calendar = CHINA.with_notice(parse_notice(INVENTED_2027))
    after = calendar.add_working_days(start, 10)
    assert not after.provisional
    assert before.earliest <= after.date <= before.latest
    assert calendar.confirmed_through == DAY(2027, 12, 28)
    assert calendar.revision != CHINA.revision
    assert "invented" in calendar.explain(start, 10).lines("en")[1]
    assert "虚构" in calendar.explain(start, 10).lines("zh")[1]


def test_what_a_notice_moved_is_told_with_its_number() -> None:
    calendar = CHINA.with_notice(parse_notice(INVENTED_2027))
    start = DAY(2027, 2, 4)
    old, new = CHINA.add_working_days(start, 3), calendar.add_working_days(start, 3)
    assert (str(old.date), str(new.date)) == ("2027-02-16", "2027-02-16")
    old, new = CHINA.add_working_days(start, 1), calendar.add_working_days(start, 1)
    assert (str(old.date), str(new.date)) == ("2027-02-13", "2027-02-14")
    moved = calendar.differences(CHINA, start, max(old.date, new.date))
    told = [(str(d.after.date), d.before.working, d.after.working, d.after.notice) for d in moved]
    number = "国办发明电〔2026〕99号（虚构 invented）"
    assert told == [("2027-02-13", True, False, number), ("2027-02-14", False, True, number)]
    assert calendar.notice_for(DAY(2027, 2, 14)) == parse_notice(INVENTED_2027)
    assert CHINA.notice_for(DAY(2027, 2, 14)) is None
    assert calendar.differences(CHINA, DAY(2026, 1, 1), DAY(2026, 12, 31)) == ()


def test_a_notice_that_is_here_changes_nothing() -> None:
    assert CHINA.with_notice(CHINA.notices[-1]) is CHINA
    calendar = CHINA.with_notice(parse_notice(INVENTED_2027))
    # The same days told without the weekends that are off anyway.
    shorter = parse_notice(holiday(0, off=["2027-01-01"]))
    assert calendar.with_notice(shorter) is calendar


def test_a_number_is_not_taken_twice() -> None:
    calendar = CHINA.with_notice(parse_notice(INVENTED_2027))
    other = parse_notice(holiday(3, work=["2027-05-08"]))
    assert "number_taken" in refused(calendar, other)


def test_a_year_is_not_arranged_twice_without_superseding() -> None:
    calendar = CHINA.with_notice(parse_notice(INVENTED_2027))
    data = holiday(3, work=["2027-05-08"])
    data["number"] = "国办发明电〔2026〕100号"
    assert refused(calendar, parse_notice(data)) == {"overlap"}
    # Not even where it says the very same.
    assert refused(calendar, parse_notice(changed(number="国办发明电〔2026〕100号"))) == {"overlap"}


def test_no_year_is_left_out() -> None:
    data = {
        "number": "国办发明电〔2027〕9号",
        "issued": "2027-11-09",
        "year": 2028,
        "holidays": [
            {"name": "元旦", "off": ["2028-01-01", "2028-01-03"]},
            {
                "name": "春节",
                "off": ["2028-01-25/2028-02-01"],
                "work": ["2028-01-23", "2028-02-05"],
            },
            {"name": "清明节", "off": ["2028-04-04"]},
            {"name": "劳动节", "off": ["2028-05-01/2028-05-03"], "work": ["2028-05-06"]},
            {"name": "端午节", "off": ["2028-05-28/2028-05-29"]},
            {"name": "国庆节、中秋节", "off": ["2028-10-01/2028-10-08"], "work": ["2028-09-30"]},
        ],
    }
    notice = parse_notice(data)
    with pytest.raises(InvalidInput, match="needs the notice for 2027 first"):
        CHINA.with_notice(notice)
    with pytest.raises(InvalidInput):
        WorkingCalendar([*CHINA.notices, notice])
    both = CHINA.with_notice(parse_notice(INVENTED_2027)).with_notice(notice)
    assert both.confirmed_through == DAY(2028, 12, 28)


def test_a_notice_reaches_into_december_only_where_nothing_is_settled() -> None:
    # 30 and 31 December are open; 26 December (a Saturday) is settled by the notice for 2026.
    december = holiday(0, off=["2026-12-31/2027-01-03"], work=["2026-12-26"])
    assert refused(CHINA, parse_notice(december)) == {"overlap"}
    data = holiday(0, off=["2026-12-31/2027-01-03"], work=["2027-01-09"])
    calendar = CHINA.with_notice(parse_notice(data))
    assert not calendar.is_working_day(DAY(2026, 12, 31))
    assert CHINA.is_working_day(DAY(2026, 12, 31))


AMENDMENT: dict[str, Any] = {
    "number": "国办发明电〔2026〕3号",
    "issued": "2026-09-01",
    "year": 2026,
    "supersedes": ["国办发明电〔2025〕7号"],
    "invented": True,
    "holidays": [{"name": "国庆节", "off": ["2026-10-10"], "work": ["2026-10-11"]}],
}


@pytest.mark.parametrize("written", ["国办发明电[2025]7号", "国办发明电（2025）7号"])
def test_brackets_are_read_as_a_notice_is_numbered_also_where_it_is_superseded(
    written: str,
) -> None:
    read = parse_notice({**AMENDMENT, "supersedes": [written]})
    assert read.supersedes == ("国办发明电〔2025〕7号",)


def test_an_amendment_supersedes_what_came_before_on_its_days() -> None:
    calendar = CHINA.with_notice(parse_notice(AMENDMENT))
    assert not calendar.is_working_day(DAY(2026, 10, 10))
    assert calendar.is_working_day(DAY(2026, 10, 11))
    assert calendar.is_working_day(DAY(2026, 9, 20)), "other days of the notice still hold"
    assert calendar.as_known_on(DAY(2026, 8, 31)) == CHINA
    governing = calendar.notice_for(DAY(2026, 10, 10))
    assert governing is not None
    assert governing.number == "国办发明电〔2026〕3号"
    regular = calendar.notice_for(DAY(2026, 10, 9))
    assert regular is not None
    assert regular.number == "国办发明电〔2025〕7号"


def test_an_amendment_of_this_year_does_not_hide_the_next_years_notice() -> None:
    late = {
        **AMENDMENT,
        "number": "国办发明电〔2026〕101号",
        "issued": "2026-11-20",
        "holidays": [{"name": "国庆节", "off": ["2026-12-24"], "work": ["2026-12-27"]}],
    }
    calendar = CHINA.with_notice(parse_notice(INVENTED_2027)).with_notice(parse_notice(late))
    assert calendar.notices[-1].year == 2026
    rules = {finding.rule for finding in check_calendar(calendar, DAY(2026, 12, 1)).findings}
    assert rules.isdisjoint({"next_year_missing", "source_ahead", "out_of_date"})


def test_days_that_several_notices_of_a_year_granted_all_count() -> None:
    calendar = CHINA
    for number, day in ((3, "2026-10-12"), (4, "2026-10-13")):
        grant = {"name": "国庆节", "off": [day], "granted": [day]}
        given = {**AMENDMENT, "number": f"国办发明电〔2026〕{number}号", "holidays": [grant]}
        calendar = calendar.with_notice(parse_notice(given))
    assert not any(calendar.is_working_day(DAY(2026, 10, day)) for day in (12, 13))


def test_an_amendment_must_name_what_it_changes_and_keep_the_sum() -> None:
    other = parse_notice({**AMENDMENT, "supersedes": ["国办发明电〔2024〕12号"]})
    assert "overlap" in refused(CHINA, other)
    unknown = parse_notice({**AMENDMENT, "supersedes": ["国办发明电〔2025〕8号"]})
    assert "supersedes_unknown" in refused(CHINA, unknown)
    early = {**AMENDMENT, "number": "国办发明电〔2025〕3号", "issued": "2025-09-01"}
    assert refused(CHINA, parse_notice(early)) == {"issued"}
    grant = {**AMENDMENT, "holidays": [{"name": "国庆节", "off": ["2026-10-10"]}]}
    assert refused(CHINA, parse_notice(grant)) == {"statutory_count"}
    grant["holidays"][0]["granted"] = ["2026-10-10"]
    assert not CHINA.with_notice(parse_notice(grant)).is_working_day(DAY(2026, 10, 10))


def test_an_amendment_cannot_take_a_statutory_day() -> None:
    taking = {
        **AMENDMENT,
        "holidays": [{"name": "国庆节", "off": ["2026-10-08"], "work": ["2026-10-01"]}],
    }
    assert refused(CHINA, parse_notice(taking)) == {"statutory_days"}


def test_a_notice_made_by_hand_is_checked_like_one_that_is_read() -> None:
    notice = evolve(parse_notice(INVENTED_2027), number="99号")
    assert refused(CHINA, notice) == {"notice_number"}


def test_a_calendar_needs_a_notice() -> None:
    with pytest.raises(InvalidInput):
        WorkingCalendar([])
