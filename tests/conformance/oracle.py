"""What a real Kestra did with a flow, as rows, against the engine in this process.

A row says how the execution ended, its task runs in the order of their creation, and its log. Ids,
dates, durations, addresses of files are made equal on both sides; SUBMITTED, which only a queue of
workers has, is left out, and so are all lines of an ERROR or a WARN but the first.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from kestrel_cli.app.request import PausePolicy, RunRequest
from kestrel_cli.app.run import run
from kestrel_cli.errors import FlowFileError, InputError, Unsupported
from kestrel_cli.flowfile import load
from kestrel_cli.flowfile.folders import declared
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.reporters.json_document import write_json
from kestrel_cli.worker.services import Given

Fields = dict[str, Any]
REFUSED: Final = "refused"  # in place of the document of an execution

# What the server of the rows was started with.
ENVIRONMENT: Final[Mapping[str, str]] = {
    "SECRET_MY_SECRET": "eyJzZWNyZXRLZXkiOiJzZWNyZXRWYWx1ZSJ9",
    "SECRET_PASSWORD": "cGFzc3dvcmQ=",
    "SECRET_WEBHOOK_KEY": "c2VjcmV0S2V5",
    "SECRET_NON_B64_SECRET": "some secret value",
    "ENV_TEST1": "true",
    "ENV_TEST2": "Pass by env",
    "TZ": "UTC",
}
_SECONDS: Final = 25.0  # after so long the rows' own engine was left, too
_PAUSE: Final = re.compile(r"id: (\w+)[^\n]*\n?[^\n]*flow\.Pause")

# -- what differs from run to run

_ID: Final = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{20,22}(?![0-9A-Za-z])")
_ID_HAS: Final = [re.compile(one) for one in ("[0-9]", "[A-Z]", "[a-z]")]
_EQUAL: Final = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
    (
        re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?(\[[^\]]+\])?"),
        "<date>",
    ),
    (re.compile(r"(/[\w.@+-]+)*/(tmp|wdir)[\w/.-]*"), "<tmp>"),
]
_EQUAL_AFTER_IDS: Final = [
    (re.compile(r"kestra:///[^\s\"',\]}]*"), "kestra:///<uri>"),
    (re.compile(r"\b1[5-9]\d{8}(\d{3})?(\d{3})?\b"), "<epoch>"),
    (re.compile(r"PT[\d.HMS]*S|\b\d+\.\d+ ?s\b"), "<dur>"),
]


def made_equal(value: Any) -> Any:
    """The value without what no two runs have in common."""
    match value:
        case str():
            return _text(value)
        case dict():
            return {_text(key): made_equal(one) for key, one in value.items()}
        case list():
            return [made_equal(one) for one in value]
        case float() if value.is_integer():
            return int(value)
    return value


def _text(text: str) -> str:
    for pattern, name in _EQUAL:
        text = pattern.sub(name, text)
    text = _ID.sub(lambda found: "<id>" if _is_id(found[0]) else found[0], text)
    for pattern, name in _EQUAL_AFTER_IDS:
        text = pattern.sub(name, text)
    return text


def _is_id(word: str) -> bool:
    return all(pattern.search(word) for pattern in _ID_HAS)


# -- what Kestrel does


class Listening:
    """A reporter that keeps the log lines of each execution."""

    def __init__(self) -> None:
        self.lines: list[tuple[LogLine, Execution]] = []

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """Nothing."""

    def on_log(self, line: LogLine, execution: Execution) -> None:
        self.lines.append((line, execution))

    def on_event(self, event: Event, execution: Execution) -> None:
        """Nothing."""

    def close(self, execution: Execution, exit_code: int) -> None:
        """Nothing."""


class Answer(NamedTuple):
    """What came of a flow: the document of its first execution, or why there is none, and the log
    of that execution alone.
    """

    document: Fields | None
    log: list[tuple[str | None, str, str]]
    refusal: str = ""


class Row:
    """A flow and what Kestra did with it."""

    def __init__(self, fields: Fields, corpus: Path) -> None:
        self.fields = fields
        self.name: str = fields["name"]
        self._corpus = corpus

    def differences(self, folder: Path) -> Iterator[tuple[str, Any, Any]]:
        """What is not the same: which fact, Kestra's, Kestrel's."""
        answer = self.answer(folder)
        wanted = self.fields
        if wanted["status"] in ("invalid", "inputs"):
            if answer.document is not None:
                yield REFUSED, wanted["message"], answer.document["state"]["current"]
            return
        if answer.document is None:
            yield REFUSED, wanted["state"], answer.refusal
            return
        yield from _of_execution(wanted, answer.document)
        yield from _of_runs(wanted["taskRuns"], _runs(answer.document))
        yield from _of_log(wanted["logs"], answer.log)

    def answer(self, folder: Path) -> Answer:
        """What Kestrel does with the flow."""
        listening = Listening()
        try:
            loaded = self._load(folder)
            execution = run(self._request(loaded, folder, listening)).execution
        except FlowFileError as error:
            return Answer(None, [], "; ".join(one.message for one in error.diagnostics))
        except (InputError, Unsupported) as error:
            return Answer(None, [], str(error))
        first = execution.earlier[0] if execution.earlier else execution
        stream = io.StringIO()
        write_json(first, stream, 0)
        log = [_entry(line, first) for line, of in listening.lines if of is first]
        return Answer(json.loads(stream.getvalue()), log)

    def _load(self, folder: Path) -> Loaded:
        if "source" not in self.fields:
            return load(str(self._corpus / self.fields["flow"]))
        path = folder / "flow.yaml"
        path.write_text(self.fields["source"], "utf-8")
        return load(str(path))

    def _request(self, loaded: Loaded, folder: Path, listening: Listening) -> RunRequest:
        answers = self.fields.get("resume")
        pause = _PAUSE.search(loaded.text)
        given = {pause[1]: answers[0]} if answers and pause else {}
        return RunRequest(
            loaded.flow,
            text=loaded.text,
            inputs=dict(_inputs(self.fields.get("inputs", {}), folder)),
            environ=ENVIRONMENT,
            given=Given(offline=True),
            reporters=[listening],
            state_dir=str(folder / "state"),
            timeout=_SECONDS,
            library=Library.beside(loaded, self._called(folder)),
            pauses=PausePolicy(given, policy="wait"),
        )

    def _called(self, folder: Path) -> str:
        """A folder with the flows that the row's flow calls; of two of one name the first."""
        place = folder / "flows"
        place.mkdir()
        known = set()
        paths = (self._corpus / name for name in self.fields.get("flows", ()))
        texts = [path.read_text("utf-8") for path in paths if path.exists()]
        for number, text in enumerate([*texts, *self.fields.get("subflows", ())]):
            path = place / f"{number:02}.yaml"
            path.write_text(text, "utf-8")
            if (key := declared(str(path))) in known:
                path.unlink()
            known.add(key)
        return str(place)


