"""What authors of task types import, and nothing else of Kestrel.

A package of its own brings task types to Kestrel by entry points of the group `kestrel.tasks`:

    [project.entry-points."kestrel.tasks"]
    shout = "kestrel_shout"                           # a module with a mapping `TASKS`
    "com.example.Whisper" = "kestrel_shout:Whisper"   # one class; the entry point names the type

- A name without a dot, any name, leads to a module (or, as `module:NAME`, to a mapping in it) with
  `TASKS: dict[str, type[Task]]`, from the name that flows write to the class.
- A name with a dot is the name of a type, and its value `module:Class` the class. Its module is
  imported only by flows that use it.

A class is a RunnableTask with `run`, or a FlowableTask with `expand`; its annotations are the
properties, so `from __future__ import annotations` must not stand in its module. `gives` and
`measures` tell `kestrel tasks` of its outputs and metrics. Names of Kestrel's own types can't be
taken. The packages are looked at when a flow names a type that is not Kestrel's own, and by
`kestrel tasks`; `--no-plugins` or `KESTREL_NO_PLUGINS=1` leaves them out. What is wrong with one
is a warning, and its types are as good as not there. `tests/plugin_example` is a whole one.
"""

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
