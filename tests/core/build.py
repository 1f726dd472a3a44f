"""Cases for the tests, made with the commands an office would give.

A command is made by the function of its name, with the data of an ordinary case; whatever matters
to a test is said there. Times may be texts, read in Shanghai: ``"2025-09-15 10:00"``. The ordinary
case is opened on Monday 15 September 2025, a week without holidays; everybody in it is invented.

``play`` puts commands to a case one after the other; ``after`` is a case at a milestone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, Final

from onsite_workflow import (
    DB4209_T_32_2023,
    SHANGHAI,
    Accept,
    Acknowledge,
    Actor,
    Applicant,
    Apply,
    Archive,
    Case,
    Cause,
    Close,
    Command,
    Correct,
    Decision,
    Decline,
    Deliver,
    DesignateLead,
    Directory,
    ExplainRefusal,
    FileRegistrationForm,
    Finding,
    GiveOneTimeNotice,
    ItemResult,
    Kind,
    Limit,
    LimitUnit,
    Obligation,
    OutstandingItem,
    Reassign,
    Refused,
    Regulation,
    ReplyClock,
    ReportFailedVisit,
    ReportOutcome,
    Reschedule,
    Role,
    Schedule,
    Serve,
    ServiceItem,
    Signature,
    SpecialGroup,
    StaffMember,
    Transfer,
    TransferNotice,
    UnitRole,
    Withdraw,
    WorkingCalendar,
    decide,
    evolve,
    obligations,
)

CALENDAR: Final = WorkingCalendar.china()
CASE: Final = "XN-2025-0915"

LEAD: Final = "孝南区残疾人联合会"
ASSISTING: Final = "孝南区人力资源和社会保障局"
THIRD: Final = "孝南区医疗保障局"
STRANGER: Final = "孝南区公汽公司"

RENEWAL: Final = "A.5.2"  # 残疾人证换领, the lead's
CARD: Final = "A.12.1"  # 社会保障卡服务（申领）, the assisting unit's
ENROLMENT: Final = "A.7.2"  # 城乡居民参保登记, the third unit's

APPLICANT: Final = Actor(role=Role.APPLICANT, name="王秀兰")
WINDOW: Final = Actor(role=Role.INTEGRATED_WINDOW, name="柳文静")


def of(unit: str) -> Actor:
    """Somebody of that handling unit."""
    return Actor(role=Role.HANDLING_UNIT, name="陈志远", unit=unit)


def at(text: str) -> dt.datetime:
    """That moment in Shanghai."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# --- an edition that no place has, to show that nothing is hard-wired ---------------------------

INVENTED: Final = Regulation(
    edition="DB0000/T 1—2024",
    title="试点上门服务规范",
    in_force_from=dt.date(2024, 1, 1),
    limits={
        Kind.TRANSFER: Limit(4, LimitUnit.HOURS),
        Kind.REPLY: Limit(2, LimitUnit.WORKING_DAYS),
        Kind.LEAD: Limit(1, LimitUnit.WORKING_DAYS),
        Kind.APPOINTMENT: Limit(5, LimitUnit.DAYS),
        Kind.EXPLANATION: Limit(24, LimitUnit.HOURS),
        Kind.FORM: Limit(5, LimitUnit.WORKING_DAYS),
        Kind.NOTICE: Limit(1, LimitUnit.DAYS),
        Kind.DELIVERY: Limit(10, LimitUnit.DAYS),
        Kind.ARCHIVE: Limit(30, LimitUnit.DAYS),
    },
    reply_clock=ReplyClock.RECEIPT,
    close_of_business=dt.time(17, 0),
)


# --- commands ------------------------------------------------------------------------------------

_TIMES: Final = ("at", "start", "end", "arrived_at", "left_at")


