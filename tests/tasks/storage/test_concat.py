from pathlib import Path

import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import content, name_of, stored


def test_files_are_joined_in_order_each_with_the_separator(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    ctx.values["b"] = stored(ctx, "two", "b.txt")
    files = [stored(ctx, "one", "a.txt"), "<b>"]
    outputs = task("storage.Concat", "c", files=files, separator="\n").run(ctx).outputs
    assert content(ctx, outputs["uri"]) == "one\ntwo\n"
    assert name_of(outputs["uri"]).endswith(".tmp")


def test_the_list_may_come_from_an_expression(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    ctx.values["all"] = [stored(ctx, "one", "a.txt"), stored(ctx, "two", "b.txt")]
    outputs = task("storage.Concat", "c", files="<all>", extension="csv").run(ctx).outputs
    assert content(ctx, outputs["uri"]) == "onetwo"
    assert name_of(outputs["uri"]).endswith(".csv")


def test_what_an_expression_gives_is_no_template(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path, {"all": ["<all>"]})
    with pytest.raises(RenderError, match="<all>"):
        task("storage.Concat", "c", files="<all>").run(ctx)


def test_no_files_give_an_empty_one(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    outputs = task("storage.Concat", "c", files=[]).run(ctx).outputs
    assert content(ctx, outputs["uri"]) == ""


def test_what_is_no_address_is_refused(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path, {"all": [{"uri": "x"}]})
    with pytest.raises(TaskFailed, match="must be a list of addresses"):
        task("storage.Concat", "c", files="<all>").run(ctx)


def test_a_file_that_is_not_there_leaves_no_result(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    files = [stored(ctx, "one", "a.txt"), "kestra:///no"]
    with pytest.raises(RenderError, match="does not exist"):
        task("storage.Concat", "c", files=files).run(ctx)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.txt"]
