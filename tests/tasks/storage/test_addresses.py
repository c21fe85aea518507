"""No address leads a task out of storage."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.model.task import Task
from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import OUTSIDE, content, place, stored

Reader = Callable[[str], Task]

READERS: dict[str, Reader] = {
    "Concat": lambda uri: task("storage.Concat", "t", files=[uri]),
    "Split": lambda uri: task("storage.Split", "t", from_=uri, rows=1),
    "Size": lambda uri: task("storage.Size", "t", uri=uri),
    "Reverse": lambda uri: task("storage.Reverse", "t", from_=uri),
    "FilterItems": lambda uri: task("storage.FilterItems", "t", from_=uri, filterCondition="1"),
    "DeduplicateItems": lambda uri: task("storage.DeduplicateItems", "t", from_=uri, expr="1"),
    "LocalFiles": lambda uri: task("storage.LocalFiles", "t", inputs={"in": uri}, outputs=["in"]),
}
DELETE: Reader = lambda uri: task("storage.Delete", "t", uri=uri)  # noqa: E731

each_reader = pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
each_task = pytest.mark.parametrize("reader", [*READERS.values(), DELETE], ids=[*READERS, "Delete"])


def run(made: Task, ctx: ReachingContext) -> dict[str, Any]:
    outputs: dict[str, Any] = made.run(ctx).outputs  # type: ignore[attr-defined]
    return outputs


def refusal(made: Task, ctx: ReachingContext) -> str:
    """Why the task failed; Delete may find nothing instead, or take a link itself away."""
    try:
        outputs = run(made, ctx)
    except (RenderError, TaskFailed) as error:
        return str(error)
    assert "deleted" in outputs
    return ""


@each_task
@pytest.mark.parametrize("base", ["kestra:///", "kestra:///company/team/", "file:///"])
@pytest.mark.parametrize("name", OUTSIDE, ids=range(len(OUTSIDE)))
def test_names_that_lead_out_are_refused(
    tmp_path: Path, reader: Reader, base: str, name: str
) -> None:
    (tmp_path / "secret").write_text("secret")
    said = refusal(reader(base + name), ReachingContext(tmp_path))
    assert str(tmp_path) not in said
    assert (tmp_path / "secret").read_text() == "secret"


@each_task
@pytest.mark.parametrize("uri", ["", "https://example.com/a", "/etc/passwd", "kestra:///"])
def test_what_is_no_address_of_a_file_is_refused(tmp_path: Path, reader: Reader, uri: str) -> None:
    if reader is not READERS["LocalFiles"]:  # there it is content
        refusal(reader(uri), ReachingContext(tmp_path))


@each_task
@pytest.mark.parametrize("kind", ["file", "folder", "loop", "dangling"])
def test_links_are_not_followed_out(tmp_path: Path, reader: Reader, kind: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_text("{secret:1}\n")
    ctx = ReachingContext(tmp_path / "here")
    uri = stored(ctx, "{a:1}\n", "x")
    file = place(ctx, uri)
    if kind == "folder":
        file.parent.rename(file.parent.with_name("moved"))
        file.parent.symlink_to(outside)
    else:
        file.unlink()
        target = {"file": outside / "x", "loop": file, "dangling": outside / "no"}[kind]
        file.symlink_to(target)
    assert str(tmp_path) not in refusal(reader(uri), ctx)
    assert (outside / "x").read_text() == "{secret:1}\n"


@each_reader
def test_a_pipe_is_no_file_and_nobody_waits_for_it(tmp_path: Path, reader: Reader) -> None:
    ctx = ReachingContext(tmp_path)
    uri = stored(ctx, "x", "x")
    file = place(ctx, uri)
    file.unlink()
    os.mkfifo(file)
    with pytest.raises((RenderError, TaskFailed)):
        run(reader(uri), ctx)


@pytest.mark.parametrize(
    "reader", [READERS["Concat"], READERS["Reverse"]], ids=["Concat", "Reverse"]
)
def test_a_file_that_turns_into_a_link_never_shows_what_is_outside(
    tmp_path: Path, reader: Reader
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("secret")
    ctx = ReachingContext(tmp_path / "here")
    uri = stored(ctx, "inside", "x")
    file = place(ctx, uri)
    ended = threading.Event()

    def flip() -> None:
        link, plain = file.with_name("link"), file.with_name("plain")
        while not ended.is_set():
            link.symlink_to(outside)
            link.replace(file)
            plain.write_text("inside")
            plain.replace(file)

    other = threading.Thread(target=flip)
    other.start()
    seen = set()
    try:
        for _ in range(200):
            try:
                seen.add(content(ctx, run(reader(uri), ctx)["uri"]).strip())
            except (RenderError, TaskFailed) as refused:
                assert str(tmp_path) not in str(refused)  # noqa: PT017
    finally:
        ended.set()
        other.join()
    assert seen <= {"inside", ""}
