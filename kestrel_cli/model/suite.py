"""A suite of unit tests of a flow: what its file declares, in Kestra's own words.

Texts of assertions are kept as the file has them: Kestra compares what they render to, as text, so
`equalTo: 200` and `equalTo: "200"` are the same.
"""

from typing import Annotated, Any, Final, Literal

from kestrel_cli.diagnostic import Position
from kestrel_cli.model.fields import Model
from kestrel_cli.model.flow import FlowId, Namespace
from kestrel_cli.model.marks import Filled, Internal, Looks, Matches, Since

SuiteId = Annotated[
    str,
    Matches(
        r"[a-zA-Z0-9][a-zA-Z0-9_-]*",
        "letters, digits, `_` and `-`, starting with a letter or digit",
    ),
]
EndState = Literal["SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "SKIPPED"]
RunState = Literal["SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "PAUSED", "SKIPPED"]
Scalar = str | int | float | bool

# In the order in which Kestra evaluates them.
OPERATORS: Final = (
    "isNull",
    "isNotNull",
    "endsWith",
    "startsWith",
    "equalTo",
    "contains",
    "notEqualTo",
    "greaterThan",
    "greaterThanOrEqualTo",
    "lessThan",
    "lessThanOrEqualTo",
    "in",
    "notIn",
)


class Assertion(Model):
    """Something that has to hold when the execution has ended; at least one operator is needed.

    `value` and what an operator says are rendered with the outputs, inputs and the state of the
    whole execution.
    """

    value: Annotated[Any, Looks(Scalar | list[Any] | dict[str, Any])]
    taskId: str | None = None
    description: str | None = None
    errorMessage: str | None = None
    isNull: Annotated[Any, Looks(bool | str)] = None
    isNotNull: Annotated[Any, Looks(bool | str)] = None
    endsWith: Annotated[Any, Looks(Scalar | list[Any] | dict[str, Any])] = None
    startsWith: Annotated[Any, Looks(Scalar | list[Any] | dict[str, Any])] = None
    equalTo: Any = None
    contains: Annotated[Any, Looks(Scalar | list[Any] | dict[str, Any])] = None
    notEqualTo: Any = None
    greaterThan: Annotated[Any, Looks(float | str)] = None
    greaterThanOrEqualTo: Annotated[Any, Looks(float | str)] = None
    lessThan: Annotated[Any, Looks(float | str)] = None
    lessThanOrEqualTo: Annotated[Any, Looks(float | str)] = None
    in_: Annotated[Any, Looks(list[Scalar] | str)] = None
    notIn: Annotated[Any, Looks(list[Scalar] | str)] = None

    where: Annotated[Position, Internal]
    source: Annotated[str, Internal]  # the line it begins on
    texts: Annotated[dict[str, str], Internal]  # `value` and the operators, as text, in order
    written: Annotated[dict[str, Any], Internal]  # the same, as the file has them


class TaskFixture(Model):
    """What a task run ends with in place of being run: of a task, and in a loop of the run with
    this value.
    """

    id: Annotated[str, Filled]
    value: str | None = None
    state: EndState = "SUCCESS"
    outputs: dict[str, Any] | None = None
    assets: Any = None
    description: str | None = None

    where: Annotated[Position, Internal]


class TriggerFixture(Model):
    """What `trigger` shows."""

    id: Annotated[str, Filled]
    type: str
    variables: dict[str, Any] = {}


class Fixtures(Model):
    """What a case is given: inputs, files, results of tasks, a trigger."""

    inputs: dict[str, Any] = {}
    files: dict[str, str] = {}
    tasks: list[TaskFixture] = []
    trigger: TriggerFixture | None = None


class TestCase(Model):
    """One execution of the flow, and what has to hold of it."""

    __test__ = False  # pytest is not to collect it

    id: Annotated[str, Filled]
    type: str
    description: str | None = None
    disabled: bool = False
    fixtures: Fixtures | None = None
    assertions: list[Assertion]
    expectedState: Annotated[RunState | None, Since("2.0")] = None

    where: Annotated[Position, Internal]


class Suite(Model):
    """The tests of one flow."""

    id: SuiteId
    namespace: Namespace
    flowId: FlowId
    description: str | None = None
    disabled: bool = False
    testCases: Annotated[list[TestCase], Filled]
    tenantId: Any = None
    deleted: Any = None
    source: Any = None

    where: Annotated[Position, Internal]
