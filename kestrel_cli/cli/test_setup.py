"""What the options of `kestrel test` make of a project; a process of its own makes it again."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.testing.collect import Collected, Project
from kestrel_cli.app.testing.run_case import Settings, Show
from kestrel_cli.app.testing.run_suites import Judge
from kestrel_cli.cli.run_options import RunOptions, request_of
from kestrel_cli.cli.signals import ends_on_signals
from kestrel_cli.flowfile.shelf import Shelf
from kestrel_cli.model.record import changed
from kestrel_cli.model.task import Task
from kestrel_cli.store.config import Config, read_config

_SEED = 1  # what is random has to be the same each time
_NAMES = ("secrets_file", "env_file", "kv", "namespace_files", "compat")


class Wish(NamedTuple):
    """A suite that is to be written: of which flow, and where to; nothing is to run besides."""

    flow: str | None
    file: str | None
    paths: list[str] | None


class Setup(NamedTuple):
    """The options that say how cases run: plain values, to be handed to other processes."""

    secrets_file: list[str] | None
    env_file: list[str] | None
    kv: list[str] | None
    namespace_files: str | None
    flows_dir: str | None
    compat: int | None
    no_project_config: bool
    run: list[str]
    allow_real: bool
    strict: bool
    stub: str
    seconds: float
    snapshots: str | None = None  # keep, strict, update

    def config(self, warn: Callable[[str], None]) -> Config:
        """The settings that hold here."""
        return read_config(Path.cwd(), os.environ, warn, ignore_project=self.no_project_config)

    def project(self, config: Config) -> Project:
        """Where flows are found, and which Kestra they are for."""
        return Project(
            Shelf(plugin_defaults=config.plugin_defaults),
            self.flows_dir or config.flows_dir,
            self.compat or config.compat or 1,
            self.strict,
        )

    def settings(self, config: Config, show: Show) -> Settings:
        """How cases are run."""
        return Settings(
            real=lambda task: self.allow_real or self._is_named(task),
            strict=self.strict,
            stub=self.stub,
            seconds=self.seconds,
            compat=self.compat or config.compat or 1,
            show=show,
            seed=None if self.snapshots is None else _SEED,
            ending=ends_on_signals,
        )

    def judge(self) -> Judge | None:
        """Who compares snapshots."""
        if self.snapshots is None:
            return None
        from kestrel_cli.app.testing.snapshots import Snapshots

        return Snapshots(self.snapshots == "update", self.snapshots == "strict")

    def _is_named(self, task: Task) -> bool:
        return any(task.id == name or task.type.startswith(name) for name in self.run)

    def requests(self, config: Config) -> Callable[[Collected], RunRequest]:
        """Makes the request of a suite's cases: what the project gives them. Nothing goes out
        unless some task may run for real.
        """
        options = RunOptions(
            secrets_file=self.secrets_file,
            env_file=self.env_file,
            kv=self.kv,
            namespace_files=self.namespace_files,
            compat=self.compat,
            names=_NAMES,
        )
        offline = not (self.allow_real or self.run or self.strict)

        def request(one: Collected) -> RunRequest:
            asked = request_of(options, config, one.flow.flow, one.flow.text)
            given = changed(asked.given, offline=offline or asked.given.offline)
            return changed(asked, library=one.library, given=given, executions_keep=None)

        return request
