from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import content, stored

ROWS = '{keep:true,id:1}\n{"keep": false, "id": 2}\n{id:3}\n'


def filtered(tmp_path: Path, rows: str = ROWS, **properties: Any) -> tuple[str, int, int]:
    ctx = ReachingContext(tmp_path, {"keep": "of the run"})
    uri = stored(ctx, rows, "in.ion")
    task_ = task("storage.FilterItems", "f", from_=uri, filterCondition="<keep>", **properties)
    outputs = task_.run(ctx).outputs
    assert outputs["uri"].endswith(".ion")
    kept = content(ctx, outputs["uri"])
    return kept, outputs["processedItemsTotal"], outputs["droppedItemsTotal"]


def test_items_that_fulfil_the_condition_are_kept_as_they_stand(tmp_path: Path) -> None:
    assert filtered(tmp_path) == ("{keep:true,id:1}\n{id:3}\n", 3, 1)


def test_exclude_keeps_the_others(tmp_path: Path) -> None:
    assert filtered(tmp_path, filterType="EXCLUDE") == ('{"keep": false, "id": 2}\n', 3, 2)


@pytest.mark.parametrize(("behavior", "number"), [("INCLUDE", 1), ("EXCLUDE", 0)])
def test_an_item_without_an_answer_is_kept_or_not(
    tmp_path: Path, behavior: str, number: int
) -> None:
    ctx = ReachingContext(tmp_path)
    for kind in ("INCLUDE", "EXCLUDE"):
        filter_ = task(
            "storage.FilterItems",
            "f",
            from_=stored(ctx, "{a:1}\n"),
            filterCondition="<b>",
            filterType=kind,
            errorOrNullBehavior=behavior,
        )
        assert filter_.run(ctx).outputs["droppedItemsTotal"] == 1 - number


def test_an_item_without_an_answer_fails_and_leaves_no_file(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    uri = stored(ctx, "{b:1}\n{a:1}\n", "in.ion")
    with pytest.raises(RenderError, match="Unable to find `b`") as failed:
        task("storage.FilterItems", "f", from_=uri, filterCondition="<b>").run(ctx)
    assert failed.value.hint == "this is item 2, with: a"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["in.ion"]


@pytest.mark.parametrize("behavior", ["FAIL", "INCLUDE"])
def test_a_row_that_can_not_be_read_always_fails(tmp_path: Path, behavior: str) -> None:
    with pytest.raises(TaskFailed, match="row 1 can't be read"):
        filtered(tmp_path, "{a\n", errorOrNullBehavior=behavior)


@pytest.mark.parametrize("name", ["filterType", "errorOrNullBehavior"])
def test_unknown_choices_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TaskFailed, match=f"`{name}` must be one of .*INCLUDE, EXCLUDE"):
        filtered(tmp_path, **{name: "MAYBE"})
