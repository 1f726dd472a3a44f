"""The JSON Schemas say what the library reads and writes: no more, and as far as they can, no less."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from fuzz.mutations import structured
from generate.schemas import schemas
from onsite_workflow import Command, CorruptRecord, Event, InvalidInput, Violation
from onsite_workflow.cli import main
from onsite_workflow.cli._conformance import this_one
from onsite_workflow.conformance import groups
from onsite_workflow.testing.cases.strategies import commands, events
from onsite_workflow.wire.reading import command_from_wire, event_from_json
from onsite_workflow.wire.writing import command_to_wire, event_to_json

ROOT = Path(__file__).parents[1]
SCHEMAS = schemas()
SHIPPED = resources.files("onsite_workflow.conformance").joinpath("schemas")

STEPS = [step for group in groups() for case in group.cases for step in case.steps]
LINES = [step["line"] for step in STEPS if "line" in step]
READ = [step["line"] for step in STEPS if "line" in step and step["answer"]["ok"]]
EXAMPLE = ROOT / "examples" / "xiaonan-2025-2026.jsonl"
GOLDEN = (ROOT / "tests" / "golden" / "events-v1.jsonl").read_text(encoding="utf-8").splitlines()

#: What certainly prints, and is no mark: the rest is for Unicode's categories to say.
PRINTS = re.compile(r"[!-~\u00c0-\u024f\u3400-\u9fff]*")


def beyond(line: Any, violation: Violation) -> bool:
    """Whether JSON Schema cannot say this; docs/reference/conformance.md lists the same."""
    where = re.findall(r"[^.\[\]]+", violation.facts["field"])
    value = line
    for key in where:
        try:
            value = value[int(key) if isinstance(value, list) else key]
        except (KeyError, TypeError):
            return False  # not there, or not to be named
    match violation.rule:
        case "surrounding_blank" | "required":  # a name that begins, ends or is what prints nothing
            return isinstance(value, str) and not PRINTS.fullmatch(value)
        case "unreadable":  # a day that no month has, a wrong check digit, a phone that is blank
            written = isinstance(value, str) and re.match(r"[0-9]{4}-[0-9]{2}-|[0-9X]{18}", value)
            return bool(written) or (isinstance(value, str) and not PRINTS.fullmatch(value))
        case "out_of_range":  # the last hours of the first year and the first of the last
            return isinstance(value, str)
        case "wrong_type":  # 1.0 is a whole number to a schema
            return isinstance(value, float) and value.is_integer()
        case _:
            return False


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[name])


def flaws(name: str, value: Any) -> list[str]:
    return [f"{e.json_path}: {e.message[:200]}" for e in validator(name).iter_errors(value)]


def unread(line: Any) -> tuple[Violation, ...]:
    """Why the library can't read ``line``; empty where it can."""
    try:
        command_from_wire(line)
    except InvalidInput as error:
        return error.violations
    return ()


def agrees(name: str, value: Any, wrong: tuple[Violation, ...]) -> bool:
    """Whether the schema says of ``value`` what the reader says, as far as it can."""
    if flaws(name, value):
        return bool(wrong)
    return all(beyond(value, violation) for violation in wrong)


# --- the documents ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_a_schema_of_2020_12(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$id"] == f"urn:onsite-workflow:schema:{name}"


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_that_ships_is_current(name: str) -> None:
    shipped = SHIPPED.joinpath(f"{name}.json").read_text(encoding="utf-8")
    assert json.loads(shipped) == json.loads(json.dumps(SCHEMAS[name])), "run docs/generate"


def test_no_schema_ships_that_is_not_made() -> None:
    assert {file.name for file in SHIPPED.iterdir()} == {f"{name}.json" for name in SCHEMAS}


@pytest.mark.parametrize("group", [group.name for group in groups()])
def test_a_group_of_the_pack_is_what_its_schema_says(group: str) -> None:
    file = resources.files("onsite_workflow.conformance").joinpath("cases", f"{group}.json")
    assert flaws("conformance-group", json.loads(file.read_text(encoding="utf-8"))) == []


# --- journal lines ------------------------------------------------------------------------------


@pytest.mark.parametrize("line", EXAMPLE.read_text(encoding="utf-8").splitlines()[::7])
def test_a_line_of_the_example_is_valid(line: str) -> None:
    assert flaws("journal-line", json.loads(line)) == []


