import os
from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import OUTSIDE, content


def download(ctx: ReachingContext, **properties: Any) -> dict[str, str]:
    made = task("namespace.DownloadFiles", "d", namespace="tutorial", **properties)
    files: dict[str, str] = made.run(ctx).outputs["files"]  # type: ignore[attr-defined]
    return files


def test_files_are_copied_into_storage(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    ctx.files.namespace("tutorial").write("a.txt", b"one")
    ctx.files.namespace("tutorial").write("sub/b.txt", b"two")
    ctx.files.namespace("tutorial").write("c.sql", b"three")
    found = download(ctx, files="**.txt")
    assert {name: content(ctx, uri) for name, uri in found.items()} == {
        "/a.txt": "one",
        "/sub/b.txt": "two",
    }
    assert ctx.counters == [("downloaded", 2, {})]
    assert [level for level, _ in ctx.logs] == ["DEBUG", "DEBUG"]


@pytest.mark.parametrize("folder", ["out", "/out/"])
def test_the_destination_is_a_folder_in_storage(tmp_path: Path, folder: str) -> None:
    ctx = ReachingContext(tmp_path)
    ctx.files.namespace("tutorial").write("a.txt", b"one")
    assert download(ctx, files=["a.txt"], destination=folder)["/a.txt"].endswith("/out/a.txt")


def test_no_file_is_no_failure(tmp_path: Path) -> None:
    assert download(ReachingContext(tmp_path), files="**") == {}


@pytest.mark.parametrize("name", ["../x", "%2e%2e/x", "a/../../x", "a:b", "..\\x"])
def test_a_destination_does_not_lead_out(tmp_path: Path, name: str) -> None:
    ctx = ReachingContext(tmp_path)
    ctx.files.namespace("tutorial").write("a.txt", b"one")
    with pytest.raises((RenderError, TaskFailed)) as refused:
        download(ctx, files="**", destination=name)
    assert str(tmp_path) not in str(refused.value)


@pytest.mark.parametrize("name", [*OUTSIDE, ".", "a/b"], ids=range(len(OUTSIDE) + 2))
def test_a_namespace_does_not_lead_out(tmp_path: Path, name: str) -> None:
    made = task("namespace.DownloadFiles", "d", namespace=name, files="**")
    with pytest.raises((RenderError, TaskFailed)):
        made.run(ReachingContext(tmp_path))


def test_links_and_pipes_are_no_files(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    ctx.files.namespace("tutorial").write("a.txt", b"one")
    (tmp_path / "secret").write_text("secret")
    here = ctx.files.namespace("tutorial").path("a.txt").parent
    (here / "link").symlink_to(tmp_path / "secret")
    (here / "folder").symlink_to(tmp_path)
    os.mkfifo(here / "pipe")
    assert list(download(ctx, files="**")) == ["/a.txt"]
