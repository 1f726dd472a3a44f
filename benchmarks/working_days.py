"""Working days, side by side: this library, a bare two-list look-up, and the known packages.

Run it with ``python benchmarks/working_days.py``. The extra ``bench`` brings ``chinesecalendar`` and
``numpy``; what is not installed is not compared. Read the ratios, not the times: they hold on a busy machine too.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import subprocess
import sys
import time
import timeit
from collections.abc import Callable
from typing import Any

import holidays

from onsite_workflow.calendar import WorkingCalendar

# Every day of a year is a start day: how long a package takes depends on the day.
DAYS = [datetime.date(2024, 7, 1) + datetime.timedelta(days=i) for i in range(365)]
SPAN = datetime.timedelta(days=300)
PAIRS = [(day, day + SPAN) for day in DAYS]
OPERATIONS = ("is working day", "+1", "+20", "+250", "-20", "count 300 days")
ADDED = {"+1": 1, "+20": 20, "+250": 250, "-20": -20}
SLOW_ROUNDS = 3
Calls = dict[str, Callable[[], object]]


def calls(
    is_working: Callable[[datetime.date], Any],
    add: Callable[[datetime.date, int], Any],
    count: Callable[[datetime.date, datetime.date], Any],
) -> Calls:
    """For each operation a call that does it for every start day."""

    def ask() -> None:
        for day in DAYS:
            is_working(day)

    def adding(n: int) -> Callable[[], None]:
        def call() -> None:
            for day in DAYS:
                add(day, n)

        return call

    def counting() -> None:
        for a, b in PAIRS:
            count(a, b)

    return {
        "is working day": ask,
        **{name: adding(n) for name, n in ADDED.items()},
        "count 300 days": counting,
    }


def ours() -> Calls:
    calendar = WorkingCalendar.china()
    return calls(calendar.is_working_day, calendar.add_working_days, calendar.count_working_days)


def bare() -> Calls:
    """Nothing but a list of ranks by day and a list of working dates: no check, no answer type."""
    calendar = WorkingCalendar.china()
    base = calendar.first_day.toordinal()
    dates: list[datetime.date] = []
    ranks: list[int] = []
    for ordinal in range(base, calendar.confirmed_through.toordinal() + 1):
        day = datetime.date.fromordinal(ordinal)
        if calendar.is_working_day(day):
            dates.append(day)
        ranks.append(len(dates) - 1)

    def is_working(day: datetime.date) -> bool:
        return dates[ranks[day.toordinal() - base]] == day

    def add(day: datetime.date, n: int) -> datetime.date:
        return dates[ranks[day.toordinal() - base] + n]

    def count(a: datetime.date, b: datetime.date) -> int:
        return ranks[b.toordinal() - base] - ranks[a.toordinal() - base]

    return calls(is_working, add, count)


def holidays_package() -> Calls:
    china = holidays.country_holidays("CN", years=range(2024, 2028))
    return calls(china.is_working_day, china.get_nth_working_day, china.get_working_days_count)


def chinesecalendar_package() -> Calls:
    package = importlib.import_module("chinese_calendar")
    return calls(
        package.is_workday,
        lambda day, n: package.find_workday(n, day),
        lambda a, b: len(package.get_workdays(a, b)),
    )


def numpy_package() -> Calls:
    numpy = importlib.import_module("numpy")
    # Its calendars know no make-up weekends: every day is a week day here, all days off are listed.
    calendar = WorkingCalendar.china()
    off = [
        day
        for ordinal in range(calendar.first_day.toordinal(), calendar.confirmed_through.toordinal())
        if not calendar.is_working_day(day := datetime.date.fromordinal(ordinal))
    ]
    days = numpy.busdaycalendar(weekmask="1111111", holidays=off)
    return calls(
        lambda day: numpy.is_busday(day, busdaycal=days),
        lambda day, n: numpy.busday_offset(day, n, roll="backward", busdaycal=days),
        lambda a, b: numpy.busday_count(a, b, busdaycal=days),
    )


def measure(candidates: dict[str, Calls], operation: str, rounds: int) -> dict[str, float]:
    """Nanoseconds for one start day: the best of rounds in which everybody takes a turn."""
    numbers = {
        name: max(1, int(0.005 / min(timeit.repeat(does[operation], number=1, repeat=3))))
        for name, does in candidates.items()
    }
    best = dict.fromkeys(candidates, float("inf"))
    for turn in range(rounds):
        for name, does in candidates.items():
            if numbers[name] > 1 or turn < SLOW_ROUNDS:
                took = timeit.timeit(does[operation], number=numbers[name]) / numbers[name]
                best[name] = min(best[name], took / len(DAYS) * 1e9)
    return best


FIRST_USE = {
    "this library": (
        "from onsite_workflow.calendar import WorkingCalendar",
        "WorkingCalendar.china().add_working_days(day, 20)",
    ),
    "holidays": (
        "import holidays",
        "holidays.country_holidays('CN').get_nth_working_day(day, 20)",
    ),
    "chinesecalendar": (
        "import chinese_calendar",
        "chinese_calendar.find_workday(20, day)",
    ),
}


def first_use(importing: str, using: str) -> tuple[float, float]:
    """Milliseconds to import and then to answer for the first time, in a fresh interpreter."""
    code = (
        "import datetime, time; day = datetime.date(2025, 3, 5); a = time.perf_counter(); "
        f"{importing}; b = time.perf_counter(); {using}; c = time.perf_counter(); "
        "print((b - a) * 1e3, (c - b) * 1e3)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout.split()
        for _ in range(5)
    ]
    return min(float(run[0]) for run in runs), min(float(run[1]) for run in runs)


def beyond() -> tuple[float, float]:
    """After the last notice: µs an answer, and ms for the first one about the year 2199."""
    calendar = WorkingCalendar(WorkingCalendar.china().notices)
    started = time.perf_counter()
    calendar.add_working_days(datetime.date(2199, 3, 1), 20)
    first = time.perf_counter() - started
    day = calendar.confirmed_through
    days = [day + datetime.timedelta(days=n) for n in range(1, 1001)]
    started = time.perf_counter()
    for day in days:
        calendar.add_working_days(day, 20)
    return (time.perf_counter() - started) / len(days) * 1e6, first * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description="Working days, side by side.")
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    candidates: dict[str, Calls] = {
        "bare two-list look-up": bare(),
        "this library": ours(),
        "holidays": holidays_package(),
    }
    for name, module, make in (
        ("chinesecalendar", "chinese_calendar", chinesecalendar_package),
        ("numpy busdaycalendar", "numpy", numpy_package),
    ):
        try:
            importlib.import_module(module)
        except ImportError:
            print(f"{name} is not installed: left out")
        else:
            candidates[name] = make()
    times = {operation: measure(candidates, operation, rounds) for operation in OPERATIONS}
    print("| ns a call (times this library) | " + " | ".join(OPERATIONS) + " |")
    print("|---|" + "---|" * len(OPERATIONS))
    for name in candidates:
        cells = (
            f"{times[o][name]:,.0f} ({times[o][name] / times[o]['this library']:,.2f})"
            for o in OPERATIONS
        )
        print(f"| {name} | " + " | ".join(cells) + " |")
    print()
    print("| ms in a fresh interpreter | import | first answer |")
    print("|---|---|---|")
    for name, (importing, using) in FIRST_USE.items():
        if name in candidates:
            loaded, answered = first_use(importing, using)
            print(f"| {name} | {loaded:.1f} | {answered:.1f} |")
    each, first = beyond()
    print()
    print(f"after the last notice: {each:.0f} µs an answer; the first about 2199 {first:.0f} ms")


if __name__ == "__main__":
    main()
