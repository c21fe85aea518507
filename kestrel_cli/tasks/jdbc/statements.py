"""SQL texts: cut into statements, and with `:name` where a driver wants something else.

Nothing is understood of SQL but what may hold a `;` or a `:` that means nothing: quotes, comments,
and the bodies of procedures, functions and triggers.
"""

import re
from collections.abc import Callable, Collection, Iterator
from functools import cached_property
from typing import Final


class Dialect:
    """How a database spells quotes and comments, as regular expressions."""

    def __init__(
        self,
        quotes: tuple[str, ...],
        *,
        line_comment: str = r"--[^\n]*",
        nested_comments: bool = False,
    ) -> None:
        self._quotes = quotes
        self._line_comment = line_comment
        self._nested_comments = nested_comments

    @cached_property
    def scanner(self) -> re.Pattern[str]:
        """Matches one piece of a text; its last group names the kind."""
        block = "" if self._nested_comments else r"|/\*.*?(?:\*/|\Z)"
        return re.compile(
            rf"(?P<comment>{self._line_comment}{block})"
            r"|(?P<nested>/\*)"
            rf"|(?P<quoted>{'|'.join(self._quotes)})"
            r"|(?P<cast>::)"
            r"|(?P<name>(?<![\w:]):[A-Za-z_]\w*)"
            r"|(?P<word>[^\W\d]\w*)"
            r"|(?P<end>;)"
            r"|(?P<blank>\s+)"
            r"|(?P<other>\d[\w.]*|.)",
            re.DOTALL,
        )


_DOUBLED: Final = (r"'(?:[^']|'')*'", r'"(?:[^"]|"")*"')
SQLITE: Final = Dialect((*_DOUBLED, r"`(?:[^`]|``)*`", r"\[[^\]]*\]"))
_DOLLARS: Final = (
    r"[eE]'(?:[^'\\]|\\.|'')*'",
    *_DOUBLED,
    r"(?<![\w$])\$(?P<tag>[A-Za-z_\u0080-\uffff][\w]*|)\$.*?\$(?P=tag)\$",
)
POSTGRES: Final = Dialect(_DOLLARS, nested_comments=True)
DUCKDB: Final = Dialect(_DOLLARS)
MYSQL: Final = Dialect(
    (r"'(?:[^'\\]|\\.|'')*'", r'"(?:[^"\\]|\\.|"")*"', r"`(?:[^`]|``)*`"),
    line_comment=r"--(?=\s|$)[^\n]*|\#[^\n]*",
)

Token = tuple[str, str]  # its kind and its text

_OPENS: Final = frozenset({"BEGIN", "CASE"})
_LOOPS: Final = frozenset({"IF", "LOOP", "WHILE", "REPEAT", "FOR"})
_BODIES: Final = frozenset({"FUNCTION", "PROCEDURE", "TRIGGER", "EVENT", "PACKAGE"})


def tokens(sql: str, dialect: Dialect) -> Iterator[Token]:
    """The whole text in pieces: comment, quoted, name (`:x`), word, end (`;`), blank, other."""
    scanner = dialect.scanner
    at = 0
    while found := scanner.match(sql, at):
        kind, at = str(found.lastgroup), found.end()
        if kind == "tag":
            kind = "quoted"
        if kind == "nested":
            kind, at = "comment", _comment_end(sql, at)
        yield kind, sql[found.start() : at]


def _comment_end(sql: str, at: int) -> int:
    depth = 1
    for sign in re.compile(r"/\*|\*/").finditer(sql, at):
        depth += 1 if sign[0] == "/*" else -1
        if not depth:
            return sign.end()
    return len(sql)


def split(sql: str, dialect: Dialect) -> list[str]:
    """The statements, without the `;` behind each. What holds nothing but comments is none."""
    statements: list[str] = []
    body = _Body()
    held: list[str] = []
    for kind, text in tokens(sql, dialect):
        if kind == "end" and not body.open:
            _add(statements, held, body)
            held, body = [], _Body()
            continue
        held.append(text)
        body.see(kind, text)
    _add(statements, held, body)
    return statements


def _add(statements: list[str], held: list[str], body: "_Body") -> None:
    if body.words or body.other:
        statements.append("".join(held).strip())


class _Body:
    """Knows whether a statement is inside of the body of something that it creates."""

    def __init__(self) -> None:
        self.words = 0
        self.other = False
        self._creates = self._has_body = False
        self._depth = 0
        self._after_end = False

    @property
    def open(self) -> bool:
        """Whether a `;` belongs to the body."""
        return self._depth > self._after_end

    def see(self, kind: str, text: str) -> None:
        """One piece more of the statement."""
        if kind in ("comment", "blank"):
            return
        if kind != "word":
            self.other = True
            self._close()
            return
        word = text.upper()
        if not self.words:
            self._creates = word == "CREATE"
        self.words += 1
        self._has_body = self._has_body or (self._creates and word in _BODIES)
        if not self._has_body:
            return
        if self._after_end and word in _LOOPS:
            self._after_end = False
            return
        ended_case = self._after_end and word == "CASE"
        self._close()
        if word == "END":
            self._after_end = True
        elif word in _OPENS and not ended_case:
            self._depth += 1

    def _close(self) -> None:
        if self._after_end:
            self._depth -= 1
            self._after_end = False


def named(
    sql: str, dialect: Dialect, names: Collection[str], placeholder: Callable[[str], str]
) -> str:
    """The text with a placeholder for each `:name` of these names; others stay as they are."""
    return "".join(
        placeholder(text[1:]) if kind == "name" and text[1:] in names else text
        for kind, text in tokens(sql, dialect)
    )


def marks(sql: str, dialect: Dialect, placeholder: Callable[[int], str]) -> tuple[str, int]:
    """The text with a placeholder for each `?`, counted from 1, and how many there are."""
    count = 0
    out = []
    for kind, text in tokens(sql, dialect):
        if kind == "other" and text == "?":
            count += 1
            text = placeholder(count)  # noqa: PLW2901
        out.append(text)
    return "".join(out), count


def first_word(sql: str, dialect: Dialect) -> str:
    """The word that says what a statement does, in capitals."""
    for kind, text in tokens(sql, dialect):
        if kind == "word":
            return text.upper()
    return ""


def has_word(sql: str, dialect: Dialect, word: str) -> bool:
    """Whether a word stands in a statement, outside of quotes and comments."""
    return any(kind == "word" and text.upper() == word for kind, text in tokens(sql, dialect))
