"""Filters that encode, decode and hash text. Null in, null out."""

from __future__ import annotations

import re

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.arguments import only_text
from kestrel_cli.expressions.text import java_text

_NOT_BASE64 = "Please provide a correctly Base64 encoded string containing an UTF-8 string"


def base64encode(value: object) -> object:
    """Base64 of the UTF-8 text form."""
    if value is None:
        return None
    from base64 import b64encode

    return b64encode(_utf8(java_text(value))).decode("ascii")


def base64decode(value: object) -> object:
    """The text in base64 text; padding may be left out, nothing else may be wrong."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise RenderError("This filter applies to String")
    from base64 import b64decode

    padded = value if value.endswith("=") else value + "=" * (-len(value) % 4)
    try:
        return b64decode(padded, validate=True).decode("utf-8", "replace")
    except ValueError:
        raise RenderError(_NOT_BASE64) from None


def md5(value: object) -> object:
    """Hex digest of the UTF-8 bytes; only for text."""
    return _digest("md5", value)


def sha1(value: object) -> object:
    """Hex digest of the UTF-8 bytes; only for text."""
    return _digest("sha1", value)


def sha256(value: object) -> object:
    """Hex digest of the UTF-8 bytes; only for text."""
    return _digest("sha256", value)


def sha512(value: object) -> object:
    """Hex digest of the UTF-8 bytes; only for text."""
    return _digest("sha512", value)


def _digest(algorithm: str, value: object) -> object:
    if value is None:
        return None
    if not isinstance(value, str):
        raise RenderError("Need a string to hash")
    import hashlib

    # Flows use it for checksums; the flag keeps md5 working where a policy forbids it for security.
    return hashlib.new(algorithm, _utf8(value), usedforsecurity=False).hexdigest()


def urlencode(value: object) -> object:
    """Form encoding: a blank becomes `+`; letters, digits and `*-._` stay."""
    if value is None:
        return None
    from urllib.parse import quote_plus

    # Python counts `~` as safe, Java's encoder does not.
    return quote_plus(_utf8(only_text(value)), safe="*-._").replace("~", "%7E")


def urldecode(value: object) -> object:
    """Undoes `urlencode`; a `%` without two hex digits is an error."""
    if value is None:
        return None
    from urllib.parse import unquote_plus

    text = java_text(value)
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise RenderError("Illegal hex characters in escape (%) pattern")
    return unquote_plus(text)


def _utf8(text: str) -> bytes:
    # A lone half of a surrogate pair becomes `?`, as in Java.
    return text.encode("utf-8", "replace")
