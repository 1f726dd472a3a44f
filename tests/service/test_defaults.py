"""What is inherited where nothing is declared, and small answers."""

import datetime as dt
from collections.abc import Callable

import pytest

from onsite_workflow import SHANGHAI, Capability, InvalidInput, MemoryStore, NotSupported
from onsite_workflow.ports import CaseStore, Lease
from onsite_workflow.testing import simple_obligation
from onsite_workflow.wire.reading import parse_json
from onsite_workflow.wire.writing import to_wire

NOON = dt.datetime(2026, 3, 4, 12, tzinfo=SHANGHAI)


class Bare(MemoryStore):
    """Declares nothing, and so inherits what the port says."""

    capabilities = frozenset()
    joining = CaseStore.joining
    for_centre = CaseStore.for_centre  # type: ignore[assignment]
    claim_due = CaseStore.claim_due
    extend = CaseStore.extend
    position = CaseStore.position
    advance = CaseStore.advance


def test_what_a_store_has_not_declared_it_says_it_cannot_do() -> None:
    store = Bare()
    lease = Lease(obligation=simple_obligation("XN-1"), worker="a", until=NOON)
    calls: list[Callable[[], object]] = [
        lambda: store.joining(None),
        lambda: store.for_centre("north"),
        lambda: store.claim_due(worker="a", before=NOON, now=NOON, until=NOON),
        lambda: store.extend(lease, now=NOON, until=NOON),
        lambda: store.position("s"),
        lambda: store.advance("s", after="", position="1"),
    ]
    told: list[object] = []
    for call in calls:
        with pytest.raises(NotSupported) as refused:
            call()
        told.append(refused.value.violations[0].facts["capability"])
    assert told == ["joining", "centres", "leases", "leases", "positions", "positions"]


def test_a_capability_knows_its_promise() -> None:
    assert [c.promise for c in Capability] == [4, None, 9, 10, 11, 12]


def test_a_name_that_stands_twice_in_an_object_is_named() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_json('{"case": 1, "case": 2}')
    assert refused.value.violations[0].facts["field"] == "case"


def test_a_text_of_a_kind_of_its_own_is_written_as_a_text() -> None:
    class Number(str):
        pass

    assert to_wire(Number("1号")) == "1号"
