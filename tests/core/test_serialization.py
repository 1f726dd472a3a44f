"""Journal lines and stored events: written and read back the same, and refused by name."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onsite_workflow import (
    SHANGHAI,
    Apply,
    Command,
    Correct,
    CorruptRecord,
    Event,
    Evidence,
    Finding,
    FindingCode,
    InvalidInput,
    Kind,
    Obligation,
    ServiceItem,
)
from onsite_workflow.clause7.events import Applied
from onsite_workflow.clause7.procedure import COMMANDS, EVENTS
from onsite_workflow.ports import CaseSummary
from onsite_workflow.testing import sample_case
from onsite_workflow.testing.cases.strategies import commands, events, instances, moments
from onsite_workflow.wire.digests import content_key
from onsite_workflow.wire.reading import (
    LONGEST_LINE,
    JournalLine,
    command_from_wire,
    event_from_json,
    parse_json,
    read_as,
    read_line,
    read_moment,
)
from onsite_workflow.wire.writing import command_to_wire, event_to_json, to_wire

from .build import (
    CALENDAR,
    FINISHED_LATER,
    ORDINARY,
    RENEWAL,
    apply,
    at,
    correct,
    file_registration_form,
    give_one_time_notice,
    of,
    owed,
    play,
    report_outcome,
    schedule,
    serve,
    transfer,
    withdraw,
)


def wire(command: Command) -> dict[str, Any]:
    """The command's own line, through JSON."""
    line: dict[str, Any] = json.loads(json.dumps(command_to_wire(command)))
    return line


def unreadable(line: Any) -> list[tuple[str, str]]:
    """Field and rule of everything that can't be read."""
    text = line if isinstance(line, str | bytes) else json.dumps(line)
    with pytest.raises(InvalidInput) as caught:
        read_line(text)
    return [(v.facts["field"], v.rule) for v in caught.value.violations]


# --- there and back ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", COMMANDS.values(), ids=list(COMMANDS))
@settings(max_examples=20)
@given(data=st.data())
def test_a_command_is_read_back_as_it_was_written(kind: type[Command], data: st.DataObject) -> None:
    command = data.draw(instances(kind))
    text = json.dumps(command_to_wire(command))
    assert read_line(text) == JournalLine(command=command)


@pytest.mark.parametrize("kind", EVENTS.values(), ids=list(EVENTS))
@settings(max_examples=20)
@given(data=st.data())
def test_an_event_is_read_back_as_it_was_stored(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(instances(kind))
    assert event_from_json(event_to_json(event)) == event


@given(event=events())
def test_an_event_read_back_is_stored_again_byte_for_byte(event: Event) -> None:
    line = event_to_json(event)
    assert event_to_json(event_from_json(line)) == line


def test_an_event_may_be_longer_than_a_line_of_a_journal() -> None:
    first = sample_case("XN-1")[0].events[0]
    assert isinstance(first, Applied)
    evidence = Evidence(name="残疾证", uri="某" * 2000)
    event = attrs.evolve(first, evidence=(evidence,) * 4_100)
    text = event_to_json(event)
    assert len(text) > LONGEST_LINE
    assert event_from_json(text) == event


@given(command=commands(), recorded_at=moments)
def test_the_time_of_entry_travels_with_the_line(
    command: Command, recorded_at: dt.datetime
) -> None:
    text = json.dumps(command_to_wire(command, recorded_at))
    assert read_line(text).recorded_at == recorded_at


@given(moment=moments)
def test_a_moment_is_written_in_shanghai_and_read_back_to_the_microsecond(
    moment: dt.datetime,
) -> None:
    text = to_wire(moment)
    assert text.endswith("+08:00")
    read = read_moment(text)
    assert (read, read.tzinfo) == (moment, SHANGHAI)


def test_a_case_is_the_same_from_its_stored_entries() -> None:
    case = play(None, *FINISHED_LATER)
    lines = [event_to_json(event) for event in case.history]
    assert tuple(event_from_json(line) for line in lines) == case.history


def test_findings_and_obligations_are_read_back_too() -> None:
    finding = Finding(
        code=FindingCode.LATE_ACT,
        clause="7.2",
        kind=Kind.REPLY,
        bearer="某单位",
        due=at("2025-09-17 00:00"),
        at=at("2025-09-17 09:00"),
        by_seconds=32400,
        version=3,
    )
    assert read_as(Finding, to_wire(finding)) == finding
    obligation = owed(play(None, *ORDINARY[:2]), Kind.REPLY, "2025-09-15 12:00")
    assert read_as(Obligation, to_wire(obligation)) == obligation
    assert obligation.due_day == CALENDAR.add_working_days(dt.date(2025, 9, 15), 1).date


# --- what a line looks like ----------------------------------------------------------------------


def test_a_line_names_its_command_and_leaves_out_what_was_not_given() -> None:
    assert wire(withdraw()) == {
        "command": "withdraw",
        "case": "XN-2025-0915",
        "at": "2025-09-15T17:00:00+08:00",
        "by": {"role": "applicant", "name": "王秀兰"},
        "reason": "家人可以代办。",
    }


def test_an_empty_list_of_materials_is_not_the_same_as_none() -> None:
    assert wire(schedule(materials=()))["materials"] == []
    assert "materials" not in wire(schedule(materials=None))
    assert read_line(json.dumps(wire(schedule(materials=())))).command == schedule(materials=())


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (apply(evidence=[]), "evidence"),
        (file_registration_form(blank={}), "blank"),
        (report_outcome(to_deliver=()), "to_deliver"),
    ],
)
def test_nothing_said_and_nothing_given_are_the_same_line(command: Command, field: str) -> None:
    assert field not in wire(command)


