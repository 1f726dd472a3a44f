"""Invariants for the library's own tests: each says in other words what the table says.

A user who brings a regulation does not need them, since the guards are the library's: what one guard
refuses, and which entry opens and meets which limit. They are held against every case there can be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from onsite_workflow.checks import is_blank, local_day
from onsite_workflow.clause7 import events as e
from onsite_workflow.clause7.case import Case
from onsite_workflow.clause7.core import evolve
from onsite_workflow.clause7.events import Event
from onsite_workflow.clause7.regulation import Kind
from onsite_workflow.engine.duties import Status
from onsite_workflow.terms import State, UnitRole
from onsite_workflow.testing import Invariant, Try, invariant


def _names(wrong: Iterable[object]) -> str | None:
    return ", ".join(map(str, wrong)) or None


def _unless(condition: bool, wrong: str) -> str | None:
    return None if condition else wrong


@invariant("1")
def a_case_is_opened_under_an_edition_in_force(t: Try) -> str | None:
    """A case is applied for on a day on which its edition is in force."""
    application = t.after.application
    day = local_day(application.at)
    return _unless(t.regulation.in_force_on(day), f"opened on {day}")


@invariant("5.3")
def no_item_stands_twice(t: Try) -> str | None:
    """A case has at least one item, and each once."""
    keys = [item.key for item in t.after.items]
    return _unless(0 < len(keys) == len(set(keys)), f"{len(keys)} items, {len(set(keys))} of them")


@invariant("7.1")
def an_applicant_can_be_found(t: Try) -> str | None:
    """A case has a way to reach the applicant, an address and a reason."""
    a = t.after.application
    reachable = a.applicant is not None and not is_blank(a.applicant.phone)
    return _unless(reachable and not is_blank(a.address) and not is_blank(a.reason), "incomplete")


@invariant("7.2.2")
def every_refusal_has_a_reason_and_an_alternative(t: Try) -> str | None:
    """A unit that declines gives a reason and at least one other way."""
    return _names(
        notice.unit
        for notice in t.after.notices
        if isinstance(notice.reply, e.Declined)
        and (
            is_blank(notice.reply.reason)
            or all(is_blank(text) for text in notice.reply.alternatives)
        )
    )


@invariant("7.2.1")
def an_appointment_is_made_ahead(t: Try) -> str | None:
    """An appointment starts after it is made, at a place that is named."""
    return _names(
        booking.made.version
        for booking in t.after.bookings
        if booking.appointment.start <= booking.made.at or is_blank(booking.appointment.place)
    )


@invariant("7.2.3")
def a_joint_visit_is_held_jointly(t: Try) -> str | None:
    """Somebody of the lead and of every accepting unit was at the visit."""
    case = t.after
    if case.visit is None:
        return None
    present = {member.unit for member in case.visit.staff}
    return _names(unit for unit in case.visiting_units if unit not in present)


@invariant("7.3")
def a_visit_has_one_result_an_accepted_item(t: Try) -> str | None:
    """A visit has a result for each accepted item and for no other."""
    case = t.after
    if case.visit is None:
        return None
    given = Counter(result.item for result in case.visit.results)
    return _unless(given == Counter(case.accepted_items), "the results are not those of the items")


@invariant("7.3")
def a_visit_is_entered_once_it_is_over(t: Try) -> str | None:
    """A visit begins on the day appointed or later, and ends before it is entered."""
    case = t.after
    if case.visit is None or case.appointment is None:
        return None
    arrived, left = case.visit.arrived_at, case.visit.left_at
    if arrived is None or left is None:
        return "no times"
    appointed = local_day(case.appointment.start)
    in_order = arrived <= left <= case.visit.recorded_at
    return _unless(in_order and local_day(arrived) >= appointed, "out of order")


@invariant("7.5")
def forms_are_filled_in_where_anything_was_completed(t: Try) -> str | None:
    """Where an item was completed on site the forms were filled in whole."""
    visit = t.after.visit
    if visit is None or not any(result.completed for result in visit.results):
        return None
    return _unless(visit.forms_completed is True, "not filled in")


@invariant("7.4")
def the_notice_names_what_is_outstanding(t: Try) -> str | None:
    """The one-time notice names every item that was not completed, says what each needs, and names
    no other."""
    case = t.after
    notice = case.one_time_notice
    if notice is None:
        return None
    named = sorted(line.item for line in notice.outstanding)
    said = all(any(not is_blank(text) for text in line.needed) for line in notice.outstanding)
    return _unless(said and named == sorted(case.outstanding_items), "not what is outstanding")


@invariant("6.3", "I-17")
def the_form_is_filed_once(t: Try) -> str | None:
    """The registration form is filed once, after a visit, signed for every unit that visited."""
    case = t.after
    form, visit = case.registration_form, case.visit
    if form is None:
        return None
    signed = {signature.unit for signature in form.signatures}
    whole = visit is not None and {member.unit for member in visit.staff} <= signed
    filed = sum(isinstance(event, e.RegistrationFormFiled) for event in case.history)
    return _unless(whole and filed == 1, "not as 6.3 asks")


@invariant("6.3")
def a_visit_is_archived_with_its_form(t: Try) -> str | None:
    """Where a visit was held, nothing is archived without the registration form."""
    case = t.after
    filed = case.visit is None or case.registration_form is not None
    return _unless(case.state is not State.ARCHIVED or filed, "no form")


# --- what is owed, step by step ---


def _opened(case: Case, event: Event) -> Iterator[tuple[Kind, str | None]]:
    """What ``event`` opens, as the table of obligations says it."""
    match event:
        case e.Applied():
            yield Kind.TRANSFER, None
        case e.Transferred():
            yield from ((Kind.REPLY, notice.unit) for notice in event.notices)
        case e.Reassigned():
            yield Kind.REPLY, None if event.notice is None else event.notice.unit
        case e.Accepted() | e.Declined():
            if isinstance(event, e.Declined):
                yield Kind.EXPLANATION, event.by.unit
            yield from _opened_by_last_reply(case)
        case e.LeadDesignated() | e.VisitFailed():
            yield Kind.APPOINTMENT, None
        case e.Scheduled() | e.Rescheduled():
            yield Kind.ARRIVAL, None
        case e.Served():
            yield Kind.FORM, None
            if not all(result.completed for result in event.results):
                yield Kind.NOTICE, None
        case e.OneTimeNoticeGiven():
            yield from ((Kind.OUTCOME, line.item) for line in event.outstanding)
        case e.OutcomeReported():
            if not all(is_blank(text) for text in event.to_deliver):
                yield Kind.DELIVERY, event.item
        case e.Closed() | e.Withdrawn():
            yield Kind.ARCHIVE, None
        case _:
            pass


def _opened_by_last_reply(case: Case) -> Iterator[tuple[Kind, str | None]]:
    if all(notice.reply is not None for notice in case.notices):
        if any(notice.accepted and notice.role is UnitRole.LEAD for notice in case.notices):
            yield Kind.APPOINTMENT, None
        elif any(notice.accepted for notice in case.notices):
            yield Kind.LEAD, None


def _met(event: Event) -> Iterator[tuple[Kind, str | None]]:
    match event:
        case e.Transferred():
            yield Kind.TRANSFER, None
        case e.Accepted() | e.Declined():
            yield Kind.REPLY, event.by.unit
        case e.LeadDesignated():
            yield Kind.LEAD, None
        case e.Scheduled():
            yield Kind.APPOINTMENT, None
        case e.RefusalExplained():
            yield Kind.EXPLANATION, event.unit
        case e.Served() | e.VisitFailed() | e.Rescheduled():  # met, or void
            yield Kind.ARRIVAL, None
        case e.Reassigned():  # void
            yield Kind.REPLY, event.from_unit
        case e.OneTimeNoticeGiven():
            yield Kind.NOTICE, None
        case e.OutcomeReported():
            yield Kind.OUTCOME, event.item
        case e.Delivered():
            yield Kind.DELIVERY, event.item
        case e.RegistrationFormFiled():
            yield Kind.FORM, None
        case e.Archived():
            yield Kind.ARCHIVE, None
        case _:
            pass


def owed_step_by_step(history: Iterable[Event]) -> Counter[tuple[Kind, str | None]]:
    """What is still owed after ``history``, found by following it: each entry opens some and meets
    or voids others. Corrections are not followed."""
    owed: Counter[tuple[Kind, str | None]] = Counter()
    case: Case | None = None
    for event in history:
        case = evolve(case, event)
        if isinstance(event, e.Withdrawn):
            owed.clear()
        owed.subtract(key for key in _met(event) if owed[key])
        owed.update(_opened(case, event))
    return +owed


@invariant("7.2")
def recomputing_is_following(t: Try) -> str | None:
    """What is owed, recomputed from the facts, is what following the entries one by one opens,
    meets and voids."""
    history = t.after.history
    if any(isinstance(event, e.Corrected) for event in history):
        return None
    recomputed = Counter(
        (Kind(owed.kind), owed.subject)
        for owed in t.outcome.obligations(t.after.recorded_at)
        if owed.status in (Status.OPEN, Status.OVERDUE)
    )
    followed = owed_step_by_step(history)
    return _unless(recomputed == followed, _difference(recomputed, followed))


def _difference(
    recomputed: Counter[tuple[Kind, str | None]], followed: Counter[tuple[Kind, str | None]]
) -> str:
    only = [*(recomputed - followed)], [*(followed - recomputed)]
    return f"recomputed only: {_kinds(only[0])}; followed only: {_kinds(only[1])}"


def _kinds(owed: Iterable[tuple[Kind, str | None]]) -> str:
    return ", ".join(kind.value for kind, _ in owed) or "nothing"


RESTATED: Final = tuple(value for value in list(globals().values()) if isinstance(value, Invariant))
