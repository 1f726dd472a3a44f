"""Audit: somebody else's ledger, CSV or XLSX, read as a history and judged against the standard.

``read_mapping`` reads which column is what, ``read_ledger`` reads the ledger, ``audit`` judges it.
It never stops at the first problem, and treats what the ledger does not record as unknown.
"""

from onsite_workflow.audit._fields import FIELDS, Field, Shape
from onsite_workflow.audit._judge import audit
from onsite_workflow.audit._ledger import Ledger, LedgerRow, UnreadableCell, read_ledger
from onsite_workflow.audit._mapping import LedgerMapping, parse_mapping, read_mapping
from onsite_workflow.audit._report import (
    AuditCode,
    AuditFinding,
    Report,
    StillOwed,
    Tally,
    Unjudged,
    Why,
)
from onsite_workflow.audit._template import template

__all__ = [
    "FIELDS",
    "AuditCode",
    "AuditFinding",
    "Field",
    "Ledger",
    "LedgerMapping",
    "LedgerRow",
    "Report",
    "Shape",
    "StillOwed",
    "Tally",
    "Unjudged",
    "UnreadableCell",
    "Why",
    "audit",
    "parse_mapping",
    "read_ledger",
    "read_mapping",
    "template",
]
