"""The journal of a whole run, shared by the recorders of its executions.

A journal that fails is given up with one warning; the run goes on (promise P6).
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.masker import Masker
from kestrel_cli.model.state import State
from kestrel_cli.store.journal import Birth, Closed, FlowText, Journal


class Ledger:
    """Takes down what happens to all executions; without a journal it only numbers them."""

    def __init__(self, journal: Journal | None, warn: Callable[[str], None]) -> None:
        self.journal = journal
        self._warn = warn
        self._numbers: dict[int, int] = {}  # executions, by identity
        self._flows: dict[int, int] = {}
        self._kept: list[Flow] = []  # so that identities stay
        self._count = 0
        self.lost = False
        self.on_lost: Callable[[], None] = lambda: None
        self.plugin_defaults: list[dict[str, Any]] = []  # with which flow files were read

    def know(self, execution: Execution, number: int) -> None:
        """The execution was read back under this number."""
        self._numbers[id(execution)] = number
        self._count = max(self._count, number + 1)

    def know_flow(self, flow: Flow, number: int) -> None:
        """The flow was read back under this number."""
        self._flows[id(flow)] = number
        self._kept.append(flow)

    def number_of(self, execution: Execution) -> int:
        """Its number in the journal."""
        return self._numbers[id(execution)]

    def born(self, execution: Execution, text: str, more: dict[str, Any]) -> None:
        """An execution begins; `text` is its flow file's, `more` tells where it belongs."""
        number = self._count
        self.know(execution, number)
        if self.journal is None:
            return
        flow_number = None
        if execution.owner is None:
            flow_number = self._flow(execution.flow, text)
        self._do(
            lambda to: to.birth(Birth(number, {**_about(execution), "flow": flow_number, **more}))
        )

    def _flow(self, flow: Flow, text: str) -> int:
        known = self._flows.get(id(flow))
        if known is None:
            known = len(self._flows)
            self.know_flow(flow, known)
            file = flow.where.file
            if file and file != "-":
                file = str(Path(file).absolute())  # it may be gone on with from another directory
            told = FlowText(known, file, text, self.plugin_defaults)
            self._do(lambda to: to.flow(told))
        return known

    def append(self, execution: Execution, entry: Event | LogLine) -> None:
        """Take down an entry."""
        if self.journal is not None:
            try:
                number = self._numbers[id(execution)]
                self.journal.append(number, entry, execution.masker.shown)
            except OSError as error:
                self._give_up(error)

    def flush(self) -> None:
        """Bring everything that was taken down into the journal's file."""
        if self.journal is not None:
            self._do(lambda to: to.flush())

    def close(self, root: Execution, at: int) -> None:
        """The run is over for now."""
        state = State.PAUSED if root.paused_below else root.state
        closed = Closed(at, state.value, sum(not run.gone for run in root.runs))
        self._do(lambda to: to.close(closed))
        self.journal = None

    def _do(self, work: Callable[[Journal], None]) -> None:
        if self.journal is not None:
            try:
                work(self.journal)
            except OSError as error:
                self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        journal, self.journal = self.journal, None
        if journal is not None:
            with suppress(OSError):
                journal.close()
        self.lost = True
        self.on_lost()
        self._warn(f"the journal can't be written any more, the run goes on without it: {error}")


def _about(execution: Execution) -> dict[str, Any]:
    shown = execution.masker.shown
    masker: Masker = execution.masker
    about = {
        "id": execution.id,
        "namespace": execution.flow.namespace,
        "flowId": execution.flow.id,
        "file": execution.flow.where.file,
        "at": execution.created_at,
        "inputs": shown(execution.inputs),
        "labels": masker.shown(execution.labels),
        "trigger": shown(execution.trigger),
        "kind": execution.kind,
        "item": shown(execution.item),
        "parentId": execution.parent_id,
        "originalId": execution.original_id,
        "originalAt": execution.original_at,
        "attemptNumber": execution.attempt_number,
    }
    return {name: value for name, value in about.items() if value is not None}
