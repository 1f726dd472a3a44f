"""``onsite-workflow audit``: the command's own arguments and tables."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from typing import Final

from onsite_workflow.audit._cells import Moment
from onsite_workflow.audit._fields import Shape
from onsite_workflow.audit._judge import audit
from onsite_workflow.audit._ledger import read_ledger
from onsite_workflow.audit._mapping import read_mapping
from onsite_workflow.audit._needs import GUARDS
from onsite_workflow.audit._report import Report, Unjudged, Why
from onsite_workflow.audit._template import template
from onsite_workflow.checks import SHANGHAI, check_moment
from onsite_workflow.clause7.procedure import COMMANDS
from onsite_workflow.clause7.regulation import DB4209_T_32_2023
from onsite_workflow.errors import InvalidInput
from onsite_workflow.service import system_clock
from onsite_workflow.terms import Role

from ._common import china
from ._say import Say

__all__ = ["add_arguments", "run_audit"]

SHOWN: Final = 200


def _exported(text: str) -> dt.datetime:
    """When a ledger was exported. Without an offset it is Chinese time; a day alone means its end."""
    try:
        if len(text) == len("2026-10-31"):
            read = Moment.on(dt.date.fromisoformat(text)).latest
        else:
            read = dt.datetime.fromisoformat(text)
            read = read.replace(tzinfo=SHANGHAI) if read.tzinfo is None else read
        check_moment("at", read)
    except (ValueError, OverflowError, InvalidInput):
        raise argparse.ArgumentTypeError(
            "应为1950至2199年间的日期或者时间，例如2026-10-31、2026-10-31T18:00；"
            "must be a day or a time between 1950 and 2199, as in 2026-10-31 or 2026-10-31T18:00"
        ) from None
    return read


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``onsite-workflow audit``."""
    parser.add_argument("ledger", nargs="?", help="CSV or XLSX 台账")
    parser.add_argument("--mapping", metavar="TOML", help="which column is what 映射文件")
    parser.add_argument(
        "--at", type=_exported, help="when it was exported, by default now 导出时间"
    )
    parser.add_argument(
        "--template",
        nargs="?",
        const=Shape.CASES.value,
        choices=[shape.value for shape in Shape],
        help="print a mapping to start from, for a row a case, a unit or an act 打印映射文件的样本",
    )


def run_audit(options: argparse.Namespace, say: Say) -> int:
    """``audit``: judge a ledger. Exit status 1 where something was found or can't be read."""
    if options.template is not None:
        sys.stdout.write(template(Shape(options.template)))
        return 0
    for name in ("ledger", "mapping"):
        if getattr(options, name) is None:
            raise InvalidInput.of(
                name, "required", "须写明；样本见--template。", "is required; see --template."
            )
    mapping = read_mapping(options.mapping)
    ledger = read_ledger(options.ledger, mapping, catalogue=DB4209_T_32_2023.catalogue)
    report = audit(
        ledger,
        as_of=options.at or system_clock(),
        regulation=DB4209_T_32_2023,
        calendar=china(),
    )
    if say.as_json:
        for record in report.to_wire():
            say.line(record)
    else:
        _print(report, say)
    return 1 if report.findings or report.unreadable else 0


def _bearer(bearer: str | None, say: Say) -> str | None:
    if bearer == Role.INTEGRATED_WINDOW.value:
        return say.pick("综合窗口", "integrated window")
    return bearer


def _print(report: Report, say: Say) -> None:
    _print_findings(report, say)
    _print_unreadable(report, say)
    _print_unjudged(report, say)
    say.table(
        ("按单位和条款汇总", "By unit and clause"),
        (
            ("责任方", "bearer"),
            ("条款", "clause"),
            ("情形", "finding"),
            ("次数", "count"),
            ("案件", "cases"),
        ),
        (
            (
                _bearer(line.bearer, say) or "—",
                line.clause,
                say.pick(line.code.zh, line.code.value),
                line.count,
                line.cases,
            )
            for line in report.summary()
        ),
    )
    for zh, en in report.assumed:
        say.text(f"说明：{zh}。", f"Note: {en}.")
    if report.unused:
        names = "、".join(report.unused)
        say.text(f"没有用到的列：{names}。", f"Columns not used: {', '.join(report.unused)}.")
    if report.not_cases:
        rows = [str(row) for row in report.not_cases[:SHOWN]]
        say.text(
            f"不作为案件的行（合计、填表人一类）：{'、'.join(rows)}。",
            f"Rows that are no cases (totals and the like): {', '.join(rows)}.",
        )
        _rest(SHOWN, len(report.not_cases), say)
    as_of = report.as_of.astimezone(SHANGHAI)
    if report.owed:
        say.text(
            f"另有{len(report.owed)}件事尚未办，本标准没有规定期限（见--json）。",
            f"{len(report.owed)} acts are still owed, without a limit (see --json).",
        )
    say.text(
        f"共{report.rows}行，{report.cases}案：发现{len(report.findings)}处，"
        f"读不出{len(report.unreadable)}处。依据{report.edition}，"
        f"截至{as_of:%Y-%m-%d %H:%M}。",
        f"{report.rows} rows, {report.cases} cases: {len(report.findings)} findings, "
        f"{len(report.unreadable)} unreadable. Judged by {report.edition}, "
        f"as of {as_of:%Y-%m-%d %H:%M}.",
    )


def _rest(shown: int, count: int, say: Say) -> None:
    if count > shown:
        say.text(
            f"另有{count - shown}行，请用--json查看。", f"And {count - shown} more; see --json."
        )


def _print_findings(report: Report, say: Say) -> None:
    say.table(
        ("发现的问题", "Findings"),
        (
            ("行", "line"),
            ("案号", "case"),
            ("条款", "clause"),
            ("情形", "finding"),
            ("责任方", "bearer"),
            ("说明", "what"),
        ),
        (
            (
                finding.row,
                finding.case,
                finding.clause,
                say.pick(finding.code.zh, finding.code.value),
                _bearer(finding.bearer, say) or "—",
                say.pick(finding.zh, finding.en),
            )
            for finding in report.findings[:SHOWN]
        ),
    )
    _rest(SHOWN, len(report.findings), say)


def _print_unreadable(report: Report, say: Say) -> None:
    if not report.unreadable:
        return
    say.table(
        ("读不出来的", "What could not be read"),
        (("行", "line"), ("列", "column"), ("说明", "what")),
        ((cell.row, cell.column, say.pick(cell.zh, cell.en)) for cell in report.unreadable[:SHOWN]),
    )
    _rest(SHOWN, len(report.unreadable), say)


def _print_unjudged(report: Report, say: Say) -> None:
    if not report.unjudged:
        return
    say.table(
        ("不能判断的", "What could not be judged"),
        (
            ("条款", "clause"),
            ("应当", "what should be"),
            ("所缺字段", "fields"),
            ("原因", "why"),
            ("行数", "rows"),
        ),
        (
            (
                entry.clause,
                _what(entry, say),
                ", ".join(entry.fields),
                say.pick(entry.why.zh, entry.why.en),
                say.pick("全部", "all") if entry.why is Why.UNMAPPED else len(entry.rows),
            )
            for entry in report.unjudged
        ),
    )


def _what(entry: Unjudged, say: Say) -> str:
    if entry.kind is not None:
        return say.pick(entry.kind.zh, entry.kind.value)
    for guard in GUARDS[COMMANDS[entry.command]]:
        if guard.rule == entry.rule:
            return say.pick(guard.remedy.zh, guard.remedy.en).rstrip("。.")
    return say.pick(COMMANDS[entry.command].zh, entry.command)
