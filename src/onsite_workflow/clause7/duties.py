"""Clause 7's duties: which entry opens, meets and ends what each party owes.

The eleven kinds, in the order of domain kinds. Limits and calendar are applied by
``engine.limits``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from onsite_workflow.checks import is_blank
from onsite_workflow.engine.duties import Duties, Duty, FindingCode
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.regulation import Regulation, ReplyClock
from onsite_workflow.terms import Cause, Role

from . import events as e
from .case import Case, Notice
from .regulation import Kind

__all__ = ["DUTIES"]

WINDOW: Final = Role.INTEGRATED_WINDOW.value


def _transfer(case: Case, _: Regulation) -> Iterator[Duty]:
    at = case.application.at
    yield Duty(
        bearer=WINDOW,
        opened_by=case.application,
        opened_at=at,
        counted_from=at,
        met_by=case.transferred,
        ended_by=case.withdrawn,
    )


def _clock_of_reply(notice: Notice, regulation: Regulation) -> dt.datetime | None:
    """I-1. Under ``RECEIPT`` a reply counts as receipt, so it can't be late by itself."""
    if regulation.reply_clock is ReplyClock.ISSUE:
        return notice.issued.at
    acts = (notice.acknowledged, notice.reply)
    receipts = [act.at for act in acts if act is not None]
    return min(receipts, default=None)


def _reply(case: Case, regulation: Regulation) -> Iterator[Duty]:
    for notice in (*case.replaced_notices, *case.notices):
        yield Duty(
            bearer=notice.unit,
            subject=notice.unit,
            opened_by=notice.issued,
            opened_at=notice.issued.at,
            counted_from=_clock_of_reply(notice, regulation),
            waits=True,
            met_by=notice.reply,
            ended_by=notice.replaced or case.withdrawn,
        )


def _last_reply(case: Case) -> e.Accepted | e.Declined | None:
    """The last of all replies; None while one is owed."""
    replies = [notice.reply for notice in case.notices if notice.reply is not None]
    if not replies or len(replies) < len(case.notices):
        return None
    return max(replies, key=lambda reply: reply.at)


def _lead(case: Case, _: Regulation) -> Iterator[Duty]:
    lead, last = case.lead_notice, _last_reply(case)
    if last is None or lead is None or not lead.declined:
        return
    if any(notice.accepted for notice in case.notices):
        yield Duty(
            bearer=WINDOW,
            opened_by=last,
            opened_at=last.at,
            counted_from=last.at,
            met_by=case.lead_designated,
            ended_by=case.withdrawn,
        )


def _appointment(case: Case, _: Regulation) -> Iterator[Duty]:
    lead, original, last = case.lead, case.lead_notice, _last_reply(case)
    if lead is None or original is None:
        return
    openings: list[e.Event] = [b.ended for b in case.bookings if isinstance(b.ended, e.VisitFailed)]
    if case.lead_designated is not None:
        openings.insert(0, case.lead_designated)
    elif last is not None and original.accepted:
        openings.insert(0, last)
    made = [b.made for b in case.bookings if isinstance(b.made, e.Scheduled)]
    for index, opening in enumerate(openings):
        yield Duty(
            bearer=lead,
            opened_by=opening,
            opened_at=opening.at,
            counted_from=opening.at,
            met_by=made[index] if index < len(made) else None,
            ended_by=case.withdrawn,
        )


def _explanation(case: Case, _: Regulation) -> Iterator[Duty]:
    for notice in case.notices:
        if notice.reply is not None and notice.declined:
            at = notice.reply.at
            yield Duty(
                bearer=notice.unit,
                subject=notice.unit,
                opened_by=notice.reply,
                opened_at=at,
                counted_from=at,
                met_by=notice.explained,
                ended_by=case.withdrawn,
            )


def _judge_arrival(event: AnyEvent, due: dt.datetime) -> tuple[FindingCode, dt.datetime] | None:
    """A visit by when staff arrived; a failed one by whether it failed for want of them."""
    if isinstance(event, e.Served):
        arrived_at = event.arrived_at or event.at
        return (FindingCode.LATE_ARRIVAL, arrived_at) if arrived_at >= due else None
    if isinstance(event, e.VisitFailed) and event.cause is Cause.STAFF_ABSENT:
        return FindingCode.STAFF_ABSENT, event.at
    return None


