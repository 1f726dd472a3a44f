"""What clause 7 can limit, and the edition of Xiaogan."""

from __future__ import annotations

import datetime as dt
from typing import Final

from onsite_workflow.regulation import Limit, LimitUnit, ObligationKind, Regulation

__all__ = ["DB4209_T_32_2023", "Kind"]


class Kind(ObligationKind):
    """The eleven kinds of obligation of clause 7, in the order of the clauses that open them."""

    TRANSFER = "transfer", "签发转办通知书"
    REPLY = "reply", "回复是否上门服务"
    LEAD = "lead", "另定主办窗口"
    APPOINTMENT = "appointment", "约定服务时间、地点"
    EXPLANATION = "explanation", "说明理由和其它办理方法、途径"
    ARRIVAL = "arrival", "准时到达服务地点", False  # due when it was appointed
    FORM = "form", "交服务登记表"
    NOTICE = "notice", "一次性告知"
    OUTCOME = "outcome", "事后告知办结情况", False  # due when it was promised
    DELIVERY = "delivery", "送达相关材料"
    ARCHIVE = "archive", "整理、归档"


DB4209_T_32_2023: Final = Regulation(
    edition="DB4209/T 32—2023",
    title="政务服务“上门办、一次办”工作规范",
    in_force_from=dt.date(2023, 7, 1),
    limits={
        Kind.REPLY: Limit(1, LimitUnit.WORKING_DAYS),  # 7.2: 需在一个工作日内予以回复
        Kind.FORM: Limit(3, LimitUnit.WORKING_DAYS),  # 6.3: 在完成上门服务后三个工作日内
    },
)
