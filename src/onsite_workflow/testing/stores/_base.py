"""What every part of the contract builds on: the hooks of an adapter, which test needs which
capability, and little helpers."""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from itertools import zip_longest
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from threading import Barrier
from typing import Any, ClassVar, Final, TypeVar
from uuid import uuid4

import pytest

from onsite_workflow import ports
from onsite_workflow.engine.duties import Obligation
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.errors import Conflict, Violation
from onsite_workflow.ports import (
    Capability,
    CaseStore,
    CaseSummary,
    Commit,
    FeedEntry,
    StoredCommit,
)

from .commits import sample_case

__all__ = [
    "PROMISES",
    "Contract",
    "PromiseBroken",
    "Undone",
    "append_all",
    "at_once",
    "conflict_of",
    "events_of",
    "everything",
    "interleaved",
    "needs",
    "new_folder",
    "pages",
    "promise_of",
    "rule_of",
    "unless",
]

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

PROMISES: Final[dict[int, str]] = {
    int(number): title
    for number, title in re.findall(r"^(\d+)\. \*(.+?)\.?\*", ports.__doc__ or "", re.MULTILINE)
}
"""The short names of the promises, as ``ports`` gives them."""


class PromiseBroken(AssertionError):
    """What a check found that is not of one promise by its name; ``promise`` is the number, and
    ``sentence`` what was found."""

    def __init__(self, promise: int, sentence: str) -> None:
        super().__init__(promise, sentence)  # a copy is made of these
        self.promise: int = promise
        self.sentence: str = sentence

    def __str__(self) -> str:
        return f"promise {self.promise} ({PROMISES[self.promise]}): {self.sentence}"


class Undone(Exception):
    """Leaves a batch, or a transaction."""


# --- which test needs what ------------------------------------------------------------------------


def needs(*capabilities: Capability) -> Callable[[F], F]:
    """The test is for stores that declare all of these."""

    def mark(test: F) -> F:
        test.needs = capabilities  # type: ignore[attr-defined]
        return test

    return mark


def unless(capability: Capability) -> Callable[[F], F]:
    """The test is for stores that do not declare this one."""

    def mark(test: F) -> F:
        test.unless = capability  # type: ignore[attr-defined]
        return test

    return mark


def promise_of(test: str) -> int | None:
    """The number in a test's name; None for a test of all of them."""
    found = re.match(r"test_(\d+)_", test)
    return int(found[1]) if found else None


def new_folder(parent: Path) -> Path:
    """An empty folder in ``parent`` whose name is nobody else's, and a name that databases take."""
    folder = parent / f"s{uuid4().hex[:15]}"
    folder.mkdir()
    return folder


def _concern(test: Callable[..., Any], capabilities: Collection[Capability]) -> str:
    """Why a test is not for a store that declares these; nothing where it is."""
    for capability in getattr(test, "needs", ()):
        if capability not in capabilities:
            return f"not declared ({capability})"
    capability = getattr(test, "unless", None)
    return f"declared ({capability})" if capability in capabilities else ""


