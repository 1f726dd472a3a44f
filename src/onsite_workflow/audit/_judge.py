"""The judgement: each case of a ledger is replayed, entry by entry, through the library's own table.

An entry that the table does not allow yet shows that a step is missing: the step is found, put in
without a time, and the replay goes on. Every guard is asked that the ledger's data can answer; what
was late is asked of ``obligations``. Times known to the day alone are taken at both ends: something
is found only where it holds for every time that they can stand for.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs
from attrs import define, field, frozen

from onsite_workflow._machine import MOVES
from onsite_workflow.case import Case, evolve
from onsite_workflow.commands import (
    Accept,
    Acknowledge,
    Apply,
    Archive,
    Close,
    Command,
    Decline,
    Deliver,
    DesignateLead,
    ExplainRefusal,
    FileRegistrationForm,
    GiveOneTimeNotice,
    Reassign,
    ReportFailedVisit,
    ReportOutcome,
    Reschedule,
    Schedule,
    Serve,
    Transfer,
    Withdraw,
)
from onsite_workflow.errors import InvalidInput
from onsite_workflow.events import Event, Transferred
from onsite_workflow.forms import registration_form
from onsite_workflow.obligations import CLAUSE_OF, Obligation, Status, obligations
from onsite_workflow.procedure import EVERY_MOVE, ROWS
from onsite_workflow.regulation import DB4209_T_32_2023, Kind, Regulation, ReplyClock
from onsite_workflow.rules import Attempt, Facts, Guard
from onsite_workflow.terms import (
    SHANGHAI,
    Actor,
    Applicant,
    Cause,
    ItemResult,
    OutstandingItem,
    Role,
    ServiceItem,
    Signature,
    SpecialGroup,
    StaffMember,
    State,
    TransferNotice,
    UnitRole,
    check_moment,
    local_day,
)

from ._cells import Moment, Unreadable
from ._fields import FIELDS, Shape
from ._ledger import Ledger, UnreadableCell
from ._records import TIME_OF, UNKNOWN_UNIT, Entry, Known, Record, UnitFacts, records
from ._report import AuditCode, AuditFinding, Report, StillOwed, Unjudged, Why

if TYPE_CHECKING:
    from onsite_workflow.calendar import WorkingCalendar

__all__ = ["audit"]

WINDOW: Final = Role.INTEGRATED_WINDOW.value
_ID: Final = "ledger"
_ONE_DAY: Final = dt.timedelta(days=1)
_FAR: Final = dt.datetime(2150, 1, 1, tzinfo=SHANGHAI)

KIND_OF: Final[Mapping[type[Command], Kind]] = {
    Transfer: Kind.TRANSFER,
    Accept: Kind.REPLY,
    Decline: Kind.REPLY,
    DesignateLead: Kind.LEAD,
    Schedule: Kind.APPOINTMENT,
    ExplainRefusal: Kind.EXPLANATION,
    Serve: Kind.ARRIVAL,
    FileRegistrationForm: Kind.FORM,
    GiveOneTimeNotice: Kind.NOTICE,
    ReportOutcome: Kind.OUTCOME,
    Deliver: Kind.DELIVERY,
    Archive: Kind.ARCHIVE,
}

GUARDS: Final[Mapping[type[Command], tuple[Guard, ...]]] = {row.command: row.guards for row in ROWS}
RECORDED: Final = next(guard for guard in EVERY_MOVE if guard.rule == "at_not_after_recorded")
ORDER: Final = next(guard for guard in EVERY_MOVE if guard.rule == "at_not_before_cause")


# --- which rule needs which fields of the ledger --------------------------------------------------


@frozen
class Needs:
    """The fields that a ledger must have before a rule can be judged by it. ``acts``: only where a
    row is an act can the rule be broken; in a table its cells leave no room for it. ``missing``:
    where it is unmet this step is missing."""

    fields: tuple[str, ...]
    acts: bool = False
    missing: type[Command] | None = None


NEEDS: Final[Mapping[tuple[str, str], Needs]] = {
    ("apply", "applicant_reachable"): Needs(("phone",)),
    ("apply", "address_given"): Needs(("address",)),
    ("apply", "reason_given"): Needs(("reason",)),
    ("apply", "ground_given"): Needs(("ground",)),
    ("apply", "circumstances_told"): Needs(("ground", "circumstances")),
    ("apply", "items_named"): Needs(("items",)),
    ("apply", "item_claim_grounded"): Needs(("items",)),
    ("apply", "items_distinct"): Needs(("items",)),
    ("transfer", "one_notice_per_unit"): Needs(("unit",), acts=True),
    ("transfer", "exactly_one_lead"): Needs(("unit",)),
    ("transfer", "numbers_present_and_distinct"): Needs(("notice_number",)),
    ("reassign", "reason_given"): Needs(("reassign_reason",)),
    ("reassign", "unit_has_notice"): Needs(("reassigned_from", "unit")),
    ("reassign", "unit_has_not_replied"): Needs(("reassigned_from", "unit")),
    ("reassign", "new_unit_has_no_notice"): Needs(("reassigned_from", "unit")),
    ("acknowledge", "unit_has_notice"): Needs(("unit", "transferred_at"), acts=True),
    ("acknowledge", "not_yet_acknowledged"): Needs(("unit",), acts=True),
    ("accept", "unit_has_notice"): Needs(("unit", "transferred_at"), acts=True),
    ("accept", "unit_has_not_replied"): Needs(("unit",), acts=True),
    ("decline", "unit_has_notice"): Needs(("unit", "transferred_at"), acts=True),
    ("decline", "unit_has_not_replied"): Needs(("unit",), acts=True),
    ("decline", "reason_given"): Needs(("decline_reason",)),
    ("decline", "alternatives_given"): Needs(("alternatives",)),
    ("designate_lead", "lead_declined"): Needs(("reply",)),
    ("designate_lead", "new_lead_accepted"): Needs(("reply", "designated_lead")),
    ("explain_refusal", "unit_declined"): Needs(("unit", "replied_at"), acts=True),
    ("explain_refusal", "not_yet_explained"): Needs(("unit",), acts=True),
    ("explain_refusal", "channel_and_person_given"): Needs(("explained_how", "explained_to")),
    ("schedule", "start_in_future"): Needs(("appointed_at",)),
    ("schedule", "place_given"): Needs(("place",)),
    ("schedule", "materials_told"): Needs(("materials",)),
    ("schedule", "staff_of_every_unit"): Needs(("appointed_units", "unit")),
    ("reschedule", "before_appointed_start"): Needs(("rescheduled_at", "appointed_at")),
    ("reschedule", "reason_given"): Needs(("reschedule_reason",)),
    ("reschedule", "start_in_future"): Needs(("rescheduled_to",)),
    ("report_failed_visit", "not_before_start"): Needs(("failed_at", "appointed_at", "failure_cause")),
    ("report_failed_visit", "cause_given"): Needs(("failure_cause",)),
    ("serve", "times_in_order"): Needs(("arrived_at", "left_at")),
    ("serve", "on_appointed_day_or_later"): Needs(("appointed_at", "arrived_at")),
    ("serve", "staff_of_every_unit"): Needs(("visiting_units", "unit")),
    ("serve", "result_for_every_item"): Needs(("completed",)),
    ("serve", "forms_completed"): Needs(("completed", "forms_completed")),
    ("give_one_time_notice", "something_outstanding"): Needs(("completed",)),
    ("give_one_time_notice", "everything_outstanding_named"): Needs(("needed",)),
    ("report_outcome", "outcome_given"): Needs(("outcome",)),
    ("deliver", "materials_and_recipient_given"): Needs(("received_by",)),
    ("close", "every_item_completed"): Needs(("completed", "notice_given_at"), missing=GiveOneTimeNotice),
    ("close", "every_outcome_reported"): Needs(("outcome_reported_at",), missing=ReportOutcome),
    ("close", "everything_delivered"): Needs(("to_deliver", "delivered_at"), missing=Deliver),
    ("close", "refusals_explained"): Needs(("explained_at",), missing=ExplainRefusal),
    ("withdraw", "reason_given"): Needs(("withdraw_reason",)),
    ("file_registration_form", "filed_once"): Needs(("form_filed_at",), acts=True),
    ("file_registration_form", "form_whole"): Needs(("form_summary", "recipient_opinion")),
    ("file_registration_form", "signed_by_every_unit"): Needs(("signed_by",)),
    ("archive", "archive_number_given"): Needs(("archive_number",)),
    ("archive", "registration_form_filed"): Needs(("form_filed_at",), missing=FileRegistrationForm),
}  # fmt: skip

#: Rules that no ledger is held to, and why.
NOT_ASKED: Final[Mapping[str, tuple[str, str]]] = {
    "who": ("台账不记每一步由谁登记", "a ledger does not say who entered each step"),
    "items": (
        "台账不记每份通知书、每个结果各列哪些事项",
        "a ledger does not list items notice by notice",
    ),
    "moment": ("由审查本身判断", "the audit judges this itself"),
    "other": ("台账不记这一项", "a ledger does not record this"),
}
NOT_ASKED_RULES: Final[Mapping[tuple[str, str], str]] = {
    ("apply", "edition_in_force"): "moment",
    ("apply", "follows_existing_case"): "other",
    ("transfer", "every_item_in_a_notice"): "items",
    ("transfer", "only_items_of_the_case"): "items",
    ("transfer", "shared_item_has_lead"): "items",
    ("reassign", "same_items_and_role"): "items",
    ("reassign", "numbers_present_and_distinct"): "items",
    ("designate_lead", "all_units_replied"): "moment",
    ("explain_refusal", "unit_in_charge"): "who",
    ("schedule", "unit_in_charge"): "who",
    ("reschedule", "unit_in_charge"): "who",
    ("reschedule", "staff_of_every_unit"): "other",
    ("report_failed_visit", "unit_in_charge"): "who",
    ("serve", "unit_in_charge"): "who",
    ("serve", "only_accepted_items"): "items",
    ("give_one_time_notice", "unit_in_charge"): "who",
    ("give_one_time_notice", "only_outstanding_items"): "items",
    ("report_outcome", "unit_in_charge"): "who",
    ("report_outcome", "item_outstanding"): "items",
    ("report_outcome", "not_yet_reported"): "items",
    ("deliver", "unit_in_charge"): "who",
    ("deliver", "visit_held"): "moment",
    ("deliver", "announced_and_undelivered"): "items",
    ("close", "unit_in_charge"): "who",
    ("file_registration_form", "unit_in_charge"): "who",
    ("file_registration_form", "visit_held"): "moment",
    ("archive", "unit_in_charge"): "who",
}

#: Of each kind of obligation: the fields that its limit is counted from, and that meet it.
LIMITS: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.TRANSFER: ("applied_at", "transferred_at"),
    Kind.REPLY: ("transferred_at", "replied_at"),
    Kind.LEAD: ("replied_at", "lead_designated_at"),
    Kind.APPOINTMENT: ("replied_at", "scheduled_at"),
    Kind.EXPLANATION: ("replied_at", "explained_at"),
    Kind.ARRIVAL: ("appointed_at", "arrived_at"),
    Kind.FORM: ("arrived_at", "form_filed_at"),
    Kind.NOTICE: ("arrived_at", "notice_given_at"),
    Kind.OUTCOME: ("expected_by", "outcome_reported_at"),
    Kind.DELIVERY: ("outcome_reported_at", "delivered_at"),
    Kind.ARCHIVE: ("closed_at", "archived_at"),
}

_COMMAND_OF_KIND: Final = {
    kind: command for command, kind in KIND_OF.items() if command is not Decline
}

_BY_WINDOW: Final = (Apply, Transfer, Reassign, DesignateLead, Withdraw)


# --- what is collected --------------------------------------------------------------------------


@define(eq=False)
class _Collected:
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


_ASSUMED_LEFT: Final = (
    "台账没有离开时间的，按到达当日完成上门服务计算登记表的期限（6.3）",
    "where the end of a visit is not recorded, it is taken to lie on the day of arrival (6.3)",
)
_ASSUMED_ASSISTING: Final = (
    "台账没有协办单位的回复的，按同意上门处理",
    "where an assisting unit's reply is not recorded, it is taken to have accepted",
)
_ASSUMED_COMPLETED: Final = (
    "台账没有“是否当场办结”的，有一次性告知的按未当场办结，其余按当场办结处理",
    "where the ledger does not say whether it was completed on site, a one-time notice says that "
    "it was not, and otherwise it is taken to have been",
)


# --- the audit ----------------------------------------------------------------------------------


def audit(
    ledger: Ledger,
    *,
    as_of: dt.datetime,
    regulation: Regulation = DB4209_T_32_2023,
    calendar: WorkingCalendar | None = None,
) -> Report:
    """Judge every case of ``ledger``. ``as_of`` is when the ledger was exported: what was still owed
    then and past its limit is overdue, and nothing in it can have happened later.

    ``calendar`` is the packaged one by default. ``InvalidInput`` where ``as_of`` is naive.
    """
    check_moment("as_of", as_of)
    if calendar is None:
        from onsite_workflow.calendar import WorkingCalendar  # noqa: PLC0415

        calendar = WorkingCalendar.china()
    known = Known(ledger)
    found = _Collected()
    read = list(records(ledger, known))
    _repeated_cases(ledger, read, found)
    judged = _distinct(ledger, read)
    for record in judged:
        try:
            _Replay(record, known, found, regulation, calendar, as_of).run()
        except InvalidInput:
            # Nothing that a cell can hold should lead here; if it does, the others are judged.
            found.unreadable.append(
                UnreadableCell(
                    row=record.row,
                    column=None,
                    field=None,
                    zh="此案的记录无法组成一个案件，没有判断",
                    en="these entries do not make a case, so it is not judged",
                )
            )
    _repeated_numbers(judged, found)
    found.findings.sort(key=lambda f: f.row)
    return Report(
        ledger=ledger.name,
        as_of=as_of,
        edition=regulation.edition,
        calendar=calendar.revision,
        rows=len(ledger.rows),
        cases=len({record.case for record in read}),
        findings=tuple(found.findings),
        owed=tuple(sorted(found.owed, key=lambda o: o.row)),
        unjudged=_unjudged(found),
        unreadable=tuple(sorted((*ledger.unreadable, *found.unreadable), key=lambda c: c.row)),
        judged=dict(sorted(found.judged.items())),
        unused=ledger.unused,
        assumed=tuple(found.assumed),
    )


def _unjudged(found: _Collected) -> tuple[Unjudged, ...]:
    made = [
        Unjudged(
            clause=clause,
            kind=kind,
            rule=rule,
            command=command,
            why=why,
            fields=fields,
            rows=tuple(rows),
        )
        for (clause, kind, rule, command, why, fields), rows in found.unjudged.items()
    ]
    made.sort(key=lambda u: (u.why is not Why.UNMAPPED, u.clause, u.command, u.rule or ""))
    return tuple(made)


def _same(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    return dict(left) == dict(right)


def _distinct(ledger: Ledger, read: Sequence[Record]) -> list[Record]:
    """A row that repeats another whole is the same record entered twice: judged once."""
    if ledger.mapping.shape is not Shape.CASES:
        return list(read)
    kept: list[Record] = []
    seen: dict[str, list[Record]] = {}
    for record in read:
        before = seen.setdefault(record.case, [])
        if not any(_same(record.values, other.values) for other in before):
            kept.append(record)
        before.append(record)
    return kept


def _repeated_cases(ledger: Ledger, read: Sequence[Record], found: _Collected) -> None:
    if ledger.mapping.shape is not Shape.CASES:
        return
    first: dict[str, int] = {}
    for record in read:
        row = first.setdefault(record.case, record.row)
        if row != record.row:
            found.findings.append(
                AuditFinding(
                    row=record.row,
                    case=record.case,
                    code=AuditCode.DUPLICATE_CASE,
                    clause="9",
                    bearer=WINDOW,
                    zh=f"案号与第{row}行相同；一案一档，每案应有自己的案号。",
                    en=f"the case id of row {row} again; each case has an id and a file of its own.",
                )
            )


def _repeated_numbers(read: Sequence[Record], found: _Collected) -> None:
    """A notice or archive number is held by one case (see promise 7 of ``ports``)."""
    for zh, en, clause, numbers in (
        ("转办通知书编号", "the number of the transfer notice", "7.2", _notice_numbers(read)),
        ("档号", "the archive number", "9", _archive_numbers(read)),
    ):
        first: dict[str, Record] = {}
        for number, record, row, bearer in numbers:
            other = first.setdefault(number, record)
            if other.case != record.case:
                found.findings.append(
                    AuditFinding(
                        row=row,
                        case=record.case,
                        code=AuditCode.DUPLICATE_NUMBER,
                        clause=clause,
                        bearer=bearer,
                        zh=f"{zh}与案件{other.case}（第{other.row}行）相同。",
                        en=f"{en} is that of case {other.case} (row {other.row}).",
                    )
                )


def _notice_numbers(read: Sequence[Record]) -> Iterator[tuple[str, Record, int, str | None]]:
    for record in read:
        for unit in record.units:
            if unit.number is not None:
                yield unit.number, record, unit.row, WINDOW


def _archive_numbers(read: Sequence[Record]) -> Iterator[tuple[str, Record, int, str | None]]:
    for record in read:
        for entry in record.of(Archive):
            number = entry.get("archive_number")
            if isinstance(number, str):
                yield number, record, entry.row, _shown(record.units[0].name)
                break


def _shown(unit: str | None) -> str | None:
    return None if unit == UNKNOWN_UNIT else unit


# --- one case -----------------------------------------------------------------------------------

_ENVELOPE: Final = frozenset(f.name for f in attrs.fields(Command))
_OWN: Final[Mapping[type[Command], tuple[str, ...]]] = {
    command: tuple(f.name for f in attrs.fields(command) if f.name not in _ENVELOPE)
    for command in GUARDS
}
_EVENT_OF: Final = {row.command: row.event for row in ROWS}
_ROLE_OF: Final = {row.command: row.by for row in ROWS}
_SPINE: Final = frozenset(
    {
        Apply,
        Transfer,
        Reassign,
        Accept,
        Decline,
        DesignateLead,
        Schedule,
        Reschedule,
        ReportFailedVisit,
        Serve,
        GiveOneTimeNotice,
        Close,
        Withdraw,
        Archive,
    }
)

#: What comes next on the way to a later step; from ``transferred`` it depends on the replies.
_NEXT: Final[Mapping[State, type[Command]]] = {
    State.NONE: Apply,
    State.APPLIED: Transfer,
    State.ACCEPTED: Schedule,
    State.SCHEDULED: Serve,
    State.SERVED: Close,
    State.PENDING_NOTICE: Close,
    State.DECLINED: Close,
}
_RANK: Final = {state: rank for rank, state in enumerate(State)} | {State.DECLINED: 8}
_AS_FAR_AS: Final[Mapping[type[Command], int]] = {
    command: max(_RANK[state] for state, moved in MOVES if moved is command) for command in _SPINE
}


@frozen
class Ends:
    """Which end of each time to take, True for the earliest. ``asking``: for a guard, which is told
    what is blank; in the case itself a filler stands in its place."""

    at: bool
    start: bool
    arrived: bool
    left: bool
    asking: bool = False


_EARLIEST: Final = Ends(True, True, True, True)
_LATEST: Final = Ends(False, False, False, False)
# Asked so that a rule is unmet only where it is unmet for every time that the ledger's can stand for.
_TOO_EARLY: Final = Ends(at=False, start=True, arrived=False, left=False, asking=True)
_TOO_LATE: Final = Ends(at=True, start=False, arrived=True, left=False, asking=True)


class _Replay:
    """Replays one record. ``low`` and ``high`` are the case with every time at its earliest and at
    its latest."""

    def __init__(
        self,
        record: Record,
        known: Known,
        found: _Collected,
        regulation: Regulation,
        calendar: WorkingCalendar,
        as_of: dt.datetime,
    ) -> None:
        self.record = record
        self.known = known
        self.found = found
        self.regulation = regulation
        self.calendar = calendar
        self.as_of = as_of
        self.state = State.NONE
        self.low: Case | None = None
        self.high: Case | None = None
        self.played: list[Entry] = []  # by version, from 1
        self.missed: set[tuple[Kind | type[Command], str | None]] = set()
        self.stopped = False  # by a step that contradicts what came before
        self.names: dict[str, str] = {}  # what items outside the list are called here
        self.item: str | None = None  # of the outcome or delivery being played
        self.exact = True

    # --- the order of the entries

    def run(self) -> None:
        record = self.record
        for entry in record.entries:
            self._check_future(entry)
        if not self._in_force():
            return
        for entry in self._sequence():
            self._step(entry)
        self._unproven()
        self._limits()

    def _check_future(self, entry: Entry) -> None:
        if entry.at is None:
            return
        if entry.at.earliest > self.as_of:
            self._find(
                entry.row,
                AuditCode.IN_FUTURE,
                entry.command,
                clause="9",
                interpretation="I-15",
                kind=KIND_OF.get(entry.command),
                bearer=self._bearer(entry.command, entry.unit),
                zh=f"{entry.command.zh}：所记时间晚于台账导出的时间。",
                en=f"{entry.command.name}: its time lies after the ledger was exported.",
                at=entry.at.earliest,
            )
            entry.at, entry.why = None, Why.IN_FUTURE
        else:
            entry.at = entry.at.until(self.as_of)

    def _in_force(self) -> bool:
        """Whether the case was opened under the edition; where not, the edition says nothing of it."""
        apply = self.record.of(Apply)[0]
        times = [apply.at] if apply.at is not None else [e.at for e in self.record.entries if e.at]
        if not times:
            return True
        opened = min(times, key=lambda moment: moment.earliest)
        if self.regulation.in_force_on(local_day(opened.earliest)):
            return True
        self.found.cannot(
            "1",
            Why.OUTSIDE_EDITION,
            Apply,
            ("applied_at",),
            self.record.row,
            rule="edition_in_force",
        )
        return False

    def _sequence(self) -> list[Entry]:
        """The entries in the order of the procedure; visits, appointments and their likes by time.
        What may stand anywhere stands before the end, unless it is certainly later."""
        record = self.record
        applied, *again = record.of(Apply)
        spine = [applied]
        transfers = record.of(Transfer)
        if transfers:
            spine.append(transfers[0])
        spine += _by_time(record.of(Reassign))
        spine += _by_time(record.of(Acknowledge, Accept, Decline))
        spine += record.of(DesignateLead)
        spine += self._visits()
        spine += _by_time(record.of(GiveOneTimeNotice))
        floats = [
            *_by_time(record.of(ExplainRefusal)),
            *record.of(FileRegistrationForm),
            *_by_time(record.of(ReportOutcome)),
            *_by_time(record.of(Deliver)),
        ]
        withdrawals = record.of(Withdraw)
        ends = [*_by_time(record.of(Close)), *record.of(Archive)]
        before: list[Entry] = []
        after: dict[int, list[Entry]] = defaultdict(list)
        for entry in floats:
            later = [n for n, end in enumerate(ends) if _after(entry, end)]
            (after[later[-1]] if later else before).append(entry)
        if withdrawals and withdrawals[0].at is not None:
            # What certainly came after a withdrawal should not be there.
            place = next((n for n, e in enumerate(spine) if _after(e, withdrawals[0])), len(spine))
            spine[place:place] = withdrawals[:1]
            withdrawals = withdrawals[1:]
        ordered = [*spine, *withdrawals, *before]
        for n, end in enumerate(ends):
            ordered += [end, *after[n]]
        for entry in again:
            self._find(
                entry.row,
                AuditCode.DUPLICATE_CASE,
                Apply,
                clause="9",
                bearer=WINDOW,
                zh=f"此案号已有申请（第{applied.row}行）；一案一档，每案应有自己的案号。",
                en=f"this case id has an application already (row {applied.row}).",
            )
        return ordered

    def _visits(self) -> list[Entry]:
        record = self.record
        schedules, serves = record.of(Schedule), record.of(Serve)
        others = record.of(Reschedule, ReportFailedVisit)
        if self.known.shape is not Shape.ACTS:
            failed = record.of(ReportFailedVisit)
            moved = record.of(Reschedule)
            start = schedules[0].get("appointed_at") if schedules else None
            if failed and isinstance(start, Moment) and failed[0].at is not None:
                if failed[0].at.latest < start.earliest:
                    # The table has room for one appointment: the failed visit had an earlier one.
                    first = Entry(Schedule, failed[0].row, {}, why=Why.NO_TIME, phantom=True)
                    return [first, *failed, *schedules, *moved, *serves]
            return [*schedules, *moved, *failed, *serves]
        between = _by_time([*schedules, *others])
        if between and between[0].command is not Schedule and schedules:
            between.remove(schedules[0])
            between.insert(0, schedules[0])
        return [*between, *serves]

    # --- one entry

    def _step(self, entry: Entry) -> None:
        command = entry.command
        if command is Apply and entry.phantom:
            self._miss(Apply, entry.row, None)
        if command in _SPINE and not self._reach(command, entry):
            return
        if command in (FileRegistrationForm, GiveOneTimeNotice, ReportOutcome, Deliver):
            self._visit_first(entry)
        if command is ReportOutcome:
            self._notice_first(entry)
        if self.stopped and command not in (Close, Archive, ExplainRefusal, Apply, Withdraw):
            return
        if command is ReportOutcome and (self.low is None or not self._items_of(entry)):
            return
        broken = self._ask(entry)
        if broken & {"unit_has_notice", "unit_has_not_replied", "not_yet_acknowledged", "unit_declined", "not_yet_explained", "filed_once", "new_unit_has_no_notice", "lead_declined", "new_lead_accepted"}:  # fmt: skip
            return
        if command in (ReportOutcome, Deliver):
            for self.item in self._items_of(entry) or (None,):
                self._play(entry)
            return
        self._play(entry)

    def _items_of(self, entry: Entry) -> list[str]:
        """The items that an outcome or a delivery is about: those it names, else all that wait."""
        case = self.low
        if case is None:
            return []
        if entry.command is ReportOutcome:
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

    def _reach(self, command: type[Command], entry: Entry) -> bool:
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

    def _next_missing(self, command: type[Command]) -> type[Command] | None:
        state = self.state
        if state in (State.CLOSED, State.ARCHIVED) or self.stopped:
            return None
        if state is State.DECLINED and command is not Archive:
            return None
        if state is not State.DECLINED and _RANK[state] > _AS_FAR_AS[command]:
            return None
        if state is State.TRANSFERRED:
            case = self.low
            assert case is not None
            if any(notice.reply is None for notice in case.notices):
                return Accept
            return DesignateLead
        if state is State.SERVED and command is ReportOutcome:
            return GiveOneTimeNotice
        if state in (State.SERVED, State.PENDING_NOTICE) and command is not Archive:
            return None
        return _NEXT.get(state)

    def _put_in(self, step: type[Command], entry: Entry) -> None:
        """A step that the ledger does not show and that must have been."""
        case, row = self.low, self.record.row
        if step is Accept:
            assert case is not None
            for notice in case.notices:
                if notice.reply is None:
                    facts = self._facts(notice.unit)
                    lead_like = facts is None or facts.lead or self.known.shape is not Shape.CASES
                    name = self._place_of(Accept)
                    if not lead_like:
                        names = ("assisting_replied_at", "assisting_reply")
                        name = next((n for n in names if n in self.known), names[0])
                        if name not in self.known:
                            self.found.assumed[_ASSUMED_ASSISTING] = None
                    self._miss(Accept, row if facts is None else facts.row, notice.unit, name=name)
                    self._play(self._phantom(Accept, notice.unit))
            return
        if step is DesignateLead:
            assert case is not None
            accepted = next((n.unit for n in case.notices if n.accepted), None)
            self._miss(DesignateLead, row, None)
            self._play(self._phantom(DesignateLead, accepted))
            return
        made = self._phantom(step, None)
        if step is Close and self.record.of(Close):
            self._play(made)
            return
        self._miss(step, row, None)
        if step is Close:
            self._ask(made)
        self._play(made)

    def _phantom(self, step: type[Command], unit: str | None) -> Entry:
        values = self.record.values if step in (Serve, Transfer, Schedule) else {}
        return Entry(step, self.record.row, values, why=Why.BLANK, unit=unit, phantom=True)

    def _contradiction(self, command: type[Command], entry: Entry) -> None:
        """A step that should not be there, whatever else is missing. Said once a case: what hangs
        on it would only be said again."""
        if command is Schedule and self.record.of(Serve) and self.state is State.DECLINED:
            return  # the visit that follows says it
        if not self.stopped:
            clause = next(row.clause for row in ROWS if row.command is command)
            self._find(
                entry.row,
                AuditCode.NOT_ALLOWED,
                command,
                clause=clause,
                kind=KIND_OF.get(command),
                rule="not_allowed",
                bearer=self._bearer(command, entry.unit),
                zh=f"此前的记录表明案件“{self.state.zh}”，不应再有：{command.zh}。",
                en=f"what stands before makes the case {self.state}, which leaves no room for {command.name}.",
                at=None if entry.at is None else entry.at.earliest,
            )
        if command in (Serve, Schedule):
            self.stopped = True

    def _visit_first(self, entry: Entry) -> None:
        """A form, a notice, an outcome or a delivery shows that a visit was held."""
        ranked = _RANK[self.state]
        if self.stopped or ranked >= _RANK[State.SERVED] or self.state is State.DECLINED:
            return
        while self.state in (State.APPLIED, State.TRANSFERRED, State.ACCEPTED, State.SCHEDULED):
            step = self._next_missing(Close)
            if step is None:
                return
            self._put_in(step, entry)

    def _notice_first(self, entry: Entry) -> None:
        """An outcome reported afterwards shows that a notice was owed."""
        case = self.low
        if case is None or case.visit is None or case.one_time_notice is not None or self.stopped:
            return
        if case.outstanding_items and "completed" in self.known:
            self._miss(GiveOneTimeNotice, entry.row, None)
        if case.outstanding_items and self.state is State.SERVED:
            self._play(self._phantom(GiveOneTimeNotice, None))

    # --- what is missing

    def _miss(
        self, command: type[Command], row: int, unit: str | None, *, name: str | None = None
    ) -> None:
        """``command`` is missing, where the ledger has a place for it."""
        kind = KIND_OF.get(command)
        subject = unit if command in (Accept, ExplainRefusal) else None
        clause = CLAUSE_OF[kind] if kind is not None else "7.1" if command is Apply else "7.3"
        if command is Close and (self.state, Close) in MOVES:
            clause = MOVES[self.state, Close].clause
        name = name or self._place_of(command)
        if name not in self.known:
            self.found.cannot(clause, Why.UNMAPPED, command, (name,), row, kind=kind)
            self.missed.add((kind or command, subject))
            return
        if self._trouble_of(command, unit) is Why.IN_FUTURE:
            return
        self.found.judged[clause] += 1
        self.missed.add((kind or command, subject))
        self._find(
            row,
            AuditCode.MISSING_STEP,
            command,
            clause=clause,
            kind=kind,
            bearer=self._bearer(command, unit),
            zh=f"缺少这一步：{command.zh}。其后的记录已有，“{_caption(name)}”却是空的。",
            en=f"{command.name} is missing: later steps are recorded, and {name} is blank.",
        )

    def _place_of(self, command: type[Command]) -> str:
        """The field that shows a step best, of those that the ledger has."""
        names = {
            Schedule: ("appointed_at", "scheduled_at"),
            Serve: ("arrived_at", "left_at"),
            Accept: ("replied_at", "reply"),
        }.get(command, (TIME_OF[command],))
        return next((name for name in names if name in self.known), names[0])

    def _trouble_of(self, command: type[Command], unit: str | None) -> Why | None:
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
                if e.command in _SPINE and not e.phantom and e.command is not Apply
            ),
            default=-1,
        )
        for n, entry in enumerate(self.played):
            if entry.phantom or entry.why is not Why.BLANK or entry.command in (Schedule, Serve, Acknowledge, Archive, Withdraw, Reschedule, ReportFailedVisit):  # fmt: skip
                continue
            if (
                entry.command is Apply
                or n < last
                or (entry.command is Close and self.record.of(Archive))
            ):
                self._miss(
                    Accept if entry.command is Decline else entry.command,
                    entry.row,
                    entry.unit,
                    name=self._time_name(entry),
                )

    def _time_name(self, entry: Entry) -> str:
        if entry.command in (Accept, Decline) and self.known.shape is Shape.CASES:
            facts = self._facts(entry.unit)
            if facts is not None and not facts.lead:
                return "assisting_replied_at"
        return TIME_OF[entry.command]

    # --- guards

    def _ask(self, entry: Entry) -> set[str]:
        """Every guard that the ledger can answer. Returns the rules that are unmet."""
        command = entry.command
        broken: set[str] = set()
        guards = GUARDS[command]
        if command is Close and (self.state, Close) in MOVES:
            guards = MOVES[self.state, Close].guards
        early = self._command(entry, _TOO_LATE)
        late = early if self._is_exact(entry) else self._command(entry, _TOO_EARLY)
        for guard in guards:
            needs = NEEDS.get((command.name, guard.rule))
            if needs is None or (needs.acts and self.known.shape is not Shape.ACTS):
                continue
            if entry.phantom and needs.missing is None and command is not Close:
                continue
            given = early if guard.rule not in _JUDGED_LATE else late
            case = self.high if guard.rule == "before_appointed_start" else self.low
            if (case is None and command is not Apply) or not self._applies(guard, entry, case):
                continue
            if not self._can_judge(guard, needs, entry):
                continue
            self.found.judged[guard.clause] += 1
            facts = guard.check(self._attempt(case, given))
            facts = self._narrowed(guard, facts, given)
            if facts is None:
                continue
            broken.add(guard.rule)
            self._unmet(guard, needs, facts, entry)
        self._ask_order(entry, late)
        return broken

    def _attempt(self, case: Case | None, command: Command) -> Attempt:
        return Attempt(
            case=case, command=command, by=command.by, recorded_at=None, regulation=self.regulation
        )

    def _applies(self, guard: Guard, entry: Entry, case: Case | None) -> bool:
        """Whether the question arises in this case at all."""
        match guard.rule:
            case "circumstances_told":
                return entry.get("ground") == "other"
            case "staff_of_every_unit":
                return self.record.units[0].name != UNKNOWN_UNIT
            case "every_item_completed" | "everything_outstanding_named":
                return case is not None and bool(case.outstanding_items)
            case "forms_completed":
                return entry.get("completed") == "yes"
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

    def _can_judge(self, guard: Guard, needs: Needs, entry: Entry) -> bool:
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
        assisting = self._facts(entry.unit)
        if (
            command is Decline
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
        if guard.rule == "start_in_future" and _start_of(entry) is not None and entry.at is None:
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
        if guard.rule in ("something_outstanding",) and self._visit_value("completed") is None:
            return False
        if guard.rule == "result_for_every_item" and entry.get("completed") is None and self.record.of(GiveOneTimeNotice):  # fmt: skip
            return False
        times = _TIMES_JUDGED.get((command.name, guard.rule), ())
        return all(self._time_known(entry, name) for name in times)

    def _garbled(self, entry: Entry, name: str, needs: Needs) -> bool:
        """Whether a cell that the rule rests on can't be read, in this entry or, where the rule looks
        back, in an earlier one."""
        if entry.unreadable(name):
            return True
        return needs.missing is not None and any(e.unreadable(name) for e in self.record.entries)

    def _visit_value(self, name: str) -> Any:
        visits = self.record.of(Serve)
        return visits[0].get(name) if visits else self.record.values.get(name)

    def _time_known(self, entry: Entry, name: str) -> bool:
        """Whether that time can be compared. A time that is only missing is judged by its guard."""
        if name == "appointed_at" and entry.command is not Schedule:
            made = [e for e in self.played if e.command in (Schedule, Reschedule)]
            return bool(made) and isinstance(_start_of(made[-1]), Moment)
        if name == "at":
            return entry.at is not None
        value = entry.get(name)
        return value is None or (isinstance(value, Moment) and not value.unknown)

    def _is_exact(self, entry: Entry) -> bool:
        moments = [
            entry.at,
            *(entry.get(n) for n in ("appointed_at", "rescheduled_to", "arrived_at", "left_at")),
        ]
        return all(m is None or not isinstance(m, Moment) or m.exact for m in moments)

    def _narrowed(self, guard: Guard, facts: Facts | None, command: Command) -> Facts | None:
        """The same facts without what the ledger does not record."""
        if facts is None or guard.rule != "form_whole":
            return facts
        own = {"summary": "form_summary", "recipient_opinion": "recipient_opinion"}
        missing = [name for name in facts["fields"] if name in own and own[name] in self.known]
        if not missing:
            return None
        assert self.low is not None
        assert isinstance(command, FileRegistrationForm)
        form = registration_form(self.low, filing=command)
        return {"fields": missing, "captions": [form[name].field.zh for name in missing]}

    def _unmet(self, guard: Guard, needs: Needs, facts: Facts, entry: Entry) -> None:
        command = entry.command
        items = self.low.items if self.low is not None else ()
        violation = guard.violation(facts, items)
        bearers: Sequence[str | None] = [self._bearer(command, entry.unit)]
        if guard.rule in ("staff_of_every_unit", "signed_by_every_unit", "refusals_explained"):
            bearers = list(facts["units"])
        if needs.missing is not None:
            kind = KIND_OF[needs.missing]
            if needs.missing is not ExplainRefusal:
                bearers = [self._bearer(needs.missing, None)]
            trouble = self._trouble_of(needs.missing, None)
            for bearer in bearers:
                subject = bearer if needs.missing is ExplainRefusal else None
                if (kind, subject) in self.missed or trouble is Why.IN_FUTURE:
                    continue
                self.missed.add((kind, subject))
                self._found_unmet(
                    guard, violation, AuditCode.MISSING_STEP, entry, bearer, kind, needs.missing
                )
            return
        for bearer in bearers:
            self._found_unmet(guard, violation, AuditCode.UNMET_RULE, entry, bearer, None, command)

    def _found_unmet(
        self,
        guard: Guard,
        violation: Any,
        code: AuditCode,
        entry: Entry,
        bearer: str | None,
        kind: Kind | None,
        command: type[Command],
    ) -> None:
        self._find(
            entry.row,
            code,
            command,
            clause=guard.clause,
            interpretation=guard.interpretation,
            kind=kind,
            rule=guard.rule,
            bearer=bearer,
            zh=violation.zh,
            en=violation.en,
        )

    def _ask_order(self, entry: Entry, late: Command) -> None:
        """I-15: nothing happened before what made it possible."""
        case = self.low
        if entry.at is None or entry.phantom:
            return
        if entry.recorded_at is not None and entry.at.earliest > entry.recorded_at.latest:
            self._recorded_before(entry)
        if case is None or entry.command is Acknowledge:
            return
        self.found.judged[ORDER.clause] += 1
        facts = ORDER.check(self._attempt(case, late))
        if facts is None:
            return
        violation = ORDER.violation(facts)
        self._find(
            entry.row,
            AuditCode.OUT_OF_ORDER,
            entry.command,
            clause=ORDER.clause,
            interpretation=ORDER.interpretation,
            kind=KIND_OF.get(entry.command),
            rule=ORDER.rule,
            bearer=self._bearer(entry.command, entry.unit),
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
        violation = RECORDED.violation(facts)
        self._find(
            entry.row,
            AuditCode.OUT_OF_ORDER,
            entry.command,
            clause=RECORDED.clause,
            interpretation=RECORDED.interpretation,
            rule=RECORDED.rule,
            bearer=self._bearer(entry.command, entry.unit),
            zh=f"{entry.command.zh}：{violation.zh}",
            en=f"{entry.command.name}: {violation.en}",
            at=None if entry.at is None else entry.at.earliest,
        )

    # --- commands and events

    def _actor(self, command: type[Command], unit: str | None) -> Actor:
        roles = _ROLE_OF[command]
        if unit is None and Role.INTEGRATED_WINDOW in roles:
            return Actor(role=Role.INTEGRATED_WINDOW, name="—")
        return Actor(role=Role.HANDLING_UNIT, name="—", unit=unit or self._lead() or UNKNOWN_UNIT)

    def _lead(self) -> str | None:
        if self.low is not None and self.low.lead is not None:
            return self.low.lead
        return next(
            (unit.name for unit in self.record.units if unit.lead), self.record.units[0].name
        )

    def _facts(self, unit: str | None) -> UnitFacts | None:
        return next((facts for facts in self.record.units if facts.name == unit), None)

    def _bearer(self, command: type[Command], unit: str | None) -> str | None:
        """Who answers for a step."""
        if command in _BY_WINDOW:
            return WINDOW
        if command in (Accept, Decline, Acknowledge, ExplainRefusal) and unit is not None:
            return _shown(unit)
        if command in (Archive, Close):
            visited = self.record.of(Serve) if self.low is None else self.low.visit
            if not visited:
                return WINDOW
        return _shown(self._lead())

    def _moment(self, entry: Entry, *, early: bool) -> dt.datetime:
        """When the entry happened; where that is not known, a time that proves nothing."""
        if entry.at is not None:
            return entry.at.earliest if early else entry.at.latest
        case = self.low if early else self.high
        if case is not None:
            return case.changed_at
        times = [e.at.earliest for e in self.record.entries if e.at is not None]
        return min(times, default=self.as_of)

    def _command(self, entry: Entry, ends: Ends) -> Command:
        """The entry as a command; what the ledger does not record satisfies whoever asks. People's
        data are in none of its fields."""
        command = entry.command
        fields: dict[str, Any] = {
            "case": _ID,
            "at": self._moment(entry, early=ends.at),
            "by": self._actor(
                command,
                entry.unit if command in (Accept, Decline, Acknowledge, ExplainRefusal) else None,
            ),
        }
        build = _BUILD.get(command)
        if build is not None:
            fields |= build(self, entry, ends)
        return command(**fields)

    def said(self, entry: Entry, name: str, default: str = "—") -> str | None:
        """A placeholder where something stands in that field, or where the ledger lacks the field."""
        if name not in self.known or entry.phantom:
            return default
        return None if entry.values.get(name) is None else default

    def _play(self, entry: Entry) -> None:
        """Fold the entry into both cases."""
        command = entry.command
        if command is Transfer:
            self._play_transfer(entry)
            return
        early = self._command(entry, _EARLIEST)
        exact = self.exact and self._is_exact(entry)
        target = self._target(early)
        self.low = self._evolved(self.low, early, target)
        if exact:
            self.high = self.low
        else:
            self.exact = False
            self.high = self._evolved(self.high, self._command(entry, _LATEST), target)
        self.state = target
        self.played.append(entry)

    def _target(self, command: Command) -> State:
        move = MOVES.get((self.state, type(command)))
        if move is None:
            return self.state
        attempt = self._attempt(self.low, command)
        for when, target in move.targets:
            if when is None or when.check(attempt):
                return target
        return self.state  # pragma: no cover - the last target has no condition

    def _evolved(self, case: Case | None, command: Command, state: State) -> Case:
        kind = _EVENT_OF[type(command)]
        event: Event = kind(
            case=_ID,
            version=1 if case is None else case.version + 1,
            at=command.at,
            recorded_at=command.at,
            by=command.by,
            edition=self.regulation.edition,
            state=state,
            **{name: getattr(command, name) for name in _OWN[type(command)]},
        )
        return evolve(case, event)

    def _play_transfer(self, entry: Entry) -> None:
        """All notices of a case are one event; each keeps the time that it was issued."""
        exact = self.exact and all(
            unit.transfer is None or unit.transfer.at is None or unit.transfer.at.exact
            for unit in self.record.units
        )
        early = self._command(entry, _EARLIEST)
        notices: dict[str, TransferNotice] = {}
        assert isinstance(early, Transfer)
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
            late = attrs.evolve(whole, at=self._moment(entry, early=False))
            self.high = self._issued(self._evolved(self.high, late, State.TRANSFERRED), early=False)
        self.state = State.TRANSFERRED
        self.played.append(entry)

    def _issued(self, case: Case, *, early: bool) -> Case:
        if len(self.record.units) < 2:
            return case
        notices = []
        for notice in case.notices:
            facts = self._facts(notice.unit)
            own = None if facts is None or facts.transfer is None else facts.transfer.at
            at = None if own is None else own.earliest if early else own.latest
            if at is not None and isinstance(notice.issued, Transferred) and at != notice.issued.at:
                notice = attrs.evolve(notice, issued=attrs.evolve(notice.issued, at=at))  # noqa: PLW2901
            notices.append(notice)
        return attrs.evolve(case, notices=tuple(notices))

    # --- time limits

    def _limits(self) -> None:
        low, high = self.low, self.high
        if low is None or high is None:
            return
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
            self.found.cannot("7.2", Why.CALENDAR, Apply, (), self.record.row)
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
        kind, clause = early.kind, early.clause
        command = _COMMAND_OF_KIND[kind]
        subject = early.subject if kind in (Kind.REPLY, Kind.EXPLANATION) else None
        if (kind, subject) in self.missed or (self.stopped and kind in (Kind.ARRIVAL, Kind.FORM)):
            return
        if early.status is Status.VOID:
            return
        opened, met = self._ends(kind, early)
        if early.met_at is None:
            met = None  # what there is was about another item
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
        due_low, due_high = _shifted(early, first=True), _shifted(late, first=False)
        act_low, act_high = self._acted(kind, early, late, met)
        if act_low >= due_high:
            self.found.judged[clause] += 1
            self._late(early, late, act_low, due_high, met, row)
        elif act_high < due_low:
            self.found.judged[clause] += 1
            self._entered_late(early, met, due_high, row)
        else:
            why = Why.PROVISIONAL if early.provisional or late.provisional else Why.DAY_ONLY
            self.found.cannot(clause, why, command, names, row, kind=kind)

    def _owe(self, owed: Obligation) -> None:
        """What is still owed, and no limit is set for: listed, never late."""
        subject = owed.subject if owed.kind in (Kind.REPLY, Kind.EXPLANATION) else None
        opened, _ = self._ends(owed.kind, owed)
        place = self._place_of(_COMMAND_OF_KIND[owed.kind])
        if self.stopped or (owed.kind, subject) in self.missed or place not in self.known:
            return
        known = opened is not None and opened.at is not None and not opened.phantom
        self.found.owed.append(
            StillOwed(
                row=self.record.row if opened is None else opened.row,
                case=self.record.case,
                kind=owed.kind,
                clause=owed.clause,
                bearer=_shown(owed.bearer)
                if owed.bearer != WINDOW
                else self._window_or_lead(owed.kind),
                since=owed.opened_at if known else None,
            )
        )

    def _limit_unknown(self, owed: Obligation) -> None:
        """A visit without any time: there is nothing to count from."""
        visit, _ = self._ends(owed.kind, owed)
        if visit is None or (owed.kind, None) in self.missed or self.stopped:
            return
        names = self._limit_names(owed.kind, None)
        why = Why.UNMAPPED if names[0] not in self.known else visit.why or Why.BLANK
        command = _COMMAND_OF_KIND[owed.kind]
        self.found.cannot(owed.clause, why, command, names[:1], visit.row, kind=owed.kind)

    def _limit_names(self, kind: Kind, unit: str | None) -> tuple[str, str]:
        opened, met = LIMITS[kind]
        if kind is Kind.REPLY and self.known.shape is Shape.CASES:
            facts = self._facts(unit)
            if facts is not None and not facts.lead:
                met = "assisting_replied_at"
        if kind is Kind.REPLY and self.regulation.reply_clock is ReplyClock.RECEIPT:
            opened = "acknowledged_at"
        if kind is Kind.FORM and "arrived_at" not in self.known:
            opened = "left_at"
        if (
            kind is Kind.ARRIVAL
            and "rescheduled_to" in self.known
            and any(e.command is Reschedule for e in self.played)
        ):
            opened = "rescheduled_to"
        return opened, met

    def _ends(self, kind: Kind, owed: Obligation) -> tuple[Entry | None, Entry | None]:
        """The entries that opened an obligation and that met it."""

        def last(*commands: type[Command], unit: str | None = None) -> Entry | None:
            found = [e for e in self.played if e.command in commands and unit in (None, e.unit)]
            return found[-1] if found else None

        match kind:
            case Kind.TRANSFER:
                return last(Apply), last(Transfer)
            case Kind.REPLY:
                facts = self._facts(owed.subject)
                issued = facts.transfer if facts is not None and facts.transfer else None
                moved = [e for e in self.played if e.command is Reassign and e.unit == owed.subject]
                if self.regulation.reply_clock is ReplyClock.RECEIPT:
                    received = last(Acknowledge, unit=owed.subject)
                else:
                    received = moved[-1] if moved else issued
                return received or last(Transfer), last(Accept, Decline, unit=owed.subject)
            case Kind.LEAD:
                return last(Accept, Decline), last(DesignateLead)
            case Kind.APPOINTMENT:
                return last(ReportFailedVisit, DesignateLead) or last(Accept, Decline), last(
                    Schedule
                )
            case Kind.EXPLANATION:
                return last(Decline, unit=owed.subject), last(ExplainRefusal, unit=owed.subject)
            case Kind.ARRIVAL:
                return last(Schedule, Reschedule), last(Serve)
            case Kind.FORM:
                return last(Serve), last(FileRegistrationForm)
            case Kind.NOTICE:
                return last(Serve), last(GiveOneTimeNotice)
            case Kind.OUTCOME:
                return last(GiveOneTimeNotice), last(ReportOutcome)
            case Kind.DELIVERY:
                return last(ReportOutcome), last(Deliver)
            case Kind.ARCHIVE:
                return last(Close, Withdraw), last(Archive)

    def _why(self, kind: Kind, entry: Entry | None, end: str) -> Why | None:
        """Why the time of an entry can't be counted from or to; None where it can."""
        if entry is None:
            return None  # not met: judged as of the moment of the audit
        if end == "opened" and kind is Kind.OUTCOME:
            return None  # the day promised; without one there is no due day
        if end == "opened" and kind is Kind.ARRIVAL:
            start = _start_of(entry)
            return None if isinstance(start, Moment) and not start.unknown else Why.BLANK
        if entry.phantom:
            return Why.BLANK
        if end == "opened" and kind is Kind.FORM and entry.at is None:
            return None if _visit_times(self, entry)[1] is not None else entry.why
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
        due: dt.datetime,
        met: Entry | None,
        row: int,
    ) -> None:
        kind = early.kind
        command = _COMMAND_OF_KIND[kind]
        if met is None:
            code, verb_zh, verb_en = AuditCode.OVERDUE, "到导出时还没有", "was still not done"
        elif kind is Kind.ARRIVAL:
            code, verb_zh, verb_en = AuditCode.LATE_ARRIVAL, "迟到", "was late"
        else:
            code, verb_zh, verb_en = AuditCode.LATE_ACT, "逾期", "was late"
        exact = met is None or (met.at is not None and met.at.exact)
        exact = exact and early.due == late.due
        days = (local_day(at) - local_day(due - dt.timedelta(microseconds=1))).days
        seconds = int((at - due).total_seconds())
        by_zh = f"{days}天" if days else f"{max(seconds, 60) // 60}分钟"
        by_en = f"{days} day(s)" if days else f"{max(seconds, 60) // 60} minute(s)"
        limit = late.latest if late.provisional else late.due_day
        zh = f"{kind.zh}{verb_zh}：期限为{limit}，超过{by_zh}。"
        en = f"{kind.value} {verb_en}: due by {limit}, exceeded by {by_en}."
        if code is AuditCode.LATE_ARRIVAL:
            start = due - dt.timedelta(minutes=1)
            minutes = int((at - start).total_seconds()) // 60
            zh = f"约定{start:%Y-%m-%d %H:%M}，{at:%Y-%m-%d %H:%M}到达，迟到{minutes}分钟。"
            en = f"appointed {start:%Y-%m-%d %H:%M}, arrived {at:%Y-%m-%d %H:%M}: {minutes} minutes late."
            if not exact:
                zh = f"约定{local_day(start)}，{local_day(at)}才到达。"
                en = f"appointed {local_day(start)}, arrived on {local_day(at)}."
        self._find(
            row,
            code,
            command,
            clause=early.clause,
            kind=kind,
            bearer=_shown(early.bearer) if early.bearer != WINDOW else self._window_or_lead(kind),
            zh=zh,
            en=en,
            due=due,
            at=at,
            by_seconds=seconds,
            by_days=days,
            exact=exact,
        )

    def _window_or_lead(self, kind: Kind) -> str | None:
        if kind in (Kind.TRANSFER, Kind.LEAD, Kind.ARCHIVE):
            return WINDOW
        return _shown(self._lead())

    def _entered_late(
        self, owed: Obligation, met: Entry | None, due: dt.datetime, row: int
    ) -> None:
        """``late_entry``: done in time, entered after it."""
        if met is None or met.recorded_at is None or owed.kind is Kind.ARRIVAL:
            return
        entered = met.recorded_at.earliest
        if entered < due:
            return
        self._find(
            row,
            AuditCode.LATE_ENTRY,
            met.command,
            clause=owed.clause,
            kind=owed.kind,
            bearer=_shown(owed.bearer),
            zh=f"{owed.kind.zh}按期，登记逾期：期限为{owed.due_day}。",
            en=f"{owed.kind.value} was in time and entered late: due by {owed.due_day}.",
            due=due,
            at=owed.met_at,
            by_seconds=int((entered - due).total_seconds()),
            by_days=(local_day(entered) - local_day(due - dt.timedelta(microseconds=1))).days,
            exact=met.recorded_at.exact,
        )

    def _absences(self) -> None:
        """7.3: a visit that failed because the staff did not come."""
        for entry in self.played:
            if entry.command is ReportFailedVisit and entry.get("failure_cause") == "staff_absent":
                self.found.judged["7.3"] += 1
                self._find(
                    entry.row,
                    AuditCode.STAFF_ABSENT,
                    ReportFailedVisit,
                    clause="7.3",
                    interpretation="I-9",
                    kind=Kind.ARRIVAL,
                    bearer=_shown(self._lead()),
                    zh="上门未果，原因是工作人员未到。",
                    en="the visit failed because the staff did not come.",
                    at=None if entry.at is None else entry.at.earliest,
                )

    def _find(self, row: int, code: AuditCode, command: type[Command], **said: Any) -> None:
        del command
        self.found.findings.append(AuditFinding(row=row, case=self.record.case, code=code, **said))


