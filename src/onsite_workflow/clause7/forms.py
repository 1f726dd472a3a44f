"""Annex B (registration form) and Annex C (transfer notice) as data.

Every field of the printed forms stands here; filling one from a case leaves none out: a field has
a value, is blank with the reason why, or is said to be missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import attrs
from attrs import frozen

from onsite_workflow.checks import SHANGHAI, is_blank, local_day, shown_name
from onsite_workflow.directory import Directory, Unit
from onsite_workflow.errors import InvalidInput

from .case import Case, Notice
from .commands import FileRegistrationForm
from .events import RegistrationFormFiled

__all__ = ["FilledForm", "registration_form", "transfer_notice"]


@frozen(kw_only=True)
class FormField:
    """One field as printed: its group and caption, and what the caption means."""

    name: str
    group: str
    zh: str
    en: str


@frozen(kw_only=True)
class FilledField:
    """A field with its value, or the reason it is blank; with neither it is missing."""

    field: FormField
    value: str | None = attrs.field(default=None, repr=False)
    blank: str | None = attrs.field(default=None, repr=False)

    @property
    def missing(self) -> bool:
        """Neither a value nor a reason."""
        return self.value is None and self.blank is None


@frozen(kw_only=True)
class FilledForm:
    """A form filled from a case. Holds people's data; none of it is shown by ``repr``."""

    title: str
    fields: tuple[FilledField, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the fields that have neither a value nor a reason."""
        return tuple(f.field.name for f in self.fields if f.missing)

    def __getitem__(self, name: str) -> FilledField:
        for filled in self.fields:
            if filled.field.name == name:
                return filled
        raise KeyError(name)


def _fields(*rows: tuple[str, str, str, str]) -> tuple[FormField, ...]:
    return tuple(FormField(name=n, group=g, zh=zh, en=en) for n, g, zh, en in rows)


_BASIC, _SERVICE, _OUTCOME = "基本情况", "服务情况", "办结情况"

# Table B.1, in printed order.
ANNEX_B: Final = _fields(
    ("applicant", _BASIC, "申请人", "Applicant"),
    ("phone", _BASIC, "电话", "Telephone"),
    ("reason", _BASIC, "申请原因", "Reason for applying"),
    ("applied_at", _BASIC, "申请时间", "Time of application"),
    ("appointed_at", _BASIC, "约定时间", "Appointed time"),
    ("items", _BASIC, "上门服务事项", "Items of on-site service"),
    ("address", _BASIC, "详细地址", "Exact address"),
    ("served_at", _SERVICE, "办理时间", "Time of service"),
    ("item_contents", _SERVICE, "事项内容", "What was handled"),
    ("lead_unit", _SERVICE, "主办窗口(单位)", "Lead window (unit)"),
    ("lead_phone", _SERVICE, "主办联系电话", "Lead unit's telephone"),
    ("lead_handlers", _SERVICE, "主办经办人员", "Lead unit's handlers"),
    ("assisting_units", _SERVICE, "协办窗口(单位)", "Assisting windows (units)"),
    ("assisting_phones", _SERVICE, "协办联系电话", "Assisting units' telephones"),
    ("assisting_handlers", _SERVICE, "协办经办人员", "Assisting units' handlers"),
    ("summary", _OUTCOME, "办理概况", "Summary of the handling"),
    ("handler_signatures", _OUTCOME, "经办人员签字", "Handlers' signatures"),
    ("recipient_opinion", _OUTCOME, "服务对象意见及评价", "Recipient's opinion and evaluation"),
)

_NOTICE = "转办通知书"

# Table C.1: the notice and its counterfoil (存根) carry the same fields.
ANNEX_C: Final = _fields(
    ("number", _NOTICE, "编号", "Number"),
    ("unit", _NOTICE, "单位(部门)", "Unit (department)"),
    ("applicant", _NOTICE, "办事群众", "Applicant"),
    ("phone", _NOTICE, "电话", "Telephone"),
    ("applied_month", _NOTICE, "反映于（月）", "Asked in (month)"),
    ("applied_day", _NOTICE, "反映于（日）", "Asked on (day)"),
    ("items", _NOTICE, "反映需上门办理的事项", "Items to be handled on site"),
    ("issuer", _NOTICE, "政务服务和大数据管理局", "Issuing authority"),
    ("issued_on", _NOTICE, "年月日", "Date of issue"),
)

_NO_ASSISTING = "无协办窗口上门"


def _said(text: str | None) -> str | None:
    return None if is_blank(text) else text


def _joined(parts: Iterable[str | None], separator: str = "、") -> str | None:
    """The parts in one text; None where there is none or any of them is missing."""
    said = list(parts)
    return separator.join(p or "" for p in said) if said and all(said) else None


def _time(moment: dt.datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"


def _item_names(case: Case, keys: Iterable[str]) -> str | None:
    names = {item.key: item.name or item.key for item in case.items}
    return _joined(names.get(key, key) for key in keys)


def _served_at(case: Case) -> str | None:
    if case.visit is None or case.visit.arrived_at is None or case.visit.left_at is None:
        return None
    left = case.visit.left_at.astimezone(SHANGHAI)
    same_day = local_day(case.visit.arrived_at) == left.date()
    return f"{_time(case.visit.arrived_at)}至{f'{left:%H:%M}' if same_day else _time(left)}"


def _item_contents(case: Case) -> str | None:
    if case.visit is None:
        return None
    return _joined(
        (
            f"{_item_names(case, [result.item])}"
            f"（{'当场办结' if result.completed else '未当场办结'}）"
            for result in case.visit.results
        ),
    )


def _visitors(case: Case, unit: str) -> str | None:
    if case.visit is None:
        return None
    return _joined(member.name for member in case.visit.staff if member.unit == unit)


def phone_of(case: Case, unit: str, directory: Directory) -> str | None:
    """From the staff named in the appointment, else from the directory."""
    staff = () if case.appointment is None else case.appointment.staff
    phones = [m.phone for m in staff if m.unit == unit and not is_blank(m.phone)]
    return _joined(dict.fromkeys(phones)) or directory.phone(unit)


def _assisting(case: Case) -> tuple[str, ...]:
    """Units other than the lead whose staff visited, in the order they are named."""
    if case.visit is None:
        return ()
    return tuple(dict.fromkeys(m.unit for m in case.visit.staff if m.unit != case.lead))


def registration_form(
    case: Case,
    *,
    directory: Directory | None = None,
    filing: FileRegistrationForm | RegistrationFormFiled | None = None,
) -> FilledForm:
    """Table B.1 of ``case``; fields that are not known yet are empty, and count as missing.

    A unit's telephone comes from ``directory`` where the staff of the appointment have none.
    ``filing`` is the command or the event that files the form; by default the one that the case
    has, if any.
    """
    units = directory if directory is not None else Directory()
    filed = filing if filing is not None else case.registration_form
    application, appointment, lead = case.application, case.appointment, case.lead
    assisting = _assisting(case)
    applicant = application.applicant
    values: dict[str, Callable[[], str | None]] = {
        "applicant": lambda: applicant.name if applicant else None,
        "phone": lambda: _said(applicant.phone) if applicant else None,
        "reason": lambda: _said(application.reason),
        "applied_at": lambda: _time(application.at),
        "appointed_at": lambda: _time(appointment.start) if appointment else None,
        "items": lambda: _item_names(case, (item.key for item in case.items)),
        "address": lambda: _said(application.address),
        "served_at": lambda: _served_at(case),
        "item_contents": lambda: _item_contents(case),
        "lead_unit": lambda: lead,
        "lead_phone": lambda: phone_of(case, lead, units) if lead else None,
        "lead_handlers": lambda: _visitors(case, lead) if lead else None,
        "assisting_units": lambda: _joined(assisting),
        "assisting_phones": lambda: _joined(phone_of(case, unit, units) for unit in assisting),
        "assisting_handlers": lambda: _joined(_visitors(case, unit) for unit in assisting),
        "summary": lambda: _said(filed.summary) if filed else None,
        "handler_signatures": lambda: _joined(s.name for s in filed.signatures) if filed else None,
        "recipient_opinion": lambda: _said(filed.recipient_opinion) if filed else None,
    }
    reasons: Mapping[str, str] = filed.blank if filed else {}

    def fill(form_field: FormField) -> FilledField:
        value = values[form_field.name]()
        blank = _said(reasons.get(form_field.name)) if value is None else None
        if value is None and blank is None and case.visit is not None and not assisting:
            blank = _NO_ASSISTING if form_field.name.startswith("assisting_") else None
        return FilledField(field=form_field, value=value, blank=blank)

    return FilledForm(
        title="“上门办、一次办”服务登记表", fields=tuple(fill(form_field) for form_field in ANNEX_B)
    )


def transfer_notice(case: Case, notice: Notice, *, issuer: str | None = None) -> FilledForm:
    """Table C.1 for one notice of ``case``: one of ``case.notices`` or ``case.replaced_notices``.

    ``issuer`` is the authority whose name is printed; without it that field is missing.
    """
    applicant = case.application.applicant
    applied = case.application.at.astimezone(SHANGHAI)
    issued = notice.issued.at.astimezone(SHANGHAI)
    values: dict[str, str | None] = {
        "number": _said(notice.number),
        "unit": notice.unit,
        "applicant": applicant.name if applicant else None,
        "phone": _said(applicant.phone) if applicant else None,
        "applied_month": str(applied.month),
        "applied_day": str(applied.day),
        "items": _item_names(case, notice.items),
        "issuer": _said(issuer),
        "issued_on": f"{issued.year}年{issued.month}月{issued.day}日",
    }
    return FilledForm(
        title="“上门办、一次办”转办通知书" + ("（已改派）" if notice.replaced else ""),
        fields=tuple(FilledField(field=f, value=values[f.name]) for f in ANNEX_C),
    )


def check_blank_fields(command: FileRegistrationForm) -> None:
    """``InvalidInput`` for a field in ``blank`` that table B.1 does not have."""
    fields = [form_field.name for form_field in ANNEX_B]
    for name in command.blank:
        if name not in fields:
            raise InvalidInput.of(
                f"blank.{shown_name(name)}",
                "unknown_field",
                "表B.1没有这一栏；栏目为：" + "、".join(fields) + "。",
                "is not a field of table B.1; it has " + ", ".join(fields) + ".",
                facts={"allowed": fields},
            )


def as_filed(case: Case, directory: Directory) -> Directory:
    """``directory`` with whatever telephone the form that was filed had from it, and that it no
    longer has: what stands outside the case counts as it did when the form was filed."""
    if case.registration_form is None or case.visit is None:
        return directory
    visited = dict.fromkeys(member.unit for member in case.visit.staff)
    reasons = case.registration_form.blank
    lost = [
        unit
        for unit in visited
        if phone_of(case, unit, directory) is None
        # A field that was blank for a reason had no telephone to lose.
        and is_blank(reasons.get("lead_phone" if unit == case.lead else "assisting_phones"))
    ]
    if not lost:
        return directory
    kept = (unit for unit in directory.units if unit.name not in lost)
    return Directory([*kept, *(Unit(name=unit, phone="00000") for unit in lost)])
