"""Adding, subtracting and counting, against a day-by-day loop that shares no code."""

from __future__ import annotations

import datetime
import pickle
import zoneinfo
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from oracles import CHINA, ONE_DAY, days, holidays_working_days, unhurried

from onsite_workflow.calendar import Deadline, WorkingCalendar
from onsite_workflow.errors import InvalidInput

FIRST, CONFIRMED = CHINA.first_day, CHINA.confirmed_through
LAST = datetime.date(2200, 12, 28)

confirmed_days = st.dates(FIRST, CONFIRMED)
later_days = st.dates(CONFIRMED + ONE_DAY, datetime.date(2199, 12, 31))


def certain(day: datetime.date) -> Deadline:
    return Deadline(date=day, provisional=False, earliest=day, latest=day)


def walk(start: datetime.date, n: int) -> datetime.date | None:
    """The ``n``-th working day after ``start`` by walking; None where the walk leaves 2007-2026."""
    step = ONE_DAY if n > 0 else -ONE_DAY
    day, left = start, abs(n)
    while left:
        day += step
        if not FIRST <= day <= CONFIRMED:
            return None
        left -= day in holidays_working_days()
    return day


# ---- confirmed days -----------------------------------------------------------------------------


@unhurried
@given(confirmed_days, st.integers(-300, 300))
@example(datetime.date(2007, 1, 1), -1)
@example(datetime.date(2007, 1, 4), -1)
@example(datetime.date(2007, 1, 1), 1)
@example(datetime.date(2012, 2, 29), 1)
@example(datetime.date(2018, 12, 28), 1)
@example(datetime.date(2024, 2, 29), -1)
@example(datetime.date(2026, 12, 25), 1)
@example(datetime.date(2026, 12, 28), 1)
def test_adding_and_subtracting_agree_with_walking(start: datetime.date, n: int) -> None:
    walked = walk(start, n)
    if walked is not None:
        assert CHINA.add_working_days(start, n) == certain(walked)
    elif n > 0:
        assert CHINA.add_working_days(start, n).provisional
    else:
        with pytest.raises(InvalidInput):
            CHINA.add_working_days(start, n)


@unhurried
@given(confirmed_days, confirmed_days)
@example(FIRST, FIRST)
@example(CONFIRMED, FIRST)
def test_counting_agrees_with_walking(a: datetime.date, b: datetime.date) -> None:
    first, last = min(a, b), max(a, b)
    walked = sum(day in holidays_working_days() for day in days(first + ONE_DAY, last))
    signed = walked if a <= b else -walked
    assert CHINA.count_working_days(a, b) == signed
    ranged = CHINA.count_range(a, b)
    assert (ranged.days, ranged.fewest, ranged.most) == (signed, signed, signed)
    assert not ranged.provisional


@unhurried
@given(st.dates(FIRST, datetime.date(2190, 1, 1)), st.integers(1, 400))
def test_what_is_added_is_counted(start: datetime.date, n: int) -> None:
    due = CHINA.add_working_days(start, n).date
    assert CHINA.count_working_days(start, due) == n
    assert CHINA.is_working_day(due)


@unhurried
@given(st.dates(FIRST, datetime.date(2190, 1, 1)))
def test_nothing_added_is_the_start_itself_whatever_day_it_is(start: datetime.date) -> None:
    answer = CHINA.add_working_days(start, 0)
    assert (answer.date, answer.earliest, answer.latest) == (start, start, start)
    assert answer.provisional is (start > CONFIRMED)


@unhurried
@given(confirmed_days)
def test_the_next_working_day_is_the_day_itself_or_the_first_one_after(day: datetime.date) -> None:
    answer = CHINA.next_working_day_on_or_after(day)
    if day in holidays_working_days():
        assert answer == certain(day)
    else:
        assert answer == CHINA.add_working_days(day, 1)


def test_the_first_day_has_a_next_working_day() -> None:
    assert CHINA.next_working_day_on_or_after(FIRST) == certain(datetime.date(2007, 1, 4))


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        ("2026-09-30", 1, "2026-10-08"),  # the eve of National Day
        ("2026-09-30", 3, "2026-10-10"),  # a make-up Saturday counts
        ("2026-10-04", 1, "2026-10-08"),  # day zero is a day off
        ("2026-10-10", 1, "2026-10-12"),  # day zero is a make-up day
        ("2025-12-31", 1, "2026-01-04"),  # over the year's end to a make-up Sunday
        ("2024-02-28", 1, "2024-02-29"),  # a leap day
        ("2020-01-23", 1, "2020-02-03"),  # the extended Spring Festival
        ("2026-10-10", -1, "2026-10-09"),
        ("2026-10-04", -1, "2026-09-30"),
        ("2026-01-04", -1, "2025-12-31"),
    ],
)
def test_a_case_officer_would_count_so(start: str, n: int, due: str) -> None:
    day = datetime.date.fromisoformat(start)
    assert CHINA.add_working_days(day, n) == certain(datetime.date.fromisoformat(due))


