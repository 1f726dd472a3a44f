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
from onsite_workflow.wire.digests import event_digest
from onsite_workflow.wire.writing import to_wire

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


@pytest.mark.parametrize("seed", ROADS)
def test_every_command_is_answered_alike_and_the_same_is_owed_and_late_in_any_offset(
    seed: int,
) -> None:
    seen: set[dt.datetime] = set()
    for tried, said in road(seed):
        for hours, zone in ZONES.items():
            there = moved(tried, zone)
            assert shown(there.decided()) == shown(said), (hours, tried.command.name)
            if tried.case is not None and tried.recorded_at not in seen:
                assert listed(there) == listed(tried), (hours, tried.command.name)
        seen.add(tried.recorded_at)


def listed(tried: Try) -> object:
    assert tried.case is not None
    known: Any = {"regulation": tried.regulation, "calendar": CALENDAR}
    owed = obligations(tried.case, as_of=tried.recorded_at, **known)
    return to_wire(owed), to_wire(findings(tried.case, **known))
