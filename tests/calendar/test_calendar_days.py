"""Every day is what the notices made of it, by every source that can be had."""

from __future__ import annotations

import datetime

import chinese_calendar
import holidays
import pytest
from oracles import CHINA, DAY_LIST, day_list, days, holidays_working_days

from onsite_workflow.calendar import WorkingCalendar
from onsite_workflow.calendar._law import festivals, statutory_count, statutory_names

FIRST, LAST = datetime.date(2007, 1, 1), datetime.date(2026, 12, 31)

needs_day_list = pytest.mark.skipif(
    not DAY_LIST.exists(), reason="the second transcription is not beside the repository"
)


@needs_day_list
def test_every_day_2007_to_2026_agrees_with_the_second_transcription() -> None:
    off, work = day_list()
    for day in days(FIRST, LAST):
        expected = day in work or (day not in off and day.weekday() < 5)
        assert CHINA.is_working_day(day) is expected, day


@needs_day_list
def test_the_notices_name_exactly_the_days_of_the_second_transcription() -> None:
    off, work = day_list()
    named = {
        day: working for notice in CHINA.notices for day, (working, _) in notice.days().items()
    }
    assert {day for day, working in named.items() if not working} == off
    assert {day for day, working in named.items() if working} == work


@needs_day_list
def test_every_term_of_1_to_30_days_from_every_start_day_agrees_with_it() -> None:
    off, work = day_list()
    every = days(datetime.date(2008, 1, 1), CHINA.confirmed_through)
    working = [d for d in every if d in work or (d not in off and d.weekday() < 5)]
    following = 0
    for start in every:
        while following < len(working) and working[following] <= start:
            following += 1
        for term, due in enumerate(working[following : following + 30], start=1):
            answer = CHINA.add_working_days(start, term)
            assert answer.date == due, (start, term)
            assert (answer.provisional, answer.earliest, answer.latest) == (False, due, due)


def test_every_day_agrees_with_the_holidays_package() -> None:
    assert {day for day in days(FIRST, LAST) if CHINA.is_working_day(day)} == set(
        holidays_working_days()
    )


def test_every_day_agrees_with_the_chinesecalendar_package() -> None:
    # It answers 2005-12-31 against notice 〔2005〕35, before this calendar begins.
    differing = [
        d for d in days(FIRST, LAST) if chinese_calendar.is_workday(d) != CHINA.is_working_day(d)
    ]
    assert differing == []


@pytest.mark.parametrize("year", range(2007, 2101))
def test_statutory_days_agree_with_the_holidays_package(year: int) -> None:
    china = holidays.country_holidays("CN", years=year, observed=False, language="zh_CN")
    names = {
        "元旦", "春节", "农历除夕", "清明节", "劳动节", "端午节", "中秋节", "国庆节",
    }  # fmt: skip
    listed: dict[datetime.date, set[str]] = {}
    for day in china:
        known = {name for name in china.get_list(day) if name in names}
        if known and day.year == year:
            # The Regulation counts New Year's Eve by the lunar calendar as Spring Festival.
            listed[day] = {name.replace("农历除夕", "春节") for name in known}
    ours = {day: set(found) for day, found in statutory_names(year).items()}
    # The package reckons Qingming by a rule that holds up to 2099; the sun is at 15° on 5 April.
    if year == 2100:
        assert listed.pop(datetime.date(2100, 4, 4)) == {"清明节"}
        assert ours.pop(datetime.date(2100, 4, 5)) == {"清明节"}
    assert ours == listed


@pytest.mark.parametrize(
    ("year", "count"), [(2007, 10), (2008, 11), (2013, 11), (2014, 11), (2024, 11), (2025, 13)]
)
def test_the_regulation_grants_so_many_days(year: int, count: int) -> None:
    assert statutory_count(year) == count


def test_new_years_eve_is_statutory_by_edition() -> None:
    eves = {
        2013: datetime.date(2013, 2, 9),
        2014: datetime.date(2014, 1, 30),
        2024: datetime.date(2024, 2, 9),
        2025: datetime.date(2025, 1, 28),
    }
    statutory = {year: eve in statutory_names(year) for year, eve in eves.items()}
    assert statutory == {2013: True, 2014: False, 2024: False, 2025: True}


def test_two_festivals_on_one_day_are_both_granted() -> None:
    assert statutory_names(2020)[datetime.date(2020, 10, 1)] == ("中秋节", "国庆节")
    assert sum(len(festival.days) for festival in festivals(2020)) == 11


