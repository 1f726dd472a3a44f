"""Values are checked when they are made; what is wrong is named with its field and its rule."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable
from typing import Any

import attrs
import pytest

import onsite_workflow as ow
from onsite_workflow import (
    SHANGHAI,
    Actor,
    Applicant,
    Cause,
    Directory,
    Evidence,
    InvalidInput,
    ItemResult,
    OutstandingItem,
    Recipient,
    Result,
    Role,
    ServiceItem,
    Signature,
    SpecialGroup,
    StaffMember,
    State,
    TransferNotice,
    Unit,
    UnitRole,
)
from onsite_workflow.checks import check_count, is_blank, local_day, plain, shown_name

from .build import (
    LEAD,
    RENEWAL,
    WINDOW,
    accept,
    apply,
    archive,
    at,
    correct,
    deliver,
    file_registration_form,
    give_one_time_notice,
    report_failed_visit,
    report_outcome,
    schedule,
    serve,
    staff,
    transfer,
    withdraw,
)


def wrong(make: Callable[[], object]) -> tuple[str, str]:
    """The field and the rule of what can't be made."""
    with pytest.raises(InvalidInput) as caught:
        make()
    (violation,) = caught.value.violations
    assert violation.facts["field"] in violation.zh
    assert violation.facts["field"] in violation.en
    return violation.facts["field"], violation.rule


def named(**fields: Any) -> Applicant:
    return Applicant(**{"name": "王秀兰", **fields})


# --- texts, names, keys --------------------------------------------------------------------------

LONG = "长" * 2000


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param(LONG + "长", "too_long", id="2,001 characters"),
        pytest.param("a\x00", "unsafe_character", id="zero"),
        pytest.param("a\t", "unsafe_character", id="tab"),
        pytest.param("a\r", "unsafe_character", id="carriage return"),
        pytest.param("a\x1f", "unsafe_character", id="unit separator"),
        pytest.param("a\x7f", "unsafe_character", id="delete"),
        pytest.param("a\x85", "unsafe_character", id="next line"),
        pytest.param("a\u200f", "unsafe_character", id="right-to-left mark"),
        pytest.param("a\u061c", "unsafe_character", id="Arabic letter mark"),
        pytest.param("a\u202e", "unsafe_character", id="right-to-left override"),
        pytest.param("a\u2066", "unsafe_character", id="isolate"),
        pytest.param("a\ud800", "unsafe_character", id="surrogate"),
        pytest.param("a\uffff", "unsafe_character", id="noncharacter"),
        pytest.param(7, "wrong_type", id="a number"),
        pytest.param(b"a", "wrong_type", id="bytes"),
        pytest.param(["a"], "wrong_type", id="a list"),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused(text: Any, rule: str) -> None:
    assert wrong(lambda: apply(reason=text)) == ("reason", rule)


@pytest.mark.parametrize("text", ["", " ", LONG, "两行\n文字", "𠮷野家 😀 \u3000"])
def test_a_text_may_be_empty_and_long_and_of_several_lines(text: str) -> None:
    assert apply(reason=text).reason == text


def test_how_long_a_text_is_and_may_be_is_told() -> None:
    with pytest.raises(InvalidInput) as caught:
        apply(reason=LONG + "长")
    facts = caught.value.violations[0].facts
    assert (facts["limit"], facts["length"]) == (2000, 2001)


def test_an_unusable_character_is_told_by_number_and_place() -> None:
    with pytest.raises(InvalidInput) as caught:
        apply(reason="槐荫\u202e大道")
    facts = caught.value.violations[0].facts
    assert (facts["character"], facts["position"]) == ("U+202E", 2)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("长" * 101, "too_long"),
        ("两\n行", "unsafe_character"),
        ("", "required"),
        (" ", "required"),
        ("\u200b\u3000", "required"),
        ("残联 ", "surrounding_blank"),
        ("\u3000残联", "surrounding_blank"),
        ("残联\u200b", "surrounding_blank"),
        ("残\u2028联", "unsafe_character"),
    ],
)
def test_a_name_is_there_on_one_line_of_at_most_100_characters(name: str, rule: str) -> None:
    assert wrong(lambda: named(name=name)) == ("name", rule)
    assert named(name="长" * 100).name == "长" * 100


