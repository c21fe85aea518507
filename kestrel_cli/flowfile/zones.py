"""Names of time zones."""

import re
from typing import Final

from kestrel_cli.flowfile.suggest import nearest

_OFFSET: Final = re.compile(r"(?:UTC|GMT|UT)?(?:[+-]\d{1,2}(?::?\d{2}(?::?\d{2})?)?)|Z|UTC|GMT|UT")


def is_zone(name: str) -> bool:
    """Whether this is an offset or the name of a zone; True where the names are not known."""
    import zoneinfo

    if _OFFSET.fullmatch(name):
        return True
    known = zoneinfo.available_timezones()
    return name in known or not known


def nearest_zone(name: str) -> str | None:
    """The zone that a misspelled name was probably meant to be."""
    import zoneinfo

    return nearest(name, sorted(zoneinfo.available_timezones()))
