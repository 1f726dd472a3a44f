"""Promises 9, 11 and 12: what a store may say that it can't do, besides leases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest

from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.errors import NotSupported, StoreUnavailable
from onsite_workflow.ports import DEFAULT_CENTRE, Capability, CaseStore, Commit, FeedEntry

from ._base import (
    Contract,
    Undone,
    append_all,
    at_once,
    conflict_of,
    everything,
    interleaved,
    needs,
    rule_of,
    swallowed,
    unless,
)
from ._events import ALIKE
from ._leases import DUE, HOUR, NOON, claim, lease_due, owe
from .commits import merged, sample_case, simple_commit, simple_obligation

__all__ = ["CentrePromises", "JoiningPromises", "PositionPromises"]


class JoiningPromises(Contract):
    """Promise 9: ``joining``, the caller's transaction."""

    @unless(Capability.JOINING)
    def test_9_who_does_not_declare_it_raises_not_supported(self, store: CaseStore) -> None:
        with pytest.raises(NotSupported):
            store.joining(object())

    @needs(Capability.JOINING)
    def test_9_what_is_done_is_stored_with_the_callers_transaction(
        self, store: CaseStore, folder: Path
    ) -> None:
        commits = interleaved("XN-5", "XN-6")[:12]
        with self.transaction(folder) as transaction:
            append_all(store.joining(transaction), commits)
        append_all(store, interleaved("XN-3", "XN-4")[:12])  # by itself, to compare
        assert _there(store, "XN-5") == _there(store, "XN-3")
        assert _there(store, "XN-6") == _there(store, "XN-4")

    @needs(Capability.JOINING)
    def test_9_what_is_done_is_gone_with_the_callers_transaction(
        self, store: CaseStore, folder: Path
    ) -> None:
        append_all(store, sample_case("XN-5")[:2])
        before = everything(store), store.load("XN-5")
        commits = (*sample_case("XN-5")[2:4], *sample_case("XN-6")[:3])
        with suppress(Undone), self.transaction(folder) as transaction:
            joined = store.joining(transaction)
            append_all(joined, commits)
            joined.reindex(commits[-1].summary, ())
            raise Undone
        assert (everything(store), store.load("XN-5")) == before
        assert [store.find(commit.command_id) for commit in commits] == [None] * 5
        # Neither version, id nor key is taken.
        assert [rule_of(store, commit) for commit in commits] == [None] * 5

    @needs(Capability.JOINING)
    def test_9_what_is_done_is_read_back_at_once(self, store: CaseStore, folder: Path) -> None:
        with self.transaction(folder) as transaction:
            joined = store.joining(transaction)
            for number, commit in enumerate(sample_case("XN-1")[:6], start=1):
                joined.append(commit)
                assert [event.version for event in joined.load("XN-1")] == [*range(1, number + 1)]
                assert joined.find(commit.command_id) is not None
                assert [line.case for line in joined.cases()] == ["XN-1"]
                assert bool(joined.open_obligations()) is bool(commit.obligations)

    @needs(Capability.JOINING)
    def test_9_others_see_nothing_of_it_before(self, store: CaseStore, folder: Path) -> None:
        with ThreadPoolExecutor(5) as pool, suppress(StoreUnavailable):  # who would not wait
            with self.transaction(folder) as transaction:
                append_all(store.joining(transaction), sample_case("XN-1")[:2])
                reading = [pool.submit(read) for read in _readings(store, "XN-1")]
                assert [
                    read.result() for read in wait(reading, self.patience).done if read.result()
                ] == []
            for read in reading:
                read.result()

    @needs(Capability.JOINING)
    def test_9_a_conflict_leaves_the_transaction_usable(
        self, store: CaseStore, folder: Path
    ) -> None:
        first, second, third, *_ = sample_case("XN-1")
        append_all(store, [first, simple_commit("XN-9", keys=["notice:9"])])
        conflicts = [
            simple_commit("XN-1", events=3, after=5, command_id="late", keys=["notice:late"]),
            attrs.evolve(simple_commit("XN-3"), command_id=first.command_id),
            simple_commit("XN-4", keys=["notice:4", "notice:9", "notice:5"]),
        ]
        rules = [rule_of(store, commit) for commit in conflicts]
        if None in rules:  # that there are conflicts, other promises say
            return
        before = {line.case for line in store.cases()}
        with self.transaction(folder) as transaction:
            joined = store.joining(transaction)
            joined.append(second)
            assert [rule_of(joined, commit) for commit in conflicts] == rules
            joined.append(third)
        assert [event.version for event in store.load("XN-1")] == [1, 2, 3]
        assert [event for event in store.load("XN-1") if event.id == "late"] == []
        assert {line.case for line in store.cases()} == before
        assert store.load("XN-3") == store.load("XN-4") == ()
        assert store.find("late") is None

    @needs(Capability.JOINING)
    def test_9_a_conflict_claims_no_key_for_the_transaction(
        self, store: CaseStore, folder: Path
    ) -> None:
        store.append(simple_commit("XN-9", keys=["notice:9"]))

        def claims(where: CaseStore, name: str) -> str | None:
            keys = [f"notice:{name}1", "notice:9", f"notice:{name}2"]
            return rule_of(where, simple_commit(name, keys=keys))

        def free(name: str) -> list[str | None]:
            keys = [f"notice:{name}1", f"notice:{name}2"]
            return [rule_of(store, simple_commit(f"{name} {key}", keys=[key])) for key in keys]

        alone = claims(store, "a")
        with self.transaction(folder) as transaction:
            joined = store.joining(transaction)
            joined.append(simple_commit("XN-1"))
            assert claims(joined, "b") == alone
        assert free("b") == free("a")

    @needs(Capability.JOINING)
    def test_1_a_batch_within_a_transaction_is_undone_alone(
        self, store: CaseStore, folder: Path
    ) -> None:
        with self.transaction(folder) as transaction:
            joined = store.joining(transaction)
            append_all(joined, sample_case("XN-1")[:2])
            with suppress(Undone), joined.batch():
                append_all(joined, sample_case("XN-2")[:2])
                raise Undone
            with joined.batch():
                append_all(joined, sample_case("XN-3")[:2])
        listed = {line.case for line in store.cases()}
        assert "XN-2" not in listed
        assert ("XN-1" in listed) == ("XN-3" in listed)

    @needs(Capability.JOINING)
    def test_9_a_batch_within_it_is_gone_with_it(self, store: CaseStore, folder: Path) -> None:
        with suppress(Undone), self.transaction(folder) as transaction:
            joined = store.joining(transaction)
            with joined.batch():
                append_all(joined, sample_case("XN-1")[:2])
            raise Undone
        assert everything(store) == ([], [], [])

    @needs(Capability.JOINING)
    def test_9_closing_it_does_nothing(self, store: CaseStore, folder: Path) -> None:
        with self.transaction(folder) as transaction:
            with closing(store.joining(transaction)) as joined:
                joined.append(sample_case("XN-1")[0])
            store.joining(transaction).append(sample_case("XN-1")[1])
        assert [event.version for event in store.load("XN-1")] == [1, 2]

    @needs(Capability.JOINING)
    def test_9_the_store_goes_on_by_itself_afterwards(self, store: CaseStore, folder: Path) -> None:
        first, second, third, *_ = sample_case("XN-1")
        store.append(first)
        with suppress(Undone), self.transaction(folder) as transaction:
            store.joining(transaction).append(second)
            raise Undone
        store.append(second)
        with self.transaction(folder) as transaction:
            store.joining(transaction).append(third)
        assert [event.version for event in store.load("XN-1")] == [1, 2, 3]

    @needs(Capability.JOINING)
    def test_9_a_transaction_that_ends_late_is_not_passed_by_in_the_feed(
        self, store: CaseStore, folder: Path
    ) -> None:
        late, early = sample_case("XN-1")[:2], sample_case("XN-2")[:2]
        seen: list[FeedEntry] = []
        with ThreadPoolExecutor(1) as pool:
            with self.transaction(folder) as transaction:
                append_all(store.joining(transaction), late)
                others = pool.submit(append_all, store, early)
                if wait([others], self.patience).done:
                    seen += store.feed()
            with suppress(StoreUnavailable):  # one that would not wait
                others.result()
        if store.load("XN-2") == ():
            append_all(store, early)
        seen += store.feed(after=seen[-1].position if seen else "")
        assert {(e.event.key, e.event.version) for e in seen} == {
            ("XN-1", 1),
            ("XN-1", 2),
            ("XN-2", 1),
            ("XN-2", 2),
        }

    @needs(Capability.JOINING, Capability.POSITIONS)
    def test_9_a_position_moves_with_the_callers_transaction(
        self, store: CaseStore, folder: Path
    ) -> None:
        positions = _places(store)
        alone = _rule(lambda: store.advance("a", after=positions[3], position=positions[4]))
        store.advance("s", after="", position=positions[0])
        with suppress(Undone), self.transaction(folder) as transaction:
            store.joining(transaction).advance("s", after=positions[0], position=positions[1])
            raise Undone
        assert store.position("s") == positions[0]
        with self.transaction(folder) as transaction:
            joined = store.joining(transaction)
            elsewhere = partial(joined.advance, "j", after=positions[3], position=positions[4])
            assert _rule(elsewhere) == alone
            joined.advance("s", after=positions[0], position=positions[2])
            assert joined.position("s") == positions[2]
        assert store.position("s") == positions[2]

    @needs(Capability.JOINING, Capability.LEASES)
    def test_9_a_lease_is_taken_with_the_callers_transaction(
        self, store: CaseStore, folder: Path
    ) -> None:
        owed = owe(store, 2)
        with suppress(Undone), self.transaction(folder) as transaction:
            assert claim(store.joining(transaction), "a", limit=1) == owed[:1]
            raise Undone
        with self.transaction(folder) as transaction:
            assert claim(store.joining(transaction), "b", limit=1) == owed[:1]
        given = claim(store, "c")  # by itself, to compare
        assert (owed[0] in given) == (owed[1] in claim(store, "d"))

    @needs(Capability.JOINING, Capability.CENTRES)
    def test_9_a_centres_store_joins_for_its_centre(self, store: CaseStore, folder: Path) -> None:
        def seen(case: str) -> list[bool]:
            views = (store.for_centre("north"), store.for_centre("south"), store)
            return [case in [line.case for line in view.cases()] for view in views]

        store.for_centre("north").append(simple_commit("A"))
        store.for_centre("south").append(simple_commit("B"))
        store.append(simple_commit("C"))
        with self.transaction(folder) as transaction:
            store.for_centre("north").joining(transaction).append(simple_commit("D"))
            store.joining(transaction).for_centre("south").append(simple_commit("E"))
            store.joining(transaction).append(simple_commit("F"))
        assert [seen(case) for case in "DEF"] == [seen(case) for case in "ABC"]


