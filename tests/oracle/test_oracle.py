"""The oracle against the data that readers wrote from the texts; no library code decides here.

`tests/acceptance` says what its lines mean. Of `show` the state, the result and the findings are
compared, where it is asked of the whole case; texts and masks are not an oracle's to judge.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from onsite_workflow.calendar import WorkingCalendar
from onsite_workflow.regulation import DB4209_T_32_2023
from onsite_workflow.terms import Directory, Unit

from .facts import as_it_stands, result, state
from .ledger import Answer, Ledger
from .limits import Late, late, standing

ROOT = Path(__file__).parents[2]
ACCEPTANCE = ROOT / "tests" / "acceptance"
CHINA = WorkingCalendar.china()

Line = dict[str, Any]


def same(expected: Any, got: Any) -> bool:
    """Equal, or left open by the texts, or the same instant written otherwise."""
    if expected in ("?", got):
        return True
    if isinstance(expected, str) and isinstance(got, dt.datetime):
        return dt.datetime.fromisoformat(expected) == got
    return isinstance(got, dt.date) and expected == got.isoformat()


def alike(expected: list[list[Any]], got: list[list[Any]]) -> bool:
    """The same rows in any order; a shorter expected row binds its own columns alone."""
    left = list(got)
    for row in expected:
        fit = next((g for g in left if all(map(same, row, g))), None)
        if fit is None:
            return False
        left.remove(fit)
    return not left


def finding_row(finding: Late) -> list[Any]:
    return [finding.code, finding.clause, finding.bearer, finding.due, finding.by_seconds]


def complaints(line: Line, answer: Answer) -> list[str]:
    """What the oracle says otherwise than the data."""
    expected, verdict = line["out"], answer.verdict
    wrong: list[str] = []
    if expected["ok"] != verdict.allowed:
        wrong.append(f"expected {expected}, got {verdict}")
    elif verdict.allowed:
        for key, got in (("state", verdict.state), ("version", answer.version)):
            if expected.get(key, got) != got:
                wrong.append(f"{key}: expected {expected[key]}, got {got}")
        if answer.repeated != expected.get("repeated", False):
            wrong.append(f"repeated: got {answer.repeated}")
        found = [finding_row(finding) for finding in verdict.findings]
        if "findings" in expected and not alike(expected["findings"], found):
            wrong.append(f"findings: expected {expected['findings']}, got {found}")
    else:
        if expected.get("error", verdict.answer) != verdict.answer:
            wrong.append(f"expected {expected['error']}, got {verdict.answer}")
        broken = [list(rule) for rule in verdict.broken]
        if "rules" in expected and not alike(expected["rules"], broken):
            wrong.append(f"rules: expected {expected['rules']}, got {broken}")
        wrong += [
            f"rules: expected {rule} among {broken}"
            for rule in expected.get("rules_include", ())
            if not any(all(map(same, rule, one)) for one in broken)
        ]
    return wrong


def due_complaint(line: Line, ledger: Ledger) -> list[str]:
    asked, all_kinds = line["due"], line["due"].get("all", False)
    as_of = dt.datetime.fromisoformat(asked["at"])
    rows: list[list[Any]] = []
    for owed in standing(
        ledger.cases[asked["case"]], as_of=as_of, regulation=ledger.regulation, calendar=CHINA
    ):
        status = owed.status(as_of)
        wanted = all_kinds or status in ("open", "overdue")
        if "unit" in asked and owed.bearer != asked["unit"]:
            wanted = False
        if "before" in asked:
            before = dt.datetime.fromisoformat(asked["before"])
            wanted = wanted and owed.due is not None and owed.due <= before
        if wanted:
            row = [owed.kind, owed.bearer, owed.clause, status, owed.due_day, owed.due]
            rows.append([*row, owed.provisional])
    return [] if alike(line["out"], rows) else [f"expected {line['out']}, got {rows}"]


def show_complaint(line: Line, ledger: Ledger) -> list[str]:
    """State, result and findings of what ``show`` prints, where it is asked of the whole case."""
    if "at" in line:
        return []
    history = ledger.cases[line["show"]]
    past = as_it_stands(history, ledger.regulation.catalogue)
    expected, wrong = line["out"], []
    for key, got in (("state", state(past)), ("result", result(past)), ("version", len(past))):
        if expected.get(key, got) != got:
            wrong.append(f"{key}: expected {expected[key]}, got {got}")
    found = late(history, regulation=ledger.regulation, calendar=CHINA)
    rows = [finding_row(finding) for finding in found]
    if "findings" in expected and not alike(expected["findings"], rows):
        wrong.append(f"findings: expected {expected['findings']}, got {rows}")
    return wrong


@cache
def played(stem: str) -> dict[int, list[str]]:
    """What is answered otherwise, by line number."""
    ledger = Ledger(DB4209_T_32_2023, CHINA)
    found: dict[int, list[str]] = {}
    text = (ACCEPTANCE / f"{stem}.jsonl").read_text(encoding="utf-8")
    for number, row in enumerate(filter(None, text.split("\n")), start=1):
        line = json.loads(row)
        if "due" in line:
            wrong = due_complaint(line, ledger)
        elif "show" in line:
            wrong = show_complaint(line, ledger)
        elif ("in" in line or "raw" in line) and line["out"] is not None:
            said = line["raw"] if "raw" in line else json.dumps(line["in"])
            wrong = complaints(line, ledger.enter(said))
        else:
            continue
        if wrong:
            found[number] = [row, *wrong]
    return found


@pytest.mark.parametrize("stem", sorted(path.stem for path in ACCEPTANCE.glob("*.jsonl")))
def test_the_oracle_says_what_readers_of_the_texts_expect(stem: str) -> None:
    wrong = played(stem)
    assert not wrong, "\n".join(f"{stem}.jsonl:{n}: " + "\n    ".join(w) for n, w in wrong.items())


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
