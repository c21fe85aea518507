"""Filters that make text from text. Null in, null out, unless a function says otherwise."""

from __future__ import annotations

import re
from typing import Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import java_regex, limits
from kestrel_cli.expressions.arguments import integer, only_text, text_argument
from kestrel_cli.expressions.text import java_text, printed

_WORD_START: Final = re.compile(r"(?<!\S)\S")
_LINE_BREAKS: Final = ("\r\n", "\n\r", "\n", "\r")
_ESCAPES: Final = {"single": ("'", "\\'"), "double": ('"', '\\"'), "shell": ("'", "'\\''")}
_MISSING: Final = object()


def upper(value: object) -> object:
    """Upper case of the text form."""
    return None if value is None else java_text(value).upper()


def lower(value: object) -> object:
    """Lower case of the text form."""
    return None if value is None else java_text(value).lower()


def capitalize(value: object) -> object:
    """Upper case for the first character that is not blank; the rest stays as it is."""
    return None if value is None else re.sub(r"\S", _title_case, only_text(value), count=1)


def title(value: object) -> object:
    """Upper case for every character after a blank; the rest stays as it is."""
    return None if value is None else _WORD_START.sub(_title_case, only_text(value))


def trim(value: object) -> object:
    """Without the characters up to U+0020 at both ends (Java's `trim`)."""
    return None if value is None else only_text(value).strip("".join(map(chr, range(33))))


def abbreviate(value: object, length: object) -> object:
    """The text itself when it fits, else cut to `length` with `...` at its end."""
    if value is None:
        return None
    text = only_text(value)
    size = integer(length, "abbreviate", "length")
    if size < 0:
        raise RenderError("Invalid argument to abbreviate filter; must be greater than zero")
    if len(text) < size or len(text) <= 3:
        return text
    return text[:size] if size <= 3 else text[: size - 3] + "..."


def indent(value: object, amount: object = _MISSING, prefix: object = " ") -> object:
    """`prefix` times `amount` after every line break, not before the first line."""
    return _indented("indent", value, amount, prefix, first=False)


def nindent(value: object, amount: object = _MISSING, prefix: object = " ") -> object:
    """A line break, then every line with `prefix` times `amount` before it."""
    return _indented("nindent", value, amount, prefix, first=True)


def _indented(name: str, value: object, amount: object, prefix: object, *, first: bool) -> object:
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise RenderError(f"The '{name}' filter expects an integer as argument 'amount'.")
    if amount < 0:
        raise RenderError(
            f"The '{name}' filter expects a positive integer >=0 as argument 'amount'."
        )
    if value is None:
        return None
    text, unit = java_text(value), java_text(prefix)
    if not text:
        return ""
    line_break = next((known for known in _LINE_BREAKS if known in text), "\n")
    lines = text.count(line_break) + 1
    limits.check_length(len(text) + lines * amount * max(1, len(unit)), f"the result of '{name}'")
    margin = line_break + unit * amount
    indented = text.replace(line_break, margin)
    return margin + indented if first else indented


def nl2br(value: object) -> object:
    """Line breaks as `<br />`."""
    return None if value is None else re.sub(r"\r\n|\n", "<br />", java_text(value))


def slugify(value: object) -> object:
    """Lower-case ASCII words joined by `-`; accents are taken off, other characters dropped."""
    if value is None:
        return None
    import unicodedata

    text = unicodedata.normalize("NFD", re.sub(r"\s", "-", java_text(value)))
    text = re.sub(r"[^A-Za-z0-9_-]", "", text).replace("_", "-")
    return re.sub(r"-+", "-", text).lower()


def starts_with(input_: object, value: object) -> bool:
    """Whether the text form starts with `value`; null is an error."""
    return _needed(input_, "startsWith").startswith(_needed(value, "startsWith"))


def ends_with(input_: object, value: object) -> bool:
    """Whether the text form ends with `value`; null is an error."""
    return _needed(input_, "endsWith").endswith(_needed(value, "endsWith"))


def _needed(value: object, name: str) -> str:
    if value is None:
        raise RenderError(f"The '{name}' filter can not be applied to null.")
    return java_text(value)


def substring_before(value: object, separator: object) -> object:
    """What stands before the first `separator`; the whole text when there is none."""
    return None if value is None else _cut(value, separator).partition(_by(separator))[0]


def substring_before_last(value: object, separator: object) -> object:
    """What stands before the last `separator`; the whole text when there is none."""
    if value is None:
        return None
    head, found, tail = _cut(value, separator).rpartition(_by(separator))
    return head if found else tail


def substring_after(value: object, separator: object) -> object:
    """What stands after the first `separator`; empty when there is none."""
    return None if value is None else _cut(value, separator).partition(_by(separator))[2]


