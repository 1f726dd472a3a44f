"""Commits to try a store with. All people are invented.

``sample_case`` and ``awkward_case`` are what ``Workflow`` really appends, recorded from small
cases: the commands went through ``decide``, so that events, findings, claimed keys, summaries and
obligations are those of real cases. ``simple_commit`` puts one together from their parts, where a
test wants another id, another list or a thousand of them: to a store all of it is opaque.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import Any

import attrs

from onsite_workflow.adapters.memory import MemoryStore
from onsite_workflow.checks import SHANGHAI
from onsite_workflow.clause7 import commands as c
from onsite_workflow.clause7.events import Event
from onsite_workflow.clause7.regulation import Kind
from onsite_workflow.engine.limits import Obligation, Status
from onsite_workflow.ports import CaseSummary, Commit, StoredCommit
from onsite_workflow.service import Workflow
from onsite_workflow.terms import (
    Actor,
    Applicant,
    Cause,
    Evidence,
    ItemResult,
    OutstandingItem,
    Recipient,
    Role,
    ServiceItem,
    Signature,
    SpecialGroup,
    StaffMember,
    State,
    TransferNotice,
    UnitRole,
)

__all__ = [
    "awkward_case",
    "commits_of",
    "merged",
    "sample_case",
    "simple_commit",
    "simple_obligation",
]

_LEAD, _ASSISTING = "孝南区残疾人联合会", "孝南区医疗保障局"
_CARD, _AID, _MEDICAL = "A.5.2", "A.5.3", "A.9.1"


class _Recorder(MemoryStore):
    """A memory store that keeps the commits it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: list[Commit] = []

    def append(self, commit: Commit) -> StoredCommit:
        self.commits.append(commit)
        return super().append(commit)


def commits_of(commands: Iterable[c.Command]) -> tuple[Commit, ...]:
    """What ``Workflow`` appends for ``commands``, each entered when it happened (or later, where an
    entry before it was). Raises what ``Workflow.handle`` raises."""
    recorder = _Recorder()
    workflow = Workflow(recorder)
    entered: dict[str, dt.datetime] = {}
    for command in commands:
        entered[command.case] = max(entered.get(command.case, command.at), command.at)
        workflow.handle(command, recorded_at=entered[command.case])
    return tuple(recorder.commits)


def merged(commits: Iterable[Commit]) -> Commit:
    """Consecutive commits of one case as a single one, under the last one's command id."""
    several = tuple(commits)
    for before, after in pairwise(several):
        assert after.case == before.case, "commits of one case"
        assert after.expected_version == before.summary.version, "consecutive commits"
    return attrs.evolve(
        several[-1],
        expected_version=several[0].expected_version,
        events=tuple(event for commit in several for event in commit.events),
        keys=tuple(key for commit in several for key in commit.keys),
    )


# --- put together from parts ----------------------------------------------------------------------


@cache
def _parts() -> tuple[Event, ...]:
    events: Any = (event for commit in sample_case("XN-0") for event in commit.events)
    return tuple(events)


def simple_commit(
    case: str,
    *,
    after: int = 0,
    events: int = 1,
    command_id: str | None = None,
    keys: Iterable[str] = (),
    obligations: Iterable[Obligation] = (),
    **summary: Any,
) -> Commit:
    """A commit of ``events`` events on version ``after`` of ``case``. ``summary``: what its line in
    the list says besides, by the fields of ``CaseSummary``. No digests, which no store looks at."""
    version = after + events
    id_ = f"{case}:{version}" if command_id is None else command_id
    made = [
        attrs.evolve(
            _parts()[(after + n) % len(_parts())], case=case, version=after + n + 1, id=id_
        )
        for n in range(events)
    ]
    line = {
        "state": State.TRANSFERRED,
        "result": None,
        "edition": made[-1].edition,
        "lead": None,
        "units": (),
        "opened_at": _at(2, 9),
        "recorded_at": made[-1].recorded_at,
        "head": f"head of {id_}",
        "calendar_revision": "2026.1",
    }
    return Commit(
        case=case,
        expected_version=after,
        command_id=id_,
        content=f"content of {id_}",
        events=tuple(made),
        answer="[]",
        keys=tuple(keys),
        summary=CaseSummary(case=case, version=version, **line | summary),
        obligations=tuple(obligations),
    )


