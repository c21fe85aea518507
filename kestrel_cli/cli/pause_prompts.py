"""Asking on a terminal how a paused task goes on."""

from typing import Literal

from kestrel_cli.app.request import PauseInputs
from kestrel_cli.cli.input_prompts import Terminal, ask_missing, shown
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.task import Task
from kestrel_cli.tasks.flow.pause import Pause
from kestrel_cli.worker.inputs import Render

Answer = PauseInputs | Literal["no"] | None


class PausePrompt:
    """Asks for a yes, then for the inputs that the task declares."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def ask(self, flow: Flow, task: Task, given: PauseInputs, render: Render) -> Answer:
        """The inputs; `no` when it is not to go on, None when the answers have ended."""
        assert isinstance(task, Pause)  # nothing else is asked about
        out = self._terminal.questions
        try:
            return self._asked(flow, task, given, render)
        except BaseException:
            out.write("\n")  # what ends it all is told on a line of its own
            out.flush()
            raise

    def _asked(self, flow: Flow, task: Pause, given: PauseInputs, render: Render) -> Answer:
        out = self._terminal.questions
        said = f": {shown(task.description)}" if task.description else ""
        out.write(f"\n`{task.id}` is paused{said}\n")
        while True:
            out.write("resume it? [Y/n] ")
            out.flush()
            line = self._terminal.answers.readline()
            if not line:
                out.write("\n")
                return None
            word = line.strip().lower()
            if word in ("n", "no"):
                return "no"
            if word in ("", "y", "yes"):
                break
            out.write("  answer yes or no; no lets the task fail\n")
        asked = flow.changed(inputs=task.onResume or [])
        return ask_missing(asked, given, self._terminal, render=render)
