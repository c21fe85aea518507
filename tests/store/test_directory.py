import os
import sys
from pathlib import Path

import pytest

from kestrel_cli.store.directory import journal_path, state_directory

posix = pytest.mark.skipif(sys.platform == "win32", reason="other places on Windows")


@posix
@pytest.mark.parametrize(
    ("asked", "environ", "expected"),
    [
        ("/data/state", {"XDG_STATE_HOME": "/xdg", "HOME": "/home/me"}, "/data/state"),
        ("relative", {}, "relative"),
        (None, {"XDG_STATE_HOME": "/xdg", "HOME": "/home/me"}, "/xdg/kestrel"),
        ("", {"XDG_STATE_HOME": "/xdg"}, "/xdg/kestrel"),
        (None, {"HOME": "/home/me"}, "/home/me/.local/state/kestrel"),
        (None, {"XDG_STATE_HOME": "", "HOME": "/home/me"}, "/home/me/.local/state/kestrel"),
        (None, {"LOCALAPPDATA": "/local", "HOME": "/home/me"}, "/home/me/.local/state/kestrel"),
    ],
)
def test_what_the_user_says_comes_first_then_xdg_then_home(asked, environ, expected):
    assert state_directory(asked, environ) == Path(expected)


def test_a_tilde_is_the_home_directory(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert state_directory("~/state", {}) == Path("/home/me/state")


def test_windows_has_a_place_of_its_own(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert state_directory(None, {"LOCALAPPDATA": "/local", "HOME": "/h"}) == Path("/local/kestrel")
    assert state_directory(None, {"HOME": "/h"}) == Path("/h/.local/state/kestrel")


def test_without_home_in_the_environment_the_system_is_asked(monkeypatch):
    monkeypatch.setattr(os.path, "expanduser", lambda path: "/from/passwd")
    assert state_directory(None, {}) == Path("/from/passwd/.local/state/kestrel")


@pytest.mark.parametrize("answer", ["~", ""])
def test_without_any_home_there_is_no_place(monkeypatch, answer):
    monkeypatch.setattr(os.path, "expanduser", lambda path: answer)
    with pytest.raises(OSError, match=r"^no home directory"):
        state_directory(None, {})


def test_every_execution_has_a_folder_of_its_own():
    assert journal_path(Path("/s"), "4uQm") == Path("/s/executions/4uQm/journal.ndjson")
