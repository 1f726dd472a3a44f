"""Events stored by this version are read for ever, and written again byte for byte.

``events-v1.jsonl`` holds one line of each kind, as schema 1 was stored when it was new. Never edit
a line of it. Where a shape has to change, raise that event's ``schema``, read the old one too, and
store the new one beside it.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from onsite_workflow import (
    SHANGHAI,
    Actor,
    Applicant,
    Cause,
    Event,
    Evidence,
    ItemResult,
    OutstandingItem,
    Recipient,
    Role,
    ServiceItem,
    Signature,
    SpecialGroup,
    StaffMember,
    State,
    TransferNotice,
    UnitRole,
)
from onsite_workflow.clause7.procedure import EVENTS
from onsite_workflow.wire.reading import event_from_json
from onsite_workflow.wire.writing import event_to_json

LINES = (Path(__file__).parent / "events-v1.jsonl").read_text(encoding="utf-8").splitlines()
NAMES = [json.loads(line)["event"] for line in LINES]

LEAD, FIRST, THIRD = "孝南区残疾人联合会", "孝南区人力资源和社会保障局", "孝南区医疗保障局"
WINDOW = Actor(role=Role.INTEGRATED_WINDOW, name="柳文静")
APPLICANT = Actor(role=Role.APPLICANT, name="王秀兰")
UNIT = Actor(role=Role.HANDLING_UNIT, name="陈志远", unit=THIRD)
LED = Actor(role=Role.HANDLING_UNIT, name="陈志远", unit=LEAD)
STAFF = (StaffMember(name="经办人1", unit=THIRD, phone="0712-2000301"),)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


#: Version, time, actor and state reached, then the event's own fields.
EXPECTED: dict[str, tuple[int, str, Actor, State, dict[str, Any]]] = {
    "applied": (
        1,
        "2025-09-15 09:00:00.250000",
        Actor(role=Role.INTEGRATED_WINDOW, name="柳文静", unit="孝南区政务服务中心", id="W-07"),
        State.APPLIED,
        {
            "applicant": Applicant(
                name="王建国", phone="0712-2000301", id_number="11010519491231002X"
            ),
            "recipient": Recipient(name="王秀兰", relation="母亲", phone="13900001234"),
            "address": "孝南区书院街道槐荫大道118号\n三单元502室",
            "ground": SpecialGroup.DISABLED,
            "circumstances": "独居。",
            "reason": "长期卧床，无法前往政务服务中心。",
            "items": (
                ServiceItem(id="A.5.2", name="残疾人证换领"),
                ServiceItem(id="A.12.1", name="社会保障卡服务（申领）"),
                ServiceItem(name="代写书信", ground="独居，无人代写。"),
            ),
            "evidence": (Evidence(name="残疾人证", sha256="0" * 64, uri="archive:0001"),),
            "follows": "XN-2024-0099",
        },
    ),
    "transferred": (
        2,
        "2025-09-15 09:10",
        WINDOW,
        State.TRANSFERRED,
        {
            "notices": (
                TransferNotice(
                    number="孝南转〔2025〕101号",
                    unit=LEAD,
                    role=UnitRole.LEAD,
                    items=("A.5.2", "代写书信"),
                ),
                TransferNotice(
                    number="孝南转〔2025〕102号",
                    unit=FIRST,
                    role=UnitRole.ASSISTING,
                    items=("A.12.1",),
                ),
            )
        },
    ),
    "reassigned": (
        3,
        "2025-09-15 09:20",
        WINDOW,
        State.TRANSFERRED,
        {
            "from_unit": FIRST,
            "notice": TransferNotice(
                number="孝南转〔2025〕103号",
                unit=THIRD,
                role=UnitRole.ASSISTING,
                items=("A.12.1",),
            ),
            "reason": "不属该单位职责。",
        },
    ),
    "acknowledged": (4, "2025-09-15 09:30", LED, State.TRANSFERRED, {}),
    "accepted": (6, "2025-09-15 10:30", UNIT, State.TRANSFERRED, {}),
    "declined": (
        5,
        "2025-09-15 10:00",
        LED,
        State.TRANSFERRED,
        {"reason": "须到现场拍照。", "alternatives": ("预约周六专窗。", "委托社区代办。")},
    ),
    "lead_designated": (7, "2025-09-17 08:30", WINDOW, State.ACCEPTED, {"unit": THIRD}),
    "refusal_explained": (
        8,
        "2025-09-17 09:00",
        WINDOW,
        State.ACCEPTED,
        {"unit": LEAD, "channel": "电话", "explained_to": "王秀兰"},
    ),
    "scheduled": (
        9,
        "2025-09-17 09:30",
        UNIT,
        State.SCHEDULED,
        {
            "start": at("2025-09-18 09:30"),
            "end": at("2025-09-18 11:00"),
            "place": "孝南区书院街道槐荫大道118号",
            "materials": ("身份证", "原残疾人证"),
            "staff": STAFF,
        },
    ),
    "rescheduled": (
        10,
        "2025-09-17 10:00",
        APPLICANT,
        State.SCHEDULED,
        {
            "reason": "当日须去医院。",
            "start": at("2025-09-19 09:30"),
            "end": at("2025-09-19 11:00"),
            "place": "文昌路5号",
            "materials": (),
            "staff": STAFF,
        },
    ),
    "visit_failed": (
        11,
        "2025-09-19 10:00",
        UNIT,
        State.ACCEPTED,
        {"cause": Cause.OTHER, "note": "电梯停运。"},
    ),
    "served": (
        13,
        "2025-09-22 11:00",
        UNIT,
        State.SERVED,
        {
            "arrived_at": at("2025-09-22 09:31"),
            "left_at": at("2025-09-22 10:40:30"),
            "staff": (StaffMember(name="经办人1", unit=THIRD),),
            "forms_completed": False,
            "results": (ItemResult(item="A.12.1", completed=False, note="系统停机。"),),
        },
    ),
    "one_time_notice_given": (
        14,
        "2025-09-22 11:30",
        UNIT,
        State.PENDING_NOTICE,
        {
            "outstanding": (
                OutstandingItem(
                    item="A.12.1",
                    needed=("近期免冠照片", "回执"),
                    expected_by=dt.date(2025, 9, 26),
                ),
            )
        },
    ),
    "outcome_reported": (
        15,
        "2025-09-26 10:00",
        UNIT,
        State.PENDING_NOTICE,
        {
            "item": "A.12.1",
            "outcome": "已办结。",
            "channel": "电话",
            "to_deliver": ("社会保障卡",),
        },
    ),
    "delivered": (
        16,
        "2025-09-28 10:00",
        UNIT,
        State.PENDING_NOTICE,
        {
            "item": "A.12.1",
            "materials": ("社会保障卡",),
            "method": "上门",
            "received_by": "王秀兰",
        },
    ),
    "closed": (17, "2025-09-28 11:30", UNIT, State.CLOSED, {"summary": "社会保障卡已送达。"}),
    "withdrawn": (
        2,
        "2025-09-15 17:00",
        APPLICANT,
        State.CLOSED,
        {"reason": "家人可以代办。"},
    ),
    "registration_form_filed": (
        18,
        "2025-09-28 12:00",
        UNIT,
        State.CLOSED,
        {
            "summary": "已办结。",
            "signatures": (Signature(name="经办人1", unit=THIRD),),
            "recipient_opinion": None,
            "blank": {"recipient_opinion": "不愿评价。"},
        },
    ),
    "archived": (
        21,
        "2025-09-29 09:00",
        UNIT,
        State.ARCHIVED,
        {"archive_number": "档〔2025〕0915", "keeper": "周敏"},
    ),
    "corrected": (
        20,
        "2025-09-28 13:30",
        APPLICANT,
        State.CLOSED,
        {
            "entry": 10,
            "fields": {"end": None, "start": at("2025-09-19 09:40"), "staff": STAFF},
            "reason": "笔误。",
        },
    ),
}

ENVELOPE = {f.name for f in attrs.fields(Event)}


def test_there_is_one_line_of_every_event() -> None:
    assert sorted(NAMES) == sorted(EVENTS) == sorted(EXPECTED)


@pytest.mark.parametrize("line", LINES, ids=NAMES)
def test_a_stored_event_is_written_again_byte_for_byte(line: str) -> None:
    assert event_to_json(event_from_json(line)) == line


@pytest.mark.parametrize("line", LINES, ids=NAMES)
def test_a_stored_event_still_says_what_it_said(line: str) -> None:
    event = event_from_json(line)
    version, when, by, state, own = EXPECTED[event.name]
    assert (event.version, event.at, event.by, event.state) == (version, at(when), by, state)
    assert event.edition == "DB4209/T 32—2023"
    held = {f.name: getattr(event, f.name) for f in attrs.fields(type(event))}
    assert {name: value for name, value in held.items() if name not in ENVELOPE} == own


def test_the_time_of_entry_and_the_id_are_kept_where_they_differ() -> None:
    accepted = event_from_json(LINES[NAMES.index("accepted")])
    assert (accepted.recorded_at, accepted.id) == (at("2025-09-17 00:00"), "req-0006")
    assert event_from_json(LINES[NAMES.index("closed")]).id is None


@pytest.mark.parametrize("name", list(EVENTS))
def test_an_event_still_has_the_schema_its_line_was_stored_with(name: str) -> None:
    """Raise the number and this fails: store the new shape in a file of its own."""
    assert EVENTS[name].schema == json.loads(LINES[NAMES.index(name)])["schema"] == 1
