"""Clause by clause, what a move must satisfy: one predicate a rule, in the order of the text.

A predicate is true where the rule is met. Each stands under its name, clause and interpretation;
several commands may share one (`unit_in_charge` says for each who may act).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any

from attrs import frozen

from onsite_workflow.checks import local_day
from onsite_workflow.regulation import Regulation
from onsite_workflow.terms import Cause, ServiceItem, SpecialGroup, State, UnitRole

from .facts import (
    Past,
    accepted_items,
    all_notices,
    announced,
    answering,
    appointed_staff,
    appointed_start,
    delivery,
    explained,
    items,
    last,
    latest_change,
    lead,
    notice_of,
    noticed_items,
    notices,
    outcome,
    outstanding_items,
    said,
    state,
    visit,
    visited,
    visiting_units,
)


@frozen
class Act:
    """What somebody wants entered, and all that it is judged by."""

    past: Past
    said: Any  # the command, its items understood
    recorded_at: dt.datetime
    regulation: Regulation
    telephones: Collection[str]  # the units whose telephone the directory has
    existing_cases: Collection[str]

    @property
    def at(self) -> dt.datetime:
        moment: dt.datetime = self.said.at
        return moment

    @property
    def unit(self) -> str | None:
        acting: str | None = self.said.by.acting_unit
        return acting


Broken = tuple[str, str, str | None]
"""An unmet rule: its name, its clause, the interpretation it rests on."""

Predicate = Callable[[Act], bool]

#: For each command, the rules of its move.
RULES: dict[str, dict[Broken, Predicate]] = {}


def rule(
    commands: str, name: str, clause: str, interpretation: str | None = None
) -> Callable[[Predicate], Predicate]:
    """Files a predicate: a row of the table of rules for each of these commands."""

    def file(predicate: Predicate) -> Predicate:
        for command in commands.split():
            RULES.setdefault(command, {})[name, clause, interpretation] = predicate
        return predicate

    return file


# === 1, 4, 5, 7.1: the application ===============================================================


@rule("apply", "edition_in_force", "1")
def edition_in_force(act: Act) -> bool:
    """1: the standard is applied from 2023-07-01 (a regulation's own days)."""
    day, edition = local_day(act.at), act.regulation
    ended = edition.in_force_until is not None and day >= edition.in_force_until
    return day >= edition.in_force_from and not ended


@rule("apply", "applicant_reachable", "7.1")
def applicant_reachable(act: Act) -> bool:
    """7.1 提供联络方式。"""
    return act.said.applicant is not None and said(act.said.applicant.phone)


@rule("apply", "address_given", "7.1")
def address_given(act: Act) -> bool:
    """7.1 及准确地址。"""
    return said(act.said.address)


@rule("apply", "reason_given", "7.1")
def apply_reason_given(act: Act) -> bool:
    """7.1 陈述正当充分的理由。"""
    return said(act.said.reason)


@rule("apply", "ground_given", "4.1")
def ground_given(act: Act) -> bool:
    """4.1 不能前往……的特殊群体；4.2 其他特殊情况。"""
    return act.said.ground is not None


@rule("apply", "circumstances_told", "4.2")
def circumstances_told(act: Act) -> bool:
    """4.2: the other circumstances are told."""
    return act.said.ground is not SpecialGroup.OTHER or said(act.said.circumstances)


@rule("apply", "items_named", "5")
def items_named(act: Act) -> bool:
    """5: at least one item."""
    return len(act.said.items) > 0


@rule("apply", "item_claim_grounded", "5.2")
def item_claim_grounded(act: Act) -> bool:
    """5.2 其他需要提供上门服务现场办理的事项: what Annex A does not list has its ground."""

    def grounded(item: ServiceItem) -> bool:
        return item.id is not None or said(item.ground)

    return all(grounded(item) for item in act.said.items)


@rule("apply", "items_distinct", "5")
def items_distinct(act: Act) -> bool:
    """5: no item twice."""
    keys = [item.key for item in act.said.items]
    return len(keys) == len(set(keys))


@rule("apply", "follows_existing_case", "7.1", "I-10")
def follows_existing_case(act: Act) -> bool:
    """I-10: a new case names an earlier one that exists."""
    return act.said.follows is None or act.said.follows in act.existing_cases


@rule("withdraw", "reason_given", "7.1", "I-8")
def withdraw_reason_given(act: Act) -> bool:
    """I-8: withdrawn with a reason."""
    return said(act.said.reason)


# === 7.2: notices and replies ====================================================================


@rule("transfer", "every_item_in_a_notice", "7.2")
def every_item_in_a_notice(act: Act) -> bool:
    """7.2 签发《转办通知书》: each item of the case in at least one notice."""
    carried = {item for notice in act.said.notices for item in notice.items}
    return set(items(act.past)) <= carried


@rule("transfer", "only_items_of_the_case", "7.2")
def only_items_of_the_case(act: Act) -> bool:
    """7.2: no other item in any."""
    carried = {item for notice in act.said.notices for item in notice.items}
    return carried <= set(items(act.past))


@rule("transfer", "one_notice_per_unit", "7.2")
def one_notice_per_unit(act: Act) -> bool:
    """7.2: one notice a unit."""
    units = [notice.unit for notice in act.said.notices]
    return len(units) == len(set(units))


@rule("transfer", "exactly_one_lead", "7.2.3")
def exactly_one_lead(act: Act) -> bool:
    """7.2.3 主办窗口、协办窗口: exactly one unit leads."""
    return [notice.role for notice in act.said.notices].count(UnitRole.LEAD) == 1


@rule("transfer", "shared_item_has_lead", "7.2.3")
def shared_item_has_lead(act: Act) -> bool:
    """7.2.3: two assisting units share an item only with the lead."""
    leading = {i for n in act.said.notices if n.role is UnitRole.LEAD for i in n.items}
    assisting = [set(n.items) for n in act.said.notices if n.role is UnitRole.ASSISTING]
    shared = {i for carried in assisting for i in carried if sum(i in a for a in assisting) > 1}
    return shared <= leading


@rule("transfer", "numbers_present_and_distinct", "7.2")
def transfer_numbers_present_and_distinct(act: Act) -> bool:
    """附录 C 编号: present and different."""
    numbers = [notice.number for notice in act.said.notices]
    return all(said(number) for number in numbers) and len(numbers) == len(set(numbers))


@rule("reassign", "reason_given", "7.2")
def reassign_reason_given(act: Act) -> bool:
    """7.2 改派: for a reason."""
    return said(act.said.reason)


@rule("reassign", "unit_has_notice", "7.2")
def reassign_unit_has_notice(act: Act) -> bool:
    """7.2: the unit replaced has a notice."""
    return notice_of(act.past, act.said.from_unit) is not None


@rule("reassign", "unit_has_not_replied", "7.2")
def reassign_unit_has_not_replied(act: Act) -> bool:
    """7.2: and has not replied."""
    old = notice_of(act.past, act.said.from_unit)
    return old is None or old.reply is None


@rule("reassign", "new_unit_has_no_notice", "7.2")
def new_unit_has_no_notice(act: Act) -> bool:
    """7.2: the new unit has no notice."""
    return act.said.notice is None or notice_of(act.past, act.said.notice.unit) is None


@rule("reassign", "same_items_and_role", "7.2")
def same_items_and_role(act: Act) -> bool:
    """7.2: the new notice carries the same items and role."""
    old, new = notice_of(act.past, act.said.from_unit), act.said.notice
    if old is None or new is None:
        return new is not None
    return set(new.items) == set(old.items) and (new.role is UnitRole.LEAD) == old.leads


@rule("reassign", "numbers_present_and_distinct", "7.2")
def reassign_numbers_present_and_distinct(act: Act) -> bool:
    """附录 C 编号: a new number."""
    new = act.said.notice
    used = [notice.number for notice in all_notices(act.past)]
    return new is not None and said(new.number) and new.number not in used


@rule("acknowledge accept decline", "unit_has_notice", "7.2")
def unit_has_notice(act: Act) -> bool:
    """7.2 经办窗口单位: any unit with a notice."""
    return notice_of(act.past, act.unit) is not None


@rule("acknowledge", "not_yet_acknowledged", "7.2")
def not_yet_acknowledged(act: Act) -> bool:
    """7.2: a notice is acknowledged once."""
    own = notice_of(act.past, act.unit)
    return own is None or own.acknowledged is None


@rule("accept decline", "unit_has_not_replied", "7.2")
def unit_has_not_replied(act: Act) -> bool:
    """7.2 予以回复是否上门服务: once."""
    own = notice_of(act.past, act.unit)
    return own is None or own.reply is None


@rule("decline", "reason_given", "7.2.2")
def reason_given(act: Act) -> bool:
    """7.2.2 说明理由。"""
    return said(act.said.reason)


@rule("decline", "alternatives_given", "7.2.2")
def alternatives_given(act: Act) -> bool:
    """7.2.2 并提供其它办理方法和途径: at least one."""
    return any(said(way) for way in act.said.alternatives)


@rule("explain_refusal", "unit_declined", "7.2.2")
def unit_declined(act: Act) -> bool:
    """7.2.2 不同意上门服务，应向申请人说明: of a unit that declined."""
    own = notice_of(act.past, act.said.unit)
    return own is not None and own.declined


@rule("explain_refusal", "not_yet_explained", "7.2.2")
def not_yet_explained(act: Act) -> bool:
    """7.2.2: and was not yet explained."""
    return explained(act.past, act.said.unit) is None


@rule("explain_refusal", "channel_and_person_given", "7.2.2")
def channel_and_person_given(act: Act) -> bool:
    """7.2.2 应向申请人说明: how, and to whom."""
    return said(act.said.channel) and said(act.said.explained_to)


# === 7.2.3: another lead =========================================================================


@rule("designate_lead", "all_units_replied", "7.2.3")
def all_units_replied(act: Act) -> bool:
    """7.2.3: all have replied."""
    return all(notice.reply is not None for notice in notices(act.past))


@rule("designate_lead", "lead_declined", "7.2.3")
def lead_declined(act: Act) -> bool:
    """7.2.3: the lead did not accept."""
    own = notice_of(act.past, lead(act.past))
    return own is not None and own.declined


@rule("designate_lead", "new_lead_accepted", "7.2.3")
def new_lead_accepted(act: Act) -> bool:
    """7.2.3: the new lead is a unit that accepted."""
    return act.said.unit in visiting_units(act.past)


# === who acts for a handling unit (domain.md: which unit) ========================================


def _lead_or_window(act: Act) -> bool:
    return act.unit is None or act.unit == lead(act.past)


@rule("schedule reschedule", "unit_in_charge", "7.2.1")
@rule("report_failed_visit", "unit_in_charge", "7.3", "I-9")
@rule("serve", "unit_in_charge", "7.3")
@rule("give_one_time_notice", "unit_in_charge", "7.4")
@rule("close", "unit_in_charge", "7.3")
@rule("file_registration_form", "unit_in_charge", "6.3")
def unit_in_charge(act: Act) -> bool:
    """The lead (or whoever acts for no unit, where the move is theirs too)."""
    return _lead_or_window(act)


@rule("explain_refusal", "unit_in_charge", "7.2.2")
def declining_unit_in_charge(act: Act) -> bool:
    """The unit that declined, or the window."""
    return act.unit is None or not said(act.said.unit) or act.unit == act.said.unit


@rule("report_outcome deliver", "unit_in_charge", "7.4")
def item_unit_in_charge(act: Act) -> bool:
    """The item's unit or the lead."""
    own = answering(act.past, act.said.item)
    return _lead_or_window(act) or (own is not None and own.unit == act.unit)


@rule("archive", "unit_in_charge", "9", "I-16")
def archiving_unit_in_charge(act: Act) -> bool:
    """9 上门服务人员……归档: the lead where a visit was held, otherwise the window."""
    return act.unit == (lead(act.past) if visit(act.past) is not None else None)


# === 7.2.1: the appointment ======================================================================


@rule("schedule reschedule", "start_in_future", "7.2.1")
def start_in_future(act: Act) -> bool:
    """7.2.1 约定服务时间: after the moment it is agreed."""
    return act.said.start is not None and act.said.start > act.at


@rule("schedule", "place_given", "7.2.1")
def place_given(act: Act) -> bool:
    """7.2.1 地点。"""
    return said(act.said.place)


@rule("schedule", "materials_told", "7.2.1")
def materials_told(act: Act) -> bool:
    """7.2.1 说明依法依规需要提供的相关资料: an empty list says that none are needed."""
    return act.said.materials is not None


@rule("schedule serve", "staff_of_every_unit", "7.2.3")
def staff_of_every_unit(act: Act) -> bool:
    """7.2.3 应由主办窗口、协办窗口工作人员联合完成。"""
    return set(visiting_units(act.past)) <= {member.unit for member in act.said.staff}


@rule("reschedule", "staff_of_every_unit", "7.2.3")
def reschedule_staff_of_every_unit(act: Act) -> bool:
    """7.2.3: whoever is named anew; left out, they stay."""
    return act.said.staff is None or staff_of_every_unit(act)


@rule("reschedule", "before_appointed_start", "7.2.1", "I-9")
def before_appointed_start(act: Act) -> bool:
    """I-9: an appointment is moved before its start."""
    start = appointed_start(act.past)
    return start is not None and act.at < start


@rule("reschedule", "reason_given", "7.2.1")
def reschedule_reason_given(act: Act) -> bool:
    """7.2.1 改约: for a reason."""
    return said(act.said.reason)


# === 7.3, 7.5: the visit =========================================================================


@rule("report_failed_visit", "not_before_start", "7.3", "I-9")
def not_before_start(act: Act) -> bool:
    """I-9: not before the appointed start, an appointment entered in error apart."""
    start = appointed_start(act.past)
    early = start is not None and act.at < start
    return act.said.cause is Cause.SCHEDULED_IN_ERROR or not early


@rule("report_failed_visit", "cause_given", "7.3", "I-9")
def cause_given(act: Act) -> bool:
    """I-9: with its cause; another cause is told."""
    return act.said.cause is not None and (act.said.cause is not Cause.OTHER or said(act.said.note))


@rule("serve", "times_in_order", "7.3")
def times_in_order(act: Act) -> bool:
    """7.3: arrived, then left; and nobody has left before it is entered that they did (R-9)."""
    arrived, left = act.said.arrived_at, act.said.left_at
    return arrived is not None and left is not None and arrived <= left <= act.recorded_at


@rule("serve", "on_appointed_day_or_later", "7.3")
def on_appointed_day_or_later(act: Act) -> bool:
    """7.3 应在约定的时间: on a day before, it would be another appointment."""
    start, arrived = appointed_start(act.past), act.said.arrived_at
    return start is None or arrived is None or local_day(arrived) >= local_day(start)


@rule("serve", "result_for_every_item", "7.3")
def result_for_every_item(act: Act) -> bool:
    """7.3 为申请人办理服务事项: a result for every accepted item, one and not two."""
    given = [result.item for result in act.said.results]
    return all(given.count(item) == 1 for item in accepted_items(act.past))


@rule("serve", "only_accepted_items", "7.3")
def only_accepted_items(act: Act) -> bool:
    """7.3: and for no other."""
    return {result.item for result in act.said.results} <= set(accepted_items(act.past))


@rule("serve", "forms_completed", "7.5")
def forms_completed(act: Act) -> bool:
    """7.5 将有关表格一次性填写完整: where anything was completed."""
    anything = any(result.completed for result in act.said.results)
    return not anything or act.said.forms_completed is True


# === 7.4: what was not completed on site =========================================================


@rule("give_one_time_notice", "something_outstanding", "7.4")
def something_outstanding(act: Act) -> bool:
    """7.4 不能当场办结的。"""
    return bool(outstanding_items(act.past))


@rule("give_one_time_notice", "everything_outstanding_named", "7.4")
def everything_outstanding_named(act: Act) -> bool:
    """7.4 一次性告知: every such item, with what is outstanding."""
    told = {line.item for line in act.said.outstanding if any(said(x) for x in line.needed)}
    return set(outstanding_items(act.past)) <= told


@rule("give_one_time_notice", "only_outstanding_items", "7.4")
def only_outstanding_items(act: Act) -> bool:
    """7.4: and no other, none of them twice."""
    told = [line.item for line in act.said.outstanding]
    return set(told) <= set(outstanding_items(act.past)) and len(told) == len(set(told))


@rule("report_outcome", "item_outstanding", "7.4")
def item_outstanding(act: Act) -> bool:
    """7.4 事后告知办结情况: of an item of the notice."""
    return act.said.item in noticed_items(act.past)


@rule("report_outcome", "not_yet_reported", "7.4")
def not_yet_reported(act: Act) -> bool:
    """7.4: once."""
    return outcome(act.past, act.said.item) is None


@rule("report_outcome", "outcome_given", "7.4")
def outcome_given(act: Act) -> bool:
    """7.4 办结情况。"""
    return said(act.said.outcome)


@rule("deliver", "visit_held", "7.4")
def deliver_visit_held(act: Act) -> bool:
    """7.4: after a visit."""
    return visit(act.past) is not None


@rule("deliver", "materials_and_recipient_given", "7.4")
def materials_and_recipient_given(act: Act) -> bool:
    """7.4 及时送达相关材料: which, and to whom."""
    return any(said(thing) for thing in act.said.materials) and said(act.said.received_by)


@rule("deliver", "announced_and_undelivered", "7.4")
def announced_and_undelivered(act: Act) -> bool:
    """7.4: with an item, announced by its report and not yet delivered."""
    item = act.said.item
    if item is None:
        return True
    return announced(outcome(act.past, item)) and delivery(act.past, item) is None


# === 7.2.2, 7.3, 7.4: the end ====================================================================


@rule("close", "every_item_completed", "7.4")
def every_item_completed(act: Act) -> bool:
    """7.4: from the visit straight to the end only where everything was completed there."""
    return state(act.past) is not State.SERVED or not outstanding_items(act.past)


@rule("close", "every_outcome_reported", "7.4")
def every_outcome_reported(act: Act) -> bool:
    """7.4 事后告知办结情况: of every item of the notice."""
    return all(outcome(act.past, item) is not None for item in noticed_items(act.past))


@rule("close", "everything_delivered", "7.4")
def everything_delivered(act: Act) -> bool:
    """7.4 及时送达相关材料: all that was announced."""
    return all(
        delivery(act.past, item) is not None
        for item in noticed_items(act.past)
        if announced(outcome(act.past, item))
    )


@rule("close", "refusals_explained", "7.2.2")
def refusals_explained(act: Act) -> bool:
    """7.2.2 应向申请人说明理由: every refusal."""
    declined = [notice.unit for notice in notices(act.past) if notice.declined]
    return all(explained(act.past, unit) is not None for unit in declined)


# === 6.3: the registration form ==================================================================


@rule("file_registration_form", "visit_held", "6.3")
def visit_held(act: Act) -> bool:
    """6.3 在完成上门服务后。"""
    return visit(act.past) is not None


@rule("file_registration_form", "filed_once", "6.3")
def filed_once(act: Act) -> bool:
    """6.3, I-17: one form a case."""
    return last(act.past, "file_registration_form") is None


@rule("file_registration_form", "signed_by_every_unit", "6.3", "I-17")
def signed_by_every_unit(act: Act) -> bool:
    """附录 B 经办人员签字: staff of every unit that visited (I-17)."""
    return set(visited(act.past)) <= {signature.unit for signature in act.said.signatures}


@rule("file_registration_form", "form_whole", "6.3")
def form_whole(act: Act) -> bool:
    """附录 B: every field has a value, or is in ``blank`` with why."""
    has_value = table_b1(act)
    return all(has_value[field] or said(act.said.blank.get(field)) for field in TABLE_B1)


TABLE_B1 = (
    *("applicant", "phone", "reason", "applied_at", "appointed_at", "items", "address"),
    *("served_at", "item_contents", "lead_unit", "lead_phone", "lead_handlers"),
    *("assisting_units", "assisting_phones", "assisting_handlers"),
    *("summary", "handler_signatures", "recipient_opinion"),
)


def table_b1(act: Act) -> dict[str, bool]:
    """Table B.1, field by field: whether it has a value (or is blank by rule)."""
    past, application, form = act.past, act.past[0].said, act.said
    held, head = visit(past), lead(past)
    assisting = [unit for unit in visited(past) if unit != head]
    alone = held is not None and not assisting  # 协办窗口: blank by rule where none visited
    reached = {unit for unit in [head, *assisting] if unit and phone(act, unit)}
    return {
        "applicant": application.applicant is not None,
        "phone": application.applicant is not None and said(application.applicant.phone),
        "reason": said(application.reason),
        "applied_at": True,
        "appointed_at": appointed_start(past) is not None,
        "items": bool(items(past)),
        "address": said(application.address),
        "served_at": held is not None,
        "item_contents": held is not None and bool(held.said.results),
        "lead_unit": head is not None,
        "lead_phone": head in reached,
        "lead_handlers": head in visited(past),
        "assisting_units": bool(assisting) or alone,
        "assisting_phones": (bool(assisting) and set(assisting) <= reached) or alone,
        "assisting_handlers": bool(assisting) or alone,
        "summary": said(form.summary),
        "handler_signatures": bool(form.signatures),
        "recipient_opinion": said(form.recipient_opinion),
    }


def phone(act: Act, unit: str) -> bool:
    """附录 B 联系电话: of the staff named in the appointment, else of the directory."""
    told = any(said(member.phone) for member in appointed_staff(act.past) if member.unit == unit)
    return told or unit in act.telephones


# === 9: the file =================================================================================


@rule("archive", "archive_number_given", "9")
def archive_number_given(act: Act) -> bool:
    """9 一案一档: under a number."""
    return said(act.said.archive_number)


@rule("archive", "registration_form_filed", "6.3")
def registration_form_filed(act: Act) -> bool:
    """9 工作表单: where a visit was held, the form is filed (6.3)."""
    return visit(act.past) is None or last(act.past, "file_registration_form") is not None


# === 9, I-15: order and time, for every command ==================================================


@rule("*", "at_not_after_recorded", "9", "I-15")
def at_not_after_recorded(act: Act) -> bool:
    """I-15: nothing is entered before it happens."""
    return act.at <= act.recorded_at


@rule("*", "recorded_in_order", "9", "I-15")
def recorded_in_order(act: Act) -> bool:
    """I-15: the time of entry never runs backwards in a case."""
    return all(entry.recorded_at <= act.recorded_at for entry in act.past)


@rule("*", "at_not_before_cause", "9", "I-15")
def at_not_before_cause(act: Act) -> bool:
    """I-15: not before what made the act possible."""
    made_possible = cause(act)
    return made_possible is None or act.at >= made_possible


def cause(act: Act) -> dt.datetime | None:
    """When what made the act possible happened; None where nothing did."""
    past, name = act.past, act.said.name
    if name in ("acknowledge", "accept", "decline"):
        own = notice_of(past, act.unit)
        return None if own is None else own.issued.at
    if name == "explain_refusal":
        own = notice_of(past, act.said.unit)
        return None if own is None or own.reply is None or not own.declined else own.reply.at
    if name == "file_registration_form":
        return _at(visit(past))
    if name == "report_outcome":
        return _at(last(past, "give_one_time_notice"))
    if name == "deliver":
        report = None if act.said.item is None else outcome(past, act.said.item)
        return _at(report or visit(past))
    return latest_change(past)


def _at(entry: Any) -> dt.datetime | None:
    return None if entry is None else entry.at
