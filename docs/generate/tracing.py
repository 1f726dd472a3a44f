"""reference/traceability.md, from ``docs/traceability.py``."""

from __future__ import annotations

from collections import defaultdict

import traceability

from .shared import NOTE, clause_link, code, place, table


def page() -> str:
    """reference/traceability.md."""
    trace = traceability.Trace()
    parts: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    told = None
    for sentence, *cells in traceability.rows(trace, place):
        parts[sentence.clause].append((sentence.zh if sentence is not told else "", *cells))
        told = sentence
    head = ("sentence", "becomes", "where", "code", "tests")
    listed = "".join(
        f"\n## {clause_link(number)}\n\n{table(head, lines)}" for number, lines in parts.items()
    )
    return f"""{NOTE}
# From clause to test

Every normative sentence of DB4209/T 32—2023, what it [becomes](clauses.md), the file of
`src/onsite_workflow` and the function that does it, and tests that would fail without it. Nothing
here is listed by hand: the code is found from the table of the procedure, the tests in what they
assert (`docs/traceability.py`). Where there are many, the first are named.

- **refused**, **let pass**: an expected answer of the conformance pack refuses a command by this
  rule; another lets that command pass where the rule is asked. `acceptance application-06` is that
  case of the pack: `python -m pytest tests/acceptance -k application-06`.
- **owed**, **discharged**: an expected list of obligations has it open or overdue; met or void.
- **kept**: an expected answer records this event.
- **held**: a test says so itself, with `@pytest.mark.cites`.

`tests/test_traceability.py` fails where a sentence with 应, 需, 要, 可 or 不得 has no entry, where an
entry has no test, where a rule, an obligation, an event or a field of the form has no sentence, and
where a test cites what does not exist. What has no code and no test here is not in this version:
{code(*sorted(trace.not_yet))}.
{listed}"""
