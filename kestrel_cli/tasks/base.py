"""What authors of task types import, and nothing else of Kestrel."""

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Bounds, Filled, Matches, Model, OldName
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.reach import About, Entry, Files, KeyValues, Logs, NamespaceFiles, NewFile
from kestrel_cli.model.state import State
from kestrel_cli.model.task import (
    Dynamic,
    Expansion,
    FlowableTask,
    LogLevel,
    Outcome,
    RunContext,
    RunnableTask,
    Task,
    Tasks,
    one_lane,
)

__all__ = [
    "About",
    "Bounds",
    "Duration",
    "Dynamic",
    "Entry",
    "Expansion",
    "Files",
    "Filled",
    "FlowableTask",
    "KeyValues",
    "Lane",
    "LogLevel",
    "Logs",
    "Matches",
    "Model",
    "NamespaceFiles",
    "NewFile",
    "OldName",
    "Outcome",
    "RenderError",
    "RunContext",
    "RunnableTask",
    "State",
    "Task",
    "TaskFailed",
    "Tasks",
    "one_lane",
]
