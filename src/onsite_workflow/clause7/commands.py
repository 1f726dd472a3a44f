"""What somebody asks to happen to a case: the twenty commands, imperative, in clause order.

A field that a guard of clause 7 asks for may be left out here (None or empty) and is then refused
by that guard, with its clause. A field without a default has no guard and must be given.
Times are aware datetimes. The shapes are those of the journal's wire form, name for name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from attrs import field, frozen

from onsite_workflow.checks import (
    Check,
    as_fields,
    as_optional_texts,
    as_texts,
    check_bool,
    check_count,
    check_given_name,
    check_key,
    check_mapping,
    check_moment,
    check_name,
    check_text,
    checked,
    each,
    if_given,
    of_type,
)
from onsite_workflow.engine.record import AnyCommand
from onsite_workflow.errors import InvalidInput
from onsite_workflow.terms import (
    Actor,
    Applicant,
    Cause,
    Evidence,
    ItemResult,
    OutstandingItem,
    Recipient,
    ServiceItem,
    Signature,
    SpecialGroup,
    StaffMember,
    TransferNotice,
    as_evidence,
    as_items,
    as_notices,
    as_optional_staff,
    as_outstanding,
    as_reasons,
    as_results,
    as_signatures,
    as_staff,
)

__all__ = [
    "Accept",
    "Acknowledge",
    "Apply",
    "Archive",
    "Close",
    "Command",
    "Correct",
    "Decline",
    "Deliver",
    "DesignateLead",
    "ExplainRefusal",
    "FileRegistrationForm",
    "GiveOneTimeNotice",
    "Reassign",
    "ReportFailedVisit",
    "ReportOutcome",
    "Reschedule",
    "Schedule",
    "Serve",
    "Transfer",
    "Withdraw",
]

#: Marks a field that the wire form may leave out and a correction may remove.
OPTIONAL: Final[Mapping[str, bool]] = {"optional": True}


def told(check: Check, *, optional: bool = False, private: bool = True) -> Any:
    """A field that may be left out, since a guard asks for it, or nobody (``optional``).
    ``private`` keeps it out of ``repr``: it may hold people's data."""
    metadata = OPTIONAL if optional else None
    return field(default=None, repr=not private, metadata=metadata, validator=if_given(check))


@frozen(kw_only=True, repr=False, eq=False)
class Command(AnyCommand):
    """The envelope: which case (1–64 of letters, digits, ``-_.``), when it happened, who.

    ``id`` is the idempotency key, unique in a store.
    """

    procedure: ClassVar[str] = "case"

    case: str = field(validator=checked(check_key))
    by: Actor = field(validator=checked(of_type(Actor)))

    @property
    def key(self) -> str:
        """What stores keep the case under: its id."""
        return self.case


def check_attendant(name: str, value: object) -> None:
    of_type(StaffMember)(name, value)
    if isinstance(value, StaffMember) and value.phone is not None:
        raise InvalidInput.of(
            f"{name}.phone",
            "unknown_field",
            "此处没有这一项；电话在约定时登记。",
            "is not a field here; telephones are recorded with the appointment.",
        )


@frozen(kw_only=True, repr=False, eq=False)
class Apply(Command):
    """7.1 申请人向综合窗口提出申请。"""

    name: ClassVar[str] = "apply"
    zh: ClassVar[str] = "申请人向综合窗口提出申请"

    applicant: Applicant | None = told(of_type(Applicant), private=False)
    recipient: Recipient | None = told(of_type(Recipient), optional=True, private=False)
    address: str | None = told(check_text)
    ground: SpecialGroup | None = told(of_type(SpecialGroup))
    circumstances: str | None = told(check_text, optional=True)
    reason: str | None = told(check_text)
    items: tuple[ServiceItem, ...] = field(
        default=(), converter=as_items, validator=checked(each(of_type(ServiceItem)))
    )
    evidence: tuple[Evidence, ...] = field(
        metadata=OPTIONAL,
        default=(),
        converter=as_evidence,
        validator=checked(each(of_type(Evidence))),
    )
    follows: str | None = told(check_key, optional=True, private=False)


@frozen(kw_only=True, repr=False, eq=False)
class Transfer(Command):
    """7.2 综合窗口向经办窗口单位签发转办通知书。"""

    name: ClassVar[str] = "transfer"
    zh: ClassVar[str] = "综合窗口向经办窗口单位签发转办通知书"

    notices: tuple[TransferNotice, ...] = field(
        default=(), converter=as_notices, validator=checked(each(of_type(TransferNotice)))
    )


