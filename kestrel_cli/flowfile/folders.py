"""Looks through a folder for flow files, and tells cheaply which flow a file declares."""

import os
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import deque
from pathlib import Path
from typing import Final

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import reader
from kestrel_cli.flowfile.source import read_bytes
from kestrel_cli.java import yaml_scalars

FlowKey = tuple[str, str]
"""Namespace and id."""

MOST_ENTRIES: Final = 100_000
MOST_FILES: Final = 10_000

SUFFIXES: Final = (".yaml", ".yml")
# Folders of other programs: what they hold is large, and no flow of this project.
_FOREIGN: Final = frozenset(("node_modules", "__pycache__", "venv", "env", "site-packages"))

_KEYS: Final = ("namespace", "id", "tasks")
_LARGEST: Final = 300_000  # bytes; the slow reader takes a second for a larger file
_TOP: Final = re.compile(
    rb"^(?:(id|namespace|tasks)[ \t]*:(?:[ \t]+(.*?))?[ \t]*\r?$"
    rb"|([^\s#A-Za-z_.-]|---[ \t]+\S|\.\.\.))",
    re.MULTILINE,
)
_NAME: Final = re.compile(r"""([A-Za-z0-9][\w.-]*|'[\w.-]+'|"[\w.-]+")(?:[ \t]+#.*)?""", re.ASCII)


class Tree:
    """The YAML files of a folder and of the folders in it.

    Hidden folders and those of package managers are passed over. Links to folders are not followed,
    links to files only inside the tree. `cut` says, after `files()`, that there were too many
    entries to look at all: the deepest ones are missing.
    """

    def __init__(
        self, folder: str, *, most_entries: int = MOST_ENTRIES, most_files: int = MOST_FILES
    ) -> None:
        self.folder = folder
        self.cut = False
        self._left = most_entries
        self._most_files = most_files

    def files(self) -> list[str]:
        """Every `.yaml` and `.yml` file, sorted. A folder that cannot be read counts as empty."""
        found: list[str] = []
        links: list[str] = []
        waiting = deque([str(Path(self.folder))])
        while waiting and not self.cut:
            for entry in self._entries(waiting.popleft()):
                if entry.name.endswith(SUFFIXES) and entry.is_file():
                    (links if entry.is_symlink() else found).append(_path(entry))
                elif _is_own_folder(entry):
                    waiting.append(_path(entry))
            if len(found) + len(links) > self._most_files:
                self.cut = True
        found += self._inner(links, found)
        return sorted(found)[: self._most_files]

    def _entries(self, folder: str) -> list["os.DirEntry[str]"]:
        entries: list[os.DirEntry[str]] = []
        try:
            with os.scandir(folder) as listed:
                for entry in listed:
                    self._left -= 1
                    if self._left < 0:
                        self.cut = True
                        break
                    entries.append(entry)
        except (OSError, ValueError):
            return []
        return entries

    def _inner(self, links: list[str], files: list[str]) -> list[str]:
        """Links to files of the tree that are not found by themselves; of several to one, one."""
        if not links:
            return []
        root = Path(self.folder).resolve()
        seen = {Path(path).resolve() for path in files}
        inner: list[str] = []
        for link in sorted(links):
            target = Path(link).resolve()
            if target not in seen and target.is_relative_to(root):
                seen.add(target)
                inner.append(link)
        return inner


def _path(entry: "os.DirEntry[str]") -> str:
    return entry.path.removeprefix(f".{os.sep}")


def _is_own_folder(entry: "os.DirEntry[str]") -> bool:
    name = entry.name
    return not name.startswith(".") and name not in _FOREIGN and entry.is_dir(follow_symlinks=False)


def declared(path: str) -> FlowKey | None:
    """Namespace and id of the flow in a file; None when it holds no flow or cannot be read.

    Only the lines that say them are read where the file is written as usual; a file in another
    style is read as a whole, but for one that is too large to be a flow.
    """
    try:
        data = read_bytes(path)
    except FlowFileError:
        return None
    said = _lines_said(data)
    if said is None:
        said = _nodes_said(data, path) if _may_be_flow(data) else {}
    namespace, flow_id = said.get("namespace"), said.get("id")
    return (namespace, flow_id) if namespace and flow_id and "tasks" in said else None


def _lines_said(data: bytes) -> dict[str, str] | None:
    """The keys of a flow in block style; None when only the YAML reader can tell. A file that says
    its id and namespace so would say `tasks` so, too: without them it is a suite, or the like.
    """
    said: dict[str, str] = {}
    for found in _TOP.finditer(data.removeprefix(BOM_UTF8)):
        key, value, unusual = found.groups()
        if unusual is not None:
            return None
        name = key.decode()
        text = "" if name == "tasks" else _text((value or b"").decode("utf-8", "replace"))
        if text is None or name in said:
            return None
        said[name] = text
    return said if said.keys() >= {"id", "namespace"} else None


def _text(value: str) -> str | None:
    """A name as it stands on a line; None for anything that may be no text."""
    found = _NAME.fullmatch(value)
    if found is None:
        return None
    name = found[1]
    if name[0] in "'\"":
        return name[1:-1]
    try:
        return name if isinstance(yaml_scalars.read(name), str) else None
    except ValueError:
        return None


def _may_be_flow(data: bytes) -> bool:
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return len(data) < 2 * _LARGEST
    return len(data) < _LARGEST and all(key.encode() in data for key in _KEYS)


def _nodes_said(data: bytes, path: str) -> dict[str, str]:
    try:
        root, _ = reader.read(data, path)
    except FlowFileError:
        return {}
    if not isinstance(root.value, dict):
        return {}
    said = ((key, root.get(key)) for key in _KEYS)
    return {key: node.text or str(node.value) for key, node in said if node and node.value}
