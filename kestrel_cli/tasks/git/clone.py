"""io.kestra.plugin.git.Clone"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import (
    Duration,
    Dynamic,
    Outcome,
    RunContext,
    RunnableTask,
    TaskFailed,
    parts_of,
)
from kestrel_cli.tasks.git.checkout import Wanted
from kestrel_cli.tasks.git.program import Access, git_for, remote_of, settings_of


class Clone(RunnableTask):
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
    cloneSubmodules: Dynamic[bool] = False
    cloneAllBranches: Dynamic[bool] = True
    noTags: Dynamic[bool] = False
    username: Dynamic[str] | None = None
    password: Dynamic[str] | None = None
    privateKey: Dynamic[str] | None = None
    passphrase: Dynamic[str] | None = None
    gitConfig: Dynamic[dict[str, Any]] | None = None
    connectTimeout: Dynamic[int] = 10_000
    readTimeout: Dynamic[int] = 60_000
    noProxy: Dynamic[bool] = False
    trustedCaPemPath: Dynamic[str] | None = None
    # How long Kestra keeps a clone for other executions: Kestrel keeps none.
    cache: Dynamic[bool] = False
    cacheTtl: Dynamic[Duration] | None = None

    gives: ClassVar[dict[str, str]] = {"directory": "the folder of the clone"}
    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True

    def needs(self) -> list[str]:
        """The program without which nothing works."""
        return ["git"]

    def run(self, ctx: RunContext) -> Outcome:
        remote = remote_of(ctx.text(self.url))
        if ctx.about.offline and not remote.local:
            raise TaskFailed(f"the clone of {remote.shown} is refused: `--offline` allows none")
        wanted = self._wanted(ctx)
        wanted.check()
        folder = ctx.files.folder().joinpath(*parts_of(ctx.text(self.directory) or ".", "write"))
        folder.mkdir(parents=True, exist_ok=True)
        access = Access(
            ctx.text(self.username),
            ctx.text(self.password),
            ctx.text(self.privateKey),
            ctx.text(self.passphrase),
        )
        ctx.log("INFO", f"Start cloning from '{remote.shown}'")
        with git_for(ctx, remote, access, self._settings(ctx), self._ssh(ctx)) as git:
            renewed = (folder / ".git").exists()
            (wanted.renew if renewed else wanted.clone)(git, folder, remote.url)
        return Outcome({"directory": str(folder)})

    def _settings(self, ctx: RunContext) -> list[str]:
        seconds = max(1, ctx.integer(self.readTimeout) // 1000)
        settings = ["http.lowSpeedLimit=1", f"http.lowSpeedTime={seconds}"]
        if ctx.boolean(self.noProxy):
            settings.append("http.proxy=")
        if trusted := ctx.text(self.trustedCaPemPath):
            settings.append(f"http.sslCAInfo={trusted}")
        return settings

    def _ssh(self, ctx: RunContext) -> list[str]:
        seconds = max(1, ctx.integer(self.connectTimeout) // 1000)
        return ["-o", f"ConnectTimeout={seconds}"]

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
