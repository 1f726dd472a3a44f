"""Write what can be generated of the documentation: ``python docs/generate.py``.

The pages of ``docs/reference/`` are generated whole. In the other pages and in both READMEs a block

    <!-- generated: WHAT -->
    ...
    <!-- /generated -->

is generated, where WHAT is one of

- ``diagram en`` (or ``zh``, ``both``): the state diagram,
- ``rooms all``: the modules in the order of their imports,
- ``docstring MODULE``: what that module says of itself,
- ``file PATH``: that file of the repository,
- ``output PATH``: what that Python file prints,
- ``run onsite-workflow ...``: that command and what it prints. The blocks of one page run in their
  order in one empty folder, which has ``docs`` and ``examples`` in it.

``tests/test_docs.py`` compares everything with what stands in the repository.
"""

from __future__ import annotations

import ast
import contextlib
import datetime as dt
import importlib
import importlib.util
import io
import json
import os
import re
import runpy
import shlex
import sys
import tempfile
import tomllib
import typing
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Any
from unittest import mock

import attrs
from onsite_workflow.obligations import CLAUSE_OF

import onsite_workflow as ow
from onsite_workflow import answers, ports
from onsite_workflow.audit import FIELDS, AuditCode, Shape
from onsite_workflow.audit._fields import MEANINGS, WORDS, Reads
from onsite_workflow.audit._needs import LIMITS, NEEDS, NOT_ASKED, NOT_ASKED_RULES
from onsite_workflow.clauses import Becomes, Realisation
from onsite_workflow.cli import main as command_line
from onsite_workflow.engine.rules import Guard, Row
from onsite_workflow.forms import ANNEX_B, ANNEX_C
from onsite_workflow.procedure import COMMANDS, EVENTS, EVERY_MOVE
from onsite_workflow.schemas import schemas
from onsite_workflow.serialization import read_line
from onsite_workflow.testing import INVARIANTS

ROOT = Path(__file__).resolve().parents[1]
NOTE = "<!-- Written by docs/generate.py from the code: edit that, not this. -->\n"
SCHEMAS = "src/onsite_workflow/conformance/schemas"
COLUMNS = "96"

ROWS_OF: Mapping[str, list[Row]] = defaultdict(list)
for _row in ow.ROWS:
    ROWS_OF[_row.command.name].append(_row)
COMMAND_OF_EVENT = {row.event.name: row.command.name for row in ow.ROWS}


# --- Markdown -----------------------------------------------------------------------------------


def cell(text: object) -> str:
    """One cell of a table."""
    return str(text).replace("|", "\\|").replace("\n", "<br>")


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table, with a newline at its end."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *([cell(c) for c in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def code(*words: str) -> str:
    """The words, each as code."""
    return ", ".join(f"`{word}`" for word in words)


def fence(language: str, text: str) -> str:
    """A code block."""
    return f"```{language}\n{text.rstrip()}\n```\n"


def anchor(name: str) -> str:
    """A place to link to."""
    return f'<a id="{name}"></a>'


def clause_link(number: str, page: str = "clauses.md") -> str:
    """A link to a clause."""
    return f"[{number}]({page}#{number})"


def reading_link(number: str | None) -> str:
    """A link to an interpretation, or nothing."""
    return f"[{number}](../explanation/interpretations.md#{number.lower()})" if number else ""


def command_link(name: str) -> str:
    """A link to the rules of a command."""
    return f"[`{name}`](procedure.md#{name})"


# --- the state diagram --------------------------------------------------------------------------

MOVES_ZH = {
    "apply": "申请",
    "transfer": "转办",
    "accept": "同意",
    "decline": "不同意",
    "designate_lead": "另定主办窗口",
    "schedule": "约定",
    "report_failed_visit": "上门未果",
    "serve": "上门服务",
    "give_one_time_notice": "一次性告知",
    "close": "结案",
    "withdraw": "撤回申请",
    "archive": "归档",
}


def machine_moves() -> Iterator[tuple[str, ow.State, ow.State]]:
    """(command, from, to) of every transition of the published machine, in its order."""
    for trigger, event in ow.MACHINE.events.items():
        for source, transitions in event.transitions.items():
            for transition in transitions:
                yield trigger, ow.State(source), ow.State(str(transition.dest))


def diagram(language: str) -> str:
    """The moves that change the state, as Mermaid; labels in ``en``, ``zh`` or ``both``."""
    chinese = language == "zh"
    arrows: dict[tuple[ow.State, ow.State], list[str]] = defaultdict(list)
    for trigger, source, target in machine_moves():
        if source is not target and trigger not in arrows[source, target]:
            arrows[source, target].append(trigger)
    lines = ["stateDiagram-v2"]
    if language != "en":
        lines += [
            f'    state "{state.zh if chinese else f"{state} {state.zh}"}" as {state}'
            for state in ow.State
            if state is not ow.State.NONE
        ]
    for (source, target), triggers in arrows.items():
        start = "[*]" if source is ow.State.NONE else source
        said = "、".join(MOVES_ZH[t] for t in triggers) if chinese else ", ".join(triggers)
        lines.append(f"    {start} --> {target}: {said}")
    lines.append(f"    {ow.State.ARCHIVED} --> [*]")
    return fence("mermaid", "\n".join(lines))


