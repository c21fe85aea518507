"""What performing needs besides the execution itself: one set for a run."""

from pathlib import Path

from kestrel_cli.app.births import check_callable
from kestrel_cli.app.engine.agenda import Agenda
from kestrel_cli.app.engine.clock import Clock, FrozenClock
from kestrel_cli.app.engine.inbox import Inbox
from kestrel_cli.app.engine.journaling import RunJournal
from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.pace import Pace
from kestrel_cli.app.engine.pauses import Answers
from kestrel_cli.app.engine.showing import Showing
from kestrel_cli.app.mocks import MockFinder, mock_finder
from kestrel_cli.app.request import JOBS, RunRequest
from kestrel_cli.app.said import repeated
from kestrel_cli.model.event import LogLine
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.task import LogLevel


class Tools:
    """The request; the clock; where work waits; where it is taken down and shown."""

    def __init__(self, request: RunRequest) -> None:
        self.request = request
        self.clock: Clock = Clock()
        if request.rehearsal:
            self.clock = request.rehearsal.clock()
        elif request.frozen_at is not None:
            self.clock = FrozenClock(request.frozen_at)
        self.interrupts = request.interrupts
        self.agenda = Agenda()
        self.pace = Pace(self.clock.now)
        self.inbox = Inbox(self.clock, request.interrupts)
        self.showing = Showing(request.reporters, request.interrupts.kill)
        self.journal = RunJournal(
            request.warn, self._lost, [dict(one) for one in request.plugin_defaults]
        )
        self.answers = Answers(request.pauses)
        self.mocks: MockFinder = mock_finder(request)
        self.jobs = 1 if request.sequential else JOBS  # attempts that may overlap; 1: none do
        self.offered: dict[str, dict[str, None]] = {}  # values of loops that a part passed over
        self.lives: dict[Live, None] = {}  # those that have not ended, oldest first
        self.journal.know_flow(request.flow, request.text)

    def _lost(self) -> None:
        """The journal is given up: a durable run ends with it."""
        if self.request.durable:
            import signal

            self.interrupts.kill(signal.SIGTERM)

    @property
    def work(self) -> Path | None:
        """Where the directories of the run are, which may outlive the process."""
        file = self.journal.file
        return None if file is None else file.path.parent / "work"

    # -- telling

    def tell(self, live: Live) -> None:
        """The execution begins, or goes on: once."""
        if not live.told:
            live.told = True
            parent = None if live.parent is None else live.parent.execution
            caller = live.execution.birth.caller
            self.showing.started(live.execution, parent, None if caller is None else caller.run)

    def log(self, live: Live, line: LogLine) -> None:
        """Take down and show a log line, unless that was done before the process died."""
        if live.said and repeated(live.said, line):
            return
        if line.level == "ERROR":
            live.errors.append(line)
        self.journal.append(live.execution.birth.number, line)
        self.showing.on_log(line, live.execution)

    def say(
        self,
        live: Live,
        level: LogLevel,
        message: str,
        run: int | None = None,
        *,
        ends: bool = False,
    ) -> None:
        """Write to the log: the execution's own, or that of a task run; what it `ends` does so by
        this error.
        """
        message = live.execution.masker.mask(message)
        self.log(live, LogLine(run, self.clock.now(), level, message, ends=ends))

    def complain(self, live: Live, message: str) -> None:
        """Warn once of something that goes on."""
        if message not in live.complaints:
            live.complaints.add(message)
            self.say(live, "WARN", message)

    # -- other flows

    def callable(self, namespace: str, flow_id: str) -> Flow:
        """A flow that can be called. Raises what `find` does, and CannotStart."""
        flow = self.find(namespace, flow_id)
        check_callable(flow)
        return flow

    def find(self, namespace: str, flow_id: str) -> Flow:
        """Another flow by its name. Raises FlowNotFound, FlowFileError, Unsupported."""
        from kestrel_cli.app.preflight.gather import refuse_what_does_not_run
        from kestrel_cli.errors import FlowNotFound

        request = self.request
        if (namespace, flow_id) == (request.flow.namespace, request.flow.id):
            return request.flow
        if request.library is None:
            message = f"Unable to find flow '{namespace}'.'{flow_id}' with revision '0'"
            raise FlowNotFound(message, "no folder of flows is known")
        loaded = request.library.find(namespace, flow_id)
        if not self.journal.knows(loaded.flow):
            programs = not request.in_containers
            refuse_what_does_not_run(loaded.flow, self.mocks.covers, programs=programs)
            self.journal.know_flow(loaded.flow, loaded.text)
        return loaded.flow
