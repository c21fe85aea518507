"""Running a command in a container, by the engine's command line.

The working directory and our private one are mounted at the same paths, so that everything that
names a path means the same inside and outside.
"""

import base64
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from kestrel_cli.tasks.base import DockerOptions, RunContext, TaskFailed
from kestrel_cli.tasks.files.places import entries_below
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.processes.run import Command, run_command
from kestrel_cli.tasks.processes.watcher import WATCHER
from kestrel_cli.tasks.scripts.runners import Container
from kestrel_cli.tasks.scripts.shell import Invocation, write_private
from kestrel_cli.tasks.scripts.workplace import Workplace

_LABELS: Final = ("namespace", "flow", "task", "execution")
_ENGINE_FAILED: Final = 125  # the exit code of `docker run` when it could not run anything


def run_in_container(
    work: Workplace,
    container: Container,
    start: Invocation,
    environ: dict[str, str],
    feed: Feed,
    shown: str,
) -> tuple[int, dict[str, object]]:
    """The exit code, and what the output `taskRunner` tells. Raises TaskFailed."""
    ctx, options, engine = work.ctx, container.options, container.engine
    program = [engine.path, *configuration(work, container)]
    user = _pulled(ctx, work, container, program)
    name = f"kestrel-{os.urandom(8).hex()}"
    _open_to(work, options.user or user)
    argv = [*program, "run", "--name", name, *_flags(ctx, options, work, environ)]
    if not options.wait:
        argv.append("--detach")
    elif options.delete:
        argv.append("--rm")
    entry = options.entryPoint
    if entry is None and not container.own_entry:
        entry = []
    argv += [] if entry is None else ["--entrypoint", entry[0] if entry else ""]
    argv += [container.image, *(entry or [])[1:], *start.argv]

    def remove() -> None:
        engine.answer([*program[1:], "rm", "--force", name])

    command = Command(argv, work.folder, {**engine.environ, **environ}, shown, remove)
    WATCHER.begin_container(engine.path, name)
    try:
        code = run_command(ctx, command, feed)
    finally:
        WATCHER.end_container(engine.path, name)
        _take_back(work, container, program)
    if code == _ENGINE_FAILED:
        raise TaskFailed(f"{engine.name} could not run the image `{container.image}`: see the log")
    return code, {"containerId": name}


def _flags(
    ctx: RunContext, options: DockerOptions, work: Workplace, environ: dict[str, str]
) -> list[str]:
    """Everything between `run` and the image. Values of variables stay out of the command line."""
    flags = ["--init", "--workdir", str(work.folder)]
    for place in (work.folder, work.private):
        flags += ["--volume", f"{place}:{place}"]
    for name in environ:
        flags += ["--env", name]
    for label in _LABELS:
        flags += ["--label", f"kestra.io/{label}={getattr(ctx.about, label)}"]
    single = {
        "--user": options.user,
        "--network": options.networkMode,
        "--shm-size": options.shmSize,
        "--cpus": options.cpu.cpus if options.cpu else None,
    }
    for flag, value in single.items():
        if value is not None:
            flags += [flag, str(value)]
    several = {
        "--add-host": options.extraHosts,
        "--publish": options.portBindings,
        "--volume": options.volumes,
        "--gpus": [_gpus(one) for one in options.deviceRequests or []],
    }
    for flag, values in several.items():
        for value in values or []:
            flags += [flag, value]
    if options.privileged:
        flags.append("--privileged")
    return flags + _memory(options)


def _memory(options: DockerOptions) -> list[str]:
    memory = options.memory
    if memory is None:
        return []
    flags = []
    for flag, value in {
        "--memory": memory.memory,
        "--memory-swap": memory.memorySwap,
        "--memory-reservation": memory.memoryReservation,
        "--kernel-memory": memory.kernelMemory,
    }.items():
        if value is not None:
            # Kestra reads `512Mb`, the engines want `512mb`.
            flags += [flag, value.lower().replace(" ", "")]
    if memory.memorySwappiness is not None:
        flags += ["--memory-swappiness", memory.memorySwappiness]
    if memory.oomKillDisable:
        flags.append("--oom-kill-disable")
    return flags


