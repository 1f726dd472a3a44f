"""The command line: ``onsite-workflow``.

Programs read ``--json``; people get tables (the extra ``cli`` brings ``rich``), in Chinese or in
English. Exit status: 0 all is well (``run``: every line accepted), 1 something was refused, 2 usage.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import json
import locale
import os
import stat
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from . import answers
from .adapters import open_store
from .audit.command import add_arguments, run_audit
from .calendar import Language, Notice, WorkingCalendar, check_calendar, month_lines, read_notice
from .catalogue import annex_a
from .clauses import CLAUSES, SENTENCES, Becomes
from .commands import COMMANDS
from .errors import (
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
from .obligations import Finding, Moved, Obligation
from .procedure import ROWS
from .serialization import LONGEST_LINE, parse_json, read_line, read_moment
from .service import Receipt, Workflow, system_clock
from .terms import SHANGHAI, Actor, Directory, Role, Unit, check_key, local_day, plain

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["main"]

USAGE: Final = 2
BATCH: Final = 100
BATCH_BYTES: Final = 1_000_000
UNBROKEN: Final = ("due day", "line", "case", "clause", "due", "at", "opened")
WINDOW: Final = Role.INTEGRATED_WINDOW.value


class _Say:
    """Prints for a person, in their language; or for a program, as JSON lines."""

    def __init__(self, language: str, *, as_json: bool) -> None:
        self.language = language
        self.as_json = as_json

    def pick(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    @property
    def console(self) -> Console:
        try:
            from rich.console import Console  # noqa: PLC0415
        except ImportError:
            raise InvalidInput.of(
                "rich",
                "missing",
                "显示表格需要安装onsite-workflow[cli]；也可以用--json。",
                "tables need onsite-workflow[cli]; --json works without.",
            ) from None
        # Where nobody's terminal sets the width, as in a file or a pipe, tables get room.
        wide = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160
        return Console(highlight=False, width=wide)

    def line(self, value: Any) -> None:
        sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")

    def text(self, zh: str, en: str) -> None:
        sys.stdout.write(self.pick(zh, en) + "\n")

    def table(
        self,
        title: tuple[str, str],
        columns: Sequence[tuple[str, str]],
        rows: Iterable[Sequence[object]],
    ) -> None:
        console = self.console
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        table = Table(title=self.pick(*title), title_justify="left", header_style="bold")
        for column in columns:
            name = column[1]
            table.add_column(self.pick(*column), overflow="fold", no_wrap=name in UNBROKEN)
        empty = True
        for row in rows:
            empty = False
            table.add_row(*(Text(_cell(value)) for value in row))  # as it is: no markup, no emoji
        if empty:
            self.text(f"{title[0]}：无", f"{title[1]}: none")
        else:
            console.print(table)


def _cell(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return "—" if value is None else str(value)


def _language() -> str:
    named = next(
        (value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))),
        "",
    )
    return (
        "zh"
        if (named or locale.getlocale()[0] or "").lower().startswith(("zh", "chinese"))
        else "en"
    )


# --- reading arguments --------------------------------------------------------------------------


def _time(text: str) -> dt.datetime:
    try:
        return read_moment(text)
    except InvalidInput as error:
        raise argparse.ArgumentTypeError(error.violations[0].en) from None


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written 2026-09-30") from None


def _year_and_month(text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=SHANGHAI).date()
    except ValueError:
        raise argparse.ArgumentTypeError("a month is written 2026-09") from None


def _directory(path: str | None) -> Directory:
    if path is None:
        return Directory()
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput.of(
            "directory",
            "unreadable",
            "单位名录打不开。",
            f"can't be read ({type(error).__name__}).",
        ) from None
    units: list[Unit] = []
    for number, row in enumerate(rows, start=2):
        if "name" not in row or None in row.values() or None in row:
            raise InvalidInput.of(
                "directory",
                "unreadable",
                f"第{number}行：应有name、code、phone三列。",
                f"line {number} must have the columns name, code, phone.",
            )
        try:
            units.append(
                Unit(name=row["name"], code=row.get("code") or None, phone=row.get("phone") or None)
            )
        except InvalidInput as error:
            raise error.within(f"directory[{number}]") from None
    return Directory(units)


def _notices_folder() -> Path:
    """Where added notices are kept: ``ONSITE_WORKFLOW_NOTICES``, else the user's data folder."""
    named = os.environ.get("ONSITE_WORKFLOW_NOTICES")
    if named:
        return Path(named)
    base = os.environ.get("XDG_DATA_HOME") or os.environ.get("APPDATA")
    return (
        (Path(base) if base else Path.home() / ".local" / "share") / "onsite-workflow" / "notices"
    )


