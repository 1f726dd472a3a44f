"""The oracle against the data that readers wrote from the texts; no library code decides here.

The conformance pack says what its steps mean. Of `show` the state, the result and the findings are
compared, where it is asked of the whole case; texts and masks are not an oracle's to judge.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from onsite_workflow.calendar import WorkingCalendar
from onsite_workflow.clause7.regulation import DB4209_T_32_2023
from onsite_workflow.directory import Directory, Unit

from .facts import as_it_stands, result, state
from .ledger import Answer, Ledger
from .limits import Late, late, standing

ROOT = Path(__file__).parents[2]
PACK = ROOT / "src" / "onsite_workflow" / "conformance" / "cases"
CHINA = WorkingCalendar.china()

#: What an oracle can't be asked: sentences, and which field a malformed line has.
NOT_ITS_OWN = {"names", "event"}
RANGE = ("earliest", "latest")


def fits(expected: Any, got: Any) -> bool:
    """The pack's rule of comparison: an object may have more, a list is in any order, times are
    instants, a day lies within bounds."""
    if isinstance(expected, dict) and isinstance(got, dt.date):
        return bool(expected["not_before"] <= got.isoformat() <= expected["not_after"])
    if isinstance(expected, dict):
        return all(key in got and fits(value, got[key]) for key, value in expected.items())
    if isinstance(expected, list):
        left = list(got)
        for element in expected:
            fit = next((one for one in left if fits(element, one)), None)
            if fit is None:
                return False
            left.remove(fit)
        return not left
    if isinstance(expected, str) and isinstance(got, dt.datetime):
        return dt.datetime.fromisoformat(expected) == got
    if isinstance(expected, str) and isinstance(got, dt.date):
        return expected == got.isoformat()
    return bool(expected == got)


def late_as_told(findings: Iterable[Late]) -> list[dict[str, Any]]:
    names = ("code", "clause", "bearer", "due", "at", "by_seconds", "kind")
    return [{name: getattr(finding, name) for name in names} for finding in findings]


def as_told(answer: Answer) -> dict[str, Any]:
    """The oracle's verdict in the words of an answer."""
    verdict = answer.verdict
    if not verdict.allowed:
        columns = ("rule", "clause", "interpretation")
        violations = [dict(zip(columns, broken, strict=True)) for broken in verdict.broken]
        return {"ok": False, "error": verdict.answer, "violations": violations}
    return {
        "ok": True,
        "state": verdict.state,
        "version": answer.version,
        "repeated": answer.repeated,
        "findings": late_as_told(verdict.findings),
    }


def answered_otherwise(expected: dict[str, Any], answer: Answer) -> bool:
    got = as_told(answer)
    wanted = {name: told for name, told in expected.items() if name not in NOT_ITS_OWN}
    among = wanted.pop("violations_include", [])
    if got["ok"]:
        wanted.setdefault("repeated", False)
    return not fits(wanted, got) or not all(
        any(fits(one, other) for other in got.get("violations", ())) for one in among
    )


def owed_as_told(asked: dict[str, Any], ledger: Ledger) -> list[dict[str, Any]]:
    as_of, everything = dt.datetime.fromisoformat(asked["at"]), asked.get("all", False)
    rows: list[dict[str, Any]] = []
    for owed in standing(
        ledger.cases[asked["case"]],
        as_of=as_of,
        regulation=ledger.regulation,
        calendar=ledger.calendar,
    ):
        status = owed.status(as_of)
        wanted = everything or status in ("open", "overdue")
        if "unit" in asked and owed.bearer != asked["unit"]:
            wanted = False
        if "before" in asked:
            before = dt.datetime.fromisoformat(asked["before"])
            wanted = wanted and owed.due is not None and owed.due < before
        if wanted:
            names = ("kind", "bearer", "clause", "opened_at", "due_day", "due", "provisional")
            certain = {} if owed.provisional else dict.fromkeys(RANGE, owed.due_day)
            told = {name: getattr(owed, name) for name in names}
            rows.append({"status": status, **told, **certain})
    return rows


