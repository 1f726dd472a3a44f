"""Rows as acts: whatever the shape of a ledger, one case becomes one list of entries.

Nothing is judged here. An entry is an act that the ledger shows some trace of; what it does not
show at all is left for ``_judge`` to miss.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import define, field

from onsite_workflow.clause7.commands import (
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
from onsite_workflow.clause7.procedure import COMMANDS

from ._cells import Moment, Unreadable, without_numbers
from ._fields import Shape
from ._ledger import Ledger, LedgerRow
from ._report import Why

__all__ = [
    "TIME_OF",
    "UNKNOWN_UNIT",
    "Entry",
    "Known",
    "Record",
    "UnitFacts",
    "records",
    "shown_unit",
    "start_of",
]

#: The field that holds the time of each act where a row is a case or a unit.
TIME_OF: Final[Mapping[type[Command], str]] = {
    Apply: "applied_at",
    Transfer: "transferred_at",
    Reassign: "at",
    Acknowledge: "acknowledged_at",
    Accept: "replied_at",
    Decline: "replied_at",
    DesignateLead: "lead_designated_at",
    ExplainRefusal: "explained_at",
    Schedule: "scheduled_at",
    Reschedule: "rescheduled_at",
    ReportFailedVisit: "failed_at",
    Serve: "arrived_at",
    GiveOneTimeNotice: "notice_given_at",
    ReportOutcome: "outcome_reported_at",
    Deliver: "delivered_at",
    FileRegistrationForm: "form_filed_at",
    Close: "closed_at",
    Withdraw: "withdrawn_at",
    Archive: "archived_at",
}

_STEP_OF_TIME: Final = {name: command for command, name in TIME_OF.items()}

#: Whatever else shows that an act took place.
_TRACES: Final[Mapping[type[Command], tuple[str, ...]]] = {
    Transfer: ("notice_number",),
    DesignateLead: ("designated_lead",),
    ExplainRefusal: ("explained_how", "explained_to"),
    Schedule: ("appointed_at",),
    Reschedule: ("rescheduled_to", "reschedule_reason"),
    ReportFailedVisit: ("failure_cause",),
    Serve: ("left_at",),
    GiveOneTimeNotice: ("needed",),
    ReportOutcome: ("outcome",),
    Deliver: ("received_by",),
    Withdraw: ("withdraw_reason",),
    Archive: ("archive_number",),
}

UNKNOWN_UNIT: Final = "?"


#: The times, besides its own, that the command of an entry carries.
_TIMES_HELD: Final[Mapping[type[Command], tuple[str, ...]]] = {
    Schedule: ("appointed_at",),
    Reschedule: ("rescheduled_to", "appointed_at"),
    Serve: ("arrived_at", "left_at"),
}


def shown_unit(unit: str | None) -> str | None:
    """A unit as it is shown: None where the ledger names none."""
    return None if unit == UNKNOWN_UNIT else unit


@define(eq=False)
class Entry:
    """An act of a case as the ledger shows it. ``at`` is None where its time is not known, and
    ``why`` says why not. A ``phantom`` is one that must have been, and that nothing shows."""

    command: type[Command]
    row: int
    values: Mapping[str, Any] = field(factory=dict, repr=False)
    at: Moment | None = None
    why: Why | None = None
    recorded_at: Moment | None = None
    unit: str | None = None
    phantom: bool = False

    @property
    def exact(self) -> bool:
        """Whether every time that it has is known to the minute."""
        if self.at is not None and not self.at.exact:
            return False
        for name in _TIMES_HELD.get(self.command, ()):
            held = self.values.get(name)
            if isinstance(held, Moment) and not held.exact:
                return False
        return True

    def get(self, name: str) -> Any:
        """The value of a field; None where blank or not readable."""
        value = self.values.get(name)
        return None if isinstance(value, Unreadable) else value

    def unreadable(self, name: str) -> bool:
        """Whether something stands there that cannot be read."""
        return isinstance(self.values.get(name), Unreadable)


@define(eq=False)
class UnitFacts:
    """A unit of a case: what was handed to it. ``items`` None: all of the case."""

    name: str
    lead: bool
    row: int
    number: str | None = None
    numbered: bool = False
    items: tuple[str, ...] | None = None
    transfer: Entry | None = None


@define(eq=False)
class Record:
    """One case of the ledger: its id as shown, its first row, its units and entries. ``doubled`` are
    units that a table names more than once."""

    case: str
    row: int
    entries: list[Entry] = field(factory=list)
    units: list[UnitFacts] = field(factory=list)
    unit_given: bool = True
    doubled: list[str] = field(factory=list)
    state: str | None = None
    values: Mapping[str, Any] = field(factory=dict, repr=False)

    def of(self, *commands: type[Command]) -> list[Entry]:
        """The entries of these commands."""
        return [entry for entry in self.entries if entry.command in commands]


def start_of(entry: Entry) -> Any:
    """The appointed start that an appointment, or its rescheduling, gives, readable or not: one that
    can't be read is not the one before it."""
    moved = entry.values.get("rescheduled_to") if entry.command is Reschedule else None
    return entry.values.get("appointed_at") if moved is None else moved


