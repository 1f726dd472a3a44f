"""Every day of a term can be explained, in both languages, by what it was counted with."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import CHINA, ONE_DAY, unhurried

from onsite_workflow.calendar import (
    DayKind,
    WorkingCalendar,
    check_calendar,
    month_lines,
    parse_notice,
)
from onsite_workflow.errors import InvalidInput

DAY = datetime.date


def test_the_national_holiday_of_2026_is_explained_in_chinese() -> None:
    assert CHINA.explain(DAY(2026, 9, 30), 3).lines("zh") == [
        "2026-09-30 周三  起算日，不计  工作日  国办发明电〔2025〕7号",
        "2026-10-01 周四  不计  国庆节，法定节假日  国办发明电〔2025〕7号",
        "2026-10-02 周五  不计  国庆节，法定节假日  国办发明电〔2025〕7号",
        "2026-10-03 周六  不计  国庆节，法定节假日  国办发明电〔2025〕7号",
        "2026-10-04 周日  不计  周末（国庆节假期）  国办发明电〔2025〕7号",
        "2026-10-05 周一  不计  国庆节放假调休  国办发明电〔2025〕7号",
        "2026-10-06 周二  不计  国庆节放假调休  国办发明电〔2025〕7号",
        "2026-10-07 周三  不计  国庆节放假调休  国办发明电〔2025〕7号",
        "2026-10-08 周四  计，第1个工作日  工作日  国办发明电〔2025〕7号",
        "2026-10-09 周五  计，第2个工作日  工作日  国办发明电〔2025〕7号",
        "2026-10-10 周六  计，第3个工作日  为国庆节调休上班  国办发明电〔2025〕7号",
        "自2026-09-30起3个工作日：2026-10-10（确定）",
    ]


def test_it_is_explained_in_english_too() -> None:
    lines = CHINA.explain(DAY(2026, 9, 30), 3).lines("en")
    assert lines[0] == ("2026-09-30 Wed  day zero, not counted  working day  国办发明电〔2025〕7号")
    assert lines[1] == (
        "2026-10-01 Thu  not counted  National Day, statutory holiday  国办发明电〔2025〕7号"
    )
    assert lines[-2] == (
        "2026-10-10 Sat  counted, working day 3  make-up working day for National Day  "
        "国办发明电〔2025〕7号"
    )
    assert lines[-1] == "3 working days from 2026-09-30: 2026-10-10 (confirmed)"


@pytest.mark.parametrize(
    ("day", "kind", "occasion", "notice"),
    [
        ("2015-09-03", DayKind.GRANTED_OFF,
         "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日", "国发明电〔2015〕1号"),
        ("2015-09-04", DayKind.SWAPPED_OFF,
         "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日", "国发明电〔2015〕1号"),
        ("2015-09-06", DayKind.MAKE_UP,
         "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日", "国发明电〔2015〕1号"),
        ("2020-01-24", DayKind.SWAPPED_OFF, "春节", "国办发明电〔2019〕16号"),
        ("2020-01-31", DayKind.GRANTED_OFF, "春节延长假期", "国办发明电〔2020〕1号"),
        ("2020-02-02", DayKind.WEEKEND, "春节延长假期", "国办发明电〔2020〕1号"),
        ("2020-10-01", DayKind.STATUTORY, "中秋节、国庆节", "国办发明电〔2019〕16号"),
        ("2018-12-29", DayKind.MAKE_UP, "元旦", "国办发明电〔2018〕15号"),
        ("2018-12-28", DayKind.WORKDAY, "", "国办发明电〔2017〕12号"),
        ("2019-05-02", DayKind.SWAPPED_OFF, "劳动节", "国办发明电〔2019〕3号"),
        ("2025-05-02", DayKind.STATUTORY, "劳动节", "国办发明电〔2024〕12号"),
        ("2024-05-02", DayKind.SWAPPED_OFF, "劳动节", "国办发明电〔2023〕7号"),
        ("2026-07-04", DayKind.WEEKEND, "", "国办发明电〔2025〕7号"),
        ("2027-10-09", DayKind.MAKE_UP, "国庆节", None),
        ("2027-10-04", DayKind.SWAPPED_OFF, "国庆节", None),
        ("2029-12-31", DayKind.SWAPPED_OFF, "元旦", None),
        ("2029-12-29", DayKind.MAKE_UP, "元旦", None),
    ],
)  # fmt: skip
def test_a_day_knows_why_and_by_which_notice(
    day: str, kind: DayKind, occasion: str, notice: str | None
) -> None:
    told = CHINA.day(DAY.fromisoformat(day))
    assert (told.kind, told.occasion, told.notice) == (kind, occasion, notice)
    for language in ("zh", "en"):
        assert told.reason(language)
        assert "{" not in told.reason(language)


@unhurried
@given(st.dates(DAY(2007, 6, 1), DAY(2040, 1, 1)), st.integers(-60, 60))
def test_an_explanation_is_of_the_answer_itself(start: DAY, n: int) -> None:
    told = CHINA.explain(start, n)
    assert told.deadline == CHINA.add_working_days(start, n)
    assert told.days[0].day.date == start
    assert not told.days[0].counted
    assert told.days[-1].day.date == told.deadline.date
    step = ONE_DAY if n > 0 else -ONE_DAY
    for one, other in zip(told.days, told.days[1:], strict=False):
        assert other.day.date - one.day.date == step
        assert other.counted is other.day.working
    counted = [day.number for day in told.days if day.counted]
    assert counted == (list(range(1, n + 1)) if n > 0 else list(range(-1, n - 1, -1)))
    for language in ("zh", "en"):
        lines = told.lines(language)
        assert len(lines) == len(told.days) + 1
        for line, day in zip(lines, told.days, strict=False):
            assert line.startswith(str(day.day.date))
            assert day.day.authority(language) in line


@given(st.dates(DAY(2027, 1, 1), DAY(2060, 1, 1)), st.integers(-20, 20))
@unhurried
def test_nothing_is_said_of_a_later_year_without_the_word_provisional(start: DAY, n: int) -> None:
    explanation = CHINA.explain(start, n)
    for day, zh, en in zip(
        explanation.days, explanation.lines("zh"), explanation.lines("en"), strict=False
    ):
        if day.day.date.year >= 2027:
            assert "暂定" in zh
            assert "provisional" in en
    assert "暂定" in explanation.lines("zh")[-1]
    assert "provisional" in explanation.lines("en")[-1]
    shown = "\n".join(month_lines(CHINA.month(start.year, start.month), "en"))
    assert "provisional" in shown


# ---- the wall calendar --------------------------------------------------------------------------


def test_october_2026_hangs_on_the_wall() -> None:
    assert month_lines(CHINA.month(2026, 10)) == [
        "2026年10月",
        "一   二   三   四   五   六   日",
        "                1休  2休  3休  4休",
        " 5休  6休  7休  8    9   10班 11",
        "12   13   14   15   16   17   18",
        "19   20   21   22   23   24   25",
        "26   27   28   29   30   31",
        "休：放假  班：调休上班",
    ]


def test_february_2027_says_what_may_differ() -> None:
    lines = month_lines(CHINA.month(2027, 2), "en")
    assert lines[0] == "2027-02"
    assert lines[2].split() == ["1", "2", "3?", "4?", "5off", "6off", "7off"]
    assert lines[-1] == "provisional from 2027-02-01 on: no notice yet; ? may differ"


def test_december_of_the_last_year_is_provisional_at_its_end() -> None:
    assert "provisional from 2026-12-29" in month_lines(CHINA.month(2026, 12), "en")[-1]


@pytest.mark.parametrize(("year", "month"), [(2024, 2), (2025, 2), (2026, 2), (2026, 11)])
def test_a_month_has_all_its_days_in_whole_weeks(year: int, month: int) -> None:
    weeks = CHINA.month(year, month)
    assert all(len(week) == 7 for week in weeks)
    shown = [day.date for week in weeks for day in week if day]
    assert shown[0].day == 1
    assert (shown[-1] + ONE_DAY).day == 1
    assert len(shown) == shown[-1].day
    assert all(
        day is None or day.date.weekday() == i for week in weeks for i, day in enumerate(week)
    )


@pytest.mark.parametrize(("year", "month"), [(2026, 0), (2026, 13), (2006, 1), (2201, 1)])
def test_a_month_outside_the_calendar_is_refused(year: int, month: int) -> None:
    with pytest.raises(InvalidInput):
        CHINA.month(year, month)


# ---- the state of the calendar ------------------------------------------------------------------


def findings(calendar: WorkingCalendar, today: DAY) -> set[str]:
    check = check_calendar(calendar, today)
    for finding in check.findings:
        assert finding.zh
        assert finding.en
    return {finding.rule for finding in check.findings}


def test_the_next_year_is_missed_from_1_november_on() -> None:
    assert "next_year_missing" not in findings(CHINA, DAY(2026, 10, 31))
    assert "next_year_missing" in findings(CHINA, DAY(2026, 11, 1))
    assert "out_of_date" not in findings(CHINA, DAY(2026, 12, 28))
    assert findings(CHINA, DAY(2026, 12, 29)) >= {"out_of_date", "next_year_missing"}


def test_each_source_tells_how_far_it_reaches() -> None:
    check = check_calendar(CHINA, DAY(2026, 10, 1))
    notices, package, table = check.sources
    assert (notices.version, notices.reaches) == ("国办发明电〔2025〕7号", DAY(2026, 12, 28))
    assert package.reaches >= DAY(2026, 12, 31)
    assert table.reaches == DAY(2200, 12, 28)
    assert (check.revision, check.confirmed_through) == (CHINA.revision, DAY(2026, 12, 28))


def test_a_missed_amendment_shows_as_a_disagreement() -> None:
    missed = WorkingCalendar(n for n in CHINA.notices if n.number != "国办发明电〔2019〕3号")
    check = check_calendar(missed, DAY(2026, 10, 1))
    (finding,) = [f for f in check.findings if f.rule == "sources_disagree"]
    assert finding.facts["days"] == ["2019-04-28", "2019-05-02", "2019-05-03", "2019-05-05"]
    assert "sources_disagree" not in findings(CHINA, DAY(2026, 10, 1))


def test_local_days_are_no_disagreement() -> None:
    centre = CHINA.with_local_days(
        closed=[DAY(2026, 3, 4)], decided_by="中心", decided_on=DAY(2026, 1, 5)
    )
    assert "sources_disagree" not in findings(centre, DAY(2026, 10, 1))


def test_a_package_that_knows_more_is_told() -> None:
    assert "source_ahead" in findings(CHINA.as_known_on(DAY(2025, 6, 1)), DAY(2025, 6, 1))


def test_an_invented_notice_is_told() -> None:
    notice = parse_notice(
        {
            "number": "国办发明电〔2026〕3号",
            "issued": "2026-09-01",
            "year": 2026,
            "supersedes": ["国办发明电〔2025〕7号"],
            "invented": True,
            "holidays": [{"name": "国庆节", "off": ["2026-10-10"], "work": ["2026-10-11"]}],
        }
    )
    assert "invented_notice" in findings(CHINA.with_notice(notice), DAY(2026, 10, 1))
    assert "invented_notice" not in findings(CHINA, DAY(2026, 10, 1))
