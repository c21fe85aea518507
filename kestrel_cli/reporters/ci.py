"""What CI systems understand in a log: groups of lines, and errors with a place.

One class for each system and one line in the table. What comes from flows is escaped, so it stays
text.
"""

import os
from collections.abc import Mapping
from typing import Final, Protocol

from kestrel_cli.reporters.clean import clean, one_line
from kestrel_cli.reporters.failures import Failure

Where = tuple[str, int, int]  # file, line, column


class CiFormat(Protocol):
    """The commands of one system, as whole lines without the line break; empty: it has none."""

    def group(self, name: str, number: int, at: int) -> str:
        """What follows belongs together; `number` tells groups apart, `at` is in seconds."""

    def end_group(self, name: str, number: int, at: int) -> str:
        """They end here."""

    def error(self, title: str, message: str, where: Where | None) -> str:
        """Something failed."""


class GitHub:
    """Workflow commands of GitHub Actions."""

    def group(self, name: str, number: int, at: int) -> str:
        return f"::group::{_percent(name)}"

    def end_group(self, name: str, number: int, at: int) -> str:
        return "::endgroup::"

    def error(self, title: str, message: str, where: Where | None) -> str:
        fields = {} if where is None else dict(zip(("file", "line", "col"), where, strict=True))
        fields["title"] = title
        named = ",".join(
            f"{name}={_percent(str(value)).replace(':', '%3A').replace(',', '%2C')}"
            for name, value in fields.items()
        )
        return f"::error {named}::{_percent(message)}"


class GitLab:
    """Sections of GitLab's job logs, collapsed."""

    def group(self, name: str, number: int, at: int) -> str:
        head = f"\x1b[0Ksection_start:{at}:kestrel_{number}[collapsed=true]"
        return f"{head}\r\x1b[0K{one_line(name)}"

    def end_group(self, name: str, number: int, at: int) -> str:
        return f"\x1b[0Ksection_end:{at}:kestrel_{number}\r\x1b[0K"

    def error(self, title: str, message: str, where: Where | None) -> str:
        return ""


class Azure:
    """Logging commands of Azure Pipelines."""

    def group(self, name: str, number: int, at: int) -> str:
        return f"##[group]{one_line(name)}"

    def end_group(self, name: str, number: int, at: int) -> str:
        return "##[endgroup]"

    def error(self, title: str, message: str, where: Where | None) -> str:
        names = ("sourcepath", "linenumber", "columnnumber")
        fields = {"type": "error"}
        if where is not None:
            fields |= {name: str(value) for name, value in zip(names, where, strict=True)}
        named = ";".join(
            f"{name}={value.replace('%', '%AZP25').replace(';', '%3B').replace(']', '%5D')}"
            for name, value in fields.items()
        )
        text = f"{title}: {message}".replace("%", "%AZP25")
        return f"##vso[task.logissue {named}]" + text.replace("\r", "%0D").replace("\n", "%0A")


class TeamCity:
    """Service messages of TeamCity."""

    def group(self, name: str, number: int, at: int) -> str:
        return f"##teamcity[blockOpened name='{_bar(name)}']"

    def end_group(self, name: str, number: int, at: int) -> str:
        return f"##teamcity[blockClosed name='{_bar(name)}']"

    def error(self, title: str, message: str, where: Where | None) -> str:
        place = "" if where is None else f" ({where[0]}:{where[1]}:{where[2]})"
        text = _bar(f"{title}{place}: {message}")
        return f"##teamcity[message text='{text}' status='ERROR']"


class Buildkite:
    """Collapsed groups of Buildkite; the next one ends one, so an open one follows."""

    def group(self, name: str, number: int, at: int) -> str:
        return f"--- {one_line(name)}"

    def end_group(self, name: str, number: int, at: int) -> str:
        return "+++ kestrel"

    def error(self, title: str, message: str, where: Where | None) -> str:
        return ""


SYSTEMS: Final[Mapping[str, type[CiFormat]]] = {
    "GITHUB_ACTIONS": GitHub,
    "GITLAB_CI": GitLab,
    "TF_BUILD": Azure,
    "TEAMCITY_VERSION": TeamCity,
    "BUILDKITE": Buildkite,
}
_NO: Final = ("", "0", "false", "no", "off")
_MOST: Final = 10  # errors; GitHub shows no more of one step


def ci_of(environ: Mapping[str, str]) -> CiFormat | None:
    """The system that runs us; None when none does that has commands."""
    for name, system in SYSTEMS.items():
        if environ.get(name, "").strip().lower() not in _NO:
            return system()
    return None


def error_lines(found: list[Failure], ci: CiFormat, environ: Mapping[str, str]) -> list[str]:
    """An error for each cause, ten at most, the deepest first."""
    lines = []
    for at, one in enumerate(found[:_MOST]):
        message = clean("\n".join([one.message.rstrip("\n"), *one.tail]))
        if at == _MOST - 1 and len(found) > _MOST:
            message += f"\nand {len(found) - _MOST:,} more, in the log"
        lines.append(
            ci.error(f"{one_line(one.path)} failed", message, _in_repository(one, environ))
        )
    return [line for line in lines if line]


def _in_repository(one: Failure, environ: Mapping[str, str]) -> Where | None:
    """The place with the file's name as the repository has it."""
    where, root = one.where, environ.get("GITHUB_WORKSPACE")
    if where is None or not root:
        return where
    name = os.path.relpath(os.path.abspath(where[0]), root)  # noqa: PTH100  no link is followed
    return where if name.startswith("..") else (name.replace(os.sep, "/"), *where[1:])


def _percent(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _bar(text: str) -> str:
    for plain, escaped in (("|", "||"), ("'", "|'"), ("[", "|["), ("]", "|]"), ("\n", "|n")):
        text = text.replace(plain, escaped)
    text = text.replace("\r", "|r")
    return "".join(one if one.isascii() else f"|0x{ord(one):04x}" for one in text)