@frozen(kw_only=True, repr=False, eq=False)
class Reassign(Command):
    """7.2 综合窗口改派给另一个单位。"""

    name: ClassVar[str] = "reassign"
    zh: ClassVar[str] = "综合窗口改派给另一个单位"

    from_unit: str | None = told(check_name, private=False)
    notice: TransferNotice | None = told(of_type(TransferNotice), private=False)
    reason: str | None = told(check_text)


@frozen(kw_only=True, repr=False, eq=False)
class Acknowledge(Command):
    """7.2 经办窗口单位签收转办通知书。"""

    name: ClassVar[str] = "acknowledge"
    zh: ClassVar[str] = "经办窗口单位签收转办通知书"


@frozen(kw_only=True, repr=False, eq=False)
class Accept(Command):
    """7.2 经办窗口单位回复同意上门服务。"""

    name: ClassVar[str] = "accept"
    zh: ClassVar[str] = "经办窗口单位回复同意上门服务"


@frozen(kw_only=True, repr=False, eq=False)
class Decline(Command):
    """7.2.2 经办窗口单位回复不同意上门服务。"""

    name: ClassVar[str] = "decline"
    zh: ClassVar[str] = "经办窗口单位回复不同意上门服务"

    reason: str | None = told(check_text)
    alternatives: tuple[str, ...] = field(
        default=(), repr=False, converter=as_texts, validator=checked(each(check_text))
    )


@frozen(kw_only=True, repr=False, eq=False)
class DesignateLead(Command):
    """7.2.3 综合窗口另定主办窗口。"""

    name: ClassVar[str] = "designate_lead"
    zh: ClassVar[str] = "综合窗口另定主办窗口"

    unit: str | None = told(check_name, private=False)


@frozen(kw_only=True, repr=False, eq=False)
class ExplainRefusal(Command):
    """7.2.2 向申请人说明不同意的理由和其它办理方法和途径。"""

    name: ClassVar[str] = "explain_refusal"
    zh: ClassVar[str] = "向申请人说明不同意的理由和其它办理方法和途径"

    unit: str | None = told(check_name, private=False)
    channel: str | None = told(check_name)
    explained_to: str | None = told(check_name)


@frozen(kw_only=True, repr=False, eq=False)
class Schedule(Command):
    """7.2.1 向申请人约定服务时间、地点，说明相关资料。"""

    name: ClassVar[str] = "schedule"
    zh: ClassVar[str] = "向申请人约定服务时间、地点，说明相关资料"

    start: dt.datetime | None = told(check_moment, private=False)
    end: dt.datetime | None = told(check_moment, optional=True, private=False)
    place: str | None = told(check_text)
    materials: tuple[str, ...] | None = field(
        default=None, repr=False, converter=as_optional_texts, validator=if_given(each(check_text))
    )
    staff: tuple[StaffMember, ...] = field(
        default=(), repr=False, converter=as_staff, validator=checked(each(of_type(StaffMember)))
    )


@frozen(kw_only=True, repr=False, eq=False)
class Reschedule(Command):
    """7.2.1 改约；未写的各项保持不变。"""

    name: ClassVar[str] = "reschedule"
    zh: ClassVar[str] = "改约服务时间"

    reason: str | None = told(check_text)
    start: dt.datetime | None = told(check_moment, private=False)
    end: dt.datetime | None = told(check_moment, optional=True, private=False)
    place: str | None = told(check_text, optional=True)
    materials: tuple[str, ...] | None = field(
        metadata=OPTIONAL,
        default=None,
        repr=False,
        converter=as_optional_texts,
        validator=if_given(each(check_text)),
    )
    staff: tuple[StaffMember, ...] | None = field(
        metadata=OPTIONAL,
        default=None,
        repr=False,
        converter=as_optional_staff,
        validator=if_given(each(of_type(StaffMember))),
    )


@frozen(kw_only=True, repr=False, eq=False)
class ReportFailedVisit(Command):
    """7.3 上门未果（I-9）。"""

    name: ClassVar[str] = "report_failed_visit"
    zh: ClassVar[str] = "登记上门未果"

    cause: Cause | None = told(of_type(Cause), private=False)
    note: str | None = told(check_text, optional=True)


