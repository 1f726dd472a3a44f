"""Longer checks than `.ci/run` makes: ``nox -s mutation -- procedure``, see docs/explanation/mutation.md."""

import nox

nox.options.sessions = ["mutation"]


@nox.session
def mutation(session: nox.Session) -> None:
    """Mutation testing of the core, or of the modules named."""
    session.install("-e", ".[mutation]")
    session.run("python", "tests/mutation.py", *session.posargs)
