"""Clause 7 of DB4209/T 32—2023 as a table: guards and rows in the order of the clauses.

Lay it beside the standard and compare. A guard stands under the clause it comes from and is named
once; a doubtful reading is cited by its I-number (docs/explanation/interpretations.md). The last
section, ``ROWS``, is the table itself: a command that has no row for a state is not allowed there.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias, TypeVar, cast

from onsite_workflow.checks import is_blank, local_day
from onsite_workflow.clause7 import commands as c
from onsite_workflow.clause7 import events as e
from onsite_workflow.engine import correcting
from onsite_workflow.engine.procedure import Line, Person, Procedure
from onsite_workflow.engine.record import AnyCommand
from onsite_workflow.engine.rules import Attempt, Facts, Guard, Labels, Row, guard, unmet, when
from onsite_workflow.errors import Remedy
from onsite_workflow.regulation import Regulation
from onsite_workflow.terms import (
    Applicant,
    Cause,
    Result,
    Role,
    ServiceItem,
    SpecialGroup,
    State,
    TransferNotice,
    UnitRole,
)

from .case import FOLD, Case, opened
from .duties import DUTIES
from .forms import as_filed, check_blank_fields, registration_form
from .references import resolve_items
from .regulation import Kind

__all__ = ["MACHINE", "MOVES", "ROWS"]

APPLICANT, WINDOW, UNIT = Role.APPLICANT, Role.INTEGRATED_WINDOW, Role.HANDLING_UNIT


def _repeated(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def _all_blank(texts: tuple[str, ...]) -> bool:
    return all(is_blank(text) for text in texts)


#: The commands that give a reason.
_Reasoned: TypeAlias = c.Apply | c.Correct | c.Decline | c.Reassign | c.Reschedule | c.Withdraw


def _reason_given(
    clause: str, interpretation: str | None, zh: str, en: str
) -> Guard[Case, _Reasoned]:
    """Several clauses ask for a reason, each for its own."""

    @guard(
        clause,
        interpretation,
        needs=("reason",),
        zh=zh,
        en=en,
        remedy=("写明理由。", "Give the reason."),
    )
    def reason_given(a: Attempt[Case, _Reasoned]) -> Facts | None:
        return unmet(is_blank(a.command.reason))

    return reason_given


# === 1 范围; 实施日期 2023-07-01


@guard(
    "1",
    needs=("at",),
    zh="申请日期{day}不在本标准（{edition}）的施行期内，本标准自{in_force_from}起施行。",
    en="The application of {day} is outside the edition {edition}, in force from {in_force_from}.",
    remedy=("申请时间应在所依据标准的施行期内。", "Apply under an edition in force on that day."),
)
def edition_in_force(a: Attempt[Case, c.Apply]) -> Facts | None:
    day = local_day(a.command.at)
    edition = a.regulation
    return unmet(
        not edition.in_force_on(day),
        day=day,
        edition=edition.edition,
        in_force_from=edition.in_force_from,
    )


# === 4 服务对象


@guard(
    "4.1",
    needs=("ground",),
    zh="未写明申请人属于哪一类特殊群体（老弱病残、不会上网、不会使用智能设备）或者其他特殊情况。",
    en="The ground is not given: which special group, or which other special circumstances.",
    remedy=("写明服务对象的类别。", "Give the ground of clause 4."),
)
def ground_given(a: Attempt[Case, c.Apply]) -> Facts | None:
    return unmet(a.command.ground is None)


@guard(
    "4.2",
    needs=("ground", "circumstances"),
    zh="以其他特殊情况申请的，未说明是何特殊情况。",
    en="The ground is other special circumstances, and they are not told.",
    remedy=("说明特殊情况。", "Tell the circumstances."),
)
def circumstances_told(a: Attempt[Case, c.Apply]) -> Facts | None:
    return unmet(a.command.ground is SpecialGroup.OTHER and is_blank(a.command.circumstances))


# === 5 服务范围


@guard(
    "5",
    needs=("items",),
    zh="未写明申请上门服务的事项。",
    en="No item is named.",
    remedy=("至少写明一个事项。", "Name at least one item."),
)
def items_named(a: Attempt[Case, c.Apply]) -> Facts | None:
    return unmet(not a.command.items)


@guard(
    "5",
    needs=("items",),
    zh="同一事项重复申请：{items}。",
    en="The same item stands there twice: {items}.",
    remedy=("同一事项只写一次。", "Name each item once."),
)
def items_distinct(a: Attempt[Case, c.Apply]) -> Facts | None:
    repeated = _repeated([item.key for item in a.command.items])
    return unmet(bool(repeated), items=repeated)


@guard(
    "5.2",
    needs=("items",),
    zh="附录A清单以外的事项，未说明需要上门服务现场办理的依据：{items}。",
    en="Items outside Annex A without the ground for handling them on site: {items}.",
    remedy=(
        "说明该事项需要上门办理的依据，或者选用附录A的事项编号。",
        "Give the ground of 5.2, or the id of an item of Annex A.",
    ),
)
def item_claim_grounded(a: Attempt[Case, c.Apply]) -> Facts | None:
    bare = [item.key for item in a.command.items if item.id is None and is_blank(item.ground)]
    return unmet(bool(bare), items=bare)


# === 6.3 ……在完成上门服务后三个工作日内将《服务登记表》交综合窗口


@guard(
    "6.3",
    zh="尚未上门服务。",
    en="No visit was held.",
    remedy=("先上门服务。", "Hold the visit first."),
)
def visit_held(a: Attempt[Case, AnyCommand]) -> Facts | None:
    return unmet(a.record.visit is None)


@guard(
    "6.3",
    zh="此案的服务登记表已经交过。",
    en="The registration form of this case is already filed.",
    remedy=("填写有误的，请用更正。", "Correct the form that was filed."),
)
def filed_once(a: Attempt[Case, AnyCommand]) -> Facts | None:
    return unmet(a.record.registration_form is not None)


@guard(
    "6.3",
    needs=("summary", "signatures", "recipient_opinion", "blank"),
    zh="服务登记表（表B.1）未填写完整，缺：{captions}。",
    en="The registration form (table B.1) is not whole; missing: {fields}.",
    remedy=(
        "补填所缺各项，或者逐项写明空缺的原因。",
        "Fill the missing fields, or say for each why it is blank.",
    ),
)
def form_whole(a: Attempt[Case, c.FileRegistrationForm]) -> Facts | None:
    form = registration_form(a.record, directory=a.directory, filing=a.command)
    return unmet(
        bool(form.missing),
        fields=list(form.missing),
        captions=[form[name].field.zh for name in form.missing],
    )


@guard(
    "6.3",
    "I-17",
    needs=("signatures",),
    zh="上门服务的单位没有经办人员签字：{units}。",
    en="Units that visited have not signed: {units}.",
    remedy=("由上门服务的各单位经办人员签字。", "Have staff of every unit that visited sign."),
)
def signed_by_every_unit(a: Attempt[Case, c.FileRegistrationForm]) -> Facts | None:
    visit = a.record.visit
    signed = {signature.unit for signature in a.command.signatures}
    visited = dict.fromkeys(m.unit for m in visit.staff) if visit is not None else {}
    unsigned = [unit for unit in visited if unit not in signed]
    return unmet(bool(unsigned), units=unsigned)


# === 7.1 申请人……提出申请，并提供联络方式及准确地址，同时……陈述正当充分的理由


@guard(
    "7.1",
    needs=("applicant",),
    zh="未提供申请人的联络方式。",
    en="No way to reach the applicant is given.",
    remedy=("写明申请人及其电话。", "Give the applicant and a telephone."),
)
def applicant_reachable(a: Attempt[Case, c.Apply]) -> Facts | None:
    applicant = a.command.applicant
    return unmet(applicant is None or is_blank(applicant.phone))


@guard(
    "7.1",
    needs=("address",),
    zh="未提供准确地址。",
    en="The exact address is not given.",
    remedy=("写明上门服务的准确地址。", "Give the exact address."),
)
def address_given(a: Attempt[Case, c.Apply]) -> Facts | None:
    return unmet(is_blank(a.command.address))


APPLY_REASON = _reason_given(
    "7.1",
    None,
    "未陈述不能前往办理的正当充分的理由。",
    "The reason why the applicant cannot come is not stated.",
)

WITHDRAW_REASON = _reason_given(
    "7.1", "I-8", "未写明撤回申请的理由。", "The reason for withdrawing is not given."
)


@guard(
    "7.1",
    "I-10",
    needs=("follows",),
    zh="所接续的原案不存在：{follows}。",
    en="The case that this one follows does not exist: {follows}.",
    remedy=("写明已有的案号，或者不写。", "Name an existing case, or none."),
)
def follows_existing_case(a: Attempt[Case, c.Apply]) -> Facts | None:
    follows = a.command.follows
    return unmet(follows is not None and follows not in a.known, follows=follows)


# === 7.2 综合窗口……应向经办窗口单位签发《转办通知书》，经办窗口单位需在一个工作日内予以回复


@guard(
    "7.2",
    needs=("notices",),
    zh="有事项未列入任何转办通知书：{items}。",
    en="Items of the case stand in no notice: {items}.",
    remedy=("把每个事项列入至少一份转办通知书。", "Put each item in at least one notice."),
)
def every_item_in_a_notice(a: Attempt[Case, c.Transfer]) -> Facts | None:
    noticed = {key for notice in a.command.notices for key in notice.items}
    left_out = [item.key for item in a.record.items if item.key not in noticed]
    return unmet(bool(left_out), items=left_out)


@guard(
    "7.2",
    needs=("notices",),
    zh="转办通知书列有此案没有申请的事项：{items}。",
    en="Notices name items that this case does not have: {items}.",
    remedy=("只转办此案申请的事项。", "Transfer the items of this case only."),
)
def only_items_of_the_case(a: Attempt[Case, c.Transfer]) -> Facts | None:
    applied = {item.key for item in a.record.items}
    foreign = [key for notice in a.command.notices for key in notice.items if key not in applied]
    return unmet(bool(foreign), items=foreign)


@guard(
    "7.2",
    needs=("notices",),
    zh="同一单位收到不止一份转办通知书：{units}。",
    en="A unit is given more than one notice: {units}.",
    remedy=("每个单位只签发一份转办通知书。", "Issue one notice a unit."),
)
def one_notice_per_unit(a: Attempt[Case, c.Transfer]) -> Facts | None:
    repeated = _repeated([notice.unit for notice in a.command.notices])
    return unmet(bool(repeated), units=repeated)


@guard(
    "7.2",
    needs=("notices", "notice"),
    zh="转办通知书的编号缺失或者重复。",
    en="Notice numbers are missing or repeated.",
    remedy=("每份转办通知书各编一个号。", "Give every notice a number of its own."),
)
def numbers_present_and_distinct(a: Attempt[Case, c.Reassign | c.Transfer]) -> Facts | None:
    case = a.record
    taken = [n.number for n in (*case.notices, *case.replaced_notices)]
    if isinstance(a.command, c.Transfer):
        given = [notice.number for notice in a.command.notices]
    else:
        given = [None if a.command.notice is None else a.command.notice.number]
    missing = sum(1 for number in given if is_blank(number))
    repeated = _repeated(taken + [n for n in given if n is not None and not is_blank(n)])
    return unmet(bool(missing or repeated), missing=missing, repeated=repeated)


REASSIGN_REASON = _reason_given(
    "7.2", None, "未写明改派的理由。", "The reason for reassigning is not given."
)


C = TypeVar("C", bound=AnyCommand)


def _unit_replaced(a: Attempt[Case, c.Reassign]) -> str | None:
    return a.command.from_unit


def _unit_answering(a: Attempt[Case, AnyCommand]) -> str | None:
    return a.by.unit


def _unit_has_notice(
    unit: Callable[[Attempt[Case, C]], str | None], needs: tuple[str, ...]
) -> Guard[Case, C]:
    @guard(
        "7.2",
        needs=needs,
        zh="“{unit}”在此案没有转办通知书。",
        en="{unit} holds no transfer notice in this case.",
        remedy=("由收到转办通知书的单位办理。", "Let a unit that has a notice do it."),
    )
    def unit_has_notice(a: Attempt[Case, C]) -> Facts | None:
        return unmet(a.record.notice_of(unit(a)) is None, unit=unit(a) or "—")

    return unit_has_notice


def _unit_has_not_replied(
    unit: Callable[[Attempt[Case, C]], str | None], needs: tuple[str, ...]
) -> Guard[Case, C]:
    @guard(
        "7.2",
        needs=needs,
        zh="“{unit}”已经回复。",
        en="{unit} has already replied.",
        remedy=(
            "回复有误的，请用更正。",
            "A reply is given once; a wrong entry is corrected.",
        ),
    )
    def unit_has_not_replied(a: Attempt[Case, C]) -> Facts | None:
        notice = a.record.notice_of(unit(a))
        if notice is None or notice.reply is None:
            return None
        return {"unit": notice.unit, "reply": notice.reply.name, "at": notice.reply.at}

    return unit_has_not_replied


REPLACED_HAS_NOTICE = _unit_has_notice(_unit_replaced, ("from_unit",))
REPLACED_HAS_NOT_REPLIED = _unit_has_not_replied(_unit_replaced, ("from_unit",))
ANSWERING_HAS_NOTICE = _unit_has_notice(_unit_answering, ())
ANSWERING_HAS_NOT_REPLIED = _unit_has_not_replied(_unit_answering, ())


@guard(
    "7.2",
    needs=("notice",),
    zh="“{unit}”已有此案的转办通知书。",
    en="{unit} already has a notice in this case.",
    remedy=("改派给尚无转办通知书的单位。", "Reassign to a unit without a notice."),
)
def new_unit_has_no_notice(a: Attempt[Case, c.Reassign]) -> Facts | None:
    notice = a.command.notice
    if notice is None:
        return None
    return unmet(a.record.notice_of(notice.unit) is not None, unit=notice.unit)


@guard(
    "7.2",
    needs=("from_unit", "notice"),
    zh="改派的转办通知书，其事项和主办、协办身份与原通知书不同。",
    en="The new notice does not carry the same items and role as the one it replaces.",
    remedy=(
        "新通知书的事项和主办、协办身份应与原通知书相同。",
        "Carry over the items and the role of the notice replaced.",
    ),
)
def same_items_and_role(a: Attempt[Case, c.Reassign]) -> Facts | None:
    old, new = a.record.notice_of(a.command.from_unit), a.command.notice
    if old is None:
        return unmet(new is None)
    return unmet(
        new is None or set(new.items) != set(old.items) or new.role is not old.role,
        items=list(old.items),
        role=old.role,
    )


@guard(
    "7.2",
    zh="“{unit}”已经签收。",
    en="{unit} has already acknowledged its notice.",
    remedy=("签收只登记一次。", "Acknowledge once."),
)
def not_yet_acknowledged(a: Attempt[Case, AnyCommand]) -> Facts | None:
    notice = a.record.notice_of(a.by.unit)
    return unmet(notice is not None and notice.acknowledged is not None, unit=a.by.unit)


# === 7.2.1 同意上门服务，应向申请人约定服务时间、地点，说明依法依规需要提供的相关资料


@guard(
    "7.2.1",
    rule="unit_in_charge",
    zh="此事不归“{unit}”办理，应由主办窗口办理：{in_charge}。",
    en="It is not for {unit} but for the lead unit: {in_charge}.",
    remedy=("由主办窗口办理。", "Let the lead unit do it."),
)
def lead_in_charge(a: Attempt[Case, AnyCommand]) -> Facts | None:
    """Of the handling units it is the lead's; other roles are judged by the row."""
    lead = a.record.lead
    return unmet(
        a.by.role is UNIT and a.by.unit != lead, unit=a.by.unit, in_charge=[lead] if lead else []
    )


