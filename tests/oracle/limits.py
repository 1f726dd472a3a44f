"""6.3, 7, 9 as time limits: who owes what, opened by which act, until when, and what was late.

Domain.md's table of obligations, row by row, over a whole history. Days are counted one by one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from onsite_workflow.calendar import WorkingCalendar
from onsite_workflow.checks import SHANGHAI, local_day
from onsite_workflow.clause7.regulation import Kind
from onsite_workflow.regulation import LimitUnit, Regulation, ReplyClock
from onsite_workflow.terms import Cause

from .facts import (
    Entry,
    Fact,
    Notice,
    Past,
    all_notices,
    announced,
    as_it_stands,
    delivery,
    explained,
    last,
    lead,
    named,
    noticed_items,
    notices,
    outcome,
    outstanding_items,
    state_after_replies,
    visit,
)

WINDOW = "integrated_window"
FOR_EVER = dt.datetime.max.replace(tzinfo=dt.UTC)
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)


@frozen(kw_only=True)
class Owed:
    """One obligation. ``due_day`` is the last whole day, ``due`` the first instant that is late;
    both None where the text sets no limit. ``provisional`` where no notice settles the day (I-11).
    """

    kind: Kind
    clause: str
    bearer: str
    subject: str | None = None
    opened_at: dt.datetime
    due_day: dt.date | None = None
    due: dt.datetime | None = None
    provisional: bool = False
    met_by: Entry | None = None
    void_by: Entry | None = None

    @property
    def met_at(self) -> dt.datetime | None:
        """When the act that met it happened."""
        return self.met_by.at if self.met_by is not None else None

    @property
    def judged_at(self) -> dt.datetime | None:
        """The moment that is in time or late: for an arrival, when they arrived (7.3)."""
        if self.met_by is not None and self.kind is Kind.ARRIVAL:
            arrived: dt.datetime = self.met_by.said.arrived_at
            return arrived
        return self.met_at

    def status(self, as_of: dt.datetime) -> str:
        """``open``, ``overdue``, ``met``, ``met_late`` or ``void`` as of a moment."""
        if self.judged_at is not None:
            return "met" if self.due is None or self.judged_at < self.due else "met_late"
        if self.void_by is not None:
            return "void"
        return "open" if self.due is None or as_of < self.due else "overdue"


@frozen(kw_only=True)
class Late:
    """A finding: lateness never refuses an act. ``version`` is the entry's."""

    code: str
    clause: str
    kind: Kind
    bearer: str
    due: dt.datetime
    at: dt.datetime
    by_seconds: int
    version: int


# === I-2: counting ===============================================================================


def counted(
    trigger: dt.datetime, kind: Kind, regulation: Regulation, calendar: WorkingCalendar
) -> tuple[dt.date, dt.datetime] | None:
    """The last day and the first late instant of a limit that began at ``trigger``."""
    limit = regulation.limits.get(kind)
    if limit is None:
        return None
    if limit.unit is LimitUnit.HOURS:
        due = trigger + dt.timedelta(hours=limit.amount)
        return local_day(due - dt.datetime.resolution), due  # 00:00 is 24:00 of the day before
    day = local_day(trigger)  # day zero, on whatever day it falls (民法典 201)
    if limit.unit is LimitUnit.WORKING_DAYS:
        count = int(regulation.trigger_day_counts and calendar.is_working_day(day))
        while count < limit.amount:
            day += DAY
            count += calendar.is_working_day(day)
    else:
        day += (limit.amount - regulation.trigger_day_counts) * DAY
        while not calendar.is_working_day(day):  # 民法典 203
            day += DAY
    return day, end_of(day, regulation)


def end_of(day: dt.date, regulation: Regulation) -> dt.datetime:
    """24:00 of a last day, or the close of business where the regulation gives hours."""
    if regulation.close_of_business is not None:
        return dt.datetime.combine(day, regulation.close_of_business, SHANGHAI)
    return dt.datetime.combine(day + DAY, dt.time(), SHANGHAI)


def to_the_minute(moment: dt.datetime) -> dt.datetime:
    """Seconds cut off (arrival, 7.3)."""
    return moment.replace(second=0, microsecond=0)


# === the eleven kinds ============================================================================


