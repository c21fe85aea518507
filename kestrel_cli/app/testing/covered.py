"""How much suites have reached of the flows that they test, and of those that these call."""

from collections.abc import Iterator, Sequence

from kestrel_cli.app.coverage.coverage import Coverage
from kestrel_cli.app.coverage.measure import measure
from kestrel_cli.app.testing.collect import Collected
from kestrel_cli.errors import FlowNotFound, UnusableFlow
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.model.coverage import CoverageReport


def coverage_of(collected: Sequence[Collected], coverage: Coverage) -> CoverageReport:
    """Of each flow that a suite is about, reached or not, and of each other one that was."""
    return measure(coverage, ((one.flow, one.text) for one in _flows(collected, coverage)))


def _flows(collected: Sequence[Collected], coverage: Coverage) -> Iterator[Loaded]:
    yield from (one.flow for one in collected)
    tested = {coverage.place(one.flow.flow) for one in collected}
    left = {place: hits.key for place, hits in coverage.flows.items() if place not in tested}
    for library in {id(one.library): one.library for one in collected}.values():
        for place, key in list(left.items()):
            try:
                found = library.find(*key)
            except (FlowNotFound, UnusableFlow):
                continue
            if coverage.place(found.flow) == place:
                del left[place]
                yield found
