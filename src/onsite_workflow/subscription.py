"""Following the feed: every event at least once, in order, with the position kept in the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .engine.record import AnyEvent
from .ports import CaseStore

__all__ = ["Subscription"]


class Subscription:
    """What ``subscriber`` has not yet dealt with of a store's feed.

    Over ``store.joining(transaction)`` the position moves in the subscriber's own transaction: what
    it writes there for an event and that it has dealt with it are stored together, so exactly once.
    Anywhere else it is at least once, and the receiver drops what it has seen (case and version
    tell an event from every other).
    """

    def __init__(self, store: CaseStore, subscriber: str) -> None:
        self._store = store
        self._subscriber = subscriber

    @contextmanager
    def next(self, *, limit: int = 100) -> Iterator[Sequence[AnyEvent]]:
        """The next events, at most ``limit``; none where there are none yet. They are dealt with
        when the block ends; where an error leaves it they are given again.

        ``Conflict`` (rule ``position``) at the end of the block where somebody else went on under
        the same name meanwhile.
        """
        after = self._store.position(self._subscriber)
        entries = self._store.feed(after=after, limit=limit)
        yield [entry.event for entry in entries]
        if entries:
            self._store.advance(self._subscriber, after=after, position=entries[-1].position)

    def rewind(self) -> None:
        """Begin again with the first event."""
        after = self._store.position(self._subscriber)
        self._store.advance(self._subscriber, after=after, position="")
