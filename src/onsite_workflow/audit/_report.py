"""What an audit answers: findings, what could not be judged, what could not be read, and sums."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from attrs import field, frozen

from onsite_workflow.checks import plain
from onsite_workflow.clause7.regulation import Kind

from ._ledger import UnreadableCell

__all__ = ["AuditCode", "AuditFinding", "Report", "StillOwed", "Tally", "Unjudged", "Why"]


class AuditCode(StrEnum):
    """What can be found in a ledger. The first four are ``FindingCode``'s."""

    LATE_ACT = "late_act"
    LATE_ENTRY = "late_entry"
    LATE_ARRIVAL = "late_arrival"
    STAFF_ABSENT = "staff_absent"
    OVERDUE = "overdue"
    MISSING_STEP = "missing_step"
    UNMET_RULE = "unmet_rule"
    OUT_OF_ORDER = "out_of_order"
    NOT_ALLOWED = "not_allowed"
    IN_FUTURE = "in_future"
    DUPLICATE_CASE = "duplicate_case"
    DUPLICATE_NUMBER = "duplicate_number"

    @property
    def zh(self) -> str:
        """The finding in Chinese."""
        return _CODE_ZH[self]


_CODE_ZH: Final = {
    AuditCode.LATE_ACT: "逾期办理",
    AuditCode.LATE_ENTRY: "按期办理，逾期登记",
    AuditCode.LATE_ARRIVAL: "未准时到达",
    AuditCode.STAFF_ABSENT: "工作人员未到",
    AuditCode.OVERDUE: "逾期未办",
    AuditCode.MISSING_STEP: "缺少环节",
    AuditCode.UNMET_RULE: "不符合规定",
    AuditCode.OUT_OF_ORDER: "先后颠倒",
    AuditCode.NOT_ALLOWED: "不应有此环节",
    AuditCode.IN_FUTURE: "时间在导出之后",
    AuditCode.DUPLICATE_CASE: "案号重复",
    AuditCode.DUPLICATE_NUMBER: "编号重复",
}


class Why(StrEnum):
    """Why something could not be judged."""

    UNMAPPED = "unmapped"
    BLANK = "blank"
    UNREADABLE = "unreadable"
    NO_TIME = "no_time"
    DAY_ONLY = "day_only"
    FAILED_VISIT = "failed_visit"
    PROVISIONAL = "provisional"
    OUT_OF_ORDER = "out_of_order"
    IN_FUTURE = "in_future"
    OUTSIDE_EDITION = "outside_edition"
    CALENDAR = "calendar"

    @property
    def zh(self) -> str:
        """The reason in Chinese."""
        return _WHY_ZH[self]

    @property
    def en(self) -> str:
        """The reason in English."""
        return _WHY_EN[self]


_WHY_ZH: Final = {
    Why.UNMAPPED: "台账没有这一列，或者映射文件没有写",
    Why.BLANK: "这一格是空的",
    Why.UNREADABLE: "这一格读不出来",
    Why.NO_TIME: "记了已办，没有记时间",
    Why.DAY_ONLY: "只有日期，没有时刻",
    Why.FAILED_VISIT: "所记的约定因上门未果已经失效，没有再次约定的时间",
    Why.PROVISIONAL: "放假通知尚未公布，期限未定",
    Why.OUT_OF_ORDER: "时间先后颠倒，不能据以计算",
    Why.IN_FUTURE: "时间在导出之后，不能据以计算",
    Why.OUTSIDE_EDITION: "申请时本标准尚未施行，或者已不施行",
    Why.CALENDAR: "工作日历没有这些日子",
}

_WHY_EN: Final = {
    Why.UNMAPPED: "the ledger has no such column, or the mapping does not name it",
    Why.BLANK: "the cell is blank",
    Why.UNREADABLE: "the cell can't be read",
    Why.NO_TIME: "it is marked as done, without a time",
    Why.DAY_ONLY: "a date without the time of day",
    Why.FAILED_VISIT: "the appointment recorded is that of the visit that failed; no later one is",
    Why.PROVISIONAL: "the holidays are not yet announced, so the due day is not certain",
    Why.OUT_OF_ORDER: "its times are out of order, so nothing is counted from them",
    Why.IN_FUTURE: "its time lies after the export, so nothing is counted from it",
    Why.OUTSIDE_EDITION: "the application was made when the standard was not in force",
    Why.CALENDAR: "the calendar does not reach these days",
}


@frozen(kw_only=True)
class AuditFinding:
    """One thing that does not meet the standard.

    ``row`` is the row of the file, ``case`` the ledger's own id. ``bearer`` is a unit's name,
    ``integrated_window``, or None where the ledger does not say. ``kind`` is the obligation,
    ``rule`` the rule of the procedure. Of what is late: ``due`` is the first instant that is late,
    ``at`` when it was done (or the moment of the audit), ``by_seconds`` the difference (at least
    that where ``exact`` is false: the ledger gives a day alone), ``by_days`` in calendar days.
    """

    row: int
    case: str
    code: AuditCode
    zh: str
    en: str
    clause: str | None = None
    interpretation: str | None = None
    kind: Kind | None = None
    rule: str | None = None
    bearer: str | None = None
    due: dt.datetime | None = None
    at: dt.datetime | None = None
    by_seconds: int | None = None
    by_days: int | None = None
    exact: bool = True

    def to_wire(self) -> dict[str, Any]:
        """As JSON values; the names are those of the library's other answers."""
        return {
            "record": "finding",
            "row": self.row,
            "case": self.case,
            "code": self.code.value,
            "clause": self.clause,
            "interpretation": self.interpretation,
            "kind": None if self.kind is None else self.kind.value,
            "rule": self.rule,
            "bearer": self.bearer,
            "due": plain(self.due),
            "at": plain(self.at),
            "by_seconds": self.by_seconds,
            "by_days": self.by_days,
            "exact": self.exact,
            "zh": self.zh,
            "en": self.en,
        }


