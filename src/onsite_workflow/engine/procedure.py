"""A procedure as a value: all that makes one kind of record what it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

import attrs
from attrs import field, frozen

from onsite_workflow.checks import Word
from onsite_workflow.directory import Directory
from onsite_workflow.errors import Remedy
from onsite_workflow.regulation import Regulation

from .duties import Duties
from .machine import Machine, Move, Moves, build_machine, compile_machine
from .record import AnyCommand, AnyEvent, Record, record_key
from .rules import Attempt, Guard, Labels, Row

__all__ = ["Line", "Person", "Procedure"]

R = TypeVar("R", bound=Record)

#: The fields that every command has: the envelope. All others are its own.
_ENVELOPE: Final = frozenset(f.name for f in attrs.fields(AnyCommand))


@frozen(kw_only=True)
class Person:
    """A person whose records can be found by name, phone or id number (see ``people``)."""

    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    id_number: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Line:
    """What lists show of a record, besides its envelope.

    ``units`` are the units that take part in it, ``lead`` the one in charge. ``people`` are
    stored as keyed hashes only.
    """

    result: Word | None
    lead: str | None
    units: tuple[str, ...]
    opened_at: dt.datetime
    people: tuple[Person, ...] = field(default=(), repr=False)


def _nothing(_: Any) -> Any:
    return ()


def _unlabelled(_: Any) -> Labels:
    return {}


def _as_given(_: Any, command: Any, __: Regulation) -> Any:
    return command


def _as_it_is(_: Any, directory: Directory) -> Directory:
    return directory


@frozen(kw_only=True, eq=False, slots=False)
class Procedure(Generic[R]):
    """One procedure. Everything else about it follows from these:

    - ``name`` its name in wire forms, ``zh`` what a record of it is called, ``this_zh`` "this one",
      ``id_zh`` the number that it has;
    - ``absent`` what to do where there is no such record, ``opened_already`` where there is one;
    - ``states`` all states; the first is the one before a record exists;
    - ``roles``, ``kinds`` (of obligations), ``results`` its words;
    - ``rows`` the table, ``always`` the guards of every move;
    - ``opened`` makes a record of the opening event, ``fold`` says by event what changes;
    - ``duties`` who owes what: opened, met and ended by which entries;
    - ``read`` puts keys in the place of the names that a command uses (of items, say): (record,
      command, regulation) → command. It raises ``InvalidInput`` for a name that it can't find;
    - ``refers`` gives the keys of other records that a command names;
    - ``line`` is what lists show, ``claims`` the keys that an event claims (numbers that no other
      record of this procedure may have), ``labels`` the names by which sentences call the ids in an
      attempt;
    - ``as_entered`` gives the directory as it was when the record's entries were made: a corrected
      history is judged anew by it;
    - ``plain_keys``: its records are kept under their plain ids, as cases are.
    """

    name: str
    zh: str
    this_zh: str
    id_zh: str = "编号"
    absent: Remedy = field(default=Remedy(zh="核对编号。", en="Check the id."), repr=False)
    opened_already: Remedy = field(
        default=Remedy(zh="以新的编号另立。", en="Open another one, with an id of its own."),
        repr=False,
    )
    record: type[R]
    states: type[Word]
    roles: type[Word]
    kinds: type[Word]
    results: type[Word]
    rows: tuple[Row[R, Any], ...] = field(repr=False)
    always: tuple[Guard[R, Any], ...] = field(repr=False)
    opened: Callable[[Any], R] = field(repr=False)
    fold: Mapping[type[AnyEvent], Callable[[R, Any], dict[str, Any]]] = field(repr=False)
    duties: tuple[Duties[R], ...] = field(default=(), repr=False)
    line: Callable[[R], Line] = field(repr=False)
    read: Callable[[R | None, Any, Regulation], Any] = field(default=_as_given, repr=False)
    refers: Callable[[Any], Iterable[str]] = field(default=_nothing, repr=False)
    claims: Callable[[Any], Iterable[str]] = field(default=_nothing, repr=False)
    labels: Callable[[Attempt[R, Any]], Labels] = field(default=_unlabelled, repr=False)
    as_entered: Callable[[R, Directory], Directory] = field(default=_as_it_is, repr=False)
    plain_keys: bool = False

    def key(self, record: str) -> str:
        """What stores keep the record with that id under."""
        return record if self.plain_keys else record_key(self.name, record)

    def claimed(self, event: Any) -> tuple[str, ...]:
        """What stores know the keys by that ``event`` claims: other procedures have their own."""
        return tuple(self.key(claim) for claim in self.claims(event))

    @property
    def en(self) -> str:
        """What a record of it is called in English."""
        return self.name.replace("_", " ")

    # --- what derives from the rows, once ---

    @cached_property
    def nothing(self) -> Word:
        """The state before there is a record."""
        return next(iter(self.states))

    @cached_property
    def commands(self) -> Mapping[str, type[AnyCommand]]:
        """Commands by name, in the order of the rows."""
        return MappingProxyType({row.command.name: row.command for row in self.rows})

    @cached_property
    def events(self) -> Mapping[str, type[AnyEvent]]:
        """Events by name, in the order of the rows."""
        return MappingProxyType({row.event.name: row.event for row in self.rows})

    @cached_property
    def command_of(self) -> Mapping[type[AnyEvent], type[AnyCommand]]:
        """The command that each event comes from."""
        return MappingProxyType({row.event: row.command for row in self.rows})

    @cached_property
    def roles_of(self) -> Mapping[type[AnyEvent], tuple[Word, ...]]:
        """The roles that may make each entry."""
        return MappingProxyType({row.event: row.by for row in self.rows})

    @cached_property
    def openers(self) -> frozenset[type[AnyCommand]]:
        """The commands that open a record."""
        return frozenset(row.command for row in self.rows if self.nothing in row.source)

    @cached_property
    def machine(self) -> Machine:
        """The rows as a ``transitions.Machine``."""
        return build_machine(self.states, self.rows, self.always)

    @cached_property
    def moves(self) -> Moves:
        """The machine, compiled: what ``judge`` looks up."""
        return compile_machine(self.machine, self.states, self.rows)

    @cached_property
    def move_of(self) -> Mapping[type[AnyCommand], Move]:
        """A move of each command, whatever its state."""
        return MappingProxyType({move.command: move for move in self.moves.values()})

    @cached_property
    def fields(self) -> Mapping[type[AnyCommand], tuple[str, ...]]:
        """The fields that each command and its event have in common, besides the envelope."""
        return MappingProxyType(
            {
                command: tuple(f.name for f in attrs.fields(command) if f.name not in _ENVELOPE)
                for command in self.commands.values()
            }
        )

    @cached_property
    def clause_of(self) -> Mapping[str, str]:
        """The clause that each kind of obligation comes from."""
        return MappingProxyType({duties.kind: duties.clause for duties in self.duties})

    @cached_property
    def met_by(self) -> Mapping[str, tuple[type[AnyCommand], ...]]:
        """The commands that can meet each kind of obligation."""
        return MappingProxyType(
            {d.kind: tuple(self.command_of[event] for event in d.met_by) for d in self.duties}
        )

    @cached_property
    def judged_by(self) -> Mapping[type[AnyEvent], tuple[Duties[R], ...]]:
        """The duties that each event can meet or end, and so can be late for."""
        events = {event for duties in self.duties for event in (*duties.met_by, *duties.ended_by)}
        return MappingProxyType(
            {
                event: tuple(d for d in self.duties if event in d.met_by or event in d.ended_by)
                for event in events
            }
        )
