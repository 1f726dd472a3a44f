"""What can be generated of the documentation: ``python docs/generate`` writes it.

One module makes one page of ``docs/reference/``; ``shared`` has what several use. In the other pages and
in both READMEs the ``blocks`` between two comments are generated.

``tests/test_docs.py`` compares everything with what stands in the repository.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping

from . import (
    clauses,
    commands,
    errors,
    forms,
    invariants,
    ledger_fields,
    obligations,
    procedure,
    state_diagram,
    tracing,
)
from .blocks import with_blocks
from .schemas import schemas
from .shared import ROOT

SCHEMAS = "src/onsite_workflow/conformance/schemas"

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reference/procedure.md": procedure.page,
    "docs/reference/commands.md": commands.page,
    "docs/reference/clauses.md": clauses.page,
    "docs/reference/traceability.md": tracing.page,
    "docs/reference/state-diagram.md": state_diagram.page,
    "docs/reference/obligations.md": obligations.page,
    "docs/reference/forms.md": forms.page,
    "docs/reference/invariants.md": invariants.page,
    "docs/reference/errors.md": errors.page,
    "docs/reference/ledger-fields.md": ledger_fields.page,
}


def markdown() -> list[str]:
    """Every Markdown page of the documentation, by its path from the root of the repository."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")]
    return sorted(page.relative_to(ROOT).as_posix() for page in pages)


def generated() -> dict[str, str]:
    """The text of every page that is generated, whole or in part, and of every schema."""
    made = {path: page() for path, page in PAGES.items()}
    for name, schema in schemas().items():
        made[f"{SCHEMAS}/{name}.json"] = json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
    for path in markdown():
        if path not in made:
            text = (ROOT / path).read_text(encoding="utf-8")
            if "<!-- generated: " in text:
                made[path] = with_blocks(text)
    return made


def main() -> None:
    """Write what has changed."""
    for path, text in generated().items():
        target = ROOT / path
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path}\n")
