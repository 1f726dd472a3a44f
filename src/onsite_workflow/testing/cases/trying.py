"""One command put to one case, what came of it, and what must hold then.

An invariant looks at one ``Try``: a case, a command, and what came of it. It returns None where it
holds, otherwise what is wrong in a few words. ``INVARIANTS`` are the library's own; the explorer
and ``WorkflowMachine`` check them after every try. One of yours is a function, and cites a clause
of your standard::

    @invariant("7.2")
    def a_reply_is_never_owed_for_a_week(t: Try) -> str | None:
        \"\"\"No unit has more than seven days to reply.\"\"\"
        for owed in t.obligations:
            if owed.kind is Kind.REPLY and owed.due and owed.due - owed.opened_at > WEEK:
                return f"{owed.bearer} may wait until {owed.due}"
        return None

It is asked of what was accepted; with ``of_refusals=True`` of what was not as well.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection
from functools import cached_property
from importlib import import_module
from typing import Any

import attrs
from attrs import define, field

from onsite_workflow.calendar import WorkingCalendar
from onsite_workflow.checks import Word, check_given_name
from onsite_workflow.clause7.case import Case
from onsite_workflow.clause7.commands import Command
from onsite_workflow.clause7.core import Decision
from onsite_workflow.clause7.events import Event
from onsite_workflow.clause7.regulation import DB4209_T_32_2023
from onsite_workflow.directory import Directory
from onsite_workflow.engine.deciding import Availability
from onsite_workflow.engine.duties import Finding, Obligation
from onsite_workflow.errors import OnsiteWorkflowError
from onsite_workflow.regulation import Regulation
from onsite_workflow.terms import Actor
from onsite_workflow.wire.writing import command_to_wire

from .explorable import Explorable, Invariant

__all__ = ["Situation", "Try", "invariant", "journal_line"]


def _clause_7() -> Explorable:
    """Clause 7, which is made of what stands in this module."""
    found: Explorable = import_module(".clause7", __package__).CLAUSE_7
    return found


def journal_line(command: Command, recorded_at: dt.datetime) -> str:
    """The line of a journal that puts ``command``, entered at that moment."""
    return json.dumps(command_to_wire(command, recorded_at), ensure_ascii=False)


@define(kw_only=True, eq=False, slots=False)
class Situation:
    """A case (None: not opened yet) and what its next command is judged by."""

    case: Case | None
    regulation: Regulation = DB4209_T_32_2023
    calendar: WorkingCalendar = field(factory=WorkingCalendar.china)
    directory: Directory = field(factory=Directory)
    existing_cases: Collection[str] = ()
    explorable: Explorable = field(factory=_clause_7)
    _obligations: dict[dt.datetime, tuple[Obligation, ...]] = field(init=False, factory=dict)
    _available: dict[Actor, dict[str, Availability]] = field(init=False, factory=dict)

    @property
    def state(self) -> Word:
        """Where the case stands."""
        return self.explorable.procedure.nothing if self.case is None else self.case.state

    def attempt(self, command: Any, recorded_at: dt.datetime) -> Try:
        """What comes of ``command``, entered at that moment."""
        tried = Try(situation=self, command=command, recorded_at=recorded_at)
        return tried.under(self.regulation)

    def available(self, by: Actor) -> dict[str, Availability]:
        """What ``available`` says to ``by`` here, by command."""
        if by not in self._available:
            self._available[by] = {
                option.command: option for option in self.explorable.available(self.case, by)
            }
        return self._available[by]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found late so far."""
        if self.case is None:
            return ()
        return self.explorable.findings(
            self.case, regulation=self.regulation, calendar=self.calendar
        )

    def obligations(self, as_of: dt.datetime) -> tuple[Obligation, ...]:
        """Every time limit of the case as of a moment."""
        if self.case is None:
            return ()
        if as_of not in self._obligations:
            self._obligations[as_of] = self.explorable.obligations(
                self.case, regulation=self.regulation, calendar=self.calendar, as_of=as_of
            )
        return self._obligations[as_of]

    @cached_property
    def owed(self) -> tuple[Obligation, ...]:
        """Every time limit of the case as of its latest entry."""
        return () if self.case is None else self.obligations(self.case.recorded_at)


@define(kw_only=True, eq=False, slots=False)
class Try:
    """A command put to a case and what came of it: a ``decision``, or the ``error`` why not."""

    situation: Situation
    command: Command
    recorded_at: dt.datetime
    decision: Decision | None = None
    error: OnsiteWorkflowError | None = None

    @property
    def before(self) -> Case | None:
        """The case as it stood; None where there was none."""
        return self.situation.case

    @property
    def regulation(self) -> Regulation:
        """The edition judged by."""
        return self.situation.regulation

    @property
    def calendar(self) -> WorkingCalendar:
        """The calendar that days were counted with."""
        return self.situation.calendar

    @property
    def corrects(self) -> bool:
        """Whether the command corrects an entry."""
        return type(self.command) is self.situation.explorable.correction

    @property
    def answer(self) -> str:
        """``accepted``, or one of the six answers."""
        return "accepted" if self.error is None else self.error.answer

    @property
    def rules(self) -> frozenset[tuple[str, str | None]]:
        """The unmet rules, each with its clause."""
        unmet = () if self.error is None else self.error.violations
        return frozenset((violation.rule, violation.clause) for violation in unmet)

    @property
    def event(self) -> Event:
        """What happened. Only where it was accepted."""
        assert self.decision is not None
        (event,) = self.decision.events
        return event

    @cached_property
    def outcome(self) -> Situation:
        """The case with what happened to it; as it was where nothing did."""
        if self.decision is None:
            return self.situation
        after = self.situation.explorable.evolve(self.before, self.event)
        return attrs.evolve(self.situation, case=after)

    @property
    def after(self) -> Case:
        """The case with what happened to it. Only where there is one."""
        case = self.outcome.case
        assert case is not None
        return case

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """Every time limit of the case after the try, as of its latest entry."""
        return self.outcome.owed

    def meets(self, owed: Obligation) -> bool:
        """Whether ``owed``, which was open before, is met by this."""
        same = (owed.kind, owed.subject, owed.opened_at)
        return any(
            (now.kind, now.subject, now.opened_at) == same and now.met_at == self.event.at
            for now in self.obligations
        )

    def under(self, regulation: Regulation) -> Try:
        """The same try under another regulation of this edition."""
        s = self.situation
        try:
            decision = s.explorable.decide(
                s.case,
                self.command,
                recorded_at=self.recorded_at,
                regulation=regulation,
                calendar=s.calendar,
                directory=s.directory,
                existing_cases=s.existing_cases,
            )
        except OnsiteWorkflowError as error:
            return attrs.evolve(self, decision=None, error=error)
        return attrs.evolve(self, decision=decision, error=None)


Check = Callable[[Try], str | None]


def invariant(
    clause: str, interpretation: str | None = None, *, of_refusals: bool = False
) -> Callable[[Check], Invariant]:
    """Make an invariant of a function: its name, and the first paragraph of its docstring.

    ``clause`` is a clause of your standard, whichever that is; ``InvalidInput`` where it is blank or
    no text. Without ``of_refusals`` it is asked of what was accepted alone.
    """
    check_given_name("clause", clause)

    def made(check: Check) -> Invariant:
        return Invariant(
            name=check.__name__,
            clause=clause,
            interpretation=interpretation,
            says=" ".join((check.__doc__ or "").partition("\n\n")[0].split()),
            check=check,
            of_refusals=of_refusals,
        )

    return made
