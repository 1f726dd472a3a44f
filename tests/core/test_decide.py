"""What a command does to a case, or why it does nothing: every rule alone, and all at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import pytest
from hypothesis import given

from onsite_workflow import (
    DB4209_T_32_2023,
    MOVES,
    Applicant,
    Case,
    CaseNotFound,
    Catalogue,
    CatalogueItem,
    Cause,
    Close,
    Command,
    GiveOneTimeNotice,
    InvalidInput,
    ItemResult,
    NotAllowed,
    OnsiteWorkflowError,
    OutstandingItem,
    Refused,
    Schedule,
    Serve,
    ServiceItem,
    Signature,
    SpecialGroup,
    State,
    TransferNotice,
    UnitRole,
    Violation,
    WrongRole,
    decide,
    evolve,
)
from onsite_workflow.clause7.forms import ANNEX_B
from onsite_workflow.clause7.procedure import EVERY_MOVE

from .build import (
    APPLICANT,
    ASSISTING,
    CALENDAR,
    CARD,
    CASE,
    ENROLMENT,
    FINISHED_LATER,
    INVENTED,
    LEAD,
    ORDINARY,
    RENEWAL,
    STRANGER,
    THIRD,
    WINDOW,
    Step,
    accept,
    acknowledge,
    after,
    apply,
    archive,
    at,
    close,
    correct,
    decline,
    deliver,
    designate_lead,
    explain_refusal,
    file_registration_form,
    give_one_time_notice,
    item,
    joint,
    judged,
    notice,
    of,
    opened,
    play,
    reassign,
    report_failed_visit,
    report_outcome,
    reschedule,
    rules,
    schedule,
    serve,
    staff,
    transfer,
    unfinished,
    withdraw,
)
from .walks import SEEDS, walk


def refusal(case: Case | None, step: Step) -> Refused:
    with pytest.raises(Refused) as caught:
        judged(case, step)
    return caught.value


# --- each guard alone: a command that meets it, and the same one that does not -------------------


def nothing() -> None:
    """No case yet."""


def transferred() -> Case:
    return play(opened(), transfer())


def accepted() -> Case:
    return play(transferred(), accept())


def both_accepted() -> Case:
    return play(joint(), accept(LEAD), accept(ASSISTING))


def lead_declined() -> Case:
    return play(joint(), decline(LEAD), accept(ASSISTING))


def scheduled() -> Case:
    return after(Schedule)


def scheduled_jointly() -> Case:
    return play(both_accepted(), schedule(LEAD, ASSISTING))


def served() -> Case:
    return after(Serve)


def served_jointly() -> Case:
    return play(scheduled_jointly(), serve(LEAD, ASSISTING))


def served_unfinished() -> Case:
    return after(Serve, FINISHED_LATER)


def given_notice() -> Case:
    return after(GiveOneTimeNotice, FINISHED_LATER)


def reported() -> Case:
    return play(given_notice(), report_outcome(to_deliver=("残疾人证",)))


def closed() -> Case:
    return after(Close)


def closed_without_form() -> Case:
    return play(served(), close(at="2025-09-18 12:00"))


def closed_without_visit() -> Case:
    return play(transferred(), decline(), explain_refusal(), close())


BLANK = dict.fromkeys((f.name for f in ANNEX_B), "没有上门。")

LATE = "2025-09-26 09:00"
"""After everything that happens in the ordinary cases."""

Broken = tuple[
    str, str, Callable[[], Case | None], Command | tuple[Command, str], Command, dict[str, Any]
]

#: command, rule, the case, the command refused, the command allowed, the facts judged.
BROKEN: list[Broken] = [
    (
        "apply",
        "edition_in_force",
        nothing,
        apply(at="2023-06-30 23:59"),
        apply(at="2023-07-01 00:00"),
        {
            "day": "2023-06-30",
            "edition": "DB4209/T 32—2023",
            "in_force_from": "2023-07-01",
        },
    ),
    ("apply", "applicant_reachable", nothing, apply(applicant=None), apply(), {}),
    (
        "apply",
        "applicant_reachable",
        nothing,
        apply(applicant=Applicant(name="王秀兰", phone="  ")),
        apply(applicant=Applicant(name="王秀兰", phone="13900001234")),
        {},
    ),
    ("apply", "address_given", nothing, apply(address=" "), apply(), {}),
    ("apply", "reason_given", nothing, apply(reason=None), apply(), {}),
    ("apply", "ground_given", nothing, apply(ground=None), apply(), {}),
    (
        "apply",
        "circumstances_told",
        nothing,
        apply(ground=SpecialGroup.OTHER),
        apply(ground=SpecialGroup.OTHER, circumstances="产后一个月。"),
        {},
    ),
    ("apply", "items_named", nothing, apply(items=()), apply(), {}),
    (
        "apply",
        "item_claim_grounded",
        nothing,
        apply(items=(ServiceItem(name="营业执照遗失补办"),)),
        apply(items=(ServiceItem(name="营业执照遗失补办", ground="业主卧床。"),)),
        {"items": ["营业执照遗失补办"]},
    ),
    (
        "apply",
        "items_distinct",
        nothing,
        apply(items=(item(RENEWAL), ServiceItem(name="残疾人证换领"))),
        apply(items=(item(RENEWAL), item(CARD))),
        {"items": [RENEWAL]},
    ),
    (
        "apply",
        "follows_existing_case",
        nothing,
        apply(follows="XN-2025-0001"),
        apply(),
        {"follows": "XN-2025-0001"},
    ),
    (
        "transfer",
        "every_item_in_a_notice",
        lambda: opened(RENEWAL, CARD),
        transfer(),
        transfer(notice(LEAD, RENEWAL, CARD)),
        {"items": [CARD]},
    ),
    (
        "transfer",
        "only_items_of_the_case",
        opened,
        transfer(notice(LEAD, RENEWAL, CARD)),
        transfer(),
        {"items": [CARD]},
    ),
    (
        "transfer",
        "one_notice_per_unit",
        lambda: opened(RENEWAL, CARD),
        transfer(
            notice(LEAD, RENEWAL),
            notice(ASSISTING, CARD),
            notice(ASSISTING, RENEWAL, number="转〔2025〕99"),
        ),
        transfer(notice(LEAD, RENEWAL), notice(ASSISTING, CARD, RENEWAL)),
        {"units": [ASSISTING]},
    ),
    (
        "transfer",
        "exactly_one_lead",
        opened,
        transfer(notice(LEAD, RENEWAL), notice(THIRD, RENEWAL, role=UnitRole.LEAD)),
        transfer(notice(LEAD, RENEWAL), notice(THIRD, RENEWAL)),
        {"count": 2, "units": [LEAD, THIRD]},
    ),
    (
        "transfer",
        "exactly_one_lead",
        opened,
        transfer(notice(LEAD, RENEWAL, role=UnitRole.ASSISTING)),
        transfer(notice(LEAD, RENEWAL)),
        {"count": 0, "units": []},
    ),
    (
        "transfer",
        "shared_item_has_lead",
        lambda: opened(RENEWAL, CARD),
        transfer(notice(LEAD, RENEWAL), notice(ASSISTING, CARD), notice(THIRD, CARD)),
        transfer(notice(LEAD, RENEWAL, CARD), notice(ASSISTING, CARD), notice(THIRD, CARD)),
        {"items": [CARD]},
    ),
    (
        "transfer",
        "numbers_present_and_distinct",
        opened,
        transfer(notice(LEAD, RENEWAL, number=" ")),
        transfer(),
        {"missing": 1, "repeated": []},
    ),
    (
        "transfer",
        "numbers_present_and_distinct",
        lambda: opened(RENEWAL, CARD),
        transfer(notice(LEAD, RENEWAL, number="7"), notice(ASSISTING, CARD, number="7")),
        transfer(notice(LEAD, RENEWAL, number="7"), notice(ASSISTING, CARD, number="8")),
        {"missing": 0, "repeated": ["7"]},
    ),
    ("reassign", "reason_given", transferred, reassign(reason=""), reassign(), {}),
    (
        "reassign",
        "unit_has_notice",
        transferred,
        reassign(STRANGER),
        reassign(LEAD),
        {"unit": STRANGER},
    ),
    (
        "reassign",
        "unit_has_not_replied",
        lambda: play(joint(), accept(ASSISTING)),
        reassign(ASSISTING, at=LATE, notice=notice(THIRD, CARD)),
        reassign(LEAD, at=LATE, notice=notice(THIRD, RENEWAL, role=UnitRole.LEAD)),
        {"unit": ASSISTING, "reply": "accepted", "at": "2025-09-15T14:00:00+08:00"},
    ),
    (
        "reassign",
        "new_unit_has_no_notice",
        joint,
        reassign(
            LEAD, notice=notice(ASSISTING, RENEWAL, role=UnitRole.LEAD, number="转〔2025〕99")
        ),
        reassign(LEAD),
        {"unit": ASSISTING},
    ),
    (
        "reassign",
        "same_items_and_role",
        joint,
        reassign(LEAD, notice=notice(THIRD, RENEWAL, CARD, role=UnitRole.LEAD)),
        reassign(LEAD, notice=notice(THIRD, RENEWAL, role=UnitRole.LEAD)),
        {"items": [RENEWAL], "role": "lead"},
    ),
    (
        "reassign",
        "same_items_and_role",
        joint,
        reassign(LEAD, notice=notice(THIRD, RENEWAL, role=UnitRole.ASSISTING)),
        reassign(LEAD, notice=notice(THIRD, RENEWAL, role=UnitRole.LEAD)),
        {"items": [RENEWAL], "role": "lead"},
    ),
    (
        "reassign",
        "numbers_present_and_distinct",
        transferred,
        reassign(notice=notice(THIRD, RENEWAL, role=UnitRole.LEAD, number=f"转〔2025〕{LEAD}")),
        reassign(),
        {"missing": 0, "repeated": [f"转〔2025〕{LEAD}"]},
    ),
    (
        "reassign",
        "numbers_present_and_distinct",
        lambda: play(transferred(), reassign()),
        reassign(
            THIRD,
            notice=notice(STRANGER, RENEWAL, role=UnitRole.LEAD, number=f"转〔2025〕{LEAD}"),
        ),
        reassign(THIRD, notice=notice(STRANGER, RENEWAL, role=UnitRole.LEAD)),
        {"missing": 0, "repeated": [f"转〔2025〕{LEAD}"]},
    ),
    (
        "acknowledge",
        "unit_has_notice",
        transferred,
        acknowledge(STRANGER),
        acknowledge(LEAD),
        {"unit": STRANGER},
    ),
    (
        "acknowledge",
        "not_yet_acknowledged",
        lambda: play(joint(), acknowledge(LEAD)),
        acknowledge(LEAD),
        acknowledge(ASSISTING),
        {"unit": LEAD},
    ),
    ("accept", "unit_has_notice", transferred, accept(STRANGER), accept(LEAD), {"unit": STRANGER}),
    (
        "accept",
        "unit_has_not_replied",
        lambda: play(joint(), decline(LEAD)),
        accept(LEAD),
        accept(ASSISTING),
        {"unit": LEAD, "reply": "declined", "at": "2025-09-15T14:00:00+08:00"},
    ),
    (
        "decline",
        "unit_has_notice",
        transferred,
        decline(STRANGER),
        decline(LEAD),
        {"unit": STRANGER},
    ),
    (
        "decline",
        "unit_has_not_replied",
        lambda: play(joint(), accept(LEAD)),
        decline(LEAD),
        decline(ASSISTING),
        {"unit": LEAD, "reply": "accepted", "at": "2025-09-15T14:00:00+08:00"},
    ),
    ("decline", "reason_given", transferred, decline(reason="\n"), decline(), {}),
    ("decline", "alternatives_given", transferred, decline(alternatives=("", " ")), decline(), {}),
    (
        "designate_lead",
        "all_units_replied",
        lambda: play(
            opened(RENEWAL, CARD, ENROLMENT),
            transfer(notice(LEAD, RENEWAL), notice(ASSISTING, CARD), notice(THIRD, ENROLMENT)),
            decline(LEAD),
            accept(ASSISTING),
        ),
        designate_lead(ASSISTING),
        accept(THIRD),  # whose reply makes the way free
        {"units": [THIRD]},
    ),
    (
        "designate_lead",
        "new_lead_accepted",
        lead_declined,
        designate_lead(LEAD),
        designate_lead(ASSISTING),
        {"unit": LEAD},
    ),
    (
        "designate_lead",
        "new_lead_accepted",
        lead_declined,
        designate_lead(STRANGER),
        designate_lead(ASSISTING),
        {"unit": STRANGER},
    ),
    (
        "explain_refusal",
        "unit_declined",
        lead_declined,
        explain_refusal(ASSISTING),
        explain_refusal(LEAD),
        {"unit": ASSISTING},
    ),
    (
        "explain_refusal",
        "not_yet_explained",
        lambda: play(joint(), decline(LEAD), decline(ASSISTING), explain_refusal(LEAD)),
        explain_refusal(LEAD),
        explain_refusal(ASSISTING),
        {"unit": LEAD},
    ),
    (
        "explain_refusal",
        "unit_in_charge",
        lead_declined,
        explain_refusal(LEAD, by=of(ASSISTING)),
        explain_refusal(LEAD, by=WINDOW),
        {"unit": ASSISTING, "in_charge": [LEAD]},
    ),
    (
        "explain_refusal",
        "channel_and_person_given",
        lead_declined,
        explain_refusal(channel=""),
        explain_refusal(),
        {},
    ),
    (
        "explain_refusal",
        "channel_and_person_given",
        lead_declined,
        explain_refusal(explained_to=None),
        explain_refusal(),
        {},
    ),
    (
        "schedule",
        "unit_in_charge",
        both_accepted,
        schedule(LEAD, ASSISTING, by=of(ASSISTING)),
        schedule(LEAD, ASSISTING),
        {"unit": ASSISTING, "in_charge": [LEAD]},
    ),
    (
        "schedule",
        "start_in_future",
        accepted,
        schedule(start="2025-09-15 16:00"),
        schedule(start="2025-09-15 16:00:00.000001"),
        {"start": "2025-09-15T16:00:00+08:00", "at": "2025-09-15T16:00:00+08:00"},
    ),
    (
        "schedule",
        "start_in_future",
        accepted,
        schedule(start=None),
        schedule(),
        {"start": None, "at": "2025-09-15T16:00:00+08:00"},
    ),
    ("schedule", "place_given", accepted, schedule(place=" "), schedule(), {}),
    ("schedule", "materials_told", accepted, schedule(materials=None), schedule(materials=()), {}),
    (
        "schedule",
        "staff_of_every_unit",
        both_accepted,
        schedule(LEAD),
        schedule(LEAD, ASSISTING),
        {"units": [ASSISTING]},
    ),
    (
        "reschedule",
        "unit_in_charge",
        scheduled_jointly,
        reschedule(by=of(ASSISTING)),
        reschedule(by=of(LEAD)),
        {"unit": ASSISTING, "in_charge": [LEAD]},
    ),
    (
        "reschedule",
        "before_appointed_start",
        scheduled,
        reschedule(at="2025-09-18 09:30"),
        reschedule(at="2025-09-18 09:29:59.999999"),
        {"start": "2025-09-18T09:30:00+08:00", "at": "2025-09-18T09:30:00+08:00"},
    ),
    ("reschedule", "reason_given", scheduled, reschedule(reason=None), reschedule(), {}),
    (
        "reschedule",
        "start_in_future",
        scheduled,
        reschedule(start="2025-09-16 09:00"),
        reschedule(start="2025-09-16 09:01"),
        {"start": "2025-09-16T09:00:00+08:00", "at": "2025-09-16T09:00:00+08:00"},
    ),
    (
        "reschedule",
        "staff_of_every_unit",
        scheduled_jointly,
        reschedule(staff=staff(ASSISTING)),
        reschedule(staff=staff(ASSISTING, LEAD)),
        {"units": [LEAD]},
    ),
    (
        "report_failed_visit",
        "unit_in_charge",
        scheduled_jointly,
        report_failed_visit(by=of(ASSISTING)),
        report_failed_visit(by=of(LEAD)),
        {"unit": ASSISTING, "in_charge": [LEAD]},
    ),
    (
        "report_failed_visit",
        "not_before_start",
        scheduled,
        report_failed_visit(at="2025-09-18 09:29:59.999999"),
        report_failed_visit(at="2025-09-18 09:30"),
        {
            "start": "2025-09-18T09:30:00+08:00",
            "at": "2025-09-18T09:29:59.999999+08:00",
        },
    ),
    (
        "report_failed_visit",
        "cause_given",
        scheduled,
        report_failed_visit(None),
        report_failed_visit(Cause.UNSAFE),
        {"cause": None},
    ),
    (
        "report_failed_visit",
        "cause_given",
        scheduled,
        report_failed_visit(Cause.OTHER, note=" "),
        report_failed_visit(Cause.OTHER, note="电梯停运。"),
        {"cause": "other"},
    ),
    (
        "serve",
        "unit_in_charge",
        scheduled_jointly,
        serve(LEAD, ASSISTING, by=of(ASSISTING)),
        serve(LEAD, ASSISTING),
        {"unit": ASSISTING, "in_charge": [LEAD]},
    ),
    (
        "serve",
        "times_in_order",
        scheduled,
        serve(arrived_at="2025-09-18 09:25", left_at="2025-09-18 09:24:59"),
        serve(arrived_at="2025-09-18 09:25", left_at="2025-09-18 09:25"),
        {"arrived_at": "2025-09-18T09:25:00+08:00", "left_at": "2025-09-18T09:24:59+08:00"},
    ),
    (
        "serve",
        "times_in_order",
        scheduled,
        serve(left_at=None),
        serve(),
        {"arrived_at": "2025-09-18T09:25:00+08:00", "left_at": None},
    ),
    (
        "serve",
        "times_in_order",
        scheduled,
        serve(arrived_at=None),
        serve(),
        {"arrived_at": None, "left_at": "2025-09-18T10:40:00+08:00"},
    ),
    (
        "serve",
        "on_appointed_day_or_later",
        scheduled,
        serve(arrived_at="2025-09-17 23:59"),
        serve(arrived_at="2025-09-18 00:00"),
        {"appointed": "2025-09-18", "arrived": "2025-09-17"},
    ),
    (
        "serve",
        "staff_of_every_unit",
        scheduled_jointly,
        serve(LEAD, results=serve(LEAD, ASSISTING).results),
        serve(LEAD, ASSISTING),
        {"units": [ASSISTING]},
    ),
    (
        "serve",
        "result_for_every_item",
        scheduled_jointly,
        serve(LEAD, ASSISTING, results=serve(LEAD).results),
        serve(LEAD, ASSISTING),
        {"items": [CARD]},
    ),
    (
        "serve",
        "result_for_every_item",
        scheduled,
        serve(results=(*serve().results, ItemResult(item=RENEWAL, completed=False))),
        serve(),
        {"items": [RENEWAL]},
    ),
    (
        "serve",
        "only_accepted_items",
        scheduled,
        serve(results=(*serve().results, ItemResult(item=CARD, completed=False))),
        serve(),
        {"items": [CARD]},
    ),
    (
        "serve",
        "forms_completed",
        scheduled,
        serve(forms_completed=False),
        serve(forms_completed=True),
        {"forms_completed": False},
    ),
    (
        "serve",
        "forms_completed",
        scheduled,
        serve(forms_completed=None),
        serve(forms_completed=None, results=unfinished()),
        {"forms_completed": None},
    ),
    (
        "give_one_time_notice",
        "unit_in_charge",
        served_unfinished,
        give_one_time_notice(by=of(ASSISTING)),
        give_one_time_notice(by=of(LEAD)),
        {"unit": ASSISTING, "in_charge": [LEAD]},
    ),
    (
        "give_one_time_notice",
        "something_outstanding",
        served,
        give_one_time_notice(outstanding=()),
        close(),  # what is done instead
        {},
    ),
    (
        "give_one_time_notice",
        "everything_outstanding_named",
        served_unfinished,
        give_one_time_notice(outstanding=(OutstandingItem(item=RENEWAL, needed=(" ",)),)),
        give_one_time_notice(),
        {"items": [RENEWAL]},
    ),
    (
        "give_one_time_notice",
        "only_outstanding_items",
        served_unfinished,
        give_one_time_notice(RENEWAL, CARD),
        give_one_time_notice(RENEWAL),
        {"items": [CARD]},
    ),
    (
        "give_one_time_notice",
        "only_outstanding_items",
        served_unfinished,
        give_one_time_notice(RENEWAL, RENEWAL),
        give_one_time_notice(RENEWAL),
        {"items": [RENEWAL]},
    ),
    (
        "report_outcome",
        "unit_in_charge",
        given_notice,
        report_outcome(by=of(ASSISTING)),
        report_outcome(by=of(LEAD)),
        {"unit": ASSISTING, "in_charge": [LEAD]},
    ),
    (
        "report_outcome",
        "item_outstanding",
        given_notice,
        report_outcome(CARD),
        report_outcome(RENEWAL),
        {"item": CARD},
    ),
    (
        "report_outcome",
        "not_yet_reported",
        reported,
        report_outcome(),
        deliver(),  # what remains to be done
        {"item": RENEWAL},
    ),
    (
        "report_outcome",
        "outcome_given",
        given_notice,
        report_outcome(outcome=" "),
        report_outcome(),
        {},
    ),
    (
        "deliver",
        "unit_in_charge",
        reported,
        deliver(by=of(ASSISTING)),
        deliver(by=of(LEAD)),
        {"unit": ASSISTING, "in_charge": [LEAD]},
    ),
    (
        "deliver",
        "visit_held",
        closed_without_visit,
        deliver(None, at=LATE),
        archive(by=WINDOW, at=LATE),  # what remains to be done
        {},
    ),
    (
        "deliver",
        "materials_and_recipient_given",
        reported,
        deliver(materials=(" ",)),
        deliver(),
        {},
    ),
    (
        "deliver",
        "materials_and_recipient_given",
        reported,
        deliver(received_by=None),
        deliver(),
        {},
    ),
    (
        "deliver",
        "announced_and_undelivered",
        given_notice,
        deliver(RENEWAL),
        deliver(None),
        {"item": RENEWAL},
    ),
    (
        "deliver",
        "announced_and_undelivered",
        lambda: play(given_notice(), report_outcome(to_deliver=(" ",))),
        deliver(RENEWAL),
        deliver(None),
        {"item": RENEWAL},
    ),
    (
        "deliver",
        "announced_and_undelivered",
        lambda: play(reported(), deliver()),
        deliver(RENEWAL),
        deliver(None),
        {"item": RENEWAL},
    ),
    (
        "close",
        "unit_in_charge",
        served,
        close(by=of(ASSISTING)),
        close(by=WINDOW),
        {"unit": ASSISTING, "in_charge": [LEAD]},
    ),
    (
        "close",
        "every_item_completed",
        served_unfinished,
        close(),
        give_one_time_notice(),  # what is done first
        {"items": [RENEWAL]},
    ),
    (
        "close",
        "every_outcome_reported",
        given_notice,
        close(),
        report_outcome(),
        {"items": [RENEWAL]},
    ),
    ("close", "everything_delivered", reported, close(), deliver(), {"items": [RENEWAL]}),
    (
        "close",
        "refusals_explained",
        lambda: play(transferred(), decline()),
        close(),
        explain_refusal(),
        {"units": [LEAD]},
    ),
    (
        "close",
        "refusals_explained",
        lambda: play(
            joint(),
            accept(LEAD),
            decline(ASSISTING),
            schedule(),
            serve(),
        ),
        close(),
        explain_refusal(ASSISTING, at=LATE),
        {"units": [ASSISTING]},
    ),
    ("withdraw", "reason_given", scheduled, withdraw(reason=" "), withdraw(), {}),
    (
        "file_registration_form",
        "unit_in_charge",
        served_jointly,
        file_registration_form(LEAD, ASSISTING, by=of(ASSISTING)),
        file_registration_form(LEAD, ASSISTING),
        {"unit": ASSISTING, "in_charge": [LEAD]},
    ),
    (
        "file_registration_form",
        "visit_held",
        closed_without_visit,
        file_registration_form(at=LATE, blank=BLANK),
        archive(by=WINDOW, at=LATE),  # what remains to be done
        {},
    ),
    (
        "file_registration_form",
        "filed_once",
        lambda: play(served(), file_registration_form()),
        file_registration_form(),
        close(),
        {},
    ),
    (
        "file_registration_form",
        "form_whole",
        served,
        file_registration_form(recipient_opinion=None),
        file_registration_form(recipient_opinion=None, blank={"recipient_opinion": "不愿评价。"}),
        {"fields": ["recipient_opinion"], "captions": ["服务对象意见及评价"]},
    ),
    (
        "file_registration_form",
        "signed_by_every_unit",
        served_jointly,
        file_registration_form(LEAD, ASSISTING, signatures=(Signature(name="经办人1", unit=LEAD),)),
        file_registration_form(LEAD, ASSISTING),
        {"units": [ASSISTING]},
    ),
    (
        "archive",
        "unit_in_charge",
        closed,
        archive(by=WINDOW),
        archive(by=of(LEAD)),
        {"unit": "integrated_window", "in_charge": [LEAD]},
    ),
    (
        "archive",
        "unit_in_charge",
        closed_without_visit,
        archive(by=of(LEAD)),
        archive(by=WINDOW),
        {"unit": LEAD, "in_charge": ["integrated_window"]},
    ),
    ("archive", "archive_number_given", closed, archive(archive_number=" "), archive(), {}),
    (
        "archive",
        "registration_form_filed",
        closed_without_form,
        archive(),
        file_registration_form(),
        {},
    ),
    (
        "correct",
        "entry_exists",
        accepted,
        correct(4, {"at": at("2025-09-15 14:01")}),
        correct(1, {"address": "槐荫大道120号"}),
        {"entry": 4, "entries": 3},
    ),
    (
        "correct",
        "reason_given",
        accepted,
        correct(1, {"address": "槐荫大道120号"}, reason=" "),
        correct(1, {"address": "槐荫大道120号"}),
        {},
    ),
    (
        "correct",
        "fields_correctable",
        accepted,
        correct(1, {"place": "槐荫大道120号"}),
        correct(1, {"address": "槐荫大道120号"}),
        {"fields": ["place"]},
    ),
    (
        "correct",
        "corrected_history_allowed",
        accepted,
        correct(1, {"address": " "}),
        correct(1, {"address": "槐荫大道120号"}),
        {"entry": 1, "rules": ["address_given（7.1）"]},
    ),
    (
        "correct",
        "state_unchanged",
        accepted,
        correct(2, {"notices": (notice(LEAD, RENEWAL), notice(ASSISTING, RENEWAL))}, by=WINDOW),
        correct(2, {"notices": (notice(LEAD, RENEWAL, number="9"),)}, by=WINDOW),
        {"entry": 3},
    ),
    (
        "correct",
        "author_of_entry",
        accepted,
        correct(3, {"at": at("2025-09-15 13:59")}, by=of(ASSISTING)),
        correct(3, {"at": at("2025-09-15 13:59")}, by=of(LEAD)),
        {"entry": 3, "by": ASSISTING},
    ),
    (
        "*",
        "at_not_after_recorded",
        transferred,
        (accept(), "2025-09-15 13:59:59.999999"),
        accept(),
        {"at": "2025-09-15T14:00:00+08:00", "recorded_at": "2025-09-15T13:59:59.999999+08:00"},
    ),
    (
        "*",
        "recorded_in_order",
        lambda: play(joint(), (accept(LEAD), "2025-09-15 20:00")),
        (accept(ASSISTING), "2025-09-15 19:59"),
        accept(ASSISTING, at="2025-09-15 20:00"),
        {
            "recorded_at": "2025-09-15T19:59:00+08:00",
            "latest": "2025-09-15T20:00:00+08:00",
        },
    ),
    (
        "*",
        "at_not_before_cause",
        transferred,
        (accept(at="2025-09-15 09:59:59.999999"), "2025-09-15 14:00"),
        accept(at="2025-09-15 10:00"),
        {"at": "2025-09-15T09:59:59.999999+08:00", "cause": "2025-09-15T10:00:00+08:00"},
    ),
]

IDS = [f"{command}-{rule}" for command, rule, *_ in BROKEN]


@pytest.mark.parametrize(("_", "rule", "case", "refused", "allowed", "facts"), BROKEN, ids=IDS)
def test_a_command_that_breaks_one_rule_is_refused_for_that_rule_and_no_other(
    _: str,
    rule: str,
    case: Callable[[], Case | None],
    refused: Step,
    allowed: Command,
    facts: dict[str, Any],
) -> None:
    (violation,) = refusal(case(), refused).violations
    assert (violation.rule, dict(violation.facts)) == (rule, facts)


@pytest.mark.parametrize(("_", "rule", "case", "refused", "allowed", "facts"), BROKEN, ids=IDS)
def test_the_same_command_without_the_fault_is_carried_out(
    _: str,
    rule: str,
    case: Callable[[], Case | None],
    refused: Step,
    allowed: Command,
    facts: dict[str, Any],
) -> None:
    assert judged(case(), allowed).events


def test_every_rule_of_every_command_is_broken_here() -> None:
    every = {("*", guard.rule) for guard in EVERY_MOVE}
    own = {
        (move.command.name, guard.rule)
        for move in MOVES.values()
        for guard in move.guards
        if guard not in EVERY_MOVE
    }
    broken = {(command, rule) for command, rule, *_ in BROKEN}
    assert broken == (every | own) - {("designate_lead", "lead_declined")}


def test_no_lead_is_designated_before_the_lead_has_declined() -> None:
    """Never alone: once all have replied a case waits for a lead only where the lead declined."""
    early = designate_lead(ASSISTING)
    assert rules(refusal(play(joint(), accept(ASSISTING)), early)) == [
        "all_units_replied",
        "lead_declined",
    ]


@pytest.mark.parametrize(("case", "refused"), [row[2:4] for row in BROKEN], ids=IDS)
def test_a_refusal_says_in_both_languages_what_is_unmet_and_what_would_satisfy_it(
    case: Callable[[], Case | None], refused: Step
) -> None:
    (violation,) = refusal(case(), refused).violations
    assert is_said_in_both_languages(violation)
    assert violation.remedy is not None


def is_said_in_both_languages(violation: Violation) -> bool:
    """Whole sentences, with every blank filled in."""
    zh, en = [violation.zh], [violation.en]
    if violation.remedy is not None:
        zh.append(violation.remedy.zh)
        en.append(violation.remedy.en)
    finished = all(text.endswith("。") for text in zh) and all(text.endswith(".") for text in en)
    filled = not any(mark in text for text in zh + en for mark in ("{", "}", "None"))
    chinese = all(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in zh)
    return finished and filled and chinese


# --- all unmet rules at once ---------------------------------------------------------------------


def test_an_empty_application_is_refused_for_everything_it_lacks() -> None:
    empty = apply(
        at="2023-06-01 09:00",
        applicant=None,
        address=None,
        ground=None,
        reason=None,
        items=(),
        follows="XN-1",
    )
    assert rules(refusal(None, (empty, "2023-05-01 09:00"))) == [
        "edition_in_force",
        "applicant_reachable",
        "address_given",
        "reason_given",
        "ground_given",
        "items_named",
        "follows_existing_case",
        "at_not_after_recorded",
    ]


def test_an_empty_visit_is_refused_for_everything_it_lacks() -> None:
    empty = serve(arrived_at=None, left_at=None, staff=(), results=(), by=of(STRANGER))
    assert rules(refusal(scheduled(), empty)) == [
        "unit_in_charge",
        "times_in_order",
        "staff_of_every_unit",
        "result_for_every_item",
    ]


def test_an_empty_reassignment_is_refused_for_everything_it_lacks() -> None:
    empty = reassign(from_unit="", notice=None, reason=None)
    assert rules(refusal(transferred(), empty)) == [
        "reason_given",
        "unit_has_notice",
        "same_items_and_role",
        "numbers_present_and_distinct",
    ]


def test_an_empty_form_says_in_chinese_which_boxes_are_empty() -> None:
    empty = file_registration_form(summary=None, signatures=(), recipient_opinion=None)
    whole, signed = refusal(served(), empty).violations
    assert whole.facts["fields"] == ["summary", "handler_signatures", "recipient_opinion"]
    assert "办理概况、经办人员签字、服务对象意见及评价" in whole.zh
    assert signed.facts["units"] == [LEAD]


@pytest.mark.parametrize(
    ("start", "said"),
    [
        pytest.param("2025-09-15 15:00", "2025-09-15 15:00", id="a whole minute"),
        pytest.param("2025-09-15 15:00:30", "2025-09-15 15:00:30", id="seconds where there are"),
    ],
)
def test_a_time_is_said_to_the_second_where_there_are_seconds(start: str, said: str) -> None:
    case = play(accepted(), schedule(at=start))
    early = (withdraw(at="2025-09-15 14:30"), "2025-09-15 17:00")
    (violation,) = refusal(case, early).violations
    assert violation.en.endswith(f"possible at {said}.")


def test_an_empty_designation_and_an_empty_explanation_name_nobody() -> None:
    for empty, rule in (
        (designate_lead(unit=None), "new_lead_accepted"),
        (explain_refusal(unit=None, by=WINDOW), "unit_declined"),
    ):
        (violation,) = refusal(lead_declined(), empty).violations
        assert (violation.rule, violation.facts["unit"]) == (rule, "—")
        assert is_said_in_both_languages(violation)


READY_FOR: dict[str, Callable[[], Case | None]] = {
    "apply": nothing,
    "transfer": opened,
    "reassign": transferred,
    "decline": transferred,
    "designate_lead": lead_declined,
    "explain_refusal": lead_declined,
    "schedule": accepted,
    "reschedule": scheduled,
    "report_failed_visit": scheduled,
    "serve": scheduled,
    "give_one_time_notice": served_unfinished,
    "report_outcome": given_notice,
    "deliver": given_notice,
    "withdraw": scheduled,
    "file_registration_form": served,
    "archive": closed,
    "correct": accepted,
}


@pytest.mark.parametrize(
    "empty",
    [
        apply(applicant=None, address=None, ground=None, reason=None, items=()),
        transfer(notices=()),
        reassign(from_unit=None, notice=None, reason=None),
        decline(STRANGER, reason=None, alternatives=()),
        designate_lead(unit=None),
        explain_refusal(unit=None, channel=None, explained_to=None, by=of(STRANGER)),
        schedule(start=None, place=None, materials=None, staff=(), by=of(STRANGER)),
        reschedule(start=None, reason=None, staff=(), by=of(STRANGER)),
        report_failed_visit(None, by=of(STRANGER)),
        serve(arrived_at=None, left_at=None, staff=(), results=(), forms_completed=None),
        give_one_time_notice(outstanding=(), by=of(STRANGER)),
        report_outcome(item=None, outcome=None, by=of(STRANGER)),
        deliver(None, materials=(), received_by=None, by=of(STRANGER)),
        withdraw(reason=None),
        file_registration_form(summary=None, signatures=(), recipient_opinion=None),
        archive(archive_number=None, by=of(STRANGER)),
        correct(None, {}, reason=None),
    ],
    ids=lambda command: command.name,
)
def test_an_empty_command_is_refused_in_whole_sentences(empty: Command) -> None:
    case = READY_FOR[empty.name]()
    violations = refusal(case, empty).violations
    assert [v.rule for v in violations if not is_said_in_both_languages(v)] == []


def test_violations_come_in_the_order_of_the_table() -> None:
    late = (schedule(start=None, place=None, at="2025-09-15 13:00"), "2025-09-15 12:00")
    assert rules(refusal(accepted(), late)) == [
        "start_in_future",
        "place_given",
        "at_not_after_recorded",
        "recorded_in_order",
        "at_not_before_cause",
    ]


# --- what several units mean for a rule ----------------------------------------------------------


def test_a_unit_may_report_on_its_own_item() -> None:
    case = play(
        scheduled_jointly(),
        serve(LEAD, ASSISTING, results=unfinished(RENEWAL, CARD)),
        give_one_time_notice(RENEWAL, CARD),
    )
    assert judged(case, report_outcome(CARD, by=of(ASSISTING))).events


def test_a_unit_may_not_report_on_the_leads_item() -> None:
    case = play(
        scheduled_jointly(),
        serve(LEAD, ASSISTING, results=unfinished(RENEWAL, CARD)),
        give_one_time_notice(RENEWAL, CARD),
    )
    assert rules(refusal(case, report_outcome(RENEWAL, by=of(ASSISTING)))) == ["unit_in_charge"]


def test_the_lead_may_report_on_any_item() -> None:
    case = play(
        scheduled_jointly(),
        serve(LEAD, ASSISTING, results=unfinished(RENEWAL, CARD)),
        give_one_time_notice(RENEWAL, CARD),
    )
    assert judged(case, report_outcome(CARD, by=of(LEAD))).events


def test_staff_of_a_unit_that_declined_need_not_come() -> None:
    case = play(joint(), accept(LEAD), decline(ASSISTING), schedule(LEAD))
    assert judged(case, serve(LEAD)).events


def test_an_item_of_a_unit_that_declined_has_no_result() -> None:
    case = play(joint(), accept(LEAD), decline(ASSISTING), schedule(LEAD))
    results = serve(LEAD, ASSISTING).results
    assert rules(refusal(case, serve(LEAD, results=results))) == ["only_accepted_items"]


def test_an_item_shared_with_the_lead_is_answered_by_the_lead() -> None:
    """The assisting unit declines; the item goes on, since the lead carries it."""
    case = play(
        opened(RENEWAL),
        transfer(notice(LEAD, RENEWAL), notice(ASSISTING, RENEWAL)),
        decline(ASSISTING),
        accept(LEAD),
    )
    assert case.accepted_items == (RENEWAL,)


def test_a_new_lead_does_not_take_over_the_declined_items() -> None:
    case = play(
        opened(RENEWAL, CARD),
        transfer(notice(LEAD, RENEWAL, CARD), notice(ASSISTING, CARD, RENEWAL)),
        decline(LEAD),
        accept(ASSISTING),
        designate_lead(ASSISTING),
    )
    assert case.lead == ASSISTING
    assert case.accepted_items == ()


def test_the_unit_replaced_may_no_longer_reply() -> None:
    case = play(transferred(), reassign())
    assert rules(refusal(case, accept(LEAD))) == ["unit_has_notice"]


def test_the_new_unit_may_reply() -> None:
    case = play(transferred(), reassign(), accept(THIRD))
    assert (case.state, case.lead) == (State.ACCEPTED, THIRD)


def test_the_window_may_close_any_case_that_is_ready() -> None:
    assert judged(served(), close(by=WINDOW)).events


def test_the_applicant_may_reschedule() -> None:
    assert judged(scheduled(), reschedule(by=APPLICANT)).events


def test_a_visit_appointed_in_error_may_fail_before_its_time() -> None:
    early = report_failed_visit(Cause.SCHEDULED_IN_ERROR, at="2025-09-16 09:00")
    assert judged(scheduled(), early).events


def test_a_notice_that_names_a_foreign_item_twice_names_it_once_in_the_refusal() -> None:
    foreign = give_one_time_notice(RENEWAL, CARD, CARD)
    (violation,) = refusal(served_unfinished(), foreign).violations
    assert violation.facts["items"] == [CARD]


# --- I-15: what made an act possible --------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "early", "just"),
    [
        pytest.param(
            lambda: play(joint(), (accept(LEAD, at="2025-09-16 15:00"), "2025-09-16 15:00")),
            acknowledge(ASSISTING, at="2025-09-15 09:59"),
            acknowledge(ASSISTING, at="2025-09-15 10:00"),
            id="an acknowledgement follows the notice, not another unit's reply",
        ),
        pytest.param(
            lambda: play(joint(), (accept(LEAD, at="2025-09-16 15:00"), "2025-09-16 15:00")),
            accept(ASSISTING, at="2025-09-15 09:59"),
            accept(ASSISTING, at="2025-09-16 10:00"),
            id="an acceptance follows the notice, not another unit's reply",
        ),
        pytest.param(
            lambda: play(joint(), (accept(LEAD, at="2025-09-16 15:00"), "2025-09-16 15:00")),
            decline(ASSISTING, at="2025-09-15 09:59"),
            decline(ASSISTING, at="2025-09-16 10:00"),
            id="a refusal follows the notice, not another unit's reply",
        ),
        pytest.param(
            lambda: play(joint(), decline(LEAD), accept(ASSISTING, at="2025-09-16 15:00")),
            explain_refusal(LEAD, at="2025-09-15 13:59"),
            explain_refusal(LEAD, at="2025-09-15 14:00"),
            id="an explanation follows its refusal",
        ),
        pytest.param(
            lambda: play(served(), close(at="2025-09-20 09:00")),
            file_registration_form(at="2025-09-18 10:59"),
            file_registration_form(at="2025-09-18 11:00"),
            id="the form follows the visit, not the closing",
        ),
        pytest.param(
            given_notice,
            report_outcome(at="2025-09-18 11:29"),
            report_outcome(at="2025-09-18 11:30"),
            id="an outcome follows the one-time notice",
        ),
        pytest.param(
            reported,
            deliver(at="2025-09-22 09:59"),
            deliver(at="2025-09-22 10:00"),
            id="a delivery follows its report",
        ),
        pytest.param(
            reported,
            deliver(None, at="2025-09-18 10:59"),
            deliver(None, at="2025-09-18 11:00"),
            id="a delivery of nothing announced follows the visit",
        ),
        pytest.param(
            scheduled,
            serve(at="2025-09-15 15:59"),
            serve(at="2025-09-15 16:00"),
            id="a visit follows its appointment",
        ),
        pytest.param(
            lambda: play(scheduled(), reschedule()),
            withdraw(at="2025-09-15 15:59"),
            withdraw(at="2025-09-15 16:00"),
            id="a withdrawal follows the last change of state, which a rescheduling is not",
        ),
        pytest.param(
            lambda: play(joint(), accept(LEAD, at="2025-09-16 15:00")),
            withdraw(at="2025-09-16 14:59"),
            withdraw(at="2025-09-16 15:00"),
            id="a withdrawal follows the last reply",
        ),
        pytest.param(
            scheduled,
            correct(1, {"address": "槐荫大道120号"}, at="2025-09-15 15:59"),
            correct(1, {"address": "槐荫大道120号"}, at="2025-09-15 16:00"),
            id="a correction follows the last change of state",
        ),
    ],
)
def test_nothing_happens_before_what_made_it_possible(
    case: Callable[[], Case], early: Command, just: Command
) -> None:
    entered = "2025-10-15 09:00"
    assert rules(refusal(case(), (early, entered))) == ["at_not_before_cause"]
    assert judged(case(), (just, entered)).events


def test_the_latest_time_counts_where_replies_are_entered_out_of_order() -> None:
    case = play(
        joint(),
        (accept(LEAD, at="2025-09-16 15:00"), "2025-09-16 15:00"),
        (accept(ASSISTING, at="2025-09-16 10:00"), "2025-09-16 16:00"),
    )
    early = (schedule(LEAD, ASSISTING, at="2025-09-16 14:59"), "2025-09-16 17:00")
    assert rules(refusal(case, early)) == ["at_not_before_cause"]


# --- which state is reached ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("replies", "state"),
    [
        pytest.param([accept(LEAD)], State.TRANSFERRED, id="a reply is owed"),
        pytest.param([accept(LEAD), accept(ASSISTING)], State.ACCEPTED, id="both accept"),
        pytest.param([accept(LEAD), decline(ASSISTING)], State.ACCEPTED, id="the lead accepts"),
        pytest.param([decline(ASSISTING), accept(LEAD)], State.ACCEPTED, id="whoever is last"),
        pytest.param([decline(LEAD), decline(ASSISTING)], State.DECLINED, id="both decline"),
        pytest.param([decline(LEAD), accept(ASSISTING)], State.TRANSFERRED, id="no lead"),
        pytest.param([accept(ASSISTING), decline(LEAD)], State.TRANSFERRED, id="no lead, last"),
    ],
)
def test_the_replies_decide_where_a_case_of_two_units_stands(
    replies: list[Command], state: State
) -> None:
    assert play(joint(), *replies).state is state


# --- the event -----------------------------------------------------------------------------------


def test_an_event_keeps_what_was_asked_and_adds_where_the_case_stands() -> None:
    command = accept(id="req-7")
    (event,) = judged(transferred(), (command, "2025-09-15 18:00")).events
    assert attrs.asdict(event, recurse=False) == {
        "case": CASE,
        "version": 3,
        "at": at("2025-09-15 14:00"),
        "recorded_at": at("2025-09-15 18:00"),
        "by": of(LEAD),
        "edition": "DB4209/T 32—2023",
        "state": State.ACCEPTED,
        "id": "req-7",
        "previous": None,  # the workflow's to fill: it is a digest of the stored event before
    }


@given(seed=SEEDS)
def test_an_event_has_every_field_of_its_command(seed: int) -> None:
    for _, command, entered, decision in walk(seed):
        (event,) = decision.events
        kept = attrs.asdict(event, recurse=False)
        assert kept["recorded_at"] == entered
        if command.name not in ("apply", "correct"):  # whose items are resolved to their ids
            asked = attrs.asdict(command, recurse=False)
            assert {name: kept[name] for name in asked} == asked


def test_deciding_changes_nothing() -> None:
    case = transferred()
    before = attrs.asdict(case, recurse=False)
    judged(case, accept())
    assert attrs.asdict(case, recurse=False) == before


@given(seed=SEEDS)
def test_the_same_question_has_the_same_answer(seed: int) -> None:
    for case, command, entered, decision in walk(seed):
        again = decide(
            case,
            command,
            recorded_at=entered,
            regulation=DB4209_T_32_2023,
            calendar=CALENDAR,
        )
        assert again == decision


# --- the six answers, and which comes first ------------------------------------------------------


def answer(case: Case | None, step: Step) -> str:
    with pytest.raises(OnsiteWorkflowError) as caught:
        judged(case, step)
    assert all(is_said_in_both_languages(v) for v in caught.value.violations)
    return caught.value.answer


UNREADABLE = transfer(notice(LEAD, "A.99.1"), by=of(LEAD))  # unknown item, and the wrong role


@pytest.mark.parametrize(
    ("case", "step", "expected"),
    [
        pytest.param(None, UNREADABLE, "invalid", id="invalid before not found"),
        pytest.param(served(), UNREADABLE, "invalid", id="invalid before not allowed"),
        pytest.param(opened(), UNREADABLE, "invalid", id="invalid before wrong role"),
        pytest.param(
            opened(),
            transfer(notice(LEAD, "A.99.1", number=" ")),
            "invalid",
            id="invalid before refused",
        ),
        pytest.param(None, transfer(by=of(LEAD)), "not_found", id="not found before wrong role"),
        pytest.param(None, transfer(notices=()), "not_found", id="not found before refused"),
        pytest.param(
            served(), transfer(by=of(LEAD)), "not_allowed", id="not allowed before wrong role"
        ),
        pytest.param(
            served(), transfer(notices=()), "not_allowed", id="not allowed before refused"
        ),
        pytest.param(
            opened(),
            transfer(notices=(), by=APPLICANT),
            "wrong_role",
            id="wrong role before refused",
        ),
        pytest.param(opened(), transfer(notices=()), "refused", id="refused"),
        pytest.param(opened(), apply(), "not_allowed", id="apply on an existing case"),
        pytest.param(None, apply(by=of(LEAD)), "wrong_role", id="a unit does not apply"),
        pytest.param(
            play(None, *ORDINARY),
            correct(1, {"address": "槐荫大道120号"}),
            "not_allowed",
            id="an archived case is not corrected",
        ),
    ],
)
def test_of_several_answers_the_first_is_given(
    case: Case | None, step: Step, expected: str
) -> None:
    assert answer(case, step) == expected


def test_a_case_that_is_not_there_is_named() -> None:
    with pytest.raises(CaseNotFound) as caught:
        judged(None, transfer())
    (violation,) = caught.value.violations
    assert (violation.rule, dict(violation.facts)) == ("case_exists", {"case": CASE})
    assert violation.clause is None


def test_a_move_not_allowed_says_from_where_it_would_be() -> None:
    with pytest.raises(NotAllowed) as caught:
        judged(opened(), close())
    (violation,) = caught.value.violations
    assert (violation.rule, dict(violation.facts)) == (
        "not_allowed",
        {"state": "applied", "command": "close"},
    )
    assert "已申请" in violation.zh
    assert violation.remedy is not None
    assert violation.remedy.en == (
        "It is allowed where a case is served, pending_notice, declined."
    )
    assert "已上门服务、已一次性告知，待办结、不同意上门服务" in violation.remedy.zh


def test_a_wrong_role_says_whose_it_is() -> None:
    with pytest.raises(WrongRole) as caught:
        judged(opened(), transfer(by=APPLICANT))
    (violation,) = caught.value.violations
    assert (violation.rule, violation.clause) == ("wrong_role", "7.2")
    assert dict(violation.facts) == {"role": "applicant", "command": "transfer"}
    assert "申请人" in violation.zh
    assert violation.remedy is not None
    assert violation.remedy.en == "It is for integrated_window."
    assert "综合窗口" in violation.remedy.zh


def test_two_roles_are_told_as_a_choice() -> None:
    with pytest.raises(WrongRole) as caught:
        judged(scheduled(), withdraw(by=of(LEAD)))
    (violation,) = caught.value.violations
    assert violation.remedy is not None
    assert violation.remedy.en == "It is for applicant or integrated_window."
    assert "申请人或者综合窗口" in violation.remedy.zh


@pytest.mark.parametrize(
    ("case", "clause"),
    [(served, "7.3"), (given_notice, "7.4"), (lambda: play(transferred(), decline()), "7.2.2")],
)
def test_a_wrong_role_cites_the_clause_of_the_row_it_tried(
    case: Callable[[], Case], clause: str
) -> None:
    with pytest.raises(WrongRole) as caught:
        judged(case(), close(by=APPLICANT))
    assert caught.value.violations[0].clause == clause


def test_a_command_for_another_case_is_not_carried_out_on_this_one() -> None:
    with pytest.raises(InvalidInput) as caught:
        judged(opened(), transfer(case="XN-2025-0002"))
    (violation,) = caught.value.violations
    assert (violation.rule, violation.facts["field"]) == ("wrong_case", "case")


def test_a_case_is_decided_by_the_edition_it_is_pinned_to() -> None:
    with pytest.raises(InvalidInput) as caught:
        judged(opened(), transfer(), regulation=INVENTED)
    (violation,) = caught.value.violations
    assert (violation.rule, dict(violation.facts)) == (
        "wrong_edition",
        {"field": "regulation", "case": DB4209_T_32_2023.edition, "regulation": INVENTED.edition},
    )


def test_an_application_is_pinned_to_the_edition_it_was_decided_by() -> None:
    assert play(None, apply(), regulation=INVENTED).edition == INVENTED.edition


def test_the_time_of_entry_must_be_a_moment() -> None:
    with pytest.raises(InvalidInput) as caught:
        decide(
            None,
            apply(),
            recorded_at=dt.datetime(2025, 9, 15, 9),  # noqa: DTZ001
            regulation=DB4209_T_32_2023,
            calendar=CALENDAR,
        )
    (violation,) = caught.value.violations
    assert (violation.rule, violation.facts["field"]) == ("naive_time", "recorded_at")


# --- follows (I-10) -------------------------------------------------------------------------------


def test_a_new_case_may_follow_one_that_exists() -> None:
    (event,) = judged(None, apply(follows="XN-2025-0001"), existing=["XN-2025-0001"]).events
    assert evolve(None, event).application.follows == "XN-2025-0001"


# --- items by name -------------------------------------------------------------------------------


def named(name: str, ground: str | None = None) -> ServiceItem:
    return ServiceItem(name=name, ground=ground)


def unreadable(case: Case | None, step: Step) -> tuple[str, str, Mapping[str, Any]]:
    """The field and the rule of what can't be read."""
    with pytest.raises(InvalidInput) as caught:
        judged(case, step)
    (violation,) = caught.value.violations
    assert is_said_in_both_languages(violation)
    return violation.facts["field"], violation.rule, violation.facts


