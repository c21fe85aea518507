"""What a real run had, as a draft can hold it: without secrets, without what is too large, with the
files of storage among the fixtures.
"""

import json
from typing import Any, Final

from kestrel_cli.app.testing.writing.drafts import Draft, can_be_written
from kestrel_cli.errors import RenderError
from kestrel_cli.model.masker import Masker
from kestrel_cli.store.storage import SCHEME, Storage

_LONGEST: Final = 2000  # characters of a text
_MOST: Final = 30  # items of a list or a map
_LARGEST: Final = 20_000  # characters of a file
_DEEPEST: Final = 12
_GONE: Final = object()


class Keeper:
    """Takes values over into a draft, and notes what it leaves out."""

    def __init__(self, draft: Draft, masker: Masker, storage: Storage) -> None:
        self._draft = draft
        self._masker = masker
        self._storage = storage
        self._notes: list[str] = []

    def taken(self, value: Any, name: str) -> tuple[Any, list[str]]:
        """The value, and what a person has to know of it; None when nothing is left of it."""
        self._notes = []
        found = self._taken(value, name, 0)
        return (None if found is _GONE else found), self._notes

    def _taken(self, value: Any, name: str, depth: int) -> Any:
        if isinstance(value, dict):
            return self._map(value, name, depth)
        if isinstance(value, (list, tuple)):
            items = [
                self._taken(one, f"{name}[{n}]", depth + 1) for n, one in enumerate(value[:_MOST])
            ]
            if len(value) > _MOST:
                self._notes.append(f"cut: {name} had {len(value)} items")
            return [one for one in items if one is not _GONE]
        if value is None or isinstance(value, (bool, int, float)):
            return value if self._masker.shown(value) == value else self._secret(name)
        text = value if isinstance(value, str) else str(_plain(value))
        return self._text(text, name)

    def _map(self, value: dict[Any, Any], name: str, depth: int) -> Any:
        if depth > _DEEPEST:
            self._notes.append(f"left out: {name}, which is too deep")
            return _GONE
        found: dict[str, Any] = {}
        for key, one in list(value.items())[:_MOST]:
            if self._masker.mask(str(key)) != str(key):
                self._secret(f"a key of {name}")
                continue
            kept = self._taken(one, f"{name}.{key}", depth + 1)
            if kept is not _GONE:
                found[str(key)] = kept
        if len(value) > _MOST:
            self._notes.append(f"cut: {name} had {len(value)} members")
        return found

    def _text(self, text: str, name: str) -> Any:
        if self._masker.mask(text) != text:
            return self._secret(name)
        if text.startswith(SCHEME):
            return self._file(text, name)
        if not can_be_written(text):
            self._notes.append(f"left out: {name}, which would be taken for a template")
            return _GONE
        if len(text) > _LONGEST:
            self._notes.append(f"cut: {name} had {len(text):,} characters")
            return text[:_LONGEST]
        return text

    def _file(self, uri: str, name: str) -> Any:
        try:
            with self._storage.open(uri) as stream:
                content = stream.read(4 * _LARGEST + 1).decode("utf-8")
        except (RenderError, OSError):
            self._notes.append(f"left out: {name}, a file that is not there any more")
            return _GONE
        except UnicodeDecodeError:
            self._notes.append(f"left out: {name}, a file that is no text or too large")
            return _GONE
        if self._masker.mask(content) != content:
            return self._secret(name)
        if len(content) > _LARGEST:
            content = content[: content.rfind("\n", 0, _LARGEST) + 1] or content[:_LARGEST]
            self._notes.append(f"cut: the file {name} went on")
        return self._draft.file(uri.rpartition("/")[2], content)

    def _secret(self, name: str) -> Any:
        self._notes.append(f"left out: {name}, which holds a secret")
        return _GONE


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))
