"""Check flow files without running anything."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from kestrel_cli import flowfile
from kestrel_cli.diagnostic import Diagnostic, Severity
from kestrel_cli.errors import FlowFileError, NothingMatched
from kestrel_cli.expressions.check import problems
from kestrel_cli.flowfile.loader import Loaded, PluginDefaults
from kestrel_cli.flowfile.several import documents
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
    """How many files were looked at, and everything found in them, file by file in file order."""

    files: int
    diagnostics: tuple[Diagnostic, ...]

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

    `skip_non_flows` passes over files that hold something else than a flow. Flows that are called
    are looked for below `flows_dir`, else beside the file. `compat` is the Kestra generation.
    Raises NothingMatched when nothing is left.
    """
    found: list[Diagnostic] = []
    looked_at = 0
    reading = _Reading(max_depth, flows_dir, plugin_defaults, compat)
    for path in dict.fromkeys(file for each in paths for file in _files(each)):
        diagnostics = reading.of_file(path)
        if skip_non_flows and any(one.code in _NO_FLOW for one in diagnostics):
            continue
        looked_at += 1
        found.extend(diagnostics)
    if not looked_at:
        raise NothingMatched(f"no flow file in {', '.join(paths)}")
    return Verdict(looked_at, tuple(found))


@record
class _Reading:
    """How files are looked at."""

    max_depth: int
    flows_dir: str | None
    plugin_defaults: PluginDefaults
    compat: int

    def of_file(self, path: str) -> tuple[Diagnostic, ...]:
        """Everything found in a file; of one with several flows, in each of them."""
        try:
            data = read_bytes(path)
        except FlowFileError as problem:
            return problem.diagnostics
        found = self._of_document(data, path)
        if not any(one.code == _SEVERAL for one in found):
            return found
        told = [
            one._replace(severity="info", message="a second flow starts here", hint=_ONE)
            for one in found
            if one.code == _SEVERAL
        ]
        for document in documents(data):
            told += self._of_document(document, path)
        return tuple(sorted(told, key=lambda one: one.where[1:]))

    def _of_document(self, data: bytes, path: str) -> tuple[Diagnostic, ...]:
        try:
            loaded = flowfile.load_bytes(
                data,
                path,
                max_depth=self.max_depth,
                check_template=lambda text: problems(text, self.compat),
                plugin_defaults=self.plugin_defaults,
                compat=self.compat,
            )
        except FlowFileError as problem:
            return problem.diagnostics
        return loaded.warnings + (self._of_calls(loaded) if loaded.calls else ())

    def _of_calls(self, loaded: Loaded) -> tuple[Diagnostic, ...]:
        """What is wrong with the calls of other flows."""
        from kestrel_cli.flowfile.library import Library
        from kestrel_cli.flowfile.subflows import check_subflows

        library = Library.beside(
            loaded,
            self.flows_dir,
            max_depth=self.max_depth,
            plugin_defaults=self.plugin_defaults,
        )
        return tuple(check_subflows(loaded, library))


def _files(path: str) -> Iterator[str]:
    """The file, or the YAML files below a directory, hidden ones left out, in fixed order."""
    if path == "-" or not Path(path).is_dir():
        yield path
        return
    for folder, inner, names in os.walk(path):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(_SUFFIXES):
                yield str(Path(folder, name))