def test_an_item_of_annex_a_may_be_named() -> None:
    case = play(None, apply(items=(named("残疾人证换领"),)))
    assert case.items == (ServiceItem(id=RENEWAL, name="残疾人证换领"),)


def test_an_item_given_by_id_gets_its_printed_name() -> None:
    assert opened(RENEWAL).items[0].name == "残疾人证换领"


def test_an_item_of_annex_a_may_be_given_by_both() -> None:
    both = ServiceItem(id=RENEWAL, name="残疾人证换领")
    assert play(None, apply(items=(both,))).items == (both,)


def test_the_id_may_stand_where_the_name_does() -> None:
    assert play(None, apply(items=(named(RENEWAL),))).items[0].id == RENEWAL


def test_a_claimed_item_keeps_its_name_and_ground() -> None:
    claimed = named("营业执照遗失补办", "业主卧床。")
    case = play(None, apply(items=(claimed,)))
    assert case.items == (claimed,)
    assert case.items[0].key == "营业执照遗失补办"


def test_a_name_that_annex_a_prints_twice_is_ambiguous_and_the_ids_are_told() -> None:
    field, rule, facts = unreadable(
        None, apply(items=(item(RENEWAL), named("《残疾人爱心卡》办理")))
    )
    assert (field, rule, facts["ids"]) == ("items[1].name", "ambiguous_name", ["A.1.3", "A.1.4"])


