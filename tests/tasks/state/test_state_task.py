from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks.state.state_task import StateTask, state_key, state_of
from tests.support.flows import task
from tests.support.reach import ReachingContext


class LoopContext(ReachingContext):
    """A context of a task run with a value."""

    loop_value: str | None = None

    @property
    def about(self) -> Any:
        about = super().about
        about.value = self.loop_value
        return about


def key(ctx: ReachingContext, **properties: Any) -> str:
    made = task("state.Get", "g", **properties)
    assert isinstance(made, StateTask)
    return state_key(ctx, made)


def test_a_state_belongs_to_a_flow_and_a_name(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path, {"name": "mine"})
    assert key(ctx) == "reach_states_tasks-states_default"
    assert key(ctx, name="<name>") == "reach_states_tasks-states_mine"
    assert key(ctx, namespace=True) == "states_tasks-states_default"


def test_a_state_belongs_to_a_loop_value(tmp_path: Path) -> None:
    ctx = LoopContext(tmp_path)
    keys = set()
    for ctx.loop_value in ("a", "b", "../é"):
        keys.add(key(ctx))
        assert key(ctx, taskrunValue=False) == "reach_states_tasks-states_default"
    assert len(keys) == 3


def test_a_name_that_makes_no_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskFailed, match="can't be used"):
        key(ReachingContext(tmp_path), name="a/b")


def test_what_is_no_map_is_no_state(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    ctx.kv.set("key", 1)
    with pytest.raises(TaskFailed, match="holds no state"):
        state_of(ctx, "key")
