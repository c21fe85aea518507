"""Properties that name files in internal storage, in the forms that tasks take."""

import json
from typing import Any

from kestrel_cli.tasks.base import RunContext, TaskFailed


def addresses_of(ctx: RunContext, name: str, value: object) -> list[tuple[str, str]]:
    """Render a property that is a list of addresses, or a map of names to addresses; or text that
    renders to one of them as JSON, or to one address. Names of a list are the last parts of its
    addresses. Raises TaskFailed.
    """
    found: Any = value
    if isinstance(value, str):
        found = _read(name, ctx.text(value).strip())
    elif isinstance(value, dict | list):
        found = ctx.structure(value)
    if isinstance(found, dict):
        named = [(str(key), address) for key, address in found.items()]
    elif isinstance(found, list):
        named = [(str(address).rpartition("/")[2], address) for address in found]
    else:
        raise TaskFailed(f"`{name}` must be a list or a map of addresses, got {_shown(found)}")
    for _, address in named:
        if not isinstance(address, str):
            raise TaskFailed(f"`{name}` must hold addresses of files, got {_shown(address)}")
    return named


def _read(name: str, text: str) -> Any:
    if not text.startswith(("[", "{")):
        return [text] if text else []
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise TaskFailed(f"`{name}` is neither an address nor JSON: {text[:100]}") from None


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:100]
