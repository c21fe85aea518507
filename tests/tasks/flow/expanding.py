"""How tests of flowable types expand one."""

from typing import Any

from kestrel_cli.model.index import enabled_blocks
from kestrel_cli.model.task import Expansion
from tests.support.context import FakeContext
from tests.support.flows import leaf, task


def expanded(
    type_name: str, table: dict[str, Any] | None = None, /, **properties: Any
) -> Expansion:
    """The expansion of a flowable; tasks are written as ids, `-id` for a disabled one."""
    made = task(f"flow.{type_name}", "box", **{k: _tasks(v) for k, v in properties.items()})
    made.__dict__["blocks"] = enabled_blocks(made)
    return made.expand(FakeContext(table))  # type: ignore[attr-defined]  # only flowables are asked


def _tasks(said: Any) -> Any:
    if isinstance(said, tuple):
        return tuple(leaf(one.lstrip("-"), disabled=one.startswith("-")) for one in said)
    if isinstance(said, dict) and said and all(isinstance(one, tuple) for one in said.values()):
        return {key: _tasks(tasks) for key, tasks in said.items()}
    return said
