"""Several threads on one store, several processes on one file: nothing lost, nothing twice, nobody
kept waiting for ever."""

import datetime as dt
import multiprocessing
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from onsite_workflow.adapters.sqlite import SQLiteStore, _file
from onsite_workflow.checks import SHANGHAI
from onsite_workflow.clause7.commands import Deliver
from onsite_workflow.clause7.core import replay
from onsite_workflow.errors import StoreUnavailable
from onsite_workflow.ports import CaseStore, FeedEntry
from onsite_workflow.service import Workflow
from onsite_workflow.terms import Actor, Role
from onsite_workflow.testing import FixedClock, sample_case

WRITERS = 4
APPENDS = 50
CASES = ("XN-1", "XN-2")
CLOSED = 12  # of the sample case's entries: closed, where a delivery may be recorded any time
AT = dt.datetime(2026, 3, 12, 9, tzinfo=SHANGHAI)
SPAWN = multiprocessing.get_context("spawn")


def closed_cases(path: Path) -> None:
    with closing(SQLiteStore(path)) as store, store.batch():
        for case in CASES:
            for commit in sample_case(case)[:CLOSED]:
                store.append(commit)


def delivery(writer: int, number: int) -> Deliver:
    return Deliver(
        case=CASES[number % len(CASES)],
        at=AT,
        by=Actor(role=Role.HANDLING_UNIT, name="陈志远", unit="孝南区残疾人联合会"),
        id=f"writer {writer} delivery {number}",
        materials=["残疾人证"],
        method="送上门",
        received_by="王秀兰",
    )


def deliver(store: CaseStore, writer: int) -> None:
    """All deliveries of one writer; each third one is sent twice."""
    office = Workflow(store, clock=FixedClock(AT), retries=100_000)
    for number in range(APPENDS):
        command = delivery(writer, number)
        receipt = office.handle(command)
        assert not receipt.repeated
        if number % 3 == 0:
            again = office.handle(command)
            assert (again.event, again.repeated) == (receipt.event, True)


def check(store: CaseStore) -> None:
    """Every delivery is there once, and every case is whole."""
    feed = store.feed(limit=10_000)
    deliveries = Counter(entry.event.id for entry in feed if entry.event.at == AT)
    assert deliveries == Counter(delivery(w, n).id for w in range(WRITERS) for n in range(APPENDS))
    for case in CASES:
        events = store.load(case)
        assert [event.version for event in events] == list(range(1, len(events) + 1))
        assert len(replay(events).deliveries) == 1 + WRITERS * APPENDS // len(CASES)
        assert [entry.event for entry in feed if entry.event.key == case] == list(events)


def follow(store: CaseStore, going_on: Callable[[], bool]) -> Sequence[FeedEntry]:
    """What a reader sees of the feed who reads on while others write."""
    seen: list[FeedEntry] = []
    more = True
    while more:
        more = going_on()
        seen += store.feed(after=seen[-1].position if seen else "", limit=10_000)
    return seen


@contextmanager
def processes(target: Callable[..., None], *arguments: Any) -> Iterator[Sequence[BaseProcess]]:
    """One process a writer, each told its number; all have succeeded at the end."""
    begin = SPAWN.Barrier(WRITERS)
    started = [
        SPAWN.Process(target=target, args=(begin, number, *arguments)) for number in range(WRITERS)
    ]
    for process in started:
        process.start()
    yield started
    for process in started:
        process.join()
    assert [process.exitcode for process in started] == [0] * WRITERS


def write(begin: Any, writer: int, path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        begin.wait()
        deliver(store, writer)


def make_stores(begin: Any, _: int, folder: Path, count: int) -> None:
    for number in range(count):
        begin.wait()
        SQLiteStore(folder / f"{number}.db").close()


def test_processes_that_write_to_the_same_cases_lose_nothing_and_double_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cases.db"
    closed_cases(path)
    with closing(SQLiteStore(path)) as store:
        with processes(write, path) as writers:
            seen = follow(store, lambda: any(writer.is_alive() for writer in writers))
        check(store)
        assert list(seen) == list(store.feed(limit=10_000))


def test_threads_that_write_to_the_same_cases_lose_nothing_and_double_nothing(
    tmp_path: Path,
) -> None:
    closed_cases(tmp_path / "cases.db")
    begin = Barrier(WRITERS)

    def write_too(store: CaseStore, writer: int) -> None:
        begin.wait()
        deliver(store, writer)

    with (
        closing(SQLiteStore(tmp_path / "cases.db")) as store,
        ThreadPoolExecutor(WRITERS) as pool,
    ):
        writing = [pool.submit(write_too, store, writer) for writer in range(WRITERS)]
        seen = follow(store, lambda: not all(task.done() for task in writing))
        for task in writing:
            task.result()
        check(store)
        assert list(seen) == list(store.feed(limit=10_000))


def test_processes_may_make_a_new_store_at_once(tmp_path: Path) -> None:
    with processes(make_stores, tmp_path, 25):
        pass
    for path in sorted(tmp_path.glob("*.db")):
        with closing(SQLiteStore(path, create=False)) as store:
            assert store.feed() == []


# --- turns to write ---


def test_writers_get_on_where_there_are_no_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_file, "fcntl", None)  # as on Windows
    test_threads_that_write_to_the_same_cases_lose_nothing_and_double_nothing(tmp_path)
    assert not (tmp_path / "cases.db-lock").exists()


