"""A procedure whose parts do not fit is refused when it is made known, before anything is stored."""

from __future__ import annotations

from typing import Any, ClassVar

import attrs
import pytest
from attrs import frozen

from onsite_workflow.clause7.procedure import CASE
from onsite_workflow.engine.fit import check_procedure
from onsite_workflow.engine.procedure import Procedure
from onsite_workflow.engine.record import AnyActor, RecordCommand, RecordEvent
from onsite_workflow.errors import InvalidInput
from onsite_workflow.procedures import procedure_names, register

from .lost_property import (
    LOST_PROPERTY,
    GivenBack,
    LostCommand,
    LostEvent,
    Somebody,
    State,
)

HAND_IN, GIVE_BACK, _ = LOST_PROPERTY.rows


def with_row(row: Any, **changes: Any) -> Procedure[Any]:
    """The lost-property office, under a name of its own, with one row changed."""
    rows = tuple(
        attrs.evolve(each, **changes) if each is row else each for each in LOST_PROPERTY.rows
    )
    return attrs.evolve(LOST_PROPERTY, rows=rows)


def misfits(procedure: Procedure[Any]) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        check_procedure(procedure)
    assert {violation.rule for violation in refused.value.violations} == {"unfit"}
    return [violation.en for violation in refused.value.violations]


def test_the_procedures_that_we_have_fit() -> None:
    check_procedure(LOST_PROPERTY)
    assert misfits(CASE) == ["plain_keys: is for cases alone."]


@pytest.mark.parametrize("name", ["", "a/b", "a b"])
def test_a_name_that_is_no_key_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match=r"^name: "):
        register(attrs.evolve(LOST_PROPERTY, name=name))
    assert name not in procedure_names()


def test_classes_of_another_procedure_are_refused() -> None:
    found = misfits(attrs.evolve(LOST_PROPERTY, name="found_property"))
    assert found[:2] == [
        "HandIn: is not of the procedure found_property.",
        "HandedIn: is not of the procedure found_property.",
    ]
    assert len(found) == 6


def test_a_procedure_that_opens_nothing_is_refused() -> None:
    assert misfits(attrs.evolve(LOST_PROPERTY, rows=())) == ["rows: have none that opens a record."]


def test_an_entry_that_the_fold_does_not_know_is_refused() -> None:
    assert misfits(attrs.evolve(LOST_PROPERTY, fold={})) == ["fold: leaves out GivenBack."]


@frozen(kw_only=True, repr=False, eq=False)
class NoState(RecordEvent):
    """Its ``state`` would be read as any word at all, which is none."""

    procedure: ClassVar[str] = "lost_property"
    name: ClassVar[str] = "handed_in"

    by: Somebody
    thing: str | None = None
    case: str | None = None


def test_an_event_without_the_procedures_own_states_is_refused() -> None:
    assert misfits(with_row(HAND_IN, event=NoState)) == [
        "NoState.state: is not annotated with the procedure's own states."
    ]


@frozen(kw_only=True, repr=False, eq=False)
class ByAnybody(RecordEvent):
    procedure: ClassVar[str] = "lost_property"
    name: ClassVar[str] = "handed_in"

    state: State
    by: AnyActor
    thing: str | None = None
    case: str | None = None


@frozen(kw_only=True, repr=False, eq=False)
class AskedByAnybody(RecordCommand):
    procedure: ClassVar[str] = "lost_property"
    name: ClassVar[str] = "hand_in"
    zh: ClassVar[str] = "交来拾得物"

    thing: str | None = None
    case: str | None = None


def test_an_actor_without_the_procedures_own_roles_is_refused() -> None:
    assert misfits(with_row(HAND_IN, event=ByAnybody, command=AskedByAnybody)) == [
        "AskedByAnybody.by: has a role that is not annotated with the procedure's own.",
        "ByAnybody.by: has a role that is not annotated with the procedure's own.",
    ]


@frozen(kw_only=True, repr=False, eq=False)
class OtherFields(LostEvent):
    name: ClassVar[str] = "given_back"

    owner: str | None = None
    receipt: str


def test_a_command_and_an_event_with_other_fields_are_refused() -> None:
    fold: Any = {OtherFields: LOST_PROPERTY.fold[GivenBack]}
    assert misfits(attrs.evolve(with_row(GIVE_BACK, event=OtherFields), fold=fold)) == [
        "GiveBack.receipt: is missing: command and event have the same fields.",
        "OtherFields.ticket: is missing: command and event have the same fields.",
    ]


@frozen(kw_only=True, repr=False, eq=False)
class Asked(LostCommand):
    name: ClassVar[str] = "hand_in"
    zh: ClassVar[str] = "交来拾得物"

    schema: str = ""


@frozen(kw_only=True, repr=False, eq=False)
class Happened(LostEvent):
    name: ClassVar[str] = "handed_in"

    event: str = ""


def test_names_of_the_wire_form_are_refused() -> None:
    found = misfits(with_row(HAND_IN, command=Asked, event=Happened))
    assert found[:2] == [
        "Asked.event: is a name of the wire form.",
        "Asked.schema: is a name of the wire form.",
    ]


@frozen(kw_only=True, repr=False, eq=False)
class CorrectsNothing(LostCommand):
    """Its ``fields`` would be read as those of an entry to correct."""

    name: ClassVar[str] = "hand_in"
    zh: ClassVar[str] = "交来拾得物"

    entry: int | None = None
    fields: Any = None


@frozen(kw_only=True, repr=False, eq=False)
class CorrectedNothing(LostEvent):
    name: ClassVar[str] = "handed_in"

    entry: int | None = None
    fields: Any = None


def test_the_fields_of_a_correction_are_for_corrections() -> None:
    assert misfits(with_row(HAND_IN, command=CorrectsNothing, event=CorrectedNothing)) == [
        "CorrectsNothing.corrects: goes with the fields entry and fields, in both command and event."
    ]


@frozen(kw_only=True, repr=False, eq=False)
class SameName(LostCommand):
    name: ClassVar[str] = "hand_in"
    zh: ClassVar[str] = "归还失主"

    owner: str | None = None
    ticket: str


@frozen(kw_only=True, repr=False, eq=False)
class SameEvent(LostEvent):
    name: ClassVar[str] = "handed_in"

    owner: str | None = None
    ticket: str


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"command": SameName}, "rows: have two commands of one name."),
        ({"event": SameEvent}, "rows: have two events of one name."),
    ],
)
def test_two_of_one_name_are_refused(changes: dict[str, Any], told: str) -> None:
    assert told in misfits(with_row(GIVE_BACK, **changes))


def test_a_table_that_is_none_is_refused() -> None:
    never = attrs.evolve(GIVE_BACK, guards=())
    with pytest.raises(ValueError, match="rows of one state with different guards"):
        check_procedure(attrs.evolve(LOST_PROPERTY, rows=(*LOST_PROPERTY.rows, never)))


def test_what_is_refused_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    before = procedure_names()
    with pytest.raises(InvalidInput):
        register(attrs.evolve(LOST_PROPERTY, name="found_property"))
    assert procedure_names() == before
