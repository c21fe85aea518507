"""Flows that are called: whether they are there, valid, and given what they need."""

from collections.abc import Iterator, Sequence

from kestrel_cli.app.preflight.finding import Finding, from_diagnostic
from kestrel_cli.app.preflight.reached import Reached
from kestrel_cli.app.preflight.standing import Level, Standing
from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.subflows import ON_A_SERVER, check_subflows
from kestrel_cli.model.mock import or_without, stand_in
from kestrel_cli.model.record import changed


def calls_that_fail(flows: Sequence[Reached], library: Library | None) -> Iterator[Finding]:
    """What is wrong with the calls that may be reached. One that is surely reached, and takes the
    execution along when it fails, stops.
    """
    if library is None:
        return
    for reached in flows:
        loaded = reached.loaded
        if loaded is None or not loaded.calls:
            continue
        standing = {one.task.id: one for one in reached.tasks}
        for call in loaded.calls:
            one = standing.get(str(call.node.value.get("id")))
            if one is None:  # mocked, or left out
                continue
            for found in check_subflows(changed(loaded, calls=(call,)), library):
                yield _weighed(found, one, reached)


def _weighed(found: Diagnostic, call: Standing, reached: Reached) -> Finding:
    mock = None
    if found.code == "subflow-missing":
        mock = stand_in(call.task.id)
        looked = (found.hint or "").removesuffix(ON_A_SERVER)
        hint = or_without(looked, call.task.id)
        # Nothing is called then, and the task's own `allowFailure` does not soften that.
        sure = call.level is Level.SURE and not call.inside_soft
        found = found._replace(severity="error" if sure else "warning", hint=hint)
    elif not reached.is_own and (reached.level is not Level.SURE or reached.soft):
        found = found._replace(severity="warning")
    return from_diagnostic("subflow", found, mock)
