"""io.kestra.plugin.core.log.Log"""

from typing import Any

from kestrel_cli.model.task import Dynamic, LogLevel, Outcome, RunContext, RunnableTask


class Log(RunnableTask):
    """Write one or more messages to the log. Each item of a list is rendered and written on its
    own.
    """

    message: Dynamic[str | list[Any]]
    level: Dynamic[LogLevel] = "INFO"

    def run(self, ctx: RunContext) -> Outcome:
        level = ctx.level(self.level)
        messages = self.message if isinstance(self.message, list) else [self.message]
        for message in messages:
            ctx.log(level, ctx.text(message))
        return Outcome()