@guard(
    "7.2.1",
    needs=("start",),
    zh="未约定服务时间，或者约定的时间不在此次办理之后。",
    en="No appointed time is given, or it is not after the time of this act.",
    remedy=("约定一个以后的时间。", "Agree on a later time."),
)
def start_in_future(a: Attempt[Case, c.Reschedule | c.Schedule]) -> Facts | None:
    start = a.command.start
    return unmet(start is None or start <= a.command.at, start=start, at=a.command.at)


@guard(
    "7.2.1",
    needs=("place",),
    zh="未约定服务地点。",
    en="No place is agreed on.",
    remedy=("写明服务地点。", "Give the place."),
)
def place_given(a: Attempt[Case, c.Schedule]) -> Facts | None:
    return unmet(is_blank(a.command.place))


@guard(
    "7.2.1",
    needs=("materials",),
    zh="未说明依法依规需要提供的相关资料。",
    en="The materials that the law asks for are not told.",
    remedy=(
        "列出所需资料；不需要的，写空列表。",
        "List the materials; an empty list says that none are needed.",
    ),
)
def materials_told(a: Attempt[Case, c.Schedule]) -> Facts | None:
    return unmet(a.command.materials is None)


@guard(
    "7.2.1",
    "I-9",
    needs=("at",),
    zh="约定的时间{start}已到，不能改约。",
    en="The appointed time {start} has come: it cannot be moved any more.",
    remedy=(
        "上门未果的，登记原因后另行约定。",
        "Report the failed visit, then make a new appointment.",
    ),
)
def before_appointed_start(a: Attempt[Case, c.Reschedule]) -> Facts | None:
    appointment = a.record.appointment
    start = None if appointment is None else appointment.start
    return unmet(start is not None and a.command.at >= start, start=start, at=a.command.at)


