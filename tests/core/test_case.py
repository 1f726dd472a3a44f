"""The fold: what a case is, from its entries alone."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given

from onsite_workflow import (
    Applied,
    Case,
    Close,
    CorruptRecord,
    Event,
    GiveOneTimeNotice,
    ReportOutcome,
    Result,
    Schedule,
    Serve,
    State,
    TransferNotice,
    UnitRole,
    Withdrawn,
    evolve,
    replay,
)

from .build import (
    APPLICANT,
    ASSISTING,
    CARD,
    CASE,
    ENROLMENT,
    FINISHED_LATER,
    LEAD,
    ORDINARY,
    RENEWAL,
    THIRD,
    WINDOW,
    accept,
    acknowledge,
    after,
    apply,
    at,
    close,
    correct,
    decline,
    deliver,
    designate_lead,
    explain_refusal,
    file_registration_form,
    joint,
    judged,
    notice,
    opened,
    play,
    reassign,
    report_failed_visit,
    reschedule,
    schedule,
    serve,
    staff,
    transfer,
    unfinished,
    withdraw,
)
from .walks import SEEDS, walk


def scheduled() -> Case:
    return after(Schedule)


# --- a case is its entries -----------------------------------------------------------------------


@given(seed=SEEDS)
def test_entry_by_entry_and_all_at_once_lead_to_the_same_case(seed: int) -> None:
    case: Case | None = None
    for _, _, _, decision in walk(seed):
        (event,) = decision.events
        case = evolve(case, event)
        assert replay(case.history) == case
        assert (case.version, case.state) == (event.version, event.state)


def test_a_case_holds_its_entries_in_order() -> None:
    case = play(None, *ORDINARY)
    assert [event.name for event in case.history] == [
        "applied",
        "transferred",
        "accepted",
        "scheduled",
        "served",
        "registration_form_filed",
        "closed",
        "archived",
    ]
    assert [event.version for event in case.history] == list(range(1, 9))


def test_a_case_points_at_its_entries_instead_of_copying_them() -> None:
    case = play(None, *FINISHED_LATER)
    by_name = {event.name: event for event in case.history}
    assert case.application is by_name["applied"]
    assert case.transferred is by_name["transferred"]
    assert case.visit is by_name["served"]
    assert case.one_time_notice is by_name["one_time_notice_given"]
    assert case.outcomes[0] is by_name["outcome_reported"]
    assert case.deliveries[0] is by_name["delivered"]
    assert case.registration_form is by_name["registration_form_filed"]
    assert case.closing is by_name["closed"]
    assert case.archived is by_name["archived"]


def test_a_new_case_has_nothing_but_its_application() -> None:
    case = opened()
    empty = attrs.asdict(case, recurse=False)
    for given_ in (
        "key",
        "version",
        "state",
        "edition",
        "recorded_at",
        "changed_at",
        "application",
        "history",
    ):
        del empty[given_]
    assert set(empty.values()) == {None, ()}
    assert (case.id, case.state, case.edition) == (CASE, State.APPLIED, "DB4209/T 32—2023")


def test_a_case_is_shown_by_its_id_and_where_it_stands() -> None:
    assert repr(scheduled()) == "<Case XN-2025-0915 scheduled version 4>"


# --- entries that do not follow ------------------------------------------------------------------


def event_of(case: Case | None, command: Any) -> Any:
    (event,) = judged(case, command).events
    return event


TRANSFERRED = event_of(opened(), transfer())
APPLIED = event_of(None, apply())


@pytest.mark.parametrize(
    ("case", "event"),
    [
        pytest.param(None, TRANSFERRED, id="a case that begins without its application"),
        pytest.param(None, attrs.evolve(APPLIED, version=2), id="an application that is no first"),
        pytest.param(opened(), attrs.evolve(APPLIED, version=2), id="a second application"),
        pytest.param(opened(), attrs.evolve(TRANSFERRED, version=3), id="an entry left out"),
        pytest.param(opened(), attrs.evolve(TRANSFERRED, version=1), id="an entry twice"),
        pytest.param(opened(), attrs.evolve(TRANSFERRED, case="XN-2"), id="another case's entry"),
        pytest.param(
            play(opened(), transfer()),
            attrs.evolve(event_of(play(opened(), transfer()), reassign()), notice=None),
            id="a reassignment without a notice",
        ),
        pytest.param(
            play(opened(), transfer(), accept()),
            attrs.evolve(event_of(play(opened(), transfer(), accept()), schedule()), start=None),
            id="an appointment without a time",
        ),
        pytest.param(
            scheduled(),
            attrs.evolve(event_of(scheduled(), reschedule()), start=None),
            id="a new appointment without a time",
        ),
    ],
)
def test_an_entry_that_cannot_follow_is_a_corrupt_record(case: Case | None, event: Event) -> None:
    with pytest.raises(CorruptRecord) as caught:
        evolve(case, event)
    (violation,) = caught.value.violations
    assert violation.rule == "unreadable_event"
    assert violation.zh == f"第{event.version}条记录不能接在前面的记录之后。"
    assert violation.en == f"entry {event.version} cannot follow what this case holds."
    assert dict(violation.facts) == {
        "case": event.case,
        "version": event.version,
        "event": event.name,
    }


def test_a_stored_rescheduling_of_nothing_is_read_as_the_appointment_it_makes() -> None:
    case = play(opened(), transfer(), accept())
    moved = attrs.evolve(event_of(scheduled(), reschedule()), version=case.version + 1)
    appointment = evolve(case, moved).appointment
    assert appointment is not None
    assert appointment.start == at("2025-09-19 09:30")


def test_a_stored_appointment_without_a_place_has_an_empty_one() -> None:
    case = play(opened(), transfer(), accept())
    appointment = evolve(case, attrs.evolve(event_of(case, schedule()), place=None)).appointment
    assert appointment is not None
    assert appointment.place == ""


def test_no_entries_make_no_case() -> None:
    with pytest.raises(CorruptRecord) as caught:
        replay([])
    (violation,) = caught.value.violations
    assert (violation.rule, violation.zh, violation.en) == (
        "no_events",
        "没有任何记录。",
        "there are no entries.",
    )


def test_a_corrected_case_was_last_recorded_when_the_correction_was() -> None:
    case = play(opened(), (correct(1, {"reason": "卧床。"}), "2025-09-25 09:30"))
    assert case.recorded_at == at("2025-09-25 09:30")


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([APPLIED, attrs.evolve(TRANSFERRED, version=3)], id="one is left out"),
        pytest.param([APPLIED, TRANSFERRED, TRANSFERRED], id="one stands there twice"),
        pytest.param([TRANSFERRED, APPLIED], id="they are out of order"),
        pytest.param([attrs.evolve(TRANSFERRED, version=1)], id="the first is no application"),
        pytest.param([APPLIED, attrs.evolve(TRANSFERRED, case="XN-2")], id="one is another's"),
    ],
)
def test_a_stored_history_out_of_its_order_is_a_corrupt_record(entries: list[Event]) -> None:
    with pytest.raises(CorruptRecord):
        replay(entries)


def test_an_entry_of_no_known_kind_is_a_corrupt_record() -> None:
    class Invented(Event):
        name = "invented"

    held = {f.name: getattr(TRANSFERRED, f.name) for f in attrs.fields(Event)}
    with pytest.raises(CorruptRecord):
        evolve(opened(), Invented(**held))


def test_the_fold_judges_nothing() -> None:
    """What was allowed once stays readable, whatever the rules become."""
    strange = attrs.evolve(TRANSFERRED, state=State.CLOSED)
    assert evolve(opened(), strange).state is State.CLOSED


# --- units ---------------------------------------------------------------------------------------


def test_before_the_transfer_nobody_leads() -> None:
    case = opened()
    assert (case.lead, case.lead_notice, case.visiting_units) == (None, None, ())


def test_the_lead_is_the_unit_whose_notice_says_so() -> None:
    case = play(
        opened(RENEWAL, CARD),
        transfer(
            notice(ASSISTING, CARD, role=UnitRole.ASSISTING),
            notice(LEAD, RENEWAL, role=UnitRole.LEAD),
        ),
    )
    assert case.lead == LEAD
    assert case.lead_notice is case.notices[1]


def test_the_designated_unit_leads_from_then_on() -> None:
    case = play(joint(), decline(LEAD), accept(ASSISTING), designate_lead(ASSISTING))
    assert case.lead == ASSISTING
    assert case.lead_notice is not None
    assert case.lead_notice.unit == LEAD  # the notice says what it said


def test_the_lead_and_every_accepting_unit_visit_together() -> None:
    case = play(
        opened(RENEWAL, CARD, ENROLMENT),
        transfer(notice(THIRD, ENROLMENT), notice(ASSISTING, CARD), notice(LEAD, RENEWAL)),
        accept(THIRD),
        decline(ASSISTING),
        accept(LEAD),
    )
    assert case.visiting_units == (LEAD, THIRD)


def test_a_designated_lead_is_counted_once_among_the_visitors() -> None:
    case = play(joint(), decline(LEAD), accept(ASSISTING), designate_lead(ASSISTING))
    assert case.visiting_units == (ASSISTING,)


def test_a_reply_is_kept_with_its_units_notice() -> None:
    case = play(joint(), acknowledge(ASSISTING), decline(ASSISTING), explain_refusal(ASSISTING))
    lead, assisting = case.notices
    assert (lead.acknowledged, lead.reply, lead.explained) == (None, None, None)
    kept = (assisting.acknowledged, assisting.reply, assisting.explained)
    assert kept == case.history[2:5]
    assert (assisting.accepted, assisting.declined) == (False, True)


def test_a_notice_without_a_reply_is_neither_accepted_nor_declined() -> None:
    assert {(n.accepted, n.declined) for n in joint().notices} == {(False, False)}


def test_a_reassigned_notice_takes_the_place_of_the_old_one_which_is_kept_aside() -> None:
    case = play(joint(), reassign(LEAD))
    assert [n.unit for n in case.notices] == [THIRD, ASSISTING]
    (old,) = case.replaced_notices
    assert (old.unit, old.replaced) == (LEAD, case.history[-1])
    assert case.notices[0].issued is case.history[-1]


def test_a_notice_is_found_by_its_unit() -> None:
    case = joint()
    assert case.notice_of(ASSISTING) is case.notices[1]
    assert case.notice_of(THIRD) is None
    assert case.notice_of(None) is None


# --- items ---------------------------------------------------------------------------------------


def shared(*steps: Any) -> Case:
    """An item of the assisting unit, and one that the lead carries too."""
    return play(
        opened(RENEWAL, CARD),
        transfer(notice(ASSISTING, RENEWAL, CARD), notice(LEAD, RENEWAL)),
        *steps,
    )


def test_the_lead_answers_for_an_item_that_it_carries() -> None:
    case = shared()
    assert case.answering_notice(RENEWAL) == case.notice_of(LEAD)


def test_an_assisting_unit_answers_for_an_item_of_its_own() -> None:
    case = shared()
    assert case.answering_notice(CARD) == case.notice_of(ASSISTING)


def test_nobody_answers_for_an_item_that_is_in_no_notice() -> None:
    assert shared().answering_notice(ENROLMENT) is None
    assert shared().answering_notice(None) is None


def test_an_item_is_accepted_where_its_answering_unit_accepted() -> None:
    assert shared(accept(LEAD), decline(ASSISTING)).accepted_items == (RENEWAL,)
    assert shared(decline(LEAD), accept(ASSISTING)).accepted_items == (CARD,)
    assert shared(accept(LEAD)).accepted_items == (RENEWAL,)


def test_accepted_items_come_in_the_order_they_were_applied_for() -> None:
    assert shared(accept(LEAD), accept(ASSISTING)).accepted_items == (RENEWAL, CARD)


def test_before_the_visit_nothing_is_outstanding_and_nothing_promised() -> None:
    assert (scheduled().outstanding_items, scheduled().promised_items) == ((), ())


def test_what_the_visit_did_not_complete_is_outstanding() -> None:
    case = play(
        joint(),
        accept(LEAD),
        accept(ASSISTING),
        schedule(LEAD, ASSISTING),
        serve(
            LEAD,
            ASSISTING,
            results=(*serve(LEAD).results, *unfinished(CARD)),
        ),
    )
    assert case.outstanding_items == (CARD,)


def test_what_the_notice_names_is_promised() -> None:
    assert after(GiveOneTimeNotice, FINISHED_LATER).promised_items == (RENEWAL,)


def test_outcomes_and_deliveries_are_found_by_their_item() -> None:
    case = after(ReportOutcome, FINISHED_LATER)
    assert case.outcome_of(RENEWAL) is case.outcomes[0]
    assert case.outcome_of(CARD) is None
    assert case.delivery_of(RENEWAL) is None
    assert play(case, deliver()).delivery_of(RENEWAL) is not None
    assert play(case, deliver(None)).delivery_of(RENEWAL) is None


# --- appointments --------------------------------------------------------------------------------


def appointment(case: Case) -> dict[str, Any]:
    assert case.appointment is not None
    return attrs.asdict(case.appointment, recurse=False)


def test_without_an_appointment_there_is_none() -> None:
    assert opened().appointment is None


def test_an_appointment_is_what_was_agreed() -> None:
    assert appointment(scheduled()) == {
        "start": at("2025-09-18 09:30"),
        "end": None,
        "place": "孝南区书院街道槐荫大道118号",
        "materials": ("身份证", "原残疾人证"),
        "staff": staff(LEAD),
    }


def test_what_a_rescheduling_leaves_out_keeps_its_value() -> None:
    case = play(scheduled(), reschedule())
    kept = appointment(scheduled()) | {"start": at("2025-09-19 09:30")}
    assert appointment(case) == kept


def test_what_a_rescheduling_gives_is_changed() -> None:
    everything = {
        "start": at("2025-09-19 09:30"),
        "end": at("2025-09-19 11:00"),
        "place": "文昌路5号",
        "materials": (),
        "staff": staff(LEAD, THIRD),
    }
    assert appointment(play(scheduled(), reschedule(**everything))) == everything


def test_a_blank_place_leaves_the_place_as_it_was() -> None:
    case = play(scheduled(), reschedule(place=" "))
    assert appointment(case)["place"] == "孝南区书院街道槐荫大道118号"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param("2025-09-18 10:30", "2025-09-18 11:00", id="kept while it comes after"),
        pytest.param("2025-09-18 11:00", None, id="dropped where it is the new start"),
        pytest.param("2025-09-19 09:30", None, id="dropped where it lies before"),
    ],
)
def test_an_end_is_kept_while_it_lies_after_the_new_start(start: str, end: str | None) -> None:
    case = play(
        opened(), transfer(), accept(), schedule(end="2025-09-18 11:00"), reschedule(start=start)
    )
    assert appointment(case)["end"] == (None if end is None else at(end))


def test_a_second_appointment_takes_nothing_over_from_a_failed_one() -> None:
    case = play(
        opened(),
        transfer(),
        accept(),
        schedule(end="2025-09-18 11:00"),
        report_failed_visit(),
        schedule(at="2025-09-19 09:00", start="2025-09-22 09:00", materials=()),
    )
    assert (appointment(case)["end"], appointment(case)["materials"]) == (None, ())


@pytest.mark.parametrize(
    ("step", "ended"),
    [
        (reschedule(), "rescheduled"),
        (report_failed_visit(), "visit_failed"),
        (serve(), "served"),
        (withdraw(), "withdrawn"),
    ],
)
def test_an_appointment_is_ended_by_what_came_of_it(step: Any, ended: str) -> None:
    booking = play(scheduled(), step).bookings[0]
    assert booking.ended is not None
    assert booking.ended.name == ended


def test_a_standing_appointment_is_not_ended() -> None:
    assert play(scheduled(), reschedule()).bookings[1].ended is None


def test_an_appointment_that_failed_is_not_ended_again_by_a_withdrawal() -> None:
    case = play(scheduled(), report_failed_visit(), withdraw(at="2025-09-18 11:00"))
    (booking,) = case.bookings
    assert booking.ended is case.history[4]


# --- how a case ends -----------------------------------------------------------------------------


def test_a_case_has_no_result_before_it_is_closed() -> None:
    assert after(Serve).result is None


@pytest.mark.parametrize(
    ("case", "result"),
    [
        (after(Close), Result.COMPLETED_ON_SITE),
        (after(Close, FINISHED_LATER), Result.COMPLETED_LATER),
        (play(opened(), transfer(), decline(), explain_refusal(), close()), Result.DECLINED),
        (play(opened(), withdraw()), Result.WITHDRAWN),
        (play(None, *ORDINARY), Result.COMPLETED_ON_SITE),
    ],
)
def test_the_result_says_why_a_case_ended(case: Case, result: Result) -> None:
    assert case.result is result


def test_a_withdrawal_is_known_as_such() -> None:
    withdrawn = play(opened(), withdraw())
    assert isinstance(withdrawn.withdrawn, Withdrawn)
    assert withdrawn.withdrawn is withdrawn.closing
    assert after(Close).withdrawn is None
    assert opened().withdrawn is None


# --- the time that later acts are measured by (I-15) ----------------------------------------------


@pytest.mark.parametrize(
    ("case", "changed_at"),
    [
        pytest.param(opened(), "2025-09-15 09:00", id="the application"),
        pytest.param(play(joint(), accept(LEAD)), "2025-09-15 14:00", id="a reply"),
        pytest.param(
            play(joint(), accept(LEAD), acknowledge(ASSISTING, at="2025-09-15 14:30")),
            "2025-09-15 14:00",
            id="not an acknowledgement",
        ),
        pytest.param(play(scheduled(), reschedule()), "2025-09-15 16:00", id="not a rescheduling"),
        pytest.param(
            play(after(Serve), file_registration_form()), "2025-09-18 11:00", id="not the form"
        ),
        pytest.param(
            play(
                joint(),
                accept(LEAD, at="2025-09-16 15:00"),
                (accept(ASSISTING), "2025-09-17 09:00"),
            ),
            "2025-09-16 15:00",
            id="the later of two replies, however entered",
        ),
    ],
)
def test_a_case_was_changed_by_its_latest_change_of_state_or_reply(
    case: Case, changed_at: str
) -> None:
    assert case.changed_at == at(changed_at)


def test_a_case_was_entered_when_its_latest_entry_was() -> None:
    case = play(opened(), (transfer(), "2025-09-16 08:00"))
    assert case.recorded_at == at("2025-09-16 08:00")


def test_a_notice_without_a_number_is_read_back_all_the_same() -> None:
    numberless = TransferNotice(unit=LEAD, role=UnitRole.LEAD, items=(RENEWAL,))
    strange = attrs.evolve(TRANSFERRED, notices=(numberless,))
    assert evolve(opened(), strange).notices[0].number == ""


def test_the_application_says_who_applied() -> None:
    case = play(None, apply(by=APPLICANT))
    assert isinstance(case.application, Applied)
    assert case.application.by == APPLICANT != WINDOW
    assert case.items == opened().items
