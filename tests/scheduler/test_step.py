"""Every event in every phase, and the promises of retries, failures and kills."""

import pytest

from kestrel_cli.model.effect import Conclude, End, Expand, Hear, Kill, RunAttempt, WaitUntil
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.flow import Listener
from kestrel_cli.model.frame import Lane, Phase
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Metric
from tests.support.flows import flow, leaf, sequence, task
from tests.support.play import SECOND, Play, chance, constant

FAILED, KILLED, SKIPPED, SUCCESS, WARNING = (
    State.FAILED,
    State.KILLED,
    State.SKIPPED,
    State.SUCCESS,
    State.WARNING,
)


# -- the worked example of the module


def test_the_worked_example_a_loop_over_two_values():
    play = Play(flow(task("flow.ForEach", "foreach", values=["1", "2"], tasks=(leaf("log"),))))

    assert play.begin() == [Expand(0)]
    lanes = [Lane("tasks", 0, 1, "1", 0), Lane("tasks", 0, 1, "2", 1)]
    assert play.expand(0, lanes) == [RunAttempt(1)]
    assert play.start(1) == []
    assert play.end(1, outputs={"value": "a"}) == [RunAttempt(2)]
    assert play.start(2) == []
    assert play.end(2, outputs={"value": "b"}) == [Conclude()]
    assert play.conclude(outputs={"sum": "ab"}) == [End(SUCCESS)]

    execution = play.execution
    assert [
        (run.number, run.task.id, run.parent, run.value, run.iteration, run.history, run.outputs)
        for run in execution.runs
    ] == [
        (0, "foreach", None, None, None, [("CREATED", 1), ("RUNNING", 2), ("SUCCESS", 6)], {}),
        (1, "log", 0, "1", 0, [("CREATED", 2), ("RUNNING", 3), ("SUCCESS", 4)], {"value": "a"}),
        (2, "log", 0, "2", 1, [("CREATED", 4), ("RUNNING", 5), ("SUCCESS", 6)], {"value": "b"}),
    ]
    assert [[attempt.history for attempt in run.attempts] for run in execution.runs] == [
        [[("CREATED", 2), ("RUNNING", 2), ("SUCCESS", 6)]],
        [[("CREATED", 3), ("RUNNING", 3), ("SUCCESS", 4)]],
        [[("CREATED", 5), ("RUNNING", 5), ("SUCCESS", 6)]],
    ]
    assert execution.history == [("CREATED", 0), ("RUNNING", 1), ("SUCCESS", 7)]
    assert execution.outputs == {"sum": "ab"}
    assert execution.values == {"foreach": {}, "log": {"1": {"value": "a"}, "2": {"value": "b"}}}
    assert not execution.active
    assert list(execution.frames) == [None]
    assert execution.frames[None].phase is Phase.CLOSED


# -- every event in every phase


def in_phase(holder, phase, child):
    """A play whose last run is that of `child`, CREATED in a phase of the flow or of a flowable."""
    body = {Phase.BODY: child, Phase.ERRORS: leaf("ko")}.get(phase, leaf("ok"))
    more = {
        Phase.ERRORS: {"errors": (child,)},
        Phase.FINALLY: {"finally_": (child,)},
        Phase.AFTER: {"afterExecution": (child,)},
    }.get(phase, {})
    if holder == "flow":
        play = Play(flow(body, **more))
        play.begin()
    else:
        play = Play(flow(sequence("box", body, **more)))
        play.begin()
        play.expand(0, [Lane("tasks", 0, 1)])
    if phase is not Phase.BODY:
        play.work(len(play.execution.runs) - 1, FAILED if phase is Phase.ERRORS else SUCCESS)
    if phase is Phase.AFTER:
        play.conclude()
    run = play.execution.runs[-1]
    assert run.task is child
    assert play.execution.frames[run.parent].phase is phase
    return play, run.number


PLACES = [
    ("flow", Phase.BODY),
    ("flow", Phase.ERRORS),
    ("flow", Phase.FINALLY),
    ("flow", Phase.AFTER),
    ("flowable", Phase.BODY),
    ("flowable", Phase.ERRORS),
    ("flowable", Phase.FINALLY),
]
everywhere = pytest.mark.parametrize(("holder", "phase"), PLACES)


def at_the_end(phase):
    """What the end of the only task of a phase lets happen: the flow concludes, or has ended."""
    return [End(SUCCESS)] if phase is Phase.AFTER else [Conclude()]


def final(phase, of_child):
    """How the body ended: in the phase BODY the child itself decides."""
    return {Phase.BODY: of_child, Phase.ERRORS: FAILED}.get(phase, SUCCESS)


