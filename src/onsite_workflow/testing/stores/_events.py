"""Promises 1 to 5, 7 and 8: what is appended, and what is read of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing, suppress
from functools import cache, partial
from itertools import chain
from pathlib import Path
from threading import Event as Signal
from typing import Any, Final

import attrs

from onsite_workflow.clause7.events import Applied
from onsite_workflow.clause7.regulation import Kind
from onsite_workflow.engine.duties import Status
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.errors import Conflict
from onsite_workflow.ports import Capability, CaseStore, Commit, FeedEntry
from onsite_workflow.terms import Result, State
from onsite_workflow.wire.writing import event_to_json

from ._base import (
    Contract,
    Undone,
    append_all,
    at_once,
    conflict_of,
    events_of,
    everything,
    interleaved,
    needs,
    pages,
    rule_of,
    swallowed,
)
from .commits import awkward_case, merged, sample_case, simple_commit, simple_obligation

__all__ = ["ALIKE", "EventPromises"]

#: Texts that a collation, a wildcard, a trimmed or numeric column takes for one another.
ALIKE: Final = (
    *("a1", "A1", "\uff21\uff11", "a1 ", " a1", "a1\n", "a\u00e91", "ae\u03011", "a%1", "a_1"),
    *("a", "a\u200b1", "7", "07", "7.0", "7e0", "stra\u00dfe", "strasse", "\u0131", "i", "\u0130"),
    *("a'1", 'a"1', "a\\1", "a/1", "a:1", "None", "null", "\U00020bb7", "\U00020bb8", "a\x1f1"),
)


class EventPromises(Contract):
    """``append``, ``batch``, ``find``, ``load``, ``feed``."""

    # --- 1. All or nothing ---

    def test_1_every_event_of_a_commit_is_stored(self, store: CaseStore) -> None:
        commit = merged(sample_case("XN-1")[:5])
        assert store.append(commit).events == commit.events
        assert store.load("XN-1") == commit.events
        assert _by_version(entry.event for entry in store.feed()) == commit.events

    def test_1_a_conflict_stores_nothing(self, store: CaseStore) -> None:
        append_all(store, sample_case("XN-1"))
        for commit in (_stale("XN-1"), _with_id_of("XN-1", "XN-2"), _with_keys_of("XN-1", "XN-2")):
            before = everything(store), store.load(commit.case)
            if rule_of(store, commit) is not None:  # that there is one, other promises say
                assert (everything(store), store.load(commit.case)) == before
                taken = commit.command_id == sample_case("XN-1")[0].command_id
                assert taken or store.find(commit.command_id) is None

    def test_1_an_error_undoes_a_whole_batch(self, store: CaseStore) -> None:
        append_all(store, sample_case("XN-3")[:2])
        before = everything(store)
        with suppress(Undone), store.batch():
            append_all(store, sample_case("XN-1")[:3])
            append_all(store, sample_case("XN-3")[2:])
            raise Undone
        assert everything(store) == before
        assert store.load("XN-1") == ()
        assert store.load("XN-3") == events_of(sample_case("XN-3")[:2])
        assert store.find(sample_case("XN-1")[0].command_id) is None
        assert rule_of(store, _with_keys_of("XN-1", "XN-2")) is None

    def test_1_what_a_batch_undid_can_be_appended_again(self, store: CaseStore) -> None:
        commits = sample_case("XN-1")[:4]
        with suppress(Undone), store.batch():
            append_all(store, commits)
            raise Undone
        assert not any(stored.repeated for stored in append_all(store, commits))
        assert store.load("XN-1") == events_of(commits)

    def test_1_a_conflict_undoes_nothing_else_of_its_batch(self, store: CaseStore) -> None:
        commits = sample_case("XN-1")[:4]
        with store.batch():
            append_all(store, commits[:3])
            swallowed(lambda: store.append(_with_keys_of("XN-1", "XN-2")))
            append_all(store, commits[3:])
        assert store.load("XN-1") == events_of(commits)

    def test_1_a_conflict_that_leaves_a_batch_undoes_it(self, store: CaseStore) -> None:
        store.append(sample_case("XN-3")[0])
        rival = _rival(sample_case("XN-3")[0])

        def batch() -> None:
            with store.batch():
                append_all(store, sample_case("XN-1")[:2])
                store.append(rival)

        assert conflict_of(batch) is None or store.load("XN-1") == ()

    def test_1_a_batch_within_a_batch_is_undone_by_itself(self, store: CaseStore) -> None:
        first, second, *_ = sample_case("XN-1")
        with store.batch():
            store.append(first)
            with suppress(Undone), store.batch():
                append_all(store, [second, *sample_case("XN-2")[:2]])
                raise Undone
            with store.batch():
                append_all(store, sample_case("XN-3")[:2])
        assert store.load("XN-1") == first.events
        assert store.load("XN-2") == ()
        assert len(store.load("XN-3")) == 2
        assert [line.version for line in store.cases()] == [1, 2]
        assert rule_of(store, second) is None

    def test_1_a_batch_within_a_batch_is_undone_with_it(self, store: CaseStore) -> None:
        before = everything(store)
        with suppress(Undone), store.batch():
            with store.batch():
                append_all(store, sample_case("XN-1")[:2])
            raise Undone
        assert (everything(store), store.load("XN-1")) == (before, ())

    def test_1_a_batch_that_is_undone_leaves_no_trace_in_the_feed(self, store: CaseStore) -> None:
        store.append(sample_case("XN-1")[0])
        read = list(store.feed())
        with suppress(Undone), store.batch():
            append_all(store, sample_case("XN-2")[:4])
            raise Undone
        assert list(store.feed()) == read
        store.append(sample_case("XN-1")[1])
        assert {entry.event.key for entry in store.feed()} == {"XN-1"}

    def test_1_a_batch_is_undone_without_what_others_wrote(self, store: CaseStore) -> None:
        (mine, *_), (others, *_) = sample_case("XN-1"), sample_case("XN-2")
        begun = Signal()

        def append() -> None:
            begun.set()
            store.append(others)

        with ThreadPoolExecutor(1) as pool:
            writing: list[Future[None]] = []
            with suppress(Undone), store.batch():
                store.append(mine)
                writing.append(pool.submit(append))
                begun.wait()
                raise Undone
            writing[0].result()
        assert (store.load("XN-1"), store.load("XN-2")) == ((), others.events)

    def test_1_others_see_a_batch_when_it_is_left_or_wait(self, store: CaseStore) -> None:
        commits = sample_case("XN-1")[:2]
        with ThreadPoolExecutor(1) as pool:
            with store.batch():
                append_all(store, commits)
                reading = pool.submit(store.load, "XN-1")
                seen = reading.result() if wait([reading], self.patience).done else ()
                assert seen == ()
            assert reading.result() in ((), events_of(commits))

    # --- 2. No lost update ---

    def test_2_a_stale_commit_is_a_conflict_with_the_version_found(self, store: CaseStore) -> None:
        append_all(store, sample_case("XN-1")[:3])
        for rival in (_rival(sample_case("XN-1")[0]), _rival(sample_case("XN-1")[1])):
            conflict = conflict_of(partial(store.append, rival))
            assert conflict is not None
            assert (conflict.rule, conflict.facts["found"]) == ("version", 3)

    def test_2_a_commit_that_leaves_a_gap_is_a_conflict(self, store: CaseStore) -> None:
        append_all(store, sample_case("XN-1")[:1])
        for case, found in (("XN-1", 1), ("XN-2", 0)):
            conflict = conflict_of(partial(store.append, sample_case(case)[2]))
            assert conflict is not None
            assert (conflict.rule, conflict.facts["found"]) == ("version", found)

    def test_2_the_version_counts_events_and_not_commits(self, store: CaseStore) -> None:
        commits = sample_case("XN-1")
        store.append(merged(commits[:5]))
        conflict = conflict_of(partial(store.append, _rival(commits[1])))
        assert conflict is not None
        assert (conflict.rule, conflict.facts["found"]) == ("version", len(store.load("XN-1")))

    def test_2_of_several_writers_at_once_one_is_first(self, store: CaseStore) -> None:
        first, second, *_ = sample_case("XN-1")
        store.append(first)
        rivals = [_rival(second, number) for number in range(self.writers)]
        outcomes = at_once(partial(rule_of, store, rival) for rival in rivals)
        assert sorted(map(str, outcomes)) == ["None", *["version"] * (self.writers - 1)]
        assert len(store.load("XN-1")) == 2

    def test_2_of_several_that_open_a_case_at_once_one_is_first(self, store: CaseStore) -> None:
        rivals = [_rival(sample_case("XN-1")[0], number) for number in range(self.writers)]
        outcomes = at_once(partial(rule_of, store, rival) for rival in rivals)
        assert sorted(map(str, outcomes)) == ["None", *["version"] * (self.writers - 1)]
        assert store.load("XN-1") == rivals[outcomes.index(None)].events

    def test_2_a_stale_commit_within_a_batch_is_a_conflict(self, store: CaseStore) -> None:
        with store.batch():
            append_all(store, sample_case("XN-1")[:3])
            assert rule_of(store, _rival(sample_case("XN-1")[1])) == "version"

    @needs(Capability.SHARED)
    def test_2_what_another_process_wrote_counts(self, store: CaseStore, folder: Path) -> None:
        first, second, third, *_ = sample_case("XN-1")
        with closing(self.open_store(folder)) as other:  # as if in another process
            store.append(first)
            assert rule_of(other, _rival(first)) == "version"
            assert rule_of(other, second) is None
            assert rule_of(store, _rival(second)) == "version"
            assert rule_of(store, third) is None
            assert other.load("XN-1") == events_of((first, second, third))

    @needs(Capability.SHARED)
    def test_2_of_several_processes_one_is_first(self, store: CaseStore, folder: Path) -> None:
        from .faults import contend  # noqa: PLC0415 - brings the processes

        contend(self.opener(folder), processes=3, appends=20).check()

    # --- 3. Idempotent ---

    def test_3_the_same_command_again_returns_what_it_returned(self, store: CaseStore) -> None:
        commits = [*sample_case("XN-1")[:3], merged(sample_case("XN-1")[3:6])]
        stored = [store.append(commit) for commit in commits]
        assert not any(first.repeated for first in stored)
        for commit, first in zip(commits, stored, strict=True):
            assert store.append(_again(commit)) == attrs.evolve(first, repeated=True)

    def test_3_the_same_command_again_stores_nothing(self, store: CaseStore) -> None:
        commits = sample_case("XN-1")[:4]
        append_all(store, commits)
        before = everything(store), store.load("XN-1")
        for commit in commits:
            store.append(_again(commit))
            assert (everything(store), store.load("XN-1")) == before

    def test_3_an_id_with_other_content_is_a_conflict(self, store: CaseStore) -> None:
        append_all(store, sample_case("XN-1")[:3])
        for commit in (_with_id_of("XN-1", "XN-1", 3), _with_id_of("XN-1", "XN-2")):
            assert rule_of(store, commit) == "command_id"

    def test_3_an_id_is_looked_at_before_version_and_keys(self, store: CaseStore) -> None:
        append_all(store, sample_case("XN-1")[:3])
        stale = _with_id_of("XN-1", "XN-1", 1)
        keys = attrs.evolve(_with_id_of("XN-1", "XN-2"), keys=_keys_of("XN-1"))
        for commit in (stale, keys):
            assert rule_of(store, commit) == "command_id"

    def test_3_a_repeated_command_meets_no_conflict_of_keys(self, store: CaseStore) -> None:
        append_all(store, sample_case("XN-1")[:2])
        first = store.append(simple_commit("XN-2"))
        again = simple_commit("XN-2", keys=_keys_of("XN-1"))
        assert store.append(again) == attrs.evolve(first, repeated=True)

    def test_3_an_id_finds_what_it_stored(self, store: CaseStore) -> None:
        commits = [*sample_case("XN-1")[:3], merged(sample_case("XN-1")[3:6])]
        stored = [store.append(commit) for commit in commits]
        for commit in commits:
            store.append(_again(commit))
        assert [store.find(commit.command_id) for commit in commits] == stored
        assert store.find("nobody's") is None

    def test_3_an_id_that_met_a_conflict_is_free(self, store: CaseStore) -> None:
        first, second, *_ = sample_case("XN-1")
        store.append(first)
        early = attrs.evolve(second, expected_version=0)
        if rule_of(store, early) is not None:  # that there is one, other promises say
            assert store.find(second.command_id) is None
            assert rule_of(store, second) is None

    def test_3_a_command_repeated_within_a_batch_stores_nothing(self, store: CaseStore) -> None:
        with store.batch():
            (stored,) = append_all(store, sample_case("XN-1")[:1])
            assert store.find(stored.command_id) == stored
            assert store.append(_again(sample_case("XN-1")[0])).repeated
        assert store.load("XN-1") == stored.events

    def test_3_of_one_command_sent_several_times_at_once_one_is_first(
        self, store: CaseStore
    ) -> None:
        first, second = merged(sample_case("XN-1")[:3]), merged(sample_case("XN-2")[:3])
        store.append(second)
        answers = at_once([partial(store.append, first)] * self.writers)
        repeated = sorted(answer.repeated for answer in answers)
        assert repeated == [False] + [True] * (self.writers - 1)
        assert all(answer.events == answers[0].events for answer in answers)
        assert len(store.load("XN-1")) == len(store.load("XN-2")), "stored once, as another is"

    def test_3_of_one_id_used_by_two_cases_at_once_one_is_first(self, store: CaseStore) -> None:
        commits = [simple_commit(f"XN-{n}", command_id="one") for n in range(self.writers)]
        commits = [attrs.evolve(c, content=f"of {c.case}") for c in commits]
        outcomes = at_once(partial(rule_of, store, commit) for commit in commits)
        assert sorted(map(str, outcomes)) == ["None", *["command_id"] * (self.writers - 1)]

    # --- 4. Durable ---

    @needs(Capability.DURABLE)
    def test_4_what_was_appended_is_there_after_a_restart(
        self, store: CaseStore, folder: Path
    ) -> None:
        commits = interleaved("XN-1", "XN-2")
        ids = [stored.command_id for stored in append_all(store, commits)]
        before = everything(store), store.load("XN-1"), [store.find(used) for used in ids]
        with closing(self.restarted(store, folder)) as again:
            after = everything(again), again.load("XN-1"), [again.find(used) for used in ids]
            assert after == before

    @needs(Capability.DURABLE)
    def test_4_a_batch_is_there_after_a_restart(self, store: CaseStore, folder: Path) -> None:
        with store.batch():
            append_all(store, sample_case("XN-1"))
        with closing(self.restarted(store, folder)) as again:
            assert again.load("XN-1") == events_of(sample_case("XN-1"))

    @needs(Capability.DURABLE)
    def test_4_what_was_a_conflict_is_one_after_a_restart(
        self, store: CaseStore, folder: Path
    ) -> None:
        append_all(store, sample_case("XN-1")[:3])
        commits = (
            _rival(sample_case("XN-1")[2]),
            _with_id_of("XN-1", "XN-2"),
            _with_keys_of("XN-1", "XN-2"),
        )
        before = [(commit, rule_of(store, commit)) for commit in commits]
        conflicts = [(commit, rule) for commit, rule in before if rule is not None]
        with closing(self.restarted(store, folder)) as again:
            assert [(commit, rule_of(again, commit)) for commit, _ in conflicts] == conflicts

    @needs(Capability.DURABLE)
    def test_4_a_command_is_known_after_a_restart(self, store: CaseStore, folder: Path) -> None:
        commits = sample_case("XN-1")[:4]
        append_all(store, commits)
        before = [_answer(store, _again(commit)) for commit in commits]
        with closing(self.restarted(store, folder)) as again:
            assert [_answer(again, _again(commit)) for commit in commits] == before

    @needs(Capability.DURABLE)
    def test_4_a_reader_goes_on_after_a_restart(self, store: CaseStore, folder: Path) -> None:
        append_all(store, interleaved("XN-1", "XN-2"))
        before = [(entry, store.feed(after=entry.position)) for entry in store.feed()]
        with closing(self.restarted(store, folder)) as again:
            after = [(entry, again.feed(after=entry.position)) for entry in again.feed()]
            assert after == before

    @needs(Capability.DURABLE)
    def test_4_a_writer_goes_on_after_a_restart(self, store: CaseStore, folder: Path) -> None:
        commits = interleaved("XN-1", "XN-2")
        append_all(store, commits[:9])
        versions = len(store.load("XN-1")), len(store.load("XN-2"))
        with closing(self.restarted(store, folder)) as again:
            assert (len(again.load("XN-1")), len(again.load("XN-2"))) == versions
            assert [rule_of(again, commit) for commit in commits[9:]] == [None] * 17
            assert [len(again.load(case)) for case in ("XN-1", "XN-2")] == [13, 13]

    @needs(Capability.DURABLE)
    def test_4_what_reindex_put_in_the_lists_is_there_after_a_restart(
        self, store: CaseStore, folder: Path
    ) -> None:
        commit = simple_commit("XN-1", obligations=[simple_obligation("XN-1")])
        store.append(commit)
        store.reindex(attrs.evolve(commit.summary, calendar_revision="2026.2"), ())
        before = everything(store)
        with closing(self.restarted(store, folder)) as again:
            assert everything(again) == before

    @needs(Capability.DURABLE)
    def test_4_a_killed_process_loses_nothing(self, store: CaseStore, folder: Path) -> None:
        from .faults import crash  # noqa: PLC0415 - brings the processes

        self.restarted(store, folder).close()  # a store that is not shared has one owner at a time
        crash(self.opener(folder), kills=5).check()

    @needs(Capability.DURABLE)
    def test_4_a_process_that_is_killed_leaves_nothing_for_close(
        self, store: CaseStore, folder: Path
    ) -> None:
        from .faults import told_and_killed  # noqa: PLC0415 - brings the processes

        self.restarted(store, folder).close()
        told_and_killed(self.opener(folder)).check()

    # --- 5. One feed ---

    def test_5_the_feed_gives_every_event_once_in_the_order_of_commits(
        self, store: CaseStore
    ) -> None:
        commits = interleaved("XN-2", "XN-1", "XN-3")
        append_all(store, commits)
        feed = store.feed()
        assert tuple(entry.event for entry in feed) == events_of(commits)
        positions = [entry.position for entry in feed]
        assert all(positions)
        assert len(set(positions)) == len(positions)

    def test_5_pages_of_the_feed_meet_without_gap_or_overlap(self, store: CaseStore) -> None:
        append_all(store, interleaved("XN-2", "XN-1", "XN-3"))
        store.append(merged(sample_case("XN-4")))
        whole = list(store.feed())
        for limit in (1, 2, 4, len(whole) - 1, len(whole), len(whole) + 1):
            read = list(pages(store, limit))
            assert list(chain.from_iterable(read)) == whole
            assert all(len(page) == limit for page in read[:-1])

    def test_5_the_feed_goes_on_after_any_of_its_positions(self, store: CaseStore) -> None:
        append_all(store, interleaved("XN-2", "XN-1")[:6])
        store.append(merged(sample_case("XN-3")))
        whole = list(store.feed())
        for number, entry in enumerate(whole, start=1):
            assert list(store.feed(after=entry.position)) == whole[number:]

    def test_5_without_a_limit_a_page_has_a_thousand_entries(self, store: CaseStore) -> None:
        store.append(_long_commit())
        stored = len(store.load("XN-1"))
        assert [len(page) for page in pages(store, 1000)] == [1000, stored - 1000]
        assert len(store.feed()) == 1000

    def test_5_a_reader_that_follows_misses_nothing(self, store: CaseStore) -> None:
        position = ""
        for commit in [*interleaved("XN-2", "XN-1"), merged(sample_case("XN-3"))]:
            stored = store.append(commit)
            read = store.feed(after=position)
            assert tuple(entry.event for entry in read) == stored.events
            position = read[-1].position
            assert not store.feed(after=position)

    def test_5_what_has_been_read_never_changes(self, store: CaseStore) -> None:
        read: list[FeedEntry] = []
        for commit in interleaved("XN-2", "XN-1", "XN-3"):
            swallowed(partial(store.append, _rival(sample_case("XN-9")[3])))
            store.append(commit)
            feed = list(store.feed())
            assert feed[: len(read)] == read
            read = feed

    def test_5_a_reader_misses_nothing_while_several_write(self, store: CaseStore) -> None:
        cases = [f"XN-{number}" for number in range(self.writers)]
        seen: list[FeedEntry] = []
        with ThreadPoolExecutor(self.writers) as pool:
            writing = [pool.submit(append_all, store, sample_case(case)) for case in cases]
            while not all(task.done() for task in writing):
                seen += store.feed(after=seen[-1].position if seen else "", limit=7)
        assert all(len(task.result()) == len(sample_case("XN-1")) for task in writing)
        seen += store.feed(after=seen[-1].position if seen else "")
        assert seen == list(store.feed())
        for case in cases:
            assert tuple(e.event for e in seen if e.event.key == case) == store.load(case)

    def test_5_a_commit_that_ends_late_is_not_passed_by(self, store: CaseStore) -> None:
        self._late(store, store)

    @needs(Capability.SHARED)
    def test_5_a_commit_of_another_process_that_ends_late_is_not_passed_by(
        self, store: CaseStore, folder: Path
    ) -> None:
        with closing(self.open_store(folder)) as other:
            self._late(store, other)

    def _late(self, store: CaseStore, other: CaseStore) -> None:
        """A batch is begun, others write and are read, and only then is it left."""
        begun, read = Signal(), Signal()
        late, early = sample_case("XN-1")[:3], sample_case("XN-2")[:3]

        def write_late() -> None:
            try:
                with other.batch():
                    append_all(other, late[:2])
                    begun.set()
                    read.wait(self.patience)  # where others have to wait for this batch, no longer
                    append_all(other, late[2:])
            finally:
                begun.set()  # also where the store raised: it is told below

        with ThreadPoolExecutor(2) as pool:
            writing = pool.submit(write_late)
            begun.wait()
            others = pool.submit(append_all, store, early)
            wait([others], self.patience)
            seen = list(store.feed())
            read.set()
            writing.result()
            others.result()
        seen += store.feed(after=seen[-1].position if seen else "")
        assert seen == list(store.feed())
        for case in ("XN-1", "XN-2"):
            assert tuple(e.event for e in seen if e.event.key == case) == store.load(case)
        assert len(seen) == len(late) + len(early)

    # --- 7. Claimed keys ---

    def test_7_a_key_of_another_case_is_a_conflict_that_names_it(self, store: CaseStore) -> None:
        append_all(store, sample_case("XN-1")[:2])
        commit = _with_keys_of("XN-1", "XN-2", slice(1, 2))
        conflict = conflict_of(lambda: store.append(commit))
        assert conflict is not None
        assert (conflict.rule, conflict.facts["key"]) == ("claimed_key", _keys_of("XN-1")[1])

    def test_7_the_one_key_that_is_held_is_named(self, store: CaseStore) -> None:
        store.append(simple_commit("XN-1", keys=["notice:2"]))
        claim = simple_commit("XN-2", keys=["notice:1", "notice:2", "notice:3"])
        conflict = conflict_of(lambda: store.append(claim))
        assert conflict is not None
        assert (conflict.rule, conflict.facts["key"]) == ("claimed_key", "notice:2")

    def test_7_a_key_is_held_for_ever(self, store: CaseStore) -> None:
        append_all(store, sample_case("XN-1"))  # to the archive
        for number in range(len(_keys_of("XN-1"))):
            claim = _with_keys_of("XN-1", "XN-2", slice(number, number + 1))
            assert rule_of(store, claim) is not None

    def test_7_a_key_claimed_late_is_held_too(self, store: CaseStore) -> None:
        append_all(store, [simple_commit("XN-1"), simple_commit("XN-2")])
        store.append(simple_commit("XN-1", after=1, keys=["archive:1"]))
        store.append(simple_commit("XN-1", after=2, keys=["archive:2"]))
        for key in ("archive:1", "archive:2"):
            assert rule_of(store, simple_commit("XN-2", after=1, keys=[key])) == "claimed_key"

    def test_7_every_key_of_a_commit_is_held(self, store: CaseStore) -> None:
        keys = [f"notice:{number}" for number in range(6)]
        store.append(simple_commit("XN-1", keys=keys))
        rules = [rule_of(store, simple_commit(f"XN {key}", keys=[key])) for key in keys]
        assert rules == ["claimed_key"] * len(keys)

    def test_7_a_case_may_claim_its_own_key_again(self, store: CaseStore) -> None:
        append_all(store, sample_case("XN-1")[:2])
        again = attrs.evolve(sample_case("XN-1")[2], keys=_keys_of("XN-1"))
        assert rule_of(store, again) is None

    def test_7_a_key_may_be_claimed_twice_in_one_commit(self, store: CaseStore) -> None:
        twice = simple_commit("XN-1", keys=["notice:1", "notice:1"])
        assert rule_of(store, twice) is None
        assert rule_of(store, simple_commit("XN-2", keys=["notice:1"])) == "claimed_key"

    def test_7_keys_of_a_conflict_stay_free(self, store: CaseStore) -> None:
        append_all(store, sample_case("XN-1"))
        claim = _with_keys_of("XN-1", "XN-2")
        swallowed(
            lambda: store.append(
                attrs.evolve(claim, keys=("notice:free", *claim.keys, "archive:free"))
            )
        )
        free = attrs.evolve(sample_case("XN-3")[0], keys=("notice:free", "archive:free"))
        assert rule_of(store, free) is None

    def test_7_of_several_that_claim_a_key_at_once_one_is_first(self, store: CaseStore) -> None:
        claims = [
            simple_commit(f"XN-{n}", keys=[f"notice:{n}", "archive:1"]) for n in range(self.writers)
        ]
        outcomes = at_once(partial(rule_of, store, claim) for claim in claims)
        assert sorted(map(str, outcomes)) == ["None", *["claimed_key"] * (self.writers - 1)]

    def test_7_a_key_claimed_within_a_batch_is_held(self, store: CaseStore) -> None:
        with store.batch():
            store.append(simple_commit("XN-1", keys=["notice:1"]))
            claim = simple_commit("XN-2", keys=["notice:1"])
            assert rule_of(store, claim) == "claimed_key"
        assert rule_of(store, claim) == "claimed_key"

    # --- 8. Faithful ---

    def test_8_events_are_loaded_as_they_were_appended(self, store: CaseStore) -> None:
        commits = awkward_case("XN-1")
        append_all(store, commits)
        found = [store.find(commit.command_id) for commit in commits]
        for read in (
            store.load("XN-1"),
            _by_version(entry.event for entry in store.feed()),
            tuple(chain.from_iterable(stored.events for stored in found if stored is not None)),
        ):
            assert read == events_of(commits)
            assert [event_to_json(e) for e in read] == [
                event_to_json(e) for e in events_of(commits)
            ]

    def test_8_lists_are_loaded_as_they_were_appended(self, store: CaseStore) -> None:
        for commit in awkward_case("XN-1"):
            store.append(commit)
            assert list(store.cases()) == [commit.summary]
            assert set(store.open_obligations()) == set(commit.obligations)

    def test_8_every_field_of_the_lists_is_kept(self, store: CaseStore) -> None:
        micro = dt.datetime(2026, 3, 5, 23, 59, 59, 999_999, tzinfo=dt.UTC)
        summary: dict[str, Any] = {
            "state": State.ARCHIVED,
            "result": Result.COMPLETED_LATER,
            "lead": " 孝南区'残\u3000联\U00020bb7",
            "units": ("丙", "甲", "乙", "A", "a"),
            "opened_at": micro,
            "recorded_at": micro + dt.timedelta(microseconds=1),
            "head": "sha256:" + "0f" * 32,
            "calendar_revision": "2026.1+本地",
            "applicant_keys": ("ff", "00", "Ff"),
        }
        owed = simple_obligation(
            "XN-1",
            Kind.DELIVERY,
            "A.5.2 'é' \U00020bb7",
            bearer="integrated_window",
            clause="7.3.6",
            opened_at=micro,
            due=micro + dt.timedelta(days=1, microseconds=1),
            due_day=dt.date(2026, 3, 6),
            status=Status.OVERDUE,
            provisional=True,
            earliest=dt.date(2026, 3, 5),
            latest=dt.date(2026, 3, 9),
            met_at=micro,
        )
        bare = simple_obligation("XN-1", due=None, due_day=None)
        store.append(simple_commit("XN-1", obligations=[owed, bare], **summary))
        (line,) = store.cases()
        assert {name: getattr(line, name) for name in summary} == summary
        listed = sorted(store.open_obligations(), key=lambda each: each.kind != Kind.DELIVERY)
        assert listed == [owed, bare]

    def test_8_answer_and_content_are_given_back_as_they_were(self, store: CaseStore) -> None:
        texts = (
            '[{"code": "late_act", "n": 1.0, "n": 1}]',
            ' { }\n\t"\\u4e2d" 中\U00020bb7 ',
            "x" * 70_000,
        )
        for number, text in enumerate(texts):
            commit = attrs.evolve(simple_commit(f"XN-{number}"), answer=text, content=text)
            store.append(commit)
            found = store.find(commit.command_id)
            assert found is not None
            assert (found.answer, found.content) == (text, text)

    def test_8_cases_with_like_ids_are_kept_apart(self, store: CaseStore) -> None:
        for case in ALIKE:
            assert rule_of(store, simple_commit(case)) is None
        for case in ALIKE:
            assert store.load(case) == simple_commit(case).events
        assert store.load("a%") == store.load("_1") == store.load("*") == ()

    def test_8_like_command_ids_and_keys_are_kept_apart(self, store: CaseStore) -> None:
        for number, text in enumerate(ALIKE):
            commit = simple_commit(f"XN-{number}", command_id=text, keys=[f"notice:{text}"])
            assert rule_of(store, commit) is None
        found = [store.find(text) for text in ALIKE]
        assert [None if f is None else (f.command_id, f.events[0].key) for f in found] == [
            (text, f"XN-{number}") for number, text in enumerate(ALIKE)
        ]

    def test_8_a_key_of_one_case_is_not_that_of_a_like_one(self, store: CaseStore) -> None:
        first, *others = ALIKE
        store.append(simple_commit(first, keys=["notice:1"]))
        alone = rule_of(store, simple_commit("XN-1", keys=["notice:1"]))
        rules = [rule_of(store, simple_commit(case, keys=["notice:1"])) for case in others]
        assert rules == [alone] * len(others)

    def test_8_keys_of_two_kinds_are_kept_apart(self, store: CaseStore) -> None:
        for number, key in enumerate(("notice:1", "archive:1", "1", "notice:", "notice", ":1")):
            assert rule_of(store, simple_commit(f"XN-{number}", keys=[key])) is None

    def test_8_ids_of_a_hundred_and_twenty_eight_characters_are_taken(
        self, store: CaseStore
    ) -> None:
        stem = "长\U00020bb7é\x7f" * 31 + "长\U00020bb7é"
        for number in range(2):  # that differ in the last character alone
            text = f"{stem}{number}"
            assert len(text) == 128
            commit = simple_commit(
                text,
                command_id=text,
                keys=[text],
                obligations=[simple_obligation(text, subject=text, bearer=text)],
                lead=text,
                units=(text,),
            )
            assert rule_of(store, commit) is None
            assert store.load(text) == commit.events
            assert store.find(text) is not None
            assert [s.case for s in store.cases(unit=text)] == [text]
            assert set(commit.obligations) <= set(store.open_obligations(unit=text))

    def test_8_any_character_but_nul_and_surrogates_is_kept(self, store: CaseStore) -> None:
        text = "".join(map(chr, (*range(1, 0x20), 0x7F, 0x85, 0xFEFF, 0xFFFE, 0xFFFF, 0x10FFFF)))
        commit = simple_commit(
            f"c{text}", command_id=text, keys=[text], units=(text,), applicant_keys=(text,)
        )
        store.append(attrs.evolve(commit, answer=f'"{text}"', content=text))
        assert store.load(commit.case) == commit.events
        found = store.find(text)
        assert found is not None
        assert (found.answer, found.content) == (f'"{text}"', text)
        assert list(store.cases(unit=text, applicant_key=text)) == [commit.summary]

    def test_8_a_long_event_is_kept(self, store: CaseStore) -> None:
        (opening,) = sample_case("XN-1")[0].events
        assert isinstance(opening, Applied)
        long = attrs.evolve(opening, reason="长\U00020bb7'\n" * 250_000)  # 2.25 MB of UTF-8
        store.append(attrs.evolve(sample_case("XN-1")[0], events=(long,)))
        assert store.load("XN-1") == (long,)
        assert [entry.event for entry in store.feed()] == [long]


def _answer(store: CaseStore, commit: Commit) -> object:
    """What ``append`` returns, or the rule of the conflict."""
    try:
        return store.append(commit)
    except Conflict as conflict:
        return conflict.violations[0].rule


# --- commits that are in the way of others --------------------------------------------------------


def _rival(commit: Commit, number: int = 0) -> Commit:
    """Another command's commit on the same version of the case."""
    return attrs.evolve(
        commit,
        command_id=f"rival-{number}",
        content=f"rival {number}",
        events=tuple(attrs.evolve(event, id=f"rival-{number}") for event in commit.events),
        keys=(),
    )


