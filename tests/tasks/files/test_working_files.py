"""Files into a working directory and out of it: no name and no link leads anywhere else."""

import os
import stat
from contextlib import contextmanager
from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks.files.working_files import (
    NamespaceFilesSpec,
    collect_output_files,
    place_input_files,
    place_namespace_files,
)
from tests.store.test_files import BAD, GOOD
from tests.support.reach import ReachingContext


@pytest.fixture
def ctx(tmp_path: Path) -> ReachingContext:
    return ReachingContext(tmp_path)


@pytest.fixture
def folder(ctx: ReachingContext, tmp_path: Path):
    """The working directory, taken away at the end."""
    yield ctx.files.folder()
    ctx._reach.close()


def namespace_file(tmp_path: Path, name: str, text: str, namespace: str = "company.team") -> None:
    path = tmp_path / "_files" / namespace / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def content(ctx: ReachingContext, uri: str) -> bytes:
    with ctx.files.open(uri) as file:
        return file.read()


# -- input files


def test_contents_are_written_with_their_parents(ctx, folder):
    names = place_input_files(ctx, {"a.txt": "hello\n", "b/c/d.json": {"x": [1, None]}, "e": ""})
    assert names == ["a.txt", "b/c/d.json", "e"]
    assert [(folder / name).read_text() for name in names] == ["hello\n", '{"x":[1,null]}', ""]


def test_files_and_folders_are_for_the_user_alone(ctx, folder):
    place_input_files(ctx, {"b/a.txt": "x"})
    modes = [
        stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "b", folder / "b/a.txt")
    ]
    assert modes == [0o700, 0o700, 0o600]


def test_names_and_contents_are_rendered_and_null_is_left_out(ctx, folder):
    ctx.values.update(name="n.txt", content="c")
    assert place_input_files(ctx, {"<name>": "<content>", "gone.txt": None}) == ["n.txt"]
    assert (folder / "n.txt").read_text() == "c"


def test_a_text_gives_the_map_as_json_and_its_parts_are_data(ctx, folder):
    ctx.values.update(files={"a.txt": "<unknown>", "b.txt": None, "c.txt": 5})
    assert place_input_files(ctx, "<files>") == ["a.txt", "c.txt"]
    assert (folder / "a.txt").read_text() == "<unknown>"
    assert (folder / "c.txt").read_text() == "5"


@pytest.mark.parametrize("value", ["no json", "[1]", ["a.txt"]])
def test_what_gives_no_map_is_named(ctx, value):
    with pytest.raises(TaskFailed, match=r"^inputFiles: expected a map"):
        place_input_files(ctx, value)


def test_addresses_are_replaced_by_what_they_hold(ctx, folder, tmp_path):
    namespace_file(tmp_path, "q.sql", "select 1")
    namespace_file(tmp_path, "q.sql", "select 2", "other.space")
    (tmp_path / "beside.txt").write_text("beside")
    files = {
        "stored": ctx.files.put(b"\x00\xff", "x.bin"),
        "own": "nsfile:///q.sql",
        "other": "nsfile://other.space/q.sql\n",
        "beside": f"file://{tmp_path}/beside.txt",
        "not_one": "see kestra:///x",
    }
    place_input_files(ctx, files)
    found = {name: (folder / name).read_bytes() for name in files}
    assert found == {
        "stored": b"\x00\xff", "own": b"select 1", "other": b"select 2", "beside": b"beside",
        "not_one": b"see kestra:///x",
    }  # fmt: skip


def test_an_address_without_a_file_is_named(ctx, folder):
    with pytest.raises(TaskFailed, match=r"^inputFiles: The file 'q.sql' does not exist"):
        place_input_files(ctx, {"a": "nsfile:///q.sql"})


@pytest.mark.parametrize("name", BAD, ids=repr)
def test_a_bad_name_is_refused_without_a_path_of_this_machine(name, ctx, folder):
    with pytest.raises(TaskFailed, match=r"^inputFiles: ") as failure:
        place_input_files(ctx, {name: "x"})
    assert str(folder) not in str(failure.value)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", GOOD, ids=repr)
