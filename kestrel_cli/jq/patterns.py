"""jq's regular expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from kestrel_cli.jq import limits
from kestrel_cli.jq.errors import JqError
from kestrel_cli.jq.values import described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kestrel_cli.jq.machine import Machine, Matcher


_FLAGS: Final = {"i": "i", "x": "x", "s": "", "n": "", "l": "", "p": "s", "g": ""}
_NAME: Final = re.compile(r"\(\?<(?![=!])")


def python_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern in Python's flavour, but for the names of groups. Raises ValueError."""
    try:
        return re.compile(_NAME.sub("(?P<", pattern))
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from None


def test(machine: Machine, value: object, pattern: object, flags: object) -> Iterator[object]:
    """Whether the pattern matches anywhere."""
    yield next(_found(machine, value, pattern, flags), None) is not None


def matches(machine: Machine, value: object, pattern: object, flags: object) -> Iterator[object]:
    """The match objects of the first match, or of all with the flag `g`."""
    for found in _found(machine, value, pattern, flags):
        machine.charge(1 + found.re.groups)
        yield _match_object(found)


def split(machine: Machine, value: object, pattern: object, flags: object) -> Iterator[object]:
    """The parts between the matches."""
    text = _text(value)
    parts: list[object] = []
    at = 0
    for found in _found(machine, value, pattern, f"g{flags or ''}"):
        parts.append(text[at : found.start()])
        at = found.end()
    yield machine.made([*parts, text[at:]])


def edits(machine: Machine, value: object, pattern: object, flags: object) -> Iterator[object]:
    """The text taken apart for `sub`: texts between matches, a map of named captures for each."""
    text = _text(value)
    parts: list[object] = []
    at = 0
    for found in _found(machine, value, pattern, flags):
        parts += [text[at : found.start()], found.groupdict()]
        at = found.end()
    yield machine.made([*parts, text[at:]])


def woven(value: object) -> Iterator[object]:
    """The texts that `sub` gives: one for each of the replacement's results, none without any."""
    assert isinstance(value, list)
    count = max(map(len, value), default=0)
    if any(not part for part in value):
        return
    for at in range(count):
        words = [part[min(at, len(part) - 1)] for part in value]
        for word in words:
            if not isinstance(word, str):
                raise JqError(f"{described(word)} cannot be added to a string")
        limits.check_length(sum(map(len, words)), "a text in the jq program")
        yield "".join(words)


def named(value: object) -> object:
    """The named captures of a match object as a map."""
    captures = value.get("captures") if isinstance(value, dict) else None
    if not isinstance(captures, list):
        raise JqError(f"{described(value)} is not a match")
    return {
        capture["name"]: capture.get("string")
        for capture in captures
        if isinstance(capture, dict) and isinstance(capture.get("name"), str)
    }


def _found(
    machine: Machine, value: object, pattern: object, flags: object
) -> Iterator[re.Match[str]]:
    text = _text(value)
    if isinstance(pattern, list):
        # The old way: `match(["pattern", "flags"])`.
        if len(pattern) > 1:
            flags = pattern[1]
        pattern = pattern[0] if pattern else None
    if not isinstance(pattern, str):
        raise JqError(f"{described(pattern)} cannot be matched, as it is not a string")
    names = "" if flags is None else flags
    if not isinstance(names, str) or any(flag not in _FLAGS for flag in names):
        raise JqError(f"{described(flags)} is not a valid modifier string")
    return _matches(machine.pattern, text, pattern, names)


def _matches(
    compile_: Callable[[str], Matcher], text: str, pattern: str, flags: str
) -> Iterator[re.Match[str]]:
    inline = "".join(sorted({_FLAGS[flag] for flag in flags}))
    try:
        compiled = compile_(f"(?{inline})" + pattern if inline else pattern)
    except ValueError as error:
        raise JqError(f"{pattern} (at offset 0) is not a valid regex: {error}") from None
    for found in compiled.finditer(text):
        if "n" in flags and not found[0]:
            continue
        yield found
        if "g" not in flags:
            return


def _match_object(found: re.Match[str]) -> dict[str, object]:
    names = {number: name for name, number in found.re.groupindex.items()}
    return {
        **_place(found, 0),
        "captures": [
            {**_place(found, number), "name": names.get(number)}
            for number in range(1, found.re.groups + 1)
        ],
    }


def _place(found: re.Match[str], group: int) -> dict[str, object]:
    text = found[group]
    return {
        "offset": found.start(group),
        "length": 0 if text is None else len(text),
        "string": text,
    }


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise JqError(f"{described(value)} cannot be matched, as it is not a string")
    return value
