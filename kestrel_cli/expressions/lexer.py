"""Template text to parts: plain text, prints and tags, the latter two as tokens.

Nothing of Jinja2's lexer is used: the dialect's delimiters, trimming, strings and numbers are its
own.
"""

import re
from bisect import bisect_left
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from kestrel_cli.errors import RenderError

Kind = Literal["name", "string", "integer", "float", "operator", "interpolation", "end"]


class Token(NamedTuple):
    """`value`: name, operator, unescaped text, number as text; the pieces of an interpolation."""

    kind: Kind
    value: str
    at: int
    pieces: tuple["str | tuple[Token, ...]", ...] = ()


class Part(NamedTuple):
    """`text` for plain text; `tokens` for what stands between delimiters, without its end."""

    kind: Literal["text", "print", "tag"]
    at: int
    text: str = ""
    tokens: tuple[Token, ...] = ()


_BREAK: Final = re.compile(r"\n")
_OPEN: Final = re.compile(r"\{\{|\{%|\{#")
# What Java takes for white space: no-break spaces are none.
_SPACE: Final = re.compile(r"[^\S\x85\xa0\u2007\u202f]*")
_NAME: Final = re.compile(r"[^\W\d]\w*")
_NUMBER: Final = re.compile(r"(\d+)(\.\d+)?(L)?", re.ASCII)
_SINGLE: Final = re.compile(r"'((?:[^'\\]++|\\.)*+)'", re.DOTALL)
_DOUBLE: Final = re.compile(r"(?:[^\"\\#]++|\\.|#(?!\{))*+", re.DOTALL)
_OPERATOR: Final = re.compile(r"\?\?\?|\?\?|\.\.|==|!=|<=|>=|is not(?!\w)|[-+*/%~|<>?:.,=()\[\]{}]")
_WORDS: Final = frozenset({"equals", "isIn", "is", "contains", "and", "or", "not"})
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_VERBATIM: Final = re.compile(
    r"\{%(-?)\s*verbatim\s*(-?)%\}(.*?)\{%(-?)\s*endverbatim\s*(-?)%\}", re.DOTALL
)
_RAW: Final = re.compile(r"\{%-*\s*raw\s*-*%\}(.*?)\{%-*\s*endraw\s*-*%\}")
_KEPT: Final = re.compile("\ue000(\\d+)\ue001")


def without_raw_tags(text: str) -> str:
    """The text without the tags of `raw` blocks; a block counts only when it is on one line."""
    return _RAW.sub(r"\1", text) if "raw" in text else text


def parts(source: str) -> list[Part]:
    """Cut a template. Raises RenderError for what cannot be a template."""
    kept: list[str] = []
    found = _Scanner(raw_cut(source, kept)).run()
    return [_restored(part, kept) for part in found] if kept else found


def raw_cut(text: str, kept: list[str]) -> str:
    """The text with a mark for each `raw` block; what stood in them is added to `kept`."""
    if "raw" not in text:
        return text
    return _RAW.sub(lambda match: _keep(kept, match.group(1)), text)


def raw_restored(text: str, kept: list[str]) -> str:
    """The text with its `raw` blocks back in place, without their tags."""
    return _KEPT.sub(lambda match: _kept(match, kept), text) if kept else text


def _keep(kept: list[str], text: str) -> str:
    kept.append(text)
    return f"\ue000{len(kept) - 1}\ue001"


def _kept(match: re.Match[str], kept: list[str]) -> str:
    number = int(match.group(1)[:9])
    return kept[number] if number < len(kept) else match.group()


def _restored(part: Part, kept: list[str]) -> Part:
    tokens = tuple(
        token._replace(value=raw_restored(token.value, kept)) if token.kind == "string" else token
        for token in part.tokens
    )
    return part._replace(text=raw_restored(part.text, kept), tokens=tokens)


