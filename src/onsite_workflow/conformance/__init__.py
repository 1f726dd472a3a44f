"""The conformance pack: what any implementation of the standard must answer, and the runner.

``cases/`` holds the pack, one JSON file a group; ``schemas/`` the JSON Schemas of everything that
goes in and out. Both are for implementations in any language: ``docs/reference/conformance.md``
describes them. The expected answers were read from the standard and its reading, never from code.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from ._judge import answer_faults, list_faults, show_faults
from ._pack import FORMAT, Case, GivenDays, Group, groups, read_days

__all__ = [
    "FORMAT",
    "Case",
    "CaseReport",
    "Fault",
    "GivenDays",
    "Group",
    "Printed",
    "Program",
    "by_clause",
    "check",
    "groups",
    "program",
    "read_days",
]

WIRE: Final = "journal"
"""Where a report counts what no clause of the standard settles: the journal's own form."""

PATIENCE: Final = 120
"""Seconds after which a program that has not answered is stopped."""


@frozen(kw_only=True)
class Printed:
    """What one call of a program came to."""

    status: int
    out: str
    err: str = ""


Program = Callable[[Sequence[str]], Printed]
"""Something that answers ``run``, ``due`` and ``show`` as the command line does."""


@frozen(kw_only=True)
class Fault:
    """A step that was answered wrongly: which of the case's (from 1), the clauses it follows from,
    what was asked, and everything that is wrong with the answer."""

    step: int
    clauses: tuple[str, ...]
    asked: str
    wrong: tuple[str, ...]


@frozen(kw_only=True)
class CaseReport:
    """One case of the pack, played. ``counts``: steps by clause, right and wrong ones."""

    group: str
    case: Case
    faults: tuple[Fault, ...]

    @property
    def passed(self) -> bool:
        """Whether every step was answered as expected."""
        return not self.faults


def program(command: str) -> Program:
    """The program that ``command`` starts, each call in a process of its own."""

    import shlex  # noqa: PLC0415 - the command line must not pay for these at every start
    import subprocess  # noqa: PLC0415

    def call(arguments: Sequence[str]) -> Printed:
        try:
            done = subprocess.run(
                [*shlex.split(command), *arguments],
                capture_output=True,
                check=False,
                timeout=PATIENCE,
            )
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            return Printed(status=-1, out="", err=f"{type(error).__name__} of {command}")
        return Printed(
            status=done.returncode,
            out=done.stdout.decode("utf-8", "replace"),
            err=done.stderr.decode("utf-8", "replace"),
        )

    return call


def check(called: Program, *, only: str | None = None) -> Iterator[CaseReport]:
    """Play the pack, or the cases whose name begins with ``only``; a report each, in order."""
    for group in groups():
        for together in group.stores():
            if only is None or any(case.name.startswith(only) for case in together):
                yield from _play(called, group, together)


def by_clause(reports: Iterable[CaseReport]) -> Mapping[str, tuple[int, int]]:
    """Steps answered rightly and wrongly, by the clause that their answer follows from."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for report in reports:
        faulty = {fault.step for fault in report.faults}
        for number, step in enumerate(report.case.steps, start=1):
            (wrong if number in faulty else right).update(_clauses(report.case, step))
    found = sorted(right | wrong, key=lambda clause: [_order(part) for part in clause.split(".")])
    return {clause: (right[clause], wrong[clause]) for clause in found}


def _order(part: str) -> tuple[bool, int, str]:
    return (not part.isdigit(), int(part) if part.isdigit() else 0, part)


def _clauses(case: Case, step: Mapping[str, Any]) -> tuple[str, ...]:
    """The clauses that the step's own answer names; else those of its case."""
    answer = step["answer"]
    rows: list[Any] = answer if isinstance(answer, list) else []
    if isinstance(answer, Mapping):
        for name in ("violations", "violations_include", "findings"):
            rows += answer.get(name, [])
    named = {row["clause"] for row in rows if row.get("clause")}
    return tuple(sorted(named)) or case.clauses or (WIRE,)


# --- playing ------------------------------------------------------------------------------------


