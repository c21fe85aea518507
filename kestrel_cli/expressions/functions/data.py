"""Functions that read data formats."""

from __future__ import annotations

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.json_data import read_json


def from_json(json: object) -> object:
    """The value of a JSON text; null for null."""
    if json is None:
        return None
    if not isinstance(json, str):
        raise RenderError("The 'fromJson' function expects an argument 'json' with type string.")
    return read_json(json)


def old_json(json: object) -> object:
    """The old name of `fromJson`."""
    if json is not None and not isinstance(json, str):
        raise RenderError("The 'json' function expects an argument 'json' with type string.")
    return from_json(json)


def yaml(yaml: object) -> object:
    """The value of a YAML text; null for null."""
    if yaml is None:
        return None
    if not isinstance(yaml, str):
        raise RenderError("The 'yaml' function expects an argument 'yaml' with type string.")
    from kestrel_cli.expressions.yaml import read

    return read(yaml)


def from_ion(ion: object, allRows: object = False) -> object:
    """The first value of an Ion text, or all of them as a list; null for null."""
    if ion is None:
        return None
    if isinstance(ion, (bytes, bytearray)):
        text = bytes(ion).decode("utf-8", "replace")
    elif isinstance(ion, str):
        text = ion
    else:
        raise RenderError("The 'fromIon' function expects an argument 'ion' with type string.")
    from kestrel_cli.expressions.ion import read_all, read_first

    return read_all(text) if allRows is True else read_first(text)
