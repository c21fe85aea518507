"""jq programs in templates and tasks, with Java's regular expressions: see `kestrel_cli.jq`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kestrel_cli.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Callable


def run(program: str, value: object, clock: Callable[[], float] = time.time) -> list[object]:
    """All results of the program for `value`, which must be what a JSON reader gives."""
    from kestrel_cli import jq
    from kestrel_cli.java.errors import JavaError
    from kestrel_cli.java.regex import compiled

    try:
        return jq.run(program, value, clock, compiled)
    except JavaError as error:
        # A match that took too long: no program can catch that.
        raise RenderError(str(error), hint=error.hint) from None
    except jq.ProgramError as error:
        raise RenderError(str(error)) from None
