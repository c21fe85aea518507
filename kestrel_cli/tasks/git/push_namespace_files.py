"""io.kestra.plugin.git.PushNamespaceFiles"""

from collections.abc import Mapping
from pathlib import Path

from kestrel_cli.tasks.base import Dynamic, RunContext
from kestrel_cli.tasks.files.globs import anywhere_matcher
from kestrel_cli.tasks.git.pushing import PushTask


class PushNamespaceFiles(PushTask):
    """Push the files of a namespace, those that match `files`, to a branch.

    Those of that kind that are in `gitDirectory` of the branch and not in the namespace go.
    """

    namespace: Dynamic[str] = "{{ flow.namespace }}"
    gitDirectory: Dynamic[str] = "_files"

    def message(self, ctx: RunContext) -> str:
        return f"Add files from {ctx.text(self.namespace)} namespace"

    def place(self, ctx: RunContext) -> str:
        return ctx.text(self.gitDirectory)

    def sources(self, ctx: RunContext, globs: list[str]) -> Mapping[str, Path]:
        files = ctx.files.namespace(ctx.text(self.namespace))
        matchers = [anywhere_matcher(glob) for glob in globs]
        return {
            name: files.path(name)
            for name in files.names()
            if not matchers or any(matcher.fullmatch(name) for matcher in matchers)
        }
