"""Rules of the house that a reader can check with grep, checked so that nobody has to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "onsite_workflow"
FILES = sorted(SOURCE.rglob("*.py"))


def containing(pattern: str) -> set[str]:
    return {
        str(path.relative_to(SOURCE))
        for path in FILES
        if re.search(pattern, path.read_text(encoding="utf-8"))
    }


def test_the_clock_stands_in_the_service_alone() -> None:
    assert containing(r"\.now\(SHANGHAI\)|datetime\.now\(|\.today\(|time\.time\(") == {"service.py"}


def test_nothing_is_pickled() -> None:
    assert containing(r"\bpickle\b") == set()


def test_a_rule_about_movement_stands_in_the_procedure_alone() -> None:
    assert containing(r"@guard\(") == {"clause7/procedure.py"}
    assert containing(r"\bRow\(\n") == {"clause7/procedure.py"}


def test_the_engine_cites_no_clause() -> None:
    cited = containing(r"[\"\' （(][3-9]\.[0-9]\b|I-[0-9]+")
    assert not {path for path in cited if path.startswith("engine/")}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_every_module_says_what_lives_there(path: Path) -> None:
    assert re.match(r'r?"""\S', path.read_text(encoding="utf-8"))
