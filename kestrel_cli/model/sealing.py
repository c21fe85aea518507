"""Secrets in what is kept: a journal holds marks in their place, and who has the secrets gets the
true values back.

Marks
    A mark is U+E9A7, `index.form`, U+E9A8. `index` is an entry in the table of keys, `form` the
    place of a form among the `forms` of its secret. U+E9A7 in ordinary text is followed by an empty
    reference. A number in whose text there is a secret becomes a text that begins with the
    reference `n`; anything else that is no text comes back as the text that JSON would have had.

Table of keys
    Lists that stand in the journal above the first line that needs them, numbered from 0:

    [0, "marks", "1"]                   the format; what stands above it was never sealed
    [index, kind, name]                 a base secret: only its `Origin`, nothing of its text
    [index, "made", [indexes], text]    made of these base secrets: by a filter, of secrets that
                                        overlap, or a form that fits only where it stands (base64 in
                                        the middle of base64, one line of many)

    `text` is `scrypt:` or `pbkdf2:`, and in base64 a tag of 16 bytes and the enciphered text. The
    function of that name gives 64 bytes from the base secrets (a JSON list in the order of their
    indexes) and the salt: one half is the key of the tag, keyed blake2b over index and text, the
    other begins the keystream, shake_256 over key and tag. As the tag makes the keystream, no two
    texts share one, not even under an index that was given anew because a journal lost its end.
    `text` is null where a base came from a task or an output: nobody can give that again.

Threat model
    Somebody reads the journal. They learn the names of secrets; where they stand, in which form,
    and where the same one stands twice; how long a made text is. Of a base secret alone they learn
    nothing else. What is made of secrets is as safe as these are hard to guess: a guess can be
    tried on it, at the price of one scrypt for each journal; and who has the base secrets can
    read it. Somebody who can write to the journal can put one secret in another's place, as they
    can change the flow in it; only a made text they cannot forge.
"""

import json
import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, Final, NamedTuple

from kestrel_cli.model.masker import (
    CHARACTERWISE,
    GIVEN_AGAIN,
    MASK,
    Masker,
    Origin,
    forms,
    rebuilt,
    text_of,
)

_MARK: Final = "\ue9a7"  # for private use, and no common font draws it
_END: Final = "\ue9a8"
_ESCAPED: Final = _MARK + _END
_NUMBER: Final = f"{_MARK}n{_END}"
_REFERENCE: Final = re.compile(f"{_MARK}(?:([0-9]{{1,9}})\\.([0-9]{{1,9}}))?{_END}")
_RAW: Final = json.dumps(_MARK)[1:-1]
_RAW_BYTES: Final = _RAW.encode()

_VERSION: Final = "1"
_KINDS: Final = ("secret", "input", "output", "task")
_TAG: Final = 16
_ENCIPHERED: Final = re.compile("(?:scrypt|pbkdf2):[A-Za-z0-9+/]+={0,2}")


class _Entry(NamedTuple):
    """A base secret has an origin; a made one has bases, and no text where it is lost."""

    origin: Origin | None
    bases: tuple[int, ...] = ()
    text: str | None = None


