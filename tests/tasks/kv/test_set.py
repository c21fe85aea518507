from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.task import Outcome
from tests.support.flows import task
from tests.support.reach import ReachingContext


@pytest.fixture
def ctx(tmp_path: Path) -> ReachingContext:
    return ReachingContext(tmp_path, {"map": {"a": 1}, "five": 5, "text": "5", "none": None})


def put(ctx: ReachingContext, **properties: Any) -> Outcome:
    return task("kv.Set", "set", **properties).run(ctx)


def test_a_value_is_stored_in_the_flows_namespace(ctx: ReachingContext) -> None:
    assert put(ctx, key="a", value="x") == Outcome()
    assert ctx.kv.get("a", "company.team") == ["x"]


def test_a_value_is_stored_in_another_namespace(ctx: ReachingContext) -> None:
    put(ctx, key="a", value="x", namespace="other")
    assert ctx.kv.get("a", "other") == ["x"]
    assert ctx.kv.get("a") == []


@pytest.mark.parametrize(
    ("value", "stored"),
    [("<map>", {"a": 1}), ("<five>", 5), ("<none>", None), (7, "7"), ({"a": 1}, '{"a":1}')],
)
def test_a_lone_expression_keeps_its_type_and_the_file_gives_text(
    ctx: ReachingContext, value: object, stored: object
) -> None:
    put(ctx, key="a", value=value)
    assert ctx.kv.get("a") == [stored]


def test_text_becomes_what_the_type_says(ctx: ReachingContext) -> None:
    put(ctx, key="a", value="<text>", kvType="NUMBER")
    put(ctx, key="b", value={"x": [1]}, kvType="JSON")
    put(ctx, key="c", value="<map>", kvType="STRING")
    assert [ctx.kv.get(key) for key in "abc"] == [[5], [{"x": [1]}], [{"a": 1}]]


def test_a_key_that_is_there_is_kept_without_overwrite(ctx: ReachingContext) -> None:
    put(ctx, key="a", value="old", overwrite=False)
    with pytest.raises(TaskFailed, match="Key already exists and `overwrite` is set to `false`"):
        put(ctx, key="a", value="new", overwrite=False)
    assert ctx.kv.get("a") == ["old"]
    put(ctx, key="a", value="new")
    assert ctx.kv.get("a") == ["new"]


def test_a_key_of_a_parent_namespace_is_another_one(ctx: ReachingContext) -> None:
    put(ctx, key="a", value="parent's", namespace="company")
    put(ctx, key="a", value="own", overwrite=False)
    assert ctx.kv.get("a") == ["own"]


def test_a_value_is_gone_after_its_time(ctx: ReachingContext) -> None:
    put(ctx, key="a", value="x", ttl=Duration.parse("PT0S"))
    put(ctx, key="b", value="x", ttl=Duration.parse("PT1H"))
    assert ctx.kv.keys() == ["b"]


def test_a_value_of_another_type_is_refused_and_nothing_stored(ctx: ReachingContext) -> None:
    with pytest.raises(TaskFailed, match="the value is no NUMBER: `x`"):
        put(ctx, key="a", value="x", kvType="NUMBER")
    assert ctx.kv.keys() == []


def test_a_bad_key_is_refused(ctx: ReachingContext) -> None:
    with pytest.raises(TaskFailed, match=r"`\.\./a` can't be used"):
        put(ctx, key="../a", value="x")


def test_the_journal_knows_of_it_first() -> None:
    assert task("kv.Set", "set", key="a", value="b").outward
