"""What the pages about the calendar show is what the calendar does."""

from __future__ import annotations

import doctest
import re
import tomllib
from pathlib import Path

from onsite_workflow.calendar import WorkingCalendar, parse_notice

DOCS = Path(__file__).parents[2] / "docs"


def test_the_examples_of_the_explanation_run() -> None:
    page = DOCS / "explanation" / "calendar.md"
    done = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert done.attempted > 8
    assert done.failed == 0


def test_the_notices_of_the_how_to_can_be_added() -> None:
    page = (DOCS / "how-to" / "add-a-notice.md").read_text(encoding="utf-8")
    files = re.findall(r"```toml \S+\n(.*?)```", page, flags=re.DOTALL)
    notices = [parse_notice(tomllib.loads(text)) for text in files]
    assert [notice.year for notice in notices] == [2027, 2026]
    calendar = WorkingCalendar.china().as_known_on(notices[1].issued)
    for notice in reversed(notices):
        assert notice.invented
        calendar = calendar.with_notice(notice)
    assert calendar.confirmed_through.year == 2027
