"""A run that was read back and goes on: what was to be done is on the agenda again."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from kestrel_cli.app.engine import turns
from kestrel_cli.app.engine.create import live_of
from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.loop import Engine
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.app.engine.work import ChildEnded, Restart
from kestrel_cli.app.history import still_running
from kestrel_cli.app.mocks import mock_finder
from kestrel_cli.app.preflight.gather import refuse_what_does_not_run
from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.app.run import bounded, conducted, open_journal
from kestrel_cli.app.story import Story, Told, latest
from kestrel_cli.errors import CannotStart
from kestrel_cli.model.effect import Ask
from kestrel_cli.model.event import Lost, Reopened
from kestrel_cli.model.state import State
from kestrel_cli.store.journal import whole_length
from kestrel_cli.store.work import clear, directory
from kestrel_cli.worker.services import RunServices

_AGAIN = (State.FAILED, State.KILLED)  # executions that a restart of their caller goes on with


def refuse(request: RunRequest) -> None:
    """Raise Unsupported when the flow needs what is not there."""
    covers = mock_finder(request).covers
    refuse_what_does_not_run(request.flow, covers, programs=not request.in_containers)


class Continuation:
    """A run that was read back and goes on."""

    def __init__(self, request: RunRequest, story: Story) -> None:
        self.tools = Tools(request)
        self.tools.clock.not_before(latest(story, request))
        self._engine = Engine(self.tools)
        self._request = request
        self._story = story
        self._lives: dict[int, Live] = {}
        self.tools.journal.read_back(max(story.told) + 1)
        for number, flow in story.flows.items():
            self.tools.journal.know_flow(flow, story.texts[number], number)

    def go(self, plan: Reopened | None = None) -> RunResult:
        """Let every execution that has not ended go on; the root as it is planned. Raises
        CannotStart, InputError.
        """
        request, story, tools = self._request, self._story, self.tools
        for told in story.told.values():
            self._take_up(told)
        root = self._lives[story.root.number]
        for live in self._lives.values():
            if live is root or not live.ended or plan is not None:
                self._demand_secrets(live)
        refuse(request)
        file = open_journal(request, story.name, go_on=True)
        if file is None and request.journaled:
            raise CannotStart("the execution can't be gone on with: see the warning")
        if file is not None:
            if whole_length(file.path) != story.length:
                raise still_running(story.name)  # another one was quicker since it was read
            work = file.path.parent / "work"
            clear(work, set(self._directories(work)))
        tools.journal.keep(file, story.seals)
        with bounded(request):
            if plan is not None:
                self._engine.happened(root, plan)
                turns.go_on(root, tools)
            for number, live in self._lives.items():
                if live is not root or plan is None:
                    self._go_on(story.told[number], live)
            tools.journal.flush()
            return conducted(root, self._engine)

    def _directories(self, work: Path) -> Iterator[Path]:
        """Those of flowables that are open."""
        for live in self._lives.values():
            for number in live.execution.frames:
                if number is not None:
                    yield directory(work, live.execution.id, number)

    def _take_up(self, told: Told) -> None:
        """Make what runs the execution, if it has not ended, or somebody may still want it."""
        execution, story = told.execution, self._story
        caller = execution.birth.caller
        parent = None if caller is None else self._lives.get(caller.execution)
        wanted = told is story.root or not told.ended
        if not wanted and not self._is_wanted(told, parent):
            return
        live = live_of(execution, self.tools, parent)
        live.errors.extend(told.errors)
        live.said.extend(told.said)
        live.expansions, live.ended = told.expansions, told.ended
        if live.ended and told.number in story.followers:
            return  # the one that follows it is what counts
        self._lives[told.number] = live
        if not live.ended or told is story.root:
            live.ended = False
            self.tools.lives[live] = None
        if parent is not None and caller is not None:
            parent.children[caller.run, caller.nth] = live

    def _is_wanted(self, told: Told, parent: Live | None) -> bool:
        """Whether the call that an execution which has ended belongs to still needs it: it has not
        heard of the end, or may launch it again. An attempt made later has calls of its own.
        """
        caller = told.execution.birth.caller
        frame = None if parent is None or caller is None else parent.execution.calls.get(caller.run)
        if frame is None or caller is None:
            return False
        names = told.execution.ids
        if frame.running.get(caller.nth) in names:
            return True
        results = (frame.before.get(caller.nth), frame.results.get(caller.nth))
        known = any(one is not None and one.execution in names for one in results)
        return known and told.execution.state in _AGAIN

    def _go_on(self, told: Told, live: Live) -> None:
        """What the execution was about to do, it does."""
        tools, execution = self.tools, live.execution
        caller = execution.birth.caller
        if told.ended:
            if live.parent is None or caller is None:
                return
            frame = live.parent.execution.calls.get(caller.run)  # None: begun anew by the plan
            if told.again:
                tools.inbox.put(live, Restart())
            elif frame is not None and frame.running.get(caller.nth) in execution.ids:
                tools.inbox.put(live.parent, ChildEnded(caller.run, caller.nth))
            return
        held = _is_held(live)
        if turns.has_begun(live) and not held:
            turns.go_on(live, tools)
        for number in _under_way(told):  # before what had not begun, as it was
            self._engine.happened(live, Lost(number, tools.clock.now()))
        for effect in told.left():
            if held:
                live.todo.add([effect])
            elif isinstance(effect, Ask):
                tools.agenda.ask(live, effect)
            else:
                tools.agenda.add(live, [effect])

    def _demand_secrets(self, live: Live) -> None:
        """Raise InputError when what has still to run names a secret that nobody gave. Iterations
        of Loop are looked at with the flow around them.
        """
        services, execution = live.around.services, live.execution
        if execution.owner is not None or "secret" not in self.tools.journal.text_of(live.flow):
            return
        from kestrel_cli.app.preflight.secrets import refuse_missing_for_the_rest

        assert isinstance(services, RunServices)  # live_of made them
        refuse_missing_for_the_rest(execution, services.has_secret, self.tools.mocks.covers)


def _is_held(live: Live) -> bool:
    """Whether an execution has to wait until its caller, tried again, launches it again."""
    caller = live.execution.birth.caller
    if live.parent is None or caller is None:
        return False
    frame = live.parent.execution.calls.get(caller.run)
    known = None if frame is None else frame.before.get(caller.nth)
    return (
        frame is not None
        and known is not None
        and known.execution == live.execution.id
        and caller.nth not in frame.results
        and frame.running.get(caller.nth) is None
    )


def _under_way(told: Told) -> Iterable[int]:
    """The attempts that were under way when the process ended."""
    execution = told.execution
    return [
        number
        for number in told.under_way
        if number in execution.active and not execution.runs[number].ended
    ]
