"""Mutation testing of the core: ``python tests/mutation.py [MODULE ...]``, such as ``clause7.case``.

mutmut changes one place of a function at a time and runs the tests that pass through it; a change
that no test notices is a survivor. It leaves functions with a decorator alone, which here would be
every guard. So a copy of the repository is made for each module in ``build/mutation``, in which

    @guard("7.1", ...)
    def address_given(a): ...

is written as what it means, ``def address_given(a): ...`` and then
``address_given = guard("7.1", ...)(address_given)``. Settings are in ``pyproject.toml``; the score
and every survivor are explained in ``docs/explanation/mutation.md``.

mutmut forks a process that has run the tests before. What a function made at import, or made once
and kept, is not made again there, and only the first test is known to pass through it. So what
survives is tried again from nothing, with every test of the selection.

``--constants`` does what mutmut leaves out: each number that stands outside a function is made one
more (True and False change places), one after the other, and the tests are run.

With ``--sample N --seed S`` N mutants of each module are drawn; the same command draws the same.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import get_mutant_name

ROOT = Path(__file__).resolve().parents[1]
COPIES = ROOT / "build" / "mutation"
PACKAGE = Path("src") / "onsite_workflow"
COPIED = ("src", "tests", "docs", "examples")
PRELOADED = ("attrs", "holidays", "hypothesis.internal.conjecture.engine", "pytest", "transitions")

CORE = (
    "tests/test_conformance.py",
    "tests/core/test_answers.py",
    "tests/core/test_available.py",
    "tests/core/test_case.py",
    "tests/core/test_correct.py",
    "tests/core/test_decide.py",
    "tests/core/test_forms.py",
    "tests/core/test_guards.py",
    "tests/core/test_lists.py",
    "tests/core/test_obligations.py",
    "tests/core/test_regulation.py",
    "tests/core/test_words.py",
)
#: They open three stores, one of them a server.
IN_STORES = (
    "test_it_is_kept_listed_and_read_like_a_case",
    "test_its_claimed_keys_are_its_own",
    "test_it_may_name_a_case_that_there_is",
    "test_a_journal_of_it_is_run",
)
#: They reckon with decades, day by day, and each step is slower where it can be mutated.
SLOW = (
    "test_the_published_tables_are_what_the_script_prints",
    "test_provisional_answers_change_only_with_a_new_edition_of_the_rules",
    "test_the_truth_of_every_hidden_notice_lies_inside",
    "test_threads_that_ask_at_once_get_the_answers_of_one",
)
#: Of the engine besides: a procedure that no line of ``src/`` knows, without its stores.
ENGINE = (
    *CORE,
    "tests/engine/test_lost_property.py",
    *(f"--deselect=tests/engine/test_lost_property.py::{test}" for test in IN_STORES),
)
#: The modules, and the tests that are run: those fast enough to be run thousands of times.
MODULES = {
    **dict.fromkeys(("clause7.procedure", "clause7.case", "clause7.duties"), CORE),
    **dict.fromkeys(
        (
            "engine.deciding",
            "engine.correcting",
            "engine.history",
            "engine.limits",
            "engine.rules",
            "engine.machine",
        ),
        ENGINE,
    ),
    "calendar": (
        "tests/calendar",
        "tests/cli/test_calendar.py",
        "--ignore=tests/calendar/test_calendar_lazy.py",  # whose processes see no mutant
        *(f"--deselect=tests/calendar/test_calendar_interval.py::{test}" for test in SLOW),
    ),
}

#: Where constants stand besides, and the tests that hold them.
CONSTANTS = {
    **MODULES,
    "regulation": ("tests/core/test_regulation.py", "tests/core/test_obligations.py"),
    "terms": (
        "tests/core/test_terms.py",
        "tests/core/test_case.py",
        "tests/core/test_serialization.py",
    ),
}

#: mutmut's exit codes. A package that can't be imported any more (255) was noticed as well.
SURVIVED = (
    0,
    5,
    33,
    35,
    -9,
    -11,
)  # 5, 33: no test passes through it; then: something else ended it
TIMED_OUT = (36, 24, -24, 152)


class Plain(cst.CSTTransformer):
    """Decorators written as the calls they are (mutmut knows class and static methods itself), and a
    value in place of its ``cast``, which says something to the type checkers alone."""

    def leave_Call(  # noqa: N802 - libcst's name
        self, original_node: cst.Call, updated_node: cst.Call
    ) -> cst.BaseExpression:
        """``value`` for ``cast("Type", value)``."""
        func = updated_node.func
        if isinstance(func, cst.Name) and func.value == "cast":
            return updated_node.args[1].value
        return updated_node

    def leave_FunctionDef(  # noqa: N802 - libcst's name
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.FlattenSentinel[cst.BaseStatement]:
        """``def f`` and ``f = decorator(f)``."""
        decorators = [d.decorator for d in updated_node.decorators]
        kept = {"classmethod", "staticmethod"}
        if not decorators or any(isinstance(d, cst.Name) and d.value in kept for d in decorators):
            return updated_node
        name = updated_node.name
        value: cst.BaseExpression = name
        for decorator in reversed(decorators):
            value = cst.Call(func=decorator, args=[cst.Arg(value)])
        assign = cst.Assign([cst.AssignTarget(name)], value)
        return cst.FlattenSentinel(
            [updated_node.with_changes(decorators=[]), cst.SimpleStatementLine([assign])]
        )


def files(module: str) -> list[Path]:
    """The files of a module, or of all modules of a room, from the root of the repository."""
    place = module.replace(".", "/")
    found = sorted((ROOT / PACKAGE).glob(f"{place}.py")) or sorted(
        (ROOT / PACKAGE / place).glob("*.py")
    )
    return [path.relative_to(ROOT) for path in found]


def prepare(module: str) -> None:
    """Make the copy for a module anew; mutmut's own folder in it stays."""
    copy = COPIES / module
    copy.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        shutil.rmtree(copy / name, ignore_errors=True)
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for page in ROOT.glob("*.md"):
        shutil.copy2(page, copy)
    for path in files(module):
        text = (ROOT / path).read_text(encoding="utf-8")
        plain = cst.parse_module(text).visit(Plain())
        (copy / path).write_text(plain.code, encoding="utf-8")
        stat = (ROOT / path).stat()  # mutmut keeps the results of files that are not newer
        os.utime(copy / path, (stat.st_atime, stat.st_mtime))
    (copy / "mutmut-preload.txt").write_text("\n".join(PRELOADED) + "\n", encoding="utf-8")
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    chosen = {
        "only_mutate": [path.as_posix() for path in files(module)],
        "pytest_add_cli_args_test_selection": list(MODULES[module]),
    }
    added = "".join(f"{key} = {json.dumps(value)}\n" for key, value in chosen.items())
    (copy / "pyproject.toml").write_text(
        settings.replace("[tool.mutmut]\n", f"[tool.mutmut]\n{added}"), encoding="utf-8"
    )


