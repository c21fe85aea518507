"""`kestrel test`: run Kestra's unit tests of flows."""

# ruff: noqa: PT028  the function `test` is a command, no test

import os
import random
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from kestrel_cli.app.outside import NAMESPACE_FILES
from kestrel_cli.app.testing.choose import expression
from kestrel_cli.app.testing.collect import Collected, Project, collect
from kestrel_cli.app.testing.last_failed import keep_failed, key_of, last_failed
from kestrel_cli.app.testing.named_tasks import refuse_unknown_tasks
from kestrel_cli.app.testing.run_case import SECONDS
from kestrel_cli.app.testing.run_suites import Chosen, Plan, chosen, run_suites, shuffled
from kestrel_cli.app.testing.world import STUB
from kestrel_cli.app.watched import Watched
from kestrel_cli.cli import options as of
from kestrel_cli.cli.files import whole_file
from kestrel_cli.cli.guard import exit_codes, warn
from kestrel_cli.cli.look import flags_of
from kestrel_cli.cli.run_options import seconds
from kestrel_cli.cli.running import spare_the_collector
from kestrel_cli.cli.test_coverage import Covering
from kestrel_cli.cli.test_help import InPanels
from kestrel_cli.cli.test_output import Show, Shown, show_findings
from kestrel_cli.cli.test_setup import Setup, Wish
from kestrel_cli.cli.test_snapshots import tell_of_snapshots, way_of
from kestrel_cli.errors import Interrupted, NothingMatched, UsageError
from kestrel_cli.model.suite import TestCase
from kestrel_cli.model.test_results import SuiteResult, TestState
from kestrel_cli.reporters.console import Style
from kestrel_cli.store.config import Config

_BAD: Final = (TestState.FAILED, TestState.ERROR)
_CTRL_C: Final = 130
COMMAND: Final = InPanels
_INVALID: Final = 2  # what the command ends with when a suite can't be used
_NAMES: Final = ("secrets_file", "env_file", "kv", "namespace_files", "compat")


class Form(StrEnum):
    """What stdout holds."""

    TEXT = "text"
    JSON = "json"
    GITLAB = "gitlab"


