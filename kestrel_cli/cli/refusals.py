"""Why a command does not begin, or ends early, for people: errors line by line. Findings about
files look as `validate` shows them, colours follow the same rules.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from kestrel_cli.cli.findings_text import finding_lines
from kestrel_cli.cli.look import Look
from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.errors import FlowFileError, InputError, KestrelError, Obstacles, Unsupported
from kestrel_cli.flowfile.diagnostics import Line
from kestrel_cli.model.masker import hidden
from kestrel_cli.reporters.clean import clean
from kestrel_cli.reporters.console import Flags, Style, look_at, said_yes, style_for
from kestrel_cli.reporters.painter import write_lines

_HEADS: Final = (("error: ", "failed", "name"), ("hint: ", "value", "plain"))


def write_refusal(error: KestrelError, look: Look) -> None:
    """Write all of an error to stderr, without secrets. Raises OSError."""
    flags = Flags(look.colour or _settled(look), look.width, look.ascii)  # type: ignore[arg-type]  # one of them
    style = style_for(os.environ, look_at(sys.stderr), flags)
    write_lines(map(_safe, refusal_lines(error, style)), sys.stderr, style.colour)
    if look.annotations and said_yes(os.environ, "GITHUB_ACTIONS"):
        _annotate(list(_found(error)))


def write_findings(found: Sequence[Diagnostic], style: Style) -> None:
    """Write findings to stdout as `validate` does."""
    write_lines(map(_safe, _findings(found, style)), sys.stdout, style.colour)


def refusal_lines(error: KestrelError, style: Style) -> Iterator[Line]:
    """The lines of an error; no finding is left out that stops anything."""
    match error:
        case Obstacles():
            for one in error.parts:
                yield from refusal_lines(one, style)
        case FlowFileError():
            yield from _findings(error.diagnostics, style)
        case InputError():
            for problem in error.problems:
                yield from _said(f"error: {problem}", getattr(problem, "hint", None))
        case Unsupported():
            yield from _said(f"error: {error}")
            for what, where in error.needs:
                yield [("plain", f"  {where}: {what}")]
            if error.mocks:
                yield from _said(
                    "hint: give their results, or let all of them succeed without outputs:"
                )
                for option in (*error.mocks, "--mock-unsupported"):
                    yield [("plain", f"  {option}")]
        case _:
            yield from _said(f"error: {error}", getattr(error, "hint", None))


def _settled(look: Look) -> str:
    """What the settings say of colours; settings that can't be read are told of elsewhere."""
    from kestrel_cli.store.config import read_config

    with suppress(KestrelError, OSError):
        config = read_config(
            Path.cwd(), os.environ, lambda _: None, ignore_project=look.ignore_project
        )
        return config.color or "auto"
    return "auto"


def _findings(found: Sequence[Diagnostic], style: Style) -> Iterator[Line]:
    """An empty line between two findings, and none at the end."""
    waiting: list[Line] = []
    for line in finding_lines(found, style, verbose=False):
        if line:
            yield from waiting
            waiting = []
            yield line
        else:
            waiting.append(line)


def _said(text: str, hint: str | None = None) -> Iterator[Line]:
    for line in (f"{text}\nhint: {hint}" if hint else text).rstrip("\n").split("\n"):
        for head, role, rest in _HEADS:
            if line.startswith(head):
                yield [(role, head), (rest, line.removeprefix(head))]
                break
        else:
            yield [("plain", line)]


def _safe(line: Line) -> Line:
    """Without secrets, and nothing that acts on a terminal: names of files can hold anything."""
    return [(role, clean(hidden(text))) for role, text in line]


def _found(error: KestrelError) -> Iterable[Diagnostic]:
    match error:
        case Obstacles():
            for one in error.parts:
                yield from _found(one)
        case FlowFileError():
            yield from error.diagnostics
        case _:
            pass


def _annotate(found: list[Diagnostic]) -> None:
    """Findings beside the lines of a change, on stderr: stdout may be for data alone."""
    from kestrel_cli.reporters.findings.github import annotations, left_out

    lines = annotations(found)
    if more := left_out(found):
        lines.append(more)
    sys.stderr.writelines(f"{hidden(line)}\n" for line in lines)
    sys.stderr.flush()
