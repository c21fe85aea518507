"""Commands for a shell: those of the languages, and those of programs that plugins run."""

from typing import Annotated, ClassVar, Final

from kestrel_cli.tasks.base import Dynamic, Filled, RunContext
from kestrel_cli.tasks.properties.rendering import texts
from kestrel_cli.tasks.scripts.languages import Language
from kestrel_cli.tasks.scripts.needs import first_words
from kestrel_cli.tasks.scripts.task import ScriptTask, Setting


class Commands(ScriptTask):
    """Run commands in one shell, such as those that run files of `inputFiles`."""

    commands: Annotated[Dynamic[list[str]], Filled]

    def raw_commands(self) -> list[str]:
        given: object = self.commands
        return [*super().raw_commands(), *(given if isinstance(given, list) else [given])]

    def programs(self) -> list[str]:
        """The language's own program too when a command begins with it and nothing installs it."""
        needs = super().programs()
        if not self.beforeCommands:
            said = first_words(self.raw_commands())
            needs += [_alternatives(name) for name in self.language.programs if name in said]
        return needs

    def commands_of(self, setting: Setting) -> list[str]:
        work = setting.work
        return [work.localized(text) for text in texts(work.ctx, self.commands)]


def _alternatives(name: str) -> str:
    return "python|python3" if name == "python" else name


def tool(image: str, program: str) -> Language:
    """A program that commands run, and the image in which Kestra has it."""
    return Language(image, None, "", (program,))


# What files can't say of a task that runs the commands of one program.
_NOT_SAID: Final = frozenset(
    {"failFast", "interpreter", "outputDirectory", "runner", "targetOS", "warningOnStdErr"}
)


class ToolCommands(Commands):
    """Run commands of one program in a shell. As in Kestra, one that fails stops those after it
    only if it is the last: write `set -e` before them where that matters.
    """

    without: ClassVar[frozenset[str]] = _NOT_SAID

    def stops_at_failures(self, ctx: RunContext) -> bool:
        return False
