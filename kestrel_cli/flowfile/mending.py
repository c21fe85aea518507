"""Mending the one syntax error whose cure is known, so that what stands behind it is found too."""

from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.errors import FlowFileError


def is_unquoted(error: FlowFileError) -> bool:
    """Whether the file could not be read because of an expression without quotes, and only that."""
    errors = [one for one in error.diagnostics if one.severity == "error"]
    return len(errors) == 1 and errors[0].code == "unquoted-expression"


def with_quotes(data: bytes, found: Diagnostic) -> bytes | None:
    """The file with that expression in quotes; None when it is not where it was seen."""
    from kestrel_cli.flowfile.syntax import quoted

    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        return None
    number, start = found.where.line - 1, found.where.column - 1
    end = start + found.length
    value = (found.source or "")[start:end]
    if number >= len(lines) or not value or lines[number][start:end] != value:
        return None
    line = lines[number].rstrip("\r")
    lines[number] = line[:start] + quoted(value) + line[start + found.length :]
    return "\n".join(lines).encode()
