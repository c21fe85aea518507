"""io.kestra.plugin.git.Sync"""

from typing import Final

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext
from kestrel_cli.tasks.git.remote import RemoteTask
from kestrel_cli.tasks.git.syncing import copy, files_of

_FLOWS: Final = "_flows/"


class Sync(RemoteTask):
    """Make the files of the flow's namespace, or of its folder `namespaceFilesDirectory`, those in
    `gitDirectory` of a branch: others go. Deprecated in Kestra.

    Flows in `_flows` are left out: they are files here.
    """

    url: Dynamic[str]
    branch: Dynamic[str] | None = None
    gitDirectory: Dynamic[str] | None = None
    namespaceFilesDirectory: Dynamic[str] | None = None
    dryRun: Dynamic[bool] = False

    def run(self, ctx: RunContext) -> Outcome:
        dry = ctx.boolean(self.dryRun)
        below = ctx.text(self.namespaceFilesDirectory).strip("/")
        before = f"{below}/" if below else ""
        files = ctx.files.namespace()
        known = {name.removeprefix(before) for name in files.names() if name.startswith(before)}
        with (
            self.git(ctx, ctx.text(self.url), "sync from") as (git, remote),
            ctx.files.scratch("sync") as folder,
        ):
            self.clone_branch(ctx, git, remote, folder, ctx.text(self.branch))
            base, names = files_of(ctx, git, folder, ctx.text(self.gitDirectory))
            if any(name.startswith(_FLOWS) for name in names):
                ctx.log("WARN", "flows in `_flows` are left out: they are files here")
            names = [name for name in names if not name.startswith(_FLOWS)]
            for name in sorted(known - set(names)):
                ctx.log("INFO", f"- /{name}")
                if not dry:
                    files.delete(f"{before}{name}")
            for name in names:
                ctx.log("INFO", f"{'~' if name in known else '+'} /{name}")
                if not dry:
                    copy(ctx, base, name, ctx.about.namespace, f"{before}{name}")
        return Outcome()