def names(module: str) -> list[str]:
    """Every mutant of a module."""
    found: list[str] = []
    with contextlib.chdir(COPIES / module):  # where mutmut looks for its settings
        for path in files(module):
            mutated = mutate_file_contents(str(path), path.read_text(encoding="utf-8"))
            found += [get_mutant_name(path, name) for name in mutated.mutant_names]
    return found


def mutmut(module: str, *chosen: str, children: int, isolation: str = "fork") -> None:
    """Run mutmut in the copy of a module: these mutants, or those that have no result yet."""
    settings = COPIES / module / "pyproject.toml"
    text = re.sub(r"^process_isolation = .*\n", "", settings.read_text("utf-8"), flags=re.MULTILINE)
    added = f'[tool.mutmut]\nprocess_isolation = "{isolation}"\n'
    settings.write_text(text.replace("[tool.mutmut]\n", added), encoding="utf-8")
    program = Path(sys.executable).with_name("mutmut")
    subprocess.run(
        [program, "run", "--max-children", str(children), *chosen],
        cwd=COPIES / module,
        env={**os.environ, "PYTHONPATH": "", "PYTEST_ADDOPTS": "-n0"},
        check=True,
    )


def results(module: str) -> Iterator[tuple[str, int | None]]:
    """Each mutant of a module and how its tests ended; None: not tried."""
    for path in files(module):
        meta = COPIES / module / "mutants" / f"{path}.meta"
        if meta.exists():
            yield from json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"].items()


def survivors(module: str) -> list[str]:
    """The mutants that no test noticed."""
    return [name for name, code in results(module) if code in SURVIVED]


