"""A Hypothesis state machine over ``Workflow``: any store, any regulation, any calendar.

A test file of yours::

    class MyMachine(WorkflowMachine):
        regulation = MY_REGULATION

        def open_store(self) -> CaseStore:
            return MyStore(...)

    TestMyWorkflow = MyMachine.TestCase

It opens some cases, puts commands to them, lets time pass, sends a command again; half of its steps
``advance`` a case, since steps drawn from everything hardly ever lead far. After every step what the
workflow answered is held against the pure core, what the store gives back against what happened, and
every invariant is checked. What fails is shown by Hypothesis as a program of steps, and after it as
the journal of what was put, refused lines among it.

Hypothesis looks for fewer steps before it shows any, and that takes minutes. To be shown the first
failure at once::

    TestMyWorkflow.settings = settings(phases=set(Phase) - {Phase.shrink})

Needs ``hypothesis``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, ClassVar

import attrs
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from onsite_workflow.adapters.memory import MemoryStore
from onsite_workflow.calendar import WorkingCalendar
from onsite_workflow.clause7.regulation import DB4209_T_32_2023
from onsite_workflow.engine.deciding import AnyReceipt
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.errors import OnsiteWorkflowError
from onsite_workflow.ports import CaseStore
from onsite_workflow.regulation import Regulation
from onsite_workflow.service import Workflow

from . import strategies
from .clause7 import CLAUSE_7
from .clock import FixedClock
from .explorable import Explorable, Invariant, Proposal
from .proposals import usual_start
from .trying import Situation, Try, journal_line

__all__ = ["WorkflowMachine"]


class WorkflowMachine(RuleBasedStateMachine):
    """Subclass it, say what is yours, and give its ``TestCase`` to your test runner."""

    regulation: ClassVar[Regulation] = DB4209_T_32_2023
    """The edition that the cases fall under."""

    calendar: ClassVar[WorkingCalendar | None] = None
    """How days are counted; None: ``WorkingCalendar.china()``."""

    units: ClassVar[tuple[int, ...]] = (1, 2, 3)
    """How many handling units a case may be transferred to."""

    cases: ClassVar[tuple[str, ...]] = ("MACHINE-1", "MACHINE-2")
    """The cases that are worked on at once."""

    explorable: ClassVar[Explorable] = CLAUSE_7
    """The procedure that the cases go through."""

    invariants_checked: ClassVar[Iterable[Invariant] | None] = None
    """What must hold after every step; None: the invariants of ``explorable``."""

    def open_store(self) -> CaseStore:
        """A new, empty store."""
        return MemoryStore()

    def __init__(self) -> None:
        super().__init__()
        self.counted_by: WorkingCalendar = self.calendar or WorkingCalendar.china()
        self.clock: FixedClock = FixedClock(usual_start(self.regulation, self.counted_by))
        self.store: CaseStore = self.open_store()
        self.workflow: Workflow = Workflow(
            self.store,
            calendar=self.counted_by,
            regulations=[self.regulation],
            clock=self.clock,
        )
        self.situations: dict[str, Situation] = {}
        self.last: tuple[Proposal, AnyReceipt[AnyEvent]] | None = None
        self.journal: list[str] = []

    def teardown(self) -> None:
        """Show the journal, where it failed; close the store, where it can be closed."""
        lines = (f"the journal, under {self.regulation.edition}:", *self.journal)
        note("\n".join(lines))
        close = getattr(self.store, "close", None)
        if close is not None:
            close()

    # --- what can happen ---

    @initialize()
    def open_what_others_name(self) -> None:
        """I-10: so that following a case is not always refused."""
        for case in self.explorable.existing:
            made = self.explorable.proposals(
                None, now=self.clock(), regulation=self.regulation, case_id=case
            )
            self.put(case, next(made[self.explorable.opening]))

    @rule(data=st.data(), pause=strategies.pauses)
    def advance(self, data: Any, pause: dt.timedelta) -> None:
        """Something that brings a case nearer to its end."""
        case = data.draw(st.sampled_from(self.cases), label="case")
        proposal = data.draw(
            strategies.advances(
                self.situation(case), now=self.clock(), units=self.units, case_id=case
            ),
            label="advance",
        )
        if proposal is not None:
            self.put(case, proposal)
        self.clock.advance(pause)

    @rule(data=st.data(), pause=strategies.pauses)
    def try_anything(self, data: Any, pause: dt.timedelta) -> None:
        """Any command, right or wrong, in its place or not."""
        case = data.draw(st.sampled_from(self.cases), label="case")
        proposal = data.draw(
            strategies.commands_for(
                self.situation(case), now=self.clock(), units=self.units, case_id=case
            ),
            label="command",
        )
        self.put(case, proposal)
        self.clock.advance(pause)

    @rule()
    def send_it_again(self) -> None:
        """The command that was accepted last is answered as it was, and stored once."""
        if self.last is None:
            return
        proposal, receipt = self.last
        self.journal.append(journal_line(proposal.command, proposal.recorded_at))
        again = self.workflow.handle(proposal.command, recorded_at=proposal.recorded_at)
        assert again.repeated
        assert (again.event, again.findings) == (receipt.event, receipt.findings)

    # --- what comes of it ---

    def situation(self, case: str) -> Situation:
        """The case as what happened to it made it, whatever the store says."""
        if case not in self.situations:
            others = [other for other in self.situations if other != case]
            self.situations[case] = Situation(
                case=None,
                regulation=self.regulation,
                calendar=self.counted_by,
                existing_cases=tuple(others),
                explorable=self.explorable,
            )
        return self.situations[case]

    def put(self, case: str, proposal: Proposal) -> Try:
        """Put a command to the workflow and to the core, and hold one against the other."""
        self.journal.append(journal_line(proposal.command, proposal.recorded_at))
        tried = self.situation(case).attempt(proposal.command, proposal.recorded_at)
        try:
            receipt = self.workflow.handle(proposal.command, recorded_at=proposal.recorded_at)
        except OnsiteWorkflowError as error:
            answer = (error.answer, frozenset((v.rule, v.clause) for v in error.violations))
            assert answer == (tried.answer, tried.rules), "the workflow answers not as decide does"
        else:
            assert (tried.answer, tried.event, receipt.findings) == (
                "accepted",
                _undigested(receipt.event),
                tried.decision.findings if tried.decision else (),
            )
            self.situations[case] = tried.outcome
            self.last = (proposal, receipt)
            self.clock.set(max(self.clock(), proposal.recorded_at))
            procedure = self.explorable.procedure
            stored = self.workflow.record(procedure, case)
            told = self.explorable.replay(map(_undigested, stored.history))
            assert told == tried.after, "the store gives back another case than was stored"
            owed = self.workflow.obligations(stored.key, as_of=proposal.recorded_at)
            assert owed == tried.obligations
        checks = self.invariants_checked
        for checked in self.explorable.invariants if checks is None else checks:
            wrong = checked(tried)
            assert wrong is None, f"{checked.name} (clause {checked.clause}): {wrong}"
        return tried


def _undigested(event: AnyEvent) -> AnyEvent:
    """``event`` as ``decide`` made it: the digest of the one before is the service's."""
    return attrs.evolve(event, previous=None)
