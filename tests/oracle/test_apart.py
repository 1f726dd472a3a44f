"""The oracle is a second reading: it knows the library's values, and nothing that decides."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ORACLE = sorted(path for path in HERE.glob("*.py") if not path.name.startswith("test_"))

VALUES = {
    "onsite_workflow.calendar",
    "onsite_workflow.catalogue",
    "onsite_workflow.checks",
    "onsite_workflow.clause7",  # of which the commands alone: their module is named
    "onsite_workflow.clause7.commands",
    "onsite_workflow.clause7.regulation",
    "onsite_workflow.directory",
    "onsite_workflow.errors",
    "onsite_workflow.regulation",
    "onsite_workflow.terms",
}
OWN = {"facts", "ledger", "limits", "rules", "verdict", "wire"}
# A calendar says which days are worked, and which of them nobody has settled; who counts by it, or
# asks an edition whether it is in force, does not find out for himself.
COUNTS = {
    *("add_working_days", "next_working_day_on_or_after", "count_working_days", "count_range"),
    *("explain", "in_force_on"),
}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def forbidden(source: str) -> set[str]:
    """What a module imports, or asks, that an oracle must find out for itself."""
    tree = ast.parse(source)
    ours = {name for name in imported(tree) if name.startswith("onsite_workflow")} - VALUES
    near = {name for name in imported(tree) if name.startswith(".")} - {f".{own}" for own in OWN}
    asked = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)} & COUNTS
    doors = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in ("__import__", "importlib", "eval", "exec")
    }
    return ours | near | asked | doors


@pytest.mark.parametrize("path", ORACLE, ids=lambda path: path.name)
def test_the_oracle_takes_values_from_the_library_and_nothing_else(path: Path) -> None:
    assert forbidden(path.read_text(encoding="utf-8")) == set()


def test_nothing_of_the_oracle_is_overlooked() -> None:
    assert {path.stem for path in ORACLE} == OWN | {"__init__"}


@pytest.mark.parametrize(
    "source",
    [
        "from onsite_workflow import decide",
        "import onsite_workflow.clause7.procedure",
        "from onsite_workflow.clause7.case import Case",
        "from onsite_workflow.clause7.forms import registration_form",
        "from . import test_oracle",
        "from ..core import build",
        "def due(calendar): return calendar.add_working_days(0, 1)",
        "procedure = __import__('onsite_workflow.clause7.procedure')",
    ],
)
def test_whatever_decides_would_be_seen(source: str) -> None:
    assert forbidden(source) != set()
