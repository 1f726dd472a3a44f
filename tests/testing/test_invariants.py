"""No invariant that cannot fail: each goes red on a table, a fold or a time limit broken for it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

import attrs
import pytest

from onsite_workflow import (
    CLAUSES,
    DB4209_T_32_2023,
    ROWS,
    Kind,
    Limit,
    LimitUnit,
    Regulation,
    ReplyClock,
    State,
)
from onsite_workflow.clause7 import commands as c
from onsite_workflow.clause7 import events as e
from onsite_workflow.clause7.case import Case
from onsite_workflow.clause7.core import evolve
from onsite_workflow.clause7.procedure import CASE, EVERY_MOVE
from onsite_workflow.engine.machine import build_machine, compile_machine
from onsite_workflow.engine.rules import Attempt, Facts, Guard, Row
from onsite_workflow.errors import InvalidInput
from onsite_workflow.testing import CLAUSE_7, INVARIANTS, Try, explore, invariant
from onsite_workflow.wire.writing import event_to_json

from .restated import RESTATED

AnyRow = Row[Any, Any]
Patch = pytest.MonkeyPatch
Break = Callable[[Patch], None]

# A function of the same name may hide a module.
DECIDING = import_module("onsite_workflow.engine.deciding")
HISTORY = import_module("onsite_workflow.engine.history")
LIMITS = import_module("onsite_workflow.engine.limits")
FOLDING = import_module("onsite_workflow.clause7.case")
DUTIES = import_module("onsite_workflow.clause7.duties")
KIT = import_module("onsite_workflow.testing.cases.invariants")
TRYING = import_module("onsite_workflow.testing.cases.trying")

#: The library's, and those that only say again what the table says.
EVERY = (*INVARIANTS, *RESTATED)


# --- ways to break the table --------------------------------------------------------------------


def judged_by(
    patch: Patch, rows: Iterable[AnyRow], *, told: bool = True, always: Any = EVERY_MOVE
) -> None:
    """Let ``decide`` go by other rows; and ``available``, where it is ``told``."""
    table = list(rows)
    moves = compile_machine(build_machine(State, table, always), State, table)
    patch.setattr(DECIDING.judge, "__defaults__", (moves,))
    if told:
        patch.setitem(vars(CASE), "moves", moves)


def without(command: type[c.Command], rule: str, *, told: bool = True) -> Break:
    """The command is no longer refused by that rule."""

    def break_it(patch: Patch) -> None:
        rows = [_but(row, [g for g in row.guards if g.rule != rule], command) for row in ROWS]
        assert rows != list(ROWS)
        judged_by(patch, rows, told=told)

    return break_it


def _but(row: AnyRow, guards: list[Guard[Any, Any]], command: type[c.Command]) -> AnyRow:
    return attrs.evolve(row, guards=tuple(guards)) if row.command is command else row


def also_from(command: type[c.Command], source: State) -> Break:
    """The command is allowed in one state more."""

    def break_it(patch: Patch) -> None:
        judged_by(
            patch,
            [
                attrs.evolve(row, source=(*row.source, source)) if row.command is command else row
                for row in ROWS
            ],
        )

    return break_it


def refused_by(command: type[c.Command], rule: str, **changes: Any) -> Break:
    """One of the command's guards is another."""

    def break_it(patch: Patch) -> None:
        judged_by(
            patch,
            [
                _but(
                    row,
                    [attrs.evolve(g, **changes) if g.rule == rule else g for g in row.guards],
                    command,
                )
                for row in ROWS
            ],
        )

    return break_it


def one_reply_is_enough(patch: Patch) -> None:
    rows = [row for row in ROWS if not (row.command is c.Accept and row.when is None)]
    judged_by(patch, [attrs.evolve(r, when=None) if r.command is c.Accept else r for r in rows])


def declined_is_accepted(patch: Patch) -> None:
    judged_by(
        patch,
        [attrs.evolve(r, target=State.ACCEPTED) if r.target is State.DECLINED else r for r in ROWS],
    )


def any_order(patch: Patch) -> None:
    judged_by(patch, ROWS, always=())


def shows_the_applicant(attempt: Attempt[Case, Any]) -> Facts | None:
    assert attempt.record.application.applicant is not None
    return {"unit": attempt.record.application.applicant.name}


def needs_any_start(attempt: Attempt[Case, Any]) -> Facts | None:
    return {"start": None, "at": attempt.command.at} if attempt.command.start is None else None


