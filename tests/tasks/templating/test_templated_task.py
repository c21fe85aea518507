from pathlib import Path

import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from tests.support.flows import task
from tests.support.reach import ReachingContext

RETURN = "type: io.kestra.plugin.core.debug.Return\nformat: <x>\n"


def test_the_outputs_are_those_of_the_inner_task(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path, {"x": "hello", "spec": RETURN})
    for spec in (RETURN, "<spec>"):
        assert task("templating.TemplatedTask", "t", spec=spec).run(ctx).outputs == {
            "value": "hello"
        }
    assert ctx.logs[0] == ("DEBUG", "hello")


def test_the_spec_may_be_a_map(tmp_path: Path) -> None:
    spec = {"type": "io.kestra.plugin.core.log.Log", "message": ["a", "b"], "level": "WARN"}
    ctx = ReachingContext(tmp_path)
    task("templating.TemplatedTask", "t", spec=spec).run(ctx)
    assert ctx.logs == [("WARN", "a"), ("WARN", "b")]


def test_files_of_the_inner_task_are_those_of_this_one(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    spec = "type: io.kestra.plugin.core.storage.Write\ncontent: x\n"
    outputs = task("templating.TemplatedTask", "t", spec=spec).run(ctx).outputs
    assert f"/tasks/{ctx.about.task}/" in outputs["uri"]


def test_a_spec_that_is_no_valid_task_fails_in_words(tmp_path: Path) -> None:
    with pytest.raises(TaskFailed, match="unknown property"):
        task("templating.TemplatedTask", "t", spec=f"{RETURN}formt: y\n").run(
            ReachingContext(tmp_path, {"x": 1})
        )


def test_a_spec_that_can_not_be_rendered_fails(tmp_path: Path) -> None:
    with pytest.raises(RenderError):
        task("templating.TemplatedTask", "t", spec="<no>").run(ReachingContext(tmp_path))


def test_it_may_wait_and_change_things_outside() -> None:
    templated = task("templating.TemplatedTask", "t", spec="")
    assert (templated.blocking, templated.outward) == (True, True)
