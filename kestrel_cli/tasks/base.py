"""What authors of task types import, and nothing else of Kestrel; its own task types do the same.

Most names are here at once: the bases of tasks, the marks of properties, what a task may ask of its
context, what it answers. The helpers for values are imported when a module first asks for one.

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

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.model.call import Call, CallResult, Calls
from kestrel_cli.model.duration import Duration, clock_duration
from kestrel_cli.model.fields import Model, made_of
from kestrel_cli.model.flow import Input, Output
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.marks import (
    Bounds,
    Checked,
    Children,
    Chosen,
    Filled,
    Internal,
    Looks,
    Matches,
    OldName,
)
from kestrel_cli.model.reach import (
    About,
    Entry,
    Executions,
    Files,
    KeyValues,
    Logs,
    NamespaceFiles,
    NewFile,
    Past,
    Purged,
    Swept,
    Those,
)
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.state import SEVERITY, State
from kestrel_cli.model.task import (
    LEVELS,
    Change,
    Dynamic,
    Expansion,
    FlowableTask,
    Limit,
    LogLevel,
    Metric,
    Outcome,
    Render,
    RunContext,
    RunnableTask,
    Task,
    Tasks,
    Verdict,
    one_lane,
    tolerated,
)

if TYPE_CHECKING:
    from kestrel_cli.expressions import date_formats, dates, ion, java_regex, jq, yaml
    from kestrel_cli.expressions.dates import zone_named
    from kestrel_cli.expressions.json_data import json_problem, read_json, to_plain
    from kestrel_cli.expressions.limits import MAX_TEXT
    from kestrel_cli.expressions.text import java_text, json_text, key_text, printed
    from kestrel_cli.extras import library
    from kestrel_cli.java.date_fields import Fields
    from kestrel_cli.java.times import Instant, moment_json
    from kestrel_cli.model.byte_size import size_words
    from kestrel_cli.model.file_names import parts_of
    from kestrel_cli.model.merging import merged, without_nulls
    from kestrel_cli.model.moment import iso_instant
    from kestrel_cli.model.rendered import model_of
    from kestrel_cli.model.runners import DockerOptions

__all__ = [
    "LEVELS",
    "MAX_TEXT",
    "SEVERITY",
    "About",
    "Bounds",
    "Call",
    "CallResult",
    "Calls",
    "Change",
    "Checked",
    "Children",
    "Chosen",
    "DockerOptions",
    "Duration",
    "Dynamic",
    "Entry",
    "Executions",
    "Expansion",
    "Fields",
    "Files",
    "Filled",
    "FlowableTask",
    "Input",
    "Instant",
    "Internal",
    "KeyValues",
    "Lane",
    "Limit",
    "LogLevel",
    "Logs",
    "Looks",
    "Matches",
    "Metric",
    "Model",
    "NamespaceFiles",
    "NewFile",
    "OldName",
    "Outcome",
    "Output",
    "Past",
    "Purged",
    "Render",
    "RenderError",
    "RunContext",
    "RunnableTask",
    "State",
    "Swept",
    "Task",
    "TaskFailed",
    "Tasks",
    "Those",
    "Verdict",
    "clock_duration",
    "date_formats",
    "dates",
    "fresh",
    "ion",
    "iso_instant",
    "java_regex",
    "java_text",
    "jq",
    "json_problem",
    "json_text",
    "key_text",
    "library",
    "made_of",
    "merged",
    "model_of",
    "moment_json",
    "one_lane",
    "parts_of",
    "printed",
    "read_json",
    "record",
    "size_words",
    "to_plain",
    "tolerated",
    "without_nulls",
    "yaml",
    "zone_named",
]

# Helpers for values: whole modules below `expressions`, and single names. Most runs need none.
_MODULES: Final = frozenset({"date_formats", "dates", "ion", "java_regex", "jq", "yaml"})
_NAMES: Final = {
    "Fields": "java.date_fields",
    "zone_named": "expressions.dates",
    "json_problem": "expressions.json_data",
    "read_json": "expressions.json_data",
    "to_plain": "expressions.json_data",
    "MAX_TEXT": "expressions.limits",
    "Instant": "java.times",
    "moment_json": "java.times",
    "java_text": "expressions.text",
    "json_text": "expressions.text",
    "key_text": "expressions.text",
    "printed": "expressions.text",
    "library": "extras",
    "size_words": "model.byte_size",
    "parts_of": "model.file_names",
    "merged": "model.merging",
    "without_nulls": "model.merging",
    "iso_instant": "model.moment",
    "model_of": "model.rendered",
    "DockerOptions": "model.runners",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """A helper; from then on it is a name like the others."""
        if name in _MODULES:
            found = import_module(f"kestrel_cli.expressions.{name}")
        elif name in _NAMES:
            found = getattr(import_module(f"kestrel_cli.{_NAMES[name]}"), name)
        else:
            raise AttributeError(f"module `{__name__}` has no `{name}`")
        globals()[name] = found
        return found
