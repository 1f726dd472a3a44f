"""What the workflow asks of a store's lists: what is due, who it is for, what a notice moves."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import attrs
import pytest

from onsite_workflow import (
    SHANGHAI,
    Actor,
    AnyEvent,
    Applicant,
    Apply,
    CorruptRecord,
    InvalidInput,
    MemoryStore,
    Obligation,
    OnsiteWorkflowError,
    Recipient,
    Role,
    ServiceItem,
    SpecialGroup,
    State,
    Transfer,
    TransferNotice,
    UnitRole,
    Workflow,
    WorkingCalendar,
    applicant_keys,
)
from onsite_workflow.ports import CaseSummary
from onsite_workflow.testing import FixedClock, sample_case, simple_commit, simple_obligation

MONDAY = dt.datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
DESK = Actor(role=Role.INTEGRATED_WINDOW, name="柳文静")
LEAD = "孝南区残疾人联合会"
SECRET = b"kept elsewhere"


class Counting(MemoryStore):
    """Knows which cases were loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.unreadable: set[str] = set()

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        self.loaded.append(case)
        if case in self.unreadable:
            raise CorruptRecord.because("unreadable_event", "读不出来。", "can't be read back.")
        return super().load(case)


@pytest.fixture
def store() -> Counting:
    return Counting()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
def office(store: Counting, clock: FixedClock) -> Workflow:
    return Workflow(store, clock=clock, applicant_secret=SECRET)


def apply(case: str, **more: object) -> Apply:
    command = Apply(
        case=case,
        at=MONDAY,
        by=DESK,
        applicant=Applicant(name="王秀兰", phone="0712-2000301", id_number="11010519491231002X"),
        address="孝南区书院街道槐荫大道118号",
        ground=SpecialGroup.DISABLED,
        reason="长期卧床，无法前往政务服务中心。",
        items=[ServiceItem(id="A.5.2")],
    )
    return attrs.evolve(command, **more)  # type: ignore[arg-type]


def transfer(case: str) -> Transfer:
    notice = TransferNotice(number=f"{case}-1", unit=LEAD, role=UnitRole.LEAD, items=["A.5.2"])
    return Transfer(case=case, at=MONDAY, by=DESK, notices=[notice])


def archived(store: MemoryStore, case: str) -> None:
    for commit in sample_case(case):
        calendar = Workflow(store).calendar
        summary = attrs.evolve(commit.summary, calendar_revision=calendar.revision)
        store.append(attrs.evolve(commit, summary=summary))


# --- due ----------------------------------------------------------------------------------------


def test_what_is_due_now_is_asked_of_the_lists_and_not_of_every_case(
    store: Counting, office: Workflow
) -> None:
    archived(store, "XN-1")
    office.handle(apply("XN-2"))
    store.loaded.clear()
    assert [o.case for o in office.due()] == ["XN-2"]
    assert store.loaded == ["XN-2"]


def test_what_was_due_at_a_moment_is_asked_of_every_case(store: Counting, office: Workflow) -> None:
    archived(store, "XN-1")
    office.handle(apply("XN-2"))
    long_ago = dt.datetime(2026, 3, 4, 8, tzinfo=SHANGHAI)
    assert {o.case for o in office.due(at=long_ago)} == {"XN-1", "XN-2"}


def test_what_is_due_is_never_older_than_the_case_itself(
    office: Workflow, clock: FixedClock
) -> None:
    """Another machine's clock is ahead: its entries count, though ours has not come so far."""
    office.handle(apply("XN-1"))
    clock.set(MONDAY - dt.timedelta(minutes=1))
    assert [o.kind for o in office.due()] == ["transfer"]


def test_after_a_new_notice_every_case_is_looked_at_until_the_lists_are_counted_anew(
    store: Counting, clock: FixedClock
) -> None:
    old = WorkingCalendar.china().as_known_on(dt.date(2025, 10, 1))  # 2026's notice is not out
    new = WorkingCalendar.china()
    day = dt.datetime(2026, 9, 19, 9, tzinfo=SHANGHAI)  # the Sunday after is made up
    clock.set(day)
    before, after = (Workflow(store, clock=clock, calendar=c) for c in (old, new))
    before.handle(apply("XN-1", at=day))
    before.handle(attrs.evolve(transfer("XN-1"), at=day))
    (known,) = before.due()
    (moved,) = after.due()
    assert (known.provisional, moved.provisional) == (True, False)
    assert store.open_obligations() == [known]
    assert after.reindex() == 1
    assert store.open_obligations() == [moved]
    assert after.due() == [moved]
    assert after.reindex() == 0


