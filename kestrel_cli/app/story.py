"""A journal read back: its executions as they were, and what was still to be done.

Folding the events again gives the same executions. Of the effects that come out of it only those
are kept that no later event answers: they are what a process that goes on has to perform.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from kestrel_cli.errors import CannotStart, FlowFileError
from kestrel_cli.model.effect import Conclude, Effect, End, Kill
from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Concluded,
    Event,
    Expanded,
    Judged,
    LogLine,
    Lost,
    Queued,
    Refused,
    Reopened,
    Resumed,
    Skipped,
    TimerFired,
)
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.index import body_flow
from kestrel_cli.model.masker import Masker
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.state import State
from kestrel_cli.scheduler.step import step
from kestrel_cli.store.journal import Birth, Closed, FlowText, Line, read, whole_length

_ANSWERS = (AttemptStarted, Expanded, Skipped, Refused, TimerFired, Resumed, Judged)


@record
class Told:
    """One execution of a journal."""

    number: int
    execution: Execution
    about: dict[str, Any]
    expansions: dict[int, Expanded] = fresh(factory=dict)
    pending: dict[int | None, Effect] = fresh(factory=dict)  # by task run; None: the execution's
    under_way: dict[int, None] = fresh(factory=dict)  # attempts that have begun and not ended
    begun: bool = False
    ended: bool = False
    lines: list[LogLine] = fresh(factory=list)
    errors: list[LogLine] = fresh(factory=list)  # what errorLogs() gives

    def fold(self, event: Event) -> None:
        """One event more."""
        if isinstance(event, Expanded):
            self.expansions[event.run] = _copied(event)
        effects = step(self.execution.flow, self.execution, event)
        match event:
            case Begun():
                self.begun = True
            case AttemptStarted():
                self.under_way[event.run] = None
            case AttemptEnded() | Lost():
                self.under_way.pop(event.run, None)
            case Concluded():
                self.pending.pop(None, None)
            case Reopened():
                self.pending.clear()
                self.ended = False
            case Queued():
                self.ended = event.refused is not None
            case _:
                pass
        if isinstance(event, _ANSWERS):
            self.pending.pop(event.run, None)
        self.add(effects)

    def add(self, effects: Iterable[Effect]) -> None:
        """What is to be done now."""
        for effect in effects:
            match effect:
                case End():
                    self.ended = True
                case Conclude():
                    self.pending[None] = effect
                case Kill():
                    pass  # its attempt is under way, or was
                case _:
                    self.pending.pop(effect.run, None)
                    self.pending[effect.run] = effect

    def left(self) -> list[Effect]:
        """What is still to be done, oldest first; attempts under way are not in it."""
        active = self.execution.active
        return [one for run, one in self.pending.items() if run is None or run in active]


def _copied(event: Expanded) -> Expanded:
    """The event with lanes of its own: those of a frame move on."""
    lanes = [Lane(one.block, one.next, one.stop, one.value, one.iteration) for one in event.lanes]
    return Expanded(
        event.run, event.at, lanes, event.limit, event.outputs, event.needs, event.pause
    )


@record
class Story:
    """All executions of a journal; `texts` are the texts of the flow files, by flow number."""

    told: list[Told]
    flows: dict[int, Flow]
    texts: dict[int, str]
    length: int = 0  # of the journal when it was read
    followers: dict[int, int] = fresh(factory=dict)  # execution -> the one that follows it

    @property
    def name(self) -> str:
        """The id under which the run is found: that of its first execution."""
        return self.told[0].execution.id

    @property
    def root(self) -> Told:
        """The execution that the user asked for: the last one, when some were RETRIED."""
        at = self.told[0]
        while (after := self.follower(at)) is not None:
            at = after
        return at

    def follower(self, told: Told) -> Told | None:
        """The execution that follows a RETRIED one."""
        number = self.followers.get(told.number)
        return None if number is None else self.told[number]

    def origin(self, told: Told) -> Told:
        """The first of the executions that follow each other; it knows who started them."""
        while (before := told.about.get("follows")) is not None:
            told = self.told[before]
        return told


Loader = Callable[[FlowText], Flow]


@record
class Listener:
    """Hears of everything that is read, after it was folded."""

    born: Callable[[Told, Execution | None, int | None], None]
    told: Callable[[Told, Event | LogLine], None]


def read_story(
    path: Path, load: Loader, *, logs: bool = False, listener: Listener | None = None
) -> Story:
    """Read a journal back. Raises CannotStart when it is damaged, or its flow is of no use."""
    story = Story([], {}, {})
    with suppress(OSError):  # told by the reading itself
        story.length = whole_length(path)
    for of, line in _taken(story, path, load, logs=logs):
        if listener is not None:
            _tell(story, of, line, listener)
    if not story.told:
        raise CannotStart(f"the journal {path} tells of no execution")
    return story


def _taken(story: Story, path: Path, load: Loader, *, logs: bool) -> Iterator[tuple[int, Line]]:
    """Each line once it was folded. Raises CannotStart."""
    at = 0
    try:
        lines = iter(read(path))
    except (OSError, ValueError) as error:
        raise CannotStart(f"the journal can't be read: {error}") from None
    while True:
        try:
            number, of, line = next(lines)
            at = number
            _take(story, of, line, load, logs=logs)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001  told apart below
            raise _unreadable(path, at, error) from None
        yield of, line


def _unreadable(path: Path, at: int, error: Exception) -> CannotStart:
    if isinstance(error, FlowFileError):
        first = error.diagnostics[0].message
        return CannotStart(f"the flow of this journal can't be read any more: {first}")
    if isinstance(error, OSError):  # its words name the file
        return CannotStart(f"the journal can't be read: {error}")
    if isinstance(error, ValueError):
        place = "" if str(path) in str(error) else f" {path}"
        return CannotStart(f"the journal{place} can't be read: {error}")
    # The scheduler refuses what cannot have happened.
    why = f"{type(error).__name__}: {error}"
    return CannotStart(f"the journal {path} is damaged at line {at}: {why}")


def _take(story: Story, of: int, line: Line, load: Loader, *, logs: bool) -> None:
    match line:
        case FlowText():
            story.flows[line.number] = load(line)
            story.texts[line.number] = line.text
        case Birth():
            _born(story, line)
        case Closed():
            pass
        case LogLine():
            if logs:
                story.told[of].lines.append(line)
            if line.level == "ERROR":
                story.told[of].errors.append(line)
        case _:
            story.told[of].fold(line)


def _tell(story: Story, of: int, line: Line, listener: Listener) -> None:
    if isinstance(line, Birth):
        parent = line.about.get("parent")
        around = story.told[parent[0]].execution if parent else None
        listener.born(story.told[of], around, parent[1] if parent else None)
    elif not isinstance(line, (FlowText, Closed)):
        listener.told(story.told[of], line)


def _born(story: Story, birth: Birth) -> None:
    about = birth.about
    parent: list[int] = about.get("parent") or []
    follows = about.get("follows")
    around = story.told[parent[0]].execution if parent else None
    before = story.told[follows].execution if follows is not None else None
    item = about.get("item")
    owner = around if item is not None else before.owner if before is not None else None
    if about.get("flow") is None:
        assert around is not None  # only iterations have no flow of their own
        flow = body_flow(around.flow, around.runs[parent[1]].task)
    else:
        flow = story.flows[about["flow"]]
    execution = Execution(about["id"], flow, [(State.CREATED, about["at"])])
    execution.inputs = about.get("inputs", {})
    execution.labels = [(name, value) for name, value in about.get("labels", [])]
    execution.variables = owner.variables if owner is not None else flow.variables
    execution.trigger = about.get("trigger")
    execution.kind = about.get("kind")
    execution.item, execution.owner = item, owner
    execution.parent_id = about.get("parentId")
    execution.original_id = about.get("originalId")
    execution.original_at = about.get("originalAt")
    execution.attempt_number = about.get("attemptNumber", 1)
    execution.masker = story.told[0].execution.masker if story.told else Masker()
    if owner is not None:
        execution.values = dict(owner.values)
    if birth.number != len(story.told):
        raise ValueError(f"execution {birth.number} is not the next one")
    story.told.append(Told(birth.number, execution, about))
    if around is not None:
        around.called.setdefault(parent[1], []).append(execution)
    if before is not None and follows is not None:
        story.followers[follows] = birth.number
        execution.earlier = [*before.earlier, before]
        caller = story.origin(story.told[follows]).about.get("parent")
        if caller:
            called = story.told[caller[0]].execution.called
            replace(called.get(caller[1], []), before, execution)  # its run may be gone


def replace(called: list[Execution], before: Execution, after: Execution) -> None:
    """Put the execution that follows a RETRIED one in its place."""
    for place, one in enumerate(called):
        if one is before:
            called[place] = after
