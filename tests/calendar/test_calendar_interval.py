"""The interval of a provisional answer: kept by the record, attained, no wider than it says."""

from __future__ import annotations

import datetime
import hashlib
import itertools
from collections.abc import Iterable
from pathlib import Path
from threading import Barrier, Thread

import backtest
import pytest
from attrs import evolve
from oracles import CHINA, days

from onsite_workflow.calendar import WorkingCalendar
from onsite_workflow.calendar._assumptions import ASSUMED, Arrangement, Assumptions, is_weekday
from onsite_workflow.calendar._calendar import _RULES
from onsite_workflow.calendar._law import LAST_YEAR, festivals, statutory_names

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "calendar.md"


# ---- the back-test ------------------------------------------------------------------------------


@pytest.mark.parametrize("term", [*backtest.TERMS, 2, 7, 45, 120, 250, -1, -10, -30])
def test_the_truth_of_every_hidden_notice_lies_inside(term: int) -> None:
    asked = list(backtest.answers(backtest.YEARS, [term]))
    assert len(asked) > 6500
    assert [answer for answer in asked if not answer.inside] == []


@pytest.mark.parametrize("year", backtest.YEARS)
def test_it_lies_inside_too_when_asked_in_the_december_before(year: int) -> None:
    hidden = backtest.as_if_unknown(year)
    for start in days(datetime.date(year - 1, 12, 1), datetime.date(year - 1, 12, 31)):
        for term in backtest.TERMS:
            said = hidden.add_working_days(start, term)
            came = backtest.became(backtest.REGULAR, start, term)
            assert came is not None
            assert said.earliest <= came <= said.latest, (start, term)
            if not said.provisional:
                assert said.date == came


@pytest.mark.parametrize("year", backtest.YEARS)
def test_hidden_counts_lie_inside_too(year: int) -> None:
    hidden = backtest.as_if_unknown(year)
    marks = days(datetime.date(year, 1, 1), datetime.date(year, 12, 28))[::9]
    for a, b in itertools.combinations(marks, 2):
        said = hidden.count_range(a, b)
        assert said.provisional
        assert said.fewest <= backtest.REGULAR.count_working_days(a, b) <= said.most, (a, b)


def test_the_notices_keep_the_assumptions() -> None:
    assert backtest.outside(ASSUMED) == []


def test_narrower_assumptions_would_have_been_broken() -> None:
    broken = {
        name: len(backtest.outside(assumptions))
        for name, assumptions in backtest.VARIANTS.items()
        if name.startswith(("A3: weeks of seven", "A3: runs begin", "A4: the nearest"))
    }
    assert list(broken.values()) == [2, 16, 10]


def test_only_the_grants_of_2015_and_2020_lay_outside() -> None:
    thrown = {notice.year: share > 0 for notice, share, _ in backtest.extraordinary(backtest.TERMS)}
    assert thrown == {2015: True, 2019: False, 2020: True}


def test_the_published_tables_are_what_the_script_prints() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert backtest.report(backtest.YEARS, backtest.TERMS) in page
    assert backtest.report_extraordinary(backtest.TERMS) in page
    built = backtest.mean_width(ASSUMED, backtest.AHEAD, 20)
    assert f"| as built | none | 1.13 | {built:.2f} |" in page


# ---- the bounds, by brute force -----------------------------------------------------------------


def by_walking(start: int, n: int, chosen: Iterable[Arrangement]) -> int:
    """The ``n``-th working day under one arrangement of each festival, day by day."""
    off = {day for way in chosen for day in way.off}
    work = {day for way in chosen for day in way.work}
    day, left, step = start, abs(n), 1 if n > 0 else -1
    while left:
        day += step
        left -= day in work or (is_weekday(day) and day not in off)
    return day


@pytest.mark.parametrize(
    ("first", "last", "terms", "which"),
    [
        ("2027-01-20", "2027-02-25", [1, 2, 5, 8], [1]),  # Spring Festival
        ("2027-02-01", "2027-03-10", [-1, -4, -9], [1]),
        ("2027-06-01", "2027-06-20", [1, 3, 6], [4]),  # Dragon Boat, on a Wednesday
        ("2027-09-05", "2027-10-14", [1, 4, 10, 15], [5]),  # Mid-Autumn and National Day
        ("2027-10-01", "2027-10-14", [-3, -15], [5]),
        ("2027-04-26", "2027-05-06", [22, 27], [3, 4]),  # Labour Day, then Dragon Boat
        ("2027-06-08", "2027-06-14", [-23, -28], [3, 4]),
    ],
)
def test_the_bounds_are_those_of_all_arrangements_tried_one_by_one(
    first: str, last: str, terms: list[int], which: list[int]
) -> None:
    ways = [ASSUMED.arrangements(2027)[festival] for festival in which]
    for start in days(datetime.date.fromisoformat(first), datetime.date.fromisoformat(last)):
        for term in terms:
            found = [
                by_walking(start.toordinal(), term, chosen) for chosen in itertools.product(*ways)
            ]
            said = CHINA.add_working_days(start, term)
            bounds = (said.earliest.toordinal(), said.latest.toordinal())
            assert bounds == (min(found), max(found)), (start, term)
            assert said.date.toordinal() in found


@pytest.mark.parametrize("year", [2027, 2028, 2031])
def test_a_day_may_differ_where_some_arrangement_says_so(year: int) -> None:
    festivals_open = ASSUMED.arrangements(year) + ASSUMED.arrangements(year + 1)[:1]
    for day in days(datetime.date(year, 1, 1), datetime.date(year, 12, 31)):
        ordinal = day.toordinal()
        says = {
            ordinal in way.work or (is_weekday(ordinal) and ordinal not in way.off)
            for ways in festivals_open
            if any(ordinal in way.days for way in ways)
            for way in ways
        }
        assert CHINA.day(day).may_differ is (len(says) == 2), day


