"""An execution on a server, shown as one that runs here: while it runs, and at its end.

Theory of operation
-------------------
`Family` brings what happened, in what its task runs start as well; reporters hear of it. Between
two pieces of news this looks whether something was asked for:

    a signal         Ctrl-C asks `Hands.ask`, where somebody is there to be asked: leave it running,
                     kill it, or go on. SIGTERM kills, SIGHUP leaves. A second signal leaves at once
    the time limit   kills
    a pause          `--resume` answers it; `--pause wait` leaves, `--pause fail` kills; else it is
                     followed on, for others may resume it, and said how

Killed means: the server is asked, and the end is waited for. Left means: what is known is shown,
and the execution goes on there.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Literal

from kestrel_cli.app.elsewhere.place import Place
from kestrel_cli.app.elsewhere.showing import Showing, Told
from kestrel_cli.app.request import NO_SIGNAL, RunRequest, RunResult, exit_code
from kestrel_cli.errors import Conflict, NotThere, ServerError
from kestrel_cli.model.event import FOREVER, Expanded
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.record import record
from kestrel_cli.model.state import State
from kestrel_cli.server import executions
from kestrel_cli.server.called import FlowOf
from kestrel_cli.server.family import Family
from kestrel_cli.server.following import Pace
from kestrel_cli.server.mirror import Mirror
from kestrel_cli.worker.interrupts import AttemptKilled, Interrupts

PACE: Final = Pace()
_LOOK: Final = 0.2  # seconds between two looks at what was asked for
_KILLING: Final = 120.0  # seconds that a server may take to kill
_KILLS: Final = 10  # requests to kill one that is not there yet
_AGAIN: Final = 0.5  # seconds between them
_PAUSED: Final = (State.PAUSED, State.BREAKPOINT)

Answer = Literal["leave", "kill", "go on"]


class LeavingInterrupts(Interrupts):
    """Requests are noted, and from the second one on raised: whoever asks twice does not want to
    wait for a server.
    """

    leaves = True

    def __init__(self) -> None:
        super().__init__()
        self.raises = False

    def kill(self, signal: int) -> None:
        super().kill(signal)
        if self.raises and self.times > 1:
            raise AttemptKilled

    def forget(self) -> None:
        """It was not meant."""
        self.signal, self.pending, self.times = None, False, 0


@record
class Hands:
    """What the command line does for it: `ask` is None where nobody can be asked."""

    tell: Callable[[str], None]
    warn: Callable[[str], None]
    ask: Callable[[], Answer] | None = None
    on_pause: Literal["wait", "fail"] | None = None


class _Left(Exception):
    """Nobody watches any more."""


class Watch:
    """One execution, from the picture that `mirror` has to its end."""

    def __init__(
        self,
        place: Place,
        mirror: Mirror,
        request: RunRequest,
        hands: Hands,
        *,
        flow_of: FlowOf = lambda *_: None,
        since: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`since`: the moment up to which everything was told before."""
        self._place = place
        self._mirror = mirror
        self._request = request
        self._hands = hands
        self._clock = clock
        self._began = clock()
        self._killed_at: float | None = None
        self._left_by: int | None = None  # the signal
        self._pauses: list[int] = []  # task runs that wait for somebody, not looked at yet
        self._answered = 0  # how many states there were at the last answer to a pause
        self._troubles = 0
        self._showing = Showing(request.reporters, since)
        self._showing.on_told = self._note
        self._flow_of = flow_of
        mirror.execution.elsewhere = place.options

    def to_the_end(self) -> RunResult:
        """Show it until it has ended, or is left. Raises ServerError when nobody answers any more,
        or nobody may ask.
        """
        execution = self._mirror.execution
        self._showing.started(execution, None, None)
        self._showing.tell(execution, self._mirror.first)
        is_left = False
        try:
            with self._listening():
                self._follow()
        except (_Left, AttemptKilled):
            is_left = True
        except ServerError as error:
            raise self._lost(error) from None
        code = self._code(is_left=is_left)
        self._showing.close(execution, code)
        if is_left and (self._killed_at is not None or execution.state is not State.PAUSED):
            self._hands.tell(self._goes_on())
        return RunResult(execution, code)

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """While this lasts, a second signal ends it."""
        interrupts = self._request.interrupts
        if isinstance(interrupts, LeavingInterrupts):
            interrupts.raises = True
        try:
            yield
        finally:
            if isinstance(interrupts, LeavingInterrupts):
                interrupts.raises = False

    def _follow(self) -> None:
        with Family(self._place.server, self._mirror, PACE, self._flow_of) as family:
            while not family.is_over:
                for one in family.news(within=_LOOK):
                    self._showing.hear(one, self._place.options)
                troubles = family.root.troubles
                for words in troubles[self._troubles :]:
                    self._hands.warn(words)
                self._troubles = len(troubles)
                self._heed()
                self._look_at_pauses()

    def _code(self, *, is_left: bool) -> int:
        asked = self._request.interrupts.signal
        if is_left and asked:
            return 128 + asked
        return exit_code(self._mirror.execution, self._request)

    # -- what is asked for

    def _heed(self) -> None:
        """Do what signals and the time limit ask for."""
        interrupts, limit = self._request.interrupts, self._request.timeout
        now = self._clock()
        if self._killed_at is not None:
            if interrupts.pending or now - self._killed_at > _KILLING:
                raise _Left
            return
        if interrupts.pending:
            self._signalled()
        elif limit is not None and now - self._began > limit:
            interrupts.kill(NO_SIGNAL)
            interrupts.heeded()
            self._hands.warn(f"its time is over: {self._place.host} is asked to kill it")
            self._kill()

    def _signalled(self) -> None:
        interrupts = self._request.interrupts
        interrupts.heeded()
        asked = interrupts.signal
        if asked == getattr(signal, "SIGHUP", None):
            raise _Left
        if asked != signal.SIGINT or self._hands.ask is None:
            self._hands.tell(f"{self._place.host} is asked to kill it; a second signal leaves it")
            self._kill()
            return
        answer = self._hands.ask()
        if answer == "leave":
            raise _Left
        if answer == "kill":
            self._kill()
        elif isinstance(interrupts, LeavingInterrupts):
            interrupts.forget()

    def _kill(self) -> None:
        self._killed_at = self._clock()
        for tried in range(1, _KILLS + 1):
            try:
                executions.kill(self._place.server, self._mirror.execution.id)
            except Conflict:
                return  # it has ended meanwhile
            except NotThere:
                if tried == _KILLS:
                    raise
                # A server stores what has just begun a moment after it has said so.
                self._place.server.asking.pause(_AGAIN)
            else:
                return

    # -- pauses

    def _note(self, execution: Execution, told: Told) -> None:
        if isinstance(told, Expanded) and told.pause == FOREVER:
            if execution is self._mirror.execution:
                self._pauses.append(told.run)
            else:
                self._say_how(execution)

    def _look_at_pauses(self) -> None:
        execution = self._mirror.execution
        if (
            not self._pauses
            or execution.state not in _PAUSED
            or self._answered == len(execution.history)  # what was answered is not shown yet
            or self._killed_at is not None
        ):
            return
        waiting = [run for run in self._pauses if execution.runs[run].state in _PAUSED]
        for number in waiting:
            inputs = self._answer_to(execution.runs[number])
            if inputs is not None:
                self._pauses.remove(number)
                self._resume(inputs)
                return
        self._pauses.clear()
        if not waiting:
            return
        if self._hands.on_pause == "wait":
            raise _Left
        if self._hands.on_pause == "fail":
            self._hands.warn("it is PAUSED, and `--pause fail` does not wait: it is killed")
            self._kill()
            return
        self._say_how(execution)

    def _answer_to(self, run: TaskRun) -> dict[str, object] | None:
        """What `--resume` gives this task run."""
        given = self._request.pauses.given
        name = run.task.id
        found = given.get(f"{name}[{run.value}]", given.get(name))
        return None if found is None else dict(found)

    def _resume(self, inputs: dict[str, object]) -> None:
        execution = self._mirror.execution
        self._answered = len(execution.history)
        try:
            executions.resume(self._place.server, execution.id, inputs)
        except Conflict:
            return  # somebody else was quicker

    def _say_how(self, execution: Execution) -> None:
        self._hands.tell(
            f"the execution {execution.id} is PAUSED, and waits for somebody\n"
            f"hint: `{self._place.command('resume', execution.id)}` goes on with it"
        )

    # -- the end

    def _lost(self, error: ServerError) -> ServerError:
        """The error with what becomes of the execution."""
        name = self._mirror.execution.id
        if isinstance(error, NotThere):
            return error
        command = self._place.command("show", name)
        words = f"{error}\nthe execution {name} may go on there"
        hint = (
            f"{error.hint}; then `{command}`" if error.hint else f"`{command}` tells how it ended"
        )
        return type(error)(words, hint, error.status)

    def _goes_on(self) -> str:
        name = self._mirror.execution.id
        kill = self._place.command("kill", name)
        show = self._place.command("show", name)
        words = "was asked to end" if self._killed_at is not None else "goes on"
        return (
            f"the execution {name} {words} on {self._place.host}\n"
            f"hint: `{show}` shows it; `{kill}` ends it"
        )