class CentrePromises(Contract):
    """Promise 11: ``for_centre``."""

    @needs(Capability.CENTRES)
    def test_1_a_batch_is_undone_in_every_centre(self, store: CaseStore) -> None:
        north, south = store.for_centre("north"), store.for_centre("south")
        append_all(north, sample_case("XN-1")[:2])
        before = [everything(centre) for centre in (store, north, south)]
        with suppress(Undone), north.batch():
            for number, centre in enumerate((north, store, south, store.for_centre("west"))):
                centre.append(simple_commit(f"A-{number}"))
            raise Undone
        assert [everything(centre) for centre in (store, north, south)] == before
        assert store.for_centre("west").load("A-3") == ()

    @unless(Capability.CENTRES)
    def test_11_who_does_not_declare_it_raises_not_supported(self, store: CaseStore) -> None:
        with pytest.raises(NotSupported):
            store.for_centre("north")

    @needs(Capability.CENTRES)
    def test_11_nothing_of_one_centre_is_in_the_way_of_another(self, store: CaseStore) -> None:
        commits = sample_case("XN-1")

        def held(centre: CaseStore) -> object:
            found = [centre.find(commit.command_id) for commit in commits]
            feed = [entry.event for entry in centre.feed()]
            lists = list(centre.cases()), list(centre.open_obligations())
            return found, centre.load("XN-1"), feed, lists

        centres = [store, store.for_centre("north"), store.for_centre("south")]
        empty = [held(centre) for centre in centres]
        stored = [append_all(centre, commits) for centre in centres]  # the same ids and keys
        full = [held(centre) for centre in centres]
        assert empty == [empty[0]] * 3
        assert stored == [stored[0]] * 3
        assert full == [full[0]] * 3
        for index, centre in enumerate(centres):  # each is filled only by itself
            other = store.for_centre(f"c{index}")
            assert held(other) == empty[0]
            append_all(other, commits[:5])
            assert held(centre) == full[0]

    @needs(Capability.CENTRES)
    def test_11_one_id_may_be_used_in_each_centre(self, store: CaseStore) -> None:
        for name in ("north", "south"):
            commit = simple_commit(f"XN-{name}", command_id="one", keys=["notice:1"])
            assert rule_of(store.for_centre(name), commit) is None
        for name in ("north", "south"):
            found = store.for_centre(name).find("one")
            assert found is not None
            assert found.events[0].key == f"XN-{name}"

    @needs(Capability.CENTRES)
    def test_11_a_key_of_one_centre_is_free_in_another(self, store: CaseStore) -> None:
        centres = [store.for_centre("north"), store, store.for_centre("south")]
        for centre in centres:  # each is there before any claims a key
            centre.append(simple_commit("A"))
        for number, centre in enumerate(centres):
            assert rule_of(centre, simple_commit(f"XN-{number}", keys=["notice:1"])) is None

    @needs(Capability.CENTRES)
    def test_11_each_centre_has_its_own_feed(self, store: CaseStore) -> None:
        def follow(centre: CaseStore, meanwhile: Callable[[Commit], object]) -> list[AnyEvent]:
            read: list[FeedEntry] = []
            for commit in sample_case("XN-3"):
                centre.append(commit)
                meanwhile(attrs.evolve(commit, case="XN-3"))
                read += centre.feed(after=read[-1].position if read else "", limit=1)
            return [entry.event for entry in read]

        alone = follow(store.for_centre("alone"), lambda _: None)
        assert follow(store.for_centre("north"), store.append) == alone

    @needs(Capability.CENTRES)
    def test_11_each_centre_has_its_own_lists(self, store: CaseStore) -> None:
        centres = {name: store.for_centre(name) for name in ("north", "south", "west")}
        for name, centre in centres.items():
            for case in ("A", "B"):
                owed = [simple_obligation(case, subject=name, bearer="甲", due=DUE)]
                facts: dict[str, Any] = {"units": ("甲",), "applicant_keys": ("k",), "lead": name}
                centre.append(simple_commit(case, obligations=owed, **facts))
        for name, centre in centres.items():
            asked: list[dict[str, Any]] = [
                {},
                {"unit": "甲"},
                {"applicant_key": "k"},
                {"due_before": NOON},
            ]
            for only in asked:
                page = centre.cases(limit=2, **only)
                assert [(s.case, s.lead) for s in page] == [("A", name), ("B", name)]
            for owed_page in (
                centre.open_obligations(limit=2),
                centre.open_obligations(unit="甲", before=NOON, limit=2),
            ):
                assert [(o.case, o.subject) for o in owed_page] == [("A", name), ("B", name)]

    @needs(Capability.CENTRES)
    def test_11_reindex_and_commits_change_the_lists_of_one_centre(self, store: CaseStore) -> None:
        north, south = store.for_centre("north"), store.for_centre("south")
        commit = simple_commit(
            "A", obligations=[simple_obligation("A")], units=("甲",), applicant_keys=("k",)
        )
        for centre in (north, south):
            centre.append(commit)
        before = everything(south), list(south.cases(unit="甲", applicant_key="k"))
        assert north.reindex(attrs.evolve(commit.summary, units=("乙",), applicant_keys=()), ())
        assert (everything(south), list(south.cases(unit="甲", applicant_key="k"))) == before
        north.append(simple_commit("A", after=1))
        assert (everything(south), list(south.cases(unit="甲", applicant_key="k"))) == before
        assert south.reindex(attrs.evolve(commit.summary, units=("丙",)), ())
        assert not store.reindex(commit.summary, ())

    @needs(Capability.CENTRES)
    def test_11_one_batch_undone_undoes_nothing_of_another_centre(self, store: CaseStore) -> None:
        north = store.for_centre("north")
        append_all(store, sample_case("XN-1")[:3])
        before = everything(store), store.load("XN-1")
        with suppress(Undone), north.batch():
            append_all(north, sample_case("XN-1")[:4])
            raise Undone
        assert (everything(store), store.load("XN-1")) == before

    @needs(Capability.CENTRES)
    def test_11_a_centre_is_the_same_however_it_is_reached(self, store: CaseStore) -> None:
        store.append(simple_commit("A"))
        store.for_centre("north").append(simple_commit("B"))
        reached = {
            "A": [store.for_centre(DEFAULT_CENTRE), store.for_centre("x").for_centre("default")],
            "B": [store.for_centre("north"), store.for_centre("x").for_centre("north")],
        }
        for case, views in reached.items():
            assert [[s.case for s in view.cases()] for view in views] == [[case], [case]]
        assert store.for_centre("north").capabilities == store.capabilities

    @needs(Capability.CENTRES)
    def test_11_closing_a_centre_does_nothing(self, store: CaseStore) -> None:
        with closing(store.for_centre("north")) as north:
            north.append(simple_commit("A"))
        store.append(simple_commit("B"))
        assert [s.case for s in store.for_centre("north").cases()] == ["A"]

    @needs(Capability.CENTRES)
    def test_11_centres_with_like_names_are_kept_apart(self, store: CaseStore) -> None:
        for number, name in enumerate(ALIKE):
            assert rule_of(store.for_centre(name), simple_commit("A", lead=f"{number}")) is None
        for number, name in enumerate(ALIKE):
            assert [s.lead for s in store.for_centre(name).cases()] == [f"{number}"]

    @needs(Capability.CENTRES)
    def test_11_no_centre_and_case_make_another_centre_and_case(self, store: CaseStore) -> None:
        for separator in ":/|.-_,; \n\t\x1f\x00"[:-1]:
            left, right = f"a{separator}b", f"b{separator}c"
            for centre, text in ((left, "c"), ("a", right)):
                commit = simple_commit(text, command_id=text, keys=[text])
                assert rule_of(store.for_centre(centre), commit) is None
                (event,) = store.for_centre(centre).load(text)
                assert event.id == text
            assert store.for_centre(left).load(right) == store.for_centre("a").load("c") == ()

    @needs(Capability.CENTRES)
    def test_11_centres_write_at_once(self, store: CaseStore) -> None:
        commit = merged(sample_case("XN-1"))
        centres = [store.for_centre(f"c{number}") for number in range(self.writers)]
        alone = store.for_centre("alone").append(commit)
        assert at_once(partial(centre.append, commit) for centre in centres) == [alone] * len(
            centres
        )
        claims = [simple_commit(f"A-{n}", keys=["archive:1"]) for n in range(self.writers)]
        rules = at_once(partial(rule_of, *each) for each in zip(centres, claims, strict=True))
        assert rules == [None] * self.writers

    @needs(Capability.CENTRES, Capability.LEASES)
    def test_11_each_centre_has_its_own_leases(self, store: CaseStore) -> None:
        north = store.for_centre("north")
        owe(store, 2)
        norths = owe(north, 2)
        (lease,) = lease_due(store, "a", limit=1)
        assert north.extend(lease, now=NOON, until=NOON) is None
        assert claim(north, "b", limit=1) == norths[:1]
        north.append(simple_commit("XN-0", after=1))
        north.append(simple_commit("XN-1", after=1))
        assert store.extend(lease, now=NOON, until=NOON + 2 * HOUR) is not None

    @needs(Capability.CENTRES, Capability.POSITIONS)
    def test_11_each_centre_has_its_own_positions(self, store: CaseStore) -> None:
        north = store.for_centre("north")
        places, before = _places(store), north.position("s")
        store.advance("s", after="", position=places[0])
        assert north.position("s") == before
        norths = _places(north)
        north.advance("t", after="", position=norths[1])
        assert store.position("t") == store.position("nobody's")

    @needs(Capability.CENTRES, Capability.DURABLE)
    def test_11_centres_are_apart_after_a_restart(self, store: CaseStore, folder: Path) -> None:
        for name in ("north", "south"):
            store.for_centre(name).append(simple_commit("A", lead=name))
        with closing(self.restarted(store, folder)) as again:
            assert list(again.cases()) == []
            for name in ("north", "south"):
                assert [s.lead for s in again.for_centre(name).cases()] == [name]


