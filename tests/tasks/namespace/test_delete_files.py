from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import OUTSIDE


@pytest.fixture
def ctx(tmp_path: Path) -> ReachingContext:
    made = ReachingContext(tmp_path)
    for name in ("a.txt", "one/two/b.txt", "one/c.txt"):
        made.files.namespace("tutorial").write(name, b"x")
    return made


def delete(ctx: ReachingContext, **properties: Any) -> list[str]:
    made = task("namespace.DeleteFiles", "d", namespace="tutorial", **properties)
    before = set(ctx.files.namespace("tutorial").names())
    assert not made.run(ctx).outputs  # type: ignore[attr-defined]
    return sorted(before - set(ctx.files.namespace("tutorial").names()))


def folders(ctx: ReachingContext) -> list[str]:
    base = ctx.files.namespace("tutorial").path("a.txt").parent
    return sorted(path.relative_to(base).as_posix() for path in base.rglob("*") if path.is_dir())


def test_files_that_match_go_and_are_counted(ctx: ReachingContext) -> None:
    assert delete(ctx, files=["b.txt", "c.txt"]) == ["one/c.txt", "one/two/b.txt"]
    assert ctx.files.namespace("tutorial").names() == ["a.txt"]
    assert ctx.counters == [("deleted", 2, {})]
    assert ctx.logs == [("DEBUG", "Deleted one/c.txt"), ("DEBUG", "Deleted one/two/b.txt")]
    assert folders(ctx) == ["one", "one/two"]


def test_folders_that_are_empty_now_may_go_too(ctx: ReachingContext) -> None:
    delete(ctx, files="b.txt", deleteParentFolder=True)
    assert folders(ctx) == ["one"]
    assert ctx.logs[-1] == ("DEBUG", "Deleted empty folder: one/two")
    delete(ctx, files="one/**", deleteParentFolder=True)
    assert folders(ctx) == []


def test_no_file_is_no_failure(ctx: ReachingContext) -> None:
    assert delete(ctx, files="z") == []
    assert ctx.counters == [("deleted", 0, {})]


@pytest.mark.parametrize("name", [*OUTSIDE, ".", "a/b"], ids=range(len(OUTSIDE) + 2))
def test_neither_namespace_nor_files_lead_out(
    tmp_path: Path, ctx: ReachingContext, name: str
) -> None:
    (tmp_path / "secret").write_text("x")
    with pytest.raises((RenderError, TaskFailed)):
        task("namespace.DeleteFiles", "d", namespace=name, files="**").run(ctx)
    assert delete(ctx, files=[name.replace("*", "")]) == []
    assert (tmp_path / "secret").exists()


def test_a_link_stays_and_what_it_leads_to(tmp_path: Path, ctx: ReachingContext) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "x").write_text("x")
    here = ctx.files.namespace("tutorial").path("a.txt").parent
    (here / "link").symlink_to(secret / "x")
    (here / "folder").symlink_to(secret)
    delete(ctx, files="**", deleteParentFolder=True)
    assert (secret / "x").read_text() == "x"
