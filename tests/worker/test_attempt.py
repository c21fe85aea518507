import signal
import time

import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.event import AttemptEnded, AttemptStarted, Expanded, Refused, Skipped
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Metric, Outcome
from kestrel_cli.worker.interrupts import Alarm, AttemptKilled
from tests.support.flows import leaf, sequence, task
from tests.worker.working import Kept, Work, doing

MISSING_X = (
    "Unable to find `x` used in the expression `{{ x }}` at line 1\nhint: the variables here are"
    " `envs`, `execution`, `flow`, `globals`, `labels`, `outputs`, `parents`, `task`, `taskrun`,"
    " `tasks`"
)


# -- what an attempt gives


def test_an_attempt_that_returns_is_a_success_with_its_outputs():
    work = Work(doing(lambda ctx: Outcome({"value": 1})))
    assert work.attempt() == AttemptEnded(0, 3, State.SUCCESS, {"value": 1})
    assert [state for state, _ in work.run.history] == ["CREATED", "RUNNING"]


def test_an_attempt_without_outputs_has_empty_ones():
    assert Work(doing(lambda ctx: None)).attempt().outputs == {}


def test_a_task_may_choose_its_final_state():
    work = Work(doing(lambda ctx: Outcome({}, State.WARNING)))
    assert work.attempt().state is State.WARNING


def test_metrics_come_with_the_end_of_the_attempt():
    def measure(ctx):
        ctx.count("rows", 2, {"table": "a"})
        ctx.count("rows", 3, {"table": "a"})
        ctx.count("rows", 1)
        ctx.time("rows", 0.5)

    assert Work(doing(measure)).attempt().metrics == [
        Metric("counter", "rows", 5.0, {"table": "a"}),
        Metric("counter", "rows", 1.0, {}),
        Metric("timer", "rows", 0.5, {}),
    ]


def test_a_task_that_says_it_failed_fails_with_its_words_and_outputs():
    def fail(ctx):
        ctx.count("n", 1)
        raise TaskFailed("exit code 2", outputs={"exitCode": 2})

    work = Work(doing(fail))
    ended = work.attempt()
    assert (ended.state, ended.error, ended.outputs) == (
        State.FAILED,
        "exit code 2",
        {"exitCode": 2},
    )
    assert ended.metrics == [Metric("counter", "n", 1.0, {})]
    assert work.logs() == [("ERROR", "exit code 2")]


def test_a_template_that_fails_fails_the_attempt_and_says_what_there_is():
    work = Work(leaf("t", format="{{ x }}"))
    ended = work.attempt()
    assert (ended.state, ended.error, ended.outputs) == (State.FAILED, MISSING_X, {})
    assert work.logs() == [("ERROR", MISSING_X)]


def test_a_hint_that_is_there_already_is_kept():
    def fail(ctx):
        raise RenderError("no", hint="try yes")

    assert Work(doing(fail)).attempt().error == "no\nhint: try yes"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("bad"), "ValueError: bad"),
        (KeyError("k"), "KeyError: 'k'"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        (RecursionError("deep"), "RecursionError: deep"),
        (OSError(28, "No space left on device"), "OSError: [Errno 28] No space left on device"),
        (StopIteration(), "StopIteration: "),
        (AssertionError(), "AssertionError: "),
    ],
)
def test_whatever_goes_wrong_in_a_task_is_its_failure(error, message):
    def fail(ctx):
        raise error

    work = Work(doing(fail))
    ended = work.attempt()
    assert (ended.state, ended.error) == (State.FAILED, message)
    (trace_level, trace), (level, shown) = work.logs()
    assert (trace_level, level, shown) == ("TRACE", "ERROR", message)
    assert trace.startswith("Traceback (most recent call last):")
    assert "in fail" in trace


def test_a_failure_draws_its_luck_from_the_runs_own_source():
    def fail(ctx):
        raise TaskFailed("no")

    draws = [Work(doing(fail)).attempt().draw for _ in range(2)]
    assert draws[0] == draws[1] == 0.13436424411240122


def test_a_success_draws_nothing():
    work = Work(doing(lambda ctx: None))
    before = work.services.random.getstate()
    assert work.attempt().draw == 0.0
    assert work.services.random.getstate() == before


def test_log_lines_tell_how_many_attempts_ended_before():
    from kestrel_cli.model.event import TimerFired
    from tests.support.play import constant

    def fail(ctx):
        ctx.log("INFO", "hello")
        raise TaskFailed("no")

    work = Work(doing(fail, retry=constant(1, maxAttempts=2)))
    work.fold(work.attempt())
    work.fold(TimerFired(0, work.now()))
    work.attempt()
    assert [(line.run, line.message, line.attempt) for line in work.lines] == [
        (0, "hello", 0),
        (0, "no", 0),
        (0, "hello", 1),
        (0, "no", 1),
    ]


