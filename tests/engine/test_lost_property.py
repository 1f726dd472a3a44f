"""A procedure that no line of ``src/`` knows goes through all that the engine carries."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from onsite_workflow import (
    DB4209_T_32_2023,
    Conflict,
    Limit,
    LimitUnit,
    NotAllowed,
    Refused,
    Regulation,
    Workflow,
    WorkingCalendar,
    WrongRole,
    procedures,
)
from onsite_workflow.adapters.memory import MemoryStore
from onsite_workflow.adapters.postgres import PostgresStore
from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.checks import as_mapping
from onsite_workflow.cli import main
from onsite_workflow.engine.deciding import available, decide, judge
from onsite_workflow.engine.duties import Status
from onsite_workflow.engine.history import replay
from onsite_workflow.engine.limits import obligations
from onsite_workflow.engine.procedure import Procedure
from onsite_workflow.engine.record import AnyCommand, AnyEvent
from onsite_workflow.engine.rules import Attempt
from onsite_workflow.errors import CaseNotFound, CorruptRecord, InvalidInput
from onsite_workflow.integrity import seal, verify
from onsite_workflow.ports import CaseStore
from onsite_workflow.procedures import procedure_named, procedure_names, register
from onsite_workflow.testing import FixedClock
from onsite_workflow.testing.stores.commits import simple_commit
from onsite_workflow.wire.digests import event_digest
from onsite_workflow.wire.reading import event_from_json, read_line
from onsite_workflow.wire.writing import command_to_wire, event_to_json
from stores.postgres_server import Databases, running

from .lost_property import (
    DAY,
    DESK,
    FINDER,
    LOST_PROPERTY,
    MONDAY,
    ROWS,
    Correct,
    GivenBack,
    HandedIn,
    HandIn,
    Kind,
    Result,
    Role,
    State,
    Thing,
    give_back,
    hand_in,
    opened,
)

CHINA = WorkingCalendar.china()
THREE_DAYS = attrs.evolve(
    DB4209_T_32_2023,
    limits=as_mapping({Kind.RETURN: Limit(3, LimitUnit.WORKING_DAYS)}),
)


def decided(thing: Thing | None, command: AnyCommand, regulation: Regulation = THREE_DAYS) -> Thing:
    decision = decide(
        LOST_PROPERTY,
        thing,
        command,
        recorded_at=command.at,
        regulation=regulation,
        calendar=CHINA,
    )
    return decision.record


# --- decide, and what follows from the record ----------------------------------------------------


def test_a_thing_is_handed_in_and_given_back() -> None:
    thing = decided(decided(None, hand_in()), give_back())
    assert (thing.state, thing.version, thing.id) == (State.RETURNED, 2, "L-1")
    assert replay(LOST_PROPERTY, thing.history) == thing


def test_an_event_keeps_the_digest_of_the_one_before_it() -> None:
    kept = decided(None, hand_in())
    decision = decide(
        LOST_PROPERTY,
        kept,
        give_back(),
        recorded_at=give_back().at,
        regulation=THREE_DAYS,
        calendar=CHINA,
        previous=event_digest(kept.history[-1]),
    )
    assert [event.previous for event in decision.events] == [event_digest(kept.history[0])]
    assert kept.history[0].previous is None


def test_moves_that_lead_nowhere_are_a_fault_of_the_program() -> None:
    move = attrs.evolve(LOST_PROPERTY.move_of[HandIn], targets=())
    attempt: Attempt[Thing, HandIn] = Attempt(
        before=None,
        command=hand_in(),
        by=FINDER,
        recorded_at=MONDAY,
        regulation=THREE_DAYS,
    )
    with pytest.raises(AssertionError, match=r"^compile_machine saw to a last target$"):
        judge(LOST_PROPERTY, attempt, {(State.NOTHING, HandIn): move})


def test_every_unmet_rule_is_told_with_its_clause() -> None:
    with pytest.raises(Refused) as refused:
        decided(None, hand_in(thing=" ", case="XN-1"))
    told = [(v.rule, v.clause) for v in refused.value.violations]
    assert told == [("thing_named", "1.1"), ("case_exists", "1.1")]


def test_what_the_table_does_not_have_is_not_allowed_and_not_for_everybody() -> None:
    kept = decided(None, hand_in())
    with pytest.raises(NotAllowed, match="A lost property that is kept does not allow hand_in"):
        decided(kept, hand_in())
    with pytest.raises(WrongRole, match="give_back is not for the role finder"):
        decided(kept, give_back(by=FINDER))
    with pytest.raises(CaseNotFound, match="There is no lost property L-1"):
        decided(None, give_back())


def test_what_may_be_done_next_is_told() -> None:
    kept = decided(None, hand_in())
    told = {a.command: a.allowed for a in available(LOST_PROPERTY, kept, DESK, THREE_DAYS)}
    assert told == {"hand_in": False, "give_back": True, "correct": True}


def test_what_is_owed_is_counted_by_the_regulation() -> None:
    kept = decided(None, hand_in())
    (owed,) = obligations(
        LOST_PROPERTY, kept, regulation=THREE_DAYS, calendar=CHINA, as_of=MONDAY + 7 * DAY
    )
    assert (owed.procedure, owed.case, owed.kind) == (
        "lost_property",
        "lost_property/L-1",
        "return",
    )
    assert (owed.due_day, owed.status, owed.opened_by) == (
        dt.date(2026, 3, 5),
        Status.OVERDUE,
        1,
    )


def test_what_met_an_obligation_is_told_from_then_on() -> None:
    thing = decided(decided(None, hand_in()), give_back())

    def told(as_of: dt.datetime) -> tuple[object, ...]:
        (found,) = obligations(
            LOST_PROPERTY, thing, regulation=THREE_DAYS, calendar=CHINA, as_of=as_of
        )
        return found.status, found.met_by, found.met_at, found.ended_by

    assert told(MONDAY + DAY / 2) == (Status.OPEN, None, None, None)
    assert told(MONDAY + DAY) == (Status.MET, 2, MONDAY + DAY, None)


def test_an_act_that_comes_late_is_found() -> None:
    decision = decide(
        LOST_PROPERTY,
        decided(None, hand_in()),
        give_back(at=MONDAY + 7 * DAY),
        recorded_at=MONDAY + 7 * DAY,
        regulation=THREE_DAYS,
        calendar=CHINA,
    )
    assert [(f.code, f.kind, f.bearer) for f in decision.findings] == [
        ("late_act", "return", "desk")
    ]


def test_a_correction_is_judged_with_what_came_after() -> None:
    thing = decided(decided(None, hand_in()), give_back())
    mend: dict[str, Any] = {"record": "L-1", "at": MONDAY + 2 * DAY, "by": DESK, "entry": 1}
    assert decided(thing, Correct(**mend, fields={"thing": "两把伞"})).handed_in.thing == "两把伞"
    with pytest.raises(Refused) as refused:
        decided(thing, Correct(**mend, fields={"at": MONDAY + 2 * DAY}))
    (violation,) = refused.value.violations
    assert (violation.rule, violation.facts["entry"]) == ("corrected_history_allowed", 2)


# --- wire forms ----------------------------------------------------------------------------------


def test_a_journal_line_names_the_procedure_and_the_record() -> None:
    line = command_to_wire(give_back())
    assert (line["procedure"], line["record"], line["command"]) == (
        "lost_property",
        "L-1",
        "give_back",
    )
    assert "case" not in line
    assert read_line(json.dumps(line)).command == give_back()


def test_a_stored_event_is_read_back() -> None:
    for event in decided(decided(None, hand_in()), give_back()).history:
        assert event_from_json(event_to_json(event)) == event


def test_a_procedure_that_nobody_knows_is_named() -> None:
    line = command_to_wire(give_back()) | {"procedure": "nobodys"}
    with pytest.raises(InvalidInput, match="must be one of case, lost_property"):
        read_line(json.dumps(line))


def test_two_procedures_of_one_name_are_refused() -> None:
    register(LOST_PROPERTY)  # the same again changes nothing
    with pytest.raises(InvalidInput, match="has the name of another procedure"):
        register(attrs.evolve(LOST_PROPERTY, zh="另一失物"))
    with pytest.raises(InvalidInput, match="has the name of another procedure"):
        register(attrs.evolve(LOST_PROPERTY, name="case"))
    assert procedure_named("lost_property") is LOST_PROPERTY
    assert procedure_names() == ("case", "lost_property")


# --- stores --------------------------------------------------------------------------------------


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CaseStore]:
    if request.param == "postgres":
        databases, sockets = Databases.of(running()), running().sockets
        with closing(
            PostgresStore(databases.url(tmp_path, user="writer", sockets=sockets))
        ) as held:
            yield held
        databases.release(tmp_path)
    else:
        with closing(
            MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "office.db")
        ) as held:
            yield held


def test_it_is_kept_listed_and_read_like_a_case(store: CaseStore) -> None:
    office = Workflow(
        store,
        clock=FixedClock(MONDAY),
        regulations=[THREE_DAYS],
        applicant_secret=b"a secret of thirty-two bytes....",
    )
    first = office.handle(hand_in(), recorded_at=MONDAY)
    assert isinstance(first.event, HandedIn)
    assert not list(office.cases())  # it is no case
    (line,) = store.cases(procedure="lost_property", state="kept")
    assert (line.case, line.result, line.units) == ("lost_property/L-1", None, ("失物招领处",))
    (owed,) = office.due(at=MONDAY + 7 * DAY)
    assert (owed.case, owed.kind, owed.status) == ("lost_property/L-1", "return", "overdue")
    assert store.open_obligations(procedure="lost_property") == [
        attrs.evolve(owed, status=Status.OPEN)
    ]

    late = MONDAY + 7 * DAY
    second = office.handle(give_back(at=late), recorded_at=late)
    assert isinstance(second.event, GivenBack)
    assert [finding.code for finding in second.findings] == ["late_act"]
    again = office.handle(give_back(at=late), recorded_at=late)
    assert again == attrs.evolve(second, repeated=True)
    assert office.record(LOST_PROPERTY, "L-1").state is State.RETURNED
    assert [summary.case for summary in office.cases_of(name="失某")] == ["lost_property/L-1"]
    assert [entry.event.name for entry in store.feed()] == ["handed_in", "given_back"]


def test_its_claimed_keys_are_its_own(store: CaseStore) -> None:
    office = Workflow(store, clock=FixedClock(MONDAY + DAY))
    for record in ("L-1", "L-2"):
        office.handle(hand_in(record), recorded_at=MONDAY)
    office.handle(give_back("L-1"), recorded_at=MONDAY + DAY)
    with pytest.raises(Conflict, match="ticket"):
        office.handle(give_back("L-2"), recorded_at=MONDAY + DAY)
    assert LOST_PROPERTY.claimed(store.load("lost_property/L-1")[1]) == (
        "lost_property/ticket:T-1",
    )


def test_two_procedures_may_have_the_same_numbers(store: CaseStore) -> None:
    office = Workflow(store, clock=FixedClock(MONDAY + DAY))
    taken = attrs.evolve(simple_commit("XN-1"), keys=("ticket:T-1",))
    store.append(taken)
    office.handle(hand_in("L-1"), recorded_at=MONDAY)
    assert office.handle(give_back("L-1", ticket="T-1"), recorded_at=MONDAY + DAY).version == 2


def test_what_is_listed_is_plain_text_in_every_store(store: CaseStore) -> None:
    office = Workflow(store, clock=FixedClock(MONDAY), regulations=[THREE_DAYS])
    office.handle(hand_in("L-1"), recorded_at=MONDAY)
    office.handle(give_back("L-1", at=MONDAY), recorded_at=MONDAY)
    (line,) = store.cases()
    assert [type(said) for said in (line.state, line.result)] == [str, str]


def test_questions_about_no_record_are_answered(store: CaseStore) -> None:
    office = Workflow(store, clock=FixedClock(MONDAY), regulations=[THREE_DAYS])
    with pytest.raises(CaseNotFound, match=r"There is no lost property L-1\.") as missing:
        office.available("lost_property/L-1", FINDER)
    assert missing.value.violations[0].zh == "没有此失物：L-1。"
    for key in ("XN/1", "case/XN-1", "nobodys/L-1", "", None, 5):
        with pytest.raises(InvalidInput, match=r"^case: "):
            office.obligations(key)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=r"^record: "):
        office.obligations("lost_property/")


def test_another_programs_records_are_not_called_damaged(
    store: CaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that knows cases alone, and a store that another one writes to as well."""
    office = Workflow(store, clock=FixedClock(MONDAY), regulations=[THREE_DAYS])
    office.handle(hand_in("L-1"), recorded_at=MONDAY)
    monkeypatch.setattr(procedures, "_loaded", {})
    assert office.due(at=MONDAY) == []
    if isinstance(store, MemoryStore):
        return  # it keeps events, and reads none back
    with pytest.raises(CorruptRecord, match="of a procedure that is not known here") as refused:
        store.load("lost_property/L-1")
    (violation,) = refused.value.violations
    assert (violation.rule, violation.facts) == (
        "unknown_procedure",
        {"case": "lost_property/L-1", "version": 1},
    )
    assert {flaw.rule for flaw in verify(store).flaws} == {"unknown_procedure"}
    with pytest.raises(CorruptRecord, match="of a procedure that is not known here"):
        seal(store, made_at=MONDAY)


