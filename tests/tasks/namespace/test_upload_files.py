import os
from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import OUTSIDE, stored


@pytest.fixture
def ctx(tmp_path: Path) -> ReachingContext:
    return ReachingContext(tmp_path)


def upload(ctx: ReachingContext, **properties: Any) -> dict[str, str]:
    made = task("namespace.UploadFiles", "u", **{"namespace": "tutorial", **properties})
    files: dict[str, str] = made.run(ctx).outputs["files"]  # type: ignore[attr-defined]
    return files


def held(ctx: ReachingContext) -> dict[str, str]:
    files = ctx.files.namespace("tutorial")
    return {name: files.path(name).read_text() for name in files.names()}


def working(ctx: ReachingContext, *names: str) -> Path:
    folder = ctx.files.folder()
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_a_map_says_names_and_addresses(ctx: ReachingContext) -> None:
    found = upload(ctx, filesMap={"main.py": stored(ctx, "one"), "/sub/x": stored(ctx, "two", "b")})
    assert held(ctx) == {"main.py": "one", "sub/x": "two"}
    assert found == {
        "/main.py": "kestra:///tutorial/_files/main.py",
        "/sub/x": "kestra:///tutorial/_files/sub/x",
    }
    assert ctx.logs[0] == ("DEBUG", "File '/main.py' added to namespace 'tutorial'.")


def test_the_map_may_come_from_an_expression(ctx: ReachingContext) -> None:
    ctx.values["files"] = {"a": stored(ctx, "one")}
    upload(ctx, filesMap="<files>", destination="/dir")
    assert held(ctx) == {"dir/a": "one"}


def test_patterns_choose_files_of_the_working_directory(ctx: ReachingContext) -> None:
    working(ctx, "a.sql", "sub/b.sql", "sub/dbt/c.yml", "d.txt")
    upload(ctx, files=["*.sql", "glob:**/dbt/**"], destination="to")
    assert held(ctx) == {"to/a.sql": "a.sql", "to/sub/dbt/c.yml": "sub/dbt/c.yml"}
    upload(ctx, files=["regex:.*/sub/.*[.]sql"])
    assert held(ctx)["sub/b.sql"] == "sub/b.sql"


def test_nothing_is_left_in_storage(tmp_path: Path, ctx: ReachingContext) -> None:
    working(ctx, "a", "b")
    ctx.files.namespace("tutorial").write("b", b"old")
    with pytest.raises(TaskFailed):
        upload(ctx, files=["*"], conflict="ERROR")
    assert held(ctx) == {"a": "a", "b": "old"}
    assert not list(tmp_path.rglob("*.upload"))


@pytest.mark.parametrize(("conflict", "left"), [("OVERWRITE", "new"), ("SKIP", "old")])
def test_a_file_that_is_there_is_overwritten_or_kept(
    ctx: ReachingContext, conflict: str, left: str
) -> None:
    ctx.files.namespace("tutorial").write("a", b"old")
    found = upload(ctx, filesMap={"a": stored(ctx, "new")}, conflict=conflict)
    assert held(ctx) == {"a": left}
    assert bool(found) is (left == "new")


def test_a_file_that_is_there_may_be_a_failure(ctx: ReachingContext) -> None:
    ctx.files.namespace("tutorial").write("a", b"old")
    with pytest.raises(TaskFailed, match="File '/a' already exists in namespace 'tutorial'"):
        upload(ctx, filesMap={"a": stored(ctx, "new")}, conflict="ERROR")
    assert held(ctx) == {"a": "old"}


def test_a_source_that_is_not_there_is_left_out_with_a_warning(ctx: ReachingContext) -> None:
    assert upload(ctx, filesMap={"a": "kestra:///no/file"}) == {}
    assert ctx.logs[0][0] == "WARN"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "files or filesMap is required"),
        ({"filesMap": "text"}, "filesMap: expected a map"),
        ({"filesMap": "<list>"}, "filesMap: expected a map"),
        ({"filesMap": "<numbers>"}, "`a` must have the address of a file"),
        ({"files": [], "conflict": "MAYBE"}, "`conflict` must be one of"),
    ],
)
def test_what_makes_no_sense_is_refused(
    ctx: ReachingContext, said: dict[str, Any], words: str
) -> None:
    ctx.values |= {"list": [1], "numbers": {"a": 1}}
    with pytest.raises(TaskFailed, match=words):
        upload(ctx, **said)


@pytest.mark.parametrize("name", OUTSIDE, ids=range(len(OUTSIDE)))
def test_no_name_leads_out(tmp_path: Path, ctx: ReachingContext, name: str) -> None:
    (tmp_path / "secret").write_text("secret")
    uri = stored(ctx, "new")
    for said in (
        {"filesMap": {"sub/" + name: uri}},
        {"filesMap": {"x": "kestra:///" + name}},
        {"filesMap": {"x": uri}, "destination": "sub/" + name},
        {"filesMap": {"x": uri}, "namespace": name},
    ):
        try:
            found = upload(ctx, **said)
        except (RenderError, TaskFailed) as refused:
            assert str(tmp_path) not in str(refused)  # noqa: PT017
        else:
            assert name in ("/etc/passwd", "\\\\srv\\x")  # no way out behind `sub/`
            assert "namespace" not in said
            assert all(uri.startswith("kestra:///tutorial/_files/sub/") for uri in found.values())
    assert (tmp_path / "secret").read_text() == "secret"


def test_links_and_pipes_of_the_working_directory_are_left_out(
    tmp_path: Path, ctx: ReachingContext
) -> None:
    (tmp_path / "secret").write_text("secret")
    folder = working(ctx, "a")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    upload(ctx, files=["**"])
    assert held(ctx) == {"a": "a"}
    assert {level for level, message in ctx.logs if "is no regular file" in message} == {"WARN"}


def test_a_link_in_the_namespace_does_not_lead_out(tmp_path: Path, ctx: ReachingContext) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_text("old")
    ctx.files.namespace("tutorial").write("first", b"")
    here = ctx.files.namespace("tutorial").path("first").parent
    (here / "folder").symlink_to(outside)
    (here / "link").symlink_to(outside / "x")
    for name in ("folder/x", "folder/y", "link"):
        with pytest.raises((RenderError, TaskFailed)) as refused:
            upload(ctx, filesMap={name: stored(ctx, "new")})
        assert str(tmp_path) not in str(refused.value)
    assert [path.read_text() for path in outside.iterdir()] == ["old"]