def _calendar() -> WorkingCalendar:
    """The packaged notices and those that were added here."""
    calendar = WorkingCalendar.china()
    folder = _notices_folder()
    added: list[Notice] = []
    for file in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            added.append(read_notice(file))
        except OSError as error:
            raise InvalidInput.of(
                file.name, "unreadable", "文件打不开。", f"can't be read ({error.strerror})."
            ) from None
        except InvalidInput as error:
            raise error.within(file.name) from None
    for notice in sorted(added, key=lambda notice: notice.issued):
        calendar = calendar.with_notice(notice)
    return calendar


@contextmanager
def _workflow(options: argparse.Namespace, *, create: bool = False) -> Iterator[Workflow]:
    calendar = _calendar()  # whatever can't be read is said before a store is made
    directory = _directory(getattr(options, "directory", None))
    with closing(open_store(options.store, create=create)) as store:
        yield Workflow(
            store,
            calendar=calendar,
            directory=directory,
            issuer=getattr(options, "issuer", None),
        )


# --- run ----------------------------------------------------------------------------------------


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Numbered lines that are not blank. One that is too long is cut, never held whole."""
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


def _case_named(raw: bytes) -> str | None:
    """The case of a line that can't be carried out, where at least that can be read."""
    try:
        line = parse_json(raw)
        case = line.get("case") if isinstance(line, dict) else None
        check_key("case", case)
    except InvalidInput:
        return None
    return str(case)


def _apply(workflow: Workflow, number: int, raw: bytes) -> tuple[dict[str, Any], Receipt | None]:
    """One line's answer. The journal's own time is the clock."""
    try:
        entry = read_line(raw)
        receipt = workflow.handle(entry.command, recorded_at=entry.recorded_at or entry.command.at)
    except (CorruptRecord, StoreUnavailable):  # no answer to this line: an operator must look
        raise
    except OnsiteWorkflowError as error:
        return {
            "line": number,
            "case": _case_named(raw),
            **answers.refusal_to_wire(error),
        }, None
    answer = {"line": number, **answers.receipt_to_wire(receipt)}
    return answer, receipt


class _Tally:
    """What a run came to: counts, and the lines a person wants to see again."""

    SHOWN = 200

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.refused: list[dict[str, Any]] = []
        self.late: list[tuple[str, Finding]] = []

    def add(self, answer: dict[str, Any], receipt: Receipt | None) -> None:
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
                self.late.append((receipt.event.case, finding))


def _run(options: argparse.Namespace, say: _Say) -> int:
    name = options.journal
    try:
        file: IO[bytes] = sys.stdin.buffer if name == "-" else Path(name).open("rb")  # noqa: SIM115
    except OSError as error:
        raise InvalidInput.of(
            "journal", "unreadable", "日志文件打不开。", f"can't be read ({error.strerror})."
        ) from None
    with file, _workflow(options, create=True) as workflow:
        status = os.fstat(file.fileno())
        size = status.st_size if stat.S_ISREG(status.st_mode) else None
        tally = _run_lines(workflow, file, size, say)
    if not say.as_json:
        counts = tally.counts
        _print_refused(tally, say)
        _print_rest(len(tally.refused), counts["refused"], say)
        _print_late(tally, say)
        _print_rest(len(tally.late), counts["late"], say)
        say.text(
            f"共{counts['lines']}行：办理{counts['accepted']}，重复{counts['repeated']}，"
            f"未办理{counts['refused']}；逾期{counts['late']}。",
            f"{counts['lines']} lines: {counts['accepted']} accepted, {counts['repeated']} "
            f"repeated, {counts['refused']} refused; {counts['late']} findings.",
        )
    return 1 if tally.counts["refused"] else 0


