"""The conformance pack, played through the real command line: a case is a test.

The pack (``onsite_workflow/conformance/cases``) is the one home of the expected answers; what its
files hold is said in ``docs/reference/conformance.md``. Each group counts by the days that it tells.
"""

from __future__ import annotations

from functools import cache

import pytest

from onsite_workflow.cli._conformance import this_one
from onsite_workflow.conformance import Case, CaseReport, check, groups

CASES = [
    pytest.param(together[0], case, id=case.name)
    for group in groups()
    for together in group.stores()
    for case in together
]


@cache
def played(first: str) -> dict[str, CaseReport]:
    """The cases that share a store with the one named, played once."""
    return {report.case.name: report for report in check(this_one, only=first)}


@pytest.mark.parametrize(("first", "case"), CASES)
def test_a_journal_is_answered_as_the_standard_reads(first: Case, case: Case) -> None:
    report = played(first.name)[case.name]
    wrong = [
        f"step {fault.step} {fault.asked}\n    " + "\n    ".join(fault.wrong)
        for fault in report.faults
    ]
    assert not wrong, f"{case.shows}\n" + "\n".join(wrong)
