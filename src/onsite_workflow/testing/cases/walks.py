"""Commands put to one case, one after the other; whoever asks says how to choose.

``pick`` chooses one of several things: ``random.Random(1).choice``, or a draw of Hypothesis, as the
strategies do. Choosing at random hardly ever leads far: most commands are refused where a case
stands. ``walk`` therefore takes an ``advance`` two times in three (``python benchmarks/reach.py``
counts).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final, Protocol, TypeVar

import attrs

from onsite_workflow.clause7.commands import Command

from .explorable import Proposal
from .proposals import usual_start
from .trying import Situation, Try

__all__ = ["PAUSES", "Pick", "advance", "anything", "earlier", "next_moment", "walk"]

T = TypeVar("T")

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
#: How long it is from one entry to the next: at once, within the day, past every limit.
PAUSES: Final = (MINUTE, HOUR, 5 * HOUR, DAY, 3 * DAY, 9 * DAY)


class Pick(Protocol):
    """Chooses one of ``choices``, of which there is at least one."""

    def __call__(self, choices: Sequence[T], /) -> T: ...


def next_moment(situation: Situation) -> dt.datetime:
    """A minute after the latest entry; of a case not opened yet the usual start."""
    if situation.case is None:
        return usual_start(situation.regulation, situation.calendar)
    return situation.case.recorded_at + MINUTE


def anything(
    pick: Pick,
    situation: Situation,
    *,
    now: dt.datetime,
    units: tuple[int, ...],
    case_id: str,
    kinds: Collection[type[Command]] | None = None,
) -> Proposal:
    """Any command, or one of ``kinds``: as an office would send it, wrong in one thing, from a wrong
    state, by somebody else. It is entered at ``now`` at the earliest."""
    made = situation.explorable.proposals(
        situation.case, now=now, regulation=situation.regulation, units=units, case_id=case_id
    )
    kind = pick(list(made if kinds is None else kinds))
    proposal = pick(list(made[kind]))
    return proposal if proposal.wrong is not None else earlier(pick, proposal)


def earlier(pick: Pick, proposal: Proposal) -> Proposal:
    """One act in four is entered a while after it happened."""
    if pick(range(4)) > 0:
        return proposal
    at = proposal.command.at - pick(PAUSES)
    return attrs.evolve(proposal, command=attrs.evolve(proposal.command, at=at))


def advance(
    pick: Pick, situation: Situation, *, now: dt.datetime, units: tuple[int, ...], case_id: str
) -> Proposal | None:
    """A command that is accepted here and brings the case nearer to its end, if there is one.

    A unit that accepts is chosen as often as one that declines.
    """
    made = situation.explorable.proposals(
        situation.case, now=now, regulation=situation.regulation, units=units, case_id=case_id
    )
    fitting: list[list[Proposal]] = []
    for kind in situation.explorable.moves_from(situation.state):
        if kind not in situation.explorable.aside:
            first = next(made[kind])
            if _accepted(situation, first):
                fitting.append([first, *(p for p in made[kind] if p.wrong is None)])
    if not fitting:
        return None
    chosen = pick(fitting)
    proposal = pick(chosen)
    late = earlier(pick, proposal)
    return next((p for p in (late, proposal) if _accepted(situation, p)), chosen[0])


def _accepted(situation: Situation, proposal: Proposal) -> bool:
    return situation.attempt(proposal.command, proposal.recorded_at).decision is not None


def walk(
    pick: Pick,
    situation: Situation,
    *,
    units: tuple[int, ...] = (1, 2, 3),
    steps: int = 30,
    directed: bool = True,
    case_id: str = "DRAWN-1",
    dress: Callable[[Proposal], Proposal] = lambda proposal: proposal,
) -> Iterator[Try]:
    """So many commands, each put to what came of those before; what came of each.

    Without ``directed`` every command is ``anything``. ``dress`` may put other people into it.
    """
    now = next_moment(situation)
    for _ in range(steps):
        proposal = None
        if directed and pick(range(3)) < 2:
            proposal = advance(pick, situation, now=now, units=units, case_id=case_id)
        if proposal is None:
            proposal = anything(pick, situation, now=now, units=units, case_id=case_id)
        proposal = dress(proposal)
        tried = situation.attempt(proposal.command, proposal.recorded_at)
        yield tried
        situation = tried.outcome
        now = max(now, proposal.recorded_at) + pick(PAUSES)
