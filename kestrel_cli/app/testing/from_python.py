"""Suites for Python code: found, held against their flows, and made ready to run."""

from collections.abc import Callable, Iterable, Sequence
from os import PathLike, fspath

from kestrel_cli.app.project import folder, given, settings, shelf_of
from kestrel_cli.app.project import request_with as request_of_project
from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.testing.collect import Collected, Project, collect
from kestrel_cli.app.testing.run_case import SECONDS, Settings
from kestrel_cli.app.testing.run_suites import Plan, chosen, run_suites
from kestrel_cli.app.testing.world import Real
from kestrel_cli.errors import FlowFileError, NothingMatched, UsageError
from kestrel_cli.model.task import Task
from kestrel_cli.model.test_results import CaseResult, SuiteResult

StrPath = str | PathLike[str]


class _Silent:
    """A watcher that tells nobody."""

    def suite_began(self, collected: Collected, cases: int) -> None:
        """Nothing is told."""

    def case_ended(self, collected: Collected, result: CaseResult) -> None:
        """Nothing is told."""

    def suite_ended(self, collected: Collected, result: SuiteResult) -> None:
        """Nothing is told."""


class Suites:
    """Suites, and how their cases are run: with the settings of the project."""

    def __init__(
        self,
        paths: Iterable[StrPath],
        *,
        let_run: Sequence[str] = (),
        strict: bool = False,
        seconds: float = SECONDS,
        seed: int | None = None,
        compat: int | None = None,
        flows_dir: StrPath | None = None,
        project_settings: bool = True,
    ) -> None:
        """Raises FlowFileError with every problem of the suites and their flows."""
        config = settings(lambda _: None, of_project=project_settings)
        self._config = config
        self._offline = None if let_run or strict else True
        self._flows_dir = folder(flows_dir, "--flows-dir", config.flows_dir)
        self.settings = Settings(
            real=let_run_of(let_run),
            strict=strict,
            seconds=seconds,
            compat=compat or config.compat or 1,
            seed=seed,
        )
        project = Project(shelf_of(config), self._flows_dir, self.settings.compat, strict)
        self.collected, findings = collect([fspath(one) for one in paths], project)
        if any(one.severity == "error" for one in findings):
            raise FlowFileError(findings)

    def request_of(self, collected: Collected) -> RunRequest:
        """What the cases of a suite have in common."""
        return request_of_project(
            self._config,
            collected.flow,
            given=given(self._config, offline=self._offline),
            compat=self.settings.compat,
            flows_dir=self._flows_dir,
            library=collected.library,
        )


def let_run_of(names: Sequence[str]) -> Real:
    """Which tasks run that reach out: those with these ids, or types that begin so."""
    if isinstance(names, str):
        raise UsageError(f"`let_run` must be a list: [{names!r}]")
    ids, begins = frozenset(names), tuple(names)

    def real(task: Task) -> bool:
        return task.id in ids or task.type.startswith(begins)

    return real


def test(
    paths: StrPath | Sequence[StrPath] = ".",
    *,
    case: str | Callable[[str], bool] | None = None,
    let_run: Sequence[str] = (),
    strict: bool = False,
    timeout: float = SECONDS,
    seed: int | None = None,
    compat: int | None = None,
    flows_dir: StrPath | None = None,
    project_settings: bool = True,
) -> list[SuiteResult]:
    """Run suites of unit tests, in files and below folders; nothing is printed.

    `case` is the id of the one to run, or says of each id whether it runs. A task that reaches out
    and has no fixture is an error of its case, but for those that `let_run` names, by id or by the
    beginning of their type; `strict` runs them all, as Kestra does. `timeout` is that of a case, in
    seconds.

    Raises NothingMatched when there is nothing to run, FlowFileError with every problem of the
    suites and their flows, before anything has run. A case that fails is a state of its result.
    """
    if not 0 < timeout < float("inf"):
        raise UsageError(f"`--timeout {timeout}`: this must be a length of time")
    places = [paths] if isinstance(paths, (str, PathLike)) else list(paths)
    suites = Suites(
        places,
        let_run=let_run,
        strict=strict,
        seconds=timeout,
        seed=seed,
        compat=compat,
        flows_dir=flows_dir,
        project_settings=project_settings,
    )
    listed = chosen(
        suites.collected,
        lambda _, one: case is None or (case(one.id) if callable(case) else one.id == case),
    )
    if not listed:
        named = ", ".join(f"`{fspath(one)}`" for one in places)
        raise NothingMatched(f"no test{'' if case is None else f' `{case}`'} in {named}")
    return list(run_suites(listed, Plan(suites.settings), suites.request_of, _Silent()))


test.__test__ = False  # type: ignore[attr-defined]  # pytest is not to collect it
