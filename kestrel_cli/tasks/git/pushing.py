"""Files that become a commit of a branch elsewhere: what the tasks share that push some."""

import re
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed, parts_of
from kestrel_cli.tasks.files.globs import anywhere_matcher
from kestrel_cli.tasks.files.places import entries_below, write_below
from kestrel_cli.tasks.git.diff import added_rows, stored_rows
from kestrel_cli.tasks.git.program import Git, Who
from kestrel_cli.tasks.git.remote import RemoteTask
from kestrel_cli.tasks.properties.rendering import texts

_SSH: Final = re.compile(r"(?:ssh://)?[^@/]+@(?:ssh\.)?([^:/]+)(?::|/)(?:v\d*/)?(.*)")


class PushTask(RemoteTask):
    """Make the folder `gitDirectory` of a branch hold certain files, and no others."""

    url: Dynamic[str]
    branch: Dynamic[str] = "main"
    commitMessage: Dynamic[str] | None = None
    authorName: Dynamic[str] | None = None
    authorEmail: Dynamic[str] | None = None
    dryRun: Dynamic[bool] = False
    errorOnMissing: Dynamic[bool] = False
    files: Dynamic[Any] = None

    gives: ClassVar[dict[str, str]] = {
        "commitId": "the commit that was pushed",
        "commitURL": "where it can be looked at",
        "files": "the address of a file of what is other than it was (Ion), for each `file` its"
        " `additions`, `deletions` and `changes`",
    }

    @abstractmethod
    def message(self, ctx: RunContext) -> str:
        """That of the commit when the flow says none."""

    @abstractmethod
    def place(self, ctx: RunContext) -> str:
        """The folder in the repository, rendered."""

    @abstractmethod
    def sources(self, ctx: RunContext, globs: list[str]) -> Mapping[str, Path]:
        """Names in that folder, and where their content is."""

    def run(self, ctx: RunContext) -> Outcome:
        url, branch = ctx.text(self.url), ctx.text(self.branch)
        said = self.files
        globs = texts(ctx, said) if not isinstance(said, str) else [ctx.text(said)]
        sources = self.sources(ctx, globs)
        if not sources and ctx.boolean(self.errorOnMissing):
            raise TaskFailed("no files are there to be pushed")
        with self.git(ctx, url, "push to") as (git, remote), ctx.files.scratch("push") as folder:
            self.clone_branch(ctx, git, remote, folder, branch)
            below = "/".join(parts_of(self.place(ctx) or ".", "write")) or "."
            self._write(folder, below, sources, globs)
            git(folder, "add", "--all", "--", below)
            uri = stored_rows(ctx, added_rows(git, folder))
            outputs: dict[str, object] = {"files": uri}
            if ctx.boolean(self.dryRun):
                ctx.log("INFO", f"Dry run: no changes are pushed to {remote.shown}")
            elif commit := self._push(ctx, git, folder, branch):
                outputs["commitId"] = commit
                outputs["commitURL"] = _page(remote.shown, branch, commit)
                ctx.log("INFO", f"Pushed to {outputs['commitURL']}")
        return Outcome(outputs)

    def _write(
        self, folder: Path, below: str, sources: Mapping[str, Path], globs: list[str]
    ) -> None:
        base = folder / below
        base.mkdir(parents=True, exist_ok=True)
        matchers = [anywhere_matcher(glob) for glob in globs]
        for name, _ in list(entries_below(base)):
            own = name == ".git" or name.startswith(".git/")
            if own or name in sources:
                continue
            if not matchers or any(matcher.fullmatch(name) for matcher in matchers):
                (base / name).unlink()
        for name, source in sources.items():
            with source.open("rb") as file:
                write_below(base, name, file)

    def _push(self, ctx: RunContext, git: Git, folder: Path, branch: str) -> str | None:
        name = ctx.text(self.authorName) or ctx.text(self.username)
        message = ctx.text(self.commitMessage) or self.message(ctx)
        return git.commit_and_push(folder, branch, message, Who(name, ctx.text(self.authorEmail)))


def _page(url: str, branch: str, commit: str) -> str:
    """Where a commit can be looked at."""
    if (found := _SSH.fullmatch(url)) is not None:
        url = f"https://{found[1]}/{found[2]}"
    page = f"{url}/{'commits' if 'bitbucket.org' in url else 'commit'}/{commit}"
    return f"{page}?refName=refs%2Fheads%2F{branch}" if "azure.com" in url else page
