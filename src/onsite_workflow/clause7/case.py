"""A case, and the fold that makes it from its events.

A ``Case`` holds the events that matter, not copies of their fields: ``case.visit`` *is* the
``Served`` event. The fold judges nothing and needs no table, since each event carries the state it
reached; whatever was allowed stays readable for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
from attrs import field, frozen

from onsite_workflow.checks import is_blank
from onsite_workflow.engine.history import cannot_follow
from onsite_workflow.engine.record import AnyEvent, Record
from onsite_workflow.terms import Appointment, Result, ServiceItem, State, TransferNotice, UnitRole

from . import events as e

__all__ = ["Case"]


@frozen(kw_only=True)
class Notice:
    """One transfer notice and what its unit did with it."""

    number: str
    unit: str
    role: UnitRole
    items: tuple[str, ...]
    issued: e.Transferred | e.Reassigned = field(repr=False)
    acknowledged: e.Acknowledged | None = field(default=None, repr=False)
    reply: e.Accepted | e.Declined | None = field(default=None, repr=False)
    explained: e.RefusalExplained | None = field(default=None, repr=False)
    replaced: e.Reassigned | None = field(default=None, repr=False)

    @property
    def accepted(self) -> bool:
        """同意上门服务."""
        return isinstance(self.reply, e.Accepted)

    @property
    def declined(self) -> bool:
        """不同意上门服务."""
        return isinstance(self.reply, e.Declined)


@frozen(kw_only=True)
class Booking:
    """One appointment as it stood, and what ended it (None while it stands)."""

    made: e.Scheduled | e.Rescheduled = field(repr=False)
    appointment: Appointment
    ended: e.Rescheduled | e.VisitFailed | e.Served | e.Withdrawn | None = field(
        default=None, repr=False
    )


@frozen(kw_only=True, repr=False)
class Case(Record):
    """一案. Made by ``replay`` and ``evolve`` alone.

    ``notices`` are those in force; a reassigned one moves to ``replaced_notices``. ``changed_at``
    is the latest ``at`` of an entry that changed the state or was a reply (I-15).
    """

    state: State
    history: tuple[e.CaseEvent, ...]
    application: e.Applied
    result: Result | None = None
    transferred: e.Transferred | None = None
    notices: tuple[Notice, ...] = ()
    replaced_notices: tuple[Notice, ...] = ()
    lead_designated: e.LeadDesignated | None = None
    bookings: tuple[Booking, ...] = ()
    visit: e.Served | None = None
    one_time_notice: e.OneTimeNoticeGiven | None = None
    outcomes: tuple[e.OutcomeReported, ...] = ()
    deliveries: tuple[e.Delivered, ...] = ()
    registration_form: e.RegistrationFormFiled | None = None
    closing: e.Closed | e.Withdrawn | None = None
    archived: e.Archived | None = None

    # --- units ---

    def notice_of(self, unit: str | None) -> Notice | None:
        """The notice in force of ``unit``."""
        for notice in self.notices:
            if notice.unit == unit:
                return notice
        return None

    @property
    def lead_notice(self) -> Notice | None:
        """The notice that named its unit 主办."""
        for notice in self.notices:
            if notice.role is UnitRole.LEAD:
                return notice
        return None

    @property
    def lead(self) -> str | None:
        """主办窗口: the unit designated after the first declined, else the one of the notice."""
        if self.lead_designated is not None:
            return self.lead_designated.unit
        notice = self.lead_notice
        return None if notice is None else notice.unit

    @property
    def visiting_units(self) -> tuple[str, ...]:
        """The lead and every accepting assisting unit: those who visit together (7.2.3)."""
        lead = self.lead
        others = (n.unit for n in self.notices if n.accepted and n.unit != lead)
        return (*(() if lead is None else (lead,)), *others)

    # --- items ---

    @property
    def items(self) -> tuple[ServiceItem, ...]:
        """What was applied for."""
        return self.application.items

    def answering_notice(self, item: str | None) -> Notice | None:
        """Whose reply decides on ``item``: the lead where its notice carries it, otherwise the
        assisting unit that does. A unit designated later takes nothing over (7.2.3)."""
        found = None
        for notice in self.notices:
            if item in notice.items:
                if notice.role is UnitRole.LEAD:
                    return notice
                found = found or notice
        return found

    @property
    def accepted_items(self) -> tuple[str, ...]:
        """Keys of the items whose answering unit accepted."""
        answers = ((item.key, self.answering_notice(item.key)) for item in self.items)
        return tuple(key for key, notice in answers if notice is not None and notice.accepted)

    @property
    def outstanding_items(self) -> tuple[str, ...]:
        """Keys of the items that the visit did not complete (7.4)."""
        return () if self.visit is None else _outstanding(self.visit)

    @property
    def promised_items(self) -> tuple[str, ...]:
        """Keys of the items that the one-time notice names."""
        notice = self.one_time_notice
        return () if notice is None else tuple(line.item for line in notice.outstanding)

    def outcome_of(self, item: str | None) -> e.OutcomeReported | None:
        """The report on that item, once it is given."""
        for outcome in self.outcomes:
            if outcome.item == item:
                return outcome
        return None

    def delivery_of(self, item: str | None) -> e.Delivered | None:
        """The delivery of what that item's report announced."""
        for delivery in self.deliveries:
            if delivery.item == item:
                return delivery
        return None

    # --- the appointment ---

    @property
    def appointment(self) -> Appointment | None:
        """The last appointment made, also after the visit; None where none was."""
        return self.bookings[-1].appointment if self.bookings else None

    @property
    def withdrawn(self) -> e.Withdrawn | None:
        """The withdrawal, where that closed the case (I-8)."""
        return self.closing if isinstance(self.closing, e.Withdrawn) else None


