"""What commands, events and records of every procedure have in common."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from attrs import field, frozen

from onsite_workflow.checks import (
    Discreet,
    Message,
    Word,
    check_given_name,
    check_key,
    check_moment,
    checked,
    if_given,
    of_type,
)

__all__ = ["AnyActor", "AnyCommand", "AnyEvent", "Record"]


def record_key(procedure: str, record: str) -> str:
    """What stores keep a record under: ``procedure/id``. (A case is kept under its plain id. No id
    holds a slash, so nobody can take a case's id for such a key.)"""
    return f"{procedure}/{record}"


@frozen(kw_only=True, repr=False)
class AnyActor(Discreet):
    """Who does or enters an act. A procedure narrows ``role`` to its own roles.

    ``unit`` is the unit that the actor belongs to, ``id`` the actor's name in another system.
    """

    role: Word
    name: str = field(repr=False, validator=checked(check_given_name))
    unit: str | None = field(default=None, validator=if_given(check_given_name))
    id: str | None = field(default=None, repr=False, validator=if_given(check_given_name))

    @property
    def acting_unit(self) -> str | None:
        """The unit that this actor answers for."""
        return self.unit


@frozen(kw_only=True, repr=False, eq=False)
class AnyCommand(Message):
    """What somebody asks to happen to a record: when it happened, who did it.

    ``id`` is the idempotency key, unique in a store. ``procedure`` and ``name`` are the wire names
    of the procedure and the command, ``zh`` what it does in Chinese. ``corrects``: it changes what
    an earlier entry says, and has ``entry`` and ``fields``.
    """

    procedure: ClassVar[str]
    name: ClassVar[str]
    zh: ClassVar[str]
    corrects: ClassVar[bool] = False

    at: dt.datetime = field(validator=checked(check_moment))
    by: AnyActor
    id: str | None = field(default=None, validator=if_given(check_given_name))

    @property
    def key(self) -> str:
        """What stores keep the record under."""
        raise NotImplementedError


@frozen(kw_only=True, repr=False, eq=False)
class RecordCommand(AnyCommand):
    """The envelope of a command of any procedure but the case's: ``record`` is the record's id (1–64
    letters, digits or ``-_.``)."""

    record: str = field(validator=checked(check_key))

    @property
    def key(self) -> str:
        """What stores keep the record under."""
        return record_key(self.procedure, self.record)


class _Written:
    """A place to keep an event's JSON once it is made: it is needed twice, for the digest and for
    the store, and an event never changes."""

    __slots__ = ("written",)

    written: dict[str, Any]


@frozen(kw_only=True, repr=False, eq=False)
class AnyEvent(Message, _Written):
    """What has happened to a record. Its own fields are those of the command that it came from.

    ``version`` counts a record's events from 1. ``at`` is when it happened, ``recorded_at`` when it
    was entered. ``state`` is the state reached. ``edition`` is the edition of the standard by which
    it was judged. ``previous`` is the digest of the event before it in the record
    (``wire.digests.event_digest``).

    ``name`` and ``schema`` are the chosen wire name and version: they never follow a Python path, so
    that code may be rearranged while stored events stay readable. Events are made by ``decide`` from
    checked commands, or read back from a store. They do not check their fields again.
    """

    procedure: ClassVar[str]
    name: ClassVar[str]
    schema: ClassVar[int] = 1
    corrects: ClassVar[bool] = False

    version: int
    at: dt.datetime
    recorded_at: dt.datetime
    by: AnyActor
    edition: str
    state: Word
    id: str | None = None
    previous: str | None = None

    @property
    def key(self) -> str:
        """What stores keep the record under."""
        raise NotImplementedError


@frozen(kw_only=True, repr=False, eq=False)
class RecordEvent(AnyEvent):
    """The envelope of an event of any procedure but the case's."""

    record: str

    @property
    def key(self) -> str:
        """What stores keep the record under."""
        return record_key(self.procedure, self.record)


@frozen(kw_only=True, repr=False)
class Record:
    """What the events of one record make. A procedure adds its own facts.

    ``changed_at`` is the latest ``at`` among the entries that changed the state (and others that
    the procedure counts as such). ``history`` holds all entries, as they were entered.
    """

    key: str
    version: int
    state: Word
    edition: str
    recorded_at: dt.datetime
    changed_at: dt.datetime
    history: tuple[AnyEvent, ...]

    @property
    def id(self) -> str:
        """The record's id within its procedure."""
        return self.key.rpartition("/")[2]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.state} version {self.version}>"


def check_role(roles: type[Word]) -> Any:
    """The ``attrs`` validator of an actor's role, which is one of ``roles``."""
    return checked(of_type(roles))
