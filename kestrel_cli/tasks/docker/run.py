"""io.kestra.plugin.docker.cli.Run"""

import shlex
from typing import Any, ClassVar, Final, Literal

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed
from kestrel_cli.tasks.docker.engine import Asked, EngineTask
from kestrel_cli.tasks.files.working_files import (
    NamespaceFilesSpec,
    place_input_files,
    place_namespace_files,
)
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.properties.rendering import texts
from kestrel_cli.tasks.scripts.containers import run_in_container
from kestrel_cli.tasks.scripts.shell import Invocation

_OPTIONS: Final = (
    "user", "entryPoint", "extraHosts", "networkMode", "portBindings", "volumes", "pullPolicy",
    "deviceRequests", "cpu", "memory", "shmSize", "privileged", "wait",
)  # fmt: skip


class Run(EngineTask):
    """Run a container of an image. The working directory is mounted in it, and it begins there.

    `commands` are the arguments of its entry point; without any it does what the image says. With
    `wait: false` the task ends when the container has begun.
    """

    containerImage: Dynamic[str]
    commands: Dynamic[list[str]] | None = None
    entryPoint: Dynamic[list[str]] | None = None
    env: Dynamic[dict[str, str | None]] | None = None
    user: Dynamic[str] | None = None
    extraHosts: Dynamic[list[str]] | None = None
    networkMode: Dynamic[str] | None = None
    portBindings: Dynamic[list[str]] | None = None
    volumes: Dynamic[list[str]] | None = None
    pullPolicy: Dynamic[Literal["ALWAYS", "IF_NOT_PRESENT", "NEVER"]] = "IF_NOT_PRESENT"
    deviceRequests: list[dict[str, Any]] | None = None
    cpu: dict[str, Any] | None = None
    memory: dict[str, Any] | None = None
    shmSize: Dynamic[str] | None = None
    privileged: Dynamic[bool] | None = None
    wait: Dynamic[bool] = True
    warningOnStdErr: Dynamic[bool] | None = None
    namespaceFiles: NamespaceFilesSpec | None = None
    inputFiles: Dynamic[str | dict[str, Any]] | None = None
    outputFiles: Dynamic[list[str]] | None = None

    gives: ClassVar[dict[str, str]] = {
        "vars": 'the outputs that the container wrote as `::{"outputs": {...}}::`',
        "exitCode": "the exit code",
        "outputFiles": "relative names of the files that were kept, and their addresses",
        "taskRunner": "its `containerId`",
    }

    def container_options(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _OPTIONS}

    def run(self, ctx: RunContext) -> Outcome:
        with self.asked(ctx, texts(ctx, self.outputFiles)) as ask:
            if self.namespaceFiles is not None:
                place_namespace_files(ask.work.ctx, self.namespaceFiles)
            place_input_files(ask.work.ctx, self.inputFiles)
            feed = Feed(ctx)
            code, details = self._run(ask, feed)
            outputs = {"vars": feed.outputs, "exitCode": code, "outputFiles": ask.work.collect()}
        if code:
            raise TaskFailed(f"Command failed with exit code {code}", outputs=outputs)
        return Outcome({**outputs, "taskRunner": details})

    def _run(self, ask: Asked, feed: Feed) -> tuple[int, dict[str, object]]:
        work = ask.work
        said = work.ctx.structure(self.env) if self.env is not None else {}
        given = {name: value for name, value in said.items() if value is not None}
        arguments = [work.localized(text) for text in texts(work.ctx, self.commands)]
        container = ask.container(ask.image(work.ctx.text(self.containerImage)))
        shown = shlex.join([container.image, *arguments])
        environ = {**given, **work.environ}
        return run_in_container(work, container, Invocation(arguments), environ, feed, shown)