class PositionPromises(Contract):
    """Promise 12: ``position`` and ``advance``."""

    @unless(Capability.POSITIONS)
    def test_12_who_does_not_declare_it_raises_not_supported(self, store: CaseStore) -> None:
        with pytest.raises(NotSupported):
            store.position("s")
        with pytest.raises(NotSupported):
            store.advance("s", after="", position="1")

    @needs(Capability.POSITIONS)
    def test_12_a_subscriber_begins_at_the_beginning(self, store: CaseStore) -> None:
        _places(store)
        assert store.position("s") == ""

    @needs(Capability.POSITIONS)
    def test_12_a_position_is_the_last_one_given(self, store: CaseStore) -> None:
        before = ""
        first, second, *rest = _places(store)
        # Also one that lies before, to read again, and the very beginning.
        for position in (first, second, *rest, first, first, "", second):
            store.advance("s", after=before, position=position)
            assert store.position("s") == position
            before = position

    @needs(Capability.POSITIONS)
    def test_12_who_was_elsewhere_does_not_advance(self, store: CaseStore) -> None:
        first, second, third = _places(store)[:3]
        assert _rule(lambda: store.advance("s", after=first, position=second)) == "position"
        assert store.position("s") == ""
        store.advance("s", after="", position=second)
        for after in ("", first, third):
            for position in (first, second, third):
                assert _rule(_advance(store, after, position)) == "position"
                assert store.position("s") == second

    @needs(Capability.POSITIONS)
    def test_12_each_subscriber_has_its_own_position(self, store: CaseStore) -> None:
        places = _places(store)
        for number, name in enumerate(ALIKE):
            assert store.position(name) == ""
            store.advance(name, after="", position=places[number % len(places)])
        for number, name in enumerate(ALIKE):
            assert store.position(name) == places[number % len(places)]

    @needs(Capability.POSITIONS)
    def test_12_of_several_at_once_one_advances(self, store: CaseStore) -> None:
        places = _places(store)
        for after in ("", places[0]):
            rules = at_once(
                partial(_rule, _advance(store, after, place))
                for place in (places[:1] if after == "" else places[1:2]) * self.writers
            )
            assert sorted(map(str, rules)) == ["None", *["position"] * (self.writers - 1)]

    @needs(Capability.POSITIONS)
    def test_12_commits_move_no_position(self, store: CaseStore) -> None:
        first, *_ = _places(store)
        store.advance("s", after="", position=first)
        append_all(store, sample_case("XN-5"))
        store.reindex(sample_case("XN-5")[-1].summary, ())
        assert store.position("s") == first

    @needs(Capability.POSITIONS)
    def test_12_positions_add_nothing_to_the_feed(self, store: CaseStore) -> None:
        first, second, *_ = _places(store)
        before = everything(store)
        store.advance("s", after="", position=first)
        swallowed(lambda: store.advance("s", after="", position=second))
        assert everything(store) == before

    @needs(Capability.POSITIONS, Capability.SHARED)
    def test_12_another_process_reads_and_moves_the_same_position(
        self, store: CaseStore, folder: Path
    ) -> None:
        first, second, *_ = _places(store)
        with closing(self.open_store(folder)) as other:
            store.advance("s", after="", position=first)
            assert other.position("s") == first
            other.advance("s", after=first, position=second)
            assert _rule(_advance(store, first, second)) == "position"
            assert store.position("s") == second

    @needs(Capability.POSITIONS, Capability.DURABLE)
    def test_12_a_position_is_there_after_a_restart(self, store: CaseStore, folder: Path) -> None:
        first, second, *_ = _places(store)
        store.advance("s", after="", position=first)
        store.advance("s", after=first, position=second)
        with closing(self.restarted(store, folder)) as again:
            assert again.position("s") == second
            assert _rule(_advance(again, first, second)) == "position"


