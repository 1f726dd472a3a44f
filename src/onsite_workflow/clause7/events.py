"""What has happened to a case: the twenty events, past tense, in clause order.

An event keeps its command's fields. Events are made by ``decide`` from checked commands, or read
back by ``wire.reading``; they repeat no check.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, TypeAlias

from attrs import field, frozen

from onsite_workflow.checks import as_fields
from onsite_workflow.engine.record import AnyEvent
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
    State,
    TransferNotice,
    as_reasons,
)

__all__ = [
    "Accepted",
    "Acknowledged",
    "Applied",
    "Archived",
    "CaseEvent",
    "Closed",
    "Corrected",
    "Declined",
    "Delivered",
    "Event",
    "LeadDesignated",
    "OneTimeNoticeGiven",
    "OutcomeReported",
    "Reassigned",
    "RefusalExplained",
    "RegistrationFormFiled",
    "Rescheduled",
    "Scheduled",
    "Served",
    "Transferred",
    "VisitFailed",
    "Withdrawn",
]


@frozen(kw_only=True, repr=False, eq=False)
class Event(AnyEvent):
    """The envelope of an entry of a case."""

    procedure: ClassVar[str] = "case"

    case: str
    by: Actor
    state: State

    @property
    def key(self) -> str:
        """What stores keep the case under: its id."""
        return self.case


@frozen(kw_only=True, repr=False, eq=False)
class Applied(Event):
    """7.1 申请人向综合窗口提出申请。"""

    name: ClassVar[str] = "applied"

    applicant: Applicant | None = None
    recipient: Recipient | None = None
    address: str | None = field(default=None, repr=False)
    ground: SpecialGroup | None = field(default=None, repr=False)
    circumstances: str | None = field(default=None, repr=False)
    reason: str | None = field(default=None, repr=False)
    items: tuple[ServiceItem, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    follows: str | None = None


@frozen(kw_only=True, repr=False, eq=False)
class Transferred(Event):
    """7.2 综合窗口向经办窗口单位签发转办通知书。"""

    name: ClassVar[str] = "transferred"

    notices: tuple[TransferNotice, ...] = ()


@frozen(kw_only=True, repr=False, eq=False)
class Reassigned(Event):
    """7.2 综合窗口改派给另一个单位。"""

    name: ClassVar[str] = "reassigned"

    from_unit: str | None = None
    notice: TransferNotice | None = None
    reason: str | None = field(default=None, repr=False)


@frozen(kw_only=True, repr=False, eq=False)
class Acknowledged(Event):
    """7.2 经办窗口单位签收转办通知书。"""

    name: ClassVar[str] = "acknowledged"


@frozen(kw_only=True, repr=False, eq=False)
class Accepted(Event):
    """7.2 经办窗口单位回复同意上门服务。"""

    name: ClassVar[str] = "accepted"


@frozen(kw_only=True, repr=False, eq=False)
class Declined(Event):
    """7.2.2 经办窗口单位回复不同意上门服务。"""

    name: ClassVar[str] = "declined"

    reason: str | None = field(default=None, repr=False)
    alternatives: tuple[str, ...] = field(default=(), repr=False)


@frozen(kw_only=True, repr=False, eq=False)
class LeadDesignated(Event):
    """7.2.3 综合窗口另定主办窗口。"""

    name: ClassVar[str] = "lead_designated"

    unit: str | None = None


@frozen(kw_only=True, repr=False, eq=False)
class RefusalExplained(Event):
    """7.2.2 向申请人说明不同意的理由和其它办理方法和途径。"""

    name: ClassVar[str] = "refusal_explained"

    unit: str | None = None
    channel: str | None = field(default=None, repr=False)
    explained_to: str | None = field(default=None, repr=False)


@frozen(kw_only=True, repr=False, eq=False)
class Scheduled(Event):
    """7.2.1 向申请人约定服务时间、地点，说明相关资料。"""

    name: ClassVar[str] = "scheduled"

    start: dt.datetime | None = None
    end: dt.datetime | None = None
    place: str | None = field(default=None, repr=False)
    materials: tuple[str, ...] | None = field(default=None, repr=False)
    staff: tuple[StaffMember, ...] = field(default=(), repr=False)


@frozen(kw_only=True, repr=False, eq=False)
class Rescheduled(Event):
    """7.2.1 改约；未写的各项保持不变。"""

    name: ClassVar[str] = "rescheduled"

    reason: str | None = field(default=None, repr=False)
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    place: str | None = field(default=None, repr=False)
    materials: tuple[str, ...] | None = field(default=None, repr=False)
    staff: tuple[StaffMember, ...] | None = field(default=None, repr=False)


@frozen(kw_only=True, repr=False, eq=False)
class VisitFailed(Event):
    """7.3 上门未果（I-9）。"""

    name: ClassVar[str] = "visit_failed"

    cause: Cause | None = None
    note: str | None = field(default=None, repr=False)


@frozen(kw_only=True, repr=False, eq=False)
class Served(Event):
    """7.3 上门为申请人办理服务事项。"""

    name: ClassVar[str] = "served"

    arrived_at: dt.datetime | None = None
    left_at: dt.datetime | None = None
    staff: tuple[StaffMember, ...] = field(default=(), repr=False)
    forms_completed: bool | None = None
    results: tuple[ItemResult, ...] = ()


@frozen(kw_only=True, repr=False, eq=False)
class OneTimeNoticeGiven(Event):
    """7.4 对申请人履行一次性告知义务。"""

    name: ClassVar[str] = "one_time_notice_given"

    outstanding: tuple[OutstandingItem, ...] = ()


@frozen(kw_only=True, repr=False, eq=False)
class OutcomeReported(Event):
    """7.4 事后告知办结情况。"""

    name: ClassVar[str] = "outcome_reported"

    item: str | None = None
    outcome: str | None = field(default=None, repr=False)
    channel: str = field(repr=False)
    to_deliver: tuple[str, ...] = field(default=(), repr=False)


@frozen(kw_only=True, repr=False, eq=False)
class Delivered(Event):
    """7.4 及时送达相关材料。"""

    name: ClassVar[str] = "delivered"

    item: str | None = None
    materials: tuple[str, ...] = field(default=(), repr=False)
    method: str = field(repr=False)
    received_by: str | None = field(default=None, repr=False)


@frozen(kw_only=True, repr=False, eq=False)
class Closed(Event):
    """7.3 结案。"""

    name: ClassVar[str] = "closed"

    summary: str | None = field(default=None, repr=False)


@frozen(kw_only=True, repr=False, eq=False)
class Withdrawn(Event):
    """7.1 申请人撤回申请（I-8）。"""

    name: ClassVar[str] = "withdrawn"

    reason: str | None = field(default=None, repr=False)


@frozen(kw_only=True, repr=False, eq=False)
class RegistrationFormFiled(Event):
    """6.3 将服务登记表交综合窗口。"""

    name: ClassVar[str] = "registration_form_filed"

    summary: str | None = field(default=None, repr=False)
    signatures: tuple[Signature, ...] = field(default=(), repr=False)
    recipient_opinion: str | None = field(default=None, repr=False)
    blank: Mapping[str, str] = field(factory=dict, repr=False, converter=as_reasons)


@frozen(kw_only=True, repr=False, eq=False)
class Archived(Event):
    """9 一案一档，整理、归档。"""

    name: ClassVar[str] = "archived"

    archive_number: str | None = None
    keeper: str = field(repr=False)


@frozen(kw_only=True, repr=False, eq=False)
class Corrected(Event):
    """9 更正（I-6）：原记录不抹去。"""

    corrects: ClassVar[bool] = True
    name: ClassVar[str] = "corrected"

    entry: int | None = None
    fields: Mapping[str, Any] = field(factory=dict, repr=False, converter=as_fields)
    reason: str | None = field(default=None, repr=False)


#: Every entry of a case: what ``match`` can exhaust.
CaseEvent: TypeAlias = (
    Applied
    | Transferred
    | Reassigned
    | Acknowledged
    | Accepted
    | Declined
    | LeadDesignated
    | RefusalExplained
    | Scheduled
    | Rescheduled
    | VisitFailed
    | Served
    | OneTimeNoticeGiven
    | OutcomeReported
    | Delivered
    | Closed
    | Withdrawn
    | RegistrationFormFiled
    | Archived
    | Corrected
)
