"""The execution as one YAML document, written as it is made; the data is that of the JSON document.

Everything a YAML 1.1 or 1.2 reader could take for something else is quoted, in JSON's way, which
YAML reads too.
"""

import re
from collections.abc import Callable
from typing import Final, TextIO

from kestrel_cli.model.execution import Execution
from kestrel_cli.reporters.failures import error_shape
from kestrel_cli.reporters.family import callers, others
from kestrel_cli.reporters.json_values import Layout, Quote, Values, quote_for, quoted
from kestrel_cli.reporters.shape import after_runs, before_runs, run_shape
from kestrel_cli.reporters.tails import NO_TAILS, Tails
from kestrel_cli.yaml_writer import Writer

# Plain text that no reader takes for a number, date, boolean, null, key or comment.
_PLAIN: Final = re.compile(r"[A-Za-z_](?:[\w ./+()-]*[\w./+()-])?", re.ASCII)
_RESERVED: Final = frozenset(("true", "false", "yes", "no", "on", "off", "y", "n", "null"))


def write_yaml(
    execution: Execution, stream: TextIO, exit_code: int, *, tails: Tails = NO_TAILS
) -> None:
    """The execution with its `taskRunList`, streamed run by run; other executions after it."""
    lines: list[str] = []
    writer = _Writer(lines.append, quoted if quote_for(stream) is quoted else _quoted_in_ascii)

    def until_tail(one: Execution, column: int, level: int, first: str) -> None:
        writer.members(before_runs(one), column, level, first)
        runs = one.listed()
        if runs:
            lines.append(f"{' ' * column}taskRunList:")
        for run in runs:
            writer.items([run_shape(one, run)], column + 2, level + 1)
            _pour(lines, stream)

    until_tail(execution, 0, 0, "")
    error = error_shape(execution, tails)
    writer.members(after_runs(execution, exit_code, error=error), 0, 0)
    further = others(execution)
    started_by = callers(execution) if further else {}
    if further:
        lines.append("executions:")
    for other in further:
        until_tail(other, 4, 2, "  - ")
        writer.members(after_runs(other, None, started_by.get(other.id)), 4, 2)
    _pour(lines, stream)
    stream.flush()


def _pour(lines: list[str], stream: TextIO) -> None:
    lines.append("")
    stream.write("\n".join(lines))
    lines.clear()


def yaml_text(value: object) -> str:
    """Any value as a YAML document."""
    lines: list[str] = []
    _Writer(lines.append).document(value)
    return "\n".join(lines) + "\n"


def _quoted_in_ascii(text: str) -> str:
    # YAML reads the escapes that Python writes; JSON's pairs of surrogates it does not.
    return quoted(text).encode("ascii", "backslashreplace").decode("ascii")


class _OneLine(Values):
    """JSON on one line in the spelling that older YAML readers need."""

    def __init__(self, quote: Quote) -> None:
        layout = Layout(None)
        layout.colon = ": "
        super().__init__(layout, quote)

    def _float(self, value: float) -> str:
        text = super()._float(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text


class _Writer(Writer):
    """The data of JSON, and quotes around all that any reader could take for something else."""

    def __init__(self, put: Callable[[str], object], quote: Quote = quoted) -> None:
        super().__init__(put)
        self._quote = quote
        self._values = _OneLine(quote)

    def is_plain(self, text: str) -> bool:
        return _PLAIN.fullmatch(text) is not None and text.lower() not in _RESERVED

    def keeps_its_lines(self, text: str) -> bool:
        lines = text.removesuffix("\n").split("\n")
        return (
            len(lines) > 1
            and lines[0][:1] not in ("", " ")
            and lines[-1] != ""
            and all(line.isprintable() and not line.endswith(" ") for line in lines)
            and text.isascii()  # a stream that cannot encode the rest needs escapes, so quotes
        )

    def quoted(self, text: str) -> str:
        return self._quote(text)

    def other(self, value: object) -> str:
        return self._values.text(value)

    def deep(self, value: object) -> str:
        # JSON: indentation would grow without end, and so would the stack.
        return self._values.text(value)