def obligations(
    past: Past,
    regulation: Regulation,
    calendar: WorkingCalendar,
    as_of: dt.datetime = FOR_EVER,
) -> list[Owed]:
    """Everything that these entries opened, with what met or voided it by then: an act counts
    when its ``at`` is not after ``as_of``."""

    def counts(entry: Entry | None) -> Entry | None:
        return entry if entry is not None and entry.at <= as_of else None

    def owe(
        kind: Kind,
        clause: str,
        bearer: str,
        opened: Entry,
        *,
        met: Entry | None,
        void: Entry | None = None,
        subject: str | None = None,
        trigger: dt.datetime | None = None,
    ) -> Owed:
        limit = counted(trigger or opened.at, kind, regulation, calendar)
        return Owed(
            kind=kind,
            clause=clause,
            bearer=bearer,
            subject=subject,
            opened_at=opened.at,
            due_day=limit[0] if limit else None,
            due=limit[1] if limit else None,
            provisional=limit is not None and calendar.is_provisional(limit[0]),
            met_by=counts(met),
            void_by=counts(void),
        )

    def before_the_visit() -> Iterator[Owed]:
        sent = last(past, "transfer")
        yield owe(Kind.TRANSFER, "7.2", WINDOW, past[0], met=sent, void=withdrawn)
        yield from map(reply, all_notices(past))
        decided = replied_last(past)
        if decided and lead_must_be_found(past):
            yield owe(Kind.LEAD, "7.2.3", WINDOW, decided, met=designated, void=withdrawn)
        for opened in appointment_due(past):
            met = next_of(past, opened, "schedule")
            yield owe(Kind.APPOINTMENT, "7.2.1", head, opened, met=met, void=withdrawn)
        for n in notices(past):
            if n.reply and n.declined:
                told = explained(past, n.unit)
                owed = owe(Kind.EXPLANATION, "7.2.2", n.unit, n.reply, met=told, void=withdrawn)
                yield evolve(owed, subject=n.unit)
        yield from map(arrival, named(past, "schedule", "reschedule"))

    def after(held: Entry) -> Iterator[Owed]:
        filed, told = last(past, "file_registration_form"), last(past, "give_one_time_notice")
        yield owe(Kind.FORM, "6.3", head, held, met=filed, trigger=held.said.left_at)  # I-3
        if outstanding_items(past):
            yield owe(Kind.NOTICE, "7.4", head, held, met=told)
        for item, promised in noticed_items(past).items():
            assert told is not None
            report = outcome(past, item)
            tell = owe(Kind.OUTCOME, "7.4", head, told, met=report, subject=item)
            if promised is not None:
                tell = evolve(tell, due_day=promised, due=end_of(promised, regulation))
            yield tell
            if report is not None and announced(report):
                given = delivery(past, item)
                yield owe(Kind.DELIVERY, "7.4", head, report, met=given, subject=item)

    def at_the_end(ended: Entry) -> Owed:
        bearer = WINDOW if held is None else head  # I-16
        return owe(Kind.ARCHIVE, "9", bearer, ended, met=last(past, "archive"))

    def reply(notice: Notice) -> Owed:
        """7.2 需在一个工作日内予以回复: from the issue, or from receipt (I-1)."""
        trigger: dt.datetime | None = notice.issued.at
        if regulation.reply_clock is ReplyClock.RECEIPT:
            receipts = map(counts, (notice.acknowledged, notice.reply))
            trigger = min((receipt.at for receipt in receipts if receipt), default=None)
        owed = owe(
            Kind.REPLY,
            "7.2",
            notice.unit,
            notice.issued,
            met=notice.reply,
            void=notice.replaced or withdrawn,
            subject=notice.unit,
            trigger=trigger,
        )
        return owed if trigger else evolve(owed, due_day=None, due=None, provisional=False)

    def arrival(agreed: Entry) -> Owed:
        """7.3 应在约定的时间准时到达: by the appointed minute."""
        start: dt.datetime = agreed.said.start
        end = next_of(past, agreed, "reschedule", "report_failed_visit", "serve", "withdraw")
        met = end if end is not None and end.name == "serve" else None
        return Owed(
            kind=Kind.ARRIVAL,
            clause="7.3",
            bearer=head,
            opened_at=agreed.at,
            due_day=local_day(start),
            due=to_the_minute(start) + MINUTE,
            met_by=counts(met),
            void_by=None if met else counts(end),
        )

    head = lead(past) or WINDOW
    held, withdrawn, designated = visit(past), last(past, "withdraw"), last(past, "designate_lead")
    ended = last(past, "close", "withdraw")
    owed = [
        *(before_the_visit() if past else ()),
        *(after(held) if held is not None else ()),
        *([at_the_end(ended)] if ended is not None else ()),
    ]
    return [one for one in owed if one.opened_at <= as_of]


