"""io.kestra.core.tasks.scripts.Bash, Python and Node"""

import os
import shlex
import shutil
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

from kestrel_cli.tasks.base import (
    Dynamic,
    Filled,
    Outcome,
    RenderError,
    RunContext,
    RunnableTask,
    TaskFailed,
    parts_of,
)
from kestrel_cli.tasks.files.working_files import collect_folder, place_input_files
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.processes.run import Command, run_command
from kestrel_cli.tasks.properties.rendering import texts
from kestrel_cli.tasks.scripts.pythons import (
    child_file,
    with_kestra_module,
    with_python_command,
)
from kestrel_cli.tasks.scripts.runners import Asked, RunnerName, chosen
from kestrel_cli.tasks.scripts.shell import write_private
from kestrel_cli.tasks.scripts.workplace import Workplace, workplace


class OldScript(RunnableTask):
    """What the oldest script tasks share: files that are written under temporary names."""

    runner: RunnerName = "PROCESS"
    dockerOptions: dict[str, Any] | None = None
    interpreter: str = "/bin/sh"
    interpreterArgs: list[str] = ["-c"]
    exitOnFailed: Dynamic[bool] = True
    files: Dynamic[list[str]] | None = None
    outputsFiles: list[str] | None = None
    outputFiles: list[str] | None = None
    outputDirs: list[str] | None = None
    inputFiles: Dynamic[str | dict[str, Any]] | None = None
    env: Dynamic[dict[str, str | None]] | None = None
    warningOnStdErr: bool = True

    gives: ClassVar[dict[str, str]] = {
        "vars": 'the outputs that the script wrote as `::{"outputs": {...}}::`',
        "exitCode": "the exit code",
        "outputFiles": "names of the files that were kept, and their addresses",
        "files": "the same",
    }
    measures: ClassVar[dict[str, str]] = {
        "...": 'those that the script wrote as `::{"metrics": [...]}::`'
    }
    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True
    image: ClassVar[str]

    @abstractmethod
    def commands_of(self, work: Workplace) -> list[str]:
        """What runs, rendered."""

    def needs(self) -> list[str]:
        """Programs that have to be on the machine."""
        return [self.interpreter] if self.runner == "PROCESS" else []

    def _run(self, ctx: RunContext) -> Outcome:
        with workplace(ctx, [], output_dir=False) as work:
            names = [*(self.outputFiles or []), *(self.outputsFiles or [])]
            names += texts(ctx, self.files)
            single = {name: _temporary(work, name) for name in names}
            folders = {name: _temporary(work, name) for name in self.outputDirs or []}
            for place in single.values():
                place.touch(mode=0o600)
            for place in folders.values():
                place.mkdir(mode=0o700)
            shown = {name: str(place) for name, place in single.items()}
            more = {"outputFiles": shown, "temp": shown} if shown else {}
            if folders:
                more["outputDirs"] = {name: str(place) for name, place in folders.items()}
            work.ctx = work.ctx.with_variables(more)
            place_input_files(work.ctx, self.inputFiles)
            feed = Feed(ctx)
            code = self._execute(work, feed)
            files = _collected(work, single, folders)
        outputs: dict[str, object] = {"exitCode": code, "vars": feed.outputs}
        outputs |= {"files": files, "outputFiles": dict(files)}
        if code:
            raise TaskFailed(f"Command failed with exit code {code}", outputs=outputs)
        return Outcome(outputs)

    def _execute(self, work: Workplace, feed: Feed) -> int:
        ctx = work.ctx
        container = chosen(ctx, Asked(None, self.runner, self.dockerOptions), self.image)
        work.contained = container is not None
        said = ctx.structure(self.env) if self.env is not None else {}
        environ = {name: value for name, value in said.items() if value is not None}
        environ |= {"PYTHONUNBUFFERED": "true", **work.environ}
        around = environ if container is not None else {**ctx.about.environ, **environ}
        added = with_kestra_module(work, around)
        if container is None:
            added |= with_python_command(work, around)
        strict = ["set -o errexit"] if ctx.boolean(self.exitOnFailed) else []
        text = "\n".join([*strict, *self.commands_of(work)])
        interpreter = [self.interpreter, *self.interpreterArgs]
        start = work.invocation(interpreter, text)
        feed.hide(start.hidden)
        shown = " ".join([*interpreter, text])
        if container is not None:
            from kestrel_cli.tasks.scripts.containers import run_in_container

            return run_in_container(work, container, start, environ | added, feed, shown)[0]
        return run_command(ctx, Command(start.argv, work.folder, around | added, shown), feed)


