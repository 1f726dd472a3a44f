"""Random walks: cases that take any road through the table.

At each step one of the commands that make sense is drawn, with a time that may lie a while before
its entry. What the rules refuse is dropped; so a walk is always a real history. A walk follows from
its seed alone: Hypothesis draws the seeds, since choices drawn one by one rarely lead far.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, TypeVar

from hypothesis import strategies as st

from onsite_workflow import (
    DB4209_T_32_2023,
    Case,
    Cause,
    Command,
    Decision,
    ItemResult,
    NotAllowed,
    OutstandingItem,
    Refused,
    Regulation,
    State,
    TransferNotice,
    decide,
    evolve,
)

from .build import (
    APPLICANT,
    ASSISTING,
    CALENDAR,
    CARD,
    ENROLMENT,
    LEAD,
    RENEWAL,
    STRANGER,
    THIRD,
    WINDOW,
    accept,
    acknowledge,
    apply,
    archive,
    at,
    close,
    correct,
    decline,
    deliver,
    designate_lead,
    explain_refusal,
    file_registration_form,
    give_one_time_notice,
    item,
    notice,
    of,
    reassign,
    report_failed_visit,
    report_outcome,
    reschedule,
    schedule,
    serve,
    transfer,
    withdraw,
)

T = TypeVar("T")

#: One move of a walk: the case before, the command, when it was entered, and what came of it.
Move = tuple[Case | None, Command, dt.datetime, Decision]

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
_PAUSES: Final = (0 * DAY, MINUTE, HOUR, 5 * HOUR, DAY, 3 * DAY, 9 * DAY)

# What is applied for, and the notices: one unit, two, three, and three that share an item.
_SHAPES: Final = {
    1: ((RENEWAL,), (notice(LEAD, RENEWAL),)),
    2: ((RENEWAL, CARD), (notice(LEAD, RENEWAL), notice(ASSISTING, CARD))),
    3: (
        (RENEWAL, CARD, ENROLMENT),
        (notice(LEAD, RENEWAL), notice(ASSISTING, CARD), notice(THIRD, ENROLMENT)),
    ),
    4: (
        (RENEWAL, CARD, ENROLMENT),
        (notice(LEAD, RENEWAL, CARD), notice(ASSISTING, CARD), notice(THIRD, ENROLMENT, CARD)),
    ),
}


class _Walker:
    """Draws the commands of one walk. ``now`` is when the next entry is made."""

    def __init__(self, seed: int, corrects: bool) -> None:
        self._random = random.Random(seed)
        self._corrects = corrects
        self.now = at("2025-09-12 09:00") + self.pick(_PAUSES)
        self.shape = self.pick(tuple(_SHAPES))

    def pick(self, choices: tuple[T, ...]) -> T:
        return self._random.choice(choices)

    def once_in(self, times: int) -> bool:
        return self._random.randrange(times) == 0

    def pause(self) -> None:
        self.now += self.pick(_PAUSES)

    def happened(self) -> dt.datetime:
        return self.now - self.pick(_PAUSES[:5])

    def proposals(self, case: Case) -> Iterator[Callable[[], Command]]:
        """Commands worth trying from here."""
        lead = of(case.lead or LEAD)
        if case.state is State.APPLIED:
            yield partial(transfer, *_SHAPES[self.shape][1], at=self.happened())
        if case.state is State.TRANSFERRED:
            yield from self._replies(case)
        if case.state is State.ACCEPTED:
            start = self.now + self.pick(_PAUSES[1:])
            yield partial(schedule, *case.visiting_units, at=self.happened(), start=start, by=lead)
        if case.state is State.SCHEDULED:
            yield from self._visits(case)
        yield from self._aftermath(case)
        for unit in [n.unit for n in case.notices if n.declined]:
            by = self.pick((of(unit), WINDOW))
            yield partial(explain_refusal, unit, at=self.happened(), by=by)
        if case.state in (State.SERVED, State.PENDING_NOTICE, State.DECLINED):
            yield partial(close, at=self.happened(), by=self.pick((lead, WINDOW)))
        if case.state is State.CLOSED and self.once_in(2):
            by = lead if case.visit is not None else WINDOW
            yield partial(archive, at=self.happened(), by=by)
        if self.once_in(25):
            yield partial(withdraw, at=self.happened(), by=self.pick((APPLICANT, WINDOW)))
        if self._corrects and self.once_in(3):
            entry = self.pick(case.history)
            fields = {"at": entry.at + self.pick((-DAY, -MINUTE, MINUTE, DAY))}
            at_ = max(self.now, case.changed_at)
            yield partial(correct, entry.version, fields, at=at_, by=entry.by)

    def _replies(self, case: Case) -> Iterator[Callable[[], Command]]:
        for reply in (acknowledge, accept, decline, designate_lead):
            for unit in (n.unit for n in case.notices):
                yield partial(reply, unit, at=self.happened())
        old = case.notices[-1]
        new = TransferNotice(
            number=f"改{case.version}", unit=STRANGER, role=old.role, items=old.items
        )
        yield partial(reassign, old.unit, at=self.happened(), notice=new)

    def _visits(self, case: Case) -> Iterator[Callable[[], Command]]:
        lead = of(case.lead or LEAD)
        assert case.appointment is not None
        by, start = self.pick((APPLICANT, lead)), self.now + self.pick(_PAUSES[1:])
        yield partial(reschedule, at=self.happened(), by=by, start=start)
        cause, note = self.pick(tuple(Cause)), self.pick((None, "门锁着。"))
        yield partial(report_failed_visit, cause, at=self.happened(), by=lead, note=note)
        arrived = case.appointment.start + self.pick((-MINUTE, 0 * MINUTE, MINUTE, HOUR))
        results = tuple(
            ItemResult(item=key, completed=self.pick((True, False))) for key in case.accepted_items
        )

        def visit() -> Command:
            self.now = max(self.now, arrived + 2 * HOUR)
            return serve(
                *case.visiting_units,
                at=self.now - HOUR,
                arrived_at=arrived,
                left_at=arrived + HOUR,
                by=lead,
                results=results,
            )

        yield visit
        yield visit

    def _aftermath(self, case: Case) -> Iterator[Callable[[], Command]]:
        if case.visit is None:
            return
        lead = of(case.lead or LEAD)
        visitors = dict.fromkeys(member.unit for member in case.visit.staff)
        yield partial(file_registration_form, *visitors, at=self.happened(), by=lead)
        promise = self.pick((None, (self.now + self.pick(_PAUSES)).date()))
        lines = tuple(
            OutstandingItem(item=key, needed=("照片",), expected_by=promise)
            for key in case.outstanding_items
        )
        yield partial(give_one_time_notice, at=self.happened(), by=lead, outstanding=lines)
        for key in case.promised_items:
            things = self.pick(((), ("证件",)))
            yield partial(report_outcome, key, at=self.happened(), by=lead, to_deliver=things)
            yield partial(deliver, key, at=self.happened(), by=lead)


SEEDS: Final = st.integers(0, 2**32 - 1)


def walk(
    seed: int,
    *,
    regulation: Regulation = DB4209_T_32_2023,
    corrects: bool = True,
    steps: int = 40,
) -> list[Move]:
    """The moves of one case, from its application on; at most so many are tried."""
    walker = _Walker(seed, corrects)
    items = tuple(item(key) for key in _SHAPES[walker.shape][0])
    moves: list[Move] = []
    case: Case | None = None
    proposal: Command = apply(at=walker.happened(), items=items)
    for _ in range(steps):
        try:
            decision = decide(
                case, proposal, recorded_at=walker.now, regulation=regulation, calendar=CALENDAR
            )
        except (Refused, NotAllowed):
            pass
        else:
            moves.append((case, proposal, walker.now, decision))
            (event,) = decision.events
            case = evolve(case, event)
        assert case is not None
        proposals = tuple(walker.proposals(case))
        if not proposals:  # archived
            break
        walker.pause()
        proposal = walker.pick(proposals)()
    return moves


def end_of(moves: list[Move]) -> Case:
    """The case that a walk leads to."""
    case, _, _, decision = moves[-1]
    (event,) = decision.events
    return evolve(case, event)
