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


def test_a_namespace_without_keys_may_not_be_known_to_kestra(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    namespaces = (None, ctx.about.namespace, ctx.about.namespace.partition(".")[0])
    for namespace in namespaces:
        task("kv.GetKeys", "keys", namespace=namespace).run(ctx)
    assert ctx.logs == []
    assert task("kv.GetKeys", "keys", namespace="dev").run(ctx).outputs == {"keys": []}
    assert [(level, "Kestra 1.3 fails here" in text) for level, text in ctx.logs] == [
        ("WARN", True)
    ]
