"""Completion in a shell: `eval "$(_KESTREL_COMPLETE=source_bash kestrel)"` in one's `.bashrc`.

The shell runs the program with that variable for each Tab, and tells the words in others.
"""

import os


def command_named() -> str:
    """The command on the line that is completed; its module is needed. Empty: none yet."""
    from typer._completion_classes import completion_init

    completion_init()
    words = os.environ.get("COMP_WORDS", os.environ.get("_TYPER_COMPLETE_ARGS", "")).split()
    return words[1] if len(words) > 1 else ""
