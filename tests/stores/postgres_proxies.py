"""What may stand between a store and its server: a wire that is cut, and a connection pooler."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Final

__all__ = ["Wire", "pgbouncer", "pooler", "wire"]

_NAME: Final = ".s.PGSQL.5432"


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@contextmanager
def _listening(serve: Callable[[socket.socket], None]) -> Iterator[Path]:
    """A folder with a socket; each connection to it is served in a thread of its own."""
    with tempfile.TemporaryDirectory(prefix="onsite-wire-") as folder, socket.socket(
        socket.AF_UNIX
    ) as listener:  # fmt: skip
        listener.bind(f"{folder}/{_NAME}")
        listener.listen(100)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    threading.Thread(target=serve, args=(client,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield Path(folder)
        finally:
            _close(listener)
            thread.join()


def _connect(sockets: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)
    server.connect(f"{sockets}/{_NAME}")
    return server


class Wire:
    """Passes on what it gets, until it is told to cut: what has come to it by then is lost, or half
    of it, or only what the server answers to it."""

    def __init__(self, sockets: Path, server: Path) -> None:
        self.sockets = sockets
        self._server = server
        self._cut: str | None = None
        self._ends: list[socket.socket] = []

    def cut_next(self, where: str) -> None:
        """Of the next request ``all`` or ``half`` is lost on its way, or the ``answer`` is."""
        self._cut = where

    def cut_all(self) -> None:
        """Every connection there is."""
        ends, self._ends = self._ends, []
        _close(*ends)

    def serve(self, client: socket.socket) -> None:
        server = _connect(self._server)
        self._ends += [client, server]
        threading.Thread(target=self._answers, args=(server, client), daemon=True).start()
        with suppress(OSError):
            while request := client.recv(1 << 20):
                if self._cut in ("all", "half"):
                    if self._cut == "half":
                        server.sendall(request[: len(request) // 2])
                    self._cut = None
                    break
                server.sendall(request)
        _close(client, server)

    def _answers(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while answer := server.recv(1 << 20):
                if self._cut == "answer":
                    self._cut = None
                    break
                client.sendall(answer)
        _close(client, server)


@contextmanager
def wire(server: Path) -> Iterator[Wire]:
    """A wire to the server whose socket is in that folder."""
    made = Wire(Path(), server)
    with _listening(made.serve) as folder:
        made.sockets = folder
        try:
            yield made
        finally:
            made.cut_all()


# --- a pooler in transaction mode ---------------------------------------------------------------


def _exactly(end: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        more = end.recv(size - len(got))
        if not more:
            raise OSError("closed")
        got += more
    return got


def _message(end: socket.socket) -> bytes:
    head = _exactly(end, 5)
    return head + _exactly(end, int.from_bytes(head[1:], "big") - 4)


def _until_ready(server: socket.socket) -> bytes:
    """What the server says until it is ready for the next request."""
    said = b""
    while True:
        message = _message(server)
        said += message
        if message[:1] == b"Z":
            return said


class _Pooler:
    """Each transaction of each client is given any server connection that is free, and leaves
    nothing behind in it. (The protocol: documentation of PostgreSQL, chapter 54.)"""

    def __init__(self, server: Path) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._free: dict[bytes, list[socket.socket]] = {}
        self._chance = Random(0)
        self.ends: list[socket.socket] = []

    def serve(self, client: socket.socket) -> None:
        self.ends.append(client)
        with suppress(OSError):
            startup = _exactly(client, 4)
            startup += _exactly(client, int.from_bytes(startup, "big") - 4)
            server, welcome = self._connected(startup)
            self._free.setdefault(startup, []).append(server)
            client.sendall(welcome)
            while True:
                self._transaction(client, startup)
        _close(client)

    def _connected(self, startup: bytes) -> tuple[socket.socket, bytes]:
        server = _connect(self._server)
        self.ends.append(server)
        server.sendall(startup)
        return server, _until_ready(server)

    def _any(self, startup: bytes) -> socket.socket:
        with self._lock:
            free = self._free[startup]
            if free:
                return free.pop(self._chance.randrange(len(free)))
        return self._connected(startup)[0]

    def _transaction(self, client: socket.socket, startup: bytes) -> None:
        request = _message(client)
        if request[:1] == b"X":  # the client leaves; the connection stays
            raise OSError("closed")
        server = self._any(startup)
        try:
            while True:
                while request[:1] not in (b"S", b"Q"):  # Sync, and a simple query, ask for all
                    server.sendall(request)
                    request = _message(client)
                server.sendall(request)
                answer = _until_ready(server)
                client.sendall(answer)
                if answer[-1:] == b"I":  # no transaction is open
                    break
                request = _message(client)
            server.sendall(b"Q" + (16).to_bytes(4, "big") + b"DISCARD ALL\0")
            _until_ready(server)
        except OSError:
            _close(server)
            raise
        with self._lock:
            self._free[startup].append(server)


@contextmanager
def pooler(server: Path) -> Iterator[Path]:
    """The folder of the pooler's socket."""
    made = _Pooler(server)
    with _listening(made.serve) as folder:
        try:
            yield folder
        finally:
            _close(*made.ends)


@contextmanager
def pgbouncer(program: str, server: Path, *users: str) -> Iterator[Path]:
    """The folder of the socket of a real one, in transaction mode."""
    with tempfile.TemporaryDirectory(prefix="onsite-bouncer-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "users").write_text("".join(f'"{user}" ""\n' for user in users))
        (folder / "ini").write_text(
            f"""[databases]
* = host={server}
[pgbouncer]
unix_socket_dir = {folder}
listen_addr =
listen_port = 5432
auth_type = trust
auth_file = {folder / "users"}
pool_mode = transaction
default_pool_size = 5
max_client_conn = 500
"""
        )
        running = subprocess.Popen(
            [program, "-q", *(["-u", "nobody"] if os.geteuid() == 0 else []), str(folder / "ini")],
            stderr=subprocess.DEVNULL,
        )
        try:
            while not (folder / _NAME).exists():
                assert running.poll() is None, "pgbouncer has ended"
            yield folder
        finally:
            running.terminate()
            running.wait()
