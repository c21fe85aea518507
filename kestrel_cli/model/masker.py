"""Secrets that must not be shown: every value that was read, in every form it may take on its way
out.

Text is masked structurally, value by value, before it is written, folded or encoded; so no document
is ever torn by it. What a filter makes of a secret is registered too (`follow`), because Kestra's
own masking is defeated by any filter. What merely came out of the same map, list or text as a
secret is none: it can be read there as well.
"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final

MASK: Final = "******"  # what Kestra prints

_SHORTEST: Final = 4  # a shorter secret would blank half of every log
_SHORTEST_DERIVED: Final = 6
_MOST_LEAVES: Final = 10_000
_MOST_COMPANY: Final = 10 * _MOST_LEAVES  # aliases can make a small value endless
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
        "postgres",
        "public",
    ]
)


_GRAM: Final = _SHORTEST  # no form is shorter
_FEW: Final = 64  # so many forms are looked for one by one


class Masker:
    """Knows secrets and hides them.

    `refused` holds those that are too short or too common to be hidden.
    """

    __slots__ = ("_by_start", "_forms", "_secrets", "refused")

    newest: "ClassVar[Masker | None]" = None  # what is told of a crash passes through it

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._forms: dict[str, None] = {}
        self._by_start: dict[str, list[str]] = {}  # the forms by their first characters
        self.refused: list[str] = []
        Masker.newest = self

    def add(self, secret: str) -> bool:
        """Hide a secret from now on;
        false when it cannot be hidden without blanking ordinary text.
        """
        if secret in self._secrets:
            return True
        if len(secret.strip()) < _SHORTEST or secret.strip().lower() in _COMMON:
            return False
        self._register(secret)
        return True

    def _register(self, secret: str) -> None:
        self._secrets.add(secret)
        for form in forms(secret):
            if len(form) >= _SHORTEST and form not in self._forms:
                self._forms[form] = None
                self._by_start.setdefault(form[:_GRAM], []).append(form)

    def mask(self, text: str) -> str:
        """The text with every form of every secret replaced; forms that overlap become one mask."""
        spans = self._spans(text)
        if not spans:
            return text
        parts = []
        shown = 0
        for start, end in spans:
            parts += [text[shown:start], MASK]
            shown = end
        return "".join([*parts, text[shown:]])

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Where forms stand in the text: in order, without overlaps."""
        if len(self._forms) <= _FEW and not any(form in text for form in self._forms):
            return []
        found: list[tuple[int, int]] = []
        starts = self._by_start
        for at in range(len(text) - _GRAM + 1):
            for form in starts.get(text[at : at + _GRAM], ()):
                if text.startswith(form, at):
                    found.append((at, at + len(form)))  # noqa: PERF401  a loop reads better
        spans: list[tuple[int, int]] = []
        for start, end in found:
            if spans and start < spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], end))
            else:
                spans.append((start, end))
        return spans

    def shown(self, value: Any) -> Any:
        """The value with the secrets in its texts and keys replaced;
        the same object where there is none.
        """
        if not self._forms:
            return value
        waiting: list[tuple[Any, Any]] = []  # maps and lists, and their copies that are still empty
        copy = self._shown(value, waiting)
        while waiting:
            source, target = waiting.pop()
            if isinstance(target, dict):
                for key, item in source.items():
                    target[self._shown_leaf(key)] = self._shown(item, waiting)
            else:
                target += [self._shown(item, waiting) for item in source]
        return copy

    def _shown(self, value: Any, waiting: list[tuple[Any, Any]]) -> Any:
        if not isinstance(value, (dict, list, tuple)):
            return self._shown_leaf(value)
        copy: Any = {} if isinstance(value, dict) else []
        waiting.append((value, copy))
        return copy

    def _shown_leaf(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.mask(value)
        if value is None or isinstance(value, bool):
            return value
        text = text_of(value)
        masked = self.mask(text)
        return value if masked == text else masked

    def follow(self, sources: Sequence[object], result: object) -> None:
        """Register what was made of a secret: every text in `result`, when a secret is in `sources`
        and the text is not in them, too, whole or as a piece, where it can be read.
        """
        if not self._secrets or not any(self._holds(source) for source in sources):
            return
        whole = self._is_secret(sources[0])
        texts = dict.fromkeys(leaf.strip() for leaf in leaves(result))
        unknown = [text for text in texts if self._is_unknown(text, whole)]
        if not unknown:
            return
        readable = self._readable(sources)
        company = "\0".join(readable)
        for text in unknown:
            if text not in readable and text not in company:
                self._register(text)

    def _is_unknown(self, text: str, whole: bool) -> bool:
        """Whether a text that came of a secret could be read in part, and is worth hiding."""
        if len(text) < _SHORTEST_DERIVED or text in self._secrets or text.lower() in _COMMON:
            return False
        masked = self.mask(text)
        # Where nothing but a secret came in, nothing of what came out may be read.
        return masked == text or (whole and bool(masked.replace(MASK, "").strip()))

    def _readable(self, sources: Sequence[object]) -> dict[str, None]:
        """The texts in the sources, and of those with secrets what stands around the secrets."""
        found: dict[str, None] = {}
        for text in leaves(sources, _MOST_COMPANY):
            shown = 0
            for start, end in self._spans(text):
                found[text[shown:start].strip()] = None
                shown = end
            found[text[shown:].strip()] = None
        return found

    def _holds(self, value: object) -> bool:
        return any(self._spans(text) for text in leaves(value))

    def _is_secret(self, value: object) -> bool:
        return isinstance(value, str) and self._spans(value.strip()) == [(0, len(value.strip()))]


def hidden(text: str) -> str:
    """The text without the secrets of the execution that was made last:
    for what is told outside of it, such as crashes.
    """
    return text if Masker.newest is None else Masker.newest.mask(text)


def leaves(value: object, most: int = _MOST_LEAVES) -> Iterator[str]:
    """The texts in a value, keys and numbers too; at most so many of them."""
    waiting = [value]
    seen = 0
    while waiting and seen < most:
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
        elif one is not None and not isinstance(one, bool):
            yield text_of(one)


def text_of(value: object) -> str:
    """A number, a date or the like as text; nothing for an integer too long to be printed."""
    try:
        return str(value)
    except ValueError:
        return ""


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
    yield repr(text)[1:-1]
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
