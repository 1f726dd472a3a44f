"""Sessions in environments of their own. ``.ci/run`` calls those that are tagged ``ci``.

``nox -s tests`` runs the tests on every Python that is promised; ``nox -s search`` draws other
examples than the tests always do. ``explore_all``: see docs/explanation/exploration.md; ``mutation
-- clause7.procedure``: see docs/explanation/mutation.md.
"""

import random

import nox

nox.needs_version = ">=2024.10"
nox.options.sessions = ["tests"]

PYTHONS = nox.project.python_versions(nox.project.load_toml("pyproject.toml"))

IMPORT_EVERYTHING = """
import importlib, pkgutil, onsite_workflow
for module in pkgutil.walk_packages(onsite_workflow.__path__, "onsite_workflow."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""

#: The rules and how they are answered, the command line, and a store.
FAST = ("tests/core", "tests/cli", "tests/service", "tests/stores/test_sqlite_store.py")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """All tests, on each Python of the classifiers in ``pyproject.toml``."""
    session.install(".[test]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def newest(session: nox.Session) -> None:
    """Every module is imported, types are checked, and a fast part of the tests is run."""
    session.install(".[test,lint]")
    session.run("python", "-W", "error", "-c", IMPORT_EVERYTHING)
    session.run("mypy")
    session.run("pyright", "--verifytypes", "onsite_workflow", "--ignoreexternal")
    session.run("python", "-m", "pytest", *FAST, *session.posargs)


@nox.session
def search(session: nox.Session) -> None:
    """Whatever is drawn, drawn with another seed: one of its own, or that of ``-- SEED``."""
    seed, *more = session.posargs or [str(random.randrange(2**32))]
    again = f"the seed is {seed}; to draw the same again: nox -s search -- {seed}"
    session.install("-e", ".[test]")
    session.log(again)
    try:
        session.run(
            "python", "-m", "pytest", "-m", "hypothesis", f"--hypothesis-seed={seed}", *more
        )
    finally:
        session.warn(again)


@nox.session(tags=["ci"])
def explore_all(session: nox.Session) -> None:
    """The library against the oracle on cases of up to three units, under two editions: minutes."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "tests/oracle", "--explore-all", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Mutation testing of the core, or of the modules named."""
    session.install("-e", ".[mutation]")
    session.run("python", "tests/mutation.py", *session.posargs)