def _batches(lines: Iterable[tuple[int, bytes]], most: int) -> Iterator[list[tuple[int, bytes]]]:
    """Lines in turn, at most so many at once, and fewer where they are long."""
    batch: list[tuple[int, bytes]] = []
    for line in lines:
        batch.append(line)
        if len(batch) == most or sum(len(raw) for _, raw in batch) >= BATCH_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch


def _run_lines(workflow: Workflow, file: IO[bytes], size: int | None, say: _Say) -> _Tally:
    """Answers are printed once they are durable. The lines of a file are stored in batches; those
    of a stream one by one, since somebody may be waiting for each answer."""
    tally = _Tally()
    with _progress(size, say) as advance:
        for batch in _batches(_lines(file), 1 if size is None else BATCH):
            with workflow.store.batch():
                done = [_apply(workflow, number, raw) for number, raw in batch]
            for answer, receipt in done:
                tally.add(answer, receipt)
                if say.as_json:
                    say.line(answer)
            if size is None:
                sys.stdout.flush()
            advance(sum(len(raw) + 1 for _, raw in batch))
    return tally


@contextmanager
def _progress(size: int | None, say: _Say) -> Iterator[Callable[[int], None]]:
    """A bar on the terminal's error stream, so that what is printed can be piped."""
    if say.as_json or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(say.pick("办理", "Running"), total=size)
        yield lambda done: progress.advance(task, done)


_ANSWER_ZH: Final = {
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


_EVENT_ZH: Final = {row.event.name: row.command.zh for row in ROWS}


def _print_refused(tally: _Tally, say: _Say) -> None:
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
                answer["case"],
                say.pick(_ANSWER_ZH[answer["error"]], answer["error"]),
                v["clause"],
                v[say.language],
                None if v["remedy"] is None else v["remedy"][say.language],
            )
            for answer in tally.refused
            for v in answer["violations"]
        ),
    )


def _bearer(bearer: str, say: _Say) -> str:
    return say.pick("综合窗口", "integrated window") if bearer == WINDOW else bearer


def _end(due: dt.datetime) -> str:
    """The end of a time limit as people say it: midnight is 24:00 of the day that ends."""
    local = due.astimezone(SHANGHAI)
    if local.time() == dt.time():
        return f"{local.date() - dt.timedelta(days=1)} 24:00"
    return local.strftime("%Y-%m-%d %H:%M")


def _span(seconds: int, say: _Say) -> str:
    days, rest = divmod(seconds, 86_400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    zh = f"{days}天" * bool(days) + f"{hours}小时" * bool(hours) + f"{minutes}分钟"
    return say.pick(zh, f"{f'{days} d ' * bool(days)}{hours}:{minutes:02}")


def _print_rest(shown: int, all_of_them: int, say: _Say) -> None:
    if all_of_them > shown:
        more = all_of_them - shown
        say.text(f"另有{more}行，请用--json查看。", f"And {more} more; see them with --json.")


def _print_late(tally: _Tally, say: _Say) -> None:
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
                _bearer(finding.bearer, say),
                _end(finding.due),
                _span(finding.by_seconds, say),
            )
            for case, finding in tally.late
        ),
    )


# --- due, show, available, forms ----------------------------------------------------------------


def _print_obligations(found: Iterable[Obligation], title: tuple[str, str], say: _Say) -> None:
    status_zh = {
        "open": "未到期",
        "overdue": "已逾期",
        "met": "按期完成",
        "met_late": "逾期完成",
        "void": "已失效",
    }
    say.table(
        title,
        (
            ("案号", "case"),
            ("条款", "clause"),
            ("应办", "owed"),
            ("责任方", "bearer"),
            ("对象", "for"),
            ("期限", "due day"),
            ("状态", "status"),
        ),
        (
            (
                o.case,
                o.clause,
                say.pick(o.kind.zh, o.kind.value),
                _bearer(o.bearer, say),
                o.subject if o.subject != o.bearer else None,
                _due_day(o, say),
                say.pick(
                    "待办" if o.due is None and o.status == "open" else status_zh[o.status],
                    o.status,
                ),
            )
            for o in found
        ),
    )


