"""China's on-site, one-time government service (DB4209/T 32—2023) as a finite state machine.

Pure core: ``decide`` says what a command does to a case, ``evolve`` and ``replay`` make a case from
its events, ``obligations`` and ``findings`` recompute every time limit, ``available`` says what may
be done next. ``Workflow`` puts a store and a clock around it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._machine import MACHINE, MOVES, Move
from .adapters import open_store
from .adapters.memory import MemoryStore
from .answers import (
    availability_to_wire,
    case_to_wire,
    finding_to_wire,
    form_to_wire,
    obligation_to_wire,
    receipt_to_wire,
    refusal_to_wire,
    violation_to_wire,
)
from .case import Case, evolve, replay
from .catalogue import Catalogue, CatalogueItem, annex_a
from .commands import (
    Accept,
    Acknowledge,
    Apply,
    Archive,
    Close,
    Command,
    Correct,
    Decline,
    Deliver,
    DesignateLead,
    ExplainRefusal,
    FileRegistrationForm,
    GiveOneTimeNotice,
    Reassign,
    ReportFailedVisit,
    ReportOutcome,
    Reschedule,
    Schedule,
    Serve,
    Transfer,
    Withdraw,
)
from .decide import Availability, Decision, available, decide
from .errors import (
    CaseNotFound,
    Conflict,
    CorruptRecord,
    InvalidInput,
    NotAllowed,
    OnsiteWorkflowError,
    Refused,
    Remedy,
    Violation,
    WrongRole,
)
from .events import (
    Accepted,
    Acknowledged,
    Applied,
    Archived,
    Closed,
    Corrected,
    Declined,
    Delivered,
    Event,
    LeadDesignated,
    OneTimeNoticeGiven,
    OutcomeReported,
    Reassigned,
    RefusalExplained,
    RegistrationFormFiled,
    Rescheduled,
    Scheduled,
    Served,
    Transferred,
    VisitFailed,
    Withdrawn,
)
from .forms import FilledForm, registration_form, transfer_notice
from .obligations import (
    Finding,
    FindingCode,
    Moved,
    Obligation,
    Status,
    findings,
    moved,
    obligations,
)
from .ports import CaseStore, CaseSummary, Commit, FeedEntry, StoredCommit
from .procedure import ROWS
from .regulation import DB4209_T_32_2023, Kind, Limit, LimitUnit, Regulation, ReplyClock
from .serialization import (
    JournalLine,
    command_from_wire,
    command_to_wire,
    event_from_json,
    event_to_json,
    read_line,
)
from .service import Receipt, Workflow
from .terms import (
    SHANGHAI,
    Actor,
    Applicant,
    Appointment,
    Cause,
    Directory,
    Evidence,
    ItemResult,
    OutstandingItem,
    Recipient,
    Result,
    Role,
    ServiceItem,
    Signature,
    SpecialGroup,
    StaffMember,
    State,
    TransferNotice,
    Unit,
    UnitRole,
)

if TYPE_CHECKING:
    from .adapters.sqlite import SQLiteStore
    from .calendar import Deadline, WorkingCalendar, read_notice
    from .clauses import CLAUSES, SENTENCES, Clause

#: What not everybody needs is imported when it is first named: a driver, the calendar's tables.
_LAZY = {
    "SQLiteStore": ".adapters.sqlite",
    "Deadline": ".calendar",
    "WorkingCalendar": ".calendar",
    "read_notice": ".calendar",
    "CLAUSES": ".clauses",
    "SENTENCES": ".clauses",
    "Clause": ".clauses",
}


def __getattr__(name: str) -> Any:
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(module, __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)


__all__ = [
    "CLAUSES",
    "DB4209_T_32_2023",
    "MACHINE",
    "MOVES",
    "ROWS",
    "SENTENCES",
    "SHANGHAI",
    "Accept",
    "Accepted",
    "Acknowledge",
    "Acknowledged",
    "Actor",
    "Applicant",
    "Applied",
    "Apply",
    "Appointment",
    "Archive",
    "Archived",
    "Availability",
    "Case",
    "CaseNotFound",
    "CaseStore",
    "CaseSummary",
    "Catalogue",
    "CatalogueItem",
    "Cause",
    "Clause",
    "Close",
    "Closed",
    "Command",
    "Commit",
    "Conflict",
    "Correct",
    "Corrected",
    "CorruptRecord",
    "Deadline",
    "Decision",
    "Decline",
    "Declined",
    "Deliver",
    "Delivered",
    "DesignateLead",
    "Directory",
    "Event",
    "Evidence",
    "ExplainRefusal",
    "FeedEntry",
    "FileRegistrationForm",
    "FilledForm",
    "Finding",
    "FindingCode",
    "GiveOneTimeNotice",
    "InvalidInput",
    "ItemResult",
    "JournalLine",
    "Kind",
    "LeadDesignated",
    "Limit",
    "LimitUnit",
    "MemoryStore",
    "Move",
    "Moved",
    "NotAllowed",
    "Obligation",
    "OneTimeNoticeGiven",
    "OnsiteWorkflowError",
    "OutcomeReported",
    "OutstandingItem",
    "Reassign",
    "Reassigned",
    "Receipt",
    "Recipient",
    "RefusalExplained",
    "Refused",
    "RegistrationFormFiled",
    "Regulation",
    "Remedy",
    "ReplyClock",
    "ReportFailedVisit",
    "ReportOutcome",
    "Reschedule",
    "Rescheduled",
    "Result",
    "Role",
    "SQLiteStore",
    "Schedule",
    "Scheduled",
    "Serve",
    "Served",
    "ServiceItem",
    "Signature",
    "SpecialGroup",
    "StaffMember",
    "State",
    "Status",
    "StoredCommit",
    "Transfer",
    "TransferNotice",
    "Transferred",
    "Unit",
    "UnitRole",
    "Violation",
    "VisitFailed",
    "Withdraw",
    "Withdrawn",
    "Workflow",
    "WorkingCalendar",
    "WrongRole",
    "annex_a",
    "availability_to_wire",
    "available",
    "case_to_wire",
    "command_from_wire",
    "command_to_wire",
    "decide",
    "event_from_json",
    "event_to_json",
    "evolve",
    "finding_to_wire",
    "findings",
    "form_to_wire",
    "moved",
    "obligation_to_wire",
    "obligations",
    "open_store",
    "read_line",
    "read_notice",
    "receipt_to_wire",
    "refusal_to_wire",
    "registration_form",
    "replay",
    "transfer_notice",
    "violation_to_wire",
]
