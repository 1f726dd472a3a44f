"""Decide: (case, command) → an event, or one of the answers with every unmet rule.

Whether a case may move stands in ``procedure``; here its rows are asked. The one exception is
``correct``, which judges a whole history anew (I-6).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs
from attrs import frozen

from ._machine import MOVES, Move, Moves
from .case import Case, correct_entry, corrected_history, evolve, follow
from .catalogue import Catalogue
from .commands import (
    COMMANDS,
    Apply,
    Command,
    Correct,
    FileRegistrationForm,
)
from .errors import (
    CaseNotFound,
    InvalidInput,
    NotAllowed,
    OnsiteWorkflowError,
    Refused,
    Remedy,
    Violation,
    WrongRole,
)
from .events import Corrected, Event
from .forms import ANNEX_B, phone_of
from .obligations import Finding, findings, findings_of, same_edition
from .procedure import correctable_fields
from .references import resolve_items
from .regulation import DB4209_T_32_2023, Regulation
from .rules import Attempt, Guard, Retrial
from .terms import Actor, Directory, ServiceItem, State, Unit, check_moment, is_blank, shown_name

if TYPE_CHECKING:  # days are counted only once somebody asks
    from .calendar import WorkingCalendar

__all__ = ["Availability", "Decision", "available", "decide"]

_NO_UNITS: Final = Directory()

C = TypeVar("C", bound=Command)


@frozen(kw_only=True)
class Decision:
    """What a command leads to: its one event, and what was found late."""

    events: tuple[Event, ...]
    findings: tuple[Finding, ...]


@frozen(kw_only=True)
class Availability:
    """Whether an actor may do ``command`` next, as far as case and actor tell.

    Where not ``allowed``, ``answer`` and ``violations`` say why not. ``waiting`` are the guards
    that can be asked only once the command's own data are there.
    """

    command: str
    clause: str
    allowed: bool
    answer: str | None = None
    violations: tuple[Violation, ...] = ()
    waiting: tuple[Guard, ...] = ()


# --- what is read before any rule is asked --------------------------------------------------------

_FORM_FIELDS: Final = tuple(form_field.name for form_field in ANNEX_B)


def _read(case: Case | None, command: C, catalogue: Catalogue) -> C:
    """``command`` with its names looked up. ``InvalidInput`` for an unknown id of Annex A, an
    ambiguous name, a field that table B.1 does not have."""
    if isinstance(command, FileRegistrationForm):
        for name in command.blank:
            if name not in _FORM_FIELDS:
                raise InvalidInput.of(
                    f"blank.{shown_name(name)}",
                    "unknown_field",
                    "表B.1没有这一栏；栏目为：" + "、".join(_FORM_FIELDS) + "。",
                    "is not a field of table B.1; it has " + ", ".join(_FORM_FIELDS) + ".",
                    facts={"allowed": list(_FORM_FIELDS)},
                )
    return resolve_items(case, command, catalogue)


# --- the rows are asked -------------------------------------------------------------------------

_ENVELOPE: Final = frozenset(f.name for f in attrs.fields(Command))
_FIELDS: Final[Mapping[type[Command], tuple[str, ...]]] = {
    command: tuple(f.name for f in attrs.fields(command) if f.name not in _ENVELOPE)
    for command in COMMANDS.values()
}
_MOVE_OF: Final[Mapping[type[Command], Move]] = {move.command: move for move in MOVES.values()}
_COMMAND_OF: Final[Mapping[type[Event], type[Command]]] = {
    move.event: move.command for move in MOVES.values()
}


def _not_found(case: str | None) -> CaseNotFound:
    return CaseNotFound.because(
        "case_exists",
        "没有此案。" if case is None else f"没有此案：{case}。",
        "There is no such case." if case is None else f"There is no case {case}.",
        facts={"case": case},
        remedy=Remedy(zh="核对案号，或者先提出申请。", en="Check the id, or apply first."),
    )


def _not_allowed(state: State, command: type[Command]) -> NotAllowed:
    sources = [source for source, moved in MOVES if moved is command]
    return NotAllowed(
        [
            Violation(
                rule="not_allowed",
                clause=_MOVE_OF[command].clause,
                zh=f"案件状态为“{state.zh}”，不能办理：{command.zh}。",
                en=f"A case that is {state} does not allow {command.name}.",
                facts={"state": state.value, "command": command.name},
                remedy=Remedy(
                    zh="另立新案；接续原案的，写明原案的案号。",
                    en="Open a new case, and name the one it follows.",
                )
                if command is Apply
                else Remedy(
                    zh="此事须在以下状态办理：" + "、".join(s.zh for s in sources) + "。",
                    en="It is allowed where a case is " + ", ".join(sources) + ".",
                ),
            )
        ]
    )


def _wrong_role(role: Any, move: Move) -> WrongRole:
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


def _named(attempt: Attempt) -> tuple[ServiceItem, ...]:
    """The items that facts may speak of."""
    if attempt.case is not None:
        return attempt.case.items
    return attempt.command.items if attempt.command is not None else ()


def judge(attempt: Attempt, moves: Moves = MOVES) -> tuple[Move, State]:
    """The move that ``attempt`` makes and the state it reaches, or one of the answers."""
    state = State.NONE if attempt.case is None else attempt.case.state
    command = type(attempt.command)
    move = moves.get((state, command))
    if move is None:
        raise _not_allowed(state, command)
    if attempt.by.role not in move.by:
        raise _wrong_role(attempt.by.role, move)
    unmet = [(guard, facts) for guard in move.guards if (facts := guard.check(attempt)) is not None]
    if unmet:
        raise Refused(guard.violation(facts, _named(attempt)) for guard, facts in unmet)
    for when, target in move.targets:
        if when is None or when.check(attempt):
            return move, target
    raise AssertionError("compile_machine saw to a last target")  # pragma: no cover


def decide(
    case: Case | None,
    command: Command,
    *,
    recorded_at: dt.datetime,
    regulation: Regulation,
    calendar: WorkingCalendar,
    directory: Directory = _NO_UNITS,
    existing_cases: Collection[str] = (),
) -> Decision:
    """What ``command`` does to ``case`` (None: there is none yet). Pure; changes nothing.

    ``recorded_at`` is when it is entered. ``directory`` gives the telephones of the registration
    form, ``existing_cases`` the ids that ``follows`` may name (I-10).

    Raises ``InvalidInput``, ``CaseNotFound``, ``NotAllowed``, ``WrongRole`` or ``Refused``, in this
    order of precedence; ``Refused`` lists every unmet rule with its clause.
    """
    check_moment("recorded_at", recorded_at)
    names = _FIELDS.get(type(command))
    if names is None:
        raise InvalidInput.of(
            "command", "wrong_type", "应为二十种命令之一。", "must be one of the twenty commands."
        )
    if case is not None:
        if case.id != command.case:
            raise InvalidInput.of(
                "case", "wrong_case", "不是这个案件的案号。", "is not the id of this case."
            )
        if case.edition != regulation.edition:
            same_edition(case, regulation)
    command = _read(case, command, regulation.catalogue)
    if case is None and not isinstance(command, Apply):
        raise _not_found(command.case)
    attempt = Attempt(
        case=case,
        command=command,
        by=command.by,
        recorded_at=recorded_at,
        regulation=regulation,
        directory=directory,
        existing_cases=existing_cases,
    )
    if case is not None and isinstance(command, Correct):
        attempt = _with_retrial(case, command, attempt)
        command = attempt.command
    move, state = judge(attempt)
    event = move.event(
        case=command.case,
        version=1 if case is None else case.version + 1,
        at=command.at,
        recorded_at=recorded_at,
        by=command.by,
        edition=regulation.edition,
        state=state,
        id=command.id,
        **{name: getattr(command, name) for name in names},
    )
    if case is None:
        found: tuple[Finding, ...] = ()
    elif isinstance(event, Corrected):
        found = _new_findings(case, event, regulation, calendar)
    else:
        found = findings_of(case, event, regulation=regulation, calendar=calendar)
    return Decision(events=(event,), findings=found)


def _new_findings(
    case: Case, event: Corrected, regulation: Regulation, calendar: WorkingCalendar
) -> tuple[Finding, ...]:
    """Findings that the case has with the correction and had not without it."""
    before = set(findings(case, regulation=regulation, calendar=calendar))
    after = findings(evolve(case, event), regulation=regulation, calendar=calendar)
    return tuple(finding for finding in after if finding not in before)


# --- corrections: a history is judged anew (I-6) ------------------------------------------------


def _command_of(event: Event) -> Command:
    """The command that ``event`` came from, as the entry now stands."""
    command = _COMMAND_OF[type(event)]
    return command(**{f.name: getattr(event, f.name) for f in attrs.fields(command)})


def _with_retrial(case: Case, command: Correct, attempt: Attempt) -> Attempt:
    """``attempt`` with the fields as the entry would hold them, and what a retrial shows.

    ``InvalidInput`` where a new value is not one that the entry's command could have carried.
    """
    entries = {event.version: event for event in corrected_history(case.history)}
    entry = entries.get(command.entry or 0)
    if entry is None:
        return attempt
    removable = correctable_fields(type(entry))
    wanted = {
        name: value
        for name, value in command.fields.items()
        if name in removable and (value is not None or removable[name])
    }
    before: Case | None = None
    for event in entries.values():
        if event.version < entry.version:
            before = follow(before, event)
    catalogue = attempt.regulation.catalogue
    try:
        amended = _read(before, _command_of(correct_entry(entry, wanted)), catalogue)
    except InvalidInput as error:
        raise error.within("fields") from None
    wanted = {n: None if v is None else getattr(amended, n) for n, v in wanted.items()}
    retrial = Retrial()
    if wanted.keys() == command.fields.keys():
        follows = case.application.follows
        known = {*attempt.existing_cases, *(() if follows is None else (follows,))}
        # A correction made since is an entry after it too, and was made at its own time (I-15).
        since = [event for event in case.history if isinstance(event, Corrected)]
        later = sorted(
            (event for event in (*entries.values(), *since) if event.version > entry.version),
            key=lambda event: event.version,
        )
        retrial = _retry(
            before,
            [correct_entry(entry, wanted), *later],
            attrs.evolve(
                attempt, existing_cases=known, directory=_as_filed(case, attempt.directory)
            ),
        )
    prepared: Any = dict(command.fields) | wanted
    return attrs.evolve(attempt, command=attrs.evolve(command, fields=prepared), retrial=retrial)


def _as_filed(case: Case, directory: Directory) -> Directory:
    """``directory`` with whatever telephone the form that was filed had from it, and that it no
    longer has: what stands outside the case counts as it did when the form was filed."""
    if case.registration_form is None or case.visit is None:
        return directory
    visited = dict.fromkeys(member.unit for member in case.visit.staff)
    reasons = case.registration_form.blank
    lost = [
        unit
        for unit in visited
        if phone_of(case, unit, directory) is None
        # A field that was blank for a reason had no telephone to lose.
        and is_blank(reasons.get("lead_phone" if unit == case.lead else "assisting_phones"))
    ]
    if not lost:
        return directory
    kept = (unit for unit in directory.units if unit.name not in lost)
    return Directory([*kept, *(Unit(name=unit, phone="00000") for unit in lost)])


def _retry(case: Case | None, entries: Iterable[Event], attempt: Attempt) -> Retrial:
    """Judge ``entries`` in turn, each as it was entered."""
    made: tuple[Event, ...] = () if attempt.case is None else attempt.case.history
    for event in entries:
        command = _command_of(event)
        if case is not None and isinstance(event, Corrected):
            # It names an entry by its version, so that it needs the history without gaps.
            before = event.version - 1
            case = attrs.evolve(case, version=before, history=made[:before])
        try:
            _, state = judge(
                attrs.evolve(
                    attempt,
                    case=case,
                    command=command,
                    by=command.by,
                    recorded_at=event.recorded_at,
                )
            )
        except OnsiteWorkflowError as error:
            return Retrial(refused_entry=event.version, unmet=error.violations)
        if state is not event.state:
            return Retrial(moved_entry=event.version)
        if not isinstance(event, Corrected):  # what it says, its entry says already
            case = follow(case, event)
    return Retrial()


# --- what may be done next ----------------------------------------------------------------------


def available(case: Case | None, by: Actor) -> tuple[Availability, ...]:
    """For each command of the table, in clause order: may ``by`` do it next, and if not, why not.

    Agrees with ``decide``: what is not allowed here is not allowed with any data; what is allowed
    here can be refused by a guard in ``waiting`` only.
    """
    # No guard that judges by case and actor alone looks at the regulation.
    attempt = Attempt(case=case, command=None, by=by, regulation=DB4209_T_32_2023)
    return tuple(_availability(command, attempt) for command in COMMANDS.values())


def _availability(command: type[Command], attempt: Attempt) -> Availability:
    state = State.NONE if attempt.case is None else attempt.case.state
    move = MOVES.get((state, command))
    answer: OnsiteWorkflowError | None
    waiting: tuple[Guard, ...] = ()
    if attempt.case is None and command is not Apply:
        answer = _not_found(None)
    elif move is None:
        answer = _not_allowed(state, command)
    elif attempt.by.role not in move.by:
        answer = _wrong_role(attempt.by.role, move)
    else:
        waiting = tuple(guard for guard in move.guards if guard.needs)
        unmet = [
            guard.violation(facts, _named(attempt))
            for guard in move.guards
            if not guard.needs and (facts := guard.check(attempt)) is not None
        ]
        answer = Refused(unmet) if unmet else None
    return Availability(
        command=command.name,
        clause=_MOVE_OF[command].clause if move is None else move.clause,
        allowed=answer is None,
        answer=None if answer is None else answer.answer,
        violations=() if answer is None else answer.violations,
        waiting=waiting if answer is None else (),
    )
