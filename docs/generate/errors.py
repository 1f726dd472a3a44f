"""reference/errors.md."""

from __future__ import annotations

import json
from collections.abc import Mapping

import onsite_workflow as ow
from onsite_workflow import ports
from onsite_workflow.wire import answers
from onsite_workflow.wire.reading import read_line

from .shared import NOTE, code, fence, table

#: One journal line that each answer is given to, after the lines of ``BEFORE``.
DESK = '"by":{"role":"integrated_window","name":"柳文静"}'
UNIT = '"by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"}'
AT = '"at":"2026-03-02T09:00:00+08:00"'
APPLICATION = (
    '"applicant":{"name":"王秀兰","phone":"0712-2000301"},"address":"孝南区书院街道槐荫大道118号",'
    '"ground":"disabled","reason":"长期卧床。","items":[{"id":"A.5.2"}]'
)
NOTICE = '"notices":[{"number":"1号","unit":"孝南区残疾人联合会","role":"lead","items":["A.5.2"]}]'
BEFORE = (
    f'{{"command":"apply","case":"XN-1",{AT},{DESK},{APPLICATION}}}',
    f'{{"command":"transfer","case":"XN-1",{AT},{DESK},{NOTICE}}}',
    f'{{"command":"apply","case":"XN-2",{AT},{DESK},{APPLICATION}}}',
)
EXAMPLES: Mapping[type[ow.OnsiteWorkflowError], tuple[str, str]] = {
    ow.InvalidInput: (
        "Whoever wrote the input mends it. The field is named, its value is never repeated.",
        f'{{"command":"accept","case":"XN-1","at":"2026-03-02T10:00:00",{UNIT}}}',
    ),
    ow.CaseNotFound: (
        "The id is wrong, or nobody has applied yet.",
        f'{{"command":"accept","case":"XN-9",{AT},{UNIT}}}',
    ),
    ow.NotAllowed: (
        "The case is in another state; the answer says where the command is allowed.",
        f'{{"command":"archive","case":"XN-1",{AT},{DESK},"archive_number":"1","keeper":"柳文静"}}',
    ),
    ow.WrongRole: (
        "Somebody else must do it; the answer says who.",
        f'{{"command":"accept","case":"XN-1",{AT},{DESK}}}',
    ),
    ow.Refused: (
        "Rules of the standard are unmet. Every one is listed, with its clause and its remedy.",
        f'{{"command":"decline","case":"XN-1",{AT},{UNIT},"reason":"材料不全"}}',
    ),
    ow.Conflict: (
        "Somebody wrote first, a number belongs to another case, or an id was used for other content.",
        f'{{"command":"transfer","case":"XN-2",{AT},{DESK},{NOTICE}}}',
    ),
}


def answer_to(line: str) -> ow.OnsiteWorkflowError:
    """The answer that ``line`` is given after ``BEFORE``."""
    office = ow.Workflow(ow.MemoryStore())
    for earlier in (*BEFORE, line):
        try:
            entry = read_line(earlier)
            office.handle(entry.command, recorded_at=entry.command.at)
        except ow.OnsiteWorkflowError as error:
            return error
    raise AssertionError(f"was accepted: {line}")


VIOLATION = (
    ("`clause`", "the clause of the standard; null where the answer is not the standard's"),
    ("`interpretation`", "the number of the project's reading, where one stands behind the rule"),
    ("`rule`", "the rule's name, for programs; it stays where the wording changes"),
    ("`zh`, `en`", "one sentence for a person"),
    ("`facts`", "what was judged, as JSON values; people's data do not stand here"),
    ("`remedy`", "what would satisfy the rule, in both languages, or null"),
)


def answer_part(error: type[ow.OnsiteWorkflowError]) -> str:
    """One answer's part of reference/errors.md."""
    who, line = EXAMPLES[error]
    given = answer_to(line)
    if type(given) is not error:
        raise AssertionError(f"{line} is answered {given.answer}")
    shown = json.dumps(answers.refusal_to_wire(given), ensure_ascii=False, indent=2)
    return f"""
## {error.answer}

{who}

{fence("json", line)}
{fence("json", shown)}"""


def page() -> str:
    """reference/errors.md."""
    order = (
        (n, f"[`{e.answer}`](#{e.answer})", code(e.__name__), explained(e))
        for n, e in enumerate(EXAMPLES, start=1)
    )
    conflicts = (
        (code(v.rule), v.zh, v.en)
        for v in (
            ports.stale("XN-1", 2, 3).violations[0],
            ports.key_taken("notice:1号").violations[0],
            ports.other_content("id-1").violations[0],
        )
    )
    operators = (
        (code(e.__name__), e.answer_zh, " ".join((e.__doc__ or "").split()).replace("``", "`"))
        for e in (ow.StoreUnavailable, ow.NotSupported, ow.CorruptRecord)
    )
    return f"""{NOTE}
# The six answers

A command is accepted, or it gets one of six answers and changes nothing. Each is an exception of
`onsite_workflow`; they share the base `OnsiteWorkflowError`. Where several apply, the first of this
list is given.

{table(("", "answer", "exception", "meaning"), order)}
`exception.answer` is the word of the wire form; `exception.violations` is never empty. A violation
has

{table(("field", "holds"), VIOLATION)}
The examples below are real. They follow a journal in which case XN-1 was applied for and handed to
one unit under notice 1号, and case XN-2 was applied for. `answers.refusal_to_wire` makes the JSON.
{"".join(answer_part(error) for error in EXAMPLES)}
The three conflicts that a store gives:

{table(("rule", "in Chinese", "in English"), conflicts)}
## No answers: what an operator must look at

They have the same shape, and no command is at fault.

{table(("exception", "in Chinese", "meaning"), operators)}"""


def explained(error: type[ow.OnsiteWorkflowError]) -> str:
    """The docstring without the answer's word that opens it."""
    return " ".join((error.__doc__ or "").partition(": ")[2].split())
