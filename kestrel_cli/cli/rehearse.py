"""`kestrel rehearse`: walk a flow in a world that is made up."""

import json
import os
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import typer

from kestrel_cli.app.rehearsal.rehearse import Rehearsal
from kestrel_cli.app.rehearsal.rehearse import rehearse as walk_through
from kestrel_cli.app.request import Demands
from kestrel_cli.app.validate import flow_files
from kestrel_cli.cli import options as of
from kestrel_cli.cli.guard import warn
from kestrel_cli.cli.refusals import write_findings
from kestrel_cli.cli.rehearsal_text import document, rehearsal_text, summary
from kestrel_cli.cli.run_options import Imagines, RunOptions, request_of
from kestrel_cli.cli.running import library_of, settings
from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.errors import FlowFileError, NothingMatched
from kestrel_cli.expressions.check import problems
from kestrel_cli.flowfile import load
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.model.record import changed
from kestrel_cli.model.task import Task
from kestrel_cli.reporters.clean import clean
from kestrel_cli.reporters.console import Flags, Style, look_at, style_for
from kestrel_cli.store.config import Config
from kestrel_cli.store.directory import make_private, state_directory

COMMAND: Final = Imagines
_UNBROKEN: Final = 100_000  # columns
_NO_FLOW: Final = frozenset(("not-a-flow", "empty"))


class Branches(StrEnum):
    """How much of a flow is walked."""

    FIRST = "first"
    ALL = "all"


def rehearse(
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="FLOW...", help="Flow files, or folders of them.")
    ],
    inputs: of.Inputs = None,
    inputs_file: of.InputsFile = None,
    allow_unknown_inputs: of.AllowUnknownInputs = False,
    mocks: of.MocksFile = None,
    branches: Annotated[
        Branches,
        typer.Option(help="`all` walks every branch: each case, `errors`, empty loops ..."),
    ] = Branches.FIRST,
    run: Annotated[
        list[str] | None,
        typer.Option(metavar="TASK", help="Run this task, or types that begin so. Repeatable."),
    ] = None,
    real: Annotated[bool, typer.Option("--real", help="Run every task that can run here.")] = False,
    write_mocks: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write what was made up, to fill in for `--mocks`."),
    ] = None,
) -> None:
    """Walk a flow without accounts, secrets or inputs: what reaches out is made up.

    Nothing goes out of this machine or changes anything on it. The exit code is 0 when the flow
    walks, 1 when something is wrong with it whatever the values, 3 when a file is no valid flow.

    \b
    Examples:
      kestrel rehearse flow.yaml
      kestrel rehearse flows/ --branches all
      kestrel rehearse flow.yaml --write-mocks mocks.yaml
    """
    options: RunOptions = context.obj
    config = settings(ignore_project=options.no_project_config)
    paths = [path for each in files for path in flow_files(each)]
    given = _Given(inputs or [], inputs_file, mocks, allow_unknown_inputs)
    names = run or []

    def is_real(task: Task) -> bool:
        return real or any(task.id == name or task.type.startswith(name) for name in names)

    rehearser = _Rehearser(options, config, given, branches, is_real, names, len(paths) == 1)
    for path in paths:
        rehearser.rehearse(path)
    rehearser.end(files, write_mocks)


class _Given(NamedTuple):
    """What the command line gives of inputs."""

    inputs: list[str]
    file: str | None
    mocks: str | None
    unknown: bool = False  # inputs that the flow does not declare pass


