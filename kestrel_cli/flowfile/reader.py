"""Bytes to a tree of nodes with positions. Whatever the bytes are, only FlowFileError leaves this module."""

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile.composer import Composer
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.source import decode, refusal

MAX_DEPTH = 50


def read(data: bytes, name: str, *, max_depth: int = MAX_DEPTH) -> tuple[Node, Findings]:
    """The root of the file and what was found on the way: infos, duplicate keys, numbers that are none.

    Raises FlowFileError when there is no tree to go on with.
    """
    findings = Findings(decode(data, name))
    composer = Composer(findings, max_depth)
    try:
        root = composer.compose()
    except Exception as problem:  # noqa: BLE001  ruamel lets any built-in exception escape for malformed text
        from kestrel_cli.flowfile.syntax import explain

        explain(problem, composer.reader, findings)
        root = None
    if root is None:
        if not findings.failed:
            raise refusal(name, "empty", "the file is empty")
        raise FlowFileError(findings.all())
    return root, findings
