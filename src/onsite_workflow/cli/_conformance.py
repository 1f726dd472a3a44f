"""``conformance``."""

from __future__ import annotations

import argparse
import contextlib
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from onsite_workflow.conformance import CaseReport, Printed
from onsite_workflow.errors import InvalidInput

from ._say import Say


def conformance(options: argparse.Namespace, say: Say) -> int:
    """``conformance``: put the pack to a program. Exit status 1 where some step was answered wrongly."""
    from onsite_workflow.conformance import check, program  # noqa: PLC0415

    called = this_one if options.command is None else program(options.command)
    reports: list[CaseReport] = []
    for report in check(called, only=options.only):
        reports.append(report)
        if say.as_json:
            say.line(report_to_wire(report))
    if not reports:
        raise InvalidInput.of("only", "unknown_value", "没有这样的用例。", "begins no case's name.")
    if not say.as_json:
        print_reports(reports, say)
    return 0 if all(report.passed for report in reports) else 1


def this_one(arguments: Sequence[str]) -> Printed:
    """The command line of this library, called in this process."""
    from onsite_workflow.conformance import Printed  # noqa: PLC0415

    from . import main  # noqa: PLC0415 - it imports this module

    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(arguments)
    texts: list[str] = []
    for stream in (out, err):
        stream.seek(0)
        texts.append(stream.read())
    return Printed(status=status, out=texts[0], err=texts[1])


def report_to_wire(report: CaseReport) -> dict[str, Any]:
    """What came of one case of the pack, as JSON values."""
    return {
        "case": report.case.name,
        "clauses": list(report.case.clauses),
        "passed": report.passed,
        "faults": [
            {
                "step": fault.step,
                "clauses": list(fault.clauses),
                "asked": fault.asked,
                "wrong": list(fault.wrong),
            }
            for fault in report.faults
        ],
    }


def print_reports(reports: list[CaseReport], say: Say) -> None:
    """The faults in full, then right and wrong answers by clause."""
    from onsite_workflow.conformance import by_clause  # noqa: PLC0415

    for report in reports:
        if not report.passed:
            say.text(*[f"\n{report.case.name}: {report.case.shows}"] * 2)
        for fault in report.faults:
            asked = fault.asked if len(fault.asked) <= 400 else fault.asked[:400] + "…"
            say.text(
                f"  第{fault.step}步（{'、'.join(fault.clauses)}）：{asked}",
                f"  step {fault.step} ({', '.join(fault.clauses)}): {asked}",
            )
            for wrong in fault.wrong:
                say.text(*[f"    {wrong}"] * 2)
    say.table(
        ("按条款", "By clause"),
        (("条款", "clause"), ("相符", "right"), ("不符", "wrong")),
        ((clause, *counts) for clause, counts in by_clause(reports).items()),
    )
    failed = sum(not report.passed for report in reports)
    say.text(
        f"共{len(reports)}个用例，{failed}个不符。",
        f"{len(reports)} cases, {failed} of them failed.",
    )
