"""`kestrel rehearse`: walk a flow in a world that is made up."""

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from kestrel_cli.app.rehearsal.rehearse import Rehearsal
from kestrel_cli.app.rehearsal.rehearse import rehearse as walk_through
from kestrel_cli.app.validate import flow_files
from kestrel_cli.cli import options as of
from kestrel_cli.cli.guard import warn
from kestrel_cli.cli.run_options import Begins, RunOptions, request_of
from kestrel_cli.cli.running import library_of, settings
from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.errors import FlowFileError, NothingMatched
from kestrel_cli.expressions.check import problems
from kestrel_cli.flowfile import load
from kestrel_cli.flowfile.diagnostics import as_data, render_all
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.model.record import changed
from kestrel_cli.model.task import Task
from kestrel_cli.store.directory import state_directory

COMMAND: Final = Begins
_WIDEST: Final = 60
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
    found: list[Rehearsal] = []
    invalid: list[Diagnostic] = []
    paths = [path for each in files for path in flow_files(each)]
    for path in paths:
        try:
            loaded = load(
                path,
                max_depth=options.max_depth,
                check_template=lambda text: problems(text, options.compat or config.compat or 1),
                plugin_defaults=config.plugin_defaults,
                compat=options.compat or config.compat or 1,
            )
        except FlowFileError as error:
            if len(paths) > 1 and any(one.code in _NO_FLOW for one in error.diagnostics):
                continue
            if len(paths) == 1:
                raise
            if options.output is of.Output.TEXT:
                typer.echo(render_all(error.diagnostics) + "\n")
            invalid += [one for one in error.diagnostics if one.severity == "error"][:1]
            continue
        asked = request_of(options, config, loaded.flow, loaded.text)
        made_up: dict[str, object] = {}
        if mocks is not None:
            from kestrel_cli.cli.mocks_file import with_mocks_file

            asked, made_up = with_mocks_file(asked, mocks)
        given = {**made_up, **_inputs(loaded, inputs or [], inputs_file)}
        request = changed(asked, inputs=given)
        place = state_directory(asked.state_dir, os.environ)
        place.mkdir(parents=True, exist_ok=True)
        names = run or []
        one = walk_through(
            loaded,
            library_of(asked, loaded),
            request,
            every_branch=branches is Branches.ALL,
            real=lambda task: real or _named(task, names),
            within=place,
        )
        found.append(one)
        if options.output is of.Output.TEXT:
            typer.echo(_text(one, quiet=options.quiet, all_branches=branches is Branches.ALL))
    if not found and not invalid:
        raise NothingMatched(f"no flow file in {', '.join(files)}")
    if options.output is not of.Output.TEXT:
        typer.echo(json.dumps(_document(found, invalid), indent=2, ensure_ascii=False, default=str))
    elif len(paths) > 1:
        typer.echo(_summary(found, len(invalid)))
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


def _named(task: Task, names: list[str]) -> bool:
    return any(task.id == name or task.type.startswith(name) for name in names)


# -- what is told


def _text(one: Rehearsal, *, quiet: int, all_branches: bool) -> str:
    verdict = "walks" if not one.at_fault else "does not walk"
    runs = f"{one.task_runs} task run{'' if one.task_runs == 1 else 's'}"
    walks = "" if one.walks == 1 else f", {one.walks} walks"
    lines = [f"{one.file}: `{one.flow}` {verdict}: {one.state or 'not begun'}, {runs}{walks}"]
    if not quiet:
        if one.made_up:
            lines += ["made up:", *_table(one)]
        lines += [
            f"  `{task}` could not do with what was made up, and was not run: {why}"
            for task, why in one.stood_in.items()
        ]
        lines.append("reached: " + _reached(one))
        if all_branches:
            lines += [
                f"  never: {never.kind} {never.what} ({never.file}:{never.line})"
                for never in one.covered.never
            ]
    text = "\n".join(lines)
    if one.findings:
        text += "\n\n" + render_all(one.findings)
    return text + "\n"


def _table(one: Rehearsal) -> list[str]:
    widest = min(max(len(each.name) for each in one.made_up), 40)
    lines = []
    for each in one.made_up:
        value = json.dumps(each.value, ensure_ascii=False, default=str)
        if len(value) > _WIDEST:
            value = value[: _WIDEST - 3] + "..."
        readers = ", ".join(f"`{name}`" for name in each.readers[:4])
        more = f" and {len(each.readers) - 4} more" if len(each.readers) > 4 else ""
        read = f"  read by {readers}{more}" if readers else ""
        lines.append(f"  {each.name:<{widest}}  {value}{read}")
    return lines


def _reached(one: Rehearsal) -> str:
    covered = one.covered
    parts = zip(
        ("tasks", "branches", "expressions"),
        (covered.tasks, covered.branches, covered.expressions),
        strict=True,
    )
    return ", ".join(f"{name} {got}/{whole}" for name, (got, whole) in parts)


def _summary(found: list[Rehearsal], failed: int) -> str:
    walks = sum(not one.at_fault for one in found)
    invalid = f", {failed} not valid" if failed else ""
    return f"{len(found)} flows rehearsed: {walks} walk, {len(found) - walks} do not{invalid}"


def _document(found: list[Rehearsal], invalid: list[Diagnostic]) -> dict[str, Any]:
    return {
        "schemaVersion": 1,
        "rehearsals": [_shape(one) for one in found],
        "invalid": [as_data(one) for one in invalid],
    }


def _shape(one: Rehearsal) -> dict[str, Any]:
    return {
        "file": one.file,
        "flow": one.flow,
        "walks": not one.at_fault,
        "state": one.state,
        "taskRuns": one.task_runs,
        "runs": one.walks,
        "madeUp": [
            {"name": each.name, "value": each.value, "readBy": each.readers} for each in one.made_up
        ],
        "stoodIn": one.stood_in,
        "reached": {
            "tasks": one.covered.tasks,
            "branches": one.covered.branches,
            "expressions": one.covered.expressions,
        },
        "never": [each._asdict() for each in one.covered.never],
        "findings": [as_data(each) for each in one.findings],
    }


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
