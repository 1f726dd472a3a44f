"""Rows as offices write them, of which a hasty reading says what is not so."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from onsite_workflow import SHANGHAI
from onsite_workflow.audit import FIELDS, Report, Shape

from .writing import judged

AT = dt.datetime(2026, 10, 31, 18, tzinfo=SHANGHAI)
BASE = {
    "case": "YX-01",
    "applied_at": "2026-09-15 09:10",
    "transferred_at": "2026-09-15 09:40",
    "unit": "甲局",
    "replied_at": "2026-09-15 15:20",
    "reply": "同意",
}
VISIT = BASE | {
    "scheduled_at": "2026-09-16 09:00",
    "appointed_at": "2026-09-17 09:30",
    "arrived_at": "2026-09-17 09:25",
    "left_at": "2026-09-17 10:10",
    "visiting_units": "甲局",
    "completed": "是",
    "form_filed_at": "2026-09-18 16:00",
    "closed_at": "2026-09-17 10:20",
    "archived_at": "2026-09-25 10:00",
}
AGAIN = VISIT | {
    "failed_at": "2026-09-17 09:40",
    "failure_cause": "申请人不在",
    "arrived_at": "2026-09-21 09:25",
    "left_at": "2026-09-21 10:10",
    "closed_at": "2026-09-21 10:20",
    "form_filed_at": "2026-09-22 10:00",
}


def report_of(
    tmp_path: Path, *rows: dict[str, str], shape: Shape = Shape.CASES, more: str = ""
) -> Report:
    """The rows as a ledger whose columns are called as the fields are."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    assert FIELDS.keys() >= set(names)
    path = tmp_path / "l.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    columns = "".join(f'{name} = "{name}"\n' for name in names)
    return judged(path, f'shape = "{shape.value}"\n{more}[columns]\n{columns}', at=AT)


def found(report: Report) -> list[tuple[str, str | None, str]]:
    assert not report.unreadable
    return [
        (f.code.value, f.clause, f.rule or ("" if f.kind is None else f.kind.value))
        for f in report.findings
    ]


def unjudged(report: Report) -> set[tuple[str, str, str]]:
    """What single rows left unknown: clause, reason, kind."""
    return {
        (u.clause, u.why.value, "" if u.kind is None else u.kind.value)
        for u in report.unjudged
        if u.rows
    }


def acts(*rows: tuple[str, str]) -> Iterable[dict[str, str]]:
    return [{"case": "A", "act": act, "at": at, "unit": "甲局"} for act, at in rows]


def test_rows_in_order(tmp_path: Path) -> None:
    assert found(report_of(tmp_path, BASE)) == []
    assert found(report_of(tmp_path, VISIT)) == []


# --- a visit that failed, and another ----------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"rescheduled_at": "2026-09-18 09:00"},
        {"failure_cause": "工作人员未到", "arrived_at": "2026-09-17 15:00", "left_at": "2026-09-17 16:00", "form_filed_at": "2026-09-18 09:00"},
        {"failed_at": "2026-09-17"},
        {"scheduled_at": ""},
    ],
)  # fmt: skip
def test_a_second_visit_is_not_held_to_the_appointment_that_failed(
    changed: dict[str, str], tmp_path: Path
) -> None:
    report = report_of(tmp_path, AGAIN | changed)
    absent = [("staff_absent", "7.3", "arrival")] if "工作人员未到" in changed.values() else []
    assert found(report) == absent
    assert ("7.3", "failed_visit", "arrival") in unjudged(report)


@pytest.mark.parametrize(
    ("changed", "late"),
    [
        ({"appointed_at": "2026-09-21 09:30"}, False),
        ({"appointed_at": "2026-09-21 09:10"}, True),
        ({"appointed_at": "2026-09-21 09:10", "scheduled_at": "2026-09-18 09:00"}, True),
        ({"rescheduled_at": "2026-09-18 09:00", "rescheduled_to": "2026-09-21 09:30"}, False),
        ({"rescheduled_at": "2026-09-18 09:00", "rescheduled_to": "2026-09-21 09:10"}, True),
        ({"rescheduled_at": "", "rescheduled_to": "2026-09-21 09:10"}, True),
    ],
)
def test_a_later_appointment_is_what_it_is_held_to(
    changed: dict[str, str], late: bool, tmp_path: Path
) -> None:
    report = report_of(tmp_path, AGAIN | changed)
    assert found(report) == ([("late_arrival", "7.3", "arrival")] if late else [])


