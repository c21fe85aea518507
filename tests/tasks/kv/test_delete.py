from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import task
from tests.support.reach import ReachingContext


def test_a_key_is_taken_away_once(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    ctx.kv.set("a", 1)
    ctx.kv.set("a", 1, "company")
    delete = task("kv.Delete", "delete", key="a")
    assert delete.run(ctx).outputs == {"deleted": True}
    assert delete.run(ctx).outputs == {"deleted": False}
    assert ctx.kv.keys("company") == ["a"]


def test_no_key_may_be_a_failure(tmp_path: Path) -> None:
    delete = task("kv.Delete", "delete", key="a", errorOnMissing=True)
    with pytest.raises(TaskFailed, match="No value found for key 'a'"):
        delete.run(ReachingContext(tmp_path))
