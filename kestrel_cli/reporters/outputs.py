"""The table of `--output`: a name, and what shows a run in that form.

A new format is a file of its own and a line in the table. Modules are imported when their format is
asked for.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TextIO

from kestrel_cli.model.record import changed, record
from kestrel_cli.model.task import LogLevel
from kestrel_cli.reporters.base import Reporter
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.log_options import AS_USUAL, LogOptions
from kestrel_cli.reporters.tails import NO_TAILS, Tails

if TYPE_CHECKING:
    from kestrel_cli.reporters.ci import CiFormat
    from kestrel_cli.reporters.document import Writer


_SILENT: Final = 2  # so often `--quiet`: nothing is told


@record
class Sinks:
    """Where a run is shown: results on `out`, live lines beside a document on `err`."""

    out: TextIO
    err: TextIO
    out_style: Style
    err_style: Style
    log_level: LogLevel = "INFO"
    quiet: int = 0
    tails: Tails = NO_TAILS  # what failed task runs have said last
    now: int | None = None  # of what still runs, the moment up to which it has taken
    ci: "CiFormat | None" = None  # the CI system whose log this is
    logs: LogOptions = AS_USUAL

    def onto(self, stream: TextIO) -> "Sinks":
        """These sinks with results on `stream` and nothing beside them."""
        return changed(self, out=stream, quiet=_SILENT)


def _text(sinks: Sinks) -> Reporter:
    from kestrel_cli.reporters.terminal import Terminal

    return Terminal(
        sinks.out,
        sinks.out_style,
        sinks.log_level,
        sinks.quiet,
        sinks.tails,
        sinks.ci,
        sinks.now,
        sinks.logs,
    )


def _json(sinks: Sinks) -> Reporter:
    from kestrel_cli.reporters.json_document import write_json

    return _document(sinks, write_json)


def _tree(sinks: Sinks) -> Reporter:
    from kestrel_cli.reporters.json_tree import write_tree_json

    return _document(sinks, write_tree_json)


def _yaml(sinks: Sinks) -> Reporter:
    from kestrel_cli.reporters.yaml_document import write_yaml

    return _document(sinks, write_yaml)


def _ndjson(sinks: Sinks) -> Reporter:
    from kestrel_cli.reporters.ndjson import NdjsonReporter

    return NdjsonReporter(sinks.out, sinks.log_level, sinks.tails)


def _document(sinks: Sinks, write: "Writer") -> Reporter:
    from kestrel_cli.reporters.document import DocumentReporter

    if sinks.quiet >= _SILENT:
        return DocumentReporter(sinks.out, write=write, tails=sinks.tails)
    from kestrel_cli.reporters.logs import LogLines

    live = LogLines(sinks.err, sinks.err_style, sinks.log_level, sinks.quiet, options=sinks.logs)
    return DocumentReporter(sinks.out, live, write, sinks.tails)


OUTPUTS: Final[Mapping[str, Callable[[Sinks], Reporter]]] = {
    "text": _text,
    "json": _json,
    "tree": _tree,
    "yaml": _yaml,
    "ndjson": _ndjson,
}
