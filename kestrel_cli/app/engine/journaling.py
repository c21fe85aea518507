"""The journal of a whole run: its flows, the births of its executions, all that happens to them.

A journal that fails is told of once; the run goes on. Secrets are sealed on their way into it.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from kestrel_cli.model.birth import Birth
from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.sealing import Seals
from kestrel_cli.model.state import State
from kestrel_cli.store.journal import Closed, FlowText, Journal


class RunJournal:
    """Takes down what happens; without a file it only numbers flows and executions.

    `on_lost` is called when a durable journal can't be written.
    """

    def __init__(
        self,
        warn: Callable[[str], None],
        on_lost: Callable[[], None],
        defaults: list[dict[str, Any]],
    ) -> None:
        """`defaults` are the plugin defaults of the settings, with which flow files are read."""
        self.file: Journal | None = None
        self.seals: Seals | None = None
        self.lost = False
        self._warn = warn
        self._on_lost = on_lost
        self._defaults = defaults
        self._flows: dict[Flow, int] = {}
        self._texts: dict[Flow, str] = {}
        self._executions = 0

    def keep(self, file: Journal | None, seals: Seals) -> None:
        """Take down in this file what happens."""
        self.file = file
        self.seals = seals

    # -- numbers

    def next_number(self) -> int:
        """The number of a further execution."""
        self._executions += 1
        return self._executions - 1

    def read_back(self, executions: int) -> None:
        """So many executions are in the file already."""
        self._executions = executions

    def know_flow(self, flow: Flow, text: str, number: int | None = None) -> None:
        """The text of the flow's file, and its number when it was read back."""
        self._texts.setdefault(flow, text)
        if number is not None:
            self._flows[flow] = number

    def knows(self, flow: Flow) -> bool:
        """Whether the flow's text is known."""
        return flow in self._texts

    def text_of(self, flow: Flow) -> str:
        """The text of the flow's file; empty when that is not known."""
        return self._texts.get(flow, "")

    def number_of(self, flow: Flow) -> int:
        """The flow's number in the journal, which holds its text from now on."""
        known = self._flows.get(flow)
        if known is not None:
            return known
        number = self._flows[flow] = len(self._flows)
        file = flow.where.file
        if file and file != "-":
            file = str(Path(file).absolute())  # it may be gone on with from another directory
        told = FlowText(number, file, self.text_of(flow), self._defaults)
        self._do(lambda to: to.flow(told))
        return number

    # -- what happens

    def birth(self, birth: Birth, *, held: bool = False) -> None:
        """The first execution is born; with `held`, nothing that follows counts until `release`."""
        self._do(lambda to: to.birth(birth, self._sealed, held=held))

    def release(self) -> None:
        """All that was taken over from another execution is there."""
        self._do(lambda to: to.release())

    def append(self, number: int, entry: Event | LogLine) -> None:
        """Take down an entry of an execution."""
        if self.file is not None:
            try:
                self.file.append(number, entry, self._sealed)
            except OSError as error:
                self._failed(error)

    def flush(self) -> None:
        """Bring everything that was taken down into the file."""
        if self.file is not None:
            try:
                self.file.flush()
            except OSError as error:
                self._failed(error)

    def close(self, root: Execution, at: int) -> None:
        """The run is over for now."""
        state = State.PAUSED if root.paused_below else root.state
        closed = Closed(at, state.value, sum(not run.gone for run in root.runs))
        self._do(lambda to: to.close(closed))
        self.file = None

    def _sealed(self, value: Any) -> Any:
        assert self.seals is not None  # it comes with the file
        found = self.seals.sealed(value)
        if found is not value and self.file is not None:
            for key in self.seals.new_keys():
                self.file.key(key)
        return found

    def _do(self, work: Callable[[Journal], None]) -> None:
        if self.file is not None:
            try:
                work(self.file)
            except OSError as error:
                self._failed(error)

    def _failed(self, error: OSError) -> None:
        """It is behind, and tries again; or it is given up."""
        file = self.file
        if file is not None and file.failing and not file.lost:
            self._warn(f"the journal can't be written, the run goes on without it: {error}")
            return
        self.file = None
        if file is not None:
            with suppress(OSError):
                file.close()
        self.lost = True
        self._on_lost()
        self._warn(f"the journal can't be written any more, the run goes on without it: {error}")