def refuses_a_late_form(attempt: Attempt[Case, Any]) -> Facts | None:
    limited = Kind.FORM in attempt.regulation.limits
    visit = attempt.record.visit
    days = (
        0 if visit is None or visit.left_at is None else (attempt.command.at - visit.left_at).days
    )
    return {} if limited and days >= 3 else None


# --- ways to break the fold, the time limits, what is stored ------------------------------------


def folds(event: type[e.Event], changes: Mapping[str, Any]) -> Break:
    """The fold makes something else of an event."""

    def break_it(patch: Patch) -> None:
        patch.setitem(FOLDING.FOLD, event, lambda case, event: dict(changes))

    return break_it


def no_results(patch: Patch) -> None:
    patch.setattr(FOLDING, "_RESULTS", {})


def forgets_the_first_entry(patch: Patch) -> None:
    def forgetful(case: Case | None, event: e.Event) -> Case:
        after = evolve(case, event)
        return after if case is None else attrs.evolve(after, history=after.history[1:])

    patch.setitem(vars(CLAUSE_7), "evolve", forgetful)


def replays_without_acknowledgements(patch: Patch) -> None:
    whole = HISTORY._corrected

    def poorer(procedure: Any, history: tuple[e.Event, ...]) -> Case:
        case: Case = whole(procedure, history)
        silent = tuple(attrs.evolve(n, acknowledged=None) for n in case.notices)
        return attrs.evolve(case, notices=silent)

    patch.setattr(HISTORY, "_corrected", poorer)


def correcting_closes(patch: Patch) -> None:
    whole = HISTORY._corrected
    patch.setattr(HISTORY, "_corrected", lambda p, h: attrs.evolve(whole(p, h), state=State.CLOSED))


def stores_no_note(patch: Patch) -> None:
    def poorer(event: e.Event) -> str:
        stored = json.loads(event_to_json(event))
        stored.pop("note", None)
        return json.dumps(stored)

    patch.setattr(KIT, "event_to_json", poorer)


def reads_no_end(patch: Patch) -> None:
    real = TRYING.command_to_wire

    def poorer(*arguments: Any) -> dict[str, Any]:
        return {name: value for name, value in real(*arguments).items() if name != "end"}

    patch.setattr(TRYING, "command_to_wire", poorer)


def receipt_starts_the_clock_anew(patch: Patch) -> None:
    def anew(notice: Any, regulation: Any) -> Any:
        return (notice.acknowledged or notice.issued).at

    patch.setattr(DUTIES, "_clock_of_reply", anew)


def a_reply_starts_the_clock_anew(patch: Patch) -> None:
    """I-1: it counts as receipt only where nothing came before it."""

    def anew(notice: Any, regulation: Any) -> Any:
        receipts = [event.at for event in (notice.acknowledged, notice.reply) if event is not None]
        return max(receipts, default=None)

    patch.setattr(DUTIES, "_clock_of_reply", anew)


def due_a_day_early(patch: Patch) -> None:
    real = LIMITS._due

    def early(*arguments: Any) -> Any:
        due = real(*arguments)
        return due if due is None else due._replace(day=due.day - LIMITS.ONE_DAY)

    patch.setattr(LIMITS, "_due", early)


def late_a_moment_later(patch: Patch) -> None:
    real = LIMITS._status

    def lenient(duty: Any, due: Any, as_of: Any) -> Any:
        return real(duty, None if due is not None and as_of == due.due else due, as_of)

    patch.setattr(LIMITS, "_status", lenient)


def says_nothing_of_lateness(patch: Patch) -> None:
    patch.setattr(DECIDING, "findings_of", lambda *_, **__: ())


def owes_no_explanation(patch: Patch) -> None:
    silent = [
        attrs.evolve(d, of=lambda case, _: iter(())) if d.kind is Kind.EXPLANATION else d
        for d in CASE.duties
    ]
    patch.setitem(vars(CASE), "duties", tuple(silent))


