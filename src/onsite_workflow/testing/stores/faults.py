"""What becomes of a store when the processes that write to it are killed, and when many of them
write to the same cases.

``crash``, ``contend`` and ``told_and_killed`` take what opens the store (called in many processes,
so it is a function of a module or a ``functools.partial`` of one) and give a ``Tally``. They need
``fork`` and ``SIGKILL``.

The processes are forked by one that has no store open and no threads: that costs milliseconds, so
that hundreds of kills fit into a minute. What a writer was told is stored it writes down at once in
a file of its own, which outlives it.
"""

from __future__ import annotations

import ast
import datetime as dt
import multiprocessing
import os
import random
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, suppress
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import ClassVar, Final, NoReturn, TypeVar

import attrs
from attrs import frozen

from onsite_workflow.checks import SHANGHAI
from onsite_workflow.engine.duties import Obligation
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.errors import Conflict, StoreUnavailable
from onsite_workflow.ports import (
    Capability,
    CaseStore,
    CaseSummary,
    Commit,
    FeedEntry,
    not_supported,
)

from ._base import PromiseBroken
from .commits import simple_commit, simple_obligation

__all__ = ["Opener", "Tally", "contend", "crash", "told_and_killed"]

T = TypeVar("T")

Opener = Callable[[], CaseStore]

#: Seconds after which something that should go on is taken to have stopped.
_PATIENCE: Final = 60.0


@frozen(kw_only=True)
class Tally:
    """What was counted. ``times`` is how often the fault struck; the rest are numbers of events
    (``half``: of commits). ``broken`` has each promise that was seen broken, and how."""

    fault: str
    times: int
    acknowledged: int
    lost: int
    twice: int
    half: int
    skipped: int
    broken: tuple[tuple[int, str], ...] = ()
    seconds: float = 0.0

    HEAD: ClassVar[str] = (
        "| store | fault | times | events acknowledged | lost | twice | half commits"
        " | skipped by a reader | other |\n|---|---|--:|--:|--:|--:|--:|--:|--:|"
    )

    def row(self, store: str) -> str:
        """A row of a Markdown table under ``HEAD``. ``other`` counts promises seen broken in any
        other way (a list, a key, a retry)."""
        counted = (self.times, self.acknowledged, self.lost, self.twice, self.half, self.skipped)
        numbers = " | ".join(f"{number:,}" for number in (*counted, len(self.other)))
        return f"| {store} | {self.fault} | {numbers} |"

    @property
    def other(self) -> tuple[tuple[int, str], ...]:
        """What is broken and not counted in a column of its own."""
        columns = (_LOST, _TWICE, _HALF, _SKIPPED)
        return tuple(each for each in self.broken if not each[1].startswith(columns))

    def check(self) -> None:
        """Raise ``PromiseBroken`` where one was: the first that was found."""
        if self.broken:
            raise PromiseBroken(*self.broken[0])


_LOST, _TWICE, _HALF, _SKIPPED = "lost: ", "twice: ", "half: ", "skipped: "


class _Failed(Exception):
    """A process did not do what it should. Which promise that breaks, what was tried tells."""


def crash(
    opener: Opener,
    *,
    kills: int = 200,
    seed: int = 0,
    strike: Callable[[], None] | None = None,
    fault: str = "kill -9 of a writing process",
) -> Tally:
    """Kill a writing process (``kill -9``) at ``kills`` random moments and count what is missing.

    Where the store is shared, a second process writes all the time and a third follows the feed.
    With ``strike`` no process is killed: it is called at those moments instead and does something
    else to the store (it kills the server, cuts the connections), and the writers try again as
    often as they are told ``StoreUnavailable``. ``fault`` names it in the table. ``NotSupported``
    where the store does not declare ``durable``.
    """
    return _elsewhere(partial(_crash, opener, kills, seed, strike, fault))


def contend(opener: Opener, *, processes: int = 8, appends: int = 1000) -> Tally:
    """Set ``processes`` on the same three cases. Each appends ``appends`` commits, one after the
    other, to the version it believes the case is at, and tries again at every conflict."""
    return _elsewhere(partial(_contend, opener, processes, appends))


