"""The git program, run for a task: what it may ask, how it is let in, what it says."""

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from kestrel_cli.tasks.base import RunContext, TaskFailed, fresh, record
from kestrel_cli.tasks.processes.ask import ask
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.processes.run import Command, run_command

_SCHEMES: Final = ("http", "https", "ssh", "git", "file", "git+ssh", "ssh+git")
# Variables of a repository around us, and programs that would ask a person.
_DROPPED: Final = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_ASKPASS", "SSH_ASKPASS",
)  # fmt: skip
# Run by the shell that git has: the words come from the environment, nobody else can see them.
_HELPER: Final = (
    '!f() { test "$1" = get || exit 0; '
    'printf "username=%s\\npassword=%s\\n" "$KESTREL_GIT_USER" "$KESTREL_GIT_PASSWORD"; }; f'
)
_ASKED: Final = '#!/bin/sh\nprintf "%s\\n" "$KESTREL_GIT_PASSPHRASE"\n'
_TELLING: Final = ("fatal: ", "error: ", "remote: ")
_KEPT: Final = 8_000  # bytes of what it says


@record
class Access:
    """What lets git in."""

    username: str = ""
    password: str = ""
    private_key: str = ""
    passphrase: str = ""


@record
class Who:
    """The author of a commit; without name or email the one that git knows."""

    name: str = ""
    email: str = ""


@record
class Remote:
    """A repository elsewhere. `local` ones need no network."""

    url: str
    local: bool

    @property
    def shown(self) -> str:
        """The address without a name and password in it."""
        before, at, after = self.url.partition("://")
        return f"{before}://{after.rpartition('@')[2]}" if at else self.url

    @property
    def secrets(self) -> list[str]:
        """The password in the address, as it is there and as it is meant."""
        found = urlsplit(self.url).password if "://" in self.url else None
        return [] if not found else sorted({found, unquote(found)})


def remote_of(text: str) -> Remote:
    """What an address stands for. Raises TaskFailed when it is none that git may be given."""
    text = text.strip()
    scheme, found, _ = text.partition("://")
    odd = any(letter < " " or letter == "\x7f" for letter in text)
    try:
        urlsplit(text)
    except ValueError:
        odd = True
    if not text or odd or text.startswith("-") or "::" in text.partition("/")[0]:
        raise TaskFailed(f"`url` is no address of a repository: {text[:100]!r}")
    if found:
        if scheme.lower() not in _SCHEMES:
            raise TaskFailed(f"`url` has to begin with one of {', '.join(_SCHEMES)}, got {scheme}")
        return Remote(text, scheme.lower() == "file")
    if ":" in text.partition("/")[0] and not Path(text).exists():
        return Remote(text, local=False)  # user@host:path
    place = Path(os.path.abspath(text))  # noqa: PTH100  Path.absolute keeps `..`
    # By its address, for `depth`: git takes all of what has a path. A file is a bundle.
    return Remote(str(place) if place.is_file() else place.as_uri(), local=True)