def _arrival(case: Case, _: Regulation) -> Iterator[Duty]:
    for booking in case.bookings:
        served = booking.ended if isinstance(booking.ended, e.Served) else None
        yield Duty(
            bearer=case.lead or WINDOW,
            opened_by=booking.made,
            opened_at=booking.made.at,
            appointed=booking.appointment.start,
            met_by=served,
            acted_at=None if served is None else served.arrived_at,
            ended_by=booking.ended,
            judge=_judge_arrival,
        )


def _form(case: Case, _: Regulation) -> Iterator[Duty]:
    if case.visit is not None:
        yield Duty(
            bearer=case.lead or WINDOW,
            opened_by=case.visit,
            opened_at=case.visit.at,
            counted_from=case.visit.left_at,  # I-3
            met_by=case.registration_form,
        )


def _notice(case: Case, _: Regulation) -> Iterator[Duty]:
    if case.visit is not None and case.outstanding_items:
        yield Duty(
            bearer=case.lead or WINDOW,
            opened_by=case.visit,
            opened_at=case.visit.at,
            counted_from=case.visit.at,
            met_by=case.one_time_notice,
        )


def _outcome(case: Case, _: Regulation) -> Iterator[Duty]:
    notice = case.one_time_notice
    if notice is None:
        return
    for line in notice.outstanding:
        yield Duty(
            bearer=case.lead or WINDOW,
            subject=line.item,
            opened_by=notice,
            opened_at=notice.at,
            promised=line.expected_by,
            met_by=case.outcome_of(line.item),
        )


def _delivery(case: Case, _: Regulation) -> Iterator[Duty]:
    for outcome in case.outcomes:
        if not all(is_blank(text) for text in outcome.to_deliver):
            yield Duty(
                bearer=case.lead or WINDOW,
                subject=outcome.item,
                opened_by=outcome,
                opened_at=outcome.at,
                counted_from=outcome.at,
                met_by=case.delivery_of(outcome.item),
            )


def _archive(case: Case, _: Regulation) -> Iterator[Duty]:
    if case.closing is not None:
        at = case.closing.at
        yield Duty(
            bearer=(case.lead or WINDOW) if case.visit is not None else WINDOW,  # I-16
            opened_by=case.closing,
            opened_at=at,
            counted_from=at,
            met_by=case.archived,
        )


_REPLIES: Final = (e.Accepted, e.Declined)

#: Kind, clause, how they follow from a case; opened by, met by, ended by.
DUTIES: Final = (
    Duties(Kind.TRANSFER, "7.2", _transfer, (e.Applied,), (e.Transferred,), (e.Withdrawn,)),
    Duties(
        Kind.REPLY,
        "7.2",
        _reply,
        (e.Transferred, e.Reassigned),
        _REPLIES,
        (e.Reassigned, e.Withdrawn),
    ),
    Duties(Kind.LEAD, "7.2.3", _lead, _REPLIES, (e.LeadDesignated,), (e.Withdrawn,)),
    Duties(
        Kind.APPOINTMENT,
        "7.2.1",
        _appointment,
        (*_REPLIES, e.LeadDesignated, e.VisitFailed),
        (e.Scheduled,),
        (e.Withdrawn,),
    ),
    Duties(
        Kind.EXPLANATION,
        "7.2.2",
        _explanation,
        (e.Declined,),
        (e.RefusalExplained,),
        (e.Withdrawn,),
    ),
    Duties(
        Kind.ARRIVAL,
        "7.3",
        _arrival,
        (e.Scheduled, e.Rescheduled),
        (e.Served,),
        (e.Served, e.VisitFailed, e.Rescheduled, e.Withdrawn),
    ),
    Duties(Kind.FORM, "6.3", _form, (e.Served,), (e.RegistrationFormFiled,)),
    Duties(Kind.NOTICE, "7.4", _notice, (e.Served,), (e.OneTimeNoticeGiven,)),
    Duties(Kind.OUTCOME, "7.4", _outcome, (e.OneTimeNoticeGiven,), (e.OutcomeReported,)),
    Duties(Kind.DELIVERY, "7.4", _delivery, (e.OutcomeReported,), (e.Delivered,)),
    Duties(Kind.ARCHIVE, "9", _archive, (e.Closed, e.Withdrawn), (e.Archived,)),
)