_JUDGED_LATE: Final = frozenset({"not_before_start", "on_appointed_day_or_later"})

#: The times that a guard compares, which must not be unreadable or merely ticked.
_TIMES_JUDGED: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("reschedule", "before_appointed_start"): ("at", "appointed_at"),
    ("report_failed_visit", "not_before_start"): ("at", "appointed_at"),
    ("serve", "times_in_order"): ("arrived_at", "left_at"),
    ("serve", "on_appointed_day_or_later"): ("appointed_at", "arrived_at"),
    ("schedule", "start_in_future"): ("appointed_at",),
    ("reschedule", "start_in_future"): ("rescheduled_to",),
}


def _caption(name: str) -> str:
    return FIELDS[name].zh if name in FIELDS else name


def _after(entry: Entry, end: Entry) -> bool:
    """Whether ``entry`` is certainly later than ``end``."""
    return entry.at is not None and end.at is not None and entry.at.earliest > end.at.latest


def _by_time(entries: list[Entry]) -> list[Entry]:
    """In order of time; those without one keep their place in the ledger."""
    if len(entries) < 2 or any(entry.at is None for entry in entries):
        return entries
    return sorted(entries, key=lambda e: e.at.earliest if e.at is not None else _FAR)


def _start_of(entry: Entry) -> Any:
    if entry.command is Reschedule:
        return entry.get("rescheduled_to") or entry.get("appointed_at")
    return entry.get("appointed_at")


