"""Ledgers as a centre would have them, made of histories that the library itself allowed.

``history`` plays one case, every act in time; ``row_of`` writes it as the row of an office's ledger,
``rows_of_units`` and ``rows_of_acts`` in the other two shapes. Everybody in them is invented.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from typing import Any, Final

from onsite_workflow import (
    DB4209_T_32_2023,
    SHANGHAI,
    Accept,
    Accepted,
    Actor,
    Applicant,
    Apply,
    Archive,
    Case,
    Close,
    Closed,
    Command,
    Decline,
    Declined,
    Deliver,
    Directory,
    ExplainRefusal,
    FileRegistrationForm,
    GiveOneTimeNotice,
    ItemResult,
    OutstandingItem,
    ReportOutcome,
    Role,
    Schedule,
    Serve,
    ServiceItem,
    Signature,
    SpecialGroup,
    StaffMember,
    Transfer,
    TransferNotice,
    Unit,
    UnitRole,
    Withdraw,
    Withdrawn,
    WorkingCalendar,
    decide,
    evolve,
)

CALENDAR: Final = WorkingCalendar.china()
EXPORTED: Final = dt.datetime(2026, 10, 31, 18, 0, tzinfo=SHANGHAI)

#: Units of an invented district, with what each handles.
UNITS: Final = {
    "云溪区残疾人联合会": ("A.5.2", "残疾人证换领"),
    "云溪区人力资源和社会保障局": ("A.12.1", "社会保障卡服务（申领）"),
    "云溪区医疗保障局": ("A.7.2", "城乡居民参保登记"),
    "云溪区住房公积金办事处": ("A.6.1", "离休、退休提取住房公积金"),
    "云溪区民政局": ("A.11.4", "特困人员认定"),
}
PEOPLE: Final = ("秦桂芳", "阮德全", "柏秀云", "邬长明", "谌玉珍", "仇立本")
WINDOW: Final = Actor(role=Role.INTEGRATED_WINDOW, name="柳文静")

KINDS: Final = (
    *("on_site",) * 8,
    *("later",) * 4,
    *("declined",) * 3,
    *("joint",) * 3,
    "partial",
    "withdrawn",
)


def _of(unit: str) -> Actor:
    return Actor(role=Role.HANDLING_UNIT, name="陈志远", unit=unit)


class Office:
    """Plays cases; every act is in time, within the hours of an office. ``late`` names what is not:
    reply, form, arrival, outcome."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.late: str | None = None

    def after_limit(self, day: dt.date, limit: int) -> dt.datetime:
        """A moment that is too late for a limit of so many working days from ``day``."""
        return self.clock(self.worked(day, limit) + dt.timedelta(days=self.random.randint(1, 9)))

    def clock(self, day: dt.date, low: int = 9, high: int = 17) -> dt.datetime:
        minutes = self.random.randrange(low * 60, high * 60)
        return dt.datetime.combine(day, dt.time(minutes // 60, minutes % 60), SHANGHAI)

    def worked(self, day: dt.date, n: int) -> dt.date:
        return CALENDAR.add_working_days(day, n).date

    def soon(self, moment: dt.datetime, most: int) -> dt.datetime:
        """Some time later, at most so many working days."""
        n = self.random.randint(0, most)
        if n == 0:
            return moment + dt.timedelta(minutes=self.random.randint(5, 120))
        return self.clock(self.worked(moment.date(), n))

    def history(self, number: int, kind: str | None = None, late: str | None = None) -> Case:
        self.late = late
        kind = kind or self.random.choice(KINDS)
        day = dt.date(2025, 1, 2) + dt.timedelta(days=self.random.randrange(580))
        lead, other = self.random.sample(list(UNITS), 2)
        units = [lead, other] if kind in ("joint", "partial") else [lead]
        self.case: Case | None = None
        self.id = f"YX-{number:05d}"
        now = self.clock(self.worked(day, 1), 9, 15)
        self.do(
            Apply(
                case=self.id,
                at=now,
                by=WINDOW,
                applicant=Applicant(name=self.random.choice(PEOPLE), phone="0712-2000301"),
                address="云溪区书院街道槐荫大道118号",
                ground=SpecialGroup.ELDERLY,
                reason="行动不便。",
                items=[ServiceItem(id=UNITS[unit][0]) for unit in units],
            )
        )
        if kind == "withdrawn":
            self.do(Withdraw(case=self.id, at=self.soon(now, 2), by=WINDOW, reason="家人代办。"))
            return self._archived(self._now())
        now += dt.timedelta(minutes=self.random.randint(10, 100))
        notices = [
            TransferNotice(
                number=f"云转〔{number}〕{n}",
                unit=unit,
                role=UnitRole.LEAD if n == 0 else UnitRole.ASSISTING,
                items=[UNITS[unit][0]],
            )
            for n, unit in enumerate(units)
        ]
        self.do(Transfer(case=self.id, at=now, by=WINDOW, notices=notices))
        self._replies(kind, units, now)
        if kind == "declined":
            return self._declined(lead)
        return self._visited(kind, lead, units[:1] if kind == "partial" else units)

    def _replies(self, kind: str, units: list[str], issued: dt.datetime) -> None:
        for n, unit in enumerate(units):
            declines = kind == "declined" or (kind == "partial" and n == 1)
            at = self.soon(issued, 1)
            if self.late == "reply" and n == 0:
                at = self.after_limit(issued.date(), 1)
            if declines:
                self.do(
                    Decline(
                        case=self.id,
                        at=at,
                        by=_of(unit),
                        reason="须到现场拍照。",
                        alternatives=["预约周六专窗。"],
                    )
                )
            else:
                self.do(Accept(case=self.id, at=at, by=_of(unit)))

    def _declined(self, lead: str) -> Case:
        self._explain(lead)
        self.do(Close(case=self.id, at=self.soon(self._now(), 1), by=WINDOW))
        return self._archived(self._now())

    def _explain(self, unit: str) -> None:
        at = self.soon(self._now(), 1)
        self.do(
            ExplainRefusal(
                case=self.id, at=at, by=_of(unit), unit=unit, channel="电话", explained_to="本人"
            )
        )

    def _visited(self, kind: str, lead: str, visiting: list[str]) -> Case:
        assert self.case is not None
        if kind == "partial":
            self._explain(next(n.unit for n in self.case.notices if n.declined))
        made = self.soon(max(self._now(), self.case.changed_at), 1)
        start = self.clock(self.worked(made.date(), self.random.randint(1, 4)), 9, 15)
        self.do(
            Schedule(
                case=self.id,
                at=made,
                by=_of(lead),
                start=start,
                place="云溪区书院街道槐荫大道118号",
                materials=["身份证"],
                staff=[StaffMember(name="陈志远", unit=u, phone="0712-2000399") for u in visiting],
            )
        )
        arrived = start - dt.timedelta(minutes=self.random.randint(0, 20))
        if self.late == "arrival":
            arrived = start + dt.timedelta(minutes=self.random.randint(1, 90))
        left = arrived + dt.timedelta(minutes=self.random.randint(25, 110))
        done = kind != "later"
        self.do(
            Serve(
                case=self.id,
                at=left,
                by=_of(lead),
                arrived_at=arrived,
                left_at=left,
                staff=[StaffMember(name="陈志远", unit=unit) for unit in visiting],
                forms_completed=True,
                results=[ItemResult(item=key, completed=done) for key in self.case.accepted_items],
            )
        )
        if not done:
            self.do(
                GiveOneTimeNotice(
                    case=self.id,
                    at=left + dt.timedelta(minutes=10),
                    by=_of(lead),
                    outstanding=[
                        OutstandingItem(
                            item=key, needed=["照片"], expected_by=self.worked(left.date(), 15)
                        )
                        for key in self.case.outstanding_items
                    ],
                )
            )
        filed = self.soon(left + dt.timedelta(minutes=15), 3)
        if self.late == "form":
            filed = self.after_limit(left.date(), 3)
        self.do(
            FileRegistrationForm(
                case=self.id,
                at=filed,
                by=_of(lead),
                summary="已上门。",
                signatures=[Signature(name="陈志远", unit=unit) for unit in visiting],
                recipient_opinion="满意。",
            )
        )
        if not done:
            self._finish_later(lead, filed)
        self.do(Close(case=self.id, at=self.soon(self._now(), 3), by=_of(lead)))
        return self._archived(self._now(), lead)

    def _finish_later(self, lead: str, filed: dt.datetime) -> None:
        assert self.case is not None
        told = self.clock(self.worked(filed.date(), self.random.randint(1, 8)))
        if self.late == "outcome":
            promised = (
                self.case.one_time_notice.outstanding[0].expected_by
                if self.case.one_time_notice
                else None
            )
            assert promised is not None
            told = self.clock(promised + dt.timedelta(days=self.random.randint(1, 9)))
        for key in self.case.promised_items:
            self.do(
                ReportOutcome(
                    case=self.id,
                    at=told,
                    by=_of(lead),
                    item=key,
                    outcome="已办结。",
                    channel="电话",
                    to_deliver=["证件"],
                )
            )
            self.do(
                Deliver(
                    case=self.id,
                    at=self.soon(told, 3),
                    by=_of(lead),
                    item=key,
                    materials=["证件"],
                    method="上门",
                    received_by="本人",
                )
            )

    def _archived(self, after: dt.datetime, lead: str | None = None) -> Case:
        self.do(
            Archive(
                case=self.id,
                at=self.soon(after, 10),
                by=WINDOW if lead is None else _of(lead),
                archive_number=f"云档{self.id[3:]}",
                keeper="周敏",
            )
        )
        assert self.case is not None
        return self.case

    def _now(self) -> dt.datetime:
        assert self.case is not None
        return self.case.history[-1].at

    def do(self, command: Command) -> None:
        recorded = command.at if self.case is None else max(command.at, self.case.recorded_at)
        decision = decide(
            self.case,
            command,
            recorded_at=recorded,
            regulation=DB4209_T_32_2023,
            calendar=CALENDAR,
            directory=_DIRECTORY,
        )
        assert self.late or decision.findings == ()
        (event,) = decision.events
        self.case = evolve(self.case, event)


_DIRECTORY: Final = Directory([Unit(name=name, phone="0712-2000300") for name in UNITS])


# --- a case as the row of an office's ledger ------------------------------------------------------

Row = dict[str, Any]

HEADER: Final = (
    "案号", "申请人", "联系电话", "详细地址", "申请原因", "对象类别", "申请时间", "上门服务事项",
    "转办单编号", "转办时间", "主办单位", "协办单位", "回复时间", "是否同意", "不同意理由", "其它办理途径",
    "协办回复时间", "协办是否同意", "协办不同意理由", "协办其它途径", "说明时间",
    "约定日", "约定服务时间", "约定地点", "所需资料", "到达时间", "离开时间", "到场单位", "当场办结",
    "一次性告知时间", "告知内容", "承诺日期", "告知办结时间", "待送材料", "送达时间", "签收人",
    "登记表提交时间", "办理概况", "群众意见", "签字单位", "结案时间", "撤回时间", "撤回理由", "归档时间", "档号",
)  # fmt: skip

MAPPING: Final = """
shape = "cases"

[columns]
case = "案号"
phone = "联系电话"
address = "详细地址"
reason = "申请原因"
ground = "对象类别"
applied_at = "申请时间"
items = "上门服务事项"
notice_number = "转办单编号"
transferred_at = "转办时间"
unit = "主办单位"
assisting_units = "协办单位"
replied_at = "回复时间"
reply = "是否同意"
decline_reason = "不同意理由"
alternatives = "其它办理途径"
assisting_replied_at = "协办回复时间"
assisting_reply = "协办是否同意"
assisting_decline_reason = "协办不同意理由"
assisting_alternatives = "协办其它途径"
explained_at = "说明时间"
scheduled_at = "约定日"
appointed_at = "约定服务时间"
place = "约定地点"
materials = "所需资料"
arrived_at = "到达时间"
left_at = "离开时间"
visiting_units = "到场单位"
completed = "当场办结"
notice_given_at = "一次性告知时间"
needed = "告知内容"
expected_by = "承诺日期"
outcome_reported_at = "告知办结时间"
to_deliver = "待送材料"
delivered_at = "送达时间"
received_by = "签收人"
form_filed_at = "登记表提交时间"
form_summary = "办理概况"
recipient_opinion = "群众意见"
signed_by = "签字单位"
closed_at = "结案时间"
withdrawn_at = "撤回时间"
withdraw_reason = "撤回理由"
archived_at = "归档时间"
archive_number = "档号"
"""


def _said(text: str | None) -> str:
    return text or ""


def row_of(case: Case) -> Row:
    """The case on one row; times stay datetimes, to be written in whatever way a test wants."""
    row: Row = dict.fromkeys(HEADER)
    application = case.application
    assert application.applicant is not None
    row |= {
        "案号": case.id,
        "申请人": application.applicant.name,
        "联系电话": application.applicant.phone,
        "详细地址": application.address,
        "申请原因": application.reason,
        "对象类别": "老",
        "申请时间": application.at,
        "上门服务事项": "、".join(_said(item.name) for item in case.items),
    }
    lead = case.lead_notice
    if lead is not None:
        others = [n for n in case.notices if n is not lead]
        row |= {"转办单编号": lead.number, "转办时间": lead.issued.at, "主办单位": lead.unit}
        row["协办单位"] = "、".join(n.unit for n in others)
        for notice, prefix in [(lead, ""), *((n, "协办") for n in others)]:
            reply = notice.reply
            if reply is None:
                continue
            row[f"{prefix}回复时间"] = reply.at
            row["协办是否同意" if prefix else "是否同意"] = (
                "同意" if isinstance(reply, Accepted) else "不同意"
            )
            if isinstance(reply, Declined):
                row[f"{prefix}不同意理由"] = reply.reason
                row["协办其它途径" if prefix else "其它办理途径"] = reply.alternatives[0]
            if notice.explained is not None:
                row["说明时间"] = notice.explained.at
    if case.bookings:
        booking = case.bookings[-1]
        row |= {
            "约定日": booking.made.at,
            "约定服务时间": booking.appointment.start,
            "约定地点": booking.appointment.place,
            "所需资料": "身份证",
        }
    if case.visit is not None:
        visit = case.visit
        row |= {
            "到达时间": visit.arrived_at,
            "离开时间": visit.left_at,
            "到场单位": "、".join(dict.fromkeys(m.unit for m in visit.staff)),
            "当场办结": "否" if case.outstanding_items else "是",
        }
    if case.one_time_notice is not None:
        line = case.one_time_notice.outstanding[0]
        row |= {
            "一次性告知时间": case.one_time_notice.at,
            "告知内容": line.needed[0],
            "承诺日期": line.expected_by,
        }
    if case.outcomes:
        row |= {"告知办结时间": case.outcomes[0].at, "待送材料": "证件"}
    if case.deliveries:
        row |= {"送达时间": case.deliveries[0].at, "签收人": "本人"}
    form = case.registration_form
    if form is not None:
        row |= {
            "登记表提交时间": form.at,
            "办理概况": form.summary,
            "群众意见": form.recipient_opinion,
            "签字单位": "、".join(s.unit for s in form.signatures),
        }
    if isinstance(case.closing, Closed):
        row["结案时间"] = case.closing.at
    if isinstance(case.closing, Withdrawn):
        row |= {"撤回时间": case.closing.at, "撤回理由": case.closing.reason}
    if case.archived is not None:
        row |= {"归档时间": case.archived.at, "档号": case.archived.archive_number}
    return row


def clean(count: int, seed: int = 1) -> list[tuple[Case, Row]]:
    """So many cases without a fault, each with its row."""
    office = Office(seed)
    cases = (office.history(number) for number in range(1, count + 1))
    return [(case, row_of(case)) for case in cases]


# --- cells as somebody writes them ----------------------------------------------------------------


def written(value: Any, style: int = 0) -> str:
    """A cell as text. The styles are those of different systems."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        local = value.astimezone(SHANGHAI)
        return (
            f"{local:%Y-%m-%d %H:%M}",
            f"{local.year}/{local.month}/{local.day} {local.hour}:{local.minute:02}",
            f"{local.year}年{local.month}月{local.day}日 {local.hour}时{local.minute}分",
            f"{local:%Y-%m-%dT%H:%M:%S+08:00}",
        )[style]
    if isinstance(value, dt.date):
        return (
            f"{value:%Y-%m-%d}",
            f"{value:%Y/%m/%d}",
            f"{value:%Y年%m月%d日}",
            f"{value:%Y%m%d}",
        )[style]
    return str(value)


def lines(rows: Iterable[Row], header: tuple[str, ...] = HEADER) -> list[list[Any]]:
    """The rows under their header."""
    return [list(header), *([row.get(name) for name in header] for row in rows)]


# --- the other two shapes -----------------------------------------------------------------------

ACT_HEADER: Final = (
    "案号", "环节", "时间", "登记时间", "单位", "身份", "通知书编号", "事项", "电话", "地址", "申请原因", "类别",
    "理由", "其它途径", "约定时间", "地点", "资料", "到达", "离开", "到场单位", "当场办结", "告知内容", "承诺日期",
    "待送材料", "签收人", "概况", "意见", "签字单位", "档号", "被改派单位", "说明方式", "说明对象", "原因", "事项依据",
)  # fmt: skip

ACT_MAPPING: Final = """
shape = "acts"

[columns]
case = "案号"
act = "环节"
at = "时间"
recorded_at = "登记时间"
unit = "单位"
role = "身份"
notice_number = "通知书编号"
items = "事项"
phone = "电话"
address = "地址"
reason = "申请原因"
ground = "类别"
decline_reason = "理由"
withdraw_reason = "理由"
reassign_reason = "理由"
reschedule_reason = "理由"
alternatives = "其它途径"
appointed_at = "约定时间"
place = "地点"
materials = "资料"
arrived_at = "到达"
left_at = "离开"
visiting_units = "到场单位"
completed = "当场办结"
needed = "告知内容"
expected_by = "承诺日期"
to_deliver = "待送材料"
received_by = "签收人"
form_summary = "概况"
recipient_opinion = "意见"
signed_by = "签字单位"
archive_number = "档号"
reassigned_from = "被改派单位"
explained_how = "说明方式"
explained_to = "说明对象"
failure_cause = "原因"
item_ground = "事项依据"

[words.act]
"申请" = "apply"
"转办" = "transfer"
"同意" = "accept"
"不同意" = "decline"
"说明" = "explain_refusal"
"约定" = "schedule"
"改约" = "reschedule"
"上门未果" = "report_failed_visit"
"上门" = "serve"
"一次性告知" = "give_one_time_notice"
"告知办结" = "report_outcome"
"送达" = "deliver"
"交表" = "file_registration_form"
"结案" = "close"
"撤回" = "withdraw"
"归档" = "archive"
"改派" = "reassign"
"签收" = "acknowledge"
"另定主办" = "designate_lead"
"""

_ACT_WORDS: Final = {
    "applied": "申请", "transferred": "转办", "accepted": "同意", "declined": "不同意",
    "refusal_explained": "说明", "scheduled": "约定", "rescheduled": "改约", "visit_failed": "上门未果",
    "served": "上门", "one_time_notice_given": "一次性告知", "outcome_reported": "告知办结",
    "delivered": "送达", "registration_form_filed": "交表", "closed": "结案", "withdrawn": "撤回",
    "archived": "归档", "reassigned": "改派", "acknowledged": "签收", "lead_designated": "另定主办",
}  # fmt: skip


def rows_of_acts(case: Case) -> list[Row]:
    """The case, one row an act; a transfer to two units is two rows."""
    rows: list[Row] = []
    for event in case.history:
        base: Row = {
            "案号": case.id,
            "环节": _ACT_WORDS[event.name],
            "时间": event.at,
            "登记时间": event.recorded_at,
            "单位": event.by.unit,
        }
        held: Any = event
        if event.name == "transferred":
            rows += (
                base
                | {
                    "单位": notice.unit,
                    "身份": notice.role.zh,
                    "通知书编号": notice.number,
                    "事项": "、".join(notice.items),
                }
                for notice in held.notices
            )
            continue
        if event.name == "served":
            for result in held.results:
                done = "是" if result.completed else "否"
                rows.append(base | _told(case, held) | {"事项": result.item, "当场办结": done})
            continue
        if event.name == "one_time_notice_given":
            for line in held.outstanding:
                told = {"事项": line.item, "告知内容": line.needed[0], "承诺日期": line.expected_by}
                rows.append(base | told)
            continue
        rows.append(base | _told(case, held))
    return rows


def _told(case: Case, event: Any) -> Row:
    match event.name:
        case "applied":
            return {
                "事项": "；".join(item.key for item in event.items),
                "电话": event.applicant.phone,
                "地址": event.address,
                "申请原因": event.reason,
                "类别": event.ground.zh,
                "事项依据": next((item.ground for item in event.items if item.ground), None),
            }
        case "declined":
            return {"理由": event.reason, "其它途径": "、".join(event.alternatives)}
        case "withdrawn":
            return {"理由": event.reason}
        case "reassigned":
            return {"理由": event.reason, "被改派单位": event.from_unit, "单位": event.notice.unit}
        case "lead_designated":
            return {"单位": event.unit}
        case "refusal_explained":
            return {"单位": event.unit, "说明方式": event.channel, "说明对象": "本人"}
        case "scheduled":
            return {
                "约定时间": event.start,
                "地点": event.place,
                "资料": "、".join(event.materials) or "无",
            }
        case "rescheduled":
            return {"约定时间": event.start, "理由": event.reason}
        case "visit_failed":
            return {"原因": event.cause.zh}
        case "served":
            return {
                "到达": event.arrived_at,
                "离开": event.left_at,
                "到场单位": "、".join(dict.fromkeys(m.unit for m in event.staff)),
            }
        case "outcome_reported":
            return {"事项": event.item, "待送材料": "、".join(event.to_deliver) or "无"}
        case "delivered":
            return {"事项": event.item, "签收人": "本人"}
        case "registration_form_filed":
            signed = "、".join(dict.fromkeys(s.unit for s in event.signatures))
            return {
                "概况": event.summary,
                "意见": event.recipient_opinion or "不愿填写",
                "签字单位": signed,
            }
        case "archived":
            return {"档号": event.archive_number}
    return {}


UNIT_HEADER: Final = (
    "案号", "申请时间", "联系电话", "详细地址", "申请原因", "对象类别", "单位", "身份", "事项", "编号", "转办时间",
    "回复时间", "是否同意", "不同意理由", "其它途径", "说明时间", "约定日", "约定服务时间", "到达时间", "离开时间",
    "是否到场", "当场办结", "一次性告知时间", "承诺日期", "告知办结时间", "登记表提交时间", "结案时间", "撤回时间", "归档时间",
)  # fmt: skip

UNIT_MAPPING: Final = """
shape = "units"

[columns]
case = "案号"
applied_at = "申请时间"
phone = "联系电话"
address = "详细地址"
reason = "申请原因"
ground = "对象类别"
unit = "单位"
role = "身份"
items = "事项"
notice_number = "编号"
transferred_at = "转办时间"
replied_at = "回复时间"
reply = "是否同意"
decline_reason = "不同意理由"
alternatives = "其它途径"
explained_at = "说明时间"
scheduled_at = "约定日"
appointed_at = "约定服务时间"
arrived_at = "到达时间"
left_at = "离开时间"
attended = "是否到场"
completed = "当场办结"
notice_given_at = "一次性告知时间"
expected_by = "承诺日期"
outcome_reported_at = "告知办结时间"
form_filed_at = "登记表提交时间"
closed_at = "结案时间"
withdrawn_at = "撤回时间"
archived_at = "归档时间"
"""


def rows_of_units(case: Case) -> list[Row]:
    """The case, one row a unit: what belongs to the case stands on the first row alone, as where
    cells are merged."""
    whole = row_of(case)
    shared: Row = {name: whole.get(name) for name in UNIT_HEADER if name in whole}
    if not case.notices:
        return [shared | {"事项": whole["上门服务事项"]}]
    rows: list[Row] = []
    for n, notice in enumerate(case.notices):
        row: Row = dict(shared) if n == 0 else {}
        for name in ("回复时间", "是否同意", "不同意理由", "说明时间"):
            row[name] = None
        reply = notice.reply
        assert reply is not None
        row |= {
            "单位": notice.unit,
            "身份": notice.role.zh,
            "事项": "、".join(notice.items),
            "编号": notice.number,
            "转办时间": notice.issued.at,
            "回复时间": reply.at,
            "是否同意": "同意" if notice.accepted else "不同意",
        }
        if isinstance(reply, Declined):
            row |= {"不同意理由": reply.reason, "其它途径": reply.alternatives[0]}
        if notice.explained is not None:
            row["说明时间"] = notice.explained.at
        if case.visit is not None and notice.accepted:
            row |= {"是否到场": "是", "当场办结": whole["当场办结"]}
        rows.append(row)
    return rows