# ---- beyond the notices -------------------------------------------------------------------------


@unhurried
@given(later_days, st.integers(-300, 300))
@example(datetime.date(2026, 12, 29), 1)
@example(datetime.date(2026, 12, 29), -2)
@example(datetime.date(2026, 12, 31), -1)
@example(datetime.date(2199, 12, 31), 1)
def test_an_answer_beyond_the_notices_is_provisional(start: datetime.date, n: int) -> None:
    answer = CHINA.add_working_days(start, n)
    depends_on_later_days = n >= 0 or start > CONFIRMED + ONE_DAY
    assert answer.provisional is depends_on_later_days
    assert answer.earliest <= answer.date <= answer.latest


@unhurried
@given(later_days, later_days)
def test_a_count_beyond_the_notices_lies_in_its_range(a: datetime.date, b: datetime.date) -> None:
    ranged = CHINA.count_range(a, b)
    assert ranged.provisional
    assert ranged.fewest <= ranged.days <= ranged.most
    assert ranged.days == CHINA.count_working_days(a, b)
    turned = CHINA.count_range(b, a)
    assert (turned.days, turned.fewest, turned.most) == (-ranged.days, -ranged.most, -ranged.fewest)


@unhurried
@given(later_days, st.integers(1, 120))
def test_no_count_says_the_term_is_full_before_the_earliest_or_open_after_the_latest(
    start: datetime.date, n: int
) -> None:
    answer = CHINA.add_working_days(start, n)
    assert CHINA.count_range(start, answer.earliest).most >= n
    assert CHINA.count_range(start, answer.earliest - ONE_DAY).most < n
    assert CHINA.count_range(start, answer.latest).fewest >= n
    assert CHINA.count_range(start, answer.latest - ONE_DAY).fewest < n


@unhurried
@given(later_days, st.integers(1, 200))
def test_a_longer_term_is_never_due_earlier(start: datetime.date, n: int) -> None:
    shorter, longer = CHINA.add_working_days(start, n), CHINA.add_working_days(start, n + 1)
    assert shorter.earliest < longer.earliest
    assert shorter.date < longer.date
    assert shorter.latest < longer.latest


@unhurried
@given(later_days)
def test_the_next_working_day_beyond_the_notices_is_provisional(day: datetime.date) -> None:
    answer = CHINA.next_working_day_on_or_after(day)
    assert answer.provisional
    assert day <= answer.earliest <= answer.date <= answer.latest


@unhurried
@given(st.dates(FIRST, LAST))
def test_days_are_provisional_from_the_first_unsettled_day_on(day: datetime.date) -> None:
    assert CHINA.is_provisional(day) is (day > CONFIRMED)
    assert CHINA.day(day).provisional is (day > CONFIRMED)
    assert CHINA.day(day).working is CHINA.is_working_day(day)


def test_statutory_days_of_a_year_without_a_notice_are_certain() -> None:
    for text in ("2027-01-01", "2027-02-05", "2027-04-05", "2027-05-01", "2027-06-09",
                 "2027-09-15", "2027-10-01"):  # fmt: skip
        day = CHINA.day(datetime.date.fromisoformat(text))
        assert (day.working, day.may_differ, day.provisional) == (False, False, True), text
        assert "暂定" in day.reason("zh")
        assert "provisional" in day.reason("en")


def test_the_calendar_reaches_through_2199() -> None:
    assert CHINA.add_working_days(datetime.date(2199, 12, 31), -1).provisional
    assert CHINA.day(LAST).provisional


# ---- what is refused ----------------------------------------------------------------------------


