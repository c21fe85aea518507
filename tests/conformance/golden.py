"""Facts about flows, as rows, against the real engine.

As a program: `python tests/conformance/golden.py ROWS.jsonl --corpus DIR` prints a line for each
failing row (id, what was expected, what came), the skipped rows with their reasons, then `N passed,
N failed, N skipped`. The rows' keys are described beside the data; flows lie below DIR.
"""

import json
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

from acting import Acting, Watch, runs_of
from facts import Facts

from kestrel_cli.app.request import Mocks, PausePolicy
from kestrel_cli.app.run import RunRequest, RunResult, run
from kestrel_cli.errors import (
    FlowFileError,
    FlowNotFound,
    InputError,
    KestrelError,
    Unsupported,
)
from kestrel_cli.flowfile import load
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import State
from kestrel_cli.worker.services import Given

# Rows that are skipped by name.
NAMED: dict[str, str] = {}


class Known:
    """The flows of a row, by name, in place of a folder of flows."""

    folder = "."

    def __init__(self, paths: list[Path]) -> None:
        loaded = [load(str(path)) for path in paths]
        self._loaded = {(one.flow.namespace, one.flow.id): one for one in loaded}

    def find(self, namespace: str, flow_id: str) -> Loaded:
        if (namespace, flow_id) not in self._loaded:
            message = f"Unable to find flow '{namespace}'.'{flow_id}' with revision '0'"
            raise FlowNotFound(message, "the row does not load it")
        return self._loaded[namespace, flow_id]


class Row:
    """One fact."""

    def __init__(self, fields: dict[str, Any], corpus: Path) -> None:
        self.fields = fields
        self.id: str = fields["id"]
        self.wanted: dict[str, Any] = fields["assert"]
        self.path = corpus / fields["flow"]
        self._corpus = corpus

    def skip_reason(self) -> str | None:
        """Why the row does not count, or None."""
        if self.id in NAMED:
            return NAMED[self.id]
        if self.fields.get("testOnlyTypes"):
            return "its task types exist only in Kestra's Java tests"
        return None

    def problems(self) -> Iterator[str]:
        """What does not hold. Raises Unsupported when the flow cannot be run yet."""
        match self.fields["kind"]:
            case "validate":
                yield from self._validated()
            case _ if "inputError" in self.wanted:
                yield from self._refused()
            case _:
                yield from self._ran()

    def _validated(self) -> Iterator[str]:
        wanted = self.wanted["invalid"]
        try:
            load(str(self.path))
        except FlowFileError as error:
            said = "\n".join(found.message for found in error.diagnostics)
            if wanted is None:
                yield f"expected a valid flow, got: {said}"
                return
            for phrase in wanted.get("contains", ()):
                if phrase not in said:
                    yield f"expected the message {phrase!r}, got: {said!r}"
        else:
            if wanted is not None:
                yield f"expected an invalid flow ({wanted}), it was accepted"

    def _refused(self) -> Iterator[str]:
        wanted = self.wanted["inputError"]
        try:
            with tempfile.TemporaryDirectory() as folder:
                self._run(Path(folder), Watch())
        except InputError as error:
            said = list(error.problems)
            for phrase in wanted.get("lines", [wanted.get("equals", wanted.get("contains"))]):
                if not any(phrase in line for line in "\n".join(said).split("\n")):
                    yield f"expected {phrase!r}, got: {said}"
        else:
            yield f"expected the inputs to be refused: {wanted}"

    def _ran(self) -> Iterator[str]:
        with tempfile.TemporaryDirectory() as folder:
            if self.fields.get("actions"):
                make = lambda fields: self._request(Path(folder), fields)  # noqa: E731
                self._prepare(Path(folder))
                yield from Acting(self.fields, make, Path(folder), self.path).problems()
                return
            watch = Watch()
            result = self._run(Path(folder), watch)
            facts = Facts(result.execution, watch.logs, Path(folder))
            yield from facts.problems(self.wanted)

    def _run(self, folder: Path, watch: Watch) -> RunResult:
        self._prepare(folder)
        pauses = PausePolicy(policy="wait")
        return run(changed(self._request(folder, self.fields), reporters=[watch], pauses=pauses))

    def _prepare(self, folder: Path) -> None:
        """Run the flows that the row wants to have run before its own."""
        for other in runs_of((self.fields.get("setup") or {}).get("run")):
            run(self._request(folder, {**self.fields, "inputs": {}, **other}))

    def _request(self, folder: Path, fields: dict[str, Any]) -> RunRequest:
        """The run that the fields describe: the row's own, or of another flow with its setup."""
        path = self._corpus / fields["flow"]
        flow = load(str(path)).flow
        setup = fields.get("setup") or {}
        secrets = {
            f"KESTREL_SECRET_{key}": value for key, value in setup.get("secrets", {}).items()
        }
        inputs = {key: _made(key, value, folder) for key, value in fields["inputs"].items()}
        if self.fields.get("skipRequiredInputs"):
            flow = _without_required_inputs(flow)
        library = Known([self._corpus / name for name in self.fields.get("loads", ())])
        return RunRequest(
            flow,
            text=path.read_text("utf-8"),
            inputs=inputs,
            labels=list((fields.get("executionLabels") or {}).items()),
            environ=secrets,
            envs=setup.get("envs", {}),
            globals=setup.get("globals", {}),
            given=Given(
                kv=setup.get("kv", {}), namespace_files=_namespace_files(setup, flow, folder)
            ),
            state_dir=str(folder),
            library=library,  # type: ignore[arg-type]  # it finds flows as a folder does
            mocks=Mocks(self._mocks()),
        )

    def _mocks(self) -> list[Mock]:
        """The fixtures of the row; what would go out to the network gets a file of ours."""
        found = [_mock(one) for one in self.fields.get("fixtures") or ()]
        if self.fields.get("needsNetwork"):
            found.append(Mock(prefix="io.kestra.plugin.core.http.", files={"uri": b"a file\n"}))
        return found


