"""The audit of a ledger: every case is replayed and judged, then what must differ from case to case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from onsite_workflow.checks import check_moment
from onsite_workflow.clause7.commands import Archive
from onsite_workflow.clause7.regulation import DB4209_T_32_2023
from onsite_workflow.errors import InvalidInput
from onsite_workflow.regulation import Regulation

from ._collected import Collected
from ._fields import Shape
from ._ledger import Ledger, UnreadableCell
from ._limits import judge_limits
from ._records import Known, Record, records, shown_unit
from ._replay import WINDOW, Replay
from ._report import AuditCode, AuditFinding, Report, Unjudged, Why

__all__ = ["audit"]

if TYPE_CHECKING:
    from onsite_workflow.calendar import WorkingCalendar


def audit(
    ledger: Ledger,
    *,
    as_of: dt.datetime,
    regulation: Regulation = DB4209_T_32_2023,
    calendar: WorkingCalendar | None = None,
) -> Report:
    """Judge every case of ``ledger``. ``as_of`` is when the ledger was exported: what was still owed
    then and past its limit is overdue, and nothing in it can have happened later.

    ``calendar`` is the packaged one by default. ``InvalidInput`` where ``as_of`` is naive.
    """
    check_moment("as_of", as_of)
    if calendar is None:
        from onsite_workflow.calendar import WorkingCalendar  # noqa: PLC0415

        calendar = WorkingCalendar.china()
    known = Known(ledger)
    found = Collected()
    read = list(records(ledger, known))
    _repeated_cases(ledger, read, found)
    judged = _distinct(ledger, read)
    for record in judged:
        try:
            replay = Replay(record, known, found, regulation, as_of)
            if replay.run():
                judge_limits(replay, calendar)
        except InvalidInput:
            # Nothing that a cell can hold should lead here; if it does, the others are judged.
            found.unreadable.append(
                UnreadableCell(
                    row=record.row,
                    column=None,
                    field=None,
                    zh="此案的记录无法组成一个案件，没有判断",
                    en="these entries do not make a case, so it is not judged",
                )
            )
    _repeated_numbers(judged, found)
    found.findings.sort(key=lambda f: f.row)
    return Report(
        ledger=ledger.name,
        as_of=as_of,
        edition=regulation.edition,
        calendar=calendar.revision,
        rows=len(ledger.rows),
        cases=len({record.case for record in read}),
        findings=tuple(found.findings),
        owed=tuple(sorted(found.owed, key=lambda o: o.row)),
        unjudged=_unjudged(found),
        unreadable=tuple(sorted((*ledger.unreadable, *found.unreadable), key=lambda c: c.row)),
        judged=dict(sorted(found.judged.items())),
        unused=ledger.unused,
        not_cases=ledger.not_cases,
        assumed=tuple(found.assumed),
    )


def _unjudged(found: Collected) -> tuple[Unjudged, ...]:
    made = [
        Unjudged(
            clause=clause,
            kind=kind,
            rule=rule,
            command=command,
            why=why,
            fields=fields,
            rows=tuple(rows),
        )
        for (clause, kind, rule, command, why, fields), rows in found.unjudged.items()
    ]
    made.sort(key=lambda u: (u.why is not Why.UNMAPPED, u.clause, u.command, u.rule or ""))
    return tuple(made)


def _distinct(ledger: Ledger, read: Sequence[Record]) -> list[Record]:
    """A row that repeats another whole is the same record entered twice: judged once."""
    if ledger.mapping.shape is not Shape.CASES:
        return list(read)
    kept: list[Record] = []
    seen: dict[str, list[Record]] = {}
    for record in read:
        before = seen.setdefault(record.case, [])
        if not any(record.values == other.values for other in before):
            kept.append(record)
        before.append(record)
    return kept


def _repeated_cases(ledger: Ledger, read: Sequence[Record], found: Collected) -> None:
    if ledger.mapping.shape is not Shape.CASES:
        return
    first: dict[str, int] = {}
    for record in read:
        row = first.setdefault(record.case, record.row)
        if row != record.row:
            found.findings.append(
                AuditFinding(
                    row=record.row,
                    case=record.case,
                    code=AuditCode.DUPLICATE_CASE,
                    clause="9",
                    bearer=WINDOW,
                    zh=f"案号与第{row}行相同；一案一档，每案应有自己的案号。",
                    en=f"the case id of row {row} again; each case has an id and a file of its own.",
                )
            )


def _repeated_numbers(read: Sequence[Record], found: Collected) -> None:
    """A notice or archive number is held by one case (see promise 7 of ``ports``)."""
    for zh, en, clause, numbers in (
        ("转办通知书编号", "the number of the transfer notice", "7.2", _notice_numbers(read)),
        ("档号", "the archive number", "9", _archive_numbers(read)),
    ):
        first: dict[str, Record] = {}
        for number, record, row, bearer in numbers:
            other = first.setdefault(number, record)
            if other.case != record.case:
                found.findings.append(
                    AuditFinding(
                        row=row,
                        case=record.case,
                        code=AuditCode.DUPLICATE_NUMBER,
                        clause=clause,
                        bearer=bearer,
                        zh=f"{zh}与案件{other.case}（第{other.row}行）相同。",
                        en=f"{en} is that of case {other.case} (row {other.row}).",
                    )
                )


def _notice_numbers(read: Sequence[Record]) -> Iterator[tuple[str, Record, int, str | None]]:
    for record in read:
        for unit in record.units:
            if unit.number is not None:
                yield unit.number, record, unit.row, WINDOW


def _archive_numbers(read: Sequence[Record]) -> Iterator[tuple[str, Record, int, str | None]]:
    for record in read:
        for entry in record.of(Archive):
            number = entry.get("archive_number")
            if isinstance(number, str):
                yield number, record, entry.row, shown_unit(record.units[0].name)
                break
