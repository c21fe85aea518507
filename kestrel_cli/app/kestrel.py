"""Runs flows for a test: in a state directory of its own, with paths beside the test's file."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Unpack

from kestrel_cli.app.api import RunOptions, StrPath, load, run
from kestrel_cli.app.execution import Execution
from kestrel_cli.model.flow import Flow


class Kestrel:
    """What the pytest fixture `kestrel` is.

    A path that is relative is one below `folder`, where there is such a file, else below the
    working directory. Files, key-values and journals are kept below `state_dir`.
    """

    def __init__(self, state_dir: Path, folder: Path) -> None:
        self.state_dir = state_dir
        self.folder = folder

    def path(self, path: StrPath) -> Path:
        """The file that a path means here."""
        beside = self.folder / path
        return beside if beside.exists() else Path(path)

    def load(self, path: StrPath, *, compat: int | None = None) -> Flow:
        """The flow in a file, as `kestrel_cli.load` gives it."""
        return load(self.path(path), compat=compat)

    def run(
        self,
        flow: Flow | StrPath,
        inputs: Mapping[str, object] | None = None,
        **options: Unpack[RunOptions],
    ) -> Execution:
        """Run a flow as `kestrel_cli.run` does, with its options; a journal is kept."""
        options.setdefault("state_dir", self.state_dir)
        options.setdefault("journal", True)
        if isinstance(flow, (str, PathLike)):
            flow = self.path(flow)
        return run(flow, inputs, **options)
