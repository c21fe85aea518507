"""Task runs that start executions, stepped by hand: a call is a frame of executions."""

import pytest

from kestrel_cli.model.effect import Conclude, End, Gather, Kill, Launch, RunAttempt, WaitUntil
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task
from tests.support.flows import flow, leaf, task
from tests.support.play import Play, constant


def subflow(task_id: str = "box", **properties: object) -> Task:
    return task("flow.Subflow", task_id, namespace="company.team", flowId="other", **properties)


def started(*tasks: Task, **properties: object) -> Play:
    """A flow whose first task run, a Subflow without tasks before it, has begun."""
    play = Play(flow(*(tasks or (subflow(),)), **properties))
    assert play.begin() == [RunAttempt(0)]
    assert play.start(0) == []
    return play


def test_one_execution_from_the_call_to_the_end_of_the_attempt() -> None:
    play = started()
    assert play.call(0) == [Launch(0, 0)]
    assert play.launch(0) == []
    assert play.execution.calls[0].running == {0: "e0"}
    assert play.end_call(0, outputs={"n": 1}) == [Gather(0)]
    (result,) = play.execution.calls[0].results.values()
    assert (result.call.inputs, result.state, result.execution) == ({"n": 0}, State.SUCCESS, "e0")
    assert result.outputs == {"n": 1}
    assert play.end(0) == [Conclude()]
    assert not play.execution.calls
    assert play.steps(0) == ["CREATED", "RUNNING", "SUCCESS"]


def test_a_call_of_nothing_is_gathered_at_once() -> None:
    play = started()
    assert play.call(0, 0) == [Gather(0)]


def test_they_run_one_after_the_other() -> None:
    play = started()
    assert play.call(0, 3) == [Launch(0, 0)]
    assert play.called(0, 0) == [Launch(0, 1)]
    assert play.called(0, 1) == [Launch(0, 2)]
    assert play.called(0, 2) == [Gather(0)]


def test_as_many_as_the_limit_says_run_at_once_and_any_of_them_makes_room() -> None:
    play = started()
    assert play.call(0, 4, limit=2) == [Launch(0, 0), Launch(0, 1)]
    assert play.launch(0, 0) == play.launch(0, 1) == []
    assert play.end_call(0, 1) == [Launch(0, 2)]
    assert play.called(0, 2) == [Launch(0, 3)]
    assert play.end_call(0, 0) == []
    assert play.called(0, 3) == [Gather(0)]
    assert play.results(0) == dict.fromkeys(range(4), State.SUCCESS)


def test_a_limit_of_0_is_none() -> None:
    assert started().call(0, 4, limit=0) == [Launch(0, nth) for nth in range(4)]


def test_a_failure_is_a_result_like_any_other() -> None:
    play = started()
    play.call(0, 2)
    assert play.called(0, 0, State.FAILED) == [Launch(0, 1)]
    assert play.called(0, 1, State.KILLED) == [Gather(0)]
    assert play.results(0) == {0: State.FAILED, 1: State.KILLED}


def test_one_that_could_not_be_started_is_a_result_too() -> None:
    play = started()
    play.call(0, 2)
    assert play.end_call(0, 0, State.FAILED, error="no such flow") == [Launch(0, 1)]
    result = play.execution.calls[0].results[0]
    assert (result.execution, result.error) == (None, "no such flow")


def test_after_a_stop_nothing_is_started_and_what_runs_ends() -> None:
    play = started()
    play.call(0, 5, limit=2)
    play.launch(0, 0)
    assert play.end_call(0, 0, State.FAILED, stop=True) == []
    assert play.launch(0, 1) == []  # it was to be started already
    assert play.end_call(0, 1) == [Gather(0)]
    assert play.results(0) == {0: State.FAILED, 1: State.SUCCESS}


def test_a_stop_of_the_only_one_is_gathered_at_once() -> None:
    play = started()
    play.call(0, 5)
    play.launch(0)
    assert play.end_call(0, 0, stop=True) == [Gather(0)]


def test_what_is_not_waited_for_makes_room_as_soon_as_it_is_under_way() -> None:
    play = started()
    assert play.call(0, 3, wait=False) == [Launch(0, 0)]
    assert play.launch(0, 0) == [Launch(0, 1)]
    assert play.end_call(0, 1, State.FAILED, error="no such flow") == [Launch(0, 2)]
    assert play.launch(0, 2) == [Gather(0)]
    assert play.results(0) == {0: State.CREATED, 1: State.FAILED, 2: State.CREATED}
    assert play.end_call(0, 0, State.FAILED) == []  # nobody waits for its end
    assert play.results(0)[0] is State.CREATED


