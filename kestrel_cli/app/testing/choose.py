"""Which cases are meant: `-k` expressions as pytest has them, names, what failed last."""

import re
from collections.abc import Callable
from typing import Final

from kestrel_cli.errors import UsageError

_WORD: Final = re.compile(r"\s*(\(|\)|[^\s()]+)")
_MOST: Final = 200  # words: parentheses are read by recursion
Matches = Callable[[str], bool]


def expression(text: str) -> Matches:
    """What `-k` says: parts of names joined by `and`, `or`, `not` and parentheses. Case does not
    count. Raises UsageError.
    """
    words = [found[1] for found in _WORD.finditer(text)]
    reader = _Reader(words, text)
    if len(words) > _MOST:
        raise reader.wrong()
    found = reader.either()
    if reader.at < len(words):
        raise reader.wrong()
    return found


class _Reader:
    """Reads the words of an expression; a level deeper for each kind of operator."""

    def __init__(self, words: list[str], text: str) -> None:
        self._words = words
        self._text = text
        self.at = 0

    def wrong(self) -> UsageError:
        """The whole can't be read."""
        hint = "write parts of names with `and`, `or`, `not` and parentheses"
        return UsageError(f"`-k {self._text}`: {hint}")

    def _next(self) -> str | None:
        return self._words[self.at] if self.at < len(self._words) else None

    def either(self) -> Matches:
        """a or b"""
        found = self.both()
        while self._next() == "or":
            self.at += 1
            found = _either(found, self.both())
        return found

    def both(self) -> Matches:
        """a and b"""
        found = self.one()
        while self._next() == "and":
            self.at += 1
            found = _both(found, self.one())
        return found

    def one(self) -> Matches:
        """not a, (a), a"""
        refused = 0
        while self._next() == "not":
            self.at += 1
            refused += 1
        word = self._next()
        if word is None or word in (")", "and", "or"):
            raise self.wrong()
        self.at += 1
        if word == "(":
            found = self.either()
            if self._next() != ")":
                raise self.wrong()
            self.at += 1
        else:
            found = _part(word.lower())
        return _not(found) if refused % 2 else found


def _part(word: str) -> Matches:
    return lambda name: word in name.lower()


def _either(first: Matches, second: Matches) -> Matches:
    return lambda name: first(name) or second(name)


def _both(first: Matches, second: Matches) -> Matches:
    return lambda name: first(name) and second(name)


def _not(found: Matches) -> Matches:
    return lambda name: not found(name)
