"""reference/forms.md."""

from __future__ import annotations

from onsite_workflow.clause7.forms import ANNEX_B, ANNEX_C

from .shared import NOTE, anchor, code, table


def page() -> str:
    """reference/forms.md."""
    head = ("field", "part", "as printed", "in English")
    form = ((f"{anchor(f.name)}`{f.name}`", f.group, f.zh, f.en) for f in ANNEX_B)
    notice = ((code(f.name), f.group, f.zh, f.en) for f in ANNEX_C)
    return f"""{NOTE}
# The printed forms as data

`Workflow.registration_form(case)` and `Workflow.transfer_notices(case)` fill them from a case, the
directory of units and the issuer; at the command line `onsite-workflow forms`. A field has a value,
is blank with the reason why, or is said to be missing: none is left out. Laying them out on paper is
left to the embedding system.

## Table B.1: registration form (服务登记表)

{table(head, form)}
These names are the ones that `blank` of [`file_registration_form`](commands.md#file_registration_form)
may use. The three `assisting_…` fields are blank by themselves where no assisting unit visited. A
telephone is that of the staff named in the appointment, else the directory's.

## Table C.1: transfer notice (转办通知书)

{table(head, notice)}
The notice and its counterfoil (存根) carry the same fields.
"""
