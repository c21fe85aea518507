"""Expressions that name a task or an input that the flow does not have.

They are warnings: `??` may catch what is missing, and Kestra accepts such a flow.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.references import inside, is_careful, texts
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.tasks import registry

_FLOW: Final = "io.kestra.plugin.core.flow."
_NOT_RENDERED: Final = frozenset(("id", "type", "description"))
# What is rendered with the variables of another execution.
_ELSEWHERE: Final = {f"{_FLOW}Subflow": {"outputs"}, f"{_FLOW}Pause": {"onResume"}}
_MAY_BE_MISSING: Final = "vars"
_PARTS: Final = ("_split", "_items", "_merge")


class Kind(NamedTuple):
    """One variable whose members are known: its name, what a member is, and all of them."""

    variable: str
    noun: str
    known: frozenset[str]


class Mention(NamedTuple):
    """A member of a variable as a text names it, and how it is written there."""

    name: str
    written: str
    at: int


def check_names(drafts: list[Draft], findings: Findings) -> None:
    """Every `outputs.x`, `tasks.x` and `inputs.x` without such a task or input is found."""
    kinds = _kinds(drafts)
    for draft in drafts[1:]:
        held = {slot.declared.name for slot in draft.slots}
        other = _ELSEWHERE.get(registry.canonical(str(draft.values.get("type"))), set())
        _search(texts(draft.node, held | _NOT_RENDERED | other), kinds, findings)
    for name in ("outputs", "inputs", "checks"):
        listed = drafts[0].node.get(name)
        for node in listed.elements() if listed else ():
            of_flow = kinds if name == "outputs" else kinds[-1:]  # before the run: inputs only
            _search(texts(node, set(_NOT_RENDERED)), of_flow, findings)


def _kinds(drafts: list[Draft]) -> list[Kind]:
    flow, tasks = drafts[0], drafts[1:]
    inputs = flow.node.get("inputs")
    declared = [one.value for one in inputs.elements() if one.keys] if inputs else []
    names = {str(one.get("id", one.get("name"))).partition(".")[0] for one in declared}
    kinds = [Kind("inputs", "input", frozenset(names))]
    if (variables := _variables(flow, tasks)) is not None:
        kinds.insert(0, Kind("vars", "variable", variables))
    # The tasks of a template are not in the file.
    if not any(str(draft.values.get("type")).endswith(".Template") for draft in tasks):
        ids = frozenset(_task_ids(tasks))
        kinds[:0] = [Kind("outputs", "task", ids), Kind("tasks", "task", ids)]
    return kinds


def _variables(flow: Draft, tasks: list[Draft]) -> frozenset[str] | None:
    """The names that `vars` has at some time; None when only the run knows them."""
    said = flow.values.get("variables")
    names = set(said) if isinstance(said, dict) else set()
    for draft in tasks:
        kind = str(draft.values.get("type"))
        if registry.canonical(kind).endswith(("execution.SetVariables", ".Template")):
            given = draft.values.get("variables")
            if not isinstance(given, dict) or any("{" in name for name in given):
                return None
            names |= set(given)
    return frozenset(names)


def _task_ids(tasks: Iterable[Draft]) -> Iterator[str]:
    for draft in tasks:
        if draft.id is None:
            continue
        yield draft.id
        if registry.canonical(str(draft.values.get("type"))) == f"{_FLOW}ForEachItem":
            yield from (draft.id + part for part in _PARTS)
        if registry.find(str(draft.values.get("type"))) is None:
            yield from _ids_inside(draft.node)


def _ids_inside(node: Node) -> Iterator[str]:
    """The ids of all that looks like a task, in a task of a type whose properties are unknown."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if here.items is None or id(here) in seen:
            continue
        seen.add(id(here))
        if isinstance(here.items, dict):
            if "id" in here.items and "type" in here.items:
                yield str(here.value["id"])
            waiting.extend(here.items.values())
        else:
            waiting.extend(here.items)


def _search(nodes: Iterable[Node], kinds: Iterable[Kind], findings: Findings) -> None:
    for node in nodes:
        for kind in kinds:
            if kind.variable == _MAY_BE_MISSING and is_careful(node.value):
                continue
            for mention in _mentions(node.value, kind.variable):
                if not _is_known(mention.name, kind.known) and _is_read(node.value, mention):
                    _warn(mention, kind, node, findings)


def _is_known(name: str, known: frozenset[str]) -> bool:
    """`a-1` may subtract from `a`; a name with a dash is told about by another check."""
    return name in known or name.partition("-")[0] in known


def _warn(mention: Mention, kind: Kind, node: Node, findings: Findings) -> None:
    near = nearest(mention.name, sorted(kind.known))
    hint = f"did you mean `{near}`?" if near else None
    message = f"`{mention.written}`: this flow has no {kind.noun} `{mention.name}`"
    at = inside(node, mention.written, findings)
    findings.warning(f"unknown-{kind.noun}", message, at, hint)


def _mentions(text: str, variable: str) -> Iterator[Mention]:
    """What may be members of the variable: by hand, because nearly all of them are known ones."""
    end = 0
    while (at := text.find(variable, end)) >= 0:
        end = at + len(variable)
        if at and (text[at - 1] in "_.-$'\"" or text[at - 1].isalnum()):
            continue
        opening = text[end : end + 1]
        if opening == ".":
            stop = end + 1
            while stop < len(text) and (text[stop].isalnum() or text[stop] in "_-"):
                stop += 1
            name = text[end + 1 : stop].rstrip("-")
            stop = end + 1 + len(name)
        elif opening == "[" and text[end + 1 : end + 2] in ("'", '"'):
            close = text.find(text[end + 1], end + 2)
            name = text[end + 2 : max(close, 0)] if text[close + 1 : close + 2] == "]" else ""
            stop = close + 2
        else:
            continue
        if name:
            yield Mention(name, text[at:stop], at)


def _is_read(text: str, mention: Mention) -> bool:
    """Whether the mention is in an expression, outside of its texts, and means the variable."""
    variable = mention.written[: re.search(r"[.\[]", mention.written).start()]  # type: ignore[union-attr]
    if re.search(rf"\{{%-?\s*(?:set|for)\s+{variable}\b", text):
        return False
    regions = re.finditer(
        r"\{#.*?#\}"
        r"|\{%-?\s*(raw|verbatim)\b.*?\{%-?\s*end\1\s*-?%\}"
        r"|\{\{(.*?)\}\}|\{%(.*?)%\}",
        text,
        re.DOTALL,
    )
    for region in regions:
        if region.start() < mention.at < region.end():
            before = text[region.start() : mention.at]
            is_code = region[2] is not None or region[3] is not None
            without = re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", "", before)
            return is_code and not {"'", '"'} & set(without)
    return False