@frozen(kw_only=True)
class StillOwed:
    """Something still to be done at the moment of the audit, for which the standard sets no limit:
    listed, never late. ``since`` is None where the ledger does not say."""

    row: int
    case: str
    kind: Kind
    clause: str
    bearer: str | None
    since: dt.datetime | None

    def to_wire(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "record": "owed",
            "row": self.row,
            "case": self.case,
            "clause": self.clause,
            "kind": self.kind.value,
            "bearer": self.bearer,
            "opened_at": plain(self.since),
        }


@frozen(kw_only=True)
class Unjudged:
    """A rule or a time limit that could not be judged, and in how many rows.

    ``fields`` are the fields of the mapping that it lacks. Where ``why`` is ``unmapped`` it holds
    for the whole ledger, and ``rows`` is empty.
    """

    clause: str
    kind: Kind | None
    rule: str | None
    command: str
    why: Why
    fields: tuple[str, ...]
    rows: tuple[int, ...] = field(default=(), repr=False)

    def to_wire(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "record": "unjudged",
            "clause": self.clause,
            "kind": None if self.kind is None else self.kind.value,
            "rule": self.rule,
            "command": self.command,
            "why": self.why.value,
            "fields": list(self.fields),
            "count": len(self.rows),
            "rows": list(self.rows),
            "zh": self.why.zh,
            "en": self.why.en,
        }


@frozen(kw_only=True)
class Tally:
    """A line of the summary: how often something was found of a unit under a clause."""

    bearer: str | None
    clause: str | None
    code: AuditCode
    count: int
    cases: int

    def to_wire(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "bearer": self.bearer,
            "clause": self.clause,
            "code": self.code.value,
            "count": self.count,
            "cases": self.cases,
        }


@frozen(kw_only=True)
class Report:
    """The outcome of an audit, in the order of the ledger.

    ``judged`` counts, for each clause, how often a rule or a limit of it could be judged.
    ``assumed`` are readings of the ledger that the answers rest on, in both languages. ``not_cases``
    are the numbers of rows that were not judged: totals and the like.
    """

    ledger: str
    as_of: dt.datetime
    edition: str
    calendar: str
    rows: int
    cases: int
    findings: tuple[AuditFinding, ...]
    owed: tuple[StillOwed, ...]
    unjudged: tuple[Unjudged, ...]
    unreadable: tuple[UnreadableCell, ...]
    judged: Mapping[str, int]
    unused: tuple[str, ...] = ()
    assumed: tuple[tuple[str, str], ...] = ()
    not_cases: tuple[int, ...] = ()

    def summary(self) -> tuple[Tally, ...]:
        """Sums by unit and clause: the units in order of what was found, most first."""
        counts: Counter[tuple[str | None, str | None, AuditCode]] = Counter()
        cases: dict[tuple[str | None, str | None, AuditCode], set[str]] = {}
        of_unit: Counter[str | None] = Counter()
        for finding in self.findings:
            key = (finding.bearer, finding.clause, finding.code)
            counts[key] += 1
            of_unit[finding.bearer] += 1
            cases.setdefault(key, set()).add(finding.case)
        order = sorted(
            counts,
            key=lambda k: (
                -of_unit[k[0]],
                k[0] or "",
                _clause_order(k[1]),
                list(AuditCode).index(k[2]),
            ),
        )
        return tuple(
            Tally(bearer=k[0], clause=k[1], code=k[2], count=counts[k], cases=len(cases[k]))
            for k in order
        )

    def to_wire(self) -> list[dict[str, Any]]:
        """As JSON values: the findings, what was unreadable, what unjudged, and the summary last."""
        return [
            *(finding.to_wire() for finding in self.findings),
            *(
                {
                    "record": "unreadable",
                    "row": cell.row,
                    "column": cell.column,
                    "field": cell.field,
                    "zh": cell.zh,
                    "en": cell.en,
                }
                for cell in self.unreadable
            ),
            *(entry.to_wire() for entry in self.unjudged),
            *(entry.to_wire() for entry in self.owed),
            {
                "record": "summary",
                "ledger": self.ledger,
                "at": plain(self.as_of),
                "edition": self.edition,
                "calendar": self.calendar,
                "rows": self.rows,
                "cases": self.cases,
                "findings": len(self.findings),
                "unreadable": len(self.unreadable),
                "owed": len(self.owed),
                "by_unit_and_clause": [line.to_wire() for line in self.summary()],
                "judged": dict(self.judged),
                "unused_columns": list(self.unused),
                "not_cases": list(self.not_cases),
                "assumed": [{"zh": zh, "en": en} for zh, en in self.assumed],
            },
        ]


def _clause_order(clause: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in clause.split(".")) if clause else (99,)
