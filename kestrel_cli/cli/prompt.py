"""An interactive prompt for expressions, with history, and completion of the names there are."""

import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

from kestrel_cli.cli.guard import say
from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.scope import MISSING, Scope

_PATH = re.compile(r"[A-Za-z_][\w.]*$")


def prompt(scope: Scope, shown: Callable[[str], str]) -> None:
    """Read expressions until the end of input; each is shown, or its error.

    Braces may be left out.
    """
    with_completion(scope)
    sys.stderr.write("Expressions are rendered as you type them; Tab completes, Ctrl-D ends.\n")
    while True:
        try:
            line = input("{{ ").strip()
        except EOFError:
            sys.stdout.write("\n")
            return
        except KeyboardInterrupt:
            sys.stdout.write("\n")
            continue
        if not line:
            continue
        try:
            sys.stdout.write(shown(templated(line)) + "\n")
        except RenderError as error:
            say(error)


def templated(line: str) -> str:
    """The template that a line stands for: a bare expression gets its braces."""
    return (
        line if "{{" in line or "{%" in line else "{{ " + line.removesuffix("}}").rstrip() + " }}"
    )


def with_completion(scope: Scope) -> None:
    """Let Tab complete names, where the system has readline."""
    try:
        import readline
    except ImportError:
        return

    def complete(_: str, state: int) -> str | None:
        before = readline.get_line_buffer()[: readline.get_endidx()]
        found = list(completions(before, scope))
        return found[state] if state < len(found) else None

    readline.set_completer(complete)
    readline.set_completer_delims(" \t\n|()[]{}~,")
    readline.parse_and_bind("tab: complete")


def completions(before: str, scope: Scope) -> Iterable[str]:
    """What may stand in place of the name `before` ends with: variables, keys, filters,
    functions.
    """
    from kestrel_cli.expressions.filters import FILTERS
    from kestrel_cli.expressions.functions import FUNCTIONS

    match = _PATH.search(before)
    typed = match.group() if match else ""
    *above, last = typed.split(".")
    if above:
        prefix = ".".join(above) + "."
        names = _keys(scope, above)
    elif re.search(r"\|\s*\w*$", before):
        prefix, names = "", [*FILTERS, "default"]
    else:
        prefix = ""
        names = [*scope.variables(), *(f"{name}(" for name in FUNCTIONS)]
    return sorted(prefix + name for name in names if name.startswith(last))


def _keys(scope: Scope, path: list[str]) -> list[str]:
    value: Any = scope.lookup(path[0])
    for part in path[1:]:
        value = value.get(part) if isinstance(value, dict) else None
    if value is MISSING or not isinstance(value, dict):
        return []
    return [key for key in value if re.fullmatch(r"[A-Za-z_]\w*", key)]