def try_again(module: str, left: list[str], children: int) -> None:
    """Run every test of the selection on these mutants, each from nothing."""
    path = COPIES / module / "mutants" / "mutmut-stats.json"
    before = path.read_text(encoding="utf-8")
    stats = json.loads(before)
    every = sorted(stats["duration_by_test"], key=stats["duration_by_test"].get)
    for name in left:
        stats["tests_by_mangled_function_name"][name.rpartition("__mutmut_")[0]] = every
    path.write_text(json.dumps(stats), encoding="utf-8")
    try:
        mutmut(module, *left, children=children, isolation="forkserver")
    finally:
        path.write_text(before, encoding="utf-8")


class Numbers(ast.NodeVisitor):
    """The numbers of a file that stand in no function."""

    def __init__(self) -> None:
        self.found: list[ast.Constant] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Leave functions to mutmut."""

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """So too those without a name."""

    def visit_Constant(self, node: ast.Constant) -> None:
        """Keep whole numbers, True and False."""
        if isinstance(node.value, int):
            self.found.append(node)


def constants(module: str) -> None:
    """Change each number outside the functions of a module in turn; print what no test noticed."""
    copy = COPIES / "constants"
    for name in COPIED:
        shutil.rmtree(copy / name, ignore_errors=True)
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "pyproject.toml", copy)
    command = [sys.executable, "-m", "pytest", "-n0", "-x", "-q", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": "src", "PYTHONDONTWRITEBYTECODE": "1"}
    killed = 0
    for path in files(module):
        text = (ROOT / path).read_text(encoding="utf-8")
        numbers = Numbers()
        numbers.visit(ast.parse(text))
        for number in numbers.found:
            lines = text.encode().splitlines(keepends=True)
            line = lines[number.lineno - 1]
            old = number.value
            new = repr(not old if isinstance(old, bool) else int(str(old)) + 1).encode()
            changed = line[: number.col_offset] + new + line[number.end_col_offset :]
            lines[number.lineno - 1] = changed
            (copy / path).write_bytes(b"".join(lines))
            asked = [*command, "-m", "not hypothesis", *CONSTANTS[module]]
            done = subprocess.run(
                asked, cwd=copy, env=environment, check=False, capture_output=True
            )
            killed += done.returncode != 0
            if done.returncode == 0:
                sys.stdout.write(f"survived: {path}:{number.lineno}: {changed.decode().strip()}\n")
        (copy / path).write_text(text, encoding="utf-8")
    sys.stdout.write(f"constants of {module}: {killed} killed\n")


def report(modules: list[str]) -> None:
    """The score of each module, and the names of what survived."""
    sys.stdout.write(
        "module               mutants  killed  timed out  survived  not tried  score\n"
    )
    for module in modules:
        counted = Counter(
            "not tried"
            if code is None
            else "survived"
            if code in SURVIVED
            else "timed out"
            if code in TIMED_OUT
            else "killed"
            for _, code in results(module)
        )
        tried = counted.total() - counted["not tried"]
        score = (tried - counted["survived"]) / tried if tried else 0
        sys.stdout.write(
            f"{module:20} {counted.total():7} {counted['killed']:7} {counted['timed out']:10} "
            f"{counted['survived']:9} {counted['not tried']:10} {score:6.1%}\n"
        )
    for module in modules:
        for name in survivors(module):
            sys.stdout.write(f"survived: {name}\n")


def main() -> None:
    """Prepare, run module by module, report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", default=list(MODULES), metavar="MODULE")
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--report", action="store_true", help="run nothing, show the last results")
    parser.add_argument("--constants", action="store_true", help="the numbers outside functions")
    parser.add_argument("--sample", type=int, help="how many mutants of each module to try")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    if chosen.constants:
        for module in chosen.modules:
            constants(module)
        return
    for module in () if chosen.report else chosen.modules:
        prepare(module)
        drawn: list[str] = []
        if chosen.sample is not None:
            every = names(module)
            drawn = random.Random(chosen.seed).sample(every, min(chosen.sample, len(every)))
        mutmut(module, *drawn, children=chosen.children)
        if left := survivors(module):
            try_again(module, left, chosen.children)
    report(chosen.modules)


if __name__ == "__main__":
    main()
