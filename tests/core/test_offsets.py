"""A moment is the same moment in whatever offset it is written: answers, events and lists too.

The journal is read in Shanghai time; who calls the core gives times as a database or a web form gave
them, often in UTC. A day may never come out of the offset.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import attrs
import pytest

from onsite_workflow import Case, Decision, OnsiteWorkflowError, findings, obligations, replay
from onsite_workflow.serialization import event_digest, to_wire

from .build import CALENDAR
from .walks import Try, road

ZONES = {hours: dt.timezone(dt.timedelta(hours=hours)) for hours in (0, -11, 14)}
ROADS = range(12)


def elsewhere(value: Any, zone: dt.tzinfo) -> Any:
    """``value`` with the same moments, written in ``zone``."""
    if isinstance(value, dt.datetime):
        return value.astimezone(zone)
    if isinstance(value, tuple):
        return tuple(elsewhere(each, zone) for each in value)
    if isinstance(value, Mapping):
        return {name: elsewhere(each, zone) for name, each in value.items()}
    if isinstance(value, Case):
        return replay(elsewhere(value.history, zone))
    if not attrs.has(type(value)):
        return value
    held = {f.name: getattr(value, f.name) for f in attrs.fields(type(value)) if f.init}
    return attrs.evolve(value, **{name: elsewhere(each, zone) for name, each in held.items()})


def moved(tried: Try, zone: dt.tzinfo) -> Try:
    return attrs.evolve(
        tried,
        case=elsewhere(tried.case, zone),
        command=elsewhere(tried.command, zone),
        recorded_at=elsewhere(tried.recorded_at, zone),
    )


def shown(answer: Decision | OnsiteWorkflowError) -> object:
    """An answer as it is written, and so without offsets."""
    if isinstance(answer, OnsiteWorkflowError):
        return type(answer), [to_wire(violation) for violation in answer.violations]
    return [
        [(to_wire(event), event_digest(event)) for event in answer.events],
        [to_wire(finding) for finding in answer.findings],
    ]


@pytest.mark.parametrize("hours", ZONES)
def test_every_command_is_answered_alike_in_any_offset(hours: int) -> None:
    for seed in ROADS:
        for tried, said in road(seed):
            there = moved(tried, ZONES[hours]).decided()
            assert shown(there) == shown(said), (seed, tried.command.name)


@pytest.mark.parametrize("hours", ZONES)
def test_the_same_is_owed_and_late_in_any_offset(hours: int) -> None:
    for seed in ROADS:
        for tried in {t.recorded_at: t for t, _ in road(seed) if t.case is not None}.values():
            here, there = listed(tried), listed(moved(tried, ZONES[hours]))
            assert there == here, (seed, tried.command.name)


def listed(tried: Try) -> object:
    assert tried.case is not None
    known: Any = {"regulation": tried.regulation, "calendar": CALENDAR}
    owed = obligations(tried.case, as_of=tried.recorded_at, **known)
    return to_wire(owed), to_wire(findings(tried.case, **known))
