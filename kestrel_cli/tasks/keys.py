"""Keys of the key-value store, and the namespace in which a task looks for one."""

import re
from typing import Final

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.task import RunContext

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


def namespace_of(ctx: RunContext, value: object) -> str | None:
    """Render a namespace; None when it is the flow's own, whose parents are asked as well."""
    namespace = ctx.text(value)
    return None if namespace in ("", ctx.about.namespace) else namespace


def missing_key(ctx: RunContext, key: str, namespace: str | None) -> TaskFailed:
    """The failure for `errorOnMissing`."""
    where = namespace or ctx.about.namespace
    return TaskFailed(
        f"No value found for key '{key}' in namespace '{where}' and `errorOnMissing` is set to true"
    )
