from pathlib import Path

from tests.support.flows import task
from tests.support.reach import ReachingContext

KEY = "reach_states_tasks-states_default"


def test_data_are_merged_into_the_state(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path, {"k": "c", "v": {"x": 1}})
    first = task("state.Set", "s", data={"a": 1, "b": {"y": 2}})
    assert first.run(ctx).outputs == {"count": 2, "key": KEY}
    second = task("state.Set", "s", data={"a": 3, "<k>": "<v>", "b": {"z": 4}})
    assert second.run(ctx).outputs == {"count": 3, "key": KEY}
    assert ctx.kv.get(KEY, "company.team") == [{"a": 3, "b": {"y": 2, "z": 4}, "c": {"x": 1}}]


def test_no_data_make_an_empty_state(tmp_path: Path) -> None:
    assert task("state.Set", "s").run(ReachingContext(tmp_path)).outputs["count"] == 0