# -- runIf


@pytest.mark.parametrize("condition", ["false", "", "0", "-0", " false ", "{{ 1 == 2 }}"])
def test_a_condition_that_does_not_hold_skips_the_task(condition):
    work = Work(doing(None, runIf=condition))
    assert work.attempt() == Skipped(0, 2)
    assert work.run.state is State.CREATED
    assert work.lines == []


@pytest.mark.parametrize("condition", ["true", "{{ true }}", "yes", "False", "{{ 1 == 1 }}"])
def test_a_condition_that_holds_lets_it_run(condition):
    assert Work(doing(lambda ctx: None, runIf=condition)).attempt().state is State.SUCCESS


def test_a_condition_that_cannot_be_rendered_refuses_the_task():
    work = Work(doing(None, runIf="{{ x }}"))
    message = f"Failed to evaluate the runIf condition for task t. Cause: {MISSING_X}"
    assert work.attempt() == Refused(0, 3, message)
    assert work.logs() == [("ERROR", message)]
    assert work.run.attempts == []


# -- timeouts


def test_an_attempt_that_sleeps_too_long_fails_at_its_timeout():
    work = Work(doing(lambda ctx: ctx.sleep(30), timeout=Duration(50_000_000)))
    began = time.monotonic()
    ended = work.attempt()
    assert time.monotonic() - began < 5
    assert (ended.state, ended.error) == (State.FAILED, "Timeout after 00:00:00.050")
    assert work.logs() == [("ERROR", "Timeout after 00:00:00.050")]


def test_an_attempt_that_only_computes_is_interrupted_too():
    def spin(ctx):
        while True:
            pass

    ended = Work(doing(spin, timeout=Duration(50_000_000))).attempt()
    assert (ended.state, ended.error) == (State.FAILED, "Timeout after 00:00:00.050")


def test_a_task_cannot_swallow_its_timeout():
    def stubborn(ctx):
        while True:
            try:
                time.sleep(30)
            except Exception:  # noqa: BLE001  what a careless task does
                continue

    assert Work(doing(stubborn, timeout=Duration(50_000_000))).attempt().state is State.FAILED


def test_a_timeout_may_be_an_expression():
    made = doing(lambda ctx: ctx.sleep(30), timeout="{{ inputs.limit }}")
    work = Work(made, inputs={"limit": "PT0.05S"})
    assert work.attempt().error == "Timeout after 00:00:00.050"


@pytest.mark.parametrize(
    ("timeout", "error"),
    [
        ("soon", "`soon` is not a duration: expected a form like PT10S, PT1M30S or P1D"),
        ("{{ x }}", MISSING_X),
    ],
)
def test_a_timeout_that_cannot_be_read_fails_the_attempt(timeout, error):
    ended = Work(doing(lambda ctx: None, timeout=timeout)).attempt()
    assert (ended.state, ended.error) == (State.FAILED, error)


def test_an_attempt_in_time_leaves_no_alarm_behind():
    handler, left = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)[0]
    assert Work(doing(lambda ctx: None, timeout=Duration(10**9))).attempt().state is State.SUCCESS
    assert signal.getsignal(signal.SIGALRM) is handler
    assert (signal.getitimer(signal.ITIMER_REAL)[0] > 0) is (left > 0)


def test_a_timeout_ends_only_its_own_attempt():
    work = Work(doing(lambda ctx: ctx.sleep(30), timeout=Duration(20_000_000)))
    work.attempt()
    other = Work(doing(lambda ctx: None))
    other.worker._interrupts = work.interrupts
    assert other.attempt().state is State.SUCCESS


# -- kills


def test_a_kill_before_the_attempt_ends_it_killed():
    work = Work(doing(None))
    work.interrupts.kill(2)
    assert work.attempt() == AttemptEnded(0, 3, State.KILLED, None)


def test_a_kill_in_the_attempt_ends_it_at_once_and_keeps_its_metrics():
    def work_of(ctx):
        ctx.count("n", 1)
        work.interrupts.kill(2)
        raise AssertionError("never reached")

    work = Work(doing(work_of))
    assert work.attempt() == AttemptEnded(
        0, 3, State.KILLED, None, [Metric("counter", "n", 1.0, {})]
    )
    assert work.lines == []


