import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kestrel_cli.store.directory import journal_path, make_private, state_directory

posix = pytest.mark.skipif(sys.platform == "win32", reason="other places on Windows")


def mode(place: Path) -> int:
    return stat.S_IMODE(place.stat().st_mode)


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


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_every_directory_that_is_made_is_for_the_user_alone(tmp_path, umask):
    before = os.umask(umask)
    try:
        make_private(tmp_path / "a" / "b" / "c")
    finally:
        os.umask(before)
    assert [mode(tmp_path / name) for name in ("a", "a/b", "a/b/c")] == [0o700] * 3


@posix
def test_a_directory_that_is_there_stays_as_it_is(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a").chmod(0o755)
    make_private(tmp_path / "a" / "b")
    make_private(tmp_path / "a")
    assert (mode(tmp_path / "a"), mode(tmp_path / "a" / "b")) == (0o755, 0o700)


def test_a_file_is_no_directory(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        make_private(tmp_path / "file")
    with pytest.raises(OSError, match="file"):
        make_private(tmp_path / "file" / "a")


def test_a_directory_may_be_named_from_the_current_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_private(Path("a/b"))
    assert (tmp_path / "a" / "b").is_dir()


def test_many_may_make_the_same_directory_at_once(tmp_path):
    places = [tmp_path / str(number) / "a" / "b" / "c" for number in range(50)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make_private, [place for place in places for _ in range(8)]))
    assert all(place.is_dir() for place in places)
