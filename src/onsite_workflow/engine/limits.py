"""What is owed until when, and what was found late: limits and calendar applied to ``duties``.

Nothing here is stored as truth: every answer is recomputed from the record's facts under a
regulation and a calendar. So a correction or a new State Council notice only needs another
computation. No act is refused because it is late; lateness is a finding.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from attrs import frozen

from onsite_workflow.checks import SHANGHAI, check_moment, local_day
from onsite_workflow.errors import InvalidInput
from onsite_workflow.regulation import LimitUnit, ObligationKind, Regulation

from .duties import Duties, Duty, Finding, FindingCode, Obligation, Status
from .procedure import Procedure
from .record import AnyEvent, Record

if TYPE_CHECKING:  # days are counted only once somebody asks
    from onsite_workflow.calendar import Deadline, WorkingCalendar

__all__ = ["Moved"]

R = TypeVar("R", bound=Record)

ONE_MINUTE: Final = dt.timedelta(minutes=1)
ONE_DAY: Final = dt.timedelta(days=1)


# --- due ----------------------------------------------------------------------------------------


class _Due(NamedTuple):
    day: dt.date
    due: dt.datetime
    provisional: bool
    earliest: dt.date
    latest: dt.date


def _certain(day: dt.date, due: dt.datetime) -> _Due:
    return _Due(day, due, False, day, day)


def _end_of(day: dt.date, regulation: Regulation) -> dt.datetime:
    """The first instant that is late: 24:00 or the close of business on ``day``, Asia/Shanghai."""
    if regulation.close_of_business is None:
        return dt.datetime.combine(day + ONE_DAY, dt.time(), SHANGHAI)
    return dt.datetime.combine(day, regulation.close_of_business, SHANGHAI)


def _due(
    kind: ObligationKind, duty: Duty, regulation: Regulation, calendar: WorkingCalendar
) -> _Due | None:
    if duty.appointed is not None:
        minute = duty.appointed.replace(second=0, microsecond=0)
        return _certain(local_day(minute), minute + ONE_MINUTE)
    if duty.promised is not None:
        return _certain(duty.promised, _end_of(duty.promised, regulation))
    limit = regulation.limits.get(kind)
    if limit is None or duty.counted_from is None:
        return None
    if limit.unit is LimitUnit.HOURS:
        due = duty.counted_from + dt.timedelta(hours=limit.amount)
        return _certain(local_day(due - dt.timedelta(microseconds=1)), due)
    day_zero = local_day(duty.counted_from)
    if regulation.trigger_day_counts:
        day_zero -= ONE_DAY
    deadline: Deadline
    if limit.unit is LimitUnit.WORKING_DAYS:
        deadline = calendar.add_working_days(day_zero, limit.amount)
    else:
        last = day_zero + dt.timedelta(days=limit.amount)
        deadline = calendar.next_working_day_on_or_after(last)  # 民法典 203
    return _Due(
        deadline.date,
        _end_of(deadline.date, regulation),
        deadline.provisional,
        deadline.earliest,
        deadline.latest,
    )


def _done(event: AnyEvent | None, as_of: dt.datetime) -> int | None:
    """The version of ``event`` if it had happened by ``as_of``, otherwise None."""
    return event.version if event is not None and event.at <= as_of else None


def _status(duty: Duty, due: _Due | None, as_of: dt.datetime) -> Status:
    if duty.met_by is not None and duty.met_by.at <= as_of:
        acted_at = duty.acted_at or duty.met_by.at
        return Status.MET_LATE if due is not None and acted_at >= due.due else Status.MET
    # What meets a duty may end it too; whatever else ends one makes it void.
    if duty.ended_by is not duty.met_by and _done(duty.ended_by, as_of) is not None:
        return Status.VOID
    return Status.OVERDUE if due is not None and as_of >= due.due else Status.OPEN


def same_edition(procedure: Procedure[Any], record: Record, regulation: Regulation) -> None:
    """Raise ``InvalidInput`` where ``record`` is pinned to another edition."""
    if record.edition != regulation.edition:
        raise InvalidInput.of(
            "regulation",
            "wrong_edition",
            f"{procedure.this_zh}依据的是{record.edition}，不是{regulation.edition}。",
            f"the {procedure.en} is pinned to {record.edition}, not {regulation.edition}.",
            facts={"case": record.edition, "regulation": regulation.edition},
        )


def obligations(
    procedure: Procedure[R],
    record: R,
    *,
    regulation: Regulation,
    calendar: WorkingCalendar,
    as_of: dt.datetime,
) -> tuple[Obligation, ...]:
    """Every obligation of ``record`` opened by ``as_of``, in the order they were opened.

    Raises ``InvalidInput`` where ``as_of`` has no offset or the record is pinned to another
    edition.
    """
    check_moment("as_of", as_of)
    same_edition(procedure, record, regulation)
    found: list[Obligation] = []
    for row in procedure.duties:
        for duty in row.of(record, regulation):
            if duty.opened_at > as_of:
                continue
            waiting = duty.waits and duty.counted_from is not None and duty.counted_from > as_of
            due = None if waiting else _due(row.kind, duty, regulation, calendar)
            met_by = _done(duty.met_by, as_of)
            found.append(
                Obligation(
                    procedure=procedure.name,
                    case=record.key,
                    kind=row.kind,
                    clause=row.clause,
                    bearer=duty.bearer,
                    subject=duty.subject,
                    opened_at=duty.opened_at,
                    opened_by=duty.opened_by.version,
                    due_day=None if due is None else due.day,
                    due=None if due is None else due.due,
                    status=_status(duty, due, as_of),
                    provisional=due is not None and due.provisional,
                    earliest=None if due is None else due.earliest,
                    latest=None if due is None else due.latest,
                    met_at=None if met_by is None or duty.met_by is None else duty.met_by.at,
                    met_by=met_by,
                    ended_by=_done(duty.ended_by, as_of),
                )
            )
    found.sort(key=lambda obligation: obligation.opened_at)
    return tuple(found)


# --- another calendar ---------------------------------------------------------------------------


@frozen(kw_only=True)
class Moved:
    """An obligation still owed that has another due day under another calendar.

    ``by`` names what moved it: the numbers of notices, or who decided local days.
    """

    before: Obligation
    after: Obligation
    by: tuple[str, ...]


def moved(
    procedure: Procedure[R],
    record: R,
    *,
    regulation: Regulation,
    before: WorkingCalendar,
    after: WorkingCalendar,
    as_of: dt.datetime,
) -> tuple[Moved, ...]:
    """The obligations still owed at ``as_of`` whose due day differs between two calendars.

    ``before`` is the calendar so far, ``after`` the one with the new notice. Raises
    ``InvalidInput`` as ``obligations`` does.
    """
    old, new = (
        obligations(procedure, record, regulation=regulation, calendar=calendar, as_of=as_of)
        for calendar in (before, after)
    )
    return tuple(
        Moved(before=was, after=now, by=_movers(was, now, before, after))
        for was, now in zip(old, new, strict=True)
        if was.due_day != now.due_day and was.status in (Status.OPEN, Status.OVERDUE)
    )


def _movers(
    was: Obligation, now: Obligation, before: WorkingCalendar, after: WorkingCalendar
) -> tuple[str, ...]:
    days = [local_day(was.opened_at), was.due_day or dt.date.min, now.due_day or dt.date.min]
    found = after.differences(before, days[0], max(days))
    names = (d.after.local.decided_by if d.after.local else d.after.notice for d in found)
    return tuple(dict.fromkeys(name for name in names if name is not None))


# --- findings -----------------------------------------------------------------------------------


def _by_its_time(event: AnyEvent, due: dt.datetime) -> tuple[FindingCode, dt.datetime] | None:
    """How an act is judged: first by when it was done, then by when it was entered."""
    if event.at >= due:
        return FindingCode.LATE_ACT, event.at
    if event.recorded_at >= due:
        return FindingCode.LATE_ENTRY, event.recorded_at
    return None


def _finding(
    row: Duties[Any], duty: Duty, regulation: Regulation, calendar: WorkingCalendar
) -> Finding | None:
    """The finding, if any, of the act that met ``duty``, or that ended it where ``duty`` has a
    ``judge``."""
    event = duty.met_by or (duty.ended_by if duty.judge is not None else None)
    if event is None:
        return None
    due = _due(row.kind, duty, regulation, calendar)
    if due is None:
        return None
    found = (duty.judge or _by_its_time)(event, due.due)
    if found is None:
        return None
    code, measured = found
    return Finding(
        code=code,
        clause=row.clause,
        kind=row.kind,
        bearer=duty.bearer,
        due=due.due,
        at=event.at if code is FindingCode.LATE_ENTRY else measured,
        by_seconds=max(int((measured - due.due).total_seconds()), 0),
        version=event.version,
    )


def findings_of(
    procedure: Procedure[R],
    record: R,
    event: AnyEvent,
    *,
    regulation: Regulation,
    calendar: WorkingCalendar,
) -> tuple[Finding, ...]:
    """The findings of one move: of ``event``, the latest of ``record``."""
    found: list[Finding] = []
    for row in procedure.judged_by.get(type(event), ()):
        if row.can_be_late(regulation):
            for duty in row.of(record, regulation):
                if event is (duty.met_by or duty.ended_by):
                    finding = _finding(row, duty, regulation, calendar)
                    if finding is not None:
                        found.append(finding)
    return tuple(found)


def findings(
    procedure: Procedure[R], record: R, *, regulation: Regulation, calendar: WorkingCalendar
) -> tuple[Finding, ...]:
    """All findings of ``record``, computed anew from its facts, in the order of the entries.

    Raises ``InvalidInput`` where the record is pinned to another edition.
    """
    same_edition(procedure, record, regulation)
    found: Iterable[Finding | None] = (
        _finding(row, duty, regulation, calendar)
        for row in procedure.duties
        for duty in row.of(record, regulation)
    )
    return tuple(sorted((f for f in found if f is not None), key=lambda f: f.version))
