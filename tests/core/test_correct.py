"""I-6: wrong entries are corrected, never erased, and the whole history is judged anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import pytest
from hypothesis import given

from onsite_workflow import (
    DB4209_T_32_2023,
    Actor,
    Appointment,
    Case,
    Close,
    Corrected,
    CorruptRecord,
    Directory,
    Evidence,
    FindingCode,
    InvalidInput,
    ItemResult,
    NotAllowed,
    OutstandingItem,
    Refused,
    Schedule,
    Serve,
    ServiceItem,
    SpecialGroup,
    State,
    Unit,
    UnitRole,
    Violation,
    evolve,
    findings,
    replay,
)
from onsite_workflow.engine.history import corrected_history

from .build import (
    APPLICANT,
    ASSISTING,
    CALENDAR,
    CARD,
    FINISHED_LATER,
    INVENTED,
    LEAD,
    ORDINARY,
    RENEWAL,
    THIRD,
    WINDOW,
    accept,
    after,
    apply,
    at,
    close,
    correct,
    decline,
    deliver,
    explain_refusal,
    file_registration_form,
    give_one_time_notice,
    joint,
    judged,
    notice,
    of,
    opened,
    play,
    report_failed_visit,
    report_outcome,
    reschedule,
    rules,
    schedule,
    serve,
    staff,
    transfer,
    unfinished,
)
from .walks import SEEDS, end_of, walk

ENTERED = "2025-10-15 09:00"
"""Late enough for any time that a correction names."""

#: The entries of the ordinary case, by number.
APPLY, TRANSFER, ACCEPT, SCHEDULE, SERVE, FORM, CLOSE = range(1, 8)


def accepted() -> Case:
    return play(opened(), transfer(), accept())


def served() -> Case:
    return after(Serve)


def closed() -> Case:
    return after(Close)


def corrected(case: Case, entry: int, by: Actor = WINDOW, /, **fields: Any) -> Case:
    return play(case, (correct(entry, fields, by=by, at=ENTERED), ENTERED))


def refusal(case: Case, entry: int | None, by: Actor = WINDOW, /, **fields: Any) -> Violation:
    """The one rule that the correction breaks."""
    with pytest.raises(Refused) as caught:
        judged(case, (correct(entry, fields, by=by, at=ENTERED), ENTERED))
    (violation,) = caught.value.violations
    return violation


# --- what a correction changes -------------------------------------------------------------------


def test_a_corrected_field_stands_as_if_it_had_been_entered_so() -> None:
    assert (
        corrected(accepted(), APPLY, address="槐荫大道120号").application.address == "槐荫大道120号"
    )


def test_a_field_is_replaced_whole_not_merged() -> None:
    both = (notice(LEAD, RENEWAL, CARD), notice(ASSISTING, CARD))
    case = play(opened(RENEWAL, CARD), transfer(*both))
    case = corrected(case, TRANSFER, notices=(notice(LEAD, RENEWAL, CARD),))
    assert [n.unit for n in case.notices] == [LEAD]


def test_fields_not_named_keep_what_was_entered() -> None:
    before = accepted().application
    now = corrected(accepted(), APPLY, address="槐荫大道120号").application
    assert attrs.evolve(now, address=before.address) == before


def test_several_fields_are_corrected_at_once() -> None:
    case = corrected(
        served(),
        SERVE,
        of(LEAD),
        arrived_at=at("2025-09-18 09:20"),
        left_at=at("2025-09-18 10:20"),
    )
    assert case.visit is not None
    assert (case.visit.arrived_at, case.visit.left_at) == (
        at("2025-09-18 09:20"),
        at("2025-09-18 10:20"),
    )


def test_the_time_of_an_entry_may_be_corrected() -> None:
    case = corrected(accepted(), ACCEPT, of(LEAD), at=at("2025-09-15 13:00"))
    reply = case.notices[0].reply
    assert reply is not None
    assert reply.at == at("2025-09-15 13:00")


def test_the_time_that_later_acts_are_measured_by_is_corrected_with_it() -> None:
    case = corrected(accepted(), ACCEPT, of(LEAD), at=at("2025-09-15 13:00"))
    assert case.changed_at == at("2025-09-15 13:00")


def test_a_list_may_stand_where_the_entry_holds_a_tuple() -> None:
    case = corrected(accepted(), APPLY, evidence=[Evidence(name="残疾人证")])
    assert case.application.evidence == (Evidence(name="残疾人证"),)


@pytest.mark.parametrize(
    ("case", "entry", "by", "field", "left"),
    [
        (lambda: opened(circumstances="独居。"), 1, WINDOW, "circumstances", None),
        (lambda: opened(evidence=(Evidence(name="残疾人证"),)), 1, WINDOW, "evidence", ()),
        (
            lambda: play(accepted(), schedule(end="2025-09-18 11:00")),
            4,
            of(LEAD),
            "end",
            None,
        ),
        (
            lambda: play(served(), file_registration_form(blank={"summary": "见附页。"})),
            6,
            of(LEAD),
            "blank",
            {},
        ),
        (
            lambda: play(served(), close(summary="已办结。")),
            6,
            of(LEAD),
            "summary",
            None,
        ),
    ],
    ids=["circumstances", "evidence", "end", "blank", "summary"],
)
def test_null_removes_what_need_not_be_there(
    case: Callable[[], Case], entry: int, by: Actor, field: str, left: object
) -> None:
    now = corrected(case(), entry, by, **{field: None})
    assert getattr(corrected_entry(now, entry), field) == left


def corrected_entry(case: Case, version: int) -> Any:
    """The entry as the case holds it after its corrections."""
    known = {
        1: case.application,
        4: case.bookings[0].made if case.bookings else None,
        6: case.registration_form or case.closing,
    }
    return known[version]


def test_a_removed_rescheduled_place_is_again_that_of_the_first_appointment() -> None:
    case = play(after(Schedule), reschedule(place="文昌路5号"))
    assert place(case) == "文昌路5号"
    assert place(corrected(case, 5, APPLICANT, place=None)) == "孝南区书院街道槐荫大道118号"


def place(case: Case) -> str:
    assert isinstance(case.appointment, Appointment)
    return case.appointment.place


def test_a_corrected_appointment_is_the_one_the_visit_is_measured_by() -> None:
    case = corrected(after(Schedule), SCHEDULE, of(LEAD), start=at("2025-09-19 14:00"))
    assert case.appointment is not None
    assert case.appointment.start == at("2025-09-19 14:00")


def test_items_are_named_in_a_correction_as_anywhere_else() -> None:
    step = correct(TRANSFER, {"notices": [notice(LEAD, "残疾人证换领", number="9")]})
    (event,) = judged(accepted(), step).events
    assert isinstance(event, Corrected)
    assert event.fields["notices"] == (notice(LEAD, RENEWAL, number="9"),)


def test_the_name_of_an_item_follows_its_corrected_id() -> None:
    case = corrected(opened(), APPLY, items=[ServiceItem(id="A.5.3")])
    assert case.items[0].name == "残疾人证迁移"


# --- nothing is erased ---------------------------------------------------------------------------


def test_the_entry_as_it_was_made_stays_in_the_history() -> None:
    case = corrected(accepted(), APPLY, address="槐荫大道120号")
    assert case.history[:3] == accepted().history
    assert case.history[0] == accepted().application


def test_a_correction_is_an_entry_of_its_own() -> None:
    case = corrected(accepted(), APPLY, address="槐荫大道120号")
    last = case.history[-1]
    assert isinstance(last, Corrected)
    assert (case.version, last.version, last.entry) == (4, 4, 1)
    assert dict(last.fields) == {"address": "槐荫大道120号"}
    assert (last.reason, last.by, last.recorded_at) == ("笔误。", WINDOW, at(ENTERED))


def test_a_correction_leaves_the_state_as_it_is() -> None:
    case = corrected(served(), APPLY, address="槐荫大道120号")
    assert (case.state, case.history[-1].state) == (State.SERVED, State.SERVED)


def test_a_case_goes_on_after_a_correction() -> None:
    case = corrected(accepted(), APPLY, address="槐荫大道120号")
    case = play(case, (schedule(start="2025-10-20 09:00"), ENTERED))
    assert (case.state, case.version) == (State.SCHEDULED, 5)


@given(seed=SEEDS)
def test_a_case_is_the_same_read_anew_from_its_entries(seed: int) -> None:
    case = end_of(walk(seed))
    assert replay(case.history) == case


@given(seed=SEEDS)
def test_a_correction_is_as_if_the_entry_had_been_made_so(seed: int) -> None:
    """Replaying the corrected entries gives the same case, its numbering apart."""
    case = end_of(walk(seed))
    if not any(isinstance(event, Corrected) for event in case.history):
        return
    entries = corrected_history(case.history)
    renumbered = [attrs.evolve(event, version=n) for n, event in enumerate(entries, start=1)]
    straight = replay(renumbered)
    assert (straight.state, straight.result, straight.lead) == (case.state, case.result, case.lead)
    assert straight.changed_at == case.changed_at
    assert straight.appointment == case.appointment
    assert [n.unit for n in straight.notices] == [n.unit for n in case.notices]


# --- a corrected entry is corrected again --------------------------------------------------------


def test_corrections_of_one_entry_add_up() -> None:
    case = corrected(accepted(), APPLY, address="槐荫大道120号")
    case = corrected(case, APPLY, reason="骨折。")
    assert (case.application.address, case.application.reason) == ("槐荫大道120号", "骨折。")


def test_the_last_correction_of_a_field_wins() -> None:
    case = corrected(accepted(), APPLY, address="槐荫大道120号")
    case = corrected(case, APPLY, address="槐荫大道122号")
    assert case.application.address == "槐荫大道122号"


def test_what_a_correction_removed_a_later_one_gives_again() -> None:
    case = corrected(opened(circumstances="独居。"), APPLY, circumstances=None)
    case = corrected(case, APPLY, circumstances="与家人同住。")
    assert case.application.circumstances == "与家人同住。"


def test_a_correction_is_judged_on_the_entries_as_earlier_corrections_left_them() -> None:
    visit_a_day_early = {
        "arrived_at": at("2025-09-17 09:25"),
        "left_at": at("2025-09-17 10:40"),
        "at": at("2025-09-17 11:00"),
    }
    assert refusal(served(), SERVE, of(LEAD), **visit_a_day_early).facts["entry"] == SERVE
    case = corrected(served(), SCHEDULE, of(LEAD), start=at("2025-09-17 09:30"))
    assert corrected(case, SERVE, of(LEAD), **visit_a_day_early).version == 7


def test_a_correction_of_another_entry_is_kept() -> None:
    case = corrected(accepted(), APPLY, address="槐荫大道120号")
    case = corrected(case, ACCEPT, of(LEAD), at=at("2025-09-15 13:00"))
    assert case.application.address == "槐荫大道120号"


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("entry", [None, -1, 0, 4, 99])
def test_an_entry_that_is_not_there_is_not_corrected(entry: int | None) -> None:
    violation = refusal(accepted(), entry, address="槐荫大道120号")
    assert violation.rule == "entry_exists"
    assert dict(violation.facts) == {"entry": entry, "entries": 3}


def test_a_correction_is_not_itself_corrected() -> None:
    case = corrected(accepted(), APPLY, address="槐荫大道120号")
    assert refusal(case, 4, reason="再更正。").rule == "entry_exists"


@pytest.mark.parametrize(
    "field", ["by", "case", "id", "recorded_at", "state", "version", "edition"]
)
def test_who_where_and_when_entered_are_never_corrected(field: str) -> None:
    violation = refusal(accepted(), APPLY, **{field: "x"})
    assert (violation.rule, violation.facts["fields"]) == ("fields_correctable", [field])


def test_a_correction_of_nothing_is_refused() -> None:
    assert refusal(accepted(), APPLY).rule == "fields_correctable"


def test_every_field_that_cannot_be_corrected_is_named() -> None:
    violation = refusal(accepted(), APPLY, address="槐荫大道120号", place="x", reason=None)
    assert violation.facts["fields"] == ["place", "reason"]


@pytest.mark.parametrize("field", ["applicant", "address", "ground", "reason", "items", "at"])
def test_what_a_rule_asks_for_is_not_removed(field: str) -> None:
    violation = refusal(accepted(), APPLY, **{field: None})
    assert (violation.rule, violation.facts["fields"]) == ("fields_correctable", [field])


Correction = tuple[int, Actor, Mapping[str, Any]]

#: What is broken, the case, the correction, the entry that would not have been allowed, its rules.
BREAKS: list[tuple[str, Callable[[], Case], Correction, int, list[list[str]]]] = [
    (
        "the application's own rules",
        accepted,
        (APPLY, WINDOW, {"address": " "}),
        1,
        [["address_given", "7.1"]],
    ),
    (
        "the edition in force",
        accepted,
        (APPLY, WINDOW, {"at": at("2023-06-30 09:00")}),
        1,
        [["edition_in_force", "1"]],
    ),
    (
        "a notice must still carry every item",
        accepted,
        (APPLY, WINDOW, {"items": opened(RENEWAL, CARD).items}),
        2,
        [["every_item_in_a_notice", "7.2"]],
    ),
    (
        "a reply is not given before its notice",
        lambda: play(opened(), (transfer(), "2025-09-15 15:00"), (accept(), "2025-09-15 15:00")),
        (TRANSFER, WINDOW, {"at": at("2025-09-15 14:00:01")}),
        3,
        [["at_not_before_cause", "9"]],
    ),
    (
        "nothing happens after it was entered",
        accepted,
        (ACCEPT, of(LEAD), {"at": at("2025-09-15 14:00:01")}),
        3,
        [["at_not_after_recorded", "9"]],
    ),
    (
        "a unit that replied must have had a notice",
        lambda: play(joint(), accept(LEAD)),
        (TRANSFER, WINDOW, {"notices": (notice(ASSISTING, RENEWAL, CARD, role=UnitRole.LEAD),)}),
        3,
        [["unit_has_notice", "7.2"]],
    ),
    (
        "a visit is not held before the appointed day",
        served,
        (SCHEDULE, of(LEAD), {"start": at("2025-09-19 09:30")}),
        5,
        [["on_appointed_day_or_later", "7.3"]],
    ),
    (
        "a visit that was rescheduled had not begun",
        lambda: play(after(Schedule), reschedule(at="2025-09-17 09:00")),
        (SCHEDULE, of(LEAD), {"start": at("2025-09-17 08:00")}),
        5,
        [["before_appointed_start", "7.2.1"]],
    ),
    (
        "a visit that failed had been due",
        lambda: play(after(Schedule), report_failed_visit()),
        (SCHEDULE, of(LEAD), {"start": at("2025-09-18 15:00")}),
        5,
        [["not_before_start", "7.3"]],
    ),
    (
        "what was told is what is outstanding",
        lambda: play(after(Serve, FINISHED_LATER), give_one_time_notice()),
        (
            SERVE,
            of(LEAD),
            {"results": (ItemResult(item=RENEWAL, completed=True),), "forms_completed": True},
        ),
        6,
        [["something_outstanding", "7.4"], ["only_outstanding_items", "7.4"]],
    ),
    (
        "a closed case had everything completed",
        closed,
        (SERVE, of(LEAD), {"results": unfinished()}),
        7,
        [["every_item_completed", "7.4"]],
    ),
    (
        "what was delivered had been announced",
        lambda: play(None, *FINISHED_LATER[:9]),
        (8, of(LEAD), {"to_deliver": None}),
        9,
        [["announced_and_undelivered", "7.4"]],
    ),
    (
        "a report is about an item of the notice",
        lambda: play(after(Serve, FINISHED_LATER), give_one_time_notice(), report_outcome()),
        (7, of(LEAD), {"item": CARD}),
        7,
        [["item_outstanding", "7.4"]],
    ),
    (
        "a filed form is whole",
        closed,
        (FORM, of(LEAD), {"recipient_opinion": " "}),
        6,
        [["form_whole", "6.3"]],
    ),
    (
        "a refusal has an alternative",
        lambda: play(opened(), transfer(), decline()),
        (3, of(LEAD), {"alternatives": ()}),
        3,
        [["alternatives_given", "7.2.2"]],
    ),
]


@pytest.mark.parametrize(
    ("case", "correction", "broken", "unmet"),
    [pytest.param(*row[1:], id=row[0]) for row in BREAKS],
)
def test_the_corrected_entry_and_every_later_one_must_still_be_allowed(
    case: Callable[[], Case], correction: Correction, broken: int, unmet: list[list[str]]
) -> None:
    entry, by, fields = correction
    violation = refusal(case(), entry, by, **fields)
    assert violation.rule == "corrected_history_allowed"
    named = [f"{rule}（{clause}）" for rule, clause in unmet]
    assert dict(violation.facts) == {"entry": broken, "rules": named}


def test_a_correction_made_since_must_still_be_allowed() -> None:
    """It is an entry like any other, and was not made before the case got where it is (I-15)."""
    made_since = correct(APPLY, {"address": "孝南区新华街道。"}, at="2025-09-15 14:30")
    case = play(
        opened(),
        transfer(),
        (accept(), "2025-09-15 15:00"),
        (made_since, "2025-09-15 15:00"),
    )
    violation = refusal(case, ACCEPT, of(LEAD), at=at("2025-09-15 14:45"))
    assert violation.rule == "corrected_history_allowed"
    assert dict(violation.facts) == {"entry": 4, "rules": ["at_not_before_cause（9）"]}


def test_a_correction_that_would_move_the_case_is_refused() -> None:
    """With two notices the one reply was not the last."""
    two = (notice(LEAD, RENEWAL), notice(ASSISTING, RENEWAL))
    violation = refusal(accepted(), TRANSFER, notices=two)
    assert (violation.rule, dict(violation.facts)) == ("state_unchanged", {"entry": 3})


def test_a_correction_that_would_have_moved_an_entry_in_between_is_refused() -> None:
    """The state after the third entry changes, though not where the case stands now."""
    two = (notice(LEAD, RENEWAL), notice(ASSISTING, RENEWAL))
    assert refusal(served(), TRANSFER, notices=two).facts["entry"] == ACCEPT


def test_a_lead_is_not_made_of_a_unit_that_declined() -> None:
    case = play(joint(), accept(LEAD), decline(ASSISTING))
    swapped = (
        notice(LEAD, RENEWAL, role=UnitRole.ASSISTING),
        notice(ASSISTING, CARD, role=UnitRole.LEAD),
    )
    assert dict(refusal(case, TRANSFER, notices=swapped).facts) == {"entry": 4}


def test_a_refused_correction_names_every_unmet_rule() -> None:
    with pytest.raises(Refused) as caught:
        judged(served(), correct(APPLY, {"address": " "}, by=of(LEAD), reason=None))
    assert rules(caught.value) == ["reason_given", "corrected_history_allowed", "author_of_entry"]


# --- by whom -------------------------------------------------------------------------------------


HALL = attrs.evolve(WINDOW, unit="政务服务大厅")


@pytest.mark.parametrize(
    ("entry", "by", "allowed"),
    [
        pytest.param(APPLY, WINDOW, True, id="the window its application"),
        pytest.param(APPLY, APPLICANT, True, id="the applicant too, who could have applied"),
        pytest.param(APPLY, of(LEAD), False, id="a unit not"),
        pytest.param(TRANSFER, WINDOW, True, id="the window its notices"),
        pytest.param(TRANSFER, HALL, True, id="whichever counter it names itself by"),
        pytest.param(TRANSFER, APPLICANT, False, id="the applicant not"),
        pytest.param(ACCEPT, of(LEAD), True, id="a unit its reply"),
        pytest.param(ACCEPT, WINDOW, False, id="the window not the reply"),
        pytest.param(ACCEPT, of(THIRD), False, id="nor another unit"),
        pytest.param(CLOSE, of(LEAD), True, id="the lead its closing"),
        pytest.param(CLOSE, WINDOW, False, id="the window not the lead's closing"),
    ],
)
def test_an_entry_is_corrected_by_those_who_could_have_made_it_of_the_same_unit(
    entry: int, by: Actor, allowed: bool
) -> None:
    fields = {"at": closed().history[entry - 1].at}
    step = (correct(entry, fields, by=by, at=ENTERED), ENTERED)
    if allowed:
        assert judged(closed(), step).events
    else:
        assert refusal(closed(), entry, by, **fields).rule == "author_of_entry"


def test_whoever_may_not_correct_is_named_by_role_or_unit() -> None:
    by_role = refusal(accepted(), ACCEPT, WINDOW, at=at("2025-09-15 13:00"))
    assert by_role.facts["by"] == "integrated_window"
    assert "综合窗口" in by_role.zh
    by_unit = refusal(accepted(), ACCEPT, of(THIRD), at=at("2025-09-15 13:00"))
    assert by_unit.facts["by"] == THIRD


def test_a_refused_correction_says_in_words_what_would_be_unmet() -> None:
    violation = refusal(accepted(), APPLY, address=" ")
    assert "未提供准确地址" in violation.zh
    assert "The exact address is not given" in violation.en


def test_nothing_of_an_archived_case_is_corrected() -> None:
    with pytest.raises(NotAllowed):
        judged(play(None, *ORDINARY), correct(APPLY, {"address": "槐荫大道120号"}))


# --- what cannot be read -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "by", "fields", "named", "rule"),
    [
        (APPLY, WINDOW, {"address": 118}, "fields.address", "wrong_type"),
        (APPLY, WINDOW, {"address": "槐荫\u202e大道"}, "fields.address", "unsafe_character"),
        (APPLY, WINDOW, {"at": dt.datetime(2025, 9, 15)}, "fields.at", "naive_time"),  # noqa: DTZ001
        (APPLY, WINDOW, {"items": (ServiceItem(id=CARD), 7)}, "fields.items[1]", "wrong_type"),
        (
            TRANSFER,
            WINDOW,
            {"notices": (notice(LEAD, "A.99.1"),)},
            "fields.notices[0].items[0]",
            "unknown_item",
        ),
        (
            SERVE,
            of(LEAD),
            {"staff": staff(LEAD)},
            "fields.staff[0].phone",
            "unknown_field",
        ),
        (
            FORM,
            of(LEAD),
            {"blank": {"applicants": "x"}},
            "fields.blank.applicants",
            "unknown_field",
        ),
    ],
)
def test_a_value_that_the_entry_could_not_have_had_is_named(
    entry: int, by: Actor, fields: Mapping[str, Any], named: str, rule: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        judged(closed(), correct(entry, fields, by=by))
    (violation,) = caught.value.violations
    assert (violation.facts["field"], violation.rule) == (named, rule)


# --- follows, and the directory ------------------------------------------------------------------


def test_the_case_that_this_one_follows_may_be_corrected_to_another_that_exists() -> None:
    step = correct(APPLY, {"follows": "XN-2025-0002"})
    (event,) = judged(opened(), step, existing=["XN-2025-0002"]).events
    assert evolve(opened(), event).application.follows == "XN-2025-0002"


def test_it_may_not_be_corrected_to_one_that_does_not() -> None:
    violation = refusal(opened(), APPLY, follows="XN-2025-0002")
    assert violation.facts["rules"] == ["follows_existing_case（7.1）"]


def test_a_case_that_follows_another_is_corrected_without_asking_for_it_again() -> None:
    (event,) = judged(None, apply(follows="XN-2025-0002"), existing=["XN-2025-0002"]).events
    case = corrected(evolve(None, event), APPLY, address="槐荫大道120号")
    assert case.application.follows == "XN-2025-0002"


def test_a_form_is_judged_again_with_the_directory_it_needs() -> None:
    """The lead's telephone came from the directory, not from the staff."""
    units = Directory([Unit(name=LEAD, phone="0712-2770001")])
    nameless = tuple(attrs.evolve(member, phone=None) for member in staff(LEAD))
    case = play(accepted(), schedule(staff=nameless), serve())
    (event,) = judged(case, file_registration_form(), directory=units).events
    case = evolve(case, event)
    step = correct(FORM, {"summary": "均已办结。"}, by=of(LEAD))
    assert judged(case, step, directory=units).events


