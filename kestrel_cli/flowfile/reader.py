"""Bytes to a tree of nodes with positions. Whatever the bytes are, only FlowFileError comes out."""

from typing import Final

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import plain
from kestrel_cli.flowfile.composer import Composer
from kestrel_cli.flowfile.findings import Findings, StopReading
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.source import Source, decode, refusal

MAX_DEPTH: Final = 50


def read(data: bytes, name: str, *, max_depth: int = MAX_DEPTH) -> tuple[Node, Findings]:
    """The root of the file and what was found on the way: infos, duplicate keys, odd numbers.

    Raises FlowFileError when there is no tree to go on with.
    """
    source = decode(data, name)
    findings = Findings(source)
    composer = Composer(findings, max_depth)
    try:
        root = composer.root if plain.feed(composer, source.text) else None
    except StopReading:
        raise FlowFileError(findings.all()) from None
    if root is None:
        root, findings = _read_all_yaml(source, max_depth)
    if root is None:
        if not findings.failed:
            raise refusal(name, "empty", "the file is empty")
        raise FlowFileError(findings.all())
    return root, findings


def _read_all_yaml(source: Source, max_depth: int) -> tuple[Node | None, Findings]:
    from kestrel_cli.flowfile import characters, events

    findings = Findings(source)
    composer = Composer(findings, max_depth, events.MAX_NODES)
    reader = characters.Text(source.text)
    try:
        events.feed(composer, reader)
    except StopReading:
        return None, findings
    except Exception as problem:  # noqa: BLE001  ruamel lets any built-in error escape for malformed text
        from kestrel_cli.flowfile.syntax import explain

        explain(problem, reader, findings)
        return None, findings
    return composer.root, findings
