"""Clause 7's own face of the engine: a case is decided on, folded, counted.

Each function is the engine's of the same name for the procedure ``CASE``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from onsite_workflow.directory import Directory
from onsite_workflow.engine import deciding, history, limits
from onsite_workflow.engine.deciding import AnyDecision, Availability
from onsite_workflow.engine.duties import Finding, Obligation
from onsite_workflow.engine.limits import Moved
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.regulation import Regulation
from onsite_workflow.terms import Actor

from .case import Case
from .commands import Command
from .events import CaseEvent
from .procedure import CASE
from .regulation import DB4209_T_32_2023

if TYPE_CHECKING:  # days are counted only once somebody asks
    from onsite_workflow.calendar import WorkingCalendar

__all__ = [
    "Decision",
    "available",
    "decide",
    "evolve",
    "findings",
    "moved",
    "obligations",
    "replay",
]

_NO_UNITS: Final = Directory()

if TYPE_CHECKING:
    #: What a command leads to: its event, the case after it, and what was found late.
    Decision: TypeAlias = AnyDecision[Case, CaseEvent]
else:
    Decision = AnyDecision


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
    decided: Any = deciding.decide(
        CASE,
        case,
        command,
        recorded_at=recorded_at,
        regulation=regulation,
        calendar=calendar,
        directory=directory,
        known=existing_cases,
    )
    decision: Decision = decided  # its events are those of the case's rows
    return decision


def evolve(case: Case | None, event: AnyEvent) -> Case:
    """The case after ``event``; ``case`` is None before the application.

    No rule is checked. Raises ``CorruptRecord`` where the event is not the next one of this case.
    """
    return history.evolve(CASE, case, event)


def replay(events: Iterable[AnyEvent]) -> Case:
    """The case that ``events`` make: all of its events, in order. Raises ``CorruptRecord`` where
    there is none, or one is not in its place."""
    return history.replay(CASE, events)


def available(case: Case | None, by: Actor) -> tuple[Availability, ...]:
    """For each command of the table, in clause order: may ``by`` do it next, and if not, why not.

    Agrees with ``decide``: what is not allowed here is not allowed with any data; what is allowed
    here can be refused by a guard in ``waiting`` only.
    """
    return deciding.available(CASE, case, by, DB4209_T_32_2023)


def obligations(
    case: Case, *, regulation: Regulation, calendar: WorkingCalendar, as_of: dt.datetime
) -> tuple[Obligation, ...]:
    """Every obligation of ``case`` opened by ``as_of``, in the order they were opened.

    Raises ``InvalidInput`` where ``as_of`` has no offset or the case is pinned to another edition.
    """
    return limits.obligations(CASE, case, regulation=regulation, calendar=calendar, as_of=as_of)


def findings(
    case: Case, *, regulation: Regulation, calendar: WorkingCalendar
) -> tuple[Finding, ...]:
    """All findings of ``case``, computed anew from its facts, in the order of the entries.

    Raises ``InvalidInput`` where the case is pinned to another edition.
    """
    return limits.findings(CASE, case, regulation=regulation, calendar=calendar)


def moved(
    case: Case,
    *,
    regulation: Regulation,
    before: WorkingCalendar,
    after: WorkingCalendar,
    as_of: dt.datetime,
) -> tuple[Moved, ...]:
    """The obligations still owed at ``as_of`` whose due day differs between two calendars.

    ``before`` is the calendar so far, ``after`` the one with the new notice. Raises
    ``InvalidInput`` as ``obligations`` does.
    """
    return limits.moved(CASE, case, regulation=regulation, before=before, after=after, as_of=as_of)
