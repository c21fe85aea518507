from pathlib import Path

import pytest

from kestrel_cli.errors import RenderError
from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import content, stored

ROWS = '{k:"a",n:1}\n{k:"b",n:2}\n\n{"k":"a","n":3}\n{k:"c",n:4}\n'


def test_the_last_item_of_each_key_is_kept_in_its_place(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    uri = stored(ctx, ROWS, "in.ion")
    outputs = task("storage.DeduplicateItems", "d", from_=uri, expr="<k>").run(ctx).outputs
    assert content(ctx, outputs.pop("uri")) == '{k:"b",n:2}\n{"k":"a","n":3}\n{k:"c",n:4}\n'
    assert outputs == {"numKeys": 3, "processedItemsTotal": 4, "droppedItemsTotal": 1}


def test_an_item_without_a_key_fails(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    with pytest.raises(RenderError, match="Unable to find `z`") as failed:
        task("storage.DeduplicateItems", "d", from_=stored(ctx, ROWS), expr="<z>").run(ctx)
    assert failed.value.hint == "this is item 1, with: k, n"


def test_no_items_give_an_empty_file(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    outputs = task("storage.DeduplicateItems", "d", from_=stored(ctx, ""), expr="<z>").run(ctx)
    assert content(ctx, outputs.outputs["uri"]) == ""