def test_reindexing_everything_counts_each_case(office: Workflow) -> None:
    office.handle(apply("XN-1"))
    office.handle(apply("XN-2"))
    assert (office.reindex(), office.reindex(everything=True)) == (0, 2)


def test_a_case_that_moves_on_while_it_is_counted_keeps_its_newer_lists(
    store: Counting, office: Workflow
) -> None:
    class Busy(Counting):
        def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
            others.handle(transfer("XN-1"))
            return super().reindex(summary, obligations)

    busy = Busy()
    others = Workflow(busy, clock=FixedClock(MONDAY))
    others.handle(apply("XN-1"))
    assert others.reindex(everything=True) == 0
    assert [o.kind for o in busy.open_obligations()] == ["reply"]


def test_a_case_that_cannot_be_read_stops_the_list_unless_somebody_takes_its_name(
    store: Counting, office: Workflow
) -> None:
    for case in ("XN-1", "XN-2"):
        office.handle(apply(case))
    store.unreadable.add("XN-1")
    with pytest.raises(CorruptRecord):
        office.due()
    told: dict[str, OnsiteWorkflowError] = {}
    assert [o.case for o in office.due(unreadable=told.__setitem__)] == ["XN-2"]
    assert list(told) == ["XN-1"]


def test_cases_are_listed_by_what_falls_due(office: Workflow) -> None:
    for case in ("XN-1", "XN-2"):
        office.handle(apply(case))
    office.handle(transfer("XN-2"))
    end_of_tuesday = dt.datetime(2026, 3, 4, tzinfo=SHANGHAI)
    later = end_of_tuesday + dt.timedelta(microseconds=1)
    assert [s.case for s in office.cases(due_before=later)] == ["XN-2"]
    assert list(office.cases(due_before=end_of_tuesday)) == []


def test_a_due_time_without_an_offset_is_named(office: Workflow) -> None:
    with pytest.raises(InvalidInput) as refused:
        office.cases(due_before=MONDAY.replace(tzinfo=None))
    assert refused.value.violations[0].facts["field"] == "due_before"


# --- who it is for ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        {"name": "王秀兰"},
        {"name": " 王　秀兰 "},
        {"phone": "0712 2000301"},
        {"phone": "０７１２－２０００３０１"},
        {"id_number": "11010519491231002x"},
        {"name": "王秀兰", "phone": "07122000301"},
        {"name": "王德福"},
    ],
    ids=str,
)
def test_a_person_is_found_however_the_name_is_written(
    office: Workflow, asked: dict[str, str]
) -> None:
    office.handle(apply("XN-1", recipient=Recipient(name="王德福", relation="父亲")))
    office.handle(apply("XN-2", applicant=Applicant(name="李桂芳", phone="13900001234")))
    assert [s.case for s in office.cases_of(**asked)] == ["XN-1"]


@pytest.mark.parametrize(
    "asked", [{"name": "王秀"}, {"name": "王秀兰", "phone": "13900001234"}], ids=str
)
def test_a_person_is_found_only_by_what_is_all_theirs(
    office: Workflow, asked: dict[str, str]
) -> None:
    office.handle(apply("XN-1"))
    office.handle(apply("XN-2", applicant=Applicant(name="李桂芳", phone="13900001234")))
    assert list(office.cases_of(**asked)) == []


def test_a_name_is_not_found_as_a_phone_number() -> None:
    assert (
        set(applicant_keys(SECRET, name="110")) & set(applicant_keys(SECRET, phone="110")) == set()
    )


def test_keys_of_another_secret_are_others_and_none_tells_whose_it_is() -> None:
    mine = applicant_keys(SECRET, name="王秀兰", phone="0712-2000301")
    assert len(mine) == 2
    assert set(mine) & set(applicant_keys(b"another", name="王秀兰", phone="0712-2000301")) == set()
    assert not any("王" in key or "2000301" in key for key in mine)


