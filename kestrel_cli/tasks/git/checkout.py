"""Getting one commit of a repository into a folder."""

import re
from pathlib import Path
from typing import Final

from kestrel_cli.tasks.base import TaskFailed, fresh, record
from kestrel_cli.tasks.git.program import Git

_NAME: Final = re.compile(r"[^-\x00-\x20\x7f~^:?*\[\\][^\x00-\x20\x7f~^:?*\[\\]*")
_COMMIT: Final = re.compile(r"[0-9A-Fa-f]{4,64}")


@record
class Wanted:
    """Which commit is wanted, and what of the repository around it: `depth` commits (all of them
    for a tag or a commit), `every` branch or only this one, `tags`, `submodules`. `config` are
    settings (`key=value`) of the clone.
    """

    branch: str = ""
    tag: str = ""
    commit: str = ""
    depth: int = 1
    submodules: bool = False
    every: bool = True
    tags: bool = True
    config: list[str] = fresh(factory=list)

    def check(self) -> None:
        """Raise TaskFailed for what does not go together or is no name."""
        for name, value, pattern in (
            ("branch", self.branch, _NAME),
            ("tag", self.tag, _NAME),
            ("commit", self.commit, _COMMIT),
        ):
            if value and not pattern.fullmatch(value):
                raise TaskFailed(f"`{name}` is no name of one: {value[:100]!r}")
        if self.branch and self.tag:
            raise TaskFailed("`branch` and `tag` can't both be set")
        if self.tag and not self.tags:
            raise TaskFailed("a `tag` can't be cloned with `noTags: true`")
        if not self.every and not (self.branch or self.tag):
            raise TaskFailed("`cloneAllBranches: false` needs a `branch`")
        if self.depth < 1:
            raise TaskFailed(f"`depth` must be at least 1, got {self.depth}")

    def clone(self, git: Git, folder: Path, url: str) -> None:
        """Into an empty folder. Raises TaskFailed."""
        options = ["--quiet", "--no-single-branch" if self.every else "--single-branch"]
        options += [part for setting in self.config for part in ("--config", setting)]
        if name := self.branch or self.tag:
            options.append(f"--branch={name}")
        if not self.tags:
            options.append("--no-tags")
        if not self._whole:
            options.append(f"--depth={self.depth}")
        if self.commit:
            options.append("--no-checkout")
        git(folder, "clone", *options, "--", url, ".")
        if self.commit:
            git(folder, "checkout", "--quiet", "--force", "--detach", self.commit)
        self._submodules(git, folder)

    def renew(self, git: Git, folder: Path, url: str) -> None:
        """In a folder that holds a clone: changes in it are lost. Raises TaskFailed."""
        git(folder, "remote", "set-url", "origin", url)
        for setting in self.config:
            git(folder, "config", *setting.split("=", 1))
        options = ["--quiet", "--force", *([] if self.tags else ["--no-tags"])]
        if self._whole:
            if (folder / ".git" / "shallow").exists():
                options.append("--unshallow")
            branches = "+refs/heads/*:refs/remotes/origin/*"
            git(folder, "fetch", *options, *(["--tags"] if self.tag else []), "origin", branches)
            target = self.commit or f"refs/tags/{self.tag}"
            git(folder, "checkout", "--quiet", "--force", "--detach", target)
        else:
            source = f"refs/heads/{self.branch}" if self.branch else "HEAD"
            git(folder, "fetch", *options, f"--depth={self.depth}", "origin", source)
            onto = ["-B", self.branch] if self.branch else ["--detach"]
            git(folder, "checkout", "--quiet", "--force", *onto, "FETCH_HEAD")
        self._submodules(git, folder)

    @property
    def _whole(self) -> bool:
        return bool(self.commit or self.tag)

    def _submodules(self, git: Git, folder: Path) -> None:
        if self.submodules:
            git(folder, "submodule", "--quiet", "update", "--init", "--recursive", "--force")
