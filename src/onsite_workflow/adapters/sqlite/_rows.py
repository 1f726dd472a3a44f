"""How SQLite's columns hold times, days, lists of texts, and nothing."""

from __future__ import annotations

import datetime as dt
import json
from functools import lru_cache
from typing import Any, Final

from onsite_workflow.adapters._rows import PLAIN, Dialect, Form, columns_of, either
from onsite_workflow.checks import SHANGHAI
from onsite_workflow.ports import unreadable_list

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


_DIALECT: Final[Dialect] = {
    **PLAIN,
    # Cached: the same units come again and again.
    Form.TEXTS: (lru_cache(maxsize=1024)(listed), lambda column: tuple(json.loads(column))),
    Form.TIME: (from_time, to_time),
    Form.TIME_OR_NONE: (either(from_time), either(to_time)),
    Form.DAY_OR_NONE: (either(dt.date.isoformat), either(dt.date.fromisoformat)),
    Form.DUE: (
        lambda due: NO_LIMIT if due is None else from_time(due),
        lambda column: None if column == NO_LIMIT else to_time(column),
    ),
    Form.SUBJECT: (
        lambda subject: NO_SUBJECT if subject is None else subject,
        lambda column: None if column == NO_SUBJECT else column,
    ),
    Form.FLAG: (int, bool),
}
SUMMARY, OBLIGATION = columns_of(_DIALECT)

#: The line of a case: its summary but for its key, and the keys of what it owes.
LINE: Final = (*SUMMARY.names[1:], "owed")
UNITS, APPLICANTS, OWED = map(LINE.index, ("units", "applicant_keys", "owed"))

#: What tells an obligation from every other of a centre; their order is the port's.
OWED_BY: Final = ("due", "case_id", "kind", "subject")
owed_by: Final = OBLIGATION.pick(*OWED_BY)
OPENED_AT: Final = OBLIGATION.names.index("opened_at")
