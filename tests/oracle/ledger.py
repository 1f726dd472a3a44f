"""Several cases side by side: what only a store can say (repeated lines, claimed numbers).

Enough of a store to play a journal without the library: lists and dictionaries.
"""

from __future__ import annotations

import json
from typing import Any

from attrs import field, frozen

from onsite_workflow.calendar import WorkingCalendar
from onsite_workflow.clause7.commands import Archive, Command, Reassign, Transfer
from onsite_workflow.directory import Directory
from onsite_workflow.errors import InvalidInput
from onsite_workflow.regulation import Regulation

from .facts import Fact, as_it_stands
from .verdict import Verdict, judge
from .wire import read_line


@frozen
class Answer:
    """What a line is answered with. ``version`` counts the case's entries."""

    verdict: Verdict
    version: int = 0
    repeated: bool = False


@frozen
class Ledger:
    """The cases, the lines accepted (by id, else by content), and who holds which number."""

    regulation: Regulation
    calendar: WorkingCalendar
    directory: Directory | None = None
    cases: dict[str, list[Fact]] = field(factory=dict)
    accepted: dict[str, tuple[str, Answer]] = field(factory=dict)
    held: dict[tuple[str, str], str] = field(factory=dict)

    def enter(self, text: str) -> Answer:
        """Answers one line, and keeps it where it is allowed."""
        try:
            command, recorded_at = read_line(text)
        except InvalidInput:
            return Answer(Verdict(answer="invalid"))
        content = json.dumps(json.loads(text), sort_keys=True)
        key = command.id or content
        before = self.accepted.get(key)
        if before is not None and before[0] == content:
            return Answer(before[1].verdict, before[1].version, repeated=True)
        history = self.cases.get(command.case, [])
        verdict = judge(
            history,
            command,
            recorded_at=recorded_at,
            regulation=self.regulation,
            calendar=self.calendar,
            directory=self.directory,
            existing_cases=self.cases,
        )
        if not verdict.allowed:
            return Answer(verdict)
        after = [*history, Fact(command, recorded_at)]
        claims = self.claims(after)
        taken = any(self.held.get(claim, command.case) != command.case for claim in claims)
        if before is not None or taken:
            return Answer(Verdict(answer="conflict"))
        self.cases[command.case] = after
        self.held.update(dict.fromkeys(claims, command.case))
        answer = Answer(verdict, len(after))
        self.accepted[key] = (content, answer)
        return answer

    def claims(self, history: list[Fact]) -> set[tuple[str, str]]:
        """附录 C 编号, 一案一档: the numbers that these entries take, as they stand."""
        entries = as_it_stands(history, self.regulation.catalogue)
        return {claim for entry in entries for claim in numbers(entry.said)}


def numbers(command: Command | Any) -> list[tuple[str, str]]:
    """The notice numbers or the archive number in a command."""
    match command:
        case Transfer():
            return [("notice", notice.number or "") for notice in command.notices]
        case Reassign(notice=notice) if notice is not None:
            return [("notice", notice.number or "")]
        case Archive():
            return [("archive", command.archive_number or "")]
        case _:
            return []
