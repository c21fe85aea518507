"""What a row does with an execution besides running it: wait, resume, kill, restart, replay, run
again, set a state.
"""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from facts import Facts

from kestrel_cli.app.named_runs import run_named
from kestrel_cli.app.replay import replay
from kestrel_cli.app.request import PausePolicy, RunRequest, RunResult
from kestrel_cli.app.resume import change_state, restart, resume
from kestrel_cli.app.run import run
from kestrel_cli.app.story import Story, Told
from kestrel_cli.errors import InputError
from kestrel_cli.model.event import Event, LogLine, Reopened
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import TERMINAL, State
from tests.support.cli import COMMAND, process_environment

_TERMINATED = "terminated"
_SIGTERM = 15
MakeRequest = Callable[[dict[str, Any]], RunRequest]


class Watch:
    """A reporter that looks at the execution whenever its state changes, and keeps all logs."""

    def __init__(self) -> None:
        self.steps: list[dict[str, Any]] = []  # awaits that are still to come
        self.reopened: dict[str, Any] | None = None
        self.problems: list[str] = []
        self.logs: list[tuple[LogLine, Execution]] = []
        self.kill: Callable[[int], None] = lambda _: None
        self.before = ""  # id of the execution before it was reopened
        self._root: Execution | None = None

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        if parent is None:
            self._root = execution
            if self.reopened is not None and execution.state is State.CREATED:
                self._check_reopened(execution)

    def on_log(self, line: LogLine, execution: Execution) -> None:
        self.logs.append((line, execution))

    def on_event(self, event: Event, execution: Execution) -> None:
        if execution is not self._root:
            return
        if isinstance(event, Reopened) and self.reopened is not None:
            self._check_reopened(execution)
        while self.steps and self._next(execution):
            pass

    def close(self, execution: Execution, exit_code: int) -> None:
        pass

    def _next(self, execution: Execution) -> bool:
        step = self.steps[0]
        if "await" in step:
            wanted = step["await"]
            reached = execution.state == wanted or (
                wanted == _TERMINATED and execution.state in TERMINAL
            )
            frame = execution.frames.get(None)
            closed = frame is None or frame.phase is Phase.CLOSED
            if not reached or (execution.state in TERMINAL and not closed):
                return False
            self.problems += Facts(execution, self.logs).problems(step.get("assert", {}))
        else:
            self.kill(_SIGTERM)
        self.steps.pop(0)
        return "await" in step and "kill" in (self.steps[0] if self.steps else {})

    def _check_reopened(self, execution: Execution) -> None:
        wanted, self.reopened = self.reopened or {}, None
        if "sameExecutionId" in wanted and wanted["sameExecutionId"] != (
            execution.id == self.before
        ):
            self.problems.append(f"expected sameExecutionId {wanted['sameExecutionId']}")
        self.problems += Facts(execution, self.logs).problems(wanted)


