from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import task
from tests.support.reach import ReachingContext


def test_a_state_is_taken_away_once(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    task("state.Set", "s", data={"a": 1}).run(ctx)
    delete = task("state.Delete", "d")
    assert delete.run(ctx).outputs == {"deleted": True}
    assert delete.run(ctx).outputs == {"deleted": False}


def test_no_state_may_be_a_failure(tmp_path: Path) -> None:
    delete = task("state.Delete", "d", name="mine", errorOnMissing=True)
    with pytest.raises(TaskFailed, match="Unable to find the state file 'mine'"):
        delete.run(ReachingContext(tmp_path))