@everywhere
def test_attempt_started_makes_the_run_running(holder, phase):
    play, child = in_phase(holder, phase, leaf("child"))
    assert play.start(child) == []
    assert play.steps(child) == ["CREATED", "RUNNING"]
    assert [attempt.state for attempt in play.execution.runs[child].attempts] == ["RUNNING"]


@everywhere
@pytest.mark.parametrize("state", [SUCCESS, WARNING, FAILED])
def test_attempt_ended_ends_the_run_and_only_the_body_counts(holder, phase, state):
    play, child = in_phase(holder, phase, leaf("child"))
    play.start(child)
    assert play.end(child, state) == at_the_end(phase)
    assert play.steps(child) == ["CREATED", "RUNNING", state]
    assert play.execution.frames[None].worst is final(phase, state)


@everywhere
def test_expanded_starts_the_children_of_the_flowable(holder, phase):
    play, child = in_phase(holder, phase, sequence("child", leaf("one"), leaf("two")))
    assert play.expand(child, [Lane("tasks", 0, 2)]) == [RunAttempt(child + 1)]
    assert play.steps(child) == ["CREATED", "RUNNING"]
    assert play.work(child + 1) == [RunAttempt(child + 2)]
    assert play.work(child + 2) == at_the_end(phase)
    assert play.steps(child) == ["CREATED", "RUNNING", "SUCCESS"]


@everywhere
def test_expanded_without_lanes_ends_the_flowable_at_once(holder, phase):
    play, child = in_phase(holder, phase, sequence("child", leaf("one")))
    assert play.expand(child, [], outputs={"chosen": False}) == at_the_end(phase)
    assert play.steps(child) == ["CREATED", "RUNNING", "SUCCESS"]
    assert play.execution.runs[child].outputs == {"chosen": False}


@everywhere
@pytest.mark.parametrize(
    "child", [leaf("child"), sequence("child", leaf("one"))], ids=["leaf", "flowable"]
)
def test_skipped_counts_as_success_with_one_skipped_attempt(holder, phase, child):
    play, number = in_phase(holder, phase, child)
    assert play.skip(number) == at_the_end(phase)
    assert play.steps(number) == ["CREATED", "SKIPPED"]
    run = play.execution.runs[number]
    assert [[state for state, _ in attempt.history] for attempt in run.attempts] == [
        ["CREATED", "SKIPPED"]
    ]
    assert run.outputs is None
    assert play.execution.frames[None].worst is final(phase, SUCCESS)


@everywhere
def test_a_refused_runnable_fails_without_an_attempt(holder, phase):
    play, child = in_phase(holder, phase, leaf("child"))
    assert play.refuse(child, "no such thing") == at_the_end(phase)
    run = play.execution.runs[child]
    assert (play.steps(child), run.attempts, run.outputs, run.error) == (
        ["CREATED", "FAILED"],
        [],
        None,
        "no such thing",
    )
    assert play.execution.frames[None].worst is final(phase, FAILED)


@everywhere
def test_a_refused_flowable_fails_with_one_attempt_and_without_children(holder, phase):
    child = sequence("child", leaf("one"), errors=(leaf("never"),), finally_=(leaf("nor"),))
    play, number = in_phase(holder, phase, child)
    assert play.refuse(number) == at_the_end(phase)
    run = play.execution.runs[number]
    assert play.steps(number) == ["CREATED", "RUNNING", "FAILED"]
    assert [[state for state, _ in attempt.history] for attempt in run.attempts] == [
        ["CREATED", "RUNNING", "FAILED"]
    ]
    assert run.outputs == {}
    assert number == len(play.execution.runs) - 1


@everywhere
def test_a_failed_attempt_is_tried_again_when_its_timer_fires(holder, phase):
    play, child = in_phase(holder, phase, leaf("child", retry=constant(5, maxAttempts=2)))
    play.start(child)
    before = play.execution.state
    assert play.end(child, FAILED) == [WaitUntil(child, play.at + 5 * SECOND)]
    assert play.steps(child) == ["CREATED", "RUNNING", "FAILED", "RETRYING"]
    assert play.execution.state is (before if phase is Phase.AFTER else State.RETRYING)
    assert play.fire(child) == [RunAttempt(child)]
    assert play.steps(child)[4:] == ["CREATED"]
    assert play.execution.state is before
    assert play.work(child) == at_the_end(phase)
    assert play.steps(child)[5:] == ["RUNNING", "SUCCESS"]
    assert [attempt.state for attempt in play.execution.runs[child].attempts] == [FAILED, SUCCESS]


