"""io.kestra.plugin.scripts.*.Commands and io.kestra.plugin.scripts.*.Script"""

import re
import shlex
from typing import Any, Final

from kestrel_cli.tasks.base import Dynamic
from kestrel_cli.tasks.properties.rendering import texts
from kestrel_cli.tasks.scripts.commands import Commands
from kestrel_cli.tasks.scripts.languages import LANGUAGES
from kestrel_cli.tasks.scripts.pythons import (
    installs_packages,
    python_command,
    python_of,
    with_environment_of_its_own,
)
from kestrel_cli.tasks.scripts.task import ScriptTask, Setting

_FUTURE: Final = re.compile(r"^from __future__ import (?:\([^)]*\).*|.*)\n", re.MULTILINE)


class Script(ScriptTask):
    """Run a script that stands in the flow."""

    script: Dynamic[str | list[str]]

    def raw_commands(self) -> list[str]:
        given: object = self.script
        return [*super().raw_commands(), *(given if isinstance(given, list) else [given])]

    def programs(self) -> list[str]:
        """The language's program too, unless something is done before that may install it."""
        needs = super().programs()
        if self.language.programs and not self.beforeCommands:
            needs.append("|".join(self.language.programs))
        return needs

    def commands_of(self, setting: Setting) -> list[str]:
        script = self.script
        work = setting.work
        text = "\n".join(map(work.text, script)) if isinstance(script, list) else work.text(script)
        if self.language.command is None:
            return [text]
        path = work.script(self.suffix(setting), _below(self.language.above, text))
        return [f"{self.command(setting)} {shlex.quote(path)}"]

    def suffix(self, setting: Setting) -> str:
        """The end of the script's file name."""
        return self.language.suffix

    def command(self, setting: Setting) -> str:
        """What runs the file."""
        return self.language.command or ""


def _below(above: str, text: str) -> str:
    """The script with our line above it; Python wants imports from `__future__` above all else."""
    futures = list(_FUTURE.finditer(text)) if above else []
    start = futures[-1].end() if futures else 0
    return text[:start] + above + text[start:]


class JBang(Script):
    """Run Java, Kotlin, Groovy or JShell that stands in the flow, by JBang."""

    extension: Dynamic[str] = ".java"
    quiet: Dynamic[bool] = True

    def suffix(self, setting: Setting) -> str:
        return setting.work.ctx.text(self.extension)

    def command(self, setting: Setting) -> str:
        return "jbang --quiet" if setting.work.ctx.boolean(self.quiet) else "jbang"


class Packaged(ScriptTask):
    """Python with packages: `dependencies`, or what the commands install by themselves."""

    dependencies: Dynamic[list[str]] | None = None
    pythonVersion: Dynamic[str] | None = None
    dependencyCacheEnabled: Dynamic[bool] = True
    packageManager: Dynamic[str] = "UV"

    def prepare(self, setting: Setting, commands: str) -> list[str]:
        first = super().prepare(setting, commands)
        ctx = setting.work.ctx
        requirements = texts(ctx, self.dependencies)
        if setting.container is not None:
            return [*first, *_within_container(setting, requirements)]
        version = ctx.text(self.pythonVersion) or None
        if version is not None:
            python = python_of(setting.around, version)
            setting.put_first("PATH", python_command(setting.work, python))
        if not self.asked.process and installs_packages(commands):
            setting.add(with_environment_of_its_own(setting.work, setting.around))
        if requirements:
            from kestrel_cli.tasks.scripts.packages import Wanted, installed

            wanted = Wanted(
                python_of(setting.around, None),
                requirements,
                ctx.boolean(self.dependencyCacheEnabled),
                ctx.text(self.packageManager).upper(),
            )
            folder = str(installed(setting.work, wanted, setting.around))
            setting.put_first("PYTHONPATH", folder)
        return first


class PackagedCommands(Packaged, Commands):
    """Run commands, such as `python main.py`, with Python packages."""


class PackagedScript(Packaged, Script):
    """Run a Python script that stands in the flow, with Python packages."""


def _within_container(setting: Setting, requirements: list[str]) -> list[str]:
    if not requirements:
        return []
    folder = str(setting.work.private / "packages")
    setting.put_first("PYTHONPATH", folder)
    return [shlex.join(["python", "-m", "pip", "install", "-q", "--target", folder, *requirements])]


def _types(
    name: str, commands: type[Commands] = Commands, script: type[Script] = Script
) -> tuple[Any, Any]:
    """The two task types of a language."""
    about = {"language": LANGUAGES[name], "__module__": __name__}
    made = []
    for kind, base in (("Commands", commands), ("Script", script)):
        made.append(type(kind, (base,), {**about, "__doc__": base.__doc__, "run": base.run}))
    return made[0], made[1]


BunCommands, BunScript = _types("bun")
CsharpCommands, CsharpScript = _types("csharp")
DenoCommands, DenoScript = _types("deno")
DotnetCommands, DotnetScript = _types("dotnet")
FsharpCommands, FsharpScript = _types("fsharp")
GoCommands, GoScript = _types("go")
GroovyCommands, GroovyScript = _types("groovy")
JbangCommands, JbangScript = _types("jbang", script=JBang)
JuliaCommands, JuliaScript = _types("julia")
LuaCommands, LuaScript = _types("lua")
NodeCommands, NodeScript = _types("node")
PerlCommands, PerlScript = _types("perl")
PhpCommands, PhpScript = _types("php")
PowershellCommands, PowershellScript = _types("powershell")
PythonCommands, PythonScript = _types("python", PackagedCommands, PackagedScript)
RCommands, RScript = _types("r")
RubyCommands, RubyScript = _types("ruby")
ShellCommands, ShellScript = _types("shell")
