"""What one command adds to one record: a pure plan.

``plan`` is given the events so far, the command and what stands outside the record, and makes the
``Commit`` that a store appends. It reads no clock and calls no store. So those who load the events
themselves (a bulk import, an asynchronous service) can call it too.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from .checks import local_day
from .directory import Directory
from .engine.deciding import decide
from .engine.duties import Obligation, Status
from .engine.history import replay
from .engine.limits import obligations
from .engine.procedure import Procedure
from .engine.record import AnyCommand, AnyEvent, Record
from .errors import InvalidInput
from .people import keys_of
from .ports import CaseSummary, Commit
from .procedures import procedure_named
from .regulation import Regulation
from .wire.digests import event_digest
from .wire.writing import to_wire

if TYPE_CHECKING:
    from .calendar import WorkingCalendar

__all__ = ["OWED", "Context", "owed", "plan", "referred", "summary_of"]

#: What is still owed.
OWED: Final = (Status.OPEN, Status.OVERDUE)


@frozen(kw_only=True)
class Context:
    """What a plan needs besides the records: editions, calendar, directory, and the secret for
    finding cases by their people."""

    regulations: Mapping[str, Regulation]
    calendar: WorkingCalendar
    directory: Directory
    secret: bytes | None = field(default=None, repr=False)

    def regulation_of(self, record: Record) -> Regulation:
        """The edition that ``record`` is pinned to. Raises ``InvalidInput`` where it was not
        given."""
        found = self.regulations.get(record.edition)
        if found is None:
            raise InvalidInput.of(
                "regulations",
                "unknown_edition",
                f"没有提供所依据的标准：{record.edition}。",
                f"the edition it is pinned to was not given: {record.edition}.",
                facts={"edition": record.edition},
            )
        return found

    def regulation_on(self, day: dt.date) -> Regulation:
        """The edition that a record opened on ``day`` falls under."""
        in_force = [r for r in self.regulations.values() if r.in_force_on(day)]
        # Where none is in force on that day, a guard of the procedure refuses. Any edition will do.
        return (in_force or list(self.regulations.values()))[-1]


def referred(events: Sequence[AnyEvent], command: AnyCommand, entered: dt.datetime) -> Any:
    """The keys of other records that ``command`` names, and the moment by which those records must
    have been entered: ``entered``, or for a correction the moment when this record was opened."""
    procedure = procedure_named(command.procedure)
    known_by = events[0].recorded_at if events and command.corrects else entered
    return tuple(procedure.refers(command)), known_by


def plan(
    events: Sequence[AnyEvent],
    command: AnyCommand,
    context: Context,
    *,
    entered: dt.datetime,
    content: str,
    known: Collection[str] = (),
) -> Commit:
    """The commit that ``command`` leads to. Pure.

    Args:
        events: the record's events so far, in order; none where ``command`` opens it.
        command: what is asked.
        context: what it is judged by.
        entered: when it is entered.
        content: the digest of what was asked (``wire.digests.content_key``).
        known: those of the keys given by ``referred`` whose records exist.

    Raises what ``engine.deciding.decide`` raises, and ``InvalidInput`` also where the procedure of
    ``command`` is not registered or ``context`` does not have the record's edition. Raises
    ``CorruptRecord`` where ``events`` do not make a record.
    """
    procedure = procedure_named(command.procedure)
    record = replay(procedure, events) if events else None
    regulation = (
        context.regulation_on(local_day(command.at))
        if record is None
        else context.regulation_of(record)
    )
    decision = decide(
        procedure,
        record,
        command,
        recorded_at=entered,
        regulation=regulation,
        calendar=context.calendar,
        directory=context.directory,
        known=known,
        previous=event_digest(events[-1]) if events else None,
    )
    (event,) = decision.events
    return Commit(
        case=event.key,
        expected_version=event.version - 1,
        command_id=command.id if command.id is not None else content,
        content=content,
        events=(event,),
        answer=json.dumps([to_wire(found) for found in decision.findings]),
        keys=procedure.claimed(event),
        summary=summary_of(procedure, decision.record, context),
        obligations=owed(procedure, decision.record, context),
    )


def summary_of(procedure: Procedure[Any], record: Record, context: Context) -> CaseSummary:
    """The line that lists show of ``record``."""
    line = procedure.line(record)
    return CaseSummary(
        case=record.key,
        procedure=procedure.name,
        version=record.version,
        state=record.state.value,
        result=None if line.result is None else line.result.value,
        edition=record.edition,
        lead=line.lead,
        units=line.units,
        opened_at=line.opened_at,
        recorded_at=record.recorded_at,
        head=event_digest(record.history[-1]),
        calendar_revision=context.calendar.revision,
        applicant_keys=() if context.secret is None else keys_of(line.people, context.secret),
    )


def owed(procedure: Procedure[Any], record: Record, context: Context) -> tuple[Obligation, ...]:
    """The obligations of ``record`` that are open or overdue as of its latest entry."""
    found = obligations(
        procedure,
        record,
        regulation=context.regulation_of(record),
        calendar=context.calendar,
        as_of=record.recorded_at,
    )
    return tuple(obligation for obligation in found if obligation.status in OWED)