class _Rehearser:
    """One flow after the other; each is told when it was walked."""

    def __init__(
        self,
        options: RunOptions,
        config: Config,
        given: _Given,
        branches: Branches,
        real: Callable[[Task], bool],
        names: list[str],
        alone: bool,
    ) -> None:
        self._options = options
        self._config = config
        self._given = given
        self._all = branches is Branches.ALL
        self._real = real
        self._names = names
        self._alone = alone
        self._compat = options.compat or config.compat or 1
        self._found: list[Rehearsal] = []
        self._invalid: list[Diagnostic] = []

    @property
    def _is_text(self) -> bool:
        return self._options.output is of.Output.TEXT

    def rehearse(self, path: str) -> None:
        """Walk the flow in a file. Raises FlowFileError when it is the only one."""
        loaded = self._loaded(path)
        if loaded is None:
            return
        asked = request_of(self._options, self._config, loaded.flow, loaded.text)
        made_up: dict[str, object] = {}
        if self._given.mocks is not None:
            from kestrel_cli.cli.mocks_file import with_mocks_file

            asked, made_up = with_mocks_file(asked, self._given.mocks)
        library = library_of(asked, loaded)
        if self._alone:  # of several flows, one may have what another has not
            from kestrel_cli.app.preflight.gather import refuse_unknown_names

            options = _inputs(loaded, self._given.inputs, self._given.file)
            demands = Demands(known_inputs=not self._given.unknown)
            refuse_unknown_names(
                changed(asked, library=library, inputs=options, demands=demands), self._names
            )
        given = {**made_up, **_inputs(loaded, self._given.inputs, self._given.file)}
        place = state_directory(asked.state_dir, os.environ)
        make_private(place)
        one = walk_through(
            loaded,
            library,
            changed(asked, inputs=given),
            every_branch=self._all,
            real=self._real,
            within=place,
        )
        self._found.append(one)
        if self._is_text:
            self._tell(one)

    def _style(self) -> Style:
        asked, said = self._options, self._options.color
        colour = said.value if said is not None else self._config.color or "auto"
        flags = Flags(colour, asked.width, asked.ascii_only)  # type: ignore[arg-type]  # one of them
        return style_for(os.environ, look_at(sys.stdout), flags)

    def _tell(self, one: Rehearsal) -> None:
        style = self._style()
        text = rehearsal_text(
            one,
            quiet=self._options.quiet,
            all_branches=self._all,
            width=style.width if style.wraps else _UNBROKEN,
        )
        typer.echo("\n".join(clean(line) for line in text.split("\n")))
        if one.findings:
            write_findings(one.findings, style)
            typer.echo()

    def _loaded(self, path: str) -> Loaded | None:
        """None for what is no valid flow, when there are others."""
        try:
            return load(
                path,
                max_depth=self._options.max_depth,
                check_template=lambda text: problems(text, self._compat),
                plugin_defaults=self._config.plugin_defaults,
                compat=self._compat,
            )
        except FlowFileError as error:
            problems_of = [one for one in error.diagnostics if one.severity != "info"]
            if self._alone:
                raise FlowFileError(problems_of or error.diagnostics) from None
            if any(one.code in _NO_FLOW for one in error.diagnostics):
                return None
            if self._is_text:
                write_findings(problems_of, self._style())
                typer.echo()
            self._invalid += [one for one in error.diagnostics if one.severity == "error"][:1]
            return None

    def end(self, files: list[str], write_mocks: str | None) -> None:
        """Tell of all of them, and exit with the code."""
        found, invalid = self._found, self._invalid
        if not found and not invalid:
            raise NothingMatched(f"no flow file in {', '.join(files)}")
        if not self._is_text:
            shown = document(found, invalid)
            typer.echo(json.dumps(shown, indent=2, ensure_ascii=False, default=str))
        elif not self._alone:
            typer.echo(summary(found, len(invalid)))
        if write_mocks is not None:
            _write(write_mocks, found)
        if invalid:
            raise typer.Exit(3)
        raise typer.Exit(int(any(one.at_fault for one in found)))


def _inputs(loaded: Loaded, options: list[str], file: str | None) -> dict[str, object]:
    if not options and file is None:
        return {}
    from kestrel_cli.cli.inputs import read_inputs

    return read_inputs(loaded.flow, options, file)


def _write(path: str, found: list[Rehearsal]) -> None:
    from ruamel.yaml import YAML

    merged: dict[str, Any] = {}
    for one in found:
        for group, values in one.mocks.items():
            if isinstance(values, dict):
                merged.setdefault(group, {}).update(values)
    with Path(path).open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(merged, file)
    warn(f"what was made up is in {path}: fill it in, and give it with `--mocks {path}`")
