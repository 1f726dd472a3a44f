"""Promise 6: the lists, their filters, orders and pages, and ``reindex``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from itertools import chain, product
from typing import Any, Final

import attrs

from onsite_workflow.checks import SHANGHAI
from onsite_workflow.clause7.regulation import Kind
from onsite_workflow.engine.duties import Obligation, Status
from onsite_workflow.ports import CaseStore, CaseSummary, Commit
from onsite_workflow.terms import State

from ._base import Contract, Undone, append_all, everything, interleaved, rule_of
from .commits import sample_case, simple_commit, simple_obligation

__all__ = ["ListPromises"]

#: In the order of code points; UTF-16, a collation and lower case each order them differently.
_IN_ORDER: Final = ("10", "2", "B", "Z1", "a", "a-b", "ab", "b", "é", "中", "\uff5e", "\U00020bb7")

_NOON: Final = dt.datetime(2026, 3, 4, 12, tzinfo=SHANGHAI)


class ListPromises(Contract):
    """``cases``, ``open_obligations``, ``reindex``."""

    # --- cases ---

    def test_6_cases_agree_with_every_commit(self, store: CaseStore) -> None:
        latest: dict[str, CaseSummary] = {}
        for commit in interleaved("XN-2", "XN-1"):
            store.append(commit)
            latest[commit.case] = commit.summary
            assert list(store.cases()) == [latest[case] for case in sorted(latest)]

    def test_6_cases_are_listed_by_id_in_pages(self, store: CaseStore) -> None:
        ids = sorted(f"XN-{number}" for number in (1, 2, 3, 10, 20))
        for case in reversed(ids):
            store.append(sample_case(case)[0])
        assert [summary.case for summary in store.cases()] == ids
        assert [summary.case for summary in store.cases(after=ids[1], limit=2)] == ids[2:4]
        assert [summary.case for summary in store.cases(after="XN-15", limit=2)] == ids[2:4]
        assert not store.cases(after=ids[-1])

    def test_6_cases_are_in_the_order_of_code_points(self, store: CaseStore) -> None:
        append_all(store, map(simple_commit, (*_IN_ORDER[::2], *_IN_ORDER[1::2])))
        assert tuple(summary.case for summary in store.cases()) == _IN_ORDER
        for limit in (1, 5):
            assert tuple(s.case for s in _case_pages(store, limit)) == _IN_ORDER

    def test_6_without_a_limit_a_page_has_a_thousand_lines(self, store: CaseStore) -> None:
        *commits, last = _a_thousand_and_some()
        owed = list(last.obligations)
        with store.batch():
            append_all(store, [*commits, last])
        assert [s.case for s in store.cases()] == [f"XN-{n:04}" for n in range(1000)]
        assert list(store.open_obligations()) == owed[:1000]
        assert list(store.open_obligations(after=owed[999])) == owed[1000:]

    def test_6_cases_are_found_by_state_and_unit(self, store: CaseStore) -> None:
        append_all(store, sample_case("XN-1")[:1])
        append_all(store, sample_case("XN-2")[:2])
        append_all(store, sample_case("XN-3"))
        lead, assisting = sample_case("XN-3")[-1].summary.units
        found = {
            "archived": [s.case for s in store.cases(state=State.ARCHIVED)],
            "declined": [s.case for s in store.cases(state=State.DECLINED)],
            "lead": [s.case for s in store.cases(unit=lead)],
            "assisting": [s.case for s in store.cases(unit=assisting)],
            "both": [s.case for s in store.cases(unit=lead, state=State.TRANSFERRED)],
            "nobody": [s.case for s in store.cases(unit="无此单位")],
            "part of a name": [s.case for s in store.cases(unit=lead[:-1])],
        }
        assert found == {
            "archived": ["XN-3"],
            "declined": [],
            "lead": ["XN-2", "XN-3"],
            "assisting": ["XN-2", "XN-3"],
            "both": ["XN-2"],
            "nobody": [],
            "part of a name": [],
        }

    def test_6_cases_are_found_by_an_open_obligation_due_before(self, store: CaseStore) -> None:
        dues: dict[str, list[dt.datetime | None]] = {
            "early": [_NOON],
            "two": [None, _NOON, _NOON],
            "late": [_NOON + _hour(1)],
            "none": [None],
        }
        for case, whens in dues.items():
            owed = [simple_obligation(case, subject=str(n), due=d) for n, d in enumerate(whens)]
            store.append(simple_commit(case, obligations=owed))
        store.append(simple_commit("nothing"))
        tick = dt.timedelta(microseconds=1)
        for before, found in {
            _NOON: [],
            _NOON + tick: ["early", "two"],
            _NOON + _hour(1): ["early", "two"],
            _NOON + _hour(1) + tick: ["early", "late", "two"],
        }.items():
            for moment in (before, before.astimezone(dt.UTC)):
                assert [s.case for s in store.cases(due_before=moment)] == found

    def test_6_an_obligation_that_is_met_finds_no_case(self, store: CaseStore) -> None:
        store.append(simple_commit("XN-1", obligations=[simple_obligation("XN-1", due=_NOON)]))
        assert store.cases(due_before=_NOON + _hour(1))
        store.append(simple_commit("XN-1", after=1))
        assert not store.cases(due_before=_NOON + _hour(1))

    def test_6_cases_are_found_by_an_applicant_key(self, store: CaseStore) -> None:
        for case, keys in {"A": ("k1", "k2"), "B": ("k2",), "C": (), "D": ("K1", "k1x")}.items():
            store.append(simple_commit(case, applicant_keys=keys))
        found = {k: "".join(s.case for s in store.cases(applicant_key=k)) for k in _KEYS}
        assert found == {"k1": "A", "k2": "AB", "K1": "D", "k": "", "k1x": "D", "k%": ""}

    def test_6_cases_are_found_by_another_calendar(self, store: CaseStore) -> None:
        for case, revision in {"A": "2026.1", "B": "2026.2", "C": "2026.1+x"}.items():
            store.append(simple_commit(case, calendar_revision=revision))
        for revision, found in {"2026.1": "BC", "2026.2": "AC", "2027": "ABC"}.items():
            assert "".join(s.case for s in store.cases(other_calendar_than=revision)) == found

    def test_6_records_are_found_by_their_procedure(self, store: CaseStore) -> None:
        append_all(store, _of_procedures())
        for procedure in (*_PROCEDURES, "lost", "lost_property/", "LOST_PROPERTY", "%"):
            expected = [c.summary for c in _of_procedures() if c.summary.procedure == procedure]
            assert list(store.cases(procedure=procedure)) == expected
            for limit in (1, 2):
                assert list(_case_pages(store, limit, procedure=procedure)) == expected

    def test_6_records_of_every_procedure_are_listed_as_they_were_given(
        self, store: CaseStore
    ) -> None:
        append_all(store, _of_procedures())
        assert list(store.cases()) == [commit.summary for commit in _of_procedures()]
        for commit in _of_procedures():
            listed = [o for o in store.open_obligations() if o.case == commit.case]
            assert listed == list(commit.obligations)
            assert commit.summary in store.cases(state=commit.summary.state)

    def test_6_what_is_owed_is_found_by_its_procedure(self, store: CaseStore) -> None:
        append_all(store, _of_procedures())
        everything = list(store.open_obligations())
        for procedure in (*_PROCEDURES, "lost", "%"):
            for asked in ({}, {"unit": "乙"}, {"before": _NOON}, {"unit": "乙", "before": _NOON}):
                expected = [
                    each
                    for each in everything
                    if each.procedure == procedure
                    and asked.get("unit", each.bearer) == each.bearer
                    and ("before" not in asked or (each.due is not None and each.due < _NOON))
                ]
                for limit in (1, 100):
                    found = _owed_pages(store, limit, procedure=procedure, **asked)
                    assert list(found) == expected

    def test_6_what_a_case_had_before_finds_it_no_more(self, store: CaseStore) -> None:
        before: dict[str, Any] = {
            "state": State.TRANSFERRED,
            "units": ("甲", "乙"),
            "applicant_keys": ("k1", "k2"),
        }
        after: dict[str, Any] = {
            "state": State.ACCEPTED,
            "units": ("乙", "丙"),
            "applicant_keys": ("k2", "k3"),
        }
        store.append(simple_commit("XN-1", **before))
        store.append(simple_commit("XN-1", after=1, **after))
        asked: list[dict[str, Any]] = [
            *({"unit": unit} for unit in ("甲", "乙", "丙")),
            *({"applicant_key": key} for key in ("k1", "k2", "k3")),
            *({"state": state} for state in (State.TRANSFERRED, State.ACCEPTED)),
        ]
        assert [len(store.cases(**only)) for only in asked] == [0, 1, 1, 0, 1, 1, 0, 1]

    def test_6_filters_hold_together_and_on_every_page(self, store: CaseStore) -> None:
        commits = _assorted()
        append_all(store, commits)
        asked: dict[str, list[Any]] = {
            "procedure": [None, "lost_property"],
            "state": [None, State.ACCEPTED],
            "unit": [None, "甲"],
            "due_before": [None, _NOON + _hour(1)],
            "applicant_key": [None, "k1"],
            "other_calendar_than": [None, "2026.1"],
        }
        for values in product(*asked.values()):
            only = {k: v for k, v in zip(asked, values, strict=True) if v is not None}
            expected = [c.case for c in commits if _found(c, **only)]
            assert [s.case for s in store.cases(**only)] == expected
            for limit in (1, 3):
                assert [s.case for s in _case_pages(store, limit, **only)] == expected

    # --- open obligations ---

    def test_6_open_obligations_agree_with_every_commit(self, store: CaseStore) -> None:
        latest: dict[str, tuple[Obligation, ...]] = {}
        for commit in interleaved("XN-2", "XN-1"):
            store.append(commit)
            latest[commit.case] = commit.obligations
            listed = store.open_obligations()
            assert len(listed) == sum(map(len, latest.values()))
            assert set(listed) == set(chain.from_iterable(latest.values()))

    def test_6_all_that_is_met_at_once_is_listed_no_more(self, store: CaseStore) -> None:
        owed = [simple_obligation("XN-1", subject=f"{n}") for n in range(6)]
        for after, standing in enumerate((owed, owed[4:], owed, owed[1:3], [])):
            store.append(simple_commit("XN-1", after=after, obligations=standing))
            listed = store.open_obligations()
            assert (len(listed), set(listed)) == (len(standing), set(standing))

    def test_6_open_obligations_come_by_due_time(self, store: CaseStore) -> None:
        expected = _owed_in_march(store)
        dues = [owed.due for owed in store.open_obligations()]
        known = [due for due in dues if due is not None]
        assert known == sorted(known)
        assert dues == known + [None] * (len(expected) - len(known))
        assert list(store.open_obligations(limit=2)) == list(store.open_obligations())[:2]

    def test_6_open_obligations_are_found_by_due_time_and_bearer(self, store: CaseStore) -> None:
        expected = _owed_in_march(store)
        due = sorted(owed.due for owed in expected if owed.due is not None)[1]
        bearer = next(owed.bearer for owed in expected if owed.due is None)
        for before in (due, due.astimezone(dt.UTC)):
            assert set(store.open_obligations(before=before)) == {
                owed for owed in expected if owed.due is not None and owed.due < before
            }
        assert set(store.open_obligations(unit=bearer)) == {
            owed for owed in expected if owed.bearer == bearer
        }
        assert set(store.open_obligations(unit=bearer, before=due)) == {
            o for o in expected if o.bearer == bearer and o.due is not None and o.due < due
        }

    def test_6_open_obligations_due_at_one_time_come_by_case_kind_and_subject(
        self, store: CaseStore
    ) -> None:
        expected = _many_owed()
        _owe(store, expected)
        assert list(store.open_obligations()) == expected

    def test_6_moments_are_compared_and_not_what_clocks_show(self, store: CaseStore) -> None:
        # 11:30 and 12:00 in Shanghai; as texts "11:30+08:00" and "04:00+00:00".
        first = simple_obligation("XN-1", subject="1", due=_NOON - _hour(0.5))
        second = simple_obligation("XN-1", subject="2", due=_NOON.astimezone(dt.UTC))
        third = simple_obligation("XN-1", subject="3", due=_NOON + dt.timedelta(microseconds=1))
        store.append(simple_commit("XN-1", obligations=[third, second, first]))
        assert list(store.open_obligations()) == [first, second, third]
        for zone in (dt.UTC, SHANGHAI, dt.timezone(-_hour(9.5))):
            assert list(store.open_obligations(before=_NOON.astimezone(zone))) == [first]
            later = (third.due or _NOON).astimezone(zone)
            assert list(store.open_obligations(before=later)) == [first, second]

    def test_6_pages_of_obligations_meet_without_gap_or_overlap(self, store: CaseStore) -> None:
        expected = _many_owed()
        _owe(store, expected)
        for limit in (1, 2, 7, len(expected), len(expected) + 1):
            assert list(_owed_pages(store, limit)) == expected
        some = [o for o in expected if o.bearer == "甲" and o.due is not None and o.due <= _NOON]
        for limit in (1, 2):
            found = _owed_pages(store, limit, unit="甲", before=_NOON + _hour(0.5))
            assert list(found) == some

    def test_6_a_cursor_need_not_stand_any_more(self, store: CaseStore) -> None:
        expected = _many_owed()
        _owe(store, expected[::2])
        for number, gone in enumerate(expected):
            rest = [owed for owed in expected[number + 1 :] if owed in expected[::2]]
            for cursor in (gone, attrs.evolve(gone, status=Status.OVERDUE, bearer="丙")):
                assert list(store.open_obligations(after=cursor)) == rest

    # --- within a batch, and while others write ---

    def test_6_the_lists_agree_within_a_batch(self, store: CaseStore) -> None:
        with store.batch():
            for commit in sample_case("XN-1")[:6]:
                store.append(commit)
                assert list(store.cases()) == [commit.summary]
                assert set(store.open_obligations()) == set(commit.obligations)

    def test_1_a_conflict_changes_no_list(self, store: CaseStore) -> None:
        store.append(simple_commit("XN-1", keys=["notice:1"], units=("甲",), applicant_keys=("k",)))
        owed = [simple_obligation("XN-1")]
        for refused in (
            simple_commit("XN-1", command_id="late", obligations=owed, units=("乙",)),
            simple_commit("XN-2", keys=["notice:1"], obligations=[simple_obligation("XN-2")]),
        ):
            before = everything(store), store.cases(unit="乙"), store.cases(applicant_key="k")
            if rule_of(store, refused) is not None:  # that there is one, other promises say
                after = everything(store), store.cases(unit="乙"), store.cases(applicant_key="k")
                assert after == before

    def test_6_a_list_is_of_one_moment_while_others_write(self, store: CaseStore) -> None:
        commits = [
            simple_commit(
                "XN-1",
                after=n,
                units=(f"甲{n}", f"乙{n}"),
                applicant_keys=(f"k{n}", f"l{n}"),
                obligations=[
                    simple_obligation("XN-1", subject=f"{m}", bearer=f"甲{n}") for m in range(4)
                ],
            )
            for n in range(60)
        ]
        store.append(commits[0])
        summaries = [commit.summary for commit in commits]
        owed = [list(commit.obligations) for commit in commits]
        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(append_all, store, commits[1:])
            while not writing.done():
                (line,) = store.cases()
                assert line in summaries
                assert list(store.open_obligations()) in owed
            writing.result()

    # --- reindex ---

    def test_6_reindex_takes_the_place_of_what_was_listed(self, store: CaseStore) -> None:
        append_all(store, [simple_commit("XN-0"), *_assorted()[:2]])
        for commit in _assorted()[:2]:
            line = attrs.evolve(
                commit.summary,
                state=State.DECLINED,
                units=("丁",),
                applicant_keys=("k9",),
                calendar_revision="2026.9",
            )
            owed = [simple_obligation(commit.case, subject="new", bearer="丁", due=_NOON)]
            rest = [s for s in store.cases() if s.case != commit.case]
            assert store.reindex(line, owed) is True
            assert [s for s in store.cases() if s.case != commit.case] == rest
            assert [s for s in store.cases(unit="丁") if s.case == commit.case] == [line]
            assert line in store.cases(applicant_key="k9", state=State.DECLINED)
            assert line not in store.cases(other_calendar_than="2026.9")
            assert not [s for s in store.cases(unit="甲") if s.case == commit.case]
            assert [o for o in store.open_obligations() if o.case == commit.case] == owed
            assert line in store.cases(due_before=_NOON + _hour(1))

    def test_6_reindex_leaves_the_events_as_they_are(self, store: CaseStore) -> None:
        commits = sample_case("XN-1")[:4]
        append_all(store, commits)

        def held() -> object:
            found = [store.find(commit.command_id) for commit in commits]
            return list(store.feed()), store.load("XN-1"), found

        before = held()
        store.reindex(attrs.evolve(commits[-1].summary, calendar_revision="2026.9"), ())
        assert held() == before
        assert rule_of(store, sample_case("XN-1")[4]) is None

    def test_6_reindex_changes_nothing_where_the_case_has_moved_on(self, store: CaseStore) -> None:
        first = simple_commit("XN-1", obligations=[simple_obligation("XN-1")])
        append_all(store, [first, simple_commit("XN-1", after=1), simple_commit("XN-2")])
        before = everything(store)
        owed = [simple_obligation("XN-1", subject="x")]
        for version in (1, 3):
            assert store.reindex(attrs.evolve(first.summary, version=version), owed) is False
            assert everything(store) == before

    def test_6_reindex_makes_no_case(self, store: CaseStore) -> None:
        nobody = simple_commit("XN-1", obligations=[simple_obligation("XN-1")])
        assert store.reindex(nobody.summary, nobody.obligations) is False
        assert everything(store) == ([], [], [])
        assert rule_of(store, nobody) is None

    def test_6_the_next_commit_takes_the_place_of_a_reindex(self, store: CaseStore) -> None:
        commit = simple_commit("XN-1")
        store.append(commit)
        line = attrs.evolve(commit.summary, units=("丁",), applicant_keys=("k9",))
        store.reindex(line, [simple_obligation("XN-1", subject="new")])
        after = simple_commit("XN-1", after=1, obligations=[simple_obligation("XN-1")])
        store.append(after)
        assert list(store.cases()) == [after.summary]
        assert not store.cases(unit="丁")
        assert not store.cases(applicant_key="k9")
        assert list(store.open_obligations()) == list(after.obligations)

    def test_1_a_batch_that_is_undone_undoes_its_reindex(self, store: CaseStore) -> None:
        commit = simple_commit("XN-1", obligations=[simple_obligation("XN-1")])
        store.append(commit)
        before = everything(store)
        with suppress(Undone), store.batch():
            store.reindex(attrs.evolve(commit.summary, units=("丁",)), ())
            raise Undone
        assert everything(store) == before


_KEYS: Final = ("k1", "k2", "K1", "k", "k1x", "k%")


def _hour(hours: float) -> dt.timedelta:
    return dt.timedelta(hours=hours)


@cache
def _a_thousand_and_some() -> tuple[Commit, ...]:
    """Cases with nothing owed, and one by id after them that owes as many things."""
    owed = [simple_obligation("XN-1", subject=f"{n:04}") for n in range(1003)]
    cases = [simple_commit(f"XN-{n:04}") for n in range(1001)]
    return (*cases, simple_commit("XN-1", obligations=owed))


_PROCEDURES: Final = ("case", "lost_property", "申诉\U00020bb7")


@cache
def _of_procedures() -> tuple[Commit, ...]:
    """Records of three procedures, by key; what their lists say is of no procedure that this library
    knows."""
    ids = {
        "case": "{}",
        "lost_property": "lost_property/{}",
        _PROCEDURES[2]: f"{_PROCEDURES[2]}/{{}}",
    }
    commits = [
        simple_commit(
            key.format(number),
            procedure=procedure,
            state=("found", "transferred", "it's 100% \\ found")[number % 3],
            result=(None, "returned", "x" * 128)[number % 3],
            obligations=[
                simple_obligation(
                    key.format(number),
                    kind,
                    procedure=procedure,
                    bearer="甲乙"[number % 2],
                    due=(_NOON - _hour(number), None)[number == 3],
                )
                for kind in ("keep", "reply")
            ],
        )
        for procedure, key in ids.items()
        for number in (1, 2, 3, 10)
    ]
    return tuple(sorted(commits, key=lambda commit: commit.case))


@cache
def _assorted() -> list[Commit]:
    """Twenty-four cases that the filters tell apart, by id."""
    choices = product(
        (State.ACCEPTED, State.CLOSED),
        ((), ("乙", "甲")),
        ((_NOON,), (None,), (_NOON + _hour(2),)),
        (("k0", "k1", "2026.1"), ("k2", "2026.2")),
    )
    return [
        simple_commit(
            f"C{number:02}",
            procedure=_PROCEDURES[number % 5 // 2],
            state=state,
            units=units,
            applicant_keys=keys[:-1],
            calendar_revision=keys[-1],
            obligations=[simple_obligation(f"C{number:02}", due=due, bearer="甲") for due in dues],
        )
        for number, (state, units, dues, keys) in enumerate(choices)
    ]


def _found(commit: Commit, **only: Any) -> bool:
    summary = commit.summary
    dues = [owed.due for owed in commit.obligations if owed.due is not None]
    tests: dict[str, Callable[[Any], bool]] = {
        "procedure": lambda asked: summary.procedure == asked,
        "state": lambda asked: summary.state == asked,
        "unit": lambda asked: asked in summary.units,
        "due_before": lambda asked: any(due < asked for due in dues),
        "applicant_key": lambda asked: asked in summary.applicant_keys,
        "other_calendar_than": lambda asked: summary.calendar_revision != asked,
    }
    return all(tests[name](asked) for name, asked in only.items())


#: Of one case: what is due, in the order that the port gives.
_OWED: Final = (
    (_NOON - dt.timedelta(hours=1), Kind.ARRIVAL, None),
    (_NOON - dt.timedelta(hours=1), Kind.REPLY, "Z"),
    (_NOON - dt.timedelta(hours=1), Kind.REPLY, "a"),
    (_NOON - dt.timedelta(hours=1), Kind.REPLY, "\uff5e"),
    (_NOON - dt.timedelta(hours=1), Kind.REPLY, "\U00020bb7"),
    (_NOON, Kind.ARRIVAL, "A.5.2"),
    (_NOON, Kind.REPLY, None),
    (_NOON, Kind.REPLY, "A.5.2"),
    (None, Kind.DELIVERY, None),
    (None, Kind.DELIVERY, "A.5.2"),
    (None, Kind.REPLY, "b"),
)


@cache
def _many_owed() -> list[Obligation]:
    """Obligations of four cases that share due times, kinds and subjects, in the port's order."""
    return [
        simple_obligation(case, kind, subject, due=due, bearer="甲" if subject else "乙")
        for moment in dict.fromkeys(due for due, *_ in _OWED)
        for case in ("B", "a", "\uff5e", "\U00020bb7")
        for due, kind, subject in _OWED
        if due == moment
    ]


