"""Check flow files without running anything."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from kestrel_cli import flowfile
from kestrel_cli.diagnostic import Diagnostic, Severity
from kestrel_cli.errors import FlowFileError, NothingMatched
from kestrel_cli.expressions.check import problems
from kestrel_cli.flowfile.loader import Loaded, PluginDefaults
from kestrel_cli.flowfile.shelf import Shelf
from kestrel_cli.model.record import record

_SUFFIXES = (".yaml", ".yml")
# The file could not even be read; every other error is about what is in it.
_NO_FILE = frozenset(("file-missing", "file-unreadable", "not-a-file"))
_NO_FLOW = frozenset(("not-a-flow", "empty"))


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
    shelf = Shelf(max_depth=max_depth, plugin_defaults=plugin_defaults)
    looked: list[_Looked] = []
    for path in dict.fromkeys(file for each in paths for file in _files(each)):
        calling = None
        try:
            loaded = flowfile.load(
                path,
                max_depth=max_depth,
                check_template=lambda text: problems(text, compat),
                plugin_defaults=plugin_defaults,
                compat=compat,
            )
            diagnostics = loaded.warnings
            shelf.put(path, loaded)
            calling = loaded if loaded.calls else None
        except FlowFileError as problem:
            diagnostics = problem.diagnostics
        if not (skip_non_flows and any(one.code in _NO_FLOW for one in diagnostics)):
            looked.append(_Looked(diagnostics, calling))
    if not looked:
        raise NothingMatched(f"no flow file in {', '.join(paths)}")
    found = [one for each in looked for one in _of_one(each, flows_dir, shelf)]
    return Verdict(len(looked), tuple(found))


class _Looked(NamedTuple):
    """What was found in a file, and its flow if that calls others."""

    diagnostics: tuple[Diagnostic, ...]
    calling: Loaded | None


def _of_one(looked: _Looked, flows_dir: str | None, shelf: Shelf) -> tuple[Diagnostic, ...]:
    """All that is wrong with a flow, calls of others included."""
    if looked.calling is None:
        return looked.diagnostics
    from kestrel_cli.flowfile.library import Library
    from kestrel_cli.flowfile.subflows import check_subflows

    library = Library.beside(looked.calling, flows_dir, shelf=shelf)
    return (*looked.diagnostics, *check_subflows(looked.calling, library))


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
