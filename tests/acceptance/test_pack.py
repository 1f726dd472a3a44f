"""The pack by itself, and that the runner finds what is wrong."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from onsite_workflow import CLAUSES, DB4209_T_32_2023, InvalidInput, WorkingCalendar
from onsite_workflow.cli import main
from onsite_workflow.cli._conformance import this_one
from onsite_workflow.conformance import Printed, by_clause, check, groups, program, read_days

RULES = Path(__file__).parents[1] / "conformance" / "rules.csv"
GROUPS = [pytest.param(group, id=group.name) for group in groups()]


# --- the pack -----------------------------------------------------------------------------------


def test_every_case_has_a_name_of_its_own_that_begins_with_its_groups() -> None:
    names = [case.name for group in groups() for case in group.cases]
    assert len(names) == len(set(names))
    assert all(c.name.startswith(f"{group.name}-") for group in groups() for c in group.cases)


def test_no_case_continues_one_of_another_group() -> None:
    assert [group.name for group in groups() if group.cases[0].continues] == []


def test_every_clause_that_a_case_follows_from_exists() -> None:
    cited = {clause for group in groups() for case in group.cases for clause in case.clauses}
    assert cited - set(CLAUSES) == set()


def test_every_group_is_judged_by_the_edition_it_names() -> None:
    assert {group.edition for group in groups()} == {DB4209_T_32_2023.edition}


def test_every_rule_of_the_contract_is_refused_by_some_case() -> None:
    with RULES.open(encoding="utf-8", newline="") as file:
        rules = {row["rule"] for row in csv.DictReader(file)}
    assert (
        rules - _named([s["answer"] for g in groups() for c in g.cases for s in c.steps]) == set()
    )


def _named(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["rule"]} if "rule" in value else set()
        return own.union(*map(_named, value.values()))
    return set().union(*map(_named, value)) if isinstance(value, list) else set()


def test_every_limit_is_expected_with_its_opening_and_every_finding_with_its_time() -> None:
    steps = [step for g in groups() for c in g.cases for step in c.steps]
    limits = [row for step in steps if "due" in step for row in step["answer"]]
    answers = [step["answer"] for step in steps if isinstance(step["answer"], dict)]
    found = [finding for answer in answers for finding in answer.get("findings", ())]
    assert [row for row in limits if "opened_at" not in row] == []
    assert [finding for finding in found if "at" not in finding] == []


@pytest.mark.parametrize("group", GROUPS)
def test_the_days_that_a_group_tells_are_the_state_councils(group: Any) -> None:
    days = read_days(json.dumps(group.calendar))
    china = WorkingCalendar.china()
    assert [day for day in days.off if china.is_working_day(day)] == []
    assert [day for day in days.worked if not china.is_working_day(day)] == []
    assert not china.is_provisional(days.confirmed_through)


# --- days told one by one -----------------------------------------------------------------------


def days(**told: Any) -> str:
    return json.dumps({"first_day": "2025-01-01", "confirmed_through": "2026-12-28", **told})


def test_days_are_counted_as_they_are_told_and_by_no_notice() -> None:
    calendar = read_days(days(off=["2025-09-15"], worked=["2025-09-14"])).calendar()
    week = [dt.date(2025, 9, day) for day in range(12, 17)]
    assert [day.day for day in week if calendar.is_working_day(day)] == [12, 14, 16]
    assert calendar.is_working_day(dt.date(2025, 10, 1))


def test_days_after_the_last_certain_one_are_provisional() -> None:
    calendar = read_days(days()).calendar()
    last = calendar.confirmed_through
    assert (last.isoformat(), calendar.is_provisional(last)) == ("2026-12-28", False)
    assert calendar.is_provisional(last.replace(day=29))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("[]", "object"),
        ("{", "line"),
        (days(off=["2025-09-14"]), "off"),
        (days(worked=["2025-09-15"]), "worked"),
        (days(off=["2024-09-16"]), "off"),
        (days(off="2025-09-15"), "off"),
        (days(confirmed_through="2026-12-31"), "confirmed_through"),
        (days(confirmed_through="2024-12-28"), "confirmed_through"),
        (days(holidays=[]), "holidays"),
    ],
)
def test_days_that_cannot_be_counted_by_are_refused_by_name(text: str, field: str) -> None:
    with pytest.raises(InvalidInput, match=field):
        read_days(text)


APPLY = """{"command": "apply", "case": "C-1", "at": "2025-09-15T09:00:00+08:00",
 "by": {"role": "applicant", "name": "王桂兰"}, "applicant": {"name": "王桂兰", "phone": "0712-2100001"},
 "address": "书院街道", "ground": "ill", "reason": "卧床", "items": [{"id": "A.5.1"}]}"""
TRANSFER = """{"command": "transfer", "case": "C-1", "at": "2025-09-15T10:00:00+08:00",
 "by": {"role": "integrated_window", "name": "周敏"},
 "notices": [{"number": "1号", "unit": "残联", "role": "lead", "items": ["A.5.1"]}]}"""


def test_the_command_line_counts_by_the_days_that_it_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal, told = tmp_path / "journal.jsonl", tmp_path / "days.json"
    lines = [line.replace("\n", "") for line in (APPLY, TRANSFER)]
    journal.write_text("\n".join(lines), encoding="utf-8")
    told.write_text(days(off=["2025-09-16", "2025-09-17"]), encoding="utf-8")
    store = ["--store", f"sqlite:///{tmp_path / 'store.db'}", "--calendar", str(told), "--json"]
    assert main(["run", str(journal), *store]) == 0
    capsys.readouterr()
    assert main(["due", "--at", "2025-09-16T09:00:00+08:00", *store]) == 0
    assert json.loads(capsys.readouterr().out)["due_day"] == "2025-09-18"


@pytest.mark.parametrize(
    ("text", "said"), [(None, "calendar: can't be read"), ("{}", "calendar.first_day")]
)
def test_days_that_cannot_be_read_are_said_before_a_store_is_made(
    text: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told, store, journal = (tmp_path / name for name in ("days.json", "store.db", "journal.jsonl"))
    journal.touch()
    if text is not None:
        told.write_text(text, encoding="utf-8")
    options = ["--store", f"sqlite:///{store}", "--calendar", str(told), "--lang", "en"]
    assert main(["run", str(journal), *options]) == 2
    assert store.exists() is False
    assert said in capsys.readouterr().err


# --- the runner bites ---------------------------------------------------------------------------

Change = Callable[[dict[str, Any]], None]


def altered(change: Change, *, verb: str) -> Callable[[Sequence[str]], Printed]:
    """This implementation, with each answer to ``verb`` changed."""

    def call(arguments: Sequence[str]) -> Printed:
        printed = this_one(arguments)
        if arguments[0] != verb:
            return printed
        answers = [json.loads(text) for text in printed.out.splitlines()]
        for answer in answers:
            change(answer)
        out = "".join(json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers)
        return Printed(status=printed.status, out=out, err=printed.err)

    return call


def faults(called: Callable[[Sequence[str]], Printed], case: str) -> str:
    return "\n".join(
        line for r in check(called, only=case) for f in r.faults for line in (*f.clauses, *f.wrong)
    )


def one_day_late(row: dict[str, Any]) -> None:
    if row["due_day"] == "2025-09-16":
        row["due_day"] = "2025-09-17"


def opened_long_ago(row: dict[str, Any]) -> None:
    row["opened_at"] = "2020-01-01T00:00:00+08:00"


def at_the_same_time(answer: dict[str, Any]) -> None:
    for finding in answer.get("findings", []):
        finding["at"] = finding["due"]


def certain_for_ever(row: dict[str, Any]) -> None:
    row["earliest"] = row["latest"] = "2027-01-01"


def never_the_latest(row: dict[str, Any]) -> None:
    row["latest"] = "9999-12-31"


def unbounded(row: dict[str, Any]) -> None:
    row["earliest"] = row["latest"] = None


def no_remedy(answer: dict[str, Any]) -> None:
    for violation in answer.get("violations", []):
        violation["remedy"] = None


def first_rule_only(answer: dict[str, Any]) -> None:
    if "violations" in answer:
        answer["violations"] = answer["violations"][:1]


def no_findings(answer: dict[str, Any]) -> None:
    answer.pop("findings", None)


def tells_the_phone(answer: dict[str, Any]) -> None:
    answer["phone"] = "0712-2100001"


def misnumbered(answer: dict[str, Any]) -> None:
    answer["line"] += 1


def unmasked(answer: dict[str, Any]) -> None:
    answer["address"] = "孝南区书院街道某小区3栋2单元501室"


def no_violations(answer: dict[str, Any]) -> None:
    if "violations" in answer:
        answer["violations"] = []


def another_field(answer: dict[str, Any]) -> None:
    for violation in answer.get("violations", []):
        violation.update(zh="有误", en="wrong", facts={})


@pytest.mark.parametrize(
    ("change", "verb", "case", "said"),
    [
        (no_violations, "run", "application-02", "no violation is given"),
        (no_violations, "run", "transfer_and_reply-06", "among []"),
        (another_field, "run", "precedence-01", "is not named"),
        (one_day_late, "due", "main_paths-01", "2025-09-17"),
        (no_remedy, "run", "application-01", "no remedy in zh"),
        (first_rule_only, "run", "application-07", "violations: expected"),
        (no_findings, "run", "main_paths-01", "findings: expected"),
        (tells_the_phone, "run", "main_paths-01", "repeats people's data"),
        (misnumbered, "run", "main_paths-01", "line: expected 1, got 2"),
        (unmasked, "show", "application-09", "shown: 孝南区"),
        (at_the_same_time, "run", "findings-03", "findings: expected"),
        (at_the_same_time, "show", "obligations-01", "findings: expected"),
        *(
            (change, "due", case, f'{field}": ')
            for change, field in (
                (opened_long_ago, "opened_at"),
                (certain_for_ever, "earliest"),
                (never_the_latest, "latest"),
                (unbounded, "earliest"),
            )
            for case in ("calendar-01", "calendar-12", "obligations-01", "findings-13")
        ),
    ],
)
def test_a_wrong_answer_is_found(change: Change, verb: str, case: str, said: str) -> None:
    assert said in faults(altered(change, verb=verb), case)


def test_a_wrong_exit_status_is_found() -> None:
    def call(arguments: Sequence[str]) -> Printed:
        printed = this_one(arguments)
        return Printed(status=0, out=printed.out, err=printed.err)

    assert "exit status: expected 1, got 0" in faults(call, "application-02")


def test_a_program_that_prints_something_else_fails() -> None:
    def call(arguments: Sequence[str]) -> Printed:
        return Printed(status=0, out="[]\nhello\n")

    said = faults(call, "main_paths-01")
    assert "expected 1 answers, one a line: exit status 0, '[]" in said
    assert "expected one JSON object" in said


def test_steps_are_counted_by_the_clause_that_their_answer_follows_from() -> None:
    counts = by_clause(check(altered(one_day_late, verb="due"), only="main_paths-01"))
    assert {clause for clause, (_, wrong) in counts.items() if wrong} >= {"7.2"}
    assert counts["9"][0] > 0


WRONG = """
import json, subprocess, sys