def told_and_killed(opener: Opener) -> Tally:
    """Let a process do each thing that a store makes durable, and kill it (``kill -9``) when it has
    been told that all is done, and before it can close the store."""
    return _elsewhere(partial(_told_and_killed, opener))


def _elsewhere(work: Callable[[], T]) -> T:
    """Do ``work`` in a new process, which may fork."""
    if not hasattr(os, "fork"):  # pragma: no cover - not on this system
        raise NotImplementedError("processes are killed where there is fork and SIGKILL")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work).result()


# --- what is written ------------------------------------------------------------------------------


def _story(case: str) -> list[Commit]:
    """Four commits of one, three, two and one events; keys, lists that change."""
    sizes = (1, 3, 2, 1)
    commits: list[Commit] = []
    for number, size in enumerate(sizes):
        owed = [simple_obligation(case, subject=f"{number}.{n}") for n in range(3 - number)]
        commits.append(
            simple_commit(
                case,
                after=sum(sizes[:number]),
                events=size,
                keys=[f"notice:{case}.{number}"] if number < 3 else (),
                obligations=owed,
                units=(f"单位{number}", case),
                applicant_keys=(f"{case}.{number}",),
            )
        )
    return commits


def _batched(number: int) -> bool:
    """Whether the case of that number is appended in one batch."""
    return number % 4 == 3


def _case(writer: str, number: int) -> str:
    return f"{writer}.{number}"


def _whole(case: str) -> set[int]:
    """The versions that the case may be at."""
    ends = [commit.summary.version for commit in _story(case)]
    return {0, ends[-1]} if _batched(int(case.split(".")[1])) else {0, *ends}


# --- the processes --------------------------------------------------------------------------------


