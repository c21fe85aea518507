"""Regular expressions that meet data: every match has a bound in time.

With `(a|aa)+$` every way to cut a text is tried before the answer is no; a hundred letters keep
that busy for years. So `re` reads a pattern, and says what is wrong with one, while the library
`regex` matches: it avoids most such searches, and ends the others after `SECONDS` of computing, on
any thread and on any system. A process that is suspended loses nothing. What `regex` would read
otherwise than `re` (`{e}`, `[[:alpha:]]`) is written so that it does not. A pattern that leaves no
choice, as `, ` or `[;,]`, needs none of this, and stays with `re`, which is quicker.

It imports nothing of Kestrel: whoever asks says what kind of error a match that takes too long is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SECONDS: Final = 1.0
SECONDS_FOR_ALL: Final = 2.0  # of the matches in a text, which may be many
HINT: Final = (
    "repeat nothing that itself repeats or overlaps: `a+` instead of `(a+)+`, `[^,]*` instead of "
    "`.*`; or match a shorter text"
)
_LONGEST_SHOWN: Final = 100
# What `re` takes as it stands and `regex` does not: `{` that begins no count, `[:` in a class.
_SPECIAL: Final = re.compile(
    r"(?P<kept>\\N\{[^}]*\}|\\.)|\{(?!\d+(?:,\d*)?\}|,\d*\})|(?<=\[):", re.DOTALL
)

_CHOICE: Final = re.compile(r"[*+?{|]")
_ESCAPED: Final = re.compile(r"\\.", re.DOTALL)
# Flags that have the same numbers in both.
_SHARED: Final = int(re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE)


class Refusal(Protocol):
    """Makes the error for a match that was given up."""

    def __call__(self, message: str, hint: str) -> Exception: ...


class Bounded:
    """A compiled pattern. Its methods are those of `re`, and raise the `refusal` when a match takes
    too long, or more memory than there is.
    """

    __slots__ = ("_limited", "_pattern", "_refusal", "groupindex", "groups", "written")

    def __init__(self, written: str, pattern: Any, refusal: Refusal) -> None:
        self.written = written
        self.groups: int = pattern.groups
        self.groupindex: Mapping[str, int] = pattern.groupindex
        self._pattern = pattern
        self._limited = not isinstance(pattern, re.Pattern)
        self._refusal = refusal

    def refusing(self, refusal: Refusal) -> Bounded:
        """The same pattern with another kind of error."""
        return Bounded(self.written, self._pattern, refusal)

    def search(self, text: str) -> re.Match[str] | None:
        """The first match anywhere in the text."""
        return self._found(self._pattern.search, text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """The match of the whole text."""
        return self._found(self._pattern.fullmatch, text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All matches; the bound is one for all of them."""
        try:
            yield from self._pattern.finditer(text, **self._within(SECONDS_FOR_ALL))
        except (TimeoutError, MemoryError):
            raise self._given_up(text, SECONDS_FOR_ALL) from None

    def sub(self, replacement: Callable[[re.Match[str]], str], text: str) -> str:
        """The text with every match replaced; the bound is one for all of them."""
        try:
            return cast(
                "str", self._pattern.sub(replacement, text, **self._within(SECONDS_FOR_ALL))
            )
        except (TimeoutError, MemoryError):
            raise self._given_up(text, SECONDS_FOR_ALL) from None

    def _within(self, seconds: float) -> dict[str, float]:
        return {"timeout": seconds} if self._limited else {}

    def _found(self, method: Callable[..., object], text: str) -> re.Match[str] | None:
        try:
            return cast("re.Match[str] | None", method(text, **self._within(SECONDS)))
        except (TimeoutError, MemoryError):
            raise self._given_up(text, SECONDS) from None

    def _given_up(self, text: str, seconds: float) -> Exception:
        shown = self.written
        if len(shown) > _LONGEST_SHOWN:
            shown = f"{shown[:_LONGEST_SHOWN]}..."
        return self._refusal(
            f"the regular expression `{shown}` takes too long: more than {seconds:g} s for a "
            f"text of {len(text)} characters",
            HINT,
        )


def bounded(
    pattern: str, refusal: Refusal, *, written: str | None = None, flags: int = 0
) -> Bounded:
    """A pattern in Python's language, for `re`'s `flags`. Raises what `re.compile` raises:
    re.error, OverflowError, RecursionError.

    `written` is what the user wrote, where that is another text.
    """
    import warnings

    with warnings.catch_warnings():
        # `[[a]` and the like: a later Python may read them differently.
        warnings.simplefilter("ignore")
        read = re.compile(pattern, flags)
        if not _CHOICE.search(_ESCAPED.sub("", pattern)):
            return Bounded(pattern if written is None else written, read, refusal)
        import regex

        same = regex.VERSION0 | (read.flags & _SHARED)
        if read.flags & re.ASCII:
            same |= regex.ASCII
        try:
            made = regex.compile(_SPECIAL.sub(_as_it_stands, pattern), same)
        except regex.error as error:
            raise re.error(str(error)) from None
    return Bounded(pattern if written is None else written, made, refusal)


def _as_it_stands(found: re.Match[str]) -> str:
    return found[0] if found["kept"] else f"\\{found[0]}"
