"""Check flow files without running anything."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from kestrel_cli import flowfile
from kestrel_cli.app.silencing import Silenced
from kestrel_cli.diagnostic import Diagnostic, Severity
from kestrel_cli.errors import FlowFileError, NothingMatched
from kestrel_cli.expressions.check import problems
from kestrel_cli.flowfile.loader import Loaded, PluginDefaults
from kestrel_cli.flowfile.several import documents
from kestrel_cli.flowfile.shelf import Shelf
from kestrel_cli.flowfile.source import read_bytes
from kestrel_cli.model.record import record

_SUFFIXES = (".yaml", ".yml")
# The file could not even be read; every other error is about what is in it.
_NO_FILE = frozenset(("file-missing", "file-unreadable", "not-a-file"))
_NO_FLOW = frozenset(("not-a-flow", "empty"))
_SEVERAL = "several-documents"
_ONE = "each of them is looked at; `kestrel run` takes a file with one"


@record
class Verdict:
    """How many files were looked at, everything found in them, file by file in file order, and the
    files' names.
    """

    files: int
    diagnostics: tuple[Diagnostic, ...]
    names: tuple[str, ...] = ()

    def count(self, severity: Severity) -> int:
        """How many findings there are of this severity."""
        return sum(found.severity == severity for found in self.diagnostics)

    def exit_code(self, *, fail_on_warning: bool = False) -> int:
        """3 when a file could not be read, 1 for errors (and warnings, if they count), else 0."""
        if any(found.code in _NO_FILE for found in self.diagnostics):
            return 3
        return int(self.count("error") > 0 or (fail_on_warning and self.count("warning") > 0))


def validate(
    paths: Sequence[str],
    *,
    skip_non_flows: bool = False,
    max_depth: int = flowfile.MAX_DEPTH,
    flows_dir: str | None = None,
    plugin_defaults: PluginDefaults = (),
    compat: int = 1,
) -> Verdict:
    """Look at files, `-` for standard input, and every YAML file below directories.

    `skip_non_flows` passes over files that hold something else than a flow or a suite of tests.
    Flows that are called
    are looked for below `flows_dir`, else beside the file. `compat` is the Kestra generation.
    Raises NothingMatched when nothing is left, unless all that was named are files that hold
    something else: hooks hand over whatever was changed.
    """
    shelf = Shelf(max_depth=max_depth, plugin_defaults=plugin_defaults)
    reading = _Reading(shelf, max_depth, plugin_defaults, compat)
    looked: dict[str, _Looked] = {}
    for path in dict.fromkeys(file for each in paths for file in flow_files(each)):
        one = reading.of_file(path)
        if not (skip_non_flows and any(found.code in _NO_FLOW for found in one.diagnostics)):
            looked[path] = one
    passed_over = skip_non_flows and not any(Path(path).is_dir() for path in paths)
    if not looked and not passed_over:
        raise NothingMatched(f"no flow file in {', '.join(paths)}")
    found = [one for each in looked.values() for one in _of_one(each, flows_dir, shelf)]
    return Verdict(len(looked), tuple(found), tuple(looked))


class _Looked(NamedTuple):
    """What was found in a file, those of its flows that call others, what its comments silence."""

    diagnostics: tuple[Diagnostic, ...]
    calling: tuple[Loaded, ...] = ()
    silenced: Silenced | None = None


class _Reading:
    """How files are looked at, one after the other; `shelf` keeps their flows for those that call
    them.
    """

    def __init__(
        self, shelf: Shelf, max_depth: int, plugin_defaults: PluginDefaults, compat: int
    ) -> None:
        self._shelf = shelf
        self._max_depth = max_depth
        self._plugin_defaults = plugin_defaults
        self._compat = compat

    def of_file(self, path: str) -> _Looked:
        """Everything found in a file; of one with several flows, in each of them."""
        try:
            data = read_bytes(path)
        except FlowFileError as problem:
            return _Looked(problem.diagnostics)
        return self._of_bytes(data, path)._replace(silenced=Silenced(data, path))

    def _of_bytes(self, data: bytes, path: str) -> _Looked:
        looked = self._of_document(data, path)
        if not any(one.code == _SEVERAL for one in looked.diagnostics):
            for loaded in looked.calling:
                self._shelf.put(path, loaded)
            return _calling(looked)
        told = [
            one._replace(severity="info", message="a second flow starts here", hint=_ONE)
            for one in looked.diagnostics
            if one.code == _SEVERAL
        ]
        calling: list[Loaded] = []
        for document in documents(data):
            each = self._of_document(document, path)
            told += each.diagnostics
            calling += each.calling
        whole = tuple(sorted(told, key=lambda one: one.where[1:]))
        return _calling(_Looked(whole, tuple(calling)))

    def _of_document(self, data: bytes, path: str) -> _Looked:
        try:
            loaded = flowfile.load_bytes(
                data,
                path,
                max_depth=self._max_depth,
                check_template=lambda text: problems(text, self._compat),
                plugin_defaults=self._plugin_defaults,
                compat=self._compat,
            )
        except FlowFileError as problem:
            is_suite = b"testCases" in data and b"flowId" in data
            if is_suite and any(one.code in _NO_FLOW for one in problem.diagnostics):
                return self._of_suite(data, path)
            return _Looked(problem.diagnostics)
        return _Looked(loaded.warnings, (loaded,))

    def _of_suite(self, data: bytes, path: str) -> _Looked:
        """A suite of tests by itself: whether it fits its flow, `kestrel test` says."""
        from kestrel_cli.flowfile.suites import suite_of

        try:
            found = suite_of(data, path, compat=self._compat, max_depth=self._max_depth)
        except FlowFileError as problem:
            return _Looked(problem.diagnostics)
        return _Looked(found.warnings)


def _calling(looked: _Looked) -> _Looked:
    """Without the flows that call none: they are not looked at again."""
    return looked._replace(calling=tuple(one for one in looked.calling if one.calls))


def _of_one(looked: _Looked, flows_dir: str | None, shelf: Shelf) -> tuple[Diagnostic, ...]:
    """All that is wrong with the flows of a file, calls of others included."""
    found = list(looked.diagnostics)
    for calling in looked.calling:
        from kestrel_cli.flowfile.library import Library
        from kestrel_cli.flowfile.subflows import check_subflows

        library = Library.beside(calling, flows_dir, shelf=shelf)
        found += check_subflows(calling, library)
    return tuple(looked.silenced.applied(found) if looked.silenced else found)


def flow_files(path: str) -> Iterator[str]:
    """The file, or the YAML files below a directory, hidden ones left out, in fixed order."""
    if path == "-" or not Path(path).is_dir():
        yield path
        return
    for folder, inner, names in os.walk(path):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(_SUFFIXES):
                yield str(Path(folder, name))
