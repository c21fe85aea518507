"""io.kestra.plugin.core.execution.Count"""

from collections import Counter
from typing import ClassVar

from kestrel_cli.tasks.base import (
    Dynamic,
    Model,
    Outcome,
    Past,
    RunContext,
    RunnableTask,
    TaskFailed,
)
from kestrel_cli.tasks.properties.moments import moment
from kestrel_cli.tasks.properties.rendering import texts


class CountedFlow(Model):
    """A flow whose executions are counted."""

    namespace: str
    flowId: str


class Count(RunnableTask):
    """Count executions of `flows`, or of all flows in `namespaces`, that began between two dates.

    A count is among the results where `expression`, which sees it as `count`, renders to `true`.
    Executions in the state directory count; those that others have started do not. Deprecated in
    Kestra.
    """

    flows: list[CountedFlow] | None = None
    namespaces: Dynamic[list[str]] | None = None
    states: Dynamic[list[str]] | None = None
    startDate: Dynamic[str]
    endDate: Dynamic[str] | None = None
    expression: Dynamic[str]

    gives: ClassVar[dict[str, str]] = {
        "results": "a list of `namespace`, `flowId` (for `flows`) and `count`",
        "total": "the sum of these counts",
    }

    def run(self, ctx: RunContext) -> Outcome:
        if self.flows is None and self.namespaces is None:
            raise TaskFailed("You must provide a list of flows or namespaces.")
        counts = Counter((one.namespace, one.flow) for one in self._chosen(ctx))
        spaces: Counter[str] = Counter()
        for (space, _), count in counts.items():
            spaces[space] += count
        found: list[tuple[dict[str, str], int]] = [
            ({"namespace": one.namespace, "flowId": one.flowId}, counts[one.namespace, one.flowId])
            for one in self.flows or ()
        ]
        named = dict.fromkeys(texts(ctx, self.namespaces))
        found += [({"namespace": space}, spaces[space]) for space in named if spaces[space]]
        kept = [(name, count) for name, count in found if self._holds(ctx, count)]
        results = [{**name, "count": count} for name, count in kept]
        return Outcome({"results": results, "total": sum(count for _, count in kept)})

    def _chosen(self, ctx: RunContext) -> list[Past]:
        begin, end = moment(ctx, "startDate", self.startDate), moment(ctx, "endDate", self.endDate)
        states = texts(ctx, self.states)
        return [
            one
            for one in ctx.executions.listed()
            if (begin is None or one.started >= begin)
            and (end is None or one.started <= end)
            and (not states or one.state in states)
        ]

    def _holds(self, ctx: RunContext, count: int) -> bool:
        return ctx.with_variables({"count": count}).text(self.expression) == "true"