def simple_obligation(
    case: str, kind: str = Kind.REPLY, subject: str | None = None, **fields: Any
) -> Obligation:
    """An open obligation of the record ``case``, due on 4 March 2026 unless ``fields`` say
    otherwise."""
    usual = {
        "clause": "7.2",
        "bearer": _LEAD,
        "opened_at": _at(2, 10),
        "due_day": dt.date(2026, 3, 3),
        "due": _at(4, 0),
        "status": Status.OPEN,
        "provisional": False,
        "earliest": None,
        "latest": None,
    }
    return Obligation(case=case, kind=kind, subject=subject, **usual | fields)  # type: ignore[arg-type]


# --- two little cases ---------------------------------------------------------------------------


def _at(day: int, hour: int, minute: int = 0, second: int = 0, micro: int = 0) -> dt.datetime:
    """A moment of March 2026; the 2nd is a Monday."""
    return dt.datetime(2026, 3, day, hour, minute, second, micro, tzinfo=SHANGHAI)


_WINDOW = Actor(role=Role.INTEGRATED_WINDOW, name="柳文静", id="ZC-01")
_LEAD_STAFF = Actor(role=Role.HANDLING_UNIT, name="陈志远", unit=_LEAD)
_ASSISTING_STAFF = Actor(role=Role.HANDLING_UNIT, name="徐长春", unit=_ASSISTING)


def _opening(case: str) -> tuple[c.Apply, c.Transfer, c.Accept, c.Accept, c.Schedule]:
    """Applied, transferred to two units, accepted by both, scheduled."""
    return (
        c.Apply(
            case=case,
            at=_at(2, 9),
            by=_WINDOW,
            id=f"{case}:apply",
            applicant=Applicant(name="王秀兰", phone="0712-2000301"),
            recipient=Recipient(name="王德福", relation="父亲"),
            address="孝南区书院街道槐荫大道118号3栋2单元602室",
            ground=SpecialGroup.DISABLED,
            reason="长期卧床，无法前往政务服务中心。",
            items=[ServiceItem(id=_CARD), ServiceItem(id=_MEDICAL)],
            evidence=[Evidence(name="残疾人证复印件", sha256="0" * 64)],
        ),
        c.Transfer(
            case=case,
            at=_at(2, 10),
            by=_WINDOW,
            notices=[
                TransferNotice(
                    number=f"孝南上门转〔2026〕{case}-1号",
                    unit=_LEAD,
                    role=UnitRole.LEAD,
                    items=[_CARD],
                ),
                TransferNotice(
                    number=f"孝南上门转〔2026〕{case}-2号",
                    unit=_ASSISTING,
                    role=UnitRole.ASSISTING,
                    items=[_MEDICAL],
                ),
            ],
        ),
        c.Accept(case=case, at=_at(2, 11), by=_LEAD_STAFF),
        c.Accept(case=case, at=_at(4, 9), by=_ASSISTING_STAFF),  # late: a finding
        c.Schedule(
            case=case,
            at=_at(4, 10),
            by=_LEAD_STAFF,
            start=_at(5, 9, 30),
            place="孝南区书院街道槐荫大道118号3栋2单元602室",
            materials=["户口簿原件", "近期两寸照片3张"],
            staff=[
                StaffMember(name="陈志远", unit=_LEAD, phone="0712-2000101"),
                StaffMember(name="徐长春", unit=_ASSISTING, phone="0712-2000102"),
            ],
        ),
    )


