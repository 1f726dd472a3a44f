"""What the kit must know of a procedure to explore it, to draw from it, and to check it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import frozen

from onsite_workflow.calendar import WorkingCalendar
from onsite_workflow.checks import Word
from onsite_workflow.clause7.regulation import DB4209_T_32_2023
from onsite_workflow.directory import Directory
from onsite_workflow.engine.deciding import AnyDecision, Availability, available, decide
from onsite_workflow.engine.duties import Finding, Obligation
from onsite_workflow.engine.history import evolve, replay
from onsite_workflow.engine.limits import findings, obligations
from onsite_workflow.engine.procedure import Procedure
from onsite_workflow.engine.record import AnyActor, AnyCommand, AnyEvent
from onsite_workflow.regulation import Regulation

__all__ = ["Explorable", "Invariant", "Proposal"]


@frozen(kw_only=True, eq=False)
class Proposal:
    """A command and when it is entered. ``wrong`` says what was made wrong on purpose. None:
    nothing was. An office would send such a command, though the case may not be ready for it
    yet."""

    command: Any
    recorded_at: dt.datetime
    wrong: str | None = None


@frozen(kw_only=True, eq=False)
class Invariant:
    """Something that must hold after every try. ``check`` says of a ``Try`` what is wrong, or None;
    ``invariant`` makes one of a function.

    ``clause`` is where it comes from, with the number of an interpretation where that is doubtful.
    ``of_refusals``: it speaks of commands that were not carried out as well.
    """

    name: str
    clause: str
    interpretation: str | None
    says: str
    check: Callable[[Any], str | None]  # of a Try, which knows what is explored
    of_refusals: bool = False

    def __call__(self, tried: Any) -> str | None:
        return self.check(tried) if self.of_refusals or tried.decision is not None else None


@frozen(kw_only=True, eq=False, slots=False)
class Explorable:
    """A procedure, and how it is tried. ``CLAUSE_7`` is the library's; another one is such a value.

    ``procedure`` is the engine's value of it. How it is tried:

    - ``proposals(record, now=, regulation=, units=, case_id=)`` gives what can be asked next, by
      command; the first of each is what an office would send;
    - ``around_the_limit(proposal, met)`` gives the same act in the last second of the limits
      ``met``, and after it;
    - ``existing`` are the ids of records that exist from the start, and ``before(proposal,
      regulation)`` gives the proposals that open those of them that ``proposal`` names;
    - ``abstraction(record, now, late=)``: of the records for which it gives the same value, one is
      explored;
    - ``moments(record)`` gives the moments at which something changes although nothing falls due;
    - ``aside`` are the commands that do not bring a record nearer to its end, or end it too early;
    - ``invariants`` must hold after every try.
    """

    procedure: Procedure[Any]
    proposals: Callable[..., Mapping[type[Any], Iterator[Proposal]]]
    around_the_limit: Callable[[Proposal, Iterable[Obligation]], Iterator[Proposal]]
    existing: Collection[str] = ()
    before: Callable[[Proposal, Regulation], Iterable[Proposal]] = lambda proposal, regulation: ()
    abstraction: Callable[..., Hashable]
    moments: Callable[[Any], Iterable[dt.datetime]] = lambda record: ()
    aside: tuple[type[AnyCommand], ...] = ()
    invariants: tuple[Invariant, ...] = ()

    # --- the engine's functions, for this procedure ---

    def decide(
        self,
        record: Any,
        command: AnyCommand,
        *,
        recorded_at: dt.datetime,
        regulation: Regulation,
        calendar: WorkingCalendar,
        directory: Directory,
        existing_cases: Collection[str],
    ) -> AnyDecision[Any, Any]:
        """What ``command`` does to ``record``; see ``engine.deciding.decide``."""
        return decide(
            self.procedure,
            record,
            command,
            recorded_at=recorded_at,
            regulation=regulation,
            calendar=calendar,
            directory=directory,
            known=existing_cases,
        )

    def evolve(self, record: Any, event: AnyEvent) -> Any:
        """``record`` after ``event``."""
        return evolve(self.procedure, record, event)

    def replay(self, events: Iterable[AnyEvent]) -> Any:
        """The record that ``events`` make."""
        return replay(self.procedure, events)

    def available(self, record: Any, by: AnyActor) -> tuple[Availability, ...]:
        """What ``by`` may do next."""
        return available(self.procedure, record, by, DB4209_T_32_2023)

    def obligations(
        self, record: Any, *, regulation: Regulation, calendar: WorkingCalendar, as_of: dt.datetime
    ) -> tuple[Obligation, ...]:
        """Every time limit opened by ``as_of``."""
        return obligations(
            self.procedure, record, regulation=regulation, calendar=calendar, as_of=as_of
        )

    def findings(
        self, record: Any, *, regulation: Regulation, calendar: WorkingCalendar
    ) -> tuple[Finding, ...]:
        """Everything found late."""
        return findings(self.procedure, record, regulation=regulation, calendar=calendar)

    # --- the table ---

    @property
    def opening(self) -> type[AnyCommand]:
        """The first command that opens a record."""
        return next(c for c in self.procedure.commands.values() if c in self.procedure.openers)

    @property
    def correction(self) -> type[AnyCommand] | None:
        """The command that corrects an entry, if there is one."""
        return next((c for c in self.procedure.commands.values() if c.corrects), None)

    def moves_from(self, state: Word) -> tuple[type[AnyCommand], ...]:
        """The commands that have a row in that state, in the order of the table."""
        rows = self.procedure.rows
        return tuple(dict.fromkeys(row.command for row in rows if state in row.source))

    @cached_property
    def edges(self) -> tuple[tuple[Word, str, Word], ...]:
        """Every (state, command, state) of the table, each once."""
        return tuple(
            dict.fromkeys(
                (source, row.command.name, source if row.target is None else row.target)
                for row in self.procedure.rows
                for source in row.source
            )
        )

    @property
    def states(self) -> tuple[Word, ...]:
        """Every state of the table, in its order."""
        return tuple(dict.fromkeys(s for source, _, target in self.edges for s in (source, target)))

    @property
    def final(self) -> frozenset[Word]:
        """The states that no row leads on from to another."""
        left = {source for source, _, target in self.edges if source is not target}
        return frozenset(self.states) - left
