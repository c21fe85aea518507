"""What runs differently from what it looks like: retries that never retry, tasks never reached."""

from typing import Final

from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.model.fields import is_template
from kestrel_cli.tasks import registry

_CORE: Final = "io.kestra.plugin.core."
_ENDS: Final = frozenset((f"{_CORE}execution.Exit", f"{_CORE}execution.Fail"))
_IN_ORDER: Final = f"{_CORE}flow.Sequential"
_IF: Final = f"{_CORE}flow.If"
_SWITCH: Final = f"{_CORE}flow.Switch"
# What lets the tasks behind it be reached all the same.
_MAYBE: Final = frozenset(("condition", "runIf", "allowFailure", "allowWarning", "retry"))
_LITERALS: Final = {"true": True, "false": False}


def check_dead_ends(drafts: list[Draft], findings: Findings) -> None:
    """Everything in the flow that never happens though it is written."""
    for draft in drafts:
        kind = registry.canonical(str(draft.values.get("type")))
        _retry(draft.node.get("retry"), findings)
        if draft is drafts[0] or kind == _IN_ORDER:
            _unreached(draft.node.get("tasks"), findings)
        if draft is not drafts[0] and _literal(draft.node.get("runIf")) is False:
            message = f"`{draft.id}` never runs: its `runIf` is always false"
            findings.warning("unreachable", message, draft.node.key("runIf"))
        if kind == _IF:
            _branches(draft, findings)
        elif kind == _SWITCH:
            _cases(draft, findings)


def _retry(retry: Node | None, findings: Findings) -> None:
    said = retry.get("maxAttempts") or retry.get("maxAttempt") if retry is not None else None
    if said is not None and said.value == 1:
        message = "with `maxAttempts: 1` nothing is tried again: the first attempt counts"
        findings.warning("retry", message, said)


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


def _literal(node: Node | None) -> bool | None:
    """The outcome of a condition that nothing can change; None for any other."""
    if node is None or not isinstance(node.value, (str, bool)):
        return None
    text = str(node.value).strip()
    if text.startswith("{{") and text.endswith("}}"):
        text = text[2:-2].strip("- ")
    return _LITERALS.get(text.lower())


def _branches(draft: Draft, findings: Findings) -> None:
    holds = _literal(draft.node.get("condition"))
    dead = None if holds is None else "else" if holds else "then"
    if dead is not None and draft.node.value.get(dead):
        message = f"`{dead}` is never reached: the condition is always {str(holds).lower()}"
        findings.warning("unreachable", message, draft.node.key(dead))


def _cases(draft: Draft, findings: Findings) -> None:
    said, cases = draft.node.get("value"), draft.node.get("cases")
    if said is None or said.items is not None or is_template(str(said.value)):
        return
    names = list(cases.items) if cases is not None and isinstance(cases.items, dict) else []
    value = said.text or (str(said.value).lower() if type(said.value) is bool else str(said.value))
    if value in names:
        message = f"`{draft.id}` always takes the case `{value}`: its value is no expression"
    else:
        message = f"`{draft.id}` has no case for `{value}`, and its value is no expression"
    if value not in names or len(names) > 1 or draft.values.get("defaults"):
        findings.warning("unreachable", message, said, "an expression stands between `{{` and `}}`")
