"""Looks at the expressions of a flow before anything runs."""

from collections.abc import Callable, Iterator

from kestrel_cli.errors import RenderError
from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.references import texts

# Raises RenderError for a template that cannot be read.
TemplateCheck = Callable[[str], None]


def check_templates(drafts: list[Draft], check: TemplateCheck, findings: Findings) -> None:
    """Every text of tasks and flow outputs that `check` refuses is an error at its line."""
    for node in _templates(drafts):
        try:
            check(node.value)
        except RenderError as problem:
            at = _line_of(node, problem.line, findings)
            findings.error("expression", str(problem), at, problem.hint)


def _templates(drafts: list[Draft]) -> Iterator[Node]:
    flow, tasks = drafts[0], drafts[1:]
    for draft in tasks:
        yield from texts(draft.node, {slot.declared.name for slot in draft.slots})
    outputs = flow.node.get("outputs")
    for output in outputs.elements() if outputs else ():
        yield from texts(output, set())


def _line_of(node: Node, line: int, findings: Findings) -> Node:
    """The line inside of a text that starts below its `|`; else the text itself."""
    source = findings.source
    if "\n" not in node.value or not source.line(node.line)[node.column - 1 :].startswith("|"):
        return node
    inner = source.line(node.line + line)
    start = len(inner) - len(inner.lstrip(" "))
    return Node(None, node.line + line, start + 1, max(len(inner) - start, 1)) if line else node