def _due_day(obligation: Obligation, say: _Say) -> str | None:
    if obligation.due_day is None:
        return None
    if obligation.kind == "arrival" and obligation.due is not None:
        start = obligation.due - dt.timedelta(minutes=1)
        return start.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    if obligation.provisional:
        return say.pick(
            f"{obligation.due_day}\n（暂定，{obligation.earliest}至{obligation.latest}）",
            f"{obligation.due_day}\n(provisional, {obligation.earliest} to {obligation.latest})",
        )
    return str(obligation.due_day)


def _due(options: argparse.Namespace, say: _Say) -> int:
    with _workflow(options) as workflow:
        found = workflow.due(
            at=options.at, before=options.before, unit=options.unit, everything=options.all
        )
    if say.as_json:
        for obligation in found:
            say.line(answers.obligation_to_wire(obligation))
    else:
        _print_obligations(found, ("时限", "Obligations"), say)
    return 0


def _show(options: argparse.Namespace, say: _Say) -> int:
    with _workflow(options) as workflow:
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
                say.pick(_EVENT_ZH[event.name], event.name),
                say.pick(event.state.zh, event.state),
            )
            for event in case.history
        ),
    )
    _print_obligations(owed, ("时限", "Obligations"), say)
    tally = _Tally()
    tally.late = [(case.id, finding) for finding in found]
    _print_late(tally, say)
    return 0


def _available(options: argparse.Namespace, say: _Say) -> int:
    by = Actor(role=Role(options.role), name="—", unit=options.unit)
    with _workflow(options) as workflow:
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


def _forms(options: argparse.Namespace, say: _Say) -> int:
    with _workflow(options) as workflow:
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


# --- rules, catalogue, calendar -----------------------------------------------------------------


_BECOMES_ZH: Final = {
    Becomes.GUARD: "规则",
    Becomes.OBLIGATION: "时限",
    Becomes.RECORD: "记录",
    Becomes.REPORT: "报表",
    Becomes.HUMAN: "由人判断",
}


def _rules(options: argparse.Namespace, say: _Say) -> int:
    entries = [
        {
            "clause": sentence.clause,
            "zh": sentence.zh,
            "en": sentence.en,
            "becomes": [
                {"kind": r.kind.value, "where": list(r.where), "zh": r.zh, "en": r.en}
                for r in sentence.becomes
            ],
        }
        for sentence in SENTENCES
        if options.clause is None or sentence.clause == options.clause
    ]
    if options.clause is not None and options.clause not in CLAUSES:
        raise InvalidInput.of("clause", "unknown_value", "没有这一条。", "is not a clause.")
    if say.as_json:
        for entry in entries:
            say.line(entry)
        return 0
    if options.clause is not None and not entries:
        found = CLAUSES[options.clause]
        say.text(f"{found.number}　{found.zh}", f"{found.number}  {found.en}")
        return 0
    say.table(
        ("每一条成为什么", "What each clause becomes"),
        (("条款", "clause"), ("原文", "text"), ("成为", "becomes"), ("何处", "where")),
        (
            (
                sentence.clause,
                say.pick(sentence.zh, sentence.en),
                say.pick(_BECOMES_ZH[r.kind], r.kind.value),
                say.pick(r.zh, r.en) + "".join(f"\n{place}" for place in r.where),
            )
            for sentence in SENTENCES
            if options.clause is None or sentence.clause == options.clause
            for r in sentence.becomes
        ),
    )
    return 0


def _catalogue(options: argparse.Namespace, say: _Say) -> int:
    text = options.text
    found = [
        item
        for item in annex_a()
        if text is None or text in item.name or text in item.department or text == item.id
    ]
    if say.as_json:
        for item in found:
            say.line({"id": item.id, "department": item.department, "name": item.name})
        return 0
    say.table(
        ("附录A　“上门办、一次办”事项清单", "Annex A: items"),
        (("编号", "id"), ("实施部门", "department"), ("事项名称", "name")),
        ((item.id, item.department or None, item.name) for item in found),
    )
    return 0


