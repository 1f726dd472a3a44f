"""Clause 7, as the kit explores it: ``CLAUSE_7``."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from itertools import permutations
from typing import Any, Final

from onsite_workflow.checks import is_blank
from onsite_workflow.clause7 import commands as c
from onsite_workflow.clause7.case import Case, Notice
from onsite_workflow.clause7.procedure import CASE
from onsite_workflow.regulation import Regulation
from onsite_workflow.terms import State, UnitRole

from .explorable import Explorable, Proposal
from .invariants import INVARIANTS
from .proposals import FOLLOWED, around_the_limit, proposals

__all__ = ["CLAUSE_7", "abstraction"]

MINUTE: Final = dt.timedelta(minutes=1)


def abstraction(case: Case | None, now: dt.datetime, *, late: bool) -> Hashable:
    """A value that says what matters of ``case`` at ``now``: of the cases with the same value, one
    is explored. What counts and what does not is told in ``explorer``.

    ``late``: something is or was overdue.
    """
    if case is None:
        return State.NONE
    if case.closing is not None:
        visited = 0 if case.visit is None else len(case.visiting_units)
        opened = case.transferred is not None
        return (case.state, case.result, late, case.registration_form is None, visited, opened)
    if case.visit is not None:
        silent = sum(n.declined and n.explained is None for n in case.notices)
        units = (len(case.visiting_units), silent, case.registration_form is None)
        return (case.state, late, units, _items(case, whole=not late))
    standing = case.bookings[-1] if case.bookings and not case.bookings[-1].ended else None
    flags = (
        standing is not None and now >= standing.appointment.start,
        len(case.bookings) > 1,
        bool(case.replaced_notices),
    )
    if late:
        replies = Counter(_reply(notice) for notice in case.notices)
        return (case.state, late, flags, frozenset(replies.items()))
    return (case.state, late, flags, min(_parties(case, order) for order in _orders(case)))


def _items(case: Case, *, whole: bool) -> Hashable:
    """How far the items have come since the visit, and whether the lead answers for them. Not
    ``whole``: what there is of each that still has to be done."""
    items = [
        (_progress(case, key), notice is not None and notice.unit == case.lead)
        for key in case.accepted_items
        for notice in [case.answering_notice(key)]
    ]
    if whole:
        return tuple(sorted(items))
    return frozenset(progress for progress, _ in items) - {"", "told", "delivered"}


def _orders(case: Case) -> Iterator[tuple[Notice, ...]]:
    """The notices, those of alike units in every order."""
    lead = tuple(n for n in case.notices if n.role is UnitRole.LEAD)
    rest = [n for n in case.notices if n.role is not UnitRole.LEAD]
    for order in permutations(rest):
        yield (*lead, *order)


def _parties(case: Case, notices: Sequence[Notice]) -> tuple[Any, ...]:
    replying = case.state is State.TRANSFERRED
    units = tuple(
        (
            notice.role.value,
            notice.unit == case.lead,
            _reply(notice),
            replying and notice.reply is None and notice.acknowledged is not None,
        )
        for notice in notices
    )
    items = sorted(tuple(item.key in notice.items for notice in notices) for item in case.items)
    return (units, tuple(items))


def _reply(notice: Notice) -> str:
    reply = "" if notice.reply is None else notice.reply.name
    return reply if notice.explained is None else "explained"


def _progress(case: Case, item: str) -> str:
    """How far an item has come since the visit."""
    if item not in case.outstanding_items:
        return ""
    outcome = case.outcome_of(item)
    if outcome is None:
        notice = case.one_time_notice
        lines = () if notice is None else notice.outstanding
        promised = any(line.item == item and line.expected_by is not None for line in lines)
        return "promised" if promised else "outstanding"
    if all(is_blank(text) for text in outcome.to_deliver):
        return "told"
    return "delivered" if case.delivery_of(item) is not None else "announced"


def _appointed(case: Case) -> Iterator[dt.datetime]:
    """The appointed start of a visit that is still to come."""
    if case.state is State.SCHEDULED and case.appointment is not None:
        yield case.appointment.start


def _followed(proposal: Proposal, regulation: Regulation) -> Iterator[Proposal]:
    """I-10: the case that is followed is applied for first."""
    command = proposal.command
    if isinstance(command, c.Apply) and command.follows == FOLLOWED:
        earlier = command.at - MINUTE
        made = proposals(None, now=earlier, regulation=regulation, case_id=FOLLOWED)
        yield next(made[c.Apply])


#: Clause 7 of DB4209/T 32-2023, with the library's invariants.
CLAUSE_7: Final = Explorable(
    procedure=CASE,
    proposals=proposals,
    around_the_limit=around_the_limit,
    existing=(FOLLOWED,),
    before=_followed,
    abstraction=abstraction,
    moments=_appointed,
    aside=(c.Acknowledge, c.Correct, c.Reassign, c.ReportFailedVisit, c.Reschedule, c.Withdraw),
    invariants=INVARIANTS,
)