#: For each invariant what breaks it, and with how many units that shows.
BROKEN: list[tuple[str, Break, int]] = [
    ("a_case_is_opened_under_an_edition_in_force", without(c.Apply, "edition_in_force"), 1),
    ("no_item_stands_twice", without(c.Apply, "items_distinct"), 1),
    ("no_item_stands_twice", without(c.Apply, "items_named"), 1),
    ("an_applicant_can_be_found", without(c.Apply, "applicant_reachable"), 1),
    ("an_applicant_can_be_found", without(c.Apply, "address_given"), 1),
    ("an_applicant_can_be_found", without(c.Apply, "reason_given"), 1),
    ("every_item_is_transferred", without(c.Transfer, "every_item_in_a_notice"), 1),
    ("every_item_is_transferred", without(c.Transfer, "only_items_of_the_case"), 1),
    ("every_item_is_transferred", without(c.Reassign, "new_unit_has_no_notice"), 2),
    ("no_number_is_given_twice", without(c.Transfer, "numbers_present_and_distinct"), 1),
    ("no_number_is_given_twice", without(c.Reassign, "numbers_present_and_distinct"), 1),
    ("nobody_visits_before_every_reply", one_reply_is_enough, 2),
    ("exactly_one_unit_leads", without(c.Transfer, "exactly_one_lead"), 1),
    ("exactly_one_unit_leads", without(c.Reassign, "same_items_and_role"), 1),
    ("no_case_is_served_unless_an_accepting_lead_said_yes", declined_is_accepted, 1),
    (
        "no_case_is_served_unless_an_accepting_lead_said_yes",
        without(c.DesignateLead, "new_lead_accepted"),
        2,
    ),
    ("every_refusal_ends_explained", without(c.Close, "refusals_explained"), 1),
    ("every_refusal_has_a_reason_and_an_alternative", without(c.Decline, "reason_given"), 1),
    ("every_refusal_has_a_reason_and_an_alternative", without(c.Decline, "alternatives_given"), 1),
    ("an_appointment_stands_only_while_scheduled", folds(e.VisitFailed, {}), 1),
    (
        "an_appointment_is_made_ahead",
        refused_by(c.Schedule, "start_in_future", check=needs_any_start),
        1,
    ),
    ("an_appointment_is_made_ahead", without(c.Schedule, "place_given"), 1),
    (
        "an_appointment_is_made_ahead",
        refused_by(c.Reschedule, "start_in_future", check=needs_any_start),
        1,
    ),
    ("at_most_one_visit_is_held", also_from(c.Serve, State.SERVED), 1),
    ("a_joint_visit_is_held_jointly", without(c.Serve, "staff_of_every_unit"), 2),
    ("a_visit_has_one_result_an_accepted_item", without(c.Serve, "result_for_every_item"), 1),
    ("a_visit_has_one_result_an_accepted_item", without(c.Serve, "only_accepted_items"), 1),
    ("a_visit_is_entered_once_it_is_over", without(c.Serve, "times_in_order"), 1),
    ("a_visit_is_entered_once_it_is_over", without(c.Serve, "on_appointed_day_or_later"), 1),
    ("forms_are_filled_in_where_anything_was_completed", without(c.Serve, "forms_completed"), 1),
    ("at_most_one_one_time_notice", also_from(c.GiveOneTimeNotice, State.PENDING_NOTICE), 1),
    (
        "the_notice_names_what_is_outstanding",
        without(c.GiveOneTimeNotice, "everything_outstanding_named"),
        1,
    ),
    (
        "the_notice_names_what_is_outstanding",
        without(c.GiveOneTimeNotice, "only_outstanding_items"),
        1,
    ),
    ("an_outcome_is_told_once", without(c.ReportOutcome, "not_yet_reported"), 1),
    ("an_outcome_is_told_once", without(c.ReportOutcome, "item_outstanding"), 1),
    ("an_outcome_is_told_once", without(c.Deliver, "announced_and_undelivered"), 1),
    ("what_ends_is_finished", without(c.Close, "every_item_completed"), 1),
    ("what_ends_is_finished", without(c.Close, "every_outcome_reported"), 1),
    ("what_ends_is_finished", without(c.Close, "everything_delivered"), 1),
    ("the_form_is_filed_once", without(c.FileRegistrationForm, "filed_once"), 1),
    ("the_form_is_filed_once", without(c.FileRegistrationForm, "signed_by_every_unit"), 1),
    ("a_visit_is_archived_with_its_form", without(c.Archive, "registration_form_filed"), 1),
    ("a_case_has_a_result_once_it_ends", no_results, 1),
    ("nothing_is_withdrawn_after_the_visit", also_from(c.Withdraw, State.SERVED), 1),
    ("archived_is_final", also_from(c.Correct, State.ARCHIVED), 1),
    ("an_archived_case_owes_nothing", without(c.Close, "refusals_explained"), 1),
    ("nothing_entered_is_erased", forgets_the_first_entry, 1),
    ("a_correction_moves_nothing", correcting_closes, 1),
    ("entries_are_in_order", any_order, 1),
    ("no_event_is_lost_by_replay", replays_without_acknowledgements, 1),
    ("no_event_is_lost_by_storing", stores_no_note, 1),
    ("no_event_is_lost_by_storing", reads_no_end, 1),
    (
        "lateness_never_changes_what_is_allowed",
        refused_by(c.FileRegistrationForm, "filed_once", check=refuses_a_late_form),
        1,
    ),
    ("no_clock_is_reset", receipt_starts_the_clock_anew, 1),
    ("a_limit_ends_on_a_working_day", due_a_day_early, 1),
    ("the_last_moment_is_in_time", late_a_moment_later, 1),
    ("what_was_found_stays_found", says_nothing_of_lateness, 1),
    ("recomputing_is_following", owes_no_explanation, 1),
    ("available_and_decide_agree", without(c.Close, "refusals_explained", told=False), 1),
    ("available_and_decide_agree", without(c.Archive, "unit_in_charge", told=False), 1),
    ("a_refusal_says_why_and_what_would_do", refused_by(c.Withdraw, "reason_given", en=" "), 1),
    (
        "an_answer_names_no_person",
        refused_by(c.Acknowledge, "not_yet_acknowledged", check=shows_the_applicant),
        1,
    ),
]


