"""How a command ends when something goes wrong: expected errors, a closed pipe, bugs (spec/cli.md
5a).
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import typer

from kestrel_cli.errors import FlowFileError, InputError, KestrelError, Unsupported

_BUG: Final = 70
_PIPE: Final = 141


@contextmanager
def exit_codes(*, debug: bool = False) -> Iterator[None]:
    """Turn exceptions into a message on stderr and an exit code. A bug leaves a report and no
    traceback.
    """
    try:
        yield
        sys.stdout.flush()
    except KestrelError as error:
        say(error)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except BrokenPipeError:
        # Nobody reads any more. What is left in the buffer must not fail again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(_PIPE) from None
    except (typer.Exit, typer.Abort):
        raise
    except OSError as error:
        say(
            KestrelError(
                f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
            )
        )
        raise typer.Exit(74) from None
    except Exception as error:
        if debug:
            raise
        _report_bug(error)
        raise typer.Exit(_BUG) from None


def say(error: KestrelError) -> None:
    """Write an expected error to stderr."""
    match error:
        case FlowFileError():
            from kestrel_cli.flowfile.diagnostics import render_all

            text = render_all(error.diagnostics)
        case InputError():
            lines = []
            for problem in error.problems:
                lines.append(f"error: {problem}")
                if hint := getattr(problem, "hint", None):
                    lines.append(f"hint: {hint}")
            text = "\n".join(lines)
        case Unsupported():
            text = "\n".join(
                [f"error: {error}", *(f"  {where}: {what}" for what, where in error.needs)]
            )
        case _:
            text = f"error: {error}"
            if hint := getattr(error, "hint", None):
                text += f"\nhint: {hint}"
    _tell(text.rstrip("\n"))


def warn(text: str) -> None:
    """Write a warning to stderr."""
    _tell(f"warning: {text}")


def _tell(text: str) -> None:
    """Write to stderr; when that can't be written to, the exit code still tells."""
    with suppress(OSError):
        sys.stderr.write(f"{text}\n")


def _report_bug(error: Exception) -> None:
    import tempfile
    import traceback

    report = "".join(traceback.format_exception(error))
    try:
        handle, path = tempfile.mkstemp(prefix="kestrel-crash-", suffix=".txt")
        with os.fdopen(handle, "w", errors="backslashreplace") as file:
            file.write(f"arguments: {sys.argv[1:]}\npython: {sys.version}\n\n{report}")
        where = f"a report is in {Path(path)}; "
    except OSError:
        where = ""
    _tell(
        f"error: this is a bug in kestrel: {type(error).__name__}: {error}\n"
        f"hint: {where}`--debug` shows the traceback"
    )
