import os

import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from tests.support.flows import written


def listed(ctx, **properties):
    return written("io.kestra.plugin.fs.local.List", **properties).run(ctx).outputs


def names(ctx, **properties):
    return [file["name"] for file in listed(ctx, **properties)["files"]]


def test_every_file_is_described(ctx, folder):
    place = folder / "a.txt"
    os.utime(place, ns=(86_400_000_000_000, 1_500_000_000))
    outputs = listed(ctx, **{"from": str(folder), "regExp": "a.*"})
    (file,) = outputs["files"]
    assert file.pop("createdDate").endswith("Z")
    assert file == {
        "uri": place.as_uri(),
        "localPath": str(place),
        "name": "a.txt",
        "parent": str(folder),
        "size": 2,
        "modifiedDate": "1970-01-01T00:00:01.500000Z",
        "accessedDate": "1970-01-02T00:00:00Z",
        "isDirectory": False,
    }
    assert outputs["count"] == 1


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        ({}, ["a.txt", "b.csv"]),
        ({"recursive": True}, ["a.txt", "b.csv", "c.csv"]),
        ({"recursive": True, "regExp": r".*\.csv"}, ["b.csv", "c.csv"]),
        ({"recursive": True, "regExp": ".*/inner/.*"}, ["c.csv"]),
        ({"regExp": "csv"}, []),
        ({"recursive": True, "sort": "NAME_DESC"}, ["c.csv", "b.csv", "a.txt"]),
        ({"recursive": True, "sort": "NAME_ASC"}, ["a.txt", "b.csv", "c.csv"]),
        ({"recursive": True, "sort": "LAST_MODIFIED_ASC"}, ["c.csv", "a.txt", "b.csv"]),
        ({"recursive": True, "sort": "LAST_MODIFIED_DESC"}, ["b.csv", "a.txt", "c.csv"]),
    ],
)
def test_files_are_chosen_and_sorted(properties, found, ctx, folder):
    for at, name in enumerate(["inner/c.csv", "a.txt", "b.csv"]):
        os.utime(folder / name, (at, at))
    assert names(ctx, **{"from": ".", **properties}) == found
    assert names(ctx, **{"from": folder.as_uri(), **properties}) == found


def test_links_and_other_things_are_left_out(ctx, folder):
    (folder / "link").symlink_to(folder / "a.txt")
    (folder / "inner" / "up").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    assert names(ctx, **{"from": str(folder), "recursive": True}) == ["a.txt", "b.csv", "c.csv"]


def test_too_many_are_cut_off(ctx, folder):
    assert listed(ctx, **{"from": str(folder), "maxFiles": 1})["count"] == 1
    assert ctx.logs == [("WARN", "Too many files to process (2), limiting to 1")]


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ({"from": "none"}, "Unable to list '.*none': no such file or directory"),
        ({"from": "a.txt"}, "Unable to list '.*a.txt': not a directory"),
        ({"from": " "}, "`from` must be a path"),
        ({"from": "a\0b"}, "`from` must be a path"),
        ({"from": ".", "sort": "{{ wrong }}"}, "`sort` must be one of NONE"),
        ({"from": ".", "maxFiles": -1}, "must not be negative"),
        ({"from": ".", "regExp": "("}, "invalid regular expression"),
    ],
)
def test_what_can_not_be_listed_is_a_failure(properties, why, ctx, folder):
    with pytest.raises((TaskFailed, RenderError), match=why):
        listed(ctx, **properties)