def test_a_telephone_that_the_appointment_gave_is_not_taken_from_the_form() -> None:
    """No directory ever had it: without it the form that was filed would not have been whole."""
    nameless = tuple(attrs.evolve(member, phone=None) for member in staff(LEAD))
    violation = refusal(closed(), SCHEDULE, of(LEAD), staff=nameless)
    assert violation.rule == "corrected_history_allowed"
    assert dict(violation.facts) == {"entry": FORM, "rules": ["form_whole（6.3）"]}


def test_of_a_directory_that_lost_one_telephone_the_others_still_count() -> None:
    """Both units' telephones came from the directory; the lead's has gone since."""
    units = [Unit(name=LEAD, phone="0712-2770001"), Unit(name=ASSISTING, phone="0712-2770002")]
    nameless = tuple(attrs.evolve(member, phone=None) for member in staff(LEAD, ASSISTING))
    agreed = play(joint(), accept(LEAD), accept(ASSISTING), schedule(LEAD, staff=nameless))
    visited = play(agreed, serve(LEAD, ASSISTING))
    step = file_registration_form(LEAD, ASSISTING)
    (event,) = judged(visited, step, directory=Directory(units)).events
    case = evolve(visited, event)
    later = correct(case.version, {"summary": "均已办结。"}, by=of(LEAD))
    assert judged(case, later, directory=Directory(units[1:])).events