@everywhere
def test_a_kill_ends_what_has_not_begun_at_once(holder, phase):
    play, child = in_phase(holder, phase, leaf("child"))
    assert play.kill() == [End(SUCCESS if phase is Phase.AFTER else KILLED)]
    assert play.steps(child) == ["CREATED", "KILLED"]
    assert not play.execution.active


@everywhere
def test_a_kill_interrupts_what_is_running_and_waits_for_it(holder, phase):
    play, child = in_phase(holder, phase, leaf("child"))
    play.start(child)
    assert play.kill() == [Kill(child)]
    assert play.steps(child) == ["CREATED", "RUNNING", "KILLING"]
    ended = SUCCESS if phase is Phase.AFTER else KILLED
    assert play.end(child, KILLED, outputs=None) == [End(ended)]
    assert play.steps(child) == ["CREATED", "RUNNING", "KILLING", "KILLED"]
    assert play.execution.runs[child].attempts[0].state is KILLED
    assert play.execution.state is ended


@everywhere
def test_a_kill_ends_a_wait_for_the_next_attempt(holder, phase):
    play, child = in_phase(holder, phase, leaf("child", retry=constant(5)))
    play.work(child, FAILED)
    assert play.kill() == [End(SUCCESS if phase is Phase.AFTER else KILLED)]
    assert play.steps(child) == ["CREATED", "RUNNING", "FAILED", "RETRYING", "KILLED"]
    assert play.fire(child) == []
    assert play.steps(child)[-1] == "KILLED"


@everywhere
def test_a_kill_ends_flowables_from_the_innermost_out(holder, phase):
    play, child = in_phase(holder, phase, sequence("child", leaf("one"), errors=(leaf("e"),)))
    play.expand(child, [Lane("tasks", 0, 1)])
    play.start(child + 1)
    assert play.kill() == [Kill(child + 1)]
    assert play.steps(child) == ["CREATED", "RUNNING", "KILLING"]
    play.end(child + 1, KILLED)
    assert play.steps(child) == ["CREATED", "RUNNING", "KILLING", "KILLED"]
    assert play.execution.frames.keys() == {None}
    assert len(play.execution.runs) == child + 2


def test_concluded_gives_the_flow_its_state_and_outputs():
    play = Play(flow(leaf("a")))
    play.begin()
    play.work(0, WARNING)
    assert play.execution.frames[None].phase is Phase.CONCLUDING
    assert play.conclude(outputs={"x": 1}) == [End(WARNING)]
    assert play.execution.outputs == {"x": 1}
    assert play.execution_steps() == ["CREATED", "RUNNING", "WARNING"]


def test_outputs_that_cannot_be_rendered_fail_the_execution():
    play = Play(flow(leaf("a")))
    play.begin()
    play.work(0)
    assert play.conclude(error="Failed to render output values: x") == [End(FAILED)]
    assert play.execution.error == "Failed to render output values: x"
    assert play.execution.outputs is None


def test_a_kill_while_outputs_are_rendered_ends_it_without_them():
    play = Play(flow(leaf("a")))
    play.begin()
    play.work(0)
    assert play.kill() == [End(KILLED)]
    assert play.conclude(outputs={"x": 1}) == []
    assert play.execution.outputs is None
    assert play.runs() == ["a SUCCESS"]
    assert play.execution_steps() == ["CREATED", "RUNNING", "KILLING", "KILLED"]


def test_a_task_whose_own_execution_was_killed_ends_what_is_around_it_killed():
    play = Play(flow(sequence("box", leaf("a"), errors=(leaf("never"),)), finally_=(leaf("f"),)))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1)])
    assert play.work(1, KILLED) == [RunAttempt(2)]
    assert play.work(2) == [Conclude()]
    assert play.conclude() == [End(KILLED)]
    assert play.runs() == ["box KILLED", "a KILLED", "f SUCCESS"]
    assert play.steps(0)[-2:] == play.steps(1)[-2:] == ["KILLING", "KILLED"]
    assert play.execution_steps() == ["CREATED", "RUNNING", "KILLING", "KILLED"]


def test_after_a_kill_afterexecution_runs_and_changes_nothing():
    play = Play(flow(leaf("a"), finally_=(leaf("never"),), afterExecution=(leaf("x"), leaf("y"))))
    play.begin()
    assert play.kill() == [RunAttempt(1)]
    assert play.work(1, FAILED) == [RunAttempt(2)]
    assert play.work(2) == [End(KILLED)]
    assert play.runs() == ["a KILLED", "x FAILED", "y SUCCESS"]
    assert play.execution_steps() == ["CREATED", "RUNNING", "KILLING", "KILLED"]


