"""What the library answers, as the JSON that other programs read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from onsite_workflow import (
    DB4209_T_32_2023,
    Case,
    Close,
    Kind,
    Receipt,
    Refused,
    Serve,
    Violation,
    Withdrawn,
    available,
    findings,
    obligations,
    registration_form,
)
from onsite_workflow.wire.answers import (
    as_known_at,
    availability_to_wire,
    case_to_wire,
    finding_to_wire,
    form_to_wire,
    mask,
    obligation_to_wire,
    receipt_to_wire,
    refusal_to_wire,
    violation_to_wire,
)

from .build import (
    ASSISTING,
    CALENDAR,
    CARD,
    FINISHED_LATER,
    LEAD,
    ORDINARY,
    RENEWAL,
    WINDOW,
    accept,
    acknowledge,
    after,
    at,
    correct,
    decline,
    explain_refusal,
    file_registration_form,
    joint,
    judged,
    opened,
    owed,
    play,
    seen,
    staff,
    transfer,
    withdraw,
)
from .walks import SEEDS, end_of, walk


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(value, allow_nan=False))


def refused() -> Refused:
    with pytest.raises(Refused) as caught:
        judged(opened(), transfer(notices=()))
    return caught.value


# --- a refusal -----------------------------------------------------------------------------------


def test_a_refusal_names_every_rule_with_all_that_belongs_to_it() -> None:
    answer = through_json(refusal_to_wire(refused()))
    assert (answer["ok"], answer["error"]) == (False, "refused")
    assert [v["rule"] for v in answer["violations"]] == [
        "every_item_in_a_notice",
        "exactly_one_lead",
    ]
    assert answer["violations"][0] == {
        "clause": "7.2",
        "interpretation": None,
        "rule": "every_item_in_a_notice",
        "zh": "有事项未列入任何转办通知书：残疾人证换领（A.5.2）。",
        "en": "Items of the case stand in no notice: A.5.2 残疾人证换领.",
        "facts": {"items": ["A.5.2"]},
        "remedy": {
            "zh": "把每个事项列入至少一份转办通知书。",
            "en": "Put each item in at least one notice.",
        },
    }


def test_a_rule_without_a_remedy_has_none() -> None:
    assert violation_to_wire(Violation(rule="r", zh="甲。", en="a."))["remedy"] is None


# --- what is late, what is owed ------------------------------------------------------------------


def test_a_finding_says_who_was_late_and_by_how_much() -> None:
    (finding,) = seen(play(opened(), transfer()), accept(at="2025-09-17 09:00"))
    assert through_json(finding_to_wire(finding)) == {
        "code": "late_act",
        "clause": "7.2",
        "bearer": LEAD,
        "due": "2025-09-17T00:00:00+08:00",
        "at": "2025-09-17T09:00:00+08:00",
        "by_seconds": 32400,
    }


def test_an_obligation_says_who_owes_what_until_when() -> None:
    obligation = owed(play(opened(), transfer()), Kind.REPLY, "2025-09-15 12:00")
    assert through_json(obligation_to_wire(obligation)) == {
        "case": "XN-2025-0915",
        "clause": "7.2",
        "kind": "reply",
        "bearer": LEAD,
        "opened_at": "2025-09-15T10:00:00+08:00",
        "due_day": "2025-09-16",
        "due": "2025-09-17T00:00:00+08:00",
        "status": "open",
        "provisional": False,
        "earliest": "2025-09-16",
        "latest": "2025-09-16",
    }


# --- a case --------------------------------------------------------------------------------------


def shown(case: Case, *, full: bool = False) -> dict[str, Any]:
    asked: dict[str, Any] = {"regulation": DB4209_T_32_2023, "calendar": CALENDAR}
    answer: dict[str, Any] = through_json(
        case_to_wire(
            case,
            obligations=obligations(case, as_of=case.recorded_at, **asked),
            findings=findings(case, **asked),
            full=full,
        )
    )
    return answer


def test_a_case_says_where_it_stands() -> None:
    answer = shown(play(None, *FINISHED_LATER))
    assert {
        name: answer[name]
        for name in (
            "case",
            "state",
            "result",
            "version",
            "edition",
            "opened_at",
            "follows",
            "lead",
        )
    } == {
        "case": "XN-2025-0915",
        "state": "archived",
        "result": "completed_later",
        "version": 11,
        "edition": "DB4209/T 32—2023",
        "opened_at": "2025-09-15T09:00:00+08:00",
        "follows": None,
        "lead": LEAD,
    }
    assert [o["kind"] for o in answer["obligations"]][:3] == ["transfer", "reply", "appointment"]
    assert answer["obligations"][1]["subject"] == LEAD
    assert [event["event"] for event in answer["history"]] == [
        event.name for event in play(None, *FINISHED_LATER).history
    ]


def test_a_new_case_has_no_result_lead_or_appointment() -> None:
    answer = shown(opened())
    assert (answer["result"], answer["lead"], answer["appointment"]) == (None, None, None)
    assert answer["notices"] == []


def test_a_notice_says_what_its_unit_did_with_it() -> None:
    case = play(joint(), acknowledge(ASSISTING), decline(ASSISTING), explain_refusal(ASSISTING))
    lead, assisting = shown(case)["notices"]
    assert lead == {
        "number": f"转〔2025〕{LEAD}",
        "unit": LEAD,
        "role": "lead",
        "items": [RENEWAL],
        "issued_at": "2025-09-15T10:00:00+08:00",
        "acknowledged_at": None,
        "reply": None,
        "replied_at": None,
        "explained_at": None,
    }
    assert assisting == {
        "number": f"转〔2025〕{ASSISTING}",
        "unit": ASSISTING,
        "role": "assisting",
        "items": [CARD],
        "issued_at": "2025-09-15T10:00:00+08:00",
        "acknowledged_at": "2025-09-15T11:30:00+08:00",
        "reply": "declined",
        "replied_at": "2025-09-15T14:00:00+08:00",
        "explained_at": "2025-09-15T15:30:00+08:00",
    }


def test_in_full_a_case_says_whom_to_visit_and_where() -> None:
    answer = shown(after(Close), full=True)
    assert answer["applicant"] == {"name": "王秀兰", "phone": "0712-2000301"}
    assert answer["address"] == "孝南区书院街道槐荫大道118号"
    assert answer["ground"] == "disabled"
    assert answer["appointment"]["staff"] == [
        {"name": "经办人1", "unit": LEAD, "phone": "0712-2000301"}
    ]


def test_otherwise_people_are_masked_and_lists_keep_their_length() -> None:
    answer = shown(after(Close))
    assert answer["applicant"] == {"name": "***", "phone": "***"}
    assert (answer["address"], answer["reason"], answer["ground"]) == ("***", "***", "***")
    assert answer["appointment"] == {
        "start": "2025-09-18T09:30:00+08:00",
        "place": "***",
        "materials": ["***", "***"],
        "staff": [{"name": "***", "unit": LEAD, "phone": "***"}],
    }


def test_what_was_corrected_is_masked_field_by_field() -> None:
    case = play(opened(), correct(1, {"address": "槐荫大道120号"}))
    assert shown(case)["history"][1]["fields"] == {"address": "***"}


def test_what_a_correction_took_away_is_masked_too() -> None:
    case = play(opened(circumstances="独居。"), correct(1, {"circumstances": None}))
    assert shown(case)["history"][1]["fields"] == {"circumstances": "***"}


def test_staff_are_shown_by_their_unit_alone() -> None:
    assert mask(staff(LEAD)) == [{"name": "***", "unit": LEAD, "phone": "***"}]


@pytest.mark.parametrize(
    "name", ["王秀兰", "槐荫", "卧床", "0712-2000301", "照片", "经办人", "周敏"]
)
def test_nothing_of_anybody_is_seen_in_a_masked_case(name: str) -> None:
    answer = shown(play(None, *FINISHED_LATER))
    assert name not in json.dumps(answer, ensure_ascii=False)
    in_full = shown(play(None, *FINISHED_LATER), full=True)
    assert name in json.dumps(in_full, ensure_ascii=False)


@given(seed=SEEDS)
def test_any_case_is_shown_as_json(seed: int) -> None:
    case = end_of(walk(seed))
    for full in (True, False):
        assert len(shown(case, full=full)["history"]) == case.version


# --- as it was known -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "version"),
    [
        ("2025-09-15 09:00", 1),
        ("2025-09-15 09:59:59.999999", 1),
        ("2025-09-15 10:00", 2),
        ("2025-12-31 00:00", 8),
    ],
)
def test_a_case_is_shown_as_it_stood_at_a_moment(moment: str, version: int) -> None:
    known = as_known_at(play(None, *ORDINARY), at(moment))
    assert known is not None
    assert known == play(None, *ORDINARY[:version])


def test_before_its_application_a_case_was_not_known() -> None:
    assert as_known_at(opened(), at("2025-09-15 08:59")) is None


def test_an_act_told_of_later_was_not_known_before_it_happened() -> None:
    case = play(None, *ORDINARY[:5], (file_registration_form(), "2025-09-30 09:00"))
    known = as_known_at(case, at("2025-09-19 09:00"))
    assert known == case


def test_a_withdrawn_case_is_shown_with_its_end() -> None:
    case = play(opened(), withdraw())
    known = as_known_at(case, at("2025-09-15 17:00"))
    assert known is not None
    assert isinstance(known.closing, Withdrawn)
    assert shown(known)["result"] == "withdrawn"


# --- receipts, what may be next, printed forms ---------------------------------------------------


def receipt(step: Any, case: Case, *, repeated: bool = False) -> dict[str, Any]:
    decision = judged(case, step)
    answer: dict[str, Any] = through_json(
        receipt_to_wire(
            Receipt(event=decision.events[0], findings=decision.findings, repeated=repeated)
        )
    )
    return answer


def test_a_receipt_says_what_came_of_a_command() -> None:
    late = accept(at="2025-09-17 09:00")
    answer = receipt(late, play(opened(), transfer()))
    findings_ = answer.pop("findings")
    assert answer == {
        "case": "XN-2025-0915",
        "ok": True,
        "state": "accepted",
        "version": 3,
        "event": "accepted",
    }
    assert [finding["code"] for finding in findings_] == ["late_act"]


def test_a_receipt_says_so_where_it_was_given_before() -> None:
    assert receipt(transfer(), opened(), repeated=True)["repeated"] is True


def test_what_may_be_next_is_told_with_what_it_waits_for() -> None:
    option = {a.command: a for a in available(opened(), WINDOW)}["withdraw"]
    assert through_json(availability_to_wire(option)) == {
        "command": "withdraw",
        "clause": "7.1",
        "allowed": True,
        "error": None,
        "violations": [],
        "waiting": [
            {"rule": "reason_given", "clause": "7.1", "needs": ["reason"]},
            {"rule": "at_not_after_recorded", "clause": "9", "needs": ["at"]},
            {"rule": "recorded_in_order", "clause": "9", "needs": ["recorded_at"]},
            {"rule": "at_not_before_cause", "clause": "9", "needs": ["at"]},
        ],
    }


def test_what_may_not_be_next_is_told_with_the_reason() -> None:
    option = {a.command: a for a in available(opened(), WINDOW)}["close"]
    answer = through_json(availability_to_wire(option))
    assert (answer["allowed"], answer["error"], answer["waiting"]) == (False, "not_allowed", [])
    assert [v["rule"] for v in answer["violations"]] == ["not_allowed"]


def form_fields(*, full: bool) -> dict[str, dict[str, Any]]:
    answer = through_json(form_to_wire(registration_form(after(Serve)), full=full))
    assert answer["title"] == "“上门办、一次办”服务登记表"
    return {field["field"]: field for field in answer["fields"]}


def test_a_printed_form_is_told_field_by_field() -> None:
    fields = form_fields(full=True)
    assert fields["applicant"] == {
        "field": "applicant",
        "printed": "申请人",
        "value": "王秀兰",
        "blank": None,
        "missing": False,
    }
    assert fields["assisting_units"]["blank"] == "无协办窗口上门"
    assert fields["summary"]["missing"]


def test_otherwise_what_was_filled_in_is_masked_and_what_is_missing_is_not() -> None:
    fields = form_fields(full=False)
    assert (fields["applicant"]["value"], fields["applicant"]["missing"]) == ("***", False)
    assert (fields["summary"]["value"], fields["summary"]["missing"]) == (None, True)
