"""Servers of databases, private to one session of tests: a folder and a port of their own.

The programs are those of the system (Debian: postgresql, mariadb-server). Where they are not
installed the tests are skipped. A server has started when it lets somebody in and answers: long
before that its port is open.
"""

import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.tls import PEM

PASSWORD = "s3cret-of-the-tests"
_PATIENCE = 45.0  # seconds to start, on a busy machine
_PREPARED = 60.0  # seconds for a program that ends by itself
_ANSWER = 5.0  # seconds for one answer
_ENDED = 10.0  # seconds for a server to end
# Becomes the program, and has somebody aside who ends it once nobody holds the other end of the
# standard input. Nothing of a server is worth an orderly end.
_KEPT = """
exec 3<&0
{
  cat <&3 >/dev/null
  kill -QUIT $$
  for _ in 1 2 3 4 5; do kill -0 $$ 2>/dev/null || exit; sleep 1; done
  kill -KILL $$
} &
exec "$@" </dev/null 3<&-
"""
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/sbin", "/usr/local/sbin", "/usr/local/bin")


class Server:
    """A server that runs on this machine."""

    def __init__(self, folder: Path, account: str | None) -> None:
        self.folder = folder
        self.account = account
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def run(self, *command: object) -> None:
        """Run a program that ends by itself."""
        log = self.folder / "prepared"
        with self._begun(log, command) as process:
            assert process.wait(_PREPARED) == 0, said(log)

    @contextmanager
    def running(
        self, ask: Callable[[int], object], refusals: tuple[type[Exception], ...], *command: object
    ) -> Iterator["Server"]:
        """Run the server itself until the block ends. `ask` gets an answer from its port, or one of
        `refusals` as long as there is none.
        """
        log = self.folder / "log"
        with self._begun(log, command) as process:
            answered = Answered(lambda: ask(self.port), (OSError, *refusals))
            if not answered.before(_PATIENCE, lambda: process.poll() is None):
                pytest.fail(f"the server did not start: {answered.why}\n{said(log)}")
            yield self

    @contextmanager
    def _begun(self, log: Path, command: tuple[object, ...]) -> Iterator["subprocess.Popen[bytes]"]:
        """A process that is gone when the block ends, or when the tests do, however they end. What
        it says goes to a file: who reads the output of the tests never waits for a server.
        """
        with log.open("wb") as out:
            process = subprocess.Popen(
                ["/bin/sh", "-c", _KEPT, "sh", *(str(part) for part in command)],
                **self._how(),
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_ENDED)
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(_ANSWER)

    def _how(self) -> dict[str, object]:
        home = {"HOME": str(self.folder), "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}
        return {"cwd": self.folder, "env": home} | ({"user": self.account} if self.account else {})


def said(log: Path) -> str:
    """The end of what a program wrote."""
    return log.read_text(errors="replace")[-2000:]


class Answered:
    """Whether somebody answers; `why` tells what came last when nobody did."""

    def __init__(self, ask: Callable[[], object], refusals: tuple[type[Exception], ...]) -> None:
        self._ask = ask
        self._refusals = refusals
        self.why = "it was not asked"

    def before(self, seconds: float, worth_it: Callable[[], bool] = lambda: True) -> bool:
        """Ask again and again, so long at the most and as long as it is worth it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not worth_it():
                self.why = f"it has ended; {self.why}"
                return False
            try:
                self._ask()
            except self._refusals as error:
                self.why = f"the last answer in {seconds:g} seconds: {error!r}"
                time.sleep(0.05)
            else:
                return True
        return False


def program(name: str) -> Path:
    """A program of the system; the test is skipped when there is none."""
    found = shutil.which(name)
    for pattern in _PLACES if found is None else ():
        found = next(map(str, sorted(Path("/").glob(f"{pattern[1:]}/{name}"))[::-1]), found)
    if found is None:
        pytest.skip(f"no server: `{name}` is not installed")
    return Path(found).resolve()


@contextmanager
def a_server(account: str) -> Iterator[Server]:
    """Where one can run: as another user when this is root, for servers refuse to be root."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    folder = Path(tempfile.mkdtemp(prefix="kestrel-server-"))
    try:
        if is_root:
            shutil.chown(folder, account)
        yield Server(folder, account if is_root else None)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _private(server: Server, name: str, text: str) -> Path:
    place = server.folder / name
    place.write_text(text)
    place.chmod(0o600)
    if server.account:
        shutil.chown(place, server.account)
    return place


def _ask_postgres(port: int) -> None:
    """Log in, and have a statement answered."""
    from pg8000 import dbapi

    where = {"host": "127.0.0.1", "port": port, "database": "postgres"}
    with closing(dbapi.connect("kestrel", password=PASSWORD, timeout=_ANSWER, **where)) as known:
        known.cursor().execute("SELECT 1")


def _ask_mariadb(port: int) -> None:
    """The same; the database is there, too."""
    import pymysql

    where = {"host": "127.0.0.1", "port": port, "database": "shop"}
    waits = dict.fromkeys(("connect_timeout", "read_timeout", "write_timeout"), _ANSWER)
    with closing(pymysql.connect(user="root", password=PASSWORD, **where, **waits)) as known:
        known.cursor().execute("SELECT 1")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """PostgreSQL with the user `kestrel`, the database `shop`, and TLS for those who want it."""
    initdb, postgres = program("initdb"), program("postgres")
    refusals = (pytest.importorskip("pg8000").Error, struct.error)
    with a_server("postgres") as server:
        data = server.folder / "data"
        word = _private(server, "password", PASSWORD)
        pem = _private(server, "tls.pem", PEM)
        server.run(
            initdb, "-D", data, "-U", "kestrel", "-A", "scram-sha-256", f"--pwfile={word}",
            "--no-sync", "-E", "UTF8", "--locale=C",
        )  # fmt: skip
        settings = {
            "port": server.port, "listen_addresses": "127.0.0.1", "fsync": "off", "ssl": "on",
            "unix_socket_directories": server.folder, "ssl_cert_file": pem, "ssl_key_file": pem,
            "shared_buffers": "16MB",
        }  # fmt: skip
        options = [part for item in settings.items() for part in ("-c", "{}={}".format(*item))]
        with server.running(_ask_postgres, refusals, postgres, "-D", data, *options):
            yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Server]:
    """MariaDB with the user `root` and the database `shop`."""
    install, mariadbd = program("mariadb-install-db"), program("mariadbd")
    refusals = (pytest.importorskip("pymysql").Error,)
    with a_server("mysql") as server:
        data = server.folder / "data"
        server.run(
            install, "--no-defaults", f"--datadir={data}", "--skip-test-db",
            "--auth-root-authentication-method=normal", "--innodb-flush-log-at-trx-commit=0",
        )  # fmt: skip
        first = _private(
            server, "first.sql",
            "create database shop;\n"
            f"create or replace user root@'127.0.0.1' identified by '{PASSWORD}';\n"
            "grant all on *.* to root@'127.0.0.1';\n",
        )  # fmt: skip
        with server.running(
            _ask_mariadb, refusals,
            mariadbd, "--no-defaults", f"--datadir={data}", f"--port={server.port}",
            "--bind-address=127.0.0.1", f"--socket={server.folder / 'socket'}",
            f"--pid-file={server.folder / 'pid'}", f"--init-file={first}",
            "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M",
            "--local-infile=1", "--skip-name-resolve",
        ):  # fmt: skip
            yield server
