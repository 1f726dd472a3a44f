"""The sentences of the answers that are not a rule's own, word for word in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from onsite_workflow import (
    DB4209_T_32_2023,
    ROWS,
    Accept,
    Case,
    CaseNotFound,
    Close,
    InvalidInput,
    NotAllowed,
    OnsiteWorkflowError,
    Refused,
    Serve,
    WrongRole,
    available,
    decide,
)
from onsite_workflow.clause7.forms import ANNEX_B
from onsite_workflow.clause7.procedure import EVERY_MOVE
from onsite_workflow.engine.rules import Guard

from .build import (
    APPLICANT,
    CALENDAR,
    CASE,
    WINDOW,
    accept,
    after,
    apply,
    archive,
    at,
    close,
    file_registration_form,
    item,
    judged,
    opened,
)


def said(error: OnsiteWorkflowError) -> Mapping[str, Any]:
    """Everything that the one violation says."""
    (violation,) = error.violations
    remedy = violation.remedy
    assert remedy is not None
    return {
        "rule": violation.rule,
        "clause": violation.clause,
        "zh": violation.zh,
        "en": violation.en,
        "facts": dict(violation.facts),
        "remedy": (remedy.zh, remedy.en),
    }


def test_a_case_that_is_not_there() -> None:
    with pytest.raises(CaseNotFound) as caught:
        judged(None, accept())
    assert said(caught.value) == {
        "rule": "case_exists",
        "clause": None,
        "zh": f"没有此案：{CASE}。",
        "en": f"There is no case {CASE}.",
        "facts": {"case": CASE},
        "remedy": ("核对案号，或者先提出申请。", "Check the id, or apply first."),
    }


def test_a_case_that_nobody_has_named() -> None:
    (option,) = [o for o in available(None, WINDOW) if o.command == "accept"]
    (violation,) = option.violations
    assert (option.answer, violation.zh, violation.en, dict(violation.facts)) == (
        "not_found",
        "没有此案。",
        "There is no such case.",
        {"case": None},
    )


def test_a_move_that_the_state_does_not_allow() -> None:
    with pytest.raises(NotAllowed) as caught:
        judged(opened(), archive())
    assert said(caught.value) == {
        "rule": "not_allowed",
        "clause": "9",
        "zh": "案件状态为“已申请”，不能办理：归档。",
        "en": "A case that is applied does not allow archive.",
        "facts": {"state": "applied", "command": "archive"},
        "remedy": ("此事须在以下状态办理：已结案。", "It is allowed where a case is closed."),
    }


def test_an_application_for_a_case_that_is_there() -> None:
    with pytest.raises(NotAllowed) as caught:
        judged(opened(), apply())
    assert said(caught.value)["remedy"] == (
        "另立新案；接续原案的，写明原案的案号。",
        "Open a new case, and name the one it follows.",
    )


def test_a_refused_application_names_its_items_as_a_clerk_knows_them() -> None:
    with pytest.raises(Refused) as caught:
        judged(None, apply(items=(item("A.5.2"), item("A.5.2"))))
    assert said(caught.value)["zh"] == "同一事项重复申请：残疾人证换领（A.5.2）。"


def test_a_move_of_several_states_names_them_all() -> None:
    with pytest.raises(NotAllowed) as caught:
        judged(after(Accept), close())
    assert said(caught.value)["remedy"] == (
        "此事须在以下状态办理：已上门服务、已一次性告知，待办结、不同意上门服务。",
        "It is allowed where a case is served, pending_notice, declined.",
    )


def test_a_role_that_may_not() -> None:
    with pytest.raises(WrongRole) as caught:
        judged(after(Close), archive(by=APPLICANT))
    assert said(caught.value) == {
        "rule": "wrong_role",
        "clause": "9",
        "zh": "此事不由申请人办理：归档。",
        "en": "archive is not for the role applicant.",
        "facts": {"role": "applicant", "command": "archive"},
        "remedy": (
            "应由经办窗口单位或者综合窗口办理。",
            "It is for handling_unit or integrated_window.",
        ),
    }


def invalid(case: Case | None, command: Any) -> tuple[object, ...]:
    """(field, rule, Chinese, English) of an answer that finds the input itself at fault."""
    with pytest.raises(InvalidInput) as caught:
        decide(
            case,
            command,
            recorded_at=at("2025-09-25 12:00"),
            regulation=DB4209_T_32_2023,
            calendar=CALENDAR,
        )
    (violation,) = caught.value.violations
    return violation.facts["field"], violation.rule, violation.zh, violation.en


def test_what_is_no_command() -> None:
    assert invalid(opened(), "accept") == (
        "command",
        "wrong_type",
        "command：应为案件的命令之一。",
        "command: must be one of the commands of a case.",
    )


def test_a_command_for_another_case() -> None:
    assert invalid(opened(), accept(case="XN-2")) == (
        "case",
        "wrong_case",
        "case：不是此案的案号。",
        "case: is not the id of this case.",
    )


def test_a_box_that_the_form_does_not_have() -> None:
    names = [f.name for f in ANNEX_B]
    assert invalid(after(Serve), file_registration_form(blank={"colour": "–"})) == (
        "blank.colour",
        "unknown_field",
        f"blank.colour：表B.1没有这一栏；栏目为：{'、'.join(names)}。",
        f"blank.colour: is not a field of table B.1; it has {', '.join(names)}.",
    )


#: The printed table of the rules: docs/generate makes it, a reader has read it.
PRINTED = Path(__file__).parents[2] / "docs" / "reference" / "procedure.md"


@pytest.mark.parametrize(
    "guard",
    {g: None for row in ROWS for g in row.guards} | dict.fromkeys(EVERY_MOVE),
    ids=lambda guard: f"{guard.clause} {guard.rule}",
)
def test_a_rule_says_what_the_reference_prints(guard: Guard[Any, Any]) -> None:
    """Its clause, its reading, both sentences, both remedies and the fields it looks at."""
    lines = PRINTED.read_text(encoding="utf-8").replace("\\|", "|").splitlines()
    needs = ", ".join(f"`{name}`" for name in sorted(guard.needs)) or "case and actor"
    reading = f"[{guard.interpretation}]" if guard.interpretation else "|  |"
    parts = (
        f"`{guard.rule}` | [{guard.clause}](",
        f"| {guard.zh}<br>{guard.en} |",
        f"| {guard.remedy.zh}<br>{guard.remedy.en} |",
        f"| {needs} |",
        reading,
    )
    assert [line for line in lines if all(part in line for part in parts)]
