"""Expressions that subtract by accident: `inputs.my-key` means `inputs.my` minus `key`.

Source: spec/engine.md 1.7.
"""

import re
from collections.abc import Iterator

from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node


def check_references(drafts: list[Draft], findings: Findings) -> None:
    """Every `inputs.a-b` and `outputs.a-b` that means a declared input or task is an error."""
    flow, tasks = drafts[0], drafts[1:]
    inputs = flow.node.get("inputs")
    declared = [str(one.value.get("id")) for one in inputs.elements() if one.keys] if inputs else []
    patterns = [
        pattern
        for pattern in (
            _pattern("input", declared),
            _pattern("output", [draft.id for draft in tasks if draft.id]),
        )
        if pattern
    ]
    if not patterns:
        return
    for draft in tasks:
        held = {slot.declared.name for slot in draft.slots}
        _search(draft.node, held, patterns, f"tasks: [{draft.id}]", findings)
    outputs = flow.node.get("outputs")
    for node in outputs.elements() if outputs else ():
        if node.keys:
            _search(node, set(), patterns, f"outputs: [{node.value.get('id')}]", findings)


def _pattern(kind: str, ids: list[str]) -> tuple[str, re.Pattern[str]] | None:
    dashed = sorted({re.escape(one) for one in ids if "-" in one}, key=len, reverse=True)
    if not dashed:
        return None
    return kind, re.compile(
        rf"\{{\{{-?\s*{kind}s\.(?:{'|'.join(dashed)})(?:\.[^}}\s]*)?\s*-?\}}\}}"
    )


def _search(
    node: Node,
    held: set[str],
    patterns: list[tuple[str, re.Pattern[str]]],
    offending: str,
    findings: Findings,
) -> None:
    for text in texts(node, held):
        for kind, pattern in patterns:
            if found := pattern.search(text.value):
                message = (
                    f"Invalid {kind} reference: use {kind}s[key-name] instead of {kind}s.key-name, "
                    f"offending {offending}"
                )
                hint = f"write `{kind}s['key-name']`: a `-` outside of quotes subtracts"
                at = _inside(text, found.group(), findings)
                findings.error("dashed-reference", message, at, hint)


def _inside(text: Node, part: str, findings: Findings) -> Node:
    """The place of a part of a text that may go over several lines of the file."""
    for number in range(text.line, text.line + text.value.count("\n") + 2):
        column = findings.source.line(number).find(part)
        if column >= 0:
            return Node(None, number, column + 1, len(part))
    return text


def texts(node: Node, without: set[str]) -> Iterator[Node]:
    """Every text with an expression in a map, not below the keys `without`; each node once."""
    seen: set[int] = set()
    items = node.items if isinstance(node.items, dict) else {}
    waiting = [below for key, below in reversed(items.items()) if key not in without]
    while waiting:
        below = waiting.pop()
        if id(below) in seen:
            continue
        seen.add(id(below))
        if isinstance(below.value, str) and "{{" in below.value:
            yield below
        held = below.items.values() if isinstance(below.items, dict) else below.items or ()
        waiting.extend(reversed(list(held)))
