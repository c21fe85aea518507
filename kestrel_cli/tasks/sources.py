"""Properties that Kestra reads as text, whatever they are in the file."""

import json


def source_text(value: object) -> str:
    """The text of a value from the flow file: maps and lists are JSON, with the templates inside.
    Nothing is rendered.
    """
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
