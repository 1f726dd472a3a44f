"""reference/obligations.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import onsite_workflow as ow
from onsite_workflow.clause7.procedure import CASE
from onsite_workflow.engine.record import AnyEvent

from .shared import NOTE, anchor, clause_link, code, table

#: Who owes it, and what is to be said of it besides: when it is opened, what its day is.
OBLIGATIONS: Mapping[ow.Kind, tuple[str, str]] = {
    ow.Kind.TRANSFER: ("integrated window", ""),
    ow.Kind.REPLY: ("each unit with a notice", "counted from `transfer` or from receipt (I-1)"),
    ow.Kind.LEAD: (
        "integrated window",
        "opened by the last reply, where the lead declined and another unit accepted",
    ),
    ow.Kind.APPOINTMENT: ("the lead", "opened by the last reply, where the lead accepted"),
    ow.Kind.EXPLANATION: ("the unit that declined", ""),
    ow.Kind.ARRIVAL: (
        "the lead",
        "due at the appointed start: seconds are cut off, `due` is one minute later; met by `arrived_at`",
    ),
    ow.Kind.FORM: ("the lead", "counted from `left_at` (I-3)"),
    ow.Kind.NOTICE: ("the lead", "opened where an item was not completed"),
    ow.Kind.OUTCOME: ("the lead, one an item", "due on the day promised (`expected_by`), if any"),
    ow.Kind.DELIVERY: ("the lead, one a report", "opened where the report announces materials"),
    ow.Kind.ARCHIVE: (
        "the lead where a visit was held, else the integrated window (I-16)",
        "",
    ),
}

FINDINGS: Mapping[ow.FindingCode, str] = {
    ow.FindingCode.LATE_ACT: "it happened (`at`) at `due` or later",
    ow.FindingCode.LATE_ENTRY: "it happened in time and was entered (`recorded_at`) later",
    ow.FindingCode.LATE_ARRIVAL: "`arrived_at` is `due` or later",
    ow.FindingCode.STAFF_ABSENT: "the visit failed because staff did not come",
}

STATUSES: Mapping[ow.Status, str] = {
    ow.Status.OPEN: "owed, and not late",
    ow.Status.OVERDUE: "owed, and `due` has come",
    ow.Status.MET: "done before `due`, or nothing sets a limit",
    ow.Status.MET_LATE: "done, at `due` or later",
    ow.Status.VOID: "nobody owes it any more, and nobody did it",
}


def limit(kind: ow.Kind) -> str:
    """The limit that the standard sets."""
    found = ow.DB4209_T_32_2023.limits.get(kind)
    if found is None:
        return "none set" if kind.takes_limit else "see beside"
    unit = found.unit.value.replace("_", " ").removesuffix("s")
    return f"{found.amount} {unit}{'s' * (found.amount != 1)}"


def by(events: Iterable[type[AnyEvent]]) -> str:
    """The commands that lead to these entries."""
    return ", ".join(code(CASE.command_of[event].name) for event in events) or "–"


def page() -> str:
    """reference/obligations.md."""
    owed = (
        (
            f"{anchor(duties.kind)}`{duties.kind}`",
            duties.kind.zh,
            clause_link(duties.clause),
            OBLIGATIONS[ow.Kind(duties.kind)][0],
            by(duties.opened_by),
            limit(ow.Kind(duties.kind)),
            by(duties.met_by),
            by(event for event in duties.ended_by if event not in duties.met_by),
            OBLIGATIONS[ow.Kind(duties.kind)][1] or "–",
        )
        for duties in CASE.duties
    )
    head = (
        *("kind", "in Chinese", "clause", "who owes it", "opened by", "due", "met by"),
        *("ended by", "besides"),
    )
    statuses = ((code(s), STATUSES[s]) for s in ow.Status)
    found = ((code(c), c.zh, FINDINGS[c]) for c in ow.FindingCode)
    return f"""{NOTE}
# Obligations: who owes what until when

An obligation is derived from the facts of a case each time it is asked for, and never stored as
truth: `obligations(case, regulation=…, calendar=…, as_of=…)`, `Workflow.obligations`, `Workflow.due`,
`onsite-workflow due`. The days of the table are those of {ow.DB4209_T_32_2023.edition}; a
[`Regulation`](../how-to/use-another-regulation.md) can carry others.

{table(head, owed)}
*None set*: the text gives no limit. The obligation is listed without a due day and is never late by
itself.

`due_day` is the last whole day. `due` is the first instant that is late: 24:00 of that day, or the
close of business where the regulation gives one ([I-2](../explanation/interpretations.md#i-2)). Where
`provisional` is true the day depends on a State Council notice that is not known yet, and lies
between `earliest` and `latest` ([I-11](../explanation/interpretations.md#i-11)).

## Status

As of a moment T; an act counts where its `at` ≤ T.

{table(("status", "meaning"), statuses)}
## Findings

Lateness never refuses an act. It is a finding, with the clause, the bearer, and by how many seconds.

{table(("code", "in Chinese", "found where"), found)}
A finding stays when a case is withdrawn. A correction has all of them judged anew.
"""