def test_what_a_correction_removes_is_recorded_as_removed() -> None:
    """The entry reads as if it had been left out; the correction keeps what was written."""
    case = play(None, apply(evidence=(Evidence(name="残疾人证"),)))
    (event,) = judged(case, correct(APPLY, {"evidence": None})).events
    assert isinstance(event, Corrected)
    assert event.fields["evidence"] is None
    assert evolve(case, event).application.evidence == ()


def test_a_correction_that_names_no_entry_is_not_taken_for_one_of_the_first() -> None:
    with pytest.raises(Refused) as caught:
        judged(opened(), correct(None, {"address": 5}))
    assert "entry_exists" in rules(caught.value)


def test_a_name_that_the_list_has_twice_is_the_item_that_the_case_asked_for() -> None:
    """常驻异地工作人员备案 stands in rows 7 and 13 (I-14); this case asked for that of row 7."""
    case = play(opened("A.7.12"), transfer(notice(LEAD, "A.7.12")))
    (event,) = judged(case, correct(2, {"notices": (notice(LEAD, "常驻异地工作人员备案"),)})).events
    assert evolve(case, event).notices[0].items == ("A.7.12",)


def test_a_telephone_that_was_blank_for_a_reason_is_not_there_without_it() -> None:
    nameless = tuple(attrs.evolve(member, phone=None) for member in staff(LEAD))
    blank = {"lead_phone": "窗口电话检修。"}
    case = play(accepted(), schedule(staff=nameless), serve(), file_registration_form(blank=blank))
    violation = refusal(case, FORM, of(LEAD), blank={})
    assert violation.rule == "corrected_history_allowed"
    assert dict(violation.facts) == {"entry": FORM, "rules": ["form_whole（6.3）"]}


