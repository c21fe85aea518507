"""Outputs that a task asks for before the task that gives them has ended: it comes later, or begins
together with it.
"""

from typing import Final, NamedTuple

from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.certain import is_fatal
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.known_names import is_core
from kestrel_cli.flowfile.mentions import Mention, is_always_read, is_read, mentions
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.references import inside, is_careful, texts
from kestrel_cli.model.flow import Flow
from kestrel_cli.tasks import registry

_FLOW: Final = "io.kestra.plugin.core.flow."
_IN_ORDER: Final = frozenset(f"{_FLOW}{name}" for name in ("Sequential", "AllowFailure"))
# What is in them runs once, and after all that stands before them.
_ONCE: Final = _IN_ORDER | {f"{_FLOW}{name}" for name in ("Dag", "If", "Parallel", "Switch")}
_AT_ONCE: Final = frozenset(f"{_FLOW}{name}" for name in ("Parallel", "EachParallel"))
_NOT_RENDERED: Final = frozenset(("id", "type", "description"))


def check_order(drafts: list[Draft], findings: Findings) -> None:
    """Every `outputs.x` in a task that stands before `x`, where tasks run one after the other."""
    tasks = {draft.id: draft for draft in drafts[1:] if draft.id is not None}
    for draft in drafts[1:]:
        held = {slot.declared.name for slot in draft.slots}
        for node in texts(draft.node, held | _NOT_RENDERED):
            if is_careful(node.value):
                continue
            for mention in mentions(node.value, "outputs"):
                other = tasks.get(mention.name)
                if other is None or not is_read(node.value, mention):
                    continue
                if _is_later(other, draft):
                    told = _Told("runs after", "", f"put `{draft.id}` behind `{mention.name}`")
                    _tell(mention, node, draft, findings, told)
                elif (holder := _beside(other, draft)) is not None:
                    sees = " and neither sees the outputs of the other"
                    told = _Told("begins together with", sees, "put them in a Sequential")
                    sure = draft.holder is holder and _number(holder) == 0
                    _tell(mention, node, draft, findings, told, sure=sure)


class _Told(NamedTuple):
    """What is said of two tasks, and what to do."""

    relation: str
    more: str
    hint: str


def _tell(
    mention: Mention,
    node: Node,
    draft: Draft,
    findings: Findings,
    told: _Told,
    *,
    sure: bool = True,
) -> None:
    message = f"`{mention.written}`: `{mention.name}` {told.relation} `{draft.id}`{told.more}"
    at = inside(node, mention.written, findings)
    fails = sure and is_always_read(node.value, mention) and is_core(draft) and is_fatal(draft)
    report = findings.sure if fails else findings.warning
    report("too-early", message, at, told.hint)


def _beside(other: Draft, draft: Draft) -> Draft | None:
    """The flowable in which both begin at the same time, or what is around them does."""
    mine, theirs = _around(draft), _around(other)
    depth = 0
    while depth < min(len(mine), len(theirs)) and mine[depth] is theirs[depth]:
        depth += 1
    if depth in (len(mine), len(theirs)):
        return None  # one is around the other
    holder = mine[depth].holder
    if holder is None or holder.kind is Flow or _type(holder) not in _AT_ONCE:
        return None
    # Further down there was time for it to come: only who begins there is blind.
    first = all(_first_in(one.holder, one) for one in mine[depth + 1 :])
    listed = [one.node for one in (mine[depth], theirs[depth])]
    tasks = holder.node.get("tasks")
    elements = tasks.elements() if tasks else []
    both = all(any(one is node for one in elements) for node in listed)
    return holder if both and first and _number(holder) != 1 else None


def _first_in(holder: Draft | None, draft: Draft) -> bool:
    tasks = None if holder is None else holder.node.get("tasks")
    return tasks is not None and bool(tasks.elements()) and tasks.elements()[0] is draft.node


def _number(holder: Draft) -> object:
    """How many run at once; 0: all. What is rendered may be anything."""
    return holder.values.get("concurrent") or 0


def _around(draft: Draft) -> list[Draft]:
    """What is around a task, the outermost first, and the task."""
    found = [draft]
    while found[-1].holder is not None and found[-1].holder.kind is not Flow:
        found.append(found[-1].holder)
    return found[::-1]


def _is_later(other: Draft, draft: Draft) -> bool:
    """Whether `other` begins only when `draft` has ended, or never."""
    mine, theirs = _path(draft), _path(other)
    if mine is None or theirs is None:
        return False
    depth = 0
    while depth < min(len(mine), len(theirs)) and mine[depth] is theirs[depth]:
        depth += 1
    if depth in (len(mine), len(theirs)):
        return False  # one is around the other
    holder = mine[depth].holder
    if holder is None or not (holder.kind is Flow or _type(holder) in _IN_ORDER):
        return False
    listed = holder.node.get("tasks")
    nodes = listed.elements() if listed else []
    places = [
        next((n for n, node in enumerate(nodes) if node is one.node), None)
        for one in (mine[depth], theirs[depth])
    ]
    return places[0] is not None and places[1] is not None and places[1] > places[0]


def _path(draft: Draft) -> list[Draft] | None:
    """What is around a task, the outermost first, and the task; None inside of what repeats."""
    found = [draft]
    here = draft
    while here.holder is not None and here.holder.kind is not Flow:
        here = here.holder
        if _type(here) not in _ONCE:
            return None
        found.append(here)
    return found[::-1]


def _type(draft: Draft) -> str:
    return registry.canonical(str(draft.values.get("type")))
