"""The obvious interpreter: what a flow does, as plain coroutines that a reader trusts at a glance.

It knows nothing of frames, lanes or events; the scheduler is compared with it on random flows.
Every task run awaits its turn: flowables go before all others, and each in the order in which they
were created; what waits for a moment goes last.
"""

from collections import deque
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass, field
from typing import Any

from kestrel_cli.model.flow import Flow
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task

StateOf = Callable[[str, int], State]
WORST = [State.SUCCESS, State.WARNING, State.FAILED]
OF_BEHAVIOR = {"RESUME": State.SUCCESS, "WARN": State.WARNING, "FAIL": State.FAILED}


@dataclass
class Run:
    """A task run."""

    task: Task
    parent: "Run | None"
    value: str | None
    iteration: int | None
    state: State = State.CREATED
    attempts: int = 0
    called: list[str] | None = None  # how the executions ended that it started
    gone: bool = False


@dataclass
class Group:
    """Tasks that run one after the other; `needs` are groups that have to end before."""

    tasks: list[Task]
    value: str | None = None
    iteration: int | None = None
    needs: list[int] = field(default_factory=list)


Resume = Callable[[], None]


class Wait:
    """Awaits until what `told` was given is called."""

    def __init__(self, told: Callable[[Resume], None]) -> None:
        self.told = told

    def __await__(self) -> Generator[Callable[[Resume], None], None, None]:
        yield self.told


