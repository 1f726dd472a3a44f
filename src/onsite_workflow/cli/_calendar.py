"""``calendar``: explain, month, check, add."""

from __future__ import annotations

import argparse
import json
import sys

from onsite_workflow.calendar import Language, check_calendar, month_lines, read_notice
from onsite_workflow.checks import local_day, plain
from onsite_workflow.engine.limits import Moved
from onsite_workflow.errors import InvalidInput
from onsite_workflow.procedures import kind_of
from onsite_workflow.service import system_clock
from onsite_workflow.wire import answers

from ._common import bearer, china, due_day, notices_folder, opened
from ._say import Say


def check(options: argparse.Namespace, say: Say) -> int:
    """``calendar check``: how far the sources reach. Exit status 1 where something needs to be done."""
    found = check_calendar(china(), local_day(options.at or system_clock()))
    if say.as_json:
        say.line(
            {
                "revision": found.revision,
                "confirmed_through": found.confirmed_through.isoformat(),
                "sources": [
                    {"zh": s.zh, "en": s.en, "version": s.version, "reaches": s.reaches.isoformat()}
                    for s in found.sources
                ],
                "findings": [answers.violation_to_wire(finding) for finding in found.findings],
            }
        )
    else:
        say.table(
            ("工作日历的来源", "Sources of the calendar"),
            (("来源", "source"), ("版本", "version"), ("到", "reaches")),
            ((say.pick(s.zh, s.en), s.version, s.reaches) for s in found.sources),
        )
        say.text(
            f"确定到{found.confirmed_through}，版本{found.revision}。",
            f"Confirmed through {found.confirmed_through}, revision {found.revision}.",
        )
        for finding in found.findings:
            say.text(f"注意：{finding.zh}。", f"Note: {finding.en}.")
    return 1 if found.findings else 0


def add(options: argparse.Namespace, say: Say) -> int:
    """``calendar add``: check a notice, keep it, and list the due days that it moves in a store."""
    try:
        notice = read_notice(options.file, number=options.number, issued=options.issued)
    except OSError as error:
        raise InvalidInput.of(
            "file", "unreadable", "文件打不开。", f"can't be read ({error.strerror})."
        ) from None
    before = china()
    after = before.with_notice(notice)
    moves: list[Moved] = []
    if options.store is not None:
        with opened(options) as workflow:
            moves = workflow.moved(after, at=options.at)
    folder = notices_folder()
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{notice.issued.isoformat()}-{after.revision}.json"
    (folder / name).write_text(
        json.dumps(notice.to_mapping(), ensure_ascii=False, indent=1), encoding="utf-8"
    )
    if say.as_json:
        say.line(
            {
                "notice": notice.label,
                "confirmed_through": after.confirmed_through.isoformat(),
                "revision": after.revision,
                "moved": [
                    {
                        "before": answers.obligation_to_wire(move.before),
                        "after": answers.obligation_to_wire(move.after),
                        "by": list(move.by),
                    }
                    for move in moves
                ],
            }
        )
        return 0
    say.text(
        f"已加入{notice.label}；工作日历确定到{after.confirmed_through}。",
        f"Added {notice.label}; the calendar is confirmed through {after.confirmed_through}.",
    )
    if options.store is not None:
        say.table(
            ("期限有变的", "Due days that moved"),
            (
                ("案号", "case"),
                ("应办", "owed"),
                ("责任方", "bearer"),
                ("原期限", "was due"),
                ("现期限", "is due"),
                ("依据", "by"),
            ),
            (
                (
                    move.after.case,
                    say.pick(kind_of(move.after).zh, move.after.kind),
                    bearer(move.after.bearer, say),
                    due_day(move.before, say),
                    due_day(move.after, say),
                    "、".join(move.by),
                )
                for move in moves
            ),
        )
    if moves:
        say.text(
            "请随后运行onsite-workflow store reindex，重算库中的时限清单。",
            "Run onsite-workflow store reindex next: it counts the store's lists anew.",
        )
    return 0


def explain(options: argparse.Namespace, say: Say) -> int:
    """``calendar explain``: count working days, day by day."""
    explanation = china().explain(options.start, options.n)
    if not say.as_json:
        language: Language = "zh" if say.language == "zh" else "en"
        sys.stdout.write("\n".join(explanation.lines(language)) + "\n")
        return 0
    for explained in explanation.days:
        day = explained.day
        say.line(
            {
                "date": day.date.isoformat(),
                "counted": explained.counted,
                "number": explained.number,
                "kind": day.kind.value,
                "zh": day.reason("zh"),
                "en": day.reason("en"),
                "notice": day.notice,
                "provisional": day.provisional,
            }
        )
    deadline = explanation.deadline
    say.line(
        {
            name: plain(getattr(deadline, name))
            for name in ("date", "provisional", "earliest", "latest")
        }
    )
    return 0


def month(options: argparse.Namespace, say: Say) -> int:
    """``calendar month``: a month as a wall calendar."""
    weeks = china().month(options.month.year, options.month.month)
    if say.as_json:
        for day in (day for week in weeks for day in week if day is not None):
            say.line(
                {
                    "date": day.date.isoformat(),
                    "working": day.working,
                    "kind": day.kind.value,
                    "notice": day.notice,
                    "provisional": day.provisional,
                    "may_differ": day.may_differ,
                }
            )
        return 0
    language: Language = "zh" if say.language == "zh" else "en"
    sys.stdout.write("\n".join(month_lines(weeks, language)) + "\n")
    return 0