RESCHEDULE_REASON = _reason_given(
    "7.2.1", None, "未写明改约的理由。", "The reason for rescheduling is not given."
)


# === 7.2.2 不同意上门服务，应向申请人说明理由，并提供其它办理方法和途径

DECLINE_REASON = _reason_given(
    "7.2.2", None, "未说明不同意上门服务的理由。", "The reason for declining is not given."
)


@guard(
    "7.2.2",
    needs=("alternatives",),
    zh="未提供其它办理方法和途径。",
    en="No other method or way of handling is given.",
    remedy=("至少写明一种其它办理方法或者途径。", "Give at least one alternative."),
)
def alternatives_given(a: Attempt[Case, c.Decline]) -> Facts | None:
    return unmet(_all_blank(a.command.alternatives))


@guard(
    "7.2.2",
    needs=("unit",),
    zh="该单位没有回复不同意上门服务：{unit}。",
    en="This unit has not declined: {unit}.",
    remedy=("写明回复不同意的单位。", "Name a unit that declined."),
)
def unit_declined(a: Attempt[Case, c.ExplainRefusal]) -> Facts | None:
    notice = a.record.notice_of(a.command.unit)
    return unmet(notice is None or not notice.declined, unit=a.command.unit or "—")


@guard(
    "7.2.2",
    needs=("unit",),
    zh="“{unit}”不同意的理由已经向申请人说明。",
    en="The refusal of {unit} has already been explained.",
    remedy=("说明有误的，请用更正。", "A wrong entry is corrected."),
)
def not_yet_explained(a: Attempt[Case, c.ExplainRefusal]) -> Facts | None:
    notice = a.record.notice_of(a.command.unit)
    return unmet(notice is not None and notice.explained is not None, unit=a.command.unit)


@guard(
    "7.2.2",
    needs=("channel", "explained_to"),
    zh="未写明以何种方式、向何人说明。",
    en="How and to whom it was explained is not given.",
    remedy=("写明说明的方式和对象。", "Give the channel and the person."),
)
def channel_and_person_given(a: Attempt[Case, c.ExplainRefusal]) -> Facts | None:
    return unmet(is_blank(a.command.channel) or is_blank(a.command.explained_to))


@guard(
    "7.2.2",
    rule="unit_in_charge",
    needs=("unit",),
    zh="此事不归“{unit}”办理，应由回复不同意的单位或者综合窗口说明：{in_charge}。",
    en="It is not for {unit} but for the unit that declined, or the window: {in_charge}.",
    remedy=(
        "由回复不同意的单位或者综合窗口说明。",
        "Let the unit that declined, or the window, explain.",
    ),
)
def refusing_unit_in_charge(a: Attempt[Case, c.ExplainRefusal]) -> Facts | None:
    refusing = a.command.unit
    if is_blank(refusing):  # ``unit_declined`` asks for it
        return None
    return unmet(a.by.role is UNIT and a.by.unit != refusing, unit=a.by.unit, in_charge=[refusing])


@guard(
    "7.2.2",
    zh="还有单位不同意的理由没有向申请人说明：{units}。",
    en="Refusals not yet explained to the applicant: {units}.",
    remedy=(
        "先向申请人说明理由，并提供其它办理方法和途径。",
        "Explain each refusal and its alternatives first.",
    ),
)
def refusals_explained(a: Attempt[Case, AnyCommand]) -> Facts | None:
    silent = [n.unit for n in a.record.notices if n.declined and n.explained is None]
    return unmet(bool(silent), units=silent)


# === 7.2.3 涉及多个窗口单位的上门服务，应由主办窗口、协办窗口工作人员联合完成


