"""The words of the standard as values: people, units, items, appointments.

Everything here is frozen and checked when it is made. What a guard of clause 7 asks for may be
absent (None or empty) and is judged by that guard.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from attrs import field, frozen

from .checks import (
    Discreet,
    Word,
    as_mapping,
    as_texts,
    as_tuple,
    check_bool,
    check_day,
    check_given_name,
    check_id_number,
    check_name,
    check_phone,
    check_sha256,
    check_text,
    checked,
    each,
    if_given,
    of_type,
)
from .engine.record import AnyActor, check_role
from .errors import InvalidInput

__all__ = [
    "Actor",
    "Applicant",
    "Appointment",
    "Cause",
    "Evidence",
    "ItemResult",
    "OutstandingItem",
    "Recipient",
    "Result",
    "Role",
    "ServiceItem",
    "Signature",
    "SpecialGroup",
    "StaffMember",
    "State",
    "TransferNotice",
    "UnitRole",
]

# --- enumerations -----------------------------------------------------------------------------


class State(Word):
    """The milestones a case reaches. ``NONE`` is before the application: no case yet."""

    NONE = "none", "未申请"
    APPLIED = "applied", "已申请"
    TRANSFERRED = "transferred", "已转办"
    ACCEPTED = "accepted", "已同意上门服务"
    DECLINED = "declined", "不同意上门服务"
    SCHEDULED = "scheduled", "已约定"
    SERVED = "served", "已上门服务"
    PENDING_NOTICE = "pending_notice", "已一次性告知，待办结"
    CLOSED = "closed", "已结案"
    ARCHIVED = "archived", "已归档"


class Result(Word):
    """Why a case ended; None before it is closed."""

    COMPLETED_ON_SITE = "completed_on_site", "当场办结"
    COMPLETED_LATER = "completed_later", "事后办结"
    DECLINED = "declined", "不同意上门服务"
    WITHDRAWN = "withdrawn", "撤回申请"


class Role(Word):
    """Who acts."""

    APPLICANT = "applicant", "申请人"
    INTEGRATED_WINDOW = "integrated_window", "综合窗口"
    HANDLING_UNIT = "handling_unit", "经办窗口单位"


class UnitRole(Word):
    """7.2.3: 主办窗口 or 协办窗口."""

    LEAD = "lead", "主办窗口"
    ASSISTING = "assisting", "协办窗口"


class SpecialGroup(Word):
    """The ground of clause 4: 特殊群体 (3.2), or ``OTHER`` with the circumstances told (4.2)."""

    ELDERLY = "elderly", "老"
    FRAIL = "frail", "弱"
    ILL = "ill", "病"
    DISABLED = "disabled", "残"
    NOT_ONLINE = "not_online", "不会上网"
    NO_SMART_DEVICE = "no_smart_device", "不会使用智能设备"
    OTHER = "other", "其他特殊情况"


class Cause(Word):
    """Why a visit failed (7.3, I-9)."""

    APPLICANT_ABSENT = "applicant_absent", "申请人不在"
    APPLICANT_REFUSED = "applicant_refused", "申请人拒绝"
    STAFF_ABSENT = "staff_absent", "工作人员未到"
    UNSAFE = "unsafe", "不安全"
    SCHEDULED_IN_ERROR = "scheduled_in_error", "约定有误"
    OTHER = "other", "其他"


# --- values -----------------------------------------------------------------------------------
# ``repr=False`` marks people's data, and free text that may hold some.


@frozen(kw_only=True, repr=False)
class Actor(AnyActor):
    """Who does or enters an act. ``unit`` is required of a handling unit."""

    role: Role = field(validator=check_role(Role))

    def __attrs_post_init__(self) -> None:
        if self.role is Role.HANDLING_UNIT and self.unit is None:
            raise InvalidInput.of(
                "unit",
                "required",
                "经办窗口单位的人员须写明单位。",
                "is required of a handling unit.",
            )

    @property
    def acting_unit(self) -> str | None:
        """The unit this actor answers for: a handling unit's, else None."""
        return self.unit if self.role is Role.HANDLING_UNIT else None


@frozen(kw_only=True, repr=False)
class Applicant(Discreet):
    """申请人: who asks. A phone is what 7.1 calls 联络方式; its absence is judged there."""

    name: str = field(repr=False, validator=checked(check_given_name))
    phone: str | None = field(default=None, repr=False, validator=if_given(check_phone))
    id_number: str | None = field(default=None, repr=False, validator=if_given(check_id_number))


@frozen(kw_only=True, repr=False)
class Recipient(Discreet):
    """服务对象, where somebody else applies for them. ``relation``: theirs to the applicant."""

    name: str = field(repr=False, validator=checked(check_given_name))
    relation: str = field(repr=False, validator=checked(check_given_name))
    phone: str | None = field(default=None, repr=False, validator=if_given(check_phone))


