"""What the calendar says is what was read aloud and kept in ``words.txt`` (see ``words``)."""

import datetime
from pathlib import Path

from test_calendar_notices import INVENTED_2027, holiday_cn
from words import words

from onsite_workflow.calendar import WorkingCalendar, month_lines, parse_notice


def test_where_no_language_is_named_it_is_chinese() -> None:
    calendar = WorkingCalendar.china()
    told = calendar.explain(datetime.date(2026, 9, 30), 3)
    day = calendar.day(datetime.date(2026, 10, 1))
    beyond = calendar.day(datetime.date(2027, 10, 1))
    assert told.lines() == told.lines("zh")
    assert [each.text() for each in told.days] == [each.text("zh") for each in told.days]
    assert told.deadline.text() == told.deadline.text("zh")
    assert (day.reason(), day.mark()) == (day.reason("zh"), "休")
    assert beyond.authority() == "尚无放假通知"
    weeks = calendar.month(2026, 10)
    assert month_lines(weeks) == month_lines(weeks, "zh")


def test_the_last_months_and_the_longest_texts_are_taken() -> None:
    calendar = WorkingCalendar.china()
    assert calendar.month(2200, 11)
    name, source = "长" * 100, "x" * 500
    given = holiday_cn(parse_notice(INVENTED_2027))
    given["source"] = source
    for day in given["days"][:3]:
        day["name"] = name
    read = parse_notice(given, number="国办发明电〔2026〕99号", issued=datetime.date(2026, 11, 9))
    assert (read.holidays[0].name, read.source) == (name, source)
    day = datetime.date(2026, 3, 4)
    centre = calendar.with_local_days(closed=[day], decided_by="局", decided_on=day)
    assert not centre.is_working_day(day)


def test_the_calendar_says_what_was_read_aloud() -> None:
    kept = (Path(__file__).parent / "words.txt").read_text(encoding="utf-8").splitlines()
    assert list(words()) == kept