def test_the_assisting_units_telephone_may_be_blank_for_a_reason_too() -> None:
    lead, assisting = staff(LEAD, ASSISTING)
    nameless = (lead, attrs.evolve(assisting, phone=None))
    agreed = play(joint(), accept(LEAD), accept(ASSISTING), schedule(LEAD, staff=nameless))
    form = file_registration_form(LEAD, ASSISTING, blank={"assisting_phones": "电话检修。"})
    case = play(agreed, serve(LEAD, ASSISTING), form)
    violation = refusal(case, case.version, of(LEAD), blank={})
    assert violation.rule == "corrected_history_allowed"


def test_a_case_goes_on_after_a_correction_and_can_be_corrected_again() -> None:
    """Corrections are no entries of their own: what follows one follows the entry before it."""
    case = play(
        opened(),
        correct(APPLY, {"address": "槐荫大道120号"}, at="2025-09-15 09:30"),
        transfer(),
        correct(APPLY, {"address": "槐荫大道122号"}, at="2025-09-15 10:30"),
        accept(),
        correct(APPLY, {"reason": "卧床。"}, at="2025-09-15 14:30"),
    )
    assert (case.version, case.application.address) == (6, "槐荫大道122号")
    assert replay(case.history) == case


def test_an_entry_is_corrected_though_a_later_one_was_corrected_since() -> None:
    """The correction of entry 4 is judged again too, and still finds the entry that it names."""
    case = play(
        opened(),
        transfer(),
        correct(APPLY, {"address": "槐荫大道120号"}, at="2025-09-15 10:30"),
        accept(),
        correct(4, {"at": at("2025-09-15 13:50")}, at="2025-09-15 15:00", by=of(LEAD)),
    )
    case = corrected(case, APPLY, reason="卧床。")
    assert case.application.reason == "卧床。"