def test_who_has_waited_long_enough_goes_and_is_in_nobodys_way_later(tmp_path: Path) -> None:
    commits = sample_case("XN-1")
    with (
        closing(SQLiteStore(tmp_path / "cases.db")) as first,
        closing(SQLiteStore(tmp_path / "cases.db", timeout=0.05)) as second,
        closing(SQLiteStore(tmp_path / "cases.db")) as third,
    ):
        with first.batch():
            first.append(commits[0])
            for _ in range(3):
                with pytest.raises(StoreUnavailable, match="locked"):
                    second.append(sample_case("XN-2")[0])
        for commit in commits[1:]:
            third.append(commit)
        assert not second.append(sample_case("XN-2")[0]).repeated
        assert len(first.load("XN-1")) == len(commits)


def test_who_waits_is_let_in_when_the_other_is_done(tmp_path: Path) -> None:
    with (
        closing(SQLiteStore(tmp_path / "cases.db")) as first,
        closing(SQLiteStore(tmp_path / "cases.db")) as second,
        ThreadPoolExecutor(1) as pool,
    ):
        with first.batch():
            first.append(sample_case("XN-1")[0])
            waiting = pool.submit(second.append, sample_case("XN-2")[0])
            first.append(sample_case("XN-1")[1])
        assert not waiting.result().repeated


def test_a_killed_writer_leaves_its_turn_to_others(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    begun = SPAWN.Event()
    holder = SPAWN.Process(target=hold, args=(begun, path))
    holder.start()
    begun.wait()
    with closing(SQLiteStore(path)) as store, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(store.append, sample_case("XN-1")[0])
        holder.kill()
        assert not waiting.result().repeated
    holder.join()


def hold(begun: Any, path: Path) -> None:
    with closing(SQLiteStore(path)) as store, store.batch():
        store.append(sample_case("XN-1")[0])
        begun.set()
        signal.pause()


# --- forks ---

FORK = """
import os, signal, sys, threading
import pytest

from onsite_workflow.adapters.sqlite import SQLiteStore, _file
from onsite_workflow.errors import StoreUnavailable
from onsite_workflow.testing import simple_commit

store = SQLiteStore(sys.argv[1])
other = store.for_centre("other")
store.append(simple_commit("parent"))

def forked(act):
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        act()
        os._exit(0)
    except BaseException as error:
        print(type(error), error, file=sys.stderr)
        os._exit(1)

def write():
    assert store.load("parent")
    store.append(simple_commit("child"))
    other.append(simple_commit("child"))
    store.close()

assert forked(write) == 0
store.append(simple_commit("parent", after=1))
assert len(store.load("child")) == len(other.load("child")) == 1

# In a child that outlives it, a turn of the parent's is not held on to.
with store.batch():
    store.append(simple_commit("batch"))
    staying = os.fork()
    if not staying:
        signal.pause()
SQLiteStore(sys.argv[1], timeout=5).append(simple_commit("after"))
assert len(store.load("batch")) == 1
os.kill(staying, signal.SIGKILL)

# A child that was forked within a batch can't end it.
try:
    with store.batch():
        store.append(simple_commit("unfinished"))
        if forked_here := os.fork():
            os.waitpid(forked_here, 0)
            raise ZeroDivisionError
except ZeroDivisionError:
    pass
except StoreUnavailable:
    os._exit(0)  # the child
assert store.load("unfinished") == ()
assert store.check() == ()
store.append(simple_commit("last"))
print("ok")
"""


def test_a_store_is_used_on_both_sides_of_a_fork(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK, str(tmp_path / "cases.db")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("ok", "")