def test_another_kill_ends_afterexecution():
    play = Play(flow(leaf("a"), afterExecution=(leaf("x"), leaf("y"))))
    play.begin()
    play.kill()
    play.start(1)
    assert play.kill() == [Kill(1)]
    assert play.end(1, KILLED) == [End(KILLED)]
    assert play.runs() == ["a KILLED", "x KILLED"]


def test_a_second_kill_changes_nothing():
    play = Play(flow(leaf("a")))
    play.begin()
    play.start(0)
    assert play.kill() == [Kill(0)]
    assert play.kill() == []
    assert play.end(0, KILLED) == [End(KILLED)]


def test_a_kill_tells_every_attempt_under_way():
    tasks = (leaf("a"), leaf("b"), leaf("c"))
    play = Play(flow(task("flow.Parallel", "p", tasks=tasks), finally_=(leaf("never"),)))
    play.begin()
    play.expand(0, [Lane("tasks", n, n + 1) for n in range(3)], limit=0)
    play.start(1)
    play.start(3)
    assert play.kill() == [Kill(1), Kill(3)]
    assert play.runs() == ["p KILLING", "a KILLING", "b KILLED", "c KILLING"]
    assert play.end(3, KILLED) == []
    assert play.end(1, KILLED) == [End(KILLED)]
    assert play.runs() == ["p KILLED", "a KILLED", "b KILLED", "c KILLED"]


def test_an_attempt_that_ends_well_after_the_kill_was_killed_all_the_same():
    play = Play(flow(leaf("a"), leaf("b")))
    play.begin()
    play.start(0)
    play.kill()
    assert play.end(0, SUCCESS) == [End(KILLED)]
    assert play.runs() == ["a KILLED"]


def test_a_failure_after_the_kill_is_not_tried_again():
    play = Play(flow(leaf("a", retry=constant(1))))
    play.begin()
    play.start(0)
    play.kill()
    assert play.end(0, FAILED) == [End(KILLED)]


def test_an_empty_flow_concludes_at_once_and_succeeds_without_ever_running():
    play = Play(flow(leaf("off", disabled=True)))
    assert play.begin() == [Conclude()]
    assert play.conclude() == [End(SUCCESS)]
    assert play.execution_steps() == ["CREATED", "SUCCESS"]


# -- what an attempt leaves


def test_the_end_of_an_attempt_leaves_outputs_metrics_and_error():
    play = Play(flow(leaf("a")))
    play.begin()
    metrics = [Metric("counter", "rows", 2.0, {})]
    play.work(0, FAILED, outputs={"code": 2}, error="exit code 2", metrics=metrics)
    run = play.execution.runs[0]
    assert (run.outputs, run.error) == ({"code": 2}, "exit code 2")
    assert run.attempts[0].metrics == [Metric("counter", "rows", 2.0, {})]


def test_a_retried_run_keeps_the_outputs_of_its_last_attempt_and_the_metrics_of_each():
    play = Play(flow(leaf("a", retry=constant(1))))
    play.begin()
    one, two = Metric("counter", "n", 1.0, {}), Metric("counter", "n", 2.0, {})
    play.work(0, FAILED, outputs={"code": 1}, error="bad", metrics=[one])
    play.fire(0)
    play.work(0, SUCCESS, outputs={"code": 0}, metrics=[two])
    run = play.execution.runs[0]
    assert (run.outputs, run.error) == ({"code": 0}, None)
    assert [attempt.metrics for attempt in run.attempts] == [[one], [two]]
    assert play.execution.values == {"a": {"code": 0}}


# -- failures


def test_a_failure_stops_the_body():
    play = Play(flow(leaf("a"), leaf("b")))
    play.begin()
    assert play.work(0, FAILED) == [Conclude()]
    assert play.conclude() == [End(FAILED)]
    assert play.runs() == ["a FAILED"]


def test_a_warning_stops_nothing():
    play = Play(flow(leaf("a"), leaf("b")))
    play.begin()
    assert play.work(0, WARNING) == [RunAttempt(1)]
    play.work(1)
    assert play.conclude() == [End(WARNING)]


