"""How paused tasks go on, as the options say and the terminal allows."""

import os
import sys
from collections.abc import Mapping
from typing import Any

from kestrel_cli.app.request import PausePolicy, RunRequest
from kestrel_cli.cli.input_prompts import Terminal, may_ask
from kestrel_cli.cli.pause_prompts import PausePrompt
from kestrel_cli.cli.run_options import RunOptions
from kestrel_cli.model.record import changed
from kestrel_cli.store.config import Config


def pause_policy(
    request: RunRequest,
    options: RunOptions,
    config: Config,
    once: Mapping[tuple[str, int], Mapping[str, Any]] | None = None,
) -> PausePolicy:
    """The request's policy, with somebody at the terminal to be asked, if there is anybody."""
    ask = None
    if may_ask_about_pauses(options, config):
        ask = PausePrompt(Terminal(sys.stdin, sys.stderr)).ask
    return changed(request.pauses, ask=ask, once=once or {})


def may_ask_about_pauses(options: RunOptions, config: Config) -> bool:
    """Whether somebody is there to be asked, and nothing else is said."""
    said = options.pause is not None or config.pause is not None
    return not said and may_ask(sys.stdin, os.environ, no_input=options.no_input)
