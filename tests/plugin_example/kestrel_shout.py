"""An example of a plugin for Kestrel: a package that brings one task type.

Install it where Kestrel is installed, and flows can use it:

    pip install ./plugin_example
    kestrel tasks com.example.Shout

    tasks:
      - id: shout
        type: com.example.Shout
        message: Hello {{ inputs.name }}
        times: 2

All it takes is a class with its properties as annotations, a mapping from the names of types to
classes, and an entry point of the group `kestrel.tasks` in `pyproject.toml` that names this module.
"""

from typing import ClassVar, Final

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, Task, TaskFailed


class Shout(RunnableTask):
    """Log a message in capital letters.

    It is an output, too.
    """

    message: Dynamic[str]
    times: Dynamic[int] = 1

    gives: ClassVar[dict[str, str]] = {"loud": "the message in capital letters"}
    measures: ClassVar[dict[str, str]] = {"letters": "how many letters were shouted"}

    def run(self, ctx: RunContext) -> Outcome:
        times = ctx.integer(self.times)
        if times < 1:
            raise TaskFailed(f"`times` must be at least 1, got {times}")
        loud = ctx.text(self.message).upper()
        for _ in range(times):
            ctx.log("INFO", f"{loud}!")
        ctx.count("letters", times * sum(character.isalpha() for character in loud))
        return Outcome({"loud": loud})


TASKS: Final[dict[str, type[Task]]] = {"com.example.Shout": Shout}
