"""A Java regular expression written as a Python one."""

from __future__ import annotations

import re

from kestrel_cli.java.errors import JavaError
from kestrel_cli.java.regex_classes import CLASSES, ESCAPES, INSIDE


class Translator:
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
        if name in ESCAPES:
            return ESCAPES[name]
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
        inside = CLASSES.get(label)
        if inside is None:
            raise JavaError(f"unknown character class in a regular expression: {label}")
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
        raise JavaError(f"invalid regular expression `{self.text}`: unclosed character class")

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
            raise JavaError("a negated class inside a character class is not supported")
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
        return INSIDE.get(name) or self._common_escape(name)


def _negated_member(inside: str) -> str:
    """A negated property among other members, for the few that Python can say."""
    if inside == "^\\W\\d_":
        # Letters: what is left of the Latin, Greek, Cyrillic, Hebrew, Arabic and Asian blocks.
        return "a-zA-ZªµºÀ-ÖØ-öø-ˁͰ-ͽΆΈ-ϿЀ-ԯא-תؠ-يऄ-हก-ะ一-鿿぀-ヿ가-힣"
    raise JavaError("a negated property inside a character class is not supported")


def _character(digits: str) -> str:
    try:
        return chr(int(digits, 16))
    except (ValueError, OverflowError):
        raise JavaError(f"no such character in a regular expression: {digits}") from None
