"""What a history says.

A *fact* is a command that was accepted, with the time of its entry. Every function here reads the
facts in the order of their entry, as they stand after correction (`as_it_stands`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import attrs
from attrs import frozen

from onsite_workflow.catalogue import Catalogue
from onsite_workflow.checks import is_blank
from onsite_workflow.clause7.commands import (
    Apply,
    Command,
    Correct,
    Deliver,
    GiveOneTimeNotice,
    Reassign,
    ReportOutcome,
    Serve,
    Transfer,
)
from onsite_workflow.terms import Result, ServiceItem, StaffMember, State, TransferNotice, UnitRole

from .wire import read_field


@frozen
class Fact:
    """A command that was accepted, and when it was entered."""

    command: Command
    recorded_at: dt.datetime


@frozen
class Entry:
    """A fact as it stands after correction. ``version`` counts from 1."""

    version: int
    said: Any  # the command; each function below names the one it looks for
    recorded_at: dt.datetime

    @property
    def name(self) -> str:
        name: str = self.said.name
        return name

    @property
    def at(self) -> dt.datetime:
        moment: dt.datetime = self.said.at
        return moment

    @property
    def unit(self) -> str | None:
        """The handling unit that acted, None where the applicant or the window did."""
        acting: str | None = self.said.by.acting_unit
        return acting


T = TypeVar("T")
Past = Sequence[Entry]


# --- I-6: nothing is erased; a correction says how an entry should have read ---------------------


def with_fields(command: Command, fields: Mapping[str, Any]) -> Command:
    """``command`` with whole values replaced, null removing one. InvalidInput if unreadable."""
    read = {name: read_field(type(command), name, value) for name, value in fields.items()}
    return attrs.evolve(command, **read)


def as_it_stands(history: Iterable[Fact], catalogue: Catalogue) -> list[Entry]:
    """The entries, corrected one after the other (R-1), items by the name the case has for them."""
    entries: list[Entry] = []
    for fact in history:
        entries.append(Entry(len(entries) + 1, fact.command, fact.recorded_at))
        if isinstance(fact.command, Correct) and fact.command.entry is not None:
            wrong = entries[fact.command.entry - 1]
            right = with_fields(wrong.said, fact.command.fields)
            entries[wrong.version - 1] = attrs.evolve(wrong, said=right)
    past: list[Entry] = []
    for entry in entries:
        known = understood(entry.said, past, catalogue)
        past.append(Entry(entry.version, known, entry.recorded_at))
    return past


def said(text: str | None) -> bool:
    """Whether something readable was said: not absent, not blank."""
    return not is_blank(text)


def named(past: Past, *names: str) -> list[Entry]:
    """The entries made by these commands."""
    return [entry for entry in past if entry.name in names]


def last(past: Past, *names: str) -> Entry | None:
    """The last of them."""
    found = named(past, *names)
    return found[-1] if found else None


# --- 5.3, Annex A: items ------------------------------------------------------------------------


_ID = re.compile(r"[A-Z]\.[0-9]+\.[0-9]+")  # letter, row and position


class Unknown(Exception):
    """An item that nobody can find, or a name that two bear (I-14): the input is invalid."""


def changed(value: T, **fields: Any) -> T:
    """``value`` with these fields: itself where it has them already, as mostly it does."""
    same = all(getattr(value, name) == field for name, field in fields.items())
    return value if same else attrs.evolve(value, **fields)  # type: ignore[misc]


def understood(command: Command, past: Past, catalogue: Catalogue) -> Command:
    """``command`` with every item called by its id, or by the name it was claimed under."""

    def keyed(lines: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(changed(line, item=meant(line.item, own, catalogue)) for line in lines)

    def notice(given: TransferNotice) -> TransferNotice:
        return changed(given, items=tuple(meant(item, own, catalogue) for item in given.items))

    own = items(past)
    match command:
        case Apply():
            return changed(
                command, items=tuple(_applied(item, catalogue) for item in command.items)
            )
        case Transfer():
            return changed(command, notices=tuple(notice(given) for given in command.notices))
        case Reassign(notice=TransferNotice() as given):
            return changed(command, notice=notice(given))
        case Serve():
            return changed(command, results=keyed(command.results))
        case GiveOneTimeNotice():
            return changed(command, outstanding=keyed(command.outstanding))
        case ReportOutcome(item=str(item)) | Deliver(item=str(item)):
            return changed(command, item=meant(item, own, catalogue))
        case _:
            return command


def _applied(item: ServiceItem, catalogue: Catalogue) -> ServiceItem:
    if item.id is not None:
        if item.id not in catalogue:
            raise Unknown
        return item
    printed = [one.id for one in catalogue if one.name == item.name]
    if len(printed) > 1:
        raise Unknown
    return ServiceItem(id=printed[0]) if printed else item  # R-8, else a claim under 5.2


def meant(reference: str, own: Sequence[str], catalogue: Catalogue) -> str:
    """The item that an act names by its id or its name; ``own`` are the case's (R-7).

    A name that nobody has heard of is an item of another case, which the rules refuse; an id that
    the list does not print is nothing at all.
    """
    if reference in own or reference in catalogue:
        return reference
    printed = [one.id for one in catalogue if one.name == reference]
    fits = [key for key in printed if key in own] or printed
    if len(fits) > 1 or (not fits and _ID.fullmatch(reference)):
        raise Unknown
    return fits[0] if fits else reference


def items(past: Past) -> list[str]:
    """7.1: the items applied for."""
    return [item.key for item in past[0].said.items] if past else []


# --- 7.2: notices and replies -------------------------------------------------------------------


@frozen
class Notice:
    """A transfer notice with what became of it."""

    unit: str
    leads: bool
    items: tuple[str, ...]
    number: str | None
    issued: Entry
    replaced: Entry | None
    acknowledged: Entry | None
    reply: Entry | None

    @property
    def accepted(self) -> bool:
        return self.reply is not None and self.reply.name == "accept"

    @property
    def declined(self) -> bool:
        return self.reply is not None and self.reply.name == "decline"


def all_notices(past: Past) -> list[Notice]:
    """Every notice of the case, replaced ones included."""
    found: list[Notice] = []
    for entry in past:
        if entry.name == "transfer":
            found += [_notice(given, entry, past) for given in entry.said.notices]
        if entry.name == "reassign":
            found.append(_notice(entry.said.notice, entry, past))
    return found


def _notice(given: TransferNotice, issued: Entry, past: Past) -> Notice:
    later = past[issued.version :]
    replaced = next((e for e in named(later, "reassign") if e.said.from_unit == given.unit), None)
    until = len(past) if replaced is None else replaced.version
    by_unit = [e for e in past[issued.version : until] if e.unit == given.unit]
    return Notice(
        unit=given.unit,
        leads=given.role is UnitRole.LEAD,
        items=given.items,
        number=given.number,
        issued=issued,
        replaced=replaced,
        acknowledged=last(by_unit, "acknowledge"),
        reply=last(by_unit, "accept", "decline"),
    )


def notices(past: Past) -> list[Notice]:
    """The notices in force: one a unit."""
    return [notice for notice in all_notices(past) if notice.replaced is None]


def notice_of(past: Past, unit: str | None) -> Notice | None:
    """The notice that a unit has, if it has one."""
    return next((notice for notice in notices(past) if notice.unit == unit), None)


def state_after_replies(given: Sequence[Notice]) -> State:
    """On the last reply: nobody accepted, the lead accepted, or another lead must be found."""
    if any(notice.reply is None for notice in given):
        return State.TRANSFERRED
    if not any(notice.accepted for notice in given):
        return State.DECLINED
    if any(notice.leads and notice.accepted for notice in given):
        return State.ACCEPTED
    return State.TRANSFERRED


# --- 7.2.3: lead, assisting units, accepted items (I-4) -----------------------------------------


def lead(past: Past) -> str | None:
    """The unit that leads: the one designated, else the one whose notice says so."""
    designated = last(past, "designate_lead")
    if designated is not None:
        unit: str | None = designated.said.unit
        return unit
    return next((notice.unit for notice in notices(past) if notice.leads), None)


def visiting_units(past: Past) -> list[str]:
    """The lead and every assisting unit that accepted: whoever accepted."""
    return [notice.unit for notice in notices(past) if notice.accepted]


def answering(past: Past, item: str | None) -> Notice | None:
    """The notice whose unit answers for an item: the lead's where it carries it, else the one
    assisting unit's. A designated lead takes nothing over."""
    carrying = [notice for notice in notices(past) if item in notice.items]
    return next((n for n in carrying if n.leads), carrying[0] if carrying else None)