def _paired(
    first: Sequence[Obligation], last: Sequence[Obligation]
) -> Iterator[tuple[Obligation, Obligation]]:
    """The same obligation in both cases: of its kind and subject, in the order they were opened."""
    if first is last:
        yield from zip(first, last, strict=True)
        return
    waiting: dict[tuple[Kind, str | None], list[Obligation]] = defaultdict(list)
    for owed in last:
        waiting[owed.kind, owed.subject].append(owed)
    for owed in first:
        others = waiting[owed.kind, owed.subject]
        if others:
            yield owed, others.pop(0)


def _shifted(owed: Obligation, *, first: bool) -> dt.datetime:
    """The due instant on the earliest or the latest day that a provisional limit can end on."""
    assert owed.due is not None
    assert owed.due_day is not None
    day = owed.earliest if first else owed.latest
    return owed.due if day is None else owed.due + (day - owed.due_day)


# --- entries as commands ------------------------------------------------------------------------


def _apply(replay: _Replay, entry: Entry, ends: Ends) -> dict[str, Any]:
    keys = entry.get("items")
    known = replay.regulation.catalogue
    grounded = "item_ground" in replay.known and entry.values.get("item_ground") is not None
    items: list[ServiceItem] = []
    if "items" not in replay.known or entry.phantom or entry.unreadable("items"):
        items = [ServiceItem(name="—", ground="—")]
    elif isinstance(keys, tuple):
        for n, key in enumerate(keys, start=1):
            if key in known:
                items.append(ServiceItem(id=key, name=known.get(key).name))
            else:  # what stands there is not repeated
                name = replay.names.setdefault(key, f"第{n}个事项/item {n}")
                items.append(ServiceItem(name=name, ground="—" if grounded else None))
    ground = entry.get("ground")
    return {
        "applicant": Applicant(name="—", phone=replay.said(entry, "phone", "00000")),
        "address": replay.said(entry, "address"),
        "reason": replay.said(entry, "reason"),
        "ground": (SpecialGroup.OTHER if ground == "other" else SpecialGroup.ELDERLY)
        if replay.said(entry, "ground")
        else None,
        "circumstances": replay.said(entry, "circumstances"),
        "items": items,
    }


