"""From every normative sentence to a test, and back; each way of losing the thread is seen red."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import attrs
import pytest

import traceability
from onsite_workflow.clauses import SENTENCES, Becomes, NormativeSentence, Realisation

ROOT = Path(__file__).parents[1]
STANDARD = ROOT.parent / "shared" / "standard" / "DB4209-T-32-2023.txt"
TRACE = traceability.Trace()


def faults(**spoilt: Any) -> list[str]:
    found: list[str] = attrs.evolve(TRACE, **spoilt).faults()
    return found


def test_every_sentence_leads_to_code_and_tests_and_back() -> None:
    assert faults() == []


def test_every_place_that_is_built_has_its_code() -> None:
    bare = [row for row in traceability.rows(TRACE, lambda _, where: where) if not row[3]]
    assert {where for _, _, where, _, _ in bare} == TRACE.not_yet


@pytest.mark.skipif(not STANDARD.exists(), reason="the standard's text is not here")
def test_no_sentence_that_binds_stands_in_the_standard_alone() -> None:
    text = STANDARD.read_text(encoding="utf-8")
    main = text[text.index("4 服务对象\n\n") : text.rindex("附录 A\n")]
    printed = dict(
        re.findall(r"^[ -]*(\d(?:\.\d)*) (.+?)(?=\n[ -]*\d|\Z)", main, re.DOTALL | re.MULTILINE)
    )
    binding = list(traceability.normative(printed))
    assert [(number, "".join(text.split())) for number, text in binding] == [
        (number, "".join(text.split())) for number, text in traceability.normative(TRACE.clauses)
    ]
    assert len(binding) == 19


# --- each red, once -----------------------------------------------------------------------------


def test_a_sentence_that_nobody_entered_is_found() -> None:
    text = "申请人不得代签。"
    assert faults(clauses={**TRACE.clauses, "7.6": text}) == ["7.6: no entry for '申请人不得代签'"]


def test_half_a_sentence_that_nobody_entered_is_found() -> None:
    rest = tuple(s for s in SENTENCES if s.zh != "并提供其它办理方法和途径")
    assert "7.2.2: no entry for '并提供其它办理方法和途径'" in faults(sentences=rest)


def test_a_rule_that_no_sentence_asks_for_is_found() -> None:
    rest = tuple(s for s in SENTENCES if s.zh != "并提供其它办理方法和途径")
    assert "decline.alternatives_given: no sentence becomes it" in faults(sentences=rest)


def entered(where: str, kind: Becomes = Becomes.GUARD) -> tuple[NormativeSentence, ...]:
    made = Realisation(kind=kind, where=(where,), zh="–", en="–")
    return (*SENTENCES, NormativeSentence(clause="9", zh="–", en="–", becomes=(made,)))


def test_an_entry_for_what_does_not_exist_is_found() -> None:
    assert faults(sentences=entered("archive.sealed")) == [
        "archive.sealed: an entry for what does not exist"
    ]


def test_a_rule_that_is_never_refused_in_a_test_is_found() -> None:
    kept = [a for a in TRACE.answered if ("alternatives_given", "7.2.2") not in a.unmet]
    assert faults(answered=kept) == ["decline.alternatives_given: no test shows it refused"]


def test_a_rule_that_lets_nothing_pass_in_a_test_is_found() -> None:
    kept = [a for a in TRACE.answered if a.event != "lead_designated"]
    assert "designate_lead.new_lead_accepted: no test shows it let pass" in faults(answered=kept)


def test_a_rule_is_let_pass_only_where_it_is_asked() -> None:
    """close asks for the reports of 7.4 from pending_notice alone."""
    kept = [a for a in TRACE.answered if not (a.event == "closed" and a.before == "pending_notice")]
    found = faults(answered=kept)
    assert "close.every_outcome_reported: no test shows it let pass" in found
    assert "close.refusals_explained: no test shows it let pass" not in found


def test_an_event_that_no_test_records_is_found() -> None:
    kept = [a for a in TRACE.answered if a.event != "acknowledged"]
    assert "event:acknowledged: no test shows it kept" in faults(answered=kept)


def test_an_obligation_that_no_test_sees_owed_is_found() -> None:
    kept = [o for o in TRACE.owed if (o.kind, o.status) != ("lead", "open")]
    assert faults(owed=kept) == ["lead: no test shows it owed"]


def test_an_obligation_that_no_test_sees_discharged_is_found() -> None:
    kept = [o for o in TRACE.owed if (o.kind, o.status) != ("delivery", "met")]
    assert faults(owed=kept) == ["delivery: no test shows it discharged"]


def test_a_field_of_the_form_that_no_test_cites_is_found() -> None:
    kept = {place: tests for place, tests in TRACE.cited.items() if place != "form:phone"}
    assert faults(cited=kept) == ["form:phone: no test shows it held"]


@pytest.mark.parametrize("place", ["7.9", "apply.rich", "form:colour", "event:lost", "8.2.1"])
def test_a_mark_that_cites_what_does_not_exist_is_found(place: str) -> None:
    cited = {**TRACE.cited, place: ["test_a.py test_b"]}
    assert faults(cited=cited) == [f"test_a.py test_b: cites {place}, which does not exist"]


def test_expected_answers_that_cite_what_does_not_exist_are_found() -> None:
    some = TRACE.answered[0]
    spoilt = [
        *TRACE.answered,
        attrs.evolve(some, test="a", unmet=(("rich", "7.1"),)),
        attrs.evolve(some, test="b", command="apply", unmet=(("address_given", "7.2"),)),
        attrs.evolve(some, test="c", findings=(("slow", "7.2"),)),
        attrs.evolve(some, test="d", findings=(("late_act", "7.9"),)),
    ]
    assert faults(answered=spoilt) == [
        "a: cites apply.rich, which does not exist",
        "b: cites apply.address_given under 7.2",
        "c: cites the finding slow under 7.2",
        "d: cites the finding late_act under 7.9",
    ]


def test_expected_obligations_of_another_clause_are_found() -> None:
    some = TRACE.owed[0]
    spoilt = [
        *TRACE.owed,
        attrs.evolve(some, test="a", kind="reply", clause="7.3"),
        attrs.evolve(some, test="b", kind="tea", clause="7.3"),
    ]
    assert faults(owed=spoilt) == [
        "a: cites the obligation reply under 7.3",
        "b: cites the obligation tea under 7.3",
    ]


def test_what_is_said_to_be_missing_and_is_tested_is_found() -> None:
    cited = {**TRACE.cited, "report:performance": ["test_a.py test_b"]}
    assert faults(cited=cited) == [
        "report:performance: said to be missing, and test_a.py test_b tests it"
    ]


def test_what_is_said_to_be_missing_and_nobody_asks_for_is_found() -> None:
    assert faults(not_yet=TRACE.not_yet | {"later:tea"}) == [
        "later:tea: said to be missing, and no sentence asks for it"
    ]


def test_marks_are_read_from_the_tests(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text(
        "import pytest\n\n"
        "@pytest.mark.cites('7.5', 'form:items')\n"
        "def test_a() -> None: ...\n\n"
        "@pytest.mark.skip\n"
        "def test_b() -> None: ...\n",
        encoding="utf-8",
    )
    assert traceability.citations(tmp_path) == {
        "7.5": ["test_one.py test_a"],
        "form:items": ["test_one.py test_a"],
    }
