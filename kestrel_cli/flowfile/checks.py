"""What has to hold across a flow, beyond each property on its own: ids, retries, references.

The phrases are Kestra's where Kestra has one. All is read from drafts and their nodes, so that the
checks also run on a file that has other errors.
"""

from typing import Final

from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.flaws import missing
from kestrel_cli.flowfile.flowables import check_flowable, check_hidden_ids
from kestrel_cli.flowfile.inputs import check_inputs, check_outputs, check_unique
from kestrel_cli.flowfile.labels import no_system_labels
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.references import check_references
from kestrel_cli.flowfile.unknown_names import check_names
from kestrel_cli.model.duration import Duration

# Words of Kestra's own web addresses (1.x).
_RESERVED_IDS: Final = frozenset(
    (
        "pause",
        "resume",
        "force-run",
        "change-status",
        "kill",
        "executions",
        "search",
        "source",
        "disable",
        "enable",
    )
)
# Each of the first must be shorter than each of the later ones.
_RETRY_ORDER: Final = (
    ("interval", "maxDuration"),
    ("interval", "maxInterval"),
    ("minInterval", "maxInterval"),
    ("maxInterval", "maxDuration"),
)
_PROMISES: Final = {"MAX_DURATION": "duration", "EXECUTION_ASSERTION": "assert"}
# What a file says of which not every Kestra server has.
_NOT_EVERYWHERE: Final = ("workerGroup", "assets", ".Template")
_IGNORED: Final = {"extend": "this is ignored in a local run"}


def check(drafts: list[Draft], findings: Findings) -> None:
    """Everything that is wrong across the flow goes to `findings`."""
    flow, tasks = drafts[0], drafts[1:]
    _flow_id(flow, findings)
    _ignored(flow.node, findings)
    _listeners(flow.node, findings)
    check_unique("task", (draft.node for draft in tasks), findings)
    check_hidden_ids(tasks, findings)
    check_unique("trigger", _maps(flow.node.get("triggers")), findings)
    check_inputs(flow.node.get("inputs"), findings)
    check_outputs(flow.node.get("outputs"), findings)
    _sla(flow.node.get("sla"), findings)
    if any(word in findings.source.text for word in _NOT_EVERYWHERE):
        from kestrel_cli.flowfile.editions import check_editions

        check_editions(drafts, findings)
    if flow.parts:
        _parts(flow, findings)
    _retry(flow, findings)
    for draft in tasks:
        _retry(draft, findings)
        check_flowable(draft, flow, findings)
    check_references(drafts, findings)
    check_names(drafts, findings)


def _parts(flow: Draft, findings: Findings) -> None:
    if any(flow.node.get(name) for name in ("triggers", "listeners")):
        from kestrel_cli.flowfile.part_rules import check_parts, check_preconditions

        check_parts(flow, flow, findings)
        check_preconditions(flow, findings)


def _flow_id(flow: Draft, findings: Findings) -> None:
    at = flow.node.get("id")
    if at is not None and flow.id in _RESERVED_IDS:
        findings.error("reserved-id", f"`{flow.id}` is reserved: it cannot be the id of a flow", at)


def _ignored(flow: Node, findings: Findings) -> None:
    for name, why in _IGNORED.items():
        if flow.get(name) is not None:
            findings.info("ignored", f"`{name}`: {why}", flow.key(name))


def _listeners(flow: Node, findings: Findings) -> None:
    if flow.value.get("listeners"):
        message = "Kestra 1.3 runs `listeners` after the end, Kestra 2 has removed them"
        findings.older(message, flow.key("listeners"), "`afterExecution` does the same in both")


def _maps(listed: Node | None) -> list[Node]:
    return [node for node in listed.elements() if node.keys] if listed else []


def _sla(listed: Node | None, findings: Findings) -> None:
    """Each kind of promise has a property of its own."""
    for node in _maps(listed):
        name = _PROMISES.get(str(node.value.get("type")))
        if name is not None and node.value.get(name) is None:
            missing(name, node, findings)
        no_system_labels(node.get("labels"), findings)


def _retry(draft: Draft, findings: Findings) -> None:
    node = draft.node.get("retry")
    if node is None or not node.keys:
        return
    lengths = {
        name: length
        for name in ("interval", "minInterval", "maxInterval", "maxDuration")
        if (length := _length(node.get(name))) is not None
    }
    for lower, upper in _RETRY_ORDER:
        if lower == "maxInterval" and node.value.get("type") != "random":
            continue
        if lower in lengths and upper in lengths and lengths[lower] >= lengths[upper]:
            message = f"'{lower}' must be less than '{upper}'"
            findings.error("retry", message, node.items[lower])  # type: ignore[call-overload,index]
            break


def _length(node: Node | None) -> Duration | None:
    try:
        return Duration.parse(node.value) if node else None
    except ValueError:
        return None
