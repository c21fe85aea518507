"""The key-value store: what it keeps, and that trouble with its file is never trouble for a run."""

import os
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from kestrel_cli.store import kv
from kestrel_cli.store.kv import KeyValues

VALUES = [None, True, 0, 1.5, "", "text", "ü\x00\n", [], [1, [2]], {}, {"a": {"b": None}}]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "kv.sqlite"


@pytest.mark.parametrize("value", VALUES)
def test_a_value_comes_back_as_it_was(value, path):
    assert KeyValues(path).set("a.b", "k", value)
    assert KeyValues(path).get("a.b", "k") == [value]


def test_namespaces_do_not_see_each_other(path):
    store = KeyValues(path)
    store.set("a", "k", 1)
    store.set("a.b", "k", 2)
    store.set("a", "k", 3)
    assert (store.get("a", "k"), store.get("a.b", "k"), store.get("b", "k")) == ([3], [2], [])


def test_keys_are_listed_and_deleted(path):
    store = KeyValues(path)
    assert (store.keys("a"), store.delete("a", "x")) == ([], False)
    for key in ("y", "x"):
        store.set("a", key, 1)
    assert store.keys("a") == ["x", "y"]
    assert (store.delete("a", "x"), store.delete("a", "x"), store.keys("a")) == (True, False, ["y"])


def test_a_value_ends_with_its_time(path):
    now = [100.0]
    store = KeyValues(path, clock=lambda: now[0])
    store.set("a", "k", 1, ttl=10)
    assert (store.get("a", "k"), store.keys("a")) == ([1], ["k"])
    now[0] = 110.0
    assert (store.get("a", "k"), store.keys("a"), store.delete("a", "k")) == ([], [], False)
    store.set("a", "k", 2)
    now[0] = 1e12
    assert store.get("a", "k") == [2]


def test_reading_makes_no_file_and_no_warning(path):
    warnings: list[str] = []
    assert KeyValues(path, warnings.append).get("a", "k") == []
    assert not path.parent.exists()
    assert not warnings


def test_the_file_is_for_its_owner_only(path):
    KeyValues(path).set("a", "k", 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def broken(path: Path, how: str) -> None:
    KeyValues(path).set("a", "k", 1)
    if how == "garbage":
        path.write_bytes(os.urandom(5000))
    elif how == "torn":
        path.write_bytes(path.read_bytes()[:5000] + b"x" * 3000)
    elif how == "other table":
        path.unlink()
        with sqlite3.connect(path) as file:
            file.execute("CREATE TABLE kv (namespace, key, value, expires)")
            file.execute("INSERT INTO kv VALUES ('a', 'k', 'no json', NULL)")
        file.close()
    elif how == "a directory":
        path.unlink()
        path.mkdir()
    elif how == "a file for a folder":
        path.unlink()
        for other in path.parent.iterdir():
            other.unlink()
        path.parent.rmdir()
        path.parent.write_text("x")


@pytest.mark.parametrize(
    "how", ["garbage", "torn", "other table", "a directory", "a file for a folder"]
)
def test_a_broken_file_is_one_warning_at_most_and_as_good_as_empty(how, path):
    broken(path, how)
    warnings: list[str] = []
    store = KeyValues(path, warnings.append)
    assert store.get("a", "k") in ([], [1])
    store.keys("a")
    store.set("a", "x", 1)
    store.delete("a", "k")
    assert len(warnings) <= 1


def test_garbage_is_warned_of(path):
    broken(path, "garbage")
    warnings: list[str] = []
    assert KeyValues(path, warnings.append).get("a", "k") == []
    assert "can't be used: file is not a database" in warnings[0]


def test_a_file_that_another_process_holds_is_read_and_not_waited_for(path, monkeypatch):
    monkeypatch.setattr(kv, "_PATIENCE", 0.05)
    warnings: list[str] = []
    store = KeyValues(path, warnings.append)
    store.set("a", "k", 1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert store.get("a", "k") == [1]
    assert not store.set("a", "k", 2)
    assert "database is locked" in warnings[0]
    other.execute("COMMIT")
    other.close()
    assert store.set("a", "k", 2)


def test_what_cannot_be_json_is_not_stored(path):
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    warnings: list[str] = []
    assert not KeyValues(path, warnings.append).set("a", "k", deep)
    assert len(warnings) == 1


def test_threads_lose_nothing(path):
    def write(name: int) -> None:
        store = KeyValues(path)
        for number in range(10):
            assert store.set("a", f"{name}-{number}", number)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(KeyValues(path).keys("a")) == 40
