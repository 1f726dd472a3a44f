"""What the kit must know of a procedure to explore it, to draw from it, and to check it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

from onsite_workflow.case import Case
from onsite_workflow.commands import Command
from onsite_workflow.decide import Availability, Decision
from onsite_workflow.events import Event
from onsite_workflow.obligations import Finding, Obligation
from onsite_workflow.regulation import Regulation
from onsite_workflow.rules import Guard, Row
from onsite_workflow.terms import Actor, State

if TYPE_CHECKING:
    from .trying import Invariant

__all__ = ["Explorable", "Proposal"]


@frozen(kw_only=True, eq=False)
class Proposal:
    """A command and when it is entered. ``wrong`` says what was made wrong on purpose; None where
    nothing was: so an office would send it, though the case may not be ready for it."""

    command: Command
    recorded_at: dt.datetime
    wrong: str | None = None


@frozen(kw_only=True, eq=False, slots=False)
class Explorable:
    """A procedure, and how it is tried. ``CLAUSE_7`` is the library's; another one is such a value.

    What the procedure is:

    - ``rows`` are its table, ``every_move`` the guards of every row, ``opening`` the command that
      opens a record, ``correction`` the one that corrects an entry, if there is one;
    - ``decide``, ``evolve``, ``replay``, ``available``, ``obligations`` and ``findings`` are called as
      the library's functions of these names are.

    How it is tried:

    - ``proposals(record, now=, regulation=, units=, case_id=)`` gives what can be asked next, by
      command; the first of each is what an office would send;
    - ``around_the_limit(proposal, met)``: the same act in the last second of the limits ``met``, and
      too late;
    - ``existing`` are the ids of records that there are from the start, and ``before(proposal,
      regulation)`` what opens those that ``proposal`` names, if it names any;
    - ``abstraction(record, now, late=)``: what two records have in common that need be explored once;
    - ``moments(record)`` are those at which something changes although nothing falls due;
    - ``aside`` are the commands that bring no record nearer to its end, or there too early;
    - ``invariants`` must hold after every try.
    """

    rows: tuple[Row, ...]
    every_move: tuple[Guard, ...]
    opening: type[Command]
    correction: type[Command] | None
    decide: Callable[..., Decision]
    evolve: Callable[[Case | None, Event], Case]
    replay: Callable[[Iterable[Event]], Case]
    available: Callable[[Case | None, Actor], Iterable[Availability]]
    obligations: Callable[..., tuple[Obligation, ...]]
    findings: Callable[..., tuple[Finding, ...]]

    proposals: Callable[..., Mapping[type[Command], Iterator[Proposal]]]
    around_the_limit: Callable[[Proposal, Iterable[Obligation]], Iterator[Proposal]]
    existing: Collection[str] = ()
    before: Callable[[Proposal, Regulation], Iterable[Proposal]] = lambda proposal, regulation: ()
    abstraction: Callable[..., Hashable]
    moments: Callable[[Case], Iterable[dt.datetime]] = lambda record: ()
    aside: tuple[type[Command], ...] = ()
    invariants: tuple[Invariant, ...] = ()

    @cached_property
    def unopened(self) -> State:
        """Where a record stands before it is opened."""
        return next(
            source for row in self.rows if row.command is self.opening for source in row.source
        )

    def moves_from(self, state: State) -> tuple[type[Command], ...]:
        """The commands that have a row in that state, in the order of the table."""
        return tuple(dict.fromkeys(row.command for row in self.rows if state in row.source))

    @cached_property
    def edges(self) -> tuple[tuple[State, str, State], ...]:
        """Every (state, command, state) of the table, each once."""
        return tuple(
            dict.fromkeys(
                (source, row.command.name, source if row.target is None else row.target)
                for row in self.rows
                for source in row.source
            )
        )

    @cached_property
    def states(self) -> tuple[State, ...]:
        """Every state of the table, in its order."""
        return tuple(dict.fromkeys(s for source, _, target in self.edges for s in (source, target)))

    @cached_property
    def final(self) -> frozenset[State]:
        """The states that no row leads on from."""
        return frozenset(self.states) - {source for source, _, _ in self.edges}
