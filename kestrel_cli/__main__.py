"""The program's entry. `--version` is answered before anything is imported: it takes what Python itself takes."""

import sys


def main() -> None:
    """Run the command line and exit."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from kestrel_cli.version import __version__

        if sys.stdout is not None:
            sys.stdout.write(f"kestrel {__version__}\n")
        return
    from kestrel_cli.cli.main import run_command_line

    sys.exit(run_command_line(sys.argv[1:]))


if __name__ == "__main__":
    main()
