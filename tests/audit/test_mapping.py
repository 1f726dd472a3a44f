"""A mapping file that is wrong says where, all at once, and proposes what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from onsite_workflow import InvalidInput
from onsite_workflow.audit import Shape, parse_mapping, read_ledger, read_mapping, template

from .histories import ACT_MAPPING, MAPPING, UNIT_MAPPING, clean
from .writing import write_csv, write_xlsx


def wrong(text: str) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        parse_mapping(text)
    return {str(v.facts["field"]): v.en for v in caught.value.violations}


@pytest.mark.parametrize("text", [MAPPING, ACT_MAPPING, UNIT_MAPPING])
def test_a_good_mapping_is_read(text: str) -> None:
    assert "case" in parse_mapping(text)


@pytest.mark.parametrize("shape", list(Shape))
def test_the_template_is_a_mapping_of_its_shape(shape: Shape) -> None:
    assert parse_mapping(template(shape)).shape is shape


@pytest.mark.parametrize("shape", list(Shape))
def test_the_template_with_every_line_in_use_is_a_mapping(shape: Shape) -> None:
    lines = template(shape).splitlines()
    columns = lines.index("[columns]")
    words = next(n for n, line in enumerate(lines) if line.startswith("[words."))
    used = [line.removeprefix("# ") if " = " in line else line for line in lines[columns:words]]
    assert parse_mapping("\n".join([f'shape = "{shape}"', *used])).shape is shape


def test_an_unknown_field_is_named_with_the_one_that_was_meant() -> None:
    found = wrong('[columns]\ncase = "案号"\nreplied = "回复时间"')
    assert "Did you mean replied_at?" in found["columns.replied"]


def test_everything_wrong_is_said_at_once() -> None:
    found = wrong(
        """
shape = "rows"
sheets = 1
[file]
encoding = "gbk-2000"
header_row = 0
delimiter = ";;"
[columns]
repiled_at = "回复时间"
place = ["甲", "乙"]
arrived_at = 3
[fixed]
unit = 5
[words.reply]
"同意" = "yes"
[words.colour]
"红" = "red"
"""
    )
    assert found.keys() == {
        "shape",
        "sheets",
        "file.encoding",
        "file.header_row",
        "file.delimiter",
        "columns.repiled_at",
        "columns.place",
        "columns.arrived_at",
        "columns.case",
        "fixed.unit",
        "words.reply.同意",
        "words.colour",
    }


def test_a_field_of_another_shape_is_refused() -> None:
    assert "columns.act" in wrong('[columns]\ncase = "案号"\nact = "环节"')
    assert "columns.applied_at" in wrong(
        'shape = "acts"\n[columns]\ncase = "案号"\nact = "环节"\nat = "时间"\napplied_at = "申请"'
    )


def test_a_row_an_act_needs_the_act_and_its_time() -> None:
    found = wrong('shape = "acts"\n[columns]\ncase = "案号"')
    assert found.keys() == {"columns.act", "columns.at"}


@pytest.mark.parametrize("text", ["[columns", "\x00", "a = " + "[" * 5000])
def test_what_is_no_toml_is_said_so(text: str) -> None:
    assert wrong(text).keys() == {"mapping"}


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        read_mapping(tmp_path / "none.toml")


def test_a_mapping_with_a_mark_of_utf8_at_its_head(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(MAPPING, encoding="utf-8-sig")
    assert read_mapping(path).shape is Shape.CASES


# --- the columns of the ledger --------------------------------------------------------------------


def missing(path: Path, mapping: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        read_ledger(path, parse_mapping(mapping))
    return [v.en for v in caught.value.violations]


def test_a_column_that_is_not_there_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "l.csv", [clean(1)[0][1]])
    (said,) = missing(path, MAPPING.replace('"回复时间"', '"答复时间"', 1))
    assert said.startswith('columns.replied_at: the ledger has no column "答复时间".')
    assert "Did you mean 回复时间" in said


def test_columns_that_are_like_none_are_named_with_all_that_there_are(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("案号,申请时间,经办\nA,2026-03-02,甲\n", encoding="utf-8")
    first, second, headings = missing(
        path, '[columns]\ncase = "案号"\narrived_at = ["上门日期", "到达钟点"]'
    )
    assert 'no column "上门日期"' in first
    assert 'no column "到达钟点"' in second
    assert headings == "ledger: its columns are: 案号, 申请时间, 经办."


def test_a_header_in_another_row_is_found_and_nothing_else_said(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "l.xlsx", [clean(1)[0][1]], title="2026年办件台账")
    (said,) = missing(path, MAPPING)
    assert "row 2 looks like the header" in said


def test_a_header_that_cannot_be_read_is_said_once(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "l.csv", [clean(1)[0][1]], encoding="gb18030")
    (said,) = missing(path, MAPPING + '\n[file]\nencoding = "latin-1"\n')
    assert '("案号" and so on) is in row 1; check header_row' in said


def test_a_row_of_data_taken_for_the_header_is_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("案号,申请人\nA,王桂兰\n", encoding="utf-8")
    mapping = '[file]\nheader_row = 2\n[columns]\ncase = "案号"\napplicant = "申请人"'
    assert "王桂兰" not in str(missing(path, mapping))


def test_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "l.xlsx", [clean(1)[0][1]])
    (said,) = missing(path, MAPPING + '\n[file]\nsheet = "台账"\n')
    assert "it has 办件台账" in said


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("案号,时间,时间\nA,2026-03-02,2026-03-03\n", encoding="utf-8")
    (said,) = missing(path, '[columns]\ncase = "案号"\napplied_at = "时间"')
    assert '2 columns of the ledger are called "时间"' in said


def test_a_header_of_two_rows_names_both(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text(
        "案号,主办,,协办,\n,单位,时间,单位,时间\nA,甲,2026-03-02,乙,2026-03-03\n", encoding="utf-8"
    )
    mapping = parse_mapping(
        '[file]\nheader_row = [1, 2]\n[columns]\ncase = "案号"\nunit = "主办/单位"\n'
        'replied_at = "主办/时间"\nassisting_replied_at = "协办/时间"'
    )
    (row,) = read_ledger(path, mapping).rows
    assert row.values["unit"] == ("甲",)
    assert row.values["assisting_replied_at"].earliest.day == 3


def test_headers_are_compared_without_width_and_blanks(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("案 号 ,回复时间(到分)\nA,2026-03-02\n", encoding="utf-8")
    mapping = parse_mapping('[columns]\ncase = "案号"\nreplied_at = "回复时间（到分）"')
    assert len(read_ledger(path, mapping).rows) == 1


def test_a_value_that_every_row_has(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("案号,回复时间\nA,2026-03-02\n", encoding="utf-8")
    mapping = parse_mapping(
        '[columns]\ncase = "案号"\nreplied_at = "回复时间"\n[fixed]\nunit = "云溪区民政局"'
    )
    assert read_ledger(path, mapping).rows[0].values["unit"] == ("云溪区民政局",)


def test_a_fixed_value_that_is_none_of_its_field(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("案号\nA\n", encoding="utf-8")
    assert missing(path, '[columns]\ncase = "案号"\n[fixed]\nreplied_at = "不详"')[0].startswith(
        "fixed.replied_at"
    )
