"""A flow file to a Flow: read, build, check. For any bytes, only FlowFileError comes out."""

from collections.abc import Mapping, Sequence
from typing import Any

from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import reader
from kestrel_cli.flowfile.builder import Builder, Draft, assembled
from kestrel_cli.flowfile.certain import is_certain, is_enabled
from kestrel_cli.flowfile.checks import check
from kestrel_cli.flowfile.findings import Findings, StopReading
from kestrel_cli.flowfile.labels import label_pairs
from kestrel_cli.flowfile.mending import is_unquoted, with_quotes
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.source import read_bytes, refusal
from kestrel_cli.flowfile.templates import TemplateCheck, check_templates
from kestrel_cli.model.fields import is_template
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import index
from kestrel_cli.model.record import record
from kestrel_cli.tasks import registry

_MOST_MENDED = 50
_CALLING = frozenset(f"io.kestra.plugin.core.flow.{name}" for name in ("Subflow", "ForEachItem"))
# Keys of other Kestra files that also have an id and a namespace: apps, dashboards, unit tests.
_OTHER_FILES = frozenset(("testCases", "flowId", "layout", "charts", "title"))


@record
class FlowCall:
    """An enabled task that calls another flow. It is certain when no condition stands before it.

    `key` are namespace and id of that flow; None when an expression says them.
    """

    node: Node
    is_certain: bool
    key: tuple[str, str] | None


@record
class Loaded:
    """A valid flow, the warnings and infos about its file, and the file's text.

    `calls` are the tasks that call other flows (`subflows.py`).
    """

    flow: Flow
    warnings: tuple[Diagnostic, ...]
    text: str = ""
    calls: tuple[FlowCall, ...] = ()


PluginDefaults = Sequence[Mapping[str, Any]]


def load(
    path: str,
    *,
    max_depth: int = reader.MAX_DEPTH,
    check_template: TemplateCheck | None = None,
    plugin_defaults: PluginDefaults = (),
    compat: int = 1,
) -> Loaded:
    """Load the flow in a file, or on standard input for `-`. Raises FlowFileError.

    `check_template` looks at every text with an expression and tells its mistakes.
    `plugin_defaults` are those of the configuration file, the most important ones first; the
    flow's own come before them, forced ones after them. `compat` is the Kestra generation.
    """
    data = read_bytes(path)
    return load_bytes(
        data,
        path,
        max_depth=max_depth,
        check_template=check_template,
        plugin_defaults=plugin_defaults,
        compat=compat,
    )


def load_bytes(
    data: bytes,
    name: str,
    *,
    max_depth: int = reader.MAX_DEPTH,
    check_template: TemplateCheck | None = None,
    plugin_defaults: PluginDefaults = (),
    compat: int = 1,
) -> Loaded:
    """Load a flow from bytes; `name` is the file's name in messages. Raises FlowFileError."""
    try:
        return _loaded(data, name, max_depth, check_template, plugin_defaults, compat)
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
            _loaded(data, name, max_depth, check_template, plugin_defaults, compat)
        except FlowFileError as error:
            found += error.diagnostics
            if not is_unquoted(error):
                break
        else:
            break
    raise FlowFileError(sorted(found, key=lambda one: one.where[1:]))


def _loaded(
    data: bytes,
    name: str,
    max_depth: int,
    check_template: TemplateCheck | None,
    plugin_defaults: PluginDefaults,
    compat: int,
) -> Loaded:
    root, findings = reader.read(data, name, max_depth=max_depth)
    findings.compat = compat
    findings.closely = check_template is not None
    _expect_flow(root, findings)
    try:
        _with_defaults(root, plugin_defaults, findings)
        builder = Builder(root, findings)
        drafts = builder.build()
        check(drafts, findings)
        if check_template is not None:
            _look_closely(drafts, check_template, findings)
        pairs = label_pairs(root.get("labels"), findings)
    except StopReading:
        raise FlowFileError(findings.all()) from None
    except RecursionError:
        # Only below a raised depth limit, in what Python itself compares or copies recursively.
        raise refusal(name, "too-deep", "values in this file nest too deeply") from None
    if findings.failed:
        raise FlowFileError(findings.all())
    flow = assembled(builder, findings)
    _finish(flow, drafts[0], pairs, findings)
    return Loaded(flow, findings.all(), findings.source.text, _calls(drafts))


def _look_closely(drafts: list[Draft], check: TemplateCheck, findings: Findings) -> None:
    """What a reader of findings wants to know, and a run need not."""
    from kestrel_cli.flowfile.dead_ends import check_dead_ends
    from kestrel_cli.flowfile.standing import check_standing
    from kestrel_cli.flowfile.too_early import check_order

    check_templates(drafts, check, findings)
    check_dead_ends(drafts, findings)
    check_standing(drafts, findings)
    check_order(drafts, findings)


def _with_defaults(root: Node, plugin_defaults: PluginDefaults, findings: Findings) -> None:
    text = findings.source.text
    if plugin_defaults or "pluginDefaults" in text or "taskDefaults" in text:
        from kestrel_cli.flowfile.defaults import apply_defaults

        apply_defaults(root, plugin_defaults, findings)


def _suite_hint(root: Node, name: str) -> str | None:
    """What runs the file, when it is a suite of tests."""
    if not isinstance(root.items, dict) or "testCases" not in root.items:
        return None
    return f"it is a suite of tests: `kestrel test {name}` runs it"


def _expect_flow(root: Node, findings: Findings) -> None:
    if not isinstance(root.items, dict):
        kind = "list" if isinstance(root.items, list) else "text"
        findings.error("not-a-flow", f"this is not a flow: it is a {kind}, not a map", root)
    elif "tasks" not in root.items and (
        not {"id", "namespace"} <= root.items.keys() or root.items.keys() & _OTHER_FILES
    ):
        message = "this is not a flow: it has no `tasks`"
        findings.error("not-a-flow", message, root.first(), _suite_hint(root, findings.source.name))
    else:
        return
    raise FlowFileError(findings.all())


def _calls(drafts: list[Draft]) -> tuple[FlowCall, ...]:
    return tuple(
        FlowCall(draft.node, is_certain(draft), _called(draft.node))
        for draft in drafts[1:]
        if "flowId" in draft.values
        and registry.canonical(draft.values["type"]) in _CALLING
        and is_enabled(draft)
    )


def _called(node: Node) -> tuple[str, str] | None:
    namespace, flow_id = node.value.get("namespace"), node.value.get("flowId")
    if namespace is None or flow_id is None:
        return None
    names = (str(namespace), str(flow_id))
    return None if any(is_template(name) for name in names) else names


def _finish(flow: Flow, draft: Draft, pairs: list[tuple[str, str]], findings: Findings) -> None:
    node = draft.node.get("outputs")
    for model, below in zip(flow.outputs, node.elements() if node else (), strict=True):
        model.__dict__["where"] = findings.position(below.first())
    flow.__dict__["label_pairs"] = pairs
    index(flow)
