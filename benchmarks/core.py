"""The engine's cost, side by side in one run, as ratios: ``python benchmarks/core.py``.

A whole case from application to archive (12 moves) goes through

- ``decide`` + ``evolve``;
- a hand-written dictionary dispatch that calls the same guards, stops at nothing, and builds the
  same events with the same ``evolve``;
- the stock ``transitions`` machine with the same guards as conditions, building the same events.

The engine's own cost a move takes guards, events and the fold out: the guards are replaced by ones
that always hold, and no event is built.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

import onsite_workflow as ow
from onsite_workflow.clause7.procedure import CASE, EVERY_MOVE
from onsite_workflow.engine.deciding import event_of, judge
from onsite_workflow.engine.machine import build_machine, compile_machine
from onsite_workflow.engine.rules import Attempt, Guard, Row

UNIT, OTHER = "孝南区残疾人联合会", "孝南区医疗保障局"
CALENDAR = ow.WorkingCalendar.china()
REGULATION = ow.DB4209_T_32_2023
DIRECTORY = ow.Directory(
    [ow.Unit(name=UNIT, phone="0712-2000101"), ow.Unit(name=OTHER, phone="0712-2000102")]
)

#: An invented case: two units, a visit, a one-time notice, a delivery, the form, the archive.
LINES = (Path(__file__).parent / "twelve-moves.jsonl").read_text(encoding="utf-8").splitlines()
COMMANDS = [ow.read_line(line).command for line in LINES]


def by_decide() -> ow.Case:
    case: ow.Case | None = None
    for command in COMMANDS:
        decision = ow.decide(
            case,
            command,
            recorded_at=command.at,
            regulation=REGULATION,
            calendar=CALENDAR,
            directory=DIRECTORY,
        )
        case = decision.record
    assert case is not None
    return case


def attempt_of(case: ow.Case | None, command: ow.Command) -> Attempt[ow.Case, Any]:
    return Attempt(
        before=case,
        command=command,
        by=command.by,
        recorded_at=command.at,
        regulation=REGULATION,
        directory=DIRECTORY,
    )


def made(case: ow.Case | None, command: ow.Command, state: Any) -> Any:
    return event_of(
        CASE,
        command,
        version=1 if case is None else case.version + 1,
        recorded_at=command.at,
        edition=REGULATION.edition,
        state=state,
    )


HAND = {(state, kind): move for (state, kind), move in ow.MOVES.items()}


def by_hand() -> ow.Case:
    case: ow.Case | None = None
    for command in COMMANDS:
        move = HAND[ow.State.NONE if case is None else case.state, type(command)]
        attempt = attempt_of(case, command)
        for guard in move.guards:
            if guard.check(attempt) is not None:
                raise RuntimeError(guard.rule)
        state = next(target for when, target in move.targets if when is None or when.check(attempt))
        case = ow.evolve(case, made(case, command, state))
    assert case is not None
    return case


class Model:
    pass


STOCK = build_machine(ow.State, ow.ROWS, EVERY_MOVE)
MODEL: Any = Model()
STOCK.add_model(MODEL)


def by_stock() -> ow.Case:
    case: ow.Case | None = None
    STOCK.set_state("none", MODEL)
    for command in COMMANDS:
        if not MODEL.trigger(command.name, attempt_of(case, command)):
            raise RuntimeError(command.name)
        case = ow.evolve(case, made(case, command, ow.State(MODEL.state)))
    assert case is not None
    return case


# --- the engine alone -------------------------------------------------------------------------


def empty(guard: Guard[Any, Any]) -> Guard[Any, Any]:
    return attrs.evolve(guard, check=lambda _: None)


def empty_row(row: Row[Any, Any]) -> Row[Any, Any]:
    return attrs.evolve(row, guards=(), when=row.when)


def engines() -> tuple[Callable[[], None], Callable[[], None]]:
    """One move of a case that stays where it is, without guards: ours, and the stock machine's."""
    case = by_decide_until(ow.Schedule)
    command = COMMANDS[4]
    attempt = attempt_of(case, command)
    rows = [empty_row(row) for row in ow.ROWS if row.command is ow.Schedule]
    machine = build_machine(ow.State, rows, EVERY_MOVE)
    for transition in machine.events["schedule"].transitions["accepted"]:
        transition.conditions = []
    moves = compile_machine(machine, ow.State, rows)
    model: Any = Model()
    machine.add_model(model, initial="accepted")

    def ours() -> None:
        judge(CASE, attempt_of(case, command), moves)

    def stock() -> None:
        model.state = "accepted"
        model.schedule(attempt)

    return ours, stock


def by_decide_until(kind: type[ow.Command]) -> ow.Case:
    case: ow.Case | None = None
    for command in COMMANDS:
        if isinstance(command, kind):
            break
        decision = ow.decide(
            case, command, recorded_at=command.at, regulation=REGULATION, calendar=CALENDAR
        )
        case = ow.evolve(case, decision.events[0])
    assert case is not None
    return case


def seconds(run: Callable[[], object], number: int) -> float:
    started = time.perf_counter()
    for _ in range(number):
        run()
    return (time.perf_counter() - started) / number


def compare(rounds: int, number: int, *runs: Callable[[], object]) -> list[list[float]]:
    """Seconds a call, the runs in turn within each round, so that drift falls on all alike."""
    return [[seconds(run, number) for run in runs] for _ in range(rounds)]


def ratio(samples: list[list[float]], a: int, b: int) -> float:
    return statistics.median(sample[a] / sample[b] for sample in samples)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    assert by_decide() == by_hand() == by_stock()
    whole = compare(options.rounds, 100, by_decide, by_hand, by_stock)
    micro = [statistics.median(s[i] for s in whole) * 1e6 for i in range(3)]
    print(
        f"a whole case, {len(COMMANDS)} moves, µs: decide {micro[0]:.0f}, by hand {micro[1]:.0f}, stock {micro[2]:.0f}"
    )
    print(f"  decide / by hand        {ratio(whole, 0, 1):.2f}   (at most 1.3)")
    print(f"  decide / stock machine  {ratio(whole, 0, 2):.2f}   (below 1)")
    engine = compare(options.rounds, 5000, *engines())
    micro = [statistics.median(s[i] for s in engine) * 1e6 for i in range(2)]
    print(f"the engine alone, µs a move: ours {micro[0]:.2f}, stock {micro[1]:.2f}")
    print(f"  ours / stock            {ratio(engine, 0, 1):.2f}   (at most 0.33)")


if __name__ == "__main__":
    main()
