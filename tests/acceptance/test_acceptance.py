"""The journals beside this file, played through the real command line.

Each `*.jsonl` is one store. Its lines, in order, are one of

- `{"#": "..."}`: what the block below it shows (the block is one test);
- `{"in": {journal line}, "out": {...}}`: `run` answers this line so. `out` holds the keys that the
  texts settle: `ok`, `state`, `version`, `event`, `error`, `repeated`, `rules` (every unmet rule of
  a refusal as `[rule, clause, interpretation?]`; `rules_include`: at least these), `findings`
  (`[code, clause, bearer, due, by_seconds]`, from the left as far as it is settled);
- `{"raw": "text", "out": {...}}`: the same for a line that is not a command; a `field` must be
  named; `null` where nothing is answered;
- `{"due": {"at", "unit"?, "before"?, "all"?, "case"}, "out": [...]}`: the case's obligations as
  `[kind, bearer, clause, status, due_day, due, provisional]` after all lines above;
- `{"show": case, "at"?, "full"?, "contains"?, "lacks"?, "out": {...}}`: what `show` prints.

`"?"` stands for a value that the texts leave open. Instants are compared as instants.
The expected answers are read from the standard and its reading, never from the code.
"""

import contextlib
import io
import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from onsite_workflow.cli import main

Line = dict[str, Any]

HERE = Path(__file__).parent
FILES = sorted(path.stem for path in HERE.glob("*.jsonl"))
DUE_COLUMNS = ("kind", "bearer", "clause", "status", "due_day", "due", "provisional")
RULE_COLUMNS = ("rule", "clause", "interpretation")
FINDING_COLUMNS = ("code", "clause", "bearer", "due", "by_seconds")
ANY = "?"


