"""Every task type by name. The modules are imported when a flow first uses them.

A new task type is one file and one line here; a test walks the package and fails for a class that
is not listed.
"""

from importlib import import_module
from typing import Final

from kestrel_cli.model.task import Task

_CORE: Final = "io.kestra.plugin.core."

# Kestra's name -> module below `kestrel_cli.tasks` and class in it.
TYPES: Final = {
    f"{_CORE}debug.Echo": "core.echo:Echo",
    f"{_CORE}debug.Return": "core.return_:Return",
    f"{_CORE}execution.Assert": "core.assert_:Assert",
    f"{_CORE}execution.Fail": "core.fail:Fail",
    f"{_CORE}flow.AllowFailure": "flow.allow_failure:AllowFailure",
    f"{_CORE}flow.EachParallel": "flow.each_parallel:EachParallel",
    f"{_CORE}flow.EachSequential": "flow.each_sequential:EachSequential",
    f"{_CORE}flow.ForEach": "flow.for_each:ForEach",
    f"{_CORE}flow.If": "flow.if_:If",
    f"{_CORE}flow.Parallel": "flow.parallel:Parallel",
    f"{_CORE}flow.Sequential": "flow.sequential:Sequential",
    f"{_CORE}flow.Sleep": "core.sleep:Sleep",
    f"{_CORE}flow.Switch": "flow.switch:Switch",
    f"{_CORE}log.Log": "core.log:Log",
    f"{_CORE}output.OutputValues": "core.output_values:OutputValues",
}

# Older names that Kestra still reads (spec/engine.md 10).
ALIASES: Final = {
    "io.kestra.core.tasks.debugs.Echo": f"{_CORE}debug.Echo",
    "io.kestra.core.tasks.debugs.Return": f"{_CORE}debug.Return",
    "io.kestra.core.tasks.executions.Counts": f"{_CORE}execution.Count",
    "io.kestra.core.tasks.executions.Fail": f"{_CORE}execution.Fail",
    "io.kestra.core.tasks.executions.Labels": f"{_CORE}execution.Labels",
    "io.kestra.core.tasks.flows.AllowFailure": f"{_CORE}flow.AllowFailure",
    "io.kestra.core.tasks.flows.Dag": f"{_CORE}flow.Dag",
    "io.kestra.core.tasks.flows.EachParallel": f"{_CORE}flow.EachParallel",
    "io.kestra.core.tasks.flows.EachSequential": f"{_CORE}flow.EachSequential",
    "io.kestra.core.tasks.flows.Flow": f"{_CORE}flow.Subflow",
    "io.kestra.core.tasks.flows.ForEach": f"{_CORE}flow.ForEach",
    "io.kestra.core.tasks.flows.ForEachItem": f"{_CORE}flow.ForEachItem",
    "io.kestra.core.tasks.flows.If": f"{_CORE}flow.If",
    "io.kestra.core.tasks.flows.Parallel": f"{_CORE}flow.Parallel",
    "io.kestra.core.tasks.flows.Pause": f"{_CORE}flow.Pause",
    "io.kestra.core.tasks.flows.Sequential": f"{_CORE}flow.Sequential",
    "io.kestra.core.tasks.flows.Subflow": f"{_CORE}flow.Subflow",
    "io.kestra.core.tasks.flows.Switch": f"{_CORE}flow.Switch",
    "io.kestra.core.tasks.flows.Template": f"{_CORE}flow.Template",
    "io.kestra.core.tasks.flows.Worker": f"{_CORE}flow.WorkingDirectory",
    "io.kestra.core.tasks.flows.WorkingDirectory": f"{_CORE}flow.WorkingDirectory",
    "io.kestra.core.tasks.log.Fetch": f"{_CORE}log.Fetch",
    "io.kestra.core.tasks.log.Log": f"{_CORE}log.Log",
    "io.kestra.core.tasks.states.Delete": f"{_CORE}state.Delete",
    "io.kestra.core.tasks.states.Get": f"{_CORE}state.Get",
    "io.kestra.core.tasks.states.Set": f"{_CORE}state.Set",
    "io.kestra.core.tasks.storages.Concat": f"{_CORE}storage.Concat",
    "io.kestra.core.tasks.storages.DeduplicateItems": f"{_CORE}storage.DeduplicateItems",
    "io.kestra.core.tasks.storages.Delete": f"{_CORE}storage.Delete",
    "io.kestra.core.tasks.storages.FilterItems": f"{_CORE}storage.FilterItems",
    "io.kestra.core.tasks.storages.LocalFiles": f"{_CORE}storage.LocalFiles",
    "io.kestra.core.tasks.storages.Reverse": f"{_CORE}storage.Reverse",
    "io.kestra.core.tasks.storages.Size": f"{_CORE}storage.Size",
    "io.kestra.core.tasks.storages.Split": f"{_CORE}storage.Split",
    "io.kestra.core.tasks.templating.TemplatedTask": f"{_CORE}templating.TemplatedTask",
    "io.kestra.plugin.core.flow.WaitFor": f"{_CORE}flow.LoopUntil",
    "io.kestra.plugin.fs.http.Download": f"{_CORE}http.Download",
    "io.kestra.plugin.fs.http.Request": f"{_CORE}http.Request",
}