def refusal(ask: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as caught:
        ask()
    (violation,) = caught.value.violations
    assert violation.zh
    assert violation.en
    return violation.facts["field"], violation.rule


def test_dates_outside_the_calendar_are_refused() -> None:
    day = datetime.date
    add, count = CHINA.add_working_days, CHINA.count_working_days
    assert refusal(lambda: add(day(2006, 12, 31), 1)) == ("start", "before_first_notice")
    assert refusal(lambda: add(day(2007, 1, 4), -1)) == ("n", "before_first_notice")
    assert refusal(lambda: add(day(2027, 3, 1), -9999)) == ("n", "before_first_notice")
    assert refusal(lambda: count(day(2006, 1, 1), FIRST)) == ("a", "before_first_notice")
    assert refusal(lambda: CHINA.is_working_day(day(1, 1, 1))) == ("day", "before_first_notice")
    assert refusal(lambda: add(day(9999, 12, 31), 1)) == ("start", "calendar_range")
    assert refusal(lambda: add(day(9999, 12, 31), 0)) == ("start", "calendar_range")
    assert refusal(lambda: add(day(2026, 1, 1), 10**12)) == ("n", "calendar_range")
    assert refusal(lambda: add(LAST, 1)) == ("n", "calendar_range")
    assert refusal(lambda: add(day(2200, 12, 1), 25)) == ("n", "calendar_range")
    assert refusal(lambda: count(FIRST, day(2200, 12, 29))) == ("b", "calendar_range")
    assert refusal(lambda: CHINA.day(day.max)) == ("day", "calendar_range")
    assert refusal(lambda: CHINA.is_provisional(day.max)) == ("day", "calendar_range")


def test_a_term_that_might_reach_before_the_calendar_is_refused() -> None:
    start = datetime.date(2027, 2, 10)
    counted = CHINA.count_range(FIRST, start - ONE_DAY)
    assert counted.fewest < counted.days
    assert CHINA.add_working_days(start, -counted.fewest).earliest == datetime.date(2007, 1, 4)
    field = refusal(lambda: CHINA.add_working_days(start, -counted.days))
    assert field == ("n", "before_first_notice")


@pytest.mark.parametrize("n", [1.0, 0.0, "1", None])
def test_a_number_of_days_is_whole(n: object) -> None:
    start = datetime.date(2026, 1, 5)
    assert refusal(lambda: CHINA.add_working_days(start, n)) == (  # type: ignore[arg-type]
        "n",
        "whole_number",
    )


SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
# One minute before and after midnight in Shanghai, told by a clock in London: the same day there.
BEFORE = datetime.datetime(2026, 9, 30, 15, 59, tzinfo=datetime.UTC)
AFTER = datetime.datetime(2026, 9, 30, 16, 1, tzinfo=datetime.UTC)


@pytest.mark.parametrize("moment", [BEFORE, AFTER, BEFORE.replace(tzinfo=None)])
def test_a_moment_is_not_a_day(moment: datetime.datetime) -> None:
    rule = "date_without_time"
    assert refusal(lambda: CHINA.add_working_days(moment, 1)) == ("start", rule)
    assert refusal(lambda: CHINA.count_working_days(moment, FIRST)) == ("a", rule)
    assert refusal(lambda: CHINA.count_working_days(FIRST, moment)) == ("b", rule)
    assert refusal(lambda: CHINA.is_working_day(moment)) == ("day", rule)
    assert refusal(lambda: CHINA.day(moment)) == ("day", rule)
    assert refusal(lambda: CHINA.as_known_on(moment)) == ("day", rule)
    assert refusal(lambda: CHINA.next_working_day_on_or_after(moment)) == ("day", rule)


def test_the_day_a_moment_falls_on_is_told_in_shanghai() -> None:
    due = [
        CHINA.add_working_days(moment.astimezone(SHANGHAI).date(), 1).date
        for moment in (BEFORE, AFTER)
    ]
    assert due == [datetime.date(2026, 10, 8), datetime.date(2026, 10, 8)]
    zero = [moment.astimezone(SHANGHAI).date() for moment in (BEFORE, AFTER)]
    assert zero == [datetime.date(2026, 9, 30), datetime.date(2026, 10, 1)]


@pytest.mark.parametrize("thing", ["2026-01-01", 20260101, None, []])
def test_only_dates_are_days(thing: object) -> None:
    assert refusal(lambda: CHINA.is_working_day(thing)) == (  # type: ignore[arg-type]
        "day",
        "date_without_time",
    )


def test_a_kind_of_date_is_a_date() -> None:
    class Day(datetime.date):
        """As test doubles make them."""

    assert CHINA.add_working_days(Day(2026, 9, 30), 1) == certain(datetime.date(2026, 10, 8))
    assert CHINA.add_working_days(Day(2027, 9, 30), 1).provisional


# ---- identity -----------------------------------------------------------------------------------


def test_calendars_are_equal_when_their_revision_is() -> None:
    again = WorkingCalendar(CHINA.notices)
    assert again is not CHINA
    assert again == CHINA
    assert hash(again) == hash(CHINA)
    assert again.revision == CHINA.revision
    older = CHINA.as_known_on(datetime.date(2020, 1, 1))
    assert older != CHINA
    assert older.revision != CHINA.revision
    assert CHINA != "calendar"
    assert CHINA.revision in repr(CHINA)


def test_a_calendar_survives_pickling() -> None:
    CHINA.is_working_day(datetime.date(2027, 1, 4))
    copy = pickle.loads(pickle.dumps(CHINA))
    assert copy == CHINA
    assert copy.add_working_days(datetime.date(2026, 9, 30), 3).date.isoformat() == "2026-10-10"
