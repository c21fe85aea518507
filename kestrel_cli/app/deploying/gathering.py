"""What there is to hand over: the flows of files and folders, and the files of their namespaces.

    flows/
      load.yaml                       a flow
      _files/company.team/a/b.sql     the file `a/b.sql` of the namespace `company.team`

A folder brings the files of all namespaces that stand in it, a flow file those of its own.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from kestrel_cli.app.validate import flow_files
from kestrel_cli.errors import CannotStart, FlowFileError, NothingMatched
from kestrel_cli.flowfile.folders import FlowKey
from kestrel_cli.flowfile.loader import PluginDefaults, load_bytes
from kestrel_cli.flowfile.several import documents
from kestrel_cli.flowfile.source import read_bytes
from kestrel_cli.model.record import record

FOLDER: Final = "_files"
_MADE: Final = "__pycache__"  # nobody means to send these
_SUITE: Final = b"testCases"


@record
class FlowToSend:
    """A flow, its source as it stands in the file, and the flows that it calls by name."""

    namespace: str
    id: str
    file: str
    source: str
    calls: tuple[FlowKey, ...] = ()


@record
class FileToSend:
    """A file of a namespace; `path` is its name there."""

    namespace: str
    path: str
    file: Path


def flow_paths(paths: Sequence[str]) -> list[str]:
    """The flow files that these name, each once; what namespaces hold is none."""
    found: dict[str, None] = {}
    for path in paths:
        for file in flow_files(path):
            inner = Path(file).parts[len(Path(path).parts) :]
            if FOLDER not in inner:
                found[file] = None
    return list(found)


def flows_of(
    files: Sequence[str], plugin_defaults: PluginDefaults, *, max_depth: int
) -> list[FlowToSend]:
    """The flows of valid files, called ones first; suites of tests are passed over. Raises
    CannotStart when two have one name, NothingMatched when there is none, and FlowFileError.
    """
    found: dict[FlowKey, FlowToSend] = {}
    for file in files:
        data = read_bytes(file)
        parts = documents(data)
        for part in parts if len(parts) > 1 else [data]:
            try:
                loaded = load_bytes(
                    part, file, max_depth=max_depth, plugin_defaults=plugin_defaults
                )
            except FlowFileError:
                if _SUITE in part:
                    continue
                raise
            flow = loaded.flow
            key = (flow.namespace, flow.id)
            if key in found:
                raise CannotStart(
                    f"two flows are {'.'.join(key)}: in {found[key].file} and in {file}"
                )
            source = loaded.text.lstrip("\n") if len(parts) > 1 else loaded.text
            calls = tuple(call.key for call in loaded.calls if call.key is not None)
            found[key] = FlowToSend(*key, file, source, calls)
    if not found:
        raise NothingMatched("there is no flow among these files")
    return in_order(found)


def in_order(flows: dict[FlowKey, FlowToSend]) -> list[FlowToSend]:
    """Each flow behind those that it calls; where they call each other, as they came."""
    done: dict[FlowKey, FlowToSend] = {}
    begun: set[FlowKey] = set()
    for first, flow in flows.items():
        path: list[tuple[FlowKey, Iterator[FlowKey]]] = []
        if first not in begun:
            begun.add(first)
            path.append((first, iter(flow.calls)))
        while path:
            key, calls = path[-1]
            called = next(calls, None)
            if called is None:
                done[key] = flows[key]
                path.pop()
            elif called in flows and called not in begun:
                begun.add(called)
                path.append((called, iter(flows[called].calls)))
    return list(done.values())


def files_of(paths: Sequence[str], flows: Sequence[FlowToSend]) -> list[FileToSend]:
    """The files of namespaces that stand beside what was named, by namespace and name.

    Hidden ones, and links to somewhere else, are left out. Raises CannotStart when two stand for
    one.
    """
    found: dict[tuple[str, str], FileToSend] = {}
    for folder in dict.fromkeys(_namespaces(paths, flows)):
        for path in _below(folder):
            name = path.relative_to(folder).as_posix()
            one = FileToSend(folder.name, name, path)
            other = found.setdefault((folder.name, name), one)
            if other.file.resolve() != path.resolve():
                raise CannotStart(
                    f"two files are `{name}` of {folder.name}: {other.file} and {path}"
                )
    return [found[key] for key in sorted(found)]


def _namespaces(paths: Sequence[str], flows: Sequence[FlowToSend]) -> Iterator[Path]:
    """The folders that are namespaces."""
    for path in map(Path, paths):
        if not path.is_dir():
            own = (path.parent / FOLDER / one.namespace for one in flows if Path(one.file) == path)
            yield from (one for one in own if one.is_dir())
            continue
        for folder, inner, _ in os.walk(path):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            if Path(folder).name == FOLDER:
                yield from (Path(folder, name) for name in inner)
                inner.clear()


def _below(folder: Path) -> Iterator[Path]:
    for inside, inner, names in os.walk(folder):
        inner[:] = sorted(n for n in inner if not n.startswith(".") and n != _MADE)
        for name in sorted(names):
            path = Path(inside, name)
            is_own = path.resolve().is_relative_to(folder.resolve())
            if not name.startswith(".") and path.is_file() and is_own:
                yield path
