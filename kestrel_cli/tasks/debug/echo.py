"""io.kestra.plugin.core.debug.Echo"""

from kestrel_cli.tasks.base import Dynamic, LogLevel, Outcome, RunContext, RunnableTask


class Echo(RunnableTask):
    """Write one message to the log. Deprecated in Kestra: use Log."""

    format: Dynamic[str] | None = None
    level: Dynamic[LogLevel] = "INFO"

    def run(self, ctx: RunContext) -> Outcome:
        ctx.log(ctx.level(self.level), ctx.text(self.format))
        return Outcome()
