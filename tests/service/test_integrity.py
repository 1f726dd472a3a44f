"""What was changed, removed or put elsewhere behind the library's back is named."""

import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs
import pytest

from onsite_workflow import SHANGHAI, AnyEvent, InvalidInput, MemoryStore, SQLiteStore, event_digest
from onsite_workflow.errors import CorruptRecord
from onsite_workflow.integrity import Seal, Verification, read_seal, seal, seal_to_wire, verify
from onsite_workflow.ports import CaseSummary, FeedEntry
from onsite_workflow.testing import awkward_case, sample_case
from onsite_workflow.wire.reading import unreadable_event
from onsite_workflow.wire.writing import to_wire

NIGHT = dt.datetime(2026, 3, 12, 23, tzinfo=SHANGHAI)
LAST = len(sample_case("XN-1"))


class Tampered(MemoryStore):
    """A store whose rows somebody has changed by hand."""

    def write(self, case: str, change: Callable[[list[AnyEvent]], Sequence[AnyEvent]]) -> None:
        self._events[case] = tuple(change(list(self._events[case])))
        rest = {event.version: event for event in self._events[case]}
        self._feed = [
            rest.get(event.version, event) if event.key == case else event
            for event in self._feed
            if event.key != case or event.version in rest
        ]


@pytest.fixture
def store() -> Tampered:
    store = Tampered()
    for commits in zip(sample_case("XN-1"), sample_case("XN-2"), strict=True):
        for commit in commits:
            store.append(commit)
    return store


def flaws(found: Verification) -> list[tuple[str, object, object]]:
    return [(f.rule, f.facts.get("case"), f.facts.get("version")) for f in found.flaws]


def changed(event: AnyEvent) -> AnyEvent:
    return attrs.evolve(event, at=event.at - dt.timedelta(minutes=1))


def test_a_store_nobody_touched_has_no_flaw(store: Tampered) -> None:
    found = verify(store, seals=[seal(store, made_at=NIGHT)])
    assert found == Verification(cases=2, events=2 * LAST, seals=1)


def test_events_of_a_case_hold_on_to_one_another() -> None:
    events = [event for commit in awkward_case("XN-1") for event in commit.events]
    assert events[0].previous is None
    for before, after in pairwise(events):
        assert after.previous == event_digest(before)
        assert after.previous.startswith("sha256:")


@pytest.mark.parametrize("version", range(1, LAST + 1))
def test_the_entry_that_was_changed_is_named(store: Tampered, version: int) -> None:
    store.write("XN-1", lambda e: [changed(x) if x.version == version else x for x in e])
    assert flaws(verify(store)) == [("changed_event", "XN-1", version)]


@pytest.mark.parametrize("version", range(1, LAST + 1))
def test_the_entry_that_was_removed_is_named(store: Tampered, version: int) -> None:
    store.write("XN-1", lambda e: [x for x in e if x.version != version])
    assert flaws(verify(store)) == [("missing_event", "XN-1", version)]


@pytest.mark.parametrize("version", range(1, LAST))
def test_of_two_that_changed_places_the_first_is_named(store: Tampered, version: int) -> None:
    def swap(events: list[AnyEvent]) -> list[AnyEvent]:
        first, second = events[version - 1], events[version]
        events[version - 1] = attrs.evolve(second, version=version)
        events[version] = attrs.evolve(first, version=version + 1)
        return events

    store.write("XN-1", swap)
    (flaw,) = flaws(verify(store))
    expected = ("reordered_event", version) if version > 1 else ("unlinked_event", 2)
    assert (flaw[0], flaw[2]) == expected


def test_an_entry_out_of_its_place_is_named(store: Tampered) -> None:
    store._events["XN-1"] = (*store._events["XN-1"][:2], *store._events["XN-1"][1:])
    assert flaws(verify(store)) == [("reordered_event", "XN-1", 3)]


def test_an_entry_that_lost_its_digest_is_named(store: Tampered) -> None:
    store.write(
        "XN-1", lambda e: [attrs.evolve(x, previous=None) if x.version > 4 else x for x in e]
    )
    assert flaws(verify(store)) == [("unlinked_event", "XN-1", 5)]


