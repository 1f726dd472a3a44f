"""Texts that a collation takes for one another, wherever a text is a key; and what an undone batch
takes back besides appends."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Final

import attrs

from onsite_workflow.errors import Conflict
from onsite_workflow.ports import Capability, CaseStore
from onsite_workflow.terms import SHANGHAI

from ._base import Contract, Undone, needs
from ._events import ALIKE
from .commits import simple_commit, simple_obligation

__all__ = ["AlikePromises"]

_NOON: Final = dt.datetime(2026, 3, 4, 12, tzinfo=SHANGHAI)
_HOUR: Final = dt.timedelta(hours=1)
_LONG: Final = ("x" * 127 + "a", "x" * 127 + "b")  # told apart by the last of 128 characters
_NAMES: Final = (*ALIKE, *_LONG)


class AlikePromises(Contract):
    """Units, calendars, people, workers, subscribers; leases and positions in a batch."""

    def test_6_cases_of_like_units_and_calendars_are_kept_apart(self, store: CaseStore) -> None:
        for number, name in enumerate(_NAMES):
            line = {"units": (name,), "applicant_keys": (name,), "calendar_revision": name}
            store.append(simple_commit(f"XN-{number:02}", keys=(), **line))  # type: ignore[arg-type]
        for number, name in enumerate(_NAMES):
            case = [f"XN-{number:02}"]
            assert [line.case for line in store.cases(unit=name)] == case
            assert [line.case for line in store.cases(applicant_key=name)] == case
            others = store.cases(other_calendar_than=name)
            assert (len(others), case[0] in {s.case for s in others}) == (len(_NAMES) - 1, False)

    def test_6_what_like_units_owe_is_kept_apart(self, store: CaseStore) -> None:
        owed = [
            attrs.evolve(simple_obligation("XN-1", subject=f"{number}", due=_NOON), bearer=name)
            for number, name in enumerate(_NAMES)
        ]
        store.append(simple_commit("XN-1", obligations=owed))
        for each in owed:
            assert list(store.open_obligations(unit=each.bearer)) == [each]

    @needs(Capability.LEASES)
    def test_10_a_lease_is_its_own_workers_whatever_is_like_it(self, store: CaseStore) -> None:
        store.append(
            simple_commit("XN-1", obligations=[simple_obligation("XN-1", subject="1", due=_NOON)])
        )
        (lease,) = store.claim_due(
            worker="a1", before=_NOON + _HOUR, now=_NOON, until=_NOON + _HOUR
        )
        for name in _NAMES:
            if name != "a1":
                other = attrs.evolve(lease, worker=name)
                assert store.extend(other, now=_NOON, until=_NOON + 2 * _HOUR) is None

    @needs(Capability.LEASES)
    def test_10_a_lease_of_what_it_was_does_not_extend_what_it_became(
        self, store: CaseStore
    ) -> None:
        before = simple_obligation("XN-1", subject="1", due=_NOON)
        after = attrs.evolve(before, due=_NOON + dt.timedelta(minutes=1))
        span = {"before": _NOON + _HOUR, "now": _NOON, "until": _NOON + _HOUR}
        commit = simple_commit("XN-1", obligations=[before])
        store.append(commit)
        (old,) = store.claim_due(worker="a", **span)  # type: ignore[arg-type]
        store.reindex(commit.summary, [after])
        (new,) = store.claim_due(worker="a", **span)  # type: ignore[arg-type]
        assert new.obligation == after
        assert store.extend(old, now=_NOON, until=_NOON + 2 * _HOUR) is None
        assert store.extend(new, now=_NOON, until=_NOON + 2 * _HOUR) is not None

    @needs(Capability.LEASES)
    def test_1_a_lease_of_an_undone_batch_is_given_to_nobody(self, store: CaseStore) -> None:
        owed = simple_obligation("XN-1", subject="1", due=_NOON)
        store.append(simple_commit("XN-1", obligations=[owed]))
        span = {"before": _NOON + _HOUR, "now": _NOON, "until": _NOON + _HOUR}
        with suppress(Undone), store.batch():
            store.claim_due(worker="a", **span)  # type: ignore[arg-type]
            raise Undone
        given = store.claim_due(worker="b", **span)  # type: ignore[arg-type]
        assert [lease.obligation for lease in given] == [owed]

    @needs(Capability.POSITIONS)
    def test_1_a_position_of_an_undone_batch_is_not_moved_to(self, store: CaseStore) -> None:
        store.append(simple_commit("XN-1"))
        (entry,) = store.feed()
        before = store.position("s")  # that it is "" at first, promise 12 says
        with suppress(Undone, Conflict), store.batch():
            store.advance("s", after=before, position=entry.position)
            raise Undone
        assert store.position("s") == before

    def test_1_lists_counted_anew_in_an_undone_batch_are_as_before(self, store: CaseStore) -> None:
        owed = simple_obligation("XN-1", subject="1", due=_NOON)
        commit = simple_commit("XN-1", obligations=[owed])
        store.append(commit)
        with suppress(Undone), store.batch():
            assert store.reindex(commit.summary, [])
            raise Undone
        assert list(store.open_obligations()) == [owed]

    @needs(Capability.POSITIONS)
    def test_12_like_subscribers_are_kept_apart(self, store: CaseStore) -> None:
        for case in ("XN-1", "XN-2"):
            store.append(simple_commit(case))
        first, second = (entry.position for entry in store.feed())
        for number, name in enumerate(_NAMES):
            store.advance(name, after="", position=first if number % 2 else second)
        for number, name in enumerate(_NAMES):
            assert store.position(name) == (first if number % 2 else second)