def test_a_removal_in_a_correction_is_written_as_null() -> None:
    assert wire(correct(1, {"circumstances": None}))["fields"] == {"circumstances": None}


def test_a_stored_event_begins_with_its_name_and_schema() -> None:
    (event,) = play(None, apply()).history
    assert event_to_json(event).startswith('{"event":"applied","schema":1,"case":"XN-2025-0915",')


def test_stored_text_is_readable_chinese() -> None:
    (event,) = play(None, apply()).history
    assert "长期卧床" in event_to_json(event)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_names_of_commands_are_chosen_not_derived(name: str) -> None:
    assert COMMANDS[name].name == name
    assert name == name.lower()


# --- the key of a command without an id ----------------------------------------------------------


def test_the_same_content_has_the_same_key_whatever_the_offset() -> None:
    utc = apply(at=at("2025-09-15 09:00").astimezone(dt.UTC))
    assert content_key(utc) == content_key(apply())
    assert len(content_key(apply())) == 64


def test_the_same_content_has_the_same_key_in_whatever_order_its_names_stand() -> None:
    names = {"address": "槐荫大道120号", "reason": "骨折。"}
    turned = dict(reversed(names.items()))
    assert content_key(correct(1, turned)) == content_key(correct(1, names))


@pytest.mark.parametrize(
    "other",
    [
        apply(reason="骨折。"),
        apply(case="XN-2025-0916"),
        apply(at="2025-09-15 09:00:00.000001"),
        apply(id="req-1"),
        apply(by=of("孝南区残疾人联合会")),
        transfer(),
    ],
)
def test_other_content_has_another_key(other: Command) -> None:
    assert content_key(other) != content_key(apply())


def test_the_time_of_entry_belongs_to_the_key_where_the_caller_chose_it() -> None:
    chosen = content_key(apply(), at("2025-09-15 09:00"))
    assert chosen != content_key(apply())
    assert chosen != content_key(apply(), at("2025-09-15 09:01"))
    assert chosen == content_key(apply(), at("2025-09-15 09:00").astimezone(dt.UTC))


# --- lines that can't be read --------------------------------------------------------------------


def changed(command: Command, /, **fields: Any) -> dict[str, Any]:
    return {**wire(command), **fields}


def without(command: Command, name: str) -> dict[str, Any]:
    line = wire(command)
    del line[name]
    return line


BY = {"role": "integrated_window", "name": "柳文静"}

