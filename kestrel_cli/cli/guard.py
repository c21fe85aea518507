"""How a command ends when something goes wrong: expected errors, a closed pipe, bugs."""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TextIO

import typer

from kestrel_cli.cli.look import AS_EVER, Look
from kestrel_cli.errors import KestrelError, PluginWarning
from kestrel_cli.model.masker import hidden

# What Typer raises about a command line; that class has no public name.
MISUSE: Final[type[Exception]] = typer.BadParameter.__mro__[1]
_BUG: Final = 70
_CANNOT_WRITE: Final = 74
_PIPE: Final = 141


@contextmanager
def exit_codes(*, debug: bool = False, look: Look = AS_EVER) -> Iterator[None]:
    """Turn exceptions into a message on stderr and an exit code.

    A bug leaves a report and no traceback.
    """
    try:
        yield
        sys.stdout.flush()
    except KestrelError as error:
        say(error, look)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except BrokenPipeError:
        _abandon(sys.stdout)
        raise typer.Exit(_PIPE) from None
    except (typer.Exit, typer.Abort, MISUSE):
        raise
    except OSError as error:
        say(
            KestrelError(
                f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
            )
        )
        _abandon(sys.stdout)
        raise typer.Exit(_CANNOT_WRITE) from None
    except Exception as error:
        if debug and not _holds_secrets(error):
            raise
        report_bug(error, debug=debug)
        raise typer.Exit(_BUG) from None


def say(error: KestrelError, look: Look = AS_EVER) -> None:
    """Write an expected error to stderr; where that fails, the exit code still tells."""
    from kestrel_cli.cli.refusals import write_refusal

    try:
        write_refusal(error, look)
    except OSError:
        _abandon(sys.stderr)


def warn(text: str) -> None:
    """Write a warning to stderr."""
    _tell(f"warning: {text}")


def note(text: str) -> None:
    """Write a line to stderr that is no warning."""
    _tell(text)


@contextmanager
def plugin_warnings() -> Iterator[None]:
    """Show what is wrong with plugins as warnings of ours."""
    with warnings.catch_warnings():
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
            if issubclass(category, PluginWarning):
                warn(str(message))
            else:
                others(message, category, *rest, **more)

        warnings.simplefilter("always", PluginWarning)
        warnings.showwarning = show
        yield


def _tell(text: str) -> None:
    """Write to stderr, without secrets and nothing that acts on a terminal (names of files can hold
    anything); where that fails, the exit code still tells.
    """
    from kestrel_cli.reporters.clean import clean

    try:
        sys.stderr.write(f"{_narrowed(clean(hidden(text)))}\n")
        sys.stderr.flush()
    except OSError:
        _abandon(sys.stderr)


def _abandon(stream: TextIO) -> None:
    """Nobody takes what is written: what is left in the buffer must not fail again at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _trace(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error))


def _holds_secrets(error: Exception) -> bool:
    trace = _trace(error)
    return hidden(trace) != trace


def report_bug(error: BaseException, *, debug: bool) -> None:
    """Tell of a bug of ours: a report in a file, or with `debug` the traceback; without secrets."""
    import tempfile

    if debug:
        _tell(_trace(error))
        return
    from kestrel_cli.cli.arguments import without_values

    report = f"arguments: {without_values(sys.argv[1:])}\npython: {sys.version}\n\n{_trace(error)}"
    try:
        handle, path = tempfile.mkstemp(prefix="kestrel-crash-", suffix=".txt")
        with os.fdopen(handle, "w", errors="backslashreplace") as file:
            file.write(hidden(report))
        where = f"a report is in {Path(path)}; "
    except OSError:
        where = ""
    _tell(
        f"error: this is a bug in kestrel: {type(error).__name__}: {error}\n"
        f"hint: {where}`--debug` shows the traceback"
    )


def _narrowed(text: str) -> str:
    """The text with lines of files that fit the terminal, if it is one."""
    if not sys.stderr.isatty():
        return text
    from kestrel_cli.reporters.console import look_at, style_for
    from kestrel_cli.reporters.snippets import narrowed

    style = style_for(os.environ, look_at(sys.stderr))
    return narrowed(text, style.width) if style.wraps else text
