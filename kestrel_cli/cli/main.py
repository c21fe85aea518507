"""The command line: how the program begins and ends."""

import os
import sys
from typing import Final

import typer

from kestrel_cli.cli.commands import COMMANDS, app_for, with_command
from kestrel_cli.cli.guard import MISUSE, exit_codes, plugin_warnings, say

_USAGE: Final = 2


def run_command_line(arguments: list[str]) -> int:
    """Run one command; returns the exit code."""
    open_missing_streams()
    if "_KESTREL_COMPLETE" in os.environ:  # a shell asks for completions; nothing is run
        from kestrel_cli.cli.completion import answer_shell

        return answer_shell(arguments, os.environ)
    arguments = with_command(arguments)
    try:
        with plugin_warnings(), exit_codes(debug="--debug" in arguments):
            named = arguments[0] if arguments else ""
            _refuse_unknown(named)
            app = app_for(named)
            # Not alone: what is wrong with a command line is raised, and told in our words.
            code = app(arguments or ["--help"], prog_name="kestrel", standalone_mode=False)
            return code if isinstance(code, int) else 0
    except MISUSE as error:
        from kestrel_cli.cli.misuse import told

        say(told(error, arguments[0] if arguments else ""))
        return _USAGE
    except typer.Abort:
        return 1
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except typer.Exit as end:
        return end.exit_code


def open_missing_streams() -> None:
    """Give the process the streams it was started without: Python has None for them (`>&-`)."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def _refuse_unknown(named: str) -> None:
    """Raise UsageError for a word that is no command."""
    if named and not named.startswith("-") and named not in COMMANDS:
        from kestrel_cli.cli.misuse import unknown_command

        raise unknown_command(named)
