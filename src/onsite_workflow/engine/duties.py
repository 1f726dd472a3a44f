"""What is owed: the words of time limits, and how a procedure says who owes what.

``limits`` applies a regulation and a calendar to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from attrs import define, field, frozen

from onsite_workflow.checks import Word
from onsite_workflow.regulation import ObligationKind, Regulation

from .record import AnyEvent, Record

__all__ = ["Finding", "FindingCode", "Obligation", "Status"]

R_contra = TypeVar("R_contra", bound=Record, contravariant=True)


class Status(Word):
    """How an obligation stands at a moment. An act counts from its ``at`` on."""

    OPEN = "open", "未到期"
    OVERDUE = "overdue", "已逾期"
    MET = "met", "按期完成"
    MET_LATE = "met_late", "逾期完成"
    VOID = "void", "已失效"


class FindingCode(Word):
    """What can be found. No act is refused because of it. A procedure uses the codes that fit."""

    LATE_ACT = "late_act", "逾期办理"
    LATE_ENTRY = "late_entry", "按期办理，逾期登记"
    LATE_ARRIVAL = "late_arrival", "未准时到达"
    STAFF_ABSENT = "staff_absent", "工作人员未到"


@frozen(kw_only=True)
class Obligation:
    """One time limit of one record.

    ``case`` is what stores keep the record under: a case's id, or ``procedure/id``. ``bearer`` is a
    unit's name, or a role such as ``integrated_window``. ``subject`` tells several of one kind
    apart: the unit, or the item. ``opened_by``, ``met_by`` and ``ended_by`` are the versions of the
    entries that did so; None where none has done so yet. (``opened_by`` is None also in old lists
    of a store, written before it was kept there; see ``reindex``.) ``due_day`` is the last whole
    day and ``due`` the first instant that is late; both are None where nothing sets a limit. Where
    ``provisional`` the day depends on a State Council notice not yet known, and lies between
    ``earliest`` and ``latest``.
    """

    procedure: str = "case"
    case: str
    kind: str
    clause: str
    bearer: str
    subject: str | None
    opened_at: dt.datetime
    opened_by: int | None = None
    due_day: dt.date | None
    due: dt.datetime | None
    status: Status
    provisional: bool
    earliest: dt.date | None
    latest: dt.date | None
    met_at: dt.datetime | None = None
    met_by: int | None = None
    ended_by: int | None = None


@frozen(kw_only=True)
class Finding:
    """Something late or missed; nothing was refused because of it. ``by_seconds`` is ``at`` minus
    ``due`` (``recorded_at`` minus ``due`` for a late entry). ``version`` is the entry it was found
    in."""

    code: FindingCode
    clause: str
    kind: str
    bearer: str
    due: dt.datetime
    at: dt.datetime
    by_seconds: int
    version: int


#: How an act that meets or ends a duty is judged, where its ``at`` is not what counts: (event, due)
#: → what is found and the moment that was compared with ``due``, or None.
Judge = Callable[[AnyEvent, dt.datetime], tuple[FindingCode, dt.datetime] | None]


@define(kw_only=True, eq=False)
class Duty:
    """An obligation as the facts give it, before limits and calendar are applied.

    ``counted_from`` is the moment from which its limit counts (None: no limit counts, so there is
    no due day). With ``waits`` there is no due day before that moment. ``promised`` is the day, or
    ``appointed`` the moment, that somebody was told instead of a limit. ``acted_at`` is when it was
    met, where that is not the ``at`` of ``met_by``.

    It lives for one call only, so it is not frozen, which would cost time.
    """

    bearer: str
    opened_by: AnyEvent
    opened_at: dt.datetime
    subject: str | None = None
    counted_from: dt.datetime | None = None
    waits: bool = False
    promised: dt.date | None = None
    appointed: dt.datetime | None = None
    met_by: AnyEvent | None = None
    acted_at: dt.datetime | None = None
    ended_by: AnyEvent | None = None
    judge: Judge | None = None


@frozen
class Duties(Generic[R_contra]):
    """All duties of one kind: how they follow from a record, and which entries can open, meet and
    end one."""

    kind: ObligationKind
    clause: str
    of: Callable[[R_contra, Regulation], Iterator[Duty]] = field(repr=False)
    opened_by: tuple[type[AnyEvent], ...]
    met_by: tuple[type[AnyEvent], ...]
    ended_by: tuple[type[AnyEvent], ...] = ()

    def can_be_late(self, regulation: Regulation) -> bool:
        """Whether any duty of this kind can have a due day under ``regulation``."""
        return not self.kind.takes_limit or self.kind in regulation.limits
