"""io.kestra.plugin.docker.cli.Compose"""

import os
import shlex
from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, RenderError, RunContext, parts_of
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.properties.rendering import texts
from kestrel_cli.tasks.scripts.commands import tool
from kestrel_cli.tasks.scripts.languages import Language
from kestrel_cli.tasks.scripts.shell import write_private
from kestrel_cli.tasks.scripts.task import ScriptTask, Setting
from kestrel_cli.tasks.scripts.workplace import Workplace


class Compose(ScriptTask):
    """Run `docker compose` with files that are in the working directory, at an address or in the
    flow itself.
    """

    composeFile: Dynamic[str] | None = None
    composeFiles: Dynamic[list[str]] | None = None
    composeArgs: Dynamic[list[str]]

    language: ClassVar[Language] = tool("docker:27.5.1-cli", "docker")

    def programs(self) -> list[str]:
        return [*super().programs(), "docker"]

    def feed(self, ctx: RunContext) -> Feed:
        return Feed(ctx, ("INFO", "INFO"))  # it tells how far it is on its error output

    def commands_of(self, setting: Setting) -> list[str]:
        work = setting.work
        files = texts(work.ctx, self.composeFiles) or [work.ctx.text(self.composeFile)]
        words = ["docker", "compose"]
        for said in filter(None, files):
            words += ["-f", _place(work, said)]
        command = shlex.join([*words, *texts(work.ctx, self.composeArgs)])
        work.ctx.log("INFO", f"Running command: {command}")
        return [command]


def _place(work: Workplace, said: str) -> str:
    text = work.localized(said)
    if "\n" not in said and (text != said or _is_here(work, said)):
        return text
    place = work.private / f"compose-{os.urandom(4).hex()}.yaml"
    write_private(place, text)
    return str(place)


def _is_here(work: Workplace, name: str) -> bool:
    try:
        return work.folder.joinpath(*parts_of(name)).is_file()
    except (RenderError, OSError):
        return False