def _item_keys(replay: _Replay, unit: UnitFacts) -> tuple[str, ...]:
    assert replay.low is not None
    own = [item.key for item in replay.low.items]
    if unit.items is None:
        return tuple(own)
    named = (replay.names.get(key, key) for key in unit.items)
    return tuple(key for key in dict.fromkeys(named) if key in own)


def _transfer(replay: _Replay, entry: Entry, ends: Ends) -> dict[str, Any]:
    units = replay.record.units if replay.record.unit_given or entry.phantom else []
    return {
        "notices": [
            TransferNotice(
                unit=unit.name,
                role=UnitRole.LEAD if unit.lead else UnitRole.ASSISTING,
                number=unit.number
                if unit.numbered and unit.number
                else None
                if unit.numbered
                else f"#{n}",
                items=_item_keys(replay, unit),
            )
            for n, unit in enumerate(units)
        ]
    }


def _reassign(replay: _Replay, entry: Entry, ends: Ends) -> dict[str, Any]:
    case = replay.low
    assert case is not None
    named = entry.get("reassigned_from")
    old = named[0] if isinstance(named, tuple) and named else None
    before = case.notice_of(old)
    new = entry.unit or UNKNOWN_UNIT
    return {
        "from_unit": old,
        "reason": replay.said(entry, "reassign_reason"),
        "notice": TransferNotice(
            unit=new,
            role=UnitRole.ASSISTING if before is None else before.role,
            number=f"#{case.version}",
            items=() if before is None else before.items,
        ),
    }


