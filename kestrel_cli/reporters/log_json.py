"""Live lines as JSON, one object on each line."""

from json.encoder import encode_basestring_ascii
from typing import Any

from kestrel_cli.model.moment import iso_instant
from kestrel_cli.model.task import LEVELS
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.json_values import Layout as JsonLayout
from kestrel_cli.reporters.json_values import Values, quoted
from kestrel_cli.reporters.log_entry import Entry


class JsonLines:
    """`at`, `level`, `news` (of lines that nobody logged), `task`, `path`, `value`, `attempt`,
    `execution`, `message`; what is not known is left out.
    """

    def __init__(self, style: Style) -> None:
        quote = quoted if style.unicode else encode_basestring_ascii
        self._values = Values(JsonLayout(None), quote)

    def text(self, entry: Entry, path: str) -> str:
        """The object and a line break."""
        shape: dict[str, Any] = {"at": iso_instant(entry.at), "level": entry.level}
        if entry.name not in LEVELS:
            shape["news"] = entry.name
        run = None if entry.run is None else entry.execution.runs[entry.run]
        if run is not None:
            shape["task"] = run.task.id
        shape["path"] = path
        if run is not None and run.value is not None:
            shape["value"] = entry.execution.masker.mask(run.value)
        if entry.attempt is not None:
            shape["attempt"] = entry.attempt
        shape["execution"] = entry.execution.id
        shape["message"] = entry.message
        return f"{self._values.text(shape)}\n"
