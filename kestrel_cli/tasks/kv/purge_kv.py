"""io.kestra.plugin.core.kv.PurgeKV"""

import re
from collections.abc import Callable
from typing import Any, ClassVar, Final

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.properties.rendering import texts

_KEY: Final = ("key", "io.kestra.plugin.core.kv.Key")
_VERSION: Final = ("version", "io.kestra.plugin.core.kv.Version")


class PurgeKV(RunnableTask):
    """Take keys out of the key-value store: those that have expired, or all with
    `behavior: {type: key, expiredOnly: false}`.

    They may be bounded by patterns with `*` and `?` for keys and namespaces, or by a list of
    namespaces, which means those below them, too. A key has one version here: purging versions
    takes nothing away.
    """

    keyPattern: Dynamic[str] | None = None
    namespaces: Dynamic[list[str]] | None = None
    namespacePattern: Dynamic[str] | None = None
    behavior: Dynamic[dict[str, Any]] | None = None
    includeChildNamespaces: Dynamic[bool] = True
    expiredOnly: Dynamic[bool] | None = None

    gives: ClassVar[dict[str, str]] = {"size": "how many keys are gone"}
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        expired = self._expired(ctx)
        if expired is None:
            ctx.log("WARN", "keys have one version here: none is taken away")
            return Outcome({"size": 0})
        space, key = self._namespace(ctx), _matcher(ctx.text(self.keyPattern))
        size = ctx.kv.purge(lambda here, name: space(here) and key(name), expired=expired)
        ctx.log("INFO", f"purged {size} keys")
        return Outcome({"size": size})

    def _expired(self, ctx: RunContext) -> bool | None:
        """Whether only expired keys are meant; None when it is versions."""
        if self.expiredOnly is not None:
            return ctx.boolean(self.expiredOnly)
        said = ctx.structure(self.behavior) if self.behavior is not None else {}
        kind = said.get("type", "key")
        if kind in _VERSION:
            return None
        if kind not in _KEY:
            raise TaskFailed(f"the `type` of `behavior` must be key or version, got `{kind}`")
        return ctx.boolean(said.get("expiredOnly", True))

    def _namespace(self, ctx: RunContext) -> Callable[[str], bool]:
        named, pattern = texts(ctx, self.namespaces), ctx.text(self.namespacePattern)
        if named and pattern:
            raise TaskFailed("`namespaces` and `namespacePattern` can't both be set")
        if not named:
            return _matcher(pattern)
        below = (
            tuple(f"{name}." for name in named) if ctx.boolean(self.includeChildNamespaces) else ()
        )
        return lambda space: space in named or space.startswith(below)


def _matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a name matches; no pattern matches every name."""
    if not pattern:
        return lambda _: True
    signs = {"*": ".*", "?": "."}
    form = re.compile("".join(signs.get(sign, re.escape(sign)) for sign in pattern), re.DOTALL)
    return lambda name: form.fullmatch(name) is not None
