import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import written


def downloaded(ctx, **properties):
    return written("io.kestra.plugin.fs.local.Downloads", **properties).run(ctx).outputs


def test_files_go_into_storage(ctx, folder):
    outputs = downloaded(ctx, **{"from": str(folder), "recursive": True, "regExp": ".*csv"})
    assert [file["name"] for file in outputs["files"]] == ["b.csv", "c.csv"]
    places = [str(folder / "b.csv"), str(folder / "inner" / "c.csv")]
    assert list(outputs["outputFiles"]) == places
    assert [file["uri"] for file in outputs["files"]] == list(outputs["outputFiles"].values())
    contents = [ctx.files.local(uri).read_bytes() for uri in outputs["outputFiles"].values()]
    assert contents == [b"b", b"ccc"]
    assert (folder / "b.csv").exists()


def test_only_what_was_taken_is_deleted(ctx, folder):
    downloaded(ctx, **{"from": str(folder), "action": "DELETE", "maxFiles": 1})
    assert sorted(one.name for one in folder.iterdir()) == ["b.csv", "inner"]


def test_files_are_moved_with_their_folders(ctx, folder, tmp_path):
    moved = {"action": "MOVE", "moveDirectory": str(tmp_path / "done" / "all")}
    outputs = downloaded(ctx, **{"from": str(folder), "recursive": True, **moved})
    place = tmp_path / "done" / "all" / "inner" / "c.csv"
    assert place.read_text() == "ccc"
    about = outputs["files"][2]
    assert (about["localPath"], about["parent"]) == (str(place), str(place.parent))
    assert about["uri"].startswith("kestra://")
    assert str(folder / "inner" / "c.csv") in outputs["outputFiles"]
    assert [one.name for one in folder.iterdir()] == ["inner"]


def test_a_move_needs_a_folder(ctx, folder):
    with pytest.raises(TaskFailed, match="moveDirectory must be specified when action is MOVE"):
        downloaded(ctx, **{"from": str(folder), "action": "MOVE"})
