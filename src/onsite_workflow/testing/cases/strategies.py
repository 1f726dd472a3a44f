"""Hypothesis strategies: people and values, commands for a case, whole histories and journals.

Two kinds. ``instances``, ``commands`` and ``events`` draw *any* value that can be constructed,
whether or not any rule would allow it: for what is read and written. ``commands_for``, ``advances``,
``tries``, ``histories`` and ``journals`` draw what an office could send, as it should be and wrong
in one thing: for what is judged. Everybody drawn is invented.

Needs ``hypothesis``.
"""

from __future__ import annotations

import datetime as dt
import typing
from collections.abc import Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final

import attrs
from hypothesis import strategies as st

from onsite_workflow.calendar import WorkingCalendar
from onsite_workflow.checks import check_given_name
from onsite_workflow.clause7.commands import Apply, Command, Correct, Serve
from onsite_workflow.clause7.events import Corrected, Event
from onsite_workflow.clause7.procedure import CASE, COMMANDS, EVENTS, ROWS
from onsite_workflow.clause7.regulation import DB4209_T_32_2023
from onsite_workflow.engine.correcting import correctable_fields
from onsite_workflow.errors import InvalidInput
from onsite_workflow.regulation import Regulation
from onsite_workflow.terms import Actor, Applicant, Role, ServiceItem, StaffMember

from .clause7 import CLAUSE_7
from .explorable import Explorable, Proposal
from .trying import Situation, Try, journal_line
from .walks import PAUSES, Pick, advance, anything, next_moment, walk

__all__ = [
    "addresses",
    "advances",
    "applicants",
    "commands",
    "commands_for",
    "events",
    "histories",
    "id_numbers",
    "instances",
    "items",
    "journals",
    "keys",
    "moments",
    "names",
    "pauses",
    "people",
    "phones",
    "texts",
    "tries",
    "wrong_id_numbers",
]

_UNSAFE: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufffe\uffff"
_LETTERS: Final = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters=_UNSAFE)


def _is_a_name(text: str) -> bool:
    try:
        check_given_name("name", text)
    except InvalidInput:
        return False
    return True


#: Any text that may be a name, a text, the id of a case: for reading and writing.
names: Final = st.text(_LETTERS, min_size=1, max_size=30).filter(_is_a_name)
texts: Final = st.lists(st.text(_LETTERS, max_size=30), max_size=3).map("\n".join)
keys: Final = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True)

#: Invented telephones: mobile, landline as the standard prints them, with an extension.
phones: Final = st.one_of(
    st.integers(0, 9999).map(lambda n: f"1390000{n:04}"),
    st.integers(2_000_000, 2_009_999).map(lambda n: f"0712-{n}"),
    st.sampled_from(["+86 139 0000 1234", "(0712)2000转8"]),
)


