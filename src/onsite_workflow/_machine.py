"""The table as a ``transitions`` machine, and compiled for ``decide``. No other file imports it.

``transitions`` stops at the first false condition and gives no reason, so its own ``trigger`` is
not what decides: the machine is published for introspection, diagrams and whoever wants its API,
and the same machine is compiled, once, into a dictionary whose guards are all asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, cast

from attrs import frozen
from transitions import Machine

from .commands import Command
from .events import Event
from .procedure import EVERY_MOVE, ROWS
from .rules import Guard, Row, When
from .terms import Role, State

__all__ = ["MACHINE", "MOVES", "Move", "Moves", "build_machine", "compile_machine"]


@frozen(kw_only=True)
class Move:
    """All rows of one command from one state: the same roles and guards, the first fitting target.

    ``targets`` end with one that has no ``when``.
    """

    command: type[Command]
    event: type[Event]
    clause: str
    by: tuple[Role, ...]
    guards: tuple[Guard, ...]
    targets: tuple[tuple[When | None, State], ...]


Moves = Mapping[tuple[State, type[Command]], Move]


def build_machine(rows: Iterable[Row] = ROWS) -> Machine:
    """A machine without a model: ``machine.add_model(thing)`` puts ``thing`` before clause 7.

    Its triggers are the commands' names; each takes one argument, an ``Attempt``.
    """
    machine = Machine(
        model=None,
        states=[state.value for state in State],
        initial=State.NONE.value,
        auto_transitions=False,  # ``to_closed()`` would jump past every rule
    )
    for row in rows:
        machine.add_transition(
            row.command.name,
            [state.value for state in row.source],
            "=" if row.target is None else row.target.value,
            conditions=[*row.guards, *EVERY_MOVE, *([] if row.when is None else [row.when])],
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


def compile_machine(machine: Machine, rows: Iterable[Row] = ROWS) -> Moves:
    """The machine as a dictionary by state and command.

    ``ValueError`` for whatever ``decide`` would not honour: a callback, a condition that is no
    guard, an internal transition, a transition without a row, rows of one command and state with
    different guards.
    """
    row_from = {(row.command.name, source.value): row for row in rows for source in row.source}
    loud = [name for name in _CALLBACKS if getattr(machine, name, None)]
    loud += [s.name for s in machine.states.values() if s.on_enter or s.on_exit]
    if loud:
        raise ValueError(f"the machine has callbacks, which decide would not run: {loud}")
    moves: dict[tuple[State, type[Command]], Move] = {}
    for trigger, event in machine.events.items():
        for source, transitions in event.transitions.items():
            row = row_from.get((trigger, source))
            if row is None:
                raise ValueError(f"{trigger!r} from {source!r} has no row in the table")
            moves[State(source), row.command] = _compile(row, cast("list[Any]", transitions))
    return MappingProxyType(moves)


def _compile(row: Row, transitions: list[Any]) -> Move:
    guards: tuple[Guard, ...] | None = None
    targets: list[tuple[When | None, State]] = []
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
        targets.append((selectors[0] if selectors else None, State(transition.dest)))
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


#: The procedure as a ``transitions.Machine``.
MACHINE: Final = build_machine()

#: The same, compiled: what ``decide`` looks up.
MOVES: Final = compile_machine(MACHINE)
