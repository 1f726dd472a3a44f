"""How far drawn cases get: ``python benchmarks/reach.py``. Needs the extra ``bench``.

Puts so many commands to so many drawn cases, once with ``advance`` and once with commands drawn from
everything alone, and counts the cases that came to each milestone.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable

from hypothesis import HealthCheck, Phase, given, settings

from onsite_workflow import State
from onsite_workflow.testing import Try
from onsite_workflow.testing.cases.strategies import tries

MILESTONES = (State.ACCEPTED, State.SCHEDULED, State.SERVED, State.PENDING_NOTICE, State.ARCHIVED)


def reached(examples: int, steps: int, *, directed: bool) -> dict[State, float]:
    """The share of cases that came to each milestone."""
    count: Counter[State] = Counter()
    drawn = 0

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(tries(steps=steps, directed=directed))
    def run(made: Iterable[Try]) -> None:
        nonlocal drawn
        drawn += 1
        states = {tried.event.state for tried in made if tried.decision is not None}
        count.update(state for state in MILESTONES if state in states)

    run()
    return {state: count[state] / drawn for state in MILESTONES}


def main() -> None:
    """Print one line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=300, help="cases")
    parser.add_argument("--steps", type=int, default=40, help="commands a case")
    options = parser.parse_args()
    print(f"{options.examples} cases of {options.steps} commands each")
    for name, directed in (("drawn from everything", False), ("with advance", True)):
        shares = reached(options.examples, options.steps, directed=directed)
        print(f"{name:22}" + "  ".join(f"{state} {share:4.0%}" for state, share in shares.items()))


if __name__ == "__main__":
    main()