class Acting:
    """Runs one row with its actions."""

    def __init__(self, fields: dict[str, Any], make: MakeRequest, folder: Path, path: Path) -> None:
        self._fields = fields
        self._make = make
        self._folder = folder
        self._path = path
        self._watch = Watch()
        self._execution: Execution | None = None

    def problems(self) -> Iterator[str]:
        """What does not hold on the way; in the end `assert` is looked at as ever."""
        actions = list(self._fields["actions"])
        wanted = self._fields["assert"]
        if "startInBackground" in actions[0]:
            with _in_background(self._path, self._folder):
                yield from self._go_on(actions[1:])
            return
        self._take_awaits(actions)
        result = self._run(run)
        asserted = not _ends_elsewhere(actions)
        if asserted:
            yield from Facts(result.execution, self._watch.logs).problems(wanted)
        yield from self._go_on(actions)
        if not asserted and self._execution is not None:
            yield from Facts(self._execution, self._watch.logs).problems(wanted)

    def _take_awaits(self, actions: list[dict[str, Any]]) -> None:
        """The steps that are taken while the execution runs."""
        self._watch.steps = []
        while actions and ("await" in actions[0] or "kill" in actions[0]):
            step = actions.pop(0)
            self._watch.steps += [step]
            if "kill" in step and "assert" in step:
                # What holds in the moment of the kill holds a moment later, too: in KILLING.
                step["assert"].pop("state", None)
                self._watch.steps += [{"await": "KILLED", "assert": step["assert"]}]

    def _go_on(self, actions: list[dict[str, Any]]) -> Iterator[str]:
        while actions:
            action = actions.pop(0)
            self._take_awaits(actions)
            try:
                result = self._act(action)
            except InputError as error:
                if action.get("error", "?") not in str(error):
                    yield f"did not expect {error}"
                continue
            if "error" in action:
                yield f"expected the error {action['error']}"
            if result is None:
                continue
            if "runAgain" in action or "run" in action:
                yield from Facts(result.execution, self._watch.logs).problems(
                    action.get("assert", {})
                )
            yield from self._watch.problems
            self._watch.problems.clear()
            if self._watch.steps:
                yield f"never came to {self._watch.steps[0]}"

    def _act(self, action: dict[str, Any]) -> RunResult | None:
        """What the action runs; None when it only prepares what comes after it."""
        before = self._execution.id if self._execution else ""
        self._watch.before, self._watch.reopened = before, action.get("assert")
        match action:
            case {"resume": task}:
                self._watch.reopened = None
                given = {task: _made(action.get("inputs", {}), self._folder)}
                return self._run(lambda request: self._resumed(request, before, given))
            case {"restart": _}:
                return self._run(lambda request: restart(request, before))
            case {"replay": {} as target}:
                inputs = action.get("inputs")
                place = _of_root(_finder(target)) if target else None
                return self._run(lambda request: replay(request, before, place, inputs))
            case {"changeState": target}:
                state = State(target["state"])
                found = _finder(target)
                return self._run(lambda request: change_state(request, before, found, state))
            case {"setup": more}:
                self._fields["setup"] = _joined(self._fields.get("setup") or {}, more)
                for other in runs_of(more.get("run")):
                    self._run_other(other)
                return None
            case {"run": several}:
                given = {"inputs": action.get("inputs", {})}
                results = [self._run_other({**given, **one}) for one in runs_of(several)]
                return results[-1]
            case {"runAgain": _}:
                self._watch.reopened = None
                return self._run(run)
        raise ValueError(f"unknown action {action}")

    def _resumed(self, request: RunRequest, before: str, given: dict[str, Any]) -> RunResult:
        pauses = PausePolicy(given, policy="wait", strict=True)
        return resume(changed(request, pauses=pauses), before)

    def _run_other(self, other: dict[str, Any]) -> RunResult:
        """Run another flow with the state and the setup of the row; what the next actions are about
        stays the execution of the row's own flow.
        """
        own, self._watch.reopened = self._execution, None
        result = self._run(run, {"inputs": {}, **other})
        self._execution = own
        return result

    def _run(
        self, work: Callable[[RunRequest], RunResult], other: dict[str, Any] | None = None
    ) -> RunResult:
        request = changed(
            self._make({**self._fields, **(other or {})}),
            journaled=True,
            reporters=[self._watch],
            pauses=PausePolicy(policy="wait"),
        )
        self._watch.kill = request.interrupts.kill
        result = work(request)
        self._execution = result.execution
        return result


def _ends_elsewhere(actions: list[dict[str, Any]]) -> bool:
    """Whether `assert` is about what a resumed execution comes to."""
    return bool(actions) and "resume" in actions[0]


def runs_of(wanted: Any) -> list[dict[str, Any]]:
    """The flows that `run` names: one or several, by path or with their inputs."""
    several = wanted if isinstance(wanted, list) else [] if wanted is None else [wanted]
    return [{"flow": one} if isinstance(one, str) else one for one in several]


def _joined(setup: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The setup of a row with what an action adds to it."""
    joined = dict(setup)
    for name, value in more.items():
        known = joined.get(name)
        both = isinstance(known, dict) and isinstance(value, dict)
        joined[name] = _joined(known or {}, value) if both else value
    return joined


def _finder(target: dict[str, Any]) -> Callable[[Execution], TaskRun]:
    if "taskRunIndex" in target:
        return lambda execution: execution.listed()[target["taskRunIndex"]]
    if "values" in target:
        return lambda execution: _with_values(execution, target["taskId"], target["values"])
    return run_named(target["taskId"])


def _with_values(execution: Execution, task_id: str, values: list[str]) -> TaskRun:
    """The run of a task with these loop values around it, the outermost first."""
    for one in execution.listed():
        if one.task.id == task_id and list(execution.values_above(one)) == values:
            return one
    raise InputError([f"no task run of {task_id} has the values {values}"])


def _of_root(
    find: Callable[[Execution], TaskRun],
) -> Callable[[Story], tuple[Told, TaskRun]]:
    return lambda story: (story.root, find(story.root.execution))


def _made(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    made = {}
    for name, value in inputs.items():
        if isinstance(value, dict) and "$file" in value:
            path = folder / f"{name}.txt"
            path.write_text(str(value["$file"]))
            made[name] = str(path)
        else:
            made[name] = value
    return made


class _in_background:  # noqa: N801  used as a verb
    """Another process that runs the same flow while this lasts."""

    def __init__(self, path: Path, folder: Path) -> None:
        self._arguments = [*COMMAND, "run", str(path), "--state-dir", str(folder), "-o", "ndjson"]
        self._folder = folder

    def __enter__(self) -> None:
        self._process = subprocess.Popen(
            self._arguments,
            env=process_environment(self._folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if b"AttemptStarted" in line or b"RUNNING" in line:
                return
        time.sleep(0)

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
