"""Looks at the expressions of a flow before anything runs."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from kestrel_cli.errors import RenderError
from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.pointing import name_length, place_in
from kestrel_cli.flowfile.references import texts

# The mistakes in a template that are seen without rendering it.
TemplateCheck = Callable[[str], Iterable[RenderError]]

_NOT_RENDERED: Final = frozenset(("id", "type", "description"))
# What is rendered of the other lists of a flow.
_RENDERED: Final = {
    "inputs": {"defaults", "dependsOn", "expression", "inputs"},
    "checks": {"condition"},
    "sla": {"assert"},
}
_WIDE_BRACES: Final = ("\uff5b\uff5b", "\uff5d\uff5d")
_OF_TRIGGERS: Final = {"conditions", "inputs", "labels", "preconditions", "when"}


def check_templates(drafts: list[Draft], check: TemplateCheck, findings: Findings) -> None:
    """Every text that is rendered and that `check` refuses is an error at its line; what Kestra 1.3
    does not have is told.
    """
    from kestrel_cli.expressions.generations import newer

    runs = [(node, findings.error) for node in _templates(drafts)]
    # What a trigger renders no run does: the flow runs all the same.
    others = [(node, findings.warning) for node in _of(drafts[0], "triggers", _OF_TRIGGERS)]
    if any(brace in findings.source.text for brace in _WIDE_BRACES):
        _wide_braces(drafts, findings)
    for node, report in runs + others:
        for problem in check(node.value):
            at = _place_of(node, problem.at, findings)
            report("expression", problem.phrase, at, problem.hint)
        for what, offset in newer(node.value):
            findings.newer(what, _place_of(node, offset, findings), "Kestra 2 has it")


def _wide_braces(drafts: list[Draft], findings: Findings) -> None:
    """Braces of other keyboards: what stands in them is no expression, and is printed as it is."""
    for draft in drafts[1:]:
        without = {slot.declared.name for slot in draft.slots} | _NOT_RENDERED
        for node in texts(draft.node, without, lambda text: any(b in text for b in _WIDE_BRACES)):
            brace = next(one for one in _WIDE_BRACES if one in node.value)
            message = f"`{brace}` are no braces of an expression: this text is not rendered"
            meant = brace.replace(_WIDE_BRACES[0][0], "{").replace(_WIDE_BRACES[1][0], "}")
            at = _place_of(node, node.value.index(brace), findings)
            findings.warning("look-alike", message, at, f"write `{meant}`")


def _templates(drafts: list[Draft]) -> Iterator[Node]:
    flow, tasks = drafts[0], drafts[1:]
    for draft in tasks:
        yield from texts(draft.node, {slot.declared.name for slot in draft.slots} | _NOT_RENDERED)
    outputs = flow.node.get("outputs")
    for output in outputs.elements() if outputs else ():
        yield from texts(output, set(_NOT_RENDERED))
    for name, rendered in _RENDERED.items():
        yield from _of(flow, name, rendered)


def _of(flow: Draft, name: str, rendered: set[str]) -> Iterator[Node]:
    """The texts of a list of the flow, in those properties that are rendered."""
    listed = flow.node.get(name)
    for node in listed.elements() if listed else ():
        yield from texts(node, set(node.keys or ()) - rendered)


def _place_of(node: Node, offset: int, findings: Findings) -> Node:
    """The name at this offset of the text; the text itself where that cannot be told."""
    found = place_in(findings.source.lines, node.line, node.value, offset)
    if found is None:
        return node
    return Node(None, *found, name_length(node.value, offset))