class Known:
    """What a ledger records at all: whether a field of the mapping can be judged by."""

    def __init__(self, ledger: Ledger) -> None:
        mapping = ledger.mapping
        self._names = mapping.columns.keys() | mapping.fixed.keys()
        self.shape = mapping.shape
        self._acts: set[str] = set()
        self._found: dict[str, bool] = {}
        if self.shape is Shape.ACTS:
            self._acts = set(mapping.acts_named)
            self._acts |= {v for row in ledger.rows if isinstance(v := row.values.get("act"), str)}
            if "reply" in self._acts:
                self._acts |= {"accept", "decline"}
            if "arrive" in self._acts or "leave" in self._acts:
                self._acts.add("serve")

    def __contains__(self, name: str) -> bool:
        if name == "visiting_units" and "attended" in self._names:
            return True
        if self.shape is not Shape.ACTS:
            return name in self._names
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._of_acts(name)
        return found

    def _of_acts(self, name: str) -> bool:
        if name == "arrived_at":
            return name in self._names or "serve" in self._acts or "arrive" in self._acts
        if name == "left_at":
            return name in self._names or "leave" in self._acts
        if name == "replied_at":
            return bool(self._acts & {"accept", "decline"})
        if name == "reply":
            return name in self._names or bool(self._acts & {"accept", "decline"})
        step = _STEP_OF_TIME.get(name)
        return step.name in self._acts if step is not None and name != "at" else name in self._names


# --- from rows ----------------------------------------------------------------------------------


def records(ledger: Ledger, known: Known) -> Iterator[Record]:
    """The cases of a ledger in the order of their first rows."""
    if ledger.mapping.shape is Shape.CASES:
        for row in ledger.rows:
            yield _of_table(_shown_case(row), [row], known)
        return
    grouped: dict[str, list[LedgerRow]] = {}
    for row in ledger.rows:
        case = row.values.get("case")
        grouped.setdefault(f"#{row.number}" if case is None else str(case), []).append(row)
    for rows in grouped.values():
        if ledger.mapping.shape is Shape.UNITS:
            yield _of_table(_shown_case(rows[0]), rows, known)
        else:
            yield _of_acts(_shown_case(rows[0]), rows)


def _shown_case(row: LedgerRow) -> str:
    """The ledger's own id; what looks like a person's number in it is left out, and the row's number
    keeps it apart from others."""
    case = row.values.get("case")
    text = "" if case is None else "".join(c for c in str(case) if c.isprintable())[:64]
    shown = without_numbers(text)
    if shown == "***":
        return f"#{row.number}"
    if shown != text:
        return f"{shown}#{row.number}"
    return text or f"#{row.number}"


def _timed(entry: Entry, value: Any, mapped: bool) -> Entry:
    if isinstance(value, Moment):
        entry.at, entry.why = (None, Why.NO_TIME) if value.unknown else (value, None)
    elif isinstance(value, Unreadable):
        entry.why = Why.UNREADABLE
    else:
        entry.why = Why.BLANK if mapped else Why.UNMAPPED
    return entry


