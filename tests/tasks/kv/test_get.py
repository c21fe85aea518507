from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.task import Outcome
from kestrel_cli.worker.services import Given
from tests.support.flows import task
from tests.support.reach import ReachingContext


def get(ctx: ReachingContext, **properties: Any) -> Outcome:
    return task("kv.Get", "get", **properties).run(ctx)


def test_a_value_keeps_its_type(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    ctx.kv.set("a", {"b": [1, True]})
    assert get(ctx, key="a") == Outcome({"value": {"b": [1, True]}})


def test_parents_are_asked_for_the_flows_own_namespace_only(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    ctx.kv.set("a", 1, "company")
    assert get(ctx, key="a") == Outcome({"value": 1})
    assert get(ctx, key="a", namespace="company.team") == Outcome({"value": 1})
    assert get(ctx, key="a", namespace="company.other") == Outcome({})


def test_what_the_command_line_gives_comes_first(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path, given=Given(kv={"a": "given"}))
    ctx.kv.set("b", 2)
    assert get(ctx, key="a") == Outcome({"value": "given"})


def test_no_value_is_no_output(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    ctx.kv.set("null", None)
    assert get(ctx, key="a") == Outcome({})
    assert get(ctx, key="null", errorOnMissing=True) == Outcome({})


def test_no_value_may_be_a_failure(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    with pytest.raises(TaskFailed, match="for key 'a' in namespace 'company\\.team'"):
        get(ctx, key="a", errorOnMissing=True)
    with pytest.raises(TaskFailed, match="in namespace 'other'"):
        get(ctx, key="a", namespace="other", errorOnMissing=True)