def test(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH...", help="Suites, or folders of them; `-`: stdin. [default: .]"
        ),
    ] = None,
    keyword: Annotated[
        str | None,
        typer.Option("-k", metavar="EXPR", help="Cases whose names fit: `orders and not slow`."),
    ] = None,
    init: Annotated[
        str | None, typer.Option(metavar="FLOW", help="Write a suite of this flow, and run it.")
    ] = None,
    output_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Where --init writes; `-`: stdout. [default: beside it]"),
    ] = None,
    case: Annotated[
        list[str] | None, typer.Option("--case", metavar="ID", help="This case. Repeatable.")
    ] = None,
    failed_last: Annotated[
        bool, typer.Option("--lf", help="Those that failed last; all when none did.")
    ] = False,
    first: Annotated[bool, typer.Option("-x", help="Stop at the first failure.")] = False,
    maxfail: Annotated[int, typer.Option(min=0, help="Stop after so many failures; 0: never.")] = 0,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", help="Shuffle the order by this number; 0: a new one."),
    ] = None,
    processes: Annotated[
        str | None, typer.Option("-n", metavar="N", help="Run in N processes, or in `auto`.")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Run again whenever a suite or a flow changes.")
    ] = False,
    durations: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Show the N slowest cases; 0: all.")
    ] = None,
    snapshot: Annotated[
        bool, typer.Option("--snapshot", help="Compare the task runs with those kept beside.")
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="With --snapshot: keep what comes out.")
    ] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Exit with 0 where there is no suite.")
    ] = False,
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, show_default=False, help="Name each case.")
    ] = 0,
    quiet: Annotated[
        int, typer.Option("--quiet", "-q", count=True, show_default=False, help="Failures only.")
    ] = 0,
    output: Annotated[
        Form, typer.Option("--output", "-o", help="`json`: Kestra's shape; `gitlab`: code quality.")
    ] = Form.TEXT,
    junitxml: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write JUnit XML there.")
    ] = None,
    report_log: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write an event a line there, as JSON.")
    ] = None,
    cov: Annotated[
        bool, typer.Option("--cov", help="Show which tasks, branches, expressions were reached.")
    ] = False,
    cov_fail_under: Annotated[
        float | None, typer.Option(metavar="PERCENT", help="Fail when less was reached.")
    ] = None,
    cov_report: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FORM[:FILE]", help="Write it as lcov, cobertura, html or json. Repeatable."
        ),
    ] = None,
    no_annotations: Annotated[
        bool, typer.Option("--no-annotations", help="In CI: no marked lines, no summary.")
    ] = False,
    run: Annotated[
        list[str] | None,
        typer.Option(metavar="TASK", help="Let this task, or types that begin so, run for real."),
    ] = None,
    allow_real: Annotated[
        bool, typer.Option("--allow-real", help="Let every task without a fixture run for real.")
    ] = False,
    strict_kestra: Annotated[
        bool,
        typer.Option("--strict-kestra", help="As Kestra: the same; no stubs of secrets, no haste."),
    ] = False,
    secret_stub: Annotated[
        str, typer.Option(metavar="TEXT", help="What secrets are that nobody gave.")
    ] = STUB,
    timeout: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Of one case. [default: 60s]")
    ] = None,
    secrets_file: of.SecretsFiles = None,
    env_file: of.EnvFiles = None,
    kv: of.KeyValuePairs = None,
    namespace_files: of.NamespaceFiles = None,
    flows_dir: of.FlowsDir = None,
    state_dir: of.StateDir = None,
    compat: of.Compat = None,
    no_project_config: of.NoProjectConfig = False,
    _no_plugins: of.NoPlugins = False,
    color: of.ColorWhen = None,
    width: of.Width = None,
    ascii_only: of.AsciiOnly = False,
    debug: of.Debug = False,
) -> None:
    """Run unit tests of flows, in Kestra's own format: no server, nothing goes out.

    A suite is a YAML file with `flowId` and `testCases`. Each case runs its flow with fixtures in
    place of tasks; a task that reaches out and has none is an error. The exit code is 0 when all
    cases pass, 1 when one fails or is in error, 2 when a suite is wrong, 5 when there is none.

    \b
    Examples:
      kestrel test
      kestrel test flows/tests/ -k "orders and not slow" -x
      kestrel test --junitxml results.xml -o json
      kestrel test --init flow.yaml
    """
    with exit_codes(debug=debug):
        setup = Setup(
            secrets_file=secrets_file,
            env_file=env_file,
            kv=kv,
            namespace_files=namespace_files,
            flows_dir=flows_dir,
            compat=compat,
            no_project_config=no_project_config,
            run=run or [],
            allow_real=allow_real,
            strict=strict_kestra,
            stub=secret_stub,
            seconds=SECONDS if timeout is None else seconds(timeout),
            snapshots=way_of(os.environ, snapshot=snapshot, update=update),
        )
        if watch:
            raise typer.Exit(_watch(paths or ["."], setup, ascii_only=ascii_only, quiet=quiet))
        covering = Covering(wanted=cov, least=cov_fail_under, reports=cov_report or ())
        config = setup.config(warn)
        flags = flags_of(color, width, ascii_only=ascii_only, config=config)
        form, annotations = str(output), not no_annotations
        shown = Shown(flags, verbose=verbose, quiet=quiet, form=form, annotations=annotations)
        if init is not None or output_file is not None:
            raise typer.Exit(_init(Wish(init, output_file, paths), setup, state_dir, shown))
        which = _Wanted(keyword, case, failed_last, state_dir)
        try:
            listed = _cases(paths or ["."], setup.project(config), shown, which, setup.run)
        except NothingMatched:
            if allow_empty:
                return
            raise
        show = Show(shown, report_log)
        if seed is not None:
            listed = _shuffled(listed, seed, show)
        plan = Plan(
            setup.settings(config, shown.execution_lines),
            1 if first else maxfail,
            covering.heard,
            snapshots=setup.judge(),
        )
        number = _processes(processes, listed)
        with show:
            running = _results(listed, plan, setup, config, covering, show, number, shown.style)
            results, stopped = _all_of(running)
        keep_failed(results, state_dir, os.environ)
        code = stopped or int(any(one.state in _BAD for one in results))
        if junitxml is not None:
            _write_junit(results, junitxml)
        shown.details(results, durations=durations)
        tell_of_snapshots(results, listed, shown, setup.snapshots)
        lacking = covering.end([one.collected for one in listed], shown)
        code = code or int(lacking)
        why = _why(listed, results, stopped)
        shown.end(results, code, why)
        raise typer.Exit(code)


def _init(wish: Wish, setup: Setup, state_dir: str | None, shown: Shown) -> int:
    from kestrel_cli.cli.test_init import init

    return init(wish, setup, state_dir, shown)


class _Wanted:
    """Which cases are asked for."""

    def __init__(
        self, keyword: str | None, ids: list[str] | None, failed: bool, state_dir: str | None
    ) -> None:
        self._fits = None if keyword is None else expression(keyword)
        self.ids = ids
        self._failed = last_failed(state_dir, os.environ) if failed else set()

    def __call__(self, one: Collected, case: TestCase) -> bool:
        suite = one.suite
        name = f"{one.path} {suite.id} {case.id}"
        return (
            (self._fits is None or self._fits(name))
            and (not self.ids or case.id in self.ids)
            and (not self._failed or key_of(one.path, case.id) in self._failed)
        )