def test_a_name_that_a_rule_judges_may_be_blank() -> None:
    assert archive(archive_number=" ").archive_number == " "
    assert wrong(lambda: archive(archive_number="档\n号")) == (
        "archive_number",
        "unsafe_character",
    )


@pytest.mark.parametrize("key", ["X", "XN-2025_09.15", "a" * 64, "-", "2025"])
def test_a_case_id_is_letters_digits_and_a_few_signs(key: str) -> None:
    assert withdraw(case=key).case == key


@pytest.mark.parametrize(
    ("key", "rule"),
    [("", "unreadable"), ("a" * 65, "unreadable"), ("X Y", "unreadable"), ("案1", "unreadable"),
     ("X\n", "unreadable"), ("XN/1", "unreadable"), (1, "wrong_type"), (None, "wrong_type")],
)  # fmt: skip
def test_any_other_case_id_is_refused(key: Any, rule: str) -> None:
    assert wrong(lambda: withdraw(case=key)) == ("case", rule)


# --- people --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "phone",
    [
        "13900001234",
        "0712-2778219",
        "(0712)2778219",
        "+86 139 0000 1234",
        "0712-2778219转8",
        "",
        " ",
    ],
)
def test_a_telephone_may_be_a_mobile_a_landline_with_an_extension_or_blank(phone: str) -> None:
    assert named(phone=phone).phone == phone


@pytest.mark.parametrize(
    "phone",
    ["无", "12", "139 0000 1234 或 0712-2778219", "1" * 40, "0712-2778219转", "电话13900001234"],
)
def test_what_is_no_telephone_is_refused(phone: str) -> None:
    assert wrong(lambda: named(phone=phone)) == ("phone", "unreadable")


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_an_identity_number_has_18_places_a_birth_date_and_a_check_digit(number: str) -> None:
    assert named(id_number=number).id_number == number


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("11010519491231002", id="17 places"),
        pytest.param("11010519491231002XX", id="19 places"),
        pytest.param("110105194912310021", id="a wrong check digit"),
        pytest.param("11010519491231002x", id="a small x"),
        pytest.param("110105194913310027", id="a 13th month"),
        pytest.param("110105194902300028", id="a 30th of February"),
        pytest.param("01010519491231002X", id="a first zero"),
        pytest.param("1101051949１231002X", id="a full-width digit"),
        pytest.param("", id="nothing"),
    ],
)
def test_an_identity_number_that_cannot_be_is_refused(number: str) -> None:
    assert wrong(lambda: named(id_number=number)) == ("id_number", "unreadable")


def valid(first_17: str) -> str:
    """The number with its check digit (GB 11643: ISO 7064, MOD 11-2)."""
    rest = sum(int(d) * pow(2, 17 - n, 11) for n, d in enumerate(first_17)) % 11
    return first_17 + "10X98765432"[rest]


def test_every_place_of_an_identity_number_has_its_weight() -> None:
    number = valid("99999919991111999")  # no place is 0, so that each counts
    assert named(id_number=number).id_number == number


@pytest.mark.parametrize("order", range(30))
def test_each_check_digit_of_gb_11643_is_known(order: int) -> None:
    number = valid(f"42090219560214{order:03}")
    assert named(id_number=number).id_number == number
    other = number[:17] + ("1" if number[17] != "1" else "2")
    assert wrong(lambda: named(id_number=other)) == ("id_number", "unreadable")


def test_a_birth_date_is_a_real_one_even_where_the_check_digit_agrees() -> None:
    assert named(id_number=valid("42090220000229001"))
    assert wrong(lambda: named(id_number=valid("42090219990229001"))) == ("id_number", "unreadable")