@pytest.mark.parametrize("asked", [{}, {"name": " "}, {"phone": "-"}], ids=str)
def test_looking_for_nobody_is_refused(office: Workflow, asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        office.cases_of(**asked)


def test_without_a_secret_people_are_neither_listed_nor_found(store: Counting) -> None:
    office = Workflow(store, clock=FixedClock(MONDAY))
    office.handle(apply("XN-1"))
    (summary,) = office.cases()
    assert summary.applicant_keys == ()
    with pytest.raises(InvalidInput) as refused:
        office.cases_of(name="王秀兰")
    assert refused.value.violations[0].facts["field"] == "applicant_secret"


def test_a_new_secret_takes_effect_where_everything_is_counted_anew(
    store: Counting, office: Workflow
) -> None:
    office.handle(apply("XN-1"))
    rotated = Workflow(store, clock=FixedClock(MONDAY), applicant_secret=b"another")
    assert list(rotated.cases_of(name="王秀兰")) == []
    assert rotated.reindex(everything=True) == 1
    assert [s.case for s in rotated.cases_of(name="王秀兰")] == ["XN-1"]


def test_counting_anew_without_the_secret_leaves_people_to_be_found(
    store: Counting, office: Workflow
) -> None:
    office.handle(apply("XN-1"))
    assert Workflow(store, clock=FixedClock(MONDAY)).reindex(everything=True) == 1
    assert [s.case for s in office.cases_of(name="王秀兰")] == ["XN-1"]


# --- reminders ----------------------------------------------------------------------------------


def test_two_workers_are_never_given_the_same_reminder(office: Workflow, clock: FixedClock) -> None:
    office.handle(apply("XN-1"))
    office.handle(transfer("XN-1"))
    soon = MONDAY + dt.timedelta(days=3)
    (lease,) = office.claim_due("first", before=soon)
    assert lease.until == MONDAY + dt.timedelta(minutes=5)
    assert office.claim_due("second", before=soon) == []
    clock.advance(dt.timedelta(minutes=5))
    (again,) = office.claim_due("second", before=soon)
    assert (again.worker, again.obligation) == ("second", lease.obligation)


def test_a_reminder_sent_is_put_off_and_one_not_sent_is_given_back(
    office: Workflow, clock: FixedClock
) -> None:
    office.handle(apply("XN-1"))
    office.handle(transfer("XN-1"))
    soon = MONDAY + dt.timedelta(days=3)
    (lease,) = office.claim_due("first", before=soon)
    put_off = office.extend(lease, by=dt.timedelta(days=1))
    assert put_off is not None
    clock.advance(dt.timedelta(hours=23))
    assert office.claim_due("second", before=soon) == []
    assert office.extend(put_off) is not None
    assert len(office.claim_due("second", before=soon)) == 1
    assert office.extend(put_off) is None


def test_reminders_ask_for_an_offset(office: Workflow) -> None:
    with pytest.raises(InvalidInput):
        office.claim_due("first", before=MONDAY.replace(tzinfo=None))


def test_records_of_procedures_that_are_not_known_here_are_left_alone(
    store: Counting, office: Workflow
) -> None:
    office.handle(apply("XN-1"))
    found = dt.timedelta(days=1) + MONDAY
    owed = simple_obligation("unheard_of/L-1", "keep", procedure="unheard_of", due=found)
    store.append(
        simple_commit(
            "unheard_of/L-1",
            procedure="unheard_of",
            state="applied",
            calendar_revision="2020",
            obligations=[owed],
        )
    )
    later = MONDAY + dt.timedelta(days=9)
    assert [line.case for line in office.cases()] == ["XN-1"]
    assert [line.case for line in office.cases(state=State.APPLIED)] == ["XN-1"]
    assert {o.case for o in office.due()} == {"XN-1"}
    assert {o.case for o in office.due(everything=True)} == {"XN-1"}
    assert [lease.obligation for lease in office.claim_due("a", before=later)] == [owed]
    assert office.reindex() == office.reindex(everything=True) - 1 == 0
    assert store.open_obligations(procedure="unheard_of") == [owed]


def test_a_case_that_is_listed_holds_its_state(office: Workflow) -> None:
    office.handle(apply("XN-1"))
    assert [s.state for s in office.cases(state=State.APPLIED)] == [State.APPLIED]
