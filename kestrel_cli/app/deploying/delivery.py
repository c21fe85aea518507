"""What was gathered, looked at on the server and sent to it.

Everything is looked at before anything is sent: what differs, and what the server would refuse.
What is the same there is never sent, so that handing over twice changes nothing. A flow that is
refused stops no other, unless that is asked for; a server that is gone ends everything, and what
was told until then has been done.
"""

from collections.abc import Callable, Iterator, Sequence
from difflib import unified_diff
from typing import Final

from kestrel_cli.app.deploying.gathering import FileToSend, FlowToSend
from kestrel_cli.app.deploying.outcome import Change, FileOutcome, FlowOutcome, Outcome
from kestrel_cli.errors import CannotStart, ServerError, Unreachable
from kestrel_cli.model.record import record
from kestrel_cli.server.asking import MOST
from kestrel_cli.server.connection import Connection
from kestrel_cli.server.flows import Pushed, Stored, Verdict, push, stored, validated
from kestrel_cli.server.namespace_files import content, listed, put, stored_name

_TRIES: Final = 3  # of a flow whose answer was lost: what was done meanwhile is seen
_WAIT: Final = 1.0
_NOBODY: Final = 401
_LOST: Final = "there was no answer, so it may be there"

Tell = Callable[[Outcome], None]


@record
class _Looked:
    """A flow, and what the server says of it before it is sent."""

    flow: FlowToSend
    there: Stored | None
    verdict: Verdict | None = None
    problem: str | None = None

    @property
    def is_same(self) -> bool:
        return self.there is not None and self.there.source == self.flow.source


_Todo = _Looked | tuple[FileToSend, Change, str]