def _cases(
    paths: Sequence[str], where: Project, shown: "Shown", wanted: _Wanted, real: Sequence[str]
) -> list[Chosen]:
    """What is to run. Raises NothingMatched, UsageError; exits when a suite can't be used."""
    for path in paths:
        if path != "-" and not Path(path).exists():
            raise UsageError(f"there is no file or folder `{path}`")
    found, told = collect(paths, where)
    if show_findings(told, shown):
        raise typer.Exit(_INVALID)
    refuse_unknown_tasks(real, found)
    listed = chosen(found, wanted)
    if not listed:
        ids = [case.id for one in found for case in one.suite.testCases]
        raise NothingMatched(_nothing(paths, ids, wanted))
    return listed


def _nothing(paths: Sequence[str], ids: list[str], wanted: _Wanted) -> str:
    if not ids:
        return f"no test suite in {', '.join(paths)}: `kestrel test --init FLOW` writes one"
    from kestrel_cli.flowfile.suggest import nearest

    near = next((one for each in wanted.ids or () if (one := nearest(each, ids))), None)
    hint = f": did you mean `--case {near}`?" if near else ""
    return f"none of {len(ids)} test cases was asked for{hint}"


def _results(
    listed: Sequence[Chosen],
    plan: Plan,
    setup: Setup,
    config: Config,
    covering: Covering,
    show: Show,
    number: int,
    style: Style,
) -> Iterator[SuiteResult]:
    if number > 1:
        from kestrel_cli.cli.test_processes import Pool, run_in_processes

        pool = Pool(number, setup, style, covering.coverage)
        yield from run_in_processes(listed, plan, pool, show)
        return
    spare_the_collector()
    with covering.recording():
        yield from run_suites(listed, plan, setup.requests(config), show)


def _all_of(running: Iterator[SuiteResult]) -> tuple[list[SuiteResult], int]:
    """What came of the suites; the code of a signal that ended them early, or 0."""
    results: list[SuiteResult] = []
    try:
        for one in running:
            results.append(one)  # noqa: PERF402  those before a signal count
    except Interrupted as error:
        return results, error.exit_code
    except KeyboardInterrupt:
        return results, _CTRL_C
    return results, 0


def _why(listed: Sequence[Chosen], results: Sequence[SuiteResult], stopped: int) -> str | None:
    """Why not all cases ran."""
    ran, wanted = (sum(len(one.cases) for one in every) for every in (results, listed))
    if not stopped and ran == wanted:
        return None
    return f"{'interrupted' if stopped else 'stopped'}: {ran} of {wanted} cases ran"


def _write_junit(results: Sequence[SuiteResult], path: str) -> None:
    from kestrel_cli.reporters.testing.junit import write_junit

    with whole_file(path, "--junitxml") as file:
        assert file is not None  # it has a name
        write_junit(results, file)


def _watch(paths: Sequence[str], setup: Setup, *, ascii_only: bool, quiet: int) -> int:
    if "-" in paths:
        raise UsageError("`--watch` can't look at standard input (`-`)")
    from kestrel_cli.cli.watch import watch

    return watch(partial(_watched, paths, setup), ascii_only=ascii_only, quiet=quiet)


def _watched(paths: Sequence[str], setup: Setup) -> Watched:
    """Suites, flows and namespace files that decide how cases end."""
    config = setup.config(lambda _: None)
    found, _ = collect(paths, setup.project(config))
    flows = {Path(one.flow.flow.where.file) for one in found}
    folders = {file.parent / NAMESPACE_FILES for file in flows}
    trees = [Path(one) for one in paths if Path(one).is_dir()]
    files = [Path(one) for one in paths if not Path(one).is_dir()]
    options = [*(setup.secrets_file or ()), *(setup.env_file or ())]
    settings = [] if config.project is None else [config.project]
    named = [*flows, *files, *map(Path, (*options, *settings))]
    return Watched(named, sorted(folders), trees)


def _shuffled(listed: list[Chosen], seed: int, show: Show) -> list[Chosen]:
    seed = seed or random.SystemRandom().randrange(1, 1_000_000)
    show.note(f"the order is that of `--seed {seed}`")
    return shuffled(listed, seed)


def _processes(text: str | None, listed: Sequence[Chosen]) -> int:
    if text is None:
        return 1
    from kestrel_cli.cli.test_processes import number_of_processes

    try:
        return number_of_processes(text, sum(len(one.cases) for one in listed))
    except ValueError:
        raise UsageError(f"`-n {text}`: write a number, or `auto`") from None
