"""What was late in a replayed case: ``obligations`` says when each act was due, for the earliest and
for the latest that the ledger's times can stand for.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from onsite_workflow.checks import SHANGHAI, local_day
from onsite_workflow.clause7 import commands as c
from onsite_workflow.clause7.core import obligations
from onsite_workflow.clause7.events import Event
from onsite_workflow.clause7.regulation import Kind
from onsite_workflow.engine.duties import Obligation, Status
from onsite_workflow.errors import InvalidInput
from onsite_workflow.regulation import ReplyClock

from ._cells import Moment
from ._entries import visit_times
from ._fields import Shape
from ._needs import COMMAND_OF_KIND, LIMITS
from ._records import Entry, shown_unit, start_of
from ._replay import WINDOW, Replay
from ._report import AuditCode, StillOwed, Why

__all__ = ["judge_limits"]

_FAR: Final = dt.datetime(2150, 1, 1, tzinfo=SHANGHAI)


if TYPE_CHECKING:
    from onsite_workflow.calendar import WorkingCalendar


def judge_limits(replay: Replay, calendar: WorkingCalendar) -> None:
    """Find what was late in a replayed case, and what is overdue as of the moment of the audit."""
    _Limits(replay, calendar).judge()


class _Limits:
    def __init__(self, replay: Replay, calendar: WorkingCalendar) -> None:
        self.replay = replay
        self.calendar = calendar
        self.found = replay.found
        self.known = replay.known
        self.played = replay.played
        self.as_of = replay.as_of
        self.regulation = replay.regulation

    def judge(self) -> None:
        low, high = self.replay.low, self.replay.high
        assert low is not None
        assert high is not None
        try:
            first = obligations(low, regulation=self.regulation, calendar=self.calendar, as_of=_FAR)
            last = (
                first
                if high is low
                else obligations(
                    high, regulation=self.regulation, calendar=self.calendar, as_of=_FAR
                )
            )
        except InvalidInput:
            self.found.cannot("7.2", Why.CALENDAR, c.Apply, (), self.replay.record.row)
            return
        pairs = _paired(first, last)
        for early, late in pairs:
            if early.due is not None and late.due is not None:
                self._limit(early, late)
            elif early.kind is Kind.FORM and Kind.FORM in self.regulation.limits:
                self._limit_unknown(early)
            elif early.status is Status.OPEN and early.met_at is None:
                self._owe(early)
        self._absences()

    def _limit(self, early: Obligation, late: Obligation) -> None:
        kind, clause = Kind(early.kind), early.clause
        command = COMMAND_OF_KIND[kind]
        subject = early.subject if kind in (Kind.REPLY, Kind.EXPLANATION) else None
        if (kind, subject) in self.replay.missed or (
            self.replay.stopped and kind in (Kind.ARRIVAL, Kind.FORM)
        ):
            return
        if early.status is Status.VOID:
            return
        opened, met = self._ends(kind, early)
        names = self._limit_names(kind, early.subject)
        row = (met or opened or self.played[0]).row
        for name, entry, end in ((names[0], opened, "opened"), (names[1], met, "met")):
            if name not in self.known:
                self.found.cannot(clause, Why.UNMAPPED, command, (name,), row, kind=kind)
                return
            why = self._why(kind, entry, end)
            if why is not None:
                self.found.cannot(clause, why, command, (name,), row, kind=kind)
                return
        due_low, due_high = _end(early, first=True), _end(late, first=False)
        act_low, act_high = self._acted(kind, early, late, met)
        if act_low >= due_high:
            self.found.judged[clause] += 1
            self._late(early, late, act_low, met)
        elif act_high < due_low:
            self.found.judged[clause] += 1
            self._entered_late(early, met, due_high, row)
        else:
            why = Why.PROVISIONAL if early.provisional or late.provisional else Why.DAY_ONLY
            self.found.cannot(clause, why, command, names, row, kind=kind)

    def _owe(self, owed: Obligation) -> None:
        """What is still owed, and no limit is set for: listed, never late."""
        kind = Kind(owed.kind)
        subject = owed.subject if kind in (Kind.REPLY, Kind.EXPLANATION) else None
        opened, _ = self._ends(kind, owed)
        place = self.replay.place_of(COMMAND_OF_KIND[kind])
        if self.replay.stopped or (kind, subject) in self.replay.missed or place not in self.known:
            return
        known = opened is not None and opened.at is not None and not opened.phantom
        self.found.owed.append(
            StillOwed(
                row=self.replay.record.row if opened is None else opened.row,
                case=self.replay.record.case,
                kind=kind,
                clause=owed.clause,
                bearer=shown_unit(owed.bearer)
                if owed.bearer != WINDOW
                else self._window_or_lead(kind),
                since=owed.opened_at if known else None,
            )
        )

    def _limit_unknown(self, owed: Obligation) -> None:
        """A visit without any time: there is nothing to count from."""
        kind = Kind(owed.kind)
        visit, _ = self._ends(kind, owed)
        if visit is None or (kind, None) in self.replay.missed or self.replay.stopped:
            return
        names = self._limit_names(kind, None)
        why = Why.UNMAPPED if names[0] not in self.known else visit.why or Why.BLANK
        command = COMMAND_OF_KIND[kind]
        self.found.cannot(owed.clause, why, command, names[:1], visit.row, kind=kind)

    def _limit_names(self, kind: Kind, unit: str | None) -> tuple[str, str]:
        opened, met = LIMITS[kind]
        if kind is Kind.REPLY and self.known.shape is Shape.CASES:
            facts = self.replay.facts_of(unit)
            if facts is not None and not facts.lead:
                met = "assisting_replied_at"
        if kind is Kind.REPLY and self.regulation.reply_clock is ReplyClock.RECEIPT:
            opened = "acknowledged_at"
        if kind is Kind.FORM and "arrived_at" not in self.known:
            opened = "left_at"
        if (
            kind is Kind.ARRIVAL
            and "rescheduled_to" in self.known
            and any(e.command is c.Reschedule for e in self.played)
        ):
            opened = "rescheduled_to"
        return opened, met

    def _ends(self, kind: Kind, owed: Obligation) -> tuple[Entry | None, Entry | None]:
        """The entries that opened an obligation and that met it."""

        def last(*commands: type[c.Command], unit: str | None = None) -> Entry | None:
            found = [e for e in self.played if e.command in commands and unit in (None, e.unit)]
            return found[-1] if found else None

        case = self.replay.low
        assert case is not None
        match kind:
            case Kind.TRANSFER:
                return last(c.Apply), last(c.Transfer)
            case Kind.REPLY:
                facts = self.replay.facts_of(owed.subject)
                issued = facts.transfer if facts is not None and facts.transfer else None
                moved = [
                    e for e in self.played if e.command is c.Reassign and e.unit == owed.subject
                ]
                if self.regulation.reply_clock is ReplyClock.RECEIPT:
                    received = last(c.Acknowledge, unit=owed.subject)
                else:
                    received = moved[-1] if moved else issued
                return received or last(c.Transfer), last(c.Accept, c.Decline, unit=owed.subject)
            case Kind.LEAD:
                return last(c.Accept, c.Decline), last(c.DesignateLead)
            case Kind.APPOINTMENT:
                return last(c.ReportFailedVisit, c.DesignateLead) or last(
                    c.Accept, c.Decline
                ), last(c.Schedule)
            case Kind.EXPLANATION:
                return last(c.Decline, unit=owed.subject), last(c.ExplainRefusal, unit=owed.subject)
            case Kind.ARRIVAL:
                return last(c.Schedule, c.Reschedule), last(c.Serve)
            case Kind.FORM:
                return last(c.Serve), last(c.FileRegistrationForm)
            case Kind.NOTICE:
                return last(c.Serve), last(c.GiveOneTimeNotice)
            case Kind.OUTCOME:
                return last(c.GiveOneTimeNotice), self._played(case.outcome_of(owed.subject))
            case Kind.DELIVERY:
                told = case.outcome_of(owed.subject)
                return self._played(told), self._played(case.delivery_of(owed.subject))
            case Kind.ARCHIVE:
                return last(c.Close, c.Withdraw), last(c.Archive)

    def _played(self, event: Event | None) -> Entry | None:
        """The entry that an event of the case came from."""
        return None if event is None else self.played[event.version - 1]

    def _why(self, kind: Kind, entry: Entry | None, end: str) -> Why | None:
        """Why the time of an entry can't be counted from or to; None where it can."""
        if entry is None:
            return None  # not met: judged as of the moment of the audit
        if end == "opened" and kind is Kind.OUTCOME:
            return None  # the day promised; without one there is no due day
        if end == "opened" and kind is Kind.ARRIVAL:
            if entry.why is Why.FAILED_VISIT:
                return entry.why
            return _no_moment(start_of(entry))
        if entry.phantom:
            return Why.BLANK
        if end == "met" and kind is Kind.ARRIVAL and entry.at is not None:
            # A visit that has a time, but not that of the arrival, has that of its end.
            arrived = entry.values.get("arrived_at")
            return _no_moment(arrived) or (entry.why if entry.why is Why.OUT_OF_ORDER else None)
        if end == "opened" and kind is Kind.FORM and entry.at is None:
            return None if visit_times(self.replay, entry)[1] is not None else entry.why
        return entry.why if entry.at is None or entry.why is Why.OUT_OF_ORDER else None

    def _acted(
        self, kind: Kind, early: Obligation, late: Obligation, met: Entry | None
    ) -> tuple[dt.datetime, dt.datetime]:
        if met is None or early.met_at is None or late.met_at is None:
            return self.as_of, self.as_of
        if kind is Kind.ARRIVAL and met.at is not None:
            return met.at.earliest, met.at.latest
        return early.met_at, late.met_at

    def _late(
        self,
        early: Obligation,
        late: Obligation,
        at: dt.datetime,
        met: Entry | None,
    ) -> None:
        kind, due = Kind(early.kind), _end(late, first=False)
        opened, _ = self._ends(kind, early)
        row = (met or opened or self.played[0]).row
        code = AuditCode.OVERDUE if met is None else AuditCode.LATE_ACT
        if met is not None and kind is Kind.ARRIVAL:
            code = AuditCode.LATE_ARRIVAL
        exact = met is None or (met.at is not None and met.at.exact)
        exact = exact and early.due == late.due
        days = (local_day(at) - local_day(due - dt.timedelta(microseconds=1))).days
        seconds = int((at - due).total_seconds())
        by_zh, by_en = _span(seconds) if exact else (f"{days}天", f"{days} day(s)")
        limit = late.latest if late.provisional else late.due_day
        done = f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if exact else local_day(at)
        zh = f"{kind.zh}：期限为{limit}，办理于{done}，逾期{by_zh}。"
        en = f"{kind.value}: due by {limit}, done {done}, late by {by_en}."
        if code is AuditCode.OVERDUE:
            zh = f"{kind.zh}：期限为{limit}，到导出时仍未办，已逾期{by_zh}。"
            en = f"{kind.value}: due by {limit}, not done when exported, overdue by {by_en}."
        if kind is Kind.ARRIVAL:
            zh, en = self._arrival(at, due, met, exact=exact)
        self.replay.find(
            row,
            code,
            clause=early.clause,
            kind=kind,
            bearer=shown_unit(early.bearer)
            if early.bearer != WINDOW
            else self._window_or_lead(kind),
            zh=zh,
            en=en,
            due=due,
            at=at,
            by_seconds=seconds,
            by_days=days,
            exact=exact,
        )

    def _arrival(
        self, at: dt.datetime, due: dt.datetime, met: Entry | None, *, exact: bool
    ) -> tuple[str, str]:
        """7.3 in words: measured from the appointed minute itself."""
        start = due - dt.timedelta(minutes=1)
        shown = f"{start.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if exact else local_day(start)
        if met is None:
            return (
                f"约定{shown}上门，到导出时没有上门的记录。",
                f"appointed {shown}, and no visit was recorded when exported.",
            )
        if not exact:
            return (
                f"约定{shown}，{local_day(at)}才到达。",
                f"appointed {shown}, arrived on {local_day(at)}.",
            )
        by_zh, by_en = _span(int((at - start).total_seconds()))
        came = f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        return (
            f"约定{shown}，{came}到达，迟到{by_zh}。",
            f"appointed {shown}, arrived {came}, {by_en} late.",
        )

    def _window_or_lead(self, kind: Kind) -> str | None:
        if kind in (Kind.TRANSFER, Kind.LEAD, Kind.ARCHIVE):
            return WINDOW
        return shown_unit(self.replay.lead())

    def _entered_late(
        self, owed: Obligation, met: Entry | None, due: dt.datetime, row: int
    ) -> None:
        """``late_entry``: done in time, entered after it."""
        kind = Kind(owed.kind)
        if met is None or met.recorded_at is None or kind is Kind.ARRIVAL:
            return
        entered = met.recorded_at.earliest
        if entered < due:
            return
        kind = Kind(owed.kind)
        self.replay.find(
            row,
            AuditCode.LATE_ENTRY,
            clause=owed.clause,
            kind=kind,
            bearer=shown_unit(owed.bearer),
            zh=f"{kind.zh}按期，登记逾期：期限为{owed.due_day}。",
            en=f"{kind.value} was in time and entered late: due by {owed.due_day}.",
            due=due,
            at=owed.met_at,
            by_seconds=int((entered - due).total_seconds()),
            by_days=(local_day(entered) - local_day(due - dt.timedelta(microseconds=1))).days,
            exact=met.recorded_at.exact,
        )

    def _absences(self) -> None:
        """7.3: a visit that failed because the staff did not come."""
        for entry in self.played:
            if (
                entry.command is c.ReportFailedVisit
                and entry.get("failure_cause") == "staff_absent"
            ):
                self.found.judged["7.3"] += 1
                self.replay.find(
                    entry.row,
                    AuditCode.STAFF_ABSENT,
                    clause="7.3",
                    interpretation="I-9",
                    kind=Kind.ARRIVAL,
                    bearer=shown_unit(self.replay.lead()),
                    zh="上门未果，原因是工作人员未到。",
                    en="the visit failed because the staff did not come.",
                    at=None if entry.at is None else entry.at.earliest,
                )