def _decline(replay: _Replay, entry: Entry, ends: Ends) -> dict[str, Any]:
    facts = replay._facts(entry.unit)
    prefix = "assisting_" if replay.known.shape is Shape.CASES and facts and not facts.lead else ""

    def told(name: str) -> str | None:
        unmapped = f"{prefix}{name}" not in replay.known
        return "—" if unmapped or entry.values.get(name) is not None else None

    reason, way = told("decline_reason"), told("alternatives")
    return {"reason": reason, "alternatives": () if way is None else (way,)}


def _designate(replay: _Replay, entry: Entry, ends: Ends) -> dict[str, Any]:
    named = entry.get("designated_lead") or (() if entry.unit is None else (entry.unit,))
    if named:
        return {"unit": named[0]}
    case = replay.low
    assert case is not None
    return {"unit": next((n.unit for n in case.notices if n.accepted), None)}


def _explain(replay: _Replay, entry: Entry, ends: Ends) -> dict[str, Any]:
    case = replay.low
    declined = () if case is None else tuple(n.unit for n in case.notices if n.declined)
    return {
        "unit": entry.unit or (declined[0] if declined else None),
        "channel": replay.said(entry, "explained_how"),
        "explained_to": replay.said(entry, "explained_to"),
    }


def _staff(replay: _Replay, entry: Entry, name: str, phone: str | None) -> tuple[StaffMember, ...]:
    """Those named; where the ledger does not name any, somebody of every unit that must come."""
    case = replay.low
    named = entry.get(name)
    if name not in replay.known or entry.phantom or entry.unreadable(name):
        named = () if case is None else case.visiting_units
    return tuple(StaffMember(name="—", unit=unit, phone=phone) for unit in named or ())


