"""Changed inputs: every reader of ``targets`` keeps its promises on what somebody might send.

``longer.py`` gives the same readers what a coverage-guided fuzzer thinks of.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onsite_workflow import InvalidInput

from .mutations import single_edits, single_splices, spliced, structured
from .targets import TARGETS, Target, examine

T = TypeVar("T")

EACH = pytest.mark.parametrize("target", [pytest.param(t, id=t.name) for t in TARGETS])
STRUCTURED = pytest.mark.parametrize(
    "target", [pytest.param(t, id=t.name) for t in TARGETS if t.seeds]
)
ENOUGH = settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])

#: Single changes tried for each target: some thousands of the tens of thousands there are, always
#: the same. The longer run has no such bound.
MOST = 1_000


def some_of(changes: Callable[[], Iterator[T]], target: Target) -> Iterator[T]:
    """As many of the changes as there is time for, from all over; a whole journal takes longer."""
    most = MOST if target.again else MOST // 10
    total = sum(1 for _ in changes())
    draw = random.Random(target.name)
    return (change for change in changes() if draw.random() * total < most)


@EACH
def test_the_good_inputs_are_accepted(target: Target) -> None:
    assert target.examples
    assert all(examine(target, data) for data in target.examples)


@STRUCTURED
def test_every_part_of_an_input_replaced_by_everything_odd(target: Target) -> None:
    def edits() -> Iterator[Any]:
        for seed in target.seeds:
            yield from single_edits(copy.deepcopy(seed))

    for edited in some_of(edits, target):
        examine(target, target.write(edited))


@EACH
def test_everything_that_means_something_put_in_at_every_place(target: Target) -> None:
    shortest = min(target.examples, key=len)
    for data in some_of(lambda: single_splices(shortest), target):
        examine(target, data)


@STRUCTURED
@given(data=st.data())
@ENOUGH
def test_an_input_changed_in_its_structure(target: Target, data: st.DataObject) -> None:
    examine(target, target.write(data.draw(structured(target.seeds))))


@EACH
@given(data=st.data())
@ENOUGH
def test_an_input_changed_in_its_text_or_bytes(target: Target, data: st.DataObject) -> None:
    examine(target, data.draw(spliced(target.examples)))


@EACH
@given(data=st.binary(max_size=200))
@settings(max_examples=30)
def test_noise(target: Target, data: bytes) -> None:
    examine(target, data)


# --- the examination bites ----------------------------------------------------------------------


def reading(
    read: Callable[[bytes], object], again: Callable[[object], bytes] | None = None
) -> Target:
    return Target(name="mine", read=read, again=again, people={"0712-2100001"})


def test_an_error_that_is_not_documented_comes_through() -> None:
    with pytest.raises(KeyError):
        examine(reading(dict[bytes, int]().__getitem__), b"")


def test_an_error_that_repeats_somebodys_telephone_is_found() -> None:
    def read(data: bytes) -> object:
        raise InvalidInput.of("phone", "unreadable", "号码有误", data.decode())

    assert not examine(reading(read), b"0712-2000000")
    with pytest.raises(AssertionError):
        examine(reading(read), b"0712-2100001")


def test_a_field_that_is_lost_on_the_way_is_found() -> None:
    assert examine(reading(len, lambda length: b"." * 3), b"abc")
    with pytest.raises(AssertionError):
        examine(reading(len, lambda length: b"." * 3), b"abcd")