def replied_last(past: Past) -> Entry | None:
    """The last reply, once every unit replied: the one with the latest ``at`` (R-4)."""
    replies = [notice.reply for notice in notices(past)]
    given = [reply for reply in replies if reply is not None]
    if not given or len(given) < len(replies):
        return None
    return max(given, key=lambda reply: reply.at)


def lead_must_be_found(past: Past) -> bool:
    """7.2.3: the lead declined, and somebody accepted."""
    given = notices(past)
    return any(n.accepted for n in given) and any(n.leads and n.declined for n in given)


def appointment_due(past: Past) -> list[Entry]:
    """7.2.1: what opens the duty to agree an appointment: acceptance, and each failed visit."""
    opened: list[Entry] = []
    designated, replied = last(past, "designate_lead"), replied_last(past)
    if designated is not None:
        opened.append(designated)
    elif replied is not None and state_after_replies(notices(past)) == "accepted":
        opened.append(replied)
    return opened + named(past, "report_failed_visit")


def next_of(past: Past, entry: Entry, *names: str) -> Entry | None:
    """The first such entry after ``entry``."""
    return next((e for e in named(past, *names) if e.version > entry.version), None)


# === what stands, and what was late ==============================================================


def standing(
    history: Sequence[Fact],
    *,
    as_of: dt.datetime,
    regulation: Regulation,
    calendar: WorkingCalendar,
) -> list[Owed]:
    """The obligations as of a moment."""
    return obligations(as_it_stands(history, regulation.catalogue), regulation, calendar, as_of)


def late(
    history: Sequence[Fact], *, regulation: Regulation, calendar: WorkingCalendar
) -> list[Late]:
    """Every finding of a history, as it stands after correction."""
    past = as_it_stands(history, regulation.catalogue)
    return late_in(past, regulation, calendar)


def late_in(past: Past, regulation: Regulation, calendar: WorkingCalendar) -> list[Late]:
    """The same of entries that were read before."""
    owed = obligations(past, regulation, calendar)
    return [*filter(None, map(lateness, owed)), *absences(past)]


def lateness(owed: Owed) -> Late | None:
    """On time: ``at`` < ``due``. A late act; or a late entry of an act in time."""
    met, due, moment = owed.met_by, owed.due, owed.judged_at
    if met is None or due is None or moment is None:
        return None

    def finding(code: str, judged: dt.datetime) -> Late:
        return Late(
            code=code,
            clause=owed.clause,
            kind=owed.kind,
            bearer=owed.bearer,
            due=due,
            at=moment,
            by_seconds=int((judged - due).total_seconds()),
            version=met.version,
        )

    if owed.kind is Kind.ARRIVAL:
        return finding("late_arrival", moment) if moment >= due else None
    if moment >= due:
        return finding("late_act", moment)
    return finding("late_entry", met.recorded_at) if met.recorded_at >= due else None


def absences(past: Past) -> Iterator[Late]:
    """7.3, I-9: a visit that failed because staff did not come; the applicant's absence is none."""
    for entry in named(past, "report_failed_visit"):
        if entry.said.cause is Cause.STAFF_ABSENT:
            agreed = last(past[: entry.version], "schedule", "reschedule")
            assert agreed is not None
            due = to_the_minute(agreed.said.start) + MINUTE
            yield Late(
                code="staff_absent",
                clause="7.3",
                kind=Kind.ARRIVAL,
                bearer=lead(past) or WINDOW,
                due=due,
                at=entry.at,
                by_seconds=max(0, int((entry.at - due).total_seconds())),
                version=entry.version,
            )
