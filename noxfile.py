"""Longer checks than `.ci/run` makes.

``nox -s mutation -- procedure``: see docs/explanation/mutation.md.
``nox -s explore_all``: see docs/explanation/exploration.md.
"""

import nox

nox.options.sessions = ["mutation"]


@nox.session
def mutation(session: nox.Session) -> None:
    """Mutation testing of the core, or of the modules named."""
    session.install("-e", ".[mutation]")
    session.run("python", "tests/mutation.py", *session.posargs)


@nox.session
def explore_all(session: nox.Session) -> None:
    """The library against the oracle on cases of up to three units, under two editions: minutes."""
    session.install("-e", ".[test]")
    session.run(
        *("python", "-m", "pytest", "tests/oracle/test_explored.py"),
        *session.posargs,
        env={"EXPLORE_ALL": "1"},
    )
