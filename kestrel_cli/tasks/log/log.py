"""io.kestra.plugin.core.log.Log"""

from typing import Any, Final

from kestrel_cli.tasks.base import Dynamic, LogLevel, Outcome, RunContext, RunnableTask, TaskFailed

# What Kestra calls the types that a message may not have.
_JAVA: Final = {
    int: "java.lang.Integer",
    float: "java.lang.Double",
    bool: "java.lang.Boolean",
    dict: "java.util.LinkedHashMap",
}


class Log(RunnableTask):
    """Write one or more messages to the log.

    Each item of a list is rendered and written on its own.
    """

    message: Dynamic[Any]
    level: Dynamic[LogLevel] = "INFO"

    def run(self, ctx: RunContext) -> Outcome:
        level = ctx.level(self.level)
        if not isinstance(self.message, (str, list)):
            name = _JAVA.get(type(self.message), "java.lang.Object")
            raise TaskFailed(f"Invalid message type 'class {name}'; write the message as text")
        for message in self.message if isinstance(self.message, list) else [self.message]:
            ctx.log(level, ctx.text(message))
        return Outcome()
