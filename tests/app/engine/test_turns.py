import pytest

from kestrel_cli.model.fields import made_of
from kestrel_cli.model.flow import Concurrency
from kestrel_cli.store.slots import Slots
from kestrel_cli.worker.interrupts import Interrupts
from tests.app.running import Collect, running
from tests.support.flows import flow, leaf


def limited(behavior="QUEUE", limit=1):
    concurrency = made_of(Concurrency, {"limit": limit, "behavior": behavior})
    return flow(leaf("a"), concurrency=concurrency)


@pytest.fixture
def slots(tmp_path):
    return Slots(tmp_path / "running" / "company.team" / "test", 1)


def run(made, tmp_path, told=None, **more):
    return running(made, told, state_dir=str(tmp_path), **more)


def test_an_execution_takes_a_place_and_leaves_it(tmp_path, slots):
    seen = []

    class Looking(Collect):
        def on_event(self, event, execution):
            seen.append(slots.take())

    for _ in range(2):
        assert run(limited(), tmp_path, Looking()).execution.state == "SUCCESS"
    assert set(seen) == {None}
    slots.take().leave()


def test_one_that_may_not_wait_is_cancelled(tmp_path, slots):
    place = slots.take()
    told = Collect()
    result = run(limited("CANCEL"), tmp_path, told)
    assert (result.exit_code, result.execution.state) == (1, "CANCELLED")
    assert told.told == ["Queued"]
    place.leave()


def test_one_that_may_not_wait_fails(tmp_path, slots):
    place = slots.take()
    told = Collect()
    result = run(limited("FAIL"), tmp_path, told)
    assert (result.exit_code, result.execution.state) == (1, "FAILED")
    assert told.told == ["ERROR: Execution is FAILED due to concurrency limit exceeded", "Queued"]
    place.leave()


def test_one_that_waits_begins_when_there_is_a_place(tmp_path, slots):
    place = slots.take()

    class Leaving(Collect):
        def on_event(self, event, execution):
            super().on_event(event, execution)
            if self.told[-1] == "Queued":
                place.leave()

    told = Leaving()
    result = run(limited(), tmp_path, told)
    assert [str(state) for state, _ in result.execution.history] == [
        "CREATED",
        "QUEUED",
        "RUNNING",
        "SUCCESS",
    ]
    assert told.told[:2] == ["Queued", "Begun"]


def test_one_that_waits_can_be_killed(tmp_path, slots):
    place = slots.take()
    interrupts = Interrupts()

    class Killing(Collect):
        def on_event(self, event, execution):
            super().on_event(event, execution)
            if self.told[-1] == "Queued":
                interrupts.kill(15)

    result = run(limited(), tmp_path, Killing(), interrupts=interrupts)
    assert (result.exit_code, result.execution.state) == (143, "KILLED")
    assert all(run.attempts == [] for run in result.execution.runs)
    place.leave()


def test_as_many_run_as_the_limit_says(tmp_path, slots):
    place = slots.take()
    assert run(limited("FAIL", limit=2), tmp_path).execution.state == "SUCCESS"
    place.leave()


def test_without_a_state_directory_nothing_is_counted_but_told(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    warnings = []
    result = run(limited(), blocked, warn=warnings.append)
    assert result.execution.state == "SUCCESS"
    (warning,) = warnings
    assert warning.startswith("the flow's `concurrency` can't be looked after: ")
