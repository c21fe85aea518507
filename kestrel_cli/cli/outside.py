"""Options that say where secrets, variables, key-values and files come from.

    --secrets-file FILE     NAME=VALUE lines, or a map in YAML or JSON (by the file's name)
    --env-file FILE         NAME=VALUE lines: ENV_X for `envs`, SECRET_X and KESTREL_SECRET_X
    --kv name=text          a key-value for this run; `name:=json` has a type
    --namespace-files DIR   the files of the flow's namespace

A later file or option beats an earlier one; the environment of the process beats `--env-file`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from kestrel_cli.cli.bounded import read_whole
from kestrel_cli.cli.inputs import env_lines
from kestrel_cli.errors import CannotStart, UsageError
from kestrel_cli.worker.services import Given

_TAKEN: Final = ("ENV_", "KESTRA_", "SECRET_", "KESTREL_SECRET_")


def read_given(
    secrets_files: Sequence[str],
    kv: Sequence[str],
    namespace_files: str | None,
    *,
    offline: bool,
) -> Given:
    """What the options give a run. Raises UsageError and CannotStart; no message shows a value."""
    folder = None if namespace_files is None else folder_of_files(namespace_files)
    return Given(read_secrets(secrets_files), read_key_values(kv), folder, offline)


def folder_of_files(folder: str) -> str:
    """The folder of `--namespace-files`. Raises CannotStart."""
    if not Path(folder).is_dir():
        raise CannotStart(f"`--namespace-files {folder}`: no such directory")
    return folder


def read_secrets(files: Sequence[str]) -> dict[str, str]:
    """The secrets of `--secrets-file`, by name. Raises CannotStart."""
    secrets: dict[str, str] = {}
    for path in files:
        secrets |= {name.upper(): value for name, value in _secrets(path).items()}
    return secrets


def read_key_values(options: Sequence[str]) -> dict[str, object]:
    """The key-values of `--kv`. Raises UsageError."""
    return dict(_pair(option) for option in options)


def read_trigger(path: str) -> dict[str, Any]:
    """The trigger's variables. Raises CannotStart."""
    found = read_map(path, "--trigger")
    if not isinstance(found, Mapping):
        raise CannotStart(f"`--trigger {path}`: expected a map")
    return dict(found)


def read_map(path: str, option: str) -> object:
    """What a JSON or YAML file holds. Raises CannotStart."""
    from kestrel_cli.worker.yaml_text import read_yaml

    try:
        return read_yaml(_content(path, option))  # JSON is YAML, too
    except ValueError as error:
        raise CannotStart(f"`{option} {path}`: {error}") from None


def environment(files: Sequence[str], environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment with what `--env-file` adds to it."""
    if not files:
        return environ
    added: dict[str, str] = {}
    for path in files:
        added |= dict(_lines(_content(path, "--env-file"), path))
    return {name: added[name] for name in added if name.startswith(_TAKEN)} | dict(environ)


def _secrets(path: str) -> dict[str, str]:
    text = _content(path, "--secrets-file")
    suffix = Path(path).suffix
    if suffix not in (".json", ".yaml", ".yml"):
        return dict(_lines(text, path))
    try:
        values = _map(text, suffix)
    except (ValueError, RecursionError):
        raise CannotStart(f"`--secrets-file {path}`: this is not a map in {suffix[1:]}") from None
    return {str(name): _text(value) for name, value in values.items() if value is not None}


def _map(text: str, suffix: str) -> dict[object, object]:
    if suffix == ".json":
        import json

        values = json.loads(text)
    else:
        from kestrel_cli.worker.yaml_text import read_yaml

        values = read_yaml(text)
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ValueError
    return values


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    import json

    return json.dumps(value, default=str)


def _lines(text: str, path: str) -> list[tuple[str, str]]:
    try:
        return list(env_lines(text, path))
    except UsageError as error:
        raise CannotStart(str(error)) from None


def _content(path: str, option: str) -> str:
    try:
        return read_whole(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CannotStart(f"`{option} {path}`: not UTF-8 text (byte {error.start})") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it can't be read"
        raise CannotStart(f"`{option} {path}`: {reason}") from None


def _pair(option: str) -> tuple[str, object]:
    name, equals, value = option.partition("=")
    if not equals or not name.strip(":"):
        raise UsageError(f"`--kv {name}`: write `--kv key=value` or `--kv key:=json`")
    if not name.endswith(":"):
        return name, value
    import json

    try:
        return name[:-1], json.loads(value)
    except (ValueError, RecursionError):
        raise UsageError(f"`--kv {name}=...`: the value is not JSON") from None
