"""Asking Docker or Podman for something, as one task may: where its service is, who may log in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Final

from kestrel_cli.tasks.base import (
    DockerOptions,
    Dynamic,
    RunContext,
    RunnableTask,
    TaskFailed,
    model_of,
    record,
)
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.processes.run import Command, run_command
from kestrel_cli.tasks.scripts.containers import configuration
from kestrel_cli.tasks.scripts.engines import Engine, engine_for
from kestrel_cli.tasks.scripts.runners import Container
from kestrel_cli.tasks.scripts.workplace import Workplace, workplace

_HUB: Final = ("registry-1.docker.io", "index.docker.io", "docker.io")


@record
class Asked:
    """The program, for one task; `options` are what it says of registries and its container."""

    work: Workplace
    engine: Engine
    options: DockerOptions

    def container(self, image: str) -> Container:
        """A container of an image, with the entry point of the image."""
        return Container(self.engine, image, self.options, own_entry=True)

    def image(self, name: str) -> str:
        """The name of an image, with the registry of the credentials before it."""
        said = self.options.credentials
        host = _host(said.registry if said is not None and said.registry else "")
        return name if not host or name.startswith(host) else f"{host}/{name}"

    def __call__(
        self, *arguments: str, image: str = "", environ: Mapping[str, str] | None = None
    ) -> None:
        """Run it; what it says is logged. Raises TaskFailed when it fails."""
        ctx, engine = self.work.ctx, self.engine
        argv = [engine.path, *configuration(self.work, self.container(image)), *arguments]
        around = {**engine.environ, **(environ or {})}
        shown = f"{engine.name} {arguments[0]}"
        command = Command(argv, self.work.folder, around, shown)
        # What builds and pulls tells how far it is on its error output.
        if code := run_command(ctx, command, Feed(ctx, ("INFO", "INFO"))):
            raise TaskFailed(f"{shown} failed with exit code {code}: see the log")

    def answer(self, *arguments: str) -> str:
        """What it prints. Raises TaskFailed when it fails."""
        found = self.engine.answer(arguments)
        if found is None:
            raise TaskFailed(f"{self.engine.name} {' '.join(arguments[:2])} failed")
        return found


class EngineTask(RunnableTask):
    """What the tasks of Docker share."""

    host: Dynamic[str] | None = None
    config: Dynamic[str | dict[str, Any]] | None = None
    credentials: Dynamic[dict[str, Any]] | None = None

    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True

    def needs(self) -> list[str]:
        """The programs, one of which has to be there."""
        return ["docker|podman"]

    def container_options(self) -> dict[str, Any]:
        """What the task says of a container, as the file has it."""
        return {}

    @contextmanager
    def asked(self, ctx: RunContext, outputs: list[str] | None = None) -> Iterator[Asked]:
        """The program as long as the block lasts. Raises TaskFailed when no service answers."""
        said = {"host": self.host, "config": self.config, "credentials": self.credentials}
        given = {**said, **self.container_options()}
        values = {
            name: value
            for name, value in ctx.structure(given).items()
            if value is not None and value != ""
        }
        options = model_of(DockerOptions, values, type(self).__name__)
        if options.credentials is not None:
            for secret in (options.credentials.password, options.credentials.registryToken):
                if secret:
                    ctx.hide(secret)
        engine = engine_for(ctx, options.host)
        if not isinstance(engine, Engine):
            raise TaskFailed(f"the task needs Docker or Podman, but {engine}")
        with workplace(ctx, outputs or [], output_dir=False) as work:
            yield Asked(work, engine, options)


def refuse_offline(ctx: RunContext, what: str) -> None:
    """Raise TaskFailed when nothing may go out."""
    if ctx.about.offline:
        raise TaskFailed(f"{what} is refused: `--offline` allows none")


def without_scheme(tag: str) -> str:
    """A tag that may be written as an address."""
    return tag.rpartition("://")[2]


def _host(registry: str) -> str:
    """The host of a registry whose images begin with it."""
    host = registry.rpartition("://")[2].partition("/")[0]
    return "" if host in _HUB else host