@frozen(kw_only=True)
class _Stage:
    """One store, and the program that keeps it."""

    called: Program
    folder: Path

    def ask(self, *arguments: str) -> tuple[Printed, list[Any] | None]:
        """What was printed, and the JSON objects in it; None where it is something else."""
        store = f"sqlite:///{self.folder / 'store.db'}"
        calendar = str(self.folder / "calendar.json")
        printed = self.called([*arguments, "--store", store, "--calendar", calendar, "--json"])
        try:
            found = [json.loads(text) for text in printed.out.split("\n") if text.strip()]
        except ValueError:
            return printed, None
        return printed, found if all(isinstance(each, dict) for each in found) else None


def _play(called: Program, group: Group, together: list[Case]) -> Iterator[CaseReport]:
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        stage = _Stage(called=called, folder=Path(folder))
        (stage.folder / "calendar.json").write_text(json.dumps(group.calendar), encoding="utf-8")
        for case in together:
            faults: list[Fault] = []
            numbered = list(enumerate(case.steps, start=1))
            for journal, stretch in groupby(numbered, key=lambda entry: _is_line(entry[1])):
                steps = list(stretch)
                answered = _run(stage, steps) if journal else (_ask(stage, s) for _, s in steps)
                faults += [
                    Fault(
                        step=number,
                        clauses=_clauses(case, step),
                        asked=json.dumps(_asked(step), ensure_ascii=False),
                        wrong=tuple(wrong),
                    )
                    for (number, step), wrong in zip(steps, answered, strict=True)
                    if wrong
                ]
            yield CaseReport(group=group.name, case=case, faults=tuple(faults))


def _is_line(step: Mapping[str, Any]) -> bool:
    return "line" in step or "text" in step


def _asked(step: Mapping[str, Any]) -> Any:
    return {name: value for name, value in step.items() if name != "answer"}


def _run(stage: _Stage, steps: list[tuple[int, Mapping[str, Any]]]) -> Iterator[list[str]]:
    """The faults of each of these lines, played as one journal."""
    journal = stage.folder / "journal.jsonl"
    texts = [
        step["text"] if "text" in step else json.dumps(step["line"], ensure_ascii=False)
        for _, step in steps
    ]
    journal.write_text("".join(text + "\n" for text in texts), encoding="utf-8", newline="\n")
    printed, answers = stage.ask("run", str(journal))
    expected = [step["answer"] for _, step in steps if step["answer"] is not None]
    status = int(not all(answer["ok"] for answer in expected))
    if answers is None or len(answers) != len(expected):
        wrong = f"expected {len(expected)} answers, one a line: {_excerpt(printed)}"
        yield from ([wrong] if step["answer"] is not None else [] for _, step in steps)
        return
    given = iter(answers)
    none_wrong = True
    for number, (_, step) in enumerate(steps, start=1):
        found: list[str] = []
        if step["answer"] is not None:
            got = next(given)
            found += answer_faults(step["answer"], got, step.get("line", {}), printed.err)
            if got.get("line") != number:
                found.append(f"line: expected {number}, got {got.get('line')!r}")
        none_wrong = none_wrong and not found
        if number == len(steps) and none_wrong and printed.status != status:
            found.append(f"exit status: expected {status}, got {printed.status}")
        yield found


def _ask(stage: _Stage, step: Mapping[str, Any]) -> list[str]:
    """The faults of the answer to a question."""
    if "due" in step:
        asked = step["due"]
        options = _options(asked, "at", "before", "unit", "all")
        printed, got = stage.ask("due", *options)
        if got is None or printed.status != 0:
            return [f"expected JSON lines: {_excerpt(printed)}"]
        return list(list_faults(step["answer"], [o for o in got if o.get("case") == asked["case"]]))
    asked = step["show"]
    printed, got = stage.ask("show", asked["case"], *_options(asked, "at", "full"))
    if got is None or len(got) != 1 or printed.status != 0:
        return [f"expected one JSON object: {_excerpt(printed)}"]
    return list(show_faults(step, got[0]))


def _options(asked: Mapping[str, Any], *names: str) -> Iterator[str]:
    for name in names:
        if asked.get(name):
            yield f"--{name}"
            if asked[name] is not True:
                yield asked[name]


def _excerpt(printed: Printed) -> str:
    said = (printed.err.strip() or printed.out.strip())[:300]
    return f"exit status {printed.status}, {said!r}"
