"""``onsite-workflow audit`` as a supervisor and a program use it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from onsite_workflow.audit import Shape, parse_mapping
from onsite_workflow.cli import main

from .histories import MAPPING, Office, clean, row_of
from .writing import write_csv

AT = "2026-10-31T18:00:00+08:00"
Run = Callable[..., str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("ONSITE_WORKFLOW_NOTICES", str(tmp_path / "notices"))
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")

    def call(*arguments: str, status: int) -> str:
        assert main(["audit", *arguments]) == status
        printed = capsys.readouterr()
        return printed.err if status == 2 else printed.out

    return call


def ledger(tmp_path: Path, *, late: bool) -> str:
    office = Office(8)
    rows = [row_of(office.history(n, "on_site", "reply" if late else None)) for n in (1, 2)]
    return str(write_csv(tmp_path / "ledger.csv", rows))


def arguments(tmp_path: Path, *, late: bool) -> list[str]:
    return [ledger(tmp_path, late=late), "--mapping", str(tmp_path / "mapping.toml"), "--at", AT]


def test_a_clean_ledger_ends_with_status_0(run: Run, tmp_path: Path) -> None:
    told = run(*arguments(tmp_path, late=False), "--lang", "zh", status=0)
    assert "发现的问题：无" in told
    assert "共2行，2案：发现0处，读不出0处。" in told


def test_a_late_reply_is_shown_with_its_unit_and_ends_with_status_1(
    run: Run, tmp_path: Path
) -> None:
    told = run(*arguments(tmp_path, late=True), "--lang", "zh", status=1)
    assert "逾期办理" in told
    assert "按单位和条款汇总" in told
    assert "没有用到的列：申请人。" in told


def test_rows_that_are_no_cases_are_named_and_nothing_of_what_they_hold(
    run: Run, tmp_path: Path
) -> None:
    given = arguments(tmp_path, late=False)
    with Path(given[0]).open("a", encoding="utf-8") as file:
        file.write("填表人：王桂兰,34\n")
    told = run(*given, "--lang", "zh", status=0)
    assert "不作为案件的行（合计、填表人一类）：4。" in told
    assert "王桂兰" not in told
    told = run(*given, "--json", status=0)
    assert json.loads(told.splitlines()[-1])["not_cases"] == [4]


def test_in_english(run: Run, tmp_path: Path) -> None:
    told = run(*arguments(tmp_path, late=True), "--lang", "en", status=1)
    assert "late_act" in told
    assert "By unit and clause" in told


def test_a_program_reads_one_object_a_line(run: Run, tmp_path: Path) -> None:
    told = run(*arguments(tmp_path, late=True), "--json", status=1)
    records = [json.loads(line) for line in told.splitlines()]
    assert {record["record"] for record in records} == {"finding", "unjudged", "summary"}
    finding = records[0]
    assert finding.keys() >= {"case", "clause", "kind", "code", "bearer", "due", "at", "by_seconds"}
    assert (finding["code"], finding["clause"], finding["kind"]) == ("late_act", "7.2", "reply")
    summary = records[-1]
    assert summary["by_unit_and_clause"][0].keys() == {"bearer", "clause", "code", "count", "cases"}
    assert sum(line["count"] for line in summary["by_unit_and_clause"]) == 2


def test_a_cell_that_cannot_be_read_is_shown_and_ends_with_status_1(
    run: Run, tmp_path: Path
) -> None:
    row = clean(1)[0][1] | {"结案时间": "年底"}
    path = write_csv(tmp_path / "ledger.csv", [row])
    mapping = str(tmp_path / "mapping.toml")
    told = run(str(path), "--mapping", mapping, "--at", AT, "--lang", "zh", status=1)
    assert "读不出来的" in told
    assert "结案时间" in told
    assert "年底" not in told


def test_what_is_still_owed_is_counted(run: Run, tmp_path: Path) -> None:
    row = row_of(Office(8).history(1, "on_site")) | {"归档时间": None, "档号": None}
    path = write_csv(tmp_path / "ledger.csv", [row])
    mapping = str(tmp_path / "mapping.toml")
    told = run(str(path), "--mapping", mapping, "--at", AT, "--lang", "zh", status=0)
    assert "另有1件事尚未办，本标准没有规定期限" in told


def test_without_a_moment_it_is_judged_as_of_now(run: Run, tmp_path: Path) -> None:
    told = run(*arguments(tmp_path, late=False)[:3], "--json", status=0)
    assert json.loads(told.splitlines()[-1])["at"] > "2026"


@pytest.mark.parametrize("shape", list(Shape))
def test_a_template_is_printed(shape: Shape, run: Run) -> None:
    assert parse_mapping(run("--template", shape.value, status=0)).shape is shape


def test_a_template_without_a_shape_is_for_a_row_a_case(run: Run) -> None:
    assert parse_mapping(run("--template", status=0)).shape is Shape.CASES


@pytest.mark.parametrize(("given", "missing"), [([], "ledger"), (["l.csv"], "mapping")])
def test_what_is_left_out_is_said(given: list[str], missing: str, run: Run) -> None:
    assert run(*given, "--lang", "en", status=2).startswith(f"{missing}: is required")


def test_a_mistake_in_the_mapping_is_said_in_the_language_asked_for(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "mapping.toml").write_text(MAPPING.replace("replied_at", "replyed_at"), "utf-8")
    told = run(*arguments(tmp_path, late=False), "--lang", "zh", status=2)
    assert "是否应为“replied_at”？" in told


def test_two_hundred_findings_are_shown_and_the_rest_counted(run: Run, tmp_path: Path) -> None:
    rows = [row | {"联系电话": None, "详细地址": None} for _, row in clean(105)]
    path = write_csv(tmp_path / "ledger.csv", rows)
    mapping = str(tmp_path / "mapping.toml")
    told = run(str(path), "--mapping", mapping, "--at", AT, "--lang", "zh", status=1)
    assert "另有10行，请用--json查看。" in told


@pytest.mark.parametrize("shown", ["2026-10-31", "2026-10-31 18:00", "2026-10-31T18:00:00", AT])
def test_a_moment_without_an_offset_is_chinese_time(shown: str, run: Run, tmp_path: Path) -> None:
    told = run(*arguments(tmp_path, late=False)[:3], "--at", shown, "--json", status=0)
    at = json.loads(told.splitlines()[-1])["at"]
    assert at.startswith("2026-10-31T23:59:59" if len(shown) == 10 else "2026-10-31T18:00:00")


@pytest.mark.parametrize("shown", ["昨天", "2026-13-01", "1800-01-01", "0001-01-01T00:00:00+08:00"])
def test_what_is_no_moment_is_said_in_both_languages(shown: str, run: Run, tmp_path: Path) -> None:
    told = run(*arguments(tmp_path, late=False)[:3], "--at", shown, status=2)
    assert ": :" not in told
    assert "例如2026-10-31" in told
    assert "as in 2026-10-31" in told
