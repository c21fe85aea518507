"""Secrets that must not be shown: every value that was read, in every form it may take on its way
out.

Text is masked structurally, value by value, before it is written, folded or encoded; so no document
is ever torn by it. What a filter makes of a secret is registered too (`follow`), because Kestra's
own masking is defeated by any filter.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

MASK: Final = "******"  # what Kestra prints

_SHORTEST: Final = 4  # a shorter secret would blank half of every log
_SHORTEST_DERIVED: Final = 6
_MOST_LEAVES: Final = 10_000
_COMMON: Final = frozenset(
    [
        "true",
        "false",
        "null",
        "none",
        "docker",
        "root",
        "admin",
        "user",
        "test",
        "default",
        "localhost",
        "password",
        "postgres",
        "public",
    ]
)


class Masker:
    """Knows secrets and hides them. `refused` holds those that are too short or too common to be
    hidden.
    """

    __slots__ = ("_forms", "_secrets", "refused")

    def __init__(self) -> None:
        self._secrets: dict[str, None] = {}
        self._forms: list[
            str
        ] = []  # longest first, so that no form leaves the rest of a longer one
        self.refused: list[str] = []

    def add(self, secret: str) -> bool:
        """Hide a secret from now on; false when it cannot be hidden without blanking ordinary
        text.
        """
        if secret in self._secrets:
            return True
        if len(secret.strip()) < _SHORTEST or secret.lower() in _COMMON:
            return False
        self._register(secret)
        return True

    def _register(self, secret: str) -> None:
        self._secrets[secret] = None
        known = set(self._forms)
        known.update(form for form in forms(secret) if len(form) >= _SHORTEST)
        self._forms = sorted(known, key=len, reverse=True)

    def mask(self, text: str) -> str:
        """The text with every form of every secret replaced."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def shown(self, value: Any) -> Any:
        """The value with the secrets in its texts and keys replaced; the same object where there is
        none.
        """
        if not self._forms:
            return value
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, dict):
            return {self.shown(key): self.shown(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.shown(item) for item in value]
        if isinstance(value, int) and not isinstance(value, bool):
            text = str(value)
            masked = self.mask(text)
            return value if masked == text else masked
        return value

    def follow(self, sources: Iterable[object], result: object) -> None:
        """Register what was made of a secret: every text in `result`, when a secret is in
        `sources`.
        """
        if not self._secrets or not any(self._holds(source) for source in sources):
            return
        for text in leaves(result):
            whole = text.strip()
            if len(whole) >= _SHORTEST_DERIVED and not self._hidden(whole):
                self._register(whole)

    def _holds(self, value: object) -> bool:
        return any(secret in text for text in leaves(value) for secret in self._secrets)

    def _hidden(self, text: str) -> bool:
        return text in self._secrets or text.lower() in _COMMON or self.mask(text) != text


def leaves(value: object) -> Iterator[str]:
    """The texts in a value, keys too; at most so many of them."""
    waiting = [value]
    seen = 0
    while waiting and seen < _MOST_LEAVES:
        one = waiting.pop()
        seen += 1
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting.extend(one)
            waiting.extend(one.values())
        elif isinstance(one, (list, tuple)):
            waiting.extend(one)
        elif isinstance(one, bytes):
            yield one.decode("utf-8", "replace")


def forms(secret: str) -> Iterator[str]:
    """The secret, its lines, and both in the encodings that text takes on its way out."""
    yield from _encoded(secret)
    lines = [line.strip() for line in secret.splitlines()]
    if len(lines) > 1:
        for line in lines:
            if len(line) >= _SHORTEST_DERIVED:
                yield from _encoded(line)


def _encoded(text: str) -> Iterator[str]:
    import json
    from html import escape
    from urllib.parse import quote, quote_plus

    yield text
    yield text[::-1]
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield escape(text)
    safe = text.encode("utf-8", "surrogatepass")
    yield quote(safe, safe="")
    yield quote_plus(safe)
    yield quote(safe)
    yield text.replace("'", "'\\''")
    yield text.upper()
    yield text.lower()
    yield safe.hex()
    yield from _base64(safe)


def _base64(data: bytes) -> Iterator[str]:
    """Base64 of the data where it begins a text, and where one or two bytes stand before it."""
    from base64 import b64encode, urlsafe_b64encode

    for encode in (b64encode, urlsafe_b64encode):
        yield encode(data).decode().rstrip("=")
        for before, skip in ((0, 0), (1, 2), (2, 3)):
            whole = encode(b"\0" * before + data).decode()
            # The last characters depend on what follows, the first ones on what stands before.
            keep = len(whole) - {0: 0, 1: 3, 2: 2}[(before + len(data)) % 3]
            if keep - skip >= 2 * _SHORTEST:
                yield whole[skip:keep]