# --- findings are judged anew --------------------------------------------------------------------


def late_reply() -> Case:
    return play(opened(), transfer(), (accept(at="2025-09-17 09:00"), "2025-09-17 09:00"))


def found(case: Case) -> list[FindingCode]:
    return [f.code for f in findings(case, regulation=DB4209_T_32_2023, calendar=CALENDAR)]


def test_a_corrected_time_can_undo_a_late_act_but_not_its_late_entry() -> None:
    case = corrected(late_reply(), ACCEPT, of(LEAD), at=at("2025-09-16 09:00"))
    assert (found(late_reply()), found(case)) == (
        [FindingCode.LATE_ACT],
        [FindingCode.LATE_ENTRY],
    )


def test_a_correction_answers_with_what_it_newly_found() -> None:
    step = correct(ACCEPT, {"at": at("2025-09-17 08:00")}, by=of(LEAD))
    (finding,) = judged(late_reply(), step).findings
    assert (finding.code, finding.by_seconds, finding.version) == (
        FindingCode.LATE_ACT,
        8 * 3600,
        ACCEPT,
    )


def test_a_correction_that_finds_nothing_new_answers_with_nothing() -> None:
    step = correct(APPLY, {"address": "槐荫大道120号"})
    assert judged(late_reply(), step).findings == ()


