"""Wire forms of what the library answers: refusals, findings, obligations, a whole case.

Each function returns a dictionary of JSON values. An embedding service sends it as it is; the
command line prints it with ``--json``. Only ``case_to_wire`` and ``form_to_wire`` hold people's
data, masked unless ``full`` is asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import attrs

from onsite_workflow.checks import plain
from onsite_workflow.clause7.case import Case, Notice
from onsite_workflow.clause7.core import replay
from onsite_workflow.clause7.events import CaseEvent
from onsite_workflow.clause7.forms import FilledForm
from onsite_workflow.engine.deciding import AnyReceipt, Availability
from onsite_workflow.engine.duties import Finding, Obligation
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.errors import OnsiteWorkflowError, Violation

from .writing import to_wire

__all__ = [
    "availability_to_wire",
    "case_to_wire",
    "finding_to_wire",
    "form_to_wire",
    "obligation_to_wire",
    "receipt_to_wire",
    "refusal_to_wire",
    "violation_to_wire",
]

MASK: Final = "***"


def record_to_wire(key: str) -> dict[str, str]:
    """What names a record: its ``case``, or its ``procedure`` and ``record``."""
    procedure, stroke, record = key.rpartition("/")
    return {"procedure": procedure, "record": record} if stroke else {"case": key}


def violation_to_wire(violation: Violation) -> dict[str, Any]:
    """One unmet rule: its name, its clause, what is wrong (``zh``, ``en``), the facts, the
    remedy."""
    remedy = violation.remedy
    return {
        "clause": violation.clause,
        "interpretation": violation.interpretation,
        "rule": violation.rule,
        "zh": violation.zh,
        "en": violation.en,
        "facts": dict(violation.facts),
        "remedy": None if remedy is None else {"zh": remedy.zh, "en": remedy.en},
    }


def refusal_to_wire(error: OnsiteWorkflowError) -> dict[str, Any]:
    """A refusal or another error: ``ok`` is false, ``error`` its name, ``violations`` every
    rule."""
    return {
        "ok": False,
        "error": error.answer,
        "violations": [violation_to_wire(violation) for violation in error.violations],
    }


def finding_to_wire(finding: Finding) -> dict[str, Any]:
    """A finding: what was late, whose it was, and by how many seconds."""
    names = ("code", "clause", "bearer", "due", "at", "by_seconds")
    return {name: plain(getattr(finding, name)) for name in names}


def obligation_to_wire(obligation: Obligation) -> dict[str, Any]:
    """One time limit: whose it is, how it stands, and when it is due."""
    names = (
        "clause",
        "kind",
        "bearer",
        "opened_at",
        "due_day",
        "due",
        "status",
        "provisional",
        "earliest",
        "latest",
    )
    told = {name: plain(getattr(obligation, name)) for name in names}
    return {**record_to_wire(obligation.case), **told}


def receipt_to_wire(receipt: AnyReceipt[AnyEvent]) -> dict[str, Any]:
    """The answer to a command that was carried out: ``ok`` is true, with state, version and
    findings."""
    answer: dict[str, Any] = {
        **record_to_wire(receipt.event.key),
        "ok": True,
        "state": receipt.state.value,
        "version": receipt.version,
        "event": receipt.event.name,
        "findings": [finding_to_wire(finding) for finding in receipt.findings],
    }
    return answer | ({"repeated": True} if receipt.repeated else {})


def availability_to_wire(entry: Availability) -> dict[str, Any]:
    """One answer of ``available``: whether the command may be next, and if not, why not."""
    return {
        "command": entry.command,
        "clause": entry.clause,
        "allowed": entry.allowed,
        "error": entry.answer,
        "violations": [violation_to_wire(violation) for violation in entry.violations],
        "waiting": [
            {"rule": guard.rule, "clause": guard.clause, "needs": sorted(guard.needs)}
            for guard in entry.waiting
        ],
    }


def form_to_wire(form: FilledForm, *, full: bool = False) -> dict[str, Any]:
    """A printed form, field by field. Without ``full`` what was filled in is masked (``***``)."""

    def shown(value: str | None) -> str | None:
        return value if full or value is None else MASK

    return {
        "title": form.title,
        "fields": [
            {
                "field": f.field.name,
                "printed": f.field.zh,
                "value": shown(f.value),
                "blank": shown(f.blank),
                "missing": f.missing,
            }
            for f in form.fields
        ],
    }


def mask(value: Any) -> Any:
    """``value`` as JSON values, with whatever its class keeps out of ``repr`` blotted out.

    A list keeps its length, so that a reader sees how much there is.
    """
    if attrs.has(type(value)):
        shown = to_wire(value)
        for f in attrs.fields(type(value)):
            if f.name in shown:
                held = getattr(value, f.name)
                shown[f.name] = mask(held) if f.repr else _blot(held)
        return shown
    if isinstance(value, tuple | list):
        return [mask(element) for element in value]
    return to_wire(value)


def _blot(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [mask(e) if attrs.has(type(e)) else MASK for e in value]
    if isinstance(value, Mapping):
        return dict.fromkeys(value, MASK)
    return MASK


def _event(event: AnyEvent, show: Any) -> dict[str, Any]:
    return {"event": event.name, **show(event)}


def _notice(notice: Notice) -> dict[str, Any]:
    reply = notice.reply
    return {
        "number": notice.number,
        "unit": notice.unit,
        "role": notice.role.value,
        "items": list(notice.items),
        "issued_at": plain(notice.issued.at),
        "acknowledged_at": None if notice.acknowledged is None else plain(notice.acknowledged.at),
        "reply": None if reply is None else reply.name,
        "replied_at": None if reply is None else plain(reply.at),
        "explained_at": None if notice.explained is None else plain(notice.explained.at),
    }


def case_to_wire(
    case: Case,
    *,
    obligations: tuple[Obligation, ...] = (),
    findings: tuple[Finding, ...] = (),
    full: bool = False,
) -> dict[str, Any]:
    """A whole case, with the obligations and findings that are given (``Workflow`` computes them).

    Without ``full`` people's data and free text are masked (``***``).
    """
    show = to_wire if full else mask
    application = show(case.application)
    return {
        "case": case.id,
        "state": case.state.value,
        "result": None if case.result is None else case.result.value,
        "version": case.version,
        "edition": case.edition,
        "opened_at": plain(case.application.at),
        "follows": case.application.follows,
        **{
            name: application.get(name)
            for name in ("applicant", "recipient", "address", "ground", "circumstances", "reason")
        },
        "items": [to_wire(attrs.evolve(item, ground=None)) for item in case.items],
        "lead": case.lead,
        "notices": [_notice(notice) for notice in case.notices],
        "appointment": None if case.appointment is None else show(case.appointment),
        "obligations": [{**obligation_to_wire(o), "subject": o.subject} for o in obligations],
        "findings": [finding_to_wire(finding) for finding in findings],
        "history": [_event(event, show) for event in case.history],
    }


def as_known_at(case: Case, moment: dt.datetime) -> Case | None:
    """``case`` up to the first entry that happened after ``moment``; None where all did."""
    earlier: list[CaseEvent] = []
    for event in case.history:
        if event.at > moment:
            break
        earlier.append(event)
    return replay(earlier) if earlier else None
