"""io.kestra.plugin.core.log.Log"""

from typing import Any, Final

from kestrel_cli.tasks.base import Dynamic, LogLevel, Outcome, RunContext, RunnableTask, TaskFailed

# What Kestra calls the types that a message may not have.
_JAVA: Final = {
    int: "java.lang.Integer",
    float: "java.lang.Double",
    bool: "java.lang.Boolean",
    dict: "java.util.LinkedHashMap",
    list: "java.util.ArrayList",
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
            raise TaskFailed(
                f"Invalid message type 'class {_java(self.message)}'; write the message as text"
            )
        for message in self.message if isinstance(self.message, list) else [self.message]:
            if message is not None and not isinstance(message, str):
                raise TaskFailed(
                    f"class {_java(message)} cannot be cast to class java.lang.String; "
                    "quote the items of a message that are no text"
                )
            ctx.log(level, ctx.text(message))
        return Outcome()


def _java(value: object) -> str:
    return _JAVA.get(type(value), "java.lang.Object")
