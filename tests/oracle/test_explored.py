"""The library and the oracle agree on every command put to every case there can be.

This is the proof that clause 7 is kept: two readings of the standard, written apart, are asked
everything that the explorer can think of, and never differ: in the answer, in every refused rule
and its clause, in the state and the result, in what was late, in what is owed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import attrs
import pytest

from onsite_workflow import (
    DB4209_T_32_2023,
    ROWS,
    Command,
    Directory,
    Event,
    Kind,
    Limit,
    LimitUnit,
    Regulation,
    ReplyClock,
    State,
    Status,
    WorkingCalendar,
)
from onsite_workflow.testing import Verdict, explore

from . import Fact, judge, standing

_COMMAND_OF = {row.event: row.command for row in ROWS}

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "exploration.md"

#: A limit on whatever can have one, other clocks, other hours.
INVENTED = Regulation(
    edition="DB0000/T 1—2024",
    title="试点上门服务规范",
    in_force_from=dt.date(2024, 1, 1),
    limits={
        Kind.TRANSFER: Limit(4, LimitUnit.HOURS),
        Kind.REPLY: Limit(2, LimitUnit.WORKING_DAYS),
        Kind.LEAD: Limit(1, LimitUnit.WORKING_DAYS),
        Kind.APPOINTMENT: Limit(5, LimitUnit.DAYS),
        Kind.EXPLANATION: Limit(24, LimitUnit.HOURS),
        Kind.FORM: Limit(5, LimitUnit.WORKING_DAYS),
        Kind.NOTICE: Limit(1, LimitUnit.DAYS),
        Kind.DELIVERY: Limit(10, LimitUnit.DAYS),
        Kind.ARCHIVE: Limit(30, LimitUnit.DAYS),
    },
    reply_clock=ReplyClock.RECEIPT,
    close_of_business=dt.time(17, 0),
    trigger_day_counts=True,
)


_READ: dict[int, tuple[Event, Fact]] = {}  # most histories begin alike


def facts(history: Sequence[Event]) -> list[Fact]:
    """The commands that a history came from, and when they were entered."""
    for event in history:
        if id(event) not in _READ:
            _READ[id(event)] = (event, Fact(_command(event), event.recorded_at))
    return [_READ[id(event)][1] for event in history]


def _command(event: Event) -> Command:
    command = _COMMAND_OF[type(event)]
    return command(**{f.name: getattr(event, f.name) for f in attrs.fields(command)})


def oracle(
    history: Sequence[Event],
    command: Command,
    *,
    recorded_at: dt.datetime,
    regulation: Regulation,
    calendar: WorkingCalendar,
    directory: Directory,
    existing_cases: Collection[str],
) -> Verdict:
    said = judge(
        facts(history),
        command,
        recorded_at=recorded_at,
        regulation=regulation,
        calendar=calendar,
        directory=directory,
        existing_cases=existing_cases,
    )
    if not said.allowed:
        broken = frozenset((rule, clause) for rule, clause, _ in said.broken)
        return Verdict(answer=said.answer, rules=broken if said.answer == "refused" else None)
    return Verdict(
        answer="accepted",
        rules=frozenset(),
        state=said.state,
        result=said.result,
        findings=said.findings,
    )


@attrs.frozen
class _Owed:
    kind: Kind
    bearer: str
    subject: str | None
    opened_at: dt.datetime
    due: dt.datetime | None
    status: Status


def owed(
    history: Sequence[Event],
    *,
    as_of: dt.datetime,
    regulation: Regulation,
    calendar: WorkingCalendar,
) -> Iterator[_Owed]:
    for o in standing(facts(history), regulation=regulation, calendar=calendar, as_of=as_of):
        status = Status(o.status(as_of))
        yield _Owed(o.kind, o.bearer, o.subject, o.opened_at, o.due, status)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is explored. How many units a case is transferred to never changes, so each number may be
    explored apart, by another process. Three units take minutes: ``nox -s explore_all``."""
    if "units" not in metafunc.fixturenames:
        return
    explored = [(DB4209_T_32_2023, 2), (INVENTED, 1), (DB4209_T_32_2023, 1)]
    if metafunc.config.getoption("explore_all"):
        explored = [(r, n) for n in (3, 2, 1) for r in (INVENTED, DB4209_T_32_2023)]
    names = [f"{'another' if r is INVENTED else 'ours'}-{n}" for r, n in explored]
    metafunc.parametrize(("regulation", "units"), explored, ids=names)


def test_the_oracle_agrees_on_every_try(regulation: Regulation, units: int) -> None:
    report = explore(regulation, units=(units,), invariants=(), judge=oracle, standing=owed)
    assert report.ok, str(report)
    assert report.states == set(State)
    if regulation is DB4209_T_32_2023 and units < 3:
        counts = f"{report.cases:,} | {report.tries:,} | {report.accepted:,}"
        assert f"| `({units},)` | {counts} |" in PAGE.read_text(encoding="utf-8")
