import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Outcome, TaskCache
from kestrel_cli.worker.task_cache import SPACE, cached, keep, key_of
from tests.support.flows import task
from tests.support.reach import RenderingContext
from tests.worker.working import Kept, doing


def cache(**more):
    return made_of(TaskCache, {"enabled": True, **more})


def log(message="x", **more):
    return task("log.Log", "task", message=message, taskCache=cache(), **more)


@pytest.fixture
def ctx(tmp_path):
    return RenderingContext(tmp_path, {"x": 1})


def key(ctx, *, of=None, **values):
    return key_of(ctx.with_variables(values), of or log("{{ x }}"))


def test_the_same_task_with_the_same_values_has_the_same_key(ctx):
    assert key(ctx) == key(ctx, x=1)
    assert len(key(ctx)) == 64


@pytest.mark.parametrize(
    "other",
    [log("{{ x }}!"), log("{{ x }}", description="d"), task("debug.Return", "task", format="1")],
)
def test_another_task_has_another_key(ctx, other):
    assert key(ctx, of=other) != key(ctx)


def test_other_values_have_another_key(ctx):
    assert key(ctx, x=2) != key(ctx)


@pytest.mark.parametrize(
    ("change", "value"), [("namespace", "other"), ("flow", "other"), ("value", "a")]
)
def test_another_flow_or_loop_value_has_another_key(ctx, change, value):
    before = key(ctx)
    setattr(ctx.about, change, value)
    assert key(ctx) != before


def test_the_directory_of_the_attempt_is_no_part_of_the_key(ctx):
    assert key(ctx, of=log("{{ workingDir }}"), workingDir="/tmp/1") == key(
        ctx, of=log("{{ workingDir }}"), workingDir="/tmp/2"
    )


def test_what_cannot_be_rendered_has_no_key_and_a_warning(ctx):
    assert key(ctx, of=log("{{ nope }}")) is None
    ((level, message),) = ctx.logs
    assert level == "WARN"
    assert message.startswith("the result of the task is not cached: Unable to find `nope`")


def test_a_result_comes_back_and_the_log_tells(ctx):
    assert cached(ctx, "k") is None
    keep(ctx, log(), "k", {"value": [1]})
    assert cached(ctx, "k") == {"value": [1]}
    assert ctx.logs == [
        (
            "INFO",
            "Skipping task execution for task 'task' as there is an existing cache entry for it",
        )
    ]


def test_no_flow_sees_the_results_among_its_keys(ctx):
    keep(ctx, log(), "k", {})
    assert (ctx.kv.keys(), ctx.kv.keys(SPACE)) == ([], ["k"])


def test_a_result_is_kept_as_long_as_the_task_says(ctx):
    one = log()
    one.__dict__["taskCache"] = cache(ttl=Duration(0))
    keep(ctx, one, "k", {})
    assert cached(ctx, "k") is None


def test_what_cannot_be_kept_is_a_warning(ctx):
    one = log()
    one.__dict__["taskCache"] = cache(ttl="{{ nope }}")
    keep(ctx, one, "k", {})
    assert [level for level, _ in ctx.logs] == ["WARN"]


# -- with an attempt


def counting(*ends):
    """A task that is cached and ends as told, and the list of its attempts."""
    ran = []

    def work(_):
        ran.append(ends[len(ran)])
        if isinstance(ran[-1], Exception):
            raise ran[-1]
        return Outcome({"n": len(ran)}, ran[-1])

    one = doing(work, taskCache=cache())
    return one, ran


def attempts(tmp_path, one, times=2):
    return [Kept(tmp_path, one).attempt() for _ in range(times)]


def test_a_task_that_has_a_result_does_not_run_again(tmp_path):
    one, ran = counting(State.SUCCESS)
    first, second = attempts(tmp_path, one)
    assert (first.outputs, second.outputs, len(ran)) == ({"n": 1}, {"n": 1}, 1)


def test_a_failure_is_no_result(tmp_path):
    one, _ = counting(TaskFailed("no"), State.SUCCESS)
    first, second = attempts(tmp_path, one)
    assert (first.state, second.state) == (State.FAILED, State.SUCCESS)


def test_a_cache_that_is_not_enabled_keeps_nothing(tmp_path):
    one, ran = counting(State.SUCCESS, State.SUCCESS)
    one.__dict__["taskCache"] = made_of(TaskCache, {"enabled": False})
    attempts(tmp_path, one)
    assert len(ran) == 2
