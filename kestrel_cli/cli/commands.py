"""Which commands there are.

Only the module of the command that was named is imported; the others are known here by their name
and one line of help.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import PurePath
from typing import Annotated, Final

import typer

from kestrel_cli.version import __version__

# name -> (module below kestrel_cli.cli, one line of help)
COMMANDS: Final = {
    "run": ("run", "Run a flow file here and now."),
    "resume": ("resume", "Go on with an execution that is paused, or whose process died."),
    "restart": ("restart", "Run again what failed of an execution."),
    "replay": ("replay", "Repeat an execution as a new one."),
    "executions": ("executions", "List and show executions, and their logs."),
    "kv": ("kv", "Show and change the key-values of this machine."),
    "plan": ("plan", "Show what a run would do, and what stands in its way."),
    "validate": ("validate", "Check flow files; nothing is run."),
    "push": ("push", "Hand flows and namespace files to a Kestra server."),
    "diff": ("diff", "Compare two executions field by field."),
    "rehearse": ("rehearse", "Walk a flow in a world that is made up; nothing goes out."),
    "test": ("test", "Run unit tests of flows, in Kestra's own format."),
    "eval": ("eval", "Render an expression with the real engine."),
    "tasks": ("tasks", "List the task types, or describe one."),
    "schema": ("schema", "Print a JSON Schema for editors and programs."),
    "config": ("config", "Show the settings that hold here."),
    "trust": ("trust", "Accept that settings of a directory change what runs."),
    "init": ("init", "Write a flow, a test and a file for CI to begin with."),
    "doctor": ("doctor", "Look at this machine: programs, packages, state, settings."),
    "completion": ("completion", "Print a script that lets your shell complete."),
    "help": ("help", "Explain a topic, or list the topics."),
    "version": ("version", "Show the version, as text or JSON."),
}

# What is done with an execution, and may stand behind `executions` as well.
_OF_EXECUTIONS: Final = ("resume", "restart", "replay")

_OVERVIEW = """Run Kestra flows from your shell: no server, no JVM, no Docker.

\b
Examples:
  kestrel flow.yaml                     run a flow (short for `kestrel run flow.yaml`)
  kestrel run flow.yaml -i name=Ada     with an input
  kestrel run flow.yaml -o json         the execution with all task runs as one JSON document
  kestrel help                          what there is to know, topic by topic
"""


def with_command(arguments: list[str]) -> list[str]:
    """The arguments with `run` put in front when the first one is a flow file.

    `help COMMAND` is another way to say `COMMAND --help`; no topic has the name of a command.
    """
    if arguments[:1] == ["help"] and len(arguments) == 2 and arguments[1] in COMMANDS:
        return [arguments[1], "--help"]
    if arguments[:1] == ["executions"] and arguments[1:2] and arguments[1] in _OF_EXECUTIONS:
        return arguments[1:]
    if not arguments or arguments[0] in COMMANDS:
        return arguments
    first = arguments[0]
    if first == "-" or PurePath(first).suffix in (".yaml", ".yml"):
        return ["run", *arguments]
    return arguments


def app_for(named: str) -> typer.Typer:
    """The program as Typer sees it, with all of this command."""
    app = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # help is plain text: importing Rich would double its time
        help=_OVERVIEW,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name, (module, line) in COMMANDS.items():
        if name == named:
            found = import_module(f"kestrel_cli.cli.{module}")
            app.command(name, cls=getattr(found, "COMMAND", None))(getattr(found, name))
        else:
            app.command(name, help=line)(_stub(name))
    return app


def _stub(name: str) -> Callable[[], None]:
    def command() -> None:
        raise RuntimeError(f"the command {name} was not imported")

    return command


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"kestrel {__version__}\n")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            "-V",
            callback=_show_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    pass
