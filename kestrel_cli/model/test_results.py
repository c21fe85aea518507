"""What came of suites, cases and assertions, in the shape of Kestra's own results."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from kestrel_cli.diagnostic import Position
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.state import State
from kestrel_cli.model.suite import Assertion, Suite, TestCase


class TestState(StrEnum):
    """How a case or a suite ended. ERROR: it could not be judged."""

    __test__ = False

    ERROR = "ERROR"
    FAILED = "FAILED"
    SUCCESS = "SUCCESS"
    SKIPPED = "SKIPPED"


@record
class AssertionResult:
    """What one operator of an assertion says. `expected` and `actual` are texts, a list for `in`
    and `notIn`; of `isNull` the expected is its own name, as in Kestra.
    """

    operator: str
    expected: Any
    actual: Any
    is_success: bool
    task_id: str | None
    description: str | None
    error_message: str | None
    assertion: Assertion
    note: str | None = None  # what a person should know besides
    whole: bool = False  # whether the message says all: both sides need not be shown


@record
class CaseError:
    """Why a case could not be judged; `hint` is what to do, `where` the place it is about.
    `follows`: most likely it comes of another one.
    """

    message: str
    details: str | None = None
    hint: str | None = None
    where: Position | None = None
    follows: bool = False


@record
class CaseResult:
    """What came of a case. `notes` change no state: a person should read them. `execution` is there
    while the result is made, `lines` are what a reporter shows of it when the case went wrong.
    """

    case: TestCase
    state: TestState
    results: list[AssertionResult] = fresh(factory=list)
    errors: list[CaseError] = fresh(factory=list)
    notes: list[str] = fresh(factory=list)
    execution: Execution | None = None
    execution_id: str | None = None
    ended_as: State | None = None  # the state of the execution
    lines: list[list[tuple[str, str]]] = fresh(factory=list)
    seconds: float = 0.0
    snapshot: str | None = None  # same, written, updated, missing, differs, not kept

    @property
    def failed(self) -> list[AssertionResult]:
        """Those that do not hold."""
        return [one for one in self.results if not one.is_success]


@record
class SuiteResult:
    """What came of a suite; times in microseconds since 1970."""

    id: str
    suite: Suite
    file: str
    flow_file: str | None
    started: int
    ended: int
    cases: list[CaseResult]

    @property
    def state(self) -> TestState:
        """ERROR before FAILED; SKIPPED when every case was, or the suite is disabled."""
        return worst([one.state for one in self.cases])


def worst(states: Sequence[TestState]) -> TestState:
    """The state of all together."""
    for state in (TestState.ERROR, TestState.FAILED):
        if state in states:
            return state
    return TestState.SUCCESS if TestState.SUCCESS in states else TestState.SKIPPED
