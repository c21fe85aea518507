"""Values without expression for inputs and outputs: whether they fit is known before a run.

Kestra 2 refuses a flow for an input's; in 1.3 only an execution that takes the value ends there.
"""

from typing import Any, Final

from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.model.fields import DOUBT, accept_all, is_template

# Types whose values have a form that a literal may miss.
_FORMED: Final = frozenset(
    ("INT", "FLOAT", "DATE", "TIME", "DATETIME", "DURATION", "JSON", "URI", "ARRAY", "MULTISELECT")
)
_CHECKED: Final = _FORMED | {"EMAIL", "ENUM", "SECRET", "SELECT", "STRING"}
_BOOLEANS: Final = frozenset(("BOOL", "BOOLEAN"))


def check_default(declared: Node, said: Node, findings: Findings) -> None:
    """The default of an input."""
    name, kind = _name(declared), _kind(declared)
    if kind in _BOOLEANS and str(said.value).lower() not in ("true", "false"):
        if not is_template(str(said.value)):
            message = f"the default of `{name}` counts as false: only `true` is true"
            findings.warning("default", message, said)
        return
    if (problem := _problem(declared, said.value)) is None:
        return
    hint = _hint(declared, said.value)
    if findings.compat > 1:
        message = f"Invalid default for input '{name}': {problem}"
        findings.error("default", message, said, hint)
    else:
        message = f"the default of `{name}` cannot be used: {problem}"
        findings.warning("default", message, said, hint)


def check_given(declared: Node, said: Node, trigger: str, findings: Findings) -> None:
    """What a trigger gives for an input; `trigger` names it in Kestra's words."""
    problem = _problem(declared, said.value)
    if problem is None:
        return
    name = _name(declared)
    message = f"Invalid value for input '{name}' supplied by {trigger}: {problem}"
    report = findings.error if findings.compat > 1 else findings.warning
    report("trigger-input", message, said, _hint(declared, said.value))


def check_output(declared: Node, findings: Findings) -> None:
    """The literal value of an output: where it does not fit, every execution fails."""
    said, kind = declared.get("value"), _kind(declared)
    if said is None or said.value is None or kind not in _FORMED or is_template(str(said.value)):
        return
    problem = _unlike(kind, declared, said.value)
    if problem is not None:
        message = f"Invalid value for output '{_name(declared)}': {problem}"
        findings.sure("output", message, said, _form(kind))


def _name(node: Node) -> str:
    return str(node.value.get("id", node.value.get("name", "?")))


def _kind(node: Node) -> str:
    said = node.value.get("type")
    return said if isinstance(said, str) else ""


def _problem(declared: Node, value: Any) -> str | None:
    """What keeps a value from being one of an input; None when nothing does."""
    kind = _kind(declared)
    if value is None or kind not in _CHECKED or is_template(str(value)):
        return None
    if (unlike := _unlike(kind, declared, value)) is not None:
        return unlike
    from kestrel_cli.errors import RenderError
    from kestrel_cli.model.inputs import TYPES
    from kestrel_cli.model.typed import typed
    from kestrel_cli.model.validators import causes

    instance = accept_all(TYPES[kind], declared.value)
    if instance is DOUBT or declared.value.get("expression") is not None:
        return None
    read = typed(kind, value, item_type=_item_type(declared))
    try:
        found = causes(instance, read, matches=_matches)
    except RenderError:
        return None  # the pattern is wrong, and that is told
    return found[0] if found else None


def _matches(pattern: str, text: str) -> bool:
    from kestrel_cli.expressions.java_regex import compiled

    return compiled(pattern).fullmatch(text) is not None


def _item_type(declared: Node) -> str | None:
    said = declared.value.get("itemType")
    return said if isinstance(said, str) else None


def _unlike(kind: str, declared: Node, value: Any) -> str | None:
    if kind not in _FORMED:
        return None
    from kestrel_cli.model.typed import typed

    try:
        typed(kind, value, item_type=_item_type(declared))
    except ValueError as problem:
        return str(problem)
    return None


def _form(kind: str) -> str | None:
    from kestrel_cli.model.typed import FORMS

    return f"{kind} wants {FORMS[kind]}" if kind in FORMS else None


def _hint(declared: Node, value: Any) -> str | None:
    """The form of a good value; of a choice, the nearest one."""
    from kestrel_cli.model.typed import choices

    offered = declared.value.get("values")
    if isinstance(offered, list) and isinstance(value, str):
        near = nearest(value, choices(offered))
        return f"did you mean `{near}`?" if near else None
    return _form(_kind(declared))
