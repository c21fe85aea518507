"""Which runner a script task asks for, and which one it gets here."""

from typing import Any, Final, Literal

from kestrel_cli.tasks.base import DockerOptions, RunContext, TaskFailed, model_of, record
from kestrel_cli.tasks.scripts.engines import Engine, engine_for

PROCESS: Final = "io.kestra.plugin.core.runner.Process"
DOCKER: Final = "io.kestra.plugin.scripts.runner.docker.Docker"
_PROCESSES: Final = (PROCESS, "io.kestra.core.models.tasks.runners.types.ProcessTaskRunner")
_DOCKERS: Final = (DOCKER, "io.kestra.plugin.scripts.runner.docker.DockerTaskRunner")

RunnerName = Literal["PROCESS", "DOCKER"]


@record
class Asked:
    """What a script task says of its runner: `taskRunner`, or the older `runner` with `docker`; and
    the image.
    """

    task_runner: dict[str, Any] | None
    runner: RunnerName | None
    docker: dict[str, Any] | None
    image: str | None = None

    @property
    def process(self) -> bool:
        """Whether the flow says that the script is to run as a process."""
        if self.task_runner is not None:
            return self.task_runner.get("type") in _PROCESSES
        return self.runner == "PROCESS"

    @property
    def container(self) -> bool:
        """Whether the flow says more of a container than Kestra's default does."""
        named = any((self.task_runner, self.docker, self.image))
        return not self.process and (self.runner == "DOCKER" or named)


@record
class Container:
    """A container it is. `own_entry`: unless the options say an entry point, that of the image
    counts.
    """

    engine: Engine
    image: str
    options: DockerOptions
    own_entry: bool = False


NO_CONTAINER: Final = "scripts run as processes on this machine: no container is used"
_told: set[str] = set()  # executions whose user knows that no container is used


def chosen(ctx: RunContext, asked: Asked, default_image: str) -> Container | None:
    """The container to run in; None for a process, which the log tells of. Raises TaskFailed."""
    if asked.process:
        ctx.log("DEBUG", f"Using task runner '{PROCESS}'")
        return None
    mode = ctx.about.settings.get("containers", "auto")
    options = _options(ctx, asked)
    image = options.image or ctx.text(asked.image) or default_image
    if mode == "always" or (mode == "auto" and asked.container):
        engine = engine_for(ctx, options.host or options.dockerHost)
        if isinstance(engine, Engine):
            ctx.log("DEBUG", f"Using task runner '{DOCKER}'")
            return Container(engine, image, options)
        if mode == "always":
            raise TaskFailed(f"containers are asked for, but {engine}")
        reason = engine
    else:
        reason = "containers are switched off"
    ctx.log("DEBUG", f"Using task runner '{PROCESS}' in place of '{_name(asked)}'")
    _tell(ctx, asked, image, reason)
    return None


def _tell(ctx: RunContext, asked: Asked, image: str, reason: str) -> None:
    if asked.container:
        ctx.log(
            "WARN",
            f"the container image `{image}` is not used, because {reason}: "
            "the commands run as a process on this machine",
        )
    elif ctx.about.execution not in _told:
        _told.add(ctx.about.execution)
        ctx.log("INFO", NO_CONTAINER)


def _name(asked: Asked) -> str:
    return str((asked.task_runner or {}).get("type") or DOCKER)


def _options(ctx: RunContext, asked: Asked) -> DockerOptions:
    """What the flow says about the container, rendered. Raises TaskFailed for what can't be read;
    of what is not known a warning tells.
    """
    said, name = asked.docker, "docker"
    if asked.task_runner is not None and asked.task_runner.get("type") in _DOCKERS:
        said, name = {**(said or {}), **asked.task_runner}, "taskRunner"
    if said is None:
        return DockerOptions()
    values = {key: value for key, value in ctx.structure(said).items() if value is not None}
    for key in [key for key in values if key not in DockerOptions.properties]:
        ctx.log("WARN", f"`{name}.{key}` is not known and has no effect")
        del values[key]
    return model_of(DockerOptions, values, name)