class Interpreter:
    """Collects the task runs of one flow."""

    def __init__(self, flow: Flow, state_of: StateOf) -> None:
        self.flow = flow
        self.state_of = state_of
        self.runs: list[Run] = []
        self.opening: deque[Resume] = deque()
        self.attempting: deque[Resume] = deque()
        self.later: deque[Resume] = deque()
        self.failed: list[Run | None] = []  # in whose body something failed, and other things run

    def shape(self) -> list[tuple[Any, ...]]:
        """What is there in the end, as plain facts; the parent is a place in this list."""
        listed = [run for run in self.runs if not run.gone]
        place = {id(run): number for number, run in enumerate(listed)}
        return [
            (
                run.task.id,
                place[id(run.parent)] if run.parent else None,
                run.value,
                run.iteration,
                run.state,
                run.called,
                run.attempts,
            )
            for run in listed
        ]

    def run(self) -> State:
        """The flow's final state."""
        final: list[State] = []
        self.go_on(self.whole(), final.append)
        while queue := self.opening or self.attempting or self.later:
            queue.popleft()()
        return final[0]

    def go_on(self, work: Coroutine[Any, Any, State], then: Callable[[State], None]) -> None:
        """Let it go on until it waits again, or ends."""
        try:
            told = work.send(None)
        except StopIteration as end:
            then(end.value)
        else:
            told(lambda: self.go_on(work, then))

    async def whole(self) -> State:
        blocks = self.flow.blocks
        worst = await self.body([Group([*blocks["tasks"]])], 1, None)
        await self.around(blocks, worst, None)
        heard = [
            task for one in range(len(self.flow.listeners)) for task in blocks[f"listeners.{one}"]
        ]
        for task in heard:
            if await self.finish(self.create(task, None)) is State.FAILED:
                break
        for task in blocks.get("afterExecution", ()):
            await self.finish(self.create(task, None))
        return worst

    def stopped(self, run: Run | None) -> bool:
        """Whether something failed beside it, or beside what is around it."""
        while run is not None and not getattr(run.task, "one_worker", False):
            run = run.parent
            if any(one is run for one in self.failed):
                return True
        return False

    def create(
        self, task: Task, parent: Run | None, value: str | None = None, nth: int | None = None
    ) -> Run:
        self.runs.append(Run(task, parent, value, nth))
        return self.runs[-1]

    async def around(
        self, blocks: dict[str, tuple[Task, ...]], worst: State, parent: Run | None
    ) -> None:
        """After a body that left `worst`: its errors and its finally, which change nothing."""
        first = blocks.get("errors", ()) if worst is State.FAILED else ()
        for task in (*first, *blocks.get("finally", ())):
            if not self.stopped(parent):
                await self.finish(self.create(task, parent))

    async def body(  # noqa: C901  its rules belong together
        self, groups: list[Group], limit: int, parent: Run | None
    ) -> State:
        """`limit` groups at once; after a failure nothing new begins, here or further down."""
        worst = State.SUCCESS
        waiting = [nth for nth, group in enumerate(groups) if group.tasks]
        begun: dict[int, int] = {}  # group -> how many of its tasks
        over: set[int] = set()
        done: list[Resume] = []

        def begin(nth: int) -> None:
            group, place = groups[nth], begun.get(nth, 0)
            begun[nth] = place + 1
            run = self.create(group.tasks[place], parent, group.value, group.iteration)
            self.go_on(self.finish(run), lambda state: ended(nth, state))

        def begin_new() -> None:
            for nth in [nth for nth in waiting if over.issuperset(groups[nth].needs)]:
                if not limit or len(begun) < limit:
                    waiting.remove(nth)
                    begin(nth)

        def ended(nth: int, state: State) -> None:
            nonlocal worst
            worst = max(worst, state, key=WORST.index)
            more = worst is not State.FAILED and not self.stopped(parent)
            if worst is State.FAILED:
                self.failed.append(parent)
            if more and begun[nth] < len(groups[nth].tasks):
                begin(nth)
            else:
                del begun[nth]
                over.add(nth)
            if more:
                begin_new()
            if not begun:
                done.pop()()

        if not self.stopped(parent):
            begin_new()
        if begun:
            await Wait(done.append)
        self.failed = [one for one in self.failed if one is not parent]
        return worst

    async def finish(self, run: Run) -> State:
        """Run a task whose run was created, and say how it counts for its container."""
        await Wait(self.opening.append if run.task.flowable else self.attempting.append)
        if run.task.runIf == "false":
            run.state, run.attempts = State.SKIPPED, 1
            return State.SUCCESS
        if run.task.flowable:
            run.attempts = 1
            run.state = await self.flowable(run.task, run)
        else:
            run.state = await self.attempts(run)
        return run.state

    async def attempts(self, run: Run) -> State:
        policy = self.flow.policies.get(run.task.id)
        most = policy.maxAttempts if policy and policy.maxAttempts else 1
        state = State.FAILED
        while run.attempts < most and state is State.FAILED:
            if run.attempts:
                await Wait(self.later.append)
                await Wait(self.attempting.append)
            run.attempts += 1
            if run.task.executable:
                state = self.executions(run.task, run)
            else:
                state = self.state_of(run.task.id, run.attempts)
        if state is State.SUCCESS and policy and policy.warningOnRetry and run.attempts > 2:
            state = State.WARNING
        return softened(run.task, state)

    def executions(self, task: Any, run: Run) -> State:
        """One execution after the other, as far as they are not begun together. After a failed
        iteration of a Loop no further one begins.
        """
        many, limit, said = 1, 1, task
        if type(task).__name__ == "Loop":
            many, limit = len(task.values), task.concurrencyLimit
        elif type(task).__name__ == "ForEachItemItems":
            many, limit, said = 3, 0, task.owner
        ended: list[State] = []
        refused = False
        begun = min(many, limit or many)
        while len(ended) < begun:
            name = f"{task.id}/{len(ended)}"
            if self.state_of(f"{name}/start", run.attempts) is State.FAILED:
                ended.append(State.FAILED)
                refused = True
            elif not getattr(said, "wait", True):
                ended.append(State.CREATED)
            else:
                ended.append(self.state_of(name, run.attempts))
            stops = type(task).__name__ == "Loop" and said.transmitFailed
            if not (stops and State.FAILED in ended):
                begun = min(many, begun + 1)
        run.called = [state.value for state in ended]
        if refused and type(task).__name__ != "Loop":
            return State.FAILED
        counted = [one for one in ended if one in WORST and said.transmitFailed]
        return max(counted, key=WORST.index, default=State.SUCCESS)

    async def flowable(self, task: Any, run: Run) -> State:
        name = type(task).__name__
        if name == "Switch" and task.value not in task.cases and not task.defaults:
            return softened(task, State.FAILED)
        if name == "LoopUntil":
            worst = await self.passes(task, run)
        elif name == "Pause":
            worst = await self.paused(task, run)
        else:
            worst = await self.body(self.groups(task), self.limit(task), run)
        await self.around(task.blocks, worst, run)
        if self.stopped(run):
            return State.FAILED
        if name == "AllowFailure" and worst is State.FAILED:
            return State.WARNING
        return softened(task, worst)

    def groups(self, task: Any) -> list[Group]:
        blocks = task.blocks
        tasks = [*blocks.get("tasks", ())]
        match type(task).__name__:
            case "Parallel":
                return [Group([one]) for one in tasks]
            case "Dag":
                place = {one.id: nth for nth, one in enumerate(tasks)}
                needs = {one.task.id: one.dependsOn or [] for one in task.tasks}
                return [
                    Group([one], needs=[place[name] for name in needs[one.id] if name in place])
                    for one in tasks
                ]
            case "ForEach":
                return [Group(tasks, value, nth) for nth, value in enumerate(task.values)]
            case "EachSequential":
                return [Group(tasks, value, nth) for nth, value in enumerate(task.value)]
            case "EachParallel":
                each = enumerate(task.value)
                return [Group([one], value, nth) for nth, value in each for one in tasks]
            case "If":
                return [Group([*blocks["then" if task.condition == "true" else "else"]])]
            case "Switch":
                block = f"cases.{task.value}" if task.value in task.cases else "defaults"
                return [Group([*blocks[block]])]
            case "ForEachItem":
                return [Group([*blocks["hidden"]])]
            case _:
                return [Group(tasks)]

    def limit(self, task: Any) -> int:
        names = {"ForEach": "concurrencyLimit", "Parallel": "concurrent", "Dag": "concurrent"}
        names["EachParallel"] = "concurrent"
        name = names.get(type(task).__name__)
        return int(getattr(task, name)) if name else 1

    async def passes(self, task: Any, run: Run) -> State:
        """A LoopUntil; what its earlier passes made is gone."""
        for number in range(int(task.condition.removeprefix("pass "))):
            if number:
                await Wait(self.later.append)
                self.forget(run)
                await Wait(self.opening.append)
                run.iteration = (run.iteration or 0) + 1
            group = Group([*task.blocks["tasks"]], None, run.iteration or 0)
            worst = await self.body([group], 1, run)
            if worst is State.FAILED or self.stopped(run):
                break
        return worst

    def forget(self, above: Run) -> None:
        for run in self.runs:
            if run.parent is above and not run.gone:
                self.forget(run)
                run.gone = True

    async def while_paused(self, task: Any, run: Run) -> State:
        for one in task.blocks.get("onPause", ()):
            if not self.stopped(run):
                await self.finish(self.create(one, run))
        return State.SUCCESS

    async def paused(self, task: Any, run: Run) -> State:
        """A Pause: onPause while it waits, then its tasks, unless it is to fail. Whoever resumes it
        does not wait for onPause; what comes then does.
        """
        going_on = [task]
        done: list[Resume] = []

        def over(_: State) -> None:
            going_on.clear()
            if done:
                done.pop()()

        self.go_on(self.while_paused(task, run), over)
        await Wait(self.later.append)
        if going_on:
            await Wait(done.append)
        if task.pauseDuration is not None:
            went_on = OF_BEHAVIOR[task.behavior]
        elif task.timeout is not None or self.state_of(task.id, 1) is State.FAILED:
            went_on = State.FAILED
        else:
            went_on = State.SUCCESS
        state = softened(task, went_on)
        if went_on is State.FAILED and not (state is not went_on and task.blocks.get("tasks")):
            for one in task.blocks.get("errors", ()) if state is not went_on else ():
                await self.finish(self.create(one, run))
            return state
        return max(state, await self.body(self.groups(task), 1, run), key=WORST.index)


def softened(task: Task, state: State) -> State:
    """allowFailure, then allowWarning."""
    if state is State.FAILED and task.allowFailure:
        state = State.WARNING
    if state is State.WARNING and task.allowWarning:
        state = State.SUCCESS
    return state
