"""Everything this program raises on purpose.

KestrelError                      exit code
├── UsageError                    2    wrong options
├── CannotStart                   3    the run can't begin
│   ├── FlowFileError             3    carries Diagnostics (position, source line, hint)
│   │   └── UnusableFlow          3    another flow, called by its name, has an invalid file
│   ├── InputError                3    bad or missing inputs
│   └── StoreError                3    state directory asked to be durable and isn't
├── Obstacles                     2, 3, 4   several of these at once: the least of their codes
├── Interrupted                   128+n, 124   a signal, or the time limit, before the run began
├── Unsupported                   4    a task type or feature that does not run here
├── ServerError                   3    a Kestra server refuses; carries its status and a hint
│   ├── LoginRefused              3    it does not know who asks, or lets them not do it
│   ├── NotThere                  5    it has no such flow, execution, file or key
│   ├── Conflict                  3    what it has is in the wrong state for that
│   └── Unreachable              69    nobody answers, not in time, or nothing that is a Kestra
├── NothingMatched                5    no flow, no execution, no test
│   └── FlowNotFound              5    another flow, called by its name
├── RenderError                   -    a template failed; becomes a FAILED attempt inside a run
└── TaskFailed                    -    a task says it failed; becomes a FAILED attempt

Task failures are states, not exceptions, outside the worker. No exception prints in its
constructor. A plugin that can't be used is a PluginWarning: it stops nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kestrel_cli.diagnostic import Diagnostic

_MOST_TOLD = 10  # findings in the text of one exception


class KestrelError(Exception):
    """Base of every expected error; `exit_code` is what the command ends with."""

    exit_code = 70


class UsageError(KestrelError):
    """Options that contradict each other or cannot be read."""

    exit_code = 2


class CannotStart(KestrelError):
    """The run cannot begin: file, inputs or store."""

    exit_code = 3


class FlowFileError(CannotStart):
    """The flow file is not a valid flow. `diagnostics` lists every finding, in file order; the text
    tells the first of them, errors before warnings.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(_told(self.diagnostics))


class UnusableFlow(FlowFileError):
    """A flow was found by its namespace and id, and its file is invalid or not the only one.

    `str(error)` is one line that names the flow and the first finding; `hint` mends it.
    """

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(diagnostics)
        self.hint = self.diagnostics[0].hint if self.diagnostics else None
        self.args = (message,)


def _told(found: Sequence[Diagnostic]) -> str:
    """Findings for a reader of a traceback: each with its place, and what mends it."""
    lines = []
    by_weight = sorted(found, key=lambda one: one.severity != "error")
    for one in by_weight[:_MOST_TOLD]:
        kind = "" if one.severity == "error" else f"{one.severity}: "
        lines.append(f"{one.where}: {kind}{one.message}")
        if one.hint:
            lines.append(f"  hint: {one.hint}")
    if len(found) > _MOST_TOLD:
        lines.append(f"and {len(found) - _MOST_TOLD} more")
    return "\n".join(lines)


class InputError(CannotStart):
    """Inputs that are missing or do not fit. `problems` holds one sentence per input."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class StoreError(CannotStart):
    """The state directory cannot be used although durability was asked for."""


class Interrupted(KestrelError):
    """A signal or the run's time limit ended the program before the execution began."""

    def __init__(self, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__("interrupted before the run began")


class Unsupported(KestrelError):
    """The flow needs something Kestrel does not run. `needs` lists `(what, where)` pairs, `mocks`
    the options that would stand in for them.
    """

    exit_code = 4

    def __init__(
        self,
        message: str,
        needs: Sequence[tuple[str, str]] = (),
        mocks: Sequence[str] = (),
    ) -> None:
        self.needs = tuple(needs)
        self.mocks = tuple(mocks)
        super().__init__(message)


class Obstacles(KestrelError):
    """Several things stand in the way of a run; `parts` holds an error for each kind. The exit code
    is the least of theirs: wrong usage, then what is not given, then what does not run here.
    """

    def __init__(self, parts: Sequence[KestrelError]) -> None:
        self.parts = tuple(parts)
        self.exit_code = min(one.exit_code for one in self.parts)
        super().__init__("; ".join(str(one) for one in self.parts))


class ServerError(KestrelError):
    """A Kestra server refuses a request. `status` is its HTTP status, 0 when there was no answer;
    `hint` says what to do.
    """

    exit_code = 3

    def __init__(self, message: str, hint: str | None = None, status: int = 0) -> None:
        self.hint = hint
        self.status = status
        super().__init__(message)


class LoginRefused(ServerError):
    """The server does not know who asks, or does not let them do that."""


class NotThere(ServerError):
    """The server has no such thing."""

    exit_code = 5


class Conflict(ServerError):
    """The thing is in a state in which the server does not do that with it."""


class Unreachable(ServerError):
    """Nobody answers, or not in time, or nothing that is a Kestra."""

    exit_code = 69


class NothingMatched(KestrelError):
    """Nothing of that name exists."""

    exit_code = 5


class FlowNotFound(NothingMatched):
    """No file declares the flow. `str(error)` is Kestra's phrase; `hint` says where was looked."""

    def __init__(self, message: str, hint: str) -> None:
        self.hint = hint
        super().__init__(message)


class RenderError(KestrelError):
    """A template could not be read or rendered.

    `str(error)` is the phrase Kestra prints; `hint` adds what exists there or the spelling that
    works. `missing` is true for a missing variable, attribute or index: what `??` and `default`
    catch. `line` is the 1-based line inside the template (0: unknown), `at` the offset in it (-1:
    unknown), `template` the whole template once it is known.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        missing: bool = False,
        line: int = 0,
        at: int = -1,
    ) -> None:
        self.hint = hint
        self.missing = missing
        self.line = line
        self.at = at
        self.template: str | None = None
        self.phrase = message  # without the template that Kestra puts behind a syntax error
        super().__init__(message)


class TaskFailed(KestrelError):
    """A task ends FAILED on purpose. `outputs` are kept on the task run.

    What a flowable can't evaluate is the engine's failure, which no `allowFailure` softens; `soft`
    says that it is the task's all the same. `warns`: the log tells it as a WARN.
    """

    def __init__(
        self,
        message: str,
        *,
        outputs: dict[str, object] | None = None,
        soft: bool = False,
        warns: bool = False,
    ) -> None:
        self.outputs = outputs
        self.soft = soft
        self.warns = warns
        super().__init__(message)


class PluginWarning(UserWarning):
    """A package that offers task types does it wrongly; the types are as good as not there."""


def with_hint(error: KestrelError) -> str:
    """What it says, and on a line of its own the hint that it may have."""
    hint = getattr(error, "hint", None)
    return f"{error}\nhint: {hint}" if hint else str(error)
