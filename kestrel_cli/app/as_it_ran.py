"""What ran of a flow, as a journal has kept it: what happened is folded with the same tasks."""

from collections.abc import Callable, Mapping
from typing import Any

from kestrel_cli.app.options import KEPT
from kestrel_cli.app.request import Mocks, Part
from kestrel_cli.model.flow import Flow


def part_kept(given: Mapping[str, Any]) -> Callable[[Flow], None]:
    """What takes out of the flow what the part of that run has left out; it does nothing where the
    whole flow ran.
    """
    if "part" not in given:
        return lambda _: None

    def kept(path: str) -> Any:
        how = KEPT[path]
        return how.from_json(given[how.name]) if how.name in given else how.plain

    def restricted(flow: Flow) -> None:
        from kestrel_cli.app.mocks import MockFinder
        from kestrel_cli.app.parts import restrict

        mocks = Mocks(kept("mocks.listed"), kept("mocks.unsupported"))
        in_containers = kept("given.settings.containers") == "always"
        part: Part = kept("part")
        restrict(flow, part, MockFinder(mocks, programs=not in_containers).covers)

    return restricted
