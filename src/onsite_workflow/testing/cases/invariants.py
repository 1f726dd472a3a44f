"""What must hold of every case and of every move under clause 7: what lasts from one move to the
next, whatever refused what. What a single guard refuses is said by the guard, and is not said again.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Final

import attrs

from onsite_workflow.checks import is_blank, local_day
from onsite_workflow.clause7 import events as e
from onsite_workflow.clause7.case import Case
from onsite_workflow.clause7.commands import Apply, Command, Decline
from onsite_workflow.clause7.events import Event
from onsite_workflow.clause7.regulation import Kind
from onsite_workflow.clauses import CLAUSES
from onsite_workflow.engine.duties import Obligation, Status
from onsite_workflow.errors import InvalidInput, Refused
from onsite_workflow.regulation import LimitUnit, ReplyClock
from onsite_workflow.terms import Result, State, UnitRole
from onsite_workflow.wire.reading import event_from_json, read_line
from onsite_workflow.wire.writing import event_to_json

from .explorable import Invariant
from .trying import Try, invariant, journal_line

__all__ = ["ANY_PROCEDURE", "INVARIANTS"]

_OWED: Final = (Status.OPEN, Status.OVERDUE)
_ENDED: Final = (State.CLOSED, State.ARCHIVED)
ONE_MICROSECOND: Final = dt.timedelta(microseconds=1)


def _names(wrong: Iterable[object]) -> str | None:
    found = [str(thing) for thing in wrong]
    return ", ".join(found) or None


def _unless(condition: bool, wrong: str) -> str | None:
    return None if condition else wrong


def _happened(case: Case, *kinds: type[Event]) -> int:
    return sum(isinstance(event, kinds) for event in case.history)


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


# --- 7.2.1, 7.3: appointments and visits --------------------------------------------------------


@invariant("7.2.1")
def an_appointment_stands_only_while_scheduled(t: Try) -> str | None:
    """A scheduled case has one standing appointment; in any other state none stands."""
    standing = [booking for booking in t.after.bookings if booking.ended is None]
    expected = 1 if t.after.state is State.SCHEDULED else 0
    return _unless(len(standing) == expected, f"{len(standing)} stand")


@invariant("7.3")
def at_most_one_visit_is_held(t: Try) -> str | None:
    """A case is served once."""
    held = _happened(t.after, e.Served)
    return _unless(held <= 1, f"{held} visits")


# --- 7.4: what could not be completed on site ---------------------------------------------------


@invariant("7.4", "I-7")
def at_most_one_one_time_notice(t: Try) -> str | None:
    """The one-time notice is given once."""
    given = _happened(t.after, e.OneTimeNoticeGiven)
    return _unless(given <= 1, f"{given} notices")


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
    final = t.situation.explorable.final
    return _unless(t.before is None or t.before.state not in final, t.event.name)


@invariant("9")
def an_archived_case_owes_nothing(t: Try) -> str | None:
    """Once a case is archived, everything that was owed is met or void."""
    if t.after.state not in t.situation.explorable.final:
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
    if t.before is None or not t.corrects:
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
    return _unless(
        t.situation.explorable.replay(t.after.history) == t.after, "replayed, it is another case"
    )


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
    if t.corrects:
        return None
    for owed in t.situation.owed:
        if owed.kind not in (Kind.REPLY, Kind.FORM) or owed.status is Status.VOID:
            continue  # a unit may be given a notice anew at the very moment of the void one
        now = {o.due for o in t.obligations if _which(o) == _which(owed)}
        if owed.due not in (None, *now) and not _received_earlier(t, owed):
            dues = ", ".join(map(str, now)) or None
            return f"{owed.kind} of {owed.bearer} was due {owed.due}, is due {dues}"
    return None


def _which(owed: Obligation) -> tuple[str, str | None, dt.datetime]:
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
        limit = t.regulation.limits.get(Kind(owed.kind))
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
    if t.corrects:
        return None
    assert t.decision is not None
    before, after = Counter(t.situation.findings), Counter(t.outcome.findings)
    return _unless(after == before + Counter(t.decision.findings), "other findings when recomputed")


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
    people = ([] if t.before is None else _people(t.before.application), _people(t.command))
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

#: Of these those that ask nothing of clause 7: for an ``Explorable`` of another procedure.
ANY_PROCEDURE: Final = (
    archived_is_final,
    an_archived_case_owes_nothing,
    nothing_entered_is_erased,
    a_correction_moves_nothing,
    entries_are_in_order,
    no_event_is_lost_by_replay,
    no_event_is_lost_by_storing,
    lateness_never_changes_what_is_allowed,
    a_limit_ends_on_a_working_day,
    the_last_moment_is_in_time,
    what_was_found_stays_found,
    available_and_decide_agree,
    a_refusal_says_why_and_what_would_do,
)