def test_an_earlier_notice_makes_a_reply_late() -> None:
    case = play(
        opened(at="2025-09-12 09:00"),
        transfer(at="2025-09-15 10:00"),
        accept(at="2025-09-16 09:00"),
    )
    step = correct(TRANSFER, {"at": at("2025-09-12 10:00")})
    (finding,) = judged(case, step).findings
    assert (finding.code, finding.version) == (FindingCode.LATE_ACT, ACCEPT)


def test_a_later_appointment_undoes_a_late_arrival() -> None:
    case = play(after(Schedule), serve(arrived_at="2025-09-18 09:45"))
    case = corrected(case, SCHEDULE, of(LEAD), start=at("2025-09-18 10:00"))
    assert found(case) == []


def test_a_visit_is_late_under_the_editions_own_limits_after_a_correction() -> None:
    case = play(None, apply(), transfer(), regulation=INVENTED)
    step = correct(TRANSFER, {"at": at("2025-09-15 13:00")})
    with pytest.raises(Refused):  # it was entered at 10:00
        judged(case, step, regulation=INVENTED)
    step = correct(APPLY, {"at": at("2025-09-15 06:00")})
    (finding,) = judged(case, step, regulation=INVENTED).findings
    assert (finding.code, finding.by_seconds) == (FindingCode.LATE_ACT, 0)


