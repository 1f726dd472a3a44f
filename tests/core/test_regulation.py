"""An edition is data, checked when it is made."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from onsite_workflow import (
    DB4209_T_32_2023,
    SHANGHAI,
    Catalogue,
    CatalogueItem,
    InvalidInput,
    Kind,
    Limit,
    LimitUnit,
    Regulation,
    ReplyClock,
    annex_a,
)

DAY = Limit(1, LimitUnit.WORKING_DAYS)


def edition(**changes: Any) -> Regulation:
    ordinary = {
        "edition": "DB0000/T 1—2024",
        "title": "试点上门服务规范",
        "in_force_from": dt.date(2024, 1, 1),
        "limits": {Kind.REPLY: DAY},
    }
    return Regulation(**{**ordinary, **changes})


def wrong(**changes: Any) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as caught:
        edition(**changes)
    (violation,) = caught.value.violations
    return violation.facts["field"], violation.rule


# --- DB4209/T 32—2023 ------------------------------------------------------------------------------


def test_the_standard_sets_two_limits_and_no_other() -> None:
    assert dict(DB4209_T_32_2023.limits) == {
        Kind.REPLY: Limit(1, LimitUnit.WORKING_DAYS),  # 7.2
        Kind.FORM: Limit(3, LimitUnit.WORKING_DAYS),  # 6.3
    }


def test_the_standard_is_read_as_the_project_reads_it() -> None:
    assert DB4209_T_32_2023.edition == "DB4209/T 32—2023"
    assert DB4209_T_32_2023.reply_clock is ReplyClock.ISSUE  # I-1
    assert DB4209_T_32_2023.close_of_business is None  # I-2: until 24:00
    assert DB4209_T_32_2023.trigger_day_counts is False  # I-2: day zero
    assert DB4209_T_32_2023.catalogue is annex_a()


@pytest.mark.parametrize(
    ("day", "in_force"),
    [
        (dt.date(2023, 6, 30), False),
        (dt.date(2023, 7, 1), True),
        (dt.date(2099, 12, 31), True),
    ],
)
def test_the_standard_is_in_force_from_1_july_2023_on(day: dt.date, in_force: bool) -> None:
    assert DB4209_T_32_2023.in_force_on(day) is in_force


# --- any other -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "in_force"),
    [
        (dt.date(2023, 12, 31), False),
        (dt.date(2024, 1, 1), True),
        (dt.date(2025, 12, 31), True),
        (dt.date(2026, 1, 1), False),
    ],
)
def test_an_edition_is_in_force_until_the_day_before_it_ends(day: dt.date, in_force: bool) -> None:
    ended = edition(in_force_until=dt.date(2026, 1, 1))
    assert ended.in_force_on(day) is in_force


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"edition": " "}, "edition", "required"),
        ({"title": ""}, "title", "required"),
        ({"in_force_from": "2024-01-01"}, "in_force_from", "wrong_type"),
        (
            {"in_force_from": dt.datetime(2024, 1, 1, tzinfo=SHANGHAI)},
            "in_force_from",
            "wrong_type",
        ),
        ({"in_force_until": 2026}, "in_force_until", "wrong_type"),
        ({"limits": None}, "limits", "wrong_type"),
        ({"limits": [(Kind.REPLY, DAY)]}, "limits", "wrong_type"),
        ({"limits": {"reply": DAY}}, "limits", "wrong_type"),
        ({"limits": {Kind.REPLY: 1}}, "limits.reply", "wrong_type"),
        ({"limits": {Kind.ARRIVAL: DAY}}, "limits.arrival", "out_of_range"),
        ({"limits": {Kind.OUTCOME: DAY}}, "limits.outcome", "out_of_range"),
        ({"reply_clock": "issue"}, "reply_clock", "wrong_type"),
        ({"close_of_business": "17:00"}, "close_of_business", "wrong_type"),
        ({"close_of_business": dt.time(17, tzinfo=SHANGHAI)}, "close_of_business", "wrong_type"),
        ({"trigger_day_counts": 1}, "trigger_day_counts", "wrong_type"),
        ({"catalogue": []}, "catalogue", "wrong_type"),
    ],
)
def test_what_an_edition_cannot_be_is_named(changes: dict[str, Any], field: str, rule: str) -> None:
    assert wrong(**changes) == (field, rule)


@pytest.mark.parametrize(
    ("amount", "unit", "field", "rule"),
    [
        (0, LimitUnit.DAYS, "amount", "out_of_range"),
        (-1, LimitUnit.HOURS, "amount", "out_of_range"),
        (1.5, LimitUnit.DAYS, "amount", "wrong_type"),
        (True, LimitUnit.DAYS, "amount", "wrong_type"),
        (1, "days", "unit", "wrong_type"),
    ],
)
def test_a_limit_is_a_whole_number_of_one_unit_or_more(
    amount: Any, unit: Any, field: str, rule: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        Limit(amount, unit)
    (violation,) = caught.value.violations
    assert (violation.facts["field"], violation.rule) == (field, rule)


def test_an_edition_may_set_a_limit_on_everything_that_is_neither_appointed_nor_promised() -> None:
    limits = dict.fromkeys(set(Kind) - {Kind.ARRIVAL, Kind.OUTCOME}, DAY)
    assert dict(edition(limits=limits).limits) == limits


def test_an_edition_may_have_a_list_of_items_of_its_own() -> None:
    item = CatalogueItem(id="B.1", row=1, position=1, department="图书馆", name="借书证办理")
    own = Catalogue("试点清单", [item])
    assert edition(catalogue=own).catalogue is own


def test_the_limits_of_an_edition_cannot_be_changed() -> None:
    limits = {Kind.REPLY: DAY}
    kept = edition(limits=limits)
    limits[Kind.FORM] = DAY
    assert set(kept.limits) == {Kind.REPLY}
    with pytest.raises(TypeError):
        kept.limits[Kind.FORM] = DAY  # type: ignore[index]


def test_an_edition_can_be_made_of_another() -> None:
    other = attrs.evolve(DB4209_T_32_2023, edition="DB0000/T 2—2024", trigger_day_counts=True)
    assert other.limits == DB4209_T_32_2023.limits
    assert other != DB4209_T_32_2023


def test_every_kind_has_a_name_of_its_own_in_chinese() -> None:
    assert len({kind.zh for kind in Kind}) == len(Kind) == 11


@pytest.mark.parametrize("unit", LimitUnit)
def test_no_limit_is_longer_than_ten_thousand(unit: LimitUnit) -> None:
    assert Limit(10_000, unit).amount == 10_000
    with pytest.raises(InvalidInput):
        Limit(10_001, unit)


def test_an_edition_does_not_spell_out_its_list_of_items() -> None:
    listed = Catalogue("试点清单", annex_a().items)
    assert "试点清单" not in repr(edition(catalogue=listed))
