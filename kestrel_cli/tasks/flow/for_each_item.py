"""io.kestra.plugin.core.flow.ForEachItem"""

from typing import Any, ClassVar, Literal

from kestrel_cli.model.task import Dynamic, Expansion, FlowableTask, RunContext, Task, one_lane
from kestrel_cli.tasks.batches import parts_of
from kestrel_cli.tasks.splitting import Batch


class ForEachItem(FlowableTask):
    """Cut a file into batches and run a flow once for each of them.

    It expands into three task runs: `ID_split`, `ID_items`, `ID_merge`. In `inputs`,
    `taskrun.items` is the file of the batch and `taskrun.iteration` its number, from 0.
    """

    items: Dynamic[str]
    batch: Batch = Batch(rows=1)
    namespace: Dynamic[str]
    flowId: Dynamic[str]
    revision: Dynamic[int] | None = None
    inputs: Dynamic[dict[str, Any]] | None = None
    labels: Dynamic[Any] = None
    wait: Dynamic[bool] = True
    transmitFailed: Dynamic[bool] = True
    inheritLabels: Dynamic[bool] = False
    scheduleDate: Dynamic[Any] = None
    restartBehavior: Literal["RETRY_FAILED", "NEW_EXECUTION"] = "RETRY_FAILED"

    gives: ClassVar[dict[str, str]] = {
        "ID_split.splits": "the address of the list of batches",
        "ID_items.iterations": "how many executions ended in which state",
        "ID_items.numberOfBatches": "how many batches there were",
        "ID_items.subflowOutputsBaseUri": "the folder of the outputs of each execution",
        "ID_merge.subflowOutputs": "the address of the file of all their outputs (Ion)",
    }

    def hidden(self) -> tuple[Task, ...]:
        """Its three parts."""
        return parts_of(self)

    def expand(self, ctx: RunContext) -> Expansion:
        return Expansion(one_lane("hidden", self.blocks["hidden"]))
