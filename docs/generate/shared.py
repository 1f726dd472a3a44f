"""What several pages use: Markdown, links, and the table of the procedure by command."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import onsite_workflow as ow
from onsite_workflow.clauses import Becomes
from onsite_workflow.engine.rules import Guard, Row

ROOT = Path(__file__).resolve().parents[2]
NOTE = "<!-- Written by docs/generate from the code: edit that, not this. -->\n"

ROWS_OF: Mapping[str, list[Row[Any, Any]]] = defaultdict(list)
for _row in ow.ROWS:
    ROWS_OF[_row.command.name].append(_row)
COMMAND_OF_EVENT = {row.event.name: row.command.name for row in ow.ROWS}

# --- Markdown -----------------------------------------------------------------------------------


def cell(text: object) -> str:
    """One cell of a table."""
    return str(text).replace("|", "\\|").replace("\n", "<br>")


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table, with a newline at its end."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *([cell(c) for c in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def code(*words: str) -> str:
    """The words, each as code."""
    return ", ".join(f"`{word}`" for word in words)


def fence(language: str, text: str) -> str:
    """A code block."""
    return f"```{language}\n{text.rstrip()}\n```\n"


def anchor(name: str) -> str:
    """A place to link to."""
    return f'<a id="{name}"></a>'


def clause_link(number: str, page: str = "clauses.md") -> str:
    """A link to a clause."""
    return f"[{number}]({page}#{number})"


def reading_link(number: str | None) -> str:
    """A link to an interpretation, or nothing."""
    return f"[{number}](../explanation/interpretations.md#{number.lower()})" if number else ""


def command_link(name: str) -> str:
    """A link to the rules of a command."""
    return f"[`{name}`](procedure.md#{name})"


# --- the procedure ------------------------------------------------------------------------------


def all_guards(command: str) -> list[Guard[Any, Any]]:
    """The guards of all rows of a command, each once."""
    return list({guard.rule: guard for row in ROWS_OF[command] for guard in row.guards}.values())


# --- places -------------------------------------------------------------------------------------

#: Reports that this version can make: none yet.
REPORTS: Mapping[str, str] = {}


def place(kind: Becomes, where: str) -> str:
    """A link to where something stands, or what is to be said where it does not yet."""
    family, _, name = where.partition(":")
    if family == "later":
        return f"`{where}` (not in this version)"
    if family == "report":
        return REPORTS.get(name, f"`{where}` (not in this version)")
    if family == "event":
        return f"[`{where}`](procedure.md#{COMMAND_OF_EVENT[name]})"
    if where.startswith("form:"):  # ``form`` alone is the obligation
        return f"[`{where}`](forms.md#{name})"
    if kind is Becomes.OBLIGATION:
        return f"[`{where}`](obligations.md#{where})"
    return f"[`{where}`](procedure.md#{where})"