def accepted_items(past: Past) -> list[str]:
    """The items whose answering unit accepted."""
    answers = ((item, answering(past, item)) for item in items(past))
    return [item for item, notice in answers if notice is not None and notice.accepted]


def explained(past: Past, unit: str | None) -> Entry | None:
    """7.2.2: the entry that tells the applicant of this unit's refusal."""
    return next((e for e in named(past, "explain_refusal") if e.said.unit == unit), None)


# --- 7.2.1, 7.3: appointment and visit ----------------------------------------------------------


def appointed_start(past: Past) -> dt.datetime | None:
    """When the visit is to be, as last agreed."""
    agreed = last(past, "schedule", "reschedule")
    return None if agreed is None else agreed.said.start


def appointed_staff(past: Past) -> tuple[StaffMember, ...]:
    """Who is to come; a rescheduling that names nobody leaves it as it was."""
    staff: tuple[StaffMember, ...] = ()
    for entry in named(past, "schedule", "reschedule"):
        staff = staff if entry.said.staff is None else entry.said.staff
    return staff


def visit(past: Past) -> Entry | None:
    """The visit that was held; one that failed is none."""
    return last(past, "serve")


def visited(past: Past) -> list[str]:
    """The units whose staff were there, each once."""
    held = visit(past)
    return [] if held is None else list(dict.fromkeys(member.unit for member in held.said.staff))


