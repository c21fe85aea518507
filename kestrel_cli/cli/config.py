"""`kestrel config`: the settings that hold here, and who said so."""

import json
import os
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from kestrel_cli.cli.guard import exit_codes, warn
from kestrel_cli.errors import UsageError
from kestrel_cli.model.masker import MASK
from kestrel_cli.store.config import Config, read_config, user_place
from kestrel_cli.store.variables import unknown_variables

_LOGIN: Final = ("password", "token")
_ALIGNED: Final = 60  # longer lines do not push the origins of the others away


class Action(StrEnum):
    SHOW = "show"
    CONTEXTS = "contexts"


def config(
    action: Annotated[
        Action,
        typer.Argument(
            metavar="show|contexts", help="The settings that hold here; the servers of `--on`."
        ),
    ] = Action.SHOW,
    origin: Annotated[
        bool, typer.Option("--origin", help="Tell where each setting was said.")
    ] = False,
    output: Annotated[str, typer.Option("--output", "-o", help="`text` or `json`.")] = "text",
) -> None:
    """Show the settings that hold in this directory.

    They come from KESTREL_X variables, then `kestrel.toml` or `[tool.kestrel]` of pyproject.toml
    (here or above, up to the root of the repository), then the user's own config.toml. Options of a
    command beat them all.

    \b
    Examples:
      kestrel config show
      kestrel config show --origin
      kestrel config show -o json
      kestrel config contexts
    """
    with exit_codes():
        if output not in ("text", "json"):
            raise UsageError(f"`--output {output}`: use `text` or `json`")
        settings = read_config(Path.cwd(), os.environ, warn)
        for told in unknown_variables(os.environ):
            warn(told)
        if action is Action.CONTEXTS:
            from kestrel_cli.cli.config_contexts import write_contexts

            write_contexts(settings, os.environ, output)
            return
        if output == "json":
            sys.stdout.write(json.dumps(_document(settings), indent=2, ensure_ascii=False) + "\n")
            return
        lines = list(_lines(settings))
        if not lines:
            sys.stderr.write(f"nothing is configured; looked for {_looked()}\n")
        width = max((len(line) for line, _ in lines if len(line) <= _ALIGNED), default=0)
        for line, place in lines:
            sys.stdout.write(f"{line:<{width}}  # {place}\n" if origin else f"{line}\n")


def _looked() -> str:
    user = user_place(os.environ)
    own = f", and for {user}" if user else ""
    return f"kestrel.toml and [tool.kestrel] of pyproject.toml in {Path.cwd()} and above{own}"


def _lines(settings: Config) -> Iterator[tuple[str, str]]:
    """Each setting as one line of TOML, and where it was said."""
    for name, place in settings.origins.items():
        yield f"{_dotted(name)} = {_toml(_value(settings, name))}", place


def _value(settings: Config, name: str) -> Any:
    """What an origin is the origin of."""
    head, _, rest = name.partition(".")
    if head == "globals":
        return _below(settings.globals, rest)
    if head == "namespaces":
        space, _, variable = rest.partition(".variables.")
        return _below(settings.namespaces[space]["variables"], variable)
    if head == "contexts":
        return _without_login(settings.contexts[rest])
    head, _, number = name.partition("[")
    if number:
        return settings.plugin_defaults[int(number[:-1])]
    return getattr(settings, name.replace("-", "_"))


def _without_login(context: dict[str, Any]) -> dict[str, Any]:
    """A context without what nobody is to see."""
    shown = {name: MASK if name in _LOGIN else value for name, value in context.items()}
    if isinstance(shown.get("headers"), dict):
        shown["headers"] = dict.fromkeys(shown["headers"], MASK)
    return shown


def _below(values: dict[str, Any], path: str) -> Any:
    """The value at a dotted path; a name may hold dots itself."""
    if path in values:
        return values[path]
    head = next(name for name in values if path.startswith(f"{name}."))
    return _below(values[head], path[len(head) + 1 :])


def _dotted(name: str) -> str:
    head, _, rest = name.partition(".")
    if head == "contexts":
        return f"contexts.{_key(rest)}"
    if head != "namespaces":
        return name
    space, _, variable = rest.partition(".variables.")
    return f'namespaces."{space}".variables.{variable}'


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False)  # texts, numbers and booleans are the same there


def _key(name: str) -> str:
    plain = name.replace("-", "").replace("_", "")
    return name if plain.isascii() and plain.isalnum() else json.dumps(name)


def _document(settings: Config) -> dict[str, Any]:
    said = {
        name: getattr(settings, name.replace("-", "_"))
        for name in settings.origins
        if "." not in name and "[" not in name
    }
    tables = {
        "plugin-defaults": settings.plugin_defaults,
        "globals": settings.globals,
        "namespaces": settings.namespaces,
        "contexts": {name: _without_login(one) for name, one in settings.contexts.items()},
    }
    return {
        "schemaVersion": 1,
        "files": settings.files,
        "settings": said | {name: table for name, table in tables.items() if table},
        "origins": settings.origins,
    }
