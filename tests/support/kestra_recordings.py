"""What a real Kestra 1.3.25 was asked, and what it answered: one file for each exchange, beside the
repository. Tests that need them are skipped where they are missing.
"""

import json
from functools import cache
from typing import Any

import pytest

from tests.conformance.data import FOLDER, MISSING

RECORDED = FOLDER / "server"
needs_recordings = pytest.mark.skipif(not RECORDED.is_dir(), reason=MISSING)


@cache
def _files() -> dict[str, str]:
    return {path.stem.partition("-")[2]: str(path) for path in sorted(RECORDED.glob("*.json"))}


def names() -> list[str]:
    """The names of all exchanges, in their order; none where the recordings are missing."""
    return list(_files())


@cache
def _text(name: str) -> str:
    with open(_files()[name], encoding="utf-8") as file:  # noqa: PTH123  a name from the cache
        return file.read()


def exchange(name: str) -> dict[str, Any]:
    """One exchange by its name, a copy of its own."""
    whole: dict[str, Any] = json.loads(_text(name))
    return whole


def answer_of(name: str) -> Any:
    """The JSON that was answered."""
    return json.loads(exchange(name)["response"]["body"])


def events_of(name: str) -> list[tuple[str, Any]]:
    """The events of a stream: their ids and data."""
    found, kind = [], ""
    for _, line in exchange(name)["response"]["events"]:
        if line.startswith("id: "):
            kind = line[4:]
        elif line.startswith("data: "):
            found.append((kind, json.loads(line[6:])))
    return found


def executions() -> list[tuple[str, dict[str, Any]]]:
    """Every execution that was ever answered, with the name of its exchange."""
    found = []
    for name in names():
        response = exchange(name)["response"]
        if response["status"] != 200:
            continue
        if "events" in response:
            found += [(name, data) for _, data in events_of(name)]
        elif response["body"][:1] in ("{", "["):
            data = json.loads(response["body"])
            results = data.get("results", [data]) if isinstance(data, dict) else []
            found += [(name, one) for one in results]
    return [(name, one) for name, one in found if "state" in one and "flowRevision" in one]
