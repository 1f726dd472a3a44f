"""The command line as a clerk and a program use it, on the example journal. People are invented."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onsite_workflow import ROWS, State
from onsite_workflow.cli import main

ROOT = Path(__file__).parents[2]
JOURNAL = ROOT / "examples" / "xiaonan-2025-2026.jsonl"
UNITS = ROOT / "examples" / "units.csv"
AT = "2026-10-31T21:00:00+08:00"

Run = Callable[..., str]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/x.db"


def run_journal(store: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "onsite_workflow.cli", "run", str(JOURNAL)]
    done = subprocess.run(
        [*command, "--store", store, "--directory", str(UNITS), "--json"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def answers(store: str) -> list[dict[str, Any]]:
    return run_journal(store)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str, status: int = 0) -> str:
        assert main([*arguments]) == status
        printed = capsys.readouterr()
        return printed.out if status == 0 else printed.err

    return call


def test_the_example_walks_through_every_row_of_the_table(
    answers: list[dict[str, Any]],
) -> None:
    state: dict[str, str] = {}
    walked = set()
    for answer, line in zip(answers, JOURNAL.read_text(encoding="utf-8").splitlines(), strict=True):
        if answer["ok"] and "repeated" not in answer:
            command = json.loads(line)["command"]
            walked.add((command, state.get(answer["case"], "none"), answer["state"]))
            state[answer["case"]] = answer["state"]
    rows = {
        (row.command.name, source.value, (row.target or source).value)
        for row in ROWS
        for source in row.source
    }
    assert rows - walked == set()


def test_the_example_shows_on_time_and_late_units_and_refused_lines(
    answers: list[dict[str, Any]],
) -> None:
    codes = {finding["code"] for a in answers if a["ok"] for finding in a["findings"]}
    assert codes == {"late_act", "late_entry", "late_arrival", "staff_absent"}
    refused = [a for a in answers if not a["ok"]]
    assert len(refused) >= 12
    assert {a["error"] for a in refused} == {
        "invalid",
        "not_found",
        "not_allowed",
        "wrong_role",
        "refused",
        "conflict",
    }


def test_running_the_journal_again_stores_nothing_new(store: str, answers: list[Any]) -> None:
    for first, second in zip(answers, run_journal(store), strict=True):
        assert first["ok"] == second["ok"]
        if first["ok"]:
            assert second == {**first, "repeated": True}


def test_the_demo_prints_ledger_refusals_lateness_and_what_is_due_in_chinese(run: Run) -> None:
    printed = run("demo", "--lang", "zh")
    for words in (
        "台账",
        "XN-2025-0001",
        "未办理的",
        "未提供其它办理方法和途径",
        "逾期的",
        "448行，47案",
    ):
        assert words in printed


def test_the_demo_speaks_english(run: Run) -> None:
    printed = run("demo", "--lang", "en")
    assert "448 lines, 47 cases" in printed
    assert "The ledger" in printed


@pytest.mark.usefixtures("answers")
def test_due_lists_what_is_owed_soonest_first(run: Run, store: str) -> None:
    due = [json.loads(s) for s in run("due", "--store", store, "--at", AT, "--json").splitlines()]
    assert len(due) == 15
    dated = [o["due"] for o in due if o["due"]]
    assert dated == sorted(dated)
    assert {o["status"] for o in due} == {"open", "overdue"}
    assert set(due[0]) == {
        "case",
        "clause",
        "kind",
        "bearer",
        "opened_at",
        "due_day",
        "due",
        "status",
        "provisional",
        "earliest",
        "latest",
    }


@pytest.mark.usefixtures("answers")
def test_due_narrows_by_unit_and_by_time(run: Run, store: str) -> None:
    unit = "孝南区医疗保障局"
    for line in run(
        "due", "--store", store, "--at", AT, "--unit", unit, "--all", "--json"
    ).splitlines():
        assert json.loads(line)["bearer"] == unit
    before = "2026-10-27T00:00:01+08:00"
    soon = run("due", "--store", store, "--at", AT, "--before", before, "--json").splitlines()
    assert [json.loads(line)["due_day"] for line in soon] == ["2026-10-26"]


@pytest.mark.usefixtures("answers")
def test_due_is_a_table_for_people(run: Run, store: str) -> None:
    assert "交服务登记表" in run("due", "--store", store, "--at", AT, "--lang", "zh")
    assert "2026-10-28" in run("due", "--store", store, "--at", AT, "--lang", "en")


@pytest.mark.usefixtures("answers")
def test_show_masks_peoples_data_unless_asked_for_in_full(run: Run, store: str) -> None:
    people = ("刘建军", "王秀兰", "13800000101", "槐荫大道118号", "右下肢截肢", "陈志远")
    for form in ([], ["--json"]):
        masked = run("show", "XN-2025-0001", "--store", store, "--lang", "zh", *form)
        assert not [word for word in people if word in masked]
    full = run("show", "XN-2025-0001", "--store", store, "--full", "--json")
    assert all(word in full for word in people)


@pytest.mark.usefixtures("answers")
def test_show_tells_a_case_as_of_an_earlier_moment(run: Run, store: str) -> None:
    at = "2025-08-04T09:50:00+08:00"
    shown = json.loads(run("show", "XN-2025-0001", "--store", store, "--at", at, "--json"))
    assert (shown["state"], shown["version"]) == ("transferred", 2)
    assert [(o["kind"], o["status"]) for o in shown["obligations"]] == [
        ("transfer", "met"),
        ("reply", "open"),
    ]
    early = run(
        "show", "XN-2025-0001", "--store", store, "--at", "2025-01-01T00:00:00+08:00", status=2
    )
    assert early


@pytest.mark.usefixtures("answers")
def test_available_says_what_may_be_done_and_why_the_rest_may_not(run: Run, store: str) -> None:
    arguments = ("available", "XN-2026-0020", "--store", store, "--role", "integrated_window")
    entries = {e["command"]: e for e in map(json.loads, run(*arguments, "--json").splitlines())}
    assert entries["designate_lead"]["allowed"]
    assert {"rule": "new_lead_accepted", "clause": "7.2.3", "needs": ["unit"]} in entries[
        "designate_lead"
    ]["waiting"]
    assert entries["accept"]["error"] == "wrong_role"
    assert entries["serve"]["error"] == "not_allowed"
    assert "综合窗口" in run(*arguments, "--lang", "zh")


@pytest.mark.usefixtures("answers")
def test_forms_are_filled_masked_and_in_full(run: Run, store: str) -> None:
    arguments = ("forms", "XN-2025-0001", "--store", store, "--directory", str(UNITS))
    assert "槐荫大道118号" not in run(*arguments, "--lang", "zh")
    full = run(*arguments, "--lang", "zh", "--full", "--issuer", "孝感市孝南区")
    for words in (
        "转办通知书",
        "服务登记表",
        "服务对象意见及评价",
        "槐荫大道118号",
        "孝感市孝南区",
    ):
        assert words in full
    forms = [json.loads(line) for line in run(*arguments, "--json", "--full").splitlines()]
    issuer = next(f for f in forms[0]["fields"] if f["field"] == "issuer")
    assert issuer["missing"]
    assert not any(f["missing"] for f in forms[1]["fields"])


def test_rules_tell_what_each_clause_becomes_and_where(run: Run) -> None:
    entries = [json.loads(line) for line in run("rules", "7.5", "--json").splitlines()]
    places = [place for e in entries for b in e["becomes"] for place in b["where"]]
    assert "serve.forms_completed" in places
    assert "规则" in run("rules", "--lang", "zh")
    assert "老弱病残" in run("rules", "3.2", "--lang", "zh")
    assert run("rules", "99", status=2)


def test_the_catalogue_is_searched_by_id_name_and_department(run: Run) -> None:
    (line,) = run("catalogue", "A.5.3", "--json").splitlines()
    assert json.loads(line) == {
        "id": "A.5.3",
        "department": "残疾人联合会",
        "name": "残疾人证迁移",
    }
    assert len(run("catalogue", "--json").splitlines()) == 76
    assert "残疾人证迁移" in run("catalogue", "残疾人联合会", "--lang", "zh")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["due"],
        ["due", "--store", "sqlite:///x.db", "--at", "tomorrow"],
        ["due", "--store", "postgres://x"],
        ["due", "--store", "sqlite:///no/such/file.db"],
        ["run", "no-such-file", "--store", "memory:"],
    ],
    ids=lambda a: " ".join(a) or "nothing",
)
def test_what_cannot_be_read_is_a_usage_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err


def test_reading_commands_do_not_make_a_store(run: Run, tmp_path: Path) -> None:
    run("show", "X", "--store", f"sqlite:///{tmp_path}/none.db", status=2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [("name,code,phone\n,1,0712-2000101\n", "name"), ("单位\n残联\n", "name, code, phone")],
)
def test_a_directory_that_cannot_be_read_says_where(
    run: Run, tmp_path: Path, bad: str, complaint: str
) -> None:
    file = tmp_path / "units.csv"
    file.write_text(bad, encoding="utf-8")
    store = f"sqlite:///{tmp_path}/x.db"
    said = run(
        *("run", str(JOURNAL), "--store", store, "--directory", str(file), "--lang", "en"), status=2
    )
    assert complaint in said


@pytest.mark.parametrize(
    ("locale", "words"),
    [("zh_CN.UTF-8", "事项名称"), ("en_GB.UTF-8", "department"), ("C", "department")],
)
def test_the_language_follows_the_locale(
    run: Run, monkeypatch: pytest.MonkeyPatch, locale: str, words: str
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    assert words in run("catalogue", "A.5.3")


def test_the_ten_lines_that_embed_it_run() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "embed.py"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert "7.2 回复是否上门服务 孝南区残疾人联合会 2026-03-03 open" in done.stdout
    assert "第7.2.2条：未提供其它办理方法和途径。" in done.stdout


def test_the_installed_command_is_there() -> None:
    found = shutil.which("onsite-workflow", path=str(Path(sys.executable).parent))
    assert found is not None


def test_states_are_all_named_in_chinese() -> None:
    assert len({state.zh for state in State}) == len(State)
