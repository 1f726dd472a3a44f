"""The audit's tables name every rule and every limit of the procedure, and nothing else."""

from __future__ import annotations

from onsite_workflow import ROWS, Kind
from onsite_workflow.audit import FIELDS
from onsite_workflow.audit._needs import LIMITS, NEEDS, NOT_ASKED, NOT_ASKED_RULES, TIMES_JUDGED

RULES = {
    (row.command.name, guard.rule)
    for row in ROWS
    for guard in row.guards
    if row.command.name != "correct"
}


def test_every_rule_is_judged_by_the_ledger_or_said_not_to_be() -> None:
    assert NEEDS.keys() | NOT_ASKED_RULES.keys() == RULES
    assert NEEDS.keys() & NOT_ASKED_RULES.keys() == set()


def test_why_a_rule_is_not_asked_is_told() -> None:
    assert set(NOT_ASKED_RULES.values()) == NOT_ASKED.keys()


def test_every_limit_is_judged() -> None:
    assert LIMITS.keys() == set(Kind)


def test_what_a_rule_needs_is_a_field() -> None:
    named = {name for needs in NEEDS.values() for name in needs.fields}
    named |= {name for pair in LIMITS.values() for name in pair}
    assert named <= FIELDS.keys()


def test_times_that_are_compared_belong_to_a_rule_that_is_asked() -> None:
    assert TIMES_JUDGED.keys() <= NEEDS.keys()
