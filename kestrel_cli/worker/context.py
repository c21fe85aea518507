"""What a task can do while it runs: render, log, measure, wait."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.expressions.template import render_text, render_value
from kestrel_cli.expressions.text import printed
from kestrel_cli.expressions.truth import is_true
from kestrel_cli.expressions.variables import RunScope
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.execution import TaskRun
from kestrel_cli.model.masker import Origin
from kestrel_cli.model.task import LEVELS, LogLevel, Metric, RunnableTask
from kestrel_cli.worker.interrupts import LONGEST, AttemptTimedOut, Interrupts
from kestrel_cli.worker.log_file import LogFile

if TYPE_CHECKING:
    from kestrel_cli.model.reach import About, Executions, Files, KeyValues, Logs

Write = Callable[[LogLevel, str], None]

_LONGEST_MESSAGE: Final = 15_360  # Kestra splits longer ones


class Reached(Protocol):
    """What one attempt reaches outside; made when it first asks."""

    @property
    def about(self) -> "About": ...
    @property
    def files(self) -> "Files": ...
    @property
    def kv(self) -> "KeyValues": ...
    @property
    def logged(self) -> "Logs": ...
    @property
    def executions(self) -> "Executions": ...
    def make(self, text: str) -> RunnableTask:
        """The runnable task that a YAML text describes. Raises TaskFailed."""

    def close(self) -> None:
        """The attempt is over."""


def _placed(shelf: Any, path: Sequence[str], outputs: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of nested maps with these outputs where the path leads."""
    known = shelf if isinstance(shelf, Mapping) else {}
    if not path:
        return {**known, **outputs}
    return {**known, path[0]: _placed(known.get(path[0]), path[1:], outputs)}


