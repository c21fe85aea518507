"""Runs suites in several processes: each takes some cases of one suite at a time."""

import os
import signal
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import active_children, get_context
from multiprocessing.process import BaseProcess
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from kestrel_cli.app.coverage.coverage import Coverage
from kestrel_cli.app.testing.collect import Collected
from kestrel_cli.app.testing.run_suites import Chosen, Plan, Watcher, run_suites
from kestrel_cli.cli.test_coverage import Covering
from kestrel_cli.cli.test_setup import Setup
from kestrel_cli.errors import Interrupted, KestrelError
from kestrel_cli.flowfile.library import Library
from kestrel_cli.model.suite import Suite
from kestrel_cli.model.test_results import CaseResult, SuiteResult, TestState
from kestrel_cli.reporters.console import Style

_BAD: Final = (TestState.FAILED, TestState.ERROR)
_PATIENCE: Final = 0.5  # seconds that a process has to end
_PIECES: Final = 4  # for each process, so that none waits long for the last
_LEAST: Final = 10  # cases that are worth a message
_WORTH: Final = 100  # cases that take about as long as a process takes to begin


class Job(NamedTuple):
    """A suite with some of its cases, and the folder that has its flow."""

    path: str
    suite: Suite
    folder: str


class Pool(NamedTuple):
    """How many processes, what each of them begins with, and what they tell of is counted in."""

    number: int
    setup: Setup
    style: Style
    coverage: Coverage | None


def number_of_processes(text: str, cases: int) -> int:
    """What `-n` says: a number, or `auto`, which is as many as there are processors, but not more
    than the cases are worth. Raises ValueError.
    """
    if text == "auto":
        try:
            found = len(os.sched_getaffinity(0))
        except AttributeError:  # only Linux has it
            found = os.cpu_count() or 1
        return max(1, min(found, cases // _WORTH))
    found = int(text)
    if found < 0:
        raise ValueError
    return max(found, 1)


def run_in_processes(
    listed: Sequence[Chosen], plan: Plan, asked: Pool, watcher: Watcher
) -> Iterator[SuiteResult]:
    """As `run_suites`: suite by suite in their order, whichever cases end first."""
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        with TemporaryDirectory(prefix="kestrel-test-", ignore_cleanup_errors=True) as folder:
            yield from _results(listed, plan, asked, watcher, folder)
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(number: int, _: object) -> None:
    """End the processes, too: nobody else would."""
    raise Interrupted(128 + number)


def _results(
    listed: Sequence[Chosen], plan: Plan, asked: Pool, watcher: Watcher, folder: str
) -> Iterator[SuiteResult]:
    size = max(_LEAST, sum(len(one.cases) for one in listed) // (asked.number * _PIECES) + 1)
    style: dict[str, Any] = {name: getattr(asked.style, name) for name in Style.__match_args__}
    begin = partial(_begin, asked.setup, style, folder, covers=asked.coverage is not None)
    pool = ProcessPoolExecutor(asked.number, mp_context=get_context("spawn"), initializer=begin)
    try:
        started = [(one, [pool.submit(_work, job) for job in _jobs(one, size)]) for one in listed]
        failures = 0
        for one, futures in started:
            parts = _parts(futures, asked.coverage)
            result, stopped = _heard(one, parts, plan, failures, watcher)
            if result.cases:
                yield result
            if stopped is not None:
                raise stopped
            failures += _failures(result)
            if plan.is_enough(failures):
                return
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        _end(active_children())


def _end(children: list[BaseProcess]) -> None:
    """End processes, which may have some of their own to end; what they leave in their folder goes
    with it.
    """
    for one in children:
        one.terminate()
    for one in children:
        one.join(_PATIENCE)


def _heard(
    one: Chosen, parts: Iterator[SuiteResult], plan: Plan, failures: int, watcher: Watcher
) -> tuple[SuiteResult, BaseException | None]:
    """A suite of the parts that come, and what ended them early."""
    of = one.collected
    whole = SuiteResult("", of.suite, of.path, of.flow.flow.where.file, 0, 0, [])
    stopped: BaseException | None = None
    watcher.suite_began(of, len(one.cases))
    try:
        for part in parts:
            part.cases = list(_cut(part.cases, plan, failures))
            for case in part.cases:
                watcher.case_ended(of, case)
            failures += _failures(part)
            whole = _joined(whole, part)
            if plan.is_enough(failures):
                break
    except (KeyboardInterrupt, Interrupted) as error:
        stopped = error
    except BrokenProcessPool:
        stopped = KestrelError("a process that ran cases has ended before they had")
    watcher.suite_ended(of, whole)
    return whole, stopped


def _jobs(one: Chosen, size: int) -> Iterator[Job]:
    of = one.collected
    for start in range(0, len(one.cases), size):
        suite = of.suite.changed(testCases=one.cases[start : start + size])
        yield Job(of.path, suite, of.library.folder)


def _parts(futures: list[Future[Any]], coverage: Coverage | None) -> Iterator[SuiteResult]:
    for future in futures:
        part, reached = future.result()
        if coverage is not None:
            coverage.merge(reached)
        yield part


def _cut(cases: list[CaseResult], plan: Plan, failures: int) -> Iterator[CaseResult]:
    """Those that would have run one after the other: up to the last failure that counts."""
    for case in cases:
        yield case
        failures += case.state in _BAD
        if plan.is_enough(failures):
            return


def _failures(part: SuiteResult) -> int:
    return sum(case.state in _BAD for case in part.cases)


def _joined(whole: SuiteResult, part: SuiteResult) -> SuiteResult:
    if not whole.cases:
        return part
    whole.cases += part.cases
    whole.ended = max(whole.ended, part.ended)
    return whole


# -- in a process of its own


class _Quiet:
    """Nobody is told here."""

    def suite_began(self, collected: Any, cases: int) -> None:
        pass

    def case_ended(self, collected: Any, result: CaseResult) -> None:
        pass

    def suite_ended(self, collected: Any, result: SuiteResult) -> None:
        pass


_here: dict[str, Any] = {}


def _begin(setup: Setup, style: dict[str, Any], folder: str, *, covers: bool) -> None:
    from kestrel_cli.cli.test_output import lines_of_execution

    tempfile.tempdir = folder
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that began this process
    config = setup.config(lambda _: None)
    made = Style(**style)
    _here["shelf"] = setup.project(config).shelf
    _here["libraries"] = {}
    covering = Covering(wanted=covers, least=None, reports=())
    _here["recording"] = covering.recording()
    _here["recording"].__enter__()  # for as long as the process lives
    _here["coverage"] = covering.coverage
    _here["plan"] = Plan(
        setup.settings(config, lambda execution, tails: lines_of_execution(execution, tails, made)),
        heard=covering.heard,
        snapshots=setup.judge(),
    )
    _here["requests"] = setup.requests(config)


def _work(job: Job) -> tuple[SuiteResult, Coverage | None]:
    library = _here["libraries"].get(job.folder)
    if library is None:
        library = _here["libraries"][job.folder] = Library(job.folder, shelf=_here["shelf"])
    flow = library.find(job.suite.namespace, job.suite.flowId)
    listed = [Chosen(Collected(job.path, job.suite, flow, library), job.suite.testCases)]
    try:
        (result,) = run_suites(listed, _here["plan"], _here["requests"], _Quiet())
    except Interrupted as error:  # nobody waits for more
        os._exit(error.exit_code)
    coverage = _here["coverage"]
    return result, None if coverage is None else coverage.take()
