"""io.kestra.plugin.core.flow.ForEachItem"""

from typing import ClassVar

from kestrel_cli.tasks.base import Expansion, RunContext, Task, one_lane
from kestrel_cli.tasks.flow.batches import Batched, parts_of


class ForEachItem(Batched):
    """Cut a file into batches and run a flow once for each of them.

    It expands into three task runs: `ID_split`, `ID_items`, `ID_merge`. In `inputs`,
    `taskrun.items` is the file of the batch and `taskrun.iteration` its number, from 0.
    """

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