def _start(replay: _Replay, entry: Entry, ends: Ends) -> dt.datetime | None:
    """The appointed start. Where it is not known, the case takes one that refuses nothing."""
    start = _start_of(entry)
    if isinstance(start, Moment) and not start.unknown:
        return start.earliest if ends.start else start.latest
    name = (
        "rescheduled_to"
        if entry.command is Reschedule and "rescheduled_to" in replay.known
        else "appointed_at"
    )
    if ends.asking and name in replay.known and not entry.unreadable(name) and start is None:
        return None
    return replay._moment(entry, early=ends.at) + _ONE_DAY


def _schedule(replay: _Replay, entry: Entry, ends: Ends) -> dict[str, Any]:
    told = None if replay.said(entry, "materials") is None else ("—",)
    return {
        "start": _start(replay, entry, ends),
        "place": replay.said(entry, "place"),
        "materials": told,
        "staff": _staff(replay, entry, "appointed_units", "00000"),
    }


def _reschedule(replay: _Replay, entry: Entry, ends: Ends) -> dict[str, Any]:
    return {
        "start": _start(replay, entry, ends),
        "reason": replay.said(entry, "reschedule_reason"),
    }


def _fail(replay: _Replay, entry: Entry, ends: Ends) -> dict[str, Any]:
    if "failure_cause" not in replay.known or entry.unreadable("failure_cause"):
        return {"cause": Cause.UNSAFE}
    cause = entry.get("failure_cause")
    return {"cause": None if cause is None else Cause(cause), "note": "—"}


