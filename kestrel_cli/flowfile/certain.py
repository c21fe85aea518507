"""Whether a task runs whatever happens, and whether the execution fails when it does."""

from typing import Final

from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.model.flow import Flow
from kestrel_cli.tasks import registry

# Flowables that run all that they hold.
_FLOW: Final = "io.kestra.plugin.core.flow."
_PLAIN: Final = frozenset(f"{_FLOW}{name}" for name in ("Parallel", "Sequential"))
_ALLOWS: Final = frozenset(("allowFailure", "allowWarning"))


def is_enabled(draft: Draft) -> bool:
    """Whether neither the task nor anything around it is disabled."""
    holder: Draft | None = draft
    while holder is not None:
        if holder.values.get("disabled") is True:
            return False
        holder = holder.holder
    return True


def is_certain(draft: Draft) -> bool:
    """Whether the task runs whatever happens, if nothing before it fails."""
    if _ALLOWS & draft.values.keys():
        return False
    here: Draft | None = draft
    while here is not None and here.holder is not None:
        holder = here.holder
        in_tasks = holder.node.get("tasks")
        if in_tasks is None or not any(one is here.node for one in in_tasks.elements()):
            return False
        if "runIf" in here.values or not (holder.kind is Flow or _is_plain(holder)):
            return False
        here = holder
    return True


def is_fatal(draft: Draft) -> bool:
    """Whether every execution that is not ended before fails with this task."""
    here: Draft | None = draft
    while here is not None:
        if _ALLOWS & here.values.keys():
            return False
        here = here.holder
    return is_enabled(draft) and is_certain(draft)


def _is_plain(draft: Draft) -> bool:
    return registry.canonical(str(draft.values.get("type"))) in _PLAIN
