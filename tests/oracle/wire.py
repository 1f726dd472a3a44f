"""The journal's lines, read strictly: what cannot be read is invalid."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from onsite_workflow.clause7 import commands
from onsite_workflow.clause7.commands import Command
from onsite_workflow.errors import InvalidInput

COMMANDS = {
    kind.name: kind
    for kind in vars(commands).values()
    if isinstance(kind, type)
    and issubclass(kind, commands.Command)
    and kind is not commands.Command
}


_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def unreadable(field: str) -> InvalidInput:
    """The answer; what the library says about it is of no interest here."""
    return InvalidInput.of(field, "unreadable", "无法读取。", "cannot be read.")


def read_line(text: str) -> tuple[Command, dt.datetime]:
    """The command of one line, and when it was entered (without that, when it happened)."""
    try:
        line = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise unreadable("line") from None
    if not isinstance(line, dict):
        raise unreadable("line")
    name = line.pop("command", None)
    if not isinstance(name, str) or name not in COMMANDS:
        raise unreadable("command")
    entered = read(dt.datetime, "recorded_at", line.pop("recorded_at", line.get("at")))
    return read_object(COMMANDS[name], line), entered


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError
    return dict(pairs)


def _no_number(_: str) -> None:
    raise ValueError


@cache
def _fields(kind: Any) -> Mapping[str, tuple[Any, Any]]:
    """The fields of a value, each with its type."""
    hints = get_type_hints(kind)
    return {field.name: (field, hints[field.name]) for field in attrs.fields(kind)}


def read_object(kind: Any, given: Mapping[str, Any]) -> Any:
    """A value of that type; a field not listed, or null, is refused."""
    fields = _fields(kind)
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in fields:
            raise unreadable(name)
        values[name] = read(fields[name][1], name, value)
    missing = [n for n, (f, _) in fields.items() if f.default is attrs.NOTHING and n not in values]
    if missing:
        raise unreadable(missing[0])
    return kind(**values)


def has_field(kind: Any, name: str) -> bool:
    """Whether a command has a field of that name."""
    return name in _fields(kind)


def may_be_left_out(kind: Any, name: str) -> bool:
    """Whether the journal marks that field with ``?``."""
    return bool(_fields(kind)[name][0].metadata.get("optional"))


def read_field(kind: Any, name: str, value: Any) -> Any:
    """One value of a correction; null removes one (I-6)."""
    field, hint = _fields(kind)[name]
    if value is not None:
        return read(hint, name, value)
    return field.default.factory() if hasattr(field.default, "factory") else field.default


def read(kind: Any, name: str, given: Any) -> Any:
    """``given`` as a value of that type. One that is such a value already is taken as it is."""
    origin, inner = get_origin(kind), get_args(kind)
    if given is None:
        raise unreadable(name)
    if origin in (Union, UnionType):
        return read(next(one for one in inner if one is not type(None)), name, given)
    if origin is tuple and isinstance(given, list | tuple):
        return tuple(read(inner[0], name, one) for one in given)
    bare: Any = kind if origin is None else origin
    if kind is Any or isinstance(given, bare):
        return given
    if isinstance(given, dict) and attrs.has(kind):
        return read_object(kind, given)
    if isinstance(given, str):
        return _text(kind, name, given)
    raise unreadable(name)


def _text(kind: Any, name: str, given: str) -> Any:
    try:
        if kind is dt.datetime and _MOMENT.fullmatch(given):
            return dt.datetime.fromisoformat(given)
        if kind is dt.date and _DATE.fullmatch(given):
            return dt.date.fromisoformat(given)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return kind(given)
    except ValueError:
        pass
    raise unreadable(name)