@guard(
    "7.2.3",
    needs=("notices",),
    zh="主办窗口应有且只有一个，现有{count}个。",
    en="Exactly one unit leads; there are {count}.",
    remedy=("确定一个主办窗口。", "Name one lead unit."),
)
def exactly_one_lead(a: Attempt[Case, c.Transfer]) -> Facts | None:
    leads = [notice.unit for notice in a.command.notices if notice.role is UnitRole.LEAD]
    return unmet(len(leads) != 1, count=len(leads), units=leads)


@guard(
    "7.2.3",
    needs=("notices",),
    zh="两个协办窗口共办的事项没有列入主办窗口的转办通知书：{items}。",
    en="Items shared by assisting units without the lead: {items}.",
    remedy=("把共办的事项列入主办窗口的通知书。", "Put a shared item in the lead's notice too."),
)
def shared_item_has_lead(a: Attempt[Case, c.Transfer]) -> Facts | None:
    led = {key for n in a.command.notices if n.role is UnitRole.LEAD for key in n.items}
    assisted = [
        key for n in a.command.notices if n.role is UnitRole.ASSISTING for key in set(n.items)
    ]
    shared = [key for key in _repeated(assisted) if key not in led]
    return unmet(bool(shared), items=shared)


@guard(
    "7.2.3",
    zh="还有单位没有回复：{units}。",
    en="Units have not replied yet: {units}.",
    remedy=("等待各单位回复。", "Wait for every reply."),
)
def all_units_replied(a: Attempt[Case, AnyCommand]) -> Facts | None:
    silent = [n.unit for n in a.record.notices if n.reply is None]
    return unmet(bool(silent), units=silent)


@guard(
    "7.2.3",
    zh="主办窗口没有回复不同意，不需另定。",
    en="The lead unit has not declined, so no other is designated.",
    remedy=("只在主办窗口不同意时另定主办窗口。", "Designate a lead only where the lead declined."),
)
def lead_declined(a: Attempt[Case, AnyCommand]) -> Facts | None:
    lead = a.record.lead_notice
    return unmet(lead is None or not lead.declined)


@guard(
    "7.2.3",
    needs=("unit",),
    zh="“{unit}”没有同意上门服务，不能定为主办窗口。",
    en="{unit} has not accepted, so it cannot lead.",
    remedy=("从同意的单位中确定主办窗口。", "Choose a unit that accepted."),
)
def new_lead_accepted(a: Attempt[Case, c.DesignateLead]) -> Facts | None:
    notice = a.record.notice_of(a.command.unit)
    return unmet(notice is None or not notice.accepted, unit=a.command.unit or "—")


def _absent_units(a: Attempt[Case, c.Schedule | c.Reschedule | c.Serve]) -> Facts | None:
    case = a.record
    staff = a.command.staff
    if staff is None:  # reschedule: those appointed stay
        return None
    present = {member.unit for member in staff}
    absent = [unit for unit in case.visiting_units if unit not in present]
    return unmet(bool(absent), units=absent)


@guard(
    "7.2.3",
    needs=("staff",),
    zh="没有安排这些单位的工作人员：{units}；上门服务应由主办窗口、协办窗口联合完成。",
    en="Nobody of these units is named, and the visit is a joint one: {units}.",
    remedy=(
        "主办窗口和每个同意的协办窗口都要安排工作人员。",
        "Name staff of the lead and of every accepting assisting unit.",
    ),
)
def staff_of_every_unit(a: Attempt[Case, c.Reschedule | c.Schedule]) -> Facts | None:
    return _absent_units(a)


@guard(
    "7.2.3",
    rule="staff_of_every_unit",
    needs=("staff",),
    zh="这些单位没有工作人员到场：{units}；上门服务应由主办窗口、协办窗口联合完成。",
    en="Nobody of these units was there, and the visit is a joint one: {units}.",
    remedy=(
        "确有单位没有到场的，登记上门未果，原因为工作人员未到。",
        "Where somebody was missing the visit failed: report it, with the cause staff_absent.",
    ),
)
def staff_of_every_unit_there(a: Attempt[Case, c.Serve]) -> Facts | None:
    return _absent_units(a)


def _hypothetical_replies(a: Attempt[Case, AnyCommand]) -> tuple[bool, bool, bool]:
    """Once this reply is given: have all replied, has the lead accepted, has anybody?"""
    accepts = isinstance(a.command, c.Accept)
    last, lead, anybody = True, False, False
    for notice in a.record.notices:
        own = notice.unit == a.by.unit
        accepted = accepts if own else notice.accepted
        last = last and (own or notice.reply is not None)
        lead = lead or (accepted and notice.role is UnitRole.LEAD)
        anybody = anybody or accepted
    return last, lead, anybody


@when
def last_reply_and_lead_accepts(a: Attempt[Case, c.Accept | c.Decline]) -> bool:
    last, lead, _ = _hypothetical_replies(a)
    return last and lead


@when
def last_reply_and_nobody_accepts(a: Attempt[Case, c.Decline]) -> bool:
    last, _, anybody = _hypothetical_replies(a)
    return last and not anybody


# === 7.3 ……应在约定的时间准时到达服务地点，依法依规为申请人办理服务事项


@guard(
    "7.3",
    "I-9",
    needs=("at", "cause"),
    zh="约定的时间{start}未到，不能登记上门未果。",
    en="The appointed time {start} has not come, so the visit cannot have failed.",
    remedy=(
        "等到约定的时间；约错了的，原因写“约定有误”。",
        "Wait for it; an appointment made in error has a cause of its own.",
    ),
)
def not_before_start(a: Attempt[Case, c.ReportFailedVisit]) -> Facts | None:
    appointment = a.record.appointment
    start = None if appointment is None else appointment.start
    return unmet(
        start is not None
        and a.command.at < start
        and a.command.cause is not Cause.SCHEDULED_IN_ERROR,
        start=start,
        at=a.command.at,
    )


@guard(
    "7.3",
    "I-9",
    needs=("cause", "note"),
    zh="未写明上门未果的原因；原因为“其他”的，应加以说明。",
    en="The cause is not given; a cause that is other needs a note.",
    remedy=("写明原因。", "Give the cause."),
)
def cause_given(a: Attempt[Case, c.ReportFailedVisit]) -> Facts | None:
    cause = a.command.cause
    return unmet(cause is None or (cause is Cause.OTHER and is_blank(a.command.note)), cause=cause)


@guard(
    "7.3",
    needs=("arrived_at", "left_at"),
    zh="到达、离开的时间没有写全、先后颠倒，或者晚于登记时间。",
    en="The times of arrival and leaving are not both given, not in order, or not yet past.",
    remedy=("写明到达和离开的时间。", "Give the time of arrival, then that of leaving."),
)
def times_in_order(a: Attempt[Case, c.Serve]) -> Facts | None:
    arrived, left, recorded_at = a.command.arrived_at, a.command.left_at, a.recorded_at
    # Nobody has left before it is entered that they did: the limit of 6.3 counts from ``left_at``.
    in_order = (
        arrived is not None
        and left is not None
        and arrived <= left
        and (recorded_at is None or left <= recorded_at)
    )
    return unmet(not in_order, arrived_at=arrived, left_at=left)


