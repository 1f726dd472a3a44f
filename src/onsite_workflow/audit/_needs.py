"""What a ledger must record before a rule or a time limit can be judged by it.

The rules themselves stand in ``procedure`` and the limits in the regulation; here stands only which
fields of the mapping each of them looks at. ``tests/audit`` holds the tables against the procedure's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from onsite_workflow.clause7 import commands as c
from onsite_workflow.clause7.procedure import CASE, EVERY_MOVE, ROWS
from onsite_workflow.clause7.regulation import Kind
from onsite_workflow.engine.rules import Guard

from ._records import TIME_OF

__all__ = [
    "COMMAND_OF_KIND",
    "GUARDS",
    "JUDGED_LATE",
    "KIND_OF",
    "LIMITS",
    "NEEDS",
    "NOT_ASKED",
    "NOT_ASKED_RULES",
    "ORDER",
    "RECORDED",
    "TIMES_JUDGED",
    "Needs",
]

#: The kind of obligation that each command can meet.
KIND_OF: Final[Mapping[type[c.Command], Kind]] = {
    command: Kind(kind)
    for kind, commands in CASE.met_by.items()
    for command in commands
    if issubclass(command, c.Command)
}

GUARDS: Final[Mapping[type[c.Command], tuple[Guard[Any, Any], ...]]] = {
    row.command: row.guards for row in ROWS
}
RECORDED: Final = next(guard for guard in EVERY_MOVE if guard.rule == "at_not_after_recorded")
ORDER: Final = next(guard for guard in EVERY_MOVE if guard.rule == "at_not_before_cause")


@frozen
class Needs:
    """The fields that a ledger must have before a rule can be judged by it. ``acts``: only where a
    row is an act can the rule be broken; in a table its cells leave no room for it. ``missing``:
    where it is unmet this step is missing."""

    fields: tuple[str, ...]
    acts: bool = False
    missing: type[c.Command] | None = None


NEEDS: Final[Mapping[tuple[str, str], Needs]] = {
    ("apply", "applicant_reachable"): Needs(("phone",)),
    ("apply", "address_given"): Needs(("address",)),
    ("apply", "reason_given"): Needs(("reason",)),
    ("apply", "ground_given"): Needs(("ground",)),
    ("apply", "circumstances_told"): Needs(("ground", "circumstances")),
    ("apply", "items_named"): Needs(("items",)),
    ("apply", "item_claim_grounded"): Needs(("items",)),
    ("apply", "items_distinct"): Needs(("items",)),
    ("transfer", "one_notice_per_unit"): Needs(("unit",)),
    ("transfer", "exactly_one_lead"): Needs(("unit",)),
    ("transfer", "numbers_present_and_distinct"): Needs(("notice_number",)),
    ("reassign", "reason_given"): Needs(("reassign_reason",)),
    ("reassign", "unit_has_notice"): Needs(("reassigned_from", "unit")),
    ("reassign", "unit_has_not_replied"): Needs(("reassigned_from", "unit")),
    ("reassign", "new_unit_has_no_notice"): Needs(("reassigned_from", "unit")),
    ("acknowledge", "unit_has_notice"): Needs(("unit", "transferred_at"), acts=True),
    ("acknowledge", "not_yet_acknowledged"): Needs(("unit",), acts=True),
    ("accept", "unit_has_notice"): Needs(("unit", "transferred_at"), acts=True),
    ("accept", "unit_has_not_replied"): Needs(("unit",), acts=True),
    ("decline", "unit_has_notice"): Needs(("unit", "transferred_at"), acts=True),
    ("decline", "unit_has_not_replied"): Needs(("unit",), acts=True),
    ("decline", "reason_given"): Needs(("decline_reason",)),
    ("decline", "alternatives_given"): Needs(("alternatives",)),
    ("designate_lead", "lead_declined"): Needs(("reply",)),
    ("designate_lead", "new_lead_accepted"): Needs(("reply", "designated_lead")),
    ("explain_refusal", "unit_declined"): Needs(("unit", "replied_at"), acts=True),
    ("explain_refusal", "not_yet_explained"): Needs(("unit",), acts=True),
    ("explain_refusal", "channel_and_person_given"): Needs(("explained_how", "explained_to")),
    ("schedule", "start_in_future"): Needs(("appointed_at",)),
    ("schedule", "place_given"): Needs(("place",)),
    ("schedule", "materials_told"): Needs(("materials",)),
    ("schedule", "staff_of_every_unit"): Needs(("appointed_units", "unit")),
    ("reschedule", "before_appointed_start"): Needs(("rescheduled_at", "appointed_at")),
    ("reschedule", "reason_given"): Needs(("reschedule_reason",)),
    ("reschedule", "start_in_future"): Needs(("rescheduled_to",)),
    ("report_failed_visit", "not_before_start"): Needs(("failed_at", "appointed_at", "failure_cause")),
    ("report_failed_visit", "cause_given"): Needs(("failure_cause",)),
    ("serve", "times_in_order"): Needs(("arrived_at", "left_at")),
    ("serve", "on_appointed_day_or_later"): Needs(("appointed_at", "arrived_at")),
    ("serve", "staff_of_every_unit"): Needs(("visiting_units", "unit")),
    ("serve", "result_for_every_item"): Needs(("completed",)),
    ("serve", "forms_completed"): Needs(("completed", "forms_completed")),
    ("give_one_time_notice", "something_outstanding"): Needs(("completed",)),
    ("give_one_time_notice", "everything_outstanding_named"): Needs(("needed",)),
    ("report_outcome", "outcome_given"): Needs(("outcome",)),
    ("deliver", "materials_and_recipient_given"): Needs(("received_by",)),
    ("close", "every_item_completed"): Needs(("completed", "notice_given_at"), missing=c.GiveOneTimeNotice),
    ("close", "every_outcome_reported"): Needs(("outcome_reported_at",), missing=c.ReportOutcome),
    ("close", "everything_delivered"): Needs(("to_deliver", "delivered_at"), missing=c.Deliver),
    ("close", "refusals_explained"): Needs(("explained_at",), missing=c.ExplainRefusal),
    ("withdraw", "reason_given"): Needs(("withdraw_reason",)),
    ("file_registration_form", "filed_once"): Needs(("form_filed_at",), acts=True),
    ("file_registration_form", "form_whole"): Needs(("form_summary", "recipient_opinion")),
    ("file_registration_form", "signed_by_every_unit"): Needs(("signed_by",)),
    ("archive", "archive_number_given"): Needs(("archive_number",)),
    ("archive", "registration_form_filed"): Needs(("form_filed_at",), missing=c.FileRegistrationForm),
}  # fmt: skip

#: Rules that no ledger is held to, and why.
NOT_ASKED: Final[Mapping[str, tuple[str, str]]] = {
    "who": ("台账不记每一步由谁登记", "a ledger does not say who entered each step"),
    "items": (
        "台账不记每份通知书、每个结果各列哪些事项",
        "a ledger does not list items notice by notice",
    ),
    "moment": ("由审查本身判断", "the audit judges this itself"),
    "other": ("台账不记这一项", "a ledger does not record this"),
}
_NOT_ASKED_RULES: Final[Mapping[tuple[str, str], str]] = {
    ("apply", "edition_in_force"): "moment",
    ("apply", "follows_existing_case"): "other",
    ("transfer", "every_item_in_a_notice"): "items",
    ("transfer", "only_items_of_the_case"): "items",
    ("transfer", "shared_item_has_lead"): "items",
    ("reassign", "same_items_and_role"): "items",
    ("reassign", "numbers_present_and_distinct"): "items",
    ("designate_lead", "all_units_replied"): "moment",
    ("explain_refusal", "unit_in_charge"): "who",
    ("schedule", "unit_in_charge"): "who",
    ("reschedule", "unit_in_charge"): "who",
    ("reschedule", "staff_of_every_unit"): "other",
    ("report_failed_visit", "unit_in_charge"): "who",
    ("serve", "unit_in_charge"): "who",
    ("serve", "only_accepted_items"): "items",
    ("give_one_time_notice", "unit_in_charge"): "who",
    ("give_one_time_notice", "only_outstanding_items"): "items",
    ("report_outcome", "unit_in_charge"): "who",
    ("report_outcome", "item_outstanding"): "items",
    ("report_outcome", "not_yet_reported"): "items",
    ("deliver", "unit_in_charge"): "who",
    ("deliver", "visit_held"): "moment",
    ("deliver", "announced_and_undelivered"): "items",
    ("close", "unit_in_charge"): "who",
    ("file_registration_form", "unit_in_charge"): "who",
    ("file_registration_form", "visit_held"): "moment",
    ("archive", "unit_in_charge"): "who",
}

#: The commands that a ledger has fields for. No other can be judged by one, nor any rule of it.
_IN_LEDGERS: Final = {command for command, _ in (*NEEDS, *_NOT_ASKED_RULES)}
NOT_ASKED_RULES: Final[Mapping[tuple[str, str], str]] = {
    **_NOT_ASKED_RULES,
    **{
        (row.command.name, guard.rule): "other"
        for row in ROWS
        for guard in row.guards
        if row.command.name not in _IN_LEDGERS and not row.command.corrects
    },
}

COMMAND_OF_KIND: Final = {
    kind: command for command, kind in KIND_OF.items() if command is not c.Decline
}

#: The field that a limit is counted from. The procedure does not say it: of several acts that can open
#: an obligation one is the usual one, and a visit and an outcome are due at a time that the act names.
_COUNTED_FROM: Final[Mapping[Kind, str]] = {
    Kind.TRANSFER: "applied_at",
    Kind.REPLY: "transferred_at",
    Kind.LEAD: "replied_at",
    Kind.APPOINTMENT: "replied_at",
    Kind.EXPLANATION: "replied_at",
    Kind.ARRIVAL: "appointed_at",
    Kind.FORM: "arrived_at",
    Kind.NOTICE: "arrived_at",
    Kind.OUTCOME: "expected_by",
    Kind.DELIVERY: "outcome_reported_at",
    Kind.ARCHIVE: "closed_at",
}

#: Of each kind of obligation: the fields that its limit is counted from, and that meet it.
LIMITS: Final[Mapping[Kind, tuple[str, str]]] = {
    kind: (opened, TIME_OF[COMMAND_OF_KIND[kind]]) for kind, opened in _COUNTED_FROM.items()
}

JUDGED_LATE: Final = frozenset({"not_before_start", "on_appointed_day_or_later"})

#: The times that a guard compares, which must not be unreadable or merely ticked.
TIMES_JUDGED: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("reschedule", "before_appointed_start"): ("at", "appointed_at"),
    ("report_failed_visit", "not_before_start"): ("at", "appointed_at"),
    ("serve", "times_in_order"): ("arrived_at", "left_at"),
    ("serve", "on_appointed_day_or_later"): ("appointed_at", "arrived_at"),
    ("schedule", "start_in_future"): ("appointed_at",),
    ("reschedule", "start_in_future"): ("rescheduled_to",),
}