class _Client:
    """A store that is opened again where it is lost."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._store: CaseStore | None = None

    def __call__(self, act: Callable[[CaseStore], T]) -> T:
        given_up = time.monotonic() + _PATIENCE
        while True:
            try:
                if self._store is None:
                    self._store = self._opener()
                return act(self._store)
            except StoreUnavailable:
                self.close()
                if time.monotonic() > given_up:
                    raise
                time.sleep(0.01)

    def close(self) -> None:
        if self._store is not None:
            with suppress(StoreUnavailable):
                self._store.close()
        self._store = None


def _append_batch(commits: list[Commit], store: CaseStore) -> None:
    with store.batch():
        for commit in commits:
            store.append(commit)


def _write(opener: Opener, writer: str, room: Path) -> None:
    """Case after case until the room is closed; what is acknowledged is written down."""
    client = _Client(opener)
    log = os.open(room / f"{writer}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in count():
        case = _case(writer, number)
        if (room / "closed").exists():
            break
        commits = _story(case)
        if _batched(number):
            client(partial(_append_batch, commits))
            os.write(log, f"{case} {commits[-1].summary.version}\n".encode())
            continue
        for commit in commits:
            client(lambda store, commit=commit: store.append(commit))  # type: ignore[misc]
            os.write(log, f"{case} {commit.summary.version}\n".encode())
    client.close()


def _follow(opener: Opener, room: Path) -> None:
    """Read the feed until nobody writes any more and nothing more comes."""
    client = _Client(opener)
    log = os.open(room / "reader.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    position = ""
    while True:
        silent = (room / "silent").exists()
        page = client(partial(_page, position))
        if page:
            begun, position = position, page[-1].position
            os.write(log, "".join(f"{_name(entry.event)}\n" for entry in page).encode())
            if position == begun:
                break  # it would never end
        elif silent:
            break
        else:
            time.sleep(0.001)
    client.close()


def _page(after: str, store: CaseStore) -> list[FeedEntry]:
    return list(store.feed(after=after, limit=50))


def _vie(opener: Opener, name: str, appends: int, room: Path) -> None:
    """Append to the contended cases; a line of the log says what became of each commit."""
    client = _Client(opener)
    client(lambda store: store.cases(limit=1))
    log = os.open(room / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    (room / f"{name}.ready").touch()
    _await((room / "go").exists)
    versions: Counter[str] = Counter()
    for number in range(appends):
        case, size = f"c{number % 3}", 1 + number % 2
        while True:
            commit = simple_commit(
                case, after=versions[case], events=size, command_id=f"{name}.{number}"
            )
            try:
                client(lambda store, commit=commit: store.append(commit))  # type: ignore[misc]
            except Conflict as conflict:
                versions[case] = conflict.violations[0].facts["found"]
            else:
                versions[case] += size
                break
        os.write(log, f"{case} {versions[case]} {size} {commit.command_id}\n".encode())
    client.close()


def _fork(work: Callable[[], None], room: Path) -> int:
    """Start ``work`` in a process of its own; its number."""
    return os.fork() or _run_and_leave(work, room)


def _run_and_leave(work: Callable[[], None], room: Path) -> NoReturn:
    status = 1
    try:
        work()
        status = 0
    except BaseException as error:
        said = f"{type(error).__name__}: {error}\n{traceback.format_exc()}"
        (room / f"{os.getpid()}.error").write_text(said, encoding="utf-8")
    finally:
        os._exit(status)


def _ended(pid: int, room: Path) -> None:
    """Wait for a process that ends by itself; raises where it failed."""
    _, status = os.waitpid(pid, 0)
    _sound(pid, status, room)


def _sound(pid: int, status: int, room: Path) -> None:
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        said = (room / f"{pid}.error").read_text(encoding="utf-8")
        raise _Failed(f"a process failed where it should have gone on: {said}")


def _stop(pids: Iterable[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _await(ready: Callable[[], bool], pid: int | None = None, room: Path | None = None) -> None:
    """Look again and again until ``ready``; the process meanwhile goes on."""
    given_up = time.monotonic() + _PATIENCE
    while not ready():
        if pid is not None and room is not None:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                _sound(pid, status, room)
                raise _Failed("a writer ended by itself")
        if time.monotonic() > given_up:
            raise _Failed(f"nothing was acknowledged for {_PATIENCE:.0f} seconds")
        time.sleep(0.0005)


def _acknowledged(log: Path) -> list[tuple[str, int]]:
    if not log.exists():
        return []
    lines = log.read_text(encoding="utf-8").splitlines()
    return [(line.split()[0], int(line.split()[1])) for line in lines]


# --- the tribunal -------------------------------------------------------------------------------


@attrs.define
class _Findings:
    """What is found broken, each once."""

    of: dict[tuple[int, str], int] = attrs.field(factory=dict)

    def add(self, promise: int, sentence: str) -> None:
        self.of[promise, sentence] = 1

    def number(self, kind: str) -> int:
        return sum(sentence.startswith(kind) for _, sentence in self.of)


def _name(event: AnyEvent) -> str:
    return f"{event.key} {event.version}"


def _crash(
    opener: Opener, kills: int, seed: int, strike: Callable[[], None] | None, fault: str
) -> Tally:
    begun = time.monotonic()
    moments = random.Random(seed)
    found = _Findings()
    resent: list[tuple[str, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        with closing(opener()) as store:
            if Capability.DURABLE not in store.capabilities:
                raise not_supported(Capability.DURABLE)
            shared = Capability.SHARED in store.capabilities
        standing: list[int] = []
        if shared:
            standing = [
                _fork(partial(_write, opener, "w", room), room),
                _fork(partial(_follow, opener, room), room),
            ]
        try:
            for number in range(kills):
                if strike is None:
                    _kill_one(opener, f"v{number}", room, moments)
                    resent += _inspect(opener, f"v{number}", room, found)
                else:
                    before = len(_acknowledged(room / "w.log"))
                    wanted = before + moments.randrange(12)
                    _await(
                        lambda wanted=wanted: (  # type: ignore[misc]
                            len(_acknowledged(room / "w.log")) >= wanted
                        ),
                        standing[0],
                        room,
                    )
                    time.sleep(moments.random() * 0.005)
                    strike()
            (room / "closed").touch()
            while standing:
                _ended(standing.pop(0), room)
                (room / "silent").touch()
        except _Failed as failed:
            found.add(4, str(failed))
        finally:
            _stop(standing)
        logs = [log for log in room.glob("*.log") if log.name != "reader.log"]
        told = [*chain.from_iterable(map(_acknowledged, logs)), *resent]
        seen = _lines(room / "reader.log") if shared else None
        _read_afterwards(4, partial(_audit, opener, told, seen, found, _whole), found)
    reached: dict[str, int] = {}
    for case, version in told:
        reached[case] = max(version, reached.get(case, 0))
    return _tally(fault, kills, sum(reached.values()), found, begun)


def _kill_one(opener: Opener, writer: str, room: Path, moments: random.Random) -> None:
    """Start a writer and kill it in the middle of things."""
    victim = _fork(partial(_write, opener, writer, room), room)
    log = room / f"{writer}.log"
    wanted = 0 if moments.random() < 0.2 else moments.randint(1, 20)
    try:
        _await(lambda: len(_acknowledged(log)) >= wanted, victim, room)
        # Without an answer yet: while the store is being opened, or the first commit written.
        time.sleep(moments.random() * (0.003 if wanted else 0.03))
    finally:
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        with suppress(ChildProcessError):
            _, status = os.waitpid(victim, 0)
            _sound(victim, status, room)


def _inspect(opener: Opener, writer: str, room: Path, found: _Findings) -> list[tuple[str, int]]:
    """Look at what the killed writer was about, then send it again as its client would: each
    commit is stored now, or was; what is acknowledged by that."""
    told = _acknowledged(room / f"{writer}.log")
    at = int(told[-1][0].split(".")[1]) if told else 0
    with closing(opener()) as store:
        for number in (at, at + 1):
            case = _case(writer, number)
            commits = _story(case)
            version = len(store.load(case))
            if version not in _whole(case):
                found.add(1, f"{_HALF}{case} is at {version}")
            for commit in commits:
                # A server may be at the killed writer's last commit still: it may come in between.
                there = store.find(commit.command_id)
                version = len(store.load(case))
                known = there is not None or store.find(commit.command_id) is not None
                if (
                    known != (version >= commit.summary.version)
                    and len(store.load(case)) == version
                ):
                    found.add(
                        1,
                        f"{_HALF}{case} is at {version}, and {commit.command_id}"
                        f" {'is' if known else 'is not'} known",
                    )
                try:
                    answer = store.append(commit)
                except Conflict as conflict:
                    found.add(3, f"{commit.command_id} sent again after the kill met {conflict}")
                    return []
                if there is not None and not answer.repeated:
                    found.add(3, f"{commit.command_id} sent again was not told what it was")
    ends = _story(writer)[-1].summary.version
    return [(_case(writer, number), ends) for number in (at, at + 1)]


def _told_and_killed(opener: Opener) -> Tally:
    begun = time.monotonic()
    found = _Findings()
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        victim = _fork(partial(_do_all, opener, room), room)
        _, status = os.waitpid(victim, 0)
        try:
            _sound(victim, status, room)
        except _Failed as failed:
            found.add(4, str(failed))
        else:
            told = (room / "told").read_text(encoding="utf-8")
            _read_afterwards(4, partial(_compare_acts, opener, told, found), found)
    return _tally("kill -9 of a process that was told", 1, _ACTS, found, begun)


_SEEN: Final = dt.datetime(2026, 3, 4, 12, tzinfo=SHANGHAI)
_UNTIL: Final = _SEEN + dt.timedelta(hours=1)
#: Events that ``_do_all`` appends.
_ACTS: Final = 5


def _do_all(opener: Opener, room: Path) -> NoReturn:
    """One of each, what is then read written down, and the end."""
    store = opener()
    for number in range(3):
        due = _SEEN - dt.timedelta(hours=3 - number)
        store.append(
            simple_commit(f"d{number}", obligations=[simple_obligation(f"d{number}", due=due)])
        )
    with store.batch():
        store.append(simple_commit("d3"))
        store.append(simple_commit("d4"))
    store.reindex(simple_commit("d0", calendar_revision="2026.9").summary, ())
    if Capability.LEASES in store.capabilities:
        lease, _ = store.claim_due(worker="a", before=_SEEN, now=_SEEN, until=_UNTIL, limit=2)
        store.extend(lease, now=_SEEN, until=_UNTIL + _UNTIL.resolution)
    if Capability.POSITIONS in store.capabilities:
        first, second, *_ = store.feed()
        store.advance("s", after="", position=first.position)
        store.advance("s", after=first.position, position=second.position)
    (room / "told").write_text(repr(_acts(store)), encoding="utf-8")
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed process goes on")


def _acts(store: CaseStore) -> dict[str, object]:
    """What is left of each thing that was done, by name."""
    left: dict[str, object] = {
        "append": [len(store.load(f"d{number}")) for number in range(3)],
        "a batch": [len(store.load(f"d{number}")) for number in (3, 4)],
        "reindex": [
            *(line.calendar_revision for line in store.cases()),
            *(owed.case for owed in store.open_obligations()),
        ],
    }
    if Capability.LEASES in store.capabilities:
        # Leases that end when they begin change nothing, and tell what is free.
        left["claim_due and extend"] = [
            [
                lease.obligation.case
                for lease in store.claim_due(worker="b", before=_UNTIL, now=now, until=now)
            ]
            for now in (_SEEN, _UNTIL)
        ]
    if Capability.POSITIONS in store.capabilities:
        left["advance"] = store.position("s")
    return left


def _compare_acts(opener: Opener, told: str, found: _Findings) -> None:
    before = ast.literal_eval(told)
    with closing(opener()) as store:
        for name, left in _acts(store).items():
            if left != before.get(name):
                found.add(4, f"{_LOST}what {name} had done")


def _contend(opener: Opener, processes: int, appends: int) -> Tally:
    begun = time.monotonic()
    found = _Findings()
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        opener().close()
        names = [f"p{number}" for number in range(processes)]
        reader = _fork(partial(_follow, opener, room), room)
        rivals = [_fork(partial(_vie, opener, name, appends, room), room) for name in names]
        running = [*rivals, reader]
        try:
            for name, pid in zip(names, rivals, strict=True):
                _await(lambda name=name: (room / f"{name}.ready").exists(), pid, room)  # type: ignore[misc]
            (room / "go").touch()
            while running:
                if len(running) == 1:
                    (room / "silent").touch()
                _ended(running.pop(0), room)
        except _Failed as failed:
            found.add(2, str(failed))
        finally:
            _stop(running)
        said = [line.split() for name in names for line in _lines(room / f"{name}.log")]
        told = [(case, int(version)) for case, version, *_ in said]
        seen = _lines(room / "reader.log")
        _read_afterwards(2, partial(_compare_contended, opener, said, found), found)
        _read_afterwards(2, partial(_audit, opener, told, seen, found, None), found)
    events = sum(int(size) for _, _, size, _ in said)
    return _tally(
        f"{processes} processes at the same cases", processes * appends, events, found, begun
    )


def _read_afterwards(promise: int, audit: Callable[[], None], found: _Findings) -> None:
    """A store that can't be read any more keeps nothing."""
    try:
        audit()
    except Exception as error:
        found.add(promise, f"the store can't be read any more: {type(error).__name__}: {error}")


