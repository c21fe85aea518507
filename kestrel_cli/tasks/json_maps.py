"""Properties that may be a map, or text that gives one as JSON."""

import json
from typing import Any

from kestrel_cli.errors import TaskFailed


def json_map(name: str, text: str) -> dict[str, Any]:
    """The map that the text of a property gives. Raises TaskFailed."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise TaskFailed(
            f"{name}: expected a map, or text that gives one as JSON, got: {text[:200]}"
        )
    return found