class Seals:
    """The table of keys of one journal: seals what is written to it, opens what is read from it.

    To go on with a journal, first `learn` and `opened` take its lines in their order; what is
    sealed then continues the same table.

    `find` gives a base secret again. `missing` holds the origins for which it did not, and those of
    `wrong`: with what it gave for these, a made text could not be opened.
    """

    __slots__ = (
        *("_bases", "_behind", "_find", "_keys", "_made", "_salt", "_table", "_texts"),
        *("_told", "masker", "missing", "wrong"),
    )

    def __init__(
        self, masker: Masker, salt: str, find: Callable[[Origin], str | None] = lambda _: None
    ) -> None:
        self.missing: dict[Origin, None] = {}
        self.wrong: dict[Origin, None] = {}
        self.masker = masker
        self._salt = salt.encode()
        self._find = find
        self._table: list[_Entry] = []
        self._told = 0  # so many entries are in the journal
        self._bases: dict[Origin, int] = {}
        self._made: dict[tuple[str, tuple[int, ...]], int] = {}
        self._keys: dict[tuple[str, ...], bytes] = {}
        self._texts: dict[int, str] = {}  # of the entries that were opened
        self._behind: dict[str, str] = {}  # the same for marks

    # -- writing

    def sealed(self, value: Any) -> Any:
        """The value with marks where `Masker.shown` has masks; the same object without any."""
        if not self._table and self.masker.is_empty():
            return value
        return rebuilt(value, self._sealed_leaf, self._sealed_key)

    def new_keys(self) -> list[list[Any]]:
        """The entries made since the last call: to be written above what was sealed since then."""
        first, self._told = self._told, len(self._table)
        return [_as_list(at, self._table[at]) for at in range(first, self._told)]

    def _sealed_leaf(self, value: Any) -> Any:
        sealed = self._sealed_key(value)
        if sealed is not value and type(value) in (int, float):
            return _NUMBER + sealed
        return sealed

    def _sealed_key(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._sealed_text(value)
        if value is None or isinstance(value, bool):
            return value
        text = text_of(value)
        sealed = self._sealed_text(text)
        return value if sealed == text else sealed

    def _sealed_text(self, text: str) -> str:
        spans = self.masker.spans(text)
        if not spans:
            return self._escaped(text)
        parts = []
        shown = 0
        for start, end in spans:
            parts += [self._escaped(text[shown:start]), self._mark(text[start:end])]
            shown = end
        return "".join([*parts, self._escaped(text[shown:])])

    def _escaped(self, text: str) -> str:
        if _MARK not in text:
            return text
        self._begin()
        return text.replace(_MARK, _ESCAPED)

    def _mark(self, span: str) -> str:
        secret, place = self.masker.form_of(span) or (span, CHARACTERWISE)
        if place >= CHARACTERWISE:
            # With another secret in it, it would not fit what stands around it: it must be this.
            return _reference(self._made_index(span, self.masker.origins_in(span)), 0)
        origin = self.masker.origin_of(secret)
        if origin is None:
            return _reference(self._made_index(secret, self.masker.origins_of(secret)), place)
        return _reference(self._base_index(origin), place)

    def _begin(self) -> None:
        if not self._table:
            self._table.append(_Entry(None))

    def _base_index(self, origin: Origin) -> int:
        if origin not in self._bases:
            self._begin()
            self._bases[origin] = len(self._table)
            self._table.append(_Entry(origin))
        return self._bases[origin]

    def _made_index(self, text: str, origins: Iterable[Origin]) -> int:
        bases = tuple(sorted({self._base_index(origin): None for origin in origins}))
        index = self._made.get((text, bases))
        if index is None:
            index = self._made[text, bases] = len(self._table)
            self._table.append(_Entry(None, bases, self._enciphered(index, bases, text)))
        return index

    def _enciphered(self, index: int, bases: tuple[int, ...], text: str) -> str | None:
        texts = []
        for base in bases:
            origin = self._table[base].origin
            known = origin and self.masker.text_from(origin)
            if known is None:
                return None
            texts.append(known)
        how = "scrypt" if self._key("scrypt", texts) else "pbkdf2"
        return f"{how}:{_encipher(self._key(how, texts), index, text)}"

    def _key(self, how: str, texts: list[str]) -> bytes:
        """Empty where this Python cannot make it."""
        known = (how, *texts)
        if known not in self._keys:
            self._keys[known] = _derived(how, texts, self._salt)
        return self._keys[known]

    # -- reading

    def learn(self, entry: Any) -> None:
        """Take up the next entry that stands in the journal. Raises ValueError for any other."""
        index = len(self._table)
        if not isinstance(entry, list) or not entry or type(entry[0]) is not int:
            raise ValueError("no entry of a table of keys")
        match entry:
            case [0, "marks", str(version)] if index == 0:
                if version != _VERSION:
                    raise ValueError(f"marks of a format not known here: {version}")
                self._begin()
            case [number, "made", [_, *_] as bases, None | str() as text] if number == index > 0:
                self._check_made(bases, text)
                self._table.append(_Entry(None, tuple(bases), text))
            case [number, str(kind), str(name)] if number == index > 0 and kind in _KINDS:
                if Origin(kind, name) in self._bases:
                    raise ValueError(f"a second entry for the {kind} `{name}`")
                self._base_index(Origin(kind, name))
            case _:
                raise ValueError(f"no entry {index} of a table of keys")
        self._told = len(self._table)

    def _check_made(self, bases: list[Any], text: str | None) -> None:
        known = self._bases.values()
        if any(type(base) is not int or base not in known for base in bases):
            raise ValueError("made of what is not in the table of keys")
        if len(set(bases)) < len(bases):
            raise ValueError("made of the same secret twice")
        if text is not None and not _ENCIPHERED.fullmatch(text):
            raise ValueError("made, and not enciphered as known here")

    def opened(self, value: Any) -> Any:
        """The value with true texts in the place of marks, and masks where they cannot be had; the
        same object where there are no marks. What was opened is hidden from now on.

        Raises ValueError for marks that point nowhere.
        """
        if not self._table:
            return value  # nothing was sealed above the first entry
        return rebuilt(value, self._opened_leaf, self._opened_key)

    def _opened_leaf(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith(_NUMBER):
            return _number(self._opened_key(value.removeprefix(_NUMBER)))
        return self._opened_key(value)

    def _opened_key(self, value: Any) -> Any:
        if not isinstance(value, str) or _MARK not in value:
            return value
        return _REFERENCE.sub(self._text_behind, value)

    def _text_behind(self, mark: re.Match[str]) -> str:
        if mark[1] is None:
            return _MARK
        known = self._behind.get(mark[0])
        if known is not None:
            return known
        index, place = int(mark[1]), int(mark[2])
        if not 0 < index < len(self._table) or place >= CHARACTERWISE:
            raise ValueError("a mark that is not in the table of keys")
        text = self._text(index)
        if text is None:
            return MASK
        form = self._behind[mark[0]] = next(islice(forms(text), place, None))
        return form

    def _text(self, index: int) -> str | None:
        """The true text of an entry; None when it cannot be had, which is noted."""
        text = self._texts.get(index)
        if text is None:
            entry = self._table[index]
            if entry.origin is None:
                text = self._made_text(index, entry)
            else:
                text = self._base_text(entry.origin)
            if text is not None:
                self._texts[index] = text
        return text

    def _base_text(self, origin: Origin) -> str | None:
        text = self.masker.text_from(origin)
        if text is None and origin.kind in GIVEN_AGAIN:
            text = self._find(origin)
        if text is None:
            self.missing[origin] = None
        else:
            self.masker.add(text, origin)
        return text

    def _made_text(self, index: int, entry: _Entry) -> str | None:
        found = [self._text(base) for base in entry.bases]
        texts = [text for text in found if text is not None]
        if len(texts) < len(found):
            return None
        text = None
        if entry.text is not None:
            how, _, enciphered = entry.text.partition(":")
            key = self._key(how, texts)
            text = _decipher(key, index, enciphered) if key else None
        if text is None:
            origins = [one.origin for one in map(self._table.__getitem__, entry.bases)]
            blamed = dict.fromkeys(origin for origin in origins if origin is not None)
            self.wrong |= blamed
            self.missing |= blamed
            return None
        self.masker.add(text, made_of=texts)
        self._made[text, entry.bases] = index
        return text


def holds_marks(line: str | bytes) -> bool:
    """Whether a line of JSON may hold marks, told without reading it."""
    return _RAW_BYTES in line if isinstance(line, bytes) else _RAW in line


def _as_list(index: int, entry: _Entry) -> list[Any]:
    if entry.origin is not None:
        return [index, entry.origin.kind, entry.origin.name]
    if not entry.bases:
        return [index, "marks", _VERSION]
    return [index, "made", list(entry.bases), entry.text]


def _reference(index: int, place: int) -> str:
    return f"{_MARK}{index}.{place}{_END}"


def _number(text: str) -> Any:
    """The number that was sealed; what is none any more stays a text."""
    for make in (int, float):
        try:
            return make(text)
        except ValueError:
            continue
    return text


def _derived(how: str, texts: list[str], salt: bytes) -> bytes:
    import hashlib

    secrets = json.dumps(texts).encode()
    if how == "pbkdf2":
        return hashlib.pbkdf2_hmac("sha512", secrets, salt, 200_000)
    try:
        return hashlib.scrypt(secrets, salt=salt, n=2**14, r=8, p=1, dklen=64)
    except (AttributeError, ValueError):  # left out of this Python, or forbidden by its OpenSSL
        return b""


def _encipher(key: bytes, index: int, text: str) -> str:
    from base64 import b64encode

    data = text.encode("utf-8", "surrogatepass")
    tag = _tag(key, index, data)
    return b64encode(tag + _crossed(key, tag, data)).decode()


def _decipher(key: bytes, index: int, enciphered: str) -> str | None:
    """None when it was enciphered with another key, or changed."""
    from base64 import b64decode
    from hmac import compare_digest

    try:
        whole = b64decode(enciphered)
    except ValueError:
        return None
    tag = whole[:_TAG]
    data = _crossed(key, tag, whole[_TAG:])
    if not compare_digest(tag, _tag(key, index, data)):
        return None
    return data.decode("utf-8", "surrogatepass")


def _tag(key: bytes, index: int, data: bytes) -> bytes:
    from hashlib import blake2b

    return blake2b(index.to_bytes(8, "big") + data, key=key[32:], digest_size=_TAG).digest()


def _crossed(key: bytes, tag: bytes, data: bytes) -> bytes:
    """The data xor the keystream of the tag; once more gives the data back."""
    from hashlib import shake_256

    stream = shake_256(key[:32] + tag).digest(len(data))
    return bytes(a ^ b for a, b in zip(data, stream, strict=True))
