"""Lines on their way to a stream: plain, or through Rich when colours are wanted."""

from collections.abc import Iterable
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, Final, TextIO

from kestrel_cli.reporters.style import ROLES

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from kestrel_cli.reporters.tree import Line

_AT_ONCE: Final = 500  # lines given to a stream in one write


def write_lines(lines: Iterable["Line"], stream: TextIO, colour: bool) -> None:
    """Write all lines as they come. Rich is imported only for colours: it costs 25 ms."""
    iterator = iter(lines)
    console = _console(stream) if colour else None
    while some := list(islice(iterator, _AT_ONCE)):
        if console is not None:
            console.print(_Lines(some), soft_wrap=True, end="")
        else:
            stream.write("".join(f"{_text(line)}\n" for line in some))
    stream.flush()


def rows_of(lines: list["Line"], colour: bool) -> list[str]:
    """The same lines as text for a terminal, one row each."""
    if not colour:
        return [_text(line) for line in lines]
    rows = StringIO()
    _console(rows).print(_Lines(lines), soft_wrap=True, end="")
    return rows.getvalue().split("\n")[: len(lines)]


def _text(line: "Line") -> str:
    return "".join([text for _, text in line]).rstrip()


class _Lines:
    """A Rich renderable of text in roles: no markup is looked for, nothing is wrapped."""

    def __init__(self, lines: list["Line"]) -> None:
        self._lines = lines

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        from rich.segment import Segment

        styles = {role: console.get_style(role) for role in ROLES}
        for line in self._lines:
            for role, text in line:
                style = styles.get(role)
                if style is None:  # a link, which no role has
                    style = styles["json"].update_link(role.partition(" ")[2])
                yield Segment(text, style)
            yield Segment.line()


def _console(stream: TextIO) -> "Console":
    from rich.console import Console
    from rich.theme import Theme

    return Console(
        file=stream,
        theme=Theme(ROLES, inherit=False),
        color_system="standard",  # the sixteen colours follow the user's own palette
        force_terminal=True,  # console.py has decided; the environment is not asked again
        no_color=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
