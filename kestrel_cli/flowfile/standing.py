"""Expressions that need a loop: what they name depends on where the task stands.

They are warnings: a template may test what is missing, and Kestra accepts such a flow.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.references import inside, is_careful, texts
from kestrel_cli.model.task_facts import merged_words
from kestrel_cli.tasks import registry

_FLOW: Final = "io.kestra.plugin.core.flow."
_LOOPS: Final = frozenset(
    f"{_FLOW}{name}" for name in ("ForEach", "EachSequential", "EachParallel")
)
# Their tasks have numbers, or their own texts see one.
_NUMBERED: Final = _LOOPS | {f"{_FLOW}{name}" for name in ("LoopUntil", "ForEachItem")}
_DIRECTORY: Final = f"{_FLOW}WorkingDirectory"
_LOOP: Final = f"{_FLOW}Loop"
# What is below runs as an execution of its own, or is not in the file.
_OPAQUE: Final = frozenset((_LOOP, f"{_FLOW}Template"))
_NOT_RENDERED: Final = frozenset(("id", "type", "description"))
_EXPRESSION: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_BEFORE: Final = r"(?<![\w.$'\"\[-])"
_VALUE: Final = re.compile(rf"{_BEFORE}taskrun\.value\b")
_PARENT: Final = re.compile(rf"{_BEFORE}parent\.taskrun\.value\b")
_ITERATION: Final = re.compile(rf"{_BEFORE}taskrun\.iteration\b")
_ITEM: Final = re.compile(rf"{_BEFORE}item\.(?:value|index)\b")
_OWN_ITEM: Final = re.compile(r"\b(?:for|set)\s+item\b")
_PARENTS: Final = re.compile(rf"{_BEFORE}parents\[(\d+)\]")


class Place(NamedTuple):
    """Where a task stands: whether its own run has a loop's value and a number, and what is around
    it that `parents` shows, nearest first: for each, whether it has a value.
    """

    has_value: bool
    has_number: bool
    around: tuple[bool, ...]
    loops: int


def check_standing(drafts: list[Draft], findings: Findings) -> None:
    """`taskrun.value`, `parent`, `parents` and outputs of loops where they cannot be."""
    tasks = drafts[1:]
    places = {id(draft): _place(draft) for draft in tasks}
    loops = {
        draft.id: names
        for draft in tasks
        if (place := places[id(draft)]) is not None
        and place.loops
        and draft.id is not None
        and (names := frozenset(merged_words(draft.kind, "gives")))  # type: ignore[arg-type]
    }
    outputs = _outputs_pattern(loops)
    for draft in tasks:
        place = places[id(draft)]
        held = {slot.declared.name for slot in draft.slots}
        if registry.canonical(_type(draft)) == _LOOP:
            held.add("outputs")  # they are rendered in each iteration
        for node in texts(draft.node, held | _NOT_RENDERED):
            has_item = place is None or _OWN_ITEM.search(node.value) is not None
            for found in _read(node.value):
                if place is not None:
                    _values(found, place, node, findings)
                if place is not None and not has_item:
                    _item(found, place, node, findings)
                if outputs is not None and place is not None:
                    _outputs(found, outputs, loops, node, findings)
    _of_flow(drafts[0], outputs, loops, findings)


def _of_flow(
    flow: Draft,
    outputs: re.Pattern[str] | None,
    loops: dict[str, frozenset[str]],
    findings: Findings,
) -> None:
    listed = flow.node.get("outputs")
    if outputs is None or listed is None:
        return
    for one in listed.elements():
        for node in texts(one, set(_NOT_RENDERED)):
            for found in _read(node.value):
                _outputs(found, outputs, loops, node, findings)


def _read(text: str) -> Iterator[str]:
    """The expressions of a text that do not look before they read."""
    if not is_careful(text):
        yield from (found.group() for found in _EXPRESSION.finditer(text))


def _place(draft: Draft) -> Place | None:
    """None where it cannot be told: in a Loop, in what runs after a failure or while pausing."""
    # The children of a directory see what the directory sees.
    while draft.holder is not None and registry.canonical(_type(draft.holder)) == _DIRECTORY:
        draft = draft.holder
    here, loops = draft, 0
    has_value = has_number = False
    around: list[bool] = []
    while here.holder is not None and registry.canonical(_type(here.holder)) not in _OPAQUE:
        holder = here.holder
        if _block(here, holder) != "tasks" and registry.canonical(_type(holder)) in _LOOPS:
            return None
        if _block(here, holder) in ("errors", "finally", "onPause"):
            return None
        is_loop = registry.canonical(_type(holder)) in _LOOPS
        loops += is_loop
        if here is draft:
            has_value = is_loop
            kinds = {registry.canonical(_type(one)) for one in (here, holder)}
            has_number = not _NUMBERED.isdisjoint(kinds)
        elif is_loop or merged_words(here.kind, "gives"):  # type: ignore[arg-type]
            around.append(is_loop)
        here = holder
        if holder.holder is None:
            return Place(has_value, has_number, tuple(around), loops)
    return None


def _type(draft: Draft) -> str:
    return str(draft.values.get("type"))


def _block(draft: Draft, holder: Draft) -> str | None:
    """The property of the holder that the task stands in."""
    for slot in holder.slots:
        if any(one is draft for drafts in slot.entries.values() for one in drafts):
            return slot.declared.name
    return None


def _values(text: str, place: Place, node: Node, findings: Findings) -> None:
    if (found := _VALUE.search(text)) and not place.has_value:
        message = "`taskrun.value`: the run of this task has no value"
        _warn(message, found.group(), node, findings, _spelling(place))
    if (found := _PARENT.search(text)) and not (place.around and place.around[0]):
        message = "`parent.taskrun.value`: what is around this task has no value"
        _warn(message, found.group(), node, findings, _spelling(place))
    if (found := _ITERATION.search(text)) and not place.has_number:
        message = "`taskrun.iteration`: the run of this task has no number"
        hint = "only the tasks right below a loop have one"
        _warn(message, found.group(), node, findings, hint)
    for found in _PARENTS.finditer(text):
        if int(found[1]) >= len(place.around):
            count = len(place.around)
            message = f"`{found.group()}`: `parents` has {count} here, and counts from 0"
            _warn(message, found.group(), node, findings, _spelling(place))


def _item(text: str, place: Place, node: Node, findings: Findings) -> None:
    if found := _ITEM.search(text):
        message = f"`{found.group()}`: no Loop is around this task"
        _warn(message, found.group(), node, findings, _spelling(place))


def _spelling(place: Place) -> str:
    """How the value of the nearest loop is written here."""
    if place.has_value:
        return "the value of the loop is `taskrun.value`"
    if True not in place.around:
        return "no loop is around it"
    number = place.around.index(True)
    said = "parent.taskrun.value" if number == 0 else f"parents[{number}].taskrun.value"
    return f"the value of the loop is `{said}`"


def _outputs_pattern(loops: dict[str, frozenset[str]]) -> re.Pattern[str] | None:
    """`outputs.inner.value`, however `inner` is written."""
    if not loops:
        return None
    ids = "|".join(sorted((re.escape(one) for one in loops), key=len, reverse=True))
    name = rf"(?:\.({ids})|\[['\"]({ids})['\"]\])"
    return re.compile(rf"{_BEFORE}outputs{name}(?:\.(\w+)|\[['\"](\w+)['\"]\])(?![\w(])")


def _outputs(
    text: str,
    pattern: re.Pattern[str],
    loops: dict[str, frozenset[str]],
    node: Node,
    findings: Findings,
) -> None:
    for found in pattern.finditer(text):
        task, name = found[1] or found[2], found[3] or found[4]
        if name in loops[task]:
            message = (
                f"`{found.group()}`: `{task}` runs in a loop, its outputs stand under its value"
            )
            hint = f"in the same iteration write `outputs.{task}[taskrun.value].{name}`"
            _warn(message, found.group(), node, findings, hint)


def _warn(message: str, written: str, node: Node, findings: Findings, hint: str) -> None:
    findings.warning("loop-value", message, inside(node, written, findings), hint)
