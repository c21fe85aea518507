"""Java's regular expressions for templates and tasks: a pattern that is none is a RenderError, and
so is a match that takes too long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.java_errors import rendering
from kestrel_cli.java import regex

if TYPE_CHECKING:
    from kestrel_cli.matching import Bounded

_compiled: Final = rendering(regex.compiled)
search: Final = rendering(regex.search)
replace_all: Final = rendering(regex.replace_all)
split: Final = rendering(regex.split)


def compiled(pattern: str) -> Bounded:
    """The pattern, its methods raising RenderError. Raises RenderError itself for none."""
    return _compiled(pattern).refusing(_refusal)


def python_pattern(pattern: str, written: str, flags: int) -> Bounded:
    """A pattern in Python's language, its methods raising RenderError. Raises re.error for none.

    `written` is what the user wrote.
    """
    from kestrel_cli.matching import bounded

    return bounded(pattern, _refusal, written=written, flags=flags)


def _refusal(message: str, hint: str) -> RenderError:
    return RenderError(message, hint=hint)
