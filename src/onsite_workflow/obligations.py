"""Who owes what until when: the eleven kinds of domain obligations, and the findings of lateness.

Nothing here is stored as truth: every answer is recomputed from the case's facts under a regulation
and a calendar, so that a correction or a new State Council notice is simply another recomputation.
Lateness never refuses an act; it is a finding.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import attrs
from attrs import define, frozen

from .case import Case, Notice
from .errors import InvalidInput
from .events import (
    Accepted,
    Archived,
    Declined,
    Delivered,
    Event,
    LeadDesignated,
    OneTimeNoticeGiven,
    OutcomeReported,
    RefusalExplained,
    RegistrationFormFiled,
    Scheduled,
    Served,
    Transferred,
    VisitFailed,
)
from .regulation import Kind, LimitUnit, Regulation, ReplyClock
from .terms import SHANGHAI, Cause, Role, check_moment, is_blank, local_day

if TYPE_CHECKING:  # days are counted only once somebody asks
    from .calendar import Deadline, WorkingCalendar

__all__ = [
    "Finding",
    "FindingCode",
    "Moved",
    "Obligation",
    "Status",
    "findings",
    "findings_of",
    "moved",
    "obligations",
    "same_edition",
]

WINDOW: Final = Role.INTEGRATED_WINDOW.value
ONE_MINUTE: Final = dt.timedelta(minutes=1)
ONE_DAY: Final = dt.timedelta(days=1)


class Status(StrEnum):
    """Of an obligation, as of a moment: an act counts from its ``at`` on."""

    OPEN = "open"
    OVERDUE = "overdue"
    MET = "met"
    MET_LATE = "met_late"
    VOID = "void"


class FindingCode(StrEnum):
    """What can be found; none of it refuses an act."""

    LATE_ACT = "late_act"
    LATE_ENTRY = "late_entry"
    LATE_ARRIVAL = "late_arrival"
    STAFF_ABSENT = "staff_absent"

    @property
    def zh(self) -> str:
        """The finding in Chinese."""
        return {
            "late_act": "逾期办理",
            "late_entry": "按期办理，逾期登记",
            "late_arrival": "未准时到达",
            "staff_absent": "工作人员未到",
        }[self.value]


@frozen(kw_only=True)
class Obligation:
    """One time limit of one record.

    ``case`` is the record's key and ``procedure`` the name of its procedure (see ``ports``).
    ``kind`` is a text that the procedure gives; in clause 7 a ``Kind``. ``bearer`` is a unit's
    name, or ``integrated_window``. ``subject`` tells several of one kind apart: the unit, or the
    item. ``due_day`` is the last whole day and ``due`` the first instant that is late; both are
    None where nothing sets a limit. Where ``provisional`` the day depends on a State Council notice
    not yet known, and lies between ``earliest`` and ``latest`` (I-11).
    """

    case: str
    procedure: str = "case"
    kind: str
    clause: str
    bearer: str
    subject: str | None
    opened_at: dt.datetime
    due_day: dt.date | None
    due: dt.datetime | None
    status: Status
    provisional: bool
    earliest: dt.date | None
    latest: dt.date | None
    met_at: dt.datetime | None = None


@frozen(kw_only=True)
class Finding:
    """Something late or missed, that refused nothing. ``by_seconds`` is ``at`` less ``due``
    (``recorded_at`` less ``due`` for a late entry). ``version`` is the entry it was found in."""

    code: FindingCode
    clause: str
    kind: Kind
    bearer: str
    due: dt.datetime
    at: dt.datetime
    by_seconds: int
    version: int


@define(kw_only=True, eq=False)
class _Duty:
    """An obligation as the facts give it, before limits and calendar are applied.

    Made and dropped within one call, so it is spared the cost of being frozen.
    """

    bearer: str
    opened_at: dt.datetime
    subject: str | None = None
    counted_from: dt.datetime | None = None  # None: not counted, so owed without a due day
    promised: dt.date | None = None
    appointed: dt.datetime | None = None
    met: Event | None = None
    acted_at: dt.datetime | None = None  # where that is not the ``at`` of ``met``
    ended: Event | None = None


# --- which event opens, meets and voids what; in the order of domain kinds ------------------------


def _transfer(case: Case, _: Regulation) -> Iterator[_Duty]:
    at = case.application.at
    yield _Duty(
        bearer=WINDOW,
        opened_at=at,
        counted_from=at,
        met=case.transferred,
        ended=case.withdrawn,
    )


def _clock_of_reply(notice: Notice, regulation: Regulation) -> dt.datetime | None:
    """I-1. Under ``RECEIPT`` a reply counts as receipt, so it can't be late by itself."""
    if regulation.reply_clock is ReplyClock.ISSUE:
        return notice.issued.at
    receipts = [e.at for e in (notice.acknowledged, notice.reply) if e is not None]
    return min(receipts, default=None)


