"""A place in the tokens of a jq program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kestrel_cli.jq.errors import ProgramError
from kestrel_cli.jq.lexer import syntax_error

if TYPE_CHECKING:
    from kestrel_cli.jq.lexer import Token

# One level takes some fifteen of Python's frames, of which there are a thousand.
MAX_NESTING: Final = 40


class Cursor:
    """Looks at tokens and steps over them."""

    def __init__(self, program: str, found: tuple[Token, ...], nesting: int = 0) -> None:
        self.program = program
        self.tokens = found
        self.at = 0
        self.nesting = nesting

    def enter(self) -> None:
        """Go one level deeper, up to the limit."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise ProgramError(f"a jq program is nested deeper than {MAX_NESTING} levels")

    def leave(self) -> None:
        """Come back from a level."""
        self.nesting -= 1

    def peek(self, ahead: int = 0) -> Token:
        """The token here, or further on."""
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def next(self) -> Token:
        """The token here, stepped over."""
        token = self.peek()
        self.at += 1
        return token

    def has(self, text: str) -> bool:
        """Whether this sign or keyword stands here."""
        token = self.peek()
        return token.text == text and token.kind in ("sign", "keyword")

    def take(self, text: str) -> bool:
        """Step over the sign or keyword if it stands here."""
        found = self.has(text)
        self.at += found
        return found

    def expect(self, text: str) -> None:
        """Step over the sign or keyword that has to stand here."""
        if not self.take(text):
            raise self.error(f"expected {text}")

    def error(self, what: str) -> ProgramError:
        """The syntax error for this place."""
        return syntax_error(what, self.program, self.peek().at)

    def variable(self) -> str:
        """Step over a variable and give its name, `$` included."""
        token = self.next()
        if token.kind != "var":
            self.at -= 1
            raise self.error("expected a variable")
        return token.text
