"""Secrets that must not be shown: every value that was read, in every form it may take on its way
out.

Theory of operation
-------------------
One masker serves all executions of a run. It learns of secrets in two ways:

    add       a value was read that is secret by where it came from: `secret()`, an input or output
              of type SECRET, a password that a task was given
    follow    a filter or function was called. Kestra's own masking is defeated by any filter, so
              when a secret went in, every text that came out is one as well: if it has six
              characters or more, is no common word, and cannot be read beside a secret in what went
              in. What merely came out of the same map, list or text as a secret is none: it is no
              less readable there. Nor is a text in which known forms stand, for those are masked
              in it; unless what went in first was a secret and nothing else: then the rest is
              hidden as well

and hides them in three:

    mask      in a text: each form of each secret becomes `******`, forms that overlap become one
    shown     in a value, leaf by leaf, before it is written, folded or encoded: so no document is
              ever torn. A number in whose text there is a secret becomes a masked text
    hidden    in what is told where no execution is at hand, such as the report of a crash

Forms
    Output seldom shows a secret as it is: it is in a URL, in JSON, in base64 in the middle of other
    base64. `forms` lists the encodings that are looked for, of the secret and of its longer lines.
    Their order is part of the format of the journal: `sealing.py` names a form by its place, and
    the first `CHARACTERWISE` ones can be put back wherever they stand.

Search
    While there are few forms, `in` finds out that none is in a text, as nearly always. Else each
    four characters of the text are looked up among the beginnings of forms, of which none is
    shorter: the price is one look-up for each character, however many secrets there are.

Origins
    For the journal each secret knows where it came from: a base secret has one `Origin`, a text
    that was made of secrets has theirs. A base secret of kind `secret` or `input` can be asked for
    again when the execution is resumed; other origins give way to such a one.

Worked example
--------------
    add("hunter2-x9", Origin("secret", "DB"))           8 different forms are known
    mask("HUNTER2-X9, or aHVudGVyMi14OQ")               `******, or ******`: upper case, base64
    follow(("hunter2-x9",), sha256 of it)               64 new characters: a secret made of DB
    follow(({"user": "ada.lovelace", "password": "hunter2-x9"},), "ada.lovelace")
                                                        can be read beside the secret: none
    follow(("hunter2-x9",), "hunter2")                  a part of a secret: a secret
    follow(("hunter2-x9",), "hunt")                     too short: `hunt` would be masked everywhere
    add("test")                                         false: too common, nothing is hidden

Invariants
----------
- What is hidden once stays hidden: nothing is ever forgotten.
- A text without secrets comes back as the same object, and so does a value.
- No form is shorter than four characters; each is found under its first four.
- Every secret has at least one origin.
- Nothing recurses on the depth of a value. What a filter gets and gives is searched for secrets in
  at most 10,000 parts each (for what can be read beside them, in 100,000): with aliases a small
  value can have any number of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, ClassVar, Final, NamedTuple

MASK: Final = "******"  # what Kestra prints

_SHORTEST: Final = 4  # a shorter secret would blank half of every log
_SHORTEST_DERIVED: Final = 6
_MOST_LEAVES: Final = 10_000
_MOST_PIECES: Final = 1_000  # of one secret, each in two dozen forms
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


class Origin(NamedTuple):
    """Where a secret came from: a `secret` by its key, an `input` by its path, an `output` of a
    flow by its id, or a `task` that had something to hide.
    """

    kind: str
    name: str


GIVEN_AGAIN: Final = ("secret", "input")  # kinds of origins that the user can be asked for
_NOBODY: Final = Origin("task", "")


class Masker:
    """Knows the secrets of a run and hides them.

    `refused` is for those who add secrets: the names of those that could not be hidden, so that
    each is warned of once.
    """

    __slots__ = ("_by_start", "_forms", "_known", "_secrets", "_texts", "refused")

    newest: "ClassVar[Masker | None]" = None  # what is told of a crash passes through it

    def __init__(self) -> None:
        self._secrets: dict[str, tuple[Origin, ...]] = {}  # and what they came from or are made of
        self._known: dict[str, Origin] = {}  # those that are not made of others
        self._texts: dict[Origin, list[str]] = {}
        self._forms: dict[str, tuple[str, int]] = {}  # the secret, and the place in its `forms`
        self._by_start: dict[str, list[str]] = {}  # the forms by their first characters
        self.refused: list[str] = []
        Masker.newest = self

    def add(
        self, secret: str, origin: Origin | None = None, *, made_of: Sequence[object] = ()
    ) -> bool:
        """Hide a secret from now on; false when that would blank ordinary text.

        It came from `origin`, or is made of the secrets in `made_of`; so is one that nobody can
        give again when there are other secrets in it. The first origin counts; only one that can be
        given again takes the place of another. A second secret of the same origin gets a number.
        """
        if len(secret.strip()) < _SHORTEST or secret.strip().lower() in _COMMON:
            return False
        origin = origin or _NOBODY
        again = origin.kind in GIVEN_AGAIN and not made_of
        if secret not in self._secrets:
            origins = () if again else self.origins_in(made_of or secret)
            self._register(secret, origins)
            if not origins:
                self._came_from(secret, origin)
        elif again and not self.can_be_given(secret):
            self._came_from(secret, origin)
        elif again:
            self._texts.setdefault(origin, [secret])
        return True

    def _came_from(self, secret: str, origin: Origin) -> None:
        if origin.kind in GIVEN_AGAIN:
            texts = self._texts.setdefault(origin, [])
            texts.append(secret)
            if len(texts) > 1:  # such as the same input of executions side by side
                origin = Origin(origin.kind, f"{origin.name} ({len(texts)})")
                self._texts[origin] = [secret]
        self._known[secret] = origin
        self._secrets[secret] = (origin,)

    def _register(self, secret: str, origins: Iterable[Origin]) -> None:
        self._secrets[secret] = tuple(origins) or (_NOBODY,)
        for place, form in enumerate(forms(secret)):
            if len(form) >= _SHORTEST and form not in self._forms:
                self._forms[form] = secret, place
                self._by_start.setdefault(form[:_GRAM], []).append(form)
        self._forms[secret] = secret, 0  # even where it was a form of another

    def is_empty(self) -> bool:
        """Whether there is nothing to hide."""
        return not self._forms

    def origin_of(self, secret: str) -> Origin | None:
        """Where a secret came from; None when it is made of others."""
        return self._known.get(secret)

    def origins_of(self, secret: str) -> tuple[Origin, ...]:
        """Where a secret, or those that it is made of, came from."""
        return self._secrets[secret]

    def can_be_given(self, secret: str) -> bool:
        """Whether the user can be asked for this very secret."""
        origin = self._known.get(secret)
        return origin is not None and origin.kind in GIVEN_AGAIN

    def text_from(self, origin: Origin) -> str | None:
        """The secret that came from there."""
        texts = self._texts.get(origin)
        return texts[0] if texts else None

    def form_of(self, text: str) -> tuple[str, int] | None:
        """The secret that a text is a form of, and the place of the form among its `forms`."""
        return self._forms.get(text)

    def origins_in(self, value: object) -> dict[Origin, None]:
        """The origins of all secrets in a value."""
        found: dict[Origin, None] = {}
        for text in leaves(value):
            for start, end in self.spans(text):
                for form in self._one_form(text[start:end]):
                    secret, _ = self._forms[form]
                    found |= dict.fromkeys(self._secrets[secret])
        return found

    def _one_form(self, span: str) -> Iterable[str]:
        """The form that a span is, else all that overlap in it."""
        if span in self._forms:
            return [span]
        return [span[start:end] for start, end in self._found(span)]

    def mask(self, text: str) -> str:
        """The text with every form of every secret replaced; forms that overlap become one mask."""
        if not self._forms:
            return text
        spans = self.spans(text)
        if not spans:
            return text
        parts = []
        shown = 0
        for start, end in spans:
            parts += [text[shown:start], MASK]
            shown = end
        return "".join([*parts, text[shown:]])

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where forms stand in the text: in order, without overlaps."""
        if len(self._forms) <= _FEW and not any(form in text for form in self._forms):
            return []
        spans: list[tuple[int, int]] = []
        for start, end in self._found(text):
            if spans and start < spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], end))
            else:
                spans.append((start, end))
        return spans

    def _found(self, text: str) -> list[tuple[int, int]]:
        """Where forms stand in the text, by their starts."""
        found: list[tuple[int, int]] = []
        starts = self._by_start
        for at in range(len(text) - _GRAM + 1):
            for form in starts.get(text[at : at + _GRAM], ()):
                if text.startswith(form, at):
                    found.append((at, at + len(form)))  # noqa: PERF401  a loop reads better
        return found

    def shown(self, value: Any) -> Any:
        """The value with its secrets masked, keys included; the same object without any."""
        if not self._forms:
            return value
        return rebuilt(value, self._shown_leaf, self._shown_leaf)

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
        origins = self.origins_in(sources)
        for text in unknown:
            if text not in readable and text not in company:
                self._register(text, origins)

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
            for start, end in self.spans(text):
                found[text[shown:start].strip()] = None
                shown = end
            found[text[shown:].strip()] = None
        return found

    def _holds(self, value: object) -> bool:
        return any(self.spans(text) for text in leaves(value))

    def _is_secret(self, value: object) -> bool:
        return isinstance(value, str) and self.spans(value.strip()) == [(0, len(value.strip()))]