def _check(options: argparse.Namespace, say: _Say) -> int:
    """Exit status 1 where something needs doing."""
    found = check_calendar(_calendar(), local_day(options.at or system_clock()))
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


def _add(options: argparse.Namespace, say: _Say) -> int:
    try:
        notice = read_notice(options.file, number=options.number, issued=options.issued)
    except OSError as error:
        raise InvalidInput.of(
            "file", "unreadable", "文件打不开。", f"can't be read ({error.strerror})."
        ) from None
    before = _calendar()
    after = before.with_notice(notice)
    moves: list[Moved] = []
    if options.store is not None:
        with _workflow(options) as workflow:
            moves = workflow.moved(after, at=options.at)
    folder = _notices_folder()
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
                    say.pick(move.after.kind.zh, move.after.kind.value),
                    _bearer(move.after.bearer, say),
                    _due_day(move.before, say),
                    _due_day(move.after, say),
                    "、".join(move.by),
                )
                for move in moves
            ),
        )
    return 0


def _explain(options: argparse.Namespace, say: _Say) -> int:
    explanation = _calendar().explain(options.start, options.n)
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


def _month(options: argparse.Namespace, say: _Say) -> int:
    weeks = _calendar().month(options.month.year, options.month.month)
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


def _audit(options: argparse.Namespace, say: _Say) -> int:
    return run_audit(options, say, _calendar)


# --- demo ---------------------------------------------------------------------------------------


def _example(name: str) -> Path:
    """A file of ``examples/``: inside the installed package, or beside it in a checkout."""
    here = Path(__file__).parent
    for folder in (here / "data" / "examples", here.parents[1] / "examples"):
        if (folder / name).exists():
            return folder / name
    raise InvalidInput.of("demo", "missing", f"缺少示例文件{name}。", f"has no file {name}.")


def _demo(options: argparse.Namespace, say: _Say) -> int:
    """Forty-odd invented cases on an embedded store, from application to archive."""
    journal = _example("xiaonan-2025-2026.jsonl")
    options.directory = str(_example("units.csv"))
    options.issuer = "孝感市孝南区"
    with tempfile.TemporaryDirectory() as folder:
        options.store = options.store or f"sqlite:///{folder}/demo.db"
        with _workflow(options, create=True) as workflow, journal.open("rb") as file:
            told = _Say(say.language, as_json=False)  # lines are tallied, not printed
            tally = _run_lines(workflow, file, journal.stat().st_size, told)
            at = dt.datetime(2026, 10, 31, 21, tzinfo=SHANGHAI)
            due = workflow.due(at=at)
            ledger = list(workflow.cases())
            results = Counter(summary.result or summary.state for summary in ledger)
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
                say.pick(s.state.zh, s.state),
                None if s.result is None else say.pick(s.result.zh, s.result),
                s.lead,
                s.version,
            )
            for s in ledger
        ),
    )
    _print_refused(tally, say)
    _print_late(tally, say)
    _print_obligations(due, ("2026-10-31 21:00 待办和逾期的", "Owed as of 2026-10-31 21:00"), say)
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