@guard(
    "7.3",
    needs=("arrived_at",),
    zh="到达的日期早于约定的日期{appointed}，那应是另一次约定。",
    en="Arrival on a day before the appointed one, {appointed}: that is another appointment.",
    remedy=("先改约，再上门。", "Reschedule first."),
)
def on_appointed_day_or_later(a: Attempt[Case, c.Serve]) -> Facts | None:
    appointment, arrived = a.record.appointment, a.command.arrived_at
    if appointment is None or arrived is None:
        return None
    appointed = local_day(appointment.start)
    return unmet(local_day(arrived) < appointed, appointed=appointed, arrived=local_day(arrived))


@guard(
    "7.3",
    needs=("results",),
    zh="同意上门的每个事项应有且只有一个办理结果：{items}。",
    en="Every accepted item has one result; wrong for: {items}.",
    remedy=("逐项写明办理结果。", "Give one result for each accepted item."),
)
def result_for_every_item(a: Attempt[Case, c.Serve]) -> Facts | None:
    given = Counter(result.item for result in a.command.results)
    wrong = [key for key in a.record.accepted_items if given[key] != 1]
    return unmet(bool(wrong), items=wrong)


@guard(
    "7.3",
    needs=("results",),
    zh="列入了没有同意上门办理的事项：{items}。",
    en="Results for items that were not accepted: {items}.",
    remedy=("只写同意上门办理的事项。", "Give results for accepted items only."),
)
def only_accepted_items(a: Attempt[Case, c.Serve]) -> Facts | None:
    accepted = set(a.record.accepted_items)
    foreign = [result.item for result in a.command.results if result.item not in accepted]
    return unmet(bool(foreign), items=foreign)


# === 7.4 不能当场办结的，需……一次性告知……，并事后告知办结情况，及时送达相关材料


@guard(
    "7.4",
    zh="事项都已当场办结，没有需要一次性告知的。",
    en="Every item was completed on site: there is nothing to give notice of.",
    remedy=("直接结案。", "Close the case."),
)
def something_outstanding(a: Attempt[Case, AnyCommand]) -> Facts | None:
    return unmet(not a.record.outstanding_items)


@guard(
    "7.4",
    needs=("outstanding",),
    zh="未当场办结的事项，没有一次性告知还需要什么：{items}。",
    en="Items not completed without what is outstanding for them: {items}.",
    remedy=(
        "逐项写明还需要的材料或者手续。",
        "For every item not completed say what is outstanding.",
    ),
)
def everything_outstanding_named(a: Attempt[Case, c.GiveOneTimeNotice]) -> Facts | None:
    told = {line.item for line in a.command.outstanding if not _all_blank(line.needed)}
    silent = [key for key in a.record.outstanding_items if key not in told]
    return unmet(bool(silent), items=silent)


@guard(
    "7.4",
    needs=("outstanding",),
    zh="列有不需要一次性告知的事项，或者同一事项重复：{items}。",
    en="Items that are not outstanding, or stand there twice: {items}.",
    remedy=("只写未当场办结的事项，每项一次。", "Name each outstanding item once, and no other."),
)
def only_outstanding_items(a: Attempt[Case, c.GiveOneTimeNotice]) -> Facts | None:
    outstanding = a.record.outstanding_items
    named = [line.item for line in a.command.outstanding]
    wrong = [key for key in dict.fromkeys(named) if key not in outstanding] + _repeated(
        [key for key in named if key in outstanding]
    )
    return unmet(bool(wrong), items=wrong)


@guard(
    "7.4",
    rule="unit_in_charge",
    needs=("item",),
    zh="此事不归“{unit}”办理，应由主办窗口或者承办该事项的单位办理：{in_charge}。",
    en="It is not for {unit} but for the lead or the item's own unit: {in_charge}.",
    remedy=(
        "由主办窗口或者承办该事项的单位办理。",
        "Let the lead or the item's own unit do it.",
    ),
)
def item_unit_in_charge(a: Attempt[Case, c.Deliver | c.ReportOutcome]) -> Facts | None:
    case = a.record
    answering = case.answering_notice(a.command.item)
    in_charge = [unit for unit in (case.lead, answering.unit if answering else None) if unit]
    return unmet(
        a.by.unit not in in_charge, unit=a.by.unit, in_charge=list(dict.fromkeys(in_charge))
    )


@guard(
    "7.4",
    needs=("item",),
    zh="该事项不在一次性告知之列：{item}。",
    en="The one-time notice does not name this item: {item}.",
    remedy=("写明一次性告知所列的事项。", "Name an item of the notice."),
)
def item_outstanding(a: Attempt[Case, c.ReportOutcome]) -> Facts | None:
    item = a.command.item
    return unmet(item not in a.record.promised_items, item=item or "—")


@guard(
    "7.4",
    needs=("item",),
    zh="该事项的办结情况已经告知：{item}。",
    en="The outcome of this item has already been reported: {item}.",
    remedy=("告知有误的，请用更正。", "A wrong entry is corrected."),
)
def not_yet_reported(a: Attempt[Case, c.ReportOutcome]) -> Facts | None:
    item = a.command.item
    return unmet(item is not None and a.record.outcome_of(item) is not None, item=item)


@guard(
    "7.4",
    needs=("outcome",),
    zh="未写明办结情况。",
    en="The outcome is not given.",
    remedy=("写明办结情况。", "Give the outcome."),
)
def outcome_given(a: Attempt[Case, c.ReportOutcome]) -> Facts | None:
    return unmet(is_blank(a.command.outcome))


@guard(
    "7.4",
    needs=("materials", "received_by"),
    zh="未写明送达的材料或者签收人。",
    en="The materials delivered, or who received them, are not given.",
    remedy=("写明送达的材料和签收人。", "Give the materials and who received them."),
)
def materials_and_recipient_given(a: Attempt[Case, c.Deliver]) -> Facts | None:
    return unmet(_all_blank(a.command.materials) or is_blank(a.command.received_by))


@guard(
    "7.4",
    needs=("item",),
    zh="该事项没有告知有材料待送达，或者已经送达：{item}。",
    en="No materials were announced for this item, or they are already delivered: {item}.",
    remedy=(
        "写明已告知待送达而未送达的事项，或者不写事项。",
        "Name an item with announced, undelivered materials, or none.",
    ),
)
def announced_and_undelivered(a: Attempt[Case, c.Deliver]) -> Facts | None:
    case, item = a.record, a.command.item
    if item is None:
        return None
    outcome = case.outcome_of(item)
    return unmet(
        outcome is None or _all_blank(outcome.to_deliver) or case.delivery_of(item) is not None,
        item=item,
    )


@guard(
    "7.4",
    zh="还有事项没有当场办结：{items}。",
    en="Items were not completed on site: {items}.",
    remedy=("先一次性告知。", "Give the one-time notice first."),
)
def every_item_completed(a: Attempt[Case, AnyCommand]) -> Facts | None:
    outstanding = list(a.record.outstanding_items)
    return unmet(bool(outstanding), items=outstanding)