def test_a_kill_by_a_real_signal_ends_a_sleep():
    work = Work(doing(lambda ctx: ctx.sleep(30)))
    with Alarm(lambda: work.interrupts.kill(15), 0.05):
        assert work.attempt().state is State.KILLED


def test_a_kill_while_a_log_line_is_written_waits_for_the_line():
    def noticed(line):
        work.interrupts.kill(2)
        work.lines.append(line)

    def log(ctx):
        ctx.log("INFO", "one")
        ctx.log("INFO", "two")

    work = Work(doing(log))
    work.worker._noticed = noticed
    assert work.attempt().state is State.KILLED
    assert work.logs() == [("INFO", "one")]


def test_a_kill_after_the_attempt_changes_nothing_of_it():
    work = Work(doing(lambda ctx: None))
    assert work.attempt().state is State.SUCCESS
    work.interrupts.kill(2)
    assert work.interrupts.pending


@pytest.mark.parametrize("method", ["attempt", "expand"])
def test_a_kill_before_a_condition_is_rendered_makes_the_effect_void(method):
    tasks = {"attempt": doing(None, runIf="{{ x }}"), "expand": sequence("t", leaf("a"))}
    work = Work(tasks[method])
    work.interrupts.kill(2)
    with pytest.raises(AttemptKilled):
        getattr(work, method)()
    assert work.run.state is State.CREATED
    assert not work.interrupts.hold()


# -- expansions


def test_an_expansion_says_what_runs():
    made = task("flow.If", "t", condition="{{ inputs.go }}", then=(leaf("a"), leaf("b")))
    assert Work(made, inputs={"go": True}).expand() == Expanded(
        0, 2, [Lane("then", 0, 2)], 1, {"evaluationResult": True}
    )


def test_a_flowable_is_skipped_by_its_condition():
    assert Work(sequence("t", leaf("a"), runIf="{{ false }}")).expand() == Skipped(0, 2)


@pytest.mark.parametrize(
    ("flowable", "message"),
    [
        (
            sequence("t", leaf("a"), runIf="{{ x }}"),
            f"Failed to evaluate the runIf condition for task t. Cause: {MISSING_X}",
        ),
        (task("flow.If", "t", condition="{{ x }}", then=(leaf("a"),)), MISSING_X),
        (
            task("flow.ForEach", "t", values="a, b", tasks=(leaf("a"),)),
            "the values must render to a JSON array, got: a, b",
        ),
    ],
)
def test_a_flowable_that_cannot_be_expanded_is_refused(flowable, message):
    work = Work(flowable)
    refused = work.expand()
    assert (refused.error, refused.attempted) == (message, "runIf" not in message)
    assert work.logs() == [("ERROR", message)]
    assert not refused.soft
    assert not work.interrupts.hold()


def test_a_switch_without_a_case_is_refused_softly_with_a_warning(tmp_path):
    work = Kept(tmp_path, task("flow.Switch", "t", value="c", cases={"a": (leaf("a"),)}))
    refused = work.expand()
    first, second = refused.error.split("\n")
    assert first.startswith("No task found on flow '")
    assert second == "no case for the value `c` and no `defaults`: the cases are `a`"
    assert (refused.attempted, refused.soft, refused.at_once) == (True, True, False)
    assert work.logs() == [("WARN", refused.error)]
    assert not work.interrupts.hold()


# -- tasks that the engine runs itself


def test_a_task_that_changes_its_execution_is_told_of_when_it_has_succeeded():
    work = Work(task("execution.SetVariables", "t", variables={"a": "b"}))
    started, ended = work.worker.attempt(work.run)
    assert isinstance(started, AttemptStarted)
    assert (ended.state, ended.change.variables) == (State.SUCCESS, {"a": "b"})


def test_one_that_fails_is_refused_at_once_and_not_softened():
    work = Work(task("execution.Labels", "t", labels={"system.a": "b"}, allowFailure=True))
    message = "System labels can only be set by Kestra itself, offending label: system.a=b"
    (refused,) = work.worker.attempt(work.run)
    assert isinstance(refused, Refused)
    assert (refused.error, refused.attempted) == (message, True)
    assert (refused.at_once, refused.soft) == (True, False)
    assert work.logs() == [("ERROR", message)]


def test_a_call_that_cannot_be_rendered_is_refused_at_once():
    work = Work(task("flow.Subflow", "t", namespace="{{ x }}", flowId="b"))
    (refused,) = work.worker.call(work.run)
    assert isinstance(refused, Refused)
    assert (refused.error, refused.attempted) == (MISSING_X, True)
    assert (refused.at_once, refused.soft) == (True, False)
    assert work.logs() == [("ERROR", MISSING_X)]
    assert not work.interrupts.hold()
