"""`kestrel test --init FLOW`: write a suite, run it, and say what to type next."""

import json
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from kestrel_cli.app.testing.collect import Collected, Project, collect
from kestrel_cli.app.testing.run_suites import Chosen, Plan, run_suites
from kestrel_cli.app.testing.writing.init_suite import Written, written_suite
from kestrel_cli.cli.guard import warn
from kestrel_cli.cli.running import spare_the_collector
from kestrel_cli.cli.test_output import Shown, show_findings
from kestrel_cli.cli.test_setup import Setup, Wish
from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.errors import UsageError
from kestrel_cli.expressions.check import problems
from kestrel_cli.flowfile import load
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.flowfile.suites import suite_of
from kestrel_cli.model.record import changed
from kestrel_cli.model.test_results import SuiteResult, TestState
from kestrel_cli.store.config import Config
from kestrel_cli.store.directory import make_private, state_directory

_STDOUT: Final = "-"
_FOLDER: Final = "tests"


def init(wish: Wish, setup: Setup, state_dir: str | None, shown: Shown) -> int:
    """Write the suite of a flow; the exit code: 0 when it passes. Raises UsageError, FlowFileError,
    NoSuite.
    """
    if wish.flow is None or wish.paths:
        raise UsageError("`--init FLOW [--output-file FILE]`: the suite of one flow is written")
    flow_file = wish.flow
    config = setup.config(warn)
    project = setup.project(config)
    loaded = load(
        flow_file,
        check_template=lambda text: problems(text, project.compat),
        plugin_defaults=config.plugin_defaults,
        compat=project.compat,
    )
    if loaded.flow.disabled:
        raise UsageError(f"the flow `{loaded.flow.id}` is disabled: no suite of it runs")
    target = _target(flow_file, loaded.flow.id, wish.file)
    library = Library.beside(loaded, project.flows_dir, shelf=project.shelf)
    place = state_directory(state_dir, os.environ)
    make_private(place)
    spare_the_collector()
    written = _written(loaded, library, setup, config, place)
    _write(target, written.text)
    setup = setup._replace(kv=[*(setup.kv or ()), *_pairs(written.kv)])
    found, more = _collected(target, written, loaded, library, project)
    show_findings(more.findings, shown)
    results = _results(found, setup, config, shown)
    shown.details(results, durations=None)
    _tell(target, written, results, [*more.options, *_kv_options(written.kv)], shown)
    passed = bool(results) and all(one.state is TestState.SUCCESS for one in results)
    return 0 if passed else 1


def _written(
    loaded: Loaded, library: Library, setup: Setup, config: Config, place: Path
) -> Written:
    settings = changed(setup.settings(config, lambda _, __: []), real=lambda _: False)
    one = Collected("", None, loaded, library)  # type: ignore[arg-type]  # its suite is to come
    request = changed(setup.requests(config)(one), warn=lambda _: None)
    return written_suite(loaded, library, request, settings, place)


def _target(flow_file: str, flow_id: str, output_file: str | None) -> str:
    """Where the suite goes. Raises UsageError when something is there."""
    if output_file == _STDOUT:
        return _STDOUT
    if output_file is None:
        path = Path(flow_file)
        stem = path.name.removesuffix(path.suffix) if path.is_file() else flow_id
        folder = path.parent / _FOLDER
        target = (folder if folder.is_dir() else path.parent) / f"{stem}.test.yaml"
    else:
        target = Path(output_file)
    if target.exists():
        raise UsageError(
            f"`{target}` is there already, and is left as it is: "
            "name another file with `--output-file FILE`"
        )
    return str(target)


def _write(target: str, text: str) -> None:
    if target == _STDOUT:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        with open(target, "x", encoding="utf-8") as stream:  # noqa: PTH123
            stream.write(text)
    except OSError as error:
        raise UsageError(f"`{target}` can't be written: {error.strerror}") from None


class _More:
    """What goes with the suite: what was found in it, options to run it with."""

    def __init__(self, findings: Sequence[Diagnostic], options: list[str]) -> None:
        self.findings = findings
        self.options = options


def _collected(
    target: str, written: Written, loaded: Loaded, library: Library, project: Project
) -> tuple[list[Collected], _More]:
    """The suite as it is found again."""
    if target == _STDOUT:
        suite = suite_of(written.text.encode(), _STDOUT, compat=project.compat).suite
        return [Collected(_STDOUT, suite, loaded, library)], _More((), [])
    found, told = collect([target], project)
    if found or all(one.code != "unknown-flow" for one in told):
        return found, _More(told, [])
    folder = str(Path(loaded.flow.where.file).parent)
    found, told = collect([target], changed(project, flows_dir=folder))
    return found, _More(told, ["--flows-dir", folder])


class _Silent:
    def suite_began(self, collected: Any, cases: int) -> None: ...

    def case_ended(self, collected: Any, result: Any) -> None: ...

    def suite_ended(self, collected: Any, result: Any) -> None: ...


def _results(
    found: Sequence[Collected], setup: Setup, config: Config, shown: Shown
) -> list[SuiteResult]:
    listed = [Chosen(one, list(one.suite.testCases)) for one in found]
    plan = Plan(setup.settings(config, shown.execution_lines))
    return list(run_suites(listed, plan, setup.requests(config), _Silent()))


def _pairs(kv: dict[str, Any]) -> list[str]:
    return [
        f"{name}={value}" if isinstance(value, str) else f"{name}:={json.dumps(value)}"
        for name, value in kv.items()
    ]


def _kv_options(kv: dict[str, Any]) -> list[str]:
    return [word for pair in _pairs(kv) for word in ("--kv", pair)]


def _tell(
    target: str,
    written: Written,
    results: Sequence[SuiteResult],
    options: list[str],
    shown: Shown,
) -> None:
    """What was written, how it went, and what to type next."""
    if shown.quiet > 1:
        return
    cases = [case for suite in results for case in suite.cases]
    passed = sum(case.state is TestState.SUCCESS for case in cases)
    noun = "case" if written.cases == 1 else "cases"
    verb = "passes" if written.cases == 1 else "pass"
    lines = []
    if passed == written.cases:
        lines.append(("ok", f"{passed} {noun} {verb}"))
    else:
        lines.append(("failed", f"{passed} of {written.cases} {noun} pass"))
    if target != _STDOUT:
        lines[0] = (lines[0][0], f"{target}: {lines[0][1]}")
    if written.left:
        number = len(written.left)
        what = "way" if number == 1 else "ways"
        lines.append(("plain", f"{number} {what} of the flow not reached: see its last lines"))
    if target != _STDOUT:
        command = shlex.join(["kestrel", "test", target, *options])
        lines.append(("dim", "put in what is true where it says `made up`, then:"))
        lines.append(("value", f"  {command} --cov"))
    out = sys.stderr if target == _STDOUT else None
    for role, text in lines:
        if out is not None:
            out.write(f"{text}\n")
        else:
            shown.lines([[(role, text)]])