def _places(store: CaseStore) -> list[str]:
    """Positions of a feed."""
    append_all(store, sample_case("XN-1"))
    return [entry.position for entry in store.feed() if entry.position]


def _advance(store: CaseStore, after: str, position: str) -> Callable[[], None]:
    return lambda: store.advance("s", after=after, position=position)


def _rule(act: Callable[[], object]) -> str | None:
    conflict = conflict_of(act)
    return None if conflict is None else conflict.rule


def _readings(store: CaseStore, case: str) -> list[Callable[[], object]]:
    """All that gives something once ``case`` is there."""
    return [
        partial(store.load, case),
        partial(store.find, sample_case(case)[0].command_id),
        store.feed,
        store.cases,
        store.open_obligations,
    ]


def _there(store: CaseStore, case: str) -> tuple[object, ...]:
    """What a store holds of a case: which and how many, not how it looks."""
    commits = sample_case(case)
    return (
        [event.version for event in store.load(case)],
        [store.find(commit.command_id) is not None for commit in commits],
        sorted(entry.event.version for entry in store.feed() if entry.event.key == case),
        [line.version for line in store.cases() if line.case == case],
        [owed.kind for owed in store.open_obligations() if owed.case == case],
        [
            rule_of(store, simple_commit(f"{case}?{key}", keys=[key]))
            for commit in commits
            for key in commit.keys[:1]
        ],
    )
