"""`--secret NAME`: a secret from the environment variable of that name, or from the terminal.

A value is never taken from the command line: all programs of the machine can read it there, and
the shell keeps it.
"""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from kestrel_cli.errors import CannotStart, UsageError
from kestrel_cli.store.secrets import PLAIN

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class _Refused(UsageError):
    """A value stands where only a name may; the message does not show it."""

    def __init__(self, message: str, hint: str) -> None:
        self.hint = hint
        super().__init__(message)


def with_named_secrets(
    names: Sequence[str], environ: Mapping[str, str], *, no_input: bool
) -> Mapping[str, str]:
    """The environment with these secrets as `KESTREL_SECRET_NAME`: hidden from the beginning, and
    found by `secret()`. Raises UsageError for a value, CannotStart for what nobody gives.
    """
    _refuse_values(names)
    found = {}
    missing = []
    for name in names:
        value = environ.get(name) or _asked(name, environ, no_input=no_input)
        if value:
            found[f"{PLAIN}{name.upper()}"] = value
        else:
            missing.append(name)
    if missing:
        options = ", ".join(f"`--secret {name}`" for name in missing)
        which = ", ".join(f"`{name}`" for name in missing)
        one = len(missing) == 1
        raise CannotStart(
            f"{options}: the environment variable{'' if one else 's'} {which} "
            f"{'is' if one else 'are'} not set, or empty"
        )
    return {**environ, **found}


def without_named(secrets: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The secrets of files without those that are named: what is said beats a file."""
    said = {name.upper() for name in names}
    return {name: value for name, value in secrets.items() if name.upper() not in said}


def _refuse_values(names: Sequence[str]) -> None:
    for said in names:
        name, equals, _ = said.partition("=")
        if not _NAME.fullmatch(name):
            raise UsageError("`--secret ...`: this is not the name of a variable")
        if equals:
            raise _Refused(
                f"`--secret {name}=...`: others can read a value on the command line",
                f"put it into the variable `{name}`, and write `--secret {name}`",
            )


def _asked(name: str, environ: Mapping[str, str], *, no_input: bool) -> str | None:
    """What somebody at the terminal types, unseen; None when nobody is there."""
    from kestrel_cli.cli.input_prompts import may_ask

    if not may_ask(sys.stdin, environ, no_input=no_input):
        return None
    from getpass import getpass

    try:
        return getpass(f"{name}: ", sys.stderr)
    except EOFError:
        sys.stderr.write(os.linesep)
        return None
