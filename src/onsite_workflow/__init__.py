"""China's on-site, one-time government service (DB4209/T 32—2023) as a finite state machine.

Pure core: ``decide`` says what a command does to a case, ``evolve`` and ``replay`` make a case from
its events, ``obligations`` and ``findings`` recompute every time limit, ``available`` says what may
be done next. ``Workflow`` puts a store and a clock around it.

What stands here is what users need; everything else has its room's name (``onsite_workflow.wire``).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # To the type checkers: all that a room's ``__all__`` names.
    from .adapters import *
    from .adapters.memory import *
    from .adapters.sqlite import *
    from .calendar import Deadline as Deadline
    from .calendar import WorkingCalendar as WorkingCalendar
    from .calendar import read_notice as read_notice

    __all__: list[str]
    from .catalogue import *
    from .checks import *
    from .clause7.case import *
    from .clause7.commands import *
    from .clause7.core import *
    from .clause7.events import *
    from .clause7.forms import *
    from .clause7.procedure import *
    from .clause7.regulation import *
    from .clauses import *
    from .directory import *
    from .engine.deciding import *
    from .engine.duties import *
    from .engine.limits import *
    from .engine.machine import *
    from .engine.record import *
    from .errors import *
    from .people import *
    from .ports import *
    from .regulation import *
    from .service import *
    from .subscription import *
    from .terms import *
    from .wire.answers import *
    from .wire.digests import *
    from .wire.reading import *
    from .wire.writing import *
else:
    from importlib import import_module

    #: The same by name. A room is imported when one of its names is first asked for.
    _ROOMS = {
        "clauses": "CLAUSES SENTENCES Clause",
        "errors": """
            CaseNotFound Conflict CorruptRecord InvalidInput NotAllowed NotSupported
            OnsiteWorkflowError Refused Remedy StoreUnavailable Violation WrongRole
        """,
        "terms": """
            Actor Applicant Appointment Cause Evidence ItemResult OutstandingItem Recipient
            Result Role ServiceItem Signature SpecialGroup StaffMember State TransferNotice
            UnitRole
        """,
        "directory": "Directory Unit",
        "catalogue": "Catalogue CatalogueItem annex_a",
        "regulation": "Limit LimitUnit ObligationKind Regulation ReplyClock",
        "checks": "SHANGHAI",
        "clause7.commands": """
            Command Apply Transfer Reassign Acknowledge Accept Decline DesignateLead
            ExplainRefusal Schedule Reschedule ReportFailedVisit Serve GiveOneTimeNotice
            ReportOutcome Deliver Close Withdraw FileRegistrationForm Archive Correct
        """,
        "clause7.events": """
            Event Applied Transferred Reassigned Acknowledged Accepted Declined LeadDesignated
            RefusalExplained Scheduled Rescheduled VisitFailed Served OneTimeNoticeGiven
            OutcomeReported Delivered Closed Withdrawn RegistrationFormFiled Archived
            Corrected CaseEvent
        """,
        "clause7.case": "Case",
        "clause7.core": "Decision available decide evolve findings moved obligations replay",
        "clause7.forms": "FilledForm registration_form transfer_notice",
        "clause7.procedure": "MACHINE MOVES ROWS",
        "clause7.regulation": "DB4209_T_32_2023 Kind",
        "engine.record": "AnyActor AnyCommand AnyEvent Record",
        "engine.deciding": "Availability",
        "engine.duties": "Finding FindingCode Obligation Status",
        "engine.limits": "Moved",
        "engine.machine": "Move",
        "calendar": "Deadline WorkingCalendar read_notice",
        "people": "applicant_keys",
        "ports": "Capability CaseStore CaseSummary Commit FeedEntry Lease StoredCommit",
        "service": "Receipt Workflow",
        "subscription": "Subscription",
        "wire.answers": """
            availability_to_wire case_to_wire finding_to_wire form_to_wire obligation_to_wire
            receipt_to_wire refusal_to_wire violation_to_wire
        """,
        "wire.digests": "event_digest",
        "wire.reading": "JournalLine command_from_wire event_from_json read_line",
        "wire.writing": "command_to_wire event_to_json",
        "adapters": "init_store open_store",
        "adapters.memory": "MemoryStore",
        "adapters.sqlite": "SQLiteStore",
    }
    _ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}
    __all__ = sorted(_ROOM_OF)

    def __getattr__(name: str) -> Any:
        room = _ROOM_OF.get(name)
        if room is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{room}", __name__), name)
        globals()[name] = value  # so that it is looked for once
        return value

    def __dir__() -> list[str]:
        return __all__