def test_an_entry_that_was_added_by_hand_is_named(store: Tampered) -> None:
    def add(events: list[AnyEvent]) -> list[AnyEvent]:
        last = events[-1]
        return [*events, attrs.evolve(last, version=LAST + 1, previous=event_digest(last))]

    store._events["XN-1"] = tuple(add(list(store._events["XN-1"])))
    assert flaws(verify(store)) == [("unlisted_event", "XN-1", LAST + 1)]


def test_a_list_that_tells_another_state_is_named(store: Tampered) -> None:
    summary, owed = store._lists["XN-1"]
    other = store._lists["XN-2"][0]
    assert summary.state is other.state
    store._lists["XN-1"] = (attrs.evolve(summary, state=sample_case("XN-1")[0].summary.state), owed)
    assert flaws(verify(store)) == [("unlisted_event", "XN-1", LAST)]


def test_a_feed_without_a_case_is_named(store: Tampered) -> None:
    store._feed = [event for event in store._feed if event.key != "XN-2"]
    assert flaws(verify(store)) == [("not_in_feed", "XN-2", 1)]


def test_a_feed_in_another_order_is_named(store: Tampered) -> None:
    store._feed.reverse()
    assert flaws(verify(store)) == [("reordered_event", case, 1) for case in ("XN-2", "XN-1")]


def test_one_case_with_a_flaw_does_not_hide_another(store: Tampered) -> None:
    for case in ("XN-1", "XN-2"):
        store.write(case, lambda e: [changed(x) if x.version == 3 else x for x in e])
    assert flaws(verify(store)) == [("changed_event", case, 3) for case in ("XN-1", "XN-2")]


def test_damage_that_names_no_case_does_not_stop_the_walk(store: Tampered) -> None:
    class Damaged(Tampered):
        def cases(self, **only: Any) -> Sequence[CaseSummary]:
            raise CorruptRecord.because("damaged_file", "库文件有损坏。", "The file is damaged.")

    torn = Damaged()
    torn.__dict__.update(store.__dict__)
    assert flaws(verify(torn)) == [("damaged_file", None, None)]
    torn.write("XN-2", lambda e: [changed(x) if x.version == 3 else x for x in e])
    found = verify(torn)
    assert flaws(found) == [("damaged_file", None, None), ("changed_event", "XN-2", 3)]
    assert (found.cases, found.events) == (2, 2 * LAST)


def test_entries_from_before_digests_are_counted_and_not_accused() -> None:
    store = Tampered()
    events: tuple[AnyEvent, ...] = ()
    for commit in sample_case("XN-1"):
        bare = tuple(attrs.evolve(event, previous=None) for event in commit.events)
        events += bare
        summary = attrs.evolve(commit.summary, head=event_digest(bare[-1]))
        store.append(attrs.evolve(commit, events=bare, summary=summary))
    assert verify(store) == Verification(cases=1, events=LAST, unchained=LAST - 1)


def test_nobody_is_accused_for_what_stands_where_nothing_can_be_read(store: Tampered) -> None:
    class Torn(Tampered):
        def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
            page = super().feed(after=after, limit=limit)
            if any((entry.event.key, entry.event.version) == ("XN-1", 3) for entry in page):
                raise unreadable_event("XN-1", 3)
            return page

    torn, half = Torn(), Tampered()
    torn.__dict__.update(store.__dict__)
    half._feed = store._feed[:LAST]
    seals = [seal(each, made_at=NIGHT) for each in (half, store)]
    found = verify(torn, seals=seals)
    assert flaws(found) == [("unreadable_event", "XN-1", 3), ("unchecked_seal", None, None)]
    assert (found.cases, found.events, found.seals) == (2, 2 * LAST, 1)
    torn.write("XN-2", lambda e: [*e[:-1], changed(e[-1])])
    assert flaws(verify(torn, seals=seals))[-1][0] == "broken_seal"


# --- seals --------------------------------------------------------------------------------------


def rewrite(store: Tampered) -> None:
    """Entry 3 of XN-1 is changed, and everything after it written anew to fit."""

    def anew(events: list[AnyEvent]) -> list[AnyEvent]:
        events[2] = changed(events[2])
        for place in range(3, len(events)):
            events[place] = attrs.evolve(events[place], previous=event_digest(events[place - 1]))
        return events

    store.write("XN-1", anew)
    summary, owed = store._lists["XN-1"]
    head = event_digest(store._events["XN-1"][-1])
    store._lists["XN-1"] = (attrs.evolve(summary, head=head), owed)


