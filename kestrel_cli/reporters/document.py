"""A run as one document at its end, with live lines on another stream until then."""

from typing import Protocol, TextIO

from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.reporters.json_document import write_json
from kestrel_cli.reporters.logs import LogLines
from kestrel_cli.reporters.tails import NO_TAILS, Tails


class Writer(Protocol):
    """Writes one execution as a document."""

    def __call__(
        self, execution: Execution, stream: TextIO, exit_code: int, /, *, tails: Tails
    ) -> None: ...


class DocumentReporter:
    """Writes nothing to `stream` but what `write` makes of the execution, once, at the end; and the
    lines of `live` on another one.
    """

    def __init__(
        self,
        stream: TextIO,
        live: LogLines | None = None,
        write: Writer = write_json,
        tails: Tails = NO_TAILS,
    ) -> None:
        self._tails = tails
        self._stream = stream
        self._live = live
        self._write = write

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """Its place in the live lines."""
        if self._live is not None:
            self._live.started(execution, parent, run)

    def on_log(self, line: LogLine, execution: Execution) -> None:
        """A live line."""
        if self._live is not None:
            self._live.on_log(line, execution)

    def on_event(self, event: Event, execution: Execution) -> None:
        """A live line for failures."""
        if self._live is not None:
            self._live.on_event(event, execution)

    def close(self, execution: Execution, exit_code: int) -> None:
        """The document; beside it, how to go on."""
        self._write(execution, self._stream, exit_code, tails=self._tails)
        if self._live is not None:
            self._live.close(execution)
