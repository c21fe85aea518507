"""Values of rows as XML elements, indented, laid out as Kestra's writer (Jackson) does."""

import re
from collections.abc import Iterator
from datetime import date, time, tzinfo
from typing import Final
from xml.sax.saxutils import escape

from kestrel_cli.tasks.base import key_text, moment_json, printed
from kestrel_cli.tasks.serdes.row_json import in_zone

_STEP: Final = "  "
_NO_NAME: Final = re.compile(r"[^\w.-]")
_NO_START: Final = re.compile(r"[^A-Za-z_\u00c0-\U000effff]")
_NO_CHARACTER: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def element_name(name: str) -> str:
    """The name, or with `_` for every sign that a name may not have."""
    made = _NO_NAME.sub("_", name) or "_"
    return f"_{made}" if _NO_START.match(made) else made


def element_lines(name: str, value: object, zone: tzinfo, margin: str) -> Iterator[str]:
    """The lines of an element. A list in a map is an element for each of its values, a list in a
    list holds an `item` for each.
    """
    if isinstance(value, dict) and value:
        yield f"{margin}<{name}>\n"
        for key, item in value.items():
            inner = element_name(key_text(key))
            for one in item if isinstance(item, list) else [item]:
                yield from element_lines(inner, one, zone, margin + _STEP)
        yield f"{margin}</{name}>\n"
    elif isinstance(value, list) and value:
        yield f"{margin}<{name}>\n"
        for item in value:
            yield from element_lines("item", item, zone, margin + _STEP)
        yield f"{margin}</{name}>\n"
    elif text := _text(value, zone):
        yield f"{margin}<{name}>{text}</{name}>\n"
    else:
        yield f"{margin}<{name}/>\n"


def _text(value: object, zone: tzinfo) -> str:
    if value is None or isinstance(value, (dict, list)):
        return ""
    value = in_zone(value, zone)
    text = moment_json(value) if isinstance(value, (date, time)) else printed(value)
    return _NO_CHARACTER.sub("\ufffd", escape(text, {"\r": "&#xd;"}))
