"""Names of tasks that are to run for real, held against the flows that are tested."""

from collections.abc import Iterable, Sequence

from kestrel_cli.app.testing.collect import Collected
from kestrel_cli.errors import FlowNotFound, UnusableFlow, UsageError
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.flowfile.suggest import nearest


def refuse_unknown_tasks(names: Iterable[str], found: Sequence[Collected]) -> None:
    """Raise UsageError for a name that no task of the flows has, nor of those that they call, and
    that begins no type of theirs.
    """
    wanted = list(names)
    if not wanted:
        return
    ids: dict[str, None] = {}
    types: set[str] = set()
    for one in _flows(found):
        for task in one.flow.by_id.values():
            ids[task.id] = None
            types.add(task.type)
    for name in wanted:
        if name in ids or any(one.startswith(name) for one in types):
            continue
        near = nearest(name, ids)
        hint = f": did you mean `{near}`?" if near else ""
        raise UsageError(f"`--run {name}`: no flow that is tested has such a task{hint}")


def _flows(found: Sequence[Collected]) -> Iterable[Loaded]:
    """The flows that are tested and those that they call, each once."""
    seen: set[tuple[str, str]] = set()
    for one in found:
        waiting = [(one.flow.flow.namespace, one.flow.flow.id)]
        while waiting:
            key = waiting.pop()
            if key in seen:
                continue
            seen.add(key)
            try:
                loaded = one.library.find(*key)
            except (FlowNotFound, UnusableFlow):
                continue
            yield loaded
            waiting += [call.key for call in loaded.calls if call.key is not None]
