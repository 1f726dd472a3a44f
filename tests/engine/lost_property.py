"""A lost-property office: a procedure that the library knows nothing of.

A finder hands a thing in, and the desk gives it back. The "clauses" cited are invented.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, ClassVar, Final

from attrs import field, frozen

from onsite_workflow.checks import (
    Word,
    as_fields,
    check_count,
    check_given_name,
    check_mapping,
    check_name,
    check_text,
    checked,
    if_given,
    is_blank,
)
from onsite_workflow.engine import correcting
from onsite_workflow.engine.duties import Duties, Duty
from onsite_workflow.engine.procedure import Line, Person, Procedure
from onsite_workflow.engine.record import (
    AnyActor,
    AnyCommand,
    AnyEvent,
    Record,
    RecordCommand,
    RecordEvent,
    check_role,
)
from onsite_workflow.engine.rules import Attempt, Facts, Row, guard, unmet
from onsite_workflow.regulation import ObligationKind, Regulation

# --- words


class State(Word):
    NOTHING = "nothing", "未登记"
    KEPT = "kept", "保管中"
    RETURNED = "returned", "已归还"


class Role(Word):
    FINDER = "finder", "拾得人"
    DESK = "desk", "失物招领处"


class Kind(ObligationKind):
    RETURN = "return", "归还失主"


class Result(Word):
    RETURNED = "returned", "已归还"


@frozen(kw_only=True, repr=False)
class Somebody(AnyActor):
    role: Role = field(validator=check_role(Role))


# --- commands and events


@frozen(kw_only=True, repr=False, eq=False)
class LostCommand(RecordCommand):
    procedure: ClassVar[str] = "lost_property"

    by: Somebody


@frozen(kw_only=True, repr=False, eq=False)
class LostEvent(RecordEvent):
    procedure: ClassVar[str] = "lost_property"

    by: Somebody
    state: State


@frozen(kw_only=True, repr=False, eq=False)
class HandIn(LostCommand):
    name: ClassVar[str] = "hand_in"
    zh: ClassVar[str] = "交来拾得物"

    thing: str | None = field(default=None, validator=if_given(check_text))
    case: str | None = field(default=None, validator=if_given(check_name))


@frozen(kw_only=True, repr=False, eq=False)
class HandedIn(LostEvent):
    name: ClassVar[str] = "handed_in"

    thing: str | None = None
    case: str | None = None


@frozen(kw_only=True, repr=False, eq=False)
class GiveBack(LostCommand):
    name: ClassVar[str] = "give_back"
    zh: ClassVar[str] = "归还失主"

    owner: str | None = field(default=None, repr=False, validator=if_given(check_name))
    ticket: str = field(validator=checked(check_given_name))


@frozen(kw_only=True, repr=False, eq=False)
class GivenBack(LostEvent):
    name: ClassVar[str] = "given_back"

    owner: str | None = field(default=None, repr=False)
    ticket: str


@frozen(kw_only=True, repr=False, eq=False)
class Correct(LostCommand):
    name: ClassVar[str] = "correct"
    zh: ClassVar[str] = "更正记录"
    corrects: ClassVar[bool] = True

    entry: int | None = field(default=None, validator=if_given(check_count))
    fields: Any = field(
        factory=dict, repr=False, converter=as_fields, validator=checked(check_mapping())
    )


@frozen(kw_only=True, repr=False, eq=False)
class Corrected(LostEvent):
    name: ClassVar[str] = "corrected"
    corrects: ClassVar[bool] = True

    entry: int | None = None
    fields: Any = field(factory=dict, repr=False, converter=as_fields)


# --- the record


@frozen(kw_only=True, repr=False)
class Thing(Record):
    handed_in: HandedIn
    given_back: GivenBack | None = None


def opened(event: HandedIn) -> Thing:
    return Thing(
        key=event.key,
        version=1,
        state=event.state,
        edition=event.edition,
        recorded_at=event.recorded_at,
        changed_at=event.at,
        history=(event,),
        handed_in=event,
    )


def given_back(thing: Thing, event: GivenBack) -> dict[str, Any]:
    return {"given_back": event}


# --- guards


@guard(
    "1.1",
    needs=("thing",),
    zh="未写明是何物品。",
    en="The thing is not named.",
    remedy=("写明物品。", "Name the thing."),
)
def thing_named(a: Attempt[Thing, HandIn]) -> Facts | None:
    return unmet(is_blank(a.command.thing))


@guard(
    "1.1",
    needs=("case",),
    zh="所说的办件不存在：{case}。",
    en="The case does not exist: {case}.",
    remedy=("写明已有的办件。", "Name an existing case."),
)
def case_exists(a: Attempt[Thing, HandIn]) -> Facts | None:
    return unmet(a.command.case is not None and a.command.case not in a.known, case=a.command.case)


@guard(
    "1.2",
    needs=("owner",),
    zh="未写明失主。",
    en="The owner is not named.",
    remedy=("写明失主。", "Name the owner."),
)
def owner_named(a: Attempt[Thing, GiveBack]) -> Facts | None:
    return unmet(is_blank(a.command.owner))


@guard(
    "1.2",
    needs=("at",),
    zh="早于交来的时间。",
    en="It was given back before it was handed in.",
    remedy=("核对时间。", "Check the time."),
)
def after_it_was_handed_in(a: Attempt[Thing, AnyCommand]) -> Facts | None:
    return unmet(a.before is not None and a.command.at < a.before.handed_in.at)


def _correction(rule: Any, needs: tuple[str, ...]) -> Any:
    return guard(
        "1.3", needs=needs, zh="不能这样更正。", en="Not to be corrected so.", remedy=("—", "—")
    )(rule)


ROWS: Final = (
    Row(
        clause="1.1",
        command=HandIn,
        event=HandedIn,
        by=(Role.FINDER, Role.DESK),
        source=(State.NOTHING,),
        target=State.KEPT,
        guards=(thing_named, case_exists),
    ),
    Row(
        clause="1.2",
        command=GiveBack,
        event=GivenBack,
        by=(Role.DESK,),
        source=(State.KEPT,),
        target=State.RETURNED,
        guards=(owner_named,),
    ),
    Row(
        clause="1.3",
        command=Correct,
        event=Corrected,
        by=(Role.DESK,),
        source=(State.KEPT, State.RETURNED),
        target=None,
        guards=(
            _correction(correcting.entry_exists, ("entry",)),
            _correction(correcting.fields_correctable, ("entry", "fields")),
            _correction(correcting.corrected_history_allowed, ("entry", "fields")),
            _correction(correcting.state_unchanged, ("entry", "fields")),
        ),
    ),
)


# --- duties


def _return(thing: Thing, _: Regulation) -> Iterator[Duty]:
    yield Duty(
        bearer=Role.DESK.value,
        opened_by=thing.handed_in,
        opened_at=thing.handed_in.at,
        counted_from=thing.handed_in.at,
        met_by=thing.given_back,
    )


DUTIES: Final = (
    Duties(kind=Kind.RETURN, clause="1.2", of=_return, opened_by=(HandedIn,), met_by=(GivenBack,)),
)


# --- the procedure


def _refers(command: AnyCommand) -> tuple[str, ...]:
    case = command.case if isinstance(command, HandIn) else None
    return () if case is None else (case,)


def _claims(event: AnyEvent) -> tuple[str, ...]:
    return (f"ticket:{event.ticket}",) if isinstance(event, GivenBack) else ()


def _line(thing: Thing) -> Line:
    back = thing.given_back
    return Line(
        result=None if back is None else Result.RETURNED,
        lead=None,
        units=("失物招领处",),
        opened_at=thing.handed_in.at,
        people=() if back is None else (Person(name=back.owner),),
    )


LOST_PROPERTY: Final[Procedure[Thing]] = Procedure(
    name="lost_property",
    zh="失物",
    this_zh="此失物",
    record=Thing,
    states=State,
    roles=Role,
    kinds=Kind,
    results=Result,
    rows=ROWS,
    always=(after_it_was_handed_in,),
    opened=opened,
    fold={GivenBack: given_back},
    duties=DUTIES,
    refers=_refers,
    claims=_claims,
    line=_line,
)

#: Somebody who is invented.
FINDER: Final = Somebody(role=Role.FINDER, name="拾某")
DESK: Final = Somebody(role=Role.DESK, name="招某")
MONDAY: Final = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
DAY: Final = dt.timedelta(days=1)


def hand_in(record: str = "L-1", **changes: Any) -> HandIn:
    asked: dict[str, Any] = {"record": record, "at": MONDAY, "by": FINDER, "thing": "一把伞"}
    return HandIn(**asked | changes)


def give_back(record: str = "L-1", **changes: Any) -> GiveBack:
    asked: dict[str, Any] = {
        "record": record,
        "at": MONDAY + DAY,
        "by": DESK,
        "owner": "失某",
        "ticket": "T-1",
    }
    return GiveBack(**asked | changes)