def _of_table(case: str, rows: list[LedgerRow], known: Known) -> Record:
    first = rows[0]
    record = Record(case=case, row=first.number)
    whole: dict[str, Any] = {}
    where: dict[str, int] = {}
    for row in rows:
        for name, value in row.values.items():
            if value is not None and name not in whole:
                whole[name], where[name] = value, row.number
    record.values = whole
    state = whole.get("state")
    record.state = state if isinstance(state, str) else None

    def entry(command: type[Command], values: Mapping[str, Any], row: int) -> Entry | None:
        name = TIME_OF[command]
        traces = (name, *_TRACES.get(command, ()))
        if command is not Apply and all(values.get(trace) is None for trace in traces):
            return None
        made = Entry(command, where.get(name, row) if values is whole else row, values)
        if command is Serve and values.get(name) is None:
            name = "left_at"  # the end of the visit says when it was as well
        return _timed(made, values.get(name), name in known)

    apply = entry(Apply, whole, first.number)
    assert apply is not None
    record.entries.append(apply)
    if known.shape is Shape.UNITS:
        _units_of_rows(record, rows, known)
    else:
        _units_of_cells(record, first, known)
    for unit in record.units:
        values = rows[0].values if known.shape is Shape.CASES else whole
        for row in rows:
            if row.number == unit.row:
                values = row.values
        unit.transfer = entry(Transfer, values, unit.row)
        if unit.transfer is not None:
            unit.transfer.unit = unit.name
            record.entries.append(unit.transfer)
        _answers_of(record, unit, values, known)
    for command in (
        DesignateLead,
        Schedule,
        Reschedule,
        ReportFailedVisit,
        Serve,
        GiveOneTimeNotice,
        ReportOutcome,
        Deliver,
        FileRegistrationForm,
        Close,
        Withdraw,
        Archive,
    ):
        made = entry(command, whole, first.number)
        if made is not None:
            record.entries.append(made)
    if record.of(Withdraw):  # a withdrawal ends the case: its time may stand under both headings
        record.entries = [e for e in record.entries if e.command is not Close]
    _whole_visit(record, rows, known)
    _ends_of_state(record, whole, first.number)
    return record


def _units_of_cells(record: Record, row: LedgerRow, known: Known) -> None:
    lead = row.values.get("unit")
    names = list(lead) if isinstance(lead, tuple) else []
    record.unit_given = bool(names) or "unit" not in known or isinstance(lead, Unreadable)
    more = row.values.get("assisting_units")
    names = names or [UNKNOWN_UNIT]
    named = (*names, *(more if isinstance(more, tuple) else ()))
    others = [name for name in dict.fromkeys(named) if name != names[0]]
    record.doubled = [name for name in (names[0], *others) if named.count(name) > 1]
    number = row.values.get("notice_number")
    record.units.append(
        UnitFacts(
            name=names[0],
            lead=True,
            row=row.number,
            number=number if isinstance(number, str) else None,
            numbered="notice_number" in known and not isinstance(number, Unreadable),
        )
    )
    record.units += (UnitFacts(name=name, lead=False, row=row.number) for name in others)


def _units_of_rows(record: Record, rows: list[LedgerRow], known: Known) -> None:
    by_name: dict[str, UnitFacts] = {}
    for row in rows:
        named = row.values.get("unit")
        names = named if isinstance(named, tuple) else ()
        items = row.values.get("items")
        for name in names or ((UNKNOWN_UNIT,) if len(rows) == 1 else ()):
            number, role = row.values.get("notice_number"), row.values.get("role")
            if name in by_name:  # a row an item: the same unit again
                unit = by_name[name]
                known_items, new = unit.items or (), items if isinstance(items, tuple) else ()
                other_role = isinstance(role, str) and (role == "lead") is not unit.lead
                if other_role or set(known_items) & set(new) or not (known_items or new):
                    record.doubled.append(name)
                if new and unit.items is not None:
                    unit.items = tuple(dict.fromkeys((*unit.items, *new)))
                continue
            lead = (
                role == "lead" if isinstance(role, str) else ("role" not in known and not by_name)
            )
            by_name[name] = UnitFacts(
                name=name,
                lead=lead,
                row=row.number,
                number=number if isinstance(number, str) else None,
                numbered="notice_number" in known and not isinstance(number, Unreadable),
                items=items if isinstance(items, tuple) else None,
            )
    record.units = list(by_name.values())
    record.unit_given = any(u.name != UNKNOWN_UNIT for u in record.units) or "unit" not in known
    if not record.units:
        record.units.append(UnitFacts(name=UNKNOWN_UNIT, lead=True, row=rows[0].number))
    every = [
        item
        for row in rows
        if isinstance(row.values.get("items"), tuple)
        for item in row.values["items"]
    ]
    if every:
        apply = record.entries[0]
        merged = tuple(dict.fromkeys(every)) if len(rows) > 1 else tuple(every)
        apply.values = {**apply.values, "items": merged}


