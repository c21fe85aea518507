import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.store.work import Scratch, clear, directory, leave, temporary
from tests.support.interrupting import interrupted_anywhere

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes of Unix")


@pytest.fixture
def system(tmp_path, monkeypatch):
    """The system's folder for temporary files."""
    place = tmp_path / "system"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    return place


@pytest.fixture
def work(tmp_path):
    return tmp_path / "state" / "executions" / "4uQm" / "work"


# -- what is left


def test_what_a_kill_left_is_removed_and_what_the_run_goes_on_with_stays(work):
    kept = directory(work, "4uQm", 3) / "deep"
    kept.mkdir(parents=True)
    (directory(work, "4uQm", 2) / "of one that has ended").mkdir(parents=True)
    (kept / "file").write_text("kept")
    scratch = Scratch(work)
    (scratch.new("script") / "commands").write_text("secret")
    (temporary(work) / ".4711.part").write_text("half")
    clear(work, {directory(work, "4uQm", 3)})
    assert [place.name for place in work.iterdir()] == ["4uQm-3"]
    assert (kept / "file").read_text() == "kept"


def test_a_work_folder_that_is_empty_then_goes(work):
    Scratch(work).new("wd")
    clear(work)
    assert not work.exists()
    assert work.parent.exists()


def test_where_nothing_is_there_is_nothing_to_clear(work):
    clear(work)
    assert not work.exists()


@posix
def test_a_link_is_not_followed(work, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    place = Scratch(work).new("wd")
    (place / "link").symlink_to(tmp_path / "mine")
    clear(work)
    assert (tmp_path / "mine" / "file").exists()
    work.mkdir()
    temporary(work).symlink_to(tmp_path / "mine")
    clear(work)
    assert (tmp_path / "mine" / "file").exists()


def test_what_somebody_still_uses_keeps_the_work_folder(work):
    mine, other = Scratch(work), Scratch(work)
    mine.new("wd")
    place = other.new("wd")
    mine.close()
    leave(work)
    assert place.is_dir()
    other.close()
    leave(work)
    assert not work.exists()


# -- new folders


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_new_folders_are_for_the_user_alone_all_the_way_up(work, tmp_path, umask):
    before = os.umask(umask)
    try:
        place = Scratch(work).new("script")
    finally:
        os.umask(before)
    assert place.parent == temporary(work)
    while place != tmp_path:
        assert stat.S_IMODE(place.stat().st_mode) == 0o700, place
        place = place.parent


def test_without_a_run_they_are_in_the_systems_folder(system):
    scratch = Scratch()
    place = scratch.new("script")
    assert place.parent == system
    assert place.name.startswith("kestrel-script-")
    scratch.close()
    assert list(system.iterdir()) == []


def test_without_room_in_the_work_folder_too(system, work):
    work.parent.parent.mkdir(parents=True)
    work.parent.touch()
    assert Scratch(work).new("wd").parent == system


def test_without_any_room_it_is_told(system):
    system.rmdir()
    system.touch()
    with pytest.raises(TaskFailed, match="no temporary folder can be made: "):
        Scratch().new("wd")


def test_one_goes_when_it_is_removed_the_others_at_the_end(work):
    scratch = Scratch(work)
    one, other = scratch.new("a"), scratch.new("a")
    (one / "file").touch()
    scratch.remove(one)
    assert not one.exists()
    assert other.is_dir()
    scratch.close()
    assert not other.exists()


def test_a_folder_of_the_same_name_is_somebody_elses(work, system, monkeypatch):
    monkeypatch.setattr(os, "urandom", bytes)
    mine, other = Scratch(work), Scratch(work)
    theirs = other.new("wd")
    assert mine.new("wd").parent == system
    mine.close()
    assert theirs.is_dir()


def test_many_work_at_once_while_others_leave(work):
    def attempt(_: int) -> None:
        scratch = Scratch(work)
        (scratch.new("wd") / "file").touch()
        scratch.close()
        leave(work)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, range(400)))
    leave(work)
    assert not work.exists()


@pytest.mark.parametrize("of_a_run", [True, False])
def test_an_exception_at_any_moment_leaves_no_folder(work, system, of_a_run):
    def attempt() -> None:
        nonlocal scratch
        scratch = Scratch(work if of_a_run else None)
        scratch.new("script")

    scratch = Scratch()
    seen = 0
    for _ in interrupted_anywhere(attempt, "/store/work.py", "/store/directory.py"):
        seen += 1
        scratch.close()
        assert left(work) + left(system) == []
    assert seen > 100


def left(place: Path) -> list[Path]:
    return [one for one in place.rglob("*") if one.name != "tmp"]
