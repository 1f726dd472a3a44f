"""Commits to try a store with. All people are invented.

``sample_case`` and ``awkward_case`` are what ``Workflow`` really appends, recorded from small
cases: the commands went through ``decide``, so that events, findings, claimed keys, summaries and
obligations are those of real cases. ``simple_commit`` puts one together from their parts, where a
test wants another id, another list or a thousand of them: to a store all of it is opaque.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import attrs

from onsite_workflow.adapters.memory import MemoryStore
from onsite_workflow.checks import SHANGHAI
from onsite_workflow.clause7 import commands as c
from onsite_workflow.clause7.events import Event
from onsite_workflow.clause7.regulation import Kind
from onsite_workflow.engine.duties import Obligation, Status
from onsite_workflow.ports import CaseSummary, Commit, StoredCommit
from onsite_workflow.service import Workflow
from onsite_workflow.terms import State
from onsite_workflow.wire.reading import read_line

__all__ = [
    "awkward_case",
    "commits_of",
    "merged",
    "sample_case",
    "simple_commit",
    "simple_obligation",
]

_LEAD, _ASSISTING = "孝南区残疾人联合会", "孝南区医疗保障局"
_CARD, _AID, _MEDICAL = "A.5.2", "A.5.3", "A.9.1"


class _Recorder(MemoryStore):
    """A memory store that keeps the commits it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: list[Commit] = []

    def append(self, commit: Commit) -> StoredCommit:
        self.commits.append(commit)
        return super().append(commit)


def commits_of(commands: Iterable[c.Command]) -> tuple[Commit, ...]:
    """What ``Workflow`` appends for ``commands``, each entered when it happened (or later, where an
    entry before it was). Raises what ``Workflow.handle`` raises."""
    recorder = _Recorder()
    workflow = Workflow(recorder)
    entered: dict[str, dt.datetime] = {}
    for command in commands:
        entered[command.case] = max(entered.get(command.case, command.at), command.at)
        workflow.handle(command, recorded_at=entered[command.case])
    return tuple(recorder.commits)


def merged(commits: Iterable[Commit]) -> Commit:
    """Consecutive commits of one case as a single one, under the last one's command id."""
    several = tuple(commits)
    for before, after in pairwise(several):
        assert after.case == before.case, "commits of one case"
        assert after.expected_version == before.summary.version, "consecutive commits"
    return attrs.evolve(
        several[-1],
        expected_version=several[0].expected_version,
        events=tuple(event for commit in several for event in commit.events),
        keys=tuple(key for commit in several for key in commit.keys),
    )


# --- put together from parts ----------------------------------------------------------------------


@cache
def _parts() -> tuple[Event, ...]:
    events: Any = (event for commit in sample_case("XN-0") for event in commit.events)
    return tuple(events)


def simple_commit(
    case: str,
    *,
    after: int = 0,
    events: int = 1,
    command_id: str | None = None,
    keys: Iterable[str] = (),
    obligations: Iterable[Obligation] = (),
    **summary: Any,
) -> Commit:
    """A commit of ``events`` events on version ``after`` of ``case``. ``summary``: what its line in
    the list says besides, by the fields of ``CaseSummary``. No digests, which no store looks at."""
    version = after + events
    id_ = f"{case}:{version}" if command_id is None else command_id
    made = [
        attrs.evolve(
            _parts()[(after + n) % len(_parts())], case=case, version=after + n + 1, id=id_
        )
        for n in range(events)
    ]
    line = {
        "state": State.TRANSFERRED,
        "result": None,
        "edition": made[-1].edition,
        "lead": None,
        "units": (),
        "opened_at": _at(2, 9),
        "recorded_at": made[-1].recorded_at,
        "head": f"head of {id_}",
        "calendar_revision": "2026.1",
    }
    return Commit(
        case=case,
        expected_version=after,
        command_id=id_,
        content=f"content of {id_}",
        events=tuple(made),
        answer="[]",
        keys=tuple(keys),
        summary=CaseSummary(case=case, version=version, **line | summary),
        obligations=tuple(obligations),
    )


def simple_obligation(
    case: str, kind: str = Kind.REPLY, subject: str | None = None, **fields: Any
) -> Obligation:
    """An open obligation of the record ``case``, due on 4 March 2026 unless ``fields`` say
    otherwise."""
    usual = {
        "clause": "7.2",
        "bearer": _LEAD,
        "opened_at": _at(2, 10),
        "due_day": dt.date(2026, 3, 3),
        "due": _at(4, 0),
        "status": Status.OPEN,
        "provisional": False,
        "earliest": None,
        "latest": None,
    }
    return Obligation(case=case, kind=kind, subject=subject, **usual | fields)  # type: ignore[arg-type]


# --- two little cases ---------------------------------------------------------------------------


def _at(day: int, hour: int, minute: int = 0, second: int = 0, micro: int = 0) -> dt.datetime:
    """A moment of March 2026; the 2nd is a Monday."""
    return dt.datetime(2026, 3, day, hour, minute, second, micro, tzinfo=SHANGHAI)


def _told(file: str, case: str) -> list[c.Command]:
    """The commands of a journal beside this module, told of ``case``."""
    text = files("onsite_workflow.testing.stores").joinpath(file).read_text(encoding="utf-8")
    lines: Any = (read_line(line) for line in text.replace("SAMPLE-CASE", case).splitlines())
    return [line.command for line in lines]


@cache
def sample_case(case: str) -> tuple[Commit, ...]:
    """The thirteen commits of one case, from application to archive, one event each.

    Two units, two notice numbers and an archive number (``keys``), late acts among the findings,
    a correction. Whole seconds and everyday text: see ``awkward_case`` for the rest.
    """
    return commits_of(_told("sample-case.jsonl", case))


@cache
def awkward_case(case: str) -> tuple[Commit, ...]:
    """The seven commits of a case with what a careless store changes.

    Times to the microsecond, with another offset, just before midnight and out of entry order;
    characters beyond the Basic Multilingual Plane, decomposed accents, newlines, blanks at the
    ends, quotes and percent signs; empty lists that differ from absent ones; removed fields.
    """
    first, *later = _told("awkward-case.jsonl", case)
    elsewhere = attrs.evolve(first, at=first.at.astimezone(dt.UTC))  # a line is read in one offset
    return commits_of([elsewhere, *later])
