"""The command line: how the program begins and ends."""

import os
import sys

import typer

from kestrel_cli.cli.commands import app_for, with_command
from kestrel_cli.cli.guard import exit_codes, plugin_warnings


def run_command_line(arguments: list[str]) -> int:
    """Run one command; returns the exit code."""
    open_missing_streams()
    arguments = with_command(arguments)
    try:
        with plugin_warnings(), exit_codes(debug="--debug" in arguments):
            app = app_for(_named(arguments))
            app(arguments or ["--help"], prog_name="kestrel")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except typer.Exit as end:
        return end.exit_code
    return 0


def open_missing_streams() -> None:
    """Give the process the streams it was started without: Python has None for them (`>&-`)."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def _named(arguments: list[str]) -> str:
    """The command whose module is needed."""
    if "_KESTREL_COMPLETE" in os.environ:  # a shell asks for completions; nothing is run
        from kestrel_cli.cli.completion import command_named

        return command_named()
    return arguments[0] if arguments else ""
