"""One command of dbt each.

- io.kestra.plugin.dbt.cli.Build
- io.kestra.plugin.dbt.cli.Compile
- io.kestra.plugin.dbt.cli.Deps
- io.kestra.plugin.dbt.cli.Freshness
- io.kestra.plugin.dbt.cli.List
- io.kestra.plugin.dbt.cli.Run
- io.kestra.plugin.dbt.cli.Seed
- io.kestra.plugin.dbt.cli.Snapshot
- io.kestra.plugin.dbt.cli.Test
"""

import shlex
import shutil
from typing import Annotated, Any, ClassVar, Final

from kestrel_cli.tasks.base import (
    DockerOptions,
    Dynamic,
    Looks,
    OldName,
    RunContext,
    TaskFailed,
)
from kestrel_cli.tasks.dbt.project import PROFILES, DbtTask
from kestrel_cli.tasks.properties.rendering import texts
from kestrel_cli.tasks.scripts.commands import tool
from kestrel_cli.tasks.scripts.languages import Language
from kestrel_cli.tasks.scripts.task import Setting

_OWN: Final = "./bin/dbt"  # where the task Setup installs it
_FOLDER: Final = ".profile"
_NOT_SAID: Final = frozenset(
    {"beforeCommands", "interpreter", "outputDirectory", "targetOS", "warningOnStdErr"}
)


class SingleCommand(DbtTask):
    """Run one command of dbt in the project of `projectDir`.

    dbt is the program at `dbtPath` (the one that Setup has installed), or else `dbt` on the PATH.
    """

    without: ClassVar[frozenset[str]] = _NOT_SAID

    docker: Annotated[dict[str, Any] | None, Looks(DockerOptions), OldName("dockerOptions")] = None
    dbtPath: Dynamic[str] = _OWN
    failFast: Dynamic[bool] = False
    warnError: Dynamic[bool] = False
    debug: Dynamic[bool] = False
    thread: Dynamic[int] | None = None
    fullRefresh: Dynamic[bool] = False
    target: Dynamic[str] | None = None
    selector: Dynamic[str] | None = None
    select: Dynamic[list[str]] | None = None
    exclude: Dynamic[list[str]] | None = None

    language: ClassVar[Language] = tool("ghcr.io/kestra-io/dbt", "dbt")
    command: ClassVar[str]

    def programs(self) -> list[str]:
        """dbt, unless an earlier task may install it or an expression tells where it is."""
        path = self.dbtPath
        known = path != _OWN and "{" not in path
        return [*super().programs(), *([f"{path}|dbt"] if known else [])]

    def stops_at_failures(self, ctx: RunContext) -> bool:
        return False

    def arrange(self, setting: Setting) -> None:
        self.write_profiles(setting, f"{_FOLDER}/{PROFILES}")

    def commands_of(self, setting: Setting) -> list[str]:
        words = [self._program(setting), "--log-format", "json", *self._before(setting.work.ctx)]
        words += [*self.command.split(), *self._after(setting)]
        return [shlex.join(words)]

    def _program(self, setting: Setting) -> str:
        said = setting.work.ctx.text(self.dbtPath)
        if setting.container is not None or shutil.which(setting.work.folder / said):
            return said
        if shutil.which("dbt", path=setting.around.get("PATH")) is None:
            raise TaskFailed(
                f"the program `dbt` was not found, neither at `{said}` nor on the PATH: install it "
                "(`pip install dbt-core` with an adapter), or run the task in a container"
            )
        return "dbt"

    def _before(self, ctx: RunContext) -> list[str]:
        flags = {
            "--debug": self.debug,
            "--fail-fast": self.failFast,
            "--warn-error": self.warnError,
        }
        return [flag for flag, said in flags.items() if ctx.boolean(said)]

    def _after(self, setting: Setting) -> list[str]:
        ctx, words = setting.work.ctx, []
        if (setting.work.folder / _FOLDER).is_dir():
            words += ["--profiles-dir", str(setting.work.folder / _FOLDER)]
        if self.thread is not None:
            words += ["--threads", str(ctx.integer(self.thread))]
        if ctx.boolean(self.fullRefresh):
            words.append("--full-refresh")
        for option, one in {"--target": self.target, "--selector": self.selector}.items():
            if text := ctx.text(one):
                words += [option, text]
        for option, several in {"--select": self.select, "--exclude": self.exclude}.items():
            if names := texts(ctx, several):
                words += [option, *names]
        return [*words, "--project-dir", str(self.project(setting))]


class WithoutResults(SingleCommand):
    """A command that leaves no results of its own."""

    def kept(self, setting: Setting) -> dict[str, str]:
        return {}


class Build(SingleCommand):
    """Run `dbt build`: models, seeds, snapshots and tests."""

    command: ClassVar[str] = "build"


class Compile(SingleCommand):
    """Run `dbt compile`: the SQL of models, without running it."""

    command: ClassVar[str] = "compile"


class Deps(WithoutResults):
    """Run `dbt deps`: fetch the packages of the project."""

    command: ClassVar[str] = "deps"


class Freshness(WithoutResults):
    """Run `dbt source freshness`: how old the sources are."""

    command: ClassVar[str] = "source freshness"


class List(WithoutResults):
    """Run `dbt list`: the names of what is in the project."""

    command: ClassVar[str] = "list"


class Run(SingleCommand):
    """Run `dbt run`: the models."""

    command: ClassVar[str] = "run"


class Seed(SingleCommand):
    """Run `dbt seed`: load the CSV files of the project."""

    command: ClassVar[str] = "seed"


class Snapshot(SingleCommand):
    """Run `dbt snapshot`: keep how rows were before they changed."""

    command: ClassVar[str] = "snapshot"


class Test(SingleCommand):
    """Run `dbt test`: check the data."""

    command: ClassVar[str] = "test"