def test_blocks_run_in_the_order_errors_finally_state_then_those_of_the_flow_then_after_execution():
    box = sequence("box", leaf("ko"), errors=(leaf("box_e"),), finally_=(leaf("box_f"),))
    more = {"errors": (leaf("e"),), "finally_": (leaf("f"),), "afterExecution": (leaf("after"),)}
    play = Play(flow(box, **more))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1)])
    assert play.work(1, FAILED) == [RunAttempt(2)]
    assert play.work(2) == [RunAttempt(3)]
    assert play.runs()[0] == "box RUNNING"
    assert play.work(3) == [RunAttempt(4)]
    assert play.runs()[0] == "box FAILED"
    assert play.work(4) == [RunAttempt(5)]
    assert play.work(5) == [Conclude()]
    assert play.execution.state is State.RUNNING
    assert play.conclude() == [RunAttempt(6)]
    assert play.execution.state is FAILED
    assert play.work(6) == [End(FAILED)]
    assert play.runs() == [
        "box FAILED",
        "ko FAILED",
        "box_e SUCCESS",
        "box_f SUCCESS",
        "e SUCCESS",
        "f SUCCESS",
        "after SUCCESS",
    ]
    assert [run.parent for run in play.execution.runs] == [None, 0, 0, 0, None, None, None]


def test_without_a_failure_errors_are_passed_over():
    play = Play(flow(leaf("a"), errors=(leaf("e"),), finally_=(leaf("f"),)))
    play.begin()
    assert play.work(0) == [RunAttempt(1)]
    assert play.runs()[1] == "f CREATED"


def test_a_killed_like_warning_does_not_open_errors():
    play = Play(flow(leaf("a"), errors=(leaf("e"),)))
    play.begin()
    assert play.work(0, WARNING) == [Conclude()]


@everywhere
def test_a_failure_outside_of_the_body_stops_no_sibling_and_changes_no_state(holder, phase):
    if phase is Phase.BODY:
        return
    block = {"errors": "errors", "finally": "finally_", "after": "afterExecution"}[
        phase.name.lower()
    ]
    body = leaf("body")
    more = {block: (leaf("one"), leaf("two"), leaf("three"))}
    play = Play(flow(body, **more) if holder == "flow" else flow(sequence("box", body, **more)))
    first = 0
    play.begin()
    if holder == "flowable":
        play.expand(0, [Lane("tasks", 0, 1)])
        first = 1
    worst = FAILED if phase is Phase.ERRORS else SUCCESS
    play.work(first, worst)
    if phase is Phase.AFTER:
        play.conclude()
    play.work(first + 1, FAILED)
    play.refuse(first + 2)
    play.work(first + 3, FAILED)
    if phase is not Phase.AFTER:
        play.conclude()
    assert play.runs()[first + 1 :] == ["one FAILED", "two FAILED", "three FAILED"]
    assert play.execution.state is worst
    assert play.runs()[0].endswith(worst)


TOLERANCE = [
    # allowFailure, allowWarning, how it ends -> what it counts as
    (False, False, SUCCESS, SUCCESS),
    (False, False, WARNING, WARNING),
    (False, False, FAILED, FAILED),
    (True, False, SUCCESS, SUCCESS),
    (True, False, WARNING, WARNING),
    (True, False, FAILED, WARNING),
    (False, True, SUCCESS, SUCCESS),
    (False, True, WARNING, SUCCESS),
    (False, True, FAILED, FAILED),
    (True, True, SUCCESS, SUCCESS),
    (True, True, WARNING, SUCCESS),
    (True, True, FAILED, SUCCESS),
]
tolerance = pytest.mark.parametrize(("failure", "warning", "ends", "counts"), TOLERANCE)


@tolerance
def test_a_tolerant_runnable_is_softened_and_its_attempt_is_not(failure, warning, ends, counts):
    play = Play(flow(leaf("a", allowFailure=failure, allowWarning=warning)))
    play.begin()
    play.work(0, ends)
    assert play.runs() == [f"a {counts}"]
    assert play.execution.runs[0].attempts[0].state is ends
    assert play.conclude() == [End(counts)]


@tolerance
def test_a_tolerant_flowable_is_softened_and_its_child_is_not(failure, warning, ends, counts):
    errors = (leaf("e"),)
    box = sequence("box", leaf("a"), allowFailure=failure, allowWarning=warning, errors=errors)
    play = Play(flow(box))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1)])
    play.work(1, ends)
    if ends is FAILED:
        play.work(2)
    assert play.runs()[:2] == [f"box {counts}", f"a {ends}"]
    assert play.execution.runs[0].attempts[0].state is counts
    assert play.conclude() == [End(counts)]


