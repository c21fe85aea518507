"""Why types of Kestra's core do not run here: what they do takes a Kestra server."""

from typing import Final

_CORE: Final = "io.kestra.plugin.core."
_API: Final = "io.kestra.plugin.kestra."

# What a type does there.
_WORK: Final = {
    "dashboard.data.Executions": "it queries executions for a dashboard",
    "log.PurgeLogs": "it purges old logs",
    "namespace.PurgeFiles": "it purges versions of namespace files",
    "trigger.Toggle": "it switches triggers on and off",
}
# Types that keep flows and dashboards of a server and of a repository alike.
_GIT: Final = "io.kestra.plugin.git."
_KEEPERS: Final = frozenset(
    _GIT + name
    for name in [
        "NamespaceSync",
        "PushDashboards",
        "PushFlows",
        "Reconcile",
        "SyncDashboards",
        "SyncFlow",
        "SyncFlows",
        "TenantSync",
    ]
)
# Types that stand inside of others.
_NO_TASK: Final = {
    "kv.Version": "it says what kv.PurgeKV purges",
    "namespace.Version": "it says what namespace.PurgeFiles purges",
    "runner.Process": "it is a task runner, for the property `taskRunner`",
}


def why_not(name: str) -> str | None:
    """Why a type, under today's name, does not run; None when it has no reason of its own."""
    short = name.removeprefix(_CORE)
    if short in _NO_TASK:
        return f"`{name}` is no task: {_NO_TASK[short]}"
    work = _WORK.get(short)
    if name in _KEEPERS:
        work = "it copies flows or dashboards between a repository and the server"
    if name.startswith(_API):
        work = "it calls the server's API"
    if work is None:
        return None
    return f"`{name}` needs a Kestra server: {work}; mock it with `--mock ID={{}}`"
