"""Key-values by namespace, kept in one SQLite file; values are JSON.

The store never stops a run: a file that is locked, broken or cannot be written is one warning, and
then as good as empty. A file that is not there yet is simply empty.
"""

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from kestrel_cli.store.directory import make_private

FILE: Final = "kv.sqlite"
_PATIENCE: Final = 1.0  # seconds that another process may hold the file
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS kv (namespace TEXT NOT NULL, key TEXT NOT NULL,"
    " value TEXT NOT NULL, expires REAL, PRIMARY KEY (namespace, key)) WITHOUT ROWID"
)
_ALIVE: Final = "(expires IS NULL OR expires > ?)"


class KeyValues:
    """The store in a file. `clock` gives seconds since 1970."""

    def __init__(
        self,
        path: Path,
        warn: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._warn = warn
        self._clock = clock
        self._warned = False

    def get(self, namespace: str, key: str) -> list[Any]:
        """The value, in a list; no value is an empty list, for null is a value."""
        query = f"SELECT value FROM kv WHERE namespace = ? AND key = ? AND {_ALIVE}"
        rows = self._rows(query, (namespace, key, self._clock()))
        try:
            return [json.loads(text) for (text,) in rows]
        except (ValueError, TypeError, RecursionError) as error:
            self._complain(error)
            return []

    def keys(self, namespace: str) -> list[str]:
        """The keys of a namespace, sorted."""
        query = f"SELECT key FROM kv WHERE namespace = ? AND {_ALIVE} ORDER BY key"
        return [str(key) for (key,) in self._rows(query, (namespace, self._clock()))]

    def everything(self) -> list[tuple[str, str]]:
        """Every namespace with a key of it, sorted."""
        query = f"SELECT namespace, key FROM kv WHERE {_ALIVE} ORDER BY namespace, key"
        return [(str(space), str(key)) for space, key in self._rows(query, (self._clock(),))]

    def set(self, namespace: str, key: str, value: object, ttl: float | None = None) -> bool:
        """Store a value, for `ttl` seconds or for good; whether that worked."""
        expires = None if ttl is None else self._clock() + ttl
        try:
            text = json.dumps(value, default=str)
        except (ValueError, RecursionError) as error:
            self._complain(error)
            return False
        query = "INSERT OR REPLACE INTO kv VALUES (?, ?, ?, ?)"
        return self._change(query, (namespace, key, text, expires)) is not None

    def delete(self, namespace: str, key: str) -> bool:
        """Take a key away; whether it was there."""
        if not self._path.exists():
            return False
        query = f"DELETE FROM kv WHERE namespace = ? AND key = ? AND {_ALIVE}"
        return bool(self._change(query, (namespace, key, self._clock())))

    def purge(self, wanted: Callable[[str, str], bool], *, expired: bool) -> int:
        """Take away the keys that are wanted (namespace, key), or of these the `expired` ones only;
        how many there were.
        """
        late = " WHERE expires <= ?" if expired else ""
        rows = self._rows(
            f"SELECT namespace, key FROM kv{late}", (self._clock(),) if expired else ()
        )
        found = [row for row in rows if wanted(*row)]
        query = f"DELETE FROM kv WHERE namespace = ? AND key = ?{late.replace(' WHERE', ' AND')}"
        if not found:
            return 0
        try:
            with self._connection() as file:
                file.execute("BEGIN IMMEDIATE")
                more = (self._clock(),) if expired else ()
                gone = sum(file.execute(query, (*row, *more)).rowcount for row in found)
                file.execute("COMMIT")
                return gone
        except (sqlite3.Error, OSError) as error:
            self._complain(error)
            return 0

    def _rows(self, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            if not self._path.exists():
                return []
            with self._connection() as file:
                return file.execute(query, values).fetchall()
        except (sqlite3.Error, OSError, ValueError) as error:
            if "no such table" not in str(error):  # made by a process that got no further
                self._complain(error)
            return []

    def _change(self, query: str, values: tuple[object, ...]) -> int | None:
        """How many rows changed; None when nothing could be changed."""
        try:
            self._create()
            with self._connection() as file:
                with suppress(sqlite3.OperationalError):  # another one is just doing it
                    file.execute("PRAGMA journal_mode = WAL")
                file.execute("BEGIN IMMEDIATE")
                file.execute(_TABLE)
                file.execute("DELETE FROM kv WHERE expires <= ?", (self._clock(),))
                changed = file.execute(query, values).rowcount
                file.execute("COMMIT")
                return changed
        except (sqlite3.Error, OSError, ValueError) as error:
            self._complain(error)
            return None

    def _create(self) -> None:
        """The empty file, for its owner's eyes only."""
        make_private(self._path.parent)
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        address = f"{self._path.absolute().as_uri()}?mode=rw"
        with closing(
            sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None)
        ) as connection:
            yield connection

    def _complain(self, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            self._warn(f"the key-value store {self._path} can't be used: {error}")