def _no_moment(value: Any) -> Why | None:
    """Why a cell gives no moment; None where it does."""
    if isinstance(value, Moment):
        return Why.NO_TIME if value.unknown else None
    return Why.BLANK if value is None else Why.UNREADABLE


def _span(seconds: int) -> tuple[str, str]:
    """A length of time in both languages."""
    days, minutes = divmod(max(seconds, 60) // 60, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((days, "天", "d"), (hours, "小时", "h"), (minutes, "分钟", "min"))
    told = [(f"{n}{zh}", f"{n} {en}") for n, zh, en in parts if n]
    return "".join(zh for zh, _ in told), " ".join(en for _, en in told)


def _paired(
    first: Sequence[Obligation], last: Sequence[Obligation]
) -> Iterator[tuple[Obligation, Obligation]]:
    """The same obligation in both cases: of its kind and subject, in the order they were opened."""
    if first is last:
        yield from zip(first, last, strict=True)
        return
    waiting: dict[tuple[str, str | None], list[Obligation]] = defaultdict(list)
    for owed in last:
        waiting[owed.kind, owed.subject].append(owed)
    for owed in first:
        others = waiting[owed.kind, owed.subject]
        if others:
            yield owed, others.pop(0)


def _end(owed: Obligation, *, first: bool) -> dt.datetime:
    """The due instant on the earliest or the latest day that a provisional limit can end on."""
    assert owed.due is not None
    assert owed.due_day is not None
    day = owed.earliest if first else owed.latest
    return owed.due if day is None else owed.due + (day - owed.due_day)
