"""China's on-site, one-time government service (DB4209/T 32—2023) as a finite state machine.

Pure core: ``decide`` says what a command does to a case, ``evolve`` and ``replay`` make a case from
its events, ``obligations`` and ``findings`` recompute every time limit, ``available`` says what may
be done next. ``Workflow`` puts a store and a clock around it.
"""

from typing import TYPE_CHECKING, Any

from ._machine import MACHINE, MOVES, Move
from .adapters import open_store
from .adapters.memory import MemoryStore
from .calendar import Deadline, WorkingCalendar, read_notice
from .case import Case, evolve, replay
from .catalogue import Catalogue, CatalogueItem, annex_a
from .clauses import CLAUSES, SENTENCES, Clause
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
from .ports import CaseStore
from .procedure import ROWS
from .regulation import DB4209_T_32_2023, Kind, Limit, LimitUnit, Regulation, ReplyClock
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


def __getattr__(name: str) -> Any:
    """The SQLite store brings its driver only to those who name it."""
    if name == "SQLiteStore":
        from .adapters.sqlite import SQLiteStore  # noqa: PLC0415

        return SQLiteStore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
    "Catalogue",
    "CatalogueItem",
    "Cause",
    "Clause",
    "Close",
    "Closed",
    "Command",
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
    "FileRegistrationForm",
    "FilledForm",
    "Finding",
    "FindingCode",
    "GiveOneTimeNotice",
    "InvalidInput",
    "ItemResult",
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
    "available",
    "decide",
    "evolve",
    "findings",
    "moved",
    "obligations",
    "open_store",
    "read_notice",
    "registration_form",
    "replay",
    "transfer_notice",
]
