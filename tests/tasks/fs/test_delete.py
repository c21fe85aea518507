from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import written


def deleted(ctx, **properties):
    return written("io.kestra.plugin.fs.local.Delete", **properties).run(ctx).outputs


def test_a_file_or_a_folder(ctx, folder):
    for name in ("a.txt", "inner"):
        place = folder / name
        assert deleted(ctx, **{"from": name}) == {"uri": place.as_uri(), "deleted": True}
        assert not place.exists()


def test_a_folder_that_is_not_empty_stays_when_asked(ctx, folder):
    with pytest.raises(TaskFailed, match="not empty"):
        deleted(ctx, **{"from": "inner", "recursive": False})
    assert (folder / "inner" / "c.csv").exists()


def test_what_is_missing(ctx, folder):
    assert deleted(ctx, **{"from": "none"})["deleted"] is False
    with pytest.raises(TaskFailed, match=r"Unable to find file '.*none'"):
        deleted(ctx, **{"from": "none", "errorOnMissing": True})


def test_files_by_their_paths(ctx, folder):
    outputs = deleted(ctx, **{"from": str(folder), "regExp": ".*csv", "recursive": False})
    assert outputs["uris"] == [(folder / "b.csv").as_uri()]
    outputs = deleted(ctx, **{"from": str(folder), "regExp": ".*csv"})
    assert outputs["uris"] == [(folder / "inner" / "c.csv").as_uri()]
    assert deleted(ctx, **{"from": str(folder), "regExp": "none"})["deleted"] is False
    assert (folder / "a.txt").exists()
    with pytest.raises(TaskFailed, match="must be a folder when there is a `regExp`"):
        deleted(ctx, **{"from": "a.txt", "regExp": ".*"})


def test_links_are_deleted_not_followed(ctx, folder):
    (folder / "link").symlink_to("inner")
    deleted(ctx, **{"from": "link"})
    (folder / "outer").mkdir()
    (folder / "outer" / "link").symlink_to(folder / "inner")
    deleted(ctx, **{"from": "outer"})
    assert (folder / "inner" / "c.csv").exists()


@pytest.mark.parametrize("place", ["/", ".", "..", "~", "link"])
def test_home_and_working_folder_are_kept(place, ctx, folder, monkeypatch):
    (folder / "link").symlink_to(folder.parent)
    (folder / "home").mkdir()
    monkeypatch.setattr(Path, "home", lambda: folder / "home")
    said = {"~": str(folder / "home"), "link": "link/"}.get(place, place)
    monkeypatch.chdir(folder / "inner" if place == "~" else folder)
    if place == "link":
        deleted(ctx, **{"from": said})
    else:
        with pytest.raises(TaskFailed, match="holds the home or the working folder"):
            deleted(ctx, **{"from": said})
    assert (folder / "inner" / "c.csv").exists()
