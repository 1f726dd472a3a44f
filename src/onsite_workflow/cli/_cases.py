"""``run``, ``due``, ``show``, ``available``, ``forms``."""

from __future__ import annotations

import argparse
import json
import os
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from onsite_workflow.checks import check_key
from onsite_workflow.clause7.procedure import COMMANDS, ROWS
from onsite_workflow.engine.deciding import AnyReceipt
from onsite_workflow.engine.duties import Finding
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.errors import (
    CaseNotFound,
    Conflict,
    CorruptRecord,
    InvalidInput,
    NotAllowed,
    OnsiteWorkflowError,
    Refused,
    StoreUnavailable,
    WrongRole,
)
from onsite_workflow.procedures import DEFAULT
from onsite_workflow.service import Workflow
from onsite_workflow.terms import Actor, Role
from onsite_workflow.wire import answers
from onsite_workflow.wire.reading import LONGEST_LINE, parse_json, read_line

from ._common import bearer, end_of, opened, print_obligations, print_rest, span
from ._say import Say

#: How many lines of a file are stored together at most, and with how many bytes.
BATCH: Final = 100
BATCH_BYTES: Final = 1_000_000


def numbered_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, each with its number from 1.

    A line that is too long is cut, so that it is never in memory as a whole.
    """
    number = 0
    while raw := file.readline(LONGEST_LINE + 5):  # room for a BOM and CRLF
        number += 1
        while not raw.endswith(b"\n") and len(raw) > LONGEST_LINE:
            rest = file.readline(LONGEST_LINE)
            if not rest or rest.endswith(b"\n"):
                break
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if raw.strip():
            yield number, raw.rstrip(b"\r\n")


def named(raw: bytes) -> dict[str, str | None]:
    """What a line names: its case, or its procedure and record; None where that can't be read."""
    try:
        line = parse_json(raw)
    except InvalidInput:
        return {"case": None}
    if not isinstance(line, dict) or line.get("procedure", DEFAULT) == DEFAULT:
        return {"case": _key(line, "case")}
    return {name: _key(line, name) for name in ("procedure", "record")}


def _key(line: Any, name: str) -> str | None:
    try:
        key = line.get(name) if isinstance(line, dict) else None
        check_key(name, key)
    except InvalidInput:
        return None
    return str(key)


def apply_line(
    workflow: Workflow, number: int, raw: bytes
) -> tuple[dict[str, Any], AnyReceipt[AnyEvent] | None]:
    """Carry out one line of a journal. Returns its answer in wire form, and the receipt or None.

    The clock is the journal's own: a line without ``recorded_at`` was entered when it happened.
    """
    try:
        entry = read_line(raw)
        receipt = workflow.handle(entry.command, recorded_at=entry.recorded_at or entry.command.at)
    except (
        CorruptRecord,
        StoreUnavailable,
    ):  # these are no answers to a line: an operator must look
        raise
    except OnsiteWorkflowError as error:
        return {
            "line": number,
            **named(raw),
            **answers.refusal_to_wire(error),
        }, None
    answer = {"line": number, **answers.receipt_to_wire(receipt)}
    return answer, receipt


class Tally:
    """What a run came to: counts, and the first lines that were refused or late."""

    SHOWN = 200

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.refused: list[dict[str, Any]] = []
        self.late: list[tuple[str, Finding]] = []

    def add(self, answer: dict[str, Any], receipt: AnyReceipt[AnyEvent] | None) -> None:
        self.counts["lines"] += 1
        if receipt is None:
            self.counts["refused"] += 1
            if len(self.refused) < self.SHOWN:
                self.refused.append(answer)
            return
        self.counts["repeated" if receipt.repeated else "accepted"] += 1
        for finding in receipt.findings:
            self.counts["late"] += 1
            if len(self.late) < self.SHOWN:
                self.late.append((receipt.event.key, finding))


