"""What is drawn is what an office could send, all of it invented, and it leads far."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence

import attrs
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from onsite_workflow import (
    DB4209_T_32_2023,
    SHANGHAI,
    Applicant,
    Catalogue,
    Event,
    InvalidInput,
    ServiceItem,
    State,
    read_line,
    replay,
)
from onsite_workflow.testing import INVARIANTS, Situation, Try, proposals
from onsite_workflow.testing import strategies as drawn


def test_every_strategy_with_a_public_name_is_listed() -> None:
    """Listed or with an underscore; nothing in between."""
    here = {
        name
        for name, value in vars(drawn).items()
        if not name.startswith("_")
        and (
            isinstance(value, st.SearchStrategy)
            or getattr(value, "__module__", "") == drawn.__name__
        )
    }
    assert here == set(drawn.__all__)


def test_items_are_printed_or_claimed() -> None:
    seen: set[bool] = set()

    @settings(derandomize=True, database=None)
    @given(drawn.items())
    def draw(item: ServiceItem) -> None:
        assert item.ground if item.id is None else DB4209_T_32_2023.catalogue.get(item.id)
        seen.add(item.id is None)

    draw()
    assert seen == {True, False}


@given(drawn.items(attrs.evolve(DB4209_T_32_2023, catalogue=Catalogue(name="无", items=()))))
def test_where_nothing_is_printed_items_are_claimed(item: ServiceItem) -> None:
    assert item.ground


@given(drawn.applicants)
def test_an_applicant_can_be_applied_for(applicant: Applicant) -> None:
    assert applicant.phone
    assert re.fullmatch("..某", applicant.name)


@given(drawn.wrong_id_numbers, drawn.people)
def test_a_wrong_identity_number_is_not_read(number: str, name: str) -> None:
    with pytest.raises(InvalidInput):
        Applicant(name=name, id_number=number)


@given(drawn.id_numbers)
def test_an_identity_number_is_of_no_place(number: str) -> None:
    """Its first two digits are those of no province."""
    assert number.startswith("99")
    Applicant(name="甲某", id_number=number)


def test_telephones_are_mobile_and_landline() -> None:
    seen: set[bool] = set()

    @settings(derandomize=True, database=None)
    @given(drawn.phones)
    def draw(phone: str) -> None:
        Applicant(name="甲某", phone=phone)
        seen.add(phone.startswith("0712-"))

    draw()
    assert seen == {True, False}


@settings(max_examples=25)
@given(drawn.histories(steps=20))
def test_a_history_can_be_replayed(history: Sequence[Event]) -> None:
    assert replay(history).history == history


@settings(max_examples=25)
@given(drawn.journals(steps=15, case_id="DRAWN-2"))
def test_a_journal_reads_line_by_line(journal: list[str]) -> None:
    assert len(journal) == 15
    for line in journal:
        if json.loads(line).get("fields") == {"state": "closed"}:  # refused as soon as it is read
            with pytest.raises(InvalidInput, match=r"fields\.state"):
                read_line(line)
            continue
        entry = read_line(line)
        assert entry.command.key in ("DRAWN-2", json.loads(line)["case"])
        assert entry.recorded_at is not None


@settings(max_examples=25)
@given(drawn.tries(steps=25))
def test_every_invariant_holds_of_whatever_is_drawn(made: list[Try]) -> None:
    wrong = [(one.name, says) for t in made for one in INVARIANTS if (says := one(t))]
    assert wrong == []


@settings(max_examples=50)
@given(st.data())
def test_a_command_is_drawn_from_what_is_allowed_and_what_is_not(data: st.DataObject) -> None:
    made = data.draw(drawn.tries(steps=6))
    situation = made[-1].outcome
    proposal = data.draw(drawn.commands_for(situation))
    tried = situation.attempt(proposal.command, proposal.recorded_at)
    answers = ("accepted", "invalid", "not_found", "not_allowed", "wrong_role", "refused")
    assert tried.answer in answers


def _share_served(*, directed: bool) -> float:
    served: list[bool] = []

    @settings(max_examples=40, phases=[Phase.generate], derandomize=True, database=None)
    @given(drawn.tries(steps=25, directed=directed))
    def draw(made: list[Try]) -> None:
        served.append(any(t.decision is not None and t.event.state is State.SERVED for t in made))

    draw()
    return sum(served) / len(served)


def test_directed_runs_reach_the_visit_and_undirected_ones_hardly_ever() -> None:
    assert _share_served(directed=True) > 0.5
    assert _share_served(directed=False) < 0.1


def test_the_first_proposal_of_each_command_leads_a_case_to_the_archive() -> None:
    """What an office would send, in the order of the clauses, is accepted where it is due."""
    situation = Situation(case=None)
    now = dt.datetime(2025, 9, 26, 9, tzinfo=SHANGHAI)
    for name in [
        "apply",
        "transfer",
        "accept",
        "schedule",
        "serve",
        "file_registration_form",
        "close",
        "archive",
    ]:
        made = proposals(situation.case, now=now)
        (proposal,) = (next(made[kind]) for kind in made if kind.name == name)
        tried = situation.attempt(proposal.command, proposal.recorded_at)
        assert tried.answer == "accepted"
        situation, now = tried.outcome, proposal.recorded_at + dt.timedelta(minutes=1)
    assert situation.case is not None
    assert situation.case.state is State.ARCHIVED
