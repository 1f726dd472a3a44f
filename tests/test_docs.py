"""The documentation says what the code does: generated pages are current, links and citations lead
somewhere. That what is shown also runs is in test_shown.py."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import attrs
import pytest

import generate
import onsite_workflow as ow
from onsite_workflow.clause7.forms import ANNEX_B
from onsite_workflow.clause7.procedure import CASE, EVENTS, EVERY_MOVE
from onsite_workflow.clauses import SENTENCES, Becomes

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "onsite_workflow"
INTERPRETATIONS = ROOT / "docs" / "explanation" / "interpretations.md"
PAGES = generate.markdown()


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


# --- generated ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def generated() -> dict[str, str]:
    return generate.generated()


@pytest.mark.parametrize(
    "page", [page for page in PAGES if re.search("generated: |Written by docs/gen", read(page))]
)
def test_a_generated_page_is_current(page: str, generated: dict[str, str]) -> None:
    assert read(page) == generated[page], "run: python docs/generate"


def test_no_page_is_forgotten_by_the_generator() -> None:
    assert set(generate.PAGES) <= set(PAGES)


# --- links and citations ------------------------------------------------------------------------


def slug(heading: str) -> str:
    """The anchor that a heading gets: lower case, no punctuation, hyphens for spaces."""
    plain = re.sub(r"<[^>]*>", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {slug(heading) for heading in headings} | set(re.findall(r'<a id="([^"]+)">', text))


def links(page: str) -> Iterator[str]:
    """The targets of a page's relative links; those in code blocks are none."""
    text = re.sub(r"^```.*?^```$", "", read(page), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            yield target


@pytest.mark.parametrize("page", PAGES)
def test_every_relative_link_leads_somewhere(page: str) -> None:
    broken: list[str] = []
    for target in links(page):
        path, _, fragment = unquote(target).partition("#")
        found = (ROOT / page).parent / path if path else ROOT / page
        if not found.exists() or (
            "#" in target
            and found.suffix == ".md"
            and fragment not in anchors(found.read_text(encoding="utf-8"))
        ):
            broken.append(target)
    assert broken == []


def test_every_page_of_the_documentation_is_in_its_index() -> None:
    index = {target.partition("#")[0] for target in links("docs/README.md")}
    pages = {page.removeprefix("docs/") for page in PAGES if page.startswith("docs/")}
    assert pages - {"README.md"} <= index


GUARDS = {
    **{f"{row.command.name}.{g.rule}": g for row in ow.ROWS for g in row.guards},
    **{f"*.{g.rule}": g for g in EVERY_MOVE},
}


@pytest.mark.parametrize("row", ow.ROWS, ids=lambda row: f"{row.command.name}-{row.target}")
def test_every_move_and_each_of_its_rules_cites_a_clause(row: Any) -> None:
    cited = {row.clause} | {guard.clause for guard in (*row.guards, *EVERY_MOVE)}
    assert cited <= set(ow.CLAUSES)


def test_every_obligation_cites_a_clause() -> None:
    assert set(CASE.clause_of) == set(ow.Kind)
    assert set(CASE.clause_of.values()) <= set(ow.CLAUSES)


PLACES: dict[Becomes, set[str]] = {
    Becomes.GUARD: set(GUARDS),
    Becomes.OBLIGATION: {kind.value for kind in ow.Kind},
    Becomes.RECORD: {f"event:{name}" for name in EVENTS} | {f"form:{f.name}" for f in ANNEX_B},
    Becomes.REPORT: {"report:performance", "report:registration_forms", "report:training_needs"},
}
PLACES[Becomes.HUMAN] = PLACES[Becomes.RECORD]
LATER = {"later:complaint", "later:request"}


@pytest.mark.parametrize(
    ("kind", "where"),
    sorted({(r.kind, where) for s in SENTENCES for r in s.becomes for where in r.where}, key=str),
)
def test_what_a_sentence_becomes_is_there(kind: Becomes, where: str) -> None:
    assert where in PLACES[kind] | LATER


# --- interpretations ----------------------------------------------------------------------------


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\bI-[0-9]+\b", text))


def test_every_interpretation_used_in_the_code_is_explained_and_no_other() -> None:
    files = (*SOURCE.rglob("*.py"), SOURCE / "data" / "clauses.toml")
    used = {n for file in files for n in numbers(file.read_text(encoding="utf-8"))}
    explained = re.findall(r"^### (I-[0-9]+)$", read_interpretations(), re.MULTILINE)
    assert len(explained) == len(set(explained))
    assert set(explained) == used


def read_interpretations() -> str:
    return INTERPRETATIONS.read_text(encoding="utf-8")


def in_code() -> list[str]:
    """Everything that the page says stands in the code."""
    lines = re.findall(
        r"^\*\*In code\*\*: (.+?)(?:\n\n|\Z)", read_interpretations(), re.MULTILINE | re.DOTALL
    )
    return sorted({name for line in lines for name in re.findall(r"`([^`]+)`", line)})


def stands(name: str) -> bool:
    """Whether ``name`` is a rule, an obligation, or ``module.name`` (``.attribute``)."""
    if name in GUARDS or name in CASE.clause_of:
        return True
    module, _, rest = name.partition(".")
    if not rest or importlib.util.find_spec(f"onsite_workflow.{module}") is None:
        return False
    found: Any = importlib.import_module(f"onsite_workflow.{module}")
    for part in rest.split("."):
        fields = {f.name for f in attrs.fields(found)} if attrs.has(found) else set[str]()
        if part in fields:
            return True
        if not hasattr(found, part):
            return False
        found = getattr(found, part)
    return True


@pytest.mark.parametrize("name", in_code() if INTERPRETATIONS.exists() else [])
def test_what_an_interpretation_names_in_the_code_stands_there(name: str) -> None:
    assert stands(name)


def test_every_interpretation_says_where_it_stands_in_the_code() -> None:
    sections = re.split(r"^##+ ", read_interpretations(), flags=re.MULTILINE)
    silent = [
        section.partition("\n")[0]
        for section in sections
        if re.match(r"[IR]-[0-9]+\n", section) and "**In code**: " not in section
    ]
    assert silent == []
