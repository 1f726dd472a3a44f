"""A kit for whoever embeds the workflow or brings a store of their own. Needs ``pytest``.

``StoreContract`` puts any store to the promises of ``onsite_workflow.ports``; ``sample_case``,
``awkward_case``, ``commits_of`` and ``merged`` make commits as ``Workflow`` makes them;
``FixedClock`` shows the moment that a test wants.

The library itself never imports this package.
"""

import pytest

# The promises' asserts then tell what differs, as those of an adapter's own tests do.
pytest.register_assert_rewrite("onsite_workflow.testing.store")

from .clock import FixedClock  # noqa: E402
from .commits import awkward_case, commits_of, merged, sample_case  # noqa: E402
from .store import StoreContract  # noqa: E402

__all__ = [
    "FixedClock",
    "StoreContract",
    "awkward_case",
    "commits_of",
    "merged",
    "sample_case",
]
