"""Annex A as printed, and a catalogue of one's own."""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from onsite_workflow.catalogue import Catalogue, CatalogueItem, annex_a
from onsite_workflow.errors import InvalidInput, Violation

STANDARD = Path(__file__).parents[2] / "shared" / "standard" / "DB4209-T-32-2023.txt"
HEADER = "id,row,position,department,name\n"


def refused(source: str | Path) -> Violation:
    """The one violation of a CSV that cannot be read."""
    with pytest.raises(InvalidInput) as caught:
        Catalogue.from_csv(source, name="试点清单")
    (violation,) = caught.value.violations
    return violation


def test_annex_a_has_76_items_in_13_rows() -> None:
    per_row = [sum(item.row == row for item in annex_a()) for row in range(1, 14)]
    assert per_row == [4, 1, 2, 5, 6, 1, 12, 13, 5, 4, 4, 12, 7]
    assert len(annex_a()) == 76


def test_an_id_is_the_row_and_the_position_in_it() -> None:
    expected: list[str] = []
    for row, count in enumerate([4, 1, 2, 5, 6, 1, 12, 13, 5, 4, 4, 12, 7], start=1):
        expected += [f"A.{row}.{position}" for position in range(1, count + 1)]
    assert [item.id for item in annex_a()] == expected
    assert all(item.id == f"A.{item.row}.{item.position}" for item in annex_a())


def test_only_rows_8_and_13_print_no_department() -> None:
    assert {item.row for item in annex_a() if not item.department} == {8, 13}
    for row in range(1, 14):
        assert len({item.department for item in annex_a() if item.row == row}) == 1


@pytest.mark.skipif(not STANDARD.exists(), reason="the standard's text is not here")
def test_annex_a_is_the_printed_table_word_for_word_and_in_its_order() -> None:
    text = STANDARD.read_text(encoding="utf-8")
    table = text[text.index("表A.1") : text.rindex("附录 B\n")]
    cells = re.split(r"[\t\n]", table.replace("序号\t实施部门\t事项名称", ""))[1:]
    printed = [cell for cell in cells if cell and not cell.isdigit()]
    ours: list[str] = []
    department = ""
    for item in annex_a():
        if item.department not in ("", department):
            ours.append(item.department)
        department = item.department
        ours.append(item.name)
    assert ours == printed


@pytest.mark.parametrize(
    ("item_id", "department", "name"),
    [
        ("A.5.3", "残疾人联合会", "残疾人证迁移"),
        ("A.7.12", "医疗保障局", "常驻异地工作人员备案"),
        ("A.8.1", "", "城乡居民基本养老保险待遇领取申请"),
        ("A.8.8", "", "【省集中企保系统】待遇信息查询"),
        ("A.12.12", "人社部门", "社会保障卡服务（注销）"),
        ("A.13.1", "", "医疗救助对象手工（零星）报销（初审）"),
    ],
)
def test_the_rows_break_where_the_print_breaks_them(
    item_id: str, department: str, name: str
) -> None:
    item = annex_a().get(item_id)
    assert (item.department, item.name) == (department, name)


def test_five_names_are_printed_twice_and_cannot_be_found_by_name() -> None:
    twice: dict[str, list[str]] = {}
    for name in {item.name for item in annex_a()}:
        try:
            annex_a().find(name)
        except InvalidInput as error:
            twice[name] = error.violations[0].facts["ids"]
    assert twice == {
        "《残疾人爱心卡》办理": ["A.1.3", "A.1.4"],
        "不动产权属证明网上查询": ["A.3.1", "A.3.2"],
        "异地安置退休人员备案": ["A.7.10", "A.13.3"],
        "异地长期居住人员备案": ["A.7.11", "A.13.4"],
        "常驻异地工作人员备案": ["A.7.12", "A.13.5"],
    }


def test_an_ambiguous_name_lists_the_ids_in_both_languages() -> None:
    with pytest.raises(InvalidInput) as caught:
        annex_a().find("异地安置退休人员备案")
    (violation,) = caught.value.violations
    assert violation.rule == "ambiguous_name"
    for sentence in (violation.zh, violation.en):
        assert "A.7.10" in sentence
        assert "A.13.3" in sentence


def test_an_item_is_found_by_its_exact_name_only() -> None:
    item = annex_a().find("残疾人证迁移")
    assert item is annex_a().get("A.5.3")
    assert annex_a().find("残疾人证") is None
    assert annex_a().find(" 残疾人证迁移") is None


