"""The explorer visits everything there is, and what it reports can be replayed."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from onsite_workflow import (
    DB4209_T_32_2023,
    Declined,
    Kind,
    Limit,
    LimitUnit,
    Regulation,
    State,
    Status,
    WorkingCalendar,
)
from onsite_workflow.cli import main
from onsite_workflow.commands import Apply, ExplainRefusal
from onsite_workflow.testing import Report, Try, Verdict, explore, invariant

from .test_invariants import refused_by, without

#: Of the very first entry nothing is earlier.
NO_EARLIER = {("apply", "recorded_in_order", "9"), ("apply", "at_not_before_cause", "9")}

#: Rules that only ever go unmet together with another.
NEVER_ALONE = {
    *NO_EARLIER,
    # An act that follows at once on the latest entry: entered before it, it happened before it.
    *((name, "recorded_in_order", "9") for name in ("transfer", "report_failed_visit", "serve")),
    # A visit fails after the appointed start, and that is after the appointment was made.
    ("report_failed_visit", "at_not_before_cause", "9"),
    # Where units are silent, or the lead accepted, or nobody did, more than one is true.
    ("designate_lead", "all_units_replied", "7.2.3"),
    ("designate_lead", "lead_declined", "7.2.3"),
    # Without a visit there is nothing of it to sign or to fill in.
    ("file_registration_form", "visit_held", "6.3"),
}

#: What can be owed without a limit is never late; what cannot be withdrawn is never void.
SEEN = {
    **{kind: {Status.OPEN, Status.MET} for kind in Kind},
    **{
        kind: {Status.OPEN, Status.MET, Status.VOID}
        for kind in (Kind.TRANSFER, Kind.LEAD, Kind.APPOINTMENT, Kind.EXPLANATION)
    },
    **{kind: set(Status) - {Status.VOID} for kind in (Kind.FORM, Kind.OUTCOME)},
    **{kind: set(Status) for kind in (Kind.REPLY, Kind.ARRIVAL)},
}


@pytest.fixture(scope="module")
def report() -> Report:
    return explore()


def test_every_state_is_reached(report: Report) -> None:
    assert report.states == set(State)


def test_every_move_of_the_table_is_made(report: Report) -> None:
    assert report.unreached_moves == ()


def test_every_rule_is_seen_unmet(report: Report) -> None:
    assert set(report.never_refused) == NO_EARLIER


def test_every_rule_is_seen_unmet_alone_where_it_can_be(report: Report) -> None:
    assert set(report.never_alone) == NEVER_ALONE


@pytest.mark.parametrize("kind", list(Kind))
def test_every_obligation_is_seen_in_every_status_it_can_have(kind: Kind, report: Report) -> None:
    assert {status for of, status in report.statuses if of is kind} == SEEN[kind]


def test_every_case_can_end(report: Report) -> None:
    assert report.complete
    assert report.dead_ends == ()


def test_every_invariant_holds(report: Report) -> None:
    assert report.ok, str(report)


def test_a_report_says_how_much_it_saw(report: Report) -> None:
    first, *rest = str(report).splitlines()
    assert first.startswith(f"explored {report.cases} cases in 10 states")
    assert rest == [
        "rules never refused: apply recorded_in_order 9, apply at_not_before_cause 9",
        "nothing wrong was found",
    ]


# --- what is found ------------------------------------------------------------------------------


@invariant("7.2.2")
def nobody_declines(t: Try) -> str | None:
    """No unit ever declines."""
    return "one did" if isinstance(t.event, Declined) else None


def test_the_shortest_counterexample_is_a_journal_that_run_replays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = explore(units=(1, 2), invariants=(nobody_declines,), stop=True)
    (found,) = report.counterexamples
    assert (found.of, found.clause, found.wrong) == ("nobody_declines", "7.2.2", "one did")
    assert not report.ok
    journal = tmp_path / "counterexample.jsonl"
    journal.write_text("\n".join(found.journal), encoding="utf-8")
    store = f"sqlite:///{tmp_path / 'cases.db'}"
    assert main(["run", str(journal), "--store", store, "--json"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["event"] for answer in answers] == ["applied", "transferred", "declined"]


def test_a_journal_opens_the_case_that_another_follows() -> None:
    @invariant("7.1", "I-10")
    def nothing_follows(t: Try) -> str | None:
        """No case follows another."""
        return "one does" if t.after.application.follows else None

    (found,) = explore(units=(1,), invariants=(nothing_follows,), stop=True).counterexamples
    lines = [json.loads(line) for line in found.journal]
    assert [line["command"] for line in lines] == ["apply", "apply"]
    assert lines[1]["follows"] == lines[0]["case"]


def test_a_case_that_cannot_end_is_a_dead_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a refusal can't be explained, whoever was refused waits for ever."""
    refused_by(ExplainRefusal, "channel_and_person_given", check=lambda _: {})(monkeypatch)
    report = explore(units=(1,), invariants=())
    names = [[json.loads(line)["command"] for line in journal] for journal in report.dead_ends]
    assert names == [["apply", "transfer", "decline"]]
    assert not report.ok


