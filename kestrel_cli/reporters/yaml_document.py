"""The execution as one YAML document, written as it is made; the data is that of the JSON document.

Everything a YAML 1.1 or 1.2 reader could take for something else is quoted, in JSON's way, which
YAML reads too.
"""

import re
from collections.abc import Sequence
from typing import Any, Final, TextIO

from kestrel_cli.model.execution import Execution
from kestrel_cli.reporters.family import callers, others
from kestrel_cli.reporters.json_values import Layout, Quote, Values, quote_for, quoted
from kestrel_cli.reporters.shape import after_runs, before_runs, run_shape

# Plain text that no reader takes for a number, date, boolean, null, key or comment.
_PLAIN: Final = re.compile(r"[A-Za-z_](?:[\w ./+()-]*[\w./+()-])?", re.ASCII)
_RESERVED: Final = frozenset(("true", "false", "yes", "no", "on", "off", "y", "n", "null"))
# Deeper values go on one line, as JSON: indentation would grow without end, and so would the stack.
_BLOCK_LEVELS: Final = 20
_DASH: Final = "  - "  # the first two of four columns in which an execution of a list stands
_LONGEST_KEY: Final = 1000  # readers look 1,024 characters ahead for the colon of a key


def write_yaml(execution: Execution, stream: TextIO, exit_code: int) -> None:
    """The execution with its `taskRunList`, streamed run by run; other executions after it."""
    unicode = quote_for(stream) is quoted
    writer = _Writer(quoted if unicode else _quoted_in_ascii)
    _write_until_tail(execution, writer, stream, 0)
    stream.write(writer.members(after_runs(execution, exit_code), 0))
    further = others(execution)
    started_by = callers(execution) if further else {}
    if further:
        stream.write("executions:\n")
    for other in further:
        stream.write(_DASH)
        _write_until_tail(other, writer, stream, 2)
        tail = after_runs(other, None, started_by.get(other.id))
        stream.write(writer.members(tail, 2))
    stream.flush()


def _write_until_tail(execution: Execution, writer: "_Writer", stream: TextIO, level: int) -> None:
    """The first line goes on with what was written before it."""
    stream.write(writer.members(before_runs(execution), level)[2 * level :])
    if runs := execution.listed():
        stream.write(f"{'  ' * level}taskRunList:\n")
    stream.writelines(writer.items([run_shape(execution, run)], level + 1) for run in runs)


def yaml_text(value: object) -> str:
    """Any value as a YAML document."""
    writer = _Writer(quoted)
    if value and isinstance(value, dict):
        return writer.members(value, 0)
    if value and isinstance(value, (list, tuple)):
        return writer.items(value, 0)
    return writer.after("", value, 0).lstrip(" ")


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


class _Writer:
    def __init__(self, quote: Quote) -> None:
        self._quote = quote
        self._values = _OneLine(quote)

    def members(self, value: dict[Any, Any], level: int) -> str:
        """The lines of a map that is not empty."""
        indent = "  " * level
        return "".join(
            self.after(f"{indent}{self._key(str(key), indent)}:", item, level)
            for key, item in value.items()
        )

    def items(self, value: Sequence[Any], level: int) -> str:
        """The lines of a list that is not empty. A map starts behind the dash."""
        indent = "  " * level
        lines = []
        for item in value:
            if isinstance(item, dict) and item and level < _BLOCK_LEVELS:
                lines.append(f"{indent}- {self.members(item, level + 1)[len(indent) + 2 :]}")
            else:
                lines.append(self.after(f"{indent}-", item, level))
        return "".join(lines)

    def after(self, head: str, value: object, level: int) -> str:
        """`head` and the value, beside or below it. The recursion ends at _BLOCK_LEVELS."""
        if value and level < _BLOCK_LEVELS:
            if isinstance(value, dict):
                return f"{head}\n{self.members(value, level + 1)}"
            if isinstance(value, (list, tuple)):
                return f"{head}\n{self.items(value, level + 1)}"
        if isinstance(value, str):
            return f"{head} {self._string(value, level)}\n"
        return f"{head} {self._values.text(value)}\n"

    def _key(self, key: str, indent: str) -> str:
        text = key if _is_plain(key) else self._quote(key)
        return text if len(text) < _LONGEST_KEY else f"? {text}\n{indent}"

    def _string(self, text: str, level: int) -> str:
        if _is_plain(text):
            return text
        if not _keeps_its_lines(text):
            return self._quote(text)
        body = text.removesuffix("\n")
        mark = "|-" if body == text else "|"
        indent = "\n" + "  " * (level + 1)
        return mark + "".join(indent + line if line else "\n" for line in body.split("\n"))


def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None and text.lower() not in _RESERVED


def _keeps_its_lines(text: str) -> bool:
    """Whether text can stand line by line: several lines, nothing to escape, no odd blanks."""
    lines = text.removesuffix("\n").split("\n")
    return (
        len(lines) > 1
        and lines[0][:1] not in ("", " ")
        and lines[-1] != ""
        and all(line.isprintable() and not line.endswith(" ") for line in lines)
        and text.isascii()  # a stream that cannot encode the rest needs escapes, so quotes
    )