def test_a_good_name_is_written(name, ctx, folder):
    place_input_files(ctx, {name: "x"})
    assert folder.joinpath(*GOOD[name]).read_text() == "x"


@pytest.mark.parametrize("name", ["link", "out/a", "dangling", "pipe", "folder"])
def test_nothing_is_written_through_what_a_script_left_there(name, ctx, folder, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "target").write_text("old")
    (folder / "link").symlink_to(tmp_path / "target")
    (folder / "out").symlink_to(tmp_path / "outside")
    (folder / "dangling").symlink_to(tmp_path / "new")
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    with pytest.raises(TaskFailed, match=f"^inputFiles: Unable to write the file '{name}': "):
        place_input_files(ctx, {name: "x"})
    assert (tmp_path / "target").read_text() == "old"
    assert not (tmp_path / "new").exists()
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_file_that_is_there_is_written_anew(ctx, folder):
    (folder / "a").write_text("something long")
    place_input_files(ctx, {"a": "x"})
    assert (folder / "a").read_text() == "x"


# -- namespace files


def test_all_files_of_the_own_namespace_come_by_default(ctx, folder, tmp_path):
    namespace_file(tmp_path, "a.py", "a")
    namespace_file(tmp_path, "sub/b.sql", "b")
    namespace_file(tmp_path, "c", "c", "other")
    assert place_namespace_files(ctx, NamespaceFilesSpec()) == ["a.py", "sub/b.sql"]
    assert (folder / "sub/b.sql").read_text() == "b"
    assert ctx.counters == [("namespacefiles.count", 2, {})]
    assert [name for name, _, _ in ctx.timers] == ["namespacefiles.duration"]
    assert ctx.logs[0][1].startswith("Loaded 2 namespace files from 'company.team' in 00:00:00.")


def test_nothing_is_done_when_they_are_not_enabled(ctx, tmp_path):
    assert place_namespace_files(ctx, NamespaceFilesSpec(enabled=False)) == []
    assert (ctx.logs, ctx.counters) == ([], [])


def test_patterns_choose(ctx, folder, tmp_path):
    for name in ("a.py", "b.sql", "sub/c.py", "sub/d.txt"):
        namespace_file(tmp_path, name, name)
    spec = NamespaceFilesSpec(include=["**/*.py", "sub/**"], exclude=["c.py"])
    assert place_namespace_files(ctx, spec) == ["a.py", "sub/d.txt"]


def test_a_later_namespace_wins_or_has_a_folder_of_its_own(ctx, folder, tmp_path):
    for space in ("one", "two"):
        namespace_file(tmp_path, "a", space, space)
    spec = NamespaceFilesSpec(namespaces=["one", "two"])
    place_namespace_files(ctx, spec)
    assert (folder / "a").read_text() == "two"
    place_namespace_files(ctx, spec.changed(folderPerNamespace=True))
    assert (folder / "one/a").read_text() + (folder / "two/a").read_text() == "onetwo"


@pytest.mark.parametrize(("choice", "level"), [("WARN", "WARN"), ("IGNORE", "DEBUG")])
def test_a_file_that_is_there_can_be_kept(choice, level, ctx, folder, tmp_path):
    namespace_file(tmp_path, "a", "new")
    (folder / "a").write_text("old")
    assert place_namespace_files(ctx, NamespaceFilesSpec(ifExists=choice)) == []
    assert (folder / "a").read_text() == "old"
    assert ctx.logs[0] == (level, "namespaceFiles: the file `a` is already there and is kept")


