"""What options and settings say of live lines."""

from typing import Any

from kestrel_cli.cli.run_options import RunOptions
from kestrel_cli.errors import UsageError
from kestrel_cli.model.task import LogLevel
from kestrel_cli.reporters.log_options import LogOptions
from kestrel_cli.store.config import Config

_LEVELS: tuple[LogLevel, ...] = ("INFO", "DEBUG", "TRACE")  # by how often `-v` is given


def log_options(options: RunOptions, config: Config) -> LogOptions:
    """How log lines are told. Raises UsageError."""
    if options.quiet and options.verbose:
        raise UsageError("`-q` and `-v`: give one of them")
    form: Any = options.log_format.value if options.log_format else config.log_format or "full"
    on: Any = options.log_on.value if options.log_on else config.log_on or "always"
    return LogOptions(form, on, options.verbose)


def log_level(options: RunOptions, config: Config) -> LogLevel:
    """The mildest level that is shown: the option, what `-v` says, the setting."""
    level: Any = config.log_level or "INFO"
    if options.verbose:
        level = _LEVELS[min(options.verbose, len(_LEVELS) - 1)]
    return level if options.log_level is None else options.log_level.value