@pytest.mark.parametrize(
    ("year", "good"), [(1799, False), (1800, True), (2199, True), (2200, False)]
)
def test_nobody_was_born_before_1800_or_will_be_after_2199(year: int, good: bool) -> None:
    number = valid(f"420902{year}0101001")
    if good:
        assert named(id_number=number)
    else:
        assert wrong(lambda: named(id_number=number)) == ("id_number", "unreadable")


def test_a_whole_number_goes_as_far_as_a_thousand_million() -> None:
    for number in (1_000_000_000, -1_000_000_000):
        check_count("entry", number)
        with pytest.raises(InvalidInput):
            check_count("entry", number + (1 if number > 0 else -1))


def test_somebody_of_a_handling_unit_names_the_unit() -> None:
    assert wrong(lambda: Actor(role=Role.HANDLING_UNIT, name="陈志远")) == ("unit", "required")


def test_only_somebody_of_a_handling_unit_acts_for_one() -> None:
    window = Actor(role=Role.INTEGRATED_WINDOW, name="柳文静", unit="政务服务中心")
    assert window.acting_unit is None
    assert Actor(role=Role.HANDLING_UNIT, name="陈志远", unit=LEAD).acting_unit == LEAD


# --- times ---------------------------------------------------------------------------------------


class Nowhere(dt.tzinfo):
    """A place of which nobody knows what time it is there."""

    def utcoffset(self, _: dt.datetime | None) -> None:
        return None

    def dst(self, _: dt.datetime | None) -> None:
        return None

    def tzname(self, _: dt.datetime | None) -> None:
        return None


@pytest.mark.parametrize(
    ("moment", "rule"),
    [
        pytest.param(dt.datetime(2025, 9, 15, tzinfo=Nowhere()), "naive_time", id="nowhere"),
        pytest.param(dt.datetime(2025, 9, 15, 9), "naive_time", id="naive"),  # noqa: DTZ001
        pytest.param(dt.datetime(1949, 12, 31, tzinfo=SHANGHAI), "out_of_range", id="1949"),
        pytest.param(dt.datetime(2200, 1, 1, tzinfo=SHANGHAI), "out_of_range", id="2200"),
        pytest.param(dt.date(2025, 9, 15), "wrong_type", id="a date"),
        pytest.param(1757898000, "wrong_type", id="a number"),
        pytest.param(None, "wrong_type", id="nothing"),
    ],
)
def test_a_moment_is_a_time_with_an_offset_between_1950_and_2199(moment: Any, rule: str) -> None:
    assert wrong(lambda: accept(at=moment)) == ("at", rule)


def test_a_text_is_no_moment() -> None:
    with pytest.raises(InvalidInput) as caught:
        ow.Accept(case="X", at="2025-09-15T09:00:00+08:00", by=WINDOW)  # type: ignore[arg-type]
    assert caught.value.violations[0].rule == "wrong_type"


@pytest.mark.parametrize(
    "moment",
    [
        dt.datetime(1950, 1, 1, tzinfo=SHANGHAI),
        dt.datetime(2199, 12, 31, 23, 59, 59, 999999, tzinfo=SHANGHAI),
    ],
)
def test_the_first_and_the_last_moment_are_moments(moment: dt.datetime) -> None:
    assert accept(at=moment).at == moment


def promise(day: Any) -> OutstandingItem:
    return OutstandingItem(item=RENEWAL, expected_by=day)


