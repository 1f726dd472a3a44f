"""What is shown is run: the blocks of every page, the commands in its text, and the counts it gives.

The blocks of one page run in their order in one empty folder, in which ``docs`` and ``examples`` can be
read. By their language:

- ``python``, ``pycon``: in this process, with the names of the blocks above; what follows ``>>>``
  prints what the page says;
- ``sh``: each line is a command and must succeed;
- ``console``: what follows ``$`` is a command; it must succeed and print what stands below it, where
  ``...`` stands for anything;
- any language with the name of a file after it (```` ```toml notice.toml ````): that file is written.

A command that can't be run here stands in `NOT_RUN` with the reason, and at least what it names must
exist: extras, files, subcommands, options. A block in another language is shown and not run, and
stands in `ONLY_SHOWN`. So no page and no block is left out by accident.
"""

from __future__ import annotations

import ast
import csv
import doctest
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

import onsite_workflow as ow
from onsite_workflow import ports, procedures
from onsite_workflow.clause7.procedure import COMMANDS
from onsite_workflow.cli import main as onsite_workflow
from onsite_workflow.testing import INVARIANTS
from onsite_workflow.testing.__main__ import main as kit
from onsite_workflow.wire.reading import read_line

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md"))
)
SET_UP = [
    'python3 -m venv .venv && .venv/bin/pip install -q ".[cli]" && .venv/bin/onsite-workflow demo',
    (
        'python3 -m venv .venv-test && .venv-test/bin/pip install -q ".[test]" && '
        ".venv-test/bin/python -m pytest"
    ),
]

MINUTES = "takes minutes"
SERVER = "needs the reader's PostgreSQL server"
NOT_RUN = {
    ".venv-test/bin/python -m pytest": "is this",
    "bash .ci/run": "runs this",
    "nice .venv-test/bin/python tests/mutation.py engine.deciding": MINUTES,
    ".venv-test/bin/python tests/mutation.py --report": "needs a run before it",
    ".venv-test/bin/python tests/mutation.py --constants regulation terms": MINUTES,
    "python tests/fuzz/longer.py journal-line/structure": MINUTES,
    "python tests/fuzz/longer.py notice-toml -max_total_time=3600": MINUTES,
    "python tests/calendar/backtest.py --terms 1 3 5 10 15 20 30": (
        "tests/calendar/test_calendar_interval.py compares what it prints with the page"
    ),
    "onsite-workflow conformance": "tests/acceptance plays every case of the pack",
    "python benchmarks/against.py HEAD~1": MINUTES,
    "python benchmarks/faults.py sqlite": MINUTES,
    "python benchmarks/faults.py postgres": MINUTES,
    "python -m onsite_workflow.testing mystore:open_store": "tests/stores/test_kit.py runs the kit",
    "python -m onsite_workflow.testing mystore:open_store --transaction mystore:transaction": (
        "tests/stores/test_kit.py runs the kit"
    ),
    "onsite-workflow store init postgresql://owner@db.example/onsite": SERVER,
    "onsite-workflow store init --restored postgresql://owner@db.example/onsite": SERVER,
    "onsite-workflow run --store postgresql://writer@db.example/onsite journal.jsonl": SERVER,
}
#: (page, language) of the blocks that are read and not run.
ONLY_SHOWN = {
    ("docs/how-to/run-postgres.md", "py"): SERVER,
    ("docs/how-to/run-postgres.md", "sql"): "tests/stores/test_postgres_feed.py asks it",
    (
        "docs/how-to/write-a-store.md",
        "text",
    ): "the report on a broken store; test_kit.py holds its form",
    ("docs/reference/conformance.md", "text"): "the calls of somebody else's program",
}
#: What the generator compares with the code already; see tests/test_docs.py.
GENERATED = re.compile(
    "<!-- Written by docs/generate.*|<!-- generated: .*?<!-- /generated -->", re.DOTALL
)


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@frozen
class Block:
    """One code block: its first line's number, its language, the file it is to be written to."""

    line: int
    language: str
    file: str
    text: str


