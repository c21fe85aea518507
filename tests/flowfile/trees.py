"""What two readers of the same text are compared by."""

from contextlib import suppress

from kestrel_cli.flowfile import events, plain
from kestrel_cli.flowfile.characters import Text
from kestrel_cli.flowfile.composer import Composer
from kestrel_cli.flowfile.findings import Findings, StopReading
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.source import Source

Reading = tuple[list[object], tuple[object, ...]]


def quickly(text: str) -> Reading | None:
    """What `plain` reads, and what was found; None when it leaves the text to ruamel."""
    composer = Composer(Findings(Source("x", text)), 50)
    try:
        if not plain.feed(composer, text):
            return None
    except StopReading:
        pass
    return flat(composer.root), composer.findings.all()


def by_ruamel(text: str) -> Reading:
    """What ruamel reads, and what was found."""
    composer = Composer(Findings(Source("x", text)), 50)
    with suppress(StopReading):
        events.feed(composer, Text(text))
    return flat(composer.root), composer.findings.all()


def flat(root: Node | None) -> list[object]:
    """Every value and key of a tree with its place; a missing root is an empty one."""
    found: list[object] = []
    waiting = [root] if root else []
    while waiting:
        node = waiting.pop()
        place = (node.line, node.column, node.length)
        if isinstance(node.items, dict):
            keys = [(key.value, key.line, key.column, key.length) for key in node.keys.values()]
            found.append(("map", keys, place))
            waiting.extend(node.items.values())
        elif node.items is not None:
            found.append(("list", len(node.items), place))
            waiting.extend(node.items)
        else:
            found.append((type(node.value).__name__, node.value, place))
    return [] if root is not None and root.value is None else found
