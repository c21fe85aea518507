"""Expressions that subtract by accident: `inputs.my-key` means `inputs.my` minus `key`.

Kestra refuses a `{{ ... }}` that is nothing but that; where it is a part of one, it is our warning,
and so it is in the properties that all tasks have, which Kestra does not search.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.model.fields import is_template

# The texts among the properties that every task has.
_COMMON: Final = ("description", "runIf", "timeout")


class Pattern(NamedTuple):
    """What to look for: a whole expression is Kestra's error, a part of one is our warning."""

    kind: str
    whole: re.Pattern[str]
    inside: re.Pattern[str]


def check_references(drafts: list[Draft], findings: Findings) -> None:
    """Every `inputs.a-b` and `outputs.a-b` that means a declared input or task is found."""
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


def _pattern(kind: str, ids: list[str]) -> Pattern | None:
    dashed = sorted({re.escape(one) for one in ids if "-" in one}, key=len, reverse=True)
    if not dashed:
        return None
    name = rf"{kind}s\.(?:{'|'.join(dashed)})"
    # Kestra looks for an input alone, and for something of an output with all that follows it.
    rest = r"\.[^}]+" if kind == "output" else r"\s*-?"
    whole = re.compile(rf"\{{\{{-?\s*{name}{rest}\}}\}}")
    return Pattern(kind, whole, re.compile(rf"(?<![\w.'\"]){name}(?![\w'\"-])"))


def _search(
    node: Node,
    held: set[str],
    patterns: list[Pattern],
    offending: str,
    findings: Findings,
) -> None:
    common = [node.get(name) for name in _COMMON]
    for text in texts(node, held):
        for pattern in patterns:
            kind = pattern.kind
            if text not in common and (found := pattern.whole.search(text.value)):
                message = (
                    f"Invalid {kind} reference: use {kind}s[key-name] instead of {kind}s.key-name, "
                    f"offending {offending}"
                )
                hint = f"write `{kind}s['key-name']`: a `-` outside of quotes subtracts"
                at = inside(text, found.group(), findings)
                findings.error("dashed-reference", message, at, hint)
            elif found := pattern.inside.search(text.value):
                said, _, key = found.group().partition(".")
                at = inside(text, found.group(), findings)
                hint = f"write `{said}['{key}']`"
                findings.warning("dashed-reference", f"`{said}.{key}` is a subtraction", at, hint)


# What a template says that looks before it reads.
_CAREFUL = re.compile(r"\?\?|\bdefault\b|\bdefined\b|\bis\s+(?:not\s+)?(?:null|empty)\b")


def is_careful(text: str) -> bool:
    """Whether a template may know what to do when something is missing."""
    return _CAREFUL.search(text) is not None


def inside(text: Node, part: str, findings: Findings) -> Node:
    """The place of a part of a text that may go over several lines of the file."""
    for number in range(text.line, text.line + text.value.count("\n") + 2):
        column = findings.source.line(number).find(part)
        if column >= 0:
            return Node(None, number, column + 1, len(part))
    return text


def texts(
    node: Node, without: set[str], wanted: Callable[[str], bool] = is_template
) -> Iterator[Node]:
    """Every text with an expression in a map, not below the keys `without`; each node once.

    `wanted` chooses other texts.
    """
    seen: set[int] = set()
    items = node.items if isinstance(node.items, dict) else {}
    waiting = [below for key, below in reversed(items.items()) if key not in without]
    while waiting:
        below = waiting.pop()
        if id(below) in seen:
            continue
        seen.add(id(below))
        if isinstance(below.value, str) and wanted(below.value):
            yield below
        held = below.items.values() if isinstance(below.items, dict) else below.items or ()
        waiting.extend(reversed(list(held)))