def _outstanding(visit: e.Served) -> tuple[str, ...]:
    return tuple(result.item for result in visit.results if not result.completed)


# --- the fold: one function an event, in clause order -------------------------------------------


def _issue(event: e.Transferred | e.Reassigned, notice: TransferNotice) -> Notice:
    return Notice(
        number=notice.number or "",
        unit=notice.unit,
        role=notice.role,
        items=notice.items,
        issued=event,
    )


def _transferred(case: Case, event: e.Transferred) -> dict[str, Any]:
    return {"transferred": event, "notices": tuple(_issue(event, n) for n in event.notices)}


def _reassigned(case: Case, event: e.Reassigned) -> dict[str, Any]:
    if event.notice is None:
        raise cannot_follow(event)
    new = _issue(event, event.notice)
    return {
        "notices": tuple(new if n.unit == event.from_unit else n for n in case.notices),
        "replaced_notices": (
            *case.replaced_notices,
            *(attrs.evolve(n, replaced=event) for n in case.notices if n.unit == event.from_unit),
        ),
    }


def _on_notice(case: Case, unit: str | None, **change: Any) -> dict[str, Any]:
    return {
        "notices": tuple(attrs.evolve(n, **change) if n.unit == unit else n for n in case.notices)
    }


def _acknowledged(case: Case, event: e.Acknowledged) -> dict[str, Any]:
    return _on_notice(case, event.by.unit, acknowledged=event)


def _replied(case: Case, event: e.Accepted | e.Declined) -> dict[str, Any]:
    changed_at = max(case.changed_at, event.at)
    return {"changed_at": changed_at, **_on_notice(case, event.by.unit, reply=event)}


def _lead_designated(case: Case, event: e.LeadDesignated) -> dict[str, Any]:
    return {"lead_designated": event}


def _refusal_explained(case: Case, event: e.RefusalExplained) -> dict[str, Any]:
    return _on_notice(case, event.unit, explained=event)


