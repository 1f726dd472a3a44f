"""Single cases, written out as an office writes them, and what is found in each."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import pytest

from onsite_workflow import Kind, Limit, LimitUnit, Regulation, ReplyClock
from onsite_workflow.audit import Report

from .writing import judged

HEAD = "案号,申请时间,转办时间,主办单位,回复时间,是否同意,约定时间,到达时间,离开时间,当场办结,一次性告知时间,登记表提交时间,结案时间,归档时间"
COLUMNS = """
[columns]
case = "案号"
applied_at = "申请时间"
transferred_at = "转办时间"
unit = "主办单位"
replied_at = "回复时间"
reply = "是否同意"
appointed_at = "约定时间"
arrived_at = "到达时间"
left_at = "离开时间"
completed = "当场办结"
notice_given_at = "一次性告知时间"
form_filed_at = "登记表提交时间"
closed_at = "结案时间"
archived_at = "归档时间"
"""
WHOLE = (
    "A,2026-03-02 09:00,2026-03-02 09:30,云溪区民政局,2026-03-02 15:00,同意,2026-03-04 09:30,2026-03-04 09:25,"
    "2026-03-04 10:30,是,,2026-03-05 09:00,2026-03-05 10:00,2026-03-06 09:00"
)


def report_of(tmp_path: Path, *lines: str, head: str = HEAD, mapping: str = COLUMNS) -> Report:
    path = tmp_path / "l.csv"
    path.write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
    return judged(path, mapping)


def found(report: Report) -> list[tuple[str, str | None, str]]:
    return [
        (f.code.value, f.clause, f.rule or ("" if f.kind is None else f.kind.value))
        for f in report.findings
    ]


def test_a_case_in_order(tmp_path: Path) -> None:
    assert found(report_of(tmp_path, WHOLE)) == []


@pytest.mark.parametrize("shown", ["2026-03-03 23:59", "2026-03-03"])
def test_a_reply_until_midnight_of_the_next_working_day_is_in_time(
    shown: str, tmp_path: Path
) -> None:
    assert found(report_of(tmp_path, WHOLE.replace("2026-03-02 15:00", shown))) == []


@pytest.mark.parametrize(
    ("shown", "seconds", "days"),
    [("2026-03-04 00:00", 0, 1), ("2026-03-04 00:01", 60, 1), ("2026-03-04 08:00", 28_800, 1)],
)
def test_from_midnight_on_it_is_late(shown: str, seconds: int, days: int, tmp_path: Path) -> None:
    report = report_of(tmp_path, WHOLE.replace("2026-03-02 15:00", shown))
    (late,) = [f for f in report.findings if f.kind == "reply"]
    assert (late.code.value, late.by_seconds, late.by_days) == ("late_act", seconds, days)


@pytest.mark.parametrize("arrived", ["2026-03-04 09:30", "2026-03-04 09:30:59", "2026-03-04 08:00"])
def test_within_the_appointed_minute_or_before_is_on_time(arrived: str, tmp_path: Path) -> None:
    assert found(report_of(tmp_path, WHOLE.replace("2026-03-04 09:25", arrived))) == []


def test_a_minute_later_is_late(tmp_path: Path) -> None:
    report = report_of(tmp_path, WHOLE.replace("2026-03-04 09:25", "2026-03-04 09:31"))
    assert found(report) == [("late_arrival", "7.3", "arrival")]
    assert report.findings[0].zh == "约定2026-03-04 09:30，2026-03-04 09:31到达，迟到1分钟。"


def test_a_visit_on_a_day_before_the_appointed_one(tmp_path: Path) -> None:
    line = WHOLE.replace("2026-03-04 09:25,2026-03-04 10:30", "2026-03-03 09:25,2026-03-03 10:30")
    assert found(report_of(tmp_path, line)) == [("unmet_rule", "7.3", "on_appointed_day_or_later")]


@pytest.mark.parametrize(
    ("left", "filed", "late"),
    [
        ("2026-09-18 10:30", "2026-09-22 17:00", False),  # Friday; the Sunday after it is worked
        ("2026-09-18 10:30", "2026-09-23 08:00", True),
        ("2026-09-28 10:30", "2026-10-08 17:00", False),  # before the national holiday
        ("2026-09-28 10:30", "2026-10-09 08:00", True),
        ("2026-02-12 10:30", "2026-02-24 17:00", False),  # before Spring Festival
        ("2026-02-12 10:30", "2026-02-25 08:00", True),
    ],
)
def test_the_form_is_due_on_the_third_working_day(
    left: str, filed: str, late: bool, tmp_path: Path
) -> None:
    day = left[:10]
    line = (
        f"A,{day} 07:00,{day} 07:10,云溪区民政局,{day} 07:20,同意,{day} 09:30,{day} 09:25,{left},是,,"
        f"{filed},{filed},{filed}"
    )
    expected = [("late_act", "6.3", "form")] if late else []
    assert found(report_of(tmp_path, line)) == expected


@pytest.mark.parametrize(
    ("state", "cells", "expected"),
    [
        ("已归档", (), []),
        ("已结案", (), []),
        ("办理中", (), []),
        ("别的什么", (), []),
        ("已归档", ("登记表提交时间",), [("missing_step", "6.3", "registration_form_filed")]),
        ("已撤回", ("到达时间", "离开时间", "当场办结", "登记表提交时间", "结案时间"), []),
    ],
)
def test_a_state_in_words_shows_how_it_ended(
    state: str, cells: tuple[str, ...], expected: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    names = HEAD.split(",")
    values = dict(zip(names, WHOLE.split(","), strict=True))
    values |= dict.fromkeys(cells, "")
    head = HEAD.replace(",归档时间", ",状态")
    line = ",".join([values[name] for name in names[:-1]] + [state])
    mapping = COLUMNS.replace('archived_at = "归档时间"', 'state = "状态"')
    assert found(report_of(tmp_path, line, head=head, mapping=mapping)) == expected


def test_declined_by_its_state_alone(tmp_path: Path) -> None:
    mapping = """
