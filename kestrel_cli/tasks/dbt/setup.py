"""io.kestra.plugin.dbt.cli.Setup"""

import json
import shlex
from typing import Annotated, Any, ClassVar

from kestrel_cli.tasks.base import DockerOptions, Dynamic, Looks, OldName, RunContext
from kestrel_cli.tasks.dbt.project import PROFILES
from kestrel_cli.tasks.files.places import write_below
from kestrel_cli.tasks.properties.rendering import texts
from kestrel_cli.tasks.scripts.commands import tool
from kestrel_cli.tasks.scripts.languages import Language
from kestrel_cli.tasks.scripts.task import ScriptTask, Setting


class Setup(ScriptTask):
    """Install dbt into a virtual environment in the working directory, for the tasks of dbt after
    it in the same WorkingDirectory. Deprecated in Kestra.
    """

    profiles: Dynamic[str | dict[str, Any]]
    requirements: Dynamic[list[str]]
    pythonPath: Dynamic[str] = "python"
    exitOnFailed: Dynamic[bool] = True
    docker: Annotated[dict[str, Any] | None, Looks(DockerOptions), OldName("dockerOptions")] = None

    language: ClassVar[Language] = tool("python", "python")

    def environment(self, ctx: RunContext) -> dict[str, str]:
        return {"PYTHONUNBUFFERED": "true", "PIP_ROOT_USER_ACTION": "ignore"}

    def stops_at_failures(self, ctx: RunContext) -> bool:
        return ctx.boolean(self.exitOnFailed)

    def arrange(self, setting: Setting) -> None:
        ctx, said = setting.work.ctx, self.profiles
        text = ctx.text(said) if isinstance(said, str) else json.dumps(ctx.structure(said))
        write_below(setting.work.folder, f".profile/{PROFILES}", text.encode())

    def commands_of(self, setting: Setting) -> list[str]:
        ctx, folder = setting.work.ctx, str(setting.work.folder)
        python = ctx.text(self.pythonPath)
        make = [python, "-m", "venv", "--system-site-packages", folder]
        install = ["./bin/pip", "install", *texts(ctx, self.requirements)]
        return [f"{shlex.join(words)} > /dev/null" for words in (make, install)]
