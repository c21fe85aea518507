"""A run context with real files, key-values and namespace files below a folder of the test."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kestrel_cli.app.outside import Outside
from kestrel_cli.app.reach import AttemptReach, Reach
from kestrel_cli.expressions.template import MapScope, render_value
from kestrel_cli.flowfile.loader import load_bytes
from kestrel_cli.model.event import AttemptStarted, Begun
from kestrel_cli.model.reach import About, Entry, Executions, Files, KeyValues, Logs
from kestrel_cli.model.task import RunnableTask
from kestrel_cli.scheduler.step import step
from kestrel_cli.worker.services import Given
from tests.support.births import execution_of
from tests.support.context import FakeContext

_FLOW = """
id: reach
namespace: company.team
tasks:
  - id: task
    type: io.kestra.plugin.core.log.Log
    message: hi
"""


class ReachingContext(FakeContext):
    """FakeContext and a world: state in `folder/state`, the flow's file in `folder`."""

    def __init__(
        self,
        folder: Path,
        values: Mapping[str, Any] | None = None,
        *,
        given: Given | None = None,
        environ: Mapping[str, str] | None = None,
        entries: list[Entry] | None = None,
    ) -> None:
        super().__init__(values)
        flow = load_bytes(_FLOW.encode(), str(folder / "flow.yaml")).flow
        execution = execution_of(flow, "4uQm")
        step(flow, execution, Begun(0))
        step(flow, execution, AttemptStarted(0, 0))
        self.given = given or Given()
        outside = Outside(self.given, environ or {}, flow=flow, state_dir=str(folder / "state"))
        shared = Reach(
            execution, outside, self.given, environ or {}, entries=lambda _: entries or []
        )
        self._reach: AttemptReach = shared.of(execution.runs[0])
        self.gauges: list[tuple[str, float, dict[str, str]]] = []
        self.hidden: list[str] = []

    @property
    def about(self) -> About:
        return self._reach.about

    @property
    def files(self) -> Files:
        return self._reach.files

    @property
    def kv(self) -> KeyValues:
        return self._reach.kv

    @property
    def logged(self) -> Logs:
        return self._reach.logged

    @property
    def executions(self) -> Executions:
        return self._reach.executions

    def task_of(self, text: str) -> RunnableTask:
        return self._reach.make(text)

    def gauge(self, name: str, value: float, tags: dict[str, str] | None = None) -> None:
        self.gauges.append((name, value, tags or {}))

    def hide(self, secret: str) -> None:
        self.hidden.append(secret)

    def with_variables(self, more: Mapping[str, Any]) -> "ReachingContext":
        inner = object.__new__(type(self))
        inner.__dict__.update(self.__dict__)
        inner.values = {**self.values, **more}
        return inner

    def close(self) -> None:
        """The attempt is over: its working directory is taken away."""
        self._reach.close()

    @contextmanager
    def ending(self, _: Callable[[], None]) -> Iterator[None]:
        yield

    def check(self) -> None:
        pass


class RenderingContext(ReachingContext):
    """The same with real expressions, which see the values as variables."""

    def typed(self, value: object) -> Any:
        return render_value(value, MapScope(self.values)) if isinstance(value, str) else value
