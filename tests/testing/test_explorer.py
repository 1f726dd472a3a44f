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
    SHANGHAI,
    Declined,
    InvalidInput,
    Kind,
    Limit,
    LimitUnit,
    Regulation,
    State,
    Status,
    WorkingCalendar,
)
from onsite_workflow.clause7.commands import Apply, ExplainRefusal
from onsite_workflow.cli import main
from onsite_workflow.regulation import ObligationKind
from onsite_workflow.testing import (
    INVARIANTS,
    Counterexample,
    Report,
    Try,
    Verdict,
    explore,
    invariant,
    proposals,
)

from .restated import RESTATED
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
    return explore(invariants=(*INVARIANTS, *RESTATED))


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


# --- what is asked for --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("units", "field", "rule"),
    [
        (1, "units", "wrong_type"),
        ("1", "units", "wrong_type"),
        ((), "units", "required"),
        ((0,), "units[0]", "out_of_range"),
        ((1, 4), "units[1]", "out_of_range"),
        ((True,), "units[0]", "out_of_range"),
        (([],), "units[0]", "out_of_range"),
    ],
)
def test_numbers_of_units_that_there_are_not(units: Any, field: str, rule: str) -> None:
    for ask in (
        lambda: explore(units=units),
        lambda: proposals(None, now=dt.datetime(2025, 9, 26, 9, tzinfo=dt.UTC), units=units),
    ):
        with pytest.raises(InvalidInput) as caught:
            ask()
        (violation,) = caught.value.violations
        assert (violation.rule, violation.facts["field"]) == (rule, field)


def test_units_may_be_a_range_a_set_or_a_generator() -> None:
    for units in (range(1, 2), {1}, (n for n in (1,))):
        assert explore(units=units, invariants=(), at_most=20).cases >= 20