def substring_after_last(value: object, separator: object) -> object:
    """What stands after the last `separator`; empty when there is none."""
    if value is None:
        return None
    _, found, tail = _cut(value, separator).rpartition(_by(separator))
    return tail if found else ""


def _cut(value: object, separator: object) -> str:
    if separator in (None, ""):
        raise RenderError("The 'separator' of a substring filter must not be empty.")
    return java_text(value)


def _by(separator: object) -> str:
    return java_text(separator)


def escape_char(input_: object, type: object) -> object:  # the dialect's own name
    """Escapes one kind of quote, in all texts inside lists and maps too."""
    pair = _ESCAPES.get(type.lower()) if isinstance(type, str) else None
    if pair is None:
        raise RenderError(
            "The 'escapeChar' filter expects the value of 'type' to be either"
            " 'single', 'double', or 'shell'."
        )
    return _deep(input_, [(pair[0], pair[1])], regexp=False, depth=0)


def replace(input_: object, replace_pairs: object = _MISSING, regexp: object = False) -> object:
    """Replaces every key of the map by its value, one pair after another.

    In lists and maps too, where everything becomes text.
    """
    if input_ is None:
        return None
    if not isinstance(replace_pairs, dict):
        raise RenderError("The argument 'replace_pairs' is required and has to be a map.")
    pairs = [(java_text(old), java_text(new)) for old, new in replace_pairs.items()]
    return _deep(_with_texts(input_, 0), pairs, regexp=regexp is True, depth=0)


def _with_texts(value: object, depth: int) -> object:
    """The value with the text of everything in it that is no list, map or null."""
    if depth > limits.MAX_DEPTH:
        raise limits.too_deep()
    if isinstance(value, dict):
        return {key: _with_texts(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_texts(item, depth + 1) for item in value]
    return value if value is None else java_text(value)


def _deep(value: object, pairs: list[tuple[str, str]], *, regexp: bool, depth: int) -> object:
    if depth > limits.MAX_DEPTH:
        raise limits.too_deep()
    if isinstance(value, str):
        return _replaced(value, pairs, regexp=regexp)
    if isinstance(value, dict):
        return {
            key: _deep(item, pairs, regexp=regexp, depth=depth + 1) for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_deep(item, pairs, regexp=regexp, depth=depth + 1) for item in value]
    return value


def _replaced(text: str, pairs: list[tuple[str, str]], *, regexp: bool) -> str:
    for old, new in pairs:
        if regexp:
            text = java_regex.replace_all(old, new, text)
        else:
            count = len(text) + 1 if not old else text.count(old)
            limits.check_length(len(text) + count * (len(new) - len(old)), "the replaced text")
            text = text.replace(old, new)
        limits.check_length(len(text), "the replaced text")
    return text


def split(value: object, delimiter: object = None, limit: object = None) -> object:
    """Java's `String.split`: by a regular expression, trailing empty parts dropped."""
    if delimiter is None:
        raise RenderError("missing delimiter parameter in split filter")
    if value is None:
        return None
    most = 0 if limit is None else integer(limit, "split", "limit")
    return java_regex.split(only_text(delimiter), only_text(value), most)


def regex_match(value: object, regex: object) -> bool:
    """Whether the pattern is found anywhere; false for null."""
    return value is not None and java_regex.search(_pattern(regex), java_text(value)) is not None


def regex_replace(value: object, regex: object, replacement: object) -> object:
    """Every match replaced; `$1` stands for a group."""
    if value is None:
        return None
    return java_regex.replace_all(_pattern(regex), java_text(replacement), java_text(value))


def regex_extract(value: object, regex: object, group: object = 0) -> object:
    """The first match, or one of its groups; null when nothing matches."""
    if value is None:
        return None
    found = java_regex.search(_pattern(regex), java_text(value))
    number = integer(group, "regexExtract", "group")
    if found is None:
        return None
    if not 0 <= number <= found.re.groups:
        raise RenderError(f"No group {number}")
    return found[number]


def _pattern(regex: object) -> str:
    return text_argument(regex, "regex", "regex")


def format_text(value: object, *arguments: object) -> object:
    """Java's `String.format` with the input as the format."""
    if value is None:
        return None
    from kestrel_cli.expressions.java_errors import rendering
    from kestrel_cli.java.string_format import string_format

    return rendering(string_format)(java_text(value), arguments, java_text)


def string(value: object) -> object:
    """The text that printing the value gives."""
    return None if value is None else printed(value)


def _title_case(found: re.Match[str]) -> str:
    # Not `title()`: it would make `Ss` of `ß`, Java's title case leaves such letters alone.
    raised = found[0].upper()
    return raised if len(raised) == 1 else found[0]