def run(options: argparse.Namespace, say: Say) -> int:
    """``run``: carry out a journal. Exit status 1 where some line was refused."""
    name = options.journal
    try:
        file: IO[bytes] = sys.stdin.buffer if name == "-" else Path(name).open("rb")  # noqa: SIM115
    except OSError as error:
        raise InvalidInput.of(
            "journal", "unreadable", "日志文件打不开。", f"can't be read ({error.strerror})."
        ) from None
    with file, opened(options, create=True, read_only=False) as workflow:
        status = os.fstat(file.fileno())
        size = status.st_size if stat.S_ISREG(status.st_mode) else None
        tally = run_lines(workflow, file, size, say)
    if not say.as_json:
        counts = tally.counts
        print_refused(tally, say)
        print_rest(len(tally.refused), counts["refused"], say)
        print_late(tally, say)
        print_rest(len(tally.late), counts["late"], say)
        say.text(
            f"共{counts['lines']}行：办理{counts['accepted']}，重复{counts['repeated']}，"
            f"未办理{counts['refused']}；逾期{counts['late']}。",
            f"{counts['lines']} lines: {counts['accepted']} accepted, {counts['repeated']} "
            f"repeated, {counts['refused']} refused; {counts['late']} findings.",
        )
    return 1 if tally.counts["refused"] else 0


def batches(lines: Iterable[tuple[int, bytes]], most: int) -> Iterator[list[tuple[int, bytes]]]:
    """The lines in batches of at most ``most`` lines, and of fewer where they are long."""
    batch: list[tuple[int, bytes]] = []
    for line in lines:
        batch.append(line)
        if len(batch) == most or sum(len(raw) for _, raw in batch) >= BATCH_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch


def run_lines(workflow: Workflow, file: IO[bytes], size: int | None, say: Say) -> Tally:
    """Carry out all lines of a journal; ``size`` is that of a file in bytes, None for a stream.

    An answer is printed once it is durable. The lines of a file are stored in batches, those of a stream
    one by one, since somebody may be waiting for each answer.
    """
    tally = Tally()
    with progress(size, say) as advance:
        for batch in batches(numbered_lines(file), 1 if size is None else BATCH):
            with workflow.store.batch():
                done = [apply_line(workflow, number, raw) for number, raw in batch]
            for answer, receipt in done:
                tally.add(answer, receipt)
                if say.as_json:
                    say.line(answer)
            if size is None:
                sys.stdout.flush()
            advance(sum(len(raw) + 1 for _, raw in batch))
    return tally


@contextmanager
def progress(size: int | None, say: Say) -> Iterator[Callable[[int], None]]:
    """A progress bar. It is shown on standard error, so that standard output can be piped.

    Gives a function to call with the number of bytes that were done.
    """
    if say.as_json or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(say.pick("办理", "Running"), total=size)
        yield lambda done: progress.advance(task, done)


ANSWER_ZH: Final = {
    kind.answer: kind.answer_zh
    for kind in (
        InvalidInput,
        CaseNotFound,
        NotAllowed,
        WrongRole,
        Refused,
        Conflict,
        CorruptRecord,
    )
}


EVENT_ZH: Final = {row.event.name: row.command.zh for row in ROWS}


def print_refused(tally: Tally, say: Say) -> None:
    """A table of the refused lines, one row for each unmet rule."""
    say.table(
        ("未办理的", "Refused, and why"),
        (
            ("行", "line"),
            ("案号", "case"),
            ("答复", "answer"),
            ("条款", "clause"),
            ("原因", "why"),
            ("怎样办", "what to do"),
        ),
        (
            (
                answer["line"],
                answer.get("case") or answer.get("record"),
                say.pick(ANSWER_ZH[answer["error"]], answer["error"]),
                v["clause"],
                v[say.language],
                None if v["remedy"] is None else v["remedy"][say.language],
            )
            for answer in tally.refused
            for v in answer["violations"]
        ),
    )


def print_late(tally: Tally, say: Say) -> None:
    """A table of what was late."""
    say.table(
        ("逾期的", "What was late"),
        (
            ("案号", "case"),
            ("条款", "clause"),
            ("情形", "finding"),
            ("责任方", "bearer"),
            ("期限", "due"),
            ("超过", "by"),
        ),
        (
            (
                case,
                finding.clause,
                say.pick(finding.code.zh, finding.code.value),
                bearer(finding.bearer, say),
                end_of(finding.due),
                span(finding.by_seconds, say),
            )
            for case, finding in tally.late
        ),
    )


