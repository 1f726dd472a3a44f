"""Faults that offices make, planted one a case, each with what an audit must say of it and no more.

A late act is played by the library's own history, and what it finds is what must be found; any
other fault is an edit of a clean row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from attrs import frozen

from onsite_workflow import DB4209_T_32_2023, Case, FindingCode, findings

from .histories import CALENDAR, EXPORTED, UNITS, Office, Row, row_of

#: What is expected of a row: code, clause, rule or kind, bearer.
Expected = tuple[str, str, str, str | None]

LEAD, ASSISTING, WINDOW = "lead", "assisting", "integrated_window"


@frozen
class Fault:
    """``kinds`` are the cases it can be planted in; ``edit`` changes the row; ``said`` are the
    findings, their bearer by role."""

    name: str
    kinds: tuple[str, ...]
    edit: Callable[[Row], None]
    said: tuple[tuple[str, str, str, str | None], ...]


def _blank(*columns: str) -> Callable[[Row], None]:
    def edit(row: Row) -> None:
        for column in columns:
            assert row[column] is not None
            row[column] = None

    return edit


def _from(column: str) -> Callable[[Row], None]:
    """Everything from that column on is blank: the case is still open."""

    def edit(row: Row) -> None:
        names = list(row)
        for name in names[names.index(column) :]:
            row[name] = None

    return edit


def _earlier(column: str, than: str, **by: int) -> Callable[[Row], None]:
    def edit(row: Row) -> None:
        row[column] = row[than] - dt.timedelta(**by)

    return edit


def _set(**cells: Any) -> Callable[[Row], None]:
    def edit(row: Row) -> None:
        row.update(cells)

    return edit


def _absent(row: Row) -> None:
    row["到场单位"] = row["签字单位"] = row["主办单位"]


def _unsigned(row: Row) -> None:
    row["签字单位"] = row["主办单位"]


def _visited_all_the_same(row: Row) -> None:
    told = row["说明时间"]
    row["到达时间"] = told + dt.timedelta(hours=1)
    row["离开时间"] = told + dt.timedelta(hours=2)
    row["到场单位"], row["当场办结"] = row["主办单位"], "是"


def _form_after_archive(row: Row) -> None:
    row["登记表提交时间"] = row["归档时间"] + dt.timedelta(minutes=1)
    row["归档时间"] = row["离开时间"] + dt.timedelta(minutes=2)
    row["结案时间"] = row["离开时间"] + dt.timedelta(minutes=1)
    row["登记表提交时间"] = row["离开时间"] + dt.timedelta(minutes=5)


def _overdue_form(row: Row) -> None:
    _from("登记表提交时间")(row)
    row["归档时间"] = row["档号"] = row["结案时间"] = None


_VISITED: Final = ("on_site", "later", "joint")
_DONE: Final = ("on_site", "joint")

EDITED: Final = (
    Fault("no telephone", _VISITED, _blank("联系电话"), (("unmet_rule", "7.1", "applicant_reachable", WINDOW),)),
    Fault("no address", _VISITED, _blank("详细地址"), (("unmet_rule", "7.1", "address_given", WINDOW),)),
    Fault("no reason for applying", _VISITED, _blank("申请原因"), (("unmet_rule", "7.1", "reason_given", WINDOW),)),
    Fault("no ground", _VISITED, _blank("对象类别"), (("unmet_rule", "4.1", "ground_given", WINDOW),)),
    Fault("no item", ("on_site",), _blank("上门服务事项"), (("unmet_rule", "5", "items_named", WINDOW),)),
    Fault("an item of no list", ("on_site",), _set(上门服务事项="护照办理"), (("unmet_rule", "5.2", "item_claim_grounded", WINDOW),)),
    Fault("no time of application", _VISITED, _blank("申请时间"), (("missing_step", "7.1", "", WINDOW),)),
    Fault("no notice number", _VISITED, _blank("转办单编号"), (("unmet_rule", "7.2", "numbers_present_and_distinct", WINDOW),)),
    Fault("never transferred", ("on_site",), _blank("转办时间", "转办单编号"), (("missing_step", "7.2", "transfer", WINDOW),)),
    Fault("transferred before it was applied for", _VISITED, _earlier("转办时间", "申请时间", hours=3), (("out_of_order", "9", "at_not_before_cause", WINDOW),)),
    Fault("no unit", ("on_site",), _blank("主办单位"), (("unmet_rule", "7.2.3", "exactly_one_lead", WINDOW),)),
    Fault("never replied", ("on_site",), _blank("回复时间", "是否同意"), (("missing_step", "7.2", "reply", LEAD),)),
    Fault("agreed without a time", ("on_site",), _blank("回复时间"), (("missing_step", "7.2", "reply", LEAD),)),
    Fault("the assisting unit never replied", ("joint",), _blank("协办回复时间", "协办是否同意"), (("missing_step", "7.2", "reply", ASSISTING),)),
    Fault("replied before it was asked", ("on_site",), _earlier("回复时间", "转办时间", minutes=5), (("out_of_order", "9", "at_not_before_cause", LEAD),)),
    Fault("declined without a reason", ("declined",), _blank("不同意理由"), (("unmet_rule", "7.2.2", "reason_given", LEAD),)),
    Fault("declined without another way", ("declined",), _blank("其它办理途径"), (("unmet_rule", "7.2.2", "alternatives_given", LEAD),)),
    Fault("declined with no other way in words", ("declined",), _set(其它办理途径="无"), (("unmet_rule", "7.2.2", "alternatives_given", LEAD),)),
    Fault("the assisting unit gave no other way", ("partial",), _blank("协办其它途径"), (("unmet_rule", "7.2.2", "alternatives_given", ASSISTING),)),
    Fault("the refusal was not explained", ("declined",), _blank("说明时间"), (("missing_step", "7.2.2", "refusals_explained", LEAD),)),
    Fault("visited though it was declined", ("declined",), _visited_all_the_same, (("not_allowed", "7.3", "not_allowed", LEAD),)),
    Fault("no appointment", _VISITED, _blank("约定日", "约定服务时间", "约定地点", "所需资料"), (("missing_step", "7.2.1", "appointment", LEAD),)),
    Fault("no place", _VISITED, _blank("约定地点"), (("unmet_rule", "7.2.1", "place_given", LEAD),)),
    Fault("materials not told", _VISITED, _blank("所需资料"), (("unmet_rule", "7.2.1", "materials_told", LEAD),)),
    Fault("no appointed time", _VISITED, _blank("约定服务时间"), (("unmet_rule", "7.2.1", "start_in_future", LEAD),)),
    Fault("appointed for a time gone by", _VISITED, _earlier("约定服务时间", "约定日", hours=1), (("unmet_rule", "7.2.1", "start_in_future", LEAD), ("late_arrival", "7.3", "arrival", LEAD))),
    Fault("no visit", ("on_site",), _blank("到达时间", "离开时间", "到场单位", "当场办结"), (("missing_step", "7.3", "arrival", LEAD),)),
    Fault("no time of leaving", _VISITED, _blank("离开时间"), (("unmet_rule", "7.3", "times_in_order", LEAD),)),
    Fault("left before arriving", _VISITED, _earlier("离开时间", "到达时间", minutes=3), (("unmet_rule", "7.3", "times_in_order", LEAD),)),
    Fault("the assisting unit was not there", ("joint",), _absent, (("unmet_rule", "7.2.3", "staff_of_every_unit", ASSISTING),)),
    Fault("no result", _DONE, _blank("当场办结"), (("unmet_rule", "7.3", "result_for_every_item", LEAD),)),
    Fault("no one-time notice", ("later",), _blank("一次性告知时间", "告知内容", "承诺日期"), (("missing_step", "7.4", "notice", LEAD),)),
    Fault("closed at once, not completed", ("on_site",), _set(当场办结="否"), (("missing_step", "7.4", "every_item_completed", LEAD),)),
    Fault("a notice that says nothing", ("later",), _blank("告知内容"), (("unmet_rule", "7.4", "everything_outstanding_named", LEAD),)),
    Fault("the outcome was never told", ("later",), _blank("告知办结时间", "待送材料", "送达时间", "签收人"), (("missing_step", "7.4", "every_outcome_reported", LEAD),)),
    Fault("never delivered", ("later",), _blank("送达时间", "签收人"), (("missing_step", "7.4", "everything_delivered", LEAD),)),
    Fault("nobody signed for it", ("later",), _blank("签收人"), (("unmet_rule", "7.4", "materials_and_recipient_given", LEAD),)),
    Fault("no registration form", _VISITED, _blank("登记表提交时间", "办理概况", "群众意见", "签字单位"), (("missing_step", "6.3", "registration_form_filed", LEAD),)),
    Fault("archived before its form", ("on_site",), _form_after_archive, (("out_of_order", "6.3", "registration_form_filed", LEAD),)),
    Fault("the form is still owed", _DONE, _overdue_form, (("overdue", "6.3", "form", LEAD),)),
    Fault("no opinion on the form", _VISITED, _blank("群众意见"), (("unmet_rule", "6.3", "form_whole", LEAD),)),
    Fault("one unit did not sign", ("joint",), _unsigned, (("unmet_rule", "6.3", "signed_by_every_unit", ASSISTING),)),
    Fault("never closed", _DONE, _blank("结案时间"), (("missing_step", "7.3", "", LEAD),)),
    Fault("archived before it was closed", ("on_site",), _earlier("归档时间", "结案时间", minutes=4), (("out_of_order", "9", "at_not_before_cause", LEAD),)),
    Fault("no archive number", _VISITED, _blank("档号"), (("unmet_rule", "9", "archive_number_given", LEAD),)),
    Fault("withdrawn for no reason", ("withdrawn",), _blank("撤回理由"), (("unmet_rule", "7.1", "reason_given", WINDOW),)),
    Fault("archived in a year to come", _VISITED, lambda row: row.update(归档时间=row["归档时间"].replace(year=2062, day=1)), (("in_future", "9", "archive", LEAD),)),
    Fault("the reply is still owed", ("on_site",), _from("协办单位"), (("overdue", "7.2", "reply", LEAD),)),
)  # fmt: skip

#: Acts that the history itself plays late: what the library finds there is what must be found.
LATE: Final = (("reply", "on_site"), ("reply", "joint"), ("reply", "declined"), ("form", "on_site"), ("form", "later"), ("arrival", "on_site"), ("arrival", "later"), ("outcome", "later"))  # fmt: skip


def _bearer(role: str | None, row: Row) -> str | None:
    column = {LEAD: "主办单位", ASSISTING: "协办单位"}.get(role or "")
    return role if column is None else str(row[column])


def planted(office: Office, number: int, fault: Fault) -> tuple[Row, list[Expected]]:
    """A case with that fault, and what must be found in its row."""
    kind = office.random.choice(fault.kinds)
    row = row_of(office.history(number, kind))
    before = dict(row)
    fault.edit(row)
    return row, [
        (
            code,
            clause,
            what,
            None if role == LEAD and row["主办单位"] is None else _bearer(role, before),
        )
        for code, clause, what, role in fault.said
    ]


def played_late(office: Office, number: int, late: str, kind: str) -> tuple[Row, list[Expected]]:
    """A case of which the history itself is late."""
    case: Case = office.history(number, kind, late)
    found = findings(case, regulation=DB4209_T_32_2023, calendar=CALENDAR)
    assert found
    return row_of(case), [
        (f.code.value, f.clause, str(f.kind), f.bearer)
        for f in found
        if f.code is not FindingCode.LATE_ENTRY  # the ledger has no time of entry
    ]


__all__ = ["EDITED", "EXPORTED", "LATE", "UNITS", "Expected", "Fault", "planted", "played_late"]
