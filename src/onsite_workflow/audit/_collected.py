"""What an audit collects on its way through the cases of a ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Final

from attrs import define, field

from onsite_workflow.clause7.commands import Command
from onsite_workflow.clause7.regulation import Kind

from ._ledger import UnreadableCell
from ._report import AuditFinding, StillOwed, Why

__all__ = ["ASSUMED_ASSISTING", "ASSUMED_COMPLETED", "ASSUMED_LEFT", "Collected"]


@define(eq=False)
class Collected:
    findings: list[AuditFinding] = field(factory=list)
    unjudged: dict[tuple[Any, ...], dict[int, None]] = field(factory=lambda: defaultdict(dict))
    unreadable: list[UnreadableCell] = field(factory=list)
    owed: list[StillOwed] = field(factory=list)
    judged: Counter[str] = field(factory=Counter)
    assumed: dict[tuple[str, str], None] = field(factory=dict)

    def cannot(
        self,
        clause: str,
        why: Why,
        command: type[Command],
        fields: Iterable[str],
        row: int,
        *,
        kind: Kind | None = None,
        rule: str | None = None,
    ) -> None:
        key = (clause, kind, rule, command.name, why, tuple(fields))
        rows = self.unjudged[key]
        if why is not Why.UNMAPPED:
            rows[row] = None


ASSUMED_LEFT: Final = (
    "台账没有离开时间的，按到达当日完成上门服务计算登记表的期限（6.3）",
    "where the end of a visit is not recorded, it is taken to lie on the day of arrival (6.3)",
)
ASSUMED_ASSISTING: Final = (
    "台账没有协办单位的回复的，按同意上门处理",
    "where an assisting unit's reply is not recorded, it is taken to have accepted",
)
ASSUMED_COMPLETED: Final = (
    "台账没有“是否当场办结”的，有一次性告知的按未当场办结，其余按当场办结处理",
    "where completion on site is not recorded, a one-time notice says that there was none",
)
