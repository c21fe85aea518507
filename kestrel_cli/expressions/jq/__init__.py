"""jq programs over plain data, without a C library.

The language of jq 1.6 and 1.7 with exact integers, except what reaches out of the program:
`env`, `$ENV`, `input`, `inputs`, `halt`, modules. Every program ends: see `machine`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kestrel_cli.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Callable


def run(program: str, value: object, clock: Callable[[], float] = time.time) -> list[object]:
    """All results of the program for `value`, which must be what a JSON reader gives."""
    from kestrel_cli.expressions.jq.errors import JqError
    from kestrel_cli.expressions.jq.machine import Machine
    from kestrel_cli.expressions.jq.parser import parsed
    from kestrel_cli.expressions.jq.values import finite
    from kestrel_cli.expressions.json_data import check_depth

    try:
        results = Machine(clock).results(parsed(program), value)
    except JqError as error:
        raise RenderError(error.text()) from None
    except RecursionError:
        raise RenderError("the jq program or its data is nested too deeply") from None
    except MemoryError:
        raise RenderError("the jq program needs too much memory") from None
    check_depth(results)
    return [finite(result) for result in results]
