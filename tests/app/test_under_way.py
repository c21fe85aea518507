"""What is under way in runs of several executions: the most of it that is seen at any event."""

import pytest

from kestrel_cli.reporters.progress import Underway
from tests.app.flows_on_disk import Disk
from tests.app.test_hard_cases import CORE


class Watching:
    """Looks after every event."""

    def __init__(self):
        self.underway = Underway()
        self.seen = []
        self.loops = []

    def started(self, execution, parent, run):
        self.underway.started(execution, parent, run)

    def on_log(self, line, execution):
        self.underway.on_log(line, execution)

    def on_event(self, event, execution):
        self.underway.on_event(event, execution)
        standing = self.underway.standing(9)
        doing = [f"{one.kind} {one.path}" for one in standing.doing]
        loops = [f"{loop.name} {loop.at}/{loop.total}" for loop in standing.loops]
        if doing and [*self.seen[-1:]] != [doing]:
            self.seen.append(doing)
        if loops and [*self.loops[-1:]] != [loops]:
            self.loops.append(loops)

    def close(self, execution, exit_code):
        self.underway.close(execution, exit_code)


@pytest.fixture
def disk(tmp_path):
    return Disk(tmp_path)


def watched(disk):
    watching = Watching()
    disk.run(reporters=(watching,))
    return watching


def test_what_a_subflow_does_stands_for_the_task_that_called_it(disk):
    disk.flow("child", f"tasks: [{{id: s, type: {CORE}.flow.Sleep, duration: PT0.001S}}]")
    disk.flow("main", f"""
tasks:
  - {{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: child}}
""")  # fmt: skip
    assert watched(disk).seen == [
        ["works call"],
        ["calls call"],
        ["works call > [child] > s"],
        ["calls call"],
    ]


def test_iterations_that_are_executions_are_a_loop(disk):
    disk.flow("main", f"""
tasks:
  - id: loop
    type: {CORE}.flow.Loop
    values: [a, b, c]
    tasks: [{{id: s, type: {CORE}.debug.Return, format: x}}]
""")  # fmt: skip
    watching = watched(disk)
    assert watching.loops == [["loop 1/3"], ["loop 2/3"], ["loop 3/3"]]
    assert ["works loop[2] > s"] in watching.seen


def test_an_execution_that_follows_takes_the_place_of_the_one_before(disk):
    retry = "{type: constant, interval: PT0.01S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}"
    disk.flow("main", f"tasks: [{{id: ko, type: {CORE}.execution.Fail, retry: {retry}}}]")
    seen = watched(disk).seen
    assert ["follow ko"] in seen
    assert seen[-1] != ["follow ko"]
