"""The tokens of a jq program. A string is one token whose parts may hold tokens of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from kestrel_cli.jq.errors import ProgramError

KEYWORDS: Final = frozenset(
    {
        "and", "as", "catch", "def", "elif", "else", "end", "foreach", "if", "import", "include",
        "label", "module", "or", "reduce", "then", "try", "__loc__",
    }
)  # fmt: skip
_MAX_PROGRAM: Final = 100_000
_MAX_NESTING: Final = 50

_TOKEN: Final = re.compile(
    r"""(?P<blank>(?:\s|\#[^\n]*)+)
      | (?P<field>\.[a-zA-Z_][a-zA-Z0-9_]*)
      | (?P<var>\$(?:[a-zA-Z_][a-zA-Z0-9_]*::)*[a-zA-Z_][a-zA-Z0-9_]*)
      | (?P<name>(?:[a-zA-Z_][a-zA-Z0-9_]*::)*[a-zA-Z_][a-zA-Z0-9_]*)
      | (?P<format>@[a-zA-Z0-9_]+)
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<string>")
      | (?P<sign>\?//=?|//=|\|=|\+=|-=|\*=|/=|%=|==|!=|<=|>=|//|\.\.|[.\[\]{}()|,:;=<>+\-*/%?$])
    """,
    re.VERBOSE | re.ASCII,
)
_ESCAPES: Final = {
    '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is field, var, name, keyword, format, number, string, sign or end.

    A string has its text pieces and interpolated programs in `parts`.
    """

    kind: str
    text: str
    at: int
    parts: tuple[str | tuple[Token, ...], ...] = ()


def tokens(program: str) -> tuple[Token, ...]:
    """The tokens of a whole program, with an `end` token."""
    if len(program) > _MAX_PROGRAM:
        raise ProgramError(f"a jq program is longer than {_MAX_PROGRAM} characters")
    found, at = _tokens(program, 0, 0)
    if at < len(program):
        raise syntax_error("unexpected )", program, at)
    return found


def syntax_error(what: str, program: str, at: int) -> ProgramError:
    """The error for a program that cannot be read."""
    near = program[at : at + 20]
    return ProgramError(
        f"jq: syntax error, {what} at character {at + 1}" + (f", near `{near}`" if near else "")
    )


def _tokens(program: str, at: int, nesting: int) -> tuple[tuple[Token, ...], int]:
    """Tokens up to the end, or up to the parenthesis that closes an interpolation."""
    if nesting > _MAX_NESTING:
        raise syntax_error("too many nested strings", program, at)
    out: list[Token] = []
    depth = 0
    while at < len(program):
        found = _TOKEN.match(program, at)
        if found is None:
            raise syntax_error("unexpected character", program, at)
        kind, text = str(found.lastgroup), found[0]
        if kind == "string":
            token, at = _string(program, at, nesting)
            out.append(token)
            continue
        if text == "(":
            depth += 1
        elif text == ")":
            if depth == 0:
                break
            depth -= 1
        if kind == "name" and text in KEYWORDS:
            kind = "keyword"
        if kind != "blank":
            out.append(Token(kind, text, at))
        at = found.end()
    out.append(Token("end", "", at))
    return tuple(out), at


def _string(program: str, start: int, nesting: int) -> tuple[Token, int]:
    parts: list[str | tuple[Token, ...]] = []
    piece: list[str] = []
    at = start + 1
    while True:
        if at >= len(program):
            raise syntax_error("unterminated string", program, start)
        char = program[at]
        if char == '"':
            break
        if char != "\\":
            piece.append(char)
            at += 1
        elif program.startswith("(", at + 1):
            parts.append("".join(piece))
            piece = []
            inner, at = _tokens(program, at + 2, nesting + 1)
            if at >= len(program):
                raise syntax_error("unterminated interpolation", program, start)
            parts.append(inner)
            at += 1
        else:
            text, at = _escape(program, at)
            piece.append(text)
    parts.append("".join(piece))
    return Token("string", program[start : at + 1], start, tuple(parts)), at + 1


def _escape(program: str, at: int) -> tuple[str, int]:
    name = program[at + 1 : at + 2]
    if name in _ESCAPES and name:
        return _ESCAPES[name], at + 2
    found = re.compile(r"\\u([0-9a-fA-F]{4})(?:\\u([dD][c-fC-F][0-9a-fA-F]{2}))?").match(
        program, at
    )
    if found is None:
        raise syntax_error("invalid escape", program, at)
    code = int(found[1], 16)
    if 0xD800 <= code < 0xDC00 and found[2]:
        return chr(0x10000 + (code - 0xD800 << 10) + int(found[2], 16) - 0xDC00), found.end()
    return ("\ufffd" if 0xD800 <= code < 0xE000 else chr(code)), at + 6