def test_it_may_name_a_case_that_there_is(store: CaseStore) -> None:
    office = Workflow(store, clock=FixedClock(MONDAY + DAY))
    office.handle(hand_in("L-1"), recorded_at=MONDAY)
    named = hand_in("L-2", case="lost_property/L-1")
    assert office.handle(named, recorded_at=MONDAY).version == 1
    with pytest.raises(Refused):
        office.handle(hand_in("L-3", case="XN-9"), recorded_at=MONDAY)


# --- the machine ---------------------------------------------------------------------------------


def test_the_stock_machine_and_its_diagram_are_those_of_the_rows() -> None:
    triggers = {
        (trigger, source, moved.dest)
        for trigger, event in LOST_PROPERTY.machine.events.items()
        for source, moves in event.transitions.items()
        for moved in moves
    }
    assert triggers == {
        ("hand_in", "nothing", "kept"),
        ("give_back", "kept", "returned"),
        ("correct", "kept", "kept"),
        ("correct", "returned", "returned"),
    }


# --- the journal ---------------------------------------------------------------------------------


def test_a_journal_of_it_is_run(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    lines = [command_to_wire(hand_in()), command_to_wire(give_back(owner=" "))]
    journal = tmp_path / "lost.jsonl"
    journal.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    status = main(["run", str(journal), "--store", f"sqlite:///{tmp_path / 'l.db'}", "--json"])
    first, second = map(json.loads, capsysbinary.readouterr().out.splitlines())
    assert status == 1
    assert (first["procedure"], first["record"], first["event"]) == (
        "lost_property",
        "L-1",
        "handed_in",
    )
    assert (second["procedure"], second["record"], second["error"]) == (
        "lost_property",
        "L-1",
        "refused",
    )


def test_a_refused_line_names_what_it_named(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    lost = command_to_wire(hand_in())
    lines = [
        lost | {"thing": " "},
        {"procedure": "case", "case": "XN-1", "command": "close"},
        {name: said for name, said in lost.items() if name != "procedure"},
    ]
    journal = tmp_path / "lost.jsonl"
    journal.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert main(["run", str(journal), "--store", f"sqlite:///{tmp_path / 'l.db'}", "--json"]) == 1
    told = list(map(json.loads, capsysbinary.readouterr().out.splitlines()))
    assert [{n: a[n] for n in ("case", "procedure", "record") if n in a} for a in told] == [
        {"procedure": "lost_property", "record": "L-1"},
        {"case": "XN-1"},
        {"case": None},
    ]
    assert told[2]["violations"][0]["en"] == "procedure: is required beside record."


# --- what a procedure need not say ----------------------------------------------------------------


def test_a_procedure_that_names_no_other_record_and_claims_nothing_is_whole(
    tmp_path: Path,
) -> None:
    class Plain(HandIn):
        procedure = "plain"

    class PlainIn(HandedIn):
        procedure = "plain"

    row = attrs.evolve(ROWS[0], command=Plain, event=PlainIn, guards=())
    plain: Procedure[Thing] = Procedure(
        name="plain",
        zh="物品",
        this_zh="此物品",
        record=Thing,
        states=State,
        roles=Role,
        kinds=Kind,
        results=Result,
        rows=(row,),
        always=(),
        opened=opened,
        fold={},
        line=LOST_PROPERTY.line,
    )
    decision = decide(
        plain,
        None,
        Plain(record="P-1", at=MONDAY, by=FINDER),
        recorded_at=MONDAY,
        regulation=THREE_DAYS,
        calendar=CHINA,
    )
    (event,) = decision.events
    assert (event.key, decision.record.state) == ("plain/P-1", State.KEPT)
    assert (plain.refers(event), plain.claims(event)) == ((), ())


def test_an_envelope_of_no_procedure_has_no_key() -> None:
    for bare in (AnyCommand, AnyEvent):
        with pytest.raises(NotImplementedError):
            bare.key.fget(None)  # type: ignore[union-attr]


def test_somebody_answers_for_the_unit_that_is_named() -> None:
    assert attrs.evolve(DESK, unit="失物招领处").acting_unit == "失物招领处"


def test_a_procedures_name_is_a_text() -> None:
    line = command_to_wire(hand_in()) | {"procedure": 1}
    with pytest.raises(InvalidInput, match="procedure: must be a text"):
        read_line(json.dumps(line))
