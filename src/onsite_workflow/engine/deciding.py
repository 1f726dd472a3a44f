"""Decide: (record, command) → an event, or one of the answers with every unmet rule.

The procedure says whether a record may move; here its rows are asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from attrs import frozen

from onsite_workflow.checks import Word, check_moment
from onsite_workflow.directory import Directory
from onsite_workflow.errors import (
    CaseNotFound,
    InvalidInput,
    NotAllowed,
    OnsiteWorkflowError,
    Refused,
    Remedy,
    Violation,
    WrongRole,
)
from onsite_workflow.regulation import Regulation

from .correcting import new_findings, with_retrial
from .duties import Finding
from .history import evolve
from .limits import findings_of, same_edition
from .machine import Move, Moves
from .procedure import Procedure
from .record import AnyActor, AnyCommand, AnyEvent, Record
from .rules import Attempt, Guard

if TYPE_CHECKING:  # days are counted only once somebody asks
    from onsite_workflow.calendar import WorkingCalendar

__all__ = ["Availability"]

R = TypeVar("R", bound=Record)
R_co = TypeVar("R_co", bound=Record, covariant=True)
E_co = TypeVar("E_co", bound=AnyEvent, covariant=True)

_NO_UNITS: Final = Directory()


@frozen(kw_only=True)
class AnyDecision(Generic[R_co, E_co]):
    """What a command leads to: its one event, the record after it, and what was found late."""

    events: tuple[E_co, ...]
    record: R_co
    findings: tuple[Finding, ...]


@frozen(kw_only=True)
class AnyReceipt(Generic[E_co]):
    """The answer to a command that was carried out. ``repeated``: an earlier call carried it out,
    and this is its answer again.

    ``event`` is one of the procedure's events: of a case, ``CaseEvent``, which ``match`` can
    exhaust.
    """

    event: E_co
    findings: tuple[Finding, ...]
    repeated: bool = False

    @property
    def state(self) -> Word:
        """The state reached."""
        return self.event.state

    @property
    def version(self) -> int:
        """The number of the entry in its record, from 1."""
        return self.event.version


@frozen(kw_only=True)
class Availability:
    """Whether an actor may do ``command`` next, as far as record and actor tell.

    Where not ``allowed``, ``answer`` and ``violations`` say why not. ``waiting`` are the guards
    that can be asked only once the command's own data are there.
    """

    command: str
    clause: str
    allowed: bool
    answer: str | None = None
    violations: tuple[Violation, ...] = ()
    waiting: tuple[Guard[Any, Any], ...] = ()


# --- the answers ----------------------------------------------------------------------------------


def not_found(
    procedure: Procedure[Any], key: str | None, remedy: Remedy | None = None
) -> CaseNotFound:
    """There is no record under ``key`` (None: it has not been named)."""
    record = "" if key is None else key.rpartition("/")[2]
    return CaseNotFound.because(
        "case_exists",
        f"没有{procedure.this_zh}：{record}。" if record else f"没有{procedure.this_zh}。",
        f"There is no {procedure.en} {record}." if record else f"There is no such {procedure.en}.",
        facts={"case": key},
        remedy=remedy or procedure.absent,
    )


def _not_allowed(procedure: Procedure[Any], state: Word, command: type[AnyCommand]) -> NotAllowed:
    sources = [source for source, moved in procedure.moves if moved is command]
    return NotAllowed(
        [
            Violation(
                rule="not_allowed",
                clause=procedure.move_of[command].clause,
                zh=f"{procedure.zh}状态为“{state.zh}”，不能办理：{command.zh}。",
                en=f"A {procedure.en} that is {state} does not allow {command.name}.",
                facts={"state": state.value, "command": command.name},
                remedy=procedure.opened_already
                if command in procedure.openers
                else Remedy(
                    zh="此事须在以下状态办理：" + "、".join(s.zh for s in sources) + "。",
                    en=f"It is allowed where a {procedure.en} is " + ", ".join(sources) + ".",
                ),
            )
        ]
    )


def _wrong_role(role: Word, move: Move) -> WrongRole:
    return WrongRole(
        [
            Violation(
                rule="wrong_role",
                clause=move.clause,
                zh=f"此事不由{role.zh}办理：{move.command.zh}。",
                en=f"{move.command.name} is not for the role {role}.",
                facts={"role": role.value, "command": move.command.name},
                remedy=Remedy(
                    zh="应由" + "或者".join(r.zh for r in move.by) + "办理。",
                    en="It is for " + " or ".join(move.by) + ".",
                ),
            )
        ]
    )


# --- the rows are asked ---------------------------------------------------------------------------


def judge(
    procedure: Procedure[R], attempt: Attempt[R, Any], moves: Moves | None = None
) -> tuple[Move, Word]:
    """The move that ``attempt`` makes and the state that it reaches.

    ``moves`` are the procedure's own unless others are given. Raises ``NotAllowed``, ``WrongRole``
    or ``Refused``.
    """
    before = attempt.before
    state = procedure.nothing if before is None else before.state
    command = type(attempt.command)
    move = (procedure.moves if moves is None else moves).get((state, command))
    if move is None:
        raise _not_allowed(procedure, state, command)
    if attempt.by.role not in move.by:
        raise _wrong_role(attempt.by.role, move)
    unmet = [(guard, facts) for guard in move.guards if (facts := guard.check(attempt)) is not None]
    if unmet:
        labels = procedure.labels(attempt)
        raise Refused(guard.violation(facts, labels) for guard, facts in unmet)
    for when, target in move.targets:
        if when is None or when.check(attempt):
            return move, target
    raise AssertionError("compile_machine saw to a last target")  # pragma: no cover


def event_of(
    procedure: Procedure[Any],
    command: AnyCommand,
    *,
    version: int,
    recorded_at: dt.datetime,
    edition: str,
    state: Word,
    previous: str | None = None,
) -> AnyEvent:
    """The event that ``command`` leads to, with the command's own fields and this envelope."""
    return procedure.move_of[type(command)].event(
        version=version,
        at=command.at,
        recorded_at=recorded_at,
        by=command.by,
        edition=edition,
        state=state,
        id=command.id,
        previous=previous,
        **{name: getattr(command, name) for name in procedure.fields[type(command)]},
    )