# --- any entry of the table can be corrected -----------------------------------------------------

CORRECTABLE: list[tuple[Callable[[], Case], int, Actor, dict[str, Any]]] = [
    (served, APPLY, WINDOW, {"ground": SpecialGroup.ELDERLY}),
    (served, TRANSFER, WINDOW, {"notices": (notice(LEAD, RENEWAL, number="9"),)}),
    (served, SCHEDULE, of(LEAD), {"materials": ("身份证",)}),
    (
        lambda: play(after(Schedule), reschedule()),
        5,
        APPLICANT,
        {"reason": "当日须去复查。"},
    ),
    (lambda: play(after(Schedule), report_failed_visit()), 5, of(LEAD), {"note": "门锁着。"}),
    (served, SERVE, of(LEAD), {"results": (ItemResult(item=RENEWAL, completed=True, note="x"),)}),
    (
        lambda: play(after(Serve, FINISHED_LATER), give_one_time_notice()),
        6,
        of(LEAD),
        {"outstanding": (OutstandingItem(item=RENEWAL, needed=("照片", "回执")),)},
    ),
    (lambda: play(None, *FINISHED_LATER[:9]), 8, of(LEAD), {"outcome": "已办结，待领取。"}),
    (lambda: play(None, *FINISHED_LATER[:9]), 9, of(LEAD), {"received_by": "李建国"}),
    (closed, FORM, of(LEAD), {"summary": "均已办结。"}),
    (closed, CLOSE, of(LEAD), {"summary": "均已办结。"}),
    (
        lambda: play(opened(), transfer(), decline(), explain_refusal()),
        4,
        of(LEAD),
        {"channel": "上门"},
    ),
]


