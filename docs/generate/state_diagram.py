"""reference/state-diagram.md, and the diagram that other pages show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import onsite_workflow as ow
from onsite_workflow.clause7.procedure import COMMANDS

from .shared import NOTE, code, command_link, fence, table

MOVES_ZH = {
    "apply": "申请",
    "transfer": "转办",
    "accept": "同意",
    "decline": "不同意",
    "designate_lead": "另定主办窗口",
    "schedule": "约定",
    "report_failed_visit": "上门未果",
    "serve": "上门服务",
    "give_one_time_notice": "一次性告知",
    "close": "结案",
    "withdraw": "撤回申请",
    "archive": "归档",
}


def machine_moves() -> Iterator[tuple[str, ow.State, ow.State]]:
    """(command, from, to) of every transition of the published machine, in its order."""
    for trigger, event in ow.MACHINE.events.items():
        for source, transitions in event.transitions.items():
            for transition in transitions:
                yield trigger, ow.State(source), ow.State(str(transition.dest))


def diagram(language: str) -> str:
    """The moves that change the state, as Mermaid; labels in ``en``, ``zh`` or ``both``."""
    chinese = language == "zh"
    arrows: dict[tuple[ow.State, ow.State], list[str]] = defaultdict(list)
    for trigger, source, target in machine_moves():
        if source is not target and trigger not in arrows[source, target]:
            arrows[source, target].append(trigger)
    lines = ["stateDiagram-v2"]
    if language != "en":
        lines += [
            f'    state "{state.zh if chinese else f"{state} {state.zh}"}" as {state}'
            for state in ow.State
            if state is not ow.State.NONE
        ]
    for (source, target), triggers in arrows.items():
        start = "[*]" if source is ow.State.NONE else source
        said = "、".join(MOVES_ZH[t] for t in triggers) if chinese else ", ".join(triggers)
        lines.append(f"    {start} --> {target}: {said}")
    lines.append(f"    {ow.State.ARCHIVED} --> [*]")
    return fence("mermaid", "\n".join(lines))


def page() -> str:
    """reference/state-diagram.md."""
    kept: dict[str, list[str]] = defaultdict(list)
    for trigger, source, target in machine_moves():
        if source is target and source.value not in kept[trigger]:
            kept[trigger].append(source.value)
    allowed = {
        state: [command_link(c.name) for c in COMMANDS.values() if (state, c) in ow.MOVES]
        for state in ow.State
    }
    states = ((code(s), s.zh, ", ".join(allowed[s]) or "none") for s in ow.State)
    results = ((code(r), r.zh) for r in ow.Result)
    still = ((command_link(name), code(*found)) for name, found in kept.items() if found)
    return f"""{NOTE}
# State diagram

Drawn from the published `onsite_workflow.MACHINE`. A state is a milestone that a case has reached.
The diagram shows the moves that change the state; those that keep it stand in the last table.
[The procedure](procedure.md) has the rules of each.

{diagram("both")}
`accept` and `decline` keep the case `transferred` until the last unit has replied. Then: nobody
accepted → `declined`; the lead accepted → `accepted`; the lead declined and another unit accepted →
still `transferred`, until `designate_lead`.

## States

{table(("state", "in Chinese", "commands that it allows"), states)}
`none` is before the application: there is no case yet. Why a case ended is its `result`, null before
it is closed:

{table(("result", "in Chinese"), results)}
## Moves that keep the state

{table(("command", "in"), still)}"""
