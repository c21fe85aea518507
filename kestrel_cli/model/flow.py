"""The flow: what a file declares at its top level, with an index of its tasks."""

from typing import Annotated, Any, Literal

from kestrel_cli.diagnostic import Position
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model
from kestrel_cli.model.marks import Bounds, Filled, Internal, Matches, OldName
from kestrel_cli.model.retry import Retry
from kestrel_cli.model.task import Task, Tasks

FlowId = Annotated[
    str,
    Matches(
        r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}",
        "letters, digits, `.`, `_` and `-`, starting with a letter or digit, "
        "at most 100 characters",
    ),
]
Namespace = Annotated[
    str,
    Matches(
        r"[a-z0-9][a-z0-9._-]{0,149}",
        "lower-case letters, digits, `.`, `_` and `-`, starting with a letter or digit, "
        "at most 150 characters",
    ),
]
InputId = Annotated[
    str,
    Matches(
        r"[a-zA-Z0-9][.a-zA-Z0-9_-]*",
        "letters, digits, `.`, `_` and `-`, starting with a letter or digit",
    ),
]


class DependsOn(Model):
    """Which inputs another input needs, and under what condition it is asked for."""

    inputs: list[str] = []
    condition: str | None = None


class Input(Model):
    """One declared input.

    Which properties mean something depends on `type`, as in Kestra: `min` to numbers and durations,
    `after` to dates and times, `values` to choices, `itemType` to lists.
    """

    id: Annotated[InputId, OldName("name")]
    type: str
    description: str | None = None
    displayName: str | None = None
    dependsOn: DependsOn | None = None
    required: bool = True
    defaults: Any = None
    prefill: Any = None
    validator: str | None = None
    values: list[Any] | None = None
    options: list[Any] | None = None
    expression: str | None = None
    allowCustomValue: bool = False
    autoSelectFirst: bool = False
    isRadio: bool = False
    itemType: str | None = None
    min: Any = None
    max: Any = None
    after: Any = None
    before: Any = None
    allowedFileExtensions: list[str] | None = None
    extension: str | None = None
    accept: Any = None
    inputs: list[Any] | None = None

    where: Annotated[Position, Internal]


class Output(Model):
    """One declared output of the flow."""

    id: str
    type: str | None = None
    value: Any = None
    description: str | None = None
    displayName: str | None = None
    required: bool = True
    itemType: str | None = None

    where: Annotated[Position, Internal]


class Concurrency(Model):
    """How many executions of the flow may run at once."""

    limit: Annotated[int, Bounds(least=1)]
    behavior: Literal["QUEUE", "CANCEL", "FAIL"] = "QUEUE"


class PluginDefault(Model):
    """Values for every task whose type starts with `type`."""

    type: str
    forced: bool = False
    values: dict[str, Any] = {}
    ref: str | None = None


class Sla(Model):
    """A promise about the execution that is watched while it runs."""

    id: str
    type: Literal["MAX_DURATION", "EXECUTION_ASSERTION"]
    behavior: Literal["FAIL", "CANCEL", "NONE"]
    labels: Any = None
    duration: Duration | None = None
    assert_: str | None = None


class Check(Model):
    """A condition on the inputs, looked at before the execution is created."""

    condition: str
    message: str
    style: Literal["INFO", "SUCCESS", "WARNING", "ERROR"] = "INFO"
    behavior: Literal["BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION"] = "BLOCK_EXECUTION"


class Flow(Model):
    """A flow file, whole and valid."""

    id: FlowId
    namespace: Namespace
    revision: Annotated[int | None, Bounds(least=1)] = None
    description: str | None = None
    labels: Any = None
    inputs: list[Input] = []
    variables: dict[str, Any] = {}
    tasks: Annotated[Tasks, Filled]
    errors: Tasks = ()
    finally_: Tasks = ()
    afterExecution: Tasks = ()
    listeners: Any = None
    triggers: list[dict[str, Any]] = []
    pluginDefaults: Annotated[list[PluginDefault], OldName("taskDefaults")] = []
    concurrency: Concurrency | None = None
    outputs: list[Output] = []
    retry: Retry | None = None
    sla: list[Sla] = []
    checks: list[Check] = []
    disabled: bool = False
    workerGroup: Any = None
    updated: Any = None
    tenantId: Any = None
    deleted: Any = None
    source: Any = None
    extend: Any = None

    where: Annotated[Position, Internal]
    blocks: Annotated[dict[str, tuple[Task, ...]], Internal]
    by_id: Annotated[dict[str, Task], Internal]  # every task of the tree, disabled ones too
    policies: Annotated[dict[str, Retry], Internal]  # task id -> its own or inherited retry
    label_pairs: Annotated[list[tuple[str, str]], Internal]
