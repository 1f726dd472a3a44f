"""reference/invariants.md."""

from __future__ import annotations

from onsite_workflow.testing import INVARIANTS

from .shared import NOTE, anchor, clause_link, reading_link, table


def page() -> str:
    """reference/invariants.md."""
    asked = (
        (
            f"{anchor(one.name)}`{one.name}`",
            clause_link(one.clause),
            reading_link(one.interpretation),
            one.says,
        )
        for one in INVARIANTS
    )
    return f"""{NOTE}
# Invariants: what holds of every case and of every move

`onsite_workflow.testing.INVARIANTS`, {len(INVARIANTS)} of them. `explore` checks them after every try on
every case that there can be in shape, `WorkflowMachine` after every step of what Hypothesis draws. The
tests see each of them go red on a table, a fold or a time limit that was broken for it.

{table(("invariant", "clause", "reading", "what it asks"), asked)}
One of yours is a function with `@invariant("clause")`, a clause of your own standard. It is asked of
what was accepted; with `@invariant("clause", of_refusals=True)` of what was not as well:
[property-check your regulation](../tutorial/property-check-your-regulation.md).
"""
