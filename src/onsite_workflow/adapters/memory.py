"""A store in this process: for tests and for trying things out.

It loses everything when the process ends, and can't join a transaction. It keeps every other promise
of ``ports``.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from threading import RLock
from typing import Any, Final

import attrs

from onsite_workflow.engine.duties import Obligation
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.ports import (
    DEFAULT_CENTRE,
    Capability,
    CaseStore,
    CaseSummary,
    Commit,
    FeedEntry,
    Lease,
    StoredCommit,
    key_taken,
    moved_on,
    sent_again,
    stale,
)

__all__ = ["MemoryStore"]

_HELD: Final = ("_events", "_feed", "_commits", "_keys", "_lists", "_leases", "_positions")
_NEVER: Final = dt.datetime.max.replace(tzinfo=dt.UTC)


def _order(obligation: Obligation) -> tuple[Any, ...]:
    return (
        obligation.due or _NEVER,
        obligation.case,
        str(obligation.kind),
        obligation.subject is not None,
        obligation.subject or "",
    )


def _identity(obligation: Obligation) -> tuple[Any, ...]:
    """What a lease holds on to."""
    return (*_order(obligation), obligation.opened_at)


class MemoryStore(CaseStore):
    """The store: dictionaries behind a lock."""

    capabilities: frozenset[Capability] = frozenset(
        {Capability.LEASES, Capability.CENTRES, Capability.POSITIONS}
    )

    def __init__(self) -> None:
        self._lock = RLock()
        self._centres: dict[str, MemoryStore] = {DEFAULT_CENTRE: self}
        self._events: dict[str, tuple[AnyEvent, ...]] = {}
        self._feed: list[AnyEvent] = []
        self._commits: dict[str, StoredCommit] = {}
        self._keys: dict[str, str] = {}
        self._lists: dict[str, tuple[CaseSummary, tuple[Obligation, ...]]] = {}
        self._leases: dict[tuple[Any, ...], Lease] = {}
        self._positions: dict[str, str] = {}

    # --- events ---

    def append(self, commit: Commit) -> StoredCommit:
        with self._lock:
            first = self._commits.get(commit.command_id)
            if first is not None:
                return sent_again(first, commit)
            held = self._events.get(commit.case, ())
            if len(held) != commit.expected_version:
                raise stale(commit.case, commit.expected_version, len(held))
            for key in commit.keys:
                if self._keys.get(key, commit.case) != commit.case:
                    raise key_taken(key)
            stored = commit.stored
            self._keys.update(dict.fromkeys(commit.keys, commit.case))
            self._events[commit.case] = held + commit.events
            self._feed.extend(commit.events)
            self._commits[commit.command_id] = stored
            self._list(commit.summary, commit.obligations)
            return stored

    def _list(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> None:
        _, before = self._lists.get(summary.case, (None, ()))
        for ended in {_identity(o) for o in before} - {_identity(o) for o in obligations}:
            self._leases.pop(ended, None)
        self._lists[summary.case] = (summary, tuple(obligations))

    @contextmanager
    def batch(self) -> Iterator[None]:
        with self._lock:
            before = {name: centre._copies() for name, centre in self._centres.items()}
            try:
                yield
            except BaseException:
                for name, centre in self._centres.items():
                    vars(centre).update(before.get(name) or MemoryStore()._copies())
                raise

    def _copies(self) -> dict[str, Any]:
        """All that a centre holds."""
        return {name: copy(getattr(self, name)) for name in _HELD}

    def find(self, command_id: str) -> StoredCommit | None:
        with self._lock:
            return self._commits.get(command_id)

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        with self._lock:
            return self._events.get(case, ())

    def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
        start = int(after or 0)
        with self._lock:
            page = self._feed[start : start + limit]
        return [FeedEntry(position=str(i), event=e) for i, e in enumerate(page, start=start + 1)]

    # --- lists ---

    def cases(
        self,
        *,
        after: str = "",
        limit: int = 1000,
        procedure: str | None = None,
        state: str | None = None,
        unit: str | None = None,
        due_before: dt.datetime | None = None,
        applicant_key: str | None = None,
        other_calendar_than: str | None = None,
    ) -> Sequence[CaseSummary]:
        with self._lock:
            lists = sorted(self._lists.items())
        found = [
            summary
            for case, (summary, owed) in lists
            if case > after
            and procedure in (None, summary.procedure)
            and state in (None, summary.state)
            and (unit is None or unit in summary.units)
            and (due_before is None or any((o.due or _NEVER) < due_before for o in owed))
            and (applicant_key is None or applicant_key in summary.applicant_keys)
            and other_calendar_than != summary.calendar_revision
        ]
        return found[:limit]

    def open_obligations(
        self,
        *,
        after: Obligation | None = None,
        before: dt.datetime | None = None,
        procedure: str | None = None,
        unit: str | None = None,
        limit: int = 1000,
    ) -> Sequence[Obligation]:
        with self._lock:
            found = [
                obligation
                for _, owed in self._lists.values()
                for obligation in owed
                if procedure in (None, obligation.procedure)
                and unit in (None, obligation.bearer)
                and (before is None or (obligation.due is not None and obligation.due < before))
                and (after is None or _order(obligation) > _order(after))
            ]
        return sorted(found, key=_order)[:limit]

    def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
        with self._lock:
            if len(self._events.get(summary.case, ())) != summary.version:
                return False
            self._list(summary, obligations)
            return True

    def close(self) -> None:
        """Nothing is held open."""

    # --- capabilities ---

    def for_centre(self, centre: str) -> MemoryStore:
        with self._lock:
            found = self._centres.get(centre)
            if found is None:
                found = self._centres[centre] = type(self)()
                found._lock, found._centres = self._lock, self._centres
            return found

    def claim_due(
        self,
        *,
        worker: str,
        before: dt.datetime,
        now: dt.datetime,
        until: dt.datetime,
        procedure: str | None = None,
        unit: str | None = None,
        limit: int = 100,
    ) -> Sequence[Lease]:
        with self._lock:
            owed = self.open_obligations(
                before=before, procedure=procedure, unit=unit, limit=sys.maxsize
            )
            held = {key for key, lease in self._leases.items() if now < lease.until}
            free = [each for each in owed if _identity(each) not in held][:limit]
            given = [Lease(obligation=each, worker=worker, until=until) for each in free]
            self._leases.update((_identity(lease.obligation), lease) for lease in given)
            return given

    def extend(self, lease: Lease, *, now: dt.datetime, until: dt.datetime) -> Lease | None:
        key = _identity(lease.obligation)
        with self._lock:
            held = self._leases.get(key)
            running = held is not None and now < held.until
            if (
                held is None
                or not running
                or (held.worker, held.until) != (lease.worker, lease.until)
            ):
                return None
            self._leases[key] = attrs.evolve(lease, until=until)
            return self._leases[key]

    def position(self, subscriber: str) -> str:
        with self._lock:
            return self._positions.get(subscriber, "")

    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        with self._lock:
            found = self.position(subscriber)
            if found != after:
                raise moved_on(subscriber, after, found)
            self._positions[subscriber] = position
