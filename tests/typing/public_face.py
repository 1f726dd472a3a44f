"""What the type checkers must make of the public face; read by mypy and pyright, never run.

The first half must be accepted as it stands, and every ``assert_type`` must hold. In the second
each line is wrong, and each ``type: ignore`` must be needed: mypy warns of one that is not.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, assert_type

from hypothesis.strategies import SearchStrategy

import onsite_workflow as ow
from onsite_workflow import audit, conformance, integrity, testing
from onsite_workflow.subscription import Subscription
from onsite_workflow.testing import strategies

MOMENT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=ow.SHANGHAI)
DESK = ow.Actor(role=ow.Role.INTEGRATED_WINDOW, name="柳文静")
UNIT = ow.Actor(role=ow.Role.HANDLING_UNIT, name="陈志远", unit="孝南区残疾人联合会")


# --- what must be accepted -----------------------------------------------------------------------


def sequences_may_be_lists_tuples_or_generators() -> None:
    items = [ow.ServiceItem(id="A.5.2")]
    ow.Apply(case="XN-1", at=MOMENT, by=DESK, items=items)
    ow.Apply(case="XN-1", at=MOMENT, by=DESK, items=tuple(items))
    ow.Apply(case="XN-1", at=MOMENT, by=DESK, items=(item for item in items))
    ow.TransferNotice(number="1", unit="x", role=ow.UnitRole.LEAD, items=["A.5.2"])
    ow.Decline(case="XN-1", at=MOMENT, by=UNIT, reason="x", alternatives=["y"])
    ow.Schedule(case="XN-1", at=MOMENT, by=UNIT, start=MOMENT, place="x", materials=[], staff=[])
    ow.Directory([ow.Unit(name="x")])


def what_was_given_as_a_list_is_kept_as_a_tuple(
    command: ow.Apply, notice: ow.TransferNotice, schedule: ow.Schedule
) -> None:
    assert_type(command.items, tuple[ow.ServiceItem, ...])
    assert_type(notice.items, tuple[str, ...])
    assert_type(schedule.materials, tuple[str, ...] | None)
    assert_type(schedule.staff, tuple[ow.StaffMember, ...])


def what_a_rule_asks_for_may_be_absent(command: ow.Apply) -> None:
    ow.Apply(case="XN-1", at=MOMENT, by=DESK)
    assert_type(command.applicant, ow.Applicant | None)
    assert_type(command.ground, ow.SpecialGroup | None)


def mappings_may_be_dictionaries(command: ow.Correct, form: ow.FileRegistrationForm) -> None:
    ow.Correct(case="XN-1", at=MOMENT, by=DESK, entry=1, fields={"address": "x"}, reason="y")
    ow.FileRegistrationForm(case="XN-1", at=MOMENT, by=UNIT, blank={"summary": "x"})
    assert_type(command.fields, Mapping[str, Any])
    assert_type(form.blank, Mapping[str, str])


def the_pure_core(case: ow.Case | None, command: ow.Command, event: ow.Event) -> None:
    calendar = ow.WorkingCalendar.china()
    decision = ow.decide(
        case,
        command,
        recorded_at=MOMENT,
        regulation=ow.DB4209_T_32_2023,
        calendar=calendar,
        existing_cases=["XN-0"],
    )
    assert_type(decision, ow.Decision)
    assert_type(decision.events, tuple[ow.CaseEvent, ...])
    assert_type(decision.record, ow.Case)
    assert_type(decision.findings, tuple[ow.Finding, ...])
    after = ow.evolve(case, event)
    assert_type(after, ow.Case)
    assert_type(ow.replay([event]), ow.Case)
    assert_type(ow.replay(iter((event,))), ow.Case)
    assert_type(ow.available(after, DESK), tuple[ow.Availability, ...])
    assert_type(
        ow.obligations(after, regulation=ow.DB4209_T_32_2023, calendar=calendar, as_of=MOMENT),
        tuple[ow.Obligation, ...],
    )
    assert_type(
        ow.findings(after, regulation=ow.DB4209_T_32_2023, calendar=calendar),
        tuple[ow.Finding, ...],
    )


def a_case(case: ow.Case) -> None:
    assert_type(case.state, ow.State)
    assert_type(case.result, ow.Result | None)
    assert_type(case.application, ow.Applied)
    assert_type(case.history, tuple[ow.CaseEvent, ...])
    assert_type(case.visit, ow.Served | None)
    assert_type(case.appointment, ow.Appointment | None)
    assert_type(case.lead, str | None)
    assert_type(case.items, tuple[ow.ServiceItem, ...])
    assert_type(case.accepted_items, tuple[str, ...])
    assert_type(case.closing, ow.Closed | ow.Withdrawn | None)
    if case.visit is not None:
        assert_type(case.visit.results, tuple[ow.ItemResult, ...])
    for notice in case.notices:
        assert_type(notice.reply, ow.Accepted | ow.Declined | None)
        assert_type(ow.transfer_notice(case, notice, issuer="x"), ow.FilledForm)
    assert_type(ow.registration_form(case), ow.FilledForm)


def a_workflow(store: ow.CaseStore, command: ow.Command) -> None:
    with_defaults = ow.Workflow(store)
    office = ow.Workflow(
        ow.MemoryStore(),
        calendar=ow.WorkingCalendar.china(),
        regulations=[ow.DB4209_T_32_2023],
        directory=ow.Directory(),
        issuer="x",
        clock=lambda: MOMENT,
    )
    receipt = with_defaults.handle(command, recorded_at=MOMENT)
    assert_type(receipt, ow.Receipt)
    assert_type(receipt.event, ow.CaseEvent)
    assert_type(receipt.event.state, ow.State)
    assert_type(receipt.state.zh, str)
    assert_type(receipt.findings, tuple[ow.Finding, ...])
    assert_type(office.case("XN-1"), ow.Case)
    assert_type(office.obligations("XN-1"), tuple[ow.Obligation, ...])
    assert_type(office.due(unit="x"), list[ow.Obligation])
    assert_type(office.cases(), Iterator[ow.CaseSummary])
    assert_type(office.registration_form("XN-1"), ow.FilledForm)
    assert_type(office.transfer_notices("XN-1"), tuple[ow.FilledForm, ...])


def any_store_is_a_case_store() -> None:
    stores: Sequence[ow.CaseStore] = [ow.MemoryStore(), ow.SQLiteStore("x.db")]
    opened: ow.CaseStore = ow.open_store("sqlite:///x.db")
    for store in (*stores, opened):
        assert_type(store.load("XN-1"), tuple[ow.AnyEvent, ...])


def the_answers_carry_data(attempt: Callable[[], object]) -> None:
    try:
        attempt()
    except ow.Refused as refused:
        for violation in refused.violations:
            assert_type(violation, ow.Violation)
            assert_type(violation.clause, str | None)
            assert_type(violation.facts, Mapping[str, Any])
            assert_type(violation.remedy, ow.Remedy | None)
    except (ow.InvalidInput, ow.Conflict) as error:
        assert_type(error, ow.InvalidInput | ow.Conflict)
        assert_type(error.answer, str)
    except ow.OnsiteWorkflowError as error:
        assert_type(error, ow.OnsiteWorkflowError)


def an_obligation(owed: ow.Obligation) -> None:
    assert_type(owed.kind, str)
    assert_type(owed.status, ow.Status)
    assert_type(owed.due, dt.datetime | None)
    assert_type(owed.due_day, dt.date | None)
    assert_type(ow.Kind(owed.kind).zh, str)


def an_edition_is_data() -> None:
    edition = ow.Regulation(
        edition="DB0000/T 1—2024",
        title="x",
        in_force_from=dt.date(2024, 1, 1),
        limits={ow.Kind.REPLY: ow.Limit(2, ow.LimitUnit.WORKING_DAYS)},
        reply_clock=ow.ReplyClock.RECEIPT,
        close_of_business=dt.time(17, 0),
        catalogue=ow.annex_a(),
    )
    assert_type(edition.limits, Mapping[ow.ObligationKind, ow.Limit])
    assert_type(edition.catalogue, ow.Catalogue)
    assert_type(edition.in_force_on(dt.date(2025, 1, 1)), bool)


def the_calendar() -> None:
    calendar = ow.WorkingCalendar.china()
    deadline = calendar.add_working_days(dt.date(2026, 2, 13), 3)
    assert_type(deadline, ow.Deadline)
    assert_type(deadline.date, dt.date)
    assert_type(deadline.provisional, bool)
    assert_type(calendar.is_working_day(dt.date(2026, 2, 14)), bool)


def wire_forms(line: str, event: ow.Event) -> None:
    assert_type(ow.read_line(line), ow.JournalLine)
    assert_type(ow.read_line(line).command, ow.AnyCommand)
    assert_type(ow.read_line(line).recorded_at, dt.datetime | None)
    assert_type(ow.event_to_json(event), str)
    assert_type(ow.event_from_json(line), ow.AnyEvent)


def the_feed_is_followed(store: ow.CaseStore) -> None:
    with Subscription(store, "letters").next(limit=10) as events:
        assert_type(events, Sequence[ow.AnyEvent])
        for event in events:
            assert_type(event.key, str)


def nothing_was_changed(store: ow.CaseStore, line: bytes) -> None:
    made = integrity.seal(store, made_at=MOMENT)
    assert_type(made, integrity.Seal)
    assert_type(integrity.seal_to_wire(made), dict[str, Any])
    assert_type(integrity.read_seal(line), integrity.Seal)
    found = integrity.verify(store, seals=(integrity.read_seal(line) for line in [line]))
    assert_type(found, integrity.Verification)
    assert_type(found.flaws, tuple[ow.Violation, ...])


def a_ledger_is_judged() -> None:
    mapping = audit.read_mapping("ledger.toml")
    assert_type(mapping, audit.LedgerMapping)
    ledger = audit.read_ledger("ledger.csv", mapping, catalogue=ow.annex_a())
    assert_type(ledger, audit.Ledger)
    assert_type(ledger.rows, tuple[audit.LedgerRow, ...])
    report = audit.audit(ledger, as_of=MOMENT, regulation=ow.DB4209_T_32_2023)
    assert_type(report, audit.Report)
    for finding in report.findings:
        assert_type(finding, audit.AuditFinding)
        assert_type(finding.code, audit.AuditCode)
        assert_type(finding.kind, ow.Kind | None)


def an_implementation_conforms() -> None:
    def called(arguments: Sequence[str]) -> conformance.Printed:
        return conformance.Printed(status=len(arguments), out="")

    asked: conformance.Program = called
    reports = list(conformance.check(asked, only="7.2"))
    assert_type(reports, list[conformance.CaseReport])
    assert_type(reports[0].faults, tuple[conformance.Fault, ...])
    assert_type(conformance.by_clause(reports), Mapping[str, tuple[int, int]])
    assert_type(conformance.program("onsite-workflow"), conformance.Program)


def a_regulation_is_explored(regulation: ow.Regulation) -> None:
    @testing.invariant("7.2")
    def nobody_declines(t: testing.Try) -> str | None:
        assert_type(t.event, ow.Event)
        assert_type(t.obligations, tuple[ow.Obligation, ...])
        return "one did" if isinstance(t.event, ow.Declined) else None

    def no_opinion(history: Sequence[ow.Event], command: ow.Command, **_: Any) -> None:
        return None

    assert_type(nobody_declines, testing.Invariant)
    report = testing.explore(
        regulation, units=range(1, 3), invariants=[nobody_declines], judge=no_opinion, stop=True
    )
    assert_type(report, testing.Report)
    assert_type(report.statuses, frozenset[tuple[str, ow.Status]])
    for found in report.counterexamples:
        assert_type(found, testing.Counterexample)
        assert_type(found.journal, tuple[str, ...])
        assert_type(found.replay(), testing.Try)
        found.save(Path("counterexample.jsonl"))
    for made in testing.proposals(None, now=MOMENT, units=(1,)).values():
        assert_type(next(made), testing.Proposal)


def what_is_drawn_has_a_type() -> None:
    assert_type(strategies.commands(), SearchStrategy[ow.Command])
    assert_type(strategies.items(), SearchStrategy[ow.ServiceItem])
    assert_type(strategies.histories(steps=3), SearchStrategy[tuple[ow.Event, ...]])


def a_store_is_put_to_the_promises() -> None:
    class OurStore(testing.StoreContract):
        def open_store(self, folder: Path) -> ow.CaseStore:
            return ow.SQLiteStore(folder / "ours.db")

    assert_type(OurStore().open_store(Path()), ow.CaseStore)
    assert_type(testing.FixedClock(MOMENT)(), dt.datetime)


def an_event_is_told_by_its_class(event: ow.Event) -> None:
    match event:
        case ow.Served(arrived_at=arrived):
            assert_type(arrived, dt.datetime | None)
        case ow.Declined(reason=reason, alternatives=alternatives):
            assert_type(reason, str | None)
            assert_type(alternatives, tuple[str, ...])
        case _:
            assert_type(event.version, int)


# --- what must be refused ------------------------------------------------------------------------


def names_are_keywords() -> None:
    ow.Actor(ow.Role.APPLICANT, "王秀兰")  # type: ignore[call-arg]
    ow.Accept("XN-1", MOMENT, UNIT)  # type: ignore[arg-type, call-arg]


def what_has_no_rule_must_be_given() -> None:
    ow.Accept(case="XN-1", at=MOMENT)  # type: ignore[call-arg]
    ow.Archive(case="XN-1", at=MOMENT, by=UNIT, archive_number="1")  # type: ignore[call-arg]
    ow.TransferNotice(number="1", unit="x", items=["A.5.2"])  # type: ignore[call-arg]


def a_word_is_not_a_member() -> None:
    ow.Actor(role="applicant", name="王秀兰")  # type: ignore[arg-type]
    ow.Limit(1, "days")  # type: ignore[arg-type]


def a_time_is_not_a_text() -> None:
    ow.Accept(case="XN-1", at="2026-03-02T09:00:00+08:00", by=UNIT)  # type: ignore[arg-type]


def a_command_has_its_own_fields_only() -> None:
    ow.Accept(case="XN-1", at=MOMENT, by=UNIT, reason="x")  # type: ignore[call-arg]


def values_are_frozen(case: ow.Case, actor: ow.Actor, refused: ow.Refused) -> None:
    actor.name = "x"  # type: ignore[misc]
    case.state = ow.State.CLOSED  # type: ignore[misc]
    case.history[0].at = MOMENT  # type: ignore[misc]
    refused.violations[0].facts["unit"] = "x"  # type: ignore[index]


def a_case_may_be_without(case: ow.Case) -> None:
    case.visit.left_at  # type: ignore[union-attr]  # noqa: B018
    case.lead.strip()  # type: ignore[union-attr]


def deciding_needs_its_surroundings(command: ow.Command) -> None:
    ow.decide(None, command)  # type: ignore[call-arg]
    ow.obligations(None, regulation=ow.DB4209_T_32_2023)  # type: ignore[call-arg,arg-type]


def an_object_is_not_a_store() -> None:
    ow.Workflow(object())  # type: ignore[arg-type]


def a_function_is_not_an_invariant(check: Callable[[testing.Try], str | None]) -> None:
    testing.explore(invariants=[check])  # type: ignore[list-item]
    testing.explore(units=1)  # type: ignore[arg-type]


def an_event_is_not_a_command(office: ow.Workflow, event: ow.Event) -> None:
    office.handle(event)  # type: ignore[call-overload]
