"""The calendar on the command line: explained, checked, and told of a new notice. The notice of
2027 here is invented, and says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from onsite_workflow.cli import main

INVENTED = """
number = "国办发明电〔2026〕99号"
issued = 2026-11-30
year = 2027
invented = true
holidays = [
  { name = "元旦", off = ["2027-01-01/2027-01-03"] },
  { name = "春节", off = ["2027-02-05/2027-02-12"], work = ["2027-02-14", "2027-02-20"] },
  { name = "清明节", off = ["2027-04-03/2027-04-05"] },
  { name = "劳动节", off = ["2027-05-01/2027-05-05"], work = ["2027-05-08"] },
  { name = "端午节", off = ["2027-06-09"] },
  { name = "中秋节", off = ["2027-09-15"] },
  { name = "国庆节", off = ["2027-10-01/2027-10-07"], work = ["2027-09-26", "2027-10-09"] },
]
"""

BY = {"role": "integrated_window", "name": "柳文静"}
CASE = [
    {
        "command": "apply",
        "case": "N-1",
        "at": "2026-12-30T09:00:00+08:00",
        "by": BY,
        "applicant": {"name": "王秀兰", "phone": "0712-2000301"},
        "address": "孝南区书院街道槐荫大道118号",
        "ground": "disabled",
        "reason": "长期卧床",
        "items": [{"id": "A.5.2"}],
    },
    {
        "command": "transfer",
        "case": "N-1",
        "at": "2027-02-04T10:00:00+08:00",
        "by": BY,
        "notices": [
            {"number": "1", "unit": "孝南区残疾人联合会", "role": "lead", "items": ["A.5.2"]}
        ],
    },
]
AT = "2027-02-04T12:00:00+08:00"

Run = Callable[..., str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("ONSITE_WORKFLOW_NOTICES", str(tmp_path / "notices"))
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str, status: int = 0) -> str:
        assert main([*arguments]) == status
        printed = capsys.readouterr()
        return printed.err if status == 2 else printed.out

    return call


@pytest.fixture
def notice(tmp_path: Path) -> str:
    file = tmp_path / "2027.toml"
    file.write_text(INVENTED, encoding="utf-8")
    return str(file)


@pytest.fixture
def store(run: Run, tmp_path: Path) -> str:
    journal = tmp_path / "journal.jsonl"
    journal.write_text("\n".join(map(json.dumps, CASE)), encoding="utf-8")
    url = f"sqlite:///{tmp_path}/x.db"
    run("run", str(journal), "--store", url, "--json")
    return url


def reply(run: Run, store: str) -> dict[str, object]:
    (owed,) = [
        o
        for o in map(json.loads, run("due", "--store", store, "--at", AT, "--json").splitlines())
        if o["kind"] == "reply"
    ]
    return dict(owed)


def test_a_count_is_explained_day_by_day(run: Run) -> None:
    lines = run("calendar", "explain", "2026-09-30", "3", "--lang", "zh").splitlines()
    assert "起算日" in lines[0]
    assert "国庆节，法定节假日" in lines[1]
    assert "调休上班" in lines[10]
    assert lines[-1] == "自2026-09-30起3个工作日：2026-10-10（确定）"
    last = run("calendar", "explain", "2026-09-30", "3", "--json").splitlines()[-1]
    assert json.loads(last) == {
        "date": "2026-10-10",
        "provisional": False,
        "earliest": "2026-10-10",
        "latest": "2026-10-10",
    }


def test_a_month_is_shown_as_on_the_wall(run: Run) -> None:
    assert "10班" in run("calendar", "month", "2026-10", "--lang", "zh")
    assert "provisional from 2027-02-01" in run("calendar", "month", "2027-02", "--lang", "en")
    days = [json.loads(s) for s in run("calendar", "month", "2026-10", "--json").splitlines()]
    assert [d["date"] for d in days if d["working"]][:3] == [
        "2026-10-08",
        "2026-10-09",
        "2026-10-10",
    ]


def test_from_november_on_the_missing_notice_is_warned_of(run: Run, notice: str) -> None:
    november = ("calendar", "check", "--at", "2026-11-01T08:00:00+08:00")
    assert "2027" in run(*november, "--lang", "zh", status=1)
    assert "2026-12-28" in run(
        "calendar", "check", "--at", "2026-10-31T08:00:00+08:00", "--lang", "en"
    )
    run("calendar", "add", notice)
    rules = [f["rule"] for f in json.loads(run(*november, "--json", status=1))["findings"]]
    assert "next_year_missing" not in rules
    assert "invented_notice" in rules


def test_a_due_day_beyond_the_last_notice_is_provisional_until_the_notice_is_added(
    run: Run, store: str, notice: str
) -> None:
    before = reply(run, store)
    assert (before["due_day"], before["provisional"]) == ("2027-02-13", True)
    assert str(before["earliest"]) <= "2027-02-13"
    assert str(before["latest"]) >= "2027-02-14"
    assert "暂定" in run("due", "--store", store, "--at", AT, "--lang", "zh")

    told = json.loads(run("calendar", "add", notice, "--store", store, "--at", AT, "--json"))
    (move,) = told["moved"]
    assert (move["before"]["due_day"], move["after"]["due_day"]) == ("2027-02-13", "2027-02-14")
    assert move["by"] == ["国办发明电〔2026〕99号（虚构 invented）"]

    after = reply(run, store)
    assert (after["due_day"], after["provisional"]) == ("2027-02-14", False)


def test_adding_a_notice_lists_what_moved_for_people(run: Run, store: str, notice: str) -> None:
    printed = run("calendar", "add", notice, "--store", store, "--at", AT, "--lang", "zh")
    for words in ("虚构", "N-1", "回复是否上门服务", "2027-02-14", "国办发明电〔2026〕99号"):
        assert words in printed


def test_a_notice_that_cannot_be_right_is_refused_and_not_kept(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(INVENTED.replace(', work = ["2027-05-08"]', ""), encoding="utf-8")
    assert run("calendar", "add", str(file), status=2)
    assert run("calendar", "add", str(tmp_path / "none.toml"), status=2)
    assert not (tmp_path / "notices").exists()


@pytest.mark.parametrize(
    "arguments", [("explain", "today", "3"), ("month", "October"), ("explain", "9999-12-31", "1")]
)
def test_days_that_cannot_be_read_or_reached_are_usage_errors(
    run: Run, arguments: tuple[str, ...]
) -> None:
    assert run("calendar", *arguments, status=2)