@guard(
    "7.4",
    zh="还有事项没有告知办结情况：{items}。",
    en="Outcomes not yet reported: {items}.",
    remedy=("先告知办结情况。", "Report each outcome first."),
)
def every_outcome_reported(a: Attempt[Case, AnyCommand]) -> Facts | None:
    case = a.record
    silent = [key for key in case.promised_items if case.outcome_of(key) is None]
    return unmet(bool(silent), items=silent)


@guard(
    "7.4",
    zh="还有相关材料没有送达：{items}。",
    en="Announced materials not yet delivered: {items}.",
    remedy=("先送达相关材料。", "Deliver what was announced first."),
)
def everything_delivered(a: Attempt[Case, AnyCommand]) -> Facts | None:
    case = a.record
    waiting = [
        outcome.item
        for outcome in case.outcomes
        if not _all_blank(outcome.to_deliver) and case.delivery_of(outcome.item) is None
    ]
    return unmet(bool(waiting), items=waiting)


# === 7.5 ……应指导服务对象将有关表格一次性填写完整，及时为服务对象办理


@guard(
    "7.5",
    needs=("results", "forms_completed"),
    zh="有事项当场办结，但有关表格没有一次性填写完整。",
    en="An item was completed, but the forms were not filled in whole.",
    remedy=("指导服务对象将有关表格填写完整。", "Guide the recipient to fill the forms in whole."),
)
def forms_completed(a: Attempt[Case, c.Serve]) -> Facts | None:
    completed = any(result.completed for result in a.command.results)
    return unmet(
        completed and a.command.forms_completed is not True,
        forms_completed=a.command.forms_completed,
    )


# === 9 上门服务人员应按照一案一档的要求规范台账……整理、归档，并妥善保存


@guard(
    "9",
    "I-16",
    rule="unit_in_charge",
    zh="归档不归“{unit}”办理，应由以下一方办理：{in_charge}。",
    en="Archiving is not for {unit} but for: {in_charge}.",
    remedy=(
        "上门服务过的由主办窗口归档，没有上门服务的由综合窗口归档。",
        "The lead archives where a visit was held, otherwise the window.",
    ),
)
def archivist_in_charge(a: Attempt[Case, AnyCommand]) -> Facts | None:
    case = a.record
    actor = a.by.acting_unit or a.by.role
    if case.visit is not None:
        return unmet(a.by.acting_unit != case.lead, unit=actor, in_charge=[case.lead])
    return unmet(a.by.role is not WINDOW, unit=actor, in_charge=[WINDOW])


@guard(
    "9",
    needs=("archive_number",),
    zh="未写明档号。",
    en="The archive number is not given.",
    remedy=("写明档号。", "Give the archive number."),
)
def archive_number_given(a: Attempt[Case, c.Archive]) -> Facts | None:
    return unmet(is_blank(a.command.archive_number))


@guard(
    "6.3",
    zh="上门服务过的案件，服务登记表还没有交综合窗口。",
    en="A visit was held, and the registration form is not filed.",
    remedy=("先交服务登记表。", "File the registration form first."),
)
def registration_form_filed(a: Attempt[Case, AnyCommand]) -> Facts | None:
    case = a.record
    return unmet(case.visit is not None and case.registration_form is None)


# --- I-6: entries are corrected, never erased

CORRECT_REASON = _reason_given(
    "9", "I-6", "未写明更正的理由。", "The reason for the correction is not given."
)

ENTRY_EXISTS = guard(
    "9",
    "I-6",
    needs=("entry",),
    zh="没有这一条记录，或者该条本身就是更正。",
    en="There is no such entry, or it is itself a correction.",
    remedy=("写明要更正的记录的序号。", "Give the version of the entry to correct."),
)(correcting.entry_exists)


FIELDS_CORRECTABLE = guard(
    "9",
    "I-6",
    needs=("entry", "fields"),
    zh="没有写明更正的内容，或者有不能更正、不能删去的项：{fields}。",
    en="Nothing to correct is given, or fields that cannot be corrected or removed: {fields}.",
    remedy=(
        "只更正该条记录的内容和发生时间；可以删去的只有可不填的项。",
        "Correct the entry's own fields and its time; only optional fields can be removed.",
    ),
)(correcting.fields_correctable)


CORRECTED_HISTORY_ALLOWED = guard(
    "9",
    "I-6",
    needs=("entry", "fields"),
    zh="照此更正，第{entry}条记录就不能成立：{rules}。",
    en="With this correction entry {entry} would not have been allowed: {rules}.",
    remedy=(
        "更正后的记录及其后的各条都应当能够成立。",
        "The corrected entry and every later one must still be allowed.",
    ),
)(correcting.corrected_history_allowed)


STATE_UNCHANGED = guard(
    "9",
    "I-6",
    needs=("entry", "fields"),
    zh="照此更正，第{entry}条记录之后的状态就会改变。",
    en="With this correction entry {entry} would have reached another state.",
    remedy=(
        "更正不能改变案件的状态；需要时另立新案接续。",
        "A correction never moves a case; open a new case that follows it where needed.",
    ),
)(correcting.state_unchanged)


AUTHOR_OF_ENTRY = guard(
    "9",
    "I-6",
    needs=("entry",),
    zh="第{entry}条记录不能由“{by}”更正。",
    en="Entry {entry} is not for {by} to correct.",
    remedy=(
        "由可以作出该条记录的一方、同一单位更正。",
        "Let somebody who could have made that entry, of the same unit, correct it.",
    ),
)(correcting.author_of_entry)


# --- I-15: order and time, of every move


@guard(
    "9",
    "I-15",
    needs=("at",),
    zh="发生时间{at}晚于登记时间{recorded_at}。",
    en="It cannot have happened at {at}, after it was entered at {recorded_at}.",
    remedy=("核对发生时间和登记时间。", "Check both times."),
)
def at_not_after_recorded(a: Attempt[Case, AnyCommand]) -> Facts | None:
    at, recorded_at = a.command.at, a.recorded_at
    return unmet(recorded_at is not None and at > recorded_at, at=at, recorded_at=recorded_at)


@guard(
    "9",
    "I-15",
    needs=("recorded_at",),
    zh="登记时间{recorded_at}早于上一条记录的登记时间{latest}。",
    en="Entered at {recorded_at}, before the latest entry of the case at {latest}.",
    remedy=("按登记的先后登记。", "Enter in order."),
)
def recorded_in_order(a: Attempt[Case, AnyCommand]) -> Facts | None:
    if a.before is None or a.recorded_at is None:
        return None
    latest = a.before.recorded_at
    return unmet(a.recorded_at < latest, recorded_at=a.recorded_at, latest=latest)


def _issued(a: Attempt[Case, AnyCommand]) -> dt.datetime | None:
    notice = a.record.notice_of(a.by.unit)
    return None if notice is None else notice.issued.at


def _declined_at(a: Attempt[Case, c.ExplainRefusal]) -> dt.datetime | None:
    notice = a.record.notice_of(a.command.unit)
    return notice.reply.at if notice is not None and notice.declined and notice.reply else None


def _visited(a: Attempt[Case, AnyCommand]) -> dt.datetime | None:
    return None if a.record.visit is None else a.record.visit.at


