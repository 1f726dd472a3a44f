"""Following the feed: every event at least once, in order; the store keeps the position."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .engine.record import AnyEvent
from .ports import CaseStore

__all__ = ["Subscription"]


class Subscription:
    """What ``subscriber`` has not yet dealt with of the feed of ``store``.

    Over ``store.joining(transaction)`` the position moves in the subscriber's own transaction. What
    it writes there for an event is stored together with the position: exactly once. Anywhere else
    an event may be given again, and the receiver drops what it has seen: case and version tell an
    event from every other.
    """

    def __init__(self, store: CaseStore, subscriber: str) -> None:
        self._store = store
        self._subscriber = subscriber

    @contextmanager
    def next(self, *, limit: int = 100) -> Iterator[Sequence[AnyEvent]]:
        """A block with the next events: at most ``limit``, none where there are none yet.

        When the block ends they count as dealt with. Where an error leaves it they are given again.
        Raises ``Conflict`` (rule ``position``) at its end where another has gone on under the same
        name meanwhile.
        """
        after = self._store.position(self._subscriber)
        entries = self._store.feed(after=after, limit=limit)
        yield [entry.event for entry in entries]
        if entries:
            self._store.advance(self._subscriber, after=after, position=entries[-1].position)

    def rewind(self) -> None:
        """Begin again with the first event. Raises ``Conflict`` as ``next`` does."""
        after = self._store.position(self._subscriber)
        self._store.advance(self._subscriber, after=after, position="")