@pytest.mark.parametrize("unknown", [item("A.5.7"), item("X"), named("A.5.7"), named("A.14.1")])
def test_an_id_that_annex_a_does_not_have_is_unreadable(unknown: ServiceItem) -> None:
    field, rule, _ = unreadable(None, apply(items=(unknown,)))
    assert (field, rule) == ("items[0].id", "unknown_item")


def test_a_name_that_is_not_the_ids_is_unreadable() -> None:
    wrong = ServiceItem(id=RENEWAL, name="残疾人证新办")
    field, rule, facts = unreadable(None, apply(items=(wrong,)))
    assert (field, rule, facts["id"]) == ("items[0].name", "mismatch", RENEWAL)


NAME = "残疾人证换领"


@pytest.mark.parametrize(
    ("case", "command", "named_key"),
    [
        (opened, transfer(notice(LEAD, NAME)), lambda e: e.notices[0].items[0]),
        (
            transferred,
            reassign(notice=notice(THIRD, NAME, role=UnitRole.LEAD)),
            lambda e: e.notice.items[0],
        ),
        (
            scheduled,
            serve(results=(ItemResult(item=NAME, completed=True),)),
            lambda e: e.results[0].item,
        ),
        (served_unfinished, give_one_time_notice(NAME), lambda e: e.outstanding[0].item),
        (given_notice, report_outcome(NAME), lambda e: e.item),
        (reported, deliver(NAME), lambda e: e.item),
    ],
    ids=lambda value: value.name if isinstance(value, Command) else "",
)
def test_wherever_an_item_is_named_the_event_keeps_its_id(
    case: Callable[[], Case], command: Command, named_key: Callable[[Any], str]
) -> None:
    (event,) = judged(case(), command).events
    assert named_key(event) == RENEWAL


