"""People's data stay out of ``repr`` and of what is shown without asking for it in full."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

import onsite_workflow as ow
from onsite_workflow.engine.rules import Row
from onsite_workflow.wire.answers import case_to_wire

MONDAY = dt.datetime(2026, 3, 2, 9, 0, tzinfo=ow.SHANGHAI)
DESK = ow.Actor(role=ow.Role.INTEGRATED_WINDOW, name="柳文静")


def corrected_case() -> ow.Case:
    """An application whose applicant and address were mistyped, and corrected."""
    office = ow.Workflow(ow.MemoryStore(), clock=lambda: MONDAY)
    office.handle(
        ow.Apply(
            case="XN-1",
            at=MONDAY,
            by=DESK,
            applicant=ow.Applicant(name="王秀兰", phone="0712-2000301"),
            address="书院街道槐荫大道118号",
            ground=ow.SpecialGroup.DISABLED,
            reason="长期卧床。",
            items=[ow.ServiceItem(id="A.5.2")],
        )
    )
    right = {
        "applicant": ow.Applicant(name="王秀兰", phone="0712-2000302"),
        "address": "书院街道槐荫大道181号",
    }
    office.handle(
        ow.Correct(case="XN-1", at=MONDAY, by=DESK, entry=1, fields=right, reason="录入有误")
    )
    return office.case("XN-1")


@pytest.mark.parametrize("row", ow.ROWS, ids=lambda row: f"{row.command.name}-{row.target}")
def test_an_entry_hides_what_its_command_hides(row: Row[Any, Any]) -> None:
    def hidden(kind: type) -> set[str]:
        return {f.name for f in attrs.fields(kind) if not f.repr}

    assert hidden(row.event) == hidden(row.command)


@pytest.mark.parametrize("secret", ["王秀兰", "0712-2000302", "181号", "disabled"])
def test_a_case_is_shown_masked_its_corrections_too(secret: str) -> None:
    case = corrected_case()
    assert secret not in str(case_to_wire(case))
    assert secret in str(case_to_wire(case, full=True))
    assert secret not in repr(case.history)