def _serve(replay: _Replay, entry: Entry, ends: Ends) -> dict[str, Any]:
    case = replay.low
    assert case is not None
    arrived, left = _visit_times(replay, entry)
    if ends.asking:
        arrived, left = _known_moment(entry, "arrived_at"), _known_moment(entry, "left_at")
    results = {replay.names.get(k, k): word for k, word in (entry.get("results") or {}).items()}
    said = entry.get("completed")
    if (
        "completed" not in replay.known
        or entry.unreadable("completed")
        or (said is None and entry.phantom)
    ):
        outstanding = bool(replay.record.of(GiveOneTimeNotice))
        said = "no" if outstanding else "yes"
        if "completed" not in replay.known:
            replay.found.assumed[_ASSUMED_COMPLETED] = None
    elif said is None and replay.record.of(GiveOneTimeNotice):
        said = "no"
    given = [(key, results.get(key) or said) for key in case.accepted_items]
    forms = entry.get("forms_completed")
    return {
        "arrived_at": None
        if arrived is None
        else arrived.earliest
        if ends.arrived
        else arrived.latest,
        "left_at": None if left is None else left.earliest if ends.left else left.latest,
        "staff": _staff(replay, entry, "visiting_units", None),
        "forms_completed": "forms_completed" not in replay.known or forms == "yes",
        "results": [ItemResult(item=key, completed=word == "yes") for key, word in given if word],
    }