def decide(
    procedure: Procedure[R],
    record: R | None,
    command: AnyCommand,
    *,
    recorded_at: dt.datetime,
    regulation: Regulation,
    calendar: WorkingCalendar,
    directory: Directory = _NO_UNITS,
    known: Collection[str] = (),
    previous: str | None = None,
) -> AnyDecision[R, AnyEvent]:
    """What ``command`` does to ``record`` (None: there is none yet). Pure; changes nothing.

    ``recorded_at`` is when it is entered. ``directory`` gives the telephones of printed forms,
    ``known`` the keys of other records that the command may name, ``previous`` the digest of the
    record's latest event.

    Raises ``InvalidInput``, ``CaseNotFound``, ``NotAllowed``, ``WrongRole`` or ``Refused``, in this
    order of precedence; ``Refused`` lists every unmet rule with its clause.
    """
    check_moment("recorded_at", recorded_at)
    if type(command) not in procedure.fields:
        raise InvalidInput.of(
            "command",
            "wrong_type",
            f"应为{procedure.zh}的命令之一。",
            f"must be one of the commands of a {procedure.en}.",
        )
    if record is not None:
        if record.key != command.key:
            raise InvalidInput.of(
                "case",
                "wrong_case",
                f"不是{procedure.this_zh}的{procedure.id_zh}。",
                f"is not the id of this {procedure.en}.",
            )
        if record.edition != regulation.edition:
            same_edition(procedure, record, regulation)
    command = procedure.read(record, command, regulation)
    if record is None and type(command) not in procedure.openers:
        raise not_found(procedure, command.key)
    attempt: Attempt[R, Any] = Attempt(
        before=record,
        command=command,
        by=command.by,
        recorded_at=recorded_at,
        regulation=regulation,
        directory=directory,
        known=known,
    )
    if record is not None and command.corrects:
        attempt = with_retrial(procedure, record, attempt, judge)
        command = attempt.command
    _, state = judge(procedure, attempt)
    event = event_of(
        procedure,
        command,
        version=1 if record is None else record.version + 1,
        recorded_at=recorded_at,
        edition=regulation.edition,
        state=state,
        previous=previous,
    )
    after = evolve(procedure, record, event)
    if record is None:
        found: tuple[Finding, ...] = ()
    elif event.corrects:
        found = new_findings(procedure, record, after, regulation, calendar)
    else:
        found = findings_of(procedure, after, event, regulation=regulation, calendar=calendar)
    return AnyDecision(events=(event,), record=after, findings=found)


# --- what may be done next ------------------------------------------------------------------------


def available(
    procedure: Procedure[R], record: R | None, by: AnyActor, regulation: Regulation
) -> tuple[Availability, ...]:
    """For each command of the table, in its order: may ``by`` do it next, and if not, why not.

    Agrees with ``decide``: what is not allowed here is not allowed with any data; what is allowed
    here can be refused by a guard in ``waiting`` only. (No guard that judges by record and actor
    alone looks at the regulation.)
    """
    no_command: Any = None
    attempt: Attempt[R, Any] = Attempt(
        before=record, command=no_command, by=by, regulation=regulation
    )
    return tuple(
        _availability(procedure, command, attempt) for command in procedure.commands.values()
    )


def _availability(
    procedure: Procedure[R], command: type[AnyCommand], attempt: Attempt[R, Any]
) -> Availability:
    before = attempt.before
    state = procedure.nothing if before is None else before.state
    move = procedure.moves.get((state, command))
    answer: OnsiteWorkflowError | None
    waiting: tuple[Guard[Any, Any], ...] = ()
    if before is None and command not in procedure.openers:
        answer = not_found(procedure, None)
    elif move is None:
        answer = _not_allowed(procedure, state, command)
    elif attempt.by.role not in move.by:
        answer = _wrong_role(attempt.by.role, move)
    else:
        waiting = tuple(guard for guard in move.guards if guard.needs)
        unmet = [
            guard.violation(facts, procedure.labels(attempt))
            for guard in move.guards
            if not guard.needs and (facts := guard.check(attempt)) is not None
        ]
        answer = Refused(unmet) if unmet else None
    return Availability(
        command=command.name,
        clause=procedure.move_of[command].clause if move is None else move.clause,
        allowed=answer is None,
        answer=None if answer is None else answer.answer,
        violations=() if answer is None else answer.violations,
        waiting=waiting if answer is None else (),
    )
