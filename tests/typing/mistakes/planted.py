"""Mistakes that both type checkers find. Each is planted here once, and expected.

mypy and pyright read this file and nobody runs it. An expected mistake that a checker does not find
is an unused comment, which is an error of its own.
"""

import datetime as dt
from typing import Final, assert_never

import onsite_workflow as ow
from onsite_workflow.engine.rules import Attempt, Facts, Row, guard, unmet

AT: Final = dt.datetime(2026, 3, 2, 9, tzinfo=ow.SHANGHAI)
DESK: Final = ow.Actor(role=ow.Role.INTEGRATED_WINDOW, name="柳某")


# --- a guard reads a field that its row's command does not have


@guard("7.2", needs=("notices",), zh="", en="", remedy=("", ""))
def a_misspelt_field(a: Attempt[ow.Case, ow.Transfer]) -> Facts | None:
    return unmet(not a.command.notice)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


@guard("7.2", needs=("unit",), zh="", en="", remedy=("", ""))
def a_field_of_one_of_two(a: Attempt[ow.Case, ow.Schedule | ow.DesignateLead]) -> Facts | None:
    return unmet(a.command.unit is None)  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


@guard("7.2", zh="", en="", remedy=("", ""))
def a_fact_that_a_case_does_not_have(a: Attempt[ow.Case, ow.Command]) -> Facts | None:
    return unmet(a.record.visits == 0)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]


# --- a guard stands on a row of another command


@guard("7.2", needs=("notices",), zh="", en="", remedy=("", ""))
def of_a_transfer(a: Attempt[ow.Case, ow.Transfer]) -> Facts | None:
    return unmet(not a.command.notices)


@guard("7.2", zh="", en="", remedy=("", ""))
def of_every_command(a: Attempt[ow.Case, ow.Command]) -> Facts | None:
    return unmet(a.record.visit is None)


ROWS = (
    Row(
        clause="7.2",
        command=ow.Transfer,
        event=ow.Transferred,
        by=(ow.Role.INTEGRATED_WINDOW,),
        source=(ow.State.APPLIED,),
        target=ow.State.TRANSFERRED,
        guards=(of_a_transfer, of_every_command),
    ),
    Row(  # type: ignore[misc]
        clause="7.3",
        command=ow.Serve,
        event=ow.Served,
        by=(ow.Role.HANDLING_UNIT,),
        source=(ow.State.SCHEDULED,),
        target=ow.State.SERVED,
        guards=(of_a_transfer,),  # pyright: ignore[reportArgumentType]
    ),
)


# --- constructors say what they take

ow.Apply(case="C-1", at=AT, by=DESK, items=[ow.ServiceItem(id="A.5.2")])
ow.Apply(case="C-1", at=AT, by=DESK, items=[1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
ow.Apply(case="C-1", at=AT, by=DESK, items="A.5.2")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
ow.Apply(case="C-1", at=AT, by=DESK, ground="disabled")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
ow.Transfer(case="C-1", at=AT, by=DESK, notices=[DESK])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
ow.Accept(case="C-1", at=AT, by="柳某")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
ow.Regulation(
    edition="某市",
    title="某规范",
    in_force_from=dt.date(2026, 1, 1),
    limits={ow.Kind.REPLY: ow.Limit(2, ow.LimitUnit.WORKING_DAYS)},
)
ow.Regulation(
    edition="某市",
    title="某规范",
    in_force_from=dt.date(2026, 1, 1),
    limits={"reply": 2},  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
)


# --- an answer's event is one of twenty, and ``match`` must name them all. (That answers give this
# type, ``public_face.py`` holds.)


def all_twenty(event: ow.CaseEvent) -> str:
    match event:
        case ow.Applied() | ow.Transferred() | ow.Reassigned():
            return "window"
        case ow.Acknowledged() | ow.Accepted() | ow.Declined() | ow.RefusalExplained():
            return "reply"
        case ow.LeadDesignated() | ow.Scheduled() | ow.Rescheduled():
            return "appointment"
        case ow.VisitFailed() | ow.Served() | ow.OneTimeNoticeGiven():
            return "visit"
        case ow.OutcomeReported() | ow.Delivered():
            return "outcome"
        case ow.Closed() | ow.Withdrawn() | ow.RegistrationFormFiled() | ow.Archived():
            return "end"
        case ow.Corrected():
            return "correction"
        case _:
            assert_never(event)


def all_but_the_correction(event: ow.CaseEvent) -> str:
    match event:
        case ow.Applied() | ow.Transferred() | ow.Reassigned():
            return "window"
        case ow.Acknowledged() | ow.Accepted() | ow.Declined() | ow.RefusalExplained():
            return "reply"
        case ow.LeadDesignated() | ow.Scheduled() | ow.Rescheduled():
            return "appointment"
        case ow.VisitFailed() | ow.Served() | ow.OneTimeNoticeGiven():
            return "visit"
        case ow.OutcomeReported() | ow.Delivered():
            return "outcome"
        case ow.Closed() | ow.Withdrawn() | ow.RegistrationFormFiled() | ow.Archived():
            return "end"
        case _:
            assert_never(event)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
