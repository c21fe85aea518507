"""Java regular expressions on Python's `re`.

Most of both languages is the same; `_Translator` rewrites what differs: `\\Q..\\E`, `\\p{..}`,
`\\h \\R \\z \\Z`, named groups, nested and intersected character classes (refused), and the
replacement text's `$1` and `${name}`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAX_PATTERN: Final = 10_000

# What stands between the brackets of a class. Without UNICODE_CHARACTER_CLASS Java's are ASCII.
_PUNCTUATION: Final = (
    "!-#%-*,-/:;?@\\[-\\]_{}\\xa1\\xa7\\xab\\xb6\\xb7\\xbb\\xbf\\u2010-\\u2027\\u2030-\\u205e"
)
_CLASSES: Final = {
    "Lower": "a-z", "Upper": "A-Z", "ASCII": "\\x00-\\x7f", "Alpha": "a-zA-Z", "Digit": "0-9",
    "Alnum": "a-zA-Z0-9", "Punct": "!-/:-@\\[-`{-~", "Graph": "!-~", "Print": " -~",
    "Blank": " \\t", "Cntrl": "\\x00-\\x1f\\x7f", "XDigit": "0-9a-fA-F",
    "Space": " \\t\\n\\x0b\\f\\r", "javaLowerCase": "a-zß-öø-ÿ", "javaUpperCase": "A-ZÀ-ÖØ-Þ",
    "javaWhitespace": " \\t\\n\\x0b\\f\\r\\x1c-\\x1f",
    "IsLatin": "a-zA-ZªºÀ-ÖØ-öø-ʸ", "InGreek": "Ͱ-Ͽ", "IsGreek": "Ͱ-Ͽ", "IsCyrillic": "Ѐ-ӿ",
    "IsAlphabetic": "^\\W\\d_", "L": "^\\W\\d_", "IsL": "^\\W\\d_", "IsLetter": "^\\W\\d_",
    "N": "\\d", "Nd": "\\d", "IsN": "\\d", "IsDigit": "\\d", "IsNd": "\\d",
    "Lu": "A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚΑ-ΡΣ-ΫЀ-Я", "Ll": "a-zß-öø-ÿāăąćĉċčďđēĕėęěα-ωа-џ",
    "IsUppercase": "A-ZÀ-ÖØ-ÞΑ-ΡΣ-ΫЀ-Я", "IsLowercase": "a-zß-öø-ÿα-ωа-џ",
    "P": _PUNCTUATION, "IsPunctuation": _PUNCTUATION,
    "S": "$+<->^`|~\\xa2-\\xa9\\xac\\xae-\\xb1\\xb4\\xb8\\xd7\\xf7\\u20ac",
    "Z": "\\s\\u00a0",
    "Zs": " \\u00a0\\u2000-\\u200a\\u3000",
    "M": "\\u0300-\\u036f", "Mn": "\\u0300-\\u036f",
    "InCombiningDiacriticalMarks": "\\u0300-\\u036f",
    "C": "\\x00-\\x1f\\x7f-\\x9f", "Cc": "\\x00-\\x1f\\x7f-\\x9f", "IsWhite_Space": "\\s",
}  # fmt: skip

_ESCAPES: Final = {
    "h": "[ \\t\\u00a0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000]",
    "H": "[^ \\t\\u00a0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000]",
    "v": "[\\n\\x0b\\f\\r\\x85\\u2028\\u2029]",
    "V": "[^\\n\\x0b\\f\\r\\x85\\u2028\\u2029]",
    "R": "(?:\\r\\n|[\\n\\x0b\\f\\r\\x85\\u2028\\u2029])",
    "z": "\\Z",
    "Z": "(?=\\r?\\n?\\Z)",
    "e": "\\x1b",
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[a-zA-Z0-9_]",
    "W": "[^a-zA-Z0-9_]",
    "s": "[ \\t\\n\\x0b\\f\\r]",
    "S": "[^ \\t\\n\\x0b\\f\\r]",
}
# The same inside a character class, where only these may stand.
_INSIDE: Final = {
    "h": " \\t\\u00a0", "v": "\\n\\x0b\\f\\r", "e": "\\x1b", "d": "0-9", "w": "a-zA-Z0-9_",
    "s": " \\t\\n\\x0b\\f\\r", "D": "\\D", "W": "\\W", "S": "\\S",
}  # fmt: skip


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """The Python pattern that matches the same; RenderError when it is no Java pattern."""
    if len(pattern) > _MAX_PATTERN:
        raise RenderError(f"a regular expression is longer than {_MAX_PATTERN} characters")
    import warnings

    try:
        with warnings.catch_warnings():
            # `[[a]` and the like: a later Python may read them differently, Java is what counts.
            warnings.simplefilter("ignore")
            return re.compile(_Translator(pattern).translate())
    except (re.error, OverflowError, RecursionError) as error:
        raise RenderError(f"invalid regular expression `{pattern}`: {error}") from None


def search(pattern: str, text: str) -> re.Match[str] | None:
    """The first match anywhere in the text."""
    return compiled(pattern).search(text)


def replace_all(pattern: str, replacement: str, text: str) -> str:
    """Every match replaced; `$1` and `${name}` stand for groups, as in Java."""
    found = compiled(pattern)
    expand = _replacement(replacement, found)
    length = 0

    def limited(match: re.Match[str]) -> str:
        nonlocal length
        part = expand(match)
        length += len(part)
        limits.check_length(length, "the replaced text")
        return part

    return found.sub(limited, text)


def split(pattern: str, text: str, limit: int = 0) -> list[str]:
    """Java's `String.split`: no empty first part for an empty match, trailing empty parts dropped.

    A positive `limit` is the most parts there can be, a negative one keeps trailing empty parts.
    """
    parts: list[str] = []
    start = 0
    for match in _separators(compiled(pattern), text):
        if 0 < limit <= len(parts) + 1:
            break
        if len(parts) >= limits.MAX_ITEMS:
            raise limits.too_many_items("the split text")
        parts.append(text[start : match.start()])
        start = match.end()
    if not parts:
        return [text]
    parts.append(text[start:])
    if limit == 0:
        while parts and not parts[-1]:
            parts.pop()
    return parts


def _separators(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    last_end = 0
    for match in pattern.finditer(text):
        if match.end() == 0 or (match.start() == match.end() == len(text)):
            # Nothing stands before or after an empty match at the text's edges.
            continue
        if match.end() == match.start() == last_end and last_end:
            # Python reports an empty match right after a match, Java does not.
            continue
        last_end = match.end()
        yield match


def _replacement(text: str, pattern: re.Pattern[str]) -> Callable[[re.Match[str]], str]:
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            if at + 1 == len(text):
                raise RenderError("character to be escaped is missing")
            parts.append(text[at + 1])
            at += 2
        elif char == "$":
            group, at = _group_reference(text, at + 1, pattern)
            parts.append(group)
        else:
            parts.append(char)
            at += 1
    if not any(isinstance(part, int) for part in parts):
        fixed = "".join(str(part) for part in parts)
        return lambda _match: fixed
    return lambda match: "".join(
        (match[part] or "") if isinstance(part, int) else part for part in parts
    )


def _group_reference(text: str, at: int, pattern: re.Pattern[str]) -> tuple[int, int]:
    """The group number named at `at`, and where the text goes on."""
    named = re.compile(r"\{([a-zA-Z][a-zA-Z0-9]*)\}").match(text, at)
    if named:
        if named[1] not in pattern.groupindex:
            raise RenderError(f"No group with name {{{named[1]}}}")
        return pattern.groupindex[named[1]], named.end()
    if at >= len(text) or not ("0" <= text[at] <= "9"):
        raise RenderError("Illegal group reference")
    number = int(text[at])
    if number > pattern.groups:
        raise RenderError(f"No group {number}")
    at += 1
    # More digits belong to the number only while such a group exists.
    while (
        at < len(text) and "0" <= text[at] <= "9" and number * 10 + int(text[at]) <= pattern.groups
    ):
        number = number * 10 + int(text[at])
        at += 1
    return number, at


class _Translator:
    """Walks over one Java pattern and writes the Python one."""

    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0
        self.out: list[str] = []

    def translate(self) -> str:
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "\\":
                self.out.append(self._escape())
            elif char == "[":
                self.out.append(self._class())
            elif (
                self.text.startswith("(?<", self.at)
                and self.text[self.at + 3 : self.at + 4] not in "=!"
            ):
                self.out.append("(?P<")
                self.at += 3
            else:
                self.out.append(self._plain(char))
                self.at += 1
        return "".join(self.out)

    def _plain(self, char: str) -> str:
        """`$` and `.` know more kinds of line ends in Java than in Python."""
        if char == "$" and not self._has_flag("m"):
            return "(?=(?:\\r\\n|[\\n\\r\\x85\\u2028\\u2029])?\\Z)"
        if char == "." and not self._has_flag("s"):
            return "[^\\n\\r\\x85\\u2028\\u2029]"
        return char

    def _has_flag(self, flag: str) -> bool:
        return re.search(rf"\(\?[a-zA-Z]*{flag}", self.text) is not None

    def _escape(self) -> str:
        name = self.text[self.at + 1 : self.at + 2]
        if name == "Q":
            return self._quoted()
        if name in ("p", "P"):
            return f"[{self._property(name)}]"
        self.at += 2
        if name in _ESCAPES:
            return _ESCAPES[name]
        if name == "k":
            return self._named_reference()
        return self._common_escape(name)

    def _common_escape(self, name: str) -> str:
        """An escape both languages share; letters Python does not know are refused by `re`."""
        if name == "x" and self.text.startswith("{", self.at):
            end = self.text.find("}", self.at)
            if end > 0:
                digits = self.text[self.at + 1 : end]
                self.at = end + 1
                return re.escape(_character(digits))
        if name == "0":
            octal = re.compile(r"[0-3]?[0-7]{1,2}").match(self.text, self.at)
            if octal:
                self.at = octal.end()
                return re.escape(chr(int(octal[0], 8)))
        if name and not name.isalnum():
            return re.escape(name)
        return "\\" + name

    def _named_reference(self) -> str:
        end = self.text.find(">", self.at)
        name = self.text[self.at + 1 : end]
        self.at = end + 1 if end > 0 else len(self.text)
        return f"(?P={name})"

    def _quoted(self) -> str:
        end = self.text.find("\\E", self.at)
        end = len(self.text) if end < 0 else end
        literal = self.text[self.at + 2 : end]
        self.at = end + 2
        return re.escape(literal)

    def _property(self, name: str) -> str:
        """The inside of a class for `\\p{Name}`; `\\P` and a negated table entry cancel out."""
        if self.text.startswith("{", self.at + 2):
            end = self.text.find("}", self.at)
            label = self.text[self.at + 3 : end]
            self.at = end + 1 if end > 0 else len(self.text)
        else:
            label = self.text[self.at + 2 : self.at + 3]
            self.at += 3
        inside = _CLASSES.get(label)
        if inside is None:
            raise RenderError(f"unknown character class in a regular expression: {label}")
        negated = inside.startswith("^") != (name == "P")
        return ("^" if negated else "") + inside.removeprefix("^")

    def _class(self) -> str:
        """A bracketed class; unions `[a[bc]]` are flattened, intersections become look-aheads."""
        parts, negated, conditions = self._members()
        body = (
            f"[{'^' if negated else ''}{''.join(parts)}]"
            if parts
            else ("[\\s\\S]" if conditions else "[]")
        )
        if not conditions:
            return body
        both = "".join(f"(?={condition})" for condition in conditions)
        return (
            f"(?:(?!{both}{body.replace('[^', '[', 1)})[\\s\\S])"
            if negated
            else f"(?:{both}{body})"
        )

    def _members(self) -> tuple[list[str], bool, list[str]]:
        self.at += 1
        negated = self.text.startswith("^", self.at)
        self.at += negated
        parts: list[str] = []
        conditions: list[str] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "]" and (parts or conditions):
                self.at += 1
                return parts, negated, conditions
            if self.text.startswith("&&", self.at):
                self.at += 2
                conditions.append(self._right_of_and())
            elif char == "[":
                parts.append(self._union_member())
            elif char == "\\":
                parts.append(self._class_escape())
            else:
                parts.append("\\]" if char == "]" else char)
                self.at += 1
        raise RenderError(f"invalid regular expression `{self.text}`: unclosed character class")

    def _right_of_and(self) -> str:
        if self.text.startswith("[", self.at):
            return self._class()
        parts: list[str] = []
        while self.at < len(self.text) and self.text[self.at] not in "]&":
            if self.text[self.at] == "\\":
                parts.append(self._class_escape())
            else:
                parts.append(self.text[self.at])
                self.at += 1
        return f"[{''.join(parts)}]"

    def _union_member(self) -> str:
        parts, negated, conditions = self._members()
        if negated or conditions:
            raise RenderError("a negated class inside a character class is not supported")
        return "".join(parts)

    def _class_escape(self) -> str:
        name = self.text[self.at + 1 : self.at + 2]
        if name == "Q":
            return self._quoted()
        if name in ("p", "P"):
            inside = self._property(name)
            if not inside.startswith("^"):
                return inside
            return _negated_member(inside)
        self.at += 2
        return _INSIDE.get(name) or self._common_escape(name)


def _negated_member(inside: str) -> str:
    """A negated property among other members, for the few that Python can say."""
    if inside == "^\\W\\d_":
        # Letters: what is left of the Latin, Greek, Cyrillic, Hebrew, Arabic and Asian blocks.
        return "a-zA-ZªµºÀ-ÖØ-öø-ˁͰ-ͽΆΈ-ϿЀ-ԯא-תؠ-يऄ-हก-ะ一-鿿぀-ヿ가-힣"
    raise RenderError("a negated property inside a character class is not supported")


def _character(digits: str) -> str:
    try:
        return chr(int(digits, 16))
    except (ValueError, OverflowError):
        raise RenderError(f"no such character in a regular expression: {digits}") from None
