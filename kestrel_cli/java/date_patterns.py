"""Java's DateTimeFormatter patterns, taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from kestrel_cli.java.errors import JavaError

# How many of a letter make sense; more is an error in Java too.
_MOST: Final = {
    **dict.fromkeys("dhHkKms", 2), **dict.fromkeys("MLQqEec", 5), **dict.fromkeys("yuYnNA", 19),
    **dict.fromkeys("XxZ", 5), "D": 3, "S": 9, "w": 2, "W": 1, "F": 1, "a": 1, "G": 5, "z": 4,
    "O": 4, "V": 2, "v": 4, "g": 19,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A literal (`letter` is empty), a run of a letter, or an optional section with its parts."""

    letter: str = ""
    count: int = 0
    literal: str = ""
    pad: int = 0
    optional: tuple[Part, ...] | None = None


@lru_cache(maxsize=256)
def parts_of(pattern: str) -> tuple[Part, ...]:
    """The parts of a pattern; JavaError names what is wrong with it."""
    if len(pattern) > 1000:
        raise JavaError("a date pattern is longer than 1000 characters")
    stack: list[list[Part]] = [[]]
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "[":
            stack.append([])
            at += 1
        elif char == "]":
            if len(stack) == 1:
                raise JavaError("Pattern invalid as it contains ] without previous [")
            section = stack.pop()
            stack[-1].append(Part(optional=tuple(section)))
            at += 1
        else:
            part, at = _next_part(pattern, at)
            stack[-1].append(part)
    # An unclosed optional section ends with the pattern.
    while len(stack) > 1:
        section = stack.pop()
        stack[-1].append(Part(optional=tuple(section)))
    return tuple(stack[0])


def _next_part(pattern: str, at: int) -> tuple[Part, int]:
    char = pattern[at]
    if char == "'":
        return _literal(pattern, at)
    if char in "{}#":
        raise JavaError(f"Pattern includes reserved character: '{char}'")
    if not (char.isascii() and char.isalpha()):
        return Part(literal=char), at + 1
    count = _run(pattern, at)
    if char == "p":
        after = at + count
        if after >= len(pattern) or not pattern[after].isalpha():
            raise JavaError("Pad letter 'p' must be followed by valid pad pattern: " + pattern)
        padded, end = _next_part(pattern, after)
        return Part(padded.letter, padded.count, padded.literal, count, padded.optional), end
    most = _MOST.get(char)
    if most is None:
        raise JavaError(f"Unknown pattern letter: {char}")
    if count > most:
        raise JavaError(f"Too many pattern letters: {char}")
    if char == "V" and count != 2:
        raise JavaError("Pattern letter count must be 2: V")
    return Part(char, count), at + count


def _run(pattern: str, at: int) -> int:
    end = at
    while end < len(pattern) and pattern[end] == pattern[at]:
        end += 1
    return end - at


def _literal(pattern: str, at: int) -> tuple[Part, int]:
    text: list[str] = []
    end = at + 1
    while True:
        close = pattern.find("'", end)
        if close < 0:
            raise JavaError(f"Pattern ends with an incomplete string literal: {pattern}")
        text.append(pattern[end:close])
        if not pattern.startswith("''", close):
            break
        text.append("'")
        end = close + 2
    return Part(literal="".join(text) or "'"), close + 1
