"""The kit put to the broken stores: it must say which promise each of them breaks."""

import fcntl
import json
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import pytest

from onsite_workflow.ports import CaseStore
from onsite_workflow.testing import PromiseBroken, StoreContract
from onsite_workflow.testing.stores._base import PROMISES, new_folder, promise_of
from onsite_workflow.testing.stores.stories import tell_stories

from . import broken_stores as broken
from .broken_stores import FAULTS, WRITERS, Broken, Otherwise

T = TypeVar("T")


class Trial(StoreContract):
    """The kit put to one of the stores above, outside pytest."""

    writers = WRITERS

    def __init__(self, kind: type[Broken]) -> None:
        self.kind = kind
        self.patience = kind.patience
        self.stores: dict[Path, Broken] = {}

    def open_store(self, folder: Path) -> CaseStore:
        before = self.stores.get(folder)
        opened = self.kind() if before is None else before.opened_again()
        if before is None or before.closed:
            self.stores[folder] = opened
        return opened

    def transaction(self, folder: Path) -> AbstractContextManager[object]:
        return self.stores[folder].transaction()


KILLED = (
    "test_4_a_killed_process_loses_nothing",
    "test_4_a_process_that_is_killed_leaves_nothing_for_close",
)
STORIES = "test_stories_of_calls_are_answered_as_by_a_dictionary"
PROCESSES = "test_2_of_several_processes_one_is_first"
TESTS = tuple(name for name in StoreContract.names() if name not in (*KILLED, STORIES, PROCESSES))


def failed(store: type[Broken], parent: Path) -> list[str]:
    """Names of the kit's tests that ``store`` does not pass."""
    names: list[str] = []
    for name in TESTS:
        try:
            Trial(store).run(name, new_folder(parent))
        except pytest.skip.Exception:
            pass
        except (Exception, pytest.fail.Exception):
            names.append(name)
    return names


def once(factory: pytest.TempPathFactory, name: str, work: Callable[[Path], Any]) -> Any:
    """What ``work`` finds, which it does once for all processes that run these tests."""
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    found = shared / f"{name}.json"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            found.write_text(json.dumps(work(factory.mktemp(name))), encoding="utf-8")
        return json.loads(found.read_text(encoding="utf-8"))


def of_each(judge: Callable[..., T], stores: Iterable[type[Broken]], parent: Path) -> dict[str, T]:
    """By the store's name; in processes without pytest, where failing costs no explanation."""
    stores = list(stores)
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        found = pool.map(partial(judge, parent=parent), stores, chunksize=4)
        return dict(zip((store.__name__ for store in stores), found, strict=True))


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The tests that each broken store fails."""
    found: dict[str, list[str]] = once(
        tmp_path_factory, "verdicts", partial(of_each, failed, FAULTS)
    )
    return found


@pytest.mark.parametrize("store", [Broken, Otherwise])
def test_the_kit_passes_a_store_that_breaks_nothing(store: type[Broken], tmp_path: Path) -> None:
    assert failed(store, tmp_path) == []
    assert told(store, tmp_path) == (None, "")


@pytest.mark.parametrize("store", FAULTS, ids=lambda store: store.__name__)
def test_a_broken_store_fails_the_promise_it_breaks_and_no_other(
    store: type[Broken], verdicts: dict[str, list[str]]
) -> None:
    assert {promise_of(test) for test in verdicts[store.__name__]} == {FAULTS[store]}, verdicts[
        store.__name__
    ]


def test_every_promise_has_a_test_and_a_store_that_breaks_it() -> None:
    assert {promise_of(test) for test in TESTS} == set(PROMISES) == set(FAULTS.values())


@pytest.mark.parametrize("test", TESTS)
def test_every_test_of_the_kit_can_fail(test: str, verdicts: dict[str, list[str]]) -> None:
    assert any(test in names for names in verdicts.values())


# --- by stories of calls --------------------------------------------------------------------------

TOLD = (
    *(broken.LosesTheTailOfACommit, broken.KeepsTheListsOfAnUndoneBatch),
    *(broken.LetsAStaleWriteThrough, broken.ChecksNoVersionWithinABatch),
    *(broken.ForgetsIdempotency, broken.KnowsIdsWithinOneCaseOnly),
    *(broken.ForgetsIdsInARestart, broken.NumbersTheFeedAnewInARestart),
    *(broken.NumbersACommitBeforeItIsThere, broken.GivesTheEventsOfACommitOnePosition),
    *(broken.OrdersCasesByTheCollation, broken.NeedsTheCursorToStand),
    *(broken.LetsAKeyBeTaken, broken.ClaimsKeysOfAnOpeningOnly),
    broken.OrdersACaseByTime,
    *(broken.CommitsWhatTheCallerUndid, broken.MovesAPositionByItself),
    *(broken.LosesLeasesInACommit, broken.KeepsALeaseWhoseDueTimeChanged),
    *(broken.HasTheKeysOfAllCentresInCommon, broken.ReindexesInEveryCentre),
    broken.LooksForKeysInEveryCentreWhereSeveralWrite,
    *(broken.AdvancesWhoeverAsks, broken.ForgetsPositionsInARestart),
)


def told(store: type[Broken], parent: Path) -> tuple[int | None, str]:
    """The promise that stories show broken, and how."""
    try:
        tell_stories(Trial(store), parent, stories=25, calls=40, shrink=False)
    except PromiseBroken as broken_one:
        return broken_one.promise, str(broken_one)
    return None, ""


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int | None, str]]:
    found: dict[str, tuple[int | None, str]] = once(
        tmp_path_factory, "stories", partial(of_each, told, TOLD)
    )
    return found


@pytest.mark.parametrize("store", TOLD, ids=lambda store: store.__name__)
def test_stories_alone_tell_which_promise_is_broken(
    store: type[Broken], stories: dict[str, tuple[int | None, str]]
) -> None:
    promise, sentence = stories[store.__name__]
    assert promise == FAULTS[store], sentence
    assert sentence.startswith(f"promise {promise} ({PROMISES[FAULTS[store]]}): ")
