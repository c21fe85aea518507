from pathlib import Path

from tests.support.flows import task
from tests.support.reach import ReachingContext


def test_keys_are_those_that_begin_with_the_prefix(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    for key in ("b", "a.2", "a.1"):
        ctx.kv.set(key, 0)
    ctx.kv.set("a.3", 0, "other")
    run = task("kv.GetKeys", "keys").run
    assert run(ctx).outputs == {"keys": ["a.1", "a.2", "b"]}
    assert task("kv.GetKeys", "keys", prefix="a.").run(ctx).outputs == {"keys": ["a.1", "a.2"]}
    other = task("kv.GetKeys", "keys", namespace="other", prefix="x").run(ctx)
    assert other.outputs == {"keys": []}