# Types of Kestra's core that Kestrel knows by name and does not run.
KNOWN_CORE: Final = frozenset(
    _CORE + name
    for name in [
        "dashboard.data.Executions",
        "execution.Count",
        "execution.Exit",
        "execution.Labels",
        "execution.PurgeExecutions",
        "execution.Resume",
        "execution.SetVariables",
        "execution.UnsetVariables",
        "flow.Dag",
        "flow.ForEachItem",
        "flow.Loop",
        "flow.LoopUntil",
        "flow.Pause",
        "flow.Subflow",
        "flow.Template",
        "flow.WorkingDirectory",
        "http.Download",
        "http.Request",
        "http.SseRequest",
        "kv.Delete",
        "kv.Get",
        "kv.GetKeys",
        "kv.Put",
        "kv.PurgeKV",
        "kv.Set",
        "kv.Version",
        "log.Fetch",
        "log.PurgeLogs",
        "metric.Publish",
        "namespace.DeleteFiles",
        "namespace.DownloadFiles",
        "namespace.PurgeFiles",
        "namespace.UploadFiles",
        "namespace.Version",
        "runner.Process",
        "state.Delete",
        "state.Get",
        "state.Set",
        "storage.Concat",
        "storage.DeduplicateItems",
        "storage.Delete",
        "storage.FilterItems",
        "storage.LocalFiles",
        "storage.PurgeCurrentExecutionFiles",
        "storage.Reverse",
        "storage.Size",
        "storage.Split",
        "storage.Write",
        "templating.TemplatedTask",
        "trigger.Toggle",
    ]
)


def canonical(type_name: str) -> str:
    """Today's name of a type that may be written under an older one."""
    return ALIASES.get(type_name, type_name)


def find(type_name: str) -> type[Task] | None:
    """The class that runs this type, older names too; None when Kestrel has none."""
    place = TYPES.get(canonical(type_name))
    if place is None:
        return None
    module, _, name = place.partition(":")
    found: type[Task] = getattr(import_module(f"kestrel_cli.tasks.{module}"), name)
    return found


def names() -> tuple[str, ...]:
    """Every type that runs here, under today's name."""
    return tuple(TYPES)


def is_known_elsewhere(type_name: str) -> bool:
    """Whether this is a type Kestra has and Kestrel does not run:
    core's by list, a plugin's by its form.
    """
    name = canonical(type_name)
    if name in KNOWN_CORE:
        return True
    if name.startswith((_CORE, "io.kestra.core.tasks.flows.", "io.kestra.core.tasks.log.")):
        return False
    package, dot, simple = name.rpartition(".")
    return bool(dot and package and simple[:1].isupper())