@pytest.mark.parametrize(
    ("given", "field", "rule"),
    [
        ({"regulation": "DB4209/T 32—2023"}, "regulation", "wrong_type"),
        ({"calendar": Regulation}, "calendar", "wrong_type"),
        ({"directory": {}}, "directory", "wrong_type"),
        ({"start": dt.date(2025, 9, 26)}, "start", "wrong_type"),
        (
            {"start": dt.datetime(2025, 9, 26, 9, tzinfo=SHANGHAI).replace(tzinfo=None)},
            "start",
            "naive_time",
        ),
        ({"start": dt.datetime(2023, 6, 30, 23, tzinfo=SHANGHAI)}, "start", "out_of_range"),
    ],
)
def test_what_cannot_be_explored_is_said_before_anything_is_tried(
    given: Any, field: str, rule: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        explore(units=(1,), **given)
    (violation,) = caught.value.violations
    assert (violation.rule, violation.facts["field"]) == (rule, field)


def test_a_start_of_ones_own_is_when_the_case_is_applied_for() -> None:
    first = dt.datetime(2023, 7, 1, 0, 0, tzinfo=SHANGHAI).astimezone(dt.UTC)
    report = explore(units=(1,), invariants=(nobody_declines,), start=first, stop=True)
    assert report.start == first
    (found,) = report.counterexamples
    assert json.loads(found.journal[0])["at"] == "2023-07-01T00:00:00+08:00"
    assert "applied for on 2023-07-01" in str(report)


def nothing_checked(t: Try) -> str | None:
    """A function that was not decorated."""
    return None


@pytest.mark.parametrize(
    ("invariants", "field"),
    [
        ((nothing_checked,), "invariants[0]"),
        (nothing_checked, "invariants"),
        (invariant("7.2")(nothing_checked), "invariants"),
        ((invariant("7.2")(nothing_checked), "7.2"), "invariants[1]"),
    ],
)
def test_what_is_no_invariant_is_said_before_anything_is_tried(invariants: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        explore(units=(1,), invariants=invariants)
    (violation,) = caught.value.violations
    assert (violation.rule, violation.facts["field"]) == ("wrong_type", field)
    assert "@invariant" in violation.en
    assert "@invariant" in violation.zh


# --- what is found ------------------------------------------------------------------------------


@invariant("7.2.2")
def nobody_declines(t: Try) -> str | None:
    """No unit ever declines."""
    return "one did" if isinstance(t.event, Declined) else None


def test_the_shortest_counterexample_is_a_journal_that_run_carries_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = explore(units=(1, 2), invariants=(nobody_declines,), stop=True)
    (found,) = report.counterexamples
    assert (found.of, found.clause, found.wrong) == ("nobody_declines", "7.2.2", "one did")
    assert not report.ok
    monkeypatch.chdir(tmp_path)
    found.save("FILE")
    program, *arguments = str(found).split("`")[1].split()  # as it is printed
    assert program == "onsite-workflow"
    assert main([*arguments, "--json"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["event"] for answer in answers] == ["applied", "transferred", "declined"]


def test_a_counterexample_is_saved_as_it_is_whatever_stood_there(tmp_path: Path) -> None:
    report = explore(units=(1,), invariants=(nobody_declines,), stop=True)
    (found,) = report.counterexamples
    journal = tmp_path / "counterexample.jsonl"
    journal.write_text("a longer text that was here before\n" * 100, encoding="utf-8")
    found.save(journal)
    assert tuple(journal.read_text(encoding="utf-8").splitlines()) == found.journal
    with pytest.raises(OSError, match="nowhere"):
        found.save(tmp_path / "nowhere" / "counterexample.jsonl")


def test_a_counterexample_comes_first_and_alone_where_not_everything_was_explored() -> None:
    report = explore(units=(1,), invariants=(nobody_declines,), stop=True)
    (found,) = report.counterexamples
    assert str(report).splitlines()[1:] == [
        "not everything was explored",
        "",
        *str(found).splitlines(),
    ]
    assert report.never_refused


def test_what_was_missed_is_told_after_the_counterexample_where_everything_was_explored() -> None:
    report = explore(units=(1,), invariants=(nobody_declines,))
    text = str(report)
    assert report.complete
    assert text.index("nobody_declines (clause 7.2.2): one did") < text.index("moves never made: ")
    assert "nothing wrong" not in text


#: An edition that the command line does not know: the same number, another limit.
AMENDED = attrs.evolve(
    DB4209_T_32_2023,
    limits={**DB4209_T_32_2023.limits, Kind.ARCHIVE: Limit(1, LimitUnit.WORKING_DAYS)},
)


@invariant("7.4")
def an_archive_has_no_limit(t: Try) -> str | None:
    """No time limit is set for the archive."""
    return _due(t)


def _due(t: Try) -> str | None:
    due = [str(o.due) for o in t.obligations if o.kind is Kind.ARCHIVE and o.due]
    return ", ".join(due) or None


def test_a_counterexample_says_whose_it_is_and_how_it_is_replayed() -> None:
    def found(regulation: Regulation, calendar: WorkingCalendar | None = None) -> Counterexample:
        report = explore(regulation, calendar, units=(1,), invariants=(nobody_declines,), stop=True)
        return report.counterexamples[0]

    known = WorkingCalendar.china().as_known_on(dt.date(2024, 6, 1))
    ours = str(found(DB4209_T_32_2023)).splitlines()[1]
    assert ours.startswith("under DB4209/T 32—2023: ")
    assert "replay() shows it" in ours
    assert "onsite-workflow run" in ours
    for other in (found(AMENDED), found(DB4209_T_32_2023, known)):
        line = str(other).splitlines()[1]
        assert line.startswith("under DB4209/T 32—2023: ")
        assert "Workflow(regulations=[...], calendar=...)" in line
        assert "onsite-workflow run" not in line


def test_a_replay_shows_what_the_invariant_saw() -> None:
    report = explore(AMENDED, units=(1,), invariants=(an_archive_has_no_limit,), stop=True)
    (found,) = report.counterexamples
    tried = found.replay()
    assert tried.regulation is AMENDED
    assert an_archive_has_no_limit(tried) == found.wrong
    assert [event.version for event in tried.after.history] == list(
        range(1, len(found.journal) + 1)
    )


def test_a_replay_ends_with_the_command_that_was_refused() -> None:
    @invariant("7.1", of_refusals=True)
    def every_case_has_a_reason(t: Try) -> str | None:
        """Nobody forgets the reason."""
        return "forgotten" if "reason_given" in {rule for rule, _ in t.rules} else None

    (found,) = explore(units=(1,), invariants=(every_case_has_a_reason,), stop=True).counterexamples
    tried = found.replay()
    assert tried.answer == "refused"
    assert every_case_has_a_reason(tried) == "forgotten"


def test_an_invariant_that_raises_is_a_counterexample_with_its_journal() -> None:
    @invariant("7.3")
    def every_visit_is_short(t: Try) -> str | None:
        """Forgets that most cases have no visit yet."""
        return "long" if t.after.visit.left_at is None else None  # type: ignore[union-attr]

    report = explore(units=(1,), invariants=(every_visit_is_short,), at_most=20)
    (found,) = report.counterexamples
    assert found.of == "every_visit_is_short"
    assert found.wrong == "raised AttributeError: 'NoneType' object has no attribute 'left_at'"
    assert len(found.journal) == 1
    with pytest.raises(AttributeError, match="left_at"):
        every_visit_is_short(found.replay())


def test_a_journal_opens_the_case_that_another_follows() -> None:
    @invariant("7.1", "I-10")
    def nothing_follows(t: Try) -> str | None:
        """No case follows another."""
        return "one does" if t.after.application.follows else None

    (found,) = explore(units=(1,), invariants=(nothing_follows,), stop=True).counterexamples
    lines = [json.loads(line) for line in found.journal]
    assert [line["command"] for line in lines] == ["apply", "apply"]
    assert lines[1]["follows"] == lines[0]["case"]
    assert nothing_follows(found.replay()) == "one does"


def test_a_case_that_cannot_end_is_a_dead_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a refusal can't be explained, whoever was refused waits for ever."""
    refused_by(ExplainRefusal, "channel_and_person_given", check=lambda _: {})(monkeypatch)
    report = explore(units=(1,), invariants=())
    names = [[json.loads(line)["command"] for line in journal] for journal in report.dead_ends]
    assert names == [["apply", "transfer", "decline"]]
    assert not report.ok
    assert "a dead end under DB4209/T 32—2023:" in str(report).splitlines()


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
    everywhere: dict[ObligationKind, Limit] = {
        kind: Limit(1, LimitUnit.WORKING_DAYS)
        for kind in Kind
        if kind not in (Kind.ARRIVAL, Kind.OUTCOME)
    }
    strict = attrs.evolve(DB4209_T_32_2023, limits=everywhere)
    report = explore(strict, units=(1,), invariants=())
    assert report.ok, str(report)
    missed = {kind for kind, status in report.statuses if status is Status.MET_LATE}
    assert missed == set(Kind) - {Kind.LEAD}


@invariant("7.2")
def nobody_waits_for_more_than_eight_days(t: Try) -> str | None:
    """A reply is due within eight days."""
    longest = dt.timedelta(days=8)
    waits = [str(o.due) for o in t.obligations if o.due and o.due - o.opened_at > longest]
    return ", ".join(waits) or None


def of_days(first: dt.date, until: dt.date | None = None) -> Regulation:
    return Regulation(
        edition="DB9999/T 1—2026",
        title="虚构规范",
        in_force_from=first,
        in_force_until=until,
        limits={Kind.REPLY: Limit(2, LimitUnit.WORKING_DAYS)},
    )


@pytest.mark.parametrize(
    ("first", "start"),
    [
        (dt.date(2025, 1, 1), dt.date(2025, 9, 26)),
        (dt.date(2026, 3, 2), dt.date(2026, 9, 30)),
        (dt.date(2026, 7, 1), dt.date(2026, 9, 30)),
        (dt.date(2030, 3, 1), dt.date(2030, 9, 30)),  # of which no notice speaks yet
    ],
)
def test_a_long_holiday_is_met_whenever_the_edition_comes_into_force(
    first: dt.date, start: dt.date
) -> None:
    asked = (nobody_waits_for_more_than_eight_days,)
    report = explore(of_days(first), units=(1,), invariants=asked, stop=True)
    assert [found.of for found in report.counterexamples] == [asked[0].name]
    assert report.start == dt.datetime.combine(start, dt.time(9), SHANGHAI)
    assert str(report).splitlines()[0].endswith(f"; applied for on {start}")


def test_an_edition_without_a_long_holiday_begins_on_its_first_day() -> None:
    spring = of_days(dt.date(2026, 3, 2), dt.date(2026, 5, 1))
    report = explore(spring, units=(1,), invariants=(), at_most=20)
    assert report.start == dt.datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)


def test_an_edition_of_another_time_is_explored_whole() -> None:
    year = attrs.evolve(of_days(dt.date(2026, 1, 5), dt.date(2027, 1, 1)), limits={})
    report = explore(year, units=(1,), invariants=(*INVARIANTS, *RESTATED))
    assert report.ok, str(report)
    assert ("apply", "edition_in_force", "1") not in report.never_refused
