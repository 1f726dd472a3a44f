"""The clauses are the standard's own words, and every normative sentence becomes something."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import pytest

from onsite_workflow.clauses import CLAUSES, SENTENCES, Becomes, NormativeSentence, clause

T = TypeVar("T")

SHARED = Path(__file__).parents[2] / "shared"
STANDARD = SHARED / "standard" / "DB4209-T-32-2023.txt"
RULES = SHARED / "conformance" / "rules.csv"
FORM_FIELDS = SHARED / "conformance" / "annex_b_fields.csv"

needs_standard = pytest.mark.skipif(not STANDARD.exists(), reason="the standard's text is not here")
needs_conformance = pytest.mark.skipif(
    not RULES.exists(), reason="the conformance tables are not here"
)


def looked_up(each: Iterable[T]) -> list[T]:
    """What is looked up in the standard: one will do to say that it is not here."""
    return list(each) if STANDARD.exists() else list(each)[:1]


OBLIGATIONS = {
    "transfer",
    "reply",
    "lead",
    "appointment",
    "explanation",
    "arrival",
    "form",
    "notice",
    "outcome",
    "delivery",
    "archive",
}

EVENTS = {
    "applied",
    "transferred",
    "reassigned",
    "acknowledged",
    "accepted",
    "declined",
    "lead_designated",
    "refusal_explained",
    "scheduled",
    "rescheduled",
    "visit_failed",
    "served",
    "one_time_notice_given",
    "outcome_reported",
    "delivered",
    "registration_form_filed",
    "closed",
    "withdrawn",
    "archived",
    "corrected",
}


def squeezed(text: str) -> str:
    """The text without white space, in which copies of one document differ."""
    return re.sub(r"\s", "", text)


def words(text: str) -> str:
    """The text without white space and without the punctuation that joins and ends sentences."""
    return re.sub(r"[\s，。；]", "", text)


def body(number: str) -> str:
    """What a clause says, without its heading."""
    return clause(number).zh.split("\n")[-1]


def where(kind: Becomes) -> set[str]:
    """Every place that some sentence is realised at in this way."""
    return {
        place
        for sentence in SENTENCES
        for realisation in sentence.becomes
        if realisation.kind is kind
        for place in realisation.where
    }


def rules() -> dict[str, str]:
    """``command.rule`` of the conformance table, and its clause."""
    with RULES.open(encoding="utf-8", newline="") as file:
        return {f"{row['command']}.{row['rule']}": row["clause"] for row in csv.DictReader(file)}


def numbered_in_the_text() -> dict[str, str]:
    """The numbered paragraphs of clauses 4 to 8, read from the text."""
    text = STANDARD.read_text(encoding="utf-8")
    main = text[text.index("4 服务对象\n\n") : text.index("9 资料归档\n\n")]
    return dict(re.findall(r"^[ -]*(\d(?:\.\d)+) (.+)$", main, flags=re.MULTILINE))


def test_the_clauses_are_all_there_in_document_order() -> None:
    assert " ".join(CLAUSES) == (
        "1 2 3 3.1 3.2 4 4.1 4.2 5 5.1 5.2 5.3 6 6.1 6.2 6.3 7 7.1 7.2 7.2.1 7.2.2 7.2.3 "
        "7.3 7.4 7.5 8 8.1 8.2 8.3 8.4 8.5 9 A B C"
    )
    assert all(number == found.number for number, found in CLAUSES.items())


def test_the_clauses_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CLAUSES["7.6"] = clause("7.5")  # type: ignore[index]  # pyright: ignore


def test_an_unknown_clause_is_named_in_the_error() -> None:
    with pytest.raises(KeyError, match=r"has no clause '7\.9'"):
        clause("7.9")


@needs_standard
@pytest.mark.parametrize("number", looked_up(CLAUSES))
def test_a_clause_is_the_standards_own_text(number: str) -> None:
    text = squeezed(STANDARD.read_text(encoding="utf-8"))
    printed = squeezed(clause(number).zh)
    assert (printed if number.isalpha() else number + printed) in text


@needs_standard
def test_a_numbered_paragraph_is_there_to_its_last_character() -> None:
    printed = numbered_in_the_text()
    assert printed == {number: clause(number).zh for number in printed}
    assert len(printed) == 21


@needs_standard
@pytest.mark.parametrize("sentence", looked_up(SENTENCES), ids=lambda s: f"{s.clause} {s.zh}")
def test_a_sentence_stands_in_the_standard_word_for_word(sentence: NormativeSentence) -> None:
    text = squeezed(STANDARD.read_text(encoding="utf-8"))
    assert squeezed(sentence.zh) in text


@pytest.mark.parametrize("number", [n for n in CLAUSES if re.fullmatch(r"[4-8]\.[\d.]+|9", n)])
def test_no_word_of_clauses_4_to_9_is_left_out_of_the_sentences(number: str) -> None:
    parts = "".join(sentence.zh for sentence in SENTENCES if sentence.clause == number)
    assert words(parts) == words(body(number))


def test_the_sentences_are_in_document_order() -> None:
    order = list(CLAUSES)
    positions = [order.index(sentence.clause) for sentence in SENTENCES]
    assert positions == sorted(positions)


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda s: f"{s.clause} {s.zh}")
def test_a_sentence_becomes_something_that_can_be_found(sentence: NormativeSentence) -> None:
    assert sentence.becomes
    for realisation in sentence.becomes:
        assert realisation.where
        assert realisation.zh
        assert realisation.en


@pytest.mark.parametrize("number", ["6.1", "6.2"])
def test_conduct_is_left_to_people(number: str) -> None:
    kinds = {r.kind for s in SENTENCES if s.clause == number for r in s.becomes}
    assert kinds == {Becomes.HUMAN}


@pytest.mark.parametrize(
    ("part", "kinds"),
    [
        ("正当充分", {Becomes.GUARD, Becomes.RECORD, Becomes.HUMAN}),
        ("依法依规为申请人", {Becomes.GUARD, Becomes.RECORD, Becomes.HUMAN}),
        ("妥善保存", {Becomes.HUMAN}),
        ("安排和登记", {Becomes.GUARD, Becomes.RECORD}),
        ("需要提供的相关资料", {Becomes.GUARD, Becomes.RECORD}),
        ("填写完整", {Becomes.GUARD, Becomes.RECORD}),
        ("投诉举报机制", {Becomes.RECORD, Becomes.OBLIGATION}),
        ("快速反馈", {Becomes.RECORD, Becomes.OBLIGATION}),
    ],
)
def test_a_sentence_becomes_what_the_project_reads_in_it(part: str, kinds: set[Becomes]) -> None:
    (sentence,) = [sentence for sentence in SENTENCES if part in sentence.zh]
    assert {realisation.kind for realisation in sentence.becomes} == kinds


@pytest.mark.parametrize("number", ["8.1", "8.2", "8.5"])
def test_evaluation_and_training_are_reported(number: str) -> None:
    kinds = {r.kind for s in SENTENCES if s.clause == number for r in s.becomes}
    assert Becomes.REPORT in kinds


def test_every_time_limit_hangs_on_a_sentence() -> None:
    assert where(Becomes.OBLIGATION) == OBLIGATIONS | {"later:complaint", "later:request"}


def test_the_reports_are_the_three_of_clause_8() -> None:
    assert where(Becomes.REPORT) == {
        "report:performance",
        "report:training_needs",
        "report:registration_forms",
    }


@needs_conformance
def test_every_guard_hangs_on_a_sentence_and_no_sentence_names_another() -> None:
    assert where(Becomes.GUARD) == set(rules())


@needs_conformance
def test_a_guard_hangs_on_a_sentence_of_its_own_clause() -> None:
    # Clause 5 itself is only a heading: its rules hang on its divisions.
    clauses = rules()
    strays = [
        (sentence.clause, place)
        for sentence in SENTENCES
        for realisation in sentence.becomes
        if realisation.kind is Becomes.GUARD
        for place in realisation.where
        if sentence.clause != clauses[place]
        and not (clauses[place] == "5" and sentence.clause.startswith("5."))
    ]
    assert strays == []


@needs_conformance
def test_every_field_of_the_form_is_kept_for_some_sentence_and_no_other() -> None:
    with FORM_FIELDS.open(encoding="utf-8", newline="") as file:
        fields = {f"form:{row['field']}" for row in csv.DictReader(file)}
    kept = where(Becomes.RECORD) | where(Becomes.HUMAN)
    assert {place for place in kept if place.startswith("form:")} == fields


def test_every_event_of_the_procedure_is_a_record_for_some_sentence() -> None:
    kept = {place for place in where(Becomes.RECORD) if not place.startswith("form:")}
    assert kept == {f"event:{event}" for event in EVENTS} | {"later:complaint", "later:request"}


def test_what_helps_a_person_judge_is_something_that_is_kept() -> None:
    assert where(Becomes.HUMAN) <= where(Becomes.RECORD)
