"""A kit for whoever embeds the workflow or brings a store or a regulation of their own. Needs
``pytest``.

``StoreContract`` puts any store to the promises of ``onsite_workflow.ports``; ``sample_case``,
``awkward_case``, ``commits_of`` and ``merged`` make commits as ``Workflow`` makes them;
``FixedClock`` shows the moment that a test wants.

``explore`` tries everything on every case there can be under a regulation and checks
``INVARIANTS`` and yours (``invariant``) after each try. ``WorkflowMachine`` and the module
``strategies`` do the same with what Hypothesis draws; they alone need ``hypothesis``.

The library itself never imports this package.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

# The promises' asserts then tell what differs, as those of an adapter's own tests do.
pytest.register_assert_rewrite("onsite_workflow.testing.store")

from .clock import FixedClock  # noqa: E402
from .commits import awkward_case, commits_of, merged, sample_case  # noqa: E402
from .explorer import Counterexample, Judge, Report, Standing, Verdict, explore  # noqa: E402
from .invariants import INVARIANTS, Invariant, Situation, Try, invariant  # noqa: E402
from .proposals import Proposal, proposals  # noqa: E402
from .store import StoreContract  # noqa: E402

if TYPE_CHECKING:
    from . import strategies
    from .machine import WorkflowMachine


def __getattr__(name: str) -> Any:
    """What needs ``hypothesis`` is imported when it is first named."""
    if name == "strategies":
        return import_module(".strategies", __name__)
    if name == "WorkflowMachine":
        return import_module(".machine", __name__).WorkflowMachine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "INVARIANTS",
    "Counterexample",
    "FixedClock",
    "Invariant",
    "Judge",
    "Proposal",
    "Report",
    "Situation",
    "Standing",
    "StoreContract",
    "Try",
    "Verdict",
    "WorkflowMachine",
    "awkward_case",
    "commits_of",
    "explore",
    "invariant",
    "merged",
    "proposals",
    "sample_case",
    "strategies",
]
