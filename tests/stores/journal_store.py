"""A store from outside, written from the words of ``ports`` alone: one journal.

A line of the journal is what was stored together, a commit or a whole batch, as a list of records;
everything else is memory that any line can be replayed into. A line counts once its newline is
there: what a killed process has left without one, the next writer cuts off. Writers in other
processes wait for the file's lock.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

import attrs

from onsite_workflow.engine.duties import Obligation
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.errors import InvalidInput
from onsite_workflow.ports import (
    DEFAULT_CENTRE,
    Capability,
    CaseStore,
    CaseSummary,
    Commit,
    FeedEntry,
    StoredCommit,
    key_taken,
    moved_on,
    sent_again,
    stale,
    unavailable,
    unreadable_list,
)
from onsite_workflow.wire.reading import read_as, stored_event
from onsite_workflow.wire.writing import event_to_json, to_wire


def _rank(owed: Obligation) -> tuple[Any, ...]:
    due = (1,) if owed.due is None else (0, owed.due)
    return (due, owed.case, owed.kind, () if owed.subject is None else (owed.subject,))


@attrs.define
class _Held:
    """What the journal says of one centre."""

    feed: list[AnyEvent] = attrs.field(factory=list)
    events: dict[str, tuple[AnyEvent, ...]] = attrs.field(factory=dict)
    commits: dict[str, StoredCommit] = attrs.field(factory=dict)
    keys: dict[str, str] = attrs.field(factory=dict)
    lines: dict[str, CaseSummary] = attrs.field(factory=dict)
    owed: dict[str, tuple[Obligation, ...]] = attrs.field(factory=dict)
    positions: dict[str, str] = attrs.field(factory=dict)

    def apply(self, record: dict[str, Any]) -> None:
        if "subscriber" in record:
            self.positions[record["subscriber"]] = record["position"]
            return
        case = record["case"]
        try:
            self.lines[case] = read_as(CaseSummary, record["summary"])
            self.owed[case] = tuple(read_as(Obligation, each) for each in record["owed"])
        except InvalidInput:
            raise unreadable_list(case) from None
        if "id" in record:
            before = self.events.get(case, ())
            numbered = enumerate(record["events"], start=len(before) + 1)
            events = tuple(stored_event(case, version, text) for version, text in numbered)
            self.events[case] = before + events
            self.feed += events
            self.keys.update(dict.fromkeys(record["keys"], case))
            self.commits[record["id"]] = StoredCommit(
                command_id=record["id"],
                content=record["content"],
                events=events,
                answer=record["answer"],
            )


class _Centre(CaseStore):
    capabilities = frozenset(
        {Capability.DURABLE, Capability.SHARED, Capability.CENTRES, Capability.POSITIONS}
    )

    def __init__(self, journal: JournalStore, centre: str) -> None:
        self._journal, self._centre = journal, centre

    @contextmanager
    def _reading(self) -> Iterator[_Held]:
        with self._journal.reading() as held:
            yield held[self._centre]

    @contextmanager
    def _writing(self) -> Iterator[_Held]:
        with self._journal.writing() as held:
            yield held[self._centre]

    def _put(self, **record: Any) -> None:
        self._journal.put({"centre": self._centre, **record})

    def append(self, commit: Commit) -> StoredCommit:
        with self._writing() as held:
            first = held.commits.get(commit.command_id)
            if first is not None:
                return sent_again(first, commit)
            found = len(held.events.get(commit.case, ()))
            if found != commit.expected_version:
                raise stale(commit.case, commit.expected_version, found)
            for key in commit.keys:
                if held.keys.get(key, commit.case) != commit.case:
                    raise key_taken(key)
            self._put(
                id=commit.command_id,
                content=commit.content,
                answer=commit.answer,
                events=[event_to_json(event) for event in commit.events],
                keys=list(commit.keys),
                **_listed(commit.summary, commit.obligations),
            )
            return held.commits[commit.command_id]

    @contextmanager
    def batch(self) -> Iterator[None]:
        with self._writing():
            yield

    def find(self, command_id: str) -> StoredCommit | None:
        with self._reading() as held:
            return held.commits.get(command_id)

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        with self._reading() as held:
            return held.events.get(case, ())

    def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
        with self._reading() as held:
            begin = int(after or 0)
            page = enumerate(held.feed[begin : begin + limit], start=begin + 1)
            return [FeedEntry(position=str(place), event=event) for place, event in page]

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
        with self._reading() as held:
            found = [
                line
                for case, line in sorted(held.lines.items())
                if case > after
                and procedure in (None, line.procedure)
                and state in (None, line.state)
                and (unit is None or unit in line.units)
                and (due_before is None or _due(held.owed[case], due_before))
                and (applicant_key is None or applicant_key in line.applicant_keys)
                and line.calendar_revision != other_calendar_than
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
        with self._reading() as held:
            owed = [each for case in held.owed.values() for each in case]
        if before is not None:
            owed = _due(owed, before)
        if procedure is not None:
            owed = [each for each in owed if each.procedure == procedure]
        if unit is not None:
            owed = [each for each in owed if each.bearer == unit]
        if after is not None:
            owed = [each for each in owed if _rank(each) > _rank(after)]
        return sorted(owed, key=_rank)[:limit]

    def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
        with self._writing() as held:
            if len(held.events.get(summary.case, ())) != summary.version:
                return False
            self._put(**_listed(summary, obligations))
            return True

    def for_centre(self, centre: str) -> CaseStore:
        return _Centre(self._journal, centre)

    def position(self, subscriber: str) -> str:
        with self._reading() as held:
            return held.positions.get(subscriber, "")

    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        with self._writing() as held:
            found = held.positions.get(subscriber, "")
            if found != after:
                raise moved_on(subscriber, after, found)
            self._put(subscriber=subscriber, position=position)

    def close(self) -> None:
        """The journal is closed by the store that opened it."""


class JournalStore(_Centre):
    def __init__(self, folder: Path) -> None:
        super().__init__(self, DEFAULT_CENTRE)
        self._lock = RLock()
        self._unwritten: list[Any] | None = None  # a list: within ``writing``
        self._file = (folder / "journal.jsonl").open("a+b", buffering=0)
        self._forget()

    def _forget(self) -> None:
        self._read = 0  # bytes
        self._held: defaultdict[str, _Held] = defaultdict(_Held)

    def _catch_up(self) -> None:
        self._file.seek(self._read)
        for line in self._file.readall().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            for record in json.loads(line):
                self._held[record["centre"]].apply(record)
            self._read += len(line)

    @contextmanager
    def reading(self) -> Iterator[dict[str, _Held]]:
        with self._lock:
            if self._unwritten is None:
                self._catch_up()
            yield self._held

    @contextmanager
    def writing(self) -> Iterator[dict[str, _Held]]:
        with self._lock, self._first() if self._unwritten is None else self._within():
            yield self._held

    @contextmanager
    def _first(self) -> Iterator[None]:
        self._wait(fcntl.LOCK_EX)
        try:
            self._catch_up()
            self._unwritten = []
            yield
            self._write(self._unwritten)
        except BaseException:
            if self._unwritten:
                self._forget()
            raise
        finally:
            self._unwritten = None
            self._wait(fcntl.LOCK_UN)

    @contextmanager
    def _within(self) -> Iterator[None]:
        """A batch around it writes; what an error leaves is undone alone."""
        assert self._unwritten is not None
        begun = len(self._unwritten)
        try:
            yield
        except BaseException:
            if len(self._unwritten) > begun:
                del self._unwritten[begun:]
                self._forget()
                self._catch_up()
                for record in self._unwritten:
                    self._held[record["centre"]].apply(record)
            raise

    def _wait(self, for_what: int) -> None:
        fcntl.flock(self._file, for_what)

    def _write(self, records: list[Any]) -> None:
        if not records:
            return
        line = json.dumps(records).encode() + b"\n"
        try:
            self._file.truncate(self._read)  # what a killed writer left
            if self._file.write(line) != len(line):
                raise OSError("the disk is full")
            os.fsync(self._file)
        except OSError as error:
            self._file.truncate(self._read)
            raise unavailable(str(error)) from error
        self._read += len(line)

    def put(self, record: dict[str, Any]) -> None:
        assert self._unwritten is not None
        self._held[record["centre"]].apply(record)
        self._unwritten.append(record)

    def close(self) -> None:
        self._file.close()


def _listed(summary: CaseSummary, owed: Sequence[Obligation]) -> dict[str, Any]:
    return {
        "case": summary.case,
        "summary": to_wire(summary),
        "owed": [to_wire(each) for each in owed],
    }


def _due(owed: Sequence[Obligation], before: dt.datetime) -> list[Obligation]:
    return [each for each in owed if each.due is not None and each.due < before]