class AttemptContext:
    """The RunContext of one attempt, or of the rendering that decides whether there will be one."""

    __slots__ = (
        "_began",
        "_compat",
        "_deadline",
        "_interrupts",
        "_least",
        "_now",
        "_reach",
        "_reached",
        "_write",
        "failing",
        "log_file",
        "metrics",
        "run",
        "scope",
    )

    def __init__(
        self,
        run: TaskRun,
        scope: RunScope,
        write: Write,
        interrupts: Interrupts,
        reach: Callable[[TaskRun], Reached] | None = None,
        now: Callable[[], int] = lambda: 0,
    ) -> None:
        self.run = run
        self.scope = scope
        self.metrics: list[Metric] = []
        self.failing = False  # what is logged now is why the attempt ends
        self.log_file: LogFile | None = None
        self._compat = scope.around.compat
        self._write = write
        self._interrupts = interrupts
        self._least = LEVELS[run.task.logLevel] if run.task.logLevel else 0
        self._began = time.perf_counter()
        self._deadline: float | None = None
        self._reach = reach
        self._now = now
        self._reached: Reached | None = None

    # -- rendering
    # ------------------------------------------------------------------------------------

    def text(self, value: object) -> str:
        """Render to text; maps and lists become JSON, nothing (None) becomes the empty text."""
        if type(value) is str:
            return render_text(value, self.scope, self._compat)
        return printed(self.structure(value) if isinstance(value, (dict, list)) else value)

    def typed(self, value: object) -> Any:
        """Render; text that is one lone expression keeps the native type of its value."""
        return render_value(value, self.scope, self._compat) if isinstance(value, str) else value

    def structure(self, value: object) -> Any:
        """Render every text inside maps and lists.

        A text that gives a JSON map or list becomes that.
        """
        if not isinstance(value, str):
            return self._inner(value)
        text = self.text(value)
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            parsed = None
        if not isinstance(parsed, (dict, list)):
            raise TaskFailed(
                f"expected an expression that gives a map or a list, got: {text[:200]}"
            )
        return parsed

    def items(self, value: object) -> list[Any]:
        """A list as it stands, its texts not rendered; or the list that an expression gives."""
        found = value if isinstance(value, list) else self.structure(value)
        if not isinstance(found, list):
            raise TaskFailed("expected a list, got a map")
        return found

    def _inner(self, value: object) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            rendered: dict[str, Any] = {}
            for key, item in value.items():
                # Keys that render to the same text: the first one wins, as in Kestra.
                rendered.setdefault(self.text(key), self._inner(item))
            return rendered
        if isinstance(value, list):
            return [self._inner(item) for item in value]
        return value

    def integer(self, value: object) -> int:
        """Render, then read as a whole number."""
        if type(value) is int:
            return value
        text = self.text(value).strip()
        try:
            return int(text)
        except ValueError:
            raise TaskFailed(f"expected a whole number, got `{text[:100]}`") from None

    def boolean(self, value: object) -> bool:
        """Render, then read as true or false."""
        if type(value) is bool:
            return value
        text = self.text(value).strip().lower()
        if text not in ("true", "false"):
            raise TaskFailed(f"expected true or false, got `{text[:100]}`")
        return text == "true"

    def duration(self, value: object) -> Duration:
        """Render, then read as a duration."""
        if isinstance(value, Duration):
            return value
        try:
            return Duration.parse(self.text(value))
        except ValueError as error:
            raise TaskFailed(str(error)) from None

    def level(self, value: object) -> LogLevel:
        """Render, then read as a log level."""
        if value in LEVELS:
            return value
        text = self.text(value).strip().upper()
        if text not in LEVELS:
            raise TaskFailed(f"`{text[:100]}` is no log level: use {', '.join(LEVELS)}")
        return text

    def truthy(self, condition: object) -> bool:
        """Render a condition: false when its text is empty, `0`, `-0` or `false`."""
        if condition == "true":
            return True
        return is_true(self.text(condition))

    # -- reporting
    # ------------------------------------------------------------------------------------

    def log(self, level: LogLevel, message: str) -> None:
        """Write one entry to the task run's log; very long messages become several."""
        if LEVELS[level] < self._least:
            return
        opened = self._interrupts.hold()
        message = self.scope.around.execution.masker.mask(message)
        if self.log_file is None or not self.log_file.write(self._now(), level, message):
            for start in range(0, len(message) or 1, _LONGEST_MESSAGE):
                self._write(level, message[start : start + _LONGEST_MESSAGE])
        self._interrupts.release(opened)

    def unfinished(self, line: str) -> None:
        """Show a line that has been begun to who looks on, or take it back."""
        execution = self.scope.around.execution
        if line:
            execution.unfinished[self.run.number] = execution.masker.mask(line)
        else:
            execution.unfinished.pop(self.run.number, None)

    def log_to_file(self, name: str) -> None:
        """What is logged from now on goes to a file in storage."""
        self.log_file = LogFile(
            lambda: self.files, name, lambda message: self._write("WARN", message)
        )

    def count(self, name: str, value: float, tags: dict[str, str] | None = None) -> None:
        """Add to a counter of this attempt."""
        self._measure(Metric("counter", name, float(value), tags or {}))

    def time(self, name: str, seconds: float, tags: dict[str, str] | None = None) -> None:
        """Add to a timer of this attempt; nothing where time stands still."""
        if getattr(self.scope.around.services, "frozen", None) is not None:
            seconds = 0.0
        self._measure(Metric("timer", name, seconds, tags or {}))

    def gauge(self, name: str, value: float, tags: dict[str, str] | None = None) -> None:
        """Set a gauge of this attempt."""
        self._measure(Metric("gauge", name, float(value), tags or {}))

    def hide(self, secret: str) -> None:
        """Show `******` in place of this text from now on."""
        self.scope.around.execution.masker.add(secret, Origin("task", self.run.task.id))

    def with_variables(self, more: Mapping[str, Any]) -> Self:
        """The same attempt, whose templates see further variables; they come first."""
        inner = type(self).__new__(type(self))
        for name in AttemptContext.__slots__:
            setattr(inner, name, getattr(self, name))
        inner._reached = self._outer  # so that both share one working directory
        inner.scope = self.scope.with_variables(more)
        return inner

    def with_own(self, outputs: Mapping[str, Any]) -> Self:
        """The same attempt, whose templates see these outputs of the task run itself."""
        execution = self.scope.around.execution
        path = (self.run.task.id, *execution.values_above(self.run))
        return self.with_variables({"outputs": _placed(execution.values, path, outputs)})

    # -- the world
    # ----------------------------------------------------------------------------------------

    @property
    def _outer(self) -> Reached:
        if self._reached is None:
            if self._reach is None:
                raise TaskFailed("this run has no storage")
            self._reached = self._reach(self.run)
        return self._reached

    @property
    def about(self) -> "About":
        return self._outer.about

    @property
    def files(self) -> "Files":
        """Internal storage, namespace files, the working directory."""
        return self._outer.files

    @property
    def kv(self) -> "KeyValues":
        return self._outer.kv

    @property
    def logged(self) -> "Logs":
        return self._outer.logged

    @property
    def executions(self) -> "Executions":
        return self._outer.executions

    def task_of(self, text: str) -> RunnableTask:
        """The runnable task that a YAML text describes."""
        return self._outer.make(text)

    def prepare(self) -> None:
        """Make what is reached outside now, where there is any."""
        if self._reach is not None:
            reached = self._outer
            _ = reached.about, reached.files

    def close(self) -> None:
        """The attempt is over."""
        if self._reached is not None:
            self._reached.close()

    def _measure(self, new: Metric) -> None:
        masker = self.scope.around.execution.masker
        if not masker.is_empty():
            new.name, new.tags = masker.mask(new.name), masker.shown(new.tags)
        new.tags = _shared(new.tags)
        for known in self.metrics:
            if known.name == new.name and known.kind == new.kind and known.tags == new.tags:
                known.value = new.value if new.kind == "gauge" else known.value + new.value
                return
        self.metrics.append(new)

    # -- time
    # -----------------------------------------------------------------------------------------

    def begin(self, timeout: float | None) -> None:
        """The attempt starts now and may take `timeout` seconds."""
        self._began = time.perf_counter()
        self._deadline = None if timeout is None else self._began + timeout

    def elapsed(self) -> float:
        return time.perf_counter() - self._began

    def age(self) -> float:
        """Seconds since the task run was created."""
        return max(self._now() - self.run.history[0][1], 0) / 1_000_000

    def own(self) -> dict[str, Any]:
        """The outputs that this task run has so far."""
        return self.run.outputs or {}

    def iteration(self) -> int | None:
        """The number of this task run in the loop around it, or of its own pass."""
        return self.run.iteration

    def labels(self) -> list[tuple[str, str]]:
        return list(self.scope.around.execution.labels)

    def variables(self) -> dict[str, Any]:
        return dict(self.scope.around.execution.variables)

    def sleep(self, seconds: float) -> None:
        """Wait; a kill ends it at once, the attempt's timeout when it is reached."""
        if self._deadline is None:
            time.sleep(min(max(seconds, 0), LONGEST))
            return
        left = self._deadline - time.perf_counter()
        time.sleep(max(min(seconds, left, LONGEST), 0))
        if seconds > left:
            raise AttemptTimedOut

    @contextmanager
    def ending(self, _stop: Callable[[], None]) -> Iterator[None]:
        """On the main thread, an exception ends the wait."""
        yield

    def check(self) -> None:
        """On the main thread an exception has told, unless it was lost."""
        self._interrupts.check()


def explained(error: Exception, pointed: str = "") -> str:
    """What to tell of a failure: message, place in the file, and the hint on a line of its own."""
    hint = error.hint if isinstance(error, RenderError) else None
    return "\n".join(filter(None, [str(error), pointed, f"hint: {hint}" if hint else ""]))


_last_tags: dict[str, str] = {}


def _shared(tags: dict[str, str]) -> dict[str, str]:
    """Equal tags as one map: a million task runs with maps of their own are 200 MB more."""
    global _last_tags  # noqa: PLW0603  task runs of one task mostly follow each other
    known = _last_tags  # another thread may set it
    if tags != known or (len(tags) > 1 and [*tags] != [*known]):
        known = _last_tags = dict(tags)
    return known
