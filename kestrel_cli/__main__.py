"""The program's entry.

`--version` is answered before anything is imported: it takes what Python itself takes.
"""

import sys


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
    try:
        from kestrel_cli.cli.main import run_command_line

        code = run_command_line(sys.argv[1:])
    except KeyboardInterrupt:  # before the command could take care of it
        code = 130
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said; Python's own end is left in peace
    sys.exit(code)


if __name__ == "__main__":
    main()
