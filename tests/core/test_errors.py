"""The answers as exceptions that carry data."""

from __future__ import annotations

from typing import Any

import pytest

from onsite_workflow import (
    CaseNotFound,
    Conflict,
    CorruptRecord,
    InvalidInput,
    NotAllowed,
    OnsiteWorkflowError,
    Refused,
    Remedy,
    Violation,
    WrongRole,
)
from onsite_workflow.ports import key_taken, other_content, stale

ANSWERS = {
    InvalidInput: "invalid",
    CaseNotFound: "not_found",
    NotAllowed: "not_allowed",
    WrongRole: "wrong_role",
    Refused: "refused",
    Conflict: "conflict",
    CorruptRecord: "corrupt",
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_each_answer_is_an_exception_of_its_own_with_the_word_of_the_wire(
    kind: type[OnsiteWorkflowError],
) -> None:
    error = kind.because("rule", "不行。", "No.")
    assert type(error) is kind
    assert isinstance(error, OnsiteWorkflowError)
    assert error.answer == ANSWERS[kind]


def test_no_two_answers_are_said_alike_in_chinese() -> None:
    said = {kind.answer_zh for kind in ANSWERS}
    assert len(said) == len(ANSWERS)
    assert all("\u4e00" <= letter <= "\u9fff" for zh in said for letter in zh)


def test_no_answer_is_caught_as_another() -> None:
    for kind in ANSWERS:
        assert [other for other in ANSWERS if issubclass(kind, other)] == [kind]


def test_an_answer_says_in_one_line_every_rule_and_its_clause() -> None:
    error = Refused(
        [
            Violation(rule="reason_given", clause="7.1", zh="未写。", en="No reason is given."),
            Violation(rule="version", zh="已变。", en="It has changed."),
        ]
    )
    assert str(error) == (
        "No reason is given. [reason_given, clause 7.1]; It has changed. [version]"
    )


def test_the_violations_of_an_answer_are_kept_in_order_whatever_they_came_in() -> None:
    violations = [Violation(rule=rule, zh="甲", en="a") for rule in ("one", "two")]
    error = Refused(violation for violation in violations)
    assert error.violations == tuple(violations)
    assert error.args == (error.violations,)


def test_an_answer_with_one_violation_is_made_from_its_parts() -> None:
    remedy = Remedy(zh="换一个。", en="Choose another.")
    error = Conflict.because("claimed_key", "已用。", "Taken.", facts={"key": "7"}, remedy=remedy)
    assert error.violations == (
        Violation(rule="claimed_key", zh="已用。", en="Taken.", facts={"key": "7"}, remedy=remedy),
    )


def test_the_facts_cannot_be_changed() -> None:
    given: dict[str, Any] = {"unit": "甲"}
    violation = Violation(rule="rule", zh="甲", en="a", facts=given)
    given["unit"] = "乙"
    assert violation.facts["unit"] == "甲"
    with pytest.raises(TypeError):
        violation.facts["unit"] = "乙"  # type: ignore[index]


def test_facts_are_compared_like_a_dictionary_and_show_their_names_alone() -> None:
    facts = Violation(rule="rule", zh="甲", en="a", facts={"unit": "甲", "count": 2}).facts
    assert facts == {"unit": "甲", "count": 2}
    assert repr(facts) == "FrozenMapping(unit, count)"
    assert (len(facts), list(facts)) == (2, ["unit", "count"])


def test_two_alike_violations_are_one_in_a_set() -> None:
    alike = [Violation(rule="rule", zh="甲", en="a", facts={"unit": "甲"}) for _ in range(2)]
    assert len(set(alike)) == 1


# --- what a store answers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "rule", "facts"),
    [
        (stale("XN-1", 3, 4), "version", {"case": "XN-1", "expected": 3, "found": 4}),
        (other_content("req-1"), "command_id", {"id": "req-1"}),
        (key_taken("notice:7"), "claimed_key", {"key": "notice:7"}),
    ],
)
def test_a_conflict_names_what_stood_in_the_way(
    error: Conflict, rule: str, facts: dict[str, Any]
) -> None:
    (violation,) = error.violations
    assert (violation.rule, violation.clause, dict(violation.facts)) == (rule, None, facts)
    assert violation.remedy is not None


@pytest.mark.parametrize(
    ("key", "zh"),
    [("notice:7", "转办通知书编号“7”"), ("archive:8:9", "档号“8:9”"), ("other:7", "编号“7”")],
)
def test_a_taken_number_is_said_as_a_clerk_would(key: str, zh: str) -> None:
    assert zh in key_taken(key).violations[0].zh


# --- fields --------------------------------------------------------------------------------------


def field_of(error: InvalidInput) -> tuple[str, str, str]:
    (violation,) = error.violations
    return violation.facts["field"], violation.zh, violation.en


def test_an_unreadable_field_is_named_in_both_sentences() -> None:
    error = InvalidInput.of("address", "too_long", "过长。", "is too long.", facts={"limit": 9})
    assert field_of(error) == ("address", "address：过长。", "address: is too long.")
    assert dict(error.violations[0].facts) == {"field": "address", "limit": 9}


def test_without_a_remedy_of_its_own_the_field_is_to_be_mended() -> None:
    error = InvalidInput.of("address", "too_long", "过长。", "is too long.")
    assert error.violations[0].remedy == Remedy(
        zh="改正这一项后重新提交。", en="Mend this field and try again."
    )


def test_a_remedy_of_its_own_is_kept() -> None:
    remedy = Remedy(zh="写短些。", en="Make it shorter.")
    error = InvalidInput.of("address", "too_long", "过长。", "is too long.", remedy=remedy)
    assert error.within("applicant").violations[0].remedy == remedy


@pytest.mark.parametrize(
    ("inner", "prefix", "outer"),
    [
        ("name", "applicant", "applicant.name"),
        ("[2]", "items", "items[2]"),
        ("", "at", "at"),
        ("items[0]", "notices[1]", "notices[1].items[0]"),
    ],
)
def test_a_field_is_named_from_further_outside(inner: str, prefix: str, outer: str) -> None:
    error = InvalidInput.of(inner, "wrong_type", "应为文字。", "must be a text.").within(prefix)
    assert field_of(error) == (outer, f"{outer}：应为文字。", f"{outer}: must be a text.")


def test_only_the_fields_name_is_renamed_not_the_sentence() -> None:
    error = InvalidInput.of("id", "x", "id 不明。", "the id is unknown.").within("items[0]")
    assert field_of(error) == (
        "items[0].id",
        "items[0].id：id 不明。",
        "items[0].id: the id is unknown.",
    )


def test_a_field_is_put_in_another_place_altogether() -> None:
    error = InvalidInput.of("id", "unknown_item", "没有。", "is unknown.").at("notices[0].items[1]")
    assert field_of(error)[0] == "notices[0].items[1]"
    assert error.violations[0].rule == "unknown_item"


def test_every_violation_is_renamed_and_one_without_a_field_is_left() -> None:
    fieldless = Violation(rule="version", zh="已变。", en="It has changed.")
    error = InvalidInput([*InvalidInput.of("a", "r", "甲。", "a.").violations, fieldless])
    renamed = error.within("by")
    assert renamed.violations[0].facts["field"] == "by.a"
    assert renamed.violations[1] == fieldless