def _gpus(request: Any) -> str:
    if request.deviceIds:
        return f'"device={",".join(request.deviceIds)}"'
    return "all" if request.count is None or request.count < 0 else str(request.count)


def _pulled(ctx: RunContext, work: Workplace, container: Container, program: list[str]) -> str:
    """The user that the image names, after it was pulled if need be. Raises TaskFailed."""
    image, policy = container.image, container.options.pullPolicy
    query = [*program[1:], "image", "inspect", "--format", "{{.Config.User}}", image]
    user = container.engine.answer(query)
    if policy == "NEVER" or (user is not None and (policy != "ALWAYS" or ctx.about.offline)):
        return user or ""
    if ctx.about.offline:
        raise TaskFailed(f"the image `{image}` is not here, and `--offline` allows no pull")
    ctx.log("DEBUG", f"Pulling image '{image}'")
    argv = [*program, "pull", "--quiet", image]
    command = Command(argv, work.folder, container.engine.environ, f"pull {image}")
    if run_command(ctx, command, Feed(ctx, ("DEBUG", "ERROR"))):
        raise TaskFailed(f"the image `{image}` can't be pulled: see the log")
    return container.engine.answer(query) or ""


def configuration(work: Workplace, container: Container) -> list[str]:
    """`--config` with a folder that holds what the flow says of registries and credentials."""
    options = container.options
    if options.configPath:
        return ["--config", str(Path(options.configPath).expanduser().parent)]
    said = options.config if options.config is not None else options.dockerConfig
    if said is None and options.credentials is None:
        return []
    try:
        config = json.loads(said) if isinstance(said, str) else dict(said or {})
    except (ValueError, RecursionError):
        raise TaskFailed("`config` of the container must be JSON: a Docker configuration") from None
    if (given := options.credentials) is not None:
        registry = given.registry or _registry_of(container.image)
        auth = {
            "username": given.username,
            "password": given.password,
            "registrytoken": given.registryToken,
            "identitytoken": given.identityToken,
            "auth": given.auth or _auth(given.username, given.password),
        }
        kept = {name: value for name, value in auth.items() if value is not None}
        config.setdefault("auths", {})[registry] = kept
    folder = work.private / "engine"
    folder.mkdir(mode=0o700, exist_ok=True)
    write_private(folder / "config.json", json.dumps(config))
    return ["--config", str(folder)]


def _auth(user: str | None, password: str | None) -> str | None:
    if user is None or password is None:
        return None
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def _registry_of(image: str) -> str:
    first, slash, _ = image.partition("/")
    own = slash and ("." in first or ":" in first or first == "localhost")
    return first if own else "https://index.docker.io/v1/"


def _open_to(work: Workplace, user: str) -> None:
    """A user in the container who is not root has to read our files and write to the folder."""
    if sys.platform == "win32" or user.partition(":")[0] in ("", "root", "0"):
        return
    for base in (work.folder, work.private):
        base.chmod(0o777)
        for _, entry in entries_below(base):
            if not entry.is_symlink():
                Path(entry.path).chmod(0o666)
                Path(entry.path).parent.chmod(0o777)


def _take_back(work: Workplace, container: Container, program: list[str]) -> None:
    """What root has written in the container is to be ours, or we could not take it away."""
    if sys.platform == "win32" or os.geteuid() == 0 or container.engine.name == "podman":
        return
    mine = os.geteuid()
    with suppress(OSError):
        if all(entry.stat(follow_symlinks=False).st_uid == mine
               for _, entry in entries_below(work.folder)):  # fmt: skip
            return
    chown = ["run", "--rm", "--user", "0", "--volume", f"{work.folder}:{work.folder}"]
    owner = f"{mine}:{os.getegid()}"
    change = ["--entrypoint", "chown", container.image, "-R", owner, str(work.folder)]
    container.engine.answer([*program[1:], *chown, *change])
