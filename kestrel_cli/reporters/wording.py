"""Messages as people are to read them: links are what they lead to, long templates are left out."""

from typing import Final

from kestrel_cli.reporters.links import drawn

_QUOTES: Final = " used in the expression `"


def counted(number: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def worded(message: str) -> str:
    """The message; a template of several lines is not quoted whole: the place below says it."""
    message = drawn(message)
    if _QUOTES in message and "\n" in message:
        import re

        return re.sub(rf"{_QUOTES}[^`\n]*\n[^`]*`(?= at line \d)", "", message)
    return message
