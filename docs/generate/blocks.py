"""The parts of a page that are generated, each between

    <!-- generated: WHAT -->
    ...
    <!-- /generated -->

where WHAT is one of

- ``diagram en`` (or ``zh``, ``both``): the state diagram,
- ``rooms all``: the modules in the order of their imports,
- ``docstring MODULE``: what that module says of itself,
- ``file PATH``: that file of the repository,
- ``output PATH``: what that Python file prints,
- ``run onsite-workflow ...``: that command and what it prints. The blocks of one page run in their
  order in one empty folder, which has ``docs`` and ``examples`` in it.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import io
import os
import re
import runpy
import shlex
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from unittest import mock

from onsite_workflow.cli import main as command_line

from .shared import ROOT, code, fence, table
from .state_diagram import diagram

COLUMNS = "96"


@contextlib.contextmanager
def plain_terminal() -> Iterator[io.StringIO]:
    """Standard output as a file of fixed width, whatever terminal this runs on."""
    loud = ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "JUPYTER_COLUMNS")
    quiet = {name: value for name, value in os.environ.items() if name not in loud}
    out = io.StringIO()
    with (
        mock.patch.dict(os.environ, {**quiet, "COLUMNS": COLUMNS}, clear=True),
        contextlib.redirect_stdout(out),
    ):
        yield out


def run_command(line: str) -> str:
    """The command and what it prints."""
    program, *arguments = shlex.split(line)
    if program != "onsite-workflow":
        raise ValueError(f"not a command of this project: {line}")
    with plain_terminal() as out:
        command_line(arguments)
    printed = "\n".join(text.rstrip() for text in out.getvalue().splitlines())
    return fence("console", f"$ {line}\n{printed}")


def run_file(path: str) -> str:
    """What a Python file prints."""
    with plain_terminal() as out:
        runpy.run_path(str(ROOT / path))
    return fence("text", out.getvalue())


def show_file(path: str) -> str:
    """A file of the repository."""
    language = {".py": "python", ".jsonl": "json"}.get(Path(path).suffix, "text")
    return fence(language, (ROOT / path).read_text(encoding="utf-8"))


def rooms(layer: str) -> str:
    """The modules of the package from the top layer down, each with what lives there."""
    del layer
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = next(c for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == "layers")

    def says(module: str) -> str:
        file = ROOT / "src" / "onsite_workflow" / f"{module}.py"
        if not file.exists():
            file = file.with_suffix("") / "__init__.py"
        if not file.exists():
            return ""
        doc = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        return " ".join(doc.split("\n\n")[0].split())

    split = ([name.strip() for name in names.split("|")] for names in layers["layers"])
    present = [modules for modules in split if all(says(module) for module in modules)]
    return table(
        ("layer", "room", "what lives there"),
        (
            (number if module == modules[0] else "", code(module), says(module))
            for number, modules in enumerate(present, start=1)
            for module in modules
        ),
    )


def docstring(module: str) -> str:
    """What a module says of itself."""
    return f"{(importlib.import_module(module).__doc__ or '').strip()}\n".replace("``", "`")


BLOCKS: Mapping[str, Callable[[str], str]] = {
    "diagram": diagram,
    "rooms": rooms,
    "docstring": docstring,
    "file": show_file,
    "output": run_file,
    "run": run_command,
}
BLOCK = re.compile(
    r"(<!-- generated: (?P<kind>\w+) (?P<what>.+?) -->\n)(?:.*?\n)??(<!-- /generated -->)",
    re.DOTALL,
)


@contextlib.contextmanager
def empty_folder() -> Iterator[None]:
    """A folder of its own, in which ``docs`` and ``examples`` can be read."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("docs", "examples"):
            (Path(folder) / name).symlink_to(ROOT / name, target_is_directory=True)
        with contextlib.chdir(folder):
            yield


def with_blocks(text: str) -> str:
    """A page with its blocks generated anew."""

    def block(found: re.Match[str]) -> str:
        made = BLOCKS[found["kind"]](found["what"])
        return f"{found.group(1)}{made}{found.group(4)}"

    with empty_folder():
        return BLOCK.sub(block, text)