def _notified(a: Attempt[Case, AnyCommand]) -> dt.datetime | None:
    return None if a.record.one_time_notice is None else a.record.one_time_notice.at


def _announced(a: Attempt[Case, c.Deliver]) -> dt.datetime | None:
    outcome = a.record.outcome_of(a.command.item)
    return _visited(a) if outcome is None else outcome.at


#: What made an act possible, where that is not the latest change of state or reply.
CAUSES: Final[Mapping[type[AnyCommand], Callable[[Attempt[Case, Any]], dt.datetime | None]]] = {
    c.Acknowledge: _issued,
    c.Accept: _issued,
    c.Decline: _issued,
    c.ExplainRefusal: _declined_at,
    c.FileRegistrationForm: _visited,
    c.ReportOutcome: _notified,
    c.Deliver: _announced,
}


@guard(
    "9",
    "I-15",
    needs=("at",),
    zh="发生时间{at}早于使其得以进行的事{cause}。",
    en="It cannot have happened at {at}, before what made it possible at {cause}.",
    remedy=("核对发生时间。", "Check the time of the act."),
)
def at_not_before_cause(a: Attempt[Case, Any]) -> Facts | None:
    if a.before is None:
        return None
    cause_of = CAUSES.get(type(a.command))
    cause = a.before.changed_at if cause_of is None else cause_of(a)
    return unmet(cause is not None and a.command.at < cause, at=a.command.at, cause=cause)


# === the table

EVERY_MOVE: Final = (at_not_after_recorded, recorded_in_order, at_not_before_cause)

_ACCEPT_GUARDS: Final = (ANSWERING_HAS_NOTICE, ANSWERING_HAS_NOT_REPLIED)
_DECLINE_GUARDS: Final = (*_ACCEPT_GUARDS, DECLINE_REASON, alternatives_given)

#: Without an annotation: see ``engine.rules``.
ROWS: Final = (
    Row(
        clause="7.1",
        command=c.Apply,
        event=e.Applied,
        by=(APPLICANT, WINDOW),
        source=(State.NONE,),
        target=State.APPLIED,
        guards=(
            edition_in_force,
            applicant_reachable,
            address_given,
            APPLY_REASON,
            ground_given,
            circumstances_told,
            items_named,
            item_claim_grounded,
            items_distinct,
            follows_existing_case,
        ),
    ),
    Row(
        clause="7.2",
        command=c.Transfer,
        event=e.Transferred,
        by=(WINDOW,),
        source=(State.APPLIED,),
        target=State.TRANSFERRED,
        guards=(
            every_item_in_a_notice,
            only_items_of_the_case,
            one_notice_per_unit,
            exactly_one_lead,
            shared_item_has_lead,
            numbers_present_and_distinct,
        ),
    ),
    Row(
        clause="7.2",
        command=c.Reassign,
        event=e.Reassigned,
        by=(WINDOW,),
        source=(State.TRANSFERRED,),
        target=State.TRANSFERRED,
        guards=(
            REASSIGN_REASON,
            REPLACED_HAS_NOTICE,
            REPLACED_HAS_NOT_REPLIED,
            new_unit_has_no_notice,
            same_items_and_role,
            numbers_present_and_distinct,
        ),
    ),
    Row(
        clause="7.2",
        command=c.Acknowledge,
        event=e.Acknowledged,
        by=(UNIT,),
        source=(State.TRANSFERRED,),
        target=State.TRANSFERRED,
        guards=(ANSWERING_HAS_NOTICE, not_yet_acknowledged),
    ),
    Row(
        clause="7.2",
        command=c.Accept,
        event=e.Accepted,
        by=(UNIT,),
        source=(State.TRANSFERRED,),
        target=State.ACCEPTED,
        guards=_ACCEPT_GUARDS,
        when=last_reply_and_lead_accepts,
    ),
    Row(
        clause="7.2",
        command=c.Accept,
        event=e.Accepted,
        by=(UNIT,),
        source=(State.TRANSFERRED,),
        target=State.TRANSFERRED,
        guards=_ACCEPT_GUARDS,
    ),
    Row(
        clause="7.2.2",
        command=c.Decline,
        event=e.Declined,
        by=(UNIT,),
        source=(State.TRANSFERRED,),
        target=State.ACCEPTED,
        guards=_DECLINE_GUARDS,
        when=last_reply_and_lead_accepts,
        interpretation="I-4",
    ),
    Row(
        clause="7.2.2",
        command=c.Decline,
        event=e.Declined,
        by=(UNIT,),
        source=(State.TRANSFERRED,),
        target=State.DECLINED,
        guards=_DECLINE_GUARDS,
        when=last_reply_and_nobody_accepts,
    ),
    Row(
        clause="7.2.2",
        command=c.Decline,
        event=e.Declined,
        by=(UNIT,),
        source=(State.TRANSFERRED,),
        target=State.TRANSFERRED,
        guards=_DECLINE_GUARDS,
    ),
    Row(
        clause="7.2.3",
        command=c.DesignateLead,
        event=e.LeadDesignated,
        by=(WINDOW,),
        source=(State.TRANSFERRED,),
        target=State.ACCEPTED,
        guards=(all_units_replied, lead_declined, new_lead_accepted),
    ),
    Row(
        clause="7.2.2",
        command=c.ExplainRefusal,
        event=e.RefusalExplained,
        by=(UNIT, WINDOW),
        source=(
            State.TRANSFERRED,
            State.ACCEPTED,
            State.DECLINED,
            State.SCHEDULED,
            State.SERVED,
            State.PENDING_NOTICE,
        ),
        target=None,
        guards=(
            unit_declined,
            not_yet_explained,
            refusing_unit_in_charge,
            channel_and_person_given,
        ),
        interpretation="I-5",
    ),
    Row(
        clause="7.2.1",
        command=c.Schedule,
        event=e.Scheduled,
        by=(UNIT,),
        source=(State.ACCEPTED,),
        target=State.SCHEDULED,
        guards=(
            lead_in_charge,
            start_in_future,
            place_given,
            materials_told,
            staff_of_every_unit,
        ),
    ),
    Row(
        clause="7.2.1",
        command=c.Reschedule,
        event=e.Rescheduled,
        by=(APPLICANT, UNIT),
        source=(State.SCHEDULED,),
        target=State.SCHEDULED,
        guards=(
            lead_in_charge,
            before_appointed_start,
            RESCHEDULE_REASON,
            start_in_future,
            staff_of_every_unit,
        ),
    ),
    Row(
        clause="7.3",
        command=c.ReportFailedVisit,
        event=e.VisitFailed,
        by=(UNIT,),
        source=(State.SCHEDULED,),
        target=State.ACCEPTED,
        guards=(lead_in_charge.under("7.3", "I-9"), not_before_start, cause_given),
        interpretation="I-9",
    ),
    Row(
        clause="7.3",
        command=c.Serve,
        event=e.Served,
        by=(UNIT,),
        source=(State.SCHEDULED,),
        target=State.SERVED,
        guards=(
            lead_in_charge.under("7.3"),
            times_in_order,
            on_appointed_day_or_later,
            staff_of_every_unit_there,
            result_for_every_item,
            only_accepted_items,
            forms_completed,
        ),
    ),
    Row(
        clause="7.4",
        command=c.GiveOneTimeNotice,
        event=e.OneTimeNoticeGiven,
        by=(UNIT,),
        source=(State.SERVED,),
        target=State.PENDING_NOTICE,
        guards=(
            lead_in_charge.under("7.4"),
            something_outstanding,
            everything_outstanding_named,
            only_outstanding_items,
        ),
        interpretation="I-7",
    ),
    Row(
        clause="7.4",
        command=c.ReportOutcome,
        event=e.OutcomeReported,
        by=(UNIT,),
        source=(State.PENDING_NOTICE,),
        target=State.PENDING_NOTICE,
        guards=(item_unit_in_charge, item_outstanding, not_yet_reported, outcome_given),
    ),
    Row(
        clause="7.4",
        command=c.Deliver,
        event=e.Delivered,
        by=(UNIT,),
        source=(State.PENDING_NOTICE, State.CLOSED),
        target=None,
        guards=(
            item_unit_in_charge,
            visit_held.under("7.4"),
            materials_and_recipient_given,
            announced_and_undelivered,
        ),
    ),
    Row(
        clause="7.3",
        command=c.Close,
        event=e.Closed,
        by=(UNIT, WINDOW),
        source=(State.SERVED,),
        target=State.CLOSED,
        guards=(lead_in_charge.under("7.3"), every_item_completed, refusals_explained),
    ),
    Row(
        clause="7.4",
        command=c.Close,
        event=e.Closed,
        by=(UNIT, WINDOW),
        source=(State.PENDING_NOTICE,),
        target=State.CLOSED,
        guards=(
            lead_in_charge.under("7.3"),
            every_outcome_reported,
            everything_delivered,
            refusals_explained,
        ),
    ),
    Row(
        clause="7.2.2",
        command=c.Close,
        event=e.Closed,
        by=(UNIT, WINDOW),
        source=(State.DECLINED,),
        target=State.CLOSED,
        guards=(lead_in_charge.under("7.3"), refusals_explained),
    ),
    Row(
        clause="7.1",
        command=c.Withdraw,
        event=e.Withdrawn,
        by=(APPLICANT, WINDOW),
        source=(State.APPLIED, State.TRANSFERRED, State.ACCEPTED, State.SCHEDULED),
        target=State.CLOSED,
        guards=(WITHDRAW_REASON,),
        interpretation="I-8",
    ),
    Row(
        clause="6.3",
        command=c.FileRegistrationForm,
        event=e.RegistrationFormFiled,
        by=(UNIT,),
        source=(State.SERVED, State.PENDING_NOTICE, State.CLOSED),
        target=None,
        guards=(
            lead_in_charge.under("6.3"),
            visit_held,
            filed_once,
            form_whole,
            signed_by_every_unit,
        ),
        interpretation="I-17",
    ),
    Row(
        clause="9",
        command=c.Archive,
        event=e.Archived,
        by=(UNIT, WINDOW),
        source=(State.CLOSED,),
        target=State.ARCHIVED,
        guards=(archivist_in_charge, archive_number_given, registration_form_filed),
        interpretation="I-16",
    ),
    Row(
        clause="9",
        command=c.Correct,
        event=e.Corrected,
        by=(APPLICANT, WINDOW, UNIT),
        source=(
            State.APPLIED,
            State.TRANSFERRED,
            State.ACCEPTED,
            State.DECLINED,
            State.SCHEDULED,
            State.SERVED,
            State.PENDING_NOTICE,
            State.CLOSED,
        ),
        target=None,
        guards=(
            ENTRY_EXISTS,
            CORRECT_REASON,
            FIELDS_CORRECTABLE,
            CORRECTED_HISTORY_ALLOWED,
            STATE_UNCHANGED,
            AUTHOR_OF_ENTRY,
        ),
        interpretation="I-6",
    ),
)


