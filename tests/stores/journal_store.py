"""A store from outside, written from the words of ``ports`` alone: one journal for each centre.

A line of the journal is what was stored together, a commit or a whole batch, as a list of records;
everything else is memory that any line can be replayed into. A line counts once its newline is
there: what a killed process has left without one, the next writer cuts off. Writers in other
processes wait for the file's lock.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

import attrs

from onsite_workflow.errors import StoreUnavailable
from onsite_workflow.events import Event
from onsite_workflow.obligations import Obligation, Status
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
    other_content,
    stale,
)
from onsite_workflow.regulation import Kind
from onsite_workflow.serialization import event_from_json, event_to_json, to_wire
from onsite_workflow.terms import Result, State


def _rank(owed: Obligation) -> tuple[Any, ...]:
    due = (1,) if owed.due is None else (0, owed.due)
    return (due, owed.case, owed.kind.value, () if owed.subject is None else (owed.subject,))


_MOMENT = dt.datetime.fromisoformat
_DAY = dt.date.fromisoformat

#: How the fields that JSON has no values for are read; what ``to_wire`` leaves out is a default.
_READ: dict[str, Callable[[Any], Any]] = {
    "state": State,
    "result": Result,
    "kind": Kind,
    "status": Status,
    **dict.fromkeys(("opened_at", "recorded_at", "due", "met_at"), _MOMENT),
    **dict.fromkeys(("due_day", "earliest", "latest"), _DAY),
    **dict.fromkeys(("units", "applicant_keys"), tuple),
}


def _fields(wire: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if value is None or name not in _READ else _READ[name](value)
        for name, value in wire.items()
    }


class JournalStore(CaseStore):
    capabilities = frozenset(
        {Capability.DURABLE, Capability.SHARED, Capability.CENTRES, Capability.POSITIONS}
    )

    def __init__(self, folder: Path, centre: str = DEFAULT_CENTRE) -> None:
        name = hashlib.sha256(centre.encode()).hexdigest()[:32]
        self._folder = folder
        self._centres: dict[str, JournalStore] = {centre: self}
        self._lock = RLock()
        self._unwritten: list[Any] | None = None  # a list: within ``_writing``
        self._file = (folder / f"{name}.jsonl").open("a+b", buffering=0)
        self._forget()

    # --- the journal ---

    def _forget(self) -> None:
        self._read = 0  # bytes
        self._feed: list[Event] = []
        self._events: dict[str, tuple[Event, ...]] = {}
        self._commits: dict[str, StoredCommit] = {}
        self._keys: dict[str, str] = {}
        self._lines: dict[str, CaseSummary] = {}
        self._owed: dict[str, tuple[Obligation, ...]] = {}
        self._positions: dict[str, str] = {}

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock:
            if self._unwritten is None:
                self._file.seek(self._read)
                for line in self._file.readall().splitlines(keepends=True):
                    if not line.endswith(b"\n"):
                        break
                    for record in json.loads(line):
                        self._apply(record)
                    self._read += len(line)
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            if self._unwritten is not None:  # a batch around this call writes
                yield
                return
            self._wait(fcntl.LOCK_EX)
            try:
                with self._reading():
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
            raise StoreUnavailable.because("disk", "写入失败。", str(error)) from error
        self._read += len(line)

    def _put(self, record: dict[str, Any]) -> None:
        assert self._unwritten is not None
        self._apply(record)
        self._unwritten.append(record)

    def _apply(self, record: dict[str, Any]) -> None:
        if "subscriber" in record:
            self._positions[record["subscriber"]] = record["position"]
            return
        summary = CaseSummary(**_fields(record["summary"]))
        self._lines[summary.case] = summary
        self._owed[summary.case] = tuple(Obligation(**_fields(each)) for each in record["owed"])
        if "id" in record:
            events = tuple(map(event_from_json, record["events"]))
            self._events[summary.case] = self._events.get(summary.case, ()) + events
            self._feed += events
            self._keys.update(dict.fromkeys(record["keys"], summary.case))
            self._commits[record["id"]] = StoredCommit(
                command_id=record["id"],
                content=record["content"],
                events=events,
                answer=record["answer"],
            )

    # --- the port ---

    def append(self, commit: Commit) -> StoredCommit:
        with self._writing():
            first = self._commits.get(commit.command_id)
            if first is not None:
                if first.content != commit.content:
                    raise other_content(commit.command_id)
                return attrs.evolve(first, repeated=True)
            found = len(self._events.get(commit.case, ()))
            if found != commit.expected_version:
                raise stale(commit.case, commit.expected_version, found)
            for key in commit.keys:
                if self._keys.get(key, commit.case) != commit.case:
                    raise key_taken(key)
            self._put(
                {
                    "id": commit.command_id,
                    "content": commit.content,
                    "answer": commit.answer,
                    "events": [event_to_json(event) for event in commit.events],
                    "keys": list(commit.keys),
                    "summary": to_wire(commit.summary),
                    "owed": [to_wire(owed) for owed in commit.obligations],
                }
            )
            return self._commits[commit.command_id]

    @contextmanager
    def batch(self) -> Iterator[None]:
        with self._writing():
            yield

    def find(self, command_id: str) -> StoredCommit | None:
        with self._reading():
            return self._commits.get(command_id)

    def load(self, case: str) -> tuple[Event, ...]:
        with self._reading():
            return self._events.get(case, ())

    def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
        with self._reading():
            begin = int(after or 0)
            page = enumerate(self._feed[begin : begin + limit], start=begin + 1)
            return [FeedEntry(position=str(place), event=event) for place, event in page]

    def cases(
        self,
        *,
        after: str = "",
        limit: int = 1000,
        state: State | None = None,
        unit: str | None = None,
        due_before: dt.datetime | None = None,
        applicant_key: str | None = None,
        other_calendar_than: str | None = None,
    ) -> Sequence[CaseSummary]:
        with self._reading():
            found = [
                line
                for case, line in sorted(self._lines.items())
                if case > after
                and state in (None, line.state)
                and (unit is None or unit in line.units)
                and (due_before is None or self._due(self._owed[case], due_before))
                and (applicant_key is None or applicant_key in line.applicant_keys)
                and line.calendar_revision != other_calendar_than
            ]
        return found[:limit]

    @staticmethod
    def _due(owed: Sequence[Obligation], before: dt.datetime) -> list[Obligation]:
        return [each for each in owed if each.due is not None and each.due < before]

    def open_obligations(
        self,
        *,
        after: Obligation | None = None,
        before: dt.datetime | None = None,
        unit: str | None = None,
        limit: int = 1000,
    ) -> Sequence[Obligation]:
        with self._reading():
            owed = [each for case in self._owed.values() for each in case]
        if before is not None:
            owed = self._due(owed, before)
        if unit is not None:
            owed = [each for each in owed if each.bearer == unit]
        if after is not None:
            owed = [each for each in owed if _rank(each) > _rank(after)]
        return sorted(owed, key=_rank)[:limit]

    def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
        with self._writing():
            if len(self._events.get(summary.case, ())) != summary.version:
                return False
            self._put({"summary": to_wire(summary), "owed": [to_wire(o) for o in obligations]})
            return True

    def for_centre(self, centre: str) -> JournalStore:
        with self._lock:
            if centre not in self._centres:
                self._centres[centre] = found = JournalStore(self._folder, centre)
                found._centres = self._centres
                found.close = lambda: None  # type: ignore[method-assign]
            return self._centres[centre]

    def position(self, subscriber: str) -> str:
        with self._reading():
            return self._positions.get(subscriber, "")

    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        with self._writing():
            found = self._positions.get(subscriber, "")
            if found != after:
                raise moved_on(subscriber, after, found)
            self._put({"subscriber": subscriber, "position": position})

    def close(self) -> None:
        for store in self._centres.values():
            store._file.close()
