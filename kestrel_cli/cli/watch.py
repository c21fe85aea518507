"""`run --watch`: run, wait until something changes that the run reads, and run again.

Each run is a process of its own: signals, a hard end and what a run leaves in memory are its own
affair, and it takes up the files as they are then. Nothing on the screen is cleared.

The first Ctrl-C ends the run, as ever; another one, or one while nothing runs, leaves with the exit
code of the last run.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Final

from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.watched import Watched, watched
from kestrel_cli.cli.run_options import RunOptions, request_of
from kestrel_cli.cli.running import library_of
from kestrel_cli.cli.watching import Looks, wait_for_change
from kestrel_cli.errors import KestrelError, UsageError
from kestrel_cli.flowfile import load
from kestrel_cli.model.record import changed
from kestrel_cli.reporters.clean import one_line
from kestrel_cli.reporters.console import Flags, look_at, style_for
from kestrel_cli.store.config import Config

_OPTION: Final = "--watch"
_ENDING: Final = ("SIGTERM", "SIGHUP")


def run_again_and_again(
    flow_file: str, options: RunOptions, config: Config, files: Sequence[str]
) -> int:
    """Run the same command line without `--watch` whenever something changes; the exit code of the
    last run. `files` are those that options name. Raises UsageError.
    """
    if flow_file == "-" or "-" in files:
        raise UsageError(f"`{_OPTION}`: what comes from standard input can be read once only")
    known = Watched([Path(flow_file)], [])

    def wanted() -> Watched:
        nonlocal known
        # What is wrong the run tells; the files are then those of the flow as it was.
        with suppress(KestrelError, OSError):
            known = watched(_request(flow_file, options, config))
        settings = [] if config.project is None else [config.project]
        named = [flow_file, *files, *settings]
        return Watched([*known.files, *map(Path, named)], known.folders)

    return watch(wanted, ascii_only=options.ascii_only, quiet=options.quiet)


def watch(wanted: Callable[[], Watched], *, ascii_only: bool, quiet: int) -> int:
    """Run the same command line without `--watch`, again whenever something of what is `wanted`
    changes; the exit code of the last run.
    """
    command = [sys.executable, "-P", "-m", "kestrel_cli", *_arguments(sys.argv[1:])]
    with _Signals() as signals:
        return _Watch(command, wanted, signals, _sayer(ascii_only, quiet)).go()


def files_named(
    options: RunOptions, inputs: Sequence[str], inputs_file: str | None, mocks: str | None
) -> list[str]:
    """The files that options name."""
    found = [inputs_file, mocks, options.trigger]
    found += [*(options.secrets_file or ()), *(options.env_file or ())]
    for one in (*inputs, *(options.mock or ())):
        _, at, name = one.partition("=@")
        found.append(name if at else None)
    return [one for one in found if one]


def _request(flow_file: str, options: RunOptions, config: Config) -> RunRequest:
    loaded = load(flow_file, max_depth=options.max_depth, plugin_defaults=config.plugin_defaults)
    asked = request_of(options, config, loaded.flow, loaded.text)
    return changed(asked, library=library_of(asked, loaded))


def _arguments(given: Sequence[str]) -> list[str]:
    return [one for one in given if one != _OPTION]


def _sayer(ascii_only: bool, quiet: int) -> Callable[[str], None]:
    """Writes a line between two runs."""
    unicode = style_for(os.environ, look_at(sys.stderr), Flags(ascii=ascii_only)).unicode
    rule = "──" if unicode else "--"

    def say(text: str) -> None:
        if quiet < 2:
            moment = time.strftime("%H:%M:%S")
            sys.stderr.write(f"{rule} {moment} {one_line(text)} {rule}\n")
            sys.stderr.flush()

    return say


class _Watch:
    """Runs, and waits in between."""

    def __init__(
        self,
        command: Sequence[str],
        wanted: Callable[[], Watched],
        signals: "_Signals",
        say: Callable[[str], None],
    ) -> None:
        self._command = command
        self._wanted = wanted
        self._signals = signals
        self._say = say
        self._runs = 0

    def go(self) -> int:
        while True:
            wanted = self._wanted()
            before = Looks(wanted)
            code = self._run()
            if self._signals.leaves:
                return code
            # A flow may write namespace files itself; what of them changed meanwhile is its own
            # doing, or it would run for ever. Of single files every change counts.
            before.inside = Looks(wanted).inside
            self._say("waiting for changes; Ctrl-C leaves")
            found = wait_for_change(before, partial(Looks, wanted), self._signals.asked)
            if not found:
                return code
            self._say(f"{_listed(found)} changed; run {self._runs + 1}")

    def _run(self) -> int:
        self._runs += 1
        self._signals.begin(subprocess.Popen(self._command))
        return self._signals.end()


def _listed(found: Sequence[str]) -> str:
    first = os.path.relpath(found[0])
    name = found[0] if first.startswith("..") else first
    return name if len(found) == 1 else f"{name} and {len(found) - 1} more"


class _Signals:
    """What Ctrl-C and the like mean, now for the run and now for the waiting."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._times = 0
        self.leaves = False
        self._before: dict[int, object] = {}

    def __enter__(self) -> "_Signals":
        for number in (signal.SIGINT, *_numbers()):
            self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # it was one

    def begin(self, child: "subprocess.Popen[bytes]") -> None:
        """A run has begun: the first Ctrl-C is for it."""
        self._child, self._times = child, 0

    def end(self) -> int:
        """Wait for the run; its exit code, as a shell tells it."""
        assert self._child is not None  # it has begun
        code = self._child.wait()
        self._child = None
        code = code if code >= 0 else 128 - code
        if self._times and code != 128 + signal.SIGINT:
            self.leaves = True  # the run was over before: it was for the waiting
        return code

    def asked(self) -> bool:
        """Whether the user leaves."""
        return self.leaves

    def _heard(self, number: int, _: FrameType | None) -> None:
        self._times += 1
        child = self._child
        if number != signal.SIGINT or child is None or self._times > 1:
            self.leaves = True
        if child is not None and not (number == signal.SIGINT and _at_terminal()):
            child.send_signal(number)  # a terminal tells all of its processes of a Ctrl-C


def _numbers() -> Iterator[int]:
    for name in _ENDING:
        if hasattr(signal, name):
            yield getattr(signal, name)


def _at_terminal() -> bool:
    """Whether we are what the terminal shows, and Ctrl-C there means."""
    if sys.platform == "win32":
        return True
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
