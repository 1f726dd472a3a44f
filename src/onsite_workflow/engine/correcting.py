"""Corrections: entries are never erased, and a corrected history is judged anew.

The checks here are those that every procedure's ``correct`` has in common. A procedure makes guards
of them, each with its clause and its sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import attrs

from onsite_workflow.checks import Word, shown_name
from onsite_workflow.errors import InvalidInput, OnsiteWorkflowError

from .duties import Finding
from .history import Correction, correct_entry, corrected_history, follow
from .limits import findings
from .machine import Move
from .procedure import Procedure
from .record import AnyCommand, AnyEvent, Record
from .rules import Attempt, Facts, Retrial, unmet

if TYPE_CHECKING:
    from onsite_workflow.calendar import WorkingCalendar
    from onsite_workflow.regulation import Regulation

__all__ = [
    "CORRECTABLE_ENVELOPE",
    "author_of_entry",
    "correctable_fields",
    "corrected_history_allowed",
    "entry_exists",
    "fields_correctable",
    "new_findings",
    "state_unchanged",
    "with_retrial",
]

R = TypeVar("R", bound=Record)

#: How ``deciding.judge`` is called here, which imports this module.
Judge = Callable[[Procedure[R], Attempt[R, Any]], tuple[Move, Word]]

#: What of an entry's envelope may be corrected: when it happened, and nothing else.
CORRECTABLE_ENVELOPE: Final = frozenset({"at"})

#: Fields that name the record: no correction changes these.
_NAMES_THE_RECORD: Final = frozenset({"case", "record"})


def correctable_fields(procedure: Procedure[Any], entry: type[AnyEvent]) -> Mapping[str, bool]:
    """The fields of an entry that may be corrected, and whether null may remove them."""
    command = procedure.command_of[entry]
    own = [name for name in procedure.fields[command] if name not in _NAMES_THE_RECORD]
    fields = attrs.fields_dict(command)
    return {name: bool(fields[name].metadata.get("optional")) for name in own} | dict.fromkeys(
        CORRECTABLE_ENVELOPE, False
    )


# --- the checks -----------------------------------------------------------------------------------


def _retrial(a: Attempt[Any, Any]) -> Retrial:
    assert a.retrial is not None  # made before any rule of ``correct`` is asked
    return a.retrial


def entry_exists(a: Attempt[Record, Any]) -> Facts | None:
    """The entry named is there, and is no correction itself."""
    return unmet(_retrial(a).entry is None, entry=a.command.entry, entries=a.record.version)


def fields_correctable(a: Attempt[Record, Any]) -> Facts | None:
    """At least one field is given, and each may be corrected (null: removed)."""
    retrial = _retrial(a)
    if retrial.entry is None:
        return None
    removable = retrial.removable
    wrong = [
        shown_name(name)
        for name, value in a.command.fields.items()
        if name not in removable or (value is None and not removable[name])
    ]
    return unmet(bool(wrong) or not a.command.fields, fields=wrong)


def corrected_history_allowed(a: Attempt[Record, Any]) -> Facts | None:
    """With the correction, the entry and every later one would still have been allowed."""
    retrial = _retrial(a)
    if retrial.refused_entry is None:
        return None
    return {"entry": retrial.refused_entry, "rules": list(retrial.unmet)}


def state_unchanged(a: Attempt[Record, Any]) -> Facts | None:
    """With the correction, every entry would have reached the state that it reached."""
    moved = _retrial(a).moved_entry
    return unmet(moved is not None, entry=moved)


def author_of_entry(a: Attempt[Record, Any]) -> Facts | None:
    """The actor has a role that may make such an entry, and is of the unit that made it."""
    retrial = _retrial(a)
    if retrial.entry is None:
        return None
    entry = retrial.entry
    allowed = a.by.role in retrial.authors and a.by.acting_unit == entry.by.acting_unit
    return unmet(not allowed, entry=entry.version, by=a.by.acting_unit or a.by.role)


# --- a history is judged anew ---------------------------------------------------------------------


def new_findings(
    procedure: Procedure[R],
    before: R,
    after: R,
    regulation: Regulation,
    calendar: WorkingCalendar,
) -> tuple[Finding, ...]:
    """The findings that are there with the correction and were not there without it."""
    old = set(findings(procedure, before, regulation=regulation, calendar=calendar))
    new = findings(procedure, after, regulation=regulation, calendar=calendar)
    return tuple(finding for finding in new if finding not in old)


def _command_of(procedure: Procedure[Any], event: AnyEvent) -> AnyCommand:
    """The command that ``event`` came from, as the entry now stands."""
    command = procedure.command_of[type(event)]
    return command(**{f.name: getattr(event, f.name) for f in attrs.fields(command)})


def _named(procedure: Procedure[R], record: R, command: AnyCommand) -> Retrial:
    """The entry of ``record`` that a correction names, and what may be done with it."""
    number = cast("Correction", command).entry
    if number is None or not 1 <= number <= len(record.history):
        return Retrial()
    entry = record.history[number - 1]
    if entry.corrects:
        return Retrial()
    return Retrial(
        entry=entry,
        removable=correctable_fields(procedure, type(entry)),
        authors=procedure.roles_of[type(entry)],
    )


def with_retrial(
    procedure: Procedure[R], record: R, attempt: Attempt[R, Any], judge: Judge[R]
) -> Attempt[R, Any]:
    """``attempt`` with the new values as the entry would hold them, and with what judging the
    history anew shows (``Retrial``).

    Raises ``InvalidInput`` where the entry's command could not have carried a new value.
    """
    command = attempt.command
    named = _named(procedure, record, command)
    if named.entry is None:
        return attrs.evolve(attempt, retrial=named)
    number = named.entry.version
    entries = corrected_history(record.history)
    entry = next(event for event in entries if event.version == number)
    before: R | None = None
    for event in entries:
        if event.version < number:
            before = follow(procedure, before, event)
    fields = _read_fields(procedure, before, entry, attempt, named)
    retrial = named
    if fields.keys() == command.fields.keys():
        retrial = _retry(
            procedure,
            before,
            [correct_entry(entry, fields), *_later(record, entries, number)],
            attempt=_as_entered(procedure, record, attempt, opening=entries[0]),
            named=named,
            judge=judge,
        )
    prepared: Any = dict(command.fields) | fields
    return attrs.evolve(attempt, command=attrs.evolve(command, fields=prepared), retrial=retrial)


def _read_fields(
    procedure: Procedure[R],
    before: R | None,
    entry: AnyEvent,
    attempt: Attempt[R, Any],
    named: Retrial,
) -> dict[str, Any]:
    """Those of the new values that may stand in ``entry``, as its command would have been read when
    the record stood as ``before``."""
    wanted = {
        name: value
        for name, value in attempt.command.fields.items()
        if name in named.removable and (value is not None or named.removable[name])
    }
    amended = correct_entry(entry, wanted)
    try:
        read = procedure.read(before, _command_of(procedure, amended), attempt.regulation)
    except InvalidInput as error:
        raise error.within("fields") from None
    return {n: None if v is None else getattr(read, n) for n, v in wanted.items()}


def _later(record: Record, entries: Iterable[AnyEvent], number: int) -> list[AnyEvent]:
    """What was entered after that entry, as it now stands. A correction made since then is judged again
    as well, at its own time."""
    corrections = [event for event in record.history if event.corrects]
    later = (event for event in (*entries, *corrections) if event.version > number)
    return sorted(later, key=lambda event: event.version)


def _as_entered(
    procedure: Procedure[R], record: R, attempt: Attempt[R, Any], *, opening: AnyEvent
) -> Attempt[R, Any]:
    """``attempt`` with what stood outside the record as it counted when the entries were made."""
    known = {*attempt.known, *procedure.refers(_command_of(procedure, opening))}
    directory = procedure.as_entered(record, attempt.directory)
    return attrs.evolve(attempt, known=known, directory=directory)


def _retry(
    procedure: Procedure[R],
    record: R | None,
    entries: Iterable[AnyEvent],
    *,
    attempt: Attempt[R, Any],
    named: Retrial,
    judge: Judge[R],
) -> Retrial:
    """Judge ``entries`` one after another, each as it was entered. Returns ``named`` with the
    result."""
    made = () if attempt.before is None else attempt.before.history
    for event in entries:
        command = _command_of(procedure, event)
        retrial = None
        if record is not None and event.corrects:
            # It names an entry by its version, so that it needs the history without gaps.
            before = event.version - 1
            record = attrs.evolve(record, version=before, history=made[:before])
            retrial = _named(procedure, record, command)
        try:
            _, state = judge(
                procedure,
                attrs.evolve(
                    attempt,
                    before=record,
                    command=command,
                    by=command.by,
                    recorded_at=event.recorded_at,
                    retrial=retrial,
                ),
            )
        except OnsiteWorkflowError as error:
            return attrs.evolve(named, refused_entry=event.version, unmet=error.violations)
        if state is not event.state:
            return attrs.evolve(named, moved_entry=event.version)
        if not event.corrects:  # the entries hold what corrections say already
            record = follow(procedure, record, event)
    return named
