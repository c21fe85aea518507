"""Inputs as the loader makes them, without a file."""

from typing import Any

from kestrel_cli.model.fields import DOUBT, accept_all
from kestrel_cli.model.flow import Input
from kestrel_cli.model.inputs import TYPES
from kestrel_cli.model.schema import judge


def declared(values: dict[str, Any]) -> Input:
    """The input that these properties declare, a STRING unless they say otherwise."""
    said = {"type": "STRING", **values}
    kind = TYPES[said["type"]]
    made = accept_all(kind, said)
    if made is DOUBT:
        made, flaws = judge(kind, said)
        assert not flaws, flaws
    children = said.get("inputs")
    return made.changed(inputs=[declared(child) for child in children]) if children else made