@pytest.mark.parametrize(
    ("day", "rule"),
    [
        (dt.datetime(2025, 9, 22, tzinfo=SHANGHAI), "wrong_type"),
        ("2025-09-22", "wrong_type"),
        (dt.date(1949, 12, 31), "out_of_range"),
        (dt.date(2200, 1, 1), "out_of_range"),
    ],
)
def test_a_promised_day_is_a_date_between_1950_and_2199(day: Any, rule: str) -> None:
    assert wrong(lambda: promise(day)) == ("expected_by", rule)
    assert promise(dt.date(1950, 1, 1)).expected_by == dt.date(1950, 1, 1)
    assert promise(dt.date(2199, 12, 31)).expected_by == dt.date(2199, 12, 31)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (dt.datetime(2025, 9, 15, 15, 59, tzinfo=dt.UTC), dt.date(2025, 9, 15)),
        (dt.datetime(2025, 9, 15, 16, 0, tzinfo=dt.UTC), dt.date(2025, 9, 16)),
        (at("2025-09-15 23:59"), dt.date(2025, 9, 15)),
    ],
)
def test_a_day_is_shanghais(moment: dt.datetime, day: dt.date) -> None:
    assert local_day(moment) == day


# --- the other values ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "field", "rule"),
    [
        (lambda: Actor(role="applicant", name="x"), "role", "wrong_type"),  # type: ignore[arg-type]
        (lambda: Evidence(name="残疾人证", sha256="A" * 64), "sha256", "unreadable"),
        (lambda: Evidence(name="残疾人证", sha256="a" * 63), "sha256", "unreadable"),
        (lambda: Evidence(name="残疾人证", uri="长" * 2001), "uri", "too_long"),
        (lambda: Recipient(name="王秀兰", relation=" "), "relation", "required"),
        (lambda: Recipient(name="王秀兰", relation="母亲", phone="?"), "phone", "unreadable"),
        (ServiceItem, "id", "required"),
        (lambda: ServiceItem(id=" "), "id", "required"),
        (lambda: ServiceItem(name="", ground="x"), "name", "required"),
        (lambda: ServiceItem(name="x", ground="长" * 2001), "ground", "too_long"),
        (lambda: TransferNotice(unit="", role=UnitRole.LEAD), "unit", "required"),
        (lambda: TransferNotice(unit="x", role="lead"), "role", "wrong_type"),  # type: ignore[arg-type]
        (lambda: TransferNotice(unit="x", role=UnitRole.LEAD, items=[" "]), "items[0]", "required"),
        (lambda: TransferNotice(unit="x", role=UnitRole.LEAD, items="A.5.2"), "items", "wrong_type"),
        (lambda: TransferNotice(unit="x", role=UnitRole.LEAD, items=5), "items", "wrong_type"),  # type: ignore[arg-type]
        (lambda: TransferNotice(unit="x", role=UnitRole.LEAD, number="1\n2"), "number", "unsafe_character"),
        (lambda: StaffMember(name="x", unit=" "), "unit", "required"),
        (lambda: StaffMember(name="x", unit="y", phone="z"), "phone", "unreadable"),
        (lambda: Signature(name=" ", unit="y"), "name", "required"),
        (lambda: ItemResult(item="", completed=True), "item", "required"),
        (lambda: ItemResult(item="x", completed="yes"), "completed", "wrong_type"),  # type: ignore[arg-type]
        (lambda: ItemResult(item="x", completed=1), "completed", "wrong_type"),  # type: ignore[arg-type]
        (lambda: OutstandingItem(item="x", needed=["好", "a\x00"]), "needed[1]", "unsafe_character"),
        (lambda: Unit(name="x", code="a b"), "code", "unreadable"),
        (lambda: Unit(name="x", phone="?"), "phone", "unreadable"),
        (lambda: Directory(["x"]), "units[0]", "wrong_type"),  # type: ignore[list-item]
        (lambda: Directory([Unit(name="x"), Unit(name="x")]), "units", "repeated"),
        (lambda: accept(by="x"), "by", "wrong_type"),
        (lambda: accept(id=" "), "id", "required"),
        (lambda: apply(applicant="x"), "applicant", "wrong_type"),
        (lambda: apply(recipient="x"), "recipient", "wrong_type"),
        (lambda: apply(ground="elderly"), "ground", "wrong_type"),
        (lambda: apply(items=None), "items", "wrong_type"),
        (lambda: apply(items=[{"id": "A.5.2"}]), "items[0]", "wrong_type"),
        (lambda: apply(evidence="x"), "evidence", "wrong_type"),
        (lambda: apply(follows="a b"), "follows", "unreadable"),
        (lambda: transfer(notices=[WINDOW]), "notices[0]", "wrong_type"),
        (lambda: schedule(start=dt.date(2025, 9, 18)), "start", "wrong_type"),
        (lambda: schedule(end=dt.datetime(2025, 9, 18)), "end", "naive_time"),  # noqa: DTZ001
        (lambda: schedule(materials="身份证"), "materials", "wrong_type"),
        (lambda: schedule(staff=None), "staff", "wrong_type"),
        (lambda: report_failed_visit("unsafe"), "cause", "wrong_type"),  # type: ignore[arg-type]
        (lambda: serve(staff=staff(LEAD)), "staff[0].phone", "unknown_field"),
        (lambda: serve(staff=["x"]), "staff[0]", "wrong_type"),
        (lambda: serve(forms_completed=0), "forms_completed", "wrong_type"),
        (lambda: give_one_time_notice(outstanding=[RENEWAL]), "outstanding[0]", "wrong_type"),
        (lambda: report_outcome(channel=" "), "channel", "required"),
        (lambda: report_outcome(to_deliver=[1]), "to_deliver[0]", "wrong_type"),
        (lambda: deliver(method=""), "method", "required"),
        (lambda: file_registration_form(blank=["summary"]), "blank", "wrong_type"),
        (lambda: file_registration_form(blank={"summary": 7}), "blank.summary", "wrong_type"),
        (lambda: file_registration_form(blank={7: "x"}), "blank", "wrong_type"),
        (lambda: archive(keeper=" "), "keeper", "required"),
        (lambda: correct(1, {"a\x00": 1}), "fields", "unsafe_character"),
        (lambda: correct("1", {}), "entry", "wrong_type"),  # type: ignore[arg-type]
        (lambda: correct(True, {}), "entry", "wrong_type"),
        (lambda: correct(1, None), "fields", "wrong_type"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_a_value_that_is_not_one_is_named_with_its_field_and_rule(
    make: Callable[[], object], field: str, rule: str
) -> None:
    assert wrong(make) == (field, rule)


@pytest.mark.parametrize(
    "items", [["A.5.2", "A.5.3"], ("A.5.2", "A.5.3"), (key for key in ("A.5.2", "A.5.3"))]
)
def test_any_sequence_is_kept_as_a_tuple(items: Any) -> None:
    assert TransferNotice(unit=LEAD, role=UnitRole.LEAD, items=items).items == ("A.5.2", "A.5.3")


def test_a_list_changed_afterwards_changes_nothing() -> None:
    items = ["A.5.2"]
    kept = TransferNotice(unit=LEAD, role=UnitRole.LEAD, items=items)
    items.append("A.5.3")
    assert kept.items == ("A.5.2",)


def test_a_mapping_changed_afterwards_changes_nothing() -> None:
    blank = {"summary": "见附页。"}
    kept = file_registration_form(blank=blank)
    blank["phone"] = "不详"
    assert dict(kept.blank) == {"summary": "见附页。"}
    with pytest.raises(TypeError):
        kept.blank["phone"] = "不详"  # type: ignore[index]


def test_an_item_is_called_by_its_id_else_by_its_name() -> None:
    assert ServiceItem(id=RENEWAL, name="残疾人证换领").key == RENEWAL
    assert ServiceItem(name="代写书信").key == "代写书信"


def test_the_directory_knows_a_units_telephone() -> None:
    units = Directory(
        [Unit(name="甲", phone="0712-2770001"), Unit(name="乙"), Unit(name="丙", phone=" ")]
    )
    assert [units.phone(name) for name in ("甲", "乙", "丙", "丁")] == [
        "0712-2770001",
        None,
        None,
        None,
    ]


def test_directories_of_the_same_units_are_equal() -> None:
    assert Directory([Unit(name="甲")]) == Directory((Unit(name="甲"),))
    assert Directory([Unit(name="甲")]) != Directory()


@pytest.mark.parametrize(
    ("value", "blank"),
    [
        (None, True),
        ("", True),
        (" \n\u3000", True),
        ("\u200b\ufeff\u00ad", True),
        ("x", False),
        (" 0 ", False),
    ],
)
def test_what_holds_no_letter_is_blank(value: str | None, blank: bool) -> None:
    assert is_blank(value) is blank


@pytest.mark.parametrize(
    ("name", "shown"), [("address", "address"), ("王秀兰", "?"), ("a b", "?"), ("a" * 41, "?")]
)
def test_a_name_is_repeated_where_it_is_an_identifier(name: str, shown: str) -> None:
    assert shown_name(name) == shown


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (State.CLOSED, "closed"),
        (dt.datetime(2025, 9, 15, 1, tzinfo=dt.UTC), "2025-09-15T09:00:00+08:00"),
        (dt.date(2025, 9, 15), "2025-09-15"),
        (None, None),
        (7, 7),
    ],
)
def test_a_value_is_shown_as_json_has_it(value: object, wire: object) -> None:
    assert plain(value) == wire


