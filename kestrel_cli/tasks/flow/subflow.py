"""io.kestra.plugin.core.flow.Subflow"""

from typing import Annotated, Any, ClassVar, Literal

from kestrel_cli.tasks.base import (
    Bounds,
    Call,
    CallResult,
    Calls,
    Dynamic,
    Filled,
    Outcome,
    Render,
    RunContext,
    Task,
    TaskFailed,
)
from kestrel_cli.tasks.flow.called import call_inputs, call_labels, transmitted


class Subflow(Task):
    """Run another flow as an execution of its own, and wait for its end.

    With `transmitFailed` the state of that execution becomes the state of this task run.
    """

    namespace: Annotated[Dynamic[str], Filled]
    flowId: Dynamic[str]
    revision: Dynamic[Annotated[int, Bounds(least=1)]] | None = None
    inputs: Dynamic[dict[str, Any]] | None = None
    labels: Dynamic[Any] = None
    wait: Dynamic[bool] = True
    transmitFailed: Dynamic[bool] = True
    inheritLabels: Dynamic[bool] = False
    outputs: dict[str, Any] | None = None
    scheduleDate: Dynamic[Any] = None
    restartBehavior: Literal["RETRY_FAILED", "NEW_EXECUTION"] = "RETRY_FAILED"

    gives: ClassVar[dict[str, str]] = {
        "executionId": "the id of the execution that was started",
        "state": "the state in which that execution ended, or was started when `wait` is false",
        "outputs": "the outputs of the flow, or what the property `outputs` makes of them",
    }
    executable: ClassVar[bool] = True

    def calls(self, ctx: RunContext) -> Calls:
        """The one execution. Its date (`scheduleDate`) is now: there is nothing to wait for."""
        call = Call(
            ctx.text(self.namespace),
            ctx.text(self.flowId),
            call_inputs(ctx, self.inputs),
            call_labels(ctx, self.labels),
            ctx.boolean(self.inheritLabels),
        )
        return Calls([call], wait=ctx.boolean(self.wait))

    def taken(self, result: CallResult, render: Render) -> dict[str, Any] | None:
        """The outputs of its flow, or what the property `outputs` makes of that execution."""
        if self.outputs is None:
            return result.outputs
        return {name: render(value) for name, value in self.outputs.items()}

    def stops(self, _ctx: RunContext, _called: CallResult) -> bool:
        """There is only one."""
        return False

    def outcome(self, ctx: RunContext, called: list[CallResult]) -> Outcome:
        """Its id, its state and its flow's outputs."""
        one = called[0]
        if one.error is not None:
            raise TaskFailed(one.error)
        outputs: dict[str, object] = {"executionId": one.execution, "state": one.state.value}
        if not ctx.boolean(self.wait):
            return Outcome(outputs)
        if one.outputs:
            outputs = {"outputs": one.outputs, **outputs}
        state = transmitted(ctx, self, one, wanted=ctx.boolean(self.transmitFailed))
        return Outcome(outputs, state)