def test_a_file_that_is_there_can_be_an_error(ctx, folder, tmp_path):
    namespace_file(tmp_path, "a", "new")
    (folder / "a").write_text("old")
    with pytest.raises(TaskFailed, match="`a` is already there"):
        place_namespace_files(ctx, NamespaceFilesSpec(ifExists="FAIL"))
    with pytest.raises(TaskFailed, match="ifExists is OVERWRITE, FAIL, WARN or IGNORE, not MAYBE"):
        place_namespace_files(ctx, NamespaceFilesSpec(ifExists="MAYBE"))


# -- output files


def test_matching_files_are_stored_under_their_relative_names(ctx, folder):
    for name in ("a.csv", "b.txt", "sub/c.csv", "sub/deep/d.csv", "0"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    found = collect_output_files(ctx, ["*.csv", "sub/**", "0", "missing"])
    assert list(found) == ["0", "a.csv", "sub/c.csv", "sub/deep/d.csv"]
    assert all(uri.endswith(f"/{name}") for name, uri in found.items())
    assert all(content(ctx, uri).decode() == name for name, uri in found.items())


def test_no_pattern_is_no_file_and_makes_no_folder(ctx):
    assert collect_output_files(ctx, None) == {}
    assert collect_output_files(ctx, []) == {}
    assert ctx._reach._folder is None


def test_patterns_are_rendered(ctx, folder):
    (folder / "a").write_text("x")
    (folder / "b").write_text("x")
    ctx.values.update(name="a", list=["b", "<unknown>"])
    assert list(collect_output_files(ctx, ["<name>"])) == ["a"]
    assert list(collect_output_files(ctx, "<list>")) == ["b"]


@pytest.mark.parametrize("name", ["a:b.csv", "x.", ".hidden", "a\tb", "NUL.txt", "...", "Ü.c"])
def test_a_file_of_any_name_can_be_kept(name, ctx, folder):
    (folder / name).write_bytes(b"\xff\x00")
    found = collect_output_files(ctx, ["**"])
    assert list(found) == [name]
    assert content(ctx, found[name]) == b"\xff\x00"


def test_links_pipes_and_what_is_below_linked_folders_are_left_out(ctx, folder, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    (folder / "file").symlink_to(tmp_path / "outside" / "secret")
    (folder / "folder").symlink_to(tmp_path / "outside")
    (folder / "dangling").symlink_to(tmp_path / "nothing")
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "up").symlink_to("..")
    (folder / "empty").write_text("")
    os.mkfifo(folder / "pipe")
    assert list(collect_output_files(ctx, ["**"])) == ["empty"]
    told = {message for level, message in ctx.logs if level == "WARN"}
    assert told == {
        *(f"outputFiles: `{name}` is left out: a link"
          for name in ("file", "folder", "dangling", "loop", "up")),
        "outputFiles: `pipe` is left out: it is no regular file",
    }  # fmt: skip


@pytest.mark.parametrize("name", BAD, ids=repr)
def test_no_pattern_leads_out_of_the_folder(name, ctx, folder):
    (folder / "x").write_text("inside")
    assert set(collect_output_files(ctx, [name])) <= {"x"}


def test_a_file_that_becomes_a_link_in_the_meantime_is_not_followed(ctx, folder, tmp_path):
    (tmp_path / "secret").write_text("secret")
    (folder / "a").write_text("x")
    (folder / "b").write_text("x")
    create = ctx.files.create

    def swapped(name=""):
        (folder / "b").unlink()
        (folder / "b").symlink_to(tmp_path / "secret")
        return create(name)

    ctx.files.create = swapped
    assert list(collect_output_files(ctx, ["*"])) == ["a"]
    assert [message for _, message in ctx.logs] == [
        "outputFiles: `b` is left out: too many levels of symbolic links"
    ]


def test_a_full_disk_is_named(ctx, folder):
    (folder / "a").write_text("x")

    @contextmanager
    def full(name=""):
        raise TaskFailed("the file 'a' can't be written: no space left on device")
        yield

    ctx.files.create = full
    with pytest.raises(TaskFailed, match="no space left"):
        collect_output_files(ctx, ["a"])
