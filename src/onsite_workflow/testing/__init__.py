"""A kit for whoever embeds the workflow or brings a store or a regulation of their own. Needs
``pytest`` and ``hypothesis`` (the extra ``testing``).

``StoreContract`` puts any store to the promises of ``onsite_workflow.ports``; ``crash`` kills the
processes that write to it, ``told_and_killed`` one that has just been answered, ``contend`` sets
many of them on the same cases. ``sample_case``,
``awkward_case``, ``commits_of`` and ``merged`` make commits as ``Workflow`` makes them,
``simple_commit`` and ``simple_obligation`` put some together; ``FixedClock`` shows the moment that
a test wants. ``python -m onsite_workflow.testing`` does all this without a test file.

``explore`` tries everything on every case there can be under a regulation and checks
``INVARIANTS`` and yours (``invariant``) after each try. What it tries is a value, an ``Explorable``:
``CLAUSE_7`` unless you give another. ``WorkflowMachine`` and the module
``strategies`` do the same with what Hypothesis draws; they alone need ``hypothesis``.

The library itself never imports this package.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

# The promises' asserts then tell what differs, as those of an adapter's own tests do.
pytest.register_assert_rewrite(
    "onsite_workflow.testing.stores._alike",
    "onsite_workflow.testing.stores._base",
    "onsite_workflow.testing.stores._declared",
    "onsite_workflow.testing.stores._events",
    "onsite_workflow.testing.stores._leases",
    "onsite_workflow.testing.stores._lists",
)

from .cases.clause7 import CLAUSE_7  # noqa: E402
from .cases.clock import FixedClock  # noqa: E402
from .cases.explorable import Explorable, Invariant, Proposal  # noqa: E402
from .cases.explorer import Counterexample, Judge, Report, Standing, Verdict, explore  # noqa: E402
from .cases.invariants import ANY_PROCEDURE, INVARIANTS  # noqa: E402
from .cases.proposals import proposals  # noqa: E402
from .cases.trying import Situation, Try, invariant  # noqa: E402
from .stores.commits import (  # noqa: E402
    awkward_case,
    commits_of,
    merged,
    sample_case,
    simple_commit,
    simple_obligation,
)
from .stores.faults import Tally, contend, crash, told_and_killed  # noqa: E402
from .stores.store import PromiseBroken, StoreContract  # noqa: E402

if TYPE_CHECKING:
    from .cases import strategies
    from .cases.machine import WorkflowMachine


def __getattr__(name: str) -> Any:
    """What needs ``hypothesis`` is imported when it is first named."""
    if name == "strategies":
        return import_module(".cases.strategies", __name__)
    if name == "WorkflowMachine":
        return import_module(".cases.machine", __name__).WorkflowMachine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "ANY_PROCEDURE",
    "CLAUSE_7",
    "INVARIANTS",
    "Counterexample",
    "Explorable",
    "FixedClock",
    "Invariant",
    "Judge",
    "PromiseBroken",
    "Proposal",
    "Report",
    "Situation",
    "Standing",
    "StoreContract",
    "Tally",
    "Try",
    "Verdict",
    "WorkflowMachine",
    "awkward_case",
    "commits_of",
    "contend",
    "crash",
    "explore",
    "invariant",
    "merged",
    "proposals",
    "sample_case",
    "simple_commit",
    "simple_obligation",
    "strategies",
    "told_and_killed",
]
