"""What becomes of an execution on a server whose watcher has pressed Ctrl-C."""

import os
import sys
from collections.abc import Callable

from kestrel_cli.app.elsewhere.watching import Answer
from kestrel_cli.cli.input_prompts import Terminal, may_ask

_WORDS: dict[str, Answer] = {"l": "leave", "k": "kill", "g": "go on"}


def asker(host: str, *, no_input: bool) -> Callable[[], Answer] | None:
    """Who asks; None where nobody can be asked, and it is killed."""
    if not may_ask(sys.stdin, os.environ, no_input=no_input):
        return None
    terminal = Terminal(sys.stdin, sys.stderr)
    return lambda: ask(terminal, host)


def ask(terminal: Terminal, host: str) -> Answer:
    """Ask until the answer is one; when answers have ended, it is left running."""
    out = terminal.questions
    out.write(f"\nit runs on {host}\n")
    while True:
        out.write("leave it running, kill it, or go on watching? [l/k/g] ")
        out.flush()
        try:
            line = terminal.answers.readline()
        except BaseException:
            out.write("\n")  # what ends it all is told on a line of its own
            out.flush()
            raise
        if not line:
            out.write("\n")
            return "leave"
        answer = _WORDS.get(line.strip().lower()[:1])
        if answer is not None:
            return answer
        out.write("  answer leave, kill or go on\n")