def _compare_contended(opener: Opener, said: list[list[str]], found: _Findings) -> None:
    """Each event is of exactly one process that was told so."""
    with closing(opener()) as store:
        _compare_each(store, said, found)


def _compare_each(store: CaseStore, said: list[list[str]], found: _Findings) -> None:
    owners: dict[tuple[str, int], str] = {}
    for case, last, size, command in said:
        for version in range(int(last) - int(size) + 1, int(last) + 1):
            if (case, version) in owners:
                found.add(2, f"{_TWICE}{case} {version} was acknowledged to two processes")
            owners[case, version] = command
        stored = store.find(command)
        held = [] if stored is None else [event.version for event in stored.events]
        if held != list(range(int(last) - int(size) + 1, int(last) + 1)):
            found.add(2, f"{_LOST}{command} was told {case} {last} and holds {held}")
    for case in {case for case, *_ in said}:
        for event in store.load(case):
            if owners.get((case, event.version)) != event.id:
                found.add(2, f"{_LOST}{_name(event)} is not what its writer was told")


def _audit(
    opener: Opener,
    told: Iterable[tuple[str, int]],
    seen: list[str] | None,
    found: _Findings,
    whole: Callable[[str], set[int]] | None,
) -> None:
    """Compare what was told, what is stored, what is listed and what was read."""
    with closing(opener()) as store:
        feed = [entry.event for entry in _all(store)]
        known = {event.key for event in feed} | {case for case, _ in told}
        cases = {case: store.load(case) for case in known}
        for case, version in told:
            for missing in range(len(cases[case]) + 1, version + 1):
                found.add(4, f"{_LOST}{case} {missing}")
        names = [_name(event) for event in feed]
        for name, times in Counter(names).items():
            if times > 1:
                found.add(5, f"{_TWICE}{name} is in the feed {times} times")
        by_case: dict[str, list[AnyEvent]] = {case: [] for case in cases}
        for event in feed:
            by_case[event.key].append(event)
        for case, events in cases.items():
            if [event.version for event in events] != list(range(1, len(events) + 1)):
                found.add(2, f"{_TWICE}the versions of {case} are not 1 to {len(events)}")
            if whole is not None and len(events) not in whole(case):
                found.add(1, f"{_HALF}{case} is at {len(events)}")
            for event in events[len(by_case[case]) :]:
                found.add(5, f"{_SKIPPED}{_name(event)} is not in the feed")
            if tuple(by_case[case][: len(events)]) != events[: len(by_case[case])]:
                found.add(5, f"the feed has other events of {case} than the case")
        if seen is not None and not found.of:
            _compare_reader(names, seen, found)
        _compare_lists(store, cases, found)
        if whole is not None:
            _compare_keys(store, [case for case, events in cases.items() if events], found)


