"""What stores are told of a case: its line in the lists, the numbers it claims, the case it names."""

from __future__ import annotations

import attrs
import pytest

from onsite_workflow import (
    Applicant,
    Archived,
    Case,
    Command,
    Corrected,
    Reassigned,
    Recipient,
    Result,
    ServiceItem,
    Transferred,
)
from onsite_workflow.clause7.procedure import CASE, item_labels
from onsite_workflow.engine.procedure import Person

from .build import (
    ASSISTING,
    CARD,
    LEAD,
    RENEWAL,
    accept,
    after,
    apply,
    archive,
    at,
    correct,
    decline,
    designate_lead,
    joint,
    notice,
    opened,
    play,
    reassign,
    transfer,
    withdraw,
)

SOMEBODY = Applicant(name="王秀兰", phone="0712-2000301", id_number="11010519491231002X")
DAUGHTER = Recipient(name="柳小燕", relation="母女", phone="0712-2000399")


# --- the line -------------------------------------------------------------------------------------


def test_a_case_just_applied_for_has_no_result_and_no_unit() -> None:
    line = CASE.line(opened())
    assert (line.result, line.lead, line.units, line.opened_at) == (
        None,
        None,
        (),
        at("2025-09-15 09:00"),
    )


def test_the_line_names_the_units_with_a_notice_and_the_lead() -> None:
    line = CASE.line(joint())
    assert (line.lead, line.units) == (LEAD, (LEAD, ASSISTING))


def test_the_line_names_the_lead_that_was_designated() -> None:
    case = play(joint(), decline(LEAD), accept(ASSISTING), designate_lead(ASSISTING))
    assert CASE.line(case).lead == ASSISTING


def test_the_line_tells_the_result() -> None:
    assert CASE.line(play(opened(), withdraw())).result is Result.WITHDRAWN


def test_a_case_is_found_by_whom_it_is_for() -> None:
    case = opened(applicant=SOMEBODY, recipient=DAUGHTER)
    assert CASE.line(case).people == (
        Person(name="王秀兰", phone="0712-2000301", id_number="11010519491231002X"),
        Person(name="柳小燕", phone="0712-2000399"),
    )
    assert CASE.line(opened(applicant=SOMEBODY)).people == CASE.line(case).people[:1]


# --- claimed numbers ------------------------------------------------------------------------------


def claimed(case: Case) -> tuple[str, ...]:
    """What the latest entry of ``case`` claims."""
    return tuple(CASE.claims(case.history[-1]))


def test_notices_claim_their_numbers() -> None:
    case = joint()
    entry = case.history[-1]
    assert isinstance(entry, Transferred)
    assert claimed(case) == tuple(f"notice:{one.number}" for one in entry.notices)
    assert len(claimed(case)) == 2


def test_a_notice_that_replaces_another_claims_its_number() -> None:
    case = play(opened(), transfer(), reassign())
    entry = case.history[-1]
    assert isinstance(entry, Reassigned)
    assert entry.notice is not None
    assert claimed(case) == (f"notice:{entry.notice.number}",)


def test_an_archive_number_is_claimed() -> None:
    case = after(type(archive()))
    assert isinstance(case.history[-1], Archived)
    assert claimed(case) == ("archive:档〔2025〕0915",)


def test_a_correction_claims_the_numbers_that_it_brings() -> None:
    other = attrs.evolve(notice(LEAD, RENEWAL), number="虚构〔2025〕9")
    case = play(opened(), transfer(), correct(2, {"notices": (other,)}))
    assert isinstance(case.history[-1], Corrected)
    assert claimed(case) == ("notice:虚构〔2025〕9",)
    replaced = play(opened(), transfer(), reassign())
    entry = replaced.history[-1]
    assert isinstance(entry, Reassigned)
    assert entry.notice is not None
    another = attrs.evolve(entry.notice, number="虚构〔2025〕10")
    assert claimed(play(replaced, correct(3, {"notice": another}))) == ("notice:虚构〔2025〕10",)


def test_other_entries_claim_nothing() -> None:
    assert claimed(opened()) == ()
    assert claimed(play(opened(), correct(1, {"address": "孝南区书院街道2号"}))) == ()


# --- the case that is named -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (apply(), ()),
        (apply(follows="XN-1"), ("XN-1",)),
        (apply(follows=apply().case), ()),
        (correct(1, {"follows": "XN-1"}), ("XN-1",)),
        (correct(1, {"follows": None}), ()),
        (correct(1, {"address": "孝南区书院街道2号"}), ()),
        (withdraw(), ()),
    ],
    ids=["none", "followed", "itself", "corrected", "removed", "another field", "another command"],
)
def test_a_case_names_the_one_that_it_follows(command: Command, named: tuple[str, ...]) -> None:
    assert tuple(CASE.refers(command)) == named


# --- items by their names -------------------------------------------------------------------------


def test_an_item_has_a_label_where_it_has_an_id_and_a_name() -> None:
    items = (
        ServiceItem(id=CARD, name="社会保障卡服务（申领）"),
        ServiceItem(name="虚构事项", ground="须上门办理。"),
        ServiceItem(id=RENEWAL),
    )
    assert item_labels(items) == {
        CARD: (f"社会保障卡服务（申领）（{CARD}）", f"{CARD} 社会保障卡服务（申领）")
    }
