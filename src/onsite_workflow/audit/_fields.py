"""What a ledger's column can be: the fields that a mapping names, and how a cell of each is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from attrs import frozen

from onsite_workflow.clause7.procedure import COMMANDS
from onsite_workflow.terms import Cause, SpecialGroup, State, UnitRole

__all__ = ["ACTS", "FIELDS", "WORDS", "Field", "Reads", "Shape"]


class Shape(StrEnum):
    """What one row of the ledger is."""

    CASES = "cases"
    UNITS = "units"
    ACTS = "acts"


class Reads(StrEnum):
    """How a cell is read. Of a ``GIVEN`` one only whether there is anything is ever kept."""

    CASE = "case"
    MOMENT = "moment"
    DAY = "day"
    GIVEN = "given"
    UNITS = "units"
    ITEMS = "items"
    YES_NO = "yes_no"
    NONE_OR_GIVEN = "none_or_given"
    NUMBER = "number"
    REPLY = "reply"
    ROLE = "role"
    CAUSE = "cause"
    GROUND = "ground"
    STATE = "state"
    ACT = "act"


@frozen
class Field:
    """One field of the mapping: its name, what it is in both languages, how its cells are read."""

    name: str
    reads: Reads
    zh: str
    en: str
    shapes: frozenset[Shape]


_CASES, _UNITS, _ACTS = Shape.CASES, Shape.UNITS, Shape.ACTS
_EVERY: Final = frozenset(Shape)
_TABLES: Final = frozenset({_CASES, _UNITS})

_LIST: Final = (
    Field("case", Reads.CASE, "案号", "case id", _EVERY),
    # --- one row an act
    Field("act", Reads.ACT, "环节（这一行记的是哪一步）", "which act the row records", frozenset({_ACTS})),
    Field("at", Reads.MOMENT, "环节发生的时间", "when the act happened", frozenset({_ACTS})),
    Field("recorded_at", Reads.MOMENT, "登记的时间", "when it was entered", frozenset({_ACTS})),
    # --- 7.1 the application
    Field("applied_at", Reads.MOMENT, "申请时间", "time of application", _TABLES),
    Field("phone", Reads.GIVEN, "联络方式（电话）", "a way to reach the applicant", _EVERY),
    Field("address", Reads.GIVEN, "详细地址", "exact address", _EVERY),
    Field("reason", Reads.GIVEN, "申请原因", "reason for applying", _EVERY),
    Field("ground", Reads.GROUND, "服务对象类别（老弱病残等）", "ground of clause 4", _EVERY),
    Field("circumstances", Reads.GIVEN, "其他特殊情况的说明", "other circumstances (4.2)", _EVERY),
    Field("items", Reads.ITEMS, "上门服务事项", "items", _EVERY),
    Field("item_ground", Reads.GIVEN, "清单外事项的依据（5.2）", "ground of an item outside Annex A", _EVERY),
    # --- 7.2 the transfer and the reply
    Field("transferred_at", Reads.MOMENT, "转办时间", "when the transfer notice was issued", _TABLES),
    Field("notice_number", Reads.NUMBER, "转办通知书编号", "number of the transfer notice", _EVERY),
    Field("unit", Reads.UNITS, "主办单位；一行一单位或一行一环节时为该行的单位", "lead unit; the row's own unit where rows are units or acts", _EVERY),
    Field("assisting_units", Reads.UNITS, "协办单位", "assisting units", frozenset({_CASES})),
    Field("role", Reads.ROLE, "主办或协办", "lead or assisting", frozenset({_UNITS, _ACTS})),
    Field("acknowledged_at", Reads.MOMENT, "签收时间", "when the notice was acknowledged", _TABLES),
    Field("replied_at", Reads.MOMENT, "回复时间", "when the unit replied", _TABLES),
    Field("reply", Reads.REPLY, "是否同意上门", "accepted or declined", _EVERY),
    Field("decline_reason", Reads.GIVEN, "不同意的理由", "reason for declining", _EVERY),
    Field("alternatives", Reads.GIVEN, "其它办理方法和途径", "other ways of handling it", _EVERY),
    Field("assisting_replied_at", Reads.MOMENT, "协办单位回复时间", "when the assisting unit replied", frozenset({_CASES})),
    Field("assisting_reply", Reads.REPLY, "协办单位是否同意", "the assisting unit's reply", frozenset({_CASES})),
    Field("assisting_decline_reason", Reads.GIVEN, "协办单位不同意的理由", "the assisting unit's reason", frozenset({_CASES})),
    Field("assisting_alternatives", Reads.GIVEN, "协办单位提供的其它途径", "the assisting unit's alternatives", frozenset({_CASES})),
    Field("reassigned_from", Reads.UNITS, "改派前的单位", "unit replaced by a reassignment", frozenset({_ACTS})),
    Field("reassign_reason", Reads.GIVEN, "改派理由", "reason for reassigning", frozenset({_ACTS})),
    Field("lead_designated_at", Reads.MOMENT, "另定主办窗口时间", "when another lead was designated", _TABLES),
    Field("designated_lead", Reads.UNITS, "另定的主办窗口", "the lead designated", _EVERY),
    Field("explained_at", Reads.MOMENT, "向申请人说明不同意理由的时间", "when the refusal was explained", _TABLES),
    Field("explained_how", Reads.GIVEN, "说明的方式", "how it was explained", _EVERY),
    Field("explained_to", Reads.GIVEN, "向谁说明", "to whom it was explained", _EVERY),
    # --- 7.2.1 the appointment
    Field("scheduled_at", Reads.MOMENT, "作出约定的时间", "when the appointment was made", _TABLES),
    Field("appointed_at", Reads.MOMENT, "约定的服务时间", "the appointed time", _EVERY),
    Field("place", Reads.GIVEN, "约定地点", "the appointed place", _EVERY),
    Field("materials", Reads.NONE_OR_GIVEN, "告知需要提供的资料（“无”即不需要）", "materials told (none is an answer)", _EVERY),
    Field("appointed_units", Reads.UNITS, "约定上门的单位", "units that were to visit", _EVERY),
    Field("rescheduled_at", Reads.MOMENT, "改约的时间（何时改的）", "when it was rescheduled", _TABLES),
    Field("rescheduled_to", Reads.MOMENT, "改约后的服务时间", "the new appointed time", _TABLES),
    Field("reschedule_reason", Reads.GIVEN, "改约理由", "reason for rescheduling", _EVERY),
    # --- 7.3 the visit
    Field("failed_at", Reads.MOMENT, "上门未果的时间", "when a visit failed", _TABLES),
    Field("failure_cause", Reads.CAUSE, "上门未果的原因", "why the visit failed", _EVERY),
    Field("arrived_at", Reads.MOMENT, "到达时间", "arrival", _EVERY),
    Field("left_at", Reads.MOMENT, "离开时间（服务完成时间）", "leaving: the end of the visit", _EVERY),
    Field("visiting_units", Reads.UNITS, "到场的单位", "units that were there", _EVERY),
    Field("attended", Reads.YES_NO, "该单位是否到场", "whether the row's unit was there", frozenset({_UNITS})),
    Field("completed", Reads.YES_NO, "是否当场办结", "whether it was completed on site", _EVERY),
    Field("forms_completed", Reads.YES_NO, "有关表格是否一次填写完整", "whether the forms were filled in whole", _EVERY),
    # --- 7.4
    Field("notice_given_at", Reads.MOMENT, "一次性告知时间", "when the one-time notice was given", _TABLES),
    Field("needed", Reads.GIVEN, "一次性告知的内容", "what the one-time notice asks for", _EVERY),
    Field("expected_by", Reads.DAY, "承诺办结日期", "the day promised", _EVERY),
    Field("outcome_reported_at", Reads.MOMENT, "事后告知办结情况的时间", "when the outcome was reported", _TABLES),
    Field("outcome", Reads.GIVEN, "告知的办结情况", "the outcome reported", _EVERY),
    Field("to_deliver", Reads.NONE_OR_GIVEN, "待送达的材料（“无”即没有）", "materials to deliver (none is an answer)", _EVERY),
    Field("delivered_at", Reads.MOMENT, "送达时间", "when they were delivered", _TABLES),
    Field("received_by", Reads.GIVEN, "签收人", "who received them", _EVERY),
    # --- 6.3 the registration form
    Field("form_filed_at", Reads.MOMENT, "登记表提交时间", "when the registration form was filed", _TABLES),
    Field("form_summary", Reads.GIVEN, "登记表：办理概况", "form: summary", _EVERY),
    Field("recipient_opinion", Reads.GIVEN, "登记表：服务对象意见及评价", "form: the recipient's opinion", _EVERY),
    Field("signed_by", Reads.UNITS, "登记表：签字的单位", "form: units that signed", _EVERY),
    # --- the end
    Field("closed_at", Reads.MOMENT, "结案时间", "when the case was closed", _TABLES),
    Field("withdrawn_at", Reads.MOMENT, "撤回申请时间", "when the application was withdrawn", _TABLES),
    Field("withdraw_reason", Reads.GIVEN, "撤回理由", "reason for withdrawing", _EVERY),
    Field("archived_at", Reads.MOMENT, "归档时间", "when the case was archived", _TABLES),
    Field("archive_number", Reads.NUMBER, "档号", "archive number", _EVERY),
    Field("state", Reads.STATE, "办理状态", "state of the case", _TABLES),
)  # fmt: skip

FIELDS: Final[Mapping[str, Field]] = {field.name: field for field in _LIST}

#: What an act's word may stand for: the commands (no ledger records ``correct``), and three that
#: ledgers write their own way: a reply whose sense another column gives, and the two ends of a visit.
ACTS: Final = (*(name for name in COMMANDS if name != "correct"), "reply", "arrive", "leave")

# --- words ------------------------------------------------------------------------------------

_YES: Final[tuple[str, ...]] = (
    "是",
    "有",
    "已",
    "√",
    "✓",
    "y",
    "yes",
    "true",
    "1",
    "已办结",
    "当场办结",
    "办结",
    "完成",
    "到场",
)
_NO: Final[tuple[str, ...]] = ("否", "没有", "未", "×", "x", "n", "no", "false", "0", "未办结", "未当场办结", "未完成", "未到场", "事后办结")  # fmt: skip


def _each(words: Iterable[str], meaning: str) -> dict[str, str]:
    return dict.fromkeys(words, meaning)


#: Words that every mapping starts from; the mapping's own come before these.
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "yes_no": _each(_YES, "yes") | _each(_NO, "no"),
    "reply": {
        **_each(("同意", "同意上门", "同意上门服务", "accept", "accepted"), "accept"),
        **_each(("不同意", "不同意上门", "不同意上门服务", "decline", "declined"), "decline"),
        **_each(("是", "y", "yes", "true", "1", "√"), "accept"),
        **_each(("否", "n", "no", "false", "0", "×"), "decline"),
    },
    "role": {
        **{word: role.value for role in UnitRole for word in (role.value, role.zh)},
        "主办": "lead",
        "牵头": "lead",
        "主办单位": "lead",
        "主": "lead",
        "协办": "assisting",
        "配合": "assisting",
        "协办单位": "assisting",
        "协": "assisting",
    },
    "cause": {word: cause.value for cause in Cause for word in (cause.value, cause.zh)},
    "ground": {
        **{word: ground.value for ground in SpecialGroup for word in (ground.value, ground.zh)},
        "其他": "other",
        "其它": "other",
        "其他特殊情况": "other",
        "其它特殊情况": "other",
    },
    "state": {
        **{word: s.value for s in State for word in (s.value, s.zh) if s is not State.NONE},
        "结案": "closed",
        "归档": "archived",
        "办结": "closed",
        "已办结": "closed",
        "撤回": "withdrawn",
        "已撤回": "withdrawn",
        "撤回申请": "withdrawn",
        "withdrawn": "withdrawn",
        "办理中": "open",
        "在办": "open",
        "进行中": "open",
        "open": "open",
    },
    "act": {
        **{name: name for name in ACTS},
        "申请": "apply",
        "受理": "apply",
        "登记申请": "apply",
        "转办": "transfer",
        "签发转办通知书": "transfer",
        "改派": "reassign",
        "签收": "acknowledge",
        "回复": "reply",
        "同意": "accept",
        "同意上门": "accept",
        "不同意": "decline",
        "不同意上门": "decline",
        "另定主办窗口": "designate_lead",
        "说明理由": "explain_refusal",
        "不同意说明": "explain_refusal",
        "约定": "schedule",
        "预约": "schedule",
        "改约": "reschedule",
        "上门未果": "report_failed_visit",
        "上门服务": "serve",
        "上门": "serve",
        "到达": "arrive",
        "离开": "leave",
        "一次性告知": "give_one_time_notice",
        "告知办结": "report_outcome",
        "事后告知": "report_outcome",
        "送达": "deliver",
        "结案": "close",
        "办结": "close",
        "撤回": "withdraw",
        "撤回申请": "withdraw",
        "交登记表": "file_registration_form",
        "登记表提交": "file_registration_form",
        "提交登记表": "file_registration_form",
        "归档": "archive",
    },
}

#: What each list of words may stand for.
MEANINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "yes_no": ("yes", "no"),
    "reply": ("accept", "decline"),
    "role": tuple(role.value for role in UnitRole),
    "cause": tuple(cause.value for cause in Cause),
    "ground": tuple(ground.value for ground in SpecialGroup),
    "state": (*(s.value for s in State if s is not State.NONE), "withdrawn", "open"),
    "act": (*ACTS, "ignore"),
}