def test_an_unknown_id_is_invalid_and_is_not_repeated_in_the_answer() -> None:
    with pytest.raises(InvalidInput) as caught:
        annex_a().get("13812345678")
    (violation,) = caught.value.violations
    assert violation.rule == "unknown_item"
    assert "13812345678" not in f"{violation.zh}{violation.en}{violation.facts}"


def test_membership_is_by_id() -> None:
    assert "A.8.13" in annex_a()
    assert "A.8.14" not in annex_a()
    assert "残疾人证迁移" not in annex_a()


def test_a_catalogue_survives_copying_and_pickling() -> None:
    assert pickle.loads(pickle.dumps(annex_a())) == annex_a()
    assert copy.deepcopy(annex_a()).get("A.5.3") == annex_a().get("A.5.3")


def test_nothing_is_read_at_import() -> None:
    program = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: event == 'open' and opened.append(str(args[0])))\n"
        "from onsite_workflow.catalogue import annex_a\n"
        "before = [path for path in opened if path.endswith('.csv')]\n"
        "annex_a(); annex_a()\n"
        "after = [path for path in opened if path.endswith('annex_a.csv')]\n"
        "sys.exit(0 if not before and len(after) == 1 else f'{before} {after}')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_another_place_brings_its_own_list() -> None:
    own = Catalogue.from_csv(
        HEADER + 'X.1.1,1,1,民政局,高龄津贴\r\n\r\nX.1.2,1,2,,"救助,临时"\r\n', name="试点清单"
    )
    assert [item.name for item in own] == ["高龄津贴", "救助,临时"]
    assert own.get("X.1.2").department == ""


def test_a_list_is_read_from_a_file_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    text = HEADER + "X.1.1,1,1,民政局,高龄津贴\n"
    plain, marked = tmp_path / "plain.csv", tmp_path / "marked.csv"
    plain.write_text(text, encoding="utf-8")
    marked.write_text(text, encoding="utf-8-sig")
    expected = Catalogue.from_csv(text, name="试点清单")
    assert Catalogue.from_csv(plain, name="试点清单") == expected
    assert Catalogue.from_csv(marked, name="试点清单") == expected


@pytest.mark.parametrize(
    ("lines", "rule", "line", "column"),
    [
        ("X.1.1,1,1,民政局\n", "cells", 2, None),
        ("X.1.1,1,1,民政局,高龄津贴\n,1,2,民政局,临时救助\n", "blank", 3, "id"),
        ("X.1.1,1,1,民政局,\n", "blank", 2, "name"),
        ("X.1.1,一,1,民政局,高龄津贴\n", "number", 2, "row"),
        ("X.1.1,1,0,民政局,高龄津贴\n", "number", 2, "position"),
        ("X.1.1,1,1,民政局,高龄津贴 \n", "text", 2, "name"),
        ("X.1.1,1,1,民政局,高龄\u200b津贴\n", "text", 2, "name"),
        ("X.1.1,1,1,民政局,甲\n\nX.1.1,1,2,民政局,乙\n", "duplicate_item", 4, "id"),
        ("X.1.1,1,1,民政局,甲\nX.1.2,1,1,民政局,乙\n", "duplicate_item", 3, "position"),
        ('X.1.1,1,1,民政局,"高龄津贴\n', "malformed_csv", 2, None),
    ],
)
def test_a_bad_line_is_named_with_its_column(
    lines: str, rule: str, line: int, column: str | None
) -> None:
    violation = refused(HEADER + lines)
    assert violation.rule == rule
    assert (violation.facts["line"], violation.facts["column"]) == (line, column)
    for sentence in (violation.zh, violation.en):
        assert sentence.startswith(f"line {line}{f', {column}' if column else ''}")


def test_a_path_given_as_text_is_told_apart_from_a_list() -> None:
    violation = refused("annex.csv")
    assert violation.rule == "header"
    assert violation.remedy is not None
    assert "Path" in violation.remedy.en


def test_a_file_that_is_not_utf_8_is_refused_with_the_way_to_mend_it(tmp_path: Path) -> None:
    file = tmp_path / "gbk.csv"
    file.write_text(HEADER + "X.1.1,1,1,民政局,高龄津贴\n", encoding="gbk")
    violation = refused(file)
    assert violation.rule == "not_utf8"
    assert violation.remedy is not None


def test_a_list_without_items_is_refused() -> None:
    assert refused(HEADER).rule == "empty_catalogue"


def test_two_items_in_one_place_are_refused_however_the_catalogue_is_made() -> None:
    item = CatalogueItem(id="X.1.1", row=1, position=1, department="", name="高龄津贴")
    with pytest.raises(InvalidInput, match="duplicate_item"):
        Catalogue("试点清单", (item, item))
