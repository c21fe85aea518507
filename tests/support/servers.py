"""Servers of databases, private to one session of tests: a folder and a port of their own.

The programs are those of the system (Debian: postgresql, mariadb-server). Where they are not
installed the tests are skipped.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.tls import PEM

PASSWORD = "s3cret-of-the-tests"
_PATIENCE = 30.0  # seconds to start
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
        done = subprocess.run(
            [str(part) for part in command],
            **self._how(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == 0, done.stdout.decode(errors="replace")

    @contextmanager
    def running(self, *command: object) -> Iterator["Server"]:
        """Run the server itself until the block ends."""
        log = self.folder / "log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [str(part) for part in command],
                **self._how(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        try:
            self._wait(process, log)
            yield self
        finally:
            process.send_signal(signal.SIGQUIT)  # nothing of it is worth an orderly end
            with suppress(subprocess.TimeoutExpired):
                process.wait(2)
            process.kill()
            process.wait()

    def _wait(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until and process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        pytest.fail(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")

    def _how(self) -> dict[str, object]:
        home = {"HOME": str(self.folder), "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}
        return {"cwd": self.folder, "env": home} | ({"user": self.account} if self.account else {})


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


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """PostgreSQL with the user `kestrel`, the database `shop`, and TLS for those who want it."""
    initdb, postgres = program("initdb"), program("postgres")
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
        with server.running(postgres, "-D", data, *options):
            yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Server]:
    """MariaDB with the user `root` and the database `shop`."""
    install, mariadbd = program("mariadb-install-db"), program("mariadbd")
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
            mariadbd, "--no-defaults", f"--datadir={data}", f"--port={server.port}",
            "--bind-address=127.0.0.1", f"--socket={server.folder / 'socket'}",
            f"--pid-file={server.folder / 'pid'}", f"--init-file={first}",
            "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M",
            "--local-infile=1", "--skip-name-resolve",
        ):  # fmt: skip
            yield server
