"""How far the calendar's sources reach, and whether they agree."""

from __future__ import annotations

import datetime

from attrs import frozen

from onsite_workflow.calendar._calendar import WorkingCalendar
from onsite_workflow.calendar._law import LAST_YEAR
from onsite_workflow.errors import Remedy, Violation

__all__ = ["CalendarCheck", "SourceReach", "check_calendar"]

_NOVEMBER, _DECEMBER = 11, 12
_YEARS_AHEAD = 5
_DAYS_SHOWN = 10


@frozen(kw_only=True)
class SourceReach:
    """One source of the calendar: its name in both languages, its version, and the last day it has."""

    zh: str
    en: str
    version: str
    reaches: datetime.date


@frozen(kw_only=True)
class CalendarCheck:
    """The state of a calendar on the day ``today``.

    ``findings`` is empty where nothing needs to be done. The ``rule`` of a finding is one of
    ``next_year_missing`` (from 1 November on), ``out_of_date``, ``invented_notice``,
    ``sources_disagree`` and ``source_ahead``.
    """

    today: datetime.date
    revision: str
    confirmed_through: datetime.date
    sources: tuple[SourceReach, ...]
    findings: tuple[Violation, ...]


_ADD = Remedy(
    zh="用 `onsite-workflow calendar add FILE` 加入国务院办公厅的通知，或升级本库",
    en="add the notice with `onsite-workflow calendar add FILE`, or upgrade this library",
)


def check_calendar(calendar: WorkingCalendar, today: datetime.date) -> CalendarCheck:
    """How far each source of ``calendar`` reaches, and what needs to be done on ``today``.

    The notices are compared, day by day, with the installed package ``holidays``. So an amendment that
    one of the two has missed is found, which the sum of a year would not show.
    """
    regular = [notice for notice in calendar.notices if not notice.supersedes]
    last = regular[-1]
    package, differing = _compare(WorkingCalendar(calendar.notices))
    sources = (
        SourceReach(
            zh="国务院办公厅放假通知",
            en="notices of the State Council's General Office",
            version=calendar.notices[-1].label,
            reaches=calendar.confirmed_through,
        ),
        package,
        SourceReach(
            zh="农历与节气推算表",
            en="table of lunar festivals and solar terms",
            version="GB/T 33661-2017",
            reaches=datetime.date(LAST_YEAR, 12, 28),
        ),
    )
    findings: list[Violation] = []
    if today > calendar.confirmed_through:
        findings.append(
            Violation(
                rule="out_of_date",
                zh=f"工作日历只确定到{calendar.confirmed_through}，今天的答案都是暂定的",
                en=f"the calendar is confirmed through {calendar.confirmed_through} only: "
                "every answer of today is provisional",
                facts={"confirmed_through": str(calendar.confirmed_through)},
                remedy=_ADD,
            )
        )
    if today.month >= _NOVEMBER and last.year <= today.year:
        findings.append(
            Violation(
                rule="next_year_missing",
                zh=f"尚无{today.year + 1}年的放假通知（历年在10月25日至12月16日之间印发）",
                en=f"the notice for {today.year + 1} is missing (notices have been issued between "
                "25 October and 16 December)",
                facts={"year": today.year + 1},
                remedy=_ADD,
            )
        )
    findings.extend(
        Violation(
            rule="invented_notice",
            zh=f"含虚构的{notice.year}年通知，只供演练",
            en=f"holds an invented notice for {notice.year}: for rehearsal only",
            facts={"number": notice.number, "year": notice.year},
        )
        for notice in calendar.notices
        if notice.invented
    )
    if differing:
        days = [str(day) for day in differing]
        findings.append(
            Violation(
                rule="sources_disagree",
                zh=f"与 holidays 包有{len(days)}天不一致：{'、'.join(days[:_DAYS_SHOWN])}",
                en=f"{len(days)} days differ from the holidays package: "
                f"{', '.join(days[:_DAYS_SHOWN])}",
                facts={"days": days},
                remedy=Remedy(
                    zh="对照通知原文：可能有一方遗漏了调整通知",
                    en="compare with the notices: one of the two may have missed an amendment",
                ),
            )
        )
    if package.reaches.year > last.year:
        findings.append(
            Violation(
                rule="source_ahead",
                zh=f"holidays 包已有{last.year + 1}年的安排，而这里还没有通知",
                en=f"the holidays package arranges {last.year + 1} already, and no notice for it "
                "is here",
                facts={"year": last.year + 1},
                remedy=_ADD,
            )
        )
    return CalendarCheck(
        today=today,
        revision=calendar.revision,
        confirmed_through=calendar.confirmed_through,
        sources=sources,
        findings=tuple(findings),
    )


def _compare(calendar: WorkingCalendar) -> tuple[SourceReach, list[datetime.date]]:
    """How far the package ``holidays`` reaches, and the confirmed days that it answers differently."""
    from importlib.metadata import version  # noqa: PLC0415 - as below

    import holidays  # noqa: PLC0415 - 40 ms that no other answer needs

    first, last = calendar.first_day.year, calendar.confirmed_through.year
    china = holidays.country_holidays("CN", years=range(first, last + _YEARS_AHEAD))
    # A year that a notice arranged has make-up days (one in December may be the next year's). The
    # package guesses the other years and does not say so.
    reach = max(day.year for day in china.weekend_workdays if day.month < _DECEMBER)
    differing: list[datetime.date] = []
    day = calendar.first_day
    while day <= calendar.confirmed_through and day.year <= reach:
        if china.is_working_day(day) != calendar.is_working_day(day):
            differing.append(day)
        day += datetime.timedelta(days=1)
    source = SourceReach(
        zh="Python 包 holidays",
        en="Python package holidays",
        version=version("holidays"),
        reaches=datetime.date(reach, 12, 31),
    )
    return source, differing