# === the procedure


def _refers(command: AnyCommand) -> tuple[str, ...]:
    """I-10: the case that this one follows, or shall be corrected to follow."""
    follows = None
    if isinstance(command, c.Apply):
        follows = command.follows
    elif isinstance(command, c.Correct):
        follows = command.fields.get("follows")
    return (follows,) if isinstance(follows, str) and follows != command.key else ()


def _claims(event: e.Event) -> tuple[str, ...]:
    """The numbers that ``event`` claims: no other case may have them, ever."""
    numbers: list[TransferNotice | None] = []
    archive: object = None
    match event:
        case e.Transferred():
            numbers.extend(event.notices)
        case e.Reassigned():
            numbers.append(event.notice)
        case e.Archived():
            archive = event.archive_number
        case e.Corrected():
            numbers += event.fields.get("notices") or ()
            numbers.append(event.fields.get("notice"))
    claims = [f"notice:{notice.number}" for notice in numbers if notice is not None]
    return tuple(claims) if archive is None else (*claims, f"archive:{archive}")


def _line(case: Case) -> Line:
    application = case.application
    people = [
        Person(
            name=person.name,
            phone=person.phone,
            id_number=person.id_number if isinstance(person, Applicant) else None,
        )
        for person in (application.applicant, application.recipient)
        if person is not None
    ]
    return Line(
        result=case.result,
        lead=case.lead,
        units=tuple(notice.unit for notice in case.notices),
        opened_at=application.at,
        people=tuple(people),
    )


def item_labels(items: Iterable[ServiceItem]) -> Labels:
    """Items by their names: a clerk knows no ids by heart."""
    return {
        item.id: (f"{item.name}（{item.id}）", f"{item.id} {item.name}")
        for item in items
        if item.id and item.name
    }


def _labels(a: Attempt[Case, Any]) -> Labels:
    return item_labels(a.command.items if a.before is None else a.before.items)


def _read(case: Case | None, command: AnyCommand, regulation: Regulation) -> AnyCommand:
    if isinstance(command, c.FileRegistrationForm):
        check_blank_fields(command)
    return resolve_items(case, command, regulation.catalogue)


#: Clause 7 as a value of the engine.
CASE: Final[Procedure[Case]] = Procedure(
    name="case",
    zh="案件",
    this_zh="此案",
    id_zh="案号",
    absent=Remedy(zh="核对案号，或者先提出申请。", en="Check the id, or apply first."),
    opened_already=Remedy(
        zh="另立新案；接续原案的，写明原案的案号。",
        en="Open a new case, and name the one it follows.",
    ),
    record=Case,
    states=State,
    roles=Role,
    kinds=Kind,
    results=Result,
    rows=ROWS,
    always=EVERY_MOVE,
    opened=opened,
    fold=FOLD,
    duties=DUTIES,
    read=_read,
    refers=_refers,
    line=_line,
    claims=_claims,
    labels=_labels,
    as_entered=as_filed,
    plain_keys=True,
)

#: What derives from the rows, as clause 7's own types.
COMMANDS: Final = cast("Mapping[str, type[c.Command]]", CASE.commands)
EVENTS: Final = cast("Mapping[str, type[e.Event]]", CASE.events)
MACHINE: Final = CASE.machine
MOVES: Final = CASE.moves
