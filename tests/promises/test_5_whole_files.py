"""A file that is written holds the old content or the whole new one, whatever fails meanwhile."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.store.storage import whole_file
from tests.cli.flows_here import HELLO
from tests.support.cli import run_here

ERRORS = [errno.ENOSPC, errno.EIO, errno.EACCES]

OLD = '{"old": true}\n'


class Failing:
    """A file that takes so many writes."""

    def __init__(self, stream: Any, writes: int, error: int) -> None:
        self._stream, self._left, self._error = stream, writes, error

    def write(self, text: str) -> int:
        if not self._left:
            raise OSError(self._error, os.strerror(self._error))
        self._left -= 1
        return int(self._stream.write(text))

    def __enter__(self) -> "Failing":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@pytest.mark.parametrize("error", ERRORS, ids=errno.errorcode.get)
@pytest.mark.parametrize("step", ["open", "replace", *range(3)])
def test_the_json_file_is_the_old_one_or_the_whole_new_one(
    step: str | int, error: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run.json").write_text(OLD, "utf-8")

    def failing(*_: object, **__: object) -> Any:
        raise OSError(error, os.strerror(error))

    def opened(*arguments: Any, **more: Any) -> Any:
        assert isinstance(step, int)
        return Failing(open(*arguments, **more), step, error)  # noqa: PTH123  stands in for it

    if step == "replace":
        monkeypatch.setattr("kestrel_cli.cli.files.os.replace", failing)
    else:
        stand_in = failing if step == "open" else opened
        monkeypatch.setattr("kestrel_cli.cli.files.open", stand_in, raising=False)
    (tmp_path / "flow.yaml").write_text(HELLO, "utf-8")
    result = run_here(["run", "flow.yaml", "--json-file", "run.json"], tmp_path)
    monkeypatch.undo()
    written = (tmp_path / "run.json").read_text("utf-8")
    assert "Traceback" not in result.err
    assert "bug" not in result.err
    if written == OLD:
        assert result.code in (2, 74)
        assert os.strerror(error) in result.err
    else:
        assert json.loads(written)["exitCode"] == result.code == 0
    assert not [*tmp_path.glob("*.part")]


class Interrupted(BaseException):
    """What a signal raises."""


@pytest.mark.parametrize("trouble", [OSError("full"), Interrupted(), TaskFailed("no")])
@pytest.mark.parametrize("apart", [True, False], ids=["elsewhere", "beside"])
def test_a_file_in_storage_is_the_old_one_when_it_can_not_be_written(
    trouble: BaseException, apart: bool, tmp_path: Path
) -> None:
    place = tmp_path / "storage" / "a" / "file.txt"
    drafts = tmp_path / "drafts" if apart else None
    with whole_file(place, drafts) as stream:
        stream.write(b"old")

    def half() -> None:
        with whole_file(place, drafts) as stream:
            stream.write(b"half of the new")
            stream.flush()
            raise trouble

    with pytest.raises((TaskFailed, Interrupted)):
        half()
    assert place.read_bytes() == b"old"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [place]


@pytest.mark.parametrize("step", [0, 1])
def test_a_copy_from_another_disk_takes_the_place_when_it_is_whole(
    step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The draft can not be moved there; the copy of it may fail as well."""
    place = tmp_path / "storage" / "file.txt"
    with whole_file(place) as stream:
        stream.write(b"old")
    real: Callable[..., Any] = Path.replace

    def replace(self: Path, to: Path) -> Any:
        if self.parent.name == "drafts":
            raise OSError(errno.EXDEV, "another disk")
        if step:
            raise OSError(errno.EIO, "broken")
        return real(self, to)

    monkeypatch.setattr(Path, "replace", replace)
    try:
        with whole_file(place, tmp_path / "drafts") as stream:
            stream.write(b"new")
    except TaskFailed:
        assert step
    assert place.read_bytes() == (b"old" if step else b"new")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [place]