@cache
def _long_commit() -> Commit:
    return simple_commit("XN-1", events=1003)


def _stale(case: str) -> Commit:
    return _rival(merged(sample_case(case)[1:4]))


def _again(commit: Commit) -> Commit:
    """The same command sent again: decided anew, later, on a newer version of the case."""
    return attrs.evolve(
        commit,
        expected_version=commit.expected_version + 7,
        events=tuple(
            attrs.evolve(
                event, version=event.version + 7, recorded_at=event.recorded_at + dt.timedelta(1)
            )
            for event in commit.events
        ),
        answer='[{"another": "answer"}]',
    )


def _with_id_of(user: str, case: str, number: int = 0) -> Commit:
    """A commit of ``case`` under an id that ``user`` used for other content."""
    used = sample_case(user)[0].command_id
    commits = sample_case(case)
    commit = commits[number] if case == user else merged(commits[:3])
    return attrs.evolve(commit, command_id=used, content="other content", keys=())


def _keys_of(case: str) -> tuple[str, ...]:
    return tuple(chain.from_iterable(commit.keys for commit in sample_case(case)))


def _with_keys_of(holder: str, case: str, which: slice = slice(None)) -> Commit:
    """The opening commit of ``case``, claiming keys that ``holder`` has."""
    return attrs.evolve(merged(sample_case(case)[:3]), keys=_keys_of(holder)[which])


def _by_version(events: Iterable[AnyEvent]) -> tuple[AnyEvent, ...]:
    return tuple(sorted(events, key=lambda event: event.version))
