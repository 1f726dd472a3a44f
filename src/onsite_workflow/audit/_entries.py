"""Entries of a ledger as commands, for the guards to be asked and the case to be folded.

People's data are in none of them: where something stands a dash does, and what the ledger does not
record at all satisfies whoever asks.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from attrs import frozen

from onsite_workflow.checks import Word, local_day
from onsite_workflow.clause7 import commands as c
from onsite_workflow.clause7.case import Case
from onsite_workflow.clause7.procedure import ROWS
from onsite_workflow.regulation import Regulation
from onsite_workflow.terms import (
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
    TransferNotice,
    UnitRole,
)

from ._cells import Moment
from ._collected import ASSUMED_COMPLETED, ASSUMED_LEFT, Collected
from ._fields import Shape
from ._records import UNKNOWN_UNIT, Entry, Known, Record, UnitFacts, start_of

__all__ = [
    "EARLIEST",
    "LATEST",
    "TOO_EARLY",
    "TOO_LATE",
    "Ends",
    "Replayed",
    "command_of",
    "visit_times",
]


@frozen
class Ends:
    """Which end of each time to take, True for the earliest. ``asking``: for a guard, which is told
    what is blank; in the case itself a filler stands in its place."""

    at: bool
    start: bool
    arrived: bool
    left: bool
    asking: bool = False


EARLIEST: Final = Ends(True, True, True, True)
LATEST: Final = Ends(False, False, False, False)
# Asked so that a rule is unmet only where it is unmet for every time that the ledger's can stand for.
TOO_EARLY: Final = Ends(at=False, start=True, arrived=False, left=False, asking=True)
TOO_LATE: Final = Ends(at=True, start=False, arrived=True, left=False, asking=True)


class Replayed(Protocol):
    """What is read here of the replay that an entry is part of. ``Replay`` is one; its module
    imports this one."""

    record: Record
    known: Known
    found: Collected
    regulation: Regulation
    low: Case | None
    names: dict[str, str]
    item: str | None

    def lead(self) -> str | None: ...

    def facts_of(self, unit: str | None) -> UnitFacts | None: ...

    def moment_of(self, entry: Entry, *, early: bool) -> dt.datetime: ...

    def said(self, entry: Entry, name: str, default: str = "—") -> str | None: ...


ID: Final = "ledger"
_ONE_DAY: Final = dt.timedelta(days=1)

_ROLE_OF: Final[Mapping[type[c.Command], tuple[Word, ...]]] = {row.command: row.by for row in ROWS}
_BY_UNIT: Final = (c.Accept, c.Acknowledge, c.Decline, c.ExplainRefusal)


# Values are checked when they are made; those that come again and again are made once.


@functools.cache
def _actor(unit: str | None) -> Actor:
    if unit is None:
        return Actor(role=Role.INTEGRATED_WINDOW, name="—")
    return Actor(role=Role.HANDLING_UNIT, name="—", unit=unit)


@functools.cache
def _applicant(phone: str | None) -> Applicant:
    return Applicant(name="—", phone=phone)


@functools.cache
def _item(key: str, name: str) -> ServiceItem:
    return ServiceItem(id=key, name=name)


@functools.lru_cache(10_000)
def _member(unit: str, phone: str | None) -> StaffMember:
    return StaffMember(name="—", unit=unit, phone=phone)


@functools.lru_cache(10_000)
def _signature(unit: str) -> Signature:
    return Signature(name="—", unit=unit)


@functools.lru_cache(10_000)
def _result(item: str, completed: bool) -> ItemResult:
    return ItemResult(item=item, completed=completed)


def command_of(replay: Replayed, entry: Entry, ends: Ends) -> c.Command:
    """The entry as a command, its times at the ends that are asked for."""
    command = entry.command
    unit = entry.unit if command in _BY_UNIT else None
    if unit is None and Role.INTEGRATED_WINDOW not in _ROLE_OF[command]:
        unit = replay.lead()
    build = BUILD.get(command)
    fields: dict[str, Any] = {} if build is None else build(replay, entry, ends)
    at = replay.moment_of(entry, early=ends.at)
    return command(case=ID, at=at, by=_actor(unit), **fields)


def _apply(replay: Replayed, entry: Entry, ends: Ends) -> dict[str, Any]:
    keys = entry.get("items")
    known = replay.regulation.catalogue
    grounded = "item_ground" in replay.known and entry.values.get("item_ground") is not None
    items: list[ServiceItem] = []
    if "items" not in replay.known or entry.phantom or entry.unreadable("items"):
        items = [ServiceItem(name="—", ground="—")]
    elif isinstance(keys, tuple):
        for n, key in enumerate(keys, start=1):
            if key in known:
                items.append(_item(key, known.get(key).name))
            else:  # what stands there is not repeated
                name = replay.names.setdefault(key, f"第{n}个事项/item {n}")
                items.append(ServiceItem(name=name, ground="—" if grounded else None))
    ground = entry.get("ground")
    return {
        "applicant": _applicant(replay.said(entry, "phone", "00000")),
        "address": replay.said(entry, "address"),
        "reason": replay.said(entry, "reason"),
        "ground": (SpecialGroup.OTHER if ground == "other" else SpecialGroup.ELDERLY)
        if replay.said(entry, "ground")
        else None,
        "circumstances": replay.said(entry, "circumstances"),
        "items": items,
    }


def _item_keys(replay: Replayed, unit: UnitFacts) -> tuple[str, ...]:
    assert replay.low is not None
    own = [item.key for item in replay.low.items]
    if unit.items is None:
        return tuple(own)
    named = (replay.names.get(key, key) for key in unit.items)
    return tuple(key for key in dict.fromkeys(named) if key in own)


def _transfer(replay: Replayed, entry: Entry, ends: Ends) -> dict[str, Any]:
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
        + [
            TransferNotice(unit=name, role=UnitRole.ASSISTING, number=f"#again {n}")
            for n, name in enumerate(replay.record.doubled)
        ]
    }


def _reassign(replay: Replayed, entry: Entry, ends: Ends) -> dict[str, Any]:
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


def _decline(replay: Replayed, entry: Entry, ends: Ends) -> dict[str, Any]:
    facts = replay.facts_of(entry.unit)
    prefix = "assisting_" if replay.known.shape is Shape.CASES and facts and not facts.lead else ""

    def told(name: str) -> str | None:
        unmapped = f"{prefix}{name}" not in replay.known
        return "—" if unmapped or entry.values.get(name) is not None else None

    reason, way = told("decline_reason"), told("alternatives")
    return {"reason": reason, "alternatives": () if way is None else (way,)}


def _designate(replay: Replayed, entry: Entry, ends: Ends) -> dict[str, Any]:
    named = entry.get("designated_lead") or (() if entry.unit is None else (entry.unit,))
    if named:
        return {"unit": named[0]}
    case = replay.low
    assert case is not None
    return {"unit": next((n.unit for n in case.notices if n.accepted), None)}


def _explain(replay: Replayed, entry: Entry, ends: Ends) -> dict[str, Any]:
    case = replay.low
    declined = () if case is None else tuple(n.unit for n in case.notices if n.declined)
    return {
        "unit": entry.unit or (declined[0] if declined else None),
        "channel": replay.said(entry, "explained_how"),
        "explained_to": replay.said(entry, "explained_to"),
    }


def _staff(replay: Replayed, entry: Entry, name: str, phone: str | None) -> tuple[StaffMember, ...]:
    """Those named; where the ledger does not name any, somebody of every unit that must come."""
    case = replay.low
    named = entry.get(name)
    if name not in replay.known or entry.phantom or entry.unreadable(name):
        named = () if case is None else case.visiting_units
    return tuple(_member(unit, phone) for unit in dict.fromkeys(named or ()))


def _start(replay: Replayed, entry: Entry, ends: Ends) -> dt.datetime | None:
    """The appointed start. Where it is not known, the case takes one that refuses nothing."""
    start = start_of(entry)
    if isinstance(start, Moment) and not start.unknown:
        return start.earliest if ends.start else start.latest
    name = (
        "rescheduled_to"
        if entry.command is c.Reschedule and "rescheduled_to" in replay.known
        else "appointed_at"
    )
    if ends.asking and name in replay.known and start is None:
        return None
    return replay.moment_of(entry, early=ends.at) + _ONE_DAY


def _schedule(replay: Replayed, entry: Entry, ends: Ends) -> dict[str, Any]:
    told = None if replay.said(entry, "materials") is None else ("—",)
    return {
        "start": _start(replay, entry, ends),
        "place": replay.said(entry, "place"),
        "materials": told,
        "staff": _staff(replay, entry, "appointed_units", "00000"),
    }


def _reschedule(replay: Replayed, entry: Entry, ends: Ends) -> dict[str, Any]:
    return {
        "start": _start(replay, entry, ends),
        "reason": replay.said(entry, "reschedule_reason"),
    }


def _fail(replay: Replayed, entry: Entry, ends: Ends) -> dict[str, Any]:
    if "failure_cause" not in replay.known or entry.unreadable("failure_cause"):
        return {"cause": Cause.UNSAFE}
    cause = entry.get("failure_cause")
    return {"cause": None if cause is None else Cause(cause), "note": "—"}


def _serve(replay: Replayed, entry: Entry, ends: Ends) -> dict[str, Any]:
    case = replay.low
    assert case is not None
    arrived, left = visit_times(replay, entry)
    if ends.asking:
        arrived, left = _known_moment(entry, "arrived_at"), _known_moment(entry, "left_at")
    results = {replay.names.get(k, k): word for k, word in (entry.get("results") or {}).items()}
    said = entry.get("completed")
    if (
        "completed" not in replay.known
        or entry.unreadable("completed")
        or (said is None and entry.phantom)
    ):
        outstanding = bool(replay.record.of(c.GiveOneTimeNotice))
        said = "no" if outstanding else "yes"
        if "completed" not in replay.known:
            replay.found.assumed[ASSUMED_COMPLETED] = None
    elif said is None and replay.record.of(c.GiveOneTimeNotice):
        said = "no"
    given = [(key, results.get(key) or said) for key in dict.fromkeys(case.accepted_items)]
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
        "results": [_result(key, word == "yes") for key, word in given if word],
    }


def _known_moment(entry: Entry, name: str) -> Moment | None:
    moment = entry.get(name)
    return moment if isinstance(moment, Moment) and not moment.unknown else None


def visit_times(replay: Replayed, entry: Entry) -> tuple[Moment | None, Moment | None]:
    """Arrival and leaving. Where the end of a visit is not recorded it lies on the day it began."""
    arrived, left = _known_moment(entry, "arrived_at"), _known_moment(entry, "left_at")
    if arrived is not None and left is not None and left.latest < arrived.earliest:
        left = None  # ``times_in_order`` says so; nothing is counted from it
    if left is None and arrived is not None:
        replay.found.assumed[ASSUMED_LEFT] = None
        left = Moment(arrived.earliest, Moment.on(local_day(arrived.latest)).latest)
    return arrived, left


def _notice(replay: Replayed, entry: Entry, ends: Ends) -> dict[str, Any]:
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


def _outcome(replay: Replayed, entry: Entry, ends: Ends) -> dict[str, Any]:
    announced = entry.get("to_deliver") is True
    return {
        "item": replay.item,
        "outcome": replay.said(entry, "outcome"),
        "channel": "—",
        "to_deliver": ("—",) if announced else (),
    }


def _deliver(replay: Replayed, entry: Entry, ends: Ends) -> dict[str, Any]:
    return {
        "item": replay.item,
        "materials": ("—",),
        "method": "—",
        "received_by": replay.said(entry, "received_by"),
    }


def _form(replay: Replayed, entry: Entry, ends: Ends) -> dict[str, Any]:
    case = replay.low
    units: Iterable[str]
    if "signed_by" in replay.known and not entry.unreadable("signed_by"):
        units = entry.get("signed_by") or ()
    else:
        units = () if case is None else case.visiting_units
    return {
        "summary": replay.said(entry, "form_summary"),
        "recipient_opinion": replay.said(entry, "recipient_opinion"),
        "signatures": [_signature(unit) for unit in dict.fromkeys(units)],
    }


BUILD: Final[Mapping[type[c.Command], Callable[[Replayed, Entry, Ends], dict[str, Any]]]] = {
    c.Apply: _apply,
    c.Transfer: _transfer,
    c.Reassign: _reassign,
    c.Decline: _decline,
    c.DesignateLead: _designate,
    c.ExplainRefusal: _explain,
    c.Schedule: _schedule,
    c.Reschedule: _reschedule,
    c.ReportFailedVisit: _fail,
    c.Serve: _serve,
    c.GiveOneTimeNotice: _notice,
    c.ReportOutcome: _outcome,
    c.Deliver: _deliver,
    c.FileRegistrationForm: _form,
    c.Withdraw: lambda replay, entry, ends: {"reason": replay.said(entry, "withdraw_reason")},
    c.Archive: lambda replay, entry, ends: {
        "archive_number": replay.said(entry, "archive_number"),
        "keeper": "—",
    },
}