def _with(ordinary: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    fields = {"case": CASE, **ordinary, **changes}
    return {
        name: at(value) if name in _TIMES and isinstance(value, str) else value
        for name, value in fields.items()
    }


def item(key: str) -> ServiceItem:
    return ServiceItem(id=key)


def notice(
    unit: str, *items: str, role: UnitRole | None = None, number: str = ""
) -> TransferNotice:
    """A notice for ``unit``, which leads where it is ``LEAD``; its number is made of the name."""
    leads = UnitRole.LEAD if unit == LEAD else UnitRole.ASSISTING
    return TransferNotice(
        number=number or f"转〔2025〕{unit}", unit=unit, role=role or leads, items=items
    )


def staff(*units: str) -> tuple[StaffMember, ...]:
    """One of each unit, with a telephone."""
    return tuple(
        StaffMember(name=f"经办人{n}", unit=unit, phone=f"0712-200030{n}")
        for n, unit in enumerate(units, start=1)
    )


def apply(**changes: Any) -> Apply:
    ordinary = {
        "at": "2025-09-15 09:00",
        "by": WINDOW,
        "applicant": Applicant(name="王秀兰", phone="0712-2000301"),
        "address": "孝南区书院街道槐荫大道118号",
        "ground": SpecialGroup.DISABLED,
        "reason": "长期卧床，无法前往政务服务中心。",
        "items": (item(RENEWAL),),
    }
    return Apply(**_with(ordinary, changes))


def transfer(*notices: TransferNotice, **changes: Any) -> Transfer:
    given = notices or (notice(LEAD, RENEWAL),)
    ordinary = {"at": "2025-09-15 10:00", "by": WINDOW, "notices": given}
    return Transfer(**_with(ordinary, changes))


def reassign(from_unit: str | None = LEAD, **changes: Any) -> Reassign:
    ordinary = {
        "at": "2025-09-15 11:00",
        "by": WINDOW,
        "from_unit": from_unit,
        "notice": notice(THIRD, RENEWAL, role=UnitRole.LEAD),
        "reason": "不属该单位职责。",
    }
    return Reassign(**_with(ordinary, changes))


def acknowledge(unit: str = LEAD, **changes: Any) -> Acknowledge:
    return Acknowledge(**_with({"at": "2025-09-15 11:30", "by": of(unit)}, changes))


def accept(unit: str = LEAD, **changes: Any) -> Accept:
    return Accept(**_with({"at": "2025-09-15 14:00", "by": of(unit)}, changes))


def decline(unit: str = LEAD, **changes: Any) -> Decline:
    ordinary = {
        "at": "2025-09-15 14:00",
        "by": of(unit),
        "reason": "须到现场拍照。",
        "alternatives": ("预约周六专窗。",),
    }
    return Decline(**_with(ordinary, changes))


def designate_lead(unit: str | None = ASSISTING, **changes: Any) -> DesignateLead:
    return DesignateLead(**_with({"at": "2025-09-15 15:00", "by": WINDOW, "unit": unit}, changes))


def explain_refusal(unit: str | None = LEAD, **changes: Any) -> ExplainRefusal:
    ordinary = {
        "at": "2025-09-15 15:30",
        "by": of(unit or LEAD),
        "unit": unit,
        "channel": "电话",
        "explained_to": "王秀兰",
    }
    return ExplainRefusal(**_with(ordinary, changes))


def schedule(*units: str, **changes: Any) -> Schedule:
    visiting = units or (LEAD,)
    ordinary = {
        "at": "2025-09-15 16:00",
        "by": of(visiting[0]),
        "start": "2025-09-18 09:30",
        "place": "孝南区书院街道槐荫大道118号",
        "materials": ("身份证", "原残疾人证"),
        "staff": staff(*visiting),
    }
    return Schedule(**_with(ordinary, changes))


def reschedule(**changes: Any) -> Reschedule:
    ordinary = {
        "at": "2025-09-16 09:00",
        "by": APPLICANT,
        "reason": "当日须去医院。",
        "start": "2025-09-19 09:30",
    }
    return Reschedule(**_with(ordinary, changes))


def report_failed_visit(
    cause: Cause | None = Cause.APPLICANT_ABSENT, **changes: Any
) -> ReportFailedVisit:
    ordinary = {"at": "2025-09-18 10:00", "by": of(LEAD), "cause": cause}
    return ReportFailedVisit(**_with(ordinary, changes))


def serve(*units: str, **changes: Any) -> Serve:
    """The visit of these units; everything completed unless ``results`` say otherwise."""
    visiting = units or (LEAD,)
    done = {LEAD: RENEWAL, ASSISTING: CARD, THIRD: ENROLMENT, STRANGER: RENEWAL}
    ordinary = {
        "at": "2025-09-18 11:00",
        "by": of(visiting[0]),
        "arrived_at": "2025-09-18 09:25",
        "left_at": "2025-09-18 10:40",
        "staff": tuple(StaffMember(name=s.name, unit=s.unit) for s in staff(*visiting)),
        "forms_completed": True,
        "results": tuple(ItemResult(item=done[unit], completed=True) for unit in visiting),
    }
    return Serve(**_with(ordinary, changes))


def unfinished(*items: str) -> tuple[ItemResult, ...]:
    """Results of a visit that completed none of these."""
    return tuple(ItemResult(item=key, completed=False) for key in items or (RENEWAL,))


def give_one_time_notice(*items: str, **changes: Any) -> GiveOneTimeNotice:
    ordinary = {
        "at": "2025-09-18 11:30",
        "by": of(LEAD),
        "outstanding": tuple(
            OutstandingItem(item=key, needed=("近期免冠照片",)) for key in items or (RENEWAL,)
        ),
    }
    return GiveOneTimeNotice(**_with(ordinary, changes))


def report_outcome(key: str = RENEWAL, **changes: Any) -> ReportOutcome:
    ordinary = {
        "at": "2025-09-22 10:00",
        "by": of(LEAD),
        "item": key,
        "outcome": "已办结。",
        "channel": "电话",
    }
    return ReportOutcome(**_with(ordinary, changes))


def deliver(key: str | None = RENEWAL, **changes: Any) -> Deliver:
    ordinary = {
        "at": "2025-09-23 10:00",
        "by": of(LEAD),
        "item": key,
        "materials": ("残疾人证",),
        "method": "上门",
        "received_by": "王秀兰",
    }
    return Deliver(**_with(ordinary, changes))


def close(**changes: Any) -> Close:
    return Close(**_with({"at": "2025-09-24 10:00", "by": of(LEAD)}, changes))


def withdraw(**changes: Any) -> Withdraw:
    ordinary = {"at": "2025-09-15 17:00", "by": APPLICANT, "reason": "家人可以代办。"}
    return Withdraw(**_with(ordinary, changes))


def file_registration_form(*units: str, **changes: Any) -> FileRegistrationForm:
    visiting = units or (LEAD,)
    ordinary = {
        "at": "2025-09-19 09:00",
        "by": of(visiting[0]),
        "summary": "已办结。",
        "signatures": tuple(Signature(name=s.name, unit=s.unit) for s in staff(*visiting)),
        "recipient_opinion": "满意。",
    }
    return FileRegistrationForm(**_with(ordinary, changes))


def archive(**changes: Any) -> Archive:
    ordinary = {
        "at": "2025-09-25 10:00",
        "by": of(LEAD),
        "archive_number": "档〔2025〕0915",
        "keeper": "周敏",
    }
    return Archive(**_with(ordinary, changes))


def correct(entry: int | None, fields: Mapping[str, Any], **changes: Any) -> Correct:
    ordinary = {
        "at": "2025-09-25 09:00",
        "by": WINDOW,
        "entry": entry,
        "fields": fields,
        "reason": "笔误。",
    }
    return Correct(**_with(ordinary, changes))


# --- cases ---------------------------------------------------------------------------------------

Step = Command | tuple[Command, str]


def judged(
    case: Case | None,
    step: Step,
    *,
    regulation: Regulation = DB4209_T_32_2023,
    directory: Directory | None = None,
    existing: Collection[str] = (),
) -> Decision:
    """What ``decide`` says. A step is a command entered as it happened, or with when it was."""
    command, recorded_at = step if isinstance(step, tuple) else (step, None)
    return decide(
        case,
        command,
        recorded_at=command.at if recorded_at is None else at(recorded_at),
        regulation=regulation,
        calendar=CALENDAR,
        directory=Directory() if directory is None else directory,
        existing_cases=existing,
    )


def play(case: Case | None, *steps: Step, regulation: Regulation = DB4209_T_32_2023) -> Case:
    """``case`` after these steps, none of them refused."""
    for step in steps:
        (event,) = judged(case, step, regulation=regulation).events
        case = evolve(case, event)
    assert case is not None
    return case


def opened(*items: str, **changes: Any) -> Case:
    """A case just applied for."""
    return play(None, apply(items=tuple(item(key) for key in items or (RENEWAL,)), **changes))


def joint() -> Case:
    """A case of two items, each handed to a unit of its own; nobody has replied."""
    notices = (notice(LEAD, RENEWAL), notice(ASSISTING, CARD))
    return play(opened(RENEWAL, CARD), transfer(*notices))


#: The ordinary case, entry by entry: one unit, one item, completed on site.
ORDINARY: Final = (
    apply(),
    transfer(),
    accept(),
    schedule(),
    serve(),
    file_registration_form(),
    close(),
    archive(),
)

#: The other one: nothing could be completed on site (7.4).
FINISHED_LATER: Final = (
    *ORDINARY[:4],
    serve(results=unfinished(), forms_completed=False),
    give_one_time_notice(),
    file_registration_form(),
    report_outcome(to_deliver=("残疾人证",)),
    deliver(),
    close(),
    archive(),
)


def after(command: type[Command], steps: tuple[Command, ...] = ORDINARY) -> Case:
    """The case of ``steps`` up to and including its first ``command``."""
    last = next(n for n, step in enumerate(steps, start=1) if isinstance(step, command))
    return play(None, *steps[:last])


def rules(refused: Refused) -> list[str]:
    """The names of the unmet rules."""
    return [violation.rule for violation in refused.violations]


# --- what is owed ---------------------------------------------------------------------------------


def owed(
    case: Case,
    kind: Kind,
    as_of: str,
    *,
    regulation: Regulation = DB4209_T_32_2023,
    subject: str | None = None,
) -> Obligation:
    """The last obligation of that kind (and subject), as of that moment."""
    return all_owed(case, kind, as_of, regulation=regulation, subject=subject)[-1]


def all_owed(
    case: Case,
    kind: Kind,
    as_of: str,
    *,
    regulation: Regulation = DB4209_T_32_2023,
    subject: str | None = None,
) -> list[Obligation]:
    found = obligations(case, regulation=regulation, calendar=CALENDAR, as_of=at(as_of))
    return [
        obligation
        for obligation in found
        if obligation.kind is kind and subject in (None, obligation.subject)
    ]


def seen(case: Case, step: Step, *, regulation: Regulation = DB4209_T_32_2023) -> list[Finding]:
    """What is found in one move."""
    return list(judged(case, step, regulation=regulation).findings)
