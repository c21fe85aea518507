"""io.kestra.plugin.core.flow.Sleep"""

from typing import ClassVar

from kestrel_cli.tasks.base import Duration, Dynamic, Outcome, RunContext, RunnableTask


class Sleep(RunnableTask):
    """Wait for a while."""

    duration: Dynamic[Duration]

    blocking: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        duration = ctx.duration(self.duration)
        ctx.log("INFO", f"Waiting for {duration}")
        ctx.sleep(duration.seconds)
        return Outcome()