def without_ranges(expected: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of provisional limits without the days that they may come to (I-11): an oracle knows
    neither what was assumed nor what follows from it."""
    return [
        {name: told for name, told in row.items() if name not in RANGE}
        if row.get("provisional") or any(isinstance(row.get(name), dict) for name in RANGE)
        else row
        for row in expected
    ]


def case_as_told(name: str, ledger: Ledger) -> dict[str, Any]:
    """State, result and findings of what ``show`` prints."""
    history = ledger.cases[name]
    past = as_it_stands(history, ledger.regulation.catalogue)
    found = late(history, regulation=ledger.regulation, calendar=ledger.calendar)
    return {
        "state": state(past),
        "result": result(past),
        "version": len(past),
        "findings": late_as_told(found),
    }


def step_is_wrong(step: dict[str, Any], ledger: Ledger) -> bool:
    expected = step.get("answer")
    if "line" in step or "text" in step:
        if expected is None:  # a blank line
            return False
        said = step["text"] if "text" in step else json.dumps(step["line"])
        return answered_otherwise(expected, ledger.enter(said))
    if "due" in step:
        return not fits(without_ranges(expected or []), owed_as_told(step["due"], ledger))
    if "at" in step["show"] or expected is None:  # R-13 is how the past is printed
        return False
    told = case_as_told(step["show"]["case"], ledger)
    return not fits({name: value for name, value in expected.items() if name in told}, told)


@pytest.mark.parametrize("file", sorted(PACK.glob("*.json")), ids=lambda file: file.stem)
def test_the_oracle_says_what_readers_of_the_texts_expect(file: Path) -> None:
    group = json.loads(file.read_text(encoding="utf-8"))
    ledger = Ledger(DB4209_T_32_2023, CHINA)
    wrong: list[str] = []
    for case in group["cases"]:
        if not case.get("continues", False):
            ledger = Ledger(DB4209_T_32_2023, CHINA)
        wrong += [
            f"{case['name']} {json.dumps(step, ensure_ascii=False)}"
            for step in case["steps"]
            if step_is_wrong(step, ledger)
        ]
    assert not wrong, "\n".join(wrong)


# --- the example journal --------------------------------------------------------------------------

EXAMPLES = ROOT / "examples"
_CODE = re.compile(r"`([^`]*)`")


def directory() -> Directory:
    with (EXAMPLES / "units.csv").open(encoding="utf-8", newline="") as file:
        return Directory(
            [Unit(name=row["name"], phone=row["phone"]) for row in csv.DictReader(file)]
        )


def refusals_told() -> list[tuple[str, str, str, frozenset[str]]]:
    """The table `What is refused` of the journal's README: case, command, answer, rules."""
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8").split("## What is refused")[1]
    cells = [line.split("|")[1:-1] for line in text.split("\n") if line.startswith("| XN-")]
    return [
        (case.strip(), *_CODE.findall(command), *_CODE.findall(answer), frozenset(_CODE.findall(r)))
        for case, command, answer, r, _ in cells
    ]


def test_of_the_example_journal_what_is_told_as_refused_is_and_nothing_else() -> None:
    ledger = Ledger(DB4209_T_32_2023, CHINA, directory())
    refused: list[tuple[str, str, str, frozenset[str]]] = []
    repeated: list[str] = []
    for row in (EXAMPLES / "xiaonan-2025-2026.jsonl").read_text(encoding="utf-8").splitlines():
        answer, line = ledger.enter(row), json.loads(row)
        if answer.repeated:
            repeated.append(line["case"])
        if not answer.verdict.allowed:
            rules = frozenset(rule for rule, *_ in answer.verdict.broken)
            refused.append((line["case"], line["command"], answer.verdict.answer, rules))
    assert sorted(refused, key=str) == sorted(refusals_told(), key=str)
    assert repeated == ["XN-2025-0003"]
    assert len(ledger.cases) == 47
