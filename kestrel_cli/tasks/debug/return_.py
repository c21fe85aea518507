"""io.kestra.plugin.core.debug.Return"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask


class Return(RunnableTask):
    """Render `format` and keep it as the output `value`; also logged at DEBUG.

    Metrics as on the page "Task Runs": counter `length` in characters and timer `duration`, both
    tagged with the raw template (Kestra 1.3 itself dropped the tag).
    """

    format: Dynamic[str] | None = None

    gives: ClassVar[dict[str, str]] = {"value": "the rendered `format`"}
    measures: ClassVar[dict[str, str]] = {
        "length": "counter: its characters",
        "duration": "timer: how long it took",
    }

    def run(self, ctx: RunContext) -> Outcome:
        if self.format is None:
            return Outcome()
        value = ctx.text(self.format)
        ctx.log("DEBUG", value)
        tags = {"format": self.format}
        ctx.count("length", len(value), tags)
        ctx.time("duration", ctx.elapsed(), tags)
        return Outcome({"value": value})