def state_diagram() -> str:
    """reference/state-diagram.md."""
    kept: dict[str, list[str]] = defaultdict(list)
    for trigger, source, target in machine_moves():
        if source is target and source.value not in kept[trigger]:
            kept[trigger].append(source.value)
    allowed = {
        state: [command_link(c.name) for c in COMMANDS.values() if (state, c) in ow.MOVES]
        for state in ow.State
    }
    states = ((code(s), s.zh, ", ".join(allowed[s]) or "none") for s in ow.State)
    results = ((code(r), r.zh) for r in ow.Result)
    still = ((command_link(name), code(*found)) for name, found in kept.items() if found)
    return f"""{NOTE}
# State diagram

Drawn from the published `onsite_workflow.MACHINE`. A state is a milestone that a case has reached.
The diagram shows the moves that change the state; those that keep it stand in the last table.
[The procedure](procedure.md) has the rules of each.

{diagram("both")}
`accept` and `decline` keep the case `transferred` until the last unit has replied. Then: nobody
accepted → `declined`; the lead accepted → `accepted`; the lead declined and another unit accepted →
still `transferred`, until `designate_lead`.

## States

{table(("state", "in Chinese", "commands that it allows"), states)}
`none` is before the application: there is no case yet. Why a case ended is its `result`, null before
it is closed:

{table(("result", "in Chinese"), results)}
## Moves that keep the state

{table(("command", "in"), still)}"""


# --- the procedure ------------------------------------------------------------------------------


def guard_rows(command: str, guards: Iterable[Guard]) -> Iterator[tuple[str, ...]]:
    """The lines of a table of rules."""
    for guard in guards:
        yield (
            f"{anchor(f'{command}.{guard.rule}')}`{guard.rule}`",
            clause_link(guard.clause),
            reading_link(guard.interpretation),
            f"{guard.zh}<br>{guard.en}",
            f"{guard.remedy.zh}<br>{guard.remedy.en}",
            code(*sorted(guard.needs)) if guard.needs else "case and actor",
        )


RULE_HEAD = ("rule", "clause", "reading", "said when it is unmet", "what satisfies it", "looks at")


def all_guards(command: str) -> list[Guard]:
    """The guards of all rows of a command, each once."""
    return list({guard.rule: guard for row in ROWS_OF[command] for guard in row.guards}.values())


def only_from(command: str, guard: Guard) -> str:
    """In which states a rule is asked, where that is not all of them."""
    rows = ROWS_OF[command]
    asked = [row for row in rows if guard in row.guards]
    return "" if len(asked) == len(rows) else code(*(s for row in asked for s in row.source))


def rules_of(name: str) -> str:
    """One command's part of reference/procedure.md."""
    guards = all_guards(name)
    limited = [
        f"\n`{guard.rule}` is asked from {states} only.\n"
        for guard in guards
        if (states := only_from(name, guard))
    ]
    return f"""
### {name}

{(COMMANDS[name].__doc__ or "").strip()}

{table(RULE_HEAD, guard_rows(name, guards))}{"".join(limited)}"""


def procedure() -> str:
    """reference/procedure.md."""
    moves = (
        (
            clause_link(row.clause),
            f"[`{row.command.name}`](#{row.command.name}) → `{row.event.name}`",
            ", ".join(row.by),
            ", ".join(row.source),
            "the same" if row.target is None else row.target,
            "" if row.when is None else row.when.name.replace("_", " "),
            reading_link(row.interpretation),
        )
        for row in ow.ROWS
    )
    head = ("clause", "command → event", "by", "from", "to", "applies when", "reading")
    return f"""{NOTE}
# The procedure as a table

Clause 7 of DB4209/T 32—2023, one row a move: `onsite_workflow.ROWS`, from
`src/onsite_workflow/procedure.py`. A command that has no row for a state is answered `not_allowed`
there; an actor whose role is not in the row, `wrong_role`. Of several rows for one command and state
the first whose condition holds applies.

{table(head, moves)}
## The rules, by command

A refusal names every unmet rule of the row, each with its clause. Words in braces are completed with
the facts that were judged. *Looks at* names the fields of the command that a rule reads; where it
says *case and actor*, `available` can tell before there is a command. *Reading* is the number of the
project's [interpretation](../explanation/interpretations.md), where one stands behind the rule.
{"".join(rules_of(name) for name in ROWS_OF)}
### every move

These rules stand in every row.

{table(RULE_HEAD, guard_rows("*", EVERY_MOVE))}"""


# --- the clauses --------------------------------------------------------------------------------

#: Reports that this version can make: none yet.
REPORTS: Mapping[str, str] = {}


def place(kind: Becomes, where: str) -> str:
    """A link to where something stands, or what is to be said where it does not yet."""
    family, _, name = where.partition(":")
    if family == "later":
        return f"`{where}` (not in this version)"
    if family == "report":
        return REPORTS.get(name, f"`{where}` (not in this version)")
    if family == "event":
        return f"[`{where}`](procedure.md#{COMMAND_OF_EVENT[name]})"
    if where.startswith("form:"):  # ``form`` alone is the obligation
        return f"[`{where}`](forms.md#{name})"
    if kind is Becomes.OBLIGATION:
        return f"[`{where}`](obligations.md#{where})"
    return f"[`{where}`](procedure.md#{where})"


def becomes(realisation: Realisation) -> str:
    """What stands in the cell of one realisation."""
    places = ", ".join(place(realisation.kind, where) for where in realisation.where)
    return f"**{realisation.kind}**: {realisation.zh}<br>{realisation.en}<br>{places}"


