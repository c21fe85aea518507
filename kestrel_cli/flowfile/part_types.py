"""Whether a name can be that of a type of a family, and what it was probably meant to be."""

import re
from collections.abc import Iterable
from typing import Final

from kestrel_cli.flowfile.suggest import nearest, nearest_type
from kestrel_cli.tasks import registry

_CLASS_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+")
_OURS: Final = ("io.kestra.plugin.core.", "io.kestra.core.models.")


def not_a_type(
    name: str, noun: str, known: Iterable[str], *, is_open: bool
) -> tuple[str, str | None] | None:
    """What is wrong with a type that a family does not have; None when a plugin may bring it.

    `is_open` says whether plugins can bring types of this family.
    """
    listed = f"the types are {', '.join(sorted(known))}"
    if not is_open:
        near = nearest(name, known)
        return f"Invalid type: {name}", f"did you mean `{near}`?" if near else listed
    if registry.find(name) is not None:
        return f"`{name}` is a type of task, not of {noun}", listed
    near = nearest_type(name, known)
    looks_right = _CLASS_NAME.fullmatch(name) and name.rpartition(".")[2][:1].isupper()
    if near is None and looks_right and not name.startswith(_OURS):
        return None
    hint = f"did you mean `{near}`?" if near else listed
    return f"unknown {noun} type `{name}`", hint
