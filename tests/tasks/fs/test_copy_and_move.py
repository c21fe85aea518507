import errno
import os
from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.task import Outcome
from tests.support.flows import written

both = pytest.mark.parametrize("name", ["Copy", "Move"])


def done(name, ctx, source, target, **properties):
    said = {"from": str(source), "to": str(target), **properties}
    return written(f"io.kestra.plugin.fs.local.{name}", **said).run(ctx)


@both
@pytest.mark.parametrize("apart", [False, True])
def test_a_file(name, apart, ctx, folder, monkeypatch):
    if apart:
        other_disk(monkeypatch)
    (folder / "a.txt").chmod(0o750)
    assert done(name, ctx, "a.txt", "new/b.txt") == Outcome()
    assert (folder / "new" / "b.txt").read_text() == "aa"
    assert (folder / "new" / "b.txt").stat().st_mode & 0o777 == 0o750
    assert (folder / "a.txt").exists() == (name == "Copy")


@both
@pytest.mark.parametrize("apart", [False, True])
def test_a_folder(name, apart, ctx, folder, monkeypatch):
    if apart:
        other_disk(monkeypatch)
    (folder / "inner" / "link").symlink_to("c.csv")
    done(name, ctx, "inner", "new")
    assert (folder / "new" / "c.csv").read_text() == "ccc"
    assert (folder / "new" / "link").is_symlink()
    assert (folder / "inner").exists() == (name == "Copy")


def other_disk(monkeypatch):
    real = Path.replace

    def replace(self, target):
        if not self.name.startswith(".kestrel-"):
            raise OSError(errno.EXDEV, "cross-device link")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)


@both
def test_what_is_there_stays_unless_it_may_go(name, ctx, folder):
    with pytest.raises(TaskFailed, match=r"Target file already exists: .*, configure `overwrite"):
        done(name, ctx, "a.txt", "b.csv")
    assert (folder / "b.csv").read_text() == "b"
    done(name, ctx, "a.txt", "b.csv", overwrite=True)
    assert (folder / "b.csv").read_text() == "aa"
    assert not [one for one in folder.iterdir() if one.name.startswith(".")]


@both
def test_a_file_never_takes_the_place_of_a_folder(name, ctx, folder):
    with pytest.raises(TaskFailed, match="it is a folder"):
        done(name, ctx, "a.txt", "inner", overwrite=True)
    assert (folder / "a.txt").exists()
    assert (folder / "inner" / "c.csv").exists()


@both
def test_what_is_not_there(name, ctx, folder):
    with pytest.raises(TaskFailed, match=r"Source file does not exist: .*none"):
        done(name, ctx, "none", "b")


def test_a_folder_is_not_put_into_itself(ctx, folder):
    with pytest.raises(TaskFailed, match="can't be copied into itself"):
        done("Copy", ctx, "inner", "inner/new")
    with pytest.raises(TaskFailed, match="Unable to move"):
        done("Move", ctx, "inner", "inner/new")
    assert (folder / "inner" / "c.csv").exists()


def test_what_is_no_file_is_not_copied(ctx, folder):
    os.mkfifo(folder / "inner" / "pipe")
    with pytest.raises(TaskFailed, match="it is no regular file"):
        done("Copy", ctx, "inner/pipe", "b")
    with pytest.raises(TaskFailed, match="it is no regular file"):
        done("Copy", ctx, "inner", "new")
