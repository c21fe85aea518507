"""Which class a task's `type` stands for."""

import re
from typing import Any, Final

from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.flaws import missing, must
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.server_only import why_not
from kestrel_cli.flowfile.unsupported import UnsupportedTask
from kestrel_cli.model.task import Task
from kestrel_cli.tasks import registry

_KNOWN: Final = registry.KNOWN_CORE | registry.KNOWN_NEAR
_CLASS_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+")


def task_type(values: dict[str, Any], node: Node, findings: Findings) -> type[Task] | None:
    """The class for a task; UnsupportedTask for a type that Kestra may have and Kestrel has not.

    None when there is no such type; the reason is among the findings.
    """
    name = values.get("type")
    at = node.get("type") or node.first()
    if name is None:
        missing("type", node, findings)
        return None
    if not isinstance(name, str):
        must("type", "be the name of a task type", at, findings)
        return None
    if found := registry.find(name):
        return found
    near = None if registry.canonical(name) in _KNOWN else _near(name)
    if near is None and registry.is_known_elsewhere(name) and _CLASS_NAME.fullmatch(name):
        findings.info(
            "unsupported-type",
            reason(name),
            at,
            "`kestrel run` stops before it starts, with exit code 4",
        )
        return UnsupportedTask
    hint = f"did you mean `{near}`?" if near else None
    findings.error("unknown-type", f"unknown task type `{name}`", at, hint)
    return None


def reason(name: str) -> str:
    """Why a task of this type does not run."""
    own = why_not(registry.canonical(name))
    return own or f"Kestrel does not run tasks of type `{name}`"


def _near(name: str) -> str | None:
    from kestrel_cli.flowfile.suggest import nearest_type

    known = [*registry.names(), *registry.plugins().names(), *sorted(_KNOWN)]
    return nearest_type(name, known)