# ---- the record the assumptions are drawn from --------------------------------------------------


def test_no_swapped_day_off_was_more_than_5_and_no_make_up_day_more_than_10_days_away() -> None:
    furthest = {"off": 0, "work": 0}
    for notice in CHINA.notices:
        if notice.supersedes or notice.year == 2007:
            continue
        statutory = statutory_names(notice.year)
        for day, (working, _) in notice.days().items():
            if working != (day.weekday() < 5):
                distance = min(abs((day - other).days) for other in statutory)
                kind = "work" if working else "off"
                furthest[kind] = max(furthest[kind], distance)
    assert furthest == {"off": 5, "work": 10}


def test_no_notice_has_reached_back_beyond_29_december() -> None:
    reached = [
        min(notice.days()) for notice in CHINA.notices if min(notice.days()).year < notice.year
    ]
    assert len(reached) == 5
    assert min((day.month, day.day) for day in reached) == (12, 29)
    assert CHINA.confirmed_through == datetime.date(2026, 12, 28)


def test_a_festival_on_monday_or_friday_has_never_been_swapped() -> None:
    seen = 0
    for notice in CHINA.notices:
        if notice.supersedes or notice.year == 2007:
            continue
        for festival in festivals(notice.year):
            day = festival.days[0]
            if festival.name in {"元旦", "清明节", "端午节", "中秋节"} and day.weekday() in {0, 4}:
                weekend = days(day - datetime.timedelta(days=2), day + datetime.timedelta(days=2))
                weekend = [d for d in weekend if d.weekday() >= 5]
                joined = any(h.name.count("、") for h in notice.holidays if day in h.off)
                if not joined:
                    seen += 1
                    assert not any(CHINA.is_working_day(d) for d in weekend), day
    assert seen == 23


def test_every_notice_has_its_number_and_its_date() -> None:
    known = {
        2008: ("国办发明电〔2007〕52号", "2007-12-15"),
        2009: ("国办发明电〔2008〕42号", "2008-12-04"),
        2010: ("国办发明电〔2009〕27号", "2009-12-08"),
        2011: ("国办发明电〔2010〕40号", "2010-12-10"),
        2012: ("国办发明电〔2011〕45号", "2011-12-06"),
        2013: ("国办发明电〔2012〕33号", "2012-12-08"),
        2014: ("国办发明电〔2013〕28号", "2013-12-11"),
        2015: ("国办发明电〔2014〕28号", "2014-12-16"),
        2016: ("国办发明电〔2015〕18号", "2015-12-10"),
        2017: ("国办发明电〔2016〕17号", "2016-12-01"),
        2018: ("国办发明电〔2017〕12号", "2017-11-30"),
        2019: ("国办发明电〔2018〕15号", "2018-12-04"),
        2020: ("国办发明电〔2019〕16号", "2019-11-21"),
        2021: ("国办发明电〔2020〕27号", "2020-11-25"),
        2022: ("国办发明电〔2021〕11号", "2021-10-25"),
        2023: ("国办发明电〔2022〕16号", "2022-12-08"),
        2024: ("国办发明电〔2023〕7号", "2023-10-25"),
        2025: ("国办发明电〔2024〕12号", "2024-11-12"),
        2026: ("国办发明电〔2025〕7号", "2025-11-04"),
    }
    amendments = {
        "国发明电〔2015〕1号": ("2015-05-13", ("国办发明电〔2014〕28号",)),
        "国办发明电〔2019〕3号": ("2019-03-22", ("国办发明电〔2018〕15号",)),
        "国办发明电〔2020〕1号": ("2020-01-27", ("国办发明电〔2019〕16号",)),
    }
    regular = {
        n.year: (n.number, str(n.issued))
        for n in WorkingCalendar.china().notices
        if not n.supersedes
    }
    assert regular == {2007: ("国办发明电〔2006〕49号", "2006-12-14"), **known}
    assert {
        n.number: (str(n.issued), n.supersedes)
        for n in WorkingCalendar.china().notices
        if n.supersedes
    } == amendments


def test_monday_2020_02_03_is_named_a_working_day() -> None:
    day = CHINA.day(datetime.date(2020, 2, 3))
    assert (day.working, day.notice) == (True, "国办发明电〔2020〕1号")