@tolerance
def test_allow_failure_the_task_turns_a_failure_into_a_warning(failure, warning, ends, counts):
    box = task(
        "flow.AllowFailure", "box", tasks=(leaf("a"),), allowFailure=failure, allowWarning=warning
    )
    play = Play(flow(box))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1)])
    play.work(1, ends)
    # The flag allowWarning is looked at before the failure is turned.
    assert play.runs()[0] == f"box {WARNING if ends is FAILED else counts}"


@pytest.mark.parametrize(
    ("failure", "warning", "counts"),
    [(False, False, FAILED), (True, False, WARNING), (False, True, FAILED), (True, True, SUCCESS)],
)
def test_a_flowable_that_fails_for_itself_may_be_tolerated(failure, warning, counts):
    play = Play(flow(sequence("a", leaf("b"), allowFailure=failure, allowWarning=warning)))
    play.begin()
    play.refuse(0, soft=True)
    assert play.runs() == [f"a {counts}"]
    assert play.execution.runs[0].attempts[0].state is FAILED


@pytest.mark.parametrize("failure", [True, False])
@pytest.mark.parametrize("warning", [True, False])
def test_what_the_engine_refuses_is_not_tolerated(failure, warning):
    play = Play(flow(sequence("a", leaf("b"), allowFailure=failure, allowWarning=warning)))
    play.begin()
    play.refuse(0)
    assert play.runs() == ["a FAILED"]
    assert play.steps(0) == ["CREATED", "RUNNING", "FAILED"]
    (attempt,) = play.execution.runs[0].attempts
    assert [str(state) for state, _ in attempt.history] == ["CREATED", "RUNNING", "FAILED"]


def test_what_is_refused_at_once_has_never_been_running():
    play = Play(flow(leaf("a", allowFailure=True)))
    play.begin()
    play.refuse(0, attempted=True, at_once=True)
    assert play.steps(0) == ["CREATED", "FAILED"]
    (attempt,) = play.execution.runs[0].attempts
    assert [str(state) for state, _ in attempt.history] == ["FAILED"]


def test_a_refused_flowable_fails_in_the_one_worker_around_it_as_if_it_had_never_begun():
    play = Play(flow(task("flow.WorkingDirectory", "box", tasks=(leaf("a"), leaf("b")))))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 2)])
    play.refuse(1)
    play.judge(0)
    assert play.runs() == ["box FAILED"]
    assert play.steps(0) == ["CREATED", "FAILED"]
    assert play.execution.runs[0].attempts == []


# -- retries


def test_the_histories_of_two_retries():
    play = Play(flow(leaf("a", retry=constant(1, maxAttempts=3))))
    play.begin()
    for state in (FAILED, FAILED):
        play.work(0, state)
        play.fire(0)
    play.work(0)
    play.conclude()
    again = ["FAILED", "RETRYING", "CREATED", "RUNNING"]
    assert play.steps(0) == ["CREATED", "RUNNING", *again, *again, "SUCCESS"]
    retrying = ["FAILED", "RETRYING", "RUNNING"]
    assert play.execution_steps() == ["CREATED", "RUNNING", *retrying, *retrying, "SUCCESS"]


def test_a_retry_inside_of_a_flowable_does_not_let_the_execution_fail_before():
    play = Play(flow(sequence("box", leaf("a", retry=constant(1, maxAttempts=2)))))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1)])
    play.work(1, FAILED)
    play.fire(1)
    play.work(1)
    play.conclude()
    assert play.steps(1)[:4] == ["CREATED", "RUNNING", "FAILED", "RETRYING"]
    assert play.execution_steps() == ["CREATED", "RUNNING", "RETRYING", "RUNNING", "SUCCESS"]


def test_a_failure_counts_only_when_no_attempt_is_left():
    play = Play(flow(leaf("a", retry=constant(1, maxAttempts=2), allowFailure=True), leaf("b")))
    play.begin()
    play.work(0, FAILED)
    assert play.runs() == ["a RETRYING"]
    play.fire(0)
    assert play.work(0, FAILED) == [RunAttempt(1)]
    assert play.runs() == ["a WARNING", "b CREATED"]


@pytest.mark.parametrize(
    ("failures", "state"), [(0, SUCCESS), (1, SUCCESS), (2, WARNING), (3, WARNING)]
)
def test_a_late_success_is_a_warning_when_asked_to(failures, state):
    play = Play(flow(leaf("a", retry=constant(1, warningOnRetry=True))))
    play.begin()
    for _ in range(failures):
        play.work(0, FAILED)
        play.fire(0)
    play.work(0)
    assert play.runs() == [f"a {state}"]


