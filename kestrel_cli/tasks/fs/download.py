"""io.kestra.plugin.fs.local.Download"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.fs.machine_files import place_of, stored


class Download(RunnableTask):
    """Copy a file of the machine into internal storage: `uri`, `size`."""

    from_: Dynamic[str]

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the new file in internal storage",
        "size": "its size in bytes",
    }
    blocking: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        place = place_of(ctx, "from", self.from_)
        if not place.exists():
            raise TaskFailed(f"Source file '{place}' does not exist")
        uri, size = stored(ctx, place)
        return Outcome({"uri": uri, "size": size})