def blocks(page: str) -> list[Block]:
    """The code blocks of a page, without those that the generator compares."""
    text = GENERATED.sub(lambda found: "\n" * found[0].count("\n"), read(page))
    return [
        Block(text.count("\n", 0, found.start(3)) + 1, found[1], found[2], found[3])
        for found in re.finditer(r"^```(\w*) ?(\S*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    ]


def shown(block: Block) -> Iterator[tuple[str, str | None]]:
    """(command, what it prints) of a ``console`` block; of ``sh`` nothing is said of the output."""
    if block.language == "sh":
        for line in block.text.replace("\\\n", "").splitlines():
            if line.strip():
                yield line, None
        return
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, printed = part.partition("\n")
        yield command, printed


def steps(line: str) -> list[str]:
    """The commands that ``&&`` joins, without a comment behind them."""
    return [part.strip() for part in re.sub(r"\s# .*", "", line).split("&&")]


def is_install(command: str) -> bool:
    """An environment is made or filled: that needs the network, and `.ci/run` does it."""
    return bool(re.match(r"(\S*/)?(python3 -m venv|pip install) ", command))


# --- what is run --------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty but for ``docs`` and ``examples``; commands are found in environments named as ours."""
    home = tmp_path / "page"
    home.mkdir()
    for name in ("docs", "examples"):
        (home / name).symlink_to(ROOT / name, target_is_directory=True)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, module in (("onsite-workflow", "-m onsite_workflow.cli"), ("python", "")):
        script = programs / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    for name in (".venv", ".venv-test"):
        (home / name).mkdir()
        (home / name / "bin").symlink_to(programs, target_is_directory=True)
    for name in (
        "FORCE_COLOR",
        "NO_COLOR",
        "TTY_COMPATIBLE",
        "TTY_INTERACTIVE",
        "LANG",
        "LANGUAGE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setenv("COLUMNS", "96")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("ONSITE_WORKFLOW_NOTICES", str(tmp_path / "notices"))
    monkeypatch.setattr(procedures, "_loaded", {})  # what a page registers is forgotten after it
    monkeypatch.chdir(home)
    return home


def run_python(page: str, block: Block, names: dict[str, object]) -> None:
    if ">>>" not in block.text:
        exec(compile("\n" * (block.line - 1) + block.text, page, "exec", dont_inherit=True), names)
        return
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    example = doctest.DocTestParser().get_doctest(block.text, {}, page, page, block.line - 1)
    example.globs = names
    runner.run(example, clear_globs=False)
    assert runner.summarize(verbose=False).failed == 0


def run_command(command: str, printed: str | None) -> None:
    done = subprocess.run(
        ["bash", "-c", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    if printed is not None:
        got = "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())
        same = doctest.OutputChecker().check_output(printed, got, doctest.ELLIPSIS)
        assert same, f"{command}\n{got}"


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)])
def test_the_blocks_of_a_page_run(page: str, folder: Path) -> None:
    names: dict[str, object] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.file:
            (folder / block.file).write_text(block.text, encoding="utf-8")
        elif block.language in ("python", "pycon"):
            run_python(page, block, names)
        elif block.language in ("sh", "console"):
            for line, printed in shown(block):
                for command in steps(line) if printed is None else [line]:
                    if not is_install(command) and command not in NOT_RUN:
                        run_command(command, printed)
        else:
            assert (page, block.language) in ONLY_SHOWN, f"line {block.line}: nobody runs this"
            if block.language == "py":
                compile(block.text, page, "exec")


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_first_two_shell_lines_are_all_the_set_up(page: str) -> None:
    lines = [line for block in blocks(page) if block.language == "sh" for line, _ in shown(block)]
    assert lines[:2] == SET_UP


# --- what can't be run --------------------------------------------------------------------------


def in_text(page: str) -> Iterator[str]:
    """The commands that stand in the sentences of a page, outside its blocks."""
    text = re.sub(r"^```.*?^```$", "", read(page), flags=re.DOTALL | re.MULTILINE)
    for found in re.findall(r"(?<!`)`([^`]+)`(?!`)", text):
        words = " ".join(found.split())
        if re.match(r"(\S*/)?(onsite-workflow|python3?|pip|nox|bash) ", words):
            yield words


def in_blocks(page: str) -> Iterator[str]:
    """The commands of a page's blocks that are not run."""
    for block in blocks(page):
        if block.language in ("sh", "console"):
            for line, _ in shown(block):
                for command in steps(line):
                    if is_install(command) or command in NOT_RUN:
                        yield command


def help_of(main: Callable[[Sequence[str]], int], arguments: list[str]) -> str | None:
    """What ``--help`` says there; None where there is no such subcommand."""
    try:
        status = main([*arguments, "--help"])
    except SystemExit as stop:
        status = int(stop.code or 0)
    return None if status else "help"


def missing(command: str, said: Callable[[], str]) -> list[str]:
    """What a command names that does not exist; ``said`` gives what was printed since the last call."""
    program, *words = shlex.split(re.sub(r"^nice ", "", command))
    name = Path(program).name
    options = [word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)]
    if name.startswith("python") and words[:1] == ["-m"]:
        name, words = words[1], words[2:]
    if name == "venv":
        return []
    if name == "pip":
        project = tomllib.loads(read("pyproject.toml"))["project"]
        extras = {e for found in re.findall(r"\[(.+?)\]", command) for e in found.split(",")}
        return sorted(extras - set(project["optional-dependencies"]))
    if name == "nox":
        return [] if f"def {words[words.index('-s') + 1]}(" in read("noxfile.py") else words
    if name in ("onsite-workflow", "onsite_workflow.testing"):
        main = onsite_workflow if name == "onsite-workflow" else kit
        if help_of(main, words) is None:
            return [command]
        text = said()
        return [o for o in options if not re.search(rf"(?<![\w-]){re.escape(o)}(?![\w-])", text)]
    # A script or a folder of the repository; an option of a script stands in its text.
    paths = [word for word in words if "/" in word and not word.startswith("-")][:1]
    gone = [path for path in paths if not (ROOT / path.partition("::")[0]).exists()]
    if gone or name == "pytest" or not paths or not paths[0].endswith(".py"):
        return gone
    return [option for option in options if f'"{option}"' not in read(paths[0])]


@pytest.mark.parametrize("page", PAGES)
def test_what_a_command_that_is_not_run_names_is_there(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = [*in_text(page), *in_blocks(page)]
    gone = {
        command: lacks
        for command in commands
        if (lacks := missing(command, lambda: capsys.readouterr().out))
    }
    assert gone == {}


def test_what_is_said_not_to_be_run_is_on_some_page() -> None:
    listed = [command for page in PAGES for command in in_blocks(page)]
    assert set(NOT_RUN) <= set(listed)
    languages = {(page, b.language) for page in PAGES for b in blocks(page) if not b.file}
    assert set(ONLY_SHOWN) <= languages


@pytest.mark.parametrize("page", PAGES)
def test_no_block_is_indented_where_nobody_would_run_it(page: str) -> None:
    command = "onsite-workflow|python3?|pip|nox|bash"
    assert re.findall(rf"^(?: +```|(?: {{4}}|\t)(?:{command}) ).*", read(page), re.MULTILINE) == []


# --- figures ------------------------------------------------------------------------------------


Lines = Sequence[Mapping[str, Any]]


def journal() -> Lines:
    """The lines of the example journal, each with what it was answered (``answer``, ``unmet``)."""
    text = read("examples/xiaonan-2025-2026.jsonl").splitlines()
    with (ROOT / "examples" / "units.csv").open(encoding="utf-8") as file:
        units = [ow.Unit(**row) for row in csv.DictReader(file)]
    office = ow.Workflow(ow.MemoryStore(), directory=ow.Directory(units))
    lines: list[dict[str, Any]] = []
    for line in text:
        told = {**json.loads(line), "answer": "accepted", "unmet": []}
        try:
            entry = read_line(line)
            at = entry.recorded_at or entry.command.at
            if office.handle(entry.command, recorded_at=at).repeated:
                told["answer"] = "repeated"
        except ow.OnsiteWorkflowError as error:
            told |= {"answer": error.answer, "unmet": [v.rule for v in error.violations]}
        lines.append(told)
    return lines


@pytest.fixture(scope="module")
def lines() -> Lines:
    return journal()


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    section = read(page).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


#: Numbers as the pages write them.
WORDS = {"five": 5, "ten": 10, "eleven": 11, "twelve": 12, "seventeen": 17, "twenty": 20}
WORDS |= {"五": 5, "十一": 11}
NUMBER = rf"([0-9][0-9,]*|{'|'.join(sorted(WORDS, key=len, reverse=True))})"


def pack() -> int:
    """How many cases the conformance pack has."""
    files = (ROOT / "src/onsite_workflow/conformance/cases").glob("*.json")
    return sum(len(json.loads(file.read_text(encoding="utf-8"))["cases"]) for file in files)


def answered(lines: Lines, *answers: str) -> int:
    return sum(line["answer"] in answers for line in lines)


def of_the_standard(lines: Lines) -> Mapping[str, int]:
    """What is counted on the pages (N is the number), and what the code gives."""
    names = Counter(item.name for item in ow.annex_a())
    accepted = answered(lines, "accepted")
    cases = len({line["case"] for line in lines if line["answer"] == "accepted"})
    return {
        "N states, ": len(ow.State),
        "N commands(?! of)": len(COMMANDS),
        "N kinds of (?:domain )?obligations": len(ow.Kind),
        "N种应办之事": len(ow.Kind),
        "N numbered promises": len(re.findall(r"^[0-9]+\. \*", ports.__doc__ or "", re.MULTILINE)),
        "N items; Annexes": len(ow.annex_a()),
        "附录 A 有N个名称印了两次": sum(count == 2 for count in names.values()),
        "N named invariants": len(INVARIANTS),
        "conformance pack: N cases": pack(),
        "pack of N cases": pack(),
        "N 个案例和预期答复": pack(),
        "## The N\n": len(
            re.findall(r"^### I-", read("docs/explanation/interpretations.md"), re.MULTILINE)
        ),
        "N commands of [0-9]+ cases": len(lines),
        "N cases, one a line": cases,
        "journal of N invented cases": cases,
        "N lines are mistakes": len(lines) - accepted - answered(lines, "repeated"),
    }


def test_the_counts_on_the_pages_are_what_the_code_gives(lines: Lines) -> None:
    text = "\n".join(re.sub(r"(?<!\n)\n(?![\n#|])", " ", read(page)) for page in PAGES)
    for pattern, count in of_the_standard(lines).items():
        said = re.findall(pattern.replace("N", NUMBER, 1), text, re.IGNORECASE)
        numbers = {WORDS.get(n.lower()) or int(n.replace(",", "")) for n in said}
        assert numbers == {count}, pattern


def test_the_lines_that_the_example_says_are_refused_are_those_that_are(lines: Lines) -> None:
    # A rule is named where rules of the standard decide: the other answers have their own cause.
    assert [row[:4] for row in rows("examples/README.md", "What is refused")] == [
        [
            line["case"],
            f"`{line['command']}`",
            f"`{line['answer']}`",
            ", ".join(f"`{rule}`" for rule in line["unmet"])
            if line["answer"] == "refused"
            else "–",
        ]
        for line in lines
        if line["answer"] not in ("accepted", "repeated")
    ]


def test_the_cases_that_the_example_says_it_shows_are_those_it_has(lines: Lines) -> None:
    said = [row[0] for row in rows("examples/README.md", "What each case shows")]
    assert said == sorted({line["case"] for line in lines if line["answer"] == "accepted"})


# --- benchmarks ---------------------------------------------------------------------------------


def required(*extras: str) -> set[str]:
    """The packages that the project asks for, with these extras and those that they name."""
    project = tomllib.loads(read("pyproject.toml"))["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    named = {re.match(r"[\w-]+", want)[0]: want for want in wanted}  # type: ignore[index]
    if own := named.pop("onsite-workflow", None):
        return set(named) | required(*re.findall(r"[\w-]+", own.partition("[")[2]))
    return set(named)


@pytest.mark.parametrize("script", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda p: p.stem)
def test_the_extra_bench_has_what_a_benchmark_imports(script: Path) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    ours = {"onsite_workflow", "stores"}  # the tests' own helpers are found by the script
    assert imported - sys.stdlib_module_names - ours <= required("bench")