class _Scanner:
    """One pass over the source; `trim` says that the next text loses its leading whitespace."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.trim = False
        self.found: list[Part] = []

    def run(self) -> list[Part]:
        while self.at < len(self.source):
            opening = _OPEN.search(self.source, self.at)
            self._text(opening.start() if opening else len(self.source))
            if opening is None:
                break
            self._delimited(opening.group())
        return self.found

    def _text(self, stop: int) -> None:
        text = self.source[self.at : stop]
        if self.trim:
            text = text.lstrip()
        if text:
            self.found.append(Part("text", self.at, text))
        self.at = stop
        self.trim = False

    def _trim_before(self) -> None:
        if self.found and self.found[-1].kind == "text":
            text = self.found.pop().text.rstrip()
            if text:
                self.found.append(Part("text", self.at, text))

    def _delimited(self, opening: str) -> None:
        if opening == "{#":
            self._comment()
        elif verbatim := _VERBATIM.match(self.source, self.at) if opening == "{%" else None:
            self._verbatim(verbatim)
        else:
            start = self.at
            self.at += 2
            if (
                self.source[self.at : self.at + 1] == "-"
                and self.source[self.at + 1 : self.at + 2].isspace()
            ):
                self._trim_before()
                self.at += 1
            closing = "}}" if opening == "{{" else "%}"
            tokens, self.at, self.trim = _tokens(self.source, self.at, closing)
            self.found.append(Part("print" if opening == "{{" else "tag", start, tokens=tokens))

    def _comment(self) -> None:
        end = self.source.find("#}", self.at + 2)
        if end < 0:
            raise syntax_error("Unclosed comment.", self.source, self.at)
        inside = self.source[self.at + 2 : end]
        if inside.startswith("-") and inside[1:2].isspace():
            self._trim_before()
        self.trim = len(inside) > 1 and inside.endswith("-")
        self.at = end + 2

    def _verbatim(self, match: re.Match[str]) -> None:
        if match.group(1):
            self._trim_before()
        text = match.group(3).lstrip()
        if match.group(4):
            text = text.rstrip()
        if text:
            self.found.append(Part("text", self.at, text))
        self.at, self.trim = match.end(), bool(match.group(5))


def _tokens(source: str, at: int, closing: str) -> tuple[tuple[Token, ...], int, bool]:
    """Tokens up to `closing`, where the text goes on, and whether it is trimmed there."""
    found: list[Token] = []
    open_brackets: list[tuple[str, int]] = []
    start = at
    while True:
        at = _SPACE.match(source, at).end()  # type: ignore[union-attr]  # \s* always matches
        if not open_brackets:
            if source.startswith(closing, at):
                return tuple(found), at + len(closing), False
            if source.startswith("-" + closing, at):
                return tuple(found), at + 1 + len(closing), True
        if at >= len(source):
            if open_brackets:
                raise syntax_error(
                    f'Unclosed "{_CLOSING[open_brackets[-1][0]]}"', source, open_brackets[-1][1]
                )
            raise _unclosed(found, closing, source, start)
        token, at = _token(source, at)
        found.append(token)
        if token.kind == "operator":
            _count(open_brackets, token, source, closing)


def _unclosed(found: list[Token], closing: str, source: str, start: int) -> RenderError:
    from kestrel_cli.expressions.closing import close_hint

    error = syntax_error(f"Unclosed delimiter: `{closing}` is missing", source, start)
    read = [(one.kind, one.value, one.at) for one in found]
    error.hint = close_hint(read, source, closing)
    return error


def _count(open_brackets: list[tuple[str, int]], token: Token, source: str, closing: str) -> None:
    if token.value in _CLOSING:
        open_brackets.append((token.value, token.at))
        if len(open_brackets) > 60:
            raise syntax_error(
                "The expression is nested too deeply: more than 60 brackets", source, token.at
            )
    elif token.value in (")", "]", "}"):
        if not open_brackets:
            error = syntax_error(f'Unexpected "{token.value}"', source, token.at)
            if token.value == "}":
                error.hint = f"an expression is closed with `{closing}`"
            raise error
        opening, where = open_brackets.pop()
        if _CLOSING[opening] != token.value:
            raise syntax_error(f'Unclosed "{_CLOSING[opening]}"', source, where)


def _token(source: str, at: int) -> tuple[Token, int]:
    if (match := _OPERATOR.match(source, at)) is not None:
        return Token("operator", match.group(), at), match.end()
    if (match := _NAME.match(source, at)) is not None:
        kind: Kind = "operator" if match.group() in _WORDS else "name"
        return Token(kind, match.group(), at), match.end()
    if (match := _NUMBER.match(source, at)) is not None:
        return _number(match, source, at), match.end()
    if (match := _SINGLE.match(source, at)) is not None:
        return Token("string", match.group(1).replace("\\'", "'"), at), match.end()
    if source[at] == '"':
        return _double_quoted(source, at)
    if source[at] == "'":
        raise syntax_error("Unclosed text: its closing quote is missing", source, at)
    raise _unexpected(source, at)


def _unexpected(source: str, at: int) -> RenderError:
    from kestrel_cli.expressions.look_alikes import hint_for

    error = syntax_error(f"Unexpected character [{source[at]}]", source, at)
    error.hint = hint_for(source[at])
    return error


def _number(match: re.Match[str], source: str, at: int) -> Token:
    whole, fraction, _ = match.groups()
    digits = whole.lstrip("0") or "0"
    if len(digits) > 300 or (not fraction and (len(digits) > 19 or int(digits) > 2**63 - 1)):
        raise syntax_error(f"The number {whole} is too large", source, at)
    if fraction:
        return Token("float", digits + fraction, at)
    return Token("integer", digits, at)


def _double_quoted(source: str, at: int) -> tuple[Token, int]:
    """`"a #{b} c"`: text, or text and tokens by turns; quotes may stand inside `#{}`."""
    pieces: list[str | tuple[Token, ...]] = []
    start = at
    at += 1
    while True:
        text = _DOUBLE.match(source, at)
        assert text is not None  # the pattern matches nothing, too
        pieces.append(text.group().replace('\\"', '"'))
        at = text.end()
        if source.startswith('"', at):
            break
        if not source.startswith("#{", at):
            raise syntax_error("Unclosed text: its closing quote is missing", source, start)
        tokens, at, _ = _tokens(source, at + 2, "}")
        pieces.append(tokens)
    if len(pieces) == 1:
        return Token("string", str(pieces[0]), start), at + 1
    return Token(
        "interpolation", source[start:at], start, tuple(p for p in pieces if p != "")
    ), at + 1


def line_of(source: str, at: int) -> int:
    """The 1-based line of an offset."""
    return bisect_left(_line_breaks(source), at) + 1


@lru_cache(maxsize=2)
def _line_breaks(source: str) -> list[int]:
    return [match.start() for match in _BREAK.finditer(source)]


def syntax_error(message: str, source: str, at: int) -> RenderError:
    """A template that cannot be read, with its place:
    `message (TEMPLATE:LINE)` as Kestra words it.
    """
    line = line_of(source, at)
    shown = source if len(source) <= 200 else source[:200] + "..."
    error = RenderError(f"{message} ({shown}:{line})", line=line, at=at)
    error.phrase = message
    return error
