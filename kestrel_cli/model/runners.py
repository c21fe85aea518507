"""Task runners: where the commands of a script task run."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from kestrel_cli.model.fields import Model
from kestrel_cli.model.marks import Template


class Runner(Model):
    """What every task runner has."""

    type: str
    version: str | None = None


class UnknownRunner(Runner):
    """A task runner that a plugin brings: it may say anything."""


class Process(Runner):
    """Runs commands as a process of the machine."""


class Credentials(Model):
    """Who pulls images from a registry."""

    registry: str | None = None
    username: str | None = None
    password: str | None = None
    registryToken: str | None = None
    identityToken: str | None = None
    auth: str | None = None


class Cpu(Model):
    """Limits of processor time."""

    cpus: Annotated[float | None, Template] = None


class Memory(Model):
    """Limits of memory, as Docker writes them (`512MB`)."""

    memory: str | None = None
    memorySwap: str | None = None
    memorySwappiness: str | None = None
    memoryReservation: str | None = None
    kernelMemory: str | None = None
    oomKillDisable: Annotated[bool | None, Template] = None


class DeviceRequest(Model):
    """Devices such as graphics cards."""

    driver: str | None = None
    count: Annotated[int | None, Template] = None
    deviceIds: Annotated[list[str] | None, Template] = None
    capabilities: Annotated[list[list[str]] | None, Template] = None
    options: Annotated[dict[str, str] | None, Template] = None


class DockerOptions(Model):
    """What a flow says about the container: in `taskRunner`, or in the older `docker`."""

    type: str | None = None
    version: str | None = None
    host: str | None = None
    config: Any = None
    configPath: str | None = None
    credentials: Credentials | None = None
    image: str | None = None
    user: str | None = None
    entryPoint: Annotated[list[str] | None, Template] = None
    extraHosts: Annotated[list[str] | None, Template] = None
    networkMode: str | None = None
    portBindings: Annotated[list[str] | None, Template] = None
    volumes: Annotated[list[str] | None, Template] = None
    pullPolicy: Annotated[Literal["ALWAYS", "IF_NOT_PRESENT", "NEVER"], Template] = "IF_NOT_PRESENT"
    deviceRequests: list[DeviceRequest] | None = None
    cpu: Cpu | None = None
    memory: Memory | None = None
    shmSize: str | None = None
    privileged: Annotated[bool, Template] = False
    fileHandlingStrategy: str | None = None  # the working directory is always mounted here
    delete: Annotated[bool, Template] = True
    wait: Annotated[bool, Template] = True
    killGracePeriod: str | None = None
    dockerHost: str | None = None
    dockerConfig: Any = None


class Docker(DockerOptions):
    """Runs commands in a container."""

    type: str


_CORE: Final = "io.kestra.plugin.core.runner."
_DOCKER: Final = "io.kestra.plugin.scripts.runner.docker."

TYPES: Final[Mapping[str, type[Model]]] = {f"{_CORE}Process": Process, f"{_DOCKER}Docker": Docker}
ALIASES: Final[Mapping[str, str]] = {
    f"{_DOCKER}DockerTaskRunner": f"{_DOCKER}Docker",
    "io.kestra.core.models.tasks.runners.types.ProcessTaskRunner": f"{_CORE}Process",
}
UNKNOWN: Final = UnknownRunner