@frozen(kw_only=True, repr=False)
class Evidence(Discreet):
    """相关证件或证明 (7.1), by name; the bytes stay where they are."""

    name: str = field(repr=False, validator=checked(check_given_name))
    sha256: str | None = field(default=None, validator=if_given(check_sha256))
    uri: str | None = field(default=None, repr=False, validator=if_given(check_text))


@frozen(kw_only=True, repr=False)
class ServiceItem(Discreet):
    """One matter applied for: an item of Annex A (``id``), or claimed under 5.2 (name, ground)."""

    id: str | None = field(default=None, validator=if_given(check_given_name))
    name: str | None = field(default=None, validator=if_given(check_given_name))
    ground: str | None = field(default=None, repr=False, validator=if_given(check_text))

    def __attrs_post_init__(self) -> None:
        if self.id is None and self.name is None:
            raise InvalidInput.of(
                "id", "required", "事项须有编号或者名称。", "an item needs an id or a name."
            )

    @property
    def key(self) -> str:
        """What the rest of the case calls this item: its id, else its name."""
        return self.id if self.id is not None else self.name or ""


@frozen(kw_only=True, repr=False)
class TransferNotice(Discreet):
    """转办通知书 (Annex C): one a unit. ``items`` are keys of the case's items."""

    unit: str = field(validator=checked(check_given_name))
    role: UnitRole = field(validator=checked(of_type(UnitRole)))
    number: str | None = field(default=None, validator=if_given(check_name))
    items: tuple[str, ...] = field(
        default=(), converter=as_texts, validator=checked(each(check_given_name))
    )


@frozen(kw_only=True, repr=False)
class StaffMember(Discreet):
    """上门服务人员 / 经办人员."""

    name: str = field(repr=False, validator=checked(check_given_name))
    unit: str = field(validator=checked(check_given_name))
    phone: str | None = field(default=None, repr=False, validator=if_given(check_phone))


@frozen(kw_only=True, repr=False)
class Signature(Discreet):
    """经办人员签字 on the registration form."""

    name: str = field(repr=False, validator=checked(check_given_name))
    unit: str = field(validator=checked(check_given_name))


@frozen(kw_only=True, repr=False)
class ItemResult(Discreet):
    """What became of one item at the visit."""

    item: str = field(validator=checked(check_given_name))
    completed: bool = field(validator=checked(check_bool))
    note: str | None = field(default=None, repr=False, validator=if_given(check_text))


@frozen(kw_only=True, repr=False)
class OutstandingItem(Discreet):
    """One line of the one-time notice (7.4): what is missing, and the day promised, if any."""

    item: str = field(validator=checked(check_given_name))
    needed: tuple[str, ...] = field(
        default=(), repr=False, converter=as_texts, validator=checked(each(check_text))
    )
    expected_by: dt.date | None = field(default=None, validator=if_given(check_day))


@frozen(kw_only=True, repr=False)
class Appointment(Discreet):
    """约定服务时间、地点 (7.2.1). ``materials`` empty says that none are needed."""

    start: dt.datetime
    place: str = field(repr=False)
    materials: tuple[str, ...] = field(repr=False)
    staff: tuple[StaffMember, ...] = field(repr=False)
    end: dt.datetime | None = None


# --- lists of them, as the constructors take them: any iterable -----------------------------------


def as_items(value: Iterable[ServiceItem]) -> tuple[ServiceItem, ...]:
    """``as_tuple`` of those."""
    return as_tuple(value)


def as_evidence(value: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """``as_tuple`` of those."""
    return as_tuple(value)


def as_notices(value: Iterable[TransferNotice]) -> tuple[TransferNotice, ...]:
    """``as_tuple`` of those."""
    return as_tuple(value)


def as_staff(value: Iterable[StaffMember]) -> tuple[StaffMember, ...]:
    """``as_tuple`` of those."""
    return as_tuple(value)


def as_results(value: Iterable[ItemResult]) -> tuple[ItemResult, ...]:
    """``as_tuple`` of those."""
    return as_tuple(value)


def as_outstanding(value: Iterable[OutstandingItem]) -> tuple[OutstandingItem, ...]:
    """``as_tuple`` of those."""
    return as_tuple(value)


def as_signatures(value: Iterable[Signature]) -> tuple[Signature, ...]:
    """``as_tuple`` of those."""
    return as_tuple(value)


def as_optional_staff(value: Iterable[StaffMember] | None) -> tuple[StaffMember, ...] | None:
    """``as_tuple`` of staff, where absent and empty are two things."""
    return None if value is None else as_tuple(value)


def as_reasons(value: Mapping[str, str]) -> Mapping[str, str]:
    """A read-only copy."""
    return as_mapping(value)
