"""Pages of Markdown as text to read: drawn by Rich for people, as they are for everything else."""

import io
import re
from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from kestrel_cli.reporters.columns import paragraph, rows
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.style import painted

_WIDEST: Final = 100  # longer lines are hard to read
# A link to another page leads nowhere in a terminal; its text names the command that does.
_LOCAL_LINK: Final = re.compile(r"\[([^]]+)\]\((?!https?:)[^)]*\)")
_FENCED: Final = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"`[^`\n]+`")
_STYLES: Final = {
    "markdown.h1": "bold",
    "markdown.h2": "bold",
    "markdown.code": "cyan",
    "markdown.table.border": "dim",
    "markdown.table.header": "bold",
}
_EMPTY: Final = r"(?:\x1b\[[\d;]*m|[ \t])*\n"
_FAR_APART: Final = re.compile(rf"\n{_EMPTY}(?:{_EMPTY})+")


def list_lines(pages: Iterable[tuple[str, str]], style: Style) -> Iterator[str]:
    """The topics with a line each, and how to go on."""
    yield painted("name", "Topics", style.colour)
    yield from rows(list(pages), style)
    yield ""
    words = (
        "`kestrel help TOPIC` explains one, `kestrel help COMMAND` shows the options of a command."
    )
    yield from paragraph(words, "", "", style)


def drawn(markdown: str, style: Style) -> str:
    """A page as a person reads it; without colours and a width to keep, Markdown as it is."""
    if not style.unicode or not (style.wraps or style.colour):
        return markdown
    text = _LOCAL_LINK.sub(r"\1", markdown)
    return _as_drawn(text if style.colour else _with_quotes(text), style)


def _with_quotes(markdown: str) -> str:
    """The text with the quotes of code kept: without colours nothing else would tell it apart."""
    parts = _FENCED.split(markdown)
    parts[::2] = [_CODE.sub(r"`` \g<0> ``", part) for part in parts[::2]]
    return "".join(parts)


def _as_drawn(markdown: str, style: Style) -> str:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.markdown import Heading, Markdown
    from rich.theme import Theme

    class Left(Heading):
        """A heading where the text begins; Rich centres them."""

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            self.text.justify = "left"
            yield self.text

    class Page(Markdown):
        elements: ClassVar = {**Markdown.elements, "heading_open": Left}

    file = io.StringIO()
    console = Console(
        file=file,
        width=min(style.width, _WIDEST),
        theme=Theme(_STYLES),
        color_system="standard" if style.colour else None,
        force_terminal=style.colour,  # console.py has decided; the environment is not asked again
        no_color=not style.colour,
        legacy_windows=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    # The sixteen colours are the user's own, and so is the background.
    console.print(Page(markdown, code_theme="ansi_dark", hyperlinks=False))
    lines = "\n".join(line.rstrip() for line in file.getvalue().split("\n"))
    return _FAR_APART.sub("\n\n", lines).rstrip() + "\n"
