"""Values of two executions that say the same although no two runs give the same text.

An id stands for another one wherever it appears: the first time the two are paired, from then on
each stands for the other only. Moments of the run are all one, those of another time are compared.
Of the address of a stored file its name counts, of the address of a page not the host.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from kestrel_cli.model.duration import Duration

_ID: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=[A-Za-z]*[0-9])(?=[0-9a-z]*[A-Z])[0-9A-Za-z]{21,22})(?![0-9A-Za-z])"
)
_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?(?:\[[\w/]+\])?"
)
_STORED: Final = re.compile(r"kestra://[^\s\"']*/executions/[^\s\"']*")
_PAGE: Final = re.compile(r"https?://[^/\s\"']+(?=/ui/)")
_MADE_UP: Final = re.compile(r"(?:[0-9A-Za-z]{22}|[0-9a-f-]{36})-(?=.)")
_NAMELESS: Final = re.compile(r"(?:\d{5,}|[0-9a-f]{20}|[0-9A-Za-z]{22}|[0-9a-f-]{36})(?=\.|$)")
_AROUND: Final = timedelta(days=1)
_HIDDEN: Final = "******"


class Pairing:
    """Which ids of two executions stand for each other. Each is given with when it began."""

    def __init__(self, here: str | None, there: str | None) -> None:
        self._begun = (_instant(here), _instant(there))
        self._pairs: dict[str, str] = {}
        self._back: dict[str, str] = {}

    def pair(self, here: str, there: str) -> bool:
        """Let two ids stand for each other; whether they may."""
        known = self._pairs.get(here, there) == there and self._back.get(there, here) == here
        if known:
            self._pairs[here], self._back[there] = there, here
        return known

    def same(self, here: Any, there: Any) -> bool:
        """Whether two values that are no maps or lists say the same."""
        if isinstance(here, str) and isinstance(there, str):
            return here == there or self._same_texts(here, there)
        if isinstance(here, bool) or isinstance(there, bool):
            return here is there
        return bool(here == there)

    def _same_texts(self, here: str, there: str) -> bool:
        ours, theirs = _shape(here, self._begun[0]), _shape(there, self._begun[1])
        if _ID.sub("[id]", ours) != _ID.sub("[id]", theirs):
            return False
        pairs = zip(_ID.findall(ours), _ID.findall(theirs), strict=True)
        return all(self.pair(one, other) for one, other in pairs)


def is_hidden(value: Any) -> bool:
    """Whether a secret was hidden in it."""
    return isinstance(value, str) and _HIDDEN in value


def same_duration(here: Any, there: Any) -> bool:
    """Whether both are one duration, once as text and once as seconds."""
    if isinstance(here, str) == isinstance(there, str) or isinstance(here, bool):
        return False
    try:
        return Duration.parse(here).seconds == Duration.parse(there).seconds
    except (ValueError, TypeError):
        return False


def _shape(text: str, begun: datetime | None) -> str:
    """The text without what each run makes anew, but for ids."""

    def moment(found: re.Match[str]) -> str:
        at = _instant(found[0])
        near = at is not None and begun is not None and abs(at - begun) < _AROUND
        return "[moment]" if near else found[0]

    text = _PAGE.sub("[host]", _STORED.sub(_file, text))
    return _MOMENT.sub(moment, text)


def _file(found: re.Match[str]) -> str:
    name = found[0].rpartition("/")[2]
    return f"[file {_NAMELESS.sub('', _MADE_UP.sub('', name))}]"


def _instant(text: str | None) -> datetime | None:
    """A moment; without a zone it is taken for UTC."""
    try:
        at = datetime.fromisoformat((text or "").partition("[")[0])
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
