"""Commands and events as JSON values.

The shapes follow the fields of the classes, name for name; the names of commands and events are
chosen (``name``, ``schema``) and never follow a Python path.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Any, Final

import attrs

from onsite_workflow.checks import SHANGHAI, Message, plain
from onsite_workflow.engine.record import AnyActor, AnyCommand, AnyEvent
from onsite_workflow.procedures import DEFAULT

__all__ = ["command_to_wire", "event_to_json"]


def to_wire(value: Any) -> Any:
    """``value`` as JSON values; fields that hold their default are left out."""
    kind = value.__class__
    return value if kind in _AS_IT_IS else _writer(kind)(value)


_AS_IT_IS: Final = frozenset({str, bool, int, NoneType})


@cache
def _writer(kind: type[Any]) -> Callable[[Any], Any]:
    """How an instance of ``kind`` is written. Found once a class, since every append writes."""
    if issubclass(kind, Enum):
        return attrgetter("_value_")
    if issubclass(kind, dt.datetime):
        return lambda value: value.astimezone(SHANGHAI).isoformat()
    if issubclass(kind, dt.date):
        return kind.isoformat
    if issubclass(kind, str | int):
        return lambda value: value
    if issubclass(kind, tuple | list):
        return lambda value: [to_wire(element) for element in value]
    if issubclass(kind, Mapping):
        return lambda value: {key: to_wire(element) for key, element in value.items()}
    return _fields_writer(kind)


_ENVELOPE: Final = (
    "case",
    "record",
    "version",
    "at",
    "recorded_at",
    "by",
    "edition",
    "state",
    "role",
)


def fields_of(kind: Any) -> list[attrs.Attribute[Any]]:
    """The fields of ``kind`` as they are written and told: the envelope first. (A class that narrows
    a field of its base has it last.)"""
    if not issubclass(kind, Message | AnyActor):
        return list(attrs.fields(kind))
    first = [f for name in _ENVELOPE for f in attrs.fields(kind) if f.name == name]
    return first + [f for f in attrs.fields(kind) if f.name not in _ENVELOPE]


def _fields_writer(kind: type[Any]) -> Callable[[Any], dict[str, Any]]:
    names = [f.name for f in fields_of(kind)]
    defaults = [default_of(f) for f in fields_of(kind)]
    # Whether something else may equal the default: comparing costs more than all the rest.
    equals = [default is not None and default is not attrs.NOTHING for default in defaults]
    fields = attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)

    def write(value: Any) -> dict[str, Any]:
        written: dict[str, Any] = {}
        for name, default, may_equal, held in zip(
            names, defaults, equals, fields(value), strict=True
        ):
            if held is default or (may_equal and held == default):
                continue
            written[name] = held if held.__class__ in _AS_IT_IS else to_wire(held)
        return written

    return write


def default_of(attribute: attrs.Attribute[Any]) -> Any:
    given: Any = attribute.default
    return given.factory() if hasattr(given, "factory") else given


_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def command_to_wire(command: AnyCommand, recorded_at: dt.datetime | None = None) -> dict[str, Any]:
    """``command`` as the JSON object of a journal line (``command_from_wire`` reads it back).

    ``recorded_at`` is when it was entered; None leaves that out.
    """
    line = {**_of(command), "command": command.name, **to_wire(command)}
    if recorded_at is not None:
        line["recorded_at"] = plain(recorded_at)
    return line


def _of(message: AnyCommand | AnyEvent) -> dict[str, str]:
    """The name of the procedure, which is left out where it is the case's."""
    return {} if message.procedure == DEFAULT else {"procedure": message.procedure}


def event_to_json(event: AnyEvent) -> str:
    """``event`` as one line of JSON: ``{"event": name, "schema": 1, ...fields}``. It holds people's
    data. ``event_from_json`` reads it back."""
    return _json(written(event))


def written(event: AnyEvent) -> dict[str, Any]:
    """``event`` as a JSON object, not to be changed: it is kept, since every event that is appended
    is asked for it twice, for its digest and for its line."""
    try:
        return event.written
    except AttributeError:
        written = {**_of(event), "event": event.name, "schema": event.schema, **to_wire(event)}
        object.__setattr__(event, "written", written)
        return written
