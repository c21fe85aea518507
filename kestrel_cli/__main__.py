"""The program's entry.

`--version` is answered before anything is imported: it takes what Python itself takes. Nothing else
is imported up here, so that Ctrl-C during an import is no traceback.
"""

import gc
import os
import sys


def forget_working_directory() -> None:
    """Take the working directory from the places of imports, where `python -m` has put it first.

    A `typer.py` that lies there, in somebody else's checkout, is not for us to run. Of this package
    nothing is looked up there again: it knows its own place.
    """
    if sys.flags.safe_path or not sys.path:  # `-P`: Python has not put it there
        return
    try:
        here = os.getcwd()  # noqa: PTH109  pathlib is not to be imported with it in the way
    except OSError:
        return
    if sys.path[0] in ("", here):
        del sys.path[0]


def main() -> None:
    """Run the command line and exit."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from kestrel_cli.version import __version__

        try:
            if sys.stdout is not None:
                sys.stdout.write(f"kestrel {__version__}\n")
                sys.stdout.flush()
        except OSError:
            sys.stdout = None  # Python's end would fail on it again
            sys.exit(74)
        return
    # What is imported is no garbage: looking for some fifty times takes a twentieth of a start.
    gc.set_threshold(100_000, 50, 1000)
    try:
        from kestrel_cli.cli.main import run_command_line

        code = run_command_line(sys.argv[1:])
    except KeyboardInterrupt:  # before the command could take care of it
        code = 130
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said; the end is left in peace
    _leave(code)


def _leave(code: int) -> None:
    """End the process. All that it made need not be taken apart one by one: for a run of 100,000
    task runs that took a third of the time. So what is written is flushed, what wants to hear of
    the end hears of it, and nothing else happens.
    """
    import atexit

    if sys.gettrace() is not None:  # who measures coverage writes it down at the very end
        sys.exit(code)
    atexit._run_exitfuncs()  # Python's own end would call them, too
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):  # the command has told already what can't be written
            code = code or 74
    os._exit(code)


if __name__ == "__main__":
    forget_working_directory()
    main()
