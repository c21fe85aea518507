"""The only loop: next -> perform -> record -> step -> agenda."""

from kestrel_cli.app.engine.attempts import given_up
from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.perform import perform, stop
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.app.engine.work import Look
from kestrel_cli.app.said import outdated
from kestrel_cli.model.effect import Effect, Expand
from kestrel_cli.model.event import AttemptEnded, AttemptStarted, Event, Expanded
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.model.task import RunnableTask
from kestrel_cli.scheduler.step import step
from kestrel_cli.worker.interrupts import AttemptKilled


class Engine:
    """Runs executions until every one of them has ended or stands still."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self._interrupts = tools.interrupts

    def run(self) -> None:
        """Go on with what the agenda and the inbox hold."""
        while True:
            try:
                if self._interrupts.pending or self._interrupts.times > 1:
                    self._heed()
                if not self._turn():
                    return
            except AttemptKilled:  # before an attempt began: the effect is void, its run is killed
                self._interrupts.end()

    def _turn(self) -> bool:
        """One thing; false when there is nothing left to do or to wait for."""
        inbox, agenda = self.tools.inbox, self.tools.agenda
        found = inbox.next() or (None if inbox.crowded else agenda.next())
        if found is None and not inbox.expects:
            found = agenda.question()
            if found is None and not (inbox.holds and self.tools.lives):
                return False
            self.tools.journal.flush()
        if found is None:
            self.tools.journal.flush()
            inbox.wait()
            return True
        live, work = found
        if type(work) is Expand and (others := live.todo.openings()):
            self._open(live, [work, *others])
            return True
        for event in perform(live, work, self.tools):
            if type(event) is AttemptEnded and event.state is State.KILLED:
                self._heed()  # who asked for it is told first, and was before
                event.at = self.tools.clock.now()
            self.happened(live, event)
        return True

    def _open(self, live: Live, flowables: list[Expand]) -> None:
        """One pass opens all flowables that were created before it. Those that hold nothing end in
        it, and their places are taken before the others begin what they hold.
        """
        opened = [event for one in flowables for event in perform(live, one, self.tools)]
        opened.sort(key=_holds_something)
        effects = [effect for event in opened for effect in self._folded(live, event)]
        self.tools.agenda.add(live, effects)

    def happened(self, live: Live, event: Event) -> None:
        """An event is taken in, and what is to be done for it is put on the agenda."""
        effects = self._folded(live, event)
        if effects:
            self.tools.agenda.add(live, effects)

    def _folded(self, live: Live, event: Event) -> list[Effect]:
        """An event is in the journal before it is folded, and folded before it is shown."""
        tools, execution = self.tools, live.execution
        tools.journal.append(execution.birth.number, event)
        if live.said:
            outdated(live.said, event)
        effects = step(live.flow, execution, event)
        if isinstance(event, (AttemptStarted, AttemptEnded)):
            task = execution.runs[event.run].task
            if isinstance(task, RunnableTask) and (task.blocking or task.outward):
                tools.journal.flush()  # before it reaches outside, and after it has
        tools.showing.on_event(event, execution)
        if live.assertions and not live.looks:
            live.looks = True
            tools.inbox.put(live, Look())
        return effects

    def _heed(self) -> None:
        """Somebody asked for the end: every execution is told, the innermost first."""
        tools = self.tools
        if self._interrupts.pending:
            self._interrupts.heeded()
            for live in reversed(list(tools.lives)):
                self._stop(live)
        if self._interrupts.times > 1:  # asked again: nobody who does not hear is waited for
            for flight, live in list(tools.inbox.flying.items()):
                for event in given_up(live, flight, tools):
                    self.happened(live, event)
            for live in list(tools.lives):
                if live.execution.state in TERMINAL and not live.execution.killing:
                    self._stop(live)  # what runs after the end of an execution ends, too

    def _stop(self, live: Live) -> None:
        for event in stop(live, self._interrupts.reason, self.tools):
            self.happened(live, event)

    def leave(self) -> None:
        """The process ends: what has not ended is resumed some day."""
        for live in self.tools.lives:
            live.world.leave()
            live.leave()


def _holds_something(opened: Event) -> bool:
    return type(opened) is Expanded and (bool(opened.lanes) or opened.pause is not None)
