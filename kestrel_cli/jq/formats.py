"""The `@formats` of jq."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kestrel_cli.jq.errors import JqError
from kestrel_cli.jq.values import described, dump_json, dump_text

if TYPE_CHECKING:
    from collections.abc import Callable

_HTML: Final = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;", "'": "&#39;", '"': "&quot;"})
_TSV: Final = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"})


def _row(value: object, separator: str, quote: Callable[[str], str], name: str) -> str:
    if not isinstance(value, list):
        raise JqError(f"{described(value)} cannot be {name}-formatted, only an array can be")
    cells: list[str] = []
    for item in value:
        if isinstance(item, (list, dict)):
            raise JqError(f"{described(item)} is not valid in a {name} row")
        cells.append(
            quote(item) if isinstance(item, str) else "" if item is None else dump_json(item)
        )
    return separator.join(cells)


def _csv(value: object) -> str:
    return _row(value, ",", lambda text: '"' + text.replace('"', '""') + '"', "csv")


def _tsv(value: object) -> str:
    return _row(value, "\t", lambda text: text.translate(_TSV), "tsv")


def _html(value: object) -> str:
    return dump_text(value).translate(_HTML)


def _uri(value: object) -> str:
    from urllib.parse import quote

    return quote(dump_text(value).encode("utf-8", "replace"), safe="-._~")


def _shell(value: object) -> str:
    items = value if isinstance(value, list) else [value]
    words: list[str] = []
    for item in items:
        if isinstance(item, (list, dict)):
            raise JqError(f"{described(item)} can not be escaped for shell")
        words.append(
            "'" + item.replace("'", "'\\''") + "'" if isinstance(item, str) else dump_json(item)
        )
    return " ".join(words)


def _base64(value: object) -> str:
    from base64 import b64encode

    return b64encode(dump_text(value).encode("utf-8", "replace")).decode("ascii")


def _base64_decoded(value: object) -> str:
    from base64 import b64decode

    text = dump_text(value).rstrip("=")
    # A single character left over holds no whole byte: jq drops it.
    if len(text) % 4 == 1:
        text = text[:-1]
    try:
        data = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise JqError(f"{described(value)} is not valid base64 data") from None
    if not data and dump_text(value):
        raise JqError(f"{described(value)} is not valid base64 data")
    return data.decode("utf-8", "replace")


def _base32(value: object) -> str:
    from base64 import b32encode

    return b32encode(dump_text(value).encode("utf-8", "replace")).decode("ascii")


def _base32_decoded(value: object) -> str:
    from base64 import b32decode

    text = dump_text(value).rstrip("=")
    try:
        return b32decode(text + "=" * (-len(text) % 8)).decode("utf-8", "replace")
    except ValueError:
        raise JqError(f"{described(value)} is not valid base32 data") from None


FORMATS: Final[dict[str, Callable[[object], str]]] = {
    "@text": dump_text,
    "@json": dump_json,
    "@csv": _csv,
    "@tsv": _tsv,
    "@html": _html,
    "@uri": _uri,
    "@sh": _shell,
    "@base64": _base64,
    "@base64d": _base64_decoded,
    "@base32": _base32,
    "@base32d": _base32_decoded,
}
