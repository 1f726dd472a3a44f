"""A store in this process: for tests and for trying things out. Keeps every promise but 4."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import RLock

import attrs

from onsite_workflow.events import Event
from onsite_workflow.obligations import Obligation
from onsite_workflow.ports import (
    CaseSummary,
    Commit,
    FeedEntry,
    StoredCommit,
    key_taken,
    other_content,
    stale,
)
from onsite_workflow.terms import State

__all__ = ["MemoryStore"]


class MemoryStore:
    """Dictionaries behind a lock."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._events: dict[str, tuple[Event, ...]] = {}
        self._feed: list[Event] = []
        self._commits: dict[str, StoredCommit] = {}
        self._keys: dict[str, str] = {}
        self._latest: dict[str, Commit] = {}

    def append(self, commit: Commit) -> StoredCommit:
        with self._lock:
            first = self._commits.get(commit.command_id)
            if first is not None:
                if first.content != commit.content:
                    raise other_content(commit.command_id)
                return attrs.evolve(first, repeated=True)
            held = self._events.get(commit.case, ())
            if len(held) != commit.expected_version:
                raise stale(commit.case, commit.expected_version, len(held))
            for key in commit.keys:
                if self._keys.get(key, commit.case) != commit.case:
                    raise key_taken(key)
            stored = StoredCommit(
                command_id=commit.command_id,
                content=commit.content,
                events=commit.events,
                answer=commit.answer,
            )
            self._keys.update(dict.fromkeys(commit.keys, commit.case))
            self._events[commit.case] = held + commit.events
            self._feed.extend(commit.events)
            self._commits[commit.command_id] = stored
            self._latest[commit.case] = commit
            return stored

    @contextmanager
    def batch(self) -> Iterator[None]:
        with self._lock:
            before = [dict(d) for d in (self._events, self._commits, self._keys, self._latest)]
            length = len(self._feed)
            try:
                yield
            except BaseException:
                self._events, self._commits, self._keys, self._latest = before  # type: ignore[assignment]
                del self._feed[length:]
                raise

    def find(self, command_id: str) -> StoredCommit | None:
        with self._lock:
            return self._commits.get(command_id)

    def load(self, case: str) -> tuple[Event, ...]:
        with self._lock:
            return self._events.get(case, ())

    def feed(self, *, after: int = 0, limit: int = 1000) -> Sequence[FeedEntry]:
        with self._lock:
            page = self._feed[after : after + limit]
        return [FeedEntry(position=after + i, event=e) for i, e in enumerate(page, start=1)]

    def cases(
        self,
        *,
        after: str = "",
        limit: int = 1000,
        state: State | None = None,
        unit: str | None = None,
    ) -> Sequence[CaseSummary]:
        with self._lock:
            found = [
                commit.summary
                for case, commit in sorted(self._latest.items())
                if case > after
                and (state is None or commit.summary.state is state)
                and (unit is None or unit in commit.summary.units)
            ]
        return found[:limit]

    def open_obligations(
        self, *, before: dt.datetime | None = None, unit: str | None = None, limit: int = 1000
    ) -> Sequence[Obligation]:
        with self._lock:
            found = [
                obligation
                for commit in self._latest.values()
                for obligation in commit.obligations
                if (unit is None or obligation.bearer == unit)
                and (before is None or (obligation.due is not None and obligation.due < before))
            ]
        last = dt.datetime.max.replace(tzinfo=dt.UTC)
        found.sort(key=lambda o: (o.due or last, o.case, o.kind, o.subject or ""))
        return found[:limit]

    def close(self) -> None:
        """Nothing is held open."""
