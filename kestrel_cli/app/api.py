"""Kestrel from Python: load a flow, run it, look at the execution."""

from collections.abc import Mapping, Sequence

from kestrel_cli import flowfile
from kestrel_cli.app.run import RunRequest
from kestrel_cli.app.run import run as run_request
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow


def load(path: str) -> Flow:
    """The flow in a file. Raises FlowFileError with every problem of the file."""
    return flowfile.load(path).flow


def run(
    flow: Flow | str,
    inputs: Mapping[str, object] | None = None,
    *,
    labels: Sequence[tuple[str, str]] = (),
    timeout: float | None = None,
    seed: int | None = None,
) -> Execution:
    """Run a flow, or the flow in a file, to its end. No journal is kept and nothing is printed.

    `timeout` is in seconds. Raises Unsupported, InputError, CannotStart or FlowFileError before
    anything has run; a failing task is a state of the execution, not an exception.
    """
    request = RunRequest(
        load(flow) if isinstance(flow, str) else flow,
        inputs=inputs or {},
        labels=labels,
        timeout=timeout,
        seed=seed,
        journaled=False,
    )
    return run_request(request).execution
