"""reference/procedure.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import onsite_workflow as ow
from onsite_workflow.clause7.procedure import COMMANDS, EVERY_MOVE
from onsite_workflow.engine.rules import Guard

from .shared import NOTE, ROWS_OF, all_guards, anchor, clause_link, code, reading_link, table


def guard_rows(command: str, guards: Iterable[Guard[Any, Any]]) -> Iterator[tuple[str, ...]]:
    """The lines of a table of rules."""
    for guard in guards:
        yield (
            f"{anchor(f'{command}.{guard.rule}')}`{guard.rule}`",
            clause_link(guard.clause),
            reading_link(guard.interpretation),
            f"{guard.zh}<br>{guard.en}",
            f"{guard.remedy.zh}<br>{guard.remedy.en}",
            code(*sorted(guard.needs)) if guard.needs else "case and actor",
        )


RULE_HEAD = ("rule", "clause", "reading", "said when it is unmet", "what satisfies it", "looks at")


def only_from(command: str, guard: Guard[Any, Any]) -> str:
    """In which states a rule is asked, where that is not all of them."""
    rows = ROWS_OF[command]
    asked = [row for row in rows if guard in row.guards]
    return "" if len(asked) == len(rows) else code(*(s for row in asked for s in row.source))


def rules_of(name: str) -> str:
    """One command's part of reference/procedure.md."""
    guards = all_guards(name)
    limited = [
        f"\n`{guard.rule}` is asked from {states} only.\n"
        for guard in guards
        if (states := only_from(name, guard))
    ]
    return f"""
### {name}

{(COMMANDS[name].__doc__ or "").strip()}

{table(RULE_HEAD, guard_rows(name, guards))}{"".join(limited)}"""


def page() -> str:
    """reference/procedure.md."""
    moves = (
        (
            clause_link(row.clause),
            f"[`{row.command.name}`](#{row.command.name}) → `{row.event.name}`",
            ", ".join(row.by),
            ", ".join(row.source),
            "the same" if row.target is None else row.target,
            "" if row.when is None else row.when.name.replace("_", " "),
            reading_link(row.interpretation),
        )
        for row in ow.ROWS
    )
    head = ("clause", "command → event", "by", "from", "to", "applies when", "reading")
    return f"""{NOTE}
# The procedure as a table

Clause 7 of DB4209/T 32—2023, one row a move: `onsite_workflow.ROWS`, from
`src/onsite_workflow/clause7/procedure.py`. A command that has no row for a state is answered `not_allowed`
there; an actor whose role is not in the row, `wrong_role`. Of several rows for one command and state
the first whose condition holds applies.

{table(head, moves)}
## The rules, by command

A refusal names every unmet rule of the row, each with its clause. Words in braces are completed with
the facts that were judged. *Looks at* names the fields of the command that a rule reads; where it
says *case and actor*, `available` can tell before there is a command. *Reading* is the number of the
project's [interpretation](../explanation/interpretations.md), where one stands behind the rule.
{"".join(rules_of(name) for name in ROWS_OF)}
### every move

These rules stand in every row.

{table(RULE_HEAD, guard_rows("*", EVERY_MOVE))}"""
