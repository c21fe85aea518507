import json

import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from tests.support.flows import written


def uploaded(ctx, **properties):
    return written("io.kestra.plugin.fs.local.Uploads", **properties).run(ctx).outputs


@pytest.fixture
def two(ctx):
    return [ctx.files.put(b"one", "one.csv"), ctx.files.put(b"two", "two.sql")]


def contents(folder):
    places = [one for one in folder.rglob("*") if one.is_file()]
    return {one.relative_to(folder).as_posix(): one.read_text() for one in places}


def test_a_list_keeps_its_names(ctx, two, tmp_path):
    outputs = uploaded(ctx, **{"from": two, "to": str(tmp_path / "out")})
    assert contents(tmp_path / "out") == {"one.csv": "one", "two.sql": "two"}
    assert outputs["files"][0] == (tmp_path / "out" / "one.csv").as_uri()


@pytest.mark.parametrize("as_text", [False, True])
def test_a_map_gives_names(as_text, ctx, two, tmp_path):
    said = {"a.csv": two[0], "in/b.sql": two[1]}
    ctx.values["said"] = json.dumps(said)
    uploaded(ctx, **{"from": "<said>" if as_text else said, "to": str(tmp_path / "out")})
    assert contents(tmp_path / "out") == {"a.csv": "one", "in/b.sql": "two"}


def test_one_address_or_a_list_as_text(ctx, two, tmp_path):
    uploaded(ctx, **{"from": two[0], "to": str(tmp_path / "one")})
    uploaded(ctx, **{"from": json.dumps(two), "to": str(tmp_path / "all")})
    assert list(contents(tmp_path / "one")) == ["one.csv"]
    assert sorted(contents(tmp_path / "all")) == ["one.csv", "two.sql"]


def test_some_are_left_out(ctx, two, tmp_path):
    uploaded(ctx, **{"from": two, "to": str(tmp_path / "out"), "regExp": r".*\.sql$"})
    assert list(contents(tmp_path / "out")) == ["two.sql"]
    uploaded(ctx, **{"from": two, "to": str(tmp_path / "few"), "maxFiles": 1})
    assert list(contents(tmp_path / "few")) == ["one.csv"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("[1", "`from` is neither an address nor JSON"),
        ("[1]", "`from` must hold addresses of files, got 1"),
        (1, "`from` must be a list or a map of addresses, got 1"),
        ({"../x": "kestra:///x"}, r"\.\./"),
        ({"/x": "kestra:///x"}, "must be relative"),
    ],
)
def test_what_can_not_be_copied_is_a_failure(said, why, ctx, tmp_path):
    with pytest.raises((TaskFailed, RenderError), match=why):
        uploaded(ctx, **{"from": said, "to": str(tmp_path / "out")})
    assert not (tmp_path / "out").exists()


def test_what_is_there_may_stay(ctx, two, tmp_path):
    (tmp_path / "one.csv").write_text("old")
    with pytest.raises(TaskFailed, match="Target file already exists"):
        uploaded(ctx, **{"from": two, "to": str(tmp_path), "overwrite": False})
    assert (tmp_path / "one.csv").read_text() == "old"
