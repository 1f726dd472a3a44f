"""A kit for whoever embeds the workflow or brings a store of their own. Needs ``pytest`` and
``hypothesis`` (the extra ``testing``).

``StoreContract`` puts any store to the promises of ``onsite_workflow.ports``; ``crash`` kills the
processes that write to it, ``contend`` sets many of them on the same cases. ``sample_case``,
``awkward_case``, ``commits_of`` and ``merged`` make commits as ``Workflow`` makes them,
``simple_commit`` and ``simple_obligation`` put some together; ``FixedClock`` shows the moment that
a test wants. ``python -m onsite_workflow.testing`` does all this without a test file.

The library itself never imports this package.
"""

import pytest

# The promises' asserts then tell what differs, as those of an adapter's own tests do.
pytest.register_assert_rewrite(
    "onsite_workflow.testing._base",
    "onsite_workflow.testing._declared",
    "onsite_workflow.testing._events",
    "onsite_workflow.testing._lists",
)

from .clock import FixedClock  # noqa: E402
from .commits import (  # noqa: E402
    awkward_case,
    commits_of,
    merged,
    sample_case,
    simple_commit,
    simple_obligation,
)
from .crash import Tally, contend, crash  # noqa: E402
from .store import PromiseBroken, StoreContract  # noqa: E402

__all__ = [
    "FixedClock",
    "PromiseBroken",
    "StoreContract",
    "Tally",
    "awkward_case",
    "commits_of",
    "contend",
    "crash",
    "merged",
    "sample_case",
    "simple_commit",
    "simple_obligation",
]