# ---- the assumptions themselves -----------------------------------------------------------------


@pytest.mark.parametrize("year", range(2008, LAST_YEAR + 1))
def test_arrangements_keep_the_assumptions_and_their_distance(year: int) -> None:
    ways_of_each = ASSUMED.arrangements(year)
    granted = [len(festival.days) for festival in festivals(year)]
    granted[5:] = [granted[5] + granted[6]]
    statutory = {day.toordinal() for day in statutory_names(year) if day.weekday() < 5}
    earliest = datetime.date(year - 1, 12, 29).toordinal()
    previous = earliest - 1
    for ways, days_granted in zip(ways_of_each, granted, strict=True):
        assert ways
        first = min(day for way in ways for day in way.days)
        assert first > previous, "festivals must not touch: they are taken as independent"
        previous = max(day for way in ways for day in way.days)
        certain = {day for day in statutory if first <= day <= previous}
        for way in ways:
            assert len(way.off) - len(way.work) == days_granted
            assert certain <= way.off
            assert all(is_weekday(day) for day in way.off)
            assert not any(is_weekday(day) for day in way.work)
        assert len({(way.off, way.work) for way in ways}) == len(ways)


def longest_stretch(way: Arrangement) -> int:
    """The longest row of working days that has a make-up day in it."""
    longest = 0
    for made_up in way.work:
        row = [made_up]
        for step in (-1, 1):
            day = made_up + step
            while day in way.work or (is_weekday(day) and day not in way.off):
                row.append(day)
                day += step
        longest = max(longest, len(row))
    return longest


@pytest.mark.parametrize(("year", "longest"), [(2019, 12), (2024, 12), (2025, 6), (2033, 6)])
def test_since_2025_nobody_works_more_than_six_days_in_a_row(year: int, longest: int) -> None:
    ways = [way for ways in ASSUMED.arrangements(year) for way in ways]
    assert max(map(longest_stretch, ways)) == longest


def test_without_article_7_longer_stretches_are_left_open() -> None:
    ways = evolve(ASSUMED, article_7=False).arrangements(2033)
    assert max(longest_stretch(way) for festival in ways for way in festival) > 6


@pytest.mark.parametrize(
    ("festival", "expected"),
    [
        (0, {"off": ["2027-01-01"], "work": []}),
        (
            1,
            {
                "off": ["2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10", "2027-02-11",
                        "2027-02-12"],
                "work": ["2027-01-31", "2027-02-13"],
            },
        ),
        (2, {"off": ["2027-04-05"], "work": []}),
        (3, {"off": ["2027-05-03", "2027-05-04", "2027-05-05"], "work": ["2027-05-08"]}),
        (4, {"off": ["2027-06-09"], "work": []}),
    ],
)  # fmt: skip
def test_what_is_expected_of_2027(festival: int, expected: dict[str, list[str]]) -> None:
    usual = ASSUMED.arrangements(2027)[festival][0]
    told = {
        "off": [str(datetime.date.fromordinal(day)) for day in sorted(usual.off)],
        "work": [str(datetime.date.fromordinal(day)) for day in sorted(usual.work)],
    }
    assert told == expected


def test_the_usual_arrangement_is_what_the_notices_since_2014_mostly_said() -> None:
    right = total = 0
    for year in range(2014, 2027):
        swaps = {
            day.toordinal(): working
            for day, (working, _) in backtest.regular_notice(year).days().items()
            if working != (day.weekday() < 5)
        }
        for ways in ASSUMED.arrangements(year):
            total += 1
            usual = ways[0]
            span = {day for way in ways for day in way.days}
            said = {day for day in swaps if day in span}
            right += said == usual.days
    assert (right, total) == (75, 78)


# ---- stability ----------------------------------------------------------------------------------


def test_provisional_answers_change_only_with_a_new_edition_of_the_rules() -> None:
    """Whoever turns this red raises ``_RULES``: an old revision must not stand for new answers."""
    hidden = CHINA.as_known_on(datetime.date(2026, 1, 1))
    told: list[str] = []
    for day in days(datetime.date(2026, 12, 29), datetime.date(2100, 12, 28)):
        due = hidden.add_working_days(day, 10)
        told.append(f"{day} {hidden.is_working_day(day)} {due.date} {due.earliest} {due.latest}")
    digest = hashlib.sha256("\n".join(told).encode()).hexdigest()[:12]
    assert (_RULES, digest) == (1, "af34903efcf3")


def test_threads_that_ask_at_once_get_the_answers_of_one() -> None:
    ask = [(datetime.date(year, 9, 20), 12) for year in range(2027, 2190, 7)]
    expected = [CHINA.add_working_days(*question) for question in ask]
    fresh = WorkingCalendar(CHINA.notices)
    barrier = Barrier(8)
    found: list[bool] = []

    def work(turned: int) -> None:
        barrier.wait()
        order = ask[turned:] + ask[:turned]
        answers = [fresh.add_working_days(*question) for question in order]
        found.append(answers == expected[turned:] + expected[:turned])

    threads = [Thread(target=work, args=(turned,)) for turned in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 8


def test_a_wider_assumption_never_narrows_an_answer() -> None:
    wider = evolve(ASSUMED, long={3: (6, 7, 8, 9, 10), 4: (6, 7, 8, 9, 10, 11)}, nearest=3)
    assert isinstance(wider, Assumptions)
    for year in (2027, 2030):
        for narrow, wide in zip(ASSUMED.arrangements(year), wider.arrangements(year), strict=True):
            assert {(w.off, w.work) for w in narrow} <= {(w.off, w.work) for w in wide}
