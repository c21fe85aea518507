"""A flow file to a Flow: read, build, check. For any bytes, only FlowFileError comes out."""

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import reader
from kestrel_cli.flowfile.builder import Builder, Draft, assembled
from kestrel_cli.flowfile.checks import check
from kestrel_cli.flowfile.findings import Findings, StopReading
from kestrel_cli.flowfile.labels import label_pairs
from kestrel_cli.flowfile.mending import is_unquoted, with_quotes
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.source import read_bytes, refusal
from kestrel_cli.flowfile.templates import TemplateCheck, check_templates
from kestrel_cli.model.diagnostic import Diagnostic
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import index
from kestrel_cli.model.record import record

_MOST_MENDED = 50
# Keys of other Kestra files that also have an id and a namespace: apps, dashboards, unit tests.
_OTHER_FILES = frozenset(("testCases", "flowId", "layout", "charts", "title"))


@record
class Loaded:
    """A valid flow, the warnings and infos about its file, and the file's text."""

    flow: Flow
    warnings: tuple[Diagnostic, ...]
    text: str = ""


def load(
    path: str, *, max_depth: int = reader.MAX_DEPTH, check_template: TemplateCheck | None = None
) -> Loaded:
    """Load the flow in a file, or on standard input for `-`. Raises FlowFileError.

    `check_template` looks at every text with an expression and tells its mistakes.
    """
    data = read_bytes(path)
    return load_bytes(data, path, max_depth=max_depth, check_template=check_template)


def load_bytes(
    data: bytes,
    name: str,
    *,
    max_depth: int = reader.MAX_DEPTH,
    check_template: TemplateCheck | None = None,
) -> Loaded:
    """Load a flow from bytes; `name` is the file's name in messages. Raises FlowFileError."""
    try:
        return _loaded(data, name, max_depth, check_template)
    except FlowFileError as error:
        if not is_unquoted(error):
            raise
        found = list(error.diagnostics)
    # An expression without quotes is a syntax error that hides all others: look behind it.
    for _ in range(_MOST_MENDED):
        mended = with_quotes(data, found[-1])
        if mended is None:
            break
        data = mended
        try:
            _loaded(data, name, max_depth, check_template)
        except FlowFileError as error:
            found += error.diagnostics
            if not is_unquoted(error):
                break
        else:
            break
    raise FlowFileError(sorted(found, key=lambda one: one.where[1:]))


def _loaded(data: bytes, name: str, max_depth: int, check_template: TemplateCheck | None) -> Loaded:
    root, findings = reader.read(data, name, max_depth=max_depth)
    _expect_flow(root, findings)
    try:
        drafts = Builder(root, findings).build()
        check(drafts, findings)
        if check_template is not None:
            check_templates(drafts, check_template, findings)
        pairs = label_pairs(root.get("labels"), findings)
    except StopReading:
        raise FlowFileError(findings.all()) from None
    except RecursionError:
        # Only below a raised depth limit, in what Python itself compares or copies recursively.
        raise refusal(name, "too-deep", "values in this file nest too deeply") from None
    if findings.failed:
        raise FlowFileError(findings.all())
    flow = assembled(drafts, findings)
    _finish(flow, drafts[0], pairs, findings)
    return Loaded(flow, findings.all(), findings.source.text)


def _expect_flow(root: Node, findings: Findings) -> None:
    if not isinstance(root.items, dict):
        kind = "list" if isinstance(root.items, list) else "text"
        findings.error("not-a-flow", f"this is not a flow: it is a {kind}, not a map", root)
    elif "tasks" not in root.items and (
        not {"id", "namespace"} <= root.items.keys() or root.items.keys() & _OTHER_FILES
    ):
        findings.error("not-a-flow", "this is not a flow: it has no `tasks`", root.first())
    else:
        return
    raise FlowFileError(findings.all())


def _finish(flow: Flow, draft: Draft, pairs: list[tuple[str, str]], findings: Findings) -> None:
    for name, models in (("inputs", flow.inputs), ("outputs", flow.outputs)):
        node = draft.node.get(name)
        for model, below in zip(models, node.elements() if node else (), strict=True):
            model.__dict__["where"] = findings.position(below.first())
    flow.__dict__["label_pairs"] = pairs
    index(flow)