def _reply(case: Case, regulation: Regulation) -> Iterator[_Duty]:
    for notice in (*case.replaced_notices, *case.notices):
        yield _Duty(
            bearer=notice.unit,
            subject=notice.unit,
            opened_at=notice.issued.at,
            counted_from=_clock_of_reply(notice, regulation),
            met=notice.reply,
            ended=notice.replaced or case.withdrawn,
        )


def _last_reply_at(case: Case) -> dt.datetime | None:
    """When the last of all replies was given; None while one is owed."""
    replies = [notice.reply for notice in case.notices]
    if not replies or None in replies:
        return None
    return max(reply.at for reply in replies if reply is not None)


def _lead(case: Case, _: Regulation) -> Iterator[_Duty]:
    lead, last = case.lead_notice, _last_reply_at(case)
    if last is None or lead is None or not lead.declined:
        return
    if any(notice.accepted for notice in case.notices):
        yield _Duty(
            bearer=WINDOW,
            opened_at=last,
            counted_from=last,
            met=case.lead_designated,
            ended=case.withdrawn,
        )


def _appointment(case: Case, _: Regulation) -> Iterator[_Duty]:
    lead, original, last = case.lead, case.lead_notice, _last_reply_at(case)
    if lead is None or original is None:
        return
    openings = [b.ended.at for b in case.bookings if isinstance(b.ended, VisitFailed)]
    if case.lead_designated is not None:
        openings.insert(0, case.lead_designated.at)
    elif last is not None and original.accepted:
        openings.insert(0, last)
    made = [b.made for b in case.bookings if isinstance(b.made, Scheduled)]
    for index, opened_at in enumerate(openings):
        yield _Duty(
            bearer=lead,
            opened_at=opened_at,
            counted_from=opened_at,
            met=made[index] if index < len(made) else None,
            ended=case.withdrawn,
        )


def _explanation(case: Case, _: Regulation) -> Iterator[_Duty]:
    for notice in case.notices:
        if notice.reply is not None and notice.declined:
            at = notice.reply.at
            yield _Duty(
                bearer=notice.unit,
                subject=notice.unit,
                opened_at=at,
                counted_from=at,
                met=notice.explained,
                ended=case.withdrawn,
            )


def _arrival(case: Case, _: Regulation) -> Iterator[_Duty]:
    for booking in case.bookings:
        served = booking.ended if isinstance(booking.ended, Served) else None
        yield _Duty(
            bearer=case.lead or WINDOW,
            opened_at=booking.made.at,
            appointed=booking.appointment.start,
            met=served,
            acted_at=None if served is None else served.arrived_at,
            ended=booking.ended,
        )


def _form(case: Case, _: Regulation) -> Iterator[_Duty]:
    if case.visit is not None:
        yield _Duty(
            bearer=case.lead or WINDOW,
            opened_at=case.visit.at,
            counted_from=case.visit.left_at,  # I-3
            met=case.registration_form,
        )


def _notice(case: Case, _: Regulation) -> Iterator[_Duty]:
    if case.visit is not None and case.outstanding_items:
        yield _Duty(
            bearer=case.lead or WINDOW,
            opened_at=case.visit.at,
            counted_from=case.visit.at,
            met=case.one_time_notice,
        )


def _outcome(case: Case, _: Regulation) -> Iterator[_Duty]:
    notice = case.one_time_notice
    if notice is None:
        return
    for line in notice.outstanding:
        yield _Duty(
            bearer=case.lead or WINDOW,
            subject=line.item,
            opened_at=notice.at,
            promised=line.expected_by,
            met=case.outcome_of(line.item),
        )


def _delivery(case: Case, _: Regulation) -> Iterator[_Duty]:
    for outcome in case.outcomes:
        if not all(is_blank(text) for text in outcome.to_deliver):
            yield _Duty(
                bearer=case.lead or WINDOW,
                subject=outcome.item,
                opened_at=outcome.at,
                counted_from=outcome.at,
                met=case.delivery_of(outcome.item),
            )


def _archive(case: Case, _: Regulation) -> Iterator[_Duty]:
    if case.closing is not None:
        at = case.closing.at
        yield _Duty(
            bearer=(case.lead or WINDOW) if case.visit is not None else WINDOW,  # I-16
            opened_at=at,
            counted_from=at,
            met=case.archived,
        )