def test_every_line_that_the_pack_has_accepted_is_valid() -> None:
    assert [found for line in READ if (found := flaws("journal-line", line))] == []


def test_every_line_of_the_pack_that_cannot_be_read_is_invalid_where_a_schema_can_know() -> None:
    bad = [(line, wrong) for line in LINES if (wrong := unread(line))]
    assert len(bad) > 150
    assert [line for line, wrong in bad if not agrees("journal-line", line, wrong)] == []
    assert sum(not flaws("journal-line", line) for line, _ in bad) < 10


@given(commands(), st.booleans())
@settings(max_examples=150)
def test_every_command_is_valid_as_it_is_written(command: Command, entered: bool) -> None:
    line = command_to_wire(command, command.at if entered else None)
    assert flaws("journal-line", json.loads(json.dumps(line))) == []


@given(structured(READ[:400]))
@settings(max_examples=300)
def test_a_schema_and_the_reader_agree_on_a_line_that_somebody_has_changed(line: Any) -> None:
    assert agrees("journal-line", line, unread(line)), unread(line)


# --- events -------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", GOLDEN, ids=[json.loads(line)["event"] for line in GOLDEN])
def test_a_golden_event_is_valid(line: str) -> None:
    assert flaws("event", json.loads(line)) == []


@given(events())
@settings(max_examples=100)
def test_every_event_is_valid_as_it_is_stored(event: Event) -> None:
    assert flaws("event", json.loads(event_to_json(event))) == []


@given(structured([json.loads(line) for line in GOLDEN]))
@settings(max_examples=200)
def test_a_schema_and_the_reader_agree_on_an_event_that_somebody_has_changed(value: Any) -> None:
    wrong: tuple[Violation, ...] = ()
    try:
        event_from_json(json.dumps(value))
    except CorruptRecord as error:
        wrong = error.violations
    assert agrees("event", value, wrong), wrong


# --- answers ------------------------------------------------------------------------------------

ANSWERS = {"run": "run-answer", "due": "due-line", "show": "case"}


def printed(verb: str, *arguments: str) -> Iterator[Any]:
    said = this_one([verb, *arguments, "--json"])
    return (json.loads(line) for line in said.out.splitlines())


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store in which the example journal was run."""
    url = f"sqlite:///{tmp_path_factory.mktemp('schemas') / 'store.db'}"
    assert main(["run", str(EXAMPLE), "--store", url, "--json"]) in (0, 1)
    return url


@pytest.mark.parametrize("group", [group for group in groups() if group.name != "malformed_lines"])
def test_what_run_answers_is_valid(group: Any, tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    lines = [s["line"] for case in group.cases for s in case.steps if "line" in s][:60]
    journal.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    answers = list(printed("run", str(journal), "--store", f"sqlite:///{tmp_path / 'store.db'}"))
    assert len(answers) == len(lines)
    assert [found for answer in answers if (found := flaws("run-answer", answer))] == []


def test_what_due_prints_is_valid(store: str) -> None:
    lines = list(printed("due", "--store", store, "--at", "2026-06-01T00:00:00+08:00", "--all"))
    assert len(lines) > 100
    assert [found for line in lines if (found := flaws("due-line", line))] == []


@pytest.mark.parametrize("full", [[], ["--full"]], ids=["masked", "full"])
def test_what_show_prints_is_valid(store: str, full: list[str]) -> None:
    at = ["--at", "2026-12-31T00:00:00+08:00"]
    cases = {json.loads(line)["case"] for line in EXAMPLE.read_text("utf-8").splitlines()}
    shown = [
        case for id_ in sorted(cases) for case in printed("show", id_, "--store", store, *at, *full)
    ]
    assert len(shown) > 40
    assert [found for case in shown if (found := flaws("case", case))] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("run-answer", {"line": 1, "case": "C-1", "ok": True}),
        ("run-answer", {"line": 1, "case": "C-1", "ok": False, "error": "no", "violations": []}),
        ("due-line", {"case": "C-1", "clause": "7.2"}),
        ("case", {"case": "C-1"}),
        ("conformance-group", {"format": 1, "edition": "e", "calendar": {}, "cases": []}),
    ],
)
def test_what_is_no_answer_is_invalid(name: str, value: Any) -> None:
    assert flaws(name, value) != []