MALFORMED: list[tuple[str, Any, str, str]] = [
    ("no object", [1], "line", "wrong_type"),
    ("no object but null", None, "line", "wrong_type"),
    ("no JSON", "{", "line", "not_json"),
    ("an empty line", "", "line", "not_json"),
    ("two objects", "{}{}", "line", "not_json"),
    ("not a number", '{"command": NaN}', "line", "not_json"),
    ("infinity", '{"command": -Infinity}', "line", "not_json"),
    ("bytes that are no UTF-8", b'{"command": "\xff"}', "line", "not_json"),
    ("UTF-16", '{"command": "apply"}'.encode("utf-16"), "line", "not_json"),
    ("a number of five thousand digits", f'{{"entry": {"9" * 5000}}}', "line", "not_json"),
    ("nesting without end", "[" * 100_000, "line", "not_json"),
    ("a line without end", " " * (LONGEST_LINE + 1), "line", "too_long"),
    ("a field written twice", '{"command":"apply","command":"apply"}', "command", "repeated"),
    (
        "a field written twice within another",
        '{"command":"apply","by":{"name":"a","name":"b"}}',
        "name",
        "repeated",
    ),
    ("no command", without(apply(), "command"), "command", "required"),
    ("a command that is null", changed(apply(), command=None), "command", "required"),
    (
        "a command that is no text",
        changed(apply(), command=["apply"]),
        "command",
        "unknown_command",
    ),
    ("an unknown command", changed(apply(), command="applied"), "command", "unknown_command"),
    ("no case", without(apply(), "case"), "case", "required"),
    ("a case id with a slash", changed(apply(), case="XN/1"), "case", "unreadable"),
    ("an empty case id", changed(apply(), case=""), "case", "unreadable"),
    ("a case id of 65 characters", changed(apply(), case="X" * 65), "case", "unreadable"),
    ("a case id that is a number", changed(apply(), case=7), "case", "wrong_type"),
    ("an unknown field", changed(apply(), phone="0712-2000301"), "phone", "unknown_field"),
    ("a field of another command", changed(withdraw(), notices=[]), "notices", "unknown_field"),
    ("an event's field", changed(withdraw(), state="closed"), "state", "unknown_field"),
    ("a null", changed(apply(), reason=None), "reason", "null"),
    ("a null within", changed(apply(), by={**BY, "id": None}), "by.id", "null"),
    ("a blank id", changed(apply(), id=" "), "id", "required"),
    ("a number for a text", changed(apply(), reason=7), "reason", "wrong_type"),
    ("true for a text", changed(apply(), reason=True), "reason", "wrong_type"),
    ("a text for a list", changed(apply(), items="A.5.2"), "items", "wrong_type"),
    ("an object for a list", changed(apply(), items={"id": "A.5.2"}), "items", "wrong_type"),
    ("a list for an object", changed(apply(), by=[BY]), "by", "wrong_type"),
    ("a text for an item", changed(apply(), items=["A.5.2"]), "items[0]", "wrong_type"),
    (
        "an unknown field of the second item",
        changed(apply(), items=[{"id": "A.5.2"}, {"id": "A.5.3", "position": 3}]),
        "items[1].position",
        "unknown_field",
    ),
    ("an item without id and name", changed(apply(), items=[{}]), "items[0].id", "required"),
    ("an unknown ground", changed(apply(), ground="old"), "ground", "unknown_value"),
    ("a ground that is no text", changed(apply(), ground=1), "ground", "wrong_type"),
    ("an unknown role", changed(apply(), by={**BY, "role": "window"}), "by.role", "unknown_value"),
    ("an actor without a name", changed(apply(), by={"role": "applicant"}), "by.name", "required"),
    (
        "an actor with a blank name",
        changed(apply(), by={"role": "applicant", "name": " "}),
        "by.name",
        "required",
    ),
    (
        "a handling unit without its unit",
        changed(apply(), by={"role": "handling_unit", "name": "陈志远"}),
        "by.unit",
        "required",
    ),
    (
        "a phone that is none",
        changed(apply(), applicant={"name": "王秀兰", "phone": "不详"}),
        "applicant.phone",
        "unreadable",
    ),
    (
        "an identity number with a wrong check digit",
        changed(apply(), applicant={"name": "王秀兰", "id_number": "110105194912310021"}),
        "applicant.id_number",
        "unreadable",
    ),
    ("a time without an offset", changed(apply(), at="2025-09-15T09:00:00"), "at", "naive_time"),
    ("a date for a time", changed(apply(), at="2025-09-15"), "at", "naive_time"),
    ("a time without seconds", changed(apply(), at="2025-09-15T09:00+08:00"), "at", "unreadable"),
    ("a 30th of February", changed(apply(), at="2025-02-30T09:00:00+08:00"), "at", "unreadable"),
    ("an hour 25", changed(apply(), at="2025-09-15T25:00:00+08:00"), "at", "unreadable"),
    ("an offset of 25 hours", changed(apply(), at="2025-09-15T09:00:00+25:00"), "at", "unreadable"),
    ("a number for a time", changed(apply(), at=1757898000), "at", "wrong_type"),
    ("the year 1949", changed(apply(), at="1949-12-31T23:59:59+08:00"), "at", "out_of_range"),
    ("the year 2200", changed(apply(), at="2200-01-01T00:00:00+08:00"), "at", "out_of_range"),
    ("before all time", changed(apply(), at="0001-01-01T00:00:00+14:00"), "at", "unreadable"),
    ("a wrong time of entry", changed(apply(), recorded_at="gestern"), "recorded_at", "unreadable"),
    ("a null time of entry", changed(apply(), recorded_at=None), "recorded_at", "wrong_type"),
    (
        "a time of entry in the year 2200",
        changed(apply(), recorded_at="2200-01-01T00:00:00+08:00"),
        "recorded_at",
        "out_of_range",
    ),
    (
        "a naive time of entry",
        changed(apply(), recorded_at="2025-09-15T09:00:00"),
        "recorded_at",
        "naive_time",
    ),
    ("a lone surrogate", wire(apply()) | {"reason": "\ud800"}, "reason", "unsafe_character"),
    ("a zero byte", changed(apply(), reason="a\x00b"), "reason", "unsafe_character"),
    ("a tab", changed(apply(), reason="a\tb"), "reason", "unsafe_character"),
    ("a carriage return", changed(apply(), reason="a\r\nb"), "reason", "unsafe_character"),
    ("a bidirectional override", changed(apply(), reason="a\u202eb"), "reason", "unsafe_character"),
    ("2,001 characters", changed(apply(), reason="长" * 2001), "reason", "too_long"),
    (
        "a name of 101 characters",
        changed(apply(), by={**BY, "name": "长" * 101}),
        "by.name",
        "too_long",
    ),
    (
        "a name on two lines",
        changed(apply(), by={**BY, "name": "柳\n文静"}),
        "by.name",
        "unsafe_character",
    ),
    (
        "a digest that is none",
        changed(apply(), evidence=[{"name": "残疾人证", "sha256": "00"}]),
        "evidence[0].sha256",
        "unreadable",
    ),
    ("an unreadable case to follow", changed(apply(), follows="a b"), "follows", "unreadable"),
    (
        "text for true",
        changed(serve(), forms_completed="yes"),
        "forms_completed",
        "wrong_type",
    ),
    (
        "one for true",
        changed(serve(), results=[{"item": RENEWAL, "completed": 1}]),
        "results[0].completed",
        "wrong_type",
    ),
    (
        "a phone of somebody who visited",
        changed(serve(), staff=[{"name": "甲", "unit": "乙", "phone": "13900001234"}]),
        "staff[0].phone",
        "unknown_field",
    ),
    (
        "a promised 31st of September",
        changed(
            give_one_time_notice(), outstanding=[{"item": RENEWAL, "expected_by": "2025-09-31"}]
        ),
        "outstanding[0].expected_by",
        "unreadable",
    ),
    (
        "a promised moment",
        changed(
            give_one_time_notice(),
            outstanding=[{"item": RENEWAL, "expected_by": "2025-09-22T00:00:00+08:00"}],
        ),
        "outstanding[0].expected_by",
        "unreadable",
    ),
    (
        "a list of boxes left blank",
        changed(file_registration_form(), blank=["summary"]),
        "blank",
        "wrong_type",
    ),
    (
        "a box left blank for a number",
        changed(file_registration_form(), blank={"summary": 7}),
        "blank.summary",
        "wrong_type",
    ),
    (
        "somebody's name for a box",
        changed(file_registration_form(), blank={"王秀兰": 7}),
        "blank.?",
        "wrong_type",
    ),
    ("a fraction of an entry", changed(correct(1, {}), entry=1.5), "entry", "wrong_type"),
    (
        "an infinite entry",
        json.dumps(wire(correct(1, {}))).replace('"entry": 1', '"entry": 1e999'),
        "entry",
        "wrong_type",
    ),
    ("true for an entry", changed(correct(1, {}), entry=True), "entry", "wrong_type"),
    ("a list of corrections", changed(correct(1, {}), fields=["x"]), "fields", "wrong_type"),
    (
        "a correction of an unknown field",
        changed(correct(1, {}), fields={"adress": "x"}),
        "fields.adress",
        "unknown_field",
    ),
    (
        "a correction of a wrong type",
        changed(correct(1, {}), fields={"items": "A.5.2"}),
        "fields.items",
        "wrong_type",
    ),
    (
        "a correction to a naive time",
        changed(correct(1, {}), fields={"at": "2025-09-15T09:00:00"}),
        "fields.at",
        "naive_time",
    ),
    (
        "a name that is no identifier",
        changed(apply(), 王秀兰=1),
        "?",
        "unknown_field",
    ),
    ("a surrogate for a name", changed(apply(), **{"\ud800": 1}), "?", "unknown_field"),
]


