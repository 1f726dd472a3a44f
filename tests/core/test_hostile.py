"""What nobody means to send, and what somebody may have changed in a store."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from onsite_workflow import (
    Actor,
    Apply,
    CorruptRecord,
    InvalidInput,
    Kind,
    Limit,
    LimitUnit,
    MemoryStore,
    Regulation,
    Role,
    StoredCommit,
    Workflow,
    WorkingCalendar,
    decide,
    read_line,
)
from onsite_workflow.clause7.commands import Correct

from .build import WINDOW, at, opened


def test_a_command_of_ones_own_making_is_none_of_the_twenty() -> None:
    class Mine(Apply):
        pass

    with pytest.raises(InvalidInput, match="one of the commands of a case"):
        decide(
            None,
            Mine(case="C-1", at=at("2025-09-15 09:00"), by=WINDOW),
            recorded_at=at("2025-09-15 09:00"),
            regulation=Regulation(
                edition="e", title="t", in_force_from=dt.date(2020, 1, 1), limits={}
            ),
            calendar=WorkingCalendar.china(),
        )


def test_a_value_of_a_subclass_is_refused_since_it_could_not_be_read_back() -> None:
    class MyActor(Actor):
        pass

    with pytest.raises(InvalidInput, match="by"):
        Apply(
            case="C-1",
            at=at("2025-09-15 09:00"),
            by=MyActor(role=Role.INTEGRATED_WINDOW, name="柳文静"),
        )


def test_an_edition_ends_after_it_begins() -> None:
    day = dt.date(2024, 1, 1)
    with pytest.raises(InvalidInput, match="in_force_until"):
        Regulation(edition="e", title="t", in_force_from=day, in_force_until=day, limits={})


def test_a_limit_longer_than_a_working_life_is_refused() -> None:
    assert Limit(10_000, LimitUnit.WORKING_DAYS).amount == 10_000
    with pytest.raises(InvalidInput, match="amount"):
        Limit(10_001, LimitUnit.HOURS)
    assert Kind.REPLY.zh == "回复是否上门服务"


def test_an_entry_number_beyond_counting_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="entry"):
        Correct(case="C-1", at=at("2025-09-15 09:00"), by=WINDOW, entry=10**5000)


def test_an_answer_does_not_outgrow_a_hostile_line() -> None:
    fields = ", ".join(f'"f{number}": 1' for number in range(500))
    with pytest.raises(InvalidInput) as refused:
        read_line(f'{{"command": "decline", {fields}}}')
    unknown = [v for v in refused.value.violations if v.rule == "unknown_field"]
    assert len(unknown) == 100


def test_the_order_of_a_set_is_nobodys() -> None:
    with pytest.raises(InvalidInput, match="items"):
        Apply(case="C-1", at=at("2025-09-15 09:00"), by=WINDOW, items={"a", "b"})  # type: ignore[arg-type]


class _Tampered(MemoryStore):
    def find(self, command_id: str) -> StoredCommit | None:
        found = super().find(command_id)
        return None if found is None else attrs.evolve(found, answer='["nope"]')


def test_an_answer_that_was_tampered_with_is_a_corrupt_record() -> None:
    office = Workflow(_Tampered())
    application = opened().application
    command = Apply(
        case="C-1",
        at=application.at,
        by=application.by,
        applicant=application.applicant,
        address=application.address,
        ground=application.ground,
        reason=application.reason,
        items=application.items,
    )
    office.handle(command, recorded_at=application.recorded_at)
    with pytest.raises(CorruptRecord, match="answer"):
        office.handle(command, recorded_at=application.recorded_at)


def test_a_time_that_would_be_written_as_2200_is_refused_when_it_is_given() -> None:
    western = dt.timezone(-dt.timedelta(hours=5))
    with pytest.raises(InvalidInput, match="between 1950 and 2199"):
        Apply(case="C-1", at=dt.datetime(2199, 12, 31, 20, tzinfo=western), by=WINDOW)