def sealed_by_day() -> tuple[Tampered, list[Seal]]:
    store, seals = Tampered(), list[Seal]()
    for day, commit in enumerate(sample_case("XN-1")):
        store.append(commit)
        last = seals[-1] if seals else None
        seals.append(seal(store, made_at=NIGHT + dt.timedelta(days=day), since=last))
    return store, seals


def test_a_seal_made_after_the_last_one_is_the_seal_of_the_whole() -> None:
    store, seals = sealed_by_day()
    assert seals[-1] == seal(store, made_at=seals[-1].made_at)
    assert [each.events for each in seals] == list(range(1, LAST + 1))
    assert verify(store, seals=seals) == Verification(cases=1, events=LAST, seals=LAST)


def test_who_writes_a_case_anew_is_found_by_the_first_seal_that_held_it() -> None:
    store, seals = sealed_by_day()
    rewrite(store)
    assert verify(store).flaws == ()
    (flaw,) = verify(store, seals=seals).flaws
    assert (flaw.rule, flaw.facts["first"], flaw.facts["last"]) == ("broken_seal", 3, 3)


def test_a_whole_case_that_was_removed_is_found_by_a_seal(store: Tampered) -> None:
    made = seal(store, made_at=NIGHT)
    store._feed = [event for event in store._feed if event.key != "XN-2"]
    del store._events["XN-2"], store._lists["XN-2"]
    assert verify(store).flaws == ()
    (flaw,) = verify(store, seals=[made]).flaws
    assert flaw.rule == "broken_seal"


def test_the_end_that_was_cut_off_is_found_by_a_seal() -> None:
    _, seals = sealed_by_day()
    cut = Tampered()
    for commit in sample_case("XN-1")[:-1]:
        cut.append(commit)
    assert verify(cut).flaws == ()
    (flaw,) = verify(cut, seals=seals).flaws
    assert (flaw.facts["first"], flaw.facts["last"]) == (LAST, LAST)


def test_a_seal_of_nothing_holds() -> None:
    store = Tampered()
    assert verify(store, seals=[seal(store, made_at=NIGHT)]) == Verification(seals=1)


def test_a_seal_of_nothing_holds_once_something_came() -> None:
    store = Tampered()
    seals = [seal(store, made_at=NIGHT)]
    for commit in sample_case("XN-1"):
        store.append(commit)
    seals.append(seal(store, made_at=NIGHT + dt.timedelta(days=1), since=seals[0]))
    assert verify(store, seals=seals).flaws == ()


class InUse(Tampered):
    """Somebody appends to XN-3 whenever it is read, and to XN-9 whenever the feed is."""

    def __init__(self) -> None:
        super().__init__()
        self.left = list(sample_case("XN-3"))
        self.new = list(sample_case("XN-9"))

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        found = super().load(case)
        if case == "XN-3" and self.left:
            super().append(self.left.pop(0))
        return found

    def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
        if self.new:
            super().append(self.new.pop(0))
        return super().feed(after=after, limit=limit)


def test_nobody_is_accused_for_what_is_entered_meanwhile() -> None:
    store = InUse()
    store.append(store.left.pop(0))
    found = verify(store)
    assert (found.cases, found.flaws) == (2, ())
    while store.new:
        found = verify(store)
        assert found.flaws == ()


def test_a_case_line_that_went_is_named() -> None:
    class Forgets(Tampered):
        def load(self, case: str) -> tuple[AnyEvent, ...]:
            self._lists.pop(case, None)
            return super().load(case)

    store = Forgets()
    store.append(sample_case("XN-1")[0])
    assert verify(store).flaws == ()  # what was listed a moment before still fits


def test_a_feed_with_an_entry_that_no_case_has_is_named(store: Tampered) -> None:
    last = store._events["XN-1"][-1]
    store._feed.append(attrs.evolve(last, version=LAST + 1, previous=event_digest(last)))
    assert flaws(verify(store)) == [("unlisted_event", "XN-1", LAST + 1)]