def _completion(case: str) -> list[c.Command]:
    """From the visit to the archive: eight commands after ``_opening``."""
    return [
        c.Serve(
            case=case,
            at=_at(5, 11),
            by=_LEAD_STAFF,
            arrived_at=_at(5, 9, 40),  # late: a finding
            left_at=_at(5, 10, 30),
            staff=[
                StaffMember(name="陈志远", unit=_LEAD),
                StaffMember(name="徐长春", unit=_ASSISTING),
            ],
            forms_completed=True,
            results=[
                ItemResult(item=_CARD, completed=False, note="照片尺寸不合要求。"),
                ItemResult(item=_MEDICAL, completed=True),
            ],
        ),
        c.GiveOneTimeNotice(
            case=case,
            at=_at(5, 11, 30),
            by=_LEAD_STAFF,
            outstanding=[
                OutstandingItem(
                    item=_CARD, needed=["两寸白底照片3张"], expected_by=dt.date(2026, 3, 12)
                )
            ],
        ),
        c.ReportOutcome(
            case=case,
            at=_at(10, 9),
            by=_LEAD_STAFF,
            item=_CARD,
            outcome="残疾人证已换领。",
            channel="电话",
            to_deliver=["残疾人证"],
        ),
        c.Deliver(
            case=case,
            at=_at(10, 16),
            by=_LEAD_STAFF,
            item=_CARD,
            materials=["残疾人证"],
            method="送上门",
            received_by="王秀兰",
        ),
        c.FileRegistrationForm(
            case=case,
            at=_at(10, 17),
            by=_LEAD_STAFF,
            summary="两项均已办结。",
            signatures=[
                Signature(name="陈志远", unit=_LEAD),
                Signature(name="徐长春", unit=_ASSISTING),
            ],
            recipient_opinion="满意",
        ),
        c.Correct(
            case=case,
            at=_at(10, 18),
            by=_LEAD_STAFF,
            entry=6,
            fields={"arrived_at": _at(5, 9, 35), "staff": _LATER_STAFF},
            reason="到达时间和人员登记有误。",
        ),
        c.Close(case=case, at=_at(11, 9), by=_LEAD_STAFF),
        c.Archive(
            case=case,
            at=_at(12, 9),
            by=_LEAD_STAFF,
            archive_number=f"孝南政务2026-{case}",
            keeper="档案室 方敏",
        ),
    ]


_LATER_STAFF = (
    StaffMember(name="陈志远", unit=_LEAD),
    StaffMember(name="杜晓梅", unit=_LEAD),
    StaffMember(name="徐长春", unit=_ASSISTING),
)


@cache
def sample_case(case: str) -> tuple[Commit, ...]:
    """The thirteen commits of one case, from application to archive, one event each.

    Two units, two notice numbers and an archive number (``keys``), late acts among the findings,
    a correction. Whole seconds and everyday text: see ``awkward_case`` for the rest.
    """
    return commits_of([*_opening(case), *_completion(case)])


@cache
def awkward_case(case: str) -> tuple[Commit, ...]:
    """The seven commits of a case with what a careless store changes.

    Times to the microsecond, with another offset, just before midnight and out of entry order;
    characters beyond the Basic Multilingual Plane, decomposed accents, newlines, blanks at the
    ends, quotes and percent signs; empty lists that differ from absent ones; removed fields.
    """
    apply, transfer, *_ = _opening(case)
    return commits_of(
        [
            attrs.evolve(
                apply,
                at=dt.datetime(2026, 3, 1, 15, 59, 59, 999_999, tzinfo=dt.UTC),
                id=f"编号 {case} 'é' % _ \\ \U00020bb7",
                applicant=Applicant(name="\U00020bb7野家 e\u0301", phone="0712-2000301"),
                address=" 孝南区\n书院街道 'quoted' \"双引号\" 100% \\n \U0001f3e0 ",
                reason="\U00024b62、\U0002a6a5：生僻字不得丢失。",
                evidence=[],
            ),
            attrs.evolve(transfer, at=_at(2, 9, 0, 0, 1)),
            c.Accept(case=case, at=_at(2, 15, 0, 0, 500_000), by=_ASSISTING_STAFF),
            # Entered after the other unit's reply though given before it (I-15).
            c.Accept(case=case, at=_at(2, 10, 0, 0, 123_456), by=_LEAD_STAFF),
            c.Schedule(
                case=case,
                at=_at(2, 15, 30),
                by=_LEAD_STAFF,
                start=_at(3, 9),
                end=_at(3, 10),
                place="家中",
                materials=[],  # none are needed; absent would be a refusal
                staff=[
                    StaffMember(name="陈志远", unit=_LEAD),
                    StaffMember(name="徐长春", unit=_ASSISTING),
                ],
            ),
            c.ReportFailedVisit(
                case=case, at=_at(3, 9, 0, 59, 999_999), by=_LEAD_STAFF, cause=Cause.STAFF_ABSENT
            ),
            c.Correct(
                case=case,
                at=_at(3, 12),
                by=_LEAD_STAFF,
                entry=5,
                fields={"end": None, "materials": ("残疾人证\u3000原件",)},
                reason="没有约定结束时间。",
            ),
        ]
    )
