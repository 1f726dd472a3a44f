"""reference/obligations.md."""

from __future__ import annotations

from collections.abc import Mapping

from onsite_workflow.obligations import CLAUSE_OF

import onsite_workflow as ow

from .shared import NOTE, anchor, clause_link, code, table

#: Who owes it, what opens it, what its day is, what meets it, what makes it void.
OBLIGATIONS: Mapping[ow.Kind, tuple[str, str, str, str, str]] = {
    ow.Kind.TRANSFER: ("integrated window", "`apply`", "", "`transfer`", "withdrawal"),
    ow.Kind.REPLY: (
        "each unit with a notice",
        "`transfer`, `reassign` (I-1)",
        "",
        "its `accept` or `decline`",
        "withdrawal, reassignment",
    ),
    ow.Kind.LEAD: (
        "integrated window",
        "the last reply, where the lead declined and another unit accepted",
        "",
        "`designate_lead`",
        "withdrawal",
    ),
    ow.Kind.APPOINTMENT: (
        "the lead",
        "the last reply, `designate_lead`, a failed visit",
        "",
        "`schedule`",
        "withdrawal",
    ),
    ow.Kind.EXPLANATION: (
        "the unit that declined",
        "`decline`",
        "",
        "`explain_refusal` for that unit",
        "withdrawal",
    ),
    ow.Kind.ARRIVAL: (
        "the lead",
        "`schedule`, `reschedule`",
        "the appointed start, to the minute: seconds are cut off, `due` is one minute later",
        "`serve` with `arrived_at` before `due`",
        "reschedule, a failed visit, withdrawal",
    ),
    ow.Kind.FORM: (
        "the lead",
        "`serve`, counted from `left_at` (I-3)",
        "",
        "`file_registration_form`",
        "–",
    ),
    ow.Kind.NOTICE: (
        "the lead",
        "`serve` with an item not completed",
        "",
        "`give_one_time_notice`",
        "–",
    ),
    ow.Kind.OUTCOME: (
        "the lead, one an item",
        "`give_one_time_notice`",
        "the day promised for the item (`expected_by`), if any",
        "`report_outcome` for that item",
        "–",
    ),
    ow.Kind.DELIVERY: (
        "the lead, one a report that announces materials",
        "`report_outcome`",
        "",
        "`deliver` with that item",
        "–",
    ),
    ow.Kind.ARCHIVE: (
        "the lead where a visit was held, else the integrated window (I-16)",
        "`close`, `withdraw`",
        "",
        "`archive`",
        "–",
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
        return OBLIGATIONS[kind][2] or "none set"
    unit = found.unit.value.replace("_", " ").removesuffix("s")
    return f"{found.amount} {unit}{'s' * (found.amount != 1)}"


def page() -> str:
    """reference/obligations.md."""
    owed = (
        (
            f"{anchor(kind)}`{kind}`",
            kind.zh,
            clause_link(CLAUSE_OF[kind]),
            OBLIGATIONS[kind][0],
            OBLIGATIONS[kind][1],
            limit(kind),
            *OBLIGATIONS[kind][3:],
        )
        for kind in ow.Kind
    )
    head = ("kind", "in Chinese", "clause", "who owes it", "opened by", "due", "met by", "void by")
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