@frozen
class _Row:
    clause: str
    duties: Callable[[Case, Regulation], Iterator[_Duty]]
    met_by: tuple[type[Event], ...]


_ROWS: Final[Mapping[Kind, _Row]] = {
    Kind.TRANSFER: _Row("7.2", _transfer, (Transferred,)),
    Kind.REPLY: _Row("7.2", _reply, (Accepted, Declined)),
    Kind.LEAD: _Row("7.2.3", _lead, (LeadDesignated,)),
    Kind.APPOINTMENT: _Row("7.2.1", _appointment, (Scheduled,)),
    Kind.EXPLANATION: _Row("7.2.2", _explanation, (RefusalExplained,)),
    Kind.ARRIVAL: _Row("7.3", _arrival, (Served, VisitFailed)),
    Kind.FORM: _Row("6.3", _form, (RegistrationFormFiled,)),
    Kind.NOTICE: _Row("7.4", _notice, (OneTimeNoticeGiven,)),
    Kind.OUTCOME: _Row("7.4", _outcome, (OutcomeReported,)),
    Kind.DELIVERY: _Row("7.4", _delivery, (Delivered,)),
    Kind.ARCHIVE: _Row("9", _archive, (Archived,)),
}

_MET_BY: Final[Mapping[type[Event], Kind]] = {
    event: kind for kind, row in _ROWS.items() for event in row.met_by
}

#: The clause that each kind comes from.
CLAUSE_OF: Final[Mapping[Kind, str]] = {kind: row.clause for kind, row in _ROWS.items()}


# --- due --------------------------------------------------------------------------------------


class _Due(NamedTuple):
    day: dt.date
    due: dt.datetime
    provisional: bool
    earliest: dt.date
    latest: dt.date


def _certain(day: dt.date, due: dt.datetime) -> _Due:
    return _Due(day, due, False, day, day)


def _end_of(day: dt.date, regulation: Regulation) -> dt.datetime:
    """I-2: the first instant that is late, 24:00 or the close of business, Asia/Shanghai."""
    if regulation.close_of_business is None:
        return dt.datetime.combine(day + ONE_DAY, dt.time(), SHANGHAI)
    return dt.datetime.combine(day, regulation.close_of_business, SHANGHAI)


def _due(kind: Kind, duty: _Duty, regulation: Regulation, calendar: WorkingCalendar) -> _Due | None:
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


def _status(duty: _Duty, due: _Due | None, as_of: dt.datetime) -> Status:
    if duty.met is not None and duty.met.at <= as_of:
        acted_at = duty.acted_at or duty.met.at
        return Status.MET_LATE if due is not None and acted_at >= due.due else Status.MET
    # A visit ends the arrival that it meets; whatever else ends a duty makes it void.
    if duty.ended is not None and duty.ended is not duty.met and duty.ended.at <= as_of:
        return Status.VOID
    return Status.OVERDUE if due is not None and as_of >= due.due else Status.OPEN


def same_edition(case: Case, regulation: Regulation) -> None:
    """``InvalidInput`` where ``case`` is pinned to another edition."""
    if case.edition != regulation.edition:
        raise InvalidInput.of(
            "regulation",
            "wrong_edition",
            f"此案依据的是{case.edition}，不是{regulation.edition}。",
            f"the case is pinned to {case.edition}, not {regulation.edition}.",
            facts={"case": case.edition, "regulation": regulation.edition},
        )


def obligations(
    case: Case, *, regulation: Regulation, calendar: WorkingCalendar, as_of: dt.datetime
) -> tuple[Obligation, ...]:
    """Every obligation of ``case`` opened by ``as_of``, in the order they were opened.

    ``InvalidInput`` where ``as_of`` is naive or the case is pinned to another edition.
    """
    check_moment("as_of", as_of)
    same_edition(case, regulation)
    found: list[Obligation] = []
    for kind, row in _ROWS.items():
        for duty in row.duties(case, regulation):
            if duty.opened_at > as_of:
                continue
            # Under I-1's other reading there is no due day until the notice is received.
            waiting = (
                kind is Kind.REPLY and duty.counted_from is not None and duty.counted_from > as_of
            )
            due = None if waiting else _due(kind, duty, regulation, calendar)
            met = duty.met is not None and duty.met.at <= as_of
            found.append(
                Obligation(
                    case=case.id,
                    kind=kind,
                    clause=row.clause,
                    bearer=duty.bearer,
                    subject=duty.subject,
                    opened_at=duty.opened_at,
                    due_day=None if due is None else due.day,
                    due=None if due is None else due.due,
                    status=_status(duty, due, as_of),
                    provisional=due is not None and due.provisional,
                    earliest=None if due is None else due.earliest,
                    latest=None if due is None else due.latest,
                    met_at=duty.met.at if met and duty.met is not None else None,
                )
            )
    found.sort(key=lambda obligation: obligation.opened_at)
    return tuple(found)