def due(options: argparse.Namespace, say: Say) -> int:
    """``due``: what is owed. Exit status 1 where some case can't be read; the others are listed."""
    unreadable: dict[str, OnsiteWorkflowError] = {}
    with opened(options) as workflow:
        found = workflow.due(
            at=options.at,
            before=options.before,
            unit=options.unit,
            everything=options.all,
            unreadable=unreadable.__setitem__,
        )
    if say.as_json:
        for obligation in found:
            say.line(answers.obligation_to_wire(obligation))
    else:
        print_obligations(found, ("时限", "Obligations"), say)
    for case, error in unreadable.items():
        for violation in error.violations:
            sys.stderr.write(say.pick(f"{case}：{violation.zh}", f"{case}: {violation.en}") + "\n")
    return 1 if unreadable else 0


def show(options: argparse.Namespace, say: Say) -> int:
    """``show``: one case with its history, obligations and findings."""
    with opened(options) as workflow:
        whole = workflow.case(options.case)
        at = options.at or workflow.now()
        case = answers.as_known_at(whole, at)
        if case is None:
            raise InvalidInput.of(
                "at", "too_early", "那时还没有此案。", "is before the case began."
            )
        owed = workflow.obligations(options.case, as_of=at)
        found = tuple(f for f in workflow.findings(options.case) if f.at <= at)
    shown = answers.case_to_wire(case, obligations=owed, findings=found, full=options.full)
    if say.as_json:
        say.line(shown)
        return 0
    say.table(
        (f"{case.id}　{case.state.zh}", f"{case.id}  {case.state}"),
        (("项目", "field"), ("内容", "value")),
        (
            (name, value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False))
            for name, value in shown.items()
            if value not in (None, []) and name not in ("obligations", "findings", "history")
        ),
    )
    say.table(
        ("经过", "History"),
        (
            ("序号", "entry"),
            ("发生", "at"),
            ("登记", "recorded"),
            ("事", "event"),
            ("状态", "state"),
        ),
        (
            (
                event.version,
                event.at,
                event.recorded_at,
                say.pick(EVENT_ZH[event.name], event.name),
                say.pick(event.state.zh, event.state),
            )
            for event in case.history
        ),
    )
    print_obligations(owed, ("时限", "Obligations"), say)
    tally = Tally()
    tally.late = [(case.id, finding) for finding in found]
    print_late(tally, say)
    return 0


def available(options: argparse.Namespace, say: Say) -> int:
    """``available``: what an actor may do next, and why not the rest."""
    by = Actor(role=Role(options.role), name="—", unit=options.unit)
    with opened(options) as workflow:
        found = workflow.available(options.case, by)
    if say.as_json:
        for entry in found:
            say.line(answers.availability_to_wire(entry))
        return 0
    say.table(
        ("下一步", "What may be done next"),
        (
            ("办理", "command"),
            ("条款", "clause"),
            ("可否", "allowed"),
            ("原因或者待填", "why not, or what it needs"),
        ),
        (
            (
                say.pick(COMMANDS[entry.command].zh, entry.command),
                entry.clause,
                say.pick("可" if entry.allowed else "否", "yes" if entry.allowed else "no"),
                ", ".join(
                    sorted(
                        {need for guard in entry.waiting for need in guard.needs} - {"recorded_at"}
                    )
                )
                if entry.allowed
                else " ".join(say.pick(v.zh, v.en) for v in entry.violations),
            )
            for entry in found
        ),
    )
    return 0


def forms(options: argparse.Namespace, say: Say) -> int:
    """``forms``: the printed forms of a case, filled."""
    with opened(options) as workflow:
        filled = [
            *workflow.transfer_notices(options.case),
            workflow.registration_form(options.case),
        ]
    for form in filled:
        if say.as_json:
            say.line(answers.form_to_wire(form, full=options.full))
        else:
            say.table(
                (form.title, form.title),
                (("", ""), ("栏目", "field"), ("内容", "value")),
                (
                    (
                        f.field.group,
                        say.pick(f.field.zh, f.field.en),
                        say.pick("（缺）", "(missing)")
                        if f.missing
                        else (f.value if f.value is not None else f"（{f.blank}）")
                        if options.full
                        else answers.MASK,
                    )
                    for f in form.fields
                ),
            )
    if not options.full and not say.as_json:
        say.text(
            "个人信息已隐去；要看全文，请加--full。",
            "People's data are masked; see them with --full.",
        )
    return 0
