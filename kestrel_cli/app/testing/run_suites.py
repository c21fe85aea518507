"""Runs the cases of suites, one after the other, and tells of each when it is done."""

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Protocol

from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.testing.collect import Collected
from kestrel_cli.app.testing.run_case import Settings, run_case
from kestrel_cli.errors import Interrupted
from kestrel_cli.model.ids import base62
from kestrel_cli.model.record import frozen
from kestrel_cli.model.suite import TestCase
from kestrel_cli.model.test_results import CaseResult, SuiteResult, TestState

MakeRequest = Callable[[Collected], RunRequest]


class Watcher(Protocol):
    """Who is told while suites run."""

    def suite_began(self, collected: Collected, cases: int) -> None:
        """Its first case is about to run."""

    def case_ended(self, collected: Collected, result: CaseResult) -> None:
        """A case was judged."""

    def suite_ended(self, collected: Collected, result: SuiteResult) -> None:
        """All of its cases were."""


class Judge(Protocol):
    """Who looks at what came of a case while it has its execution."""

    def judge(self, collected: Collected, result: CaseResult, /) -> None:
        """Look at it, and change what there is to change."""


class Chosen(NamedTuple):
    """A suite and those of its cases that are to run; the others are not told of."""

    collected: Collected
    cases: list[TestCase]


@frozen
class Plan:
    """How suites are run. `most_failures`: after so many nothing further begins (0: never)."""

    settings: Settings = Settings()
    most_failures: int = 0
    heard: Callable[[Collected, CaseResult], None] = lambda _, __: None  # while it has an execution
    snapshots: Judge | None = None

    def is_enough(self, failures: int) -> bool:
        """Whether nothing further is to begin."""
        return 0 < self.most_failures <= failures


def chosen(
    found: Sequence[Collected], wanted: Callable[[Collected, TestCase], bool]
) -> list[Chosen]:
    """The cases that somebody wants, by suite; suites without one are left out."""
    listed = [
        Chosen(one, [case for case in one.suite.testCases if wanted(one, case)]) for one in found
    ]
    return [one for one in listed if one.cases]


def shuffled(listed: list[Chosen], seed: int) -> list[Chosen]:
    """The same in another order, the same for the same seed."""
    dice = random.Random(seed)
    found = [one._replace(cases=dice.sample(one.cases, len(one.cases))) for one in listed]
    dice.shuffle(found)
    return found


def run_suites(
    listed: Sequence[Chosen], plan: Plan, request_of: MakeRequest, watcher: Watcher
) -> Iterator[SuiteResult]:
    """The result of each suite, when it is there. Raises Interrupted with the code of a signal,
    or KeyboardInterrupt, after the result of the cases that had ended.
    """
    with TemporaryDirectory(prefix="kestrel-test-", ignore_cleanup_errors=True) as folder:
        yield from _results(listed, plan, request_of, watcher, Path(folder))


def _results(
    listed: Sequence[Chosen],
    plan: Plan,
    request_of: MakeRequest,
    watcher: Watcher,
    within: Path,
) -> Iterator[SuiteResult]:
    failures = 0
    for one in listed:
        request = request_of(one.collected)
        result = SuiteResult(
            base62(int.from_bytes(os.urandom(16), "big")),
            one.collected.suite,
            one.collected.path,
            one.collected.flow.flow.where.file,
            _now(),
            0,
            [],
        )
        watcher.suite_began(one.collected, len(one.cases))
        stopped: BaseException | None = None
        for case in one.cases:
            try:
                found = _ran(one.collected, case, request, plan, within)
            except (Interrupted, KeyboardInterrupt) as error:
                stopped = error
                break
            failures += found.state in (TestState.FAILED, TestState.ERROR)
            result.cases.append(found)
            watcher.case_ended(one.collected, found)
            if plan.is_enough(failures):
                break
        result.ended = _now()
        watcher.suite_ended(one.collected, result)
        if result.cases:
            yield result
        if stopped is not None:
            raise stopped
        if plan.is_enough(failures):
            return


def _ran(
    collected: Collected, case: TestCase, request: RunRequest, plan: Plan, within: Path
) -> CaseResult:
    if collected.suite.disabled:
        return CaseResult(case, TestState.SKIPPED)
    found = run_case(case, request, plan.settings, within)
    if plan.snapshots is not None:
        plan.snapshots.judge(collected, found)
    plan.heard(collected, found)
    found.execution = None
    return found


def _now() -> int:
    return time.time_ns() // 1000
