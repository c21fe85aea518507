"""Bytes to a tree of nodes with positions. Whatever the bytes are, only FlowFileError comes out."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from typing import Final

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile.characters import Text
from kestrel_cli.flowfile.composer import Composer
from kestrel_cli.flowfile.findings import Findings, StopReading
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.source import Source, decode, refusal

MAX_DEPTH: Final = 50


def read(data: bytes, name: str, *, max_depth: int = MAX_DEPTH) -> tuple[Node, Findings]:
    """The root of the file and what was found on the way: infos, duplicate keys, odd numbers.

    Raises FlowFileError when there is no tree to go on with.
    """
    findings = _findings(decode(data, name), data)
    root = _root(findings, max_depth)
    if root is None:
        if not findings.failed:
            raise refusal(name, "empty", "the file is empty")
        raise FlowFileError(findings.all())
    return root, findings


def _findings(source: Source, data: bytes) -> Findings:
    findings = Findings(source)
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        whole = Node(None, 0, 0)
        findings.warning("encoding", "the file is UTF-16; Kestra wants UTF-8", whole)
    return findings


def _root(findings: Findings, max_depth: int) -> Node | None:
    # Imported here, with ruamel, because help and the journals of the past need no YAML.
    from kestrel_cli.flowfile import events

    composer = Composer(findings, max_depth)
    reader = Text(findings.source.text)
    try:
        events.feed(composer, reader)
    except StopReading:
        return None
    except Exception as problem:  # noqa: BLE001  ruamel lets any built-in error escape for malformed text
        from kestrel_cli.flowfile.syntax import explain

        explain(problem, reader, findings)
        return None
    return composer.root
