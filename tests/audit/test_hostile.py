"""Whatever stands in a ledger: the audit goes on, says what it could not read, and tells nobody's
name, telephone or address."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onsite_workflow import InvalidInput
from onsite_workflow.audit import audit, parse_mapping, read_ledger
from onsite_workflow.audit._cells import Cells
from onsite_workflow.audit._fields import FIELDS
from onsite_workflow.catalogue import annex_a

from .histories import (
    ACT_HEADER,
    ACT_MAPPING,
    EXPORTED,
    HEADER,
    MAPPING,
    UNIT_HEADER,
    UNIT_MAPPING,
    Row,
    clean,
    rows_of_acts,
    rows_of_units,
    written,
)
from .writing import judged, write_csv

#: What stands in cells that nobody meant to be there.
ODD = (
    "", " ", "无", "是", "否", "同意", "不同意", "主办", "协办", "2026-03-02", "2026-03-02 09:30", "1999-01-01",
    "2199-12-31", "2150-01-01 00:00", "46083.5", "-1", "1e308", "NaN", "#REF!", "=1+1", "0712-2000301", "13900001234",
    "秦桂芳", "云溪区民政局", "云溪区民政局、云溪区医疗保障局", "、、、", "A.5.2", "A.99.9", "《残疾人爱心卡》办理",
    "\u202e反", "\u2028", "\ufeff", "甲" * 5000, "\x00", "'; drop table", "🙂", "工作人员未到", "已归档", "已结案",
    "撤回", "转办", "上门", "归档", "更正", "2026-02-30", "24:00", "2026年10月1日下午3点半",
)  # fmt: skip

SHAPES: dict[str, tuple[tuple[str, ...], str]] = {
    "cases": (HEADER, MAPPING),
    "units": (UNIT_HEADER, UNIT_MAPPING),
    "acts": (ACT_HEADER, ACT_MAPPING),
}


def rows_of(shape: str) -> list[Row]:
    made = clean(12, seed=77)
    if shape == "cases":
        return [row for _, row in made]
    split = rows_of_units if shape == "units" else rows_of_acts
    return [row for case, _ in made for row in split(case)]


CLEAN = {shape: rows_of(shape) for shape in SHAPES}


@pytest.mark.parametrize("shape", SHAPES)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_cell_stops_the_audit(shape: str, seed: int, tmp_path: Path) -> None:
    header, mapping = SHAPES[shape]
    chance = random.Random(seed)
    rows = [dict(row) for row in CLEAN[shape]]
    for row in rows:
        for _ in range(chance.choice((0, 1, 3, 20))):
            row[chance.choice(header)] = chance.choice(ODD)
    chance.shuffle(rows)
    path = write_csv(tmp_path / "l.csv", rows, header=header)
    report = judged(path, mapping)
    assert report.rows <= len(rows)
    assert len(report.to_wire()) == 1 + len(report.findings) + len(report.unreadable) + len(
        report.unjudged
    ) + len(report.owed)


@given(
    name=st.sampled_from(sorted(FIELDS)),
    raws=st.lists(
        st.none()
        | st.text(max_size=30)
        | st.sampled_from(ODD)
        | st.floats()
        | st.integers(-(10**20), 10**20)
        | st.booleans()
        | st.datetimes()
        | st.dates()
        | st.times(),
        min_size=1,
        max_size=2,
    ),
)
@settings(max_examples=400)
def test_no_cell_is_beyond_reading(name: str, raws: list[Any]) -> None:
    cells = Cells(parse_mapping(MAPPING), annex_a())
    given_ = tuple(raws) if FIELDS[name].reads == "moment" else tuple(raws[:1])
    cells.read(FIELDS[name], given_)


@given(text=st.text(max_size=200) | st.sampled_from([MAPPING, ACT_MAPPING]).map(lambda m: m[:-7]))
def test_no_mapping_is_beyond_an_answer(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        parse_mapping(text)


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "unreadable"),
        (b"\n\n\n", "unreadable"),
        (b"PK\x03\x04 no archive", "unreadable"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "unreadable"),
        (b"\xff\xfe", "unreadable"),
        (bytes(range(256)) * 20, "wrong_header"),
    ],
)
def test_what_is_no_ledger_is_refused_by_name(content: bytes, rule: str, tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        read_ledger(path, parse_mapping(MAPPING))
    assert rule in {v.rule for v in caught.value.violations}


def test_a_ledger_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        read_ledger(tmp_path / "none.csv", parse_mapping(MAPPING))


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "l.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "不是工作簿")
    with pytest.raises(InvalidInput):
        read_ledger(path, parse_mapping(MAPPING))


def test_a_workbook_broken_off_in_its_sheet_is_refused(tmp_path: Path) -> None:
    whole = io.BytesIO()
    import openpyxl  # noqa: PLC0415

    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["案号"])
    sheet.append(["A"])
    book.save(whole)
    path = tmp_path / "l.xlsx"
    with zipfile.ZipFile(whole) as good, zipfile.ZipFile(path, "w") as bad:
        for name in good.namelist():
            data = good.read(name)
            bad.writestr(name, data[:-40] if name.startswith("xl/worksheets/") else data)
    with pytest.raises(InvalidInput):
        read_ledger(path, parse_mapping('[columns]\ncase = "案号"'))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_the_encoding_is_found(encoding: str, tmp_path: Path) -> None:
    rows = [row for _, row in clean(5)]
    report = judged(write_csv(tmp_path / "l.csv", rows, encoding=encoding))
    assert (report.rows, report.findings, report.unreadable) == (5, (), ())


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_the_delimiter_is_found(delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text(f"案号{delimiter}申请时间\nA{delimiter}2026-03-02\n", encoding="utf-8")
    mapping = parse_mapping('[columns]\ncase = "案号"\napplied_at = "申请时间"')
    assert len(read_ledger(path, mapping).rows) == 1


def test_a_cell_garbled_by_a_wrong_encoding_is_unreadable_not_wrong(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_bytes("案号,主办单位\nA,".encode() + b"\xff\xff\xff\n")
    mapping = parse_mapping(
        '[file]\nencoding = "utf-8"\n[columns]\ncase = "案号"\nunit = "主办单位"'
    )
    ledger = read_ledger(path, mapping)
    assert [(c.row, c.column) for c in ledger.unreadable] == [(2, "主办单位")]


def test_a_cell_longer_than_the_reader_takes_loses_its_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text(f"案号,申请时间\nA,{'1' * 200_000}\nB,2026-03-02\n", encoding="utf-8")
    mapping = parse_mapping('[columns]\ncase = "案号"\napplied_at = "申请时间"')
    ledger = read_ledger(path, mapping)
    assert [row.values["case"] for row in ledger.rows] == ["B"]
    assert len(ledger.unreadable) == 1


def test_rows_that_are_no_cases_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("案号,申请时间\nA,2026-03-02\n,\n合计,\n填表人：,\nB,\n", encoding="utf-8")
    mapping = parse_mapping('[columns]\ncase = "案号"\napplied_at = "申请时间"')
    ledger = read_ledger(path, mapping)
    assert [row.number for row in ledger.rows] == [2]
    assert ledger.not_cases == (4, 5)
    assert [(c.row, c.zh) for c in ledger.unreadable] == [(6, "除案号外没有内容")]


# --- people's data ------------------------------------------------------------------------------

SECRETS = (
    "秦桂芳",
    "0712-2000301",
    "槐荫大道118号",
    "行动不便",
    "须到现场拍照",
    "420902196103141517",
)


@pytest.mark.parametrize("shape", SHAPES)
def test_people_are_told_of_nowhere(shape: str, tmp_path: Path) -> None:
    """Also where the columns are mistaken for one another, so that every cell is unreadable."""
    header, mapping = SHAPES[shape]
    rows = [dict(row) for row in CLEAN[shape]]
    for n, row in enumerate(rows):
        for name in header:
            if (
                name not in ("案号", "主办单位", "协办单位", "单位", "到场单位", "签字单位")
                and n % 2
            ):
                row[name] = SECRETS[(n + len(name)) % len(SECRETS)]
    report = judged(write_csv(tmp_path / "l.csv", rows, header=header), mapping)
    told = str(report.to_wire()) + repr(report)
    assert [secret for secret in SECRETS if secret in told] == []
    assert len(report.unreadable) > 10


@pytest.mark.parametrize("number", ["13900001234", "420902196103141517", "42090219610314151X"])
def test_an_id_that_is_somebodys_number_is_not_shown(number: str, tmp_path: Path) -> None:
    row = clean(1)[0][1] | {"案号": number, "详细地址": None}
    report = judged(write_csv(tmp_path / "l.csv", [row]))
    assert [f.case for f in report.findings] == ["#2"]
    assert number not in str(report.to_wire())


# --- the same ledger in whatever order ----------------------------------------------------------


def test_an_audit_is_the_same_every_time(tmp_path: Path) -> None:
    rows = CLEAN["cases"]
    path = tmp_path / "l.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for row in rows:
            writer.writerow([written(row[name]) for name in HEADER])
    ledger = read_ledger(path, parse_mapping(MAPPING))
    assert audit(ledger, as_of=EXPORTED) == audit(ledger, as_of=EXPORTED)


def test_the_moment_of_the_audit_carries_its_offset(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "l.csv", [clean(1)[0][1]])
    with pytest.raises(InvalidInput):
        audit(
            read_ledger(path, parse_mapping(MAPPING)),
            as_of=dt.datetime(2026, 10, 31),  # noqa: DTZ001
        )
