"""A plan in words."""

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from kestrel_cli.app.plan.nodes import MOST_VALUES, Branch, FlowNode, Node
from kestrel_cli.app.plan.plan import Plan
from kestrel_cli.app.preflight.finding import Finding

_LONGEST: Final = 100  # characters of a value that are shown
_LINES: Final = 4


class Look(NamedTuple):
    """What the lines of the tree are drawn with."""

    tee: str = "├── "
    end: str = "└── "
    bar: str = "│   "
    gap: str = "    "


ASCII: Final = Look("+-- ", "`-- ", "|   ", "    ")


def words(plan: Plan, look: Look) -> Iterator[str]:
    """The lines of a plan: what stands in the way, then the tree."""
    if plan.stopping:
        yield f"{_things(plan.stopping, 'stand')} in the way (exit code {plan.exit_code}):"
        yield from _told(plan.stopping)
    else:
        yield "nothing stands in the way"
    if plan.possible:
        yield f"{_things(plan.possible, 'may stand')} in the way, where the run comes to it:"
        yield from _told(plan.possible)
    yield ""
    yield _name(plan.flow)
    yield from _blocks(plan.flow.branches, "", look)


def _things(found: list[Finding], verb: str) -> str:
    if len(found) == 1:
        return f"1 thing {'stands' if verb == 'stand' else verb}"
    return f"{len(found)} things {verb}"


def _told(found: list[Finding]) -> Iterator[str]:
    for one in found:
        where = f"{one.where}: " if one.where else ""
        yield f"  {where}{one.message}"
        hint = one.mock if one.hint is None and one.mock else one.hint
        if hint and hint not in one.message:
            yield f"    hint: {hint}"


def _name(node: FlowNode) -> str:
    return f"{node.flow.namespace}.{node.flow.id}  {node.flow.where.file}"


def _blocks(branches: list[Branch], before: str, look: Look) -> Iterator[str]:
    """Branches below something; the body of a flow or of a flowable that has no choice stands
    there by itself.
    """
    if len(branches) == 1 and branches[0].block == "tasks" and branches[0].value is None:
        yield from _tasks(branches[0].tasks, before, look)
        return
    for number, branch in enumerate(branches, 1):
        last = number == len(branches)
        yield f"{before}{look.end if last else look.tee}{_head(branch)}"
        yield from _tasks(branch.tasks, before + (look.gap if last else look.bar), look)


def _head(branch: Branch) -> str:
    if branch.value is not None:
        return f"[{_short(branch.value)}]"
    said = {True: "", False: "  not taken", None: "  maybe"}[branch.taken]
    return f"{branch.block}{said}"


def _tasks(nodes: list[Node], before: str, look: Look) -> Iterator[str]:
    for number, node in enumerate(nodes, 1):
        last = number == len(nodes)
        yield f"{before}{look.end if last else look.tee}{_task(node)}"
        below = before + (look.gap if last else look.bar)
        inside = below + (look.bar if node.branches or node.flow else look.gap)
        yield from (f"{inside}{line}" for line in _details(node))
        yield from _blocks(node.branches, below, look)
        if node.values is not None and len(node.values) > MOST_VALUES:
            yield f"{below}... and {len(node.values) - MOST_VALUES} more values"
        if node.flow is not None:
            yield f"{below}{look.end}{_name(node.flow)}"
            yield from _blocks(node.flow.branches, below + look.gap, look)


def _task(node: Node) -> str:
    parts = [node.task.id, node.task.type.removeprefix("io.kestra.plugin.")]
    if node.mocked:
        parts.append("mocked")
    if node.skipped:
        parts.append("skipped: `runIf` is false")
    if node.values is not None:
        count = len(node.values)
        parts.append(f"{count} value{'' if count == 1 else 's'}")
    elif any(one.block == "tasks" and one.taken is None for one in node.branches):
        parts.append("once for each value that the run finds")
    if node.cut is not None:
        parts.append(f"not shown: {node.cut}")
    return "  ".join(parts)


def _details(node: Node) -> Iterator[str]:
    for name, value in node.properties.items():
        lines = _shown(value)
        known = "" if name not in node.open else "  (known when it runs)"
        yield f"{name}: {lines[0]}{known}"
        yield from (f"  {line}" for line in lines[1:])
    if node.run_if is not None:
        yield f"runIf: {_short(node.run_if)}"
    if node.timeout is not None:
        yield f"timeout: {node.timeout}"
    if node.retry is not None:
        yield "retry: " + ", ".join(f"{name} {value}" for name, value in node.retry.items())
    if node.task.allowFailure:
        yield "allowFailure: true"


def _shown(value: Any) -> list[str]:
    if not isinstance(value, str):
        return [_short(json.dumps(value, ensure_ascii=False, default=str))]
    lines = value.rstrip("\n").split("\n")
    shown = [_short(line) for line in lines[:_LINES]]
    return ["|", *shown, *(["..."] if len(lines) > _LINES else [])] if len(lines) > 1 else shown


def _short(text: str) -> str:
    text = text.replace("\n", "\\n")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
