"""Facts about flows, as rows, against the real engine.

As a program: `python tests/conformance/golden.py ROWS.jsonl --corpus DIR` prints a line for each
failing row (id, what was expected, what came), the skipped rows with their reasons, then `N passed,
N failed, N skipped`. The rows' keys are described beside the data; flows lie below DIR.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

from facts import Facts

from kestrel_cli.app.run import RunRequest, RunResult, run
from kestrel_cli.errors import FlowFileError, InputError, KestrelError, Unsupported
from kestrel_cli.flowfile import load
from kestrel_cli.model.flow import Flow

# What a row needs that is not there yet, by the key that shows it.
NOT_YET = {
    "actions": "restart, replay, resume and kill of an execution are not there yet",
    "loads": "subflows are not there yet",
    "fixtures": "mocks are not there yet",
}
# Rows that are skipped by name.
NAMED: dict[str, str] = {
    "g262": "a FILE input needs internal storage, which is not there yet",
    "g186": "`sla` is not there yet",
    "g187": "`sla` is not there yet",
    "g089": "executor task `Labels` is not there yet",
    "g141": "`logToFile` needs internal storage, which is not there yet",
}


class Row:
    """One fact."""

    def __init__(self, fields: dict[str, Any], corpus: Path) -> None:
        self.fields = fields
        self.id: str = fields["id"]
        self.wanted: dict[str, Any] = fields["assert"]
        self.path = corpus / fields["flow"]

    def skip_reason(self) -> str | None:
        """Why the row does not count, or None."""
        if self.id in NAMED:
            return NAMED[self.id]
        for key, reason in NOT_YET.items():
            if self.fields.get(key):
                return reason
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
                yield from Facts(self._run().execution).problems(self.wanted)

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
            self._run()
        except InputError as error:
            said = list(error.problems)
            for phrase in wanted.get("lines", [wanted.get("equals", wanted.get("contains"))]):
                if not any(phrase in line for line in "\n".join(said).split("\n")):
                    yield f"expected {phrase!r}, got: {said}"
        else:
            yield f"expected the inputs to be refused: {wanted}"

    def _run(self) -> RunResult:
        flow = load(str(self.path)).flow
        setup = self.fields.get("setup", {})
        secrets = {
            f"KESTREL_SECRET_{key}": value for key, value in setup.get("secrets", {}).items()
        }
        with tempfile.TemporaryDirectory() as folder:
            inputs = {
                key: _made(key, value, Path(folder)) for key, value in self.fields["inputs"].items()
            }
            if self.fields.get("skipRequiredInputs"):
                flow = _without_required_inputs(flow)
            request = RunRequest(
                flow,
                inputs=inputs,
                labels=list(self.fields.get("executionLabels", {}).items()),
                environ=secrets,
                envs=setup.get("envs", {}),
                globals=setup.get("globals", {}),
                journaled=False,
            )
            return run(request)


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
