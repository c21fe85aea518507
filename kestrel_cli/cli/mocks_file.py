"""`--mocks FILE`: what stands in for the world, in one file.

    inputs:  {day: 2024-01-01}          those that are given by no option
    secrets: {API_TOKEN: abc}
    kv:      {last: 5}
    envs:    {region: eu}               `globals` alike
    trigger: {date: "2024-01-01T10:00:00Z"}
    resume:  {approve: {ok: true}}      what a Pause is resumed with
    tasks:                              as `--mock TASK=...` says them
      fetch: {body: "{}"}
      copy:  {outputs: {size: 3}, files: {uri: "id\\n1\\n"}}

`kestrel rehearse --write-mocks FILE` writes such a file.
"""

from typing import Any, Final

from kestrel_cli.app.request import Mocks, RunRequest
from kestrel_cli.cli.bounded import read_whole
from kestrel_cli.cli.mocks import mock_of
from kestrel_cli.errors import UsageError
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.record import changed

_GROUPS: Final = ("inputs", "secrets", "kv", "envs", "globals", "trigger", "resume", "tasks")


def with_mocks_file(request: RunRequest, path: str) -> tuple[RunRequest, dict[str, Any]]:
    """The request with what the file gives, and the inputs in it; options win. Raises
    UsageError.
    """
    said = _read(path)
    given = request.given
    own = {mock.task for mock in request.mocks.listed}
    mocks = [
        mock_of(Mock(task=task, said=f"--mocks {path}"), f"--mocks {path}", value)
        for task, value in said["tasks"].items()
        if task not in own
    ]
    found = changed(
        request,
        mocks=Mocks([*request.mocks.listed, *mocks], request.mocks.unsupported),
        given=changed(
            given,
            secrets={**_texts(said["secrets"]), **given.secrets},
            kv={**said["kv"], **given.kv},
        ),
        globals={**said["globals"], **request.globals},
        trigger=request.trigger or said["trigger"] or None,
        pauses=changed(request.pauses, given={**said["resume"], **request.pauses.given}),
    )
    if said["envs"]:
        from kestrel_cli.worker.services import prefixed_environment

        own_envs = prefixed_environment(request.environ) if request.envs is None else request.envs
        found = changed(found, envs={**_texts(said["envs"]), **own_envs})
    return found, dict(said["inputs"])


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def _read(path: str) -> dict[str, dict[str, Any]]:
    from kestrel_cli.worker.yaml_text import read_yaml

    try:
        found = read_yaml(read_whole(path).decode("utf-8"))
    except OSError as error:
        raise UsageError(f"`--mocks {path}`: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"`--mocks {path}`: {error}") from None
    if not isinstance(found, dict):
        raise UsageError(f"`--mocks {path}`: it must hold a map with {', '.join(_GROUPS)}")
    for name, values in found.items():
        if name not in _GROUPS:
            near = nearest(str(name), _GROUPS)
            hint = f"; did you mean `{near}`?" if near else f"; there are {', '.join(_GROUPS)}"
            raise UsageError(f"`--mocks {path}`: unknown `{name}`{hint}")
        if not isinstance(values, dict):
            raise UsageError(f"`--mocks {path}`: `{name}` must be a map")
    return {name: found.get(name) or {} for name in _GROUPS}
