"""reference/ledger-fields.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import onsite_workflow as ow
from onsite_workflow.audit import FIELDS, AuditCode, Shape
from onsite_workflow.audit._fields import MEANINGS, WORDS, Reads
from onsite_workflow.audit._needs import LIMITS, NEEDS, NOT_ASKED, NOT_ASKED_RULES
from onsite_workflow.clause7.procedure import CASE

from .shared import NOTE, anchor, clause_link, code, command_link, table

CELLS: Mapping[Reads, str] = {
    Reads.CASE: "any text",
    Reads.MOMENT: "a time, or a day without its time; a word for yes says that it was done, without saying when",
    Reads.DAY: "a day",
    Reads.GIVEN: "any text; only whether there is any is kept",
    Reads.UNITS: "names of units, several parted by 、；;， or a comma",
    Reads.ITEMS: "ids or names of items, parted in the same way",
    Reads.YES_NO: "a word for yes or no",
    Reads.NONE_OR_GIVEN: "any text; 无 or 不需要 says that there are none, which is an answer too",
    Reads.NUMBER: "a number, which no other case has",
    Reads.REPLY: "a word for accepted or declined",
    Reads.ROLE: "a word for lead or assisting",
    Reads.CAUSE: "a word for a cause; any other text is a cause of its own",
    Reads.GROUND: "any text; a word for other asks for the circumstances",
    Reads.STATE: "a word for a state; only an end counts, and any other word says nothing",
    Reads.ACT: "a word for an act",
}

FOUND: Mapping[AuditCode, str] = {
    AuditCode.LATE_ACT: "done after its limit",
    AuditCode.LATE_ENTRY: "done in time, entered after the limit (only where `recorded_at` is mapped)",
    AuditCode.LATE_ARRIVAL: "arrived after the appointed time, to the minute",
    AuditCode.STAFF_ABSENT: "a visit failed because the staff did not come",
    AuditCode.OVERDUE: "not done, and past its limit when the ledger was exported",
    AuditCode.MISSING_STEP: "later steps are recorded, this one is blank",
    AuditCode.UNMET_RULE: "done, and not as the rule asks",
    AuditCode.OUT_OF_ORDER: "done before what made it possible",
    AuditCode.NOT_ALLOWED: "done although what came before leaves no room for it",
    AuditCode.IN_FUTURE: "dated after the export",
    AuditCode.DUPLICATE_CASE: "a case id that another row has",
    AuditCode.DUPLICATE_NUMBER: "a notice number or an archive number that another case has",
}


def words_of(kind: str) -> Iterator[tuple[str, str]]:
    """(what a word stands for, the words known for it)."""
    for meaning in MEANINGS[kind]:
        known = [word for word, stands in WORDS[kind].items() if stands == meaning]
        yield code(meaning), "、".join(word for word in known if word != meaning)


def clauses_of(name: str) -> str:
    """Links to the clauses that a field is needed for."""
    clauses = {
        guard.clause
        for row in ow.ROWS
        for guard in row.guards
        if (needs := NEEDS.get((row.command.name, guard.rule))) and name in needs.fields
    }
    clauses |= {CASE.clause_of[kind] for kind, fields in LIMITS.items() if name in fields}
    clauses -= {"9"} if name == "at" else set()
    return ", ".join(clause_link(clause) for clause in sorted(clauses))


def page() -> str:
    """reference/ledger-fields.md."""
    fields = (
        (
            f"{anchor(field.name)}`{field.name}`",
            field.zh,
            field.en,
            " ".join(code(shape) for shape in Shape if shape in field.shapes),
            CELLS[field.reads],
            clauses_of(field.name),
        )
        for field in FIELDS.values()
    )
    words = "".join(
        f"### words.{kind}\n\n{table(('stands for', 'known without saying'), words_of(kind))}\n"
        for kind in WORDS
    )
    guards = {(row.command.name, guard.rule): guard for row in ow.ROWS for guard in row.guards}
    needs = (
        (clause_link(guards[key].clause), command_link(key[0]), code(key[1]), code(*needs.fields))
        for key, needs in NEEDS.items()
    )
    limits = (
        (
            clause_link(CASE.clause_of[kind]),
            f"[`{kind}`](obligations.md#{kind})",
            code(opened),
            code(met),
        )
        for kind, (opened, met) in LIMITS.items()
    )
    silent = (
        (command_link(command), code(rule), NOT_ASKED[why][1])
        for (command, rule), why in NOT_ASKED_RULES.items()
    )
    found = ((code(name), name.zh, FOUND[name]) for name in AuditCode)
    return f"""{NOTE}
# The fields of a ledger

What a mapping file may name for [`onsite-workflow audit`](../how-to/audit-a-ledger.md). `onsite-workflow
audit --template` (or `--template units`, `--template acts`) prints a file to start from. A field that
the ledger does not have is left out: what needs it is then not judged, and the report says so.

{table(("field", "in Chinese", "in English", "shapes", "a cell holds", "needed for"), fields)}
## Times

Written as `2026-03-02 09:05`, `2026/3/2 9:05`, `2026.3.2`, `2026年3月2日9时5分`, `上午9点半`,
`2026-03-02T09:05:00+08:00`, `20260302`; as a spreadsheet's date or its serial number; with `date_formats`
in any other way. Of `9:00-10:30` the first time counts. Without an offset it is Chinese time. Midnight
is a day without its time, since that is how systems write one.

Where the time of day is not known, something is found only if it holds for every hour of that day.
Limits in working days can be judged by days; arrival can't, and is then listed as not judged.

## Words

A word is compared without its width, its case and the spaces in it. A mapping adds its own in
`[words.…]`, which come before these.

{words}## What is found

{table(("code", "in Chinese", "meaning"), found)}
## What each rule needs

{table(("clause", "act", "rule", "fields"), needs)}
## What each limit needs

{table(("clause", "obligation", "counted from", "met by"), limits)}
Where `left_at` is not recorded the visit is taken to end on the day of arrival. In the shape `acts` the
time of every act is `at`, and an act is known to the ledger where the mapping names a word for it, or a
row has it.

## What no ledger is asked

{table(("act", "rule", "why"), silent)}"""