@frozen(kw_only=True, repr=False, eq=False)
class Serve(Command):
    """7.3 上门为申请人办理服务事项。"""

    name: ClassVar[str] = "serve"
    zh: ClassVar[str] = "上门为申请人办理服务事项"

    arrived_at: dt.datetime | None = told(check_moment, private=False)
    left_at: dt.datetime | None = told(check_moment, private=False)
    staff: tuple[StaffMember, ...] = field(
        default=(), repr=False, converter=as_staff, validator=checked(each(check_attendant))
    )
    forms_completed: bool | None = told(check_bool, private=False)
    results: tuple[ItemResult, ...] = field(
        default=(), converter=as_results, validator=checked(each(of_type(ItemResult)))
    )


@frozen(kw_only=True, repr=False, eq=False)
class GiveOneTimeNotice(Command):
    """7.4 对申请人履行一次性告知义务。"""

    name: ClassVar[str] = "give_one_time_notice"
    zh: ClassVar[str] = "对申请人履行一次性告知义务"

    outstanding: tuple[OutstandingItem, ...] = field(
        default=(), converter=as_outstanding, validator=checked(each(of_type(OutstandingItem)))
    )


@frozen(kw_only=True, repr=False, eq=False)
class ReportOutcome(Command):
    """7.4 事后告知办结情况。"""

    name: ClassVar[str] = "report_outcome"
    zh: ClassVar[str] = "事后告知办结情况"

    item: str | None = told(check_name, private=False)
    outcome: str | None = told(check_text)
    channel: str = field(repr=False, validator=checked(check_given_name))
    to_deliver: tuple[str, ...] = field(
        metadata=OPTIONAL,
        default=(),
        repr=False,
        converter=as_texts,
        validator=checked(each(check_text)),
    )


@frozen(kw_only=True, repr=False, eq=False)
class Deliver(Command):
    """7.4 及时送达相关材料。"""

    name: ClassVar[str] = "deliver"
    zh: ClassVar[str] = "及时送达相关材料"

    item: str | None = told(check_name, optional=True, private=False)
    materials: tuple[str, ...] = field(
        default=(), repr=False, converter=as_texts, validator=checked(each(check_text))
    )
    method: str = field(repr=False, validator=checked(check_given_name))
    received_by: str | None = told(check_name)


@frozen(kw_only=True, repr=False, eq=False)
class Close(Command):
    """7.3 结案。"""

    name: ClassVar[str] = "close"
    zh: ClassVar[str] = "结案"

    summary: str | None = told(check_text, optional=True)


@frozen(kw_only=True, repr=False, eq=False)
class Withdraw(Command):
    """7.1 申请人撤回申请（I-8）。"""

    name: ClassVar[str] = "withdraw"
    zh: ClassVar[str] = "撤回申请"

    reason: str | None = told(check_text)


@frozen(kw_only=True, repr=False, eq=False)
class FileRegistrationForm(Command):
    """6.3 将服务登记表交综合窗口。"""

    name: ClassVar[str] = "file_registration_form"
    zh: ClassVar[str] = "将服务登记表交综合窗口"

    summary: str | None = told(check_text)
    signatures: tuple[Signature, ...] = field(
        default=(), repr=False, converter=as_signatures, validator=checked(each(of_type(Signature)))
    )
    recipient_opinion: str | None = told(check_text)
    blank: Mapping[str, str] = field(
        metadata=OPTIONAL,
        factory=dict,
        repr=False,
        converter=as_reasons,
        validator=checked(check_mapping(check_text)),
    )


@frozen(kw_only=True, repr=False, eq=False)
class Archive(Command):
    """9 一案一档，整理、归档。"""

    name: ClassVar[str] = "archive"
    zh: ClassVar[str] = "归档"

    archive_number: str | None = told(check_name, private=False)
    keeper: str = field(repr=False, validator=checked(check_given_name))


@frozen(kw_only=True, repr=False, eq=False)
class Correct(Command):
    """9 更正（I-6）：原记录不抹去。"""

    corrects: ClassVar[bool] = True
    name: ClassVar[str] = "correct"
    zh: ClassVar[str] = "更正记录"

    entry: int | None = told(check_count, private=False)
    fields: Mapping[str, Any] = field(
        factory=dict, repr=False, converter=as_fields, validator=checked(check_mapping())
    )
    reason: str | None = told(check_text)