# --- 7.4: what was not completed on site --------------------------------------------------------


def outstanding_items(past: Past) -> list[str]:
    """The accepted items that were not completed at the visit."""
    held = visit(past)
    if held is None:
        return []
    unfinished = {result.item for result in held.said.results if not result.completed}
    return [item for item in accepted_items(past) if item in unfinished]


def noticed_items(past: Past) -> dict[str, dt.date | None]:
    """The items of the one-time notice, each with the day promised for it, if any."""
    given = last(past, "give_one_time_notice")
    return {} if given is None else {line.item: line.expected_by for line in given.said.outstanding}


def outcome(past: Past, item: str | None) -> Entry | None:
    """The report of an item's outcome."""
    return next((e for e in named(past, "report_outcome") if e.said.item == item), None)


def delivery(past: Past, item: str | None) -> Entry | None:
    """The delivery of what that report announced."""
    return next((e for e in named(past, "deliver") if e.said.item == item), None)


def announced(report: Entry | None) -> bool:
    """Whether a report says that something will be delivered."""
    return report is not None and any(said(thing) for thing in report.said.to_deliver)


# --- the milestones -----------------------------------------------------------------------------

_MILESTONES = {
    "apply": State.APPLIED,
    "transfer": State.TRANSFERRED,
    "designate_lead": State.ACCEPTED,
    "schedule": State.SCHEDULED,
    "report_failed_visit": State.ACCEPTED,
    "serve": State.SERVED,
    "give_one_time_notice": State.PENDING_NOTICE,
    "close": State.CLOSED,
    "withdraw": State.CLOSED,
    "archive": State.ARCHIVED,
}


def states(past: Past) -> list[State]:
    """The state reached by each entry."""
    reached: list[State] = []
    for entry in past:
        if entry.name in ("accept", "decline"):
            reached.append(state_after_replies(notices(past[: entry.version])))
        else:
            before = reached[-1] if reached else State.NONE
            reached.append(_MILESTONES.get(entry.name, before))
    return reached


def state(past: Past) -> State:
    """The milestone reached."""
    return states(past)[-1] if past else State.NONE


def result(past: Past) -> Result | None:
    """Why the case ended, None before it did."""
    end = last(past, "close", "withdraw")
    if end is None:
        return None
    if end.name == "withdraw":
        return Result.WITHDRAWN
    if visit(past) is None:
        return Result.DECLINED
    noticed = last(past, "give_one_time_notice") is not None
    return Result.COMPLETED_LATER if noticed else Result.COMPLETED_ON_SITE


def latest_change(past: Past) -> dt.datetime | None:
    """I-15: the latest ``at`` among the entries that changed the state or were replies (R-3)."""
    reached = [State.NONE, *states(past)]
    moments = [
        entry.at
        for entry, before, after in zip(past, reached, reached[1:], strict=False)
        if after is not before or entry.name in ("accept", "decline")
    ]
    return max(moments, default=None)
