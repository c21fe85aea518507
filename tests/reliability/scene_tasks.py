"""Tasks of scenes, each on one line. `touch` adds its name to the file `effects`, `tell` what it
was given, too: so whatever was done can be counted.
"""

from typing import Final

CORE: Final = "io.kestra.plugin.core"
EFFECTS: Final = "effects"


def touch(task_id: str, after: str = "true", more: str = "") -> str:
    """A task with a process of its own: adds its id and value to the file, then does what `after`
    says.
    """
    return _script(task_id, f"{task_id}{{{{ taskrun.value ?? '' }}}}", after, more)


def tell(task_id: str, text: str, after: str = "true", more: str = "") -> str:
    """The same with a text without blanks that it is given."""
    return _script(task_id, f"{task_id}={text}", after, more)


def _script(task_id: str, word: str, after: str, more: str) -> str:
    return (
        f"{{id: {task_id}, type: io.kestra.plugin.scripts.shell.Commands, {more}"
        f"taskRunner: {{type: {CORE}.runner.Process}}, "
        f'commands: ["echo {word} >> @EFFECTS@", "{after}"]}}'
    )


def log(task_id: str, message: str = "hi", more: str = "") -> str:
    """A line in the log."""
    return f'{{id: {task_id}, type: {CORE}.log.Log, {more}message: "{message}"}}'


def give(task_id: str, text: str) -> str:
    """A text as an output."""
    return f'{{id: {task_id}, type: {CORE}.debug.Return, format: "{text}"}}'