class Bash(OldScript):
    """Run commands in one shell. Deprecated in Kestra: use shell.Commands."""

    commands: Annotated[Dynamic[list[str]], Filled]

    image: ClassVar[str] = "ubuntu"

    def run(self, ctx: RunContext) -> Outcome:
        return self._run(ctx)

    def commands_of(self, work: Workplace) -> list[str]:
        return [work.localized(text) for text in texts(work.ctx, self.commands)]


class Python(OldScript):
    """Run `main.py` of `inputFiles` in a virtual environment. Deprecated in Kestra: use
    python.Script or python.Commands.
    """

    pythonPath: Dynamic[str] = "python"
    args: Dynamic[list[str]] | None = None
    requirements: Dynamic[list[str]] | None = None
    commands: Annotated[Dynamic[list[str]], Filled] = ["./bin/python main.py"]
    virtualEnv: bool = True

    image: ClassVar[str] = "python"

    def run(self, ctx: RunContext) -> Outcome:
        if self.commands == ["./bin/python main.py"]:
            _check_main(self.inputFiles, "main.py")
        return self._run(ctx)

    def commands_of(self, work: Workplace) -> list[str]:
        ctx = work.ctx
        requirements = texts(ctx, self.requirements)
        commands = texts(ctx, self.commands)
        lines = []
        if self.virtualEnv:
            # Putting pip into it takes seconds.
            pip = "" if requirements or "pip" in " ".join(commands) else " --without-pip"
            place = shlex.quote(str(work.folder))
            python = ctx.text(self.pythonPath)
            lines.append(f"{python} -m venv --system-site-packages{pip} {place}")
        if self.virtualEnv and requirements:
            lines.append(f"./bin/pip install {shlex.join(requirements)} > /dev/null")
        args = " ".join(["", *texts(ctx, self.args)])
        return lines + [work.localized(text + args) for text in commands]


class Node(OldScript):
    """Run `main.js` of `inputFiles`, with the packages of its `package.json`. Deprecated in Kestra:
    use node.Script or node.Commands.
    """

    nodePath: str = "node"
    npmPath: str = "npm"
    args: Dynamic[list[str]] | None = None

    image: ClassVar[str] = "node"

    def run(self, ctx: RunContext) -> Outcome:
        _check_main(self.inputFiles, "main.js")
        return self._run(ctx)

    def needs(self) -> list[str]:
        needs = super().needs()
        return [*needs, self.nodePath] if needs else []

    def commands_of(self, work: Workplace) -> list[str]:
        if not (work.folder / "kestra.js").exists():
            write_private(work.folder / "kestra.js", child_file("kestra.js"))
        npm = []
        if (work.folder / "package.json").exists():
            npm = [f"{self.npmPath} i > /dev/null"]
        main = " ".join([self.nodePath, "main.js", *texts(work.ctx, self.args)])
        return [*npm, work.localized(main)]


def _check_main(files: object, name: str) -> None:
    if not isinstance(files, str) and name not in (files if isinstance(files, dict) else {}):
        raise TaskFailed(
            "Invalid input files structure, expecting inputFiles property to contain at least a "
            f"{name} key"
        )


def _temporary(work: Workplace, name: str) -> Path:
    """A path in the working directory for a name of the flow. Raises TaskFailed."""
    try:
        parts = parts_of(name, "write")
    except RenderError as error:
        raise TaskFailed(str(error)) from None
    return work.folder / f"{'-'.join(parts)}_{os.urandom(6).hex()}"


def _collected(
    work: Workplace, single: dict[str, Path], folders: dict[str, Path]
) -> dict[str, str]:
    """Files by the names of the flow, those of folders as `folder/name`."""
    found: dict[str, str] = {}
    names: Sequence[str] = [place.name for place in single.values()]
    stored = collect_folder(work.ctx, work.folder, names)
    for name, place in single.items():
        if place.name in stored:
            found[name] = stored[place.name]
            place.unlink()
    for name, place in folders.items():
        below = collect_folder(work.ctx, place, ["**"])
        found |= {f"{name}/{path}": uri for path, uri in below.items()}
        shutil.rmtree(place, ignore_errors=True)
    return found
