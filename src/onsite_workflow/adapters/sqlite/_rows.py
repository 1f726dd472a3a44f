"""Times, lines of the lists and obligations as rows, and back."""

from __future__ import annotations

import datetime as dt
import json
from functools import lru_cache
from typing import Any, Final

from onsite_workflow.checks import SHANGHAI
from onsite_workflow.engine.limits import Obligation, Status
from onsite_workflow.ports import CaseSummary, unreadable_list
from onsite_workflow.regulation import Kind
from onsite_workflow.terms import Result, State

Row = tuple[Any, ...]

NO_LIMIT: Final = 2**63 - 1
NO_SUBJECT: Final = 0

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)


def from_time(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def to_time(micros: int) -> dt.datetime:
    return (_EPOCH + dt.timedelta(microseconds=micros)).astimezone(SHANGHAI)


_json: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":")
).encode


def listed(values: tuple[Any, ...]) -> str:
    """Several values in one column."""
    return _json(values) if values else "[]"


def values_in(case: Any, column: Any) -> list[Any]:
    """What ``listed`` made a column of. ``CorruptRecord`` names the case."""
    try:
        return list(json.loads(column))
    except (ValueError, TypeError):
        raise unreadable_list(f"{case}") from None


#: ``listed`` for units, which come again and again.
listed_units: Final = lru_cache(maxsize=1024)(listed)


# --- a line of the list of cases ---

LINE: Final = [
    "version",
    "state",
    "result",
    "edition",
    "lead",
    "units",
    "opened_at",
    "recorded_at",
    "head",
    "calendar_revision",
    "applicant_keys",
    "owed",
]
LINE_SQL: Final = ", ".join(LINE[:-1])
UNITS, APPLICANTS, OWED = map(LINE.index, ("units", "applicant_keys", "owed"))


def line_values(summary: CaseSummary) -> Row:
    return (
        summary.version,
        summary.state.value,
        None if summary.result is None else summary.result.value,
        summary.edition,
        summary.lead,
        listed_units(summary.units),
        from_time(summary.opened_at),
        from_time(summary.recorded_at),
        summary.head,
        summary.calendar_revision,
        listed(summary.applicant_keys),
    )


def summary_of(row: Row) -> CaseSummary:
    case, version, state, result, edition, lead, units, opened, recorded, head, *rest = row
    revision, keys = rest
    try:
        if not (isinstance(case, str) and isinstance(version, int)):
            raise TypeError
        return CaseSummary(
            case=case,
            version=version,
            state=State(state),
            result=None if result is None else Result(result),
            edition=edition,
            lead=lead,
            units=tuple(values_in(case, units)),
            opened_at=to_time(opened),
            recorded_at=to_time(recorded),
            head=head,
            calendar_revision=revision,
            applicant_keys=tuple(values_in(case, keys)),
        )
    except (ValueError, TypeError, OverflowError):
        raise unreadable_list(f"{case}") from None


# --- an obligation ---

OBLIGATION: Final = [
    "due",
    "case_id",
    "kind",
    "subject",
    "clause",
    "bearer",
    "opened_at",
    "due_day",
    "status",
    "provisional",
    "earliest",
    "latest",
    "met_at",
]
OBLIGATION_SQL: Final = ", ".join(OBLIGATION)
OPENED_AT: Final = OBLIGATION.index("opened_at")


def obligation_values(obligation: Obligation) -> Row:
    def day(value: dt.date | None) -> str | None:
        return None if value is None else value.isoformat()

    return (
        NO_LIMIT if obligation.due is None else from_time(obligation.due),
        obligation.case,
        obligation.kind.value,
        NO_SUBJECT if obligation.subject is None else obligation.subject,
        obligation.clause,
        obligation.bearer,
        from_time(obligation.opened_at),
        day(obligation.due_day),
        obligation.status.value,
        int(obligation.provisional),
        day(obligation.earliest),
        day(obligation.latest),
        None if obligation.met_at is None else from_time(obligation.met_at),
    )


def obligation_of(row: Row) -> Obligation:
    def day(value: str | None) -> dt.date | None:
        return None if value is None else dt.date.fromisoformat(value)

    (due, case, kind, subject, clause, bearer, opened_at, due_day, status, *rest) = row
    provisional, earliest, latest, met_at = rest
    try:
        if not isinstance(case, str):
            raise TypeError
        return Obligation(
            case=case,
            kind=Kind(kind),
            clause=clause,
            bearer=bearer,
            subject=None if subject == NO_SUBJECT else subject,
            opened_at=to_time(opened_at),
            due_day=day(due_day),
            due=None if due == NO_LIMIT else to_time(due),
            status=Status(status),
            provisional=bool(provisional),
            earliest=day(earliest),
            latest=day(latest),
            met_at=None if met_at is None else to_time(met_at),
        )
    except (ValueError, TypeError, OverflowError):
        raise unreadable_list(f"{case}") from None