def clause_part(clause: ow.Clause) -> str:
    """One clause's part of reference/clauses.md."""
    quoted = clause.zh.replace("\n", "  \n> ")
    part = f"\n## {anchor(clause.number)}{clause.number}\n\n> {quoted}\n\n{clause.en}\n"
    sentences = [s for s in ow.SENTENCES if s.clause == clause.number]
    if not sentences:
        return part
    rows = (
        (f"{s.zh}<br>*{s.en}*" if i == 0 else "", becomes(realisation))
        for s in sentences
        for i, realisation in enumerate(s.becomes)
    )
    return f"{part}\n{table(('sentence', 'becomes'), rows)}"


def clauses() -> str:
    """reference/clauses.md."""
    return f"""{NOTE}
# The clauses, and what each sentence becomes

The standard's own text, with an English gloss that has no standing. Every normative sentence becomes
at least one of

- **guard**: a rule that refuses a command,
- **obligation**: somebody owes it, perhaps until a day,
- **record**: it is kept and can be shown,
- **report**: it is counted over many cases,
- **human**: judgement or conduct; named, never decided by software.

What is not in this version says so. The same at the command line: `onsite-workflow rules 7.2`.
{"".join(clause_part(clause) for clause in ow.CLAUSES.values())}"""


# --- traceability -------------------------------------------------------------------------------


def beside(name: str) -> ModuleType:
    """A module that stands beside this one."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def traceability() -> str:
    """reference/traceability.md."""
    tracing = beside("traceability")
    trace = tracing.Trace()
    parts: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    told = None
    for sentence, *cells in tracing.rows(trace, place):
        parts[sentence.clause].append((sentence.zh if sentence is not told else "", *cells))
        told = sentence
    head = ("sentence", "becomes", "where", "code", "tests")
    listed = "".join(
        f"\n## {clause_link(number)}\n\n{table(head, lines)}" for number, lines in parts.items()
    )
    return f"""{NOTE}
# From clause to test

Every normative sentence of DB4209/T 32—2023, what it [becomes](clauses.md), the file of
`src/onsite_workflow` and the function that does it, and tests that would fail without it. Nothing
here is listed by hand: the code is found from the table of the procedure, the tests in what they
assert (`docs/traceability.py`). Where there are many, the first are named.

- **refused**, **let pass**: an expected answer of the conformance pack refuses a command by this
  rule; another lets that command pass where the rule is asked. `acceptance application-06` is that
  case of the pack: `python -m pytest tests/acceptance -k application-06`.
- **owed**, **discharged**: an expected list of obligations has it open or overdue; met or void.
- **kept**: an expected answer records this event.
- **held**: a test says so itself, with `@pytest.mark.cites`.

`tests/test_traceability.py` fails where a sentence with 应, 需, 要, 可 or 不得 has no entry, where an
entry has no test, where a rule, an obligation, an event or a field of the form has no sentence, and
where a test cites what does not exist. What has no code and no test here is not in this version:
{code(*sorted(trace.not_yet))}.
{listed}"""


# --- obligations --------------------------------------------------------------------------------

#: Who owes it, what opens it, what its day is, what meets it, what makes it void.
OBLIGATIONS: Mapping[ow.Kind, tuple[str, str, str, str, str]] = {
    ow.Kind.TRANSFER: ("integrated window", "`apply`", "", "`transfer`", "withdrawal"),
    ow.Kind.REPLY: (
        "each unit with a notice",
        "`transfer`, `reassign` (I-1)",
        "",
        "its `accept` or `decline`",
        "withdrawal, reassignment",
    ),
    ow.Kind.LEAD: (
        "integrated window",
        "the last reply, where the lead declined and another unit accepted",
        "",
        "`designate_lead`",
        "withdrawal",
    ),
    ow.Kind.APPOINTMENT: (
        "the lead",
        "the last reply, `designate_lead`, a failed visit",
        "",
        "`schedule`",
        "withdrawal",
    ),
    ow.Kind.EXPLANATION: (
        "the unit that declined",
        "`decline`",
        "",
        "`explain_refusal` for that unit",
        "withdrawal",
    ),
    ow.Kind.ARRIVAL: (
        "the lead",
        "`schedule`, `reschedule`",
        "the appointed start, to the minute: seconds are cut off, `due` is one minute later",
        "`serve` with `arrived_at` before `due`",
        "reschedule, a failed visit, withdrawal",
    ),
    ow.Kind.FORM: (
        "the lead",
        "`serve`, counted from `left_at` (I-3)",
        "",
        "`file_registration_form`",
        "–",
    ),
    ow.Kind.NOTICE: (
        "the lead",
        "`serve` with an item not completed",
        "",
        "`give_one_time_notice`",
        "–",
    ),
    ow.Kind.OUTCOME: (
        "the lead, one an item",
        "`give_one_time_notice`",
        "the day promised for the item (`expected_by`), if any",
        "`report_outcome` for that item",
        "–",
    ),
    ow.Kind.DELIVERY: (
        "the lead, one a report that announces materials",
        "`report_outcome`",
        "",
        "`deliver` with that item",
        "–",
    ),
    ow.Kind.ARCHIVE: (
        "the lead where a visit was held, else the integrated window (I-16)",
        "`close`, `withdraw`",
        "",
        "`archive`",
        "–",
    ),
}

FINDINGS: Mapping[ow.FindingCode, str] = {
    ow.FindingCode.LATE_ACT: "it happened (`at`) at `due` or later",
    ow.FindingCode.LATE_ENTRY: "it happened in time and was entered (`recorded_at`) later",
    ow.FindingCode.LATE_ARRIVAL: "`arrived_at` is `due` or later",
    ow.FindingCode.STAFF_ABSENT: "the visit failed because staff did not come",
}

STATUSES: Mapping[ow.Status, str] = {
    ow.Status.OPEN: "owed, and not late",
    ow.Status.OVERDUE: "owed, and `due` has come",
    ow.Status.MET: "done before `due`, or nothing sets a limit",
    ow.Status.MET_LATE: "done, at `due` or later",
    ow.Status.VOID: "nobody owes it any more, and nobody did it",
}


def limit(kind: ow.Kind) -> str:
    """The limit that the standard sets."""
    found = ow.DB4209_T_32_2023.limits.get(kind)
    if found is None:
        return OBLIGATIONS[kind][2] or "none set"
    unit = found.unit.value.replace("_", " ").removesuffix("s")
    return f"{found.amount} {unit}{'s' * (found.amount != 1)}"


def obligations() -> str:
    """reference/obligations.md."""
    owed = (
        (
            f"{anchor(kind)}`{kind}`",
            kind.zh,
            clause_link(CLAUSE_OF[kind]),
            OBLIGATIONS[kind][0],
            OBLIGATIONS[kind][1],
            limit(kind),
            *OBLIGATIONS[kind][3:],
        )
        for kind in ow.Kind
    )
    head = ("kind", "in Chinese", "clause", "who owes it", "opened by", "due", "met by", "void by")
    statuses = ((code(s), STATUSES[s]) for s in ow.Status)
    found = ((code(c), c.zh, FINDINGS[c]) for c in ow.FindingCode)
    return f"""{NOTE}