@pytest.mark.parametrize(
    ("name", "break_it", "units"), BROKEN, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(BROKEN)]
)
def test_the_invariant_goes_red(
    name: str, break_it: Break, units: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (broken,) = [one for one in EVERY if one.name == name]
    break_it(monkeypatch)
    report = explore(units=(units,), invariants=(broken,), stop=True)
    assert [counterexample.of for counterexample in report.counterexamples] == [name]


def by_receipt(limit: Limit) -> Regulation:
    """I-1's other reading."""
    return attrs.evolve(
        DB4209_T_32_2023,
        limits={**DB4209_T_32_2023.limits, Kind.REPLY: limit},
        reply_clock=ReplyClock.RECEIPT,
        close_of_business=dt.time(17),
    )


@pytest.mark.parametrize("limit", [Limit(1, LimitUnit.WORKING_DAYS), Limit(24, LimitUnit.HOURS)])
def test_every_invariant_holds_where_the_clock_starts_with_receipt(limit: Limit) -> None:
    """Notices that come back to a unit, receipts that are entered late."""
    report = explore(by_receipt(limit), units=(1,), invariants=EVERY)
    assert report.ok, str(report)


def test_a_clock_that_starts_with_receipt_is_not_reset(monkeypatch: Patch) -> None:
    a_reply_starts_the_clock_anew(monkeypatch)
    (no_reset,) = [one for one in INVARIANTS if one.name == "no_clock_is_reset"]
    regulation = by_receipt(Limit(24, LimitUnit.HOURS))
    report = explore(regulation, units=(1,), invariants=(no_reset,), stop=True)
    assert [found.of for found in report.counterexamples] == ["no_clock_is_reset"]


def test_an_entry_that_the_fold_cannot_take_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    without(c.Schedule, "start_in_future")(monkeypatch)
    report = explore(units=(1,), invariants=(), stop=True)
    assert [counterexample.of for counterexample in report.counterexamples] == ["evolve"]


def test_every_invariant_is_seen_red() -> None:
    assert {name for name, *_ in BROKEN} == {one.name for one in EVERY}


def test_every_invariant_cites_a_clause_and_says_what_it_asks() -> None:
    assert len({one.name for one in EVERY}) == len(EVERY)
    for one in EVERY:
        assert one.clause in CLAUSES
        assert one.says.endswith(".")


def test_an_invariant_of_ones_own_cites_ones_own_standard() -> None:
    one = invariant("6.4")(lambda t: None)
    assert "6.4" not in CLAUSES
    assert one.clause == "6.4"


@pytest.mark.parametrize("clause", ["", " ", None, lambda t: None])
def test_an_invariant_of_no_clause_is_refused(clause: Any) -> None:
    with pytest.raises(InvalidInput, match="clause"):
        invariant(clause)


def test_an_invariant_of_ones_own_is_a_function() -> None:
    @invariant("7.2")
    def nobody_declines(t: Try) -> str | None:
        """No unit ever
        declines.

        Not even once."""
        return "one did" if isinstance(t.event, e.Declined) else None

    assert (nobody_declines.name, nobody_declines.says) == (
        "nobody_declines",
        "No unit ever declines.",
    )
    (found,) = explore(units=(1,), invariants=(nobody_declines,), stop=True).counterexamples
    names = [json.loads(line)["command"] for line in found.journal]
    assert names == ["apply", "transfer", "decline"]
