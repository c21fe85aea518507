"""What the tasks share that reach a repository elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.git.checkout import Wanted
from kestrel_cli.tasks.git.program import Access, Git, Remote, git_for, remote_of, settings_of


class RemoteTask(RunnableTask):
    """A task that reaches a repository: who lets it in, and how it gets there."""

    username: Dynamic[str] | None = None
    password: Dynamic[str] | None = None
    privateKey: Dynamic[str] | None = None
    passphrase: Dynamic[str] | None = None
    gitConfig: Dynamic[dict[str, Any]] | None = None
    connectTimeout: Dynamic[int] = 10_000
    readTimeout: Dynamic[int] = 60_000
    noProxy: Dynamic[bool] = False
    trustedCaPemPath: Dynamic[str] | None = None
    cloneSubmodules: Dynamic[bool] = False

    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True

    def needs(self) -> list[str]:
        """The program without which nothing works."""
        return ["git"]

    @contextmanager
    def git(self, ctx: RunContext, url: str, doing: str) -> Iterator[tuple[Git, Remote]]:
        """The program and the repository. Raises TaskFailed when it is out of reach; `doing`
        completes the words for that.
        """
        remote = remote_of(url)
        if ctx.about.offline and not remote.local:
            raise TaskFailed(f"the {doing} {remote.shown} is refused: `--offline` allows none")
        access = Access(
            ctx.text(self.username),
            ctx.text(self.password),
            ctx.text(self.privateKey),
            ctx.text(self.passphrase),
        )
        with git_for(ctx, remote, access, self._settings(ctx), self._ssh(ctx)) as git:
            yield git, remote

    def clone_branch(
        self, ctx: RunContext, git: Git, remote: Remote, folder: Path, branch: str
    ) -> None:
        """Clone into an empty folder. A branch that is not there yet begins where HEAD is, and no
        branch is that of HEAD.
        """
        config = settings_of(ctx.structure(self.gitConfig or {}))
        submodules = ctx.boolean(self.cloneSubmodules)
        Wanted(branch).check()
        Wanted(submodules=submodules, config=config).clone(git, folder, remote.url)
        if branch:
            git.switch(folder, branch)

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
