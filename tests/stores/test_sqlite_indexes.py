"""How much SQLite looks at for an answer, counted in its own instructions: no more in a large store
than in a small one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import attrs
import pytest

from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.checks import SHANGHAI
from onsite_workflow.ports import CaseStore, Commit
from onsite_workflow.terms import State
from onsite_workflow.testing import simple_commit, simple_obligation

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    with closing(SQLiteStore(tmp_path / "cases.db")) as opened:
        yield opened


def steps(store: SQLiteStore, ask: Callable[[], Sequence[object]]) -> int:
    """How many tens of instructions SQLite takes for an answer: the same on any machine."""
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    store._file.db.set_progress_handler(step, 10)
    assert ask()
    store._file.db.set_progress_handler(None, 10)
    return taken


def grow(store: SQLiteStore, start: int, stop: int) -> None:
    """Cases with a few obligations each; the first twenty differ from all others."""
    with store.batch():
        for number in range(start, stop):
            case = f"G-{number:05}"
            owed = [
                attrs.evolve(
                    simple_obligation(case, subject=str(n)),
                    bearer=f"单位{number % 20}",
                    due=NOW
                    + dt.timedelta(minutes=n if number < 20 else 100 + number * 7919 % 10_000),
                )
                for n in range(3)
            ]
            commit = simple_commit(
                case,
                obligations=owed,
                units=("少见的单位" if number < 20 else "常见的单位",),
                applicant_keys=(f"key {number if number < 20 else 'of many'}",),
            )
            rare = attrs.evolve(
                commit.summary,
                state=State.ARCHIVED if number < 20 else State.APPLIED,
                calendar_revision="old" if number < 20 else "new",
            )
            place = store if number % 4 else store.for_centre("other")
            place.append(attrs.evolve(commit, summary=rare))
            if number < 20 or number % 3 == 0:  # twenty of one procedure, and more of another
                store.append(of_another("rare" if number < 20 else "common", number))


def of_another(procedure: str, number: int) -> Commit:
    """A record of another procedure, that owes something late."""
    key = f"{procedure}/{number:05}"
    due = NOW + dt.timedelta(days=40, minutes=number)
    owed = simple_obligation(key, "reply", procedure=procedure, bearer="单位3", due=due)
    return simple_commit(key, procedure=procedure, calendar_revision="new", obligations=[owed])


QUESTIONS: dict[str, Callable[[CaseStore], Sequence[object]]] = {
    "load": lambda s: s.load("G-00101"),
    "find": lambda s: s.find(simple_commit("G-00101").command_id).events,  # type: ignore[union-attr]
    "feed": lambda s: s.feed(after="300", limit=10),
    "feed of a centre": lambda s: s.for_centre("other").feed(after="300", limit=10),
    "cases": lambda s: s.cases(after="G-00100", limit=5),
    "cases of a unit": lambda s: s.cases(unit="常见的单位", after="G-00100", limit=5),
    "cases of a unit that has few": lambda s: s.cases(unit="少见的单位"),
    "cases in a state": lambda s: s.cases(state=State.APPLIED, after="G-00100", limit=5),
    "cases in a state that few are in": lambda s: s.cases(state=State.ARCHIVED),
    "a centre's cases in a state": lambda s: s.for_centre("other").cases(state=State.ARCHIVED),
    "cases of a person": lambda s: s.cases(applicant_key="key 7"),
    "cases of a unit in a state": lambda s: s.cases(unit="少见的单位", state=State.ARCHIVED),
    "cases alone": lambda s: s.cases(procedure="case", after="G-00100", limit=5),
    "cases that come after all others": lambda s: [s.cases(procedure="case", after="b")],
    "records of a procedure that has few": lambda s: s.cases(procedure="rare"),
    "few cases of another calendar": lambda s: s.cases(other_calendar_than="new"),
    "no case of another calendar": lambda s: [s.for_centre("third").cases(other_calendar_than="r")],
    "few cases with something due": lambda s: s.cases(due_before=NOW + dt.timedelta(minutes=9)),
    "due": lambda s: s.open_obligations(before=NOW + dt.timedelta(days=3), limit=20),
    "due of a unit": lambda s: s.open_obligations(unit="单位3", limit=20),
    "due, the next page": lambda s: s.open_obligations(
        after=s.open_obligations(limit=30)[-1], limit=20
    ),
    "due in a procedure that has few": lambda s: s.open_obligations(procedure="rare", limit=20),
    "due in a procedure, the next page": lambda s: s.open_obligations(
        procedure="rare", after=s.open_obligations(procedure="rare", limit=10)[-1], limit=5
    ),
    "what to remind of in a procedure": lambda s: s.claim_due(
        worker="w",
        before=NOW + dt.timedelta(days=90),
        now=NOW,
        until=NOW,
        procedure="rare",
        limit=20,
    ),
    "what to remind of": lambda s: s.claim_due(
        worker="w", before=NOW + dt.timedelta(days=3), now=NOW, until=NOW, limit=20
    ),
}


def test_a_page_costs_little_more_in_a_large_store_than_in_a_small_one(
    store: SQLiteStore,
) -> None:
    grow(store, 0, 500)
    small = {name: steps(store, partial(ask, store)) for name, ask in QUESTIONS.items()}
    grow(store, 500, 4_000)
    large = {name: steps(store, partial(ask, store)) for name, ask in QUESTIONS.items()}
    assert {name for name in QUESTIONS if large[name] > 1.5 * small[name] + 10} == set()
