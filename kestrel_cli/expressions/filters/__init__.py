"""All filters, by the name templates use.

A filter is a plain function `f(value, argument, ...)` whose parameters carry the dialect's argument
names; a parameter without a default is a required argument. Those in `SCOPED_FILTERS` take the
`Scope` before the value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kestrel_cli.expressions.filters import data, dates, encoding, lists, numbers, text
from kestrel_cli.expressions.tests import is_empty

if TYPE_CHECKING:
    from collections.abc import Callable


def is_blank(value: object) -> bool:
    """What the `default` filter replaces: null, blank text, an empty list or map."""
    return is_empty(value)


def default(value: object, default: object) -> object:
    """`value`, or `default` in place of a blank one. The compiler adds what is missing."""
    return default if is_empty(value) else value


FILTERS: Final[dict[str, Callable[..., object]]] = {
    "abbreviate": text.abbreviate,
    "abs": numbers.absolute,
    "base64decode": encoding.base64decode,
    "base64encode": encoding.base64encode,
    "capitalize": text.capitalize,
    "chunk": lists.chunk,
    "className": data.class_name,
    "date": dates.date,
    "dateAdd": dates.date_add,
    "distinct": lists.distinct,
    "endsWith": text.ends_with,
    "escapeChar": text.escape_char,
    "first": lists.first,
    "flatten": lists.flatten,
    "format": text.format_text,
    "indent": text.indent,
    "join": lists.join,
    "jq": data.jq,
    "json": data.to_json,
    "keys": lists.keys,
    "last": lists.last,
    "length": lists.length,
    "lower": text.lower,
    "md5": encoding.md5,
    "merge": lists.merge,
    "nindent": text.nindent,
    "nl2br": text.nl2br,
    "number": numbers.number,
    "numberFormat": numbers.number_format,
    "regexExtract": text.regex_extract,
    "regexMatch": text.regex_match,
    "regexReplace": text.regex_replace,
    "replace": text.replace,
    "reverse": lists.reverse,
    "rsort": lists.rsort,
    "sha1": encoding.sha1,
    "sha256": encoding.sha256,
    "sha512": encoding.sha512,
    "slice": lists.slice_,
    "slugify": text.slugify,
    "sort": lists.sort,
    "split": text.split,
    "startsWith": text.starts_with,
    "string": text.string,
    "substringAfter": text.substring_after,
    "substringAfterLast": text.substring_after_last,
    "substringBefore": text.substring_before,
    "substringBeforeLast": text.substring_before_last,
    "timestamp": dates.timestamp,
    "timestampMicro": dates.timestamp_micro,
    "timestampMilli": dates.timestamp_milli,
    "timestampNano": dates.timestamp_nano,
    "title": text.title,
    "toIon": data.to_ion,
    "toJson": data.to_json,
    "trim": text.trim,
    "upper": text.upper,
    "urldecode": encoding.urldecode,
    "urlencode": encoding.urlencode,
    "values": lists.values,
    "yaml": data.yaml,
}

# Declared without argument names: whatever is passed is evaluated and then ignored.
IGNORES_ARGUMENTS: Final[frozenset[str]] = frozenset(
    {
        "abs", "base64decode", "base64encode", "capitalize", "className", "distinct", "first",
        "flatten", "json", "keys", "last", "length", "lower", "md5", "nl2br", "reverse", "rsort",
        "sha1", "sha256", "sha512", "slugify", "sort", "string", "title", "toIon", "toJson", "trim",
        "upper", "urldecode", "urlencode", "values", "yaml",
    }
)  # fmt: skip

SCOPED_FILTERS: Final[frozenset[str]] = frozenset(
    {"date", "dateAdd", "jq", "timestamp", "timestampMicro", "timestampMilli", "timestampNano"}
)

# Take any number of positional arguments (`*arguments`) and no named ones.
VARIADIC_FILTERS: Final[frozenset[str]] = frozenset({"format"})
