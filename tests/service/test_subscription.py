"""Following the feed: nothing is missed, and what failed is given again."""

import pytest

from onsite_workflow import Conflict, MemoryStore, Subscription
from onsite_workflow.testing import sample_case


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    for commit in sample_case("XN-1"):
        store.append(commit)
    return store


def names(subscription: Subscription, limit: int = 100) -> list[str]:
    with subscription.next(limit=limit) as events:
        return [event.name for event in events]


def test_each_event_is_given_once_in_order_and_then_none(store: MemoryStore) -> None:
    broker = Subscription(store, "broker")
    found = names(broker, 5) + names(broker, 5) + names(broker, 5)
    assert found == [event.name for event in store.load("XN-1")]
    assert names(broker) == []


def test_what_failed_is_given_again(store: MemoryStore) -> None:
    broker = Subscription(store, "broker")
    with pytest.raises(OSError, match="broker"), broker.next(limit=5):
        raise OSError("the broker is gone")
    assert names(broker, 1) == ["applied"]


def test_subscribers_do_not_know_of_one_another(store: MemoryStore) -> None:
    names(Subscription(store, "broker"))
    assert names(Subscription(store, "statistics"), 1) == ["applied"]


def test_two_under_one_name_do_not_both_go_on(store: MemoryStore) -> None:
    first, second = Subscription(store, "broker"), Subscription(store, "broker")
    with pytest.raises(Conflict) as refused, first.next(limit=5):
        names(second, 3)
    assert refused.value.violations[0].rule == "position"
    assert names(first, 1) == ["accepted"]


def test_a_subscriber_may_begin_again(store: MemoryStore) -> None:
    broker = Subscription(store, "broker")
    names(broker)
    broker.rewind()
    assert names(broker, 1) == ["applied"]
