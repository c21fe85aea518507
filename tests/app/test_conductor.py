"""Which of several executions goes on, and waits for threads that lose nothing."""

import time

from kestrel_cli.app.clock import Clock
from kestrel_cli.app.conductor import Conductor
from kestrel_cli.worker.interrupts import Interrupts
from tests.app.flows_on_disk import CORE, Disk
from tests.app.running import Collect, running
from tests.support.flows import flow, leaf, task


def test_a_request_wakes_a_wait_for_threads_and_takes_nothing_out_of_the_inbox():
    interrupts = Interrupts()
    conductor = Conductor(Clock(), interrupts)
    message = object()
    conductor.inbox.put(message)
    interrupts.kill(2)
    assert [conductor.inbox.get(timeout=1) for _ in range(2)] == [message, None]


def test_many_requests_between_the_messages_of_threads_lose_none_of_them():
    """A message that was lost would hold its thread up until it is given up, after ten seconds."""
    for kills_at in range(1, 30, 3):
        interrupts = Interrupts()

        class Killing(Collect):
            def on_log(self, line, execution, at=kills_at, asked=interrupts):
                super().on_log(line, execution)
                if len(self.told) == at:
                    asked.kill(2)

        naps = tuple(task("flow.Sleep", f"s{n}", duration="PT0.001S") for n in range(8))
        began = time.perf_counter()
        running(flow(task("flow.Parallel", "p", tasks=naps)), Killing(), interrupts=interrupts)
        assert time.perf_counter() - began < 5


def test_an_execution_that_is_started_goes_before_the_one_that_started_it(tmp_path):
    disk = Disk(tmp_path)
    disk.flow("child", f"tasks: [{{id: c, type: {CORE}.log.Log, message: child}}]")
    disk.flow("main", f"""
tasks:
  - id: p
    type: {CORE}.flow.Parallel
    tasks:
      - {{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: child}}
      - {{id: beside, type: {CORE}.log.Log, message: beside}}
""")  # fmt: skip
    disk.run()
    assert disk.told.logged() == ["child", "beside"]


def test_the_flow_that_called_goes_on_while_the_called_one_waits(tmp_path):
    disk = Disk(tmp_path)
    disk.flow("child", f"""
tasks:
  - {{id: gate, type: {CORE}.flow.Pause, pauseDuration: PT0.02S}}
  - {{id: c, type: {CORE}.log.Log, message: child}}
""")  # fmt: skip
    disk.flow("main", f"""
tasks:
  - id: p
    type: {CORE}.flow.Parallel
    tasks:
      - {{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: child}}
      - {{id: beside, type: {CORE}.log.Log, message: beside}}
""")  # fmt: skip
    assert disk.run().exit_code == 0
    assert disk.told.logged() == ["beside", "child"]


def test_after_a_second_request_nothing_runs_after_the_end():
    interrupts = Interrupts()

    class Killing(Collect):
        def on_event(self, event, execution):
            super().on_event(event, execution)
            if self.told[-1] == "AttemptStarted a":
                interrupts.kill(2)
                interrupts.kill(2)

    told = Killing()
    result = running(flow(leaf("a"), afterExecution=(leaf("x"),)), told, interrupts=interrupts)
    assert [str(run.state) for run in result.execution.runs] == ["KILLED", "KILLED"]
    assert result.execution.runs[1].attempts == []
