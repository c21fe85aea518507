"""How paused tasks go on, as the options say and the terminal allows."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from kestrel_cli.app.births import input_renderer
from kestrel_cli.app.clock import Clock
from kestrel_cli.app.pauses import Answers
from kestrel_cli.app.request import RunRequest
from kestrel_cli.cli.input_prompts import Terminal, may_ask
from kestrel_cli.cli.mocks import read_resumes, refuse_unknown
from kestrel_cli.cli.options import OnPause
from kestrel_cli.cli.pause_prompts import PausePrompt
from kestrel_cli.errors import UsageError
from kestrel_cli.model.flow import Flow
from kestrel_cli.store.config import Config
from kestrel_cli.tasks.flow.pause import Pause


def answers(
    request: RunRequest,
    resumes: Sequence[str],
    policy: Any,
    *,
    asks: bool,
    once: Mapping[tuple[str, int], Mapping[str, Any]] | None = None,
) -> Answers:
    """Answers of the options, then of somebody at the terminal when it `asks`, then of the policy.

    Raises UsageError for an answer that no task asks for.
    """
    given = read_resumes(resumes)
    for name in given:
        _check(request.flow, name)
    ask = None
    if asks:
        render = input_renderer(request.flow, request.environ, request.globals, request.compat)
        ask = PausePrompt(Terminal(sys.stdin, sys.stderr), render).ask
    return Answers(Clock(), given, policy, ask, once=once)


def may_ask_about_pauses(option: OnPause | None, config: Config, *, no_input: bool) -> bool:
    """Whether somebody is there to be asked, and nothing else is said."""
    said = option is not None or config.pause is not None
    return not said and may_ask(sys.stdin, os.environ, no_input=no_input)


def _check(flow: Flow, name: str) -> None:
    task = flow.by_id.get(name)
    if task is None:
        refuse_unknown(flow, name, f"--resume {name}")
    elif not isinstance(task, Pause):
        raise UsageError(f"`--resume {name}`: this is no Pause task, but {task.type}")