def test_a_seal_is_read_back_as_it_was_written(store: Tampered) -> None:
    made = seal(store, made_at=NIGHT)
    assert read_seal(json.dumps(seal_to_wire(made))) == made


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"seal": 2}', '{"seal": 1, "events": 1}'])
def test_what_is_no_seal_is_refused(line: str) -> None:
    with pytest.raises(InvalidInput):
        read_seal(line)


# --- rows of a file -----------------------------------------------------------------------------

CASES = ("XN-1", "XN-2", "XN-3")


@pytest.fixture
def rows(tmp_path: Path) -> Callable[[str], Verification]:
    """What is found after a statement was run against a file of three cases, sealed after each."""
    path, seals = tmp_path / "cases.db", list[Seal]()
    with closing(SQLiteStore(path)) as store, store.batch():
        for number, case in enumerate(CASES):
            for commit in sample_case(case):
                store.append(commit)
            made_at = NIGHT + dt.timedelta(days=number)
            seals.append(seal(store, made_at=made_at, since=seals[-1] if seals else None))

    def found_after(statements: str) -> Verification:
        with closing(sqlite3.connect(path)) as database:
            database.executescript(statements)
        with closing(SQLiteStore(path, read_only=True)) as store:
            return verify(store, seals=seals)

    return found_after


def fitting(found: Verification) -> list[tuple[str, object, object]]:
    """What is said of cases, and not of seals."""
    return [flaw for flaw in flaws(found) if flaw[1] is not None]


def of_seals(found: Verification) -> list[tuple[str, int]]:
    days = {(NIGHT + dt.timedelta(days=number)).isoformat(): number for number in range(3)}
    return [(f.rule, days[f.facts["made_at"]]) for f in found.flaws if "made_at" in f.facts]


ALTERED = "UPDATE events SET record = replace(record, '09:40', '09:30') WHERE case_id = "


def test_a_file_nobody_touched_has_no_flaw(rows: Callable[[str], Verification]) -> None:
    assert rows("") == Verification(cases=3, events=3 * LAST, seals=3)


OF_2 = "WHERE case_id = 'XN-2'"
OF_4 = f"{OF_2} AND version = 4"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (f"DELETE FROM cases {OF_2}", ("unlisted_event", 1)),
        (f"UPDATE cases SET case_id = '' {OF_2}", ("unlisted_event", 1)),
        (f"UPDATE cases SET version = 0 {OF_2}", ("unlisted_event", 1)),
        (f"UPDATE cases SET version = 0 {OF_2}; DELETE FROM events {OF_2}", ("unlisted_event", 1)),
        (f"UPDATE cases SET version = 12 {OF_2}", ("changed_event", 12)),
        (f"DELETE FROM cases {OF_2}; {ALTERED} 'XN-2'", ("changed_event", 6)),
        (f"DELETE FROM events {OF_4}", ("unreadable_event", 4)),
        (f"DELETE FROM events {OF_2} AND version > 10", ("missing_event", 11)),
        (f"UPDATE events SET position = 99 {OF_2} AND version = 1", ("reordered_event", 1)),
        (f"UPDATE events SET position = 99 {OF_4}", ("reordered_event", 4)),
        (f"UPDATE events SET record = '{{' {OF_4}", ("unreadable_event", 4)),
        (f"UPDATE events SET record = x'fffe' {OF_4}", ("unreadable_event", 4)),
        (
            f"UPDATE events SET record = replace(record, ':4', ':5') {OF_4}",
            ("unreadable_event", 4),
        ),
        (f"UPDATE cases SET state = 'bogus' {OF_2}", ("unlisted_event", LAST)),
        (f"UPDATE cases SET state = x'00' {OF_2}", ("unreadable_list", None)),
        (f"UPDATE cases SET result = x'00' {OF_2}", ("unreadable_list", None)),
        (f"UPDATE cases SET opened_at = 'abc' {OF_2}", ("unreadable_list", None)),
        (f"UPDATE cases SET units = 'nojson' {OF_2}", ("unreadable_list", None)),
        (f"UPDATE cases SET version = 'nine' {OF_2}", ("unreadable_list", None)),
        (f"UPDATE cases SET state = 'bogus' {OF_2}; {ALTERED} 'XN-2'", ("changed_event", 6)),
    ],
)
def test_a_case_is_accused_once_and_the_others_are_walked(
    rows: Callable[[str], Verification], statement: str, expected: tuple[str, int | None]
) -> None:
    found = rows(f"{statement}; {ALTERED} 'XN-3'")
    said = {case: (rule, version) for rule, case, version in fitting(found)}
    assert len(said) == len(fitting(found)) == 2
    assert said["XN-3"] == ("changed_event", 6)
    assert said["XN-2"] == expected
    assert of_seals(found)[0][1] in (1, 2)  # the first night's holds