def hidden(text: str) -> str:
    """The text as the newest masker shows it: for what is told where no execution is at hand."""
    return text if Masker.newest is None else Masker.newest.mask(text)


def rebuilt(value: Any, leaf: Callable[[Any], Any], key: Callable[[Any], Any]) -> Any:
    """The value as `leaf` and `key` change what is in it; the same object where they change
    nothing.
    """
    if not isinstance(value, (dict, list, tuple)):
        return leaf(value)
    top: Any = {} if isinstance(value, dict) else []
    waiting: list[tuple[Any, Any]] = [(value, top)]  # maps and lists, and copies that are empty yet
    changed = False
    while waiting:
        source, target = waiting.pop()
        for name, item in source.items() if isinstance(source, dict) else enumerate(source):
            if isinstance(item, (dict, list, tuple)):
                new: Any = {} if isinstance(item, dict) else []
                waiting.append((item, new))
            else:
                new = leaf(item)
                changed = changed or new is not item
            if isinstance(target, list):
                target.append(new)
            else:
                new_name = key(name)
                changed = changed or new_name is not name
                target[new_name] = new
    return top if changed else value


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
    """The secret and its pieces, each in the encodings that text takes on its way out."""
    yield from _encoded(secret)
    for piece in _pieces(secret):
        yield from _encoded(piece)


