"""reference/clauses.md."""

from __future__ import annotations

import onsite_workflow as ow
from onsite_workflow.clauses import Realisation

from .shared import NOTE, anchor, place, table


def becomes(realisation: Realisation) -> str:
    """What stands in the cell of one realisation."""
    places = ", ".join(place(realisation.kind, where) for where in realisation.where)
    return f"**{realisation.kind}**: {realisation.zh}<br>{realisation.en}<br>{places}"


def clause_part(clause: ow.Clause) -> str:
    """One clause's part of reference/clauses.md."""
    quoted = clause.zh.replace("\n", "  \n> ")
    part = f"\n## {anchor(clause.number)}{clause.number}\n\n> {quoted}\n\n{clause.en}\n"
    sentences = [s for s in ow.SENTENCES if s.clause == clause.number]
    if not sentences:
        return part
    rows = (
        (f"{s.zh}<br>*{s.en}*" if i == 0 else "", becomes(realisation))
        for s in sentences
        for i, realisation in enumerate(s.becomes)
    )
    return f"{part}\n{table(('sentence', 'becomes'), rows)}"


def page() -> str:
    """reference/clauses.md."""
    return f"""{NOTE}
# The clauses, and what each sentence becomes

The standard's own text, with an English gloss that has no standing. Every normative sentence becomes
at least one of

- **guard**: a rule that refuses a command,
- **obligation**: somebody owes it, perhaps until a day,
- **record**: it is kept and can be shown,
- **report**: it is counted over many cases,
- **human**: judgement or conduct; named, never decided by software.

What is not in this version says so. The same at the command line: `onsite-workflow rules 7.2`.
{"".join(clause_part(clause) for clause in ow.CLAUSES.values())}"""