def test_what_nobody_waits_for_changes_nothing() -> None:
    play = started()
    assert play.launch(0) == play.end_call(0) == []  # nothing was called
    play.call(0, 2)
    assert play.launch(0, 1) == play.end_call(0, 1) == []  # it was not its turn
    play.called(0, 0)
    assert play.end_call(0, 0, State.FAILED) == []  # it has ended
    assert play.results(0) == {0: State.SUCCESS}
    play.called(0, 1)
    play.end(0)
    assert play.launch(0, 1) == play.end_call(0, 1) == []  # the attempt is over


# -- a kill


def test_a_kill_kills_each_that_runs_and_starts_no_further_one() -> None:
    play = started()
    play.call(0, 3, limit=2)
    play.launch(0, 0)
    play.launch(0, 1)
    assert play.kill() == [Kill(0, 0), Kill(0, 1)]
    assert play.end_call(0, 1, State.KILLED) == []
    assert play.end_call(0, 0) == [Gather(0)]  # it was quicker
    assert play.results(0) == {1: State.KILLED, 0: State.SUCCESS}
    assert play.end(0, State.KILLED) == [End(State.KILLED)]
    assert play.steps(0) == ["CREATED", "RUNNING", "KILLING", "KILLED"]
    assert not [one for one in play.execution.calls.values() if one.running]


def test_a_kill_before_the_launch_makes_it_void() -> None:
    play = started()
    play.call(0)
    assert play.kill() == [Gather(0)]
    assert play.launch(0) == play.end_call(0) == []
    assert play.results(0) == {}
    assert play.end(0, State.KILLED) == [End(State.KILLED)]


def test_a_kill_makes_void_what_was_to_be_started_beside_what_runs() -> None:
    play = started()
    play.call(0, 2, limit=2)
    play.launch(0, 0)
    assert play.kill() == [Kill(0, 0)]
    assert play.launch(0, 1) == []
    assert play.end_call(0, 0, State.KILLED) == [Gather(0)]


def test_a_kill_before_the_call_lets_nothing_start() -> None:
    play = started()
    assert play.kill() == []
    assert play.call(0, 3) == [Gather(0)]
    assert play.results(0) == {}


def test_a_kill_when_all_have_ended_is_gathered_as_killed() -> None:
    play = started()
    play.call(0)
    assert play.called(0) == [Gather(0)]
    assert play.kill() == [Gather(0)]  # whichever comes first is answered
    assert play.end(0, State.KILLED) == [End(State.KILLED)]


def test_a_kill_of_what_is_not_waited_for_leaves_it_alone() -> None:
    play = started()
    play.call(0, 2, wait=False)
    play.launch(0, 0)
    assert play.kill() == [Gather(0)]


def test_a_broken_service_level_kills_them_and_the_attempt_fails_with_it() -> None:
    play = started()
    play.call(0, 2)
    play.launch(0)
    assert play.violate("FAIL") == [Kill(0, 0)]
    assert play.end_call(0, 0, State.KILLED) == [Gather(0)]
    assert play.end(0, State.KILLED) == [End(State.FAILED)]
    assert play.steps(0) == ["CREATED", "RUNNING", "FAILED"]


def test_a_service_level_broken_before_the_call_lets_nothing_start() -> None:
    play = started()
    assert play.violate("FAIL") == []
    assert play.call(0, 2) == [Gather(0)]


def test_an_execution_that_was_killed_kills_the_one_that_waits_for_it() -> None:
    play = started()
    play.call(0)
    play.called(0, 0, State.KILLED)
    assert play.end(0, State.KILLED) == [Conclude()]
    assert play.steps(0) == ["CREATED", "RUNNING", "KILLING", "KILLED"]


# -- a further attempt


def test_a_retry_starts_executions_of_its_own() -> None:
    play = started(subflow(retry=constant(1, maxAttempts=2)))
    play.call(0, 2)
    play.called(0, 0)
    play.called(0, 1, State.FAILED)
    (waits,) = play.end(0, State.FAILED)
    assert isinstance(waits, WaitUntil)
    assert not play.execution.calls
    assert play.fire(0) == [RunAttempt(0)]
    play.start(0)
    assert play.call(0, 2) == [Launch(0, 0)]
    assert play.called(0, 0) == [Launch(0, 1)]
    assert play.called(0, 1) == [Gather(0)]
    assert play.end(0) == [Conclude()]
    assert len(play.execution.runs[0].attempts) == 2


def failed(play: Play, count: int = 5, bad: tuple[int, ...] = (1, 2, 4)) -> Play:
    """The execution has failed with these of the executions that its only task started."""
    play.call(0, count, limit=0)
    for nth in range(count):
        play.called(0, nth, State.FAILED if nth in bad else State.SUCCESS)
    assert play.end(0, State.FAILED) == [Conclude()]
    assert play.conclude() == [End(State.FAILED)]
    return play