class Contract(ABC):
    """The hooks."""

    declares: ClassVar[frozenset[Capability] | None] = None
    """The capabilities of the store, where the subclass says them (``MyStore.capabilities``). What is
    not for such a store is then no test of the subclass; otherwise it is skipped, with the reason."""

    writers: ClassVar[int] = 4
    """How many threads write at once where a test needs several."""

    patience: float = 0.2
    """Seconds for which a test waits for a writer that may have to wait for the test: stores in
    which writers wait for one another are tested as fast as those in which they don't."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.declares is not None:
            for name in cls.names():
                if _concern(getattr(cls, name), cls.declares):
                    setattr(cls, name, None)

    @abstractmethod
    def open_store(self, folder: Path) -> CaseStore:
        """The store that belongs to ``folder``: new and empty at the first call for a folder, what
        it holds at every later one, also in another process. A store on a server makes what it
        needs (a schema, a database) under ``folder.name``: a letter and fifteen more letters and
        digits, all lower case, and never the same twice."""

    def transaction(self, folder: Path) -> AbstractContextManager[Any]:
        """For ``joining``: a transaction of the caller's own where ``open_store(folder)`` stores.
        The context manager yields what ``joining`` takes, commits where the block ends, and rolls
        back where an error leaves it."""
        raise NotImplementedError

    # --- the stores of a test ---

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """Where the store of one test lives."""
        return new_folder(tmp_path)

    @pytest.fixture
    def store(self, request: pytest.FixtureRequest, folder: Path) -> Iterator[CaseStore]:
        """The store of one test."""
        with self.opened(folder, request.function) as store:
            yield store

    @contextmanager
    def opened(self, folder: Path, test: Callable[..., Any]) -> Iterator[CaseStore]:
        """The store of ``folder``, where ``test`` is one for it."""
        self._restarted: list[CaseStore] = []
        store = self.open_store(folder)
        try:
            self._concerns(test, store)
            yield store
        finally:
            if store not in self._restarted:
                store.close()

    def restarted(self, store: CaseStore, folder: Path) -> CaseStore:
        """``store`` closed, and what it held opened again."""
        store.close()
        self._restarted.append(store)
        return self.open_store(folder)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_restarted"}

    def opener(self, folder: Path) -> Callable[[], CaseStore]:
        """What opens the store of ``folder`` in another process."""
        opener = partial(self.open_store, folder)
        try:
            ForkingPickler.dumps(opener)  # as a new process is handed it
        except Exception as error:
            pytest.fail(
                f"{type(self).__name__}.open_store can't be handed to another process ({error}):"
                " define the class in a module, and keep in self only what can be pickled.",
                pytrace=False,
            )
        return opener

    def _concerns(self, test: Callable[..., Any], store: CaseStore) -> None:
        assert isinstance(store, CaseStore), "open_store returns a store"
        strange = set(store.capabilities) - set(Capability)
        assert not strange, f"capabilities that ports does not know: {strange}"
        number = promise_of(test.__name__)
        about = "" if number is None else f"promise {number}: "
        assert self.declares in (None, store.capabilities), "the store declares what its tests say"
        if why := _concern(test, store.capabilities):
            pytest.skip(f"{about}{why}")
        # Declared and not testable would be a way round the promise, so it is no skip.
        if (
            Capability.JOINING in getattr(test, "needs", ())
            and type(self).transaction is Contract.transaction
        ):
            pytest.fail(
                f"{about}the store declares joining, and {type(self).__name__} gives no"
                " transaction(folder) to try it with",
                pytrace=False,
            )

    # --- without pytest's runner ---

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Those of the tests, by promise."""
        names = [name for name in dir(cls) if name.startswith("test_") and getattr(cls, name)]
        return tuple(sorted(names, key=lambda name: (promise_of(name) or 99, name)))

    def run(self, name: str, folder: Path) -> None:
        """Run one test on the store of ``folder``; raises what it raises."""
        test = getattr(self, name)
        with self.opened(folder, test) as store:
            given = {"store": store, "folder": folder}
            test(*(given[parameter] for parameter in inspect.signature(test).parameters))


# --- helpers ------------------------------------------------------------------------------------


def append_all(store: CaseStore, commits: Iterable[Commit]) -> list[StoredCommit]:
    """Append each; what came back."""
    return [store.append(commit) for commit in commits]


def events_of(commits: Iterable[Commit]) -> tuple[AnyEvent, ...]:
    """All events of ``commits``."""
    return tuple(event for commit in commits for event in commit.events)


def interleaved(*cases: str) -> list[Commit]:
    """The commits of sample cases, one of each case in turn."""
    rounds = zip_longest(*(sample_case(case) for case in cases))
    return [commit for turn in rounds for commit in turn if commit is not None]


def pages(store: CaseStore, limit: int, after: str = "") -> Iterator[list[FeedEntry]]:
    """The feed from ``after`` on, page by page."""
    passed = {after}
    while page := store.feed(after=after, limit=limit):
        assert len(page) <= limit, "a page has at most limit entries"
        yield list(page)
        after = page[-1].position
        assert after not in passed, "no two positions are alike"
        passed.add(after)


def everything(store: CaseStore) -> tuple[list[FeedEntry], list[CaseSummary], list[Obligation]]:
    """All that a store lists."""
    return list(store.feed()), list(store.cases()), list(store.open_obligations())


def conflict_of(act: Callable[[], object]) -> Violation | None:
    """The conflict that ``act`` meets, or None where there is none."""
    try:
        act()
    except Conflict as conflict:
        return conflict.violations[0]
    return None


def rule_of(store: CaseStore, commit: Commit) -> str | None:
    """The rule of the conflict that ``commit`` meets, or None where it is stored."""
    conflict = conflict_of(lambda: store.append(commit))
    return None if conflict is None else conflict.rule


def at_once(actions: Iterable[Callable[[], T]]) -> list[T]:
    """Every action in a thread of its own, all let go together; what they return."""
    todo = list(actions)
    ready = Barrier(len(todo))

    def act(action: Callable[[], T]) -> T:
        ready.wait()
        return action()

    with ThreadPoolExecutor(len(todo)) as pool:
        return list(pool.map(act, todo))


def swallowed(act: Callable[[], object]) -> None:
    """Act, and let a conflict pass: that there is one, other tests say."""
    with suppress(Conflict):
        act()
