"""A clock for tests."""

from __future__ import annotations

import datetime as dt

from onsite_workflow.checks import check_moment

__all__ = ["FixedClock"]


class FixedClock:
    """Shows one moment until it is moved: ``Workflow(store, clock=FixedClock(monday))``.

    Moments are aware; a naive one is ``InvalidInput``. ``set`` may go back, as real clocks do.
    """

    def __init__(self, now: dt.datetime) -> None:
        self.set(now)

    def __call__(self) -> dt.datetime:
        return self._now

    def set(self, now: dt.datetime) -> None:
        """Show ``now`` from here on."""
        check_moment("now", now)
        self._now = now

    def advance(self, by: dt.timedelta) -> dt.datetime:
        """Move on by that much; returns the moment shown now."""
        self.set(self._now + by)
        return self._now
