"""Options that decide how a run goes here, and have no meaning for one on a server."""

from typing import Final

from kestrel_cli.cli.options import OnPause
from kestrel_cli.cli.run_options import RunOptions
from kestrel_cli.errors import UsageError
from kestrel_cli.model.record import changed
from kestrel_cli.store.config import Config

_WHOLE: Final = "a server runs whole flows"
_REAL: Final = "a server runs the tasks themselves"
_OWN: Final = "a server has its own"
_SETUP: Final = "how its workers run tasks is set up on the server"
_REASONS: Final = {
    "only": _WHOLE,
    "from_": _WHOLE,
    "until": _WHOLE,
    "mock": _REAL,
    "mock_type": _REAL,
    "mock_unsupported": _REAL,
    "write_test": "a test is written of a run here",
    "secrets_file": _OWN,
    "secret": _OWN,
    "kv": _OWN,
    "namespace_files": "a run sends the flow only; a server has its own files",
    "flows_dir": "subflows are those that the server has",
    "outputs_of": _WHOLE,
    "trigger": "a server fills in what started an execution",
    "offline": "it is reached by requests",
    "containers": _SETUP,
    "kill_grace": _SETUP,
    "max_download": _SETUP,
    "sequential": _SETUP,
    "durable": "the server keeps it, and no journal is kept here",
    "state_dir": "the server keeps it, and no journal is kept here",
    "freeze_time": "a server has its own clock",
    "seed": "a server makes ids of its own",
}


def refuse_local_options(
    options: RunOptions, mocks: str | None = None, *, watch: bool = False
) -> None:
    """Raise UsageError for options that would do nothing there, with the reason."""
    problems = [
        f"`--{name.rstrip('_').replace('_', '-')}` and a server: {reason}"
        for name, reason in _REASONS.items()
        if name in options.said
    ]
    if mocks is not None:
        problems.append(f"`--mocks` and a server: {_REAL}")
    if watch:
        problems.append("`--watch` and a server: it runs again and again only here")
    if options.pause is OnPause.SKIP:
        problems.append(
            "`--pause skip` and a server: it passes over no pause; `--resume TASK=JSON` answers it"
        )
    if problems:
        raise UsageError("\n".join(problems))


def without_local_ones(config: Config) -> Config:
    """The settings but those that have no meaning there."""
    return changed(
        config,
        secrets_file=[],
        namespace_files=None,
        flows_dir=None,
        offline=None,
        containers=None,
        max_download=None,
        pause=None,
        sequential=None,
        durable=None,
        plugin_defaults=[],
    )
