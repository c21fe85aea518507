"""What every script task is: properties, preparation, run, outputs."""

import os
from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from kestrel_cli.tasks.base import (
    Checked,
    DockerOptions,
    Dynamic,
    Looks,
    Outcome,
    RunContext,
    RunnableTask,
    TaskFailed,
    record,
)
from kestrel_cli.tasks.files.working_files import (
    NamespaceFilesSpec,
    place_input_files,
    place_namespace_files,
)
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.processes.run import Command, run_command
from kestrel_cli.tasks.properties.rendering import texts
from kestrel_cli.tasks.scripts.languages import SHELL, Language
from kestrel_cli.tasks.scripts.needs import missing_of
from kestrel_cli.tasks.scripts.pythons import with_kestra_module, with_python_command
from kestrel_cli.tasks.scripts.runners import Asked, Container, RunnerName, chosen
from kestrel_cli.tasks.scripts.shell import joined
from kestrel_cli.tasks.scripts.workplace import Workplace, workplace


@record
class Setting:
    """What a script is run with: its place, its environment, and the container, if it is one.

    `environ` is what is added to the environment around; `around` all of what a process sees.
    """

    work: Workplace
    container: Container | None
    environ: dict[str, str]
    around: dict[str, str]

    def add(self, more: dict[str, str]) -> None:
        """Further variables; they win."""
        self.environ |= more
        self.around |= more

    def put_first(self, name: str, folder: str) -> None:
        """A folder before those that a variable lists."""
        self.add({name: os.pathsep.join(filter(None, [folder, self.around.get(name)]))})


