"""reference/commands.md."""

from __future__ import annotations

import datetime as dt
import typing
from enum import Enum
from types import NoneType, UnionType
from typing import Any

import attrs

import onsite_workflow as ow
from onsite_workflow.clause7.procedure import COMMANDS, EVENTS
from onsite_workflow.wire.writing import fields_of

from .shared import COMMAND_OF_EVENT, NOTE, all_guards, code, command_link, table


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


ENVELOPE = tuple(f.name for f in fields_of(COMMANDS["acknowledge"]))


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
    own = [f for f in fields_of(command) if f.name not in ENVELOPE]
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
        for f in fields_of(value)
    )
    return f"""
### {value.__name__}

{" ".join((value.__doc__ or "").split())}

{table(("field", "type", "left out"), rows)}"""


def page() -> str:
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