@pytest.mark.parametrize(("case", "entry", "by", "fields"), CORRECTABLE)
def test_an_entry_of_any_kind_may_be_corrected(
    case: Callable[[], Case], entry: int, by: Actor, fields: dict[str, Any]
) -> None:
    before = case()
    now = corrected(before, entry, by, **fields)
    assert now != before
    assert replay(now.history) == now


def test_a_delivery_after_the_closing_may_be_corrected() -> None:
    case = play(closed(), (deliver(None, at="2025-09-24 11:00"), "2025-09-24 11:00"))
    now = corrected(case, 8, of(LEAD), materials=("残疾人证", "回执"))
    assert now.deliveries[0].materials == ("残疾人证", "回执")


# --- stored corrections that cannot follow -------------------------------------------------------


def stored(case: Case, **changes: Any) -> Corrected:
    (event,) = judged(case, correct(APPLY, {"address": "槐荫大道120号"})).events
    assert isinstance(event, Corrected)
    return attrs.evolve(event, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"entry": 9}, id="an entry that is not there"),
        pytest.param({"entry": None}, id="no entry"),
        pytest.param({"fields": {"place": "x"}}, id="a field that the entry does not have"),
    ],
)
def test_a_stored_correction_that_fits_no_entry_is_a_corrupt_record(
    changes: Mapping[str, Any],
) -> None:
    case = accepted()
    with pytest.raises(CorruptRecord) as caught:
        evolve(case, stored(case, **changes))
    (violation,) = caught.value.violations
    assert violation.rule == "unreadable_event"
    assert dict(violation.facts) == {"case": case.id, "version": 4, "event": "corrected"}


def test_a_form_filed_with_the_directory_of_its_day_stays_whole_when_the_directory_changes() -> (
    None
):
    case, filed = None, closed()
    without_phone = attrs.evolve(
        filed.bookings[-1].made,
        staff=tuple(attrs.evolve(m, phone=None) for m in filed.bookings[-1].made.staff or ()),
    )
    history = tuple(
        without_phone if event.version == without_phone.version else event
        for event in filed.history
    )
    for event in history:
        case = evolve(case, event)
    assert case is not None
    assert case.registration_form is not None
    corrected = judged(case, (correct(1, {"address": "孝南区书院街道2号"}, at=ENTERED), ENTERED))
    assert corrected.events
