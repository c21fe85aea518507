"""Moments as servers write them."""

import re
from datetime import datetime
from typing import Final

from kestrel_cli.errors import ServerError

_ISO: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[-+]\d\d:?\d\d)?"
)
_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def micros(text: str) -> int:
    """Microseconds since 1970; nanoseconds are cut off, as the server does when it stores them.

    Raises ServerError.
    """
    found = _ISO.fullmatch(text)
    if found is None:
        raise ServerError(f"the server shows a moment that is none: {text[:40]!r}")
    zone = "+00:00" if found[4] in (None, "Z") else found[4]
    whole = datetime.fromisoformat(f"{found[1]}T{found[2]}{zone}") - _EPOCH
    fraction = int(((found[3] or "") + "000000")[:6])
    return (whole.days * 86_400 + whole.seconds) * 1_000_000 + fraction
