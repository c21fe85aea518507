from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import task
from tests.support.reach import ReachingContext

KEY = "reach_states_tasks-states_default"


def test_the_state_is_read(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    ctx.kv.set(KEY, {"a": 1})
    assert task("state.Get", "g").run(ctx).outputs == {"count": 1, "data": {"a": 1}}


def test_no_state_is_an_empty_one(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    ctx.kv.set(KEY, {"a": 1}, "company")
    assert task("state.Get", "g").run(ctx).outputs == {"count": 0, "data": {}}


def test_no_state_may_be_a_failure(tmp_path: Path) -> None:
    with pytest.raises(TaskFailed, match=f"State {KEY} not found"):
        task("state.Get", "g", errorOnMissing=True).run(ReachingContext(tmp_path))
