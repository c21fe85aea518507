"""io.kestra.plugin.git.SyncNamespaceFiles"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext
from kestrel_cli.tasks.git.diff import stored_rows
from kestrel_cli.tasks.git.remote import RemoteTask
from kestrel_cli.tasks.git.syncing import copy, files_of


class SyncNamespaceFiles(RemoteTask):
    """Write the files in `gitDirectory` of a branch into a namespace; with `delete`, those that are
    not there go. Those that a `.kestraignore` names are left out.
    """

    url: Dynamic[str]
    branch: Dynamic[str] = "main"
    namespace: Dynamic[str] = "{{ flow.namespace }}"
    gitDirectory: Dynamic[str] = "_files"
    delete: Dynamic[bool] = False
    dryRun: Dynamic[bool] = False

    gives: ClassVar[dict[str, str]] = {
        "files": "the address of a file of all changes (Ion): for each its `gitPath`, `kestraPath`"
        " and `syncState` (ADDED, OVERWRITTEN, DELETED)",
    }

    def run(self, ctx: RunContext) -> Outcome:
        space, place = ctx.text(self.namespace), ctx.text(self.gitDirectory).strip("/")
        dry = ctx.boolean(self.dryRun)
        files = ctx.files.namespace(space)
        before = set(files.names())
        rows = []
        with (
            self.git(ctx, ctx.text(self.url), "sync from") as (git, remote),
            ctx.files.scratch("sync") as folder,
        ):
            self.clone_branch(ctx, git, remote, folder, ctx.text(self.branch))
            base, names = files_of(ctx, git, folder, place)
            for name in names:
                if not dry:
                    copy(ctx, base, name, space, name)
                state = "OVERWRITTEN" if name in before else "ADDED"
                path = f"{place}/{name}"
                rows.append({"gitPath": path, "syncState": state, "kestraPath": f"/{name}"})
        if ctx.boolean(self.delete):
            for name in sorted(before - set(names)):
                if not dry:
                    files.delete(name)
                rows.insert(0, {"syncState": "DELETED", "kestraPath": f"/{name}"})
        for row in rows:
            ctx.log("DEBUG", f"{row['syncState']} {row['kestraPath']}")
        return Outcome({"files": stored_rows(ctx, rows)})