# --- another calendar ---------------------------------------------------------------------------


@frozen(kw_only=True)
class Moved:
    """An obligation still owed whose due day another calendar puts elsewhere.

    ``by`` names what moved it: the numbers of notices, or who decided local days.
    """

    before: Obligation
    after: Obligation
    by: tuple[str, ...]


def moved(
    case: Case,
    *,
    regulation: Regulation,
    before: WorkingCalendar,
    after: WorkingCalendar,
    as_of: dt.datetime,
) -> tuple[Moved, ...]:
    """What of ``case`` a new notice moves: the same facts under two calendars."""
    old = obligations(case, regulation=regulation, calendar=before, as_of=as_of)
    new = obligations(case, regulation=regulation, calendar=after, as_of=as_of)
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


def _finding(
    kind: Kind, duty: _Duty, event: Event, regulation: Regulation, calendar: WorkingCalendar
) -> Finding | None:
    """What ``event``, which meets or ends ``duty``, shows."""
    limit = _due(kind, duty, regulation, calendar)
    if limit is None:
        return None
    due, at = limit.due, event.at
    if kind is Kind.ARRIVAL:
        if isinstance(event, VisitFailed):
            if event.cause is not Cause.STAFF_ABSENT:
                return None
            code = FindingCode.STAFF_ABSENT
        else:
            at = (event.arrived_at if isinstance(event, Served) else None) or at
            if at < due:
                return None
            code = FindingCode.LATE_ARRIVAL
        measured = at
    elif at >= due:
        code, measured = FindingCode.LATE_ACT, at
    elif event.recorded_at >= due:
        code, measured = FindingCode.LATE_ENTRY, event.recorded_at
    else:
        return None
    return Finding(
        code=code,
        clause=_ROWS[kind].clause,
        kind=kind,
        bearer=duty.bearer,
        due=due,
        at=at,
        by_seconds=max(int((measured - due).total_seconds()), 0),
        version=event.version,
    )


#: What tells an obligation from others of its kind, by the event that meets it.
_SUBJECT: Mapping[type[Event], Callable[[Any], str | None]] = {
    Accepted: lambda event: event.by.unit,
    Declined: lambda event: event.by.unit,
    RefusalExplained: lambda event: event.unit,
    OutcomeReported: lambda event: event.item,
    Delivered: lambda event: event.item,
}


def findings_of(
    case: Case, event: Event, *, regulation: Regulation, calendar: WorkingCalendar
) -> tuple[Finding, ...]:
    """What ``event`` would show, were it the next of ``case``: the findings of one move.

    Only the one kind of obligation that such an event can meet is looked at.
    """
    kind = _MET_BY.get(type(event))
    if kind is None:
        return ()
    if kind not in regulation.limits and kind not in (Kind.ARRIVAL, Kind.OUTCOME):
        return ()
    subject_of = _SUBJECT.get(type(event))
    subject = None if subject_of is None else subject_of(event)
    for duty in _ROWS[kind].duties(case, regulation):
        if duty.met is None and duty.ended is None and duty.subject == subject:
            if kind is Kind.REPLY and regulation.reply_clock is ReplyClock.RECEIPT:
                # I-1: the reply itself counts as receipt where no acknowledgement came before it.
                receipt = min(duty.counted_from or event.at, event.at)
                duty = attrs.evolve(duty, counted_from=receipt)  # noqa: PLW2901
            found = _finding(kind, duty, event, regulation, calendar)
            return () if found is None else (found,)
    return ()


def findings(
    case: Case, *, regulation: Regulation, calendar: WorkingCalendar
) -> tuple[Finding, ...]:
    """All findings of ``case``, judged anew from its facts, in the order of the entries."""
    same_edition(case, regulation)
    found: list[Finding] = []
    for kind, row in _ROWS.items():
        for duty in row.duties(case, regulation):
            event = duty.met
            if event is None and kind is Kind.ARRIVAL and isinstance(duty.ended, VisitFailed):
                event = duty.ended
            if event is not None:
                finding = _finding(kind, duty, event, regulation, calendar)
                if finding is not None:
                    found.append(finding)
    found.sort(key=lambda finding: finding.version)
    return tuple(found)