def _answers_of(record: Record, unit: UnitFacts, values: Mapping[str, Any], known: Known) -> None:
    """What one unit did with its notice."""
    own = known.shape is Shape.UNITS or unit.lead
    prefix = "" if own else "assisting_"
    at, said = values.get(f"{prefix}replied_at"), values.get(f"{prefix}reply")
    told = {name: values.get(f"{prefix}{name}") for name in ("decline_reason", "alternatives")}
    acknowledged = values.get("acknowledged_at") if own else None
    if acknowledged is not None:
        entry = Entry(Acknowledge, unit.row, values, unit=unit.name)
        record.entries.append(_timed(entry, acknowledged, mapped=True))
    if at is None and said is None and told["decline_reason"] is None:
        return
    declined = said == "decline" or (
        not isinstance(said, str)
        and (told["decline_reason"] is not None or record.state == "declined")
    )
    entry = Entry(
        Decline if declined else Accept,
        unit.row,
        {**values, **told, "reply": said},
        unit=unit.name,
    )
    record.entries.append(_timed(entry, at, f"{prefix}replied_at" in known))
    explained = [values.get(name) for name in ("explained_at", "explained_how", "explained_to")]
    if declined and any(value is not None for value in explained):
        told_at = Entry(ExplainRefusal, unit.row, values, unit=unit.name)
        record.entries.append(_timed(told_at, explained[0], "explained_at" in known))


def _whole_visit(record: Record, rows: list[LedgerRow], known: Known) -> None:
    """Where a row is a unit, who was there and what was completed stands row by row."""
    visits = record.of(Serve)
    if known.shape is not Shape.UNITS or not visits:
        return
    visit = visits[0]
    values = dict(visit.values)
    if "attended" in known:
        there = [
            name
            for row in rows
            if row.values.get("attended") == "yes" and isinstance(row.values.get("unit"), tuple)
            for name in row.values["unit"]
        ]
        values["visiting_units"] = tuple(there) or None
    answers = [row.values.get("completed") for row in rows]
    if "no" in answers:
        values["completed"] = "no"
    values["results"] = {
        item: row.values.get("completed")
        for row in rows
        if isinstance(row.values.get("items"), tuple)
        for item in row.values["items"]
    }
    visit.values = values


def _ends_of_state(record: Record, whole: Mapping[str, Any], row: int) -> None:
    """A state in words shows an end that no time shows."""
    wanted: dict[str, tuple[type[Command], ...]] = {
        "closed": (Close,),
        "archived": (Archive,),
        "withdrawn": (Withdraw,),
    }
    ended = bool(record.of(Close, Withdraw))
    for command in wanted.get(record.state or "", ()):
        if not record.of(command) and not (command is Close and ended):
            record.entries.append(Entry(command, row, whole, why=Why.NO_TIME))


# --- one row an act -----------------------------------------------------------------------------


def _of_acts(case: str, rows: list[LedgerRow]) -> Record:
    record = Record(case=case, row=rows[0].number)
    visits: dict[str | None, Entry] = {}
    for row in rows:
        name = row.values.get("act")
        if not isinstance(name, str) or name == "ignore":
            continue
        values = dict(row.values)
        units = row.values.get("unit")
        names: Iterable[str | None] = units if isinstance(units, tuple) else (None,)
        if name != "transfer":  # only a notice is issued twice where a unit is named twice
            names = dict.fromkeys(names)
        for n, unit in enumerate(names):
            entry = Entry(Apply, row.number, values, unit=unit)
            _timed(entry, values.get("at"), mapped=True)
            recorded = values.get("recorded_at")
            entry.recorded_at = (
                recorded if isinstance(recorded, Moment) and not recorded.unknown else None
            )
            if name in ("serve", "arrive", "leave"):
                _visit(record, visits, entry, name)
                break
            entry.command = _reply_in(values) if name == "reply" else COMMANDS[name]
            if entry.command is Transfer and not _handed_on(record, entry, first=n == 0):
                break
            if entry.command is GiveOneTimeNotice and _same_notice(record, entry):
                break
            if entry.command is Apply and _same_application(record, entry):
                break
            record.entries.append(entry)
            if entry.command not in (Transfer, Accept, Decline, Acknowledge):
                break
    if not record.of(Apply):
        record.entries.insert(0, Entry(Apply, rows[0].number, {}, why=Why.BLANK, phantom=True))
    if not record.units:
        replied = (e.unit for e in record.of(Accept, Decline, Acknowledge) if e.unit is not None)
        named = list(dict.fromkeys(replied)) or [UNKNOWN_UNIT]
        record.units = [
            UnitFacts(name=unit, lead=n == 0, row=rows[0].number) for n, unit in enumerate(named)
        ]
    only = record.units[0].name
    for entry in record.of(Accept, Decline, Acknowledge, ExplainRefusal):
        if entry.unit is None and len(record.units) == 1:
            entry.unit = only
    return record


