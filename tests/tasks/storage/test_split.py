from pathlib import Path

import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import content, name_of, stored


def test_the_parts_are_listed_in_order(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path, {"two": 2})
    split = task("storage.Split", "s", from_=stored(ctx, "1\n2\n3\n", "all.csv"), rows="<two>")
    uris = split.run(ctx).outputs["uris"]
    assert [content(ctx, uri) for uri in uris] == ["1\n2\n", "3\n"]
    assert [name_of(uri) for uri in uris] == ["part-1.csv", "part-2.csv"]


@pytest.mark.parametrize(
    ("said", "number"),
    [({"partitions": 2}, 2), ({"bytes_": "3"}, 2), ({"regexPattern": "([12])"}, 2)],
)
def test_there_are_more_ways_to_split(tmp_path: Path, said: dict[str, object], number: int) -> None:
    ctx = ReachingContext(tmp_path)
    split = task("storage.Split", "s", from_=stored(ctx, "1\n2\n3\n"), **said)
    assert len(split.run(ctx).outputs["uris"]) == number


def test_a_way_has_to_be_said(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    with pytest.raises(TaskFailed, match="say how to split"):
        task("storage.Split", "s", from_=stored(ctx, "1\n")).run(ctx)


def test_a_pattern_without_an_end_is_given_up(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    rows = stored(ctx, "a" * 100 + "!\n")
    split = task("storage.Split", "s", from_=rows, regexPattern="(a|aa)+$")
    with pytest.raises(RenderError, match=r"`\(a\|aa\)\+\$` takes too long"):
        split.run(ctx)
