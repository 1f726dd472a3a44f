"""The fold: a record from its events, and what corrections do to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar, cast

import attrs

from onsite_workflow.errors import CorruptRecord

from .procedure import Procedure
from .record import AnyEvent, Record

__all__ = [
    "Correction",
    "cannot_follow",
    "correct_entry",
    "corrected_history",
    "evolve",
    "follow",
    "replay",
]

R = TypeVar("R", bound=Record)
E = TypeVar("E", bound=AnyEvent)


class Correction(Protocol):
    """What every command and event that ``corrects`` an earlier entry has."""

    @property
    def entry(self) -> int | None:
        """The version of the entry that is corrected."""
        ...

    @property
    def fields(self) -> Mapping[str, Any]:
        """Whole values of that entry's fields; None removes an optional one."""
        ...


def cannot_follow(event: AnyEvent) -> CorruptRecord:
    """The error where ``event`` is not the next one of its record."""
    return CorruptRecord.because(
        "unreadable_event",
        f"第{event.version}条记录不能接在前面的记录之后。",
        f"entry {event.version} cannot follow what this {event.procedure} holds.",
        facts={"case": event.key, "version": event.version, "event": event.name},
    )


def evolve(procedure: Procedure[R], record: R | None, event: AnyEvent) -> R:
    """``record`` after ``event``; ``record`` is None before the event that opens it.

    No rule is checked. Raises ``CorruptRecord`` where the event is not the next one of this record.
    """
    if record is None:
        command = procedure.command_of.get(type(event))
        if command not in procedure.openers or event.version != 1:
            raise cannot_follow(event)
        return procedure.opened(event)
    if event.key != record.key or event.version != record.version + 1:
        raise cannot_follow(event)
    if event.corrects:
        return _corrected(procedure, (*record.history, event))
    fold = procedure.fold.get(type(event))
    if fold is None:
        raise cannot_follow(event)
    changes: dict[str, Any] = {
        "version": event.version,
        "state": event.state,
        "recorded_at": event.recorded_at,
        "history": (*record.history, event),
    }
    if event.state is not record.state:
        changes["changed_at"] = max(record.changed_at, event.at)
    changes |= fold(record, event)
    return attrs.evolve(record, **changes)


def replay(procedure: Procedure[R], events: Iterable[AnyEvent]) -> R:
    """The record that ``events`` make: all of its events, in order. Raises ``CorruptRecord`` where
    there is none, or one is not in its place."""
    history = tuple(events)
    if not history:
        raise CorruptRecord.because("no_events", "没有任何记录。", "there are no entries.")
    for version, event in enumerate(history, start=1):
        if event.version != version or event.key != history[0].key:
            raise cannot_follow(event)
    return _corrected(procedure, history)


def follow(procedure: Procedure[R], record: R | None, entry: AnyEvent) -> R:
    """``evolve`` for a history without its corrections, where version numbers have gaps."""
    if record is not None and record.version != entry.version - 1:
        record = attrs.evolve(record, version=entry.version - 1)
    return evolve(procedure, record, entry)


# --- corrections ----------------------------------------------------------------------------------


def correct_entry(entry: E, fields: Mapping[str, Any]) -> E:
    """``entry`` with whole top-level values replaced; None removes an optional one."""
    defaults = {f.name: f for f in attrs.fields(type(entry))}
    values = {
        name: _default(defaults[name]) if value is None else value for name, value in fields.items()
    }
    return attrs.evolve(entry, **values)


def _default(attribute: attrs.Attribute[Any]) -> Any:
    default: Any = attribute.default
    return default.factory() if hasattr(default, "factory") else default


def corrected_history(history: Iterable[E]) -> list[E]:
    """The entries other than corrections, each as its corrections left it, in entry order.

    Corrections of one entry are applied in order, so the last value of a field wins.
    """
    entries: dict[int, E] = {}
    for event in history:
        if event.corrects:
            correction = cast("Correction", event)
            entry = entries.get(correction.entry or 0)
            if entry is None or correction.fields.keys() - {
                f.name for f in attrs.fields(type(entry))
            }:
                raise cannot_follow(event)
            entries[entry.version] = correct_entry(entry, correction.fields)
        else:
            entries[event.version] = event
    return list(entries.values())


def _corrected(procedure: Procedure[R], history: tuple[AnyEvent, ...]) -> R:
    """The record that a history makes once all its corrections are applied: folded once, for any
    number of corrections."""
    record: R | None = None
    for entry in corrected_history(history):
        record = follow(procedure, record, entry)
    assert record is not None  # a correction of nothing was refused above
    last = history[-1]
    return attrs.evolve(record, version=last.version, recorded_at=last.recorded_at, history=history)