def _known_moment(entry: Entry, name: str) -> Moment | None:
    moment = entry.get(name)
    return moment if isinstance(moment, Moment) and not moment.unknown else None


def _visit_times(replay: _Replay, entry: Entry) -> tuple[Moment | None, Moment | None]:
    """Arrival and leaving. Where the end of a visit is not recorded it lies on the day it began."""
    arrived, left = _known_moment(entry, "arrived_at"), _known_moment(entry, "left_at")
    if arrived is not None and left is not None and left.latest < arrived.earliest:
        left = None  # ``times_in_order`` says so; nothing is counted from it
    if left is None and arrived is not None:
        replay.found.assumed[_ASSUMED_LEFT] = None
        left = Moment(arrived.earliest, Moment.on(local_day(arrived.latest)).latest)
    return arrived, left


def _notice(replay: _Replay, entry: Entry, ends: Ends) -> dict[str, Any]:
    case = replay.low
    assert case is not None
    whole = entry.get("expected_by")
    promised = {replay.names.get(k, k): day for k, day in (entry.get("promised") or {}).items()}
    needed = replay.said(entry, "needed")
    return {
        "outstanding": [
            OutstandingItem(
                item=key,
                needed=() if needed is None else (needed,),
                expected_by=local_day(day.earliest) if isinstance(day, Moment) else None,
            )
            for key in case.outstanding_items
            for day in (promised.get(key, None if promised else whole),)
        ]
    }


def _outcome(replay: _Replay, entry: Entry, ends: Ends) -> dict[str, Any]:
    announced = entry.get("to_deliver") is True
    return {
        "item": replay.item,
        "outcome": replay.said(entry, "outcome"),
        "channel": "—",
        "to_deliver": ("—",) if announced else (),
    }


def _deliver(replay: _Replay, entry: Entry, ends: Ends) -> dict[str, Any]:
    return {
        "item": replay.item,
        "materials": ("—",),
        "method": "—",
        "received_by": replay.said(entry, "received_by"),
    }


def _form(replay: _Replay, entry: Entry, ends: Ends) -> dict[str, Any]:
    case = replay.low
    units: Iterable[str]
    if "signed_by" in replay.known and not entry.unreadable("signed_by"):
        units = entry.get("signed_by") or ()
    else:
        units = () if case is None else case.visiting_units
    return {
        "summary": replay.said(entry, "form_summary"),
        "recipient_opinion": replay.said(entry, "recipient_opinion"),
        "signatures": [Signature(name="—", unit=unit) for unit in units],
    }


_BUILD: Final = {
    Apply: _apply,
    Transfer: _transfer,
    Reassign: _reassign,
    Decline: _decline,
    DesignateLead: _designate,
    ExplainRefusal: _explain,
    Schedule: _schedule,
    Reschedule: _reschedule,
    ReportFailedVisit: _fail,
    Serve: _serve,
    GiveOneTimeNotice: _notice,
    ReportOutcome: _outcome,
    Deliver: _deliver,
    FileRegistrationForm: _form,
    Withdraw: lambda replay, entry, ends: {"reason": replay.said(entry, "withdraw_reason")},
    Archive: lambda replay, entry, ends: {
        "archive_number": replay.said(entry, "archive_number"),
        "keeper": "—",
    },
}
