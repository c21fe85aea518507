"""Parts that tasks, triggers and flows share: labels, worker groups, assets, states by name."""

from typing import Annotated, Any, Literal

from kestrel_cli.model.fields import Model
from kestrel_cli.model.marks import Filled, Template

StateName = Literal[
    "CREATED",
    "SUBMITTED",
    "RUNNING",
    "PAUSED",
    "RESTARTED",
    "KILLING",
    "SUCCESS",
    "WARNING",
    "FAILED",
    "KILLED",
    "CANCELLED",
    "QUEUED",
    "RETRYING",
    "RETRIED",
    "SKIPPED",
    "BREAKPOINT",
    "RESUBMITTED",
]


class Label(Model):
    """One label."""

    key: Annotated[str, Filled]
    value: str | None = None


# A map, or a list of `key` and `value`.
Labels = dict[str, str | bool | int | float] | list[Label]


class WorkerGroup(Model):
    """Which workers take the task; a local run has none."""

    key: Annotated[str | None, Template] = None
    fallback: Annotated[Literal["FAIL", "WAIT", "CANCEL"] | None, Template] = None


class AssetReference(Model):
    """An asset that is read."""

    id: str
    namespace: str | None = None
    type: str | None = None


class Asset(Model):
    """An asset that is made or changed."""

    id: str
    type: str
    namespace: str | None = None
    displayName: str | None = None
    description: str | None = None
    metadata: dict[str, Any] | None = None


class Assets(Model):
    """The assets that a task reads and makes; only Kestra's Enterprise Edition keeps them."""

    enableAuto: Annotated[bool | None, Template] = None
    inputs: Annotated[list[AssetReference] | None, Template] = None
    outputs: Annotated[list[Asset] | None, Template] = None