def test_a_line_that_cannot_be_read_is_passed_over(rows: Callable[[str], Verification]) -> None:
    found = rows(f"UPDATE cases SET state = x'00' {OF_2}")
    assert flaws(found) == [("unreadable_list", "XN-2", None)]
    assert (found.cases, found.events, found.seals) == (3, 3 * LAST, 3)


@pytest.mark.parametrize("table", ["cases", "events"])
def test_an_id_that_is_no_text_is_damage(rows: Callable[[str], Verification], table: str) -> None:
    found = rows(f"UPDATE {table} SET case_id = x'ff41' {OF_2}; {ALTERED} 'XN-3'")
    assert ("changed_event", "XN-3", 6) in flaws(found)
    assert [rule[:10] for rule, _, _ in flaws(found)].count("unreadable") == 1
    json.dumps([to_wire(flaw) for flaw in found.flaws])  # facts are JSON values


def test_an_id_that_is_no_text_hides_no_changed_entry(
    rows: Callable[[str], Verification],
) -> None:
    found = rows(f"UPDATE cases SET case_id = x'ff41' {OF_2}; {ALTERED} 'XN-2'")
    assert ("changed_event", "XN-2", 6) in flaws(found)


def test_a_case_under_another_id_is_named_by_both(rows: Callable[[str], Verification]) -> None:
    found = rows("UPDATE cases SET case_id = 'XN-22' WHERE case_id = 'XN-2'")
    assert fitting(found) == [("missing_event", "XN-22", 1), ("unlisted_event", "XN-2", 1)]


def test_an_emptied_list_is_named_by_every_case(rows: Callable[[str], Verification]) -> None:
    found = rows("DELETE FROM cases")
    assert [(rule, version) for rule, _, version in fitting(found)] == [("unlisted_event", 1)] * 3
    assert found.cases == 3


GARBLED = "UPDATE events SET record = 'x' WHERE version = 1 AND case_id = "


def test_a_seal_over_what_cannot_be_read_is_not_said_to_hold(
    rows: Callable[[str], Verification],
) -> None:
    found = rows(f"{GARBLED} 'XN-1'")
    assert fitting(found) == [("unreadable_event", "XN-1", 1)]
    assert (of_seals(found), found.seals) == ([("unchecked_seal", 0)], 2)


def test_what_cannot_be_read_hides_nothing_after_the_next_seal(
    rows: Callable[[str], Verification],
) -> None:
    removed = "DELETE FROM events WHERE case_id = 'XN-2'; DELETE FROM cases WHERE case_id = 'XN-2'"
    found = rows(f"{GARBLED} 'XN-1'; {removed}")
    assert fitting(found) == [("unreadable_event", "XN-1", 1)]
    assert of_seals(found) == [("unchecked_seal", 0), ("broken_seal", 1)]


def test_what_cannot_be_read_after_the_last_seal_leaves_all_seals_checked(
    rows: Callable[[str], Verification],
) -> None:
    found = rows(
        "INSERT INTO events (centre, case_id, version, record) VALUES ('default', 'XN-9', 1, '{')"
    )
    assert fitting(found) == [("unreadable_event", "XN-9", 1)]
    assert (of_seals(found), found.seals) == ([], 3)


def test_seals_of_the_same_entries_are_passed_over_together(
    rows: Callable[[str], Verification], tmp_path: Path
) -> None:
    rows(f"{GARBLED} 'XN-3'")
    path = tmp_path / "cases.db"
    with closing(SQLiteStore(path, read_only=True)) as store:
        made = Seal(made_at=NIGHT, events=3 * LAST, position="39", digest="sha256:0")
        found = verify(store, seals=[made, attrs.evolve(made)])
    assert [f.rule for f in found.flaws] == ["unreadable_event", *["unchecked_seal"] * 2]
    assert found.seals == 0
