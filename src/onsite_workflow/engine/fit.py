"""Whether the parts of a procedure fit together.

An event is written once and read back for ever. What would make stored events unreadable is found
here, before the first one is stored.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any, Final

import attrs

from onsite_workflow.checks import check_key
from onsite_workflow.errors import InvalidInput, Violation

from .procedure import Procedure
from .record import AnyCommand, AnyEvent
from .rules import Row

__all__ = ["check_procedure"]

#: Names of the stored form and of the journal's line.
_TAKEN: Final = frozenset({"procedure", "command", "event", "schema"})

#: What an event has that its command does not.
_ADDED: Final = {f.name for f in attrs.fields(AnyEvent)} - {
    f.name for f in attrs.fields(AnyCommand)
}

#: What a command and an event have that correct an earlier entry, and no other.
_CORRECTS: Final = frozenset({"entry", "fields"})


def check_procedure(procedure: Procedure[Any]) -> None:
    """Check a procedure of one's own.

    Raises:
        InvalidInput: the name is no key (1-64 letters, digits, ``-_.``), a class of a row is of
            another procedure or lacks a field, its ``state`` or ``by.role`` is not annotated with
            the procedure's own words, a field has a name that the stored form needs, or ``fold``
            leaves an event out. All that does not fit is named.
        ValueError: the rows make no table (see ``compile_machine``).
    """
    check_key("name", procedure.name)
    unfit = [*_procedure(procedure), *(v for row in procedure.rows for v in _row(procedure, row))]
    if unfit:
        raise InvalidInput(unfit)
    procedure.moves  # noqa: B018 - compiling looks at the table


def _procedure(procedure: Procedure[Any]) -> Iterator[Violation]:
    if procedure.plain_keys:
        yield _unfit("plain_keys", "只有案件用不带前缀的编号。", "is for cases alone.")
    if not procedure.openers:
        yield _unfit("rows", "没有能够立件的一行。", "have none that opens a record.")
    for name, known, rows in (
        ("command", procedure.commands, {row.command for row in procedure.rows}),
        ("event", procedure.events, {row.event for row in procedure.rows}),
    ):
        if len(rows) > len(known):
            yield _unfit("rows", f"有两个{name}同名。", f"have two {name}s of one name.")


def _row(procedure: Procedure[Any], row: Row[Any, Any]) -> Iterator[Violation]:
    command, event = row.command, row.event
    asked, happened = ({f.name for f in attrs.fields(kind)} for kind in (command, event))
    for kind in (command, event):
        if getattr(kind, "procedure", None) != procedure.name:
            yield _unfit(
                kind.__name__,
                f"不属于{procedure.name}（procedure）。",
                f"is not of the procedure {procedure.name}.",
            )
        hints = typing.get_type_hints(kind)
        if typing.get_type_hints(hints["by"])["role"] is not procedure.roles:
            yield _unfit(
                f"{kind.__name__}.by",
                "角色（role）不是本程序的角色。",
                "has a role that is not annotated with the procedure's own.",
            )
    if typing.get_type_hints(event)["state"] is not procedure.states:
        yield _unfit(
            f"{event.__name__}.state",
            "没有注明本程序的状态类型。",
            "is not annotated with the procedure's own states.",
        )
    for name in sorted((asked | happened) & _TAKEN):
        yield _unfit(
            f"{command.__name__}.{name}", "此名已另有用处。", "is a name of the wire form."
        )
    for name in sorted((asked | _ADDED) ^ happened):
        yield _unfit(
            f"{(event if name in asked else command).__name__}.{name}",
            "命令与事件应有相同的字段。",
            "is missing: command and event have the same fields.",
        )
    if command.corrects != event.corrects or command.corrects != (asked >= _CORRECTS):
        yield _unfit(
            f"{command.__name__}.corrects",
            "更正的命令与事件，且只有更正的，才有entry和fields。",
            "goes with the fields entry and fields, in both command and event.",
        )
    if command not in procedure.openers and not event.corrects and event not in procedure.fold:
        yield _unfit("fold", f"没有写{event.__name__}。", f"leaves out {event.__name__}.")


def _unfit(field: str, zh: str, en: str) -> Violation:
    (violation,) = InvalidInput.of(field, "unfit", zh, en).violations
    return violation