@record
class Git:
    """The program, ready to reach one remote repository."""

    ctx: RunContext
    environ: Mapping[str, str]
    settings: list[str] = fresh(factory=list)  # `key=value`

    def __call__(self, folder: Path, *arguments: str) -> None:
        """Run it in a folder. Raises TaskFailed with what it said."""
        options = [part for setting in self.settings for part in ("-c", setting)]
        argv = ["git", *options, *arguments]
        words = _Words(self.ctx)
        command = Command(argv, folder, self.environ, f"git {arguments[0]}")
        if code := run_command(self.ctx, command, words):
            raise TaskFailed(f"git {arguments[0]} failed: {words.told or f'exit code {code}'}")

    def answer(self, folder: Path, *arguments: str) -> str | None:
        """What it prints about a repository that is here; None when it fails."""
        return ask(["git", "-C", str(folder), *arguments], self.environ)

    def switch(self, folder: Path, branch: str) -> None:
        """To a branch: as it is elsewhere, else a new one from here. Raises TaskFailed."""
        if self.answer(folder, "rev-parse", "--verify", "--quiet", f"origin/{branch}"):
            self(folder, "checkout", "--quiet", "-B", branch, f"origin/{branch}")
        elif self.answer(folder, "rev-parse", "--verify", "--quiet", "HEAD"):
            self.ctx.log("INFO", f"Branch {branch} does not exist, creating it")
            self(folder, "checkout", "--quiet", "-B", branch)
        else:  # nothing was ever committed
            self(folder, "symbolic-ref", "HEAD", f"refs/heads/{branch}")

    def commit_and_push(self, folder: Path, branch: str, message: str, who: Who) -> str | None:
        """Commit what was added, and push it; the commit, None when nothing was added."""
        if not self.answer(folder, "status", "--porcelain", "--untracked-files=no"):
            self.ctx.log("INFO", "No changes to commit. Skipping push.")
            return None
        self._known(folder, who)(folder, "commit", "--quiet", "--message", message)
        self(folder, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
        return self.answer(folder, "rev-parse", "HEAD")

    def _known(self, folder: Path, who: Who) -> "Git":
        """With the name of an author; one who commits needs one, too."""
        environ = dict(self.environ)
        if who.name and who.email:
            environ |= {"GIT_AUTHOR_NAME": who.name, "GIT_AUTHOR_EMAIL": who.email}
        if not self.answer(folder, "var", "GIT_COMMITTER_IDENT"):
            name = who.name or "kestrel"
            for role in ("AUTHOR", "COMMITTER"):
                environ.setdefault(f"GIT_{role}_NAME", name)
                environ.setdefault(f"GIT_{role}_EMAIL", who.email or f"{name}@localhost")
        return Git(self.ctx, environ, self.settings)


class _Words(Feed):
    """What git says goes into the log at the end, and its last words into the failure."""

    def __init__(self, ctx: RunContext) -> None:
        super().__init__(ctx)
        self._tell = ctx.log
        self._said = b""

    def take(self, stream: int, data: bytes) -> None:
        del stream
        self._said = (self._said + data)[-_KEPT:]

    def hurry(self) -> None:
        pass

    def finish(self) -> None:
        for line in self._told_lines():
            self._tell("DEBUG", line)

    def _told_lines(self) -> list[str]:
        lines = self._said.decode("utf-8", "replace").splitlines()
        return [line.rstrip() for line in lines if line.strip()]

    @property
    def told(self) -> str:
        """The lines that tell of what went wrong."""
        lines = self._told_lines()
        return "\n".join([line for line in lines if line.startswith(_TELLING)] or lines[-3:])


@contextmanager
def git_for(
    ctx: RunContext, remote: Remote, access: Access, settings: Sequence[str], ssh: Sequence[str]
) -> Iterator[Git]:
    """The program as long as the block lasts: it never asks a person. Raises TaskFailed.

    `settings` are `key=value` as for `git -c`, `ssh` further options of ssh.
    """
    environ = {name: text for name, text in ctx.about.environ.items() if name not in _DROPPED}
    environ |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "LANGUAGE": ""}
    given = ["protocol.ext.allow=never", "core.askPass=", *settings]
    if ctx.about.offline:
        given += ["protocol.allow=never", "protocol.file.allow=always"]
    for secret in (access.password, access.private_key, access.passphrase, *remote.secrets):
        if secret:
            ctx.hide(secret)
    if access.username or access.password:
        given += _helped(remote, access)
        environ |= {
            "KESTREL_GIT_USER": access.username,
            "KESTREL_GIT_PASSWORD": access.password,
        }
    with ctx.files.scratch("git") as folder:
        _let_in_by_ssh(environ, access, folder, ssh)
        yield Git(ctx, environ, given)


def _helped(remote: Remote, access: Access) -> list[str]:
    """Name and password are for this host only, whatever else the repository leads to."""
    if any(letter in access.username + access.password for letter in "\r\n\0"):
        raise TaskFailed("`username` and `password` can't hold line breaks")
    parts = urlsplit(remote.url)
    if parts.scheme.lower() not in ("http", "https"):
        return []
    key = f"credential.{parts.scheme}://{parts.netloc.rpartition('@')[2]}.helper"
    return [f"{key}=", f"{key}={_HELPER}"]


def _let_in_by_ssh(
    environ: dict[str, str], access: Access, folder: Path, ssh: Sequence[str]
) -> None:
    command = ["ssh", "-o", "StrictHostKeyChecking=accept-new", *ssh]
    if not access.private_key:
        command += ["-o", "BatchMode=yes"]
        environ.setdefault("GIT_SSH_COMMAND", shlex.join(command))
        return
    key = folder / "key"
    key.touch(mode=0o600)
    key.write_text(access.private_key.replace("\r\n", "\n").strip() + "\n")
    command += ["-i", str(key), "-o", "IdentitiesOnly=yes"]
    if access.passphrase:
        asked = folder / "asked"
        asked.write_text(_ASKED)
        asked.chmod(0o700)
        environ |= {
            "SSH_ASKPASS": str(asked),
            "SSH_ASKPASS_REQUIRE": "force",
            "KESTREL_GIT_PASSPHRASE": access.passphrase,
        }
    else:
        command += ["-o", "BatchMode=yes"]
    environ["GIT_SSH_COMMAND"] = shlex.join(command)


def settings_of(value: Any, before: str = "") -> list[str]:
    """A map of settings as `key=value`; maps in it are sections. Raises TaskFailed."""
    if isinstance(value, dict):
        return [
            setting
            for name, inner in value.items()
            for setting in settings_of(inner, f"{before}.{name}" if before else str(name))
        ]
    section, dot, name = before.partition(".")
    if not (section.isalnum() and dot and name) or any(letter in before for letter in "=\n\0"):
        raise TaskFailed(f"`gitConfig`: {before!r} is no name of a setting of git")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return [f"{before}={text}"]
