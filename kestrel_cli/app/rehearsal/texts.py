"""Texts that a regular expression takes: some that often do, or one made of its own letters."""

from collections.abc import Iterator
from typing import Any, Final

from kestrel_cli.app.rehearsal.values import TEXT

_TEXTS: Final = (TEXT, "1", "a", "A1", "abc", "ABC", "Made-up-1", "2024-01-01", "10:00", "made_up")


def text_for(validator: str, examples: list[Any]) -> str:
    """A text that a pattern takes, one of the examples first; any text when none is found."""
    from kestrel_cli.java.regex import compiled

    try:
        pattern = compiled(validator)
    except Exception:  # noqa: BLE001  the run says what is wrong with it
        return TEXT
    candidates = [*(str(one) for one in examples), *_TEXTS, *_spelled(validator)]
    return next((one for one in candidates if pattern.fullmatch(one)), TEXT)


def _spelled(validator: str) -> Iterator[str]:
    """Texts that a simple pattern may take, made of its own letters."""
    import random

    luck = random.Random(0)
    for _ in range(20):
        text = _one(validator.strip("^$"), luck)
        if text is None:
            return
        yield text


def _one(pattern: str, luck: Any) -> str | None:
    import re
    from re import _constants as c  # type: ignore[attr-defined]
    from re import _parser as p  # type: ignore[attr-defined]

    try:
        tree = p.parse(pattern)
    except re.error:
        return None

    def made(items: Any) -> str:
        found = ""
        for op, argument in items:
            if op is c.LITERAL:
                found += chr(argument)
            elif op is c.IN:
                found += _of_class(argument, c, luck)
            elif op is c.ANY:
                found += "a"
            elif op in (c.MAX_REPEAT, c.MIN_REPEAT, getattr(c, "POSSESSIVE_REPEAT", None)):
                least, most, inner = argument
                times = least or min(1, most)
                found += "".join(made(inner) for _ in range(times))
            elif op is c.SUBPATTERN:
                found += made(argument[-1])
            elif op is c.BRANCH:
                found += made(luck.choice(argument[1]))
        return found

    return made(tree)


def _of_class(items: Any, c: Any, luck: Any) -> str:
    choices_: list[str] = []
    for op, argument in items:
        if op is c.LITERAL:
            choices_.append(chr(argument))
        elif op is c.RANGE:
            choices_.append(chr(luck.randint(*argument)))
        elif op is c.CATEGORY:
            name = str(argument)
            choices_.append("1" if "DIGIT" in name else " " if "SPACE" in name else "a")
        elif op is c.NEGATE:
            return "x"
    return luck.choice(choices_) if choices_ else "a"