@pytest.mark.parametrize(
    ("case", "command", "field"),
    [
        (opened, transfer(notice(LEAD, RENEWAL, "A.99.1")), "notices[0].items[1]"),
        (
            transferred,
            reassign(notice=notice(THIRD, "A.99.1", role=UnitRole.LEAD)),
            "notice.items[0]",
        ),
        (
            scheduled,
            serve(results=(*serve().results, ItemResult(item="A.99.1", completed=True))),
            "results[1].item",
        ),
        (served_unfinished, give_one_time_notice("A.99.1"), "outstanding[0].item"),
        (given_notice, report_outcome("A.99.1"), "item"),
        (reported, deliver("A.99.1"), "item"),
    ],
    ids=lambda value: value.name if isinstance(value, Command) else "",
)
def test_wherever_an_item_is_named_an_unknown_one_is_named_by_its_place(
    case: Callable[[], Case], command: Command, field: str
) -> None:
    assert unreadable(case(), command)[:2] == (field, "unknown_item")


def test_an_ambiguous_name_is_clear_where_the_case_has_one_of_the_two() -> None:
    case = opened("A.1.4")
    (event,) = judged(case, transfer(notice(LEAD, "《残疾人爱心卡》办理"))).events
    assert evolve(case, event).notices[0].items == ("A.1.4",)


