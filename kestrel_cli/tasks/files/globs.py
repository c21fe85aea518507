"""Patterns of file names as Kestra reads them: Java's globs, or regular expressions.

`*` and `?` stay within one folder, `**` goes through folders, `[a-z]`, `[!x]` and `{a,b}` choose,
`\\` takes the next sign as it is. `glob:` and `regex:` before a pattern say which kind it is.
"""

import re
from typing import Final, Protocol

from kestrel_cli.tasks.base import TaskFailed

_WORD: Final = re.compile(r"\w")
_FEW_STARS: Final = 3  # with more, a long name that almost matches takes a while


class Matcher(Protocol):
    """A pattern that was read. Raises RenderError when a match takes too long."""

    def fullmatch(self, name: str, /) -> re.Match[str] | None:
        """The match of the whole name."""
        ...


def is_glob(pattern: str) -> bool:
    """Whether the pattern can match more than the one name that it is."""
    return pattern.startswith(("glob:", "regex:")) or any(sign in pattern for sign in "*?[{\\")


def name_matcher(pattern: str) -> Matcher:
    """For `fullmatch` on relative names with `/`. Raises TaskFailed for a broken pattern."""
    kind, _, text = pattern.partition(":")
    if kind == "regex":
        return _compiled(text, pattern)
    text = text if kind == "glob" else pattern
    return _compiled(_translated(text.removeprefix("./").lstrip("/"), pattern), pattern)


def anywhere_matcher(pattern: str) -> Matcher:
    """As `name_matcher`, but a pattern that begins with a letter, digit or `_` matches at any
    depth, and a leading `/` in a name may be there or not.
    """
    kind, _, text = pattern.partition(":")
    if kind == "regex":
        return _compiled(f"/?(?:{text})", pattern)
    if kind != "glob":
        text = f"**/{pattern}" if _WORD.match(pattern) else pattern
    if text.startswith("**/"):
        return _compiled(f"(?:.*/)?{_translated(text[3:], pattern)}", pattern)
    return _compiled(f"/?{_translated(text.lstrip('/'), pattern)}", pattern)


def _compiled(expression: str, pattern: str) -> Matcher:
    try:
        if expression.count("*") <= _FEW_STARS and not pattern.startswith("regex:"):
            return re.compile(expression, re.DOTALL)
        from kestrel_cli.tasks.base import java_regex

        return java_regex.python_pattern(expression, pattern, re.DOTALL)
    except re.error as error:
        raise TaskFailed(f"`{pattern}` is no pattern of file names: {error}") from None


def _translated(glob: str, pattern: str) -> str:
    made: list[str] = []
    at, grouped = 0, False
    while at < len(glob):
        sign = glob[at]
        at += 1
        match sign:
            case "*" if glob.startswith("*", at):
                at += 1
                made.append(".*")
            case "*":
                made.append("[^/]*")
            case "?":
                made.append("[^/]")
            case "[":
                one, at = _choice(glob, at, pattern)
                made.append(one)
            case "{" if grouped:
                raise TaskFailed(f"`{pattern}` is no pattern of file names: groups can't be nested")
            case "{" | "}":
                made.append("(?:" if sign == "{" else ")")
                grouped = sign == "{"
            case "," if grouped:
                made.append("|")
            case "\\" if at < len(glob):
                made.append(re.escape(glob[at]))
                at += 1
            case _:
                made.append(re.escape(sign))
    return "".join(made)


def _choice(glob: str, at: int, pattern: str) -> tuple[str, int]:
    """`[...]` from behind its bracket, and where it ends."""
    end = glob.find("]", at + 1)
    if end < 0:
        raise TaskFailed(f"`{pattern}` is no pattern of file names: `[` without `]`")
    inner = glob[at:end]
    negated = inner.startswith(("!", "^"))
    signs = re.sub(r"([\\\[\]^&~|])", r"\\\1", inner[1:] if negated else inner)
    return f"(?!/)[{'^' if negated else ''}{signs}]", end + 1