def _compare_reader(names: list[str], seen: list[str], found: _Findings) -> None:
    for name in sorted(set(names) - set(seen)):
        found.add(5, f"{_SKIPPED}{name} was not read")
    for name, times in Counter(seen).items():
        if times > 1:
            found.add(5, f"{_TWICE}{name} was read {times} times")
    if not found.of and names != seen:
        found.add(5, "the feed was read in another order")


def _compare_lists(
    store: CaseStore, cases: dict[str, tuple[AnyEvent, ...]], found: _Findings
) -> None:
    lines = {line.case: line.version for line in _cases(store)}
    stored = {case: len(events) for case, events in cases.items() if events}
    for case in sorted(lines.keys() | stored.keys()):
        if lines.get(case) != stored.get(case):
            found.add(6, f"{case} is at {stored.get(case)} and listed at {lines.get(case)}")
    owed = Counter((each.case, each.subject) for each in _owed(store))
    expected: Counter[tuple[str, str | None]] = Counter()
    for case, version in stored.items():
        if not case.startswith("c"):
            for commit in _story(case):
                if commit.summary.version == version:
                    expected.update((case, each.subject) for each in commit.obligations)
    for case, _ in (owed - expected) | (expected - owed):
        found.add(6, f"what {case} owes is not what its last commit says")


