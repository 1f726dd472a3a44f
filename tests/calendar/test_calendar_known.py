"""What could be known on a day, and what a centre decides for itself."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import CHINA, ONE_DAY, unhurried

from onsite_workflow.calendar import DayKind
from onsite_workflow.errors import InvalidInput

DAY = datetime.date


@pytest.mark.parametrize(
    ("eve", "start", "known", "became"),
    [
        (DAY(2015, 5, 12), DAY(2015, 9, 2), DAY(2015, 9, 3), DAY(2015, 9, 6)),
        (DAY(2019, 3, 21), DAY(2019, 4, 30), DAY(2019, 5, 2), DAY(2019, 5, 5)),
        (DAY(2020, 1, 26), DAY(2020, 1, 23), DAY(2020, 1, 31), DAY(2020, 2, 3)),
    ],
)
def test_the_eve_of_an_amendment_knows_nothing_of_it(
    eve: DAY, start: DAY, known: DAY, became: DAY
) -> None:
    as_known = CHINA.as_known_on(eve).add_working_days(start, 1)
    assert (as_known.date, as_known.provisional) == (known, False)
    assert CHINA.as_known_on(eve + ONE_DAY).add_working_days(start, 1).date == became
    assert CHINA.add_working_days(start, 1).date == became


def test_a_notice_is_known_on_the_day_it_is_issued() -> None:
    issued = DAY(2025, 11, 4)
    assert CHINA.as_known_on(issued).confirmed_through == DAY(2026, 12, 28)
    assert CHINA.as_known_on(issued - ONE_DAY).confirmed_through == DAY(2025, 12, 28)
    assert CHINA.as_known_on(issued - ONE_DAY).is_provisional(DAY(2025, 12, 29))


@given(st.dates(DAY(2006, 12, 14), DAY(2030, 1, 1)))
def test_only_notices_issued_by_then_are_known(day: DAY) -> None:
    known = CHINA.as_known_on(day)
    assert known.notices == tuple(n for n in CHINA.notices if n.issued <= day)
    assert known.as_known_on(day) is known


def test_as_known_today_is_the_calendar_itself() -> None:
    assert CHINA.as_known_on(CHINA.notices[-1].issued) is CHINA


def test_a_calendar_of_the_past_is_made_once() -> None:
    past = CHINA.as_known_on(DAY(2020, 1, 26))
    assert CHINA.as_known_on(DAY(2019, 12, 1)) is past
    assert CENTRE.as_known_on(DAY(2020, 1, 26)) == past


def test_before_the_first_notice_nothing_was_known() -> None:
    with pytest.raises(InvalidInput) as caught:
        CHINA.as_known_on(DAY(2006, 12, 13))
    assert caught.value.violations[0].rule == "before_first_notice"


# ---- local days ---------------------------------------------------------------------------------

CENTRE = CHINA.with_local_days(
    open=[DAY(2026, 10, 4), DAY(2027, 1, 2)],
    closed=[DAY(2026, 10, 9), DAY(2027, 1, 4)],
    decided_by="孝感市政务服务中心",
    decided_on=DAY(2026, 9, 1),
)


def test_a_centres_own_days_count_and_do_not_count() -> None:
    assert CENTRE.is_working_day(DAY(2026, 10, 4))
    assert not CENTRE.is_working_day(DAY(2026, 10, 9))
    assert CENTRE.add_working_days(DAY(2026, 9, 30), 1).date == DAY(2026, 10, 4)
    assert CENTRE.add_working_days(DAY(2026, 9, 30), 3).date == DAY(2026, 10, 10)
    assert CENTRE.revision != CHINA.revision


def test_a_centres_own_days_hold_beyond_the_notices_too() -> None:
    answer = CENTRE.add_working_days(DAY(2027, 1, 1), 1)
    assert (answer.date, answer.provisional) == (DAY(2027, 1, 2), True)
    assert (answer.earliest, answer.latest) == (DAY(2027, 1, 2), DAY(2027, 1, 2))
    assert not CENTRE.day(DAY(2027, 1, 4)).may_differ
    assert CENTRE.count_range(DAY(2027, 1, 1), DAY(2027, 1, 5)).days == 2


def test_a_local_day_says_who_decided_it_and_when() -> None:
    day = CENTRE.day(DAY(2026, 10, 9))
    assert (day.kind, day.occasion) == (DayKind.LOCAL_CLOSED, "")
    assert "孝感市政务服务中心" in day.reason("zh")
    assert "2026-09-01" in day.reason("en")
    opened = CENTRE.day(DAY(2026, 10, 4))
    assert opened.kind is DayKind.LOCAL_OPEN
    assert "开放" in opened.reason("zh")
    assert (day.mark("zh"), opened.mark("zh")) == ("休", "班")


def test_local_days_are_known_from_the_day_they_are_decided() -> None:
    assert CENTRE.as_known_on(DAY(2026, 8, 31)) == CHINA
    assert CENTRE.as_known_on(DAY(2026, 9, 1)) == CENTRE


def test_what_was_known_goes_by_notices_and_by_local_days() -> None:
    """Two decisions between two notices, asked for in any order."""
    first, second = DAY(2026, 3, 2), DAY(2026, 6, 1)
    once = CHINA.with_local_days(closed=[DAY(2026, 7, 6)], decided_by="中心", decided_on=first)
    twice = once.with_local_days(closed=[DAY(2026, 7, 7)], decided_by="中心", decided_on=second)
    expected = [(first - ONE_DAY, CHINA), (first, once), (second - ONE_DAY, once), (second, twice)]
    for asked in (expected, expected[::-1]):
        afresh = twice.with_local_days(
            closed=[DAY(2026, 12, 1)], decided_by="中心", decided_on=DAY(2026, 8, 3)
        )
        for day, known in asked:
            assert afresh.as_known_on(day) == known


def test_the_later_decision_holds() -> None:
    closed = CENTRE.with_local_days(
        closed=[DAY(2026, 10, 4)], decided_by="孝感市政务服务中心", decided_on=DAY(2026, 9, 20)
    )
    assert not closed.is_working_day(DAY(2026, 10, 4))
    earlier = CENTRE.with_local_days(
        closed=[DAY(2026, 10, 4)], decided_by="孝感市政务服务中心", decided_on=DAY(2026, 8, 1)
    )
    assert earlier.is_working_day(DAY(2026, 10, 4))


def test_every_day_of_a_festival_may_be_settled_locally() -> None:
    settled = CHINA.with_local_days(
        closed=[DAY(2027, 4, 5)], decided_by="中心", decided_on=DAY(2026, 9, 1)
    )
    assert settled.add_working_days(DAY(2027, 4, 2), 1).latest == DAY(2027, 4, 6)


def test_no_local_days_change_nothing() -> None:
    assert CHINA.with_local_days(decided_by="中心", decided_on=DAY(2026, 9, 1)) is CHINA


@pytest.mark.parametrize("name", ["", " ", "中心\n", "中" * 101, None, 3])
def test_who_decided_is_named(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        CHINA.with_local_days(
            closed=[DAY(2026, 10, 9)], decided_by=name, decided_on=DAY(2026, 9, 1)
        )
    assert caught.value.violations[0].facts["field"] == "decided_by"


def test_a_local_day_is_open_or_closed_and_within_the_calendar() -> None:
    cases: list[tuple[list[DAY], list[DAY], str]] = [
        ([DAY(2026, 10, 9)], [DAY(2026, 10, 8), DAY(2026, 10, 9)], "closed[1]"),
        ([DAY(2006, 1, 1)], [], "open[0]"),
        ([], [datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)], "closed[0]"),
    ]
    for opened, closed, field in cases:
        with pytest.raises(InvalidInput) as caught:
            CHINA.with_local_days(
                open=opened, closed=closed, decided_by="中心", decided_on=DAY(2026, 9, 1)
            )
        assert caught.value.violations[0].facts["field"] == field


@unhurried
@given(st.dates(DAY(2026, 12, 20), DAY(2028, 1, 1)), st.booleans(), st.integers(-40, 40))
def test_a_local_day_stays_inside_its_own_interval(day: DAY, is_open: bool, n: int) -> None:
    chosen = {"open": [day]} if is_open else {"closed": [day]}
    local = CHINA.with_local_days(**chosen, decided_by="中心", decided_on=DAY(2026, 9, 1))
    start = day - datetime.timedelta(days=15)
    answer = local.add_working_days(start, n)
    assert answer.earliest <= answer.date <= answer.latest
    assert local.is_working_day(day) is is_open
    before, through = local.count_range(start, day - ONE_DAY), local.count_range(start, day)
    assert through.fewest - before.fewest == through.most - before.most == is_open