def _check_digit(body: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


_ID_BODIES: Final = st.builds(
    lambda born, order: f"990000{born:%Y%m%d}{order:03}",
    st.dates(dt.date(1925, 1, 1), dt.date(2005, 12, 31)),
    st.integers(1, 999),
)
#: Identity numbers as GB 11643 builds them, of a place that there is not.
id_numbers: Final = _ID_BODIES.map(lambda body: body + _check_digit(body))
#: The same with a wrong check digit.
wrong_id_numbers: Final[st.SearchStrategy[str]] = st.builds(
    lambda body, by: body + "10X98765432"[("10X98765432".index(_check_digit(body)) + by) % 11],
    _ID_BODIES,
    st.integers(1, 10),
)

#: Names of people, and addresses, that nobody has.
people: Final = st.builds(
    "{}{}{}".format,
    st.sampled_from("甲乙丙丁戊己庚辛"),
    st.sampled_from("壹贰叁肆伍"),
    st.just("某"),
)
addresses: Final = st.builds(
    "虚构街道{}路{}号".format, st.sampled_from("东南西北"), st.integers(1, 999)
)
applicants: Final = st.builds(
    Applicant, name=people, phone=phones, id_number=st.none() | id_numbers
)


def items(regulation: Regulation = DB4209_T_32_2023) -> st.SearchStrategy[ServiceItem]:
    """Items that can be applied for: of the edition's catalogue, or claimed under 5.2."""
    claimed = st.builds(
        ServiceItem,
        name=st.integers(1, 99).map("虚构事项{}".format),
        ground=st.just("须上门办理。"),
    )
    printed = [ServiceItem(id=item.id) for item in regulation.catalogue]
    return st.sampled_from(printed) | claimed if printed else claimed


_DIGESTS: Final = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
_OFFSETS: Final = st.sampled_from([0, 8, -5, 5.5]).map(
    lambda hours: dt.timezone(dt.timedelta(hours=hours))
)
_FIRST, _LAST = dt.datetime(1950, 1, 3, tzinfo=dt.UTC), dt.datetime(2199, 12, 29, tzinfo=dt.UTC)
#: Any moment that may stand in a case, by the clock of some place.
moments: Final = st.datetimes(
    _FIRST.replace(tzinfo=None), _LAST.replace(tzinfo=None), timezones=_OFFSETS
)
_DAYS: Final = st.dates(dt.date(1950, 1, 1), dt.date(2199, 12, 31))

_BY_NAME: Final[Mapping[str, st.SearchStrategy[Any]]] = {
    "case": keys,
    "follows": keys,
    "phone": phones,
    "id_number": id_numbers,
    "sha256": _DIGESTS,
    "version": st.integers(1, 10_000),
    "entry": st.integers(-5, 10_000),
    "reason": texts,
    "address": texts,
    "note": texts,
    "summary": texts,
}
_BY_TYPE: Final[Mapping[Any, st.SearchStrategy[Any]]] = {
    str: names,
    int: st.integers(1, 10_000),
    bool: st.booleans(),
    dt.datetime: moments,
    dt.date: _DAYS,
}


def _shaped(name: str, hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field, by its name where that says more than its type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, UnionType):
        return _shaped(name, next(a for a in arguments if a is not NoneType))
    if origin is tuple:
        return st.lists(_shaped(name, arguments[0]), max_size=3).map(tuple)
    if origin is not None:
        return st.dictionaries(names, _shaped(name, arguments[1]), max_size=3)
    if name in _BY_NAME:
        return _BY_NAME[name]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    return _BY_TYPE[hint] if hint in _BY_TYPE else instances(hint)


def _fields(kind: type[Any]) -> dict[str, st.SearchStrategy[Any]]:
    hints = typing.get_type_hints(kind)
    found = {
        f.name: _shaped(f.name, hints[f.name])
        for f in attrs.fields(kind)
        if f.init and f.name != "fields"
    }
    if kind is Serve:
        attendants = st.builds(StaffMember, name=names, unit=names)
        found["staff"] = st.lists(attendants, max_size=3).map(tuple)
    if kind in (Correct, Corrected):
        found["fields"] = _corrections()
    return found


def _corrections() -> st.SearchStrategy[dict[str, Any]]:
    """What a correction may say of some entry."""
    return st.sampled_from([e for e in EVENTS.values() if e is not Corrected]).flatmap(
        lambda event: st.fixed_dictionaries({}, optional=_correctable(event))
    )


def _correctable(event: type[Event]) -> dict[str, st.SearchStrategy[Any]]:
    command = next(row.command for row in ROWS if row.event is event)
    values = _fields(command)
    return {
        name: st.none() | values[name] if removable else values[name]
        for name, removable in correctable_fields(CASE, event).items()
    }


def instances(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Instances of an ``attrs`` class, any of its optional fields left out."""
    if kind is Actor:
        units = st.builds(Actor, role=st.just(Role.HANDLING_UNIT), name=names, unit=names)
        others = [role for role in Role if role is not Role.HANDLING_UNIT]
        return units | st.builds(
            Actor, role=st.sampled_from(others), name=names, id=st.none() | names
        )
    if kind is ServiceItem:
        return st.builds(ServiceItem, id=names) | st.builds(
            ServiceItem, name=names, ground=st.none() | texts
        )
    fields = _fields(kind)
    required = {f.name for f in attrs.fields(kind) if f.init and f.default is attrs.NOTHING}
    return st.fixed_dictionaries(
        {name: fields[name] for name in fields if name in required},
        optional={name: fields[name] for name in fields if name not in required},
    ).map(lambda values: kind(**values))


def commands() -> st.SearchStrategy[Command]:
    """Any command, whether or not any rule would allow it."""
    return st.one_of([instances(kind) for kind in COMMANDS.values()])


def events() -> st.SearchStrategy[Event]:
    """Any event."""
    return st.one_of([instances(kind) for kind in EVENTS.values()])


# --- what can be asked of a case -----------------------------------------------------------------

#: How long it is from one entry to the next: at once, within the day, past every limit.
pauses: Final = st.sampled_from(PAUSES)


def _by(draw: st.DrawFn) -> Pick:
    """What Hypothesis draws is what is picked."""
    return lambda choices: draw(st.sampled_from(choices))


def _dressed(proposal: Proposal, draw: st.DrawFn) -> Proposal:
    """``proposal`` with other people in it."""
    command = proposal.command
    if not isinstance(command, Apply) or command.applicant is None or command.address is None:
        return proposal
    values: dict[str, Any] = {"applicant": draw(applicants), "address": draw(addresses)}
    if command.applicant.phone is None:
        values["applicant"] = attrs.evolve(values["applicant"], phone=None)
    return attrs.evolve(proposal, command=attrs.evolve(command, **values))


@st.composite
def commands_for(
    draw: st.DrawFn,
    situation: Situation,
    *,
    now: dt.datetime | None = None,
    units: tuple[int, ...] = (1, 2, 3),
    case_id: str = "DRAWN-1",
) -> Proposal:
    """Any command to the case, among what is available and what is not: as an office would send it,
    wrong in one thing, from a wrong state, by somebody else.

    ``now`` is when it is entered at the earliest; by default a minute after the latest entry.
    """
    now = next_moment(situation) if now is None else now
    return _dressed(anything(_by(draw), situation, now=now, units=units, case_id=case_id), draw)


@st.composite
def advances(
    draw: st.DrawFn,
    situation: Situation,
    *,
    now: dt.datetime | None = None,
    units: tuple[int, ...] = (1, 2, 3),
    case_id: str = "DRAWN-1",
) -> Proposal | None:
    """A command that is accepted here and brings the case nearer to its end, if there is one.

    A unit that accepts is drawn as often as one that declines.
    """
    now = next_moment(situation) if now is None else now
    proposal = advance(_by(draw), situation, now=now, units=units, case_id=case_id)
    return None if proposal is None else _dressed(proposal, draw)


@st.composite
def tries(
    draw: st.DrawFn,
    /,
    *,
    regulation: Regulation = DB4209_T_32_2023,
    calendar: WorkingCalendar | None = None,
    explorable: Explorable = CLAUSE_7,
    **options: Any,
) -> list[Try]:
    """So many commands put to one case one after the other, and what came of each.

    Options as of ``walk``: ``units``, ``steps``, ``case_id``; without ``directed`` every command is
    one of ``commands_for``.
    """
    calendar = WorkingCalendar.china() if calendar is None else calendar
    opening = Situation(case=None, regulation=regulation, calendar=calendar, explorable=explorable)
    return list(walk(_by(draw), opening, dress=lambda p: _dressed(p, draw), **options))


def histories(**options: Any) -> st.SearchStrategy[tuple[Event, ...]]:
    """The events of one case, from its application on. Options as of ``tries``."""
    return (
        tries(**options)
        .filter(lambda made: made[-1].outcome.case is not None)
        .map(lambda made: made[-1].after.history)
    )


def journals(**options: Any) -> st.SearchStrategy[list[str]]:
    """The lines of a journal, what is refused among them. Options as of ``tries``."""
    return tries(**options).map(
        lambda made: [journal_line(tried.command, tried.recorded_at) for tried in made]
    )
