import errno
import os
import subprocess
import sys

import pytest

from kestrel_cli.store import locks
from kestrel_cli.store.locks import hold, is_held
from tests.support.cli import ROOT

HOLDS = """
import os, sys
from kestrel_cli.store.locks import hold
hold(os.open(sys.argv[1], os.O_RDWR))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "file"
    made.write_text("content")
    return made


def opened(path):
    return os.open(path, os.O_RDWR)


def refusing(error):
    def lock(_):
        raise error

    return lock


def test_a_file_is_held_until_it_is_closed(path):
    file = opened(path)
    assert not is_held(path)
    hold(file)
    assert is_held(path)
    os.close(file)
    assert not is_held(path)


def test_only_one_holds_a_file_and_the_other_one_is_closed(path):
    file, other = opened(path), opened(path)
    hold(file)
    with pytest.raises(BlockingIOError):
        hold(other)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(other)
    os.close(file)


def test_a_file_that_is_held_can_be_read(path):
    file = opened(path)
    hold(file)
    assert path.read_text() == "content"
    os.close(file)


def test_looking_holds_nothing(path):
    assert [is_held(path), is_held(path)] == [False, False]


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        is_held(tmp_path / "none")


def test_the_end_of_a_process_lets_go(path):
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdout.readline().strip() == b"held"
        assert is_held(path)
        child.kill()
    assert not is_held(path)


def test_a_file_system_without_locks_keeps_nobody_out(path, monkeypatch):
    monkeypatch.setattr(locks, "_lock", refusing(OSError(errno.ENOLCK, "No locks available")))
    file = opened(path)
    hold(file)
    os.fstat(file)
    assert not is_held(path)
    os.close(file)


def test_a_permission_that_is_missing_is_a_lock(path, monkeypatch):
    monkeypatch.setattr(locks, "_lock", refusing(PermissionError(13, "Permission denied")))
    assert is_held(path)
