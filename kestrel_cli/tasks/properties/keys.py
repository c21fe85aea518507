"""Keys of the key-value store."""

import re
from typing import Final

from kestrel_cli.tasks.base import RunContext, TaskFailed

_KEY: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*", re.ASCII)


def checked_key(ctx: RunContext, value: object) -> str:
    """Render a key. Raises TaskFailed for one that Kestra does not take."""
    key = ctx.text(value)
    if not key:
        raise TaskFailed("Key cannot be null or empty")
    if not _KEY.fullmatch(key):
        raise TaskFailed(
            f"the key `{key[:200]}` can't be used: a key starts with a letter or digit and holds"
            " letters, digits, `.`, `_` and `-` only"
        )
    return key