# --- enumerations --------------------------------------------------------------------------------


ENUMERATIONS = [State, Role, Result, UnitRole, SpecialGroup, Cause]


@pytest.mark.parametrize("member", [m for kind in ENUMERATIONS for m in kind], ids=str)
def test_every_member_is_said_in_chinese(member: Any) -> None:
    assert any("\u4e00" <= letter <= "\u9fff" for letter in member.zh)


@pytest.mark.parametrize("kind", ENUMERATIONS)
def test_no_two_are_said_alike(kind: Any) -> None:
    assert len({member.zh for member in kind}) == len(kind)


def test_a_member_is_equal_to_its_wire_form_and_hashes_like_it() -> None:
    assert {State.CLOSED: 1}["closed"] == 1  # type: ignore[index]
    assert f"{Cause.STAFF_ABSENT}" == "staff_absent"


def test_the_wire_forms_are_those_of_the_contract() -> None:
    assert [state.value for state in State][1:] == [
        "applied",
        "transferred",
        "accepted",
        "declined",
        "scheduled",
        "served",
        "pending_notice",
        "closed",
        "archived",
    ]
    assert [group.value for group in SpecialGroup] == [
        "elderly",
        "frail",
        "ill",
        "disabled",
        "not_online",
        "no_smart_device",
        "other",
    ]
    assert [cause.value for cause in Cause] == [
        "applicant_absent",
        "applicant_refused",
        "staff_absent",
        "unsafe",
        "scheduled_in_error",
        "other",
    ]
    assert [result.value for result in Result] == [
        "completed_on_site",
        "completed_later",
        "declined",
        "withdrawn",
    ]


# --- every public value is frozen, slotted and keyword-only --------------------------------------

VALUES = [
    value
    for value in (getattr(ow, name) for name in ow.__all__)
    if inspect.isclass(value) and attrs.has(value)
]


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_a_public_value_cannot_be_changed(kind: type[Any]) -> None:
    shell = object.__new__(kind)
    first = attrs.fields(kind)[0].name
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(shell, first, None)
    assert not hasattr(shell, "__dict__")


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_a_public_value_of_several_fields_is_made_by_their_names(kind: type[Any]) -> None:
    made = [f for f in attrs.fields(kind) if f.init]
    # A limit, a directory and a catalogue read like what they are: Limit(3, WORKING_DAYS).
    by_position = {"Limit", "Directory", "Catalogue"}
    assert all(f.kw_only for f in made) or kind.__name__ in by_position