@pytest.mark.parametrize("where", ["own", "parent", "grandparent", "flow", "errors"])
def test_a_policy_is_the_tasks_own_or_that_of_the_nearest_flowable_or_of_the_flow(where):
    policy, other = constant(2), constant(7)
    own = {"retry": policy} if where == "own" else {}
    inner = {"retry": policy} if where == "parent" else {"retry": other} if where == "own" else {}
    outer = (
        {"retry": policy} if where == "grandparent" else {"retry": other} if where != "flow" else {}
    )
    top = {"retry": policy} if where == "flow" else {"retry": other}
    if where == "errors":
        top = {"retry": policy}
        play = Play(flow(leaf("ko", retry=constant(1, maxAttempts=1)), errors=(leaf("a"),), **top))
        play.begin()
        play.work(0, FAILED)
        run = 1
    else:
        play = Play(
            flow(sequence("out", sequence("in", leaf("a", **own), **inner), **outer), **top)
        )
        play.begin()
        play.expand(0, [Lane("tasks", 0, 1)])
        play.expand(1, [Lane("tasks", 0, 1)])
        run = 2
    assert play.work(run, FAILED) == [WaitUntil(run, play.at + 2 * SECOND)]


def test_a_flowable_is_not_retried_only_the_leaf_that_failed():
    play = Play(flow(sequence("box", leaf("a"), leaf("b"), retry=constant(1, maxAttempts=2))))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 2)])
    play.work(1)
    play.work(2, FAILED)
    play.fire(2)
    play.work(2, FAILED)
    assert play.runs() == ["box FAILED", "a SUCCESS", "b FAILED"]
    assert [len(run.attempts) for run in play.execution.runs] == [1, 1, 2]


def test_errors_wait_until_a_tasks_own_retry_is_used_up():
    box = sequence("box", leaf("a", retry=constant(1, maxAttempts=2)), errors=(leaf("e"),))
    play = Play(flow(box))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1)])
    assert play.work(1, FAILED) == [WaitUntil(1, play.at + SECOND)]
    assert play.runs() == ["box RUNNING", "a RETRYING"]
    play.fire(1)
    assert play.work(1, FAILED) == [RunAttempt(2)]
    assert play.runs() == ["box RUNNING", "a FAILED", "e CREATED"]


def inherited(*errors, attempts=2, **more):
    """A task fails that its box lets be retried; the box has errors."""
    retry = constant(1, maxAttempts=attempts)
    box = sequence("box", leaf("a"), retry=retry, errors=errors, **more)
    play = Play(flow(box))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1)])
    return play, play.work(1, FAILED)


def test_errors_run_beside_a_wait_for_a_retry_that_was_inherited_and_go_when_it_is_made():
    play, effects = inherited(leaf("e"), leaf("f"))
    assert effects == [RunAttempt(2), WaitUntil(1, play.at + SECOND)]
    assert play.runs() == ["box RUNNING", "a RETRYING", "e CREATED"]
    assert play.work(2) == [RunAttempt(3)]
    assert play.work(3) == []
    assert play.runs() == ["box RUNNING", "a RETRYING", "e SUCCESS", "f SUCCESS"]
    assert play.fire(1) == [RunAttempt(1)]
    assert play.runs() == ["box RUNNING", "a CREATED"]
    assert play.execution.values == {"box": {}}
    assert play.work(1) == [Conclude()]
    assert play.runs() == ["box SUCCESS", "a SUCCESS"]


def test_such_errors_run_once_more_when_the_last_attempt_has_failed():
    play, _ = inherited(leaf("e"))
    play.work(2)
    play.fire(1)
    assert play.work(1, FAILED) == [RunAttempt(3)]
    assert play.work(3) == [Conclude()]
    assert play.runs() == ["box FAILED", "a FAILED", "e SUCCESS"]


def test_a_retry_waits_for_such_errors_that_are_under_way():
    play, _ = inherited(leaf("e"))
    play.start(2)
    assert play.fire(1) == []
    assert play.runs() == ["box RUNNING", "a RETRYING", "e RUNNING"]
    assert play.end(2) == [RunAttempt(1)]
    assert play.runs() == ["box RUNNING", "a CREATED"]


def test_such_errors_are_retried_themselves():
    play, _ = inherited(leaf("e"))
    assert play.work(2, FAILED) == [WaitUntil(2, play.at + SECOND)]
    assert play.fire(2) == [RunAttempt(2)]
    assert play.work(2) == []
    assert play.fire(1) == [RunAttempt(1)]


