"""A journal read back: its executions as they were, and what was still to be done.

Folding the events again gives the same executions. Of the effects that come out of it only those
are kept that no later event answers: they are what a process that goes on has to perform.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import assert_never

from kestrel_cli.app.births import execution_of, link
from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.said import outdated
from kestrel_cli.errors import CannotStart, FlowFileError
from kestrel_cli.model import effect as to
from kestrel_cli.model import event as ev
from kestrel_cli.model.birth import Birth
from kestrel_cli.model.effect import Begin, Effect, End, Kill, Launch, as_put
from kestrel_cli.model.event import Event, Expanded, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.masker import Masker
from kestrel_cli.model.record import entity, fresh, record
from kestrel_cli.model.sealing import Seals, holds_marks
from kestrel_cli.scheduler.step import step
from kestrel_cli.store.journal import Closed, FlowText, Key, Line, read, whole_length

# What an effect is found by: the task run (None: the execution itself) and the call of it.
Place = tuple[int | None, int | None]


@entity
class Told:
    """One execution of a journal."""

    execution: Execution
    pending: dict[Place, Effect]
    expansions: dict[int, Expanded] = fresh(factory=dict)
    under_way: dict[int, None] = fresh(factory=dict)  # attempts that have begun and not ended
    reopens: bool = True  # it may be restarted: its expansions are kept
    ended: bool = False
    again: bool = False  # its caller, restarted, has launched it again, and it has not heard yet
    lines: list[LogLine] = fresh(factory=list)
    errors: list[LogLine] = fresh(factory=list)  # what errorLogs() gives
    said: list[LogLine] = fresh(factory=list)  # of an event that was not taken down any more

    @property
    def number(self) -> int:
        """Its number in the journal."""
        return self.execution.birth.number

    def fold(self, event: Event) -> None:
        if self.reopens and isinstance(event, Expanded):
            self.expansions[event.run] = _copied(event)
        effects = step(self.execution.flow, self.execution, event)
        self._answered(event)
        self.add(effects)

    def _answered(self, event: Event) -> None:  # noqa: C901, PLR0912  a case for each event
        """What the event is an answer to is not to be done any more."""
        match event:
            case ev.AttemptStarted():
                self.under_way[event.run] = None
                self._done((event.run, None), to.RunAttempt)
            case ev.AttemptEnded():
                self.under_way.pop(event.run, None)
                self._done((event.run, None), to.Gather)
            case ev.Lost() | ev.Called():  # who calls only waits for executions
                self.under_way.pop(event.run, None)
            case ev.Expanded():
                self._done((event.run, None), to.Expand)
            case ev.Skipped() | ev.Refused() | ev.StoodIn():
                self._done((event.run, None), to.RunAttempt, to.Expand)
            case ev.TimerFired() | ev.Resumed():
                self._done((event.run, None), to.WaitUntil, to.Ask)
            case ev.Judged():
                self._done((event.run, None), to.Judge)
            case ev.Launched():
                self._done((event.run, event.nth), to.Launch)
            case ev.CalledEnded():
                self._done((event.run, event.nth), to.Launch, to.Kill)
            case ev.Begun():
                self._done((None, None), to.Begin)
            case ev.Concluded():
                self._done((None, None), to.Conclude)
            case ev.Heard():
                self._done((None, None), to.Hear)
            case ev.Followed():
                self._done((None, None), to.Follow)
            case ev.Reopened():
                self.pending.clear()
                self.ended = self.again = False
            case ev.Queued():
                if event.refused is not None:
                    self.pending.clear()
            case ev.KillRequested() | ev.Violated():
                pass
            case _:
                assert_never(event)

    def _done(self, place: Place, *kinds: type[Effect]) -> None:
        """An effect of these kinds is done. One of another kind has come since, of an end before
        the time: the answer to what that has made void says nothing of it.
        """
        if isinstance(self.pending.get(place), kinds):
            del self.pending[place]

    def add(self, effects: Sequence[Effect]) -> None:
        """What is to be done now."""
        for effect in as_put(effects):
            if isinstance(effect, End):
                self.ended = True
                continue
            place = place_of(effect)
            if isinstance(effect, Kill) and effect.nth is None:
                continue  # its attempt is under way, or was
            self.pending.pop(place, None)
            self.pending[place] = effect

    def left(self) -> list[Effect]:
        """What is still to be done, as it is put on an agenda again one by one: task runs and
        launches in the order in which they were created; of the rest, which is done at once, first
        what goes last. Attempts under way are not in it.
        """
        active = self.execution.active
        return [one for (run, _), one in self.pending.items() if run is None or run in active]


def place_of(effect: Effect) -> Place:
    """What an effect is found by."""
    nth = effect.nth if isinstance(effect, (Launch, Kill)) else None
    return getattr(effect, "run", None), nth


def _copied(event: Expanded) -> Expanded:
    """The event with lanes of its own: those of a frame move on."""
    lanes = [Lane(one.block, one.next, one.stop, one.value, one.iteration) for one in event.lanes]
    return Expanded(
        event.run, event.at, lanes, event.limit, event.outputs, event.needs, event.pause
    )


@record
class Story:
    """All executions of a journal, by their numbers; `texts` are the texts of the flow files, by
    flow number.
    """

    told: dict[int, Told]
    flows: dict[int, Flow]
    texts: dict[int, str]
    seals: Seals
    length: int = 0  # of the journal when it was read
    followers: dict[int, int] = fresh(factory=dict)  # execution -> the one that follows it

    @property
    def first(self) -> Told:
        """The execution that the user asked for."""
        return next(iter(self.told.values()))

    @property
    def name(self) -> str:
        """The id under which the run is found: that of its first execution."""
        return self.first.execution.id

    @property
    def root(self) -> Told:
        """The execution that the user asked for: the last one, when some were RETRIED."""
        at = self.first
        while (after := self.follower(at)) is not None:
            at = after
        return at

    def follower(self, told: Told) -> Told | None:
        """The execution that follows a RETRIED one."""
        number = self.followers.get(told.number)
        return None if number is None else self.told[number]

    def parent(self, told: Told) -> Told | None:
        """The execution whose task run started it."""
        caller = told.execution.birth.caller
        return None if caller is None else self.told[caller.execution]


Loader = Callable[[FlowText], Flow]
Values = Callable[[Flow], Mapping[str, object]]


@record
class Listener:
    """Hears of everything that is read, after it was folded."""

    born: Callable[[Told, Execution | None, int | None], None]
    told: Callable[[Told, Event | LogLine], None]


def read_story(
    path: Path,
    load: Loader,
    *,
    seals: Seals | None = None,
    values: Values = lambda _: {},
    reopens: bool = False,
    logs: bool = False,
    listener: Listener | None = None,
    whole: bool = False,
) -> Story:
    """Read a journal back. Raises CannotStart when it is damaged, or its flow is of no use; and,
    when it is to be `whole`, when it could not be written to its end.

    `seals` opens sealed secrets; without it they are shown as masks. `values` gives what `outputs`
    of the first execution shows from the beginning. With `reopens`, what a restart has to know of
    flowables that have closed is kept.
    """
    story = Story({}, {}, {}, seals or Seals(Masker(), path.parent.name))
    with suppress(OSError):  # told by the reading itself
        story.length = whole_length(path)
    reader = _Reader(story, load, values, logs=logs, reopens=reopens)
    for of, line in reader.lines(path, whole=whole):
        if listener is not None:
            _tell(story, of, line, listener)
    if not story.told:
        raise CannotStart(f"the journal {path} tells of no execution")
    return story


class _Reader:
    """Folds the lines of a journal into a story."""

    def __init__(
        self, story: Story, load: Loader, values: Values, *, logs: bool, reopens: bool
    ) -> None:
        self._reopens = reopens
        self._story = story
        self._load = load
        self._values = values
        self._seals = story.seals
        self._logs = logs

    def lines(self, path: Path, *, whole: bool) -> Iterator[tuple[int, Line]]:
        """Each line once it was folded. Raises CannotStart."""
        at = 0
        try:
            lines = iter(read(path, translate=self._opened, whole=whole))
        except (OSError, ValueError) as error:
            raise CannotStart(f"the journal can't be read: {error}") from None
        while True:
            try:
                number, of, line = next(lines)
                at = number
                self._take(of, line)
            except StopIteration:
                return
            except Exception as error:  # noqa: BLE001  told apart below
                raise _unreadable(path, at, error) from None
            yield of, line

    def _opened(self, raw: bytes, values: object) -> object:
        """The values of a line, what is sealed in them opened."""
        return self._seals.opened(values) if holds_marks(raw) else values

    def _take(self, of: int, line: Line) -> None:
        story = self._story
        match line:
            case FlowText():
                story.flows[line.number] = self._load(line)
                story.texts[line.number] = line.text
            case Birth():
                if story.told:
                    raise ValueError("a second execution that nobody called")
                self._born(line)
            case Key():
                self._seals.learn(line.entry)
            case Closed():
                for told in story.told.values():
                    told.said.clear()
            case LogLine():
                self._hear(story.told[of], line)
            case _:
                story.told[of].fold(line)
                outdated(story.told[of].said, line)
                if isinstance(line, (ev.Launched, ev.Followed)) and line.birth is not None:
                    self._born(line.birth)
                elif isinstance(line, ev.Launched):
                    self._launched_again(line.execution)

    def _hear(self, told: Told, line: LogLine) -> None:
        if line.run is not None and line.run >= len(told.execution.runs):
            raise ValueError(f"a log line of task run {line.run}, which is not there")
        if self._logs:
            told.lines.append(line)
        if line.level == "ERROR":
            told.errors.append(line)
        if line.run not in told.under_way:  # else its attempt is lost, and says it again
            told.said.append(line)

    def _launched_again(self, name: str) -> None:
        for told in self._story.told.values():
            if told.execution.id == name:
                told.again = True

    def _born(self, birth: Birth) -> None:
        story = self._story
        if birth.number in story.told:
            raise ValueError(f"execution {birth.number} is there already")
        parent = None if birth.caller is None else story.told[birth.caller.execution].execution
        before = None if birth.follows is None else story.told[birth.follows].execution
        flow = None if birth.flow is None else story.flows[birth.flow]
        first = flow is not None and not story.told
        execution = execution_of(
            birth,
            flow,
            parent,
            before,
            masker=self._seals.masker,
            values=self._values(flow) if first and flow is not None else None,
        )
        link(execution, parent)
        told = Told(execution, {}, reopens=self._reopens)
        told.add([Begin()])
        story.told[birth.number] = told
        if birth.follows is not None:
            story.followers[birth.follows] = birth.number


def events_of(path: Path, number: int, seals: Seals) -> Iterator[Event]:
    """The events of one execution of a journal, in order. Raises OSError, ValueError."""

    def opened(raw: bytes, values: object) -> object:
        return seals.opened(values) if holds_marks(raw) else values

    for _, of, line in read(path, translate=opened):
        if isinstance(line, Key):
            seals.learn(line.entry)
        elif of == number and not isinstance(line, (Birth, Closed, FlowText, LogLine)):
            yield line


def _unreadable(path: Path, at: int, error: Exception) -> CannotStart:
    if isinstance(error, FlowFileError):
        first = error.diagnostics[0].message
        return CannotStart(f"the flow of this journal can't be read any more: {first}")
    if isinstance(error, OSError):  # its words name the file
        return CannotStart(f"the journal can't be read: {error}")
    if isinstance(error, ValueError) and str(path) in str(error):
        return CannotStart(f"the journal can't be read: {error}")
    # The scheduler refuses what cannot have happened.
    why = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
    return CannotStart(f"the journal {path} is damaged at line {at}: {why}")


def _tell(story: Story, of: int, line: Line, listener: Listener) -> None:
    if isinstance(line, (FlowText, Closed, Key)):
        return
    if not isinstance(line, Birth):
        listener.told(story.told[of], line)
    birth = line if isinstance(line, Birth) else getattr(line, "birth", None)
    if birth is not None:
        caller = birth.caller
        around = None if caller is None else story.told[caller.execution].execution
        listener.born(story.told[birth.number], around, None if caller is None else caller.run)


def latest(story: Story, request: RunRequest) -> int:
    """The last moment that its journal knows, where time stands still; else 0: it went on."""
    if request.frozen_at is None:
        return 0
    found = [told.execution for told in story.told.values()]
    last = [run.history[-1][1] for one in found for run in one.runs if run.history]
    return max([one.history[-1][1] for one in found] + last)
