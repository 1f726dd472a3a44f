"""What a person or a spreadsheet writes in a cell, and what is made of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from onsite_workflow import SHANGHAI, annex_a
from onsite_workflow.audit import FIELDS, parse_mapping
from onsite_workflow.audit._cells import Cells, Moment, Unreadable

MAPPING = """
[file]
date_formats = ["%d.%m.%Y %H:%M"]
blank = ["待补"]
[columns]
case = "案号"
[units]
"残联" = "云溪区残疾人联合会"
[items]
"残疾证换证" = "A.5.2"
[words.reply]
"可以" = "accept"
"""
CELLS = Cells(parse_mapping(MAPPING), annex_a())


def read(name: str, *raws: Any) -> Any:
    return CELLS.read(FIELDS[name], raws)


def at(text: str) -> Moment:
    return Moment.at(dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))


def native(*parts: int) -> dt.datetime:
    """A date as a spreadsheet hands it over: without an offset."""
    return dt.datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


def on(text: str) -> Moment:
    return Moment.on(dt.date.fromisoformat(text))


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02 09:05",
        "2026-3-2 9:05",
        "2026/3/2 9:05",
        "2026/03/02 09:05:00",
        "2026.3.2 9:05",
        "2026年3月2日9时5分",
        "2026年3月2日 9:05",
        "2026年3月2日上午9点5分",
        "2026-03-02T09:05:00+08:00",
        "2026-03-02T01:05:00Z",
        "２０２６－０３－０２　０９：０５",
        "20260302 09:05",
        "2026-03-02（周一）09:05",
        "2026-03-02 09:05-10:30",
        "2026-03-02 09:05至10:30",
        "02.03.2026 09:05",
        "46083.378472222",
        46083.378472222,
        native(2026, 3, 2, 9, 5),
        native(2026, 3, 2, 9, 4, 59, 999_990),
    ],
)
def test_a_time(text: Any) -> None:
    assert read("replied_at", text) == at("2026-03-02 09:05")


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02",
        "2026/3/2",
        "2026年3月2日",
        "2026年3月2号",
        "20260302",
        20260302,
        "46083",
        46083,
        46083.0,
        "2026-03-02 00:00:00",
        "2026-03-02 星期一",
        "2026年3月2日上午",
        "2026-03-02 24:00",
        native(2026, 3, 2),
        dt.date(2026, 3, 2),
    ],
)
def test_a_day_without_its_time(text: Any) -> None:
    assert read("replied_at", text) == on("2026-03-02")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02 下午3:05", "2026-03-02 15:05"),
        ("2026-03-02 下午3点半", "2026-03-02 15:30"),
        ("2026-03-02 3:05 PM", "2026-03-02 15:05"),
        ("2026年3月2日中午12时", "2026-03-02 12:00"),
        ("2026-03-02 12:10 AM", "2026-03-02 00:10"),
    ],
)
def test_a_time_of_the_half_day(text: str, expected: str) -> None:
    assert read("replied_at", text) == at(expected)


@pytest.mark.parametrize(
    ("date", "clock", "expected"),
    [
        ("2026-03-02", "9:05", at("2026-03-02 09:05")),
        ("2026年3月2日", "上午9点5分", at("2026-03-02 09:05")),
        (native(2026, 3, 2), dt.time(9, 5), at("2026-03-02 09:05")),
        (46083, 0.378472222, at("2026-03-02 09:05")),
        ("2026-03-02", "9:05-10:30", at("2026-03-02 09:05")),
        ("2026-03-02", "", on("2026-03-02")),
        ("2026-03-02", None, on("2026-03-02")),
        ("", "9:05", None),
        (None, None, None),
    ],
)
def test_date_and_time_of_day_in_two_columns(date: Any, clock: Any, expected: Any) -> None:
    assert read("arrived_at", date, clock) == expected


@pytest.mark.parametrize(
    "text",
    ["3月2日", "2026-02-30", "2026-13-01", "昨天", "2026-03-02 25:00", "9999", "1e9", "2026-03", "#REF!", "####", "2026-03-02 09:05 左右再说", -5, float("nan"), float("inf"), True + 1, "0026-03-02"],
)  # fmt: skip
def test_what_is_no_time_is_said_so(text: Any) -> None:
    assert isinstance(read("replied_at", text), Unreadable)


@pytest.mark.parametrize(
    "text", ["", "  ", "-", "—", "/", "N/A", "无", "待补", "　", "\ufeff", None]
)
def test_a_blank(text: Any) -> None:
    assert read("replied_at", text) is None
    assert read("alternatives", text) is None


def test_a_step_that_is_only_ticked_off() -> None:
    assert read("archived_at", "是").unknown
    assert read("archived_at", "√").unknown
    assert read("archived_at", "否") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("同意", "accept"),
        ("不 同 意", "decline"),
        ("可以", "accept"),
        ("是", "accept"),
        (True, "accept"),
    ],
)
def test_a_reply(text: Any, expected: str) -> None:
    assert read("reply", text) == expected


def test_a_word_that_the_mapping_does_not_have() -> None:
    assert isinstance(read("reply", "研究研究"), Unreadable)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("残联", ("云溪区残疾人联合会",)),
        ("残联、民政局", ("云溪区残疾人联合会", "民政局")),
        ("民政局；医保局", ("民政局", "医保局")),
        ("民政局\n医保局", ("民政局", "医保局")),
        ("民政局,民政局", ("民政局", "民政局")),
        ("无", None),
    ],
)
def test_units(text: str, expected: Any) -> None:
    assert read("unit", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A.5.2", ("A.5.2",)),
        ("残疾人证换领", ("A.5.2",)),
        ("残疾证换证", ("A.5.2",)),
        ("离休、退休提取住房公积金", ("A.6.1",)),
        ("残疾人证换领、离休、退休提取住房公积金", ("A.5.2", "A.6.1")),
        ("离休、退休提取住房公积金；残疾人证换领", ("A.6.1", "A.5.2")),
        ("社会保障卡服务(申领)", ("A.12.1",)),
        ("残疾人证换领、护照办理", ("A.5.2", "护照办理")),
    ],
)
def test_items_whose_names_hold_the_separator_too(text: str, expected: Any) -> None:
    assert read("items", text) == expected


def test_materials_that_nobody_needs_are_told_all_the_same() -> None:
    assert read("materials", "无") is False
    assert read("materials", "身份证") is True
    assert read("materials", "") is None


def test_of_what_people_wrote_only_its_presence_is_kept() -> None:
    assert read("phone", "0712-2000301") is True
    assert read("decline_reason", "本人电话13900001234") is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02 晚上12点", on("2026-03-02")),
        ("2026-03-02 晚上12点半", None),
        ("2026-03-02 晚上1点", None),
        ("2026-03-02 晚上8点", at("2026-03-02 20:00")),
        ("2026-03-02 中午12点", at("2026-03-02 12:00")),
        ("2026 年 3 月 2 日 14 时", at("2026-03-02 14:00")),
        ("2026 年 3 月 2 日 14 时 5 分", at("2026-03-02 14:05")),
        ("20260302140500", at("2026-03-02 14:05")),
        ("202603021405", at("2026-03-02 14:05")),
        ("202603022505", None),
        (20260302140500, at("2026-03-02 14:05")),
        (202603021405.0, at("2026-03-02 14:05")),
    ],
)
def test_more_ways_to_write_a_time(text: Any, expected: Moment | None) -> None:
    got = read("arrived_at", text)
    assert isinstance(got, Unreadable) if expected is None else got == expected
