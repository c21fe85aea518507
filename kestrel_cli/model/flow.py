"""The flow: what a file declares at its top level, with an index of its tasks."""

from typing import Annotated, Any, Literal

from kestrel_cli.diagnostic import Position
from kestrel_cli.model.common import Labels, WorkerGroup
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model
from kestrel_cli.model.marks import (
    Bounds,
    Children,
    Chosen,
    Filled,
    Internal,
    Looks,
    Matches,
    OldName,
    Since,
)
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
    """One declared input: what all inputs have. What a type has besides stands in `inputs.py`."""

    id: Annotated[InputId, OldName("name")]
    type: str
    description: str | None = None
    displayName: str | None = None
    dependsOn: DependsOn | None = None
    required: bool = True
    defaults: Any = None
    prefill: Any = None

    # Properties of some types only; an input of another type does not have it.
    validator: Annotated[str | None, Internal] = None
    values: Annotated[list[Any] | None, Internal] = None
    options: Annotated[list[Any] | None, Internal] = None
    expression: Annotated[str | None, Internal] = None
    allowCustomValue: Annotated[bool, Internal] = False
    autoSelectFirst: Annotated[bool, Internal] = False
    itemType: Annotated[str | None, Internal] = None
    min: Annotated[Any, Internal] = None
    max: Annotated[Any, Internal] = None
    after: Annotated[Any, Internal] = None
    before: Annotated[Any, Internal] = None
    allowedFileExtensions: Annotated[list[str] | None, Internal] = None
    inputs: Annotated[list["Input"] | None, Internal] = None

    where: Annotated[Position, Internal]


OutputType = Literal[
    "ARRAY",
    "BOOL",
    "BOOLEAN",
    "DATE",
    "DATETIME",
    "DURATION",
    "EMAIL",
    "ENUM",
    "FILE",
    "FLOAT",
    "INT",
    "JSON",
    "MULTISELECT",
    "SECRET",
    "SELECT",
    "STRING",
    "TIME",
    "URI",
    "YAML",
]


class Output(Model):
    """One declared output of the flow."""

    id: InputId
    type: Annotated[str, Looks(OutputType)]
    value: Any
    description: str | None = None
    displayName: str | None = None
    required: bool = True
    itemType: str | None = None

    where: Annotated[Position, Internal]


class Listener(Model):
    """Tasks that Kestra 1.3 runs after the end of an execution that meets the conditions."""

    description: str | None = None
    conditions: Annotated[list[Model], Chosen("condition")] = []
    tasks: Annotated[Tasks, Filled]


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

    id: Annotated[str, Filled]
    type: Literal["MAX_DURATION", "EXECUTION_ASSERTION"]
    behavior: Literal["FAIL", "CANCEL", "NONE"]
    labels: Any = None
    duration: Duration | None = None
    assert_: str | None = None


class Check(Model):
    """A condition on the inputs, looked at before the execution is created."""

    condition: Annotated[str, Filled]
    message: Annotated[str, Filled]
    style: Literal["INFO", "SUCCESS", "WARNING", "ERROR"] = "INFO"
    behavior: Literal["BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION"] = "BLOCK_EXECUTION"


class Flow(Model):
    """A flow file, whole and valid."""

    id: FlowId
    namespace: Namespace
    revision: Annotated[int | None, Bounds(least=1)] = None
    description: str | None = None
    labels: Annotated[Any, Looks(Labels)] = None
    inputs: Annotated[list[Input], Chosen("input")] = []
    variables: dict[str, Any] = {}
    tasks: Annotated[Tasks, Filled]
    errors: Tasks = ()
    finally_: Tasks = ()
    afterExecution: Tasks = ()
    listeners: Annotated[tuple[Listener, ...], Children] = ()
    triggers: Annotated[list[Model], Chosen("trigger")] = []
    pluginDefaults: Annotated[list[PluginDefault], OldName("taskDefaults")] = []
    concurrency: Concurrency | None = None
    outputs: list[Output] = []
    retry: Retry | None = None
    sla: list[Sla] = []
    checks: list[Check] = []
    disabled: bool = False
    workerGroup: WorkerGroup | None = None
    workerSelector: Annotated[Any, Since("2.0")] = None
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