def _compare_keys(store: CaseStore, cases: list[str], found: _Findings) -> None:
    for case in cases[:: max(1, len(cases) // 50)]:
        key = _story(case)[0].keys[0]
        try:
            store.append(simple_commit("k", command_id=f"k.{case}", keys=[key]))
        except Conflict as conflict:
            if conflict.violations[0].rule == "claimed_key":
                continue
        found.add(7, f"{key} of {case} was free for another case")
        return


def _all(store: CaseStore) -> Iterator[FeedEntry]:
    page = store.feed()
    while page:
        yield from page
        page = store.feed(after=page[-1].position)


def _cases(store: CaseStore) -> Iterator[CaseSummary]:
    page = store.cases()
    while page:
        yield from page
        page = store.cases(after=page[-1].case)


def _owed(store: CaseStore) -> Iterator[Obligation]:
    page = store.open_obligations()
    while page:
        yield from page
        page = store.open_obligations(after=page[-1])


def _lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def _tally(fault: str, times: int, acknowledged: int, found: _Findings, begun: float) -> Tally:
    return Tally(
        fault=fault,
        times=times,
        acknowledged=acknowledged,
        lost=found.number(_LOST),
        twice=found.number(_TWICE),
        half=found.number(_HALF),
        skipped=found.number(_SKIPPED),
        broken=tuple(found.of),
        seconds=time.monotonic() - begun,
    )
