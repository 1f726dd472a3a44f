"""A procedure's rows as a ``transitions`` machine, and compiled for ``judge``. No other file
imports ``transitions``.

``transitions`` stops at the first false condition and gives no reason, so its own ``trigger`` is
not what decides. The machine is public for introspection, for diagrams, and for users of its API.
To decide, it is compiled once into a dictionary, and all guards are asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, cast

from attrs import frozen
from transitions import Machine as Machine

from onsite_workflow.checks import Word

from .record import AnyCommand, AnyEvent
from .rules import Guard, Row, When

__all__ = ["Move"]

AnyGuard = Guard[Any, Any]
AnyRow = Row[Any, Any]


@frozen(kw_only=True)
class Move:
    """All rows of one command from one state: the same roles and guards, the first fitting target.

    ``targets`` end with one that has no ``when``.
    """

    command: type[AnyCommand]
    event: type[AnyEvent]
    clause: str
    by: tuple[Word, ...]
    guards: tuple[AnyGuard, ...]
    targets: tuple[tuple[When[Any, Any] | None, Word], ...]


Moves = Mapping[tuple[Word, type[AnyCommand]], Move]


def build_machine(
    states: type[Word], rows: Iterable[AnyRow], always: Iterable[AnyGuard]
) -> Machine:
    """A machine without a model: ``machine.add_model(thing)`` puts ``thing`` into the first state.

    ``states`` are all states; the first is the one before a record exists. ``always`` are guards
    that every move has. The machine's triggers are the commands' names; each takes one argument, an
    ``Attempt``.
    """
    names = [state.value for state in states]
    machine = Machine(
        model=None,
        states=names,
        initial=names[0],
        auto_transitions=False,  # ``to_closed()`` would jump past every rule
    )
    for row in rows:
        machine.add_transition(
            row.command.name,
            [state.value for state in row.source],
            "=" if row.target is None else row.target.value,
            conditions=[*row.guards, *always, *([] if row.when is None else [row.when])],
        )
    return machine


_CALLBACKS: Final = (
    "prepare_event",
    "before_state_change",
    "after_state_change",
    "finalize_event",
    "on_exception",
    "on_final",
)


def compile_machine(machine: Machine, states: type[Word], rows: Iterable[AnyRow]) -> Moves:
    """The machine as a dictionary by state and command.

    Raises ``ValueError`` for whatever ``judge`` would not respect: a callback, a condition that is
    no guard, an internal transition, a transition without a row, rows of one command and state with
    different guards.
    """
    row_from = {(row.command.name, source.value): row for row in rows for source in row.source}
    loud = [name for name in _CALLBACKS if getattr(machine, name, None)]
    loud += [s.name for s in machine.states.values() if s.on_enter or s.on_exit]
    if loud:
        raise ValueError(f"the machine has callbacks, which judge would not run: {loud}")
    moves: dict[tuple[Word, type[AnyCommand]], Move] = {}
    for trigger, event in machine.events.items():
        for source, transitions in event.transitions.items():
            row = row_from.get((trigger, source))
            if row is None:
                raise ValueError(f"{trigger!r} from {source!r} has no row in the table")
            found = cast("list[Any]", transitions)
            moves[_state(states, source), row.command] = _compile(states, row, found)
    return MappingProxyType(moves)


def _state(states: type[Word], name: str) -> Word:
    return next(state for state in states if state.value == name)


def _compile(states: type[Word], row: AnyRow, transitions: list[Any]) -> Move:
    guards: tuple[AnyGuard, ...] | None = None
    targets: list[tuple[When[Any, Any] | None, Word]] = []
    for transition in transitions:
        if transition.dest is None or transition.before or transition.after or transition.prepare:
            raise ValueError(f"{row.command.name}: an internal transition or a callback")
        checks = [condition.func for condition in transition.conditions]
        if not all(condition.target for condition in transition.conditions):
            raise ValueError(f"{row.command.name}: 'unless' is not how a rule is written")
        if any(not isinstance(check, Guard | When) for check in checks):
            raise ValueError(f"{row.command.name}: a condition that is not a guard of the table")
        own = tuple(check for check in checks if isinstance(check, Guard))
        if guards is not None and own != guards:
            raise ValueError(f"{row.command.name}: rows of one state with different guards")
        guards = own
        selectors = [check for check in checks if isinstance(check, When)]
        targets.append((selectors[0] if selectors else None, _state(states, transition.dest)))
    if targets[-1][0] is not None:
        raise ValueError(f"{row.command.name}: the last row must apply whenever no other does")
    return Move(
        command=row.command,
        event=row.event,
        clause=row.clause,
        by=row.by,
        guards=guards or (),
        targets=tuple(targets),
    )