@pytest.mark.parametrize(
    ("line", "field", "rule"), [pytest.param(*row[1:], id=row[0]) for row in MALFORMED]
)
def test_what_cannot_be_read_is_named_with_the_rule_it_breaks(
    line: Any, field: str, rule: str
) -> None:
    assert unreadable(line) == [(field, rule)]


def test_every_unreadable_field_of_a_line_is_named() -> None:
    line = without(apply(), "by") | {"at": "x", "reason": None, "ground": "old", "color": "red"}
    assert sorted(unreadable(line)) == [
        ("at", "unreadable"),
        ("by", "required"),
        ("color", "unknown_field"),
        ("ground", "unknown_value"),
        ("reason", "null"),
    ]


@pytest.mark.parametrize("role", ["ground", "command"])
def test_an_unknown_value_is_answered_with_those_that_are_known(role: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_line(json.dumps(changed(apply(), **{role: "x"})))
    (violation,) = caught.value.violations
    for value in violation.facts["allowed"]:
        assert value in violation.zh
        assert value in violation.en


@pytest.mark.parametrize(
    "text",
    [
        "2025-09-15T01:00:00Z",
        "2025-09-15T01:00:00z",
        "2025-09-15t09:00:00+08:00",
        "2025-09-15 09:00:00.000000+08:00",
        "2025-09-14T20:00:00-05:00",
    ],
)
def test_any_rfc_3339_spelling_of_a_moment_is_the_same_moment(text: str) -> None:
    assert read_moment(text) == at("2025-09-15 09:00")


@pytest.mark.parametrize("offset", ["+08:00", "Z", "-05:00"])
def test_a_fraction_of_a_second_is_kept_to_the_microsecond(offset: str) -> None:
    assert read_moment(f"2025-09-15T01:00:00.123456{offset}").microsecond == 123_456


def test_bytes_and_text_are_the_same_line() -> None:
    text = json.dumps(wire(apply()), ensure_ascii=False)
    assert read_line(text.encode()) == read_line(text)


def test_an_object_that_was_parsed_elsewhere_is_read_too() -> None:
    assert command_from_wire(wire(apply())).command == apply()


def test_what_is_never_corrected_is_left_for_its_rule_to_refuse() -> None:
    line = changed(correct(1, {}), fields={"by": BY, "id": None, "recorded_at": "x"})
    read = read_line(json.dumps(line)).command
    assert isinstance(read, Correct)
    assert set(read.fields) == {"by", "id", "recorded_at"}


def test_a_name_written_oddly_in_a_correction_is_not_repeated() -> None:
    line = changed(correct(1, {}), fields={"王秀兰": None})
    read = read_line(json.dumps(line)).command
    assert isinstance(read, Correct)
    assert dict(read.fields) == {"?": None}


# --- anything at all -----------------------------------------------------------------------------

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def read_or_told(read: Callable[[str], object], text: str) -> object:
    """What is read, or the error that says why not; any other error is nobody's answer."""
    try:
        return read(text)
    except (InvalidInput, CorruptRecord) as error:
        return error


@given(value=ANYTHING)
def test_whatever_json_is_given_the_answer_is_a_command_or_what_is_wrong(value: Any) -> None:
    answer = read_or_told(read_line, json.dumps(value))
    assert isinstance(answer, JournalLine | InvalidInput)


@given(data=st.binary())
def test_whatever_bytes_are_given_the_answer_is_what_is_wrong(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_line(data)


@given(command=commands(), value=ANYTHING, seed=st.integers(0))
def test_a_line_with_one_field_spoilt_is_read_or_the_fault_is_told(
    command: Command, value: Any, seed: int
) -> None:
    line = wire(command)
    line[sorted(line)[seed % len(line)]] = value
    answer = read_or_told(read_line, json.dumps(line))
    assert isinstance(answer, JournalLine | InvalidInput)


@given(event=events(), value=ANYTHING, seed=st.integers(0))
def test_a_record_with_one_field_spoilt_is_read_or_corrupt(
    event: Event, value: Any, seed: int
) -> None:
    stored = json.loads(event_to_json(event))
    stored[sorted(stored)[seed % len(stored)]] = value
    answer = read_or_told(event_from_json, json.dumps(stored))
    assert isinstance(answer, Event | CorruptRecord)


# --- records that can't be read back -------------------------------------------------------------


def record(**changes: Any) -> str:
    (event,) = play(None, apply()).history
    return json.dumps({**json.loads(event_to_json(event)), **changes})


CORRUPT = [
    pytest.param("", "line", "not_json", id="empty"),
    pytest.param("[]", "record", "wrong_type", id="no object"),
    pytest.param("{}", "event", "unknown_event", id="nothing"),
    pytest.param(record(event="moved"), "event", "unknown_event", id="unknown"),
    pytest.param(record(event=None), "event", "unknown_event", id="null"),
    pytest.param(record(event=["applied"]), "event", "unknown_event", id="a list"),
    pytest.param(record(event={"applied": 1}), "event", "unknown_event", id="an object"),
    pytest.param(record(schema=2), "event", "unknown_event", id="a schema to come"),
    pytest.param(record(schema="1"), "event", "unknown_event", id="a schema in letters"),
    pytest.param(record(schema=None), "event", "unknown_event", id="no schema"),
    pytest.param(record(colour="red"), "colour", "unknown_field", id="an unknown field"),
    pytest.param(record(version="1"), "version", "wrong_type", id="a version in letters"),
    pytest.param(record(version=True), "version", "wrong_type", id="true for a version"),
    pytest.param(record(state="open"), "state", "unknown_value", id="an unknown state"),
    pytest.param(record(at="2025-09-15"), "at", "naive_time", id="a naive time"),
    pytest.param(record(by={}), "by.role", "required", id="an actor without a role"),
]


@pytest.mark.parametrize(("text", "field", "rule"), CORRUPT)
def test_a_stored_record_that_cannot_be_read_is_corrupt(text: str, field: str, rule: str) -> None:
    with pytest.raises(CorruptRecord) as caught:
        event_from_json(text)
    violation = caught.value.violations[0]
    assert (violation.facts["field"], violation.rule) == (field, rule)
    assert caught.value.answer == "corrupt"


@pytest.mark.parametrize("name", list(EVENTS))
def test_an_event_without_its_envelope_is_corrupt(name: str) -> None:
    with pytest.raises(CorruptRecord) as caught:
        event_from_json(json.dumps({"event": name, "schema": 1}))
    missing = {violation.facts["field"] for violation in caught.value.violations}
    assert missing >= {"case", "version", "at", "recorded_at", "by", "edition", "state"}


# --- what parsing and writing promise by themselves -----------------------------------------------


def test_json_is_parsed_to_plain_values() -> None:
    assert parse_json('{"a": [1, true, null, "二"]}') == {"a": [1, True, None, "二"]}


def test_a_value_is_written_without_what_it_need_not_say() -> None:
    assert to_wire(ServiceItem(id=RENEWAL)) == {"id": RENEWAL}


def test_a_value_of_the_wrong_shape_is_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_as(ServiceItem, {"id": 5})
    assert caught.value.violations[0].facts["field"] == "id"


def test_reading_makes_the_checked_value_itself() -> None:
    read = command_from_wire(wire(apply())).command
    assert isinstance(read, Apply)
    assert attrs.asdict(read, recurse=False) == attrs.asdict(apply(), recurse=False)


def test_what_a_store_lists_of_a_case_is_read_back_as_it_was_written() -> None:
    for commit in sample_case("XN-1"):
        assert (
            read_as(CaseSummary, json.loads(json.dumps(to_wire(commit.summary)))) == commit.summary
        )
        for listed in commit.obligations:
            assert read_as(Obligation, json.loads(json.dumps(to_wire(listed)))) == listed
