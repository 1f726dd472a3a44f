"""The state machine: ours holds, others' are a few lines, and what is broken is caught."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from onsite_workflow import (
    AnyEvent,
    CaseStore,
    Declined,
    Kind,
    Limit,
    LimitUnit,
    MemoryStore,
    OnsiteWorkflowError,
    Regulation,
    ReplyClock,
    Workflow,
    open_store,
    read_line,
)
from onsite_workflow.clause7.commands import Close
from onsite_workflow.testing import INVARIANTS, Try, WorkflowMachine, invariant

from .test_invariants import without

INVENTED = Regulation(
    edition="DB0000/T 1—2026",
    title="虚构规范",
    in_force_from=dt.date(2026, 2, 1),
    limits={Kind.REPLY: Limit(8, LimitUnit.HOURS), Kind.ARCHIVE: Limit(3, LimitUnit.DAYS)},
    reply_clock=ReplyClock.RECEIPT,
    close_of_business=dt.time(17),
)
#: Enough to catch what is broken, and not to make a small example of it.
QUICK = settings(
    max_examples=100, stateful_step_count=30, phases=[Phase.generate], derandomize=True
)


TestOurs = WorkflowMachine.TestCase
TestOurs.settings = settings(max_examples=10, stateful_step_count=40)


class Elsewhere(WorkflowMachine):
    """Another store and another regulation: all that a user has to write."""

    regulation = INVENTED

    def open_store(self) -> CaseStore:
        self.folder = tempfile.TemporaryDirectory()
        return open_store(f"sqlite:///{Path(self.folder.name) / 'cases.db'}", create=True)

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


TestElsewhere = Elsewhere.TestCase
TestElsewhere.settings = settings(max_examples=3, stateful_step_count=30)


class Forgetful(MemoryStore):
    """Gives back no more than the first three entries of a case."""

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        return tuple(super().load(case))[:3]


class OnAForgetfulStore(WorkflowMachine):
    def open_store(self) -> CaseStore:
        return Forgetful()


@invariant("7.2.2")
def nobody_declines(t: Try) -> str | None:
    """No unit ever declines."""
    return "one did" if isinstance(t.event, Declined) else None


class WhereNobodyDeclines(WorkflowMachine):
    invariants_checked = (*INVARIANTS, nobody_declines)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (OnAForgetfulStore, "the store gives back another case"),
        (WhereNobodyDeclines, r"nobody_declines \(clause 7.2.2\): one did"),
    ],
)
def test_the_machine_catches_what_is_broken(broken: type[WorkflowMachine], says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        run_state_machine_as_test(broken, settings=QUICK)


def test_a_failure_shows_the_journal_that_led_to_it() -> None:
    with pytest.raises(AssertionError) as caught:
        run_state_machine_as_test(WhereNobodyDeclines, settings=QUICK)
    _, _, shown = "\n".join(caught.value.__notes__).partition("the journal, under ")
    edition, *lines = shown.splitlines()
    assert edition == "DB4209/T 32—2023:"
    journal = [line for line in lines if line.startswith("{")]
    answers = _answers(Workflow(MemoryStore()), journal)
    assert answers[-1] == "declined"
    assert "declined" not in answers[:-1]


def _answers(office: Workflow, journal: Iterable[str]) -> list[str]:
    """What comes of each: the event, or why there is none."""
    answers = []
    for line in journal:
        try:
            entry = read_line(line)
            receipt = office.handle(entry.command, recorded_at=entry.recorded_at)
        except OnsiteWorkflowError as error:
            answers.append(error.answer)
        else:
            answers.append(receipt.event.name)
    return answers


class WithOneUnit(WorkflowMachine):
    """A case is closed sooner."""

    units = (1,)
    cases = ("MACHINE-1",)


def test_the_machine_catches_a_rule_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    without(Close, "refusals_explained", told=False)(monkeypatch)
    with pytest.raises(AssertionError, match=r"every_refusal_ends_explained|available_and_decide"):
        run_state_machine_as_test(WithOneUnit, settings=settings(QUICK, max_examples=500))