def test_a_restart_goes_on_with_those_that_had_failed() -> None:
    play = failed(started())
    assert play.restart() == [RunAttempt(0)]
    play.start(0)
    assert play.call(0, 5, limit=2) == [Launch(0, 1, again=True), Launch(0, 2, again=True)]
    assert play.results(0) == {0: State.SUCCESS}
    assert play.called(0, 1) == [Launch(0, 4, again=True)]  # 3 had succeeded
    assert play.called(0, 2) == []
    assert play.called(0, 4) == [Gather(0)]
    assert play.results(0) == dict.fromkeys(range(5), State.SUCCESS)
    assert play.end(0) == [Conclude()]
    assert play.conclude() == [End(State.SUCCESS)]
    assert not play.execution.calls


def test_a_restart_starts_what_was_never_started() -> None:
    play = started()
    play.call(0, 4)
    play.called(0, 0)
    play.end_call(0, 1, State.FAILED, error="no such flow", stop=True)
    play.end(0, State.FAILED)
    play.conclude()
    play.restart()
    play.start(0)
    assert play.call(0, 4) == [Launch(0, 1)]  # there is none that could go on
    assert play.called(0, 1) == [Launch(0, 2)]


def test_a_restart_that_fails_leaves_its_results_for_the_next_one() -> None:
    play = failed(started())
    play.restart()
    play.start(0)
    play.call(0, 5, limit=0)
    play.called(0, 1)
    play.called(0, 2, State.FAILED)
    assert play.end_call(0, 4, State.FAILED) == [Gather(0)]
    play.end(0, State.FAILED)
    play.conclude()
    play.restart()
    play.start(0)
    assert play.call(0, 5, limit=0) == [Launch(0, 2, again=True), Launch(0, 4, again=True)]


def test_a_restart_that_stops_early_leaves_what_it_did_not_come_to_for_the_next_one() -> None:
    play = failed(started())
    play.restart()
    play.start(0)
    assert play.call(0, 5) == [Launch(0, 1, again=True)]
    play.launch(0, 1)
    assert play.end_call(0, 1, State.FAILED, stop=True) == [Gather(0)]
    play.end(0, State.FAILED)
    play.conclude()
    play.restart()
    play.start(0)
    assert play.call(0, 5, limit=0) == [Launch(0, nth, again=True) for nth in (1, 2, 4)]


def test_a_restart_that_is_killed_before_its_call_starts_nothing() -> None:
    play = failed(started())
    play.restart()
    play.start(0)
    assert play.kill() == []
    assert play.call(0, 5) == [Gather(0)]
    assert play.end(0, State.KILLED) == [End(State.KILLED)]


def test_a_restart_starts_new_ones_when_its_task_says_so() -> None:
    play = failed(started(subflow(restartBehavior="NEW_EXECUTION")), count=2, bad=(1,))
    assert play.restart() == [RunAttempt(0)]
    play.start(0)
    assert play.call(0, 2) == [Launch(0, 0)]
    assert play.called(0, 0) == [Launch(0, 1)]


def test_a_restart_of_what_comes_later_takes_up_nothing() -> None:
    play = started(subflow(), leaf("a"))
    play.call(0)
    play.called(0)
    assert play.end(0) == [RunAttempt(1)]
    play.work(1, State.FAILED)
    play.conclude()
    assert play.restart() == [RunAttempt(1)]
    assert not play.execution.calls


def test_an_attempt_that_is_lost_before_its_call_is_made_again() -> None:
    play = started(subflow(retry=constant(1, maxAttempts=1)))
    assert play.lose(0) == [RunAttempt(0)]
    play.start(0)
    assert play.call(0) == [Launch(0, 0)]
    assert play.called(0) == [Gather(0)]
    assert play.end(0) == [Conclude()]
    assert play.steps(0) == [
        "CREATED", "RUNNING", "FAILED", "RESTARTED", "RUNNING", "SUCCESS",
    ]  # fmt: skip


def test_a_restart_that_is_lost_before_its_call_still_takes_up_the_results() -> None:
    play = failed(started(), count=3, bad=(1,))
    play.restart()
    play.start(0)
    assert play.lose(0) == [RunAttempt(0)]
    play.start(0)
    assert play.call(0, 3) == [Launch(0, 1, again=True)]
    assert play.called(0, 1) == [Gather(0)]


@pytest.mark.parametrize("state", [State.SUCCESS, State.WARNING])
def test_what_succeeded_leaves_nothing(state: State) -> None:
    play = started()
    play.call(0)
    play.called(0, 0, state)
    play.end(0, state)
    assert not play.execution.calls
