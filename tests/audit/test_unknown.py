"""What a ledger does not say is unknown, and said to be: never found, never passed over in silence."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from onsite_workflow import SHANGHAI, Kind, Limit, LimitUnit, Regulation
from onsite_workflow.audit import Report, Why

from .histories import CALENDAR, EXPORTED, MAPPING, Office, Row, clean, row_of
from .writing import judged, write_csv


def days_alone(row: Row) -> Row:
    return {
        name: value.astimezone(SHANGHAI).date() if isinstance(value, dt.datetime) else value
        for name, value in row.items()
    }


def of(tmp_path: Path, *rows: Row, mapping: str = MAPPING, **more: Any) -> Report:
    return judged(write_csv(tmp_path / "l.csv", rows, style=0), mapping, more=more)


def without(*fields: str) -> str:
    kept = (line for line in MAPPING.splitlines() if line.split(" = ")[0] not in fields)
    return "\n".join(kept)


def reasons(report: Report) -> set[tuple[str | None, str, tuple[str, ...]]]:
    return {(u.kind and u.kind.value, u.why.value, u.fields) for u in report.unjudged if u.rows}


# --- days without their time --------------------------------------------------------------------


def test_days_alone_show_nothing_that_is_not_there(tmp_path: Path) -> None:
    report = of(tmp_path, *(days_alone(row) for _, row in clean(200)))
    assert report.findings == ()
    assert reasons(report) == {("arrival", "day_only", ("appointed_at", "arrived_at"))}


@pytest.mark.parametrize(
    ("late", "kind"), [("reply", "on_site"), ("form", "later"), ("outcome", "later")]
)
def test_a_limit_in_days_is_judged_by_days_alone(late: str, kind: str, tmp_path: Path) -> None:
    office = Office(41)
    rows = [days_alone(row_of(office.history(n, kind, late))) for n in range(1, 10)]
    report = of(tmp_path, *rows)
    assert [f.code.value for f in report.findings] == ["late_act"] * 9
    assert not any(f.exact for f in report.findings)
    assert all((f.by_days or 0) >= 1 for f in report.findings)


def test_an_arrival_on_a_later_day_is_late_whatever_the_hour(tmp_path: Path) -> None:
    row = days_alone(row_of(Office(41).history(1, "on_site")))
    for name in ("到达时间", "离开时间", "登记表提交时间", "结案时间", "归档时间"):
        row[name] = row["约定服务时间"] + dt.timedelta(days=1)
    (found,) = of(tmp_path, row).findings
    assert (found.code.value, found.clause) == ("late_arrival", "7.3")


def test_a_limit_that_ends_within_the_day_is_not_judged_by_the_day(tmp_path: Path) -> None:
    """A regulation whose last day ends at the close of business."""
    closing = Regulation(
        edition="DB0000/T 1—2024",
        title="试点上门服务规范",
        in_force_from=dt.date(2024, 1, 1),
        limits={Kind.REPLY: Limit(1, LimitUnit.WORKING_DAYS)},
        close_of_business=dt.time(17, 0),
    )
    row = days_alone(row_of(Office(41).history(1, "on_site")))
    row["回复时间"] = CALENDAR.add_working_days(row["转办时间"], 1).date
    for name in (
        "约定日",
        "约定服务时间",
        "到达时间",
        "离开时间",
        "登记表提交时间",
        "结案时间",
        "归档时间",
    ):
        row[name] = row["回复时间"] + dt.timedelta(days=2)
    report = of(tmp_path, row, regulation=closing, calendar=CALENDAR)
    assert report.findings == ()
    assert ("reply", "day_only", ("transferred_at", "replied_at")) in reasons(report)


def test_acts_of_one_day_are_in_no_wrong_order(tmp_path: Path) -> None:
    row = days_alone(row_of(Office(41).history(1, "on_site")))
    for name in (
        "约定日",
        "约定服务时间",
        "到达时间",
        "离开时间",
        "登记表提交时间",
        "结案时间",
        "归档时间",
        "回复时间",
    ):
        row[name] = row["转办时间"]
    assert of(tmp_path, row).findings == ()


# --- columns that are not there -----------------------------------------------------------------


def test_what_has_no_column_is_listed_once_for_the_whole_ledger(tmp_path: Path) -> None:
    mapping = without("replied_at", "form_filed_at", "explained_at", "alternatives")
    report = of(tmp_path, *(row for _, row in clean(120)), mapping=mapping)
    assert report.findings == ()
    entries = [
        (u.clause, u.kind, u.rule, u.fields) for u in report.unjudged if u.why is Why.UNMAPPED
    ]
    assert len(entries) == len(set(entries))
    unmapped = {(clause, fields) for clause, _, _, fields in entries}
    for clause, field in (
        ("7.2", "replied_at"),
        ("6.3", "form_filed_at"),
        ("7.2.2", "explained_at"),
        ("7.2.2", "alternatives"),
    ):
        assert (clause, (field,)) in unmapped


@pytest.mark.parametrize(
    "field", [line.split(" = ")[0] for line in MAPPING.splitlines() if " = " in line][2:]
)
def test_any_column_may_be_missing_without_a_false_finding(field: str, tmp_path: Path) -> None:
    report = of(tmp_path, *(row for _, row in clean(60)), mapping=without(field))
    assert [(f.rule, f.kind) for f in report.findings] == []


def test_the_end_of_a_visit_without_a_column_is_its_day(tmp_path: Path) -> None:
    office = Office(41)
    rows = [row_of(office.history(n, "on_site", "form")) for n in range(1, 6)]
    report = of(tmp_path, *rows, mapping=without("left_at"))
    assert [f.code.value for f in report.findings] == ["late_act"] * 5
    assert "day of arrival" in report.assumed[0][1]


# --- cells that cannot be read ------------------------------------------------------------------


def test_a_cell_that_cannot_be_read_is_named_and_the_rest_of_the_row_judged(tmp_path: Path) -> None:
    row = row_of(Office(41).history(1, "on_site"))
    row |= {"回复时间": "三月初", "详细地址": None}
    report = of(tmp_path, row)
    assert [(c.row, c.column, c.field) for c in report.unreadable] == [
        (2, "回复时间", "replied_at")
    ]
    assert [f.rule for f in report.findings] == ["address_given"]
    assert ("reply", "unreadable", ("replied_at",)) in reasons(report)
    assert "三月初" not in str(report.to_wire())


def test_a_row_with_more_cells_than_the_header_is_not_judged(tmp_path: Path) -> None:
    """A comma in an address moves every cell after it."""
    path = tmp_path / "l.csv"
    path.write_text(
        "案号,地址,申请时间\nA,槐荫大道,118号,2026-03-02\nB,书院街道,2026-03-02\n", "utf-8"
    )
    report = judged(path, '[columns]\ncase = "案号"\naddress = "地址"\napplied_at = "申请时间"')
    assert [(c.row, c.column) for c in report.unreadable] == [(2, None)]
    assert report.rows == 1


# --- cases still open ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "column", ["转办单编号", "回复时间", "约定日", "到达时间", "结案时间", "归档时间"]
)
def test_a_case_that_is_still_open_is_no_fault(column: str, tmp_path: Path) -> None:
    """Everything from some step on is blank, and the limits have not passed when it was exported."""
    office = Office(43)
    for number in range(1, 8):
        row = row_of(office.history(number, "on_site"))
        names = list(row)
        known = {n: row[n] for n in names[: names.index(column)]}
        last = max(v for v in known.values() if isinstance(v, dt.datetime))
        row |= dict.fromkeys(names[names.index(column) :])
        row["主办单位"] = row["主办单位"] or "云溪区民政局"
        path = write_csv(tmp_path / f"{number}.csv", [row], style=3)
        found = judged(path, at=last).findings
        assert [f.zh for f in found] == []


def test_a_day_that_no_notice_settles_is_not_judged(tmp_path: Path) -> None:
    """Transferred when nobody knows yet which day the first working day will be."""
    last = CALENDAR.confirmed_through
    while (owed := CALENDAR.add_working_days(last, 1)).earliest == owed.latest:
        last += dt.timedelta(days=1)
    row = row_of(Office(43).history(1, "on_site"))
    start = dt.datetime.combine(last, dt.time(10), SHANGHAI)
    row |= dict.fromkeys(list(row)[list(row).index("转办时间") :])
    row |= {"申请时间": start, "转办时间": start, "主办单位": "云溪区民政局", "是否同意": "同意"}
    row["回复时间"] = dt.datetime.combine(owed.earliest, dt.time(9), SHANGHAI) + dt.timedelta(
        days=1
    )
    late = dt.datetime.combine(owed.latest, dt.time(9), SHANGHAI) + dt.timedelta(days=1)
    at = EXPORTED.replace(year=2027)
    unsure = judged(write_csv(tmp_path / "u.csv", [row], style=0), at=at)
    assert [f for f in unsure.findings if f.kind is Kind.REPLY] == []
    assert ("reply", "provisional", ("transferred_at", "replied_at")) in reasons(unsure)
    row["回复时间"] = late
    sure = judged(write_csv(tmp_path / "s.csv", [row], style=0), at=at)
    assert [f.code.value for f in sure.findings] == ["late_act"]