def read(stem: str) -> list[Line]:
    text = (HERE / f"{stem}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def blocks(stem: str) -> list[tuple[str, list[int]]]:
    """The comments of a file, each with the indices of the lines it covers."""
    found: list[tuple[str, list[int]]] = []
    for index, line in enumerate(read(stem)):
        if "#" in line:
            found.append((line["#"], []))
        else:
            found[-1][1].append(index)
    return found


def command_line(*arguments: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of one call."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(list(arguments))
    texts: list[str] = []
    for stream in (out, err):
        stream.seek(0)
        texts.append(stream.read())
    return status, texts[0], texts[1]


def same(expected: Any, got: Any) -> bool:
    """Equal, or not settled, or the same instant written differently."""
    if expected in (ANY, got):
        return True
    if not (isinstance(expected, str) and isinstance(got, str) and "T" in expected):
        return False
    try:
        return datetime.fromisoformat(expected) == datetime.fromisoformat(got)
    except (ValueError, TypeError):  # not an instant, or a naive one
        return False


def unmatched(expected: list[list[Any]], got: list[list[Any]]) -> bool:
    """Whether the two lists differ, their order apart (a shorter row binds its own columns)."""
    left = list(got)
    for row in expected:
        match = next((g for g in left if all(map(same, row, g))), None)
        if match is None:
            return True
        left.remove(match)
    return bool(left)


def columns(record: Line, names: tuple[str, ...]) -> list[Any]:
    return [record.get(name, "(absent)") for name in names]


def people(line: Line) -> Iterator[Any]:
    """What a line says about people, and no answer may repeat (values of any type)."""
    for person in (line.get("applicant"), line.get("recipient"), line.get("by")):
        if isinstance(person, dict):
            yield from (person.get(key) for key in ("name", "phone", "id_number"))
    yield from (line.get(key) for key in ("address", "explained_to", "received_by"))


def judge_answer(expected: Line, got: Line) -> list[str]:
    """What is wrong with the answer to one journal line."""
    wrong = [
        f"{key}: expected {expected[key]!r}, got {got.get(key)!r}"
        for key in ("ok", "state", "version", "event", "error")
        if key in expected and got.get(key) != expected[key]
    ]
    if expected["ok"] and bool(got.get("repeated")) != expected.get("repeated", False):
        wrong.append(f"repeated: got {got.get('repeated')!r}")
    violations: list[Line] = got.get("violations") or []
    rules = sorted((columns(v, RULE_COLUMNS) for v in violations), key=str)
    wrong += [
        f"rules: expected {wanted} among {rules}"
        for wanted in expected.get("rules_include", [])
        if wanted not in [rule[: len(wanted)] for rule in rules]
    ]
    if "rules" in expected:
        wanted = sorted(expected["rules"], key=str)
        if len(rules) != len(wanted) or any(
            g[: len(w)] != w for g, w in zip(rules, wanted, strict=False)
        ):
            wrong.append(f"rules: expected {wanted}, got {rules}")
    if not expected["ok"] and got.get("ok") is False:
        wrong += judge_violations(got.get("error"), violations)
    if "field" in expected and expected["field"] not in json.dumps(violations, ensure_ascii=False):
        wrong.append(f"the field {expected['field']!r} is not named: {violations}")
    if "findings" in expected:
        findings = [columns(f, FINDING_COLUMNS) for f in got.get("findings") or []]
        if unmatched(expected["findings"], findings):
            wrong.append(f"findings: expected {expected['findings']}, got {findings}")
    return wrong


def judge_violations(error: Any, violations: list[Line]) -> list[str]:
    """A refusal says in both languages what is unmet and what would satisfy it."""
    if not violations:
        return ["no violation is given"]
    wrong = [
        f"{violation.get('rule')}: no sentence in {language}"
        for violation in violations
        for language in ("zh", "en")
        if not violation.get(language)
    ]
    if error == "refused":
        wrong += [
            f"{violation.get('rule')}: no remedy in {language}"
            for violation in violations
            for language in ("zh", "en")
            if not (violation.get("remedy") or {}).get(language)
        ]
    return wrong


def run_lines(
    stem: str, lines: list[tuple[int, Line]], store: str, journal: Path
) -> dict[int, str]:
    """Play one stretch of journal lines; a complaint about each line answered wrongly."""
    texts = [
        line["raw"] if "raw" in line else json.dumps(line["in"], ensure_ascii=False)
        for _, line in lines
    ]
    journal.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    status, out, err = command_line("run", str(journal), "--store", store, "--json")
    answers = [json.loads(text) for text in out.split("\n") if text.strip()]
    said = [(i, line) for i, line in lines if line["out"] is not None]
    if len(answers) != len(said):
        raise AssertionError(f"{stem}: {len(said)} lines, {len(answers)} answers\n{out}\n{err}")
    complaints: dict[int, str] = {}
    numbers = [n for n, (_, line) in enumerate(lines, start=1) if line["out"] is not None]
    for (index, line), number, answer in zip(said, numbers, answers, strict=True):
        wrong = judge_answer(line["out"], answer)
        if answer.get("line") != number:
            wrong.append(f"line: expected {number}, got {answer.get('line')!r}")
        told = json.dumps(answer, ensure_ascii=False) + err
        wrong += [
            "the answer repeats people's data"
            for value in people(line.get("in", {}))
            if isinstance(value, str) and len(value) > 1 and value in told
        ]
        if wrong:
            shown = json.dumps(line.get("in", line.get("raw")), ensure_ascii=False)
            complaints[index] = "\n    ".join([shown, *wrong, f"whole answer: {answer}"])
    expected_status = 0 if all(line["out"]["ok"] for _, line in said) else 1
    if status != expected_status and not complaints:
        complaints[lines[-1][0]] = f"exit status: expected {expected_status}, got {status}"
    return complaints


def judge_due(line: Line, store: str) -> str | None:
    asked = line["due"]
    arguments = ["due", "--store", store, "--at", asked["at"], "--json"]
    for option in ("unit", "before"):
        if option in asked:
            arguments += [f"--{option}", asked[option]]
    if asked.get("all"):
        arguments.append("--all")
    _, out, err = command_line(*arguments)
    records = [json.loads(text) for text in out.split("\n") if text.strip()]
    got = [columns(r, DUE_COLUMNS) for r in records if r["case"] == asked["case"]]
    if not unmatched(line["out"], got):
        return None
    rows = [f"    expected {row}" for row in line["out"]] + [f"    got      {row}" for row in got]
    return "\n".join([" ".join(arguments), *rows, err])


def judge_show(line: Line, store: str) -> str | None:
    arguments = ["show", line["show"], "--store", store, "--json"]
    if "at" in line:
        arguments += ["--at", line["at"]]
    if line.get("full"):
        arguments.append("--full")
    _, out, err = command_line(*arguments)
    if not out.strip():
        return f"{arguments}: nothing printed\n{err}"
    got = json.loads(out)
    expected = dict(line["out"])
    wrong: list[str] = []
    if "findings" in expected:
        wanted = expected.pop("findings")
        findings = [columns(f, FINDING_COLUMNS) for f in got.get("findings") or []]
        if unmatched(wanted, findings):
            wrong.append(f"findings: expected {wanted}, got {findings}")
    wrong += [
        f"{key}: expected {value!r}, got {got.get(key, '(absent)')!r}"
        for key, value in expected.items()
        if got.get(key, "(absent)") != value
    ]
    printed = json.dumps(got, ensure_ascii=False)
    wrong += [f"shown without --full: {text}" for text in line.get("lacks", []) if text in printed]
    wrong += [f"not shown: {text}" for text in line.get("contains", []) if text not in printed]
    return "\n    ".join([" ".join(arguments), *wrong]) if wrong else None


@cache
def played(stem: str, folder: Path) -> dict[int, str]:
    """Play a whole file once; the complaints by line index."""
    # a folder of its own, so that a play broken off by a crash is not taken up half-way
    own = Path(mkdtemp(prefix=stem, dir=folder))
    store = f"sqlite:///{own / 'store.db'}"
    lines = [(i, line) for i, line in enumerate(read(stem)) if "#" not in line]
    complaints: dict[int, str] = {}

    def is_journal(entry: tuple[int, Line]) -> bool:
        return "out" in entry[1] and ("in" in entry[1] or "raw" in entry[1])

    for journal_lines, stretch in groupby(lines, key=is_journal):
        if journal_lines:
            complaints |= run_lines(stem, list(stretch), store, own / "journal.jsonl")
            continue
        for index, line in stretch:
            complaint = judge_due(line, store) if "due" in line else judge_show(line, store)
            if complaint:
                complaints[index] = complaint
    return complaints


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("acceptance")


@pytest.mark.parametrize(
    ("stem", "shows", "indices"),
    [
        pytest.param(stem, shows, tuple(indices), id=f"{stem}-{number}")
        for stem in FILES
        for number, (shows, indices) in enumerate(blocks(stem), start=1)
    ],
)
def test_journal_is_answered_as_the_standard_reads(
    stem: str, shows: str, indices: tuple[int, ...], folder: Path
) -> None:
    complaints = played(stem, folder)
    wrong = [f"{stem}.jsonl:{i + 1}: {complaints[i]}" for i in indices if i in complaints]
    assert not wrong, f"{shows}\n" + "\n".join(wrong)


def test_a_reading_command_does_not_create_a_store(tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    status, _, _ = command_line(
        "due", "--store", f"sqlite:///{missing}", "--at", "2025-09-15T09:00:00+08:00", "--json"
    )
    assert (status != 0, missing.exists()) == (True, False)
