"""The obvious interpreter: what a flow does, as plain recursion that a reader trusts at a glance.

It knows nothing of frames, lanes or events; the scheduler is compared with it on random flows.
"""

from collections.abc import Callable
from typing import Any

from kestrel_cli.model.flow import Flow
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task

StateOf = Callable[[str, int], State]
WORST = [State.SUCCESS, State.WARNING, State.FAILED]


class Interpreter:
    """Collects the task runs of one flow as `[number, task id, parent, value, iteration, state,
    attempts]`.
    """

    def __init__(self, flow: Flow, state_of: StateOf) -> None:
        self.flow = flow
        self.state_of = state_of
        self.runs: list[list[Any]] = []

    def run(self) -> State:
        """The flow's final state."""
        worst = self.container(
            self.flow.blocks, [[task] for task in self.flow.blocks["tasks"]], 1, None
        )
        for task in self.flow.blocks.get("afterExecution", ()):
            self.finish(task, self.create(task, None))
        return worst

    def create(
        self, task: Task, parent: int | None, value: str | None = None, nth: int | None = None
    ) -> int:
        self.runs.append([len(self.runs), task.id, parent, value, nth, State.CREATED, 0])
        return len(self.runs) - 1

    def container(
        self,
        blocks: dict[str, tuple[Task, ...]],
        groups: list[list[Task]],
        limit: int,
        parent: int | None,
        values: list[str] | None = None,
    ) -> State:
        worst = self.body(groups, limit, parent, values)
        if worst is State.FAILED:
            for task in blocks.get("errors", ()):
                self.finish(task, self.create(task, parent))
        for task in blocks.get("finally", ()):
            self.finish(task, self.create(task, parent))
        return worst

    def body(
        self, groups: list[list[Task]], limit: int, parent: int | None, values: list[str] | None
    ) -> State:
        """Groups (lanes) of tasks: `limit` at once, each in order; after a failure nothing new
        begins.
        """
        worst = State.SUCCESS
        waiting = [[nth, group] for nth, group in enumerate(groups) if group]
        begun: list[
            list[Any]
        ] = []  # [nth, tasks left, number of the run that was created for the first of them]

        def begin(nth: int, tasks: list[Task]) -> None:
            value, iteration = (values[nth], nth) if values is not None else (None, None)
            begun.append([nth, tasks, self.create(tasks[0], parent, value, iteration)])

        while waiting and (not limit or len(begun) < limit):
            begin(*waiting.pop(0))
        while begun:
            begun.sort(key=lambda lane: lane[0])
            nth, tasks, number = begun.pop(0)
            state = self.finish(tasks[0], number)
            worst = max(worst, state, key=WORST.index)
            if worst is State.FAILED:
                continue
            if tasks[1:]:
                begin(nth, tasks[1:])
            while waiting and (not limit or len(begun) < limit):
                begin(*waiting.pop(0))
        return worst

    def finish(self, task: Task, number: int) -> State:
        """Run a task whose run was created, and say how it counts for its container."""
        run = self.runs[number]
        if task.runIf == "false":
            run[5], run[6] = State.SKIPPED, 1
            return State.SUCCESS
        run[5] = self.flowable(task, number) if task.flowable else self.attempts(task, number)
        if task.flowable:
            run[6] = 1
        return State(run[5])

    def attempts(self, task: Task, number: int) -> State:
        policy = self.flow.policies.get(task.id)
        most = policy.maxAttempts if policy and policy.maxAttempts else 1
        state = State.FAILED
        while self.runs[number][6] < most and state is State.FAILED:
            self.runs[number][6] += 1
            state = self.state_of(task.id, self.runs[number][6])
        if state is State.SUCCESS and policy and policy.warningOnRetry and self.runs[number][6] > 2:
            state = State.WARNING
        return softened(task, state)

    def flowable(self, task: Any, number: int) -> State:
        tasks = list(task.blocks["tasks"])
        match type(task).__name__:
            case "Parallel":
                worst = self.container(
                    task.blocks, [[one] for one in tasks], task.concurrent, number
                )
            case "ForEach":
                values = task.values
                worst = self.container(
                    task.blocks, [tasks for _ in values], task.concurrencyLimit, number, values
                )
            case "AllowFailure":
                worst = self.container(task.blocks, [[one] for one in tasks], 1, number)
                return State.WARNING if worst is State.FAILED else softened(task, worst)
            case _:
                worst = self.container(task.blocks, [[one] for one in tasks], 1, number)
        return softened(task, worst)


def softened(task: Task, state: State) -> State:
    """allowFailure, then allowWarning."""
    if state is State.FAILED and task.allowFailure:
        state = State.WARNING
    if state is State.WARNING and task.allowWarning:
        state = State.SUCCESS
    return state
