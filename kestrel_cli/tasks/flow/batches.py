"""The three parts that a ForEachItem runs: split the file, run a flow for each batch, merge.

They are no types of their own: only a ForEachItem makes them.
"""

from typing import Annotated, Any, ClassVar, Literal

from kestrel_cli.tasks.base import (
    Call,
    CallResult,
    Calls,
    Dynamic,
    Filled,
    FlowableTask,
    Internal,
    Outcome,
    Render,
    RunContext,
    RunnableTask,
    State,
    Task,
    TaskFailed,
    made_of,
)
from kestrel_cli.tasks.flow.called import call_inputs, call_labels, transmitted
from kestrel_cli.tasks.rows.splitting import Batch, division, split_file

_STATES = ("CREATED", "RUNNING", "SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED")
_SHOWN = ("CREATED", "RUNNING", "SUCCESS")  # even when there is none
_SCHEME = "kestra://"
_WORST = (State.KILLED, State.FAILED, State.WARNING)


class Batched(FlowableTask):
    """What a ForEachItem declares; its parts read it from there."""

    items: Annotated[Dynamic[str], Filled]
    batch: Batch = Batch(rows=1)
    namespace: Annotated[Dynamic[str], Filled]
    flowId: Annotated[Dynamic[str], Filled]
    revision: Dynamic[int] | None = None
    inputs: Dynamic[dict[str, Any]] | None = None
    labels: Dynamic[Any] = None
    wait: Dynamic[bool] = True
    transmitFailed: Dynamic[bool] = True
    inheritLabels: Dynamic[bool] = False
    scheduleDate: Dynamic[Any] = None
    restartBehavior: Literal["RETRY_FAILED", "NEW_EXECUTION"] = "RETRY_FAILED"


def parts_of(owner: Batched) -> tuple[Task, ...]:
    """The tasks that a ForEachItem holds without saying so."""
    kinds = ((ForEachItemSplit, "split"), (ForEachItemItems, "items"), (ForEachItemMerge, "merge"))
    return tuple(_part(kind, owner, suffix) for kind, suffix in kinds)


def _part(kind: type[Task], owner: Batched, suffix: str) -> Task:
    said: dict[str, object] = {
        "id": f"{owner.id}_{suffix}",
        "type": f"{owner.type}${kind.__name__}",
    }
    made = made_of(kind, said)
    made.__dict__.update(where=owner.where, owner=owner)
    assert isinstance(made, Task)
    return made


class ForEachItemSplit(RunnableTask):
    """Write the batches and the list of their addresses."""

    owner: Annotated[Batched, Internal]

    def run(self, ctx: RunContext) -> Outcome:
        source = ctx.text(self.owner.items)
        if not source.startswith("kestra://"):
            raise TaskFailed(
                f"`items` must be the address of a file in internal storage, got: {source[:200]}"
            )
        batches = split_file(ctx, source, name="batch", **division(ctx, self.owner.batch))
        text = "".join(f"{uri}\n" for uri in batches)
        return Outcome({"splits": ctx.files.put(text.encode(), "splits.txt")})


class ForEachItemItems(Task):
    """One execution for each batch."""

    owner: Annotated[Batched, Internal]

    executable: ClassVar[bool] = True
    told_late: ClassVar[bool] = True

    @property
    def restartBehavior(self) -> str:  # noqa: N802  named as the property of the task
        """What a restart makes of executions that failed."""
        return self.owner.restartBehavior

    def calls(self, ctx: RunContext) -> Calls:
        """Every batch at once, as Kestra has it; without threads they run one after the other."""
        owner = self.owner
        namespace, flow = ctx.text(owner.namespace), ctx.text(owner.flowId)
        labels, inherit = call_labels(ctx, owner.labels), ctx.boolean(owner.inheritLabels)
        taskrun = ctx.typed("{{ taskrun }}")
        found = []
        for number, uri in enumerate(_batches(ctx, owner)):
            own = {**taskrun, "items": uri, "iteration": number}
            inputs = call_inputs(ctx.with_variables({"taskrun": own}), owner.inputs)
            variables = {"taskRunIteration": number}
            found.append(Call(namespace, flow, inputs, labels, inherit, variables=variables))
        return Calls(found, limit=0, wait=ctx.boolean(owner.wait))

    def taken(self, result: CallResult, _render: Render) -> dict[str, Any] | None:
        """The outputs of its flow."""
        return result.outputs

    def stops(self, _ctx: RunContext, _called: CallResult) -> bool:
        """A failed batch does not stop the others."""
        return False

    def outcome(self, ctx: RunContext, called: list[CallResult]) -> Outcome:
        """How many executions ended in which state, and where their outputs are."""
        owner = self.owner
        for error in dict.fromkeys(one.error for one in called if one.error is not None):
            ctx.log("ERROR", error)
        counts = {name: sum(one.state == name for one in called) for name in _STATES}
        shown = {name: count for name, count in counts.items() if count or name in _SHOWN}
        outputs: dict[str, object] = {"iterations": shown, "numberOfBatches": len(called)}
        files = []
        if any(one.outputs for one in called):
            for number, one in enumerate(called):
                files.append(_stored(ctx, number, one.outputs or {}))
            base = files[0].rpartition("/")[0].rpartition("/")[0]
            outputs["subflowOutputsBaseUri"] = base.removeprefix(_SCHEME)  # as Kestra writes it
        wanted = ctx.boolean(owner.transmitFailed)
        states = {transmitted(ctx, self, one, wanted=wanted) for one in called}
        worst = next((state for state in _WORST if state in states), State.SUCCESS)
        return Outcome(outputs, worst)


class ForEachItemMerge(RunnableTask):
    """One file with the outputs of all executions; nothing when the flow declares none."""

    owner: Annotated[Batched, Internal]

    def run(self, ctx: RunContext) -> Outcome:
        items = _of_part(ctx, self.owner, "items")
        base, number = items.get("subflowOutputsBaseUri"), items.get("numberOfBatches")
        if base is None or not isinstance(number, int):
            return Outcome()
        with ctx.files.create(".ion") as merged:
            for one in range(number):
                with ctx.files.open(f"{_SCHEME}{base}/{one}/outputs.ion") as source:
                    while some := source.read(1 << 16):
                        merged.stream.write(some)
        return Outcome({"subflowOutputs": merged.uri})


def _stored(ctx: RunContext, number: int, outputs: dict[str, Any]) -> str:
    from kestrel_cli.tasks.base import ion

    return ctx.files.put(ion.write(outputs).encode() + b"\n", f"{number}/outputs.ion")


def _of_part(ctx: RunContext, owner: Batched, part: str) -> dict[str, Any]:
    """The outputs of another part: they are kept under the loop values around it."""
    found: Any = ctx.typed(f"{{{{ outputs['{owner.id}_{part}'] }}}}")
    for above in reversed(ctx.typed("{{ parents }}")):
        if "taskrun" in above:
            found = found[above["taskrun"]["value"]]
    assert isinstance(found, dict)
    return found


def _batches(ctx: RunContext, owner: Batched) -> list[str]:
    with ctx.files.open(_of_part(ctx, owner, "split")["splits"]) as source:
        return source.read().decode().split()
