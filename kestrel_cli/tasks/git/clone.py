"""io.kestra.plugin.git.Clone"""

from typing import ClassVar

from kestrel_cli.tasks.base import Duration, Dynamic, Outcome, RunContext, parts_of
from kestrel_cli.tasks.git.checkout import Wanted
from kestrel_cli.tasks.git.program import settings_of
from kestrel_cli.tasks.git.remote import RemoteTask


class Clone(RemoteTask):
    """Clone a repository into the working directory, or into the `directory` in it.

    The newest commit is fetched (`depth`), with all of its history when a `commit` or a `tag` is
    asked for. A repository that is there already is brought up to date instead. The program git
    does the work: it has to be installed.
    """

    url: Dynamic[str]
    directory: Dynamic[str] | None = None
    branch: Dynamic[str] | None = None
    tag: Dynamic[str] | None = None
    commit: Dynamic[str] | None = None
    depth: Dynamic[int] = 1
    cloneAllBranches: Dynamic[bool] = True
    noTags: Dynamic[bool] = False
    # How long Kestra keeps a clone for other executions: Kestrel keeps none.
    cache: Dynamic[bool] = False
    cacheTtl: Dynamic[Duration] | None = None

    gives: ClassVar[dict[str, str]] = {"directory": "the folder of the clone"}

    def run(self, ctx: RunContext) -> Outcome:
        with self.git(ctx, ctx.text(self.url), "clone of") as (git, remote):
            wanted = self._wanted(ctx)
            wanted.check()
            place = parts_of(ctx.text(self.directory) or ".", "write")
            folder = ctx.files.folder().joinpath(*place)
            folder.mkdir(parents=True, exist_ok=True)
            ctx.log("INFO", f"Start cloning from '{remote.shown}'")
            renewed = (folder / ".git").exists()
            (wanted.renew if renewed else wanted.clone)(git, folder, remote.url)
        return Outcome({"directory": str(folder)})

    def _wanted(self, ctx: RunContext) -> Wanted:
        return Wanted(
            ctx.text(self.branch).strip(),
            ctx.text(self.tag).strip(),
            ctx.text(self.commit).strip(),
            ctx.integer(self.depth),
            submodules=ctx.boolean(self.cloneSubmodules),
            every=ctx.boolean(self.cloneAllBranches),
            tags=not ctx.boolean(self.noTags),
            config=settings_of(ctx.structure(self.gitConfig or {})),
        )
