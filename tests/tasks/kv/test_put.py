from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import task
from tests.support.reach import ReachingContext


@pytest.fixture
def ctx(tmp_path: Path) -> ReachingContext:
    return ReachingContext(tmp_path, {"map": {"b": 2}, "five": 5})


def put(ctx: ReachingContext, value: object, **properties: Any) -> Any:
    task("kv.Put", "put", key="a", value=value, **properties).run(ctx)
    return ctx.kv.get("a", "company.team")[0]


def test_a_new_key_gets_the_value(ctx: ReachingContext) -> None:
    assert put(ctx, "x") == "x"
    assert put(ctx, "<five>") == 5


def test_a_map_is_merged_into_the_one_that_is_there(ctx: ReachingContext) -> None:
    ctx.kv.set("a", {"a": 1, "in": {"x": 1}})
    assert put(ctx, "<map>") == {"a": 1, "b": 2, "in": {"x": 1}}
    assert put(ctx, {"in": {"y": "<five>"}}) == {"a": 1, "b": 2, "in": {"x": 1, "y": 5}}


def test_anything_else_replaces(ctx: ReachingContext) -> None:
    ctx.kv.set("a", {"a": 1})
    assert put(ctx, [1, 2]) == [1, 2]
    assert put(ctx, [{"value": {"new": 1}}]) == {"new": 1}


def test_entries_change_single_fields(ctx: ReachingContext) -> None:
    ctx.kv.set("a", {"k": 1, "in": {"x": 1}})
    entries = [{"key": "k", "value": 2}, {"key": "in.y.z", "value": "<five>"}]
    assert put(ctx, entries) == {"k": 2, "in": {"x": 1, "y": {"z": 5}}}


def test_the_parents_value_is_not_merged_into(ctx: ReachingContext) -> None:
    ctx.kv.set("a", {"theirs": 1}, "company")
    assert put(ctx, {"ours": 1}) == {"ours": 1}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([{"key": "k", "value": 1}], "can only be changed in a map"),
        ([{"value": 1}, {"value": 2}], "has to be the only one"),
        ([{"key": "k", "value": 1}, {"value": 2}], "has to be the only one"),
        ([{"key": "", "value": 1}], "must be text, and not empty"),
        ([{"key": 1, "value": 1}], "must be text, and not empty"),
        ([{"key": "k", "value": 1}, {"key": "k.l", "value": 1}], "contradict each other"),
    ],
)
def test_entries_that_make_no_sense_are_refused(
    ctx: ReachingContext, value: object, words: str
) -> None:
    ctx.kv.set("a", "text" if "changed" in words else {})
    with pytest.raises(TaskFailed, match=words):
        put(ctx, value)


def test_no_key_may_be_a_failure(ctx: ReachingContext) -> None:
    with pytest.raises(TaskFailed, match="No value found for key 'a'"):
        put(ctx, 1, errorOnMissing=True)
