"""What runs differently from what it looks like: retries that never retry, tasks never reached."""

from typing import Final

from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.tasks import registry

_CORE: Final = "io.kestra.plugin.core."
_ENDS: Final = frozenset((f"{_CORE}execution.Exit", f"{_CORE}execution.Fail"))
_IN_ORDER: Final = f"{_CORE}flow.Sequential"
# What lets the tasks behind it be reached all the same.
_MAYBE: Final = frozenset(("condition", "runIf", "allowFailure", "allowWarning", "retry"))


def check_dead_ends(drafts: list[Draft], findings: Findings) -> None:
    """Everything in the flow that never happens though it is written."""
    for draft in drafts:
        retry = draft.node.get("retry")
        said = retry.get("maxAttempts") or retry.get("maxAttempt") if retry is not None else None
        if said is not None and said.value == 1:
            message = "with `maxAttempts: 1` nothing is tried again: the first attempt counts"
            findings.warning("retry", message, said)
        is_flow = draft is drafts[0]
        if is_flow or registry.canonical(str(draft.values.get("type"))) == _IN_ORDER:
            _unreached(draft.node.get("tasks"), findings)


def _unreached(listed: Node | None, findings: Findings) -> None:
    ended: str | None = None
    for node in listed.elements() if listed else ():
        if not node.keys:
            continue
        if ended is not None:
            message = f"`{node.value.get('id')}` is never reached: nothing goes on behind `{ended}`"
            at = node.get("id") or node
            findings.warning("unreachable", message, at, "give it a `runIf` or a `condition`")
            return
        kind = node.value.get("type")
        is_off = node.value.get("disabled") is True or _MAYBE & node.value.keys()
        if isinstance(kind, str) and registry.canonical(kind) in _ENDS and not is_off:
            ended = str(node.value.get("id"))
