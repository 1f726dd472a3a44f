"""One case of a ledger, replayed entry by entry through the library's own table.

An entry that the table does not allow yet shows that a step is missing: the step is found, put in
without a time, and the replay goes on. Every guard is asked that the ledger's data can answer. Times
known to the day alone are taken at both ends: something is found only where it holds for every time
that they can stand for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from onsite_workflow.checks import SHANGHAI, Word, local_day
from onsite_workflow.clause7 import commands as c
from onsite_workflow.clause7.case import Case
from onsite_workflow.clause7.core import evolve
from onsite_workflow.clause7.events import Transferred
from onsite_workflow.clause7.forms import registration_form
from onsite_workflow.clause7.procedure import CASE, MOVES, ROWS, item_labels
from onsite_workflow.clause7.regulation import Kind
from onsite_workflow.directory import Directory
from onsite_workflow.engine.deciding import event_of
from onsite_workflow.engine.rules import Attempt, Facts, Guard
from onsite_workflow.regulation import Regulation
from onsite_workflow.terms import Role, State, TransferNotice, UnitRole

from ._cells import NOT_YET, Moment, Unreadable
from ._collected import ASSUMED_ASSISTING, Collected
from ._entries import EARLIEST, LATEST, TOO_EARLY, TOO_LATE, command_of
from ._fields import FIELDS, Shape
from ._needs import GUARDS, JUDGED_LATE, KIND_OF, NEEDS, ORDER, RECORDED, TIMES_JUDGED, Needs
from ._records import TIME_OF, UNKNOWN_UNIT, Entry, Known, Record, UnitFacts, shown_unit, start_of
from ._report import AuditCode, AuditFinding, Why
from ._sequence import in_sequence, is_after

__all__ = ["WINDOW", "Replay"]

WINDOW: Final = Role.INTEGRATED_WINDOW.value
_NO_UNITS: Final = Directory()

#: Where one of these is unmet, the entry answers something that is not there.
_HANGING: Final = frozenset(
    {
        "filed_once",
        "lead_declined",
        "new_lead_accepted",
        "new_unit_has_no_notice",
        "not_yet_acknowledged",
        "not_yet_explained",
        "unit_declined",
        "unit_has_not_replied",
        "unit_has_notice",
    }
)
_BY_WINDOW: Final = (c.Apply, c.Transfer, c.Reassign, c.DesignateLead, c.Withdraw)
_SPINE: Final = frozenset(
    {
        c.Apply,
        c.Transfer,
        c.Reassign,
        c.Accept,
        c.Decline,
        c.DesignateLead,
        c.Schedule,
        c.Reschedule,
        c.ReportFailedVisit,
        c.Serve,
        c.GiveOneTimeNotice,
        c.Close,
        c.Withdraw,
        c.Archive,
    }
)

#: What comes next on the way to a later step; from ``transferred`` it depends on the replies.
_NEXT: Final[Mapping[Word, type[c.Command]]] = {
    State.NONE: c.Apply,
    State.APPLIED: c.Transfer,
    State.ACCEPTED: c.Schedule,
    State.SCHEDULED: c.Serve,
    State.SERVED: c.Close,
    State.PENDING_NOTICE: c.Close,
    State.DECLINED: c.Close,
}
_RANK: Final[Mapping[Word, int]] = {
    state: 8 if state is State.DECLINED else rank for rank, state in enumerate(State)
}
_AS_FAR_AS: Final[Mapping[type[c.Command], int]] = {
    command: max(_RANK[state] for state, moved in MOVES if moved is command) for command in _SPINE
}


class Replay:
    """Replays one record. ``low`` and ``high`` are the case with every time at its earliest and at
    its latest."""

    def __init__(
        self,
        record: Record,
        known: Known,
        found: Collected,
        regulation: Regulation,
        as_of: dt.datetime,
    ) -> None:
        self.record = record
        self.known = known
        self.found = found
        self.regulation = regulation
        self.as_of = as_of
        self.state: Word = State.NONE
        self.low: Case | None = None
        self.high: Case | None = None
        self.played: list[Entry] = []  # by version, from 1
        self.missed: set[tuple[Kind | type[c.Command], str | None]] = set()
        self.refused: set[type[c.Command]] = set()  # steps that are there, and count for nothing
        self.stopped = False  # by a step that contradicts what came before
        self.names: dict[str, str] = {}  # what items outside the list are called here
        self.item: str | None = None  # of the outcome or delivery being played
        self.exact = True
        self._in_force_from = Moment.on(regulation.in_force_from).earliest

    def run(self) -> bool:
        """Replay the record; False where the edition says nothing of it."""
        record = self.record
        for entry in record.entries:
            self._check_future(entry)
        if not self._in_force():
            return False
        self._check_one_application()  # only the first has a place in the sequence
        for entry in in_sequence(record, self.known.shape):
            self._step(entry)
        self._unproven()
        return True

    def _check_future(self, entry: Entry) -> None:
        """Nothing in a ledger can have happened after it was exported."""
        left = entry.get("left_at") if entry.command is c.Serve else None
        if entry.at is not None and entry.at.earliest > self.as_of:
            self._find_future(entry, entry.at)
            entry.at, entry.why = None, Why.IN_FUTURE
        elif isinstance(left, Moment) and not left.unknown and left.earliest > self.as_of:
            self._find_future(entry, left)
        elif entry.at is not None:
            entry.at = entry.at.until(self.as_of)
            return
        if entry.command is c.Serve:  # neither end of the visit is counted from
            entry.values = {**entry.values, "arrived_at": NOT_YET, "left_at": NOT_YET}

    def _find_future(self, entry: Entry, moment: Moment) -> None:
        self.find(
            entry.row,
            AuditCode.IN_FUTURE,
            clause="9",
            interpretation="I-15",
            kind=KIND_OF.get(entry.command),
            bearer=self.bearer_of(entry.command, entry.unit),
            zh=f"{entry.command.zh}：所记时间晚于台账导出的时间。",
            en=f"{entry.command.name}: its time lies after the ledger was exported.",
            at=moment.earliest,
        )

    def _in_force(self) -> bool:
        """Whether the case was opened under the edition; where not, the edition says nothing of it."""
        apply = self.record.of(c.Apply)[0]
        times = [apply.at] if apply.at is not None else [e.at for e in self.record.entries if e.at]
        if not times:
            return True
        opened = min(times, key=lambda moment: moment.earliest)
        if self.regulation.in_force_on(local_day(opened.earliest)):
            return True
        self.found.cannot(
            "1",
            Why.OUTSIDE_EDITION,
            c.Apply,
            ("applied_at",),
            self.record.row,
            rule="edition_in_force",
        )
        return False

    def _check_one_application(self) -> None:
        applied, *again = self.record.of(c.Apply)
        for entry in again:
            self.find(
                entry.row,
                AuditCode.DUPLICATE_CASE,
                clause="9",
                bearer=WINDOW,
                zh=f"此案号已有申请（第{applied.row}行）；一案一档，每案应有自己的案号。",
                en=f"this case id has an application already (row {applied.row}).",
            )

    # --- one entry

    def _step(self, entry: Entry) -> None:
        command = entry.command
        if command is c.Apply and entry.phantom:
            self._miss(c.Apply, entry.row, None)
        if command in _SPINE and not self._reach(command, entry):
            return
        if command in (c.FileRegistrationForm, c.GiveOneTimeNotice, c.ReportOutcome, c.Deliver):
            self._visit_first(entry)
        if command is c.ReportOutcome:
            self._notice_first(entry)
        if self.stopped and command not in (
            c.Close,
            c.Archive,
            c.ExplainRefusal,
            c.Apply,
            c.Withdraw,
        ):
            return
        if command is c.ReportOutcome and (self.low is None or not self._items_of(entry)):
            return
        if command is c.Accept:
            self._check_said(entry)
        asked = self._ask(entry)
        if asked is None:
            self.refused.add(command)
            return
        if command in (c.ReportOutcome, c.Deliver):
            for item in self._items_of(entry) or (None,):
                self.item = item
                self._play(entry)
            return
        self._play(entry, asked)

    def _check_said(self, entry: Entry) -> None:
        """A reply of which only the time is there was taken for an acceptance; it may be none."""
        name = "reply"
        if self.known.shape is Shape.ACTS:
            if entry.values.get("act") != "reply":
                return
        elif self._time_name(entry) != TIME_OF[c.Accept]:
            name = "assisting_reply"
        if name in self.known and not entry.phantom and entry.values.get("reply") is None:
            self.found.cannot("7.2", Why.BLANK, c.Accept, (name,), entry.row, kind=Kind.REPLY)

    def _items_of(self, entry: Entry) -> list[str]:
        """The items that an outcome or a delivery is about: those it names, else all that wait."""
        case = self.low
        if case is None:
            return []
        if entry.command is c.ReportOutcome:
            waiting = [key for key in case.promised_items if case.outcome_of(key) is None]
        else:
            waiting = [
                o.item
                for o in case.outcomes
                if o.item and o.to_deliver and case.delivery_of(o.item) is None
            ]
        named = entry.get("items") if self.known.shape is Shape.ACTS else None
        if isinstance(named, tuple):
            keys = {self.names.get(key, key) for key in named}
            return [key for key in waiting if key in keys]
        return waiting

    def _reach(self, command: type[c.Command], entry: Entry) -> bool:
        """Go where ``command`` is allowed, by way of whatever is missing; False if there is no way."""
        for _ in range(30):
            if (self.state, command) in MOVES:
                return True
            step = self._next_missing(command)
            if step is None:
                self._contradiction(command, entry)
                return False
            self._put_in(step, entry)
        return False

    def _next_missing(self, command: type[c.Command]) -> type[c.Command] | None:
        state = self.state
        if state in (State.CLOSED, State.ARCHIVED) or self.stopped:
            return None
        if state is State.DECLINED and command is not c.Archive:
            return None
        if state is not State.DECLINED and _RANK[state] > _AS_FAR_AS[command]:
            return None
        if state is State.TRANSFERRED:
            case = self.low
            assert case is not None
            if any(notice.reply is None for notice in case.notices):
                return c.Accept
            return c.DesignateLead
        if state is State.SERVED and command is c.ReportOutcome:
            return c.GiveOneTimeNotice
        if state in (State.SERVED, State.PENDING_NOTICE) and command is not c.Archive:
            return None
        return _NEXT.get(state)

    def _put_in(self, step: type[c.Command], entry: Entry) -> None:
        """A step that the ledger does not show and that must have been."""
        case, row = self.low, self.record.row
        if step is c.Accept:
            assert case is not None
            for notice in case.notices:
                if notice.reply is None:
                    facts = self.facts_of(notice.unit)
                    lead_like = facts is None or facts.lead or self.known.shape is not Shape.CASES
                    name = self.place_of(c.Accept)
                    if not lead_like:
                        names = ("assisting_replied_at", "assisting_reply")
                        name = next((n for n in names if n in self.known), names[0])
                        if name not in self.known:
                            self.found.assumed[ASSUMED_ASSISTING] = None
                    self._miss(
                        c.Accept, row if facts is None else facts.row, notice.unit, name=name
                    )
                    self._play(self._phantom(c.Accept, notice.unit))
            return
        if step is c.DesignateLead:
            assert case is not None
            accepted = next((n.unit for n in case.notices if n.accepted), None)
            if step not in self.refused:
                self._miss(c.DesignateLead, row, None)
            self._play(self._phantom(c.DesignateLead, accepted))
            return
        if step is c.Schedule and self._appointment_failed():
            # Its cells hold the appointment that failed, or were said to be blank already.
            why = Why.FAILED_VISIT if self.record.of(c.Schedule) else Why.BLANK
            self._play(Entry(step, row, why=why, phantom=True))
            return
        made = self._phantom(step, None)
        if (step is c.Close and self.record.of(c.Close)) or step in self.refused:
            self._play(made)
            return
        self._miss(step, row, None)
        if step is c.Close:
            self._ask(made)
        self._play(made)

    def _appointment_failed(self) -> bool:
        failed = any(entry.command is c.ReportFailedVisit for entry in self.played)
        return failed and self.known.shape is not Shape.ACTS

    def _phantom(self, step: type[c.Command], unit: str | None) -> Entry:
        values = self.record.values if step in (c.Serve, c.Transfer, c.Schedule) else {}
        return Entry(step, self.record.row, values, why=Why.BLANK, unit=unit, phantom=True)

    def _contradiction(self, command: type[c.Command], entry: Entry) -> None:
        """A step that should not be there, whatever else is missing. Said once a case: what hangs
        on it would only be said again."""
        if command is c.Schedule and self.record.of(c.Serve) and self.state is State.DECLINED:
            return  # the visit that follows says it
        if not self.stopped:
            clause = next(row.clause for row in ROWS if row.command is command)
            self.find(
                entry.row,
                AuditCode.NOT_ALLOWED,
                clause=clause,
                kind=KIND_OF.get(command),
                rule="not_allowed",
                bearer=self.bearer_of(command, entry.unit),
                zh=f"此前的记录表明案件“{self.state.zh}”，不应再有：{command.zh}。",
                en=f"what stands before makes the case {self.state}, which leaves no room for {command.name}.",
                at=None if entry.at is None else entry.at.earliest,
            )
        self.refused |= {command, c.Close} if command is c.Withdraw else {command}
        if command in (c.Serve, c.Schedule):
            self.stopped = True

    def _visit_first(self, entry: Entry) -> None:
        """A form, a notice, an outcome or a delivery shows that a visit was held."""
        ranked = _RANK[self.state]
        if self.stopped or ranked >= _RANK[State.SERVED] or self.state is State.DECLINED:
            return
        while self.state in (State.APPLIED, State.TRANSFERRED, State.ACCEPTED, State.SCHEDULED):
            step = self._next_missing(c.Close)
            if step is None:
                return
            self._put_in(step, entry)

    def _notice_first(self, entry: Entry) -> None:
        """An outcome reported afterwards shows that a notice was owed."""
        case = self.low
        if case is None or case.visit is None or case.one_time_notice is not None or self.stopped:
            return
        if case.outstanding_items and "completed" in self.known:
            self._miss(c.GiveOneTimeNotice, entry.row, None)
        if case.outstanding_items and self.state is State.SERVED:
            self._play(self._phantom(c.GiveOneTimeNotice, None))

    # --- what is missing

    def _miss(
        self, command: type[c.Command], row: int, unit: str | None, *, name: str | None = None
    ) -> None:
        """``command`` is missing, where the ledger has a place for it."""
        kind = KIND_OF.get(command)
        subject = unit if command in (c.Accept, c.ExplainRefusal) else None
        clause = (
            CASE.clause_of[kind] if kind is not None else "7.1" if command is c.Apply else "7.3"
        )
        if command is c.Close and (self.state, c.Close) in MOVES:
            clause = MOVES[self.state, c.Close].clause
        name = name or self.place_of(command)
        if name not in self.known:
            clause = "7.3" if command is c.Close else clause
            self.found.cannot(clause, Why.UNMAPPED, command, (name,), row, kind=kind)
            self.missed.add((kind or command, subject))
            return
        if self._trouble_of(command, unit) is Why.IN_FUTURE:
            return
        self.found.judged[clause] += 1
        self.missed.add((kind or command, subject))
        self.find(
            row,
            AuditCode.MISSING_STEP,
            clause=clause,
            kind=kind,
            bearer=self.bearer_of(command, unit),
            zh=f"没有“{command.zh if kind is None else kind.zh}”：其后的记录已有，"
            f"“{caption(name)}”却是空的。",
            en=f"no {command.name if kind is None else kind.value}: later steps are recorded, "
            f"and {name} is blank.",
        )

    def place_of(self, command: type[c.Command]) -> str:
        """The field that shows a step best, of those that the ledger has."""
        names = {
            c.Schedule: ("appointed_at", "scheduled_at"),
            c.Serve: ("arrived_at", "left_at"),
            c.Accept: ("replied_at", "reply"),
        }.get(command, (TIME_OF[command],))
        return next((name for name in names if name in self.known), names[0])

    def _trouble_of(self, command: type[c.Command], unit: str | None) -> Why | None:
        entries = [e for e in self.record.of(command) if unit is None or e.unit == unit]
        return entries[0].why if entries else None

    def _unproven(self) -> None:
        """A step that later ones rest on, of which only its time is missing."""
        if self.known.shape is Shape.ACTS:
            return
        last = max(
            (
                n
                for n, e in enumerate(self.played)
                if e.command in _SPINE and not e.phantom and e.command is not c.Apply
            ),
            default=-1,
        )
        for n, entry in enumerate(self.played):
            if entry.phantom or entry.why is not Why.BLANK or entry.command in (c.Schedule, c.Serve, c.Acknowledge, c.Archive, c.Withdraw, c.Reschedule, c.ReportFailedVisit):  # fmt: skip
                continue
            if (
                entry.command is c.Apply
                or n < last
                or (entry.command is c.Close and self.record.of(c.Archive))
            ):
                self._miss(
                    c.Accept if entry.command is c.Decline else entry.command,
                    entry.row,
                    entry.unit,
                    name=self._time_name(entry),
                )

    def _time_name(self, entry: Entry) -> str:
        if entry.command in (c.Accept, c.Decline) and self.known.shape is Shape.CASES:
            facts = self.facts_of(entry.unit)
            if facts is not None and not facts.lead:
                return "assisting_replied_at"
        return TIME_OF[entry.command]

    # --- guards

    def _ask(self, entry: Entry) -> c.Command | None:
        """Every guard that the ledger can answer. Returns the command that was asked about; None
        where it can't be folded into the case, since what it answers is not there."""
        command = entry.command
        guards = GUARDS[command]
        if command is c.Close and (self.state, c.Close) in MOVES:
            guards = MOVES[self.state, c.Close].guards
        early = command_of(self, entry, TOO_LATE)
        late = early if entry.exact else command_of(self, entry, TOO_EARLY)
        usual = self._attempt(self.low, early)
        other = usual if late is early else self._attempt(self.low, late)
        hanging = False
        for guard in guards:
            needs = NEEDS.get((command.name, guard.rule))
            if needs is None or (needs.acts and self.known.shape is not Shape.ACTS):
                continue
            if entry.phantom and needs.missing is None and command is not c.Close:
                continue
            attempt = other if guard.rule in JUDGED_LATE else usual
            if guard.rule == "before_appointed_start":
                attempt = self._attempt(self.high, early)
            if attempt.before is None and command is not c.Apply:
                continue
            if not self._applies(guard, entry, attempt.before):
                continue
            if not self._can_judge(guard, needs, entry):
                continue
            self.found.judged[guard.clause] += 1
            facts = self._checked(guard, attempt)
            if facts is not None:
                hanging = hanging or guard.rule in _HANGING
                self._unmet(guard, needs, facts, entry)
        self._ask_order(entry, other)
        return None if hanging else early

    def _attempt(self, case: Case | None, command: c.Command) -> Attempt[Case, Any]:
        return Attempt(
            before=case,
            command=command,
            by=command.by,
            recorded_at=None,
            regulation=self.regulation,
            directory=_NO_UNITS,
        )

    def _applies(self, guard: Guard[Any, Any], entry: Entry, case: Case | None) -> bool:
        """Whether the question arises in this case at all."""
        match guard.rule:
            case "circumstances_told":
                return bool(entry.get("ground") == "other")
            case "staff_of_every_unit":
                return self.record.units[0].name != UNKNOWN_UNIT
            case "every_item_completed" | "everything_outstanding_named":
                return case is not None and bool(case.outstanding_items)
            case "forms_completed":
                return bool(entry.get("completed") == "yes")
            case "every_outcome_reported":
                return case is not None and bool(case.promised_items)
            case "everything_delivered":
                return case is not None and bool(case.outcomes)
            case "refusals_explained":
                return case is not None and any(n.declined for n in case.notices)
            case "registration_form_filed" | "signed_by_every_unit":
                return case is not None and case.visit is not None and not self.stopped
            case "exactly_one_lead":
                return not entry.phantom
            case "before_appointed_start" | "not_before_start" | "on_appointed_day_or_later":
                return case is not None and bool(case.bookings)
        return True

    def _can_judge(self, guard: Guard[Any, Any], needs: Needs, entry: Entry) -> bool:
        command = entry.command
        fields = list(needs.fields)
        if guard.rule == "exactly_one_lead" and self.known.shape is not Shape.CASES:
            fields.append("role")
            if any(isinstance(e.values.get("role"), Unreadable) for e in self.record.entries):
                return False
        if guard.rule == "form_whole":
            fields = [name for name in fields if name in self.known] or fields
        if (
            guard.rule == "times_in_order"
            and entry.get("arrived_at") is None
            and "left_at" not in self.known
        ):
            return False
        assisting = self.facts_of(entry.unit)
        if (
            command is c.Decline
            and self.known.shape is Shape.CASES
            and assisting is not None
            and not assisting.lead
        ):
            fields = [f"assisting_{name}" for name in fields]
        lacking = [name for name in fields if name not in self.known]
        if lacking:
            self.found.cannot(
                guard.clause, Why.UNMAPPED, command, lacking, entry.row, rule=guard.rule
            )
            return False
        if (
            guard.rule == "start_in_future"
            and isinstance(start_of(entry), Moment)
            and entry.at is None
        ):
            if entry.why is Why.UNMAPPED:
                name = TIME_OF[command]
                self.found.cannot(
                    guard.clause, Why.UNMAPPED, command, (name,), entry.row, rule=guard.rule
                )
            return False
        garbled = [name for name in fields if self._garbled(entry, name, needs)]
        if garbled:
            self.found.cannot(
                guard.clause, Why.UNREADABLE, command, garbled, entry.row, rule=guard.rule
            )
            return False
        if guard.rule == "something_outstanding":
            named = self.low is not None and self.low.accepted_items
            if not named or self._visit_value("completed") is None:
                return False
        if guard.rule == "result_for_every_item" and entry.get("completed") is None and self.record.of(c.GiveOneTimeNotice):  # fmt: skip
            return False
        times = TIMES_JUDGED.get((command.name, guard.rule), ())
        return all(self._time_known(entry, name) for name in times)

    def _garbled(self, entry: Entry, name: str, needs: Needs) -> bool:
        """Whether a cell that the rule rests on can't be read, in this entry or, where the rule looks
        back, in an earlier one."""
        if entry.unreadable(name):
            return True
        return needs.missing is not None and any(e.unreadable(name) for e in self.record.entries)

    def _visit_value(self, name: str) -> Any:
        visits = self.record.of(c.Serve)
        return visits[0].get(name) if visits else self.record.values.get(name)

    def _time_known(self, entry: Entry, name: str) -> bool:
        """Whether that time can be compared. A time that is only missing is judged by its guard."""
        if name == "appointed_at" and entry.command is not c.Schedule:
            made = [e for e in self.played if e.command in (c.Schedule, c.Reschedule)]
            return bool(made) and isinstance(start_of(made[-1]), Moment)
        if name == "at":
            return entry.at is not None
        value = entry.get(name)
        return value is None or (isinstance(value, Moment) and not value.unknown)

    def _checked(self, guard: Guard[Any, Any], attempt: Attempt[Case, Any]) -> Facts | None:
        """What the guard says, without what the ledger does not record."""
        command = attempt.command
        if guard.rule != "form_whole":
            return guard.check(attempt)
        if command.summary and command.recipient_opinion:
            return None
        facts = guard.check(attempt) or {"fields": ()}
        own = {"summary": "form_summary", "recipient_opinion": "recipient_opinion"}
        missing = [name for name in facts["fields"] if name in own and own[name] in self.known]
        if not missing:
            return None
        assert self.low is not None
        form = registration_form(self.low, filing=command)
        return {"fields": missing, "captions": [form[name].field.zh for name in missing]}

    def _unmet(self, guard: Guard[Any, Any], needs: Needs, facts: Facts, entry: Entry) -> None:
        command = entry.command
        items = self.low.items if self.low is not None else ()
        violation = guard.violation(_shown_facts(facts), item_labels(items))
        bearers: Sequence[str | None] = [self.bearer_of(command, entry.unit)]
        if guard.rule in ("staff_of_every_unit", "signed_by_every_unit", "refusals_explained"):
            bearers = list(facts["units"])
        code, kind = AuditCode.UNMET_RULE, None
        if needs.missing is not None:
            code, kind = AuditCode.MISSING_STEP, KIND_OF[needs.missing]
            if self._trouble_of(needs.missing, None) is Why.IN_FUTURE:
                return
            if needs.missing is not c.ExplainRefusal:
                bearers = [self.bearer_of(needs.missing, None)]
        for bearer in bearers:
            if kind is not None:
                subject = bearer if needs.missing is c.ExplainRefusal else None
                if (kind, subject) in self.missed:
                    continue
                assert needs.missing is not None
                if self._came_later(entry, needs.missing, subject, guard):
                    continue
                self.missed.add((kind, subject))
            self.find(
                entry.row,
                code,
                clause=guard.clause,
                interpretation=guard.interpretation,
                kind=kind,
                rule=guard.rule,
                bearer=shown_unit(bearer),
                zh=violation.zh,
                en=violation.en,
            )

    def _came_later(
        self, entry: Entry, step: type[c.Command], unit: str | None, guard: Guard[Any, Any]
    ) -> bool:
        """Say so where a step is there after all, but after the one that rests on it."""
        later = [e for e in self.record.of(step) if unit in (None, e.unit) and is_after(e, entry)]
        if not later:
            return False
        kind, then = KIND_OF[step], _shown_moment(later[0].at)
        before = _shown_moment(entry.at)
        self.find(
            later[0].row,
            AuditCode.OUT_OF_ORDER,
            clause=guard.clause,
            interpretation=guard.interpretation,
            kind=kind,
            rule=guard.rule,
            bearer=self.bearer_of(step, unit),
            zh=f"{kind.zh}（{then}）应在{entry.command.zh}（{before}）以前，却在其后。",
            en=f"{kind.value} ({then}) came after {entry.command.name} ({before}), which rests on it.",
            at=None if later[0].at is None else later[0].at.earliest,
        )
        return True

    def _ask_order(self, entry: Entry, attempt: Attempt[Case, Any]) -> None:
        """I-15: nothing happened before what made it possible."""
        case = self.low
        if entry.at is None or entry.phantom:
            return
        if entry.recorded_at is not None and entry.at.earliest > entry.recorded_at.latest:
            self._recorded_before(entry)
        if case is None or entry.command is c.Acknowledge:
            return
        self.found.judged[ORDER.clause] += 1
        facts = ORDER.check(attempt)
        if facts is None:
            return
        violation = ORDER.violation(_shown_facts({**facts, "at": entry.at.earliest}))
        self.find(
            entry.row,
            AuditCode.OUT_OF_ORDER,
            clause=ORDER.clause,
            interpretation=ORDER.interpretation,
            kind=KIND_OF.get(entry.command),
            rule=ORDER.rule,
            bearer=self.bearer_of(entry.command, entry.unit),
            zh=f"{entry.command.zh}：{violation.zh}",
            en=f"{entry.command.name}: {violation.en}",
            at=entry.at.earliest,
        )
        # One inversion is one finding: what follows is compared with this entry again.
        low = entry.at.earliest
        self.low = attrs.evolve(case, changed_at=low)
        if self.high is not None and self.high is not case:
            self.high = attrs.evolve(self.high, changed_at=entry.at.latest)
        else:
            self.high = self.low
        entry.why = Why.OUT_OF_ORDER

    def _recorded_before(self, entry: Entry) -> None:
        facts = {
            "at": entry.at and entry.at.earliest,
            "recorded_at": entry.recorded_at and entry.recorded_at.latest,
        }
        violation = RECORDED.violation(_shown_facts(facts))
        self.find(
            entry.row,
            AuditCode.OUT_OF_ORDER,
            clause=RECORDED.clause,
            interpretation=RECORDED.interpretation,
            rule=RECORDED.rule,
            bearer=self.bearer_of(entry.command, entry.unit),
            zh=f"{entry.command.zh}：{violation.zh}",
            en=f"{entry.command.name}: {violation.en}",
            at=None if entry.at is None else entry.at.earliest,
        )

    # --- commands and events

    def lead(self) -> str | None:
        if self.low is not None and self.low.lead is not None:
            return self.low.lead
        return next(
            (unit.name for unit in self.record.units if unit.lead), self.record.units[0].name
        )

    def facts_of(self, unit: str | None) -> UnitFacts | None:
        return next((facts for facts in self.record.units if facts.name == unit), None)

    def bearer_of(self, command: type[c.Command], unit: str | None) -> str | None:
        """Who answers for a step."""
        if command in _BY_WINDOW:
            return WINDOW
        if command in (c.Accept, c.Decline, c.Acknowledge, c.ExplainRefusal) and unit is not None:
            return shown_unit(unit)
        if command in (c.Archive, c.Close):
            visited = self.record.of(c.Serve) if self.low is None else self.low.visit
            if not visited:
                return WINDOW
        return shown_unit(self.lead())

    def moment_of(self, entry: Entry, *, early: bool) -> dt.datetime:
        """When the entry happened; where that is not known, a time that proves nothing."""
        if entry.at is not None:
            at = entry.at.earliest if early else entry.at.latest
            # What is out of order by years would be beyond any calendar.
            return max(at, self._in_force_from) if entry.why is Why.OUT_OF_ORDER else at
        case = self.low if early else self.high
        if case is not None:
            return case.changed_at
        times = [e.at.earliest for e in self.record.entries if e.at is not None]
        return min(times, default=self.as_of)

    def said(self, entry: Entry, name: str, default: str = "—") -> str | None:
        """A placeholder where something stands in that field, or where the ledger lacks the field."""
        if name not in self.known or entry.phantom:
            return default
        return None if entry.values.get(name) is None else default

    def _play(self, entry: Entry, asked: c.Command | None = None) -> None:
        """Fold the entry into both cases. ``asked`` is its command as guards were asked about it."""
        command = entry.command
        if command is c.Transfer:
            self._play_transfer(entry)
            return
        if asked is not None and entry.exact and command not in (c.Schedule, c.Reschedule, c.Serve):
            early = asked
        else:
            early = command_of(self, entry, EARLIEST)
        exact = self.exact and entry.exact
        target = self._target(early)
        self.low = self._evolved(self.low, early, target)
        if exact:
            self.high = self.low
        else:
            self.exact = False
            self.high = self._evolved(self.high, command_of(self, entry, LATEST), target)
        self.state = target
        self.played.append(entry)

    def _target(self, command: c.Command) -> Word:
        move = MOVES.get((self.state, type(command)))
        if move is None:
            return self.state
        attempt = self._attempt(self.low, command)
        for when, target in move.targets:
            if when is None or when.check(attempt):
                return target
        return self.state  # pragma: no cover - the last target has no condition

    def _evolved(self, case: Case | None, command: c.Command, state: Word) -> Case:
        event: Any = event_of(
            CASE,
            command,
            version=1 if case is None else case.version + 1,
            recorded_at=command.at,
            edition=self.regulation.edition,
            state=state,
        )
        return evolve(case, event)

    def _play_transfer(self, entry: Entry) -> None:
        """All notices of a case are one event; each keeps the time that it was issued."""
        exact = self.exact and all(
            unit.transfer is None or unit.transfer.at is None or unit.transfer.at.exact
            for unit in self.record.units
        )
        early = command_of(self, entry, EARLIEST)
        notices: dict[str, TransferNotice] = {}
        assert isinstance(early, c.Transfer)
        for notice in early.notices:
            notices.setdefault(notice.unit, notice)
        if not notices:
            notices[UNKNOWN_UNIT] = TransferNotice(
                unit=UNKNOWN_UNIT, role=UnitRole.LEAD, number="#"
            )
        if not any(n.role is UnitRole.LEAD for n in notices.values()):
            name = next(iter(notices))
            notices[name] = attrs.evolve(notices[name], role=UnitRole.LEAD)
        whole = attrs.evolve(early, notices=tuple(notices.values()))
        self.low = self._issued(self._evolved(self.low, whole, State.TRANSFERRED), early=True)
        if exact:
            self.high = self.low
        else:
            self.exact = False
            late = attrs.evolve(whole, at=self.moment_of(entry, early=False))
            self.high = self._issued(self._evolved(self.high, late, State.TRANSFERRED), early=False)
        self.state = State.TRANSFERRED
        self.played.append(entry)

    def _issued(self, case: Case, *, early: bool) -> Case:
        if len(self.record.units) < 2:
            return case
        notices = []
        for notice in case.notices:
            facts = self.facts_of(notice.unit)
            own = None if facts is None or facts.transfer is None else facts.transfer.at
            at = None if own is None else own.earliest if early else own.latest
            if at is not None and isinstance(notice.issued, Transferred) and at != notice.issued.at:
                notice = attrs.evolve(notice, issued=attrs.evolve(notice.issued, at=at))  # noqa: PLW2901
            notices.append(notice)
        return attrs.evolve(case, notices=tuple(notices))

    def find(self, row: int, code: AuditCode, **said: Any) -> None:
        """A finding of this case."""
        self.found.findings.append(AuditFinding(row=row, case=self.record.case, code=code, **said))


def caption(name: str) -> str:
    return FIELDS[name].zh if name in FIELDS else name


def _shown_facts(facts: Facts) -> Facts:
    """The facts as the ledger has them: a time that stands for a whole day is that day."""
    return {name: _day_or_time(value) for name, value in facts.items()}


def _day_or_time(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        day = Moment.on(local_day(value))
        return local_day(value) if value in (day.earliest, day.latest) else value
    return value


def _shown_moment(moment: Moment | None) -> str:
    if moment is None:
        return "—"
    at = moment.earliest.astimezone(SHANGHAI)
    return f"{at:%Y-%m-%d %H:%M}" if moment.exact else f"{at:%Y-%m-%d}"