def test_a_failed_visit_of_a_rescheduled_appointment(tmp_path: Path) -> None:
    moved = {"rescheduled_at": "2026-09-16 15:00", "rescheduled_to": "2026-09-17 09:35"}
    assert found(report_of(tmp_path, AGAIN | moved)) == []


def test_after_a_failed_visit_only_the_visit_is_missing(tmp_path: Path) -> None:
    row = AGAIN | {"arrived_at": "", "left_at": "", "visiting_units": "", "completed": ""}
    assert found(report_of(tmp_path, row)) == [("missing_step", "7.3", "arrival")]


def test_the_end_of_a_visit_is_not_its_beginning(tmp_path: Path) -> None:
    report = report_of(tmp_path, VISIT | {"arrived_at": ""})
    assert found(report) == [("unmet_rule", "7.3", "times_in_order")]
    assert ("7.3", "blank", "arrival") in unjudged(report)


# --- the reply and its unit --------------------------------------------------------------------


@pytest.mark.parametrize("row", [BASE, VISIT])
def test_a_reply_without_its_word_is_not_known(row: dict[str, str], tmp_path: Path) -> None:
    report = report_of(tmp_path, row | {"reply": ""})
    assert found(report) == []
    (gap,) = [u for u in report.unjudged if u.fields == ("reply",)]
    assert (gap.clause, gap.why.value, gap.rows) == ("7.2", "blank", (2,))


def test_an_assisting_reply_without_its_word_is_not_known(tmp_path: Path) -> None:
    row = BASE | {"assisting_units": "乙局", "assisting_replied_at": "2026-09-16 09:00"}
    report = report_of(tmp_path, row | {"assisting_reply": ""})
    assert [u.fields for u in report.unjudged if u.rows] == [("assisting_reply",)]


TWICE = [("unmet_rule", "7.2", "one_notice_per_unit")]