def _owe(store: CaseStore, owed: list[Obligation]) -> None:
    """Commits by which exactly ``owed`` is open, in another order."""
    for case in sorted({each.case for each in owed}, key=lambda case: case.encode("utf-16-be")):
        mine = [each for each in reversed(owed) if each.case == case]
        store.append(simple_commit(case, obligations=mine))


def _owed_in_march(store: CaseStore) -> list[Obligation]:
    """Cases with limits at several times and without; what they owe."""
    commits = [
        sample_case("XN-1")[:1],
        sample_case("XN-2")[:2],
        sample_case("XN-3")[:5],
        sample_case("XN-4")[:6],
        sample_case("XN-5")[:12],
    ]
    for some in reversed(commits):
        append_all(store, some)
    return list(chain.from_iterable(some[-1].obligations for some in commits))


def _case_pages(store: CaseStore, limit: int, **only: Any) -> Iterator[CaseSummary]:
    page, begun = store.cases(limit=limit, **only), set[str]()
    while page:
        assert len(page) <= limit
        yield from page
        assert page[-1].case not in begun, "a page ends where one did before"
        begun.add(page[-1].case)
        page = store.cases(limit=limit, after=page[-1].case, **only)


def _owed_pages(store: CaseStore, limit: int, **only: Any) -> Iterator[Obligation]:
    page, begun = store.open_obligations(limit=limit, **only), set[Obligation]()
    while page:
        assert len(page) <= limit
        yield from page
        assert page[-1] not in begun, "a page ends where one did before"
        begun.add(page[-1])
        page = store.open_obligations(limit=limit, after=page[-1], **only)