def test_a_rule_that_is_gone_is_reported_as_never_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    without(Apply, "address_given")(monkeypatch)
    report = explore(units=(1,), invariants=())
    assert ("apply", "address_given", "7.1") in report.never_refused


def test_at_most_so_many_cases_are_explored() -> None:
    report = explore(units=(1,), invariants=(), at_most=20)
    assert not report.complete
    assert not report.ok
    assert "not everything was explored" in str(report)


# --- a second judge -----------------------------------------------------------------------------


def test_a_judge_that_says_no_is_heard_at_once() -> None:
    def strict(history: Any, command: Any, **_: Any) -> Verdict:
        return Verdict(answer="refused", rules=frozenset({("closed_for_good", "9")}))

    report = explore(units=(1,), invariants=(), judge=strict, stop=True)
    first = report.counterexamples[0]
    assert first.of == "judge"
    assert first.wrong == "apply: the library says accepted; the judge refused; closed_for_good (9)"
    assert len(first.journal) == 1


def test_what_a_judge_leaves_open_is_not_compared() -> None:
    def grants_everything(history: Any, command: Any, **_: Any) -> Verdict:
        return Verdict(answer="accepted")

    report = explore(units=(1,), invariants=(), judge=grants_everything)
    assert report.counterexamples
    for found in report.counterexamples:
        assert "the library says accepted" not in found.wrong


def test_another_account_of_what_is_owed_is_heard() -> None:
    def owes_nothing(history: Any, **_: Any) -> tuple[()]:
        return ()

    report = explore(units=(1,), invariants=(), standing=owes_nothing, stop=True)
    assert report.counterexamples[0].of == "standing"


# --- other regulations, other calendars ---------------------------------------------------------


def test_a_regulation_with_every_limit_sees_all_of_them_missed() -> None:
    everywhere = {
        kind: Limit(1, LimitUnit.WORKING_DAYS)
        for kind in Kind
        if kind not in (Kind.ARRIVAL, Kind.OUTCOME)
    }
    strict = attrs.evolve(DB4209_T_32_2023, limits=everywhere)
    report = explore(strict, units=(1,), invariants=())
    assert report.ok, str(report)
    missed = {kind for kind, status in report.statuses if status is Status.MET_LATE}
    assert missed == set(Kind) - {Kind.LEAD}


def test_a_regulation_of_another_time_begins_on_its_first_day() -> None:
    later = Regulation(
        edition="DB9999/T 1—2026",
        title="虚构规范",
        in_force_from=dt.date(2026, 1, 5),
        in_force_until=dt.date(2027, 1, 1),
        limits={},
    )
    report = explore(later, WorkingCalendar.china(), units=(1,))
    assert report.ok, str(report)
    assert ("apply", "edition_in_force", "1") not in report.never_refused