class ScriptTask(RunnableTask):
    """A task that runs commands in a language's interpreter."""

    taskRunner: Annotated[dict[str, Any] | None, Checked("runner")] = None
    runner: RunnerName | None = None
    docker: Annotated[dict[str, Any] | None, Looks(DockerOptions)] = None
    containerImage: Dynamic[str] | None = None
    interpreter: Dynamic[list[str]] | None = None
    beforeCommands: Dynamic[list[str]] | None = None
    failFast: Dynamic[bool] = True
    env: Dynamic[dict[str, str | None]] | None = None
    inputFiles: Dynamic[str | dict[str, Any]] | None = None
    outputFiles: Dynamic[list[str]] | None = None
    namespaceFiles: NamespaceFilesSpec | None = None
    outputDirectory: Dynamic[bool] | None = None
    warningOnStdErr: Dynamic[bool] = True
    targetOS: Dynamic[Literal["LINUX", "WINDOWS", "AUTO"]] = "AUTO"

    gives: ClassVar[dict[str, str]] = {
        "vars": 'the outputs that the script wrote as `::{"outputs": {...}}::`',
        "exitCode": "the exit code",
        "outputFiles": "relative names of the files that were kept, and their addresses",
        "taskRunner": "in a container: its `containerId`",
    }
    measures: ClassVar[dict[str, str]] = {
        "...": 'those that the script wrote as `::{"metrics": [...]}::`'
    }
    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True
    language: ClassVar[Language]

    @property
    def asked(self) -> Asked:
        """What the flow says of the runner."""
        return Asked(self.taskRunner, self.runner, self.docker, self.containerImage)

    @abstractmethod
    def commands_of(self, setting: Setting) -> list[str]:
        """The commands behind the preparations, rendered."""

    def prepare(self, setting: Setting, commands: str) -> list[str]:
        """Make what the language needs for these commands; further ones to begin with."""
        return list(self.language.before)

    def environment(self, ctx: RunContext) -> dict[str, str]:
        """Variables for the commands; those that the flow says in `env` win."""
        return dict(self.language.environ)

    def arrange(self, setting: Setting) -> None:
        """Put into the working directory what the commands need there, after `inputFiles`."""

    def feed(self, ctx: RunContext) -> Feed:
        """What takes the output of the commands."""
        return Feed(ctx)

    def kept(self, setting: Setting) -> dict[str, str]:
        """Files that are output files besides those that the flow names, once all has run."""
        return {}

    def outcome(self, feed: Feed, outputs: dict[str, object]) -> Outcome:
        """What becomes of the outputs when no command failed."""
        return Outcome(outputs)

    def shells(self, before: Sequence[str], commands: Sequence[str]) -> list[str]:
        """The lines of what runs, of preparations and commands."""
        return [*before, *commands]

    def stops_at_failures(self, ctx: RunContext) -> bool:
        """Whether the first command that fails is the last one that runs."""
        return ctx.boolean(self.failFast)

    def raw_commands(self) -> list[str]:
        """All commands as the file has them, to be looked at before anything runs."""
        return self.beforeCommands if isinstance(self.beforeCommands, list) else []

    def programs(self) -> list[str]:
        """Programs that a process needs, as far as that is known before it runs. Each entry names
        alternatives, separated by `|`.
        """
        return [self._interpreter_of(self.interpreter)[0]]

    def needs(self) -> list[str]:
        """The programs that the machine's own PATH has to have: none where a container or another
        PATH is given.
        """
        env: object = self.env
        other_path = "PATH" in env if isinstance(env, dict) else env is not None
        return [] if self.asked.container or other_path else self.programs()

    def run(self, ctx: RunContext) -> Outcome:
        outputs_wanted = texts(ctx, self.outputFiles)
        with workplace(ctx, outputs_wanted, output_dir=self._has_output_dir(ctx)) as work:
            if self.namespaceFiles is not None:
                place_namespace_files(work.ctx, self.namespaceFiles)
            place_input_files(work.ctx, self.inputFiles)
            setting = self._setting(work)
            self.arrange(setting)
            feed = self.feed(ctx)
            code, details = self._execute(setting, feed)
            outputs: dict[str, object] = {"vars": feed.outputs, "exitCode": code}
            try:
                outputs["outputFiles"] = work.collect() | self.kept(setting)
            except TaskFailed as error:
                if code == 0:
                    raise TaskFailed(str(error), outputs=outputs) from error
                ctx.log("WARN", str(error))
        if code:
            raise TaskFailed(f"Command failed with exit code {code}", outputs=outputs)
        ctx.log("DEBUG", "Command succeed with exit code 0")
        return self.outcome(feed, outputs | details)

    def _setting(self, work: Workplace) -> Setting:
        ctx = work.ctx
        container = chosen(ctx, self.asked, self.language.image)
        work.contained = container is not None
        said = ctx.structure(self.env) if self.env is not None else {}
        given = {name: value for name, value in said.items() if value is not None}
        around = dict(ctx.about.environ) if container is None else {}
        setting = Setting(work, container, {}, around)
        setting.add(self.environment(ctx))
        setting.add(given)
        setting.add(with_kestra_module(work, setting.around))
        if container is None:
            setting.add(with_python_command(work, setting.around))
        setting.add(work.environ)
        return setting

    def _execute(self, setting: Setting, feed: Feed) -> tuple[int, dict[str, object]]:
        """The exit code, and the further outputs."""
        ctx = setting.work.ctx
        before = [setting.work.localized(text) for text in texts(ctx, self.beforeCommands)]
        commands = self.shells(before, self.commands_of(setting))
        target = ctx.text(self.targetOS)
        first = [self.language.strict] if self.stops_at_failures(ctx) else []
        if target == "WINDOWS" and self.language.interpreter == SHELL:
            first = []  # as in Kestra: cmd has no `set -e`
        first += self.prepare(setting, "\n".join(commands))
        text = joined([*first, *commands], target)
        interpreter = self._interpreter_of(texts(ctx, self.interpreter))
        start = setting.work.invocation(interpreter, text)
        feed.hide(start.hidden)
        shown = " ".join([*interpreter, text])
        if setting.container is not None:
            from kestrel_cli.tasks.scripts.containers import run_in_container

            box, environ = setting.container, setting.environ
            code, details = run_in_container(setting.work, box, start, environ, feed, shown)
            return code, {"taskRunner": details}
        if missing := missing_of(self.programs(), setting.around.get("PATH")):
            raise TaskFailed(
                f"the program {missing} was not found on the PATH: install it, or run the task in "
                "a container"
            )
        command = Command(start.argv, setting.work.folder, setting.around, shown)
        return run_command(ctx, command, feed), {}

    def _interpreter_of(self, said: object) -> Sequence[str]:
        return said if isinstance(said, list) and said else self.language.interpreter

    def _has_output_dir(self, ctx: RunContext) -> bool:
        """Said, or meant by the older `runner` or by a template that names it."""
        if self.outputDirectory is not None:
            return ctx.boolean(self.outputDirectory)
        env = self.env.values() if isinstance(self.env, dict) else []
        named = any("outputDir" in str(text) for text in (*self.raw_commands(), *env))
        return self.runner is not None or named
