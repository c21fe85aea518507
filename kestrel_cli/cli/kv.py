"""`kestrel kv`: look into the key-value store of this machine, and change it."""

import json
import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

from kestrel_cli.app.history import state_folder
from kestrel_cli.cli import options as of
from kestrel_cli.cli.guard import exit_codes, warn
from kestrel_cli.cli.running import settings, tell_of_state_dir
from kestrel_cli.errors import NothingMatched, StoreError, UsageError
from kestrel_cli.store.kv import FILE, KeyValues


class KvAction(StrEnum):
    LIST = "list"
    GET = "get"
    SET = "set"
    DELETE = "delete"


def kv(
    action: Annotated[KvAction, typer.Argument(help="What to do.")] = KvAction.LIST,
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="The key.")] = None,
    value: Annotated[
        str | None, typer.Argument(metavar="[VALUE]", help="What `set` stores: text.")
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option("--namespace", "-n", metavar="NAME", help="`list` shows all without one."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="The value is JSON: a number, a list, a map ...")
    ] = False,
    ttl: Annotated[
        str | None, typer.Option(metavar="DURATION", help="How long `set` keeps it: `PT1H`, `7d`.")
    ] = None,
    state_dir: of.StateDir = None,
    no_project_config: of.NoProjectConfig = False,
    trust: of.Trust = False,
) -> None:
    """Show and change what flows have stored with `kv.Set`, and what `kv()` reads.

    A value is shown as it is when it is text, else as JSON. A key that is not there ends with 5.

    \b
    Examples:
      kestrel kv list
      kestrel kv get cursor -n company.team
      kestrel kv set limits '{"rows": 100}' --json -n company.team
    """
    with exit_codes():
        config = settings(ignore_project=no_project_config)
        tell_of_state_dir(config, state_dir, trust=trust)
        store = KeyValues(state_folder(state_dir or config.state_dir, os.environ) / FILE, warn)
        if action is KvAction.LIST:
            if key is not None:
                raise UsageError(f"`kv list {key}`: a list takes no key; use `get`")
            _list(store, namespace)
            return
        if key is None or namespace is None:
            missing = "a key" if key is None else "its namespace with `-n`"
            raise UsageError(f"`kv {action.value}`: give {missing}")
        if (value is not None or ttl is not None or as_json) and action is not KvAction.SET:
            raise UsageError(f"`kv {action.value}`: a value, `--json` and `--ttl` are for `set`")
        if action is KvAction.SET:
            _set(store, namespace, key, _typed(value, as_json=as_json), ttl)
        elif action is KvAction.GET:
            _get(store, namespace, key)
        elif not store.delete(namespace, key):
            raise _nothing(namespace, key)


def _list(store: KeyValues, namespace: str | None) -> None:
    for space, key in store.everything():
        if namespace is None:
            sys.stdout.write(f"{_shown(space)}  {_shown(key)}\n")
        elif space == namespace:
            sys.stdout.write(f"{_shown(key)}\n")


def _get(store: KeyValues, namespace: str, key: str) -> None:
    found = store.get(namespace, key)
    if not found:
        raise _nothing(namespace, key)
    text = found[0] if isinstance(found[0], str) else json.dumps(found[0], ensure_ascii=False)
    sys.stdout.write(f"{text}\n")


def _set(store: KeyValues, namespace: str, key: str, value: object, ttl: str | None) -> None:
    from kestrel_cli.cli.run_options import seconds

    kept = None if ttl is None else seconds(ttl, "--ttl")
    if not store.set(namespace, key, value, kept):
        raise StoreError(f"`{key}` could not be stored")


def _typed(value: str | None, *, as_json: bool) -> object:
    if value is None:
        raise UsageError("`kv set`: give the value behind the key")
    if not as_json:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise UsageError("`kv set --json`: the value is not JSON") from None


def _shown(text: str) -> str:
    from kestrel_cli.reporters.clean import one_line

    return one_line(text)


def _nothing(namespace: str, key: str) -> NothingMatched:
    return NothingMatched(f"there is no key `{key}` in the namespace `{namespace}`")
