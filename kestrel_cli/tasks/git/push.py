"""io.kestra.plugin.git.Push"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Model, Outcome, RunContext, TaskFailed, parts_of
from kestrel_cli.tasks.files.working_files import (
    NamespaceFilesSpec,
    place_input_files,
    place_namespace_files,
)
from kestrel_cli.tasks.git.program import Git, Who
from kestrel_cli.tasks.git.remote import RemoteTask
from kestrel_cli.tasks.processes.ask import ask
from kestrel_cli.tasks.properties.rendering import texts


class PushedFlows(Model):
    """Which flows Kestra pushes: here flows are files already."""

    enabled: Dynamic[bool] = True
    childNamespaces: Dynamic[bool] = True
    gitDirectory: Dynamic[str] = "_flows"


class CommitAuthor(Model):
    """Who a commit is of."""

    name: Dynamic[str] | None = None
    email: Dynamic[str] | None = None


class Push(RemoteTask):
    """Commit files and push them to a branch: those of a repository that is in the working
    directory, or with `url` those of a new clone, whose files give way. Deprecated in Kestra.

    `inputFiles` and `namespaceFiles` are written before. Flows are no part of it: they are files
    here, and may be in the repository itself.
    """

    url: Dynamic[str] | None = None
    directory: Dynamic[str] | None = None
    branch: Dynamic[str]
    commitMessage: Dynamic[str]
    flows: PushedFlows | None = None
    namespaceFiles: NamespaceFilesSpec | None = None
    inputFiles: Dynamic[str | dict[str, Any]] | None = None
    addFilesPattern: Dynamic[list[str]] = ["."]
    author: CommitAuthor | None = None

    gives: ClassVar[dict[str, str]] = {"commitId": "the commit that was pushed"}

    def run(self, ctx: RunContext) -> Outcome:
        place = parts_of(ctx.text(self.directory) or ".", "write")
        folder = ctx.files.folder().joinpath(*place)
        branch = ctx.text(self.branch).strip()
        if self.flows is not None and ctx.boolean(self.flows.enabled):
            ctx.log("WARN", "flows are not pushed: they are files here")
        url = ctx.text(self.url) or _origin(folder, ctx.about.environ)
        with self.git(ctx, url, "push to") as (git, remote):
            if self.url is not None:
                folder.mkdir(parents=True, exist_ok=True)
                self.clone_branch(ctx, git, remote, folder, branch)
                git(folder, "rm", "-r", "--quiet", "--ignore-unmatch", "--", ".")
                folder.mkdir(exist_ok=True)
            elif git.answer(folder, "branch", "--show-current") != branch:
                git.switch(folder, branch)
            self._place(ctx)
            ctx.log("INFO", f"Pushing to {remote.shown}/tree/{branch}")
            for pattern in texts(ctx, self.addFilesPattern):
                if git.answer(folder, "add", "--all", "--", pattern) is None:
                    ctx.log("WARN", f"there is nothing to add for `{pattern}`")
            commit = self._commit(ctx, git, folder, branch)
        return Outcome({} if commit is None else {"commitId": commit})

    def _place(self, ctx: RunContext) -> None:
        place_input_files(ctx, self.inputFiles)
        if self.namespaceFiles is not None:
            place_namespace_files(ctx, self.namespaceFiles)

    def _commit(self, ctx: RunContext, git: Git, folder: Path, branch: str) -> str | None:
        name = email = ""
        if self.author is not None:
            name = ctx.text(self.author.name) or ctx.text(self.username)
            email = ctx.text(self.author.email)
        message = ctx.text(self.commitMessage)
        return git.commit_and_push(folder, branch, message, Who(name, email))


def _origin(folder: Path, environ: Mapping[str, str]) -> str:
    """The address that the repository in a folder was cloned from. Raises TaskFailed."""
    found = ask(["git", "-C", str(folder), "remote", "get-url", "origin"], environ)
    if not (folder / ".git").exists() or not found:
        raise TaskFailed("there is no repository in the working directory: say its `url`")
    return found
