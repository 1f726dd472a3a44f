"""Printing: for a person in their language, for a program as JSON lines."""

from __future__ import annotations

import datetime as dt
import json
import locale
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from onsite_workflow.checks import SHANGHAI
from onsite_workflow.errors import InvalidInput

if TYPE_CHECKING:
    from rich.console import Console


#: Columns whose text is not broken over several lines.
UNBROKEN: Final = ("due day", "line", "case", "clause", "due", "at", "opened")


class Say:
    """Prints for a person in ``language`` ("zh" or "en"), or for a program as JSON lines."""

    def __init__(self, language: str, *, as_json: bool) -> None:
        self.language = language
        self.as_json = as_json

    def pick(self, zh: str, en: str) -> str:
        """The one of the two texts that is in the reader's language."""
        return zh if self.language == "zh" else en

    @property
    def console(self) -> Console:
        """Where tables are printed. Raises `InvalidInput` where ``rich`` is not installed."""
        try:
            from rich.console import Console  # noqa: PLC0415
        except ImportError:
            raise InvalidInput.of(
                "rich",
                "missing",
                "显示表格需要安装onsite-workflow[cli]；也可以用--json。",
                "tables need onsite-workflow[cli]; --json works without.",
            ) from None
        # In a file or a pipe no terminal sets the width: there tables are wide.
        wide = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160
        return Console(highlight=False, width=wide)

    def line(self, value: Any) -> None:
        """Print a JSON value on one line."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")

    def text(self, zh: str, en: str) -> None:
        """Print a sentence in the reader's language."""
        sys.stdout.write(self.pick(zh, en) + "\n")

    def table(
        self,
        title: tuple[str, str],
        columns: Sequence[tuple[str, str]],
        rows: Iterable[Sequence[object]],
    ) -> None:
        """Print a table; where it has no rows, say so. Title and columns are (Chinese, English)."""
        console = self.console
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        table = Table(title=self.pick(*title), title_justify="left", header_style="bold")
        for column in columns:
            name = column[1]
            table.add_column(self.pick(*column), overflow="fold", no_wrap=name in UNBROKEN)
        empty = True
        for row in rows:
            empty = False
            table.add_row(
                *(Text(cell(value)) for value in row)
            )  # printed as it is, without markup and emoji
        if empty:
            self.text(f"{title[0]}：无", f"{title[1]}: none")
        else:
            console.print(table)


def cell(value: object) -> str:
    """A value as the cell of a table shows it; times are those of Asia/Shanghai."""
    if isinstance(value, dt.datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return "—" if value is None else str(value)


def language() -> str:
    """The language of the locale: "zh" or "en"."""
    named = next(
        (value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))),
        "",
    )
    return (
        "zh"
        if (named or locale.getlocale()[0] or "").lower().startswith(("zh", "chinese"))
        else "en"
    )