# --- arguments ----------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="one JSON object a line 供程序读取")
    common.add_argument("--lang", choices=("zh", "en"), help="language of messages 语言")
    stored = argparse.ArgumentParser(add_help=False)
    stored.add_argument(
        "--store", required=True, help="sqlite:///relative.db or sqlite:////absolute.db"
    )
    units = argparse.ArgumentParser(add_help=False)
    units.add_argument("--directory", metavar="CSV", help="units: name,code,phone 单位名录")

    parser = argparse.ArgumentParser(
        prog="onsite-workflow",
        description="政务服务“上门办、一次办” DB4209/T 32—2023: on-site, one-time government service.",
    )
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")

    def verb(
        name: str, act: Callable[..., int], text: str, *parents: Any
    ) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=text, description=text, parents=[common, *parents])
        added.set_defaults(act=act)
        return added

    demo = verb("demo", _demo, "run the example journal 演示")
    demo.add_argument("--store", help="keep the store here instead of throwing it away")

    run = verb("run", _run, "apply a journal of commands 办理日志", stored, units)
    run.add_argument("journal", help="JSON lines; - is standard input")

    due = verb("due", _due, "what is owed, by whom, until when 时限", stored)
    due.add_argument("--at", type=_time, help="as of this moment (RFC 3339), by default now")
    due.add_argument("--before", type=_time, help="due before this moment only")
    due.add_argument("--unit", help="owed by this unit only")
    due.add_argument("--all", action="store_true", help="also what is met or void")

    show = verb("show", _show, "one case 查看一案", stored)
    show.add_argument("case")
    show.add_argument("--at", type=_time, help="as of this moment")
    show.add_argument("--full", action="store_true", help="people's data in full 不隐去个人信息")

    may = verb("available", _available, "what an actor may do next 下一步", stored)
    may.add_argument("case")
    may.add_argument("--role", required=True, choices=[role.value for role in Role])
    may.add_argument("--unit")

    forms = verb("forms", _forms, "the printed forms of a case 表单", stored, units)
    forms.add_argument("case")
    forms.add_argument("--full", action="store_true", help="people's data in full 不隐去个人信息")
    forms.add_argument("--issuer", help="authority printed on the transfer notice 签发机关")

    rules = verb("rules", _rules, "every clause, what it becomes, where 条款")
    rules.add_argument("clause", nargs="?")

    catalogue = verb("catalogue", _catalogue, "Annex A 事项清单")
    catalogue.add_argument("text", nargs="?", help="an id, or part of a name or department")
    calendar = verbs.add_parser("calendar", help="working days 工作日历", description="工作日历")
    days = calendar.add_subparsers(required=True, metavar="COMMAND")

    def day_verb(name: str, act: Callable[..., int], text: str) -> argparse.ArgumentParser:
        added = days.add_parser(name, help=text, description=text, parents=[common])
        added.set_defaults(act=act)
        return added

    explain = day_verb("explain", _explain, "count working days and say why 逐日说明")
    explain.add_argument("start", type=_day, help="day zero, such as 2026-09-30")
    explain.add_argument("n", type=int, help="how many working days; negative counts back")

    month = day_verb("month", _month, "a month as a wall calendar 月历")
    month.add_argument("month", type=_year_and_month, help="such as 2026-10")

    check = day_verb("check", _check, "how far the sources reach, and what needs doing 检查")
    check.add_argument("--at", type=_time, help="as of this moment, by default now")

    add = day_verb("add", _add, "add a State Council notice 加入放假通知")
    add.add_argument("file", help="TOML or JSON; also the public holiday-cn shape")
    add.add_argument("--number", help="the notice's number, where the file has none 文号")
    add.add_argument(
        "--issued", type=_day, help="its date of issue, where the file has none 印发日期"
    )
    add.add_argument("--store", help="list what of this store's obligations moves")
    add.add_argument("--at", type=_time, help="as of this moment, by default now")

    ledger = verb("audit", _audit, "judge a ledger exported from another system 审查台账")
    add_arguments(ledger, _time)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    try:
        options = _parser().parse_args(argv)
    except SystemExit as stop:  # argparse has said why
        return int(stop.code or 0)
    say = _Say(options.lang or _language(), as_json=options.json)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that can't show a character shows \\u
            stream.reconfigure(encoding="utf-8" if say.as_json else None, errors="backslashreplace")
    try:
        if not say.as_json:
            _ = say.console  # before anything is done, not after
        status = int(options.act(options, say))
        sys.stdout.flush()  # here, so that a reader who has gone is met below
        return status
    except OnsiteWorkflowError as error:
        for violation in error.violations:
            sys.stderr.write(say.pick(violation.zh, violation.en) + "\n")
        return USAGE
    except KeyboardInterrupt:
        return 130  # as a shell has it; what was answered is stored
    except BrokenPipeError:
        # The reader has gone, as with ``| head``; what was carried out stays carried out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
