"""What a Kestra server as it comes refuses, and a local run passes over or runs: parts of the
Enterprise Edition, and templates, which have to be switched on.
"""

from typing import Final

from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.tasks import registry

_TEMPLATE: Final = "io.kestra.plugin.core.flow.Template"
# What it is called in sentences. An empty one is refused as well.
_ENTERPRISE: Final = {"workerGroup": "worker groups", "assets": "assets"}


def check_editions(drafts: list[Draft], findings: Findings) -> None:
    """A warning for each of them: who has that edition means it."""
    for draft in drafts:
        for name, noun in _ENTERPRISE.items():
            if draft.values.get(name) is not None:
                message = f"`{name}`: Kestra's open-source edition has no {noun} and refuses this"
                hint = "a local run ignores it"
                findings.warning("enterprise", message, draft.node.key(name), hint)
        kind = draft.values.get("type")
        if isinstance(kind, str) and registry.canonical(kind) == _TEMPLATE:
            message = "Kestra refuses templates, unless its configuration enables them"
            findings.warning("template", message, draft.node.key("type"), "use a Subflow instead")