[columns]
case = "案号"
applied_at = "申请时间"
transferred_at = "转办时间"
unit = "单位"
replied_at = "回复时间"
state = "状态"
decline_reason = "理由"
"""
    head = "案号,申请时间,转办时间,单位,回复时间,状态,理由"
    line = "A,2026-03-02,2026-03-02,民政局,2026-03-03,不同意上门服务,"
    assert found(report_of(tmp_path, line, head=head, mapping=mapping)) == [
        ("unmet_rule", "7.2.2", "reason_given")
    ]


def test_a_visit_after_the_application_was_withdrawn(tmp_path: Path) -> None:
    line = WHOLE + ",2026-03-03 09:00"
    mapping = COLUMNS + 'withdrawn_at = "撤回时间"\n'
    report = report_of(tmp_path, line, head=HEAD + ",撤回时间", mapping=mapping)
    assert found(report)[0] == ("not_allowed", "7.3", "not_allowed")


def test_withdrawn_after_the_visit(tmp_path: Path) -> None:
    line = WHOLE + ",2026-03-05 09:30"
    mapping = COLUMNS + 'withdrawn_at = "撤回时间"\n'
    report = report_of(tmp_path, line, head=HEAD + ",撤回时间", mapping=mapping)
    assert ("not_allowed", "7.1", "not_allowed") in found(report)


MOVED = COLUMNS + 'rescheduled_at = "改约"\nrescheduled_to = "改到"\nreschedule_reason = "理由"\n'


class Moved(NamedTuple):
    """An appointment of 4 March at 9:30 that was moved to 5 March at 9:30."""

    arrived: str = "2026-03-05 09:20"
    moved: str = "2026-03-03 09:00"
    why: str = "住院"
    to: str = "2026-03-05 09:30"


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (Moved(), []),
        (Moved(arrived="2026-03-05 09:40"), [("late_arrival", "7.3", "arrival")]),
        (Moved(why=""), [("unmet_rule", "7.2.1", "reason_given")]),
        (
            Moved(moved="2026-03-04 10:00"),
            [("unmet_rule", "7.2.1", "before_appointed_start")],
        ),
        (Moved(to="3月5日上午"), []),
    ],
)
def test_an_appointment_that_was_moved(
    case: Moved, expected: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    line = (
        "A,2026-03-02 09:00,2026-03-02 09:30,云溪区民政局,2026-03-02 15:00,同意,2026-03-04 09:30,"
        f"{case.arrived},2026-03-05 10:30,是,,2026-03-06 09:00,2026-03-06 10:00,2026-03-06 11:00,"
        f"{case.moved},{case.to},{case.why}"
    )
    report = report_of(tmp_path, line, head=HEAD + ",改约,改到,理由", mapping=MOVED)
    assert found(report) == expected


FAILED = COLUMNS + 'failed_at = "未果时间"\nfailure_cause = "未果原因"\n'


@pytest.mark.parametrize(
    ("at", "why", "expected"),
    [
        ("2026-03-03 09:40", "申请人不在", []),
        ("2026-03-03 09:40", "门锁坏了", []),
        ("2026-03-03 09:40", "工作人员未到", [("staff_absent", "7.3", "arrival")]),
        ("2026-03-03 09:40", "", [("unmet_rule", "7.3", "cause_given")]),
    ],
)
def test_a_visit_that_failed_before_the_one_that_was_held(
    at: str, why: str, expected: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    line = f"{WHOLE},{at},{why}"
    report = report_of(tmp_path, line, head=HEAD + ",未果时间,未果原因", mapping=FAILED)
    assert found(report) == expected


def test_a_visit_that_failed_and_no_other_yet(tmp_path: Path) -> None:
    line = (
        "A,2026-03-02 09:00,2026-03-02 09:30,云溪区民政局,2026-03-02 15:00,同意,2026-03-04 09:30,,,,,,,,"
        "2026-03-04 09:50,申请人不在"
    )
    report = report_of(tmp_path, line, head=HEAD + ",未果时间,未果原因", mapping=FAILED)
    assert found(report) == []
    assert [owed.kind.value for owed in report.owed] == ["appointment"]


def test_it_cannot_have_failed_before_its_time(tmp_path: Path) -> None:
    line = (
        "A,2026-03-02 09:00,2026-03-02 09:30,云溪区民政局,2026-03-02 15:00,同意,2026-03-04 09:30,,,,,,,,"
        "2026-03-04 09:00,不安全"
    )
    mapping = FAILED.replace('arrived_at = "到达时间"\n', "")
    report = report_of(tmp_path, line, head=HEAD + ",未果时间,未果原因", mapping=mapping)
    assert ("unmet_rule", "7.3", "not_before_start") in found(report) or found(report) == []


JOINT = """
[columns]
case = "案号"
applied_at = "申请"
items = "事项"
transferred_at = "转办"
unit = "单位"
assisting_units = "协办"
replied_at = "回复"
reply = "同意"
decline_reason = "理由"
alternatives = "途径"
assisting_replied_at = "协办回复"
assisting_reply = "协办同意"
lead_designated_at = "另定时间"
designated_lead = "另定"
explained_at = "说明"
appointed_at = "约定"
arrived_at = "到达"
visiting_units = "到场"
"""
JOINT_HEAD = "案号,申请,事项,转办,单位,协办,回复,同意,理由,途径,协办回复,协办同意,另定时间,另定,说明,约定,到达,到场"
LEAD_DECLINED = "A,2026-03-02,残疾人证换领、特困人员认定,2026-03-02,残联,民政局,2026-03-03,不同意,缺照片,周六专窗,2026-03-03,同意"


def test_another_lead_where_the_first_declined(tmp_path: Path) -> None:
    line = f"{LEAD_DECLINED},2026-03-03,民政局,2026-03-03,2026-03-05,2026-03-05,民政局"
    assert found(report_of(tmp_path, line, head=JOINT_HEAD, mapping=JOINT)) == []


def test_nobody_leads_after_the_lead_declined(tmp_path: Path) -> None:
    line = f"{LEAD_DECLINED},,,2026-03-03,2026-03-05,2026-03-05,民政局"
    assert found(report_of(tmp_path, line, head=JOINT_HEAD, mapping=JOINT)) == [
        ("missing_step", "7.2.3", "lead")
    ]


def test_the_lead_designated_had_declined_itself(tmp_path: Path) -> None:
    line = f"{LEAD_DECLINED},2026-03-03,残联,2026-03-03,,,"
    assert found(report_of(tmp_path, line, head=JOINT_HEAD, mapping=JOINT)) == [
        ("unmet_rule", "7.2.3", "new_lead_accepted")
    ]


def test_several_units_in_one_cell_the_first_leads(tmp_path: Path) -> None:
    line = "A,2026-03-02,残疾人证换领,2026-03-02,残联；民政局,,2026-03-03,同意,,,2026-03-03,同意,,,,2026-03-05,2026-03-05,残联"
    report = report_of(tmp_path, line, head=JOINT_HEAD, mapping=JOINT)
    assert [(f.rule, f.bearer) for f in report.findings] == [("staff_of_every_unit", "民政局")]


def test_an_outcome_without_a_notice(tmp_path: Path) -> None:
    mapping = COLUMNS + 'outcome_reported_at = "告知办结"\n'
    line = WHOLE.replace(",是,", ",否,") + ",2026-03-05 09:30"
    report = report_of(tmp_path, line, head=HEAD + ",告知办结", mapping=mapping)
    assert found(report) == [("missing_step", "7.4", "notice")]


def test_an_outcome_after_completion_on_site_is_no_fault(tmp_path: Path) -> None:
    mapping = COLUMNS + 'outcome_reported_at = "告知办结"\n'
    line = WHOLE + ",2026-03-05 09:30"
    assert found(report_of(tmp_path, line, head=HEAD + ",告知办结", mapping=mapping)) == []


def test_a_notice_where_everything_was_completed(tmp_path: Path) -> None:
    line = WHOLE.replace(",是,,", ",是,2026-03-04 10:40,")
    assert ("unmet_rule", "7.4", "something_outstanding") in found(report_of(tmp_path, line))


def test_a_form_that_was_filed_shows_that_a_visit_is_missing(tmp_path: Path) -> None:
    line = (
        "A,2026-03-02 09:00,2026-03-02 09:30,云溪区民政局,2026-03-02 15:00,同意,2026-03-04 09:30,,,,,"
        "2026-03-05 09:00,,"
    )
    assert found(report_of(tmp_path, line)) == [("missing_step", "7.3", "arrival")]


def test_applied_for_and_archived_and_nothing_between(tmp_path: Path) -> None:
    line = "A,2026-03-02 09:00,,云溪区民政局,,,,,,,,,,2026-03-06 09:00"
    kinds = [f.kind and f.kind.value for f in report_of(tmp_path, line).findings]
    assert kinds == ["transfer", "reply", "appointment", "arrival", None, "form"]


def test_a_row_without_an_id_is_judged_and_named_by_its_row(tmp_path: Path) -> None:
    report = report_of(tmp_path, WHOLE.replace("A,", ",", 1).replace("2026-03-05 09:00", "", 1))
    assert [(c.row, c.field) for c in report.unreadable] == [(2, "case")]
    assert [f.case for f in report.findings] == ["#2"]


def test_steps_ticked_off_without_a_time(tmp_path: Path) -> None:
    line = "A,2026-03-02 09:00,是,云溪区民政局,是,同意,2026-03-04 09:30,2026-03-04 09:25,2026-03-04 10:30,是,,是,是,是"
    report = report_of(tmp_path, line)
    assert found(report) == []
    told = {(u.kind and u.kind.value, u.why.value) for u in report.unjudged if u.rows}
    assert told == {("reply", "no_time"), ("form", "no_time")}


@pytest.mark.parametrize(
    ("shown", "why"), [("3月4日 9:30", "unreadable"), ("是", "no_time"), ("", "blank")]
)
def test_why_an_arrival_is_not_judged_is_what_its_appointment_shows(
    shown: str, why: str, tmp_path: Path
) -> None:
    report = report_of(tmp_path, WHOLE.replace("2026-03-04 09:30", shown))
    arrival = {(u.why.value, u.fields) for u in report.unjudged if u.kind is Kind.ARRIVAL}
    assert arrival == {(why, ("appointed_at",))}


def test_other_circumstances_are_told(tmp_path: Path) -> None:
    mapping = COLUMNS + 'ground = "类别"\ncircumstances = "说明"\n'
    head = HEAD + ",类别,说明"
    assert found(report_of(tmp_path, WHOLE + ",其他,", head=head, mapping=mapping)) == [
        ("unmet_rule", "4.2", "circumstances_told")
    ]
    assert found(report_of(tmp_path, WHOLE + ",其他,骨折", head=head, mapping=mapping)) == []
    assert found(report_of(tmp_path, WHOLE + ",老,", head=head, mapping=mapping)) == []


def test_an_item_outside_the_list_with_its_ground(tmp_path: Path) -> None:
    mapping = COLUMNS + 'items = "事项"\nitem_ground = "依据"\n'
    head = HEAD + ",事项,依据"
    assert found(report_of(tmp_path, WHOLE + ",护照办理,重病", head=head, mapping=mapping)) == []
    assert found(report_of(tmp_path, WHOLE + ",护照办理,", head=head, mapping=mapping)) == [
        ("unmet_rule", "5.2", "item_claim_grounded")
    ]


def test_the_same_item_twice(tmp_path: Path) -> None:
    mapping = COLUMNS + 'items = "事项"\n'
    line = WHOLE + ",残疾人证换领、A.5.2"
    assert found(report_of(tmp_path, line, head=HEAD + ",事项", mapping=mapping)) == [
        ("unmet_rule", "5", "items_distinct")
    ]


def test_forms_not_filled_in_whole(tmp_path: Path) -> None:
    mapping = COLUMNS + 'forms_completed = "表格"\n'
    line = WHOLE + ",否"
    assert found(report_of(tmp_path, line, head=HEAD + ",表格", mapping=mapping)) == [
        ("unmet_rule", "7.5", "forms_completed")
    ]


ACTS = """
shape = "acts"
[columns]
case = "案号"
act = "环节"
at = "时间"
unit = "单位"
role = "身份"
items = "事项"
notice_number = "编号"
reply = "意见"
reassigned_from = "原单位"
reassign_reason = "理由"
decline_reason = "理由"
alternatives = "途径"
visiting_units = "到场"
[words.act]
"受理" = "apply"
"转办" = "transfer"
"回复" = "reply"
"改派" = "reassign"
"签收" = "acknowledge"
"说明" = "explain_refusal"
"短信" = "ignore"
"上门" = "serve"
"""
ACTS_HEAD = "案号,环节,时间,单位,身份,事项,编号,意见,原单位,理由,途径,到场"


def acts(tmp_path: Path, *lines: str) -> Report:
    return report_of(tmp_path, *lines, head=ACTS_HEAD, mapping=ACTS)


def test_a_reply_whose_sense_stands_in_another_column(tmp_path: Path) -> None:
    report = acts(
        tmp_path,
        "A,受理,2026-03-02 09:00,,,残疾人证换领,,,,,,",
        "A,短信,2026-03-02 09:05,,,,,,,,,",
        "A,转办,2026-03-02 09:30,残联,,,1号,,,,,",
        "A,签收,2026-03-02 09:40,残联,,,,,,,,",
        "A,回复,2026-03-02 10:00,残联,,,,不同意,,缺照片,,",
    )
    assert found(report) == [("unmet_rule", "7.2.2", "alternatives_given")]
    assert [owed.kind.value for owed in report.owed] == ["explanation"]


def test_one_row_for_two_units_and_two_items(tmp_path: Path) -> None:
    report = acts(
        tmp_path,
        "A,受理,2026-03-02 09:00,,,残疾人证换领、特困人员认定,,,,,,",
        "A,转办,2026-03-02 09:30,残联、民政局,主办,,1号,,,,,",
        "A,回复,2026-03-02 10:00,残联、民政局,,,,同意,,,,",
        "A,上门,2026-03-05 10:00,残联,,,,,,,,残联",
    )
    assert [(f.rule or f.kind, f.bearer) for f in report.findings] == [
        ("staff_of_every_unit", "民政局")
    ]


def test_a_row_an_item(tmp_path: Path) -> None:
    report = acts(
        tmp_path,
        "A,受理,2026-03-02 09:00,,,残疾人证换领,,,,,,",
        "A,受理,2026-03-02 09:00,,,特困人员认定,,,,,,",
        "A,转办,2026-03-02 09:30,残联,,残疾人证换领,1号,,,,,",
        "A,转办,2026-03-02 09:30,残联,,特困人员认定,1号,,,,,",
        "A,回复,2026-03-02 10:00,残联,,,,同意,,,,",
    )
    assert found(report) == []


def test_a_reassignment(tmp_path: Path) -> None:
    before = (
        "A,受理,2026-03-02 09:00,,,残疾人证换领,,,,,,",
        "A,转办,2026-03-02 09:30,民政局,,,1号,,,,,",
    )
    right = acts(
        tmp_path,
        *before,
        "A,改派,2026-03-03 09:00,残联,,,,,民政局,不属职责,,",
        "A,回复,2026-03-04 17:00,残联,,,,同意,,,,",
    )
    assert found(right) == []
    late = acts(
        tmp_path,
        *before,
        "A,改派,2026-03-03 09:00,残联,,,,,民政局,,,",
        "A,回复,2026-03-05 17:00,残联,,,,同意,,,,",
    )
    assert found(late) == [("unmet_rule", "7.2", "reason_given"), ("late_act", "7.2", "reply")]


def test_an_application_that_is_missing(tmp_path: Path) -> None:
    report = acts(
        tmp_path,
        "A,转办,2026-03-02 09:30,残联,,,1号,,,,,",
        "A,回复,2026-03-02 10:00,残联,,,,同意,,,,",
    )
    assert found(report) == [("missing_step", "7.1", "")]


def test_a_transfer_that_is_missing(tmp_path: Path) -> None:
    report = acts(
        tmp_path,
        "A,受理,2026-03-02 09:00,,,残疾人证换领,,,,,,",
        "A,回复,2026-03-02 10:00,残联,,,,同意,,,,",
    )
    assert found(report) == [("missing_step", "7.2", "transfer")]


def test_two_applications_under_one_id(tmp_path: Path) -> None:
    line = "A,受理,2026-03-02 09:00,,,残疾人证换领,,,,,,"
    report = acts(tmp_path, line, line.replace("03-02", "04-02"))
    assert found(report) == [("duplicate_case", "9", "")]
    assert report.findings[0].row == 3


# --- times that contradict one another ----------------------------------------------------------


def test_days_in_the_wrong_order_are_shown_as_days(tmp_path: Path) -> None:
    line = (
        "A,2026-03-02,2026-03-05,云溪区民政局,2026-03-04,同意,2026-03-10,2026-03-10,2026-03-10,是,,"
        "2026-03-11,2026-03-12,2026-03-12"
    )
    report = report_of(tmp_path, line)
    assert found(report) == [("out_of_order", "9", "at_not_before_cause")]
    assert "2026-03-04早于" in report.findings[0].zh
    assert "23:59" not in report.findings[0].zh


def test_nothing_is_counted_from_a_time_that_cannot_be(tmp_path: Path) -> None:
    """Transferred in 2006, as somebody typed: the reply is not twenty years late."""
    line = WHOLE.replace("2026-03-02 09:30", "2006-03-02 09:30")
    report = report_of(tmp_path, line)
    assert found(report) == [("out_of_order", "9", "at_not_before_cause")]
    assert ("reply", "out_of_order") in {
        (u.kind and u.kind.value, u.why.value) for u in report.unjudged
    }


@pytest.mark.parametrize("column", [2, 4, 7, 8, 11, 12, 13])
def test_a_time_to_come_is_found_once(column: int, tmp_path: Path) -> None:
    cells = WHOLE.split(",")
    cells[column] = "2062-03-05 10:00"
    report = report_of(tmp_path, ",".join(cells))
    assert [f.code.value for f in report.findings] == ["in_future"]


def test_days_that_no_calendar_has_are_not_judged(tmp_path: Path) -> None:
    """An edition of long ago, before the first notice of the State Council."""
    old = Regulation(
        edition="DB0000/T 1—1990",
        title="旧规范",
        in_force_from=dt.date(1990, 1, 1),
        limits={Kind.REPLY: Limit(1, LimitUnit.WORKING_DAYS)},
    )
    path = tmp_path / "l.csv"
    line = WHOLE.replace("2026-", "1996-")
    path.write_text(f"{HEAD}\n{line}\n", encoding="utf-8")
    report = judged(path, COLUMNS, more={"regulation": old})
    assert report.findings == ()
    assert "calendar" in {u.why.value for u in report.unjudged}


RECEIPT = Regulation(
    edition="DB0000/T 2—2024",
    title="从签收起算的规范",
    in_force_from=dt.date(2024, 1, 1),
    limits={Kind.REPLY: Limit(1, LimitUnit.WORKING_DAYS), Kind.ARCHIVE: Limit(5, LimitUnit.DAYS)},
    reply_clock=ReplyClock.RECEIPT,
)


@pytest.mark.parametrize(
    ("received", "expected"),
    [("2026-03-04 09:00", []), ("2026-03-02 10:00", [("late_act", "7.2", "reply")])],
)
def test_a_regulation_that_counts_from_receipt(
    received: str, expected: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    head, line = f"{HEAD},签收", WHOLE.replace("2026-03-02 15:00", "2026-03-05 09:00")
    line = line.replace("2026-03-04", "2026-03-06").replace("2026-03-05 1", "2026-03-09 1")
    line = line.replace(",2026-03-05 09:00,2026-03-09", ",2026-03-09 09:00,2026-03-09")
    line = line.replace("2026-03-06 09:00", "2026-03-10 09:00")
    path = tmp_path / "l.csv"
    path.write_text(f"{head}\n{line},{received}\n", encoding="utf-8")
    mapping = COLUMNS + 'acknowledged_at = "签收"\n'
    assert found(judged(path, mapping, more={"regulation": RECEIPT})) == expected


def test_a_regulation_with_a_limit_for_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    line = WHOLE.replace("2026-03-06 09:00", "2026-03-26 09:00")
    path.write_text(f"{HEAD}\n{line}\n", encoding="utf-8")
    report = judged(path, COLUMNS, more={"regulation": RECEIPT})
    (late,) = report.findings
    assert (late.code.value, late.kind, late.clause) == ("late_act", Kind.ARCHIVE, "9")