@pytest.mark.parametrize("changed", [{"assisting_units": "甲局"}, {"unit": "甲局、甲局"}])
def test_a_unit_is_handed_the_case_once(changed: dict[str, str], tmp_path: Path) -> None:
    assert found(report_of(tmp_path, VISIT | changed)) == TWICE


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"role": "协办", "items": "残疾人证迁移"}, TWICE),
        ({"role": "主办", "items": "残疾人证换领"}, TWICE),
        ({"role": "主办", "items": "残疾人证迁移"}, []),
    ],
)
def test_two_rows_of_a_unit(
    changed: dict[str, str], expected: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    first = BASE | {"role": "主办", "items": "残疾人证换领"}
    assert found(report_of(tmp_path, first, first | changed, shape=Shape.UNITS)) == expected


# --- what follows from a step that is refused --------------------------------------------------


def test_a_withdrawal_after_the_visit_is_all_that_is_said(tmp_path: Path) -> None:
    row = VISIT | {"withdrawn_at": "2026-09-18 10:00", "withdraw_reason": "不办了"}
    assert found(report_of(tmp_path, row)) == [("not_allowed", "7.1", "not_allowed")]


def test_a_lead_that_declined_is_not_missed(tmp_path: Path) -> None:
    row = VISIT | {
        "unit": "甲局",
        "assisting_units": "乙局",
        "reply": "不同意",
        "decline_reason": "理由",
        "alternatives": "窗口",
        "assisting_replied_at": "2026-09-15 16:00",
        "assisting_reply": "同意",
        "explained_at": "2026-09-15 17:00",
        "lead_designated_at": "2026-09-15 17:00",
        "designated_lead": "甲局",
        "visiting_units": "乙局",
    }
    assert [(f.code.value, f.rule) for f in report_of(tmp_path, row).findings] == [
        ("unmet_rule", "new_lead_accepted")
    ]


# --- a row an act ------------------------------------------------------------------------------


def test_the_leaving_may_stand_above_the_arrival(tmp_path: Path) -> None:
    rows = acts(
        ("申请", "2026-09-15 09:10"),
        ("转办", "2026-09-15 09:40"),
        ("同意", "2026-09-15 15:20"),
        ("离开", "2026-09-17 10:10"),
        ("到达", "2026-09-17 09:25"),
        ("登记表提交", "2026-09-18 16:00"),
    )
    report = report_of(tmp_path, *rows, shape=Shape.ACTS)
    assert found(report) == []


# --- the file ----------------------------------------------------------------------------------


def test_a_row_has_the_number_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    head = BASE | {"reason": "一\n二\n三", "phone": "1"}
    late = head | {"case": "YX-02", "replied_at": "2026-09-20 09:00"}
    assert [f.row for f in report_of(tmp_path, head, late).findings] == [3]


@pytest.mark.parametrize("kept", [True, False])
def test_a_formula_without_its_value_is_not_blank(kept: bool, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(list(BASE))
    sheet.append([*list(BASE.values())[:-2], None if kept else "=NOW()", "同意"])
    book.save(tmp_path / "l.xlsx")
    columns = "".join(f'{name} = "{name}"\n' for name in BASE)
    report = judged(tmp_path / "l.xlsx", f"[columns]\n{columns}", at=AT)
    assert [(c.row, c.field) for c in report.unreadable] == ([] if kept else [(2, "replied_at")])


# --- filled in, but too late -------------------------------------------------------------------

DECLINED = BASE | {
    "reply": "不同意",
    "decline_reason": "理由",
    "alternatives": "窗口",
    "explained_at": "2026-09-18 09:00",
    "closed_at": "2026-09-16 10:00",
}
PROMISED = VISIT | {
    "completed": "否",
    "notice_given_at": "2026-09-17 10:15",
    "needed": "照片",
    "expected_by": "2026-09-30",
    "outcome_reported_at": "2026-09-23 10:00",
    "outcome": "已办",
    "closed_at": "2026-09-22 10:20",
}


@pytest.mark.parametrize(
    ("row", "clause", "kind", "times"),
    [
        (
            VISIT | {"archived_at": "2026-09-18 10:00"},
            "6.3",
            "form",
            ("09-18 10:00", "09-18 16:00"),
        ),
        (PROMISED, "7.4", "outcome", ("09-22 10:20", "09-23 10:00")),
        (DECLINED, "7.2.2", "explanation", ("09-16 10:00", "09-18 09:00")),
    ],
)
def test_a_step_that_came_after_what_rests_on_it(
    row: dict[str, str], clause: str, kind: str, times: tuple[str, str], tmp_path: Path
) -> None:
    (finding,) = report_of(tmp_path, row).findings
    assert (finding.code.value, finding.clause, finding.kind) == ("out_of_order", clause, kind)
    for text in (finding.zh, finding.en):
        assert all(f"2026-{time}" in text for time in times)


def test_what_names_no_items_shows_a_dash(tmp_path: Path) -> None:
    row = VISIT | {"completed": "否", "notice_given_at": ""}
    (finding,) = report_of(tmp_path, row).findings
    assert finding.kind == "notice"
    assert "—" in finding.zh


def test_without_items_a_notice_is_not_one_too_many(tmp_path: Path) -> None:
    row = PROMISED | {"items": "", "closed_at": "2026-09-24 10:00"}
    assert found(report_of(tmp_path, row)) == [("unmet_rule", "5", "items_named")]


# --- numbers of people -------------------------------------------------------------------------


def test_a_persons_number_is_not_repeated_whatever_it_stands_in(tmp_path: Path) -> None:
    row = BASE | {
        "case": "QH-13800001111",
        "unit": "甲局（张三 13807120001 0712-2000301）",
        "replied_at": "2026-09-20 09:00",
    }
    (late,) = report_of(tmp_path, row).findings
    assert late.case == "QH-***#2"
    assert late.bearer == "甲局（张三 *** ***）"
    shown = str(report_of(tmp_path, row, row | {"replied_at": ""}).to_wire())
    assert "13800001111" not in shown
    assert "13807120001" not in shown


@pytest.mark.parametrize(
    "case", ["YX-20260917001", "20260917-0012", "YX202609170001", "2026000012"]
)
def test_an_id_that_is_no_persons_number_is_shown(case: str, tmp_path: Path) -> None:
    row = BASE | {"case": case, "replied_at": "2026-09-20 09:00"}
    assert [f.case for f in report_of(tmp_path, row).findings] == [case]


# --- items as lists ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "items",
    [
        "1.残疾人证换领；2.残疾人证迁移",
        "1、残疾人证换领；2、残疾人证迁移",
        "（1）残疾人证换领\n（2）残疾人证迁移",
        "①残疾人证换领②残疾人证迁移",
        "A.5.2 残疾人证换领；残疾人证迁移",
        "A.5.2、残疾人证换领、残疾人证迁移",
        "一、残疾人证换领；二、残疾人证迁移",
    ],
)
def test_items_may_be_numbered(items: str, tmp_path: Path) -> None:
    assert found(report_of(tmp_path, BASE | {"items": items})) == []
    row = BASE | {"items": items.replace("迁移", "飞行")}
    assert [r for _, _, r in found(report_of(tmp_path, row))] == ["item_claim_grounded"]
