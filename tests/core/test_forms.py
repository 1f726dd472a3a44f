"""Annex B and Annex C, filled from a case, whole, missing and blank."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from onsite_workflow import (
    Case,
    Close,
    Directory,
    FilledForm,
    Schedule,
    Serve,
    ServiceItem,
    StaffMember,
    Unit,
    registration_form,
    transfer_notice,
)
from onsite_workflow.clause7.forms import ANNEX_B, ANNEX_C

from .build import (
    ASSISTING,
    CARD,
    ENROLMENT,
    LEAD,
    RENEWAL,
    THIRD,
    accept,
    after,
    apply,
    correct,
    file_registration_form,
    joint,
    notice,
    opened,
    play,
    reassign,
    schedule,
    serve,
    transfer,
    unfinished,
)

UNITS = Directory(
    [Unit(name=LEAD, phone="0712-2770001"), Unit(name=ASSISTING, phone="0712-2770002")]
)


def values(form: FilledForm) -> dict[str, str | None]:
    return {filled.field.name: filled.value for filled in form.fields}


def blanks(form: FilledForm) -> dict[str, str | None]:
    return {f.field.name: f.blank for f in form.fields if f.blank is not None}


def served() -> Case:
    return after(Serve)


def served_jointly(**changes: Any) -> Case:
    steps = (accept(LEAD), accept(ASSISTING), schedule(LEAD, ASSISTING, **changes))
    return play(joint(), *steps, serve(LEAD, ASSISTING))


# --- table B.1 -----------------------------------------------------------------------------------


@pytest.mark.cites(
    "form:applicant",
    "form:phone",
    "form:reason",
    "form:applied_at",
    "form:appointed_at",
    "form:items",
    "form:address",
    "form:served_at",
    "form:item_contents",
    "form:lead_unit",
    "form:lead_phone",
    "form:lead_handlers",
    "form:assisting_units",
    "form:assisting_phones",
    "form:assisting_handlers",
    "form:summary",
    "form:handler_signatures",
    "form:recipient_opinion",
)
def test_every_field_of_a_filed_form_stands_as_printed() -> None:
    case = play(served_jointly(), file_registration_form(LEAD, ASSISTING))
    assert values(registration_form(case)) == {
        "applicant": "王秀兰",
        "phone": "0712-2000301",
        "reason": "长期卧床，无法前往政务服务中心。",
        "applied_at": "2025年9月15日09:00",
        "appointed_at": "2025年9月18日09:30",
        "items": "残疾人证换领、社会保障卡服务（申领）",
        "address": "孝南区书院街道槐荫大道118号",
        "served_at": "2025年9月18日09:25至10:40",
        "item_contents": "残疾人证换领（当场办结）、社会保障卡服务（申领）（当场办结）",
        "lead_unit": LEAD,
        "lead_phone": "0712-2000301",
        "lead_handlers": "经办人1",
        "assisting_units": ASSISTING,
        "assisting_phones": "0712-2000302",
        "assisting_handlers": "经办人2",
        "summary": "已办结。",
        "handler_signatures": "经办人1、经办人2",
        "recipient_opinion": "满意。",
    }


def test_a_filed_form_has_nothing_missing() -> None:
    form = registration_form(after(Close))
    assert form.missing == ()
    assert form.title == "“上门办、一次办”服务登记表"


def test_the_fields_stand_in_printed_order_in_their_groups() -> None:
    form = registration_form(opened())
    assert tuple(filled.field for filled in form.fields) == ANNEX_B
    assert [f.group for f in ANNEX_B] == ["基本情况"] * 7 + ["服务情况"] * 8 + ["办结情况"] * 3


def test_where_one_unit_came_the_assisting_boxes_are_blank_by_rule() -> None:
    form = registration_form(served())
    assert blanks(form) == {
        "assisting_units": "无协办窗口上门",
        "assisting_phones": "无协办窗口上门",
        "assisting_handlers": "无协办窗口上门",
    }


def test_before_the_visit_nothing_is_blank_by_rule() -> None:
    assert blanks(registration_form(after(Schedule))) == {}


@pytest.mark.parametrize(
    ("case", "missing"),
    [
        pytest.param(
            opened(),
            [
                "appointed_at",
                "served_at",
                "item_contents",
                "lead_unit",
                "lead_phone",
                "lead_handlers",
                "assisting_units",
                "assisting_phones",
                "assisting_handlers",
                "summary",
                "handler_signatures",
                "recipient_opinion",
            ],
            id="of an application",
        ),
        pytest.param(
            after(Schedule),
            [
                "served_at",
                "item_contents",
                "lead_handlers",
                "assisting_units",
                "assisting_phones",
                "assisting_handlers",
                "summary",
                "handler_signatures",
                "recipient_opinion",
            ],
            id="of an appointment",
        ),
        pytest.param(
            served(), ["summary", "handler_signatures", "recipient_opinion"], id="of a visit"
        ),
    ],
)
def test_what_is_not_known_yet_is_said_to_be_missing(case: Case, missing: list[str]) -> None:
    assert list(registration_form(case).missing) == missing


def test_a_field_is_found_by_its_name() -> None:
    form = registration_form(served())
    assert (form["applicant"].value, form["applicant"].missing) == ("王秀兰", False)
    assert form["summary"].missing
    with pytest.raises(KeyError):
        form["applicants"]


def test_a_draft_is_filled_with_what_it_would_file() -> None:
    draft = file_registration_form(summary="照片后补。", recipient_opinion=" ")
    form = registration_form(served(), filing=draft)
    assert form["summary"].value == "照片后补。"
    assert form.missing == ("recipient_opinion",)


def test_a_draft_stands_in_for_what_was_filed() -> None:
    form = registration_form(after(Close), filing=file_registration_form(summary="另一份。"))
    assert form["summary"].value == "另一份。"


def test_a_box_may_be_blank_with_a_reason() -> None:
    draft = file_registration_form(
        recipient_opinion=None, blank={"recipient_opinion": "不愿评价。"}
    )
    field = registration_form(served(), filing=draft)["recipient_opinion"]
    assert (field.value, field.blank, field.missing) == (None, "不愿评价。", False)


def test_a_blank_reason_is_no_reason() -> None:
    draft = file_registration_form(recipient_opinion=None, blank={"recipient_opinion": " "})
    assert registration_form(served(), filing=draft).missing == ("recipient_opinion",)


def test_a_value_stands_before_a_reason_for_having_none() -> None:
    draft = file_registration_form(blank={"summary": "见附页。"})
    field = registration_form(served(), filing=draft)["summary"]
    assert (field.value, field.blank) == ("已办结。", None)


def test_a_reason_of_ones_own_stands_before_the_rule() -> None:
    draft = file_registration_form(blank={"assisting_phones": "协办单位未到。"})
    form = registration_form(served(), filing=draft)
    assert form["assisting_phones"].blank == "协办单位未到。"


def without_phones(*units: str) -> tuple[StaffMember, ...]:
    return tuple(StaffMember(name=f"经办人{n}", unit=unit) for n, unit in enumerate(units))


def test_telephones_come_from_the_directory_where_the_staff_have_none() -> None:
    case = served_jointly(staff=without_phones(LEAD, ASSISTING))
    form = registration_form(case, directory=UNITS)
    assert form["lead_phone"].value == "0712-2770001"
    assert form["assisting_phones"].value == "0712-2770002"


def test_the_staffs_own_telephones_come_first() -> None:
    form = registration_form(served_jointly(), directory=UNITS)
    assert form["lead_phone"].value == "0712-2000301"


def test_several_telephones_of_a_unit_stand_together_each_once() -> None:
    people = (
        StaffMember(name="甲", unit=LEAD, phone="0712-1"),
        StaffMember(name="乙", unit=LEAD, phone="0712-2"),
        StaffMember(name="丙", unit=LEAD, phone="0712-1"),
        StaffMember(name="丁", unit=LEAD, phone=" "),
    )
    case = play(opened(), transfer(), accept(), schedule(staff=people), serve())
    assert registration_form(case)["lead_phone"].value == "0712-1、0712-2"


def test_without_any_telephone_the_box_is_missing() -> None:
    case = served_jointly(staff=without_phones(LEAD, ASSISTING))
    lead_only = Directory([Unit(name=LEAD, phone="0712-2770001")])
    form = registration_form(case, directory=lead_only)
    assert set(form.missing) >= {"assisting_phones"}
    assert "lead_phone" not in form.missing


def test_handlers_are_those_who_came_not_those_appointed() -> None:
    came = (StaffMember(name="甲", unit=LEAD), StaffMember(name="乙", unit=LEAD))
    case = play(opened(), transfer(), accept(), schedule(), serve(staff=came))
    assert registration_form(case)["lead_handlers"].value == "甲、乙"


def test_a_unit_that_came_along_uncalled_is_named_as_assisting() -> None:
    came = (StaffMember(name="甲", unit=LEAD), StaffMember(name="乙", unit=THIRD))
    case = play(opened(), transfer(), accept(), schedule(), serve(staff=came))
    form = registration_form(case)
    assert form["assisting_units"].value == THIRD
    assert "assisting_phones" in form.missing


def test_what_was_not_completed_says_so() -> None:
    case = play(opened(), transfer(), accept(), schedule(), serve(results=unfinished()))
    assert registration_form(case)["item_contents"].value == "残疾人证换领（未当场办结）"


def test_a_claimed_item_is_printed_by_its_name() -> None:
    claimed = ServiceItem(name="代写书信", ground="独居。")
    case = play(None, apply(items=(claimed, ServiceItem(id=RENEWAL))))
    assert registration_form(case)["items"].value == "代写书信、残疾人证换领"


def test_the_form_prints_what_was_corrected() -> None:
    case = play(served(), correct(1, {"address": "槐荫大道120号"}))
    assert registration_form(case)["address"].value == "槐荫大道120号"


def test_times_are_shanghais_whatever_they_were_written_in() -> None:
    utc = apply().at.astimezone(dt.UTC)
    assert registration_form(opened(at=utc))["applied_at"].value == "2025年9月15日09:00"


@pytest.mark.parametrize("field", ["arrived_at", "left_at"])
def test_a_visit_stored_without_its_times_has_no_time_of_service(field: str) -> None:
    """The rules ask for both; what is stored is read whatever the rules become."""
    case = served()
    strange = attrs.evolve(case, visit=attrs.evolve(case.visit, **{field: None}))  # type: ignore[misc]
    assert "served_at" in registration_form(strange).missing


def test_an_application_stored_without_an_applicant_has_nobody_to_name() -> None:
    case = opened()
    strange = attrs.evolve(case, application=attrs.evolve(case.application, applicant=None))
    assert set(registration_form(strange).missing) >= {"applicant", "phone"}


def test_a_form_shows_nobody() -> None:
    assert "王秀兰" not in repr(registration_form(after(Close)))


# --- table C.1 -----------------------------------------------------------------------------------


def notices(case: Case, issuer: str | None = None) -> list[dict[str, str | None]]:
    return [values(transfer_notice(case, n, issuer=issuer)) for n in case.notices]


def test_every_field_of_a_notice_stands_as_printed() -> None:
    case = play(opened(), transfer(notice(LEAD, RENEWAL, number="转〔2025〕17号")))
    assert notices(case, "孝感市孝南区政务服务和大数据管理局") == [
        {
            "number": "转〔2025〕17号",
            "unit": LEAD,
            "applicant": "王秀兰",
            "phone": "0712-2000301",
            "applied_month": "9",
            "applied_day": "15",
            "items": "残疾人证换领",
            "issuer": "孝感市孝南区政务服务和大数据管理局",
            "issued_on": "2025年9月15日",
        }
    ]


def test_each_unit_gets_its_own_items() -> None:
    assert [n["items"] for n in notices(joint())] == ["残疾人证换领", "社会保障卡服务（申领）"]


def test_the_fields_of_a_notice_stand_in_printed_order() -> None:
    case = play(opened(), transfer())
    form = transfer_notice(case, case.notices[0])
    assert tuple(filled.field for filled in form.fields) == ANNEX_C
    assert form.title == "“上门办、一次办”转办通知书"


@pytest.mark.parametrize("issuer", [None, " "])
def test_without_an_issuer_the_notice_says_that_it_is_missing(issuer: str | None) -> None:
    case = play(opened(), transfer())
    assert transfer_notice(case, case.notices[0], issuer=issuer).missing == ("issuer",)


def test_a_reassigned_notice_bears_its_own_day() -> None:
    case = play(opened(), transfer(), reassign(at="2025-09-16 09:00"))
    assert notices(case)[0]["issued_on"] == "2025年9月16日"
    assert notices(case)[0]["unit"] == THIRD


def test_a_notice_of_an_item_that_the_case_no_longer_names_prints_its_key() -> None:
    case = play(opened(), transfer())
    strange = attrs.evolve(case.notices[0], items=(CARD, ENROLMENT))
    assert values(transfer_notice(case, strange))["items"] == f"{CARD}、{ENROLMENT}"


def test_a_notice_of_a_case_without_an_applicant_says_who_is_missing() -> None:
    case = play(opened(), transfer())
    strange = attrs.evolve(case, application=attrs.evolve(case.application, applicant=None))
    form = transfer_notice(strange, case.notices[0], issuer="某局")
    assert form.missing == ("applicant", "phone")
