"""Asking on a terminal how a paused task goes on."""

from kestrel_cli.app.pauses import Given
from kestrel_cli.cli.input_prompts import Terminal, ask_missing
from kestrel_cli.model.flow import Flow
from kestrel_cli.tasks.flow.pause import Pause
from kestrel_cli.worker.inputs import Render


class PausePrompt:
    """Asks for a yes, then for the inputs that the task declares."""

    def __init__(self, terminal: Terminal, render: Render) -> None:
        self._terminal = terminal
        self._render = render

    def ask(self, flow: Flow, task: Pause, given: Given) -> Given | None:
        """The inputs; None when it is not to go on, or the answers have ended."""
        out = self._terminal.questions
        said = f": {task.description}" if task.description else ""
        out.write(f"\n`{task.id}` is paused{said}\nresume it? [Y/n] ")
        out.flush()
        line = self._terminal.answers.readline()
        if not line or line.strip().lower() in ("n", "no"):
            out.write("\n" if not line else "")
            return None
        asked = flow.changed(inputs=task.onResume or [])
        return ask_missing(asked, given, self._terminal, render=self._render)