def _same_notice(record: Record, entry: Entry) -> bool:
    """Whether the row is a further item of a notice that is there already."""
    items = entry.values.get("items")
    if not isinstance(items, tuple):
        return False
    promised = dict.fromkeys(items, entry.values.get("expected_by"))
    for given in record.of(GiveOneTimeNotice):
        before = given.values.get("promised") or {}
        if given.at == entry.at and not before.keys() & promised.keys():
            given.values = {**given.values, "promised": {**before, **promised}}
            return True
    entry.values = {**entry.values, "promised": promised}
    return False


def _results(values: Mapping[str, Any]) -> dict[str, Any]:
    items, completed = values.get("items"), values.get("completed")
    return dict.fromkeys(items, completed) if isinstance(items, tuple) else {}


def _reply_in(values: Mapping[str, Any]) -> type[Command]:
    said = values.get("reply")
    if isinstance(said, str):
        return Decline if said == "decline" else Accept
    return Decline if values.get("decline_reason") is not None else Accept


def _handed_on(record: Record, entry: Entry, *, first: bool) -> bool:
    """Give the unit its notice; False where the row is a further item of one that it has. Of several
    units on one row the ``first`` is the one that its role and its number are about."""
    role, items = entry.values.get("role"), entry.values.get("items")
    number = entry.values.get("notice_number")
    unit = UnitFacts(
        name=entry.unit or UNKNOWN_UNIT,
        lead=first and (role == "lead" if isinstance(role, str) else not record.units),
        row=entry.row,
        number=number if first and isinstance(number, str) else None,
        numbered=first and "notice_number" in entry.values and not isinstance(number, Unreadable),
        items=items if isinstance(items, tuple) else None,
        transfer=entry,
    )
    for other in record.units:
        same = (other.name, other.number) == (unit.name, unit.number)
        at = None if other.transfer is None else other.transfer.at
        further = other.items and unit.items and not set(other.items) & set(unit.items)
        if same and at == entry.at and further:
            other.items = (*(other.items or ()), *(unit.items or ()))
            return False
    record.units.append(unit)
    return True


def _same_application(record: Record, entry: Entry) -> bool:
    """Whether the row is a further item of the application that is there already."""
    items = entry.values.get("items")
    for given in record.of(Apply):
        before = given.values.get("items")
        if given.at == entry.at and isinstance(items, tuple) and isinstance(before, tuple):
            if set(items) & set(before):
                return False
            given.values = {**given.values, "items": (*before, *items)}
            return True
    return False


def _visit(record: Record, visits: dict[str | None, Entry], entry: Entry, name: str) -> None:
    """A visit can be one row, a row for its arrival and one for its end, or a row a unit."""
    open_visit = next(iter(visits.values()), None)
    mine = entry.values.get("unit")
    results = _results(entry.values)
    known = {} if open_visit is None else open_visit.values.get("results", {})
    again = (
        name == "serve"
        and entry.unit in visits
        and not (results and not results.keys() & known.keys())
    )
    if open_visit is None or again:
        entry.command = Serve
        values = dict(entry.values)
        if name == "leave":
            values["left_at"], values["arrived_at"] = values.get("at"), values.get("arrived_at")
        elif values.get("arrived_at") is None:
            values["arrived_at"] = values.get("at")
        values["results"] = results
        entry.values = values
        visits[entry.unit] = entry
        record.entries.append(entry)
    else:
        values = dict(open_visit.values)
        if name == "leave":
            values["left_at"] = entry.values.get("left_at") or entry.values.get("at")
        elif values.get("arrived_at") is None:  # the row of its end stands above
            values["arrived_at"] = entry.values.get("arrived_at") or entry.values.get("at")
        for key, value in entry.values.items():
            if values.get(key) is None and key not in ("act", "at", "recorded_at"):
                values[key] = value
        values["results"] = {**known, **results}
        there = (
            [*(values.get("unit") or ()), *(mine or ())]
            if isinstance(mine, tuple)
            else values.get("unit") or ()
        )
        values["unit"] = tuple(dict.fromkeys(there))
        open_visit.values = values
        visits[entry.unit] = open_visit
    visit = next(iter(visits.values())) if not again else entry
    arrived = visit.values.get("arrived_at")
    if isinstance(arrived, Moment) and not arrived.unknown:
        visit.at, visit.why = arrived, None