def _inputs(inputs: Fields, folder: Path) -> Iterator[tuple[str, Any]]:
    for name, value in inputs.items():
        if isinstance(value, dict) and set(value) == {"$file"}:
            path = folder / f"{name}.txt"
            path.write_text(value["$file"], "utf-8")
            yield name, str(path)
        else:
            yield name, value


def _entry(line: LogLine, execution: Execution) -> tuple[str | None, str, str]:
    task = None if line.run is None else execution.runs[line.run].task.id
    return task, line.level, _said(line.level, line.message)


def _said(level: str, message: str) -> str:
    """What is compared of a log line: of what went wrong the first line, for hints follow it."""
    text = message.strip()
    return _text(text.split("\n")[0] if level in ("ERROR", "WARN") else text)


# -- comparing


def _history(state: Fields) -> list[str]:
    return [one["state"] for one in state.get("histories", [])]


def _seen(states: list[str]) -> list[str]:
    return [one for one in states if one != "SUBMITTED"]


def _runs(document: Fields) -> list[Fields]:
    """The task runs of a document in the form of a row's."""
    runs = document.get("taskRunList") or []
    by_id = {run["id"]: run for run in runs}

    def path(run: Fields) -> str:
        above = by_id.get(run.get("parentTaskRunId"))
        value = f"[{run['value']}]" if run.get("value") is not None else ""
        return (f"{path(above)}/" if above else "") + run["taskId"] + value

    return [_run(_text(path(run)), run) for run in runs]


def _run(key: str, run: Fields) -> Fields:
    attempts = run.get("attempts") or []
    return {
        "key": key,
        "value": run.get("value"),
        "iteration": run.get("iteration"),
        "state": run["state"]["current"],
        "history": _history(run["state"]),
        "attempts": [one["state"]["current"] for one in attempts],
        "attemptHistories": [_history(one["state"]) for one in attempts],
        "outputs": run.get("outputs") or {},
    }


def _of_execution(wanted: Fields, got: Fields) -> Iterator[tuple[str, Any, Any]]:
    # An execution that did not end in time there is compared without the state it was left in.
    if wanted["status"] != "timeout" and wanted["state"] != got["state"]["current"]:
        yield "state", wanted["state"], got["state"]["current"]
    history = _seen(wanted["history"])
    if history != _history(got["state"]):
        yield "history", history, _history(got["state"])
    for name in ("inputs", "outputs", "variables"):
        ours = made_equal(got.get(name) or {})
        theirs = made_equal(wanted.get(f"execution_{name}") or {})
        if theirs != ours:
            yield name, theirs, ours


def _of_runs(wanted: list[Fields], got: list[Fields]) -> Iterator[tuple[str, Any, Any]]:
    theirs, ours = [one["key"] for one in wanted], [one["key"] for one in got]
    if sorted(theirs) != sorted(ours):
        yield "task runs", theirs, ours
    elif theirs != ours:
        yield "order", theirs, ours
    rest = list(got)
    for one in wanted:
        found = next((each for each in rest if each["key"] == one["key"]), None)
        if found is not None:
            rest.remove(found)
            yield from _of_run(_comparable(one), _comparable(found))


def _comparable(run: Fields) -> Fields:
    return {
        **{name: made_equal(run.get(name)) for name in ("value", "iteration", "state", "attempts")},
        "key": run["key"],
        "history": _seen(run["history"]),
        "attemptHistories": [_seen(one) for one in run["attemptHistories"]],
        "outputs": made_equal(run.get("outputs") or {}),
    }


def _of_run(wanted: Fields, got: Fields) -> Iterator[tuple[str, Any, Any]]:
    for name, value in wanted.items():
        if value != got[name]:
            yield f"run {name}", (wanted["key"], value), (got["key"], got[name])


def _of_log(
    wanted: list[list[Any]], got: list[tuple[str | None, str, str]]
) -> Iterator[tuple[str, Any, Any]]:
    theirs = Counter(
        (task, level, _said(level, text)) for task, level, text in wanted if level != "TRACE"
    )
    ours = Counter(entry for entry in got if entry[1] != "TRACE")
    if theirs != ours:
        yield "log", sorted(map(str, theirs - ours)), sorted(map(str, ours - theirs))


def rows(path: Path, corpus: Path) -> list[Row]:
    """The rows of a file."""
    lines = path.read_text("utf-8").splitlines()
    return [Row(json.loads(line), corpus) for line in lines if line.strip()]
