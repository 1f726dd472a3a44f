"""How PostgreSQL's columns hold lists of texts, rows, and nothing; and what its functions take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from onsite_workflow.adapters._rows import PLAIN, Dialect, Form, Row, columns_of, either
from onsite_workflow.checks import SHANGHAI
from onsite_workflow.engine.duties import Obligation
from onsite_workflow.ports import CaseSummary, Commit
from onsite_workflow.wire.writing import event_to_json


def array(texts: Iterable[str]) -> str:
    """A text array as PostgreSQL reads it: the driver's own lists cost more than the statement."""
    return "{" + ",".join(map(_quoted, texts)) + "}"


def _row(*fields: str | None) -> str:
    """A row as PostgreSQL reads it."""
    quoted = ("" if field is None else _quoted(field) for field in fields)
    return "(" + ",".join(quoted) + ")"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def from_time(moment: dt.datetime) -> str:
    return moment.isoformat()


def _to_time(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(SHANGHAI)


# A time goes in as text with its offset and comes out as the driver's datetime. 'infinity' stands
# for no due time. '' stands for no subject, and '=' comes before one. So an index holds the port's
# order.
_DIALECT: Final[Dialect] = {
    **PLAIN,
    Form.NUMBER_OR_NONE: (either(str), either(int)),
    Form.TEXTS: (array, tuple),
    Form.TIME: (from_time, _to_time),
    Form.TIME_OR_NONE: (either(from_time), either(_to_time)),
    Form.DAY_OR_NONE: (either(dt.date.isoformat), lambda day: day),
    Form.DUE: (lambda due: "infinity" if due is None else due.isoformat(), either(_to_time)),
    Form.SUBJECT: (
        lambda subject: "" if subject is None else f"={subject}",
        lambda column: column[1:] if column else None,
    ),
    Form.FLAG: (lambda flag: "t" if flag else "f", bool),
}
SUMMARY, OBLIGATION = columns_of(_DIALECT)
_ADDED: Final = OBLIGATION.names.index("procedure")


def line(summary: CaseSummary) -> Row:
    """A record's line in the lists, from ``state`` on, and its marks."""
    units = [f"unit:{unit}" for unit in summary.units]
    people = [f"applicant:{key}" for key in summary.applicant_keys]
    return (*SUMMARY.row(summary)[2:], array(dict.fromkeys(units + people)))


def commit_values(centre: str, commit: Commit) -> Row:
    """What ``append`` of the schema is called with."""
    return (
        centre,
        commit.case,
        commit.expected_version,
        commit.summary.version,
        commit.command_id,
        commit.content,
        commit.answer,
        array(map(event_to_json, commit.events)),
        array(commit.keys),
        *line(commit.summary),
        owed(centre, commit.obligations),
    )


def owed(centre: str, obligations: Iterable[Obligation]) -> str:
    """Rows of the table of obligations, as an array."""
    rows = map(OBLIGATION.row, obligations)
    # Nobody's lease: that has its two columns before those that version 2 of the schema added.
    return array(_row(centre, *row[:_ADDED], None, None, *row[_ADDED:]) for row in rows)
