"""In which order the entries of a case are replayed. A ledger shows what was done, not in which
order, where a time is missing or known to the day alone."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Final

import attrs

from onsite_workflow.checks import SHANGHAI
from onsite_workflow.clause7 import commands as c

from ._cells import Moment
from ._fields import Shape
from ._records import Entry, Record, start_of
from ._report import Why

__all__ = ["in_sequence", "is_after"]


def in_sequence(record: Record, shape: Shape) -> list[Entry]:
    """The entries in the order of the procedure; visits, appointments and their likes by time.
    What may stand anywhere stands before the end, unless it is certainly later."""
    spine = record.of(c.Apply)[:1]
    transfers = record.of(c.Transfer)
    if transfers:
        spine.append(transfers[0])
    spine += _by_time(record.of(c.Reassign))
    spine += _by_time(record.of(c.Acknowledge, c.Accept, c.Decline))
    spine += record.of(c.DesignateLead)
    spine += _visits(record, shape)
    spine += _by_time(record.of(c.GiveOneTimeNotice))
    floats = [
        *_by_time(record.of(c.ExplainRefusal)),
        *record.of(c.FileRegistrationForm),
        *_by_time(record.of(c.ReportOutcome)),
        *_by_time(record.of(c.Deliver)),
    ]
    withdrawals = record.of(c.Withdraw)
    ends = [*_by_time(record.of(c.Close)), *record.of(c.Archive)]
    before: list[Entry] = []
    after: dict[int, list[Entry]] = defaultdict(list)
    for entry in floats:
        later = [n for n, end in enumerate(ends) if is_after(entry, end)]
        (after[later[-1]] if later else before).append(entry)
    if withdrawals and withdrawals[0].at is not None:
        # What certainly came after a withdrawal should not be there.
        place = next((n for n, e in enumerate(spine) if is_after(e, withdrawals[0])), len(spine))
        spine[place:place] = withdrawals[:1]
        withdrawals = withdrawals[1:]
    ordered = [*spine, *withdrawals, *before]
    for n, end in enumerate(ends):
        ordered += [end, *after[n]]
    return ordered


def _visits(record: Record, shape: Shape) -> list[Entry]:
    """Appointments, what became of them, and the visit."""
    schedules, serves = record.of(c.Schedule), record.of(c.Serve)
    others = record.of(c.Reschedule, c.ReportFailedVisit)
    if shape is not Shape.ACTS:
        failed, moved = record.of(c.ReportFailedVisit), record.of(c.Reschedule)
        if not failed:
            return [*schedules, *moved, *serves]
        # A row has room for one appointment, the last, and for one rescheduling.
        earlier = [e for e in (*schedules, *moved) if not _made_again(e, failed[0])]
        later = [_undated(e, failed[0]) for e in (*schedules, *moved) if e not in earlier]
        if schedules and schedules[0] not in earlier:  # the visit that failed had another one
            first = Entry(c.Schedule, failed[0].row, {}, why=Why.NO_TIME, phantom=True)
            earlier.insert(0, first)
        return [*earlier, *failed, *later, *serves]
    between = _by_time([*schedules, *others])
    if between and between[0].command is not c.Schedule and schedules:
        between.remove(schedules[0])
        between.insert(0, schedules[0])
    return [*between, *serves]


def is_after(entry: Entry, end: Entry) -> bool:
    """Whether ``entry`` is certainly later than ``end``."""
    return entry.at is not None and end.at is not None and entry.at.earliest > end.at.latest


def _made_again(entry: Entry, failed: Entry) -> bool:
    """Whether an appointment, or its rescheduling, is certainly of the time after a failed visit."""
    start = entry.get("rescheduled_to" if entry.command is c.Reschedule else "appointed_at")
    if failed.at is None:
        return False
    if isinstance(start, Moment) and not start.unknown:
        return start.earliest > failed.at.latest
    return is_after(entry, failed)


def _undated(entry: Entry, failed: Entry) -> Entry:
    """An appointment made again, without the times that only the first one's can be."""
    assert failed.at is not None
    if entry.at is not None and entry.at.latest < failed.at.earliest:
        entry = attrs.evolve(entry, at=None, why=Why.NO_TIME)
    start = start_of(entry)
    if isinstance(start, Moment) and start.earliest <= failed.at.latest:
        blank = {"appointed_at": None, "rescheduled_to": None}
        entry = attrs.evolve(entry, values={**entry.values, **blank}, why=Why.FAILED_VISIT)
    return entry


_NEVER: Final = dt.datetime.max.replace(tzinfo=SHANGHAI)


def _by_time(entries: list[Entry]) -> list[Entry]:
    """In order of time; those without one keep their place in the ledger."""
    if len(entries) < 2 or any(entry.at is None for entry in entries):
        return entries
    return sorted(entries, key=lambda e: e.at.earliest if e.at is not None else _NEVER)
