"""Promise 10: what is due is leased to one worker at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import closing, suppress
from functools import partial
from itertools import chain, product
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from onsite_workflow.checks import SHANGHAI
from onsite_workflow.clause7.regulation import Kind
from onsite_workflow.engine.duties import Obligation, Status
from onsite_workflow.errors import NotSupported
from onsite_workflow.ports import Capability, CaseStore, Lease

from ._base import Contract, Undone, at_once, needs, rule_of, unless
from .commits import simple_commit, simple_obligation

__all__ = ["DUE", "HOUR", "NOON", "LeasePromises", "claim", "lease_due", "owe"]

NOON: Final = dt.datetime(2026, 3, 4, 12, tzinfo=SHANGHAI)
HOUR: Final = dt.timedelta(hours=1)
DUE: Final = NOON - 2 * HOUR
_TICK: Final = dt.timedelta(microseconds=1)


class LeasePromises(Contract):
    """``claim_due`` and ``extend``."""

    @unless(Capability.LEASES)
    def test_10_who_does_not_declare_it_raises_not_supported(self, store: CaseStore) -> None:
        lease = Lease(obligation=simple_obligation("XN-1"), worker="a", until=NOON)
        with pytest.raises(NotSupported):
            lease_due(store, "a")
        with pytest.raises(NotSupported):
            store.extend(lease, now=NOON, until=NOON)

    @needs(Capability.LEASES)
    def test_10_what_is_due_first_is_leased_first(self, store: CaseStore) -> None:
        owed = owe(store, 5)
        given = lease_due(store, "a", limit=2)
        assert [lease.obligation for lease in given] == owed[:2]
        assert {(lease.worker, lease.until) for lease in given} == {("a", NOON + HOUR)}
        assert claim(store, "a", limit=2) == owed[2:4]
        assert claim(store, "a", limit=2) == owed[4:]
        assert claim(store, "a", limit=2) == []

    @needs(Capability.LEASES)
    def test_10_what_one_worker_has_no_other_gets(self, store: CaseStore) -> None:
        owed = owe(store, 5)
        assert claim(store, "a", limit=3) == owed[:3]
        assert claim(store, "b") == owed[3:]
        assert claim(store, "a") == claim(store, "b") == claim(store, "c") == []

    @needs(Capability.LEASES)
    def test_10_what_is_leased_is_still_listed(self, store: CaseStore) -> None:
        owed = owe(store, 3)
        claim(store, "a")
        assert list(store.open_obligations()) == owed
        assert [s.case for s in store.cases(due_before=NOON)] == ["XN-0", "XN-1", "XN-2"]

    @needs(Capability.LEASES)
    def test_10_what_is_due_later_or_never_is_not_leased(self, store: CaseStore) -> None:
        dues = (NOON, NOON - _TICK, None)
        owed = [simple_obligation("XN-1", subject=str(n), due=due) for n, due in enumerate(dues)]
        store.append(simple_commit("XN-1", obligations=owed))
        for zone in (dt.UTC, SHANGHAI):
            now = NOON + 3 * HOUR
            given = store.claim_due(
                worker="a", before=NOON.astimezone(zone), now=now, until=now, limit=9
            )
            assert [lease.obligation for lease in given] == owed[1:2]

    @needs(Capability.LEASES)
    def test_10_a_unit_is_given_its_own(self, store: CaseStore) -> None:
        owed = [
            simple_obligation("XN-1", subject=f"{n}", bearer="乙" if n % 3 else "甲", due=DUE)
            for n in range(9)
        ]
        store.append(simple_commit("XN-1", obligations=owed))
        assert claim(store, "a", unit="甲", limit=2) == [owed[0], owed[3]]
        assert claim(store, "b", unit="甲") == [owed[6]]
        assert claim(store, "b") == [o for o in owed if o.bearer == "乙"]

    @needs(Capability.LEASES)
    def test_10_what_is_due_is_leased_by_its_procedure(self, store: CaseStore) -> None:
        keys = {"case": "XN-1", "lost_property": "lost_property/L-1"}
        owed = {
            procedure: simple_obligation(key, "reply", procedure=procedure, due=DUE)
            for procedure, key in keys.items()
        }
        for procedure, key in keys.items():
            commit = simple_commit(key, procedure=procedure, obligations=[owed[procedure]])
            store.append(commit)
        span: dict[str, Any] = {"before": NOON, "now": NOON, "until": NOON + HOUR}
        assert not store.claim_due(worker="a", procedure="lost", **span)
        for procedure, expected in owed.items():
            given = store.claim_due(worker="a", procedure=procedure, **span)
            assert [lease.obligation for lease in given] == [expected]
            again = store.extend(given[0], now=NOON, until=NOON + 2 * HOUR)
            assert again is not None
            assert again.obligation == expected

    @needs(Capability.LEASES)
    def test_10_without_a_limit_a_hundred_are_leased(self, store: CaseStore) -> None:
        owed = [simple_obligation("XN-1", subject=f"{n:03}", due=DUE) for n in range(103)]
        store.append(simple_commit("XN-1", obligations=owed))
        assert claim(store, "a") == owed[:100]
        assert claim(store, "b") == owed[100:]

    @needs(Capability.LEASES)
    def test_10_a_lease_runs_until_its_last_instant(self, store: CaseStore) -> None:
        owed = owe(store, 1)
        until = NOON + HOUR
        claim(store, "a", until=until)
        for zone in (SHANGHAI, dt.UTC, dt.timezone(-9 * HOUR)):
            assert claim(store, "b", now=(until - _TICK).astimezone(zone)) == []
        assert claim(store, "b", now=until.astimezone(dt.UTC), until=until + HOUR) == owed
        assert claim(store, "c", now=until) == []

    @needs(Capability.LEASES)
    def test_10_a_claim_is_counted_by_the_moment_it_gives(self, store: CaseStore) -> None:
        # Not by the machine's clock: these leases ran long ago, or will.
        owed = owe(store, 1)
        for year in (1990, 2150):
            now = NOON.replace(year=year)
            given = store.claim_due(worker="a", before=NOON, now=now, until=now + HOUR)
            assert [lease.obligation for lease in given] == owed
            assert claim(store, "b", now=now + HOUR - _TICK) == []

    @needs(Capability.LEASES)
    def test_10_of_several_workers_at_once_each_gets_others(self, store: CaseStore) -> None:
        owed = owe(store, 40)

        def work(worker: str) -> list[Obligation]:
            mine: list[Obligation] = []
            for _ in owed:  # a store that gives without end is wrong, too
                mine += claim(store, worker, limit=3)
            return mine

        claims = at_once(partial(work, f"w{number}") for number in range(self.writers))
        mine = list(chain.from_iterable(claims))
        assert len(set(mine)) == len(mine), "one obligation was given to two workers"
        mine += claim(store, "rest")
        assert set(mine) == set(owed)

    @needs(Capability.LEASES, Capability.SHARED)
    def test_10_what_one_process_has_no_other_gets(self, store: CaseStore, folder: Path) -> None:
        owed = owe(store, 4)
        with closing(self.open_store(folder)) as other:
            (lease, *_) = lease_due(other, "a", limit=2)
            assert claim(store, "b") == owed[2:]
            assert claim(other, "c") == []
            assert store.extend(lease, now=NOON, until=NOON) is not None
            assert claim(other, "c") == owed[:1]

    @needs(Capability.LEASES)
    def test_10_a_lease_is_extended_by_whom_it_runs_for(self, store: CaseStore) -> None:
        owed = owe(store, 2)
        (lease,) = lease_due(store, "a", limit=1)
        longer = store.extend(lease, now=NOON, until=NOON + 2 * HOUR)
        assert longer == attrs.evolve(lease, until=NOON + 2 * HOUR)
        assert claim(store, "b", now=NOON + HOUR) == owed[1:]
        assert longer is not None
        assert store.extend(lease, now=NOON, until=NOON + 3 * HOUR) is None, "extended since"
        assert store.extend(longer, now=NOON + HOUR, until=NOON + 3 * HOUR) is not None
        assert claim(store, "b", now=NOON + 3 * HOUR) == owed

    @needs(Capability.LEASES)
    def test_10_an_extended_lease_may_end_sooner(self, store: CaseStore) -> None:
        owed = owe(store, 1)
        (lease,) = lease_due(store, "a")
        shorter = store.extend(lease, now=NOON, until=NOON + _TICK)
        assert shorter is not None
        assert claim(store, "b", now=NOON) == []
        assert claim(store, "b", now=NOON + _TICK) == owed

    @needs(Capability.LEASES)
    def test_10_nobody_extends_what_runs_for_another_or_has_ended(self, store: CaseStore) -> None:
        owed = owe(store, 1)
        (lease,) = lease_due(store, "a")
        others = attrs.evolve(lease, worker="b")
        never = attrs.evolve(lease, obligation=simple_obligation("XN-0", subject="never"))
        for wrong in (others, never, attrs.evolve(lease, until=lease.until + _TICK)):
            assert store.extend(wrong, now=NOON, until=NOON + 9 * HOUR) is None
        assert store.extend(lease, now=lease.until, until=NOON + 9 * HOUR) is None
        assert claim(store, "b", now=lease.until, until=NOON + 5 * HOUR) == owed
        assert store.extend(lease, now=NOON, until=NOON + 9 * HOUR) is None
        assert claim(store, "c", now=NOON + 5 * HOUR) == owed

    @needs(Capability.LEASES)
    def test_10_a_lease_given_back_is_free_at_once(self, store: CaseStore) -> None:
        owed = owe(store, 2)
        for until in (NOON, NOON - HOUR):
            (lease,) = lease_due(store, "a", limit=1)
            assert lease.obligation == owed[0]
            back = store.extend(lease, now=NOON, until=until)
            assert back is not None
            assert back.until == until
            assert store.extend(lease, now=NOON, until=NOON + HOUR) is None
            assert store.extend(back, now=NOON, until=NOON + HOUR) is None
        assert claim(store, "b") == owed

    @needs(Capability.LEASES)
    def test_10_a_lease_outlives_commits_and_reindex(self, store: CaseStore) -> None:
        (owed,) = owe(store, 1)
        other = simple_obligation("XN-0", Kind.FORM, due=DUE)
        restated = attrs.evolve(owed, status=Status.OVERDUE, provisional=True, bearer="丙")
        (lease,) = lease_due(store, "a")
        store.append(simple_commit("XN-9"))
        store.append(simple_commit("XN-0", after=1, obligations=[other, owed]))
        assert claim(store, "b") == [other]
        line = simple_commit("XN-0", after=1).summary
        for again in (owed, restated, attrs.evolve(owed, due=DUE.astimezone(dt.UTC))):
            assert store.reindex(line, [again])
            assert claim(store, "c") == []
        assert store.extend(lease, now=NOON, until=NOON + HOUR + _TICK) is not None
        assert claim(store, "d", now=NOON + HOUR) == []

    @needs(Capability.LEASES)
    def test_10_a_lease_ends_with_its_obligation(self, store: CaseStore) -> None:
        owed, other = owe(store, 2)
        (lease, _) = lease_due(store, "a")
        store.append(simple_commit("XN-0", after=1))  # it is met
        assert store.extend(lease, now=NOON, until=NOON + 2 * HOUR) is None
        store.append(simple_commit("XN-0", after=2, obligations=[owed]))  # a correction: it is not
        assert store.extend(lease, now=NOON, until=NOON + 2 * HOUR) is None
        assert claim(store, "b") == [owed]
        assert other not in claim(store, "c")
        line = simple_commit("XN-0", after=2).summary
        store.reindex(line, ())
        store.reindex(line, [owed])
        assert claim(store, "c") == [owed]

    @needs(Capability.LEASES)
    def test_10_all_leases_end_with_their_obligations(self, store: CaseStore) -> None:
        owed = [simple_obligation("XN-0", subject=f"{n}", due=DUE) for n in range(4)]
        store.append(simple_commit("XN-0", obligations=owed))
        claim(store, "a")
        line = simple_commit("XN-0").summary
        store.reindex(line, owed[:1])
        store.reindex(line, owed)
        assert claim(store, "b") == owed[1:]

    @needs(Capability.LEASES)
    def test_10_a_lease_ends_where_a_time_has_changed(self, store: CaseStore) -> None:
        for field, change in product(("opened_at", "due"), (HOUR, _TICK)):
            (owed,) = owe(store, 1, case=f"{field} {change}")
            moved = attrs.evolve(owed, **{field: getattr(owed, field) - change})
            (lease,) = lease_due(store, "a")
            store.append(simple_commit(owed.case, after=1, obligations=[moved]))
            assert store.extend(lease, now=NOON, until=NOON + 2 * HOUR) is None
            (second,) = lease_due(store, "b")
            assert second.obligation == moved
            assert store.reindex(simple_commit(owed.case, after=1).summary, [owed])
            assert store.extend(second, now=NOON, until=NOON + 2 * HOUR) is None
            assert claim(store, "c") == [owed]

    @needs(Capability.LEASES)
    def test_1_a_refused_commit_ends_no_lease(self, store: CaseStore) -> None:
        owe(store, 2)
        lease_due(store, "a")
        before = claim(store, "b")
        if rule_of(store, simple_commit("XN-0", command_id="late")) is not None:
            assert claim(store, "b") == before

    @needs(Capability.LEASES)
    def test_1_a_batch_that_is_undone_ends_no_lease(self, store: CaseStore) -> None:
        owe(store, 2)
        lease_due(store, "a")
        before = claim(store, "b")
        with suppress(Undone), store.batch():
            store.append(simple_commit("XN-0", after=1))
            raise Undone
        assert claim(store, "b") == before

    @needs(Capability.LEASES, Capability.DURABLE)
    def test_10_a_lease_outlives_a_restart(self, store: CaseStore, folder: Path) -> None:
        owed = owe(store, 3)
        (lease,) = lease_due(store, "a", limit=1)
        with closing(self.restarted(store, folder)) as again:
            assert claim(again, "b") == owed[1:]
            assert again.extend(lease, now=NOON, until=NOON) is not None
            assert claim(again, "b") == owed[:1]


def owe(store: CaseStore, count: int, *, case: str = "XN") -> list[Obligation]:
    """``count`` cases, each with one obligation that is due before noon, and later ones that are
    not; those due before noon in their order."""
    owed: list[Obligation] = []
    for number in range(count):
        name = f"{case}-{number}"
        due = DUE + number * dt.timedelta(minutes=1)
        owed.append(simple_obligation(name, due=due))
        store.append(simple_commit(name, obligations=[owed[-1]]))
    return owed


def lease_due(
    store: CaseStore,
    worker: str,
    *,
    now: dt.datetime = NOON,
    until: dt.datetime | None = None,
    unit: str | None = None,
    limit: int | None = None,
) -> Sequence[Lease]:
    end = now + HOUR if until is None else until
    most: dict[str, Any] = {} if limit is None else {"limit": limit}
    given = store.claim_due(worker=worker, before=NOON, now=now, until=end, unit=unit, **most)
    assert all((lease.worker, lease.until) == (worker, end) for lease in given)
    return given


def claim(
    store: CaseStore,
    worker: str,
    *,
    now: dt.datetime = NOON,
    until: dt.datetime | None = None,
    unit: str | None = None,
    limit: int | None = None,
) -> list[Obligation]:
    """What ``worker`` is given of what is due before noon."""
    leases = lease_due(store, worker, now=now, until=until, unit=unit, limit=limit)
    return [lease.obligation for lease in leases]