# Obligations: who owes what until when

An obligation is derived from the facts of a case each time it is asked for, and never stored as
truth: `obligations(case, regulation=…, calendar=…, as_of=…)`, `Workflow.obligations`, `Workflow.due`,
`onsite-workflow due`. The days of the table are those of {ow.DB4209_T_32_2023.edition}; a
[`Regulation`](../how-to/use-another-regulation.md) can carry others.

{table(head, owed)}
*None set*: the text gives no limit. The obligation is listed without a due day and is never late by
itself.

`due_day` is the last whole day. `due` is the first instant that is late: 24:00 of that day, or the
close of business where the regulation gives one ([I-2](../explanation/interpretations.md#i-2)). Where
`provisional` is true the day depends on a State Council notice that is not known yet, and lies
between `earliest` and `latest` ([I-11](../explanation/interpretations.md#i-11)).

## Status

As of a moment T; an act counts where its `at` ≤ T.

{table(("status", "meaning"), statuses)}
## Findings

Lateness never refuses an act. It is a finding, with the clause, the bearer, and by how many seconds.

{table(("code", "in Chinese", "found where"), found)}
A finding stays when a case is withdrawn. A correction has all of them judged anew.
"""


# --- invariants ---------------------------------------------------------------------------------


def invariants() -> str:
    """reference/invariants.md."""
    asked = (
        (
            f"{anchor(one.name)}`{one.name}`",
            clause_link(one.clause),
            reading_link(one.interpretation),
            one.says,
        )
        for one in INVARIANTS
    )
    return f"""{NOTE}
# Invariants: what holds of every case and of every move

`onsite_workflow.testing.INVARIANTS`, {len(INVARIANTS)} of them. `explore` checks them after every try on
every case that there can be in shape, `WorkflowMachine` after every step of what Hypothesis draws. The
tests see each of them go red on a table, a fold or a time limit that was broken for it.

{table(("invariant", "clause", "reading", "what it asks"), asked)}
One of yours is a function with `@invariant("clause")`, a clause of your own standard. It is asked of
what was accepted; with `@invariant("clause", of_refusals=True)` of what was not as well:
[property-check your regulation](../tutorial/property-check-your-regulation.md).
"""


# --- the forms ----------------------------------------------------------------------------------


def forms() -> str:
    """reference/forms.md."""
    head = ("field", "part", "as printed", "in English")
    form = ((f"{anchor(f.name)}`{f.name}`", f.group, f.zh, f.en) for f in ANNEX_B)
    notice = ((code(f.name), f.group, f.zh, f.en) for f in ANNEX_C)
    return f"""{NOTE}
# The printed forms as data

`Workflow.registration_form(case)` and `Workflow.transfer_notices(case)` fill them from a case, the
directory of units and the issuer; at the command line `onsite-workflow forms`. A field has a value,
is blank with the reason why, or is said to be missing: none is left out. Laying them out on paper is
left to the embedding system.

## Table B.1: registration form (服务登记表)

{table(head, form)}
These names are the ones that `blank` of [`file_registration_form`](commands.md#file_registration_form)
may use. The three `assisting_…` fields are blank by themselves where no assisting unit visited. A
telephone is that of the staff named in the appointment, else the directory's.

## Table C.1: transfer notice (转办通知书)

{table(head, notice)}
The notice and its counterfoil (存根) carry the same fields.
"""


# --- the commands and their wire form -----------------------------------------------------------


def named(hint: Any) -> str:
    """A type in words."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, UnionType):
        return named(next(a for a in arguments if a is not NoneType))
    if origin is tuple:
        return f"list of {named(arguments[0])}"
    if origin is not None:
        return "object"
    if isinstance(hint, type) and issubclass(hint, Enum):
        return "one of " + code(*(member.value for member in hint))
    if attrs.has(hint):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    words = {str: "text", bool: "true or false", int: "whole number", dt.date: "date"}
    return {**words, dt.datetime: "time"}[hint]


ENVELOPE = tuple(f.name for f in attrs.fields(COMMANDS["acknowledge"]))


def left_out(f: attrs.Attribute[Any]) -> str:
    """What comes of leaving a field of a command out."""
    if f.default is attrs.NOTHING:
        return "`invalid`"
    return "allowed" if f.metadata.get("optional") else "a rule decides"


def asking(command: str, field: str) -> str:
    """The rules that look at a field."""
    rules = (g.rule for g in all_guards(command) if field in g.needs)
    return ", ".join(f"[`{rule}`](procedure.md#{command}.{rule})" for rule in rules)


#: What the types do not say.
REMARKS = {
    "schedule": "An empty list of `materials` says that none are needed.",
    "reschedule": "Fields left out keep their values.",
    "serve": "`staff` has no telephones here: they are recorded with the appointment.",
    "deliver": "`item` is the one whose report announced the materials; without it, others.",
    "file_registration_form": "`blank` says for a field of [table B.1](forms.md) why it is blank.",
    "correct": "`entry` is the version of an earlier event. `fields` replaces whole top-level values "
    "of it; null removes one that may be left out. `at` may be among them.",
}


def value_types() -> list[type[Any]]:
    """The classes of values that commands carry, in the order they are met."""
    found: list[type[Any]] = []

    def visit(hint: Any) -> None:
        for argument in typing.get_args(hint):
            visit(argument)
        if isinstance(hint, type) and attrs.has(hint) and hint not in found:
            found.append(hint)
            for inner in typing.get_type_hints(hint).values():
                visit(inner)

    for command in COMMANDS.values():
        for hint in typing.get_type_hints(command).values():
            visit(hint)
    return found


LINE = (
    ("`command`", "one of the names below", "what is asked"),
    ("`case`", "text", "the case: 1–64 of letters, digits, `-`, `_`, `.`"),
    ("`at`", "time", "when it happened"),
    ("`by`", "[Actor](#actor)", "who did it, or entered it"),
    (
        "`id`",
        "text; may be left out",
        "idempotency key, unique in a store; else the content is the key",
    ),
    (
        "`recorded_at`",
        "time; may be left out",
        "when it was entered; `run` takes `at` where it is left out, a `Workflow` its clock",
    ),
)


def command_part(command: type[ow.Command]) -> str:
    """One command's part of reference/commands.md."""
    hints = typing.get_type_hints(command)
    own = [f for f in attrs.fields(command) if f.name not in ENVELOPE]
    rows = [
        (code(f.name), named(hints[f.name]), left_out(f), asking(command.name, f.name)) for f in own
    ]
    head = ("field", "type", "left out", "rules that look at it")
    said = table(head, rows) if rows else "No field of its own: the unit is `by.unit`.\n"
    remark = f"\n{REMARKS[command.name]}\n" if command.name in REMARKS else ""
    return f"""
### {command.name}

{(command.__doc__ or "").strip()} Class `{command.__name__}`; [its rules](procedure.md#{command.name}).

{said}{remark}"""


def value_part(value: type[Any]) -> str:
    """One value's part of reference/commands.md."""
    hints = typing.get_type_hints(value)
    rows = (
        (
            code(f.name),
            named(hints[f.name]),
            "`invalid`" if f.default is attrs.NOTHING else "",
        )
        for f in attrs.fields(value)
    )
    return f"""
### {value.__name__}

{" ".join((value.__doc__ or "").split())}

{table(("field", "type", "left out"), rows)}"""


def commands() -> str:
    """reference/commands.md."""
    events = (
        (code(e.name), e.schema, command_link(COMMAND_OF_EVENT[e.name])) for e in EVENTS.values()
    )
    return f"""{NOTE}
# Commands and their wire form

A journal is UTF-8, one JSON object a line; blank lines are skipped. The classes of `onsite_workflow`
have the same fields, name for name. A field that is not listed is refused by name.

Times are RFC 3339 with an offset (`2026-03-02T09:00:00+08:00`), dates are `2026-03-02`. Names,
numbers and units have at most 100 characters on one line, other texts 2,000. Control and
bidirectional characters, surrogates and `null` are `invalid`; what is not there is left out.

## Every line

{table(("field", "type", "meaning"), LINE)}
## The twenty commands

*Left out* says what comes of leaving a field out: it is `invalid`; it is allowed; or one of the rules
named decides, and a refusal cites its clause.
{"".join(command_part(command) for command in COMMANDS.values())}
## Values

Leaving a field out is `invalid` where it says so. A rule of the command may ask for one of the others.
{"".join(value_part(value) for value in value_types())}
## Events

One command that is accepted makes one event. It keeps the command's fields and adds `version`
(counted from 1 in a case), `recorded_at`, the `state` reached and the `edition` judged by. Stored
events carry a chosen name and a schema number, never a Python path.

{table(("event", "schema", "made by"), events)}"""


# --- the answers --------------------------------------------------------------------------------

#: One journal line that each answer is given to, after the lines of ``BEFORE``.
DESK = '"by":{"role":"integrated_window","name":"柳文静"}'
UNIT = '"by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"}'
AT = '"at":"2026-03-02T09:00:00+08:00"'
APPLICATION = (
    '"applicant":{"name":"王秀兰","phone":"0712-2000301"},"address":"孝南区书院街道槐荫大道118号",'
    '"ground":"disabled","reason":"长期卧床。","items":[{"id":"A.5.2"}]'
)
NOTICE = '"notices":[{"number":"1号","unit":"孝南区残疾人联合会","role":"lead","items":["A.5.2"]}]'
BEFORE = (
    f'{{"command":"apply","case":"XN-1",{AT},{DESK},{APPLICATION}}}',
    f'{{"command":"transfer","case":"XN-1",{AT},{DESK},{NOTICE}}}',
    f'{{"command":"apply","case":"XN-2",{AT},{DESK},{APPLICATION}}}',
)
EXAMPLES: Mapping[type[ow.OnsiteWorkflowError], tuple[str, str]] = {
    ow.InvalidInput: (
        "Whoever wrote the input mends it. The field is named, its value is never repeated.",
        f'{{"command":"accept","case":"XN-1","at":"2026-03-02T10:00:00",{UNIT}}}',
    ),
    ow.CaseNotFound: (
        "The id is wrong, or nobody has applied yet.",
        f'{{"command":"accept","case":"XN-9",{AT},{UNIT}}}',
    ),
    ow.NotAllowed: (
        "The case is in another state; the answer says where the command is allowed.",
        f'{{"command":"archive","case":"XN-1",{AT},{DESK},"archive_number":"1","keeper":"柳文静"}}',
    ),
    ow.WrongRole: (
        "Somebody else must do it; the answer says who.",
        f'{{"command":"accept","case":"XN-1",{AT},{DESK}}}',
    ),
    ow.Refused: (
        "Rules of the standard are unmet. Every one is listed, with its clause and its remedy.",
        f'{{"command":"decline","case":"XN-1",{AT},{UNIT},"reason":"材料不全"}}',
    ),
    ow.Conflict: (
        "Somebody wrote first, a number belongs to another case, or an id was used for other content.",
        f'{{"command":"transfer","case":"XN-2",{AT},{DESK},{NOTICE}}}',
    ),
}


def answer_to(line: str) -> ow.OnsiteWorkflowError:
    """The answer that ``line`` is given after ``BEFORE``."""
    office = ow.Workflow(ow.MemoryStore())
    for earlier in (*BEFORE, line):
        try:
            entry = read_line(earlier)
            office.handle(entry.command, recorded_at=entry.command.at)
        except ow.OnsiteWorkflowError as error:
            return error
    raise AssertionError(f"was accepted: {line}")


VIOLATION = (
    ("`clause`", "the clause of the standard; null where the answer is not the standard's"),
    ("`interpretation`", "the number of the project's reading, where one stands behind the rule"),
    ("`rule`", "the rule's name, for programs; it stays where the wording changes"),
    ("`zh`, `en`", "one sentence for a person"),
    ("`facts`", "what was judged, as JSON values; people's data do not stand here"),
    ("`remedy`", "what would satisfy the rule, in both languages, or null"),
)


def answer_part(error: type[ow.OnsiteWorkflowError]) -> str:
    """One answer's part of reference/errors.md."""
    who, line = EXAMPLES[error]
    given = answer_to(line)
    if type(given) is not error:
        raise AssertionError(f"{line} is answered {given.answer}")
    shown = json.dumps(answers.refusal_to_wire(given), ensure_ascii=False, indent=2)
    return f"""
## {error.answer}

{who}

{fence("json", line)}
{fence("json", shown)}"""


def errors() -> str:
    """reference/errors.md."""
    order = (
        (n, f"[`{e.answer}`](#{e.answer})", code(e.__name__), explained(e))
        for n, e in enumerate(EXAMPLES, start=1)
    )
    conflicts = (
        (code(v.rule), v.zh, v.en)
        for v in (
            ports.stale("XN-1", 2, 3).violations[0],
            ports.key_taken("notice:1号").violations[0],
            ports.other_content("id-1").violations[0],
        )
    )
    operators = (
        (code(e.__name__), e.answer_zh, " ".join((e.__doc__ or "").split()).replace("``", "`"))
        for e in (ow.StoreUnavailable, ow.NotSupported, ow.CorruptRecord)
    )
    return f"""{NOTE}
# The six answers

A command is accepted, or it gets one of six answers and changes nothing. Each is an exception of
`onsite_workflow`; they share the base `OnsiteWorkflowError`. Where several apply, the first of this
list is given.

{table(("", "answer", "exception", "meaning"), order)}
`exception.answer` is the word of the wire form; `exception.violations` is never empty. A violation
has

{table(("field", "holds"), VIOLATION)}
The examples below are real. They follow a journal in which case XN-1 was applied for and handed to
one unit under notice 1号, and case XN-2 was applied for. `answers.refusal_to_wire` makes the JSON.
{"".join(answer_part(error) for error in EXAMPLES)}
The three conflicts that a store gives:

{table(("rule", "in Chinese", "in English"), conflicts)}
## No answers: what an operator must look at

They have the same shape, and no command is at fault.

{table(("exception", "in Chinese", "meaning"), operators)}"""


def explained(error: type[ow.OnsiteWorkflowError]) -> str:
    """The docstring without the answer's word that opens it."""
    return " ".join((error.__doc__ or "").partition(": ")[2].split())


# --- the fields of a ledger ----------------------------------------------------------------------

CELLS: Mapping[Reads, str] = {
    Reads.CASE: "any text",
    Reads.MOMENT: "a time, or a day without its time; a word for yes says that it was done, without saying when",
    Reads.DAY: "a day",
    Reads.GIVEN: "any text; only whether there is any is kept",
    Reads.UNITS: "names of units, several parted by 、；;， or a comma",
    Reads.ITEMS: "ids or names of items, parted in the same way",
    Reads.YES_NO: "a word for yes or no",
    Reads.NONE_OR_GIVEN: "any text; 无 or 不需要 says that there are none, which is an answer too",
    Reads.NUMBER: "a number, which no other case has",
    Reads.REPLY: "a word for accepted or declined",
    Reads.ROLE: "a word for lead or assisting",
    Reads.CAUSE: "a word for a cause; any other text is a cause of its own",
    Reads.GROUND: "any text; a word for other asks for the circumstances",
    Reads.STATE: "a word for a state; only an end counts, and any other word says nothing",
    Reads.ACT: "a word for an act",
}

FOUND: Mapping[AuditCode, str] = {
    AuditCode.LATE_ACT: "done after its limit",
    AuditCode.LATE_ENTRY: "done in time, entered after the limit (only where `recorded_at` is mapped)",
    AuditCode.LATE_ARRIVAL: "arrived after the appointed time, to the minute",
    AuditCode.STAFF_ABSENT: "a visit failed because the staff did not come",
    AuditCode.OVERDUE: "not done, and past its limit when the ledger was exported",
    AuditCode.MISSING_STEP: "later steps are recorded, this one is blank",
    AuditCode.UNMET_RULE: "done, and not as the rule asks",
    AuditCode.OUT_OF_ORDER: "done before what made it possible",
    AuditCode.NOT_ALLOWED: "done although what came before leaves no room for it",
    AuditCode.IN_FUTURE: "dated after the export",
    AuditCode.DUPLICATE_CASE: "a case id that another row has",
    AuditCode.DUPLICATE_NUMBER: "a notice number or an archive number that another case has",
}


def words_of(kind: str) -> Iterator[tuple[str, str]]:
    """(what a word stands for, the words known for it)."""
    for meaning in MEANINGS[kind]:
        known = [word for word, stands in WORDS[kind].items() if stands == meaning]
        yield code(meaning), "、".join(word for word in known if word != meaning)


def clauses_of(name: str) -> str:
    """Links to the clauses that a field is needed for."""
    clauses = {
        guard.clause
        for row in ow.ROWS
        for guard in row.guards
        if (needs := NEEDS.get((row.command.name, guard.rule))) and name in needs.fields
    }
    clauses |= {CLAUSE_OF[kind] for kind, fields in LIMITS.items() if name in fields}
    clauses -= {"9"} if name == "at" else set()
    return ", ".join(clause_link(clause) for clause in sorted(clauses))


def ledger_fields() -> str:
    """reference/ledger-fields.md."""
    fields = (
        (
            f"{anchor(field.name)}`{field.name}`",
            field.zh,
            field.en,
            " ".join(code(shape) for shape in Shape if shape in field.shapes),
            CELLS[field.reads],
            clauses_of(field.name),
        )
        for field in FIELDS.values()
    )
    words = "".join(
        f"### words.{kind}\n\n{table(('stands for', 'known without saying'), words_of(kind))}\n"
        for kind in WORDS
    )
    guards = {(row.command.name, guard.rule): guard for row in ow.ROWS for guard in row.guards}
    needs = (
        (clause_link(guards[key].clause), command_link(key[0]), code(key[1]), code(*needs.fields))
        for key, needs in NEEDS.items()
    )
    limits = (
        (
            clause_link(CLAUSE_OF[kind]),
            f"[`{kind}`](obligations.md#{kind})",
            code(opened),
            code(met),
        )
        for kind, (opened, met) in LIMITS.items()
    )
    silent = (
        (command_link(command), code(rule), NOT_ASKED[why][1])
        for (command, rule), why in NOT_ASKED_RULES.items()
    )
    found = ((code(name), name.zh, FOUND[name]) for name in AuditCode)
    return f"""{NOTE}
# The fields of a ledger

What a mapping file may name for [`onsite-workflow audit`](../how-to/audit-a-ledger.md). `onsite-workflow
audit --template` (or `--template units`, `--template acts`) prints a file to start from. A field that
the ledger does not have is left out: what needs it is then not judged, and the report says so.

{table(("field", "in Chinese", "in English", "shapes", "a cell holds", "needed for"), fields)}
## Times

Written as `2026-03-02 09:05`, `2026/3/2 9:05`, `2026.3.2`, `2026年3月2日9时5分`, `上午9点半`,
`2026-03-02T09:05:00+08:00`, `20260302`; as a spreadsheet's date or its serial number; with `date_formats`
in any other way. Of `9:00-10:30` the first time counts. Without an offset it is Chinese time. Midnight
is a day without its time, since that is how systems write one.

Where the time of day is not known, something is found only if it holds for every hour of that day.
Limits in working days can be judged by days; arrival can't, and is then listed as not judged.

## Words

A word is compared without its width, its case and the spaces in it. A mapping adds its own in
`[words.…]`, which come before these.

{words}## What is found

{table(("code", "in Chinese", "meaning"), found)}
## What each rule needs

{table(("clause", "act", "rule", "fields"), needs)}
## What each limit needs

{table(("clause", "obligation", "counted from", "met by"), limits)}
Where `left_at` is not recorded the visit is taken to end on the day of arrival. In the shape `acts` the
time of every act is `at`, and an act is known to the ledger where the mapping names a word for it, or a
row has it.

## What no ledger is asked

{table(("act", "rule", "why"), silent)}"""


# --- blocks -------------------------------------------------------------------------------------


@contextlib.contextmanager
def plain_terminal() -> Iterator[io.StringIO]:
    """Standard output as a file of fixed width, whatever terminal this runs on."""
    loud = ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "JUPYTER_COLUMNS")
    quiet = {name: value for name, value in os.environ.items() if name not in loud}
    out = io.StringIO()
    with (
        mock.patch.dict(os.environ, {**quiet, "COLUMNS": COLUMNS}, clear=True),
        contextlib.redirect_stdout(out),
    ):
        yield out


def run_command(line: str) -> str:
    """The command and what it prints."""
    program, *arguments = shlex.split(line)
    if program != "onsite-workflow":
        raise ValueError(f"not a command of this project: {line}")
    with plain_terminal() as out:
        command_line(arguments)
    printed = "\n".join(text.rstrip() for text in out.getvalue().splitlines())
    return fence("console", f"$ {line}\n{printed}")


def run_file(path: str) -> str:
    """What a Python file prints."""
    with plain_terminal() as out:
        runpy.run_path(str(ROOT / path))
    return fence("text", out.getvalue())


def show_file(path: str) -> str:
    """A file of the repository."""
    language = {".py": "python", ".jsonl": "json"}.get(Path(path).suffix, "text")
    return fence(language, (ROOT / path).read_text(encoding="utf-8"))


def rooms(layer: str) -> str:
    """The modules of the package from the top layer down, each with what lives there."""
    del layer
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = next(c for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == "layers")

    def says(module: str) -> str:
        file = ROOT / "src" / "onsite_workflow" / f"{module}.py"
        if not file.exists():
            file = file.with_suffix("") / "__init__.py"
        if not file.exists():
            return ""
        doc = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        return " ".join(doc.split("\n\n")[0].split())

    split = ([name.strip() for name in names.split("|")] for names in layers["layers"])
    present = [modules for modules in split if all(says(module) for module in modules)]
    return table(
        ("layer", "room", "what lives there"),
        (
            (number if module == modules[0] else "", code(module), says(module))
            for number, modules in enumerate(present, start=1)
            for module in modules
        ),
    )


def docstring(module: str) -> str:
    """What a module says of itself."""
    return f"{(importlib.import_module(module).__doc__ or '').strip()}\n".replace("``", "`")


BLOCKS: Mapping[str, Callable[[str], str]] = {
    "diagram": diagram,
    "rooms": rooms,
    "docstring": docstring,
    "file": show_file,
    "output": run_file,
    "run": run_command,
}
BLOCK = re.compile(
    r"(<!-- generated: (?P<kind>\w+) (?P<what>.+?) -->\n)(?:.*?\n)??(<!-- /generated -->)",
    re.DOTALL,
)


@contextlib.contextmanager
def empty_folder() -> Iterator[None]:
    """A folder of its own, in which ``docs`` and ``examples`` can be read."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("docs", "examples"):
            (Path(folder) / name).symlink_to(ROOT / name, target_is_directory=True)
        with contextlib.chdir(folder):
            yield


def with_blocks(text: str) -> str:
    """A page with its blocks generated anew."""

    def block(found: re.Match[str]) -> str:
        made = BLOCKS[found["kind"]](found["what"])
        return f"{found.group(1)}{made}{found.group(4)}"

    with empty_folder():
        return BLOCK.sub(block, text)


# --- all of it ----------------------------------------------------------------------------------

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reference/procedure.md": procedure,
    "docs/reference/commands.md": commands,
    "docs/reference/clauses.md": clauses,
    "docs/reference/traceability.md": traceability,
    "docs/reference/state-diagram.md": state_diagram,
    "docs/reference/obligations.md": obligations,
    "docs/reference/forms.md": forms,
    "docs/reference/invariants.md": invariants,
    "docs/reference/errors.md": errors,
    "docs/reference/ledger-fields.md": ledger_fields,
}


def markdown() -> list[str]:
    """Every Markdown page of the documentation, by its path from the root of the repository."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(page.relative_to(ROOT).as_posix() for page in pages)


def generated() -> dict[str, str]:
    """The text of every page that is generated, whole or in part, and of every schema."""
    made = {path: page() for path, page in PAGES.items()}
    for name, schema in schemas().items():
        made[f"{SCHEMAS}/{name}.json"] = json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
    for path in markdown():
        if path not in made:
            text = (ROOT / path).read_text(encoding="utf-8")
            if "<!-- generated: " in text:
                made[path] = with_blocks(text)
    return made


def main() -> None:
    """Write what has changed."""
    for path, text in generated().items():
        target = ROOT / path
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