def test_an_ambiguous_name_is_ambiguous_where_the_case_has_both() -> None:
    case = opened("A.1.3", "A.1.4")
    step = transfer(notice(LEAD, "A.1.3", "《残疾人爱心卡》办理"))
    assert unreadable(case, step)[:2] == ("notices[0].items[1]", "ambiguous_name")


def test_a_claimed_item_is_transferred_by_its_name() -> None:
    case = play(None, apply(items=(named("营业执照遗失补办", "业主卧床。"),)))
    assert judged(case, transfer(notice(LEAD, "营业执照遗失补办"))).events


def test_a_name_that_nobody_prints_is_judged_by_the_rule() -> None:
    (violation,) = refusal(opened(), transfer(notice(LEAD, RENEWAL, "代写书信"))).violations
    assert (violation.rule, violation.facts["items"]) == ("only_items_of_the_case", ["代写书信"])


def test_items_are_those_of_the_editions_own_list() -> None:
    ours = Catalogue(
        "试点清单",
        [CatalogueItem(id="B.1", row=1, position=1, department="图书馆", name="借书证办理")],
    )
    regulation = attrs.evolve(INVENTED, catalogue=ours)
    case = play(None, apply(items=(named("借书证办理"),)), regulation=regulation)
    assert case.items[0].id == "B.1"
    with pytest.raises(InvalidInput):
        judged(None, apply(items=(item(RENEWAL),)), regulation=regulation)


@pytest.mark.parametrize(
    ("unknown", "shown"),
    [
        pytest.param("applicants", "blank.applicants", id="an identifier"),
        pytest.param("王秀兰", "blank.?", id="anything else is not repeated"),
    ],
)
def test_a_blank_that_table_b1_does_not_have_is_unreadable(unknown: str, shown: str) -> None:
    step = file_registration_form(blank={unknown: "不知道。"})
    field, rule, facts = unreadable(served(), step)
    assert (field, rule) == (shown, "unknown_field")
    assert facts["allowed"] == [f.name for f in ANNEX_B]


def test_any_unit_may_be_given_a_notice() -> None:
    stranger = TransferNotice(number="1", unit=STRANGER, role=UnitRole.LEAD, items=(RENEWAL,))
    assert judged(opened(), transfer(stranger)).events
