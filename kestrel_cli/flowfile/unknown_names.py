"""Expressions that name a task, an input, a variable that the flow does not have.

Kestra accepts such a flow, and `??` may catch what is missing: they are warnings. Where every
execution has to fail of it, `validate` calls it an error.
"""

from collections.abc import Iterable
from typing import Final

from kestrel_cli.flowfile.builder import Draft
from kestrel_cli.flowfile.certain import is_fatal
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.known_names import Kind, is_core, kinds_of
from kestrel_cli.flowfile.mentions import Mention, is_always_read, is_read, mentions
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.references import inside, is_careful, texts
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.tasks import registry

_FLOW: Final = "io.kestra.plugin.core.flow."
_NOT_RENDERED: Final = frozenset(("id", "type", "description"))
# What is rendered with the variables of another execution.
_ELSEWHERE: Final = {f"{_FLOW}Subflow": {"outputs"}, f"{_FLOW}Pause": {"onResume"}}


def check_names(drafts: list[Draft], findings: Findings) -> None:
    """Every `outputs.x`, `inputs.x`, `vars.x`, `trigger.x` ... without such a thing is found."""
    kinds = kinds_of(drafts, closely=findings.closely)
    for draft in drafts[1:]:
        held = {slot.declared.name for slot in draft.slots}
        other = _ELSEWHERE.get(registry.canonical(str(draft.values.get("type"))), set())
        _search(texts(draft.node, held | _NOT_RENDERED | other), kinds, draft, findings)
    for name in ("outputs", "inputs", "checks"):
        listed = drafts[0].node.get(name)
        for node in listed.elements() if listed else ():
            of_flow = kinds if name == "outputs" else kinds[-1:]  # before the run: inputs only
            _search(texts(node, set(_NOT_RENDERED)), of_flow, None, findings)


def _search(
    nodes: Iterable[Node], kinds: Iterable[Kind], draft: Draft | None, findings: Findings
) -> None:
    for node in nodes:
        for kind in kinds:
            if not kind.careful and is_careful(node.value):
                continue
            for mention in mentions(node.value, kind.variable):
                if not _is_known(mention.name, kind.known) and is_read(node.value, mention):
                    _tell(mention, kind, node, draft, findings)
        if findings.closely and "envs" in node.value:
            _envs(node, findings)


def _is_known(name: str, known: frozenset[str]) -> bool:
    """`a-1` may subtract from `a`; a name with a dash is told about by another check."""
    return name in known or name.partition("-")[0] in known


def _tell(
    mention: Mention, kind: Kind, node: Node, draft: Draft | None, findings: Findings
) -> None:
    near = nearest(mention.name, sorted(kind.known))
    hint = f"did you mean `{near}`?" if near else kind.hint
    message = f"`{mention.written}`: {kind.lacks.format(mention.name)}"
    at = inside(node, mention.written, findings)
    fails = draft is not None and _has_to_fail(mention, kind, node, draft)
    report = findings.sure if fails else findings.warning
    report(f"unknown-{kind.noun}", message, at, hint)


def _has_to_fail(mention: Mention, kind: Kind, node: Node, draft: Draft) -> bool:
    """Whether every execution fails of it. What a plugin does with a text is its own affair."""
    asks = is_always_read(node.value, mention) and not is_careful(node.value)
    return kind.whole and asks and is_core(draft) and is_fatal(draft)


def _envs(node: Node, findings: Findings) -> None:
    """Names in `envs` are those of the environment without `ENV_`, in small letters."""
    for mention in mentions(node.value, "envs"):
        name = mention.name.lower()
        if (name != mention.name or name.startswith("env_")) and is_read(node.value, mention):
            message = f"`{mention.written}`: names in `envs` are in small letters, without `ENV_`"
            bare = name.removeprefix("env_")
            hint = f"write `envs.{bare}`: the variable ENV_{bare.upper()} gives it"
            at = inside(node, mention.written, findings)
            findings.warning("unknown-env", message, at, hint)