def test_a_kill_waits_for_such_errors_that_are_under_way():
    play, _ = inherited(leaf("e"), finally_=(leaf("never"),))
    play.start(2)
    assert play.kill() == [Kill(2)]
    assert play.runs() == ["box KILLING", "a KILLED", "e KILLING"]
    assert play.end(2, KILLED) == [End(KILLED)]
    assert play.runs() == ["box KILLED", "a KILLED", "e KILLED"]


def test_luck_decides_a_random_wait():
    play = Play(flow(leaf("a", retry=chance(2, 4))))
    play.begin()
    assert play.work(0, FAILED, draw=0.75) == [WaitUntil(0, play.at + 3_500_000)]


def test_the_execution_runs_on_as_soon_as_the_first_of_two_waits_is_over():
    tasks = (leaf("a", retry=constant(1)), leaf("b", retry=constant(2)))
    play = Play(flow(task("flow.Parallel", "p", tasks=tasks)))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1), Lane("tasks", 1, 2)], limit=0)
    play.work(1, FAILED)
    play.work(2, FAILED)
    assert play.execution_steps() == ["CREATED", "RUNNING", "RETRYING"]
    assert play.fire(1) == [RunAttempt(1)]
    assert play.fire(2) == [RunAttempt(2)]
    assert play.execution_steps() == ["CREATED", "RUNNING", "RETRYING", "RUNNING"]


# -- listeners


def listening(*tasks, **more):
    """A play whose flow has two listeners of these tasks each, and has concluded."""
    heard = [made_of(Listener, {"tasks": tasks}), made_of(Listener, {"tasks": (leaf("last"),)})]
    play = Play(flow(leaf("a"), listeners=tuple(heard), **more))
    play.begin()
    play.work(0)
    return play


def test_listeners_are_asked_for_when_the_state_is_final():
    play = listening(leaf("b"), leaf("c"))
    assert play.conclude() == [Hear()]
    assert play.execution.state is SUCCESS
    assert play.hear(0, 1) == [RunAttempt(1)]
    assert play.work(1) == [RunAttempt(2)]
    assert play.work(2) == [RunAttempt(3)]
    assert play.execution.runs[3].task.id == "last"
    assert play.work(3) == [End(SUCCESS)]


def test_no_listener_that_wants_to_run_is_the_end():
    play = listening(leaf("b"))
    play.conclude()
    assert play.hear() == [End(SUCCESS)]


def test_after_a_failure_no_listener_runs_but_what_comes_after_does():
    play = listening(leaf("b"), leaf("c"), afterExecution=(leaf("d"),))
    play.conclude()
    play.hear(0, 1)
    assert play.work(1, FAILED) == [RunAttempt(2)]
    assert play.execution.runs[2].task.id == "d"
    assert play.work(2) == [End(SUCCESS)]


def test_listeners_run_after_a_kill_and_another_one_ends_them():
    play = Play(listening(leaf("b"), leaf("c")).flow)
    play.begin()
    play.start(0)
    play.kill()
    assert play.end(0, KILLED) == [Hear()]
    play.hear(0)
    play.start(1)
    assert play.kill() == [Kill(1)]
    assert play.end(1, KILLED) == [End(KILLED)]


def test_a_kill_while_conditions_are_looked_at_is_the_end():
    play = listening(leaf("b"))
    play.conclude()
    assert play.kill() == [End(SUCCESS)]
    assert play.hear(0) == []


# -- fixtures of tests


def test_a_run_that_a_fixture_stands_in_for_has_outputs_and_no_attempt():
    play = Play(flow(leaf("a"), leaf("b")))
    play.begin()
    assert play.stand_in(0, outputs={"v": 1}) == [RunAttempt(1)]
    assert play.execution.runs[0].attempts == []
    assert play.execution.values == {"a": {"v": 1}}


def test_a_flowable_that_a_fixture_stands_in_for_makes_no_children():
    play = Play(flow(task("flow.ForEach", "loop", values=["1"], tasks=(leaf("log"),))))
    play.begin()
    assert play.stand_in(0, WARNING) == [Conclude()]
    assert len(play.execution.runs) == 1
    assert play.conclude() == [End(WARNING)]


def test_a_fixture_that_says_failed_is_not_tried_again_and_may_be_allowed():
    play = Play(flow(leaf("a", retry=constant()), leaf("b")))
    play.begin()
    assert play.stand_in(0, FAILED, error="no") == [Conclude()]
    allowed = Play(flow(leaf("a", allowFailure=True), leaf("b")))
    allowed.begin()
    assert allowed.stand_in(0, FAILED) == [RunAttempt(1)]
    assert allowed.execution.runs[0].state is WARNING