class Delivery:
    """Hands flows and files to a server, and tells of each as soon as it is known."""

    def __init__(
        self, server: Connection, tell: Tell, *, dry: bool = False, fail_fast: bool = False
    ) -> None:
        self._server = server
        self._tell = tell
        self._dry = dry
        self._fail_fast = fail_fast
        self._stopped = False

    def deliver(self, flows: Sequence[FlowToSend], files: Sequence[FileToSend]) -> None:
        """Hand them over, files first: flows may read them at once. Everything is told of.

        Raises CannotStart for a file that can't be read; Unreachable, LoginRefused once there is no
        server any more, after it has told what was not sent.
        """
        looked = [self._look(one) for one in flows]
        changes = list(self._changes(files))
        if self._fail_fast and any(one.problem for one in looked):
            self._stopped = True
        todo: list[_Todo] = [*changes, *looked]
        for number, one in enumerate(todo):
            try:
                outcome = self._unsent(one) if self._stopped else self._done(one)
            except ServerError as error:
                if not _is_gone(error):
                    raise
                for other in todo[number:]:
                    left = self._unsent(other)
                    if other is one and left.change == "unsent" and not self._dry:
                        left.problem = _LOST
                    self._tell(left)
                raise
            self._tell(outcome)
            self._stopped = self._stopped or (self._fail_fast and outcome.change == "refused")

    # -- before anything is sent

    def _look(self, flow: FlowToSend) -> _Looked:
        try:
            there = stored(self._server, flow.namespace, flow.id)
            looked = _Looked(flow, there)
            if not looked.is_same:
                looked.verdict = validated(self._server, flow.source)
        except ServerError as error:
            if _is_gone(error):
                raise
            return _Looked(flow, None, problem=str(error))
        if looked.verdict is not None:
            looked.problem = looked.verdict.problem
        return looked

    def _changes(self, files: Sequence[FileToSend]) -> Iterator[tuple[FileToSend, Change, str]]:
        """What is to be done with each file, and why it can't be."""
        there: dict[str, set[str]] = {}
        for one in files:
            try:
                if one.namespace not in there:
                    there[one.namespace] = set(listed(self._server, one.namespace))
                name = stored_name(one.path)
                if name not in there[one.namespace]:
                    yield one, "created", ""
                    continue
                yield one, "unchanged" if self._is_same(one, name) else "updated", ""
            except ServerError as error:
                if _is_gone(error):
                    raise
                yield one, "refused", str(error)
            except OSError as error:
                raise CannotStart(f"{one.file}: {error.strerror or error}") from None

    def _is_same(self, one: FileToSend, name: str) -> bool:
        """Whether the server has this content; of what is too large to be fetched, never."""
        if one.file.stat().st_size > MOST:
            return False
        return content(self._server, one.namespace, name) == one.file.read_bytes()

    # -- sending

    def _done(self, one: _Todo) -> Outcome:
        return self._flow(one) if isinstance(one, _Looked) else self._file(*one)

    def _file(self, one: FileToSend, change: Change, problem: str) -> FileOutcome:
        told = FileOutcome(one.namespace, one.path, str(one.file), change, problem or None)
        if change in ("created", "updated") and not self._dry:
            try:
                put(self._server, one.namespace, one.path, one.file)
            except ServerError as error:
                if _is_gone(error):
                    raise
                told.change, told.problem = "refused", str(error)
            except OSError as error:
                told.change, told.problem = "refused", error.strerror or str(error)
        return told

    def _flow(self, looked: _Looked) -> FlowOutcome:
        told = _told(looked)
        if looked.problem is not None:
            told.change = "refused"
        elif self._dry:
            told.change = _change(looked.there, None if not looked.is_same else told.before)
            told.diff = _diff(looked)
        elif looked.is_same:
            told.change = "unchanged"
        else:
            try:
                done = self._pushed(looked.flow)
            except ServerError as error:
                if _is_gone(error):
                    raise
                told.change, told.problem = "refused", str(error)
            else:
                told.revision = done.revision
                told.change = _change(looked.there, done.revision)
        return told

    def _pushed(self, flow: FlowToSend) -> Pushed:
        """Send it. Of an answer that was lost the next try finds what became."""
        for tried in range(1, _TRIES + 1):
            try:
                return push(self._server, flow.namespace, flow.id, flow.source)
            except Unreachable:
                if tried == _TRIES:
                    raise
                self._server.asking.pause(_WAIT * tried)
        raise AssertionError("the last try returns or raises")

    def _unsent(self, one: _Todo) -> Outcome:
        """What was not sent; what would not have been is told as ever."""
        if not isinstance(one, _Looked):
            file, change, problem = one
            left = change if change in ("unchanged", "refused") else "unsent"
            path = str(file.file)
            return FileOutcome(file.namespace, file.path, path, left, problem or None)
        told = _told(one)
        if one.problem is not None:
            told.change = "refused"
        elif one.is_same:
            told.change = "unchanged"
        return told


def _told(looked: _Looked) -> FlowOutcome:
    flow, there, verdict = looked.flow, looked.there, looked.verdict
    before = None if there is None else there.revision
    warnings = [] if verdict is None else [*verdict.warnings, *verdict.infos]
    if verdict is not None:
        warnings += [f"`{one}` is deprecated" for one in verdict.deprecated]
    return FlowOutcome(
        flow.namespace, flow.id, flow.file, "unsent", before, before, looked.problem, warnings
    )


def _change(there: Stored | None, revision: int | None) -> Change:
    if there is None:
        return "created"
    return "unchanged" if revision == there.revision else "updated"


def _diff(looked: _Looked) -> list[str]:
    """What would change, line by line, without line ends."""
    flow, there = looked.flow, looked.there
    if looked.is_same:
        return []
    before = [] if there is None else there.source.splitlines()
    said = "not there" if there is None else f"revision {there.revision}"
    name = f"{flow.namespace}.{flow.id} on the server ({said})"
    return list(unified_diff(before, flow.source.splitlines(), name, flow.file, lineterm=""))


def _is_gone(error: ServerError) -> bool:
    """Whether nothing more can be had of the server."""
    return isinstance(error, Unreachable) or error.status == _NOBODY
