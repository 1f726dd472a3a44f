"""The calendar against a second transcription of the State Council's day list."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from onsite_workflow.calendar import WorkingCalendar
from onsite_workflow.errors import InvalidInput

DAY_LIST = (
    Path(__file__).parents[3] / "shared" / "conformance" / "state_council_days_2007_2026.json"
)


@pytest.mark.skipif(not DAY_LIST.exists(), reason="the second transcription is not here")
def test_every_day_2007_to_2026_agrees_with_the_second_transcription() -> None:
    listed = json.loads(DAY_LIST.read_text(encoding="utf-8"))
    calendar = WorkingCalendar.china()
    day = datetime.date(2007, 1, 1)
    while day.year < 2027:
        text = day.isoformat()
        expected = text in listed["work"] or (text not in listed["off"] and day.weekday() < 5)
        assert calendar.is_working_day(day) is expected, text
        day += datetime.timedelta(days=1)


def test_a_moment_is_not_a_day() -> None:
    moment = datetime.datetime(2026, 9, 30, tzinfo=datetime.UTC)
    with pytest.raises(InvalidInput):
        WorkingCalendar.china().add_working_days(moment, 1)


def test_the_national_holiday_is_stepped_over() -> None:
    deadline = WorkingCalendar.china().add_working_days(datetime.date(2026, 9, 30), 3)
    assert deadline.date == datetime.date(2026, 10, 10)
    assert not deadline.provisional
