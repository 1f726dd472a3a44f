"""Importing costs nothing of the tables, and counting nothing of the ``holidays`` package."""

from __future__ import annotations

import os
import subprocess
import sys


def run(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    return done.stdout.strip()


def test_importing_reads_no_data() -> None:
    told = run(
        "from onsite_workflow.calendar import _calendar, _law, _notices\n"
        "sizes = [f.cache_info().currsize for f in (_calendar._china, _notices.packaged_notices,\n"
        "         _law.statutory_names, _law.festivals)]\n"
        "print(sizes)"
    )
    assert told == "[0, 0, 0, 0]"


def test_answers_never_import_the_holidays_package() -> None:
    told = run(
        "import datetime, sys\n"
        "from onsite_workflow.calendar import WorkingCalendar\n"
        "calendar = WorkingCalendar.china()\n"
        "calendar.explain(datetime.date(2026, 9, 30), 3)\n"
        "calendar.explain(datetime.date(2030, 9, 30), 3)\n"
        "print('holidays' in sys.modules)"
    )
    assert told == "False"


def test_a_revision_is_the_same_in_every_process() -> None:
    code = (
        "from onsite_workflow.calendar import WorkingCalendar\n"
        "print(WorkingCalendar.china().revision)"
    )
    revisions = {
        run(code, PYTHONHASHSEED=seed, TZ=zone)
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(revisions) == 1
    assert len(revisions.pop()) == 12
