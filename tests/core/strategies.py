"""Values of any class of the library, drawn from what its checks allow."""

from __future__ import annotations

import datetime as dt
import typing
from collections.abc import Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final

import attrs
from hypothesis import strategies as st

from onsite_workflow import Actor, Correct, InvalidInput, Role, Serve, ServiceItem, StaffMember
from onsite_workflow.commands import COMMANDS, Command
from onsite_workflow.events import EVENTS, Corrected, Event
from onsite_workflow.procedure import correctable_fields
from onsite_workflow.terms import check_given_name

_UNSAFE: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufffe\uffff"
_LETTERS: Final = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters=_UNSAFE)


def _is_a_name(text: str) -> bool:
    try:
        check_given_name("name", text)
    except InvalidInput:
        return False
    return True


names: Final = st.text(_LETTERS, min_size=1, max_size=30).filter(_is_a_name)
texts: Final = st.lists(st.text(_LETTERS, max_size=30), max_size=3).map("\n".join)
keys: Final = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True)
phones: Final = st.sampled_from(
    ["0712-2778219", "13900001234", "+86 139 0000 1234", "(0712)277转8"]
)
id_numbers: Final = st.sampled_from(["11010519491231002X", "440524188001010014"])
digests: Final = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
_OFFSETS: Final = st.sampled_from([0, 8, -5, 5.5]).map(
    lambda hours: dt.timezone(dt.timedelta(hours=hours))
)
_FIRST, _LAST = dt.datetime(1950, 1, 3, tzinfo=dt.UTC), dt.datetime(2199, 12, 29, tzinfo=dt.UTC)
moments: Final = st.datetimes(
    _FIRST.replace(tzinfo=None), _LAST.replace(tzinfo=None), timezones=_OFFSETS
)
days: Final = st.dates(dt.date(1950, 1, 1), dt.date(2199, 12, 31))

_BY_NAME: Final[Mapping[str, st.SearchStrategy[Any]]] = {
    "case": keys,
    "follows": keys,
    "phone": phones,
    "id_number": id_numbers,
    "sha256": digests,
    "version": st.integers(1, 10_000),
    "entry": st.integers(-5, 10_000),
    "reason": texts,
    "address": texts,
    "note": texts,
    "summary": texts,
}
_BY_TYPE: Final[Mapping[Any, st.SearchStrategy[Any]]] = {
    str: names,
    int: st.integers(1, 10_000),
    bool: st.booleans(),
    dt.datetime: moments,
    dt.date: days,
}


def _shaped(name: str, hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field, by its name where that says more than its type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, UnionType):
        return _shaped(name, next(a for a in arguments if a is not NoneType))
    if origin is tuple:
        return st.lists(_shaped(name, arguments[0]), max_size=3).map(tuple)
    if origin is not None:
        return st.dictionaries(names, _shaped(name, arguments[1]), max_size=3)
    if name in _BY_NAME:
        return _BY_NAME[name]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    return _BY_TYPE[hint] if hint in _BY_TYPE else instances(hint)


def _fields(kind: type[Any]) -> dict[str, st.SearchStrategy[Any]]:
    hints = typing.get_type_hints(kind)
    found = {
        f.name: _shaped(f.name, hints[f.name])
        for f in attrs.fields(kind)
        if f.init and f.name != "fields"
    }
    if kind is Serve:
        attendants = st.builds(StaffMember, name=names, unit=names)
        found["staff"] = st.lists(attendants, max_size=3).map(tuple)
    if kind in (Correct, Corrected):
        found["fields"] = _corrections()
    return found


def _corrections() -> st.SearchStrategy[dict[str, Any]]:
    """What a correction may say of some entry."""
    return st.sampled_from([e for e in EVENTS.values() if e is not Corrected]).flatmap(
        lambda event: st.fixed_dictionaries({}, optional=_correctable(event))
    )


def _correctable(event: type[Event]) -> dict[str, st.SearchStrategy[Any]]:
    command = next(c for c in COMMANDS.values() if _same_fields(c, event))
    values = _fields(command)
    return {
        name: st.none() | values[name] if removable else values[name]
        for name, removable in correctable_fields(event).items()
    }


def _same_fields(command: type[Command], event: type[Event]) -> bool:
    own = {f.name for f in attrs.fields(event)} - {
        "version",
        "recorded_at",
        "edition",
        "state",
        "previous",
    }
    return {f.name for f in attrs.fields(command)} == own


def instances(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Instances of an ``attrs`` class, any of its optional fields left out."""
    if kind is Actor:
        units = st.builds(Actor, role=st.just(Role.HANDLING_UNIT), name=names, unit=names)
        others = [role for role in Role if role is not Role.HANDLING_UNIT]
        return units | st.builds(
            Actor, role=st.sampled_from(others), name=names, id=st.none() | names
        )
    if kind is ServiceItem:
        return st.builds(ServiceItem, id=names) | st.builds(
            ServiceItem, name=names, ground=st.none() | texts
        )
    fields = _fields(kind)
    required = {f.name for f in attrs.fields(kind) if f.init and f.default is attrs.NOTHING}
    return st.fixed_dictionaries(
        {name: fields[name] for name in fields if name in required},
        optional={name: fields[name] for name in fields if name not in required},
    ).map(lambda values: kind(**values))


def commands() -> st.SearchStrategy[Command]:
    """Any command, whether or not any rule would allow it."""
    return st.one_of([instances(kind) for kind in COMMANDS.values()])


def events() -> st.SearchStrategy[Event]:
    """Any event."""
    return st.one_of([instances(kind) for kind in EVENTS.values()])