def _namespace_files(setup: dict[str, Any], flow: Flow, folder: Path) -> str:
    """A folder with the namespace files of a row, which are the flow's own."""
    place = folder / "namespace-files"
    place.mkdir(exist_ok=True)
    for name, text in setup.get("namespaceFiles", {}).get(flow.namespace, {}).items():
        path = place / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(place)


def _mock(fixture: dict[str, Any]) -> Mock:
    state = State(fixture.get("state", "SUCCESS"))
    return Mock(fixture["id"], fixture.get("value"), None, fixture.get("outputs") or {}, state)


def _made(name: str, value: Any, folder: Path) -> Any:
    """An input, with files and long texts made as the row says. If rows hand booleans to a STRING
    input.
    """
    if not isinstance(value, dict):
        return value
    if "$file" in value:
        path = folder / value.get("$name", f"{name}.txt")
        path.write_text(value["$file"])
        return str(path)
    if "$lines" in value:
        width = value.get("$leftPad", 0)
        path = folder / f"{name}.txt"
        path.write_text("".join(f"{n:0{width}d}\n" for n in range(value["$lines"])))
        return str(path)
    return value


def _without_required_inputs(flow: Flow) -> Flow:
    changed = flow.changed(inputs=[])
    changed.__dict__.update({k: v for k, v in flow.__dict__.items() if k != "inputs"})
    return changed


def rows(path: Path, corpus: Path) -> Iterator[Row]:
    """The rows of a file."""
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            yield Row(json.loads(line), corpus)


def verdict(row: Row) -> tuple[str, list[str]]:
    """`passed`, `failed` with what does not hold, or `skipped` with the reason."""
    if reason := row.skip_reason():
        return "skipped", [reason]
    try:
        found = list(row.problems())
    except Unsupported as error:
        return "skipped", ["needs " + ", ".join(sorted({what for what, _ in error.needs}))]
    except KestrelError as error:
        details = (
            [d.message for d in error.diagnostics]
            if isinstance(error, FlowFileError)
            else [str(error)]
        )
        found = [f"did not start: {'; '.join(details)}"]
    except Exception as error:
        found = [f"{type(error).__name__}: {error}", traceback.format_exc()[-1500:]]
    return ("failed", found) if found else ("passed", [])


def main(arguments: list[str]) -> int:
    """Run every row of the file; 1 when one failed."""
    path, _, corpus = arguments
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    skipped: list[str] = []
    for row in rows(Path(path), Path(corpus)):
        outcome, details = verdict(row)
        counts[outcome] += 1
        if outcome == "failed":
            print(f"{row.id} {row.path.name}: {'; '.join(details)}")
        elif outcome == "skipped":
            skipped.append(f"skipped {row.id}: {details[0]}")
    print("\n".join(skipped))
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[2] != "--corpus":
        sys.exit("usage: golden.py ROWS.jsonl --corpus DIR")
    sys.exit(main(sys.argv[1:]))
