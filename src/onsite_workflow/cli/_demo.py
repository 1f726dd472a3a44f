"""``demo``: the example journal on an embedded store."""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path

from onsite_workflow.checks import SHANGHAI
from onsite_workflow.errors import InvalidInput
from onsite_workflow.ports import CaseSummary
from onsite_workflow.terms import Result, State
from onsite_workflow.wire import answers

from ._cases import print_late, print_refused, run_lines
from ._common import opened, print_obligations
from ._say import Say


def example(name: str) -> Path:
    """A file of ``examples/``: in the installed package, or in the clone that is run from.

    Raises `InvalidInput` where it is in neither.
    """
    here = Path(__file__).parents[1]
    for folder in (here / "data" / "examples", here.parents[1] / "examples"):
        if (folder / name).exists():
            return folder / name
    raise InvalidInput.of("demo", "missing", f"缺少示例文件{name}。", f"has no file {name}.")


def demo(options: argparse.Namespace, say: Say) -> int:
    """``demo``: the invented cases of the example journal, on a store of their own or ``--store``."""
    journal = example("xiaonan-2025-2026.jsonl")
    options.directory = str(example("units.csv"))
    options.issuer = "孝感市孝南区"
    with tempfile.TemporaryDirectory() as folder:
        options.store = options.store or f"sqlite:///{folder}/demo.db"
        with opened(options, create=True, read_only=False) as workflow, journal.open("rb") as file:
            told = Say(say.language, as_json=False)  # lines are tallied, not printed
            tally = run_lines(workflow, file, journal.stat().st_size, told)
            at = dt.datetime(2026, 10, 31, 21, tzinfo=SHANGHAI)
            due = workflow.due(at=at)
            ledger = list(workflow.cases())
            results = Counter(_ended(summary) for summary in ledger)
    if say.as_json:
        for obligation in due:
            say.line(answers.obligation_to_wire(obligation))
        return 0
    say.table(
        ("台账（一案一行，人物均为虚构）", "The ledger (one line a case; all people are invented)"),
        (
            ("案号", "case"),
            ("申请", "opened"),
            ("状态", "state"),
            ("结果", "result"),
            ("主办窗口", "lead"),
            ("记录", "entries"),
        ),
        (
            (
                s.case,
                s.opened_at,
                say.pick(State(s.state).zh, s.state),
                None if s.result is None else say.pick(Result(s.result).zh, s.result),
                s.lead,
                s.version,
            )
            for s in ledger
        ),
    )
    print_refused(tally, say)
    print_late(tally, say)
    print_obligations(due, ("2026-10-31 21:00 待办和逾期的", "Owed as of 2026-10-31 21:00"), say)
    counts = tally.counts
    say.text(
        f"{counts['lines']}行，{len(ledger)}案：办理{counts['accepted']}，重复{counts['repeated']}，"
        f"未办理{counts['refused']}，逾期{counts['late']}，待办{len(due)}。",
        f"{counts['lines']} lines, {len(ledger)} cases: {counts['accepted']} accepted, "
        f"{counts['repeated']} repeated, {counts['refused']} refused, {counts['late']} findings, "
        f"{len(due)} owed.",
    )
    say.text(
        "　".join(f"{name.zh}：{count}" for name, count in sorted(results.items())),
        "  ".join(f"{name}: {count}" for name, count in sorted(results.items())),
    )
    return 0


def _ended(summary: CaseSummary) -> Result | State:
    """How a case ended, or else where it stands."""
    return State(summary.state) if summary.result is None else Result(summary.result)