def _pieces(secret: str) -> Iterator[str]:
    """What is in a secret that is a secret by itself when it is long enough: its lines, what stands
    behind the names in them, and the values in JSON with their lines.
    """
    seen = {secret}
    for text in (secret, *islice(leaves(_values(_document(secret))), _MOST_PIECES)):
        lines = [line.strip() for line in text.splitlines()]
        several = lines if len(lines) > 1 else []
        for piece in (text.strip(), *several, *_named(text, ":=" if several else ":")):
            if len(piece) < _SHORTEST_DERIVED or piece in seen or piece.lower() in _COMMON:
                continue
            seen.add(piece)
            yield piece


def _named(text: str, signs: str) -> list[str]:
    """What stands behind `name: ` or `name=` in lines of YAML or of variables."""
    if not any(sign in text for sign in signs):
        return []
    import re

    behind = {":": r":[ \t]+", "=": r"[ \t]*=[ \t]*"}
    sign = "|".join(behind[one] for one in signs)
    found = re.findall(rf"^[ \t]*(?:- )*[\"']?[\w.-]+[\"']?(?:{sign})(.+)$", text, re.MULTILINE)
    return [value.strip().strip("\"'") for value in found]


def _document(text: str) -> object:
    """The map or list that a text spells in JSON; None for any other text."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _values(document: object) -> list[object]:
    """The values in a document, without the keys of its maps."""
    found: list[object] = []
    waiting = [document]
    while waiting and len(found) < _MOST_PIECES:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        else:
            found.append(one)
    return found


CHARACTERWISE: Final = 13  # so many of the first forms: they fit wherever the secret stands


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
    yield from _base64(safe)  # the first that is not made character by character


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
