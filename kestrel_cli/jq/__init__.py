"""jq programs over plain data, in plain Python.

Purpose: to run jq programs that others wrote, where no C library can be relied on and where no
program may reach out, run for ever or fill the memory.

    from kestrel_cli.jq import ProgramError, run

    run(".rows[] | select(.n > 1) | .name", {"rows": [{"n": 2, "name": "ada"}]})    # ["ada"]

`run` gives all results of a program for a value as a JSON reader gives it (None, bool, int, float,
str, list, dict with text keys); it raises `ProgramError` for a program that is none, that raises an
error it does not catch, or that goes beyond the limits (`limits`, and the fuel of `machine`).

How it works: `lexer` and `parser` make nodes, `machine` runs them by continuation passing on a
trampoline, so that neither recursion nor backtracking uses Python's stack. `natives` lists what is
written in Python, `prelude` what is written in jq itself.

Source: the manual of jq 1.6 and 1.7, and results of the C program.

Known differences:
- Integers are exact, whatever their size.
- What reaches out of the program is refused: `env`, `$ENV`, `input`, `inputs`, `halt`, modules,
  `localtime`. `debug` and `stderr` let their input pass and print nothing; `now` asks `clock`.
- Regular expressions are Python's, with `(?<name>...)` for groups, and not Oniguruma's; who needs
  another flavour gives `pattern`.
- `strftime` and `strptime` know English only.

It imports nothing but the standard library, so that it can be taken out and used elsewhere.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kestrel_cli.jq.errors import ProgramError as ProgramError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kestrel_cli.jq.machine import Matcher


def run(
    program: str,
    value: object,
    clock: Callable[[], float] = time.time,
    pattern: Callable[[str], Matcher] | None = None,
) -> list[object]:
    """All results of the program for `value`.

    `clock` gives seconds since 1970; `pattern` compiles a regular expression that may begin with
    flags, `(?is)`, and raises ValueError for one that is none. Whatever its matches raise goes
    through.
    """
    from kestrel_cli.jq.errors import JqError
    from kestrel_cli.jq.limits import check_depth
    from kestrel_cli.jq.machine import Machine
    from kestrel_cli.jq.parser import parsed
    from kestrel_cli.jq.patterns import python_pattern
    from kestrel_cli.jq.values import finite

    try:
        results = Machine(clock, pattern or python_pattern).results(parsed(program), value)
    except JqError as error:
        raise ProgramError(error.text()) from None
    except RecursionError:
        raise ProgramError("the jq program or its data is nested too deeply") from None
    except MemoryError:
        raise ProgramError("the jq program needs too much memory") from None
    check_depth(results, "the value")
    return [finite(result) for result in results]
