"""`kestrel doctor`: what is there on this machine, and what is wrong with it."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from kestrel_cli.app.doctor import machine, settings
from kestrel_cli.app.doctor.report import Fact, Section
from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.cli.look import flags_of
from kestrel_cli.cli.options import AsciiOnly, ColorWhen, NoProjectConfig, StateDir, Width
from kestrel_cli.errors import UsageError
from kestrel_cli.reporters.cells import cells
from kestrel_cli.reporters.clean import one_line
from kestrel_cli.reporters.console import Flags, Style, look_at, never_fails, style_for
from kestrel_cli.reporters.reasons import reasons
from kestrel_cli.reporters.style import painted

_BROKEN: Final = 1
# Verdict -> role, sign, sign in ASCII.
_SIGNS: Final = {
    "ok": ("ok", "✔", "ok  "),
    "missing": ("dim", "·", "-   "),
    "warning": ("warning", "⚠", "warn"),
    "broken": ("failed", "✘", "FAIL"),
}


def doctor(
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FORMAT", help="`text` or `json`.")
    ] = "text",
    state_dir: StateDir = None,
    no_project_config: NoProjectConfig = False,
    color: ColorWhen = None,
    width: Width = None,
    ascii_only: AsciiOnly = False,
) -> None:
    """Look at this machine: the programs that run scripts, container engines, Python packages, the
    state directory, the settings that hold here, and what the terminal shows.

    What is missing is no fault, for most flows do without it. The exit code is 1 when something is
    broken: there is no `sh`, a settings file can't be read, state can't be written.

    \b
    Examples:
      kestrel doctor
      kestrel doctor -o json
    """
    with exit_codes():
        if output not in ("text", "json"):
            raise UsageError(f"`--output {output}`: use `text` or `json`")
        told, config = settings.configuration(
            Path.cwd(), os.environ, ignore_project=no_project_config
        )
        colour_by = "--color" if color is not None else config.origins.get("color", "")
        flags = flags_of(color, width, ascii_only=ascii_only, config=config)
        found = [
            machine.program(),
            machine.interpreters(os.environ),
            machine.containers(os.environ),
            machine.extras(),
            settings.state(state_dir, config, os.environ),
            told,
            _terminal(flags, colour_by),
        ]
        never_fails(sys.stdout)
        if output == "json":
            sys.stdout.write(json.dumps(_document(found), indent=2, ensure_ascii=False) + "\n")
        else:
            style = style_for(os.environ, look_at(sys.stdout), flags)
            sys.stdout.write("".join(f"{line}\n" for line in _lines(found, style)))
        if _broken(found):
            raise typer.Exit(_BROKEN)


def _terminal(flags: Flags, colour_by: str) -> Section:
    said = reasons(os.environ, look_at(sys.stdout), flags, colour_by)
    facts = [Fact(name, "ok", f"{value} ({why})" if why else value) for name, value, why in said]
    return Section("Terminal", facts)


def _broken(found: Sequence[Section]) -> list[Fact]:
    return [one for section in found for one in section.facts if one.verdict == "broken"]


def _document(found: Sequence[Section]) -> dict[str, Any]:
    return {
        "schemaVersion": 1,
        "ok": not _broken(found),
        "sections": {
            section.title: [
                {key: value for key, value in one._asdict().items() if value}
                for one in section.facts
            ]
            for section in found
        },
    }


def _lines(found: Sequence[Section], style: Style) -> Iterator[str]:
    for number, section in enumerate(found):
        if number:
            yield ""
        yield painted("name", section.title, style.colour)
        width = max(cells(one.name) for one in section.facts)
        for one in section.facts:
            role, sign, ascii_sign = _SIGNS[one.verdict]
            shown = painted(role, sign if style.unicode else ascii_sign, style.colour)
            hint = f": {one.hint}" if one.hint else ""
            name = f"{one.name}{' ' * (width - cells(one.name))}"
            yield f"  {shown} {name}  {one_line(one.value + hint)}"
    yield ""
    faults = len(_broken(found))
    yield f"{faults} broken" if faults else "nothing is broken"