done = subprocess.run([sys.executable, "-m", "onsite_workflow.cli", *sys.argv[1:]],
                      capture_output=True, encoding="utf-8", check=False)
for line in done.stdout.splitlines():
    answer = json.loads(line)
    if answer.get("kind") == "reply":
        answer["bearer"] = "integrated_window"
    print(json.dumps(answer))
sys.exit(done.returncode)
"""


def test_another_program_is_held_to_the_pack_and_its_fault_named_by_clause(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(WRONG, encoding="utf-8")
    command = shlex.join([sys.executable, str(wrong)])
    status = main(["conformance", "--command", command, "--only", "obligations-04", "--json"])
    (report,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (status, report["passed"]) == (1, False)
    assert {clause for fault in report["faults"] for clause in fault["clauses"]} >= {"7.2"}
    assert {json.loads(fault["asked"]).popitem()[0] for fault in report["faults"]} == {"due"}


def test_a_program_that_is_not_there_fails_every_step_that_is_answered() -> None:
    called = program("no-such-program-anywhere")
    (report,) = check(called, only="main_paths-01")
    assert len(report.faults) == len(report.case.steps)


def test_the_report_says_what_is_wrong_and_counts_by_clause(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "onsite_workflow.cli._conformance.this_one", altered(one_day_late, verb="due")
    )
    assert main(["conformance", "--only", "main_paths-01", "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert "main_paths-01: 7.1–7.3" in said
    assert '"due_day": "2025-09-16"' in said
    assert "1 cases, 1 of them failed." in said


def test_a_name_that_no_case_begins_with_is_refused() -> None:
    assert main(["conformance", "--only", "nothing"]) == 2