def appointment_of(event: e.Scheduled | e.Rescheduled, before: Appointment | None) -> Appointment:
    """The appointment that ``event`` makes; what a rescheduling leaves out keeps its value.

    An end kept that would lie before the new start is dropped: it no longer says anything.
    """
    if event.start is None:
        raise cannot_follow(event)
    if before is None or isinstance(event, e.Scheduled):
        return Appointment(
            start=event.start,
            end=event.end,
            place=event.place or "",
            materials=event.materials or (),
            staff=event.staff or (),
        )
    kept_end = before.end if before.end is not None and before.end > event.start else None
    return Appointment(
        start=event.start,
        end=event.end if event.end is not None else kept_end,
        place=before.place if event.place is None or is_blank(event.place) else event.place,
        materials=before.materials if event.materials is None else event.materials,
        staff=before.staff if event.staff is None else event.staff,
    )


def _end_booking(case: Case, event: e.Rescheduled | e.VisitFailed | e.Served | e.Withdrawn) -> Any:
    if not case.bookings or case.bookings[-1].ended is not None:
        return case.bookings
    return (*case.bookings[:-1], attrs.evolve(case.bookings[-1], ended=event))


def _scheduled(case: Case, event: e.Scheduled) -> dict[str, Any]:
    booking = Booking(made=event, appointment=appointment_of(event, None))
    return {"bookings": (*case.bookings, booking)}


def _rescheduled(case: Case, event: e.Rescheduled) -> dict[str, Any]:
    booking = Booking(made=event, appointment=appointment_of(event, case.appointment))
    return {"bookings": (*_end_booking(case, event), booking)}


def _visit_failed(case: Case, event: e.VisitFailed) -> dict[str, Any]:
    return {"bookings": _end_booking(case, event)}


def _served(case: Case, event: e.Served) -> dict[str, Any]:
    return {"visit": event, "bookings": _end_booking(case, event)}


def _one_time_notice_given(case: Case, event: e.OneTimeNoticeGiven) -> dict[str, Any]:
    return {"one_time_notice": event}


def _outcome_reported(case: Case, event: e.OutcomeReported) -> dict[str, Any]:
    return {"outcomes": (*case.outcomes, event)}


def _delivered(case: Case, event: e.Delivered) -> dict[str, Any]:
    return {"deliveries": (*case.deliveries, event)}


_RESULTS: Final = {
    State.DECLINED: Result.DECLINED,
    State.SERVED: Result.COMPLETED_ON_SITE,
    State.PENDING_NOTICE: Result.COMPLETED_LATER,
}


def _closed(case: Case, event: e.Closed) -> dict[str, Any]:
    return {"closing": event, "result": _RESULTS.get(case.state)}


def _withdrawn(case: Case, event: e.Withdrawn) -> dict[str, Any]:
    return {
        "closing": event,
        "result": Result.WITHDRAWN,
        "bookings": _end_booking(case, event),
    }


def _registration_form_filed(case: Case, event: e.RegistrationFormFiled) -> dict[str, Any]:
    return {"registration_form": event}


def _archived(case: Case, event: e.Archived) -> dict[str, Any]:
    return {"archived": event}


def opened(event: e.Applied) -> Case:
    """The case that an application makes."""
    return Case(
        key=event.case,
        version=event.version,
        state=event.state,
        edition=event.edition,
        recorded_at=event.recorded_at,
        changed_at=event.at,
        application=event,
        history=(event,),
    )


#: What each entry changes of a case.
FOLD: Final[Mapping[type[AnyEvent], Callable[[Case, Any], dict[str, Any]]]] = {
    e.Transferred: _transferred,
    e.Reassigned: _reassigned,
    e.Acknowledged: _acknowledged,
    e.Accepted: _replied,
    e.Declined: _replied,
    e.LeadDesignated: _lead_designated,
    e.RefusalExplained: _refusal_explained,
    e.Scheduled: _scheduled,
    e.Rescheduled: _rescheduled,
    e.VisitFailed: _visit_failed,
    e.Served: _served,
    e.OneTimeNoticeGiven: _one_time_notice_given,
    e.OutcomeReported: _outcome_reported,
    e.Delivered: _delivered,
    e.Closed: _closed,
    e.Withdrawn: _withdrawn,
    e.RegistrationFormFiled: _registration_form_filed,
    e.Archived: _archived,
}
