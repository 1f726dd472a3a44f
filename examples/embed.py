"""Embed the workflow: one case opened, handed on and refused, in ten lines. People are invented."""

import datetime as dt

import onsite_workflow as ow

desk = ow.Actor(role=ow.Role.INTEGRATED_WINDOW, name="柳文静")
unit = ow.Actor(role=ow.Role.HANDLING_UNIT, name="陈志远", unit="孝南区残疾人联合会")
monday = dt.datetime(2026, 3, 2, 9, 0, tzinfo=ow.SHANGHAI)
office = ow.Workflow(ow.MemoryStore(), clock=lambda: monday + dt.timedelta(days=1))

office.handle(
    ow.Apply(
        case="XN-1",
        at=monday,
        by=desk,
        applicant=ow.Applicant(name="王秀兰", phone="0712-2000301"),
        address="孝南区书院街道槐荫大道118号",
        ground=ow.SpecialGroup.DISABLED,
        reason="长期卧床，无法前往政务服务中心。",
        items=[ow.ServiceItem(id="A.5.2")],
    )
)
notice = ow.TransferNotice(
    number="1号", unit="孝南区残疾人联合会", role=ow.UnitRole.LEAD, items=["A.5.2"]
)
office.handle(ow.Transfer(case="XN-1", at=monday, by=desk, notices=[notice]))
for owed in office.obligations("XN-1"):
    print(owed.clause, ow.Kind(owed.kind).zh, owed.bearer, owed.due_day, owed.status)
try:
    office.handle(ow.Decline(case="XN-1", at=monday, by=unit, reason="材料不全"))
except ow.Refused as refused:
    for violation in refused.violations:
        print(
            f"第{violation.clause}条：{violation.zh}{violation.remedy.zh if violation.remedy else ''}"
        )
