"""What must hold of every case and of every move, each named and with the clause that it is from.

An invariant looks at one ``Try``: a case, a command, and what came of it. It returns None where it
holds, otherwise what is wrong in a few words. ``INVARIANTS`` are the library's own; the explorer
and ``WorkflowMachine`` check them after every try. One of yours is a function, and cites a clause
of your standard::

    @invariant("7.2")
    def a_reply_is_never_owed_for_a_week(t: Try) -> str | None:
        \"\"\"No unit has more than seven days to reply.\"\"\"
        for owed in t.obligations:
            if owed.kind is Kind.REPLY and owed.due and owed.due - owed.opened_at > WEEK:
                return f"{owed.bearer} may wait until {owed.due}"
        return None

It is asked of what was accepted; with ``of_refusals=True`` of what was not as well.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property
from typing import Final

import attrs
from attrs import define, field, frozen

from onsite_workflow import events as e
from onsite_workflow.calendar import WorkingCalendar
from onsite_workflow.case import Case, evolve, replay
from onsite_workflow.clauses import CLAUSES
from onsite_workflow.commands import Apply, Command, Correct, Decline
from onsite_workflow.decide import Availability, Decision, available, decide
from onsite_workflow.errors import InvalidInput, OnsiteWorkflowError, Refused
from onsite_workflow.events import Event
from onsite_workflow.obligations import Finding, Obligation, Status, findings, obligations
from onsite_workflow.regulation import DB4209_T_32_2023, Kind, LimitUnit, Regulation, ReplyClock
from onsite_workflow.serialization import (
    command_to_wire,
    event_from_json,
    event_to_json,
    read_line,
)
from onsite_workflow.terms import (
    Actor,
    Directory,
    Result,
    State,
    UnitRole,
    check_given_name,
    is_blank,
    local_day,
)

__all__ = [
    "INVARIANTS",
    "Invariant",
    "Situation",
    "Try",
    "invariant",
    "journal_line",
    "owed_step_by_step",
]

_OWED: Final = (Status.OPEN, Status.OVERDUE)
_ENDED: Final = (State.CLOSED, State.ARCHIVED)
ONE_MICROSECOND: Final = dt.timedelta(microseconds=1)


@define(kw_only=True, eq=False, slots=False)
class Situation:
    """A case (None: not opened yet) and what its next command is judged by."""

    case: Case | None
    regulation: Regulation = DB4209_T_32_2023
    calendar: WorkingCalendar = field(factory=WorkingCalendar.china)
    directory: Directory = field(factory=Directory)
    existing_cases: Collection[str] = ()
    _obligations: dict[dt.datetime, tuple[Obligation, ...]] = field(init=False, factory=dict)
    _available: dict[Actor, dict[str, Availability]] = field(init=False, factory=dict)

    def attempt(self, command: Command, recorded_at: dt.datetime) -> Try:
        """What comes of ``command``, entered at that moment."""
        try:
            decision = self.decide(command, recorded_at, self.regulation)
        except OnsiteWorkflowError as error:
            return Try(situation=self, command=command, recorded_at=recorded_at, error=error)
        return Try(situation=self, command=command, recorded_at=recorded_at, decision=decision)

    def decide(
        self, command: Command, recorded_at: dt.datetime, regulation: Regulation
    ) -> Decision:
        """The library's own answer, under a regulation of the same edition."""
        return decide(
            self.case,
            command,
            recorded_at=recorded_at,
            regulation=regulation,
            calendar=self.calendar,
            directory=self.directory,
            existing_cases=self.existing_cases,
        )

    def available(self, by: Actor) -> dict[str, Availability]:
        """What ``available`` says to ``by`` here, by command."""
        if by not in self._available:
            self._available[by] = {option.command: option for option in available(self.case, by)}
        return self._available[by]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found late so far."""
        if self.case is None:
            return ()
        return findings(self.case, regulation=self.regulation, calendar=self.calendar)

    def obligations(self, as_of: dt.datetime) -> tuple[Obligation, ...]:
        """Every time limit of the case as of a moment."""
        if self.case is None:
            return ()
        if as_of not in self._obligations:
            self._obligations[as_of] = obligations(
                self.case, regulation=self.regulation, calendar=self.calendar, as_of=as_of
            )
        return self._obligations[as_of]

    @cached_property
    def people(self) -> list[str]:
        """What the application says of people."""
        return [] if self.case is None else _people(self.case.application)

    @cached_property
    def owed(self) -> tuple[Obligation, ...]:
        """Every time limit of the case as of its latest entry."""
        return () if self.case is None else self.obligations(self.case.recorded_at)


@define(kw_only=True, eq=False, slots=False)
class Try:
    """A command put to a case and what came of it: a ``decision``, or the ``error`` why not."""

    situation: Situation
    command: Command
    recorded_at: dt.datetime
    decision: Decision | None = None
    error: OnsiteWorkflowError | None = None

    @property
    def before(self) -> Case | None:
        """The case as it stood; None where there was none."""
        return self.situation.case

    @property
    def regulation(self) -> Regulation:
        """The edition judged by."""
        return self.situation.regulation

    @property
    def calendar(self) -> WorkingCalendar:
        """The calendar that days were counted with."""
        return self.situation.calendar

    @property
    def answer(self) -> str:
        """``accepted``, or one of the six answers."""
        return "accepted" if self.error is None else self.error.answer

    @property
    def rules(self) -> frozenset[tuple[str, str | None]]:
        """The unmet rules, each with its clause."""
        return frozenset((v.rule, v.clause) for v in self.error.violations) if self.error else _NONE

    @property
    def event(self) -> Event:
        """What happened. Only where it was accepted."""
        assert self.decision is not None
        (event,) = self.decision.events
        return event

    @cached_property
    def outcome(self) -> Situation:
        """The case with what happened to it; as it was where nothing did."""
        if self.decision is None:
            return self.situation
        s = self.situation
        return Situation(
            case=evolve(self.before, self.event),
            regulation=s.regulation,
            calendar=s.calendar,
            directory=s.directory,
            existing_cases=s.existing_cases,
        )

    @property
    def after(self) -> Case:
        """The case with what happened to it. Only where there is one."""
        case = self.outcome.case
        assert case is not None
        return case

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """Every time limit of the case after the try, as of its latest entry."""
        return self.outcome.owed

    def under(self, regulation: Regulation) -> Try:
        """The same try under another regulation of this edition."""
        try:
            decision = self.situation.decide(self.command, self.recorded_at, regulation)
        except OnsiteWorkflowError as error:
            return attrs.evolve(self, decision=None, error=error)
        return attrs.evolve(self, decision=decision, error=None)


_NONE: Final[frozenset[tuple[str, str | None]]] = frozenset()

Check = Callable[[Try], str | None]


@frozen(kw_only=True, eq=False)
class Invariant:
    """Something that must hold after every try. ``check`` says what is wrong, or None.

    ``clause`` is where it comes from, with the number of an interpretation where that is doubtful.
    ``of_refusals``: it speaks of commands that were not carried out as well.
    """

    name: str
    clause: str
    interpretation: str | None
    says: str
    check: Check
    of_refusals: bool = False

    def __call__(self, tried: Try) -> str | None:
        return self.check(tried) if self.of_refusals or tried.decision is not None else None


def invariant(
    clause: str, interpretation: str | None = None, *, of_refusals: bool = False
) -> Callable[[Check], Invariant]:
    """Make an invariant of a function: its name, and the first paragraph of its docstring.

    ``clause`` is a clause of your standard, whichever that is; ``InvalidInput`` where it is blank or
    no text. Without ``of_refusals`` it is asked of what was accepted alone.
    """
    check_given_name("clause", clause)

    def made(check: Check) -> Invariant:
        return Invariant(
            name=check.__name__,
            clause=clause,
            interpretation=interpretation,
            says=" ".join((check.__doc__ or "").partition("\n\n")[0].split()),
            check=check,
            of_refusals=of_refusals,
        )

    return made


def _names(wrong: Iterable[object]) -> str | None:
    found = [str(thing) for thing in wrong]
    return ", ".join(found) or None


def journal_line(command: Command, recorded_at: dt.datetime) -> str:
    """The line of a journal that puts ``command``, entered at that moment."""
    return json.dumps(command_to_wire(command, recorded_at), ensure_ascii=False)


def _unless(condition: bool, wrong: str) -> str | None:
    return None if condition else wrong


def _happened(case: Case, *kinds: type[Event]) -> int:
    return sum(isinstance(event, kinds) for event in case.history)


# --- 1, 5: what is opened -----------------------------------------------------------------------


@invariant("1")
def a_case_is_opened_under_an_edition_in_force(t: Try) -> str | None:
    """A case is applied for on a day on which its edition is in force."""
    application = t.after.application
    day = local_day(application.at)
    return _unless(t.regulation.in_force_on(day), f"opened on {day}")


@invariant("5.3")
def no_item_stands_twice(t: Try) -> str | None:
    """A case has at least one item, and each once."""
    keys = [item.key for item in t.after.items]
    return _unless(0 < len(keys) == len(set(keys)), f"{len(keys)} items, {len(set(keys))} of them")


@invariant("7.1")
def an_applicant_can_be_found(t: Try) -> str | None:
    """A case has a way to reach the applicant, an address and a reason."""
    a = t.after.application
    reachable = a.applicant is not None and not is_blank(a.applicant.phone)
    return _unless(reachable and not is_blank(a.address) and not is_blank(a.reason), "incomplete")


# --- 7.2: notices and replies -------------------------------------------------------------------


@invariant("7.2")
def every_item_is_transferred(t: Try) -> str | None:
    """Once transferred, every item stands in a notice, and no other; each unit has one notice."""
    case = t.after
    if case.transferred is None:
        return None
    noticed = {key for notice in case.notices for key in notice.items}
    units = [notice.unit for notice in case.notices]
    whole = noticed == {item.key for item in case.items} and len(units) == len(set(units))
    return _unless(whole, "the notices do not carry the items of the case once a unit")


@invariant("7.2")
def no_number_is_given_twice(t: Try) -> str | None:
    """Every notice of a case, replaced ones included, has a number of its own."""
    numbers = [n.number for n in (*t.after.notices, *t.after.replaced_notices)]
    return _unless(all(numbers) and len(numbers) == len(set(numbers)), "a number twice, or none")


@invariant("7.2")
def nobody_visits_before_every_reply(t: Try) -> str | None:
    """Past the transfer every unit with a notice has replied."""
    case = t.after
    if case.state in (State.APPLIED, State.TRANSFERRED) or case.result is Result.WITHDRAWN:
        return None
    return _names(notice.unit for notice in case.notices if notice.reply is None)


@invariant("7.2.3")
def exactly_one_unit_leads(t: Try) -> str | None:
    """Once transferred, one notice names its unit the lead."""
    leads = [n.unit for n in t.after.notices if n.role is UnitRole.LEAD]
    return _unless(t.after.transferred is None or len(leads) == 1, f"{len(leads)} lead")


@invariant("7.2.1")
def no_case_is_served_unless_an_accepting_lead_said_yes(t: Try) -> str | None:
    """No visit is appointed or held unless the unit that leads accepted."""
    case = t.after
    if not case.bookings and case.visit is None:
        return None
    notice = case.notice_of(case.lead)
    return _unless(notice is not None and notice.accepted, "the lead has not accepted")


@invariant("7.2.2")
def every_refusal_ends_explained(t: Try) -> str | None:
    """When a case is closed, every unit that declined gave a reason and an alternative, and the
    applicant was told; unless the application was withdrawn."""
    case = t.after
    if case.state not in _ENDED or case.result is Result.WITHDRAWN:
        return None
    return _names(n.unit for n in case.notices if n.declined and n.explained is None)


@invariant("7.2.2")
def every_refusal_has_a_reason_and_an_alternative(t: Try) -> str | None:
    """A unit that declines gives a reason and at least one other way."""
    return _names(
        notice.unit
        for notice in t.after.notices
        if isinstance(notice.reply, e.Declined)
        and (
            is_blank(notice.reply.reason)
            or all(is_blank(text) for text in notice.reply.alternatives)
        )
    )


# --- 7.2.1, 7.3: appointments and visits --------------------------------------------------------


@invariant("7.2.1")
def an_appointment_stands_only_while_scheduled(t: Try) -> str | None:
    """A scheduled case has one standing appointment; in any other state none stands."""
    standing = [booking for booking in t.after.bookings if booking.ended is None]
    expected = 1 if t.after.state is State.SCHEDULED else 0
    return _unless(len(standing) == expected, f"{len(standing)} stand")


@invariant("7.2.1")
def an_appointment_is_made_ahead(t: Try) -> str | None:
    """An appointment starts after it is made, at a place that is named."""
    return _names(
        booking.made.version
        for booking in t.after.bookings
        if booking.appointment.start <= booking.made.at or is_blank(booking.appointment.place)
    )


@invariant("7.3")
def at_most_one_visit_is_held(t: Try) -> str | None:
    """A case is served once."""
    held = _happened(t.after, e.Served)
    return _unless(held <= 1, f"{held} visits")


@invariant("7.2.3")
def a_joint_visit_is_held_jointly(t: Try) -> str | None:
    """Somebody of the lead and of every accepting unit was at the visit."""
    case = t.after
    if case.visit is None:
        return None
    present = {member.unit for member in case.visit.staff}
    return _names(unit for unit in case.visiting_units if unit not in present)


@invariant("7.3")
def a_visit_has_one_result_an_accepted_item(t: Try) -> str | None:
    """A visit has a result for each accepted item and for no other."""
    case = t.after
    if case.visit is None:
        return None
    given = Counter(result.item for result in case.visit.results)
    return _unless(given == Counter(case.accepted_items), "the results are not those of the items")


@invariant("7.3")
def a_visit_is_entered_once_it_is_over(t: Try) -> str | None:
    """A visit begins on the day appointed or later, and ends before it is entered."""
    case = t.after
    if case.visit is None or case.appointment is None:
        return None
    arrived, left = case.visit.arrived_at, case.visit.left_at
    if arrived is None or left is None:
        return "no times"
    appointed = local_day(case.appointment.start)
    in_order = arrived <= left <= case.visit.recorded_at
    return _unless(in_order and local_day(arrived) >= appointed, "out of order")


@invariant("7.5")
def forms_are_filled_in_where_anything_was_completed(t: Try) -> str | None:
    """Where an item was completed on site the forms were filled in whole."""
    visit = t.after.visit
    if visit is None or not any(result.completed for result in visit.results):
        return None
    return _unless(visit.forms_completed is True, "not filled in")


# --- 7.4: what could not be completed on site ---------------------------------------------------


@invariant("7.4", "I-7")
def at_most_one_one_time_notice(t: Try) -> str | None:
    """The one-time notice is given once."""
    given = _happened(t.after, e.OneTimeNoticeGiven)
    return _unless(given <= 1, f"{given} notices")


@invariant("7.4")
def the_notice_names_what_is_outstanding(t: Try) -> str | None:
    """The one-time notice names every item that was not completed, says what each needs, and names
    no other."""
    case = t.after
    notice = case.one_time_notice
    if notice is None:
        return None
    named = sorted(line.item for line in notice.outstanding)
    said = all(any(not is_blank(text) for text in line.needed) for line in notice.outstanding)
    return _unless(said and named == sorted(case.outstanding_items), "not what is outstanding")


@invariant("7.4")
def an_outcome_is_told_once(t: Try) -> str | None:
    """Each item of the notice has at most one outcome and one delivery; no other item has any."""
    case = t.after
    told = [outcome.item for outcome in case.outcomes]
    brought = [delivery.item for delivery in case.deliveries if delivery.item is not None]
    fits = set(told) <= set(case.promised_items) and set(brought) <= set(told)
    return _unless(fits and len(told + brought) == len(set(told)) + len(set(brought)), "twice")


@invariant("7.4")
def what_ends_is_finished(t: Try) -> str | None:
    """A case is closed as completed on site only where everything was; as completed later only
    where every outcome was told and everything announced was delivered."""
    case = t.after
    if case.result is Result.COMPLETED_ON_SITE:
        return _names(case.outstanding_items)
    if case.result is not Result.COMPLETED_LATER:
        return None
    silent = [key for key in case.outstanding_items if case.outcome_of(key) is None]
    waiting = [
        outcome.item
        for outcome in case.outcomes
        if any(not is_blank(text) for text in outcome.to_deliver)
        and case.delivery_of(outcome.item) is None
    ]
    return _names([*silent, *waiting])


# --- 6.3, 9: the form, the end ------------------------------------------------------------------


@invariant("6.3", "I-17")
def the_form_is_filed_once(t: Try) -> str | None:
    """The registration form is filed once, after a visit, signed for every unit that visited."""
    case = t.after
    form, visit = case.registration_form, case.visit
    if form is None:
        return None
    signed = {signature.unit for signature in form.signatures}
    whole = visit is not None and {member.unit for member in visit.staff} <= signed
    return _unless(whole and _happened(case, e.RegistrationFormFiled) == 1, "not as 6.3 asks")


@invariant("6.3")
def a_visit_is_archived_with_its_form(t: Try) -> str | None:
    """Where a visit was held, nothing is archived without the registration form."""
    case = t.after
    filed = case.visit is None or case.registration_form is not None
    return _unless(case.state is not State.ARCHIVED or filed, "no form")


@invariant("7.3")
def a_case_has_a_result_once_it_ends(t: Try) -> str | None:
    """A case has a result where it is closed or archived, and only there."""
    ended = t.after.state in _ENDED
    return _unless((t.after.result is not None) is ended, f"{t.after.state}, {t.after.result}")


@invariant("7.1", "I-8")
def nothing_is_withdrawn_after_the_visit(t: Try) -> str | None:
    """A withdrawn case had no visit."""
    withdrawn = t.after.result is Result.WITHDRAWN
    return _unless(not withdrawn or t.after.visit is None, "a visit was held")


@invariant("9")
def archived_is_final(t: Try) -> str | None:
    """Nothing happens to a case that is archived."""
    return _unless(t.before is None or t.before.state is not State.ARCHIVED, t.event.name)


@invariant("9")
def an_archived_case_owes_nothing(t: Try) -> str | None:
    """Once a case is archived, everything that was owed is met or void."""
    if t.after.state is not State.ARCHIVED:
        return None
    return _names(owed.kind for owed in t.obligations if owed.status in _OWED)


# --- I-6, I-15: entries are kept, in order ------------------------------------------------------


@invariant("9", "I-6")
def nothing_entered_is_erased(t: Try) -> str | None:
    """An act adds one entry, numbered next; all earlier entries stay as they were."""
    earlier = () if t.before is None else t.before.history
    kept = t.after.history == (*earlier, t.event)
    return _unless(kept and t.after.version == len(earlier) + 1, "an entry is lost or changed")


@invariant("9", "I-6")
def a_correction_moves_nothing(t: Try) -> str | None:
    """A correction leaves state and result as they were."""
    if t.before is None or not isinstance(t.command, Correct):
        return None
    same = (t.after.state, t.after.result) == (t.before.state, t.before.result)
    return _unless(same, f"from {t.before.state} to {t.after.state}")


@invariant("9", "I-15")
def entries_are_in_order(t: Try) -> str | None:
    """No entry is made before an earlier one, nor before what it tells of has happened."""
    entered = [event.recorded_at for event in t.after.history]
    in_order = entered == sorted(entered)
    return _unless(in_order and t.event.at <= t.event.recorded_at, "out of order")


@invariant("9")
def no_event_is_lost_by_replay(t: Try) -> str | None:
    """A case made anew from its entries is the same case."""
    return _unless(replay(t.after.history) == t.after, "replayed, it is another case")


@invariant("9")
def no_event_is_lost_by_storing(t: Try) -> str | None:
    """An entry read back from its stored form is the same entry; so is a command from its line."""
    line = read_line(journal_line(t.command, t.recorded_at))
    if (line.command, line.recorded_at) != (t.command, t.recorded_at):
        return "the command reads back as another"
    return _unless(event_from_json(event_to_json(t.event)) == t.event, "the entry reads back else")


# --- time limits --------------------------------------------------------------------------------


@invariant("7.2", of_refusals=True)
def lateness_never_changes_what_is_allowed(t: Try) -> str | None:
    """Without any limit the answer is the same: lateness is found, and refuses nothing."""
    owed = t.situation.obligations(t.recorded_at)
    if not any(o.status in (Status.OVERDUE, Status.MET_LATE) for o in owed):
        return None  # nothing is late
    without = t.under(attrs.evolve(t.regulation, limits={}))
    same = (without.answer, without.rules) == (t.answer, t.rules)
    return _unless(same, f"{t.answer} with limits, {without.answer} without")


@invariant("7.2", "I-6")
def no_clock_is_reset(t: Try) -> str | None:
    """Nothing but a correction moves the due day of a reply (7.2) or of the form (6.3): no new
    appointment, no new lead. A clock that starts with receipt (I-1) may start, and earlier than it
    did where the unit enters late that it had the notice."""
    if isinstance(t.command, Correct):
        return None
    for owed in t.situation.owed:
        if owed.kind not in (Kind.REPLY, Kind.FORM) or owed.status is Status.VOID:
            continue  # a unit may be given a notice anew at the very moment of the void one
        now = {o.due for o in t.obligations if _which(o) == _which(owed)}
        if owed.due not in (None, *now) and not _received_earlier(t, owed):
            dues = ", ".join(map(str, now)) or None
            return f"{owed.kind} of {owed.bearer} was due {owed.due}, is due {dues}"
    return None


def _which(owed: Obligation) -> tuple[Kind, str | None, dt.datetime]:
    return owed.kind, owed.subject, owed.opened_at


def _received_earlier(t: Try, owed: Obligation) -> bool:
    """I-1: whether the unit's own act shows that it had its notice before it was known to have it.
    A reply counts as receipt."""
    told = isinstance(t.event, e.Acknowledged | e.Accepted | e.Declined)
    by_receipt = owed.kind is Kind.REPLY and t.regulation.reply_clock is ReplyClock.RECEIPT
    if not (told and by_receipt and t.event.by.unit == owed.subject):
        return False
    notice = None if t.before is None else t.before.notice_of(owed.subject)
    known = () if notice is None else (notice.acknowledged, notice.reply)
    return all(t.event.at < event.at for event in known if event is not None)


@invariant("6.3", "I-2")
def a_limit_ends_on_a_working_day(t: Try) -> str | None:
    """A limit of days ends on a working day, not before it began."""
    for owed in t.obligations:
        limit = t.regulation.limits.get(owed.kind)
        if limit is None or limit.unit is LimitUnit.HOURS or owed.due_day is None:
            continue
        if not t.calendar.is_working_day(owed.due_day) or not (
            local_day(owed.opened_at) <= owed.due_day
        ):
            return f"{owed.kind}, opened {owed.opened_at}, due {owed.due_day}"
    return None


@invariant("7.2", "I-2")
def the_last_moment_is_in_time(t: Try) -> str | None:
    """What is owed is open until its due, and overdue from then on."""
    for due in {owed.due for owed in t.obligations if owed.status in _OWED}:
        if due is None:
            continue
        for as_of, status in ((due - ONE_MICROSECOND, Status.OPEN), (due, Status.OVERDUE)):
            for owed in t.outcome.obligations(as_of):
                if owed.due == due and owed.status in _OWED and owed.status is not status:
                    return f"{owed.kind} is {owed.status} at {as_of}"
    return None


@invariant("9", "I-6")
def what_was_found_stays_found(t: Try) -> str | None:
    """A move adds to the findings what it was answered with; only a correction takes any away."""
    if isinstance(t.command, Correct):
        return None
    assert t.decision is not None
    before, after = Counter(t.situation.findings), Counter(t.outcome.findings)
    return _unless(after == before + Counter(t.decision.findings), "other findings when recomputed")


def _opened(case: Case, event: Event) -> Iterator[tuple[Kind, str | None]]:
    """What ``event`` opens, as the table of obligations says it."""
    match event:
        case e.Applied():
            yield Kind.TRANSFER, None
        case e.Transferred():
            yield from ((Kind.REPLY, notice.unit) for notice in event.notices)
        case e.Reassigned():
            yield Kind.REPLY, None if event.notice is None else event.notice.unit
        case e.Accepted() | e.Declined():
            if isinstance(event, e.Declined):
                yield Kind.EXPLANATION, event.by.unit
            yield from _opened_by_last_reply(case)
        case e.LeadDesignated() | e.VisitFailed():
            yield Kind.APPOINTMENT, None
        case e.Scheduled() | e.Rescheduled():
            yield Kind.ARRIVAL, None
        case e.Served():
            yield Kind.FORM, None
            if not all(result.completed for result in event.results):
                yield Kind.NOTICE, None
        case e.OneTimeNoticeGiven():
            yield from ((Kind.OUTCOME, line.item) for line in event.outstanding)
        case e.OutcomeReported():
            if not all(is_blank(text) for text in event.to_deliver):
                yield Kind.DELIVERY, event.item
        case e.Closed() | e.Withdrawn():
            yield Kind.ARCHIVE, None
        case _:
            pass


def _opened_by_last_reply(case: Case) -> Iterator[tuple[Kind, str | None]]:
    if all(notice.reply is not None for notice in case.notices):
        if any(notice.accepted and notice.role is UnitRole.LEAD for notice in case.notices):
            yield Kind.APPOINTMENT, None
        elif any(notice.accepted for notice in case.notices):
            yield Kind.LEAD, None


def _met(event: Event) -> Iterator[tuple[Kind, str | None]]:
    match event:
        case e.Transferred():
            yield Kind.TRANSFER, None
        case e.Accepted() | e.Declined():
            yield Kind.REPLY, event.by.unit
        case e.LeadDesignated():
            yield Kind.LEAD, None
        case e.Scheduled():
            yield Kind.APPOINTMENT, None
        case e.RefusalExplained():
            yield Kind.EXPLANATION, event.unit
        case e.Served() | e.VisitFailed() | e.Rescheduled():  # met, or void
            yield Kind.ARRIVAL, None
        case e.Reassigned():  # void
            yield Kind.REPLY, event.from_unit
        case e.OneTimeNoticeGiven():
            yield Kind.NOTICE, None
        case e.OutcomeReported():
            yield Kind.OUTCOME, event.item
        case e.Delivered():
            yield Kind.DELIVERY, event.item
        case e.RegistrationFormFiled():
            yield Kind.FORM, None
        case e.Archived():
            yield Kind.ARCHIVE, None
        case _:
            pass


def owed_step_by_step(history: Iterable[Event]) -> Counter[tuple[Kind, str | None]]:
    """What is still owed after ``history``, found by following it: each entry opens some and meets
    or voids others. Corrections are not followed."""
    owed: Counter[tuple[Kind, str | None]] = Counter()
    case: Case | None = None
    for event in history:
        case = evolve(case, event)
        if isinstance(event, e.Withdrawn):
            owed.clear()
        owed.subtract(key for key in _met(event) if owed[key])
        owed.update(_opened(case, event))
    return +owed


@invariant("7.2")
def recomputing_is_following(t: Try) -> str | None:
    """What is owed, recomputed from the facts, is what following the entries one by one opens,
    meets and voids."""
    history = t.after.history
    if any(isinstance(event, e.Corrected) for event in history):
        return None
    recomputed = Counter(
        (owed.kind, owed.subject)
        for owed in t.outcome.obligations(t.after.recorded_at)
        if owed.status in _OWED
    )
    followed = owed_step_by_step(history)
    return _unless(recomputed == followed, _difference(recomputed, followed))


def _difference(
    recomputed: Counter[tuple[Kind, str | None]], followed: Counter[tuple[Kind, str | None]]
) -> str:
    only = [*(recomputed - followed)], [*(followed - recomputed)]
    return f"recomputed only: {_kinds(only[0])}; followed only: {_kinds(only[1])}"


def _kinds(owed: Iterable[tuple[Kind, str | None]]) -> str:
    return ", ".join(kind.value for kind, _ in owed) or "nothing"


# --- answers ------------------------------------------------------------------------------------


@invariant("7.2.2", of_refusals=True)
def available_and_decide_agree(t: Try) -> str | None:
    """What is said not to be available is not allowed with any data; what is available is refused
    by the guards that waited for data alone."""
    option = t.situation.available(t.command.by)[t.command.name]
    if t.answer == InvalidInput.answer:  # read before anything is judged
        return None
    given = {violation.rule for violation in t.error.violations} if t.error else set[str]()
    if option.allowed:
        waiting = {guard.rule for guard in option.waiting}
        fits = t.error is None or (isinstance(t.error, Refused) and given <= waiting)
    else:
        named = {violation.rule for violation in option.violations}
        fits = t.answer == option.answer and named <= given
    return _unless(fits, f"available says {option.answer or 'allowed'}, decide says {t.answer}")


@invariant("7.2.2", of_refusals=True)
def a_refusal_says_why_and_what_would_do(t: Try) -> str | None:
    """Every rule that is unmet is named with a clause of the standard, a sentence in both languages
    and what would satisfy it."""
    if not isinstance(t.error, Refused):
        return None
    return _names(
        violation.rule
        for violation in t.error.violations
        if violation.clause not in CLAUSES
        or is_blank(violation.zh)
        or is_blank(violation.en)
        or violation.remedy is None
    )


@invariant("7.1", of_refusals=True)
def an_answer_names_no_person(t: Try) -> str | None:
    """Neither an answer nor the printed form of a case or a command shows whom it is about."""
    said = [repr(t.command)]
    if t.error is not None:
        said += [v.zh for v in t.error.violations] + [repr(t.error)]
    shown = "\n".join(said)
    people = (t.situation.people, _people(t.command))
    return _unless(not any(text in shown for texts in people for text in texts), "it shows")


def _people(message: Command | e.Applied) -> list[str]:
    """Names, telephones, addresses and reasons that ``message`` holds."""
    texts = [message.by.name]
    if isinstance(message, Apply | e.Applied):
        if message.applicant is not None:
            texts += [message.applicant.name, message.applicant.phone or ""]
        texts += [message.address or "", message.reason or ""]
    if isinstance(message, Decline):
        texts.append(message.reason or "")
    return [text for text in texts if not is_blank(text)]


#: The library's own, in the order of this file.
INVARIANTS: Final = tuple(
    value for value in list(globals().values()) if isinstance(value, Invariant)
)
