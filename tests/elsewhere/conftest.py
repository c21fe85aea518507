"""Commands that are pointed at a server of the tests' own."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kestrel_cli.app.elsewhere import watching
from kestrel_cli.cli import elsewhere
from kestrel_cli.server.asking import Asking
from kestrel_cli.server.following import Pace
from tests.support.cli import Result, run_here
from tests.support.kestra_server import PASSWORD, USER, KestraServer, kestra_server

FAST = Pace(
    quiet=0.15,
    poll=0.02,
    rest=0.01,
    settle=0.05,
    linger=0.3,
    cause=0.01,
    patience=0.3,
    late=0.05,
    appear=0.1,
)
FLOW = """id: demo
namespace: company.team
inputs:
  - {id: name, type: STRING, defaults: Ada}
  - {id: count, type: INT, required: false}
  - {id: sure, type: BOOL, defaults: false}
  - {id: data, type: FILE, required: false}
  - {id: pin, type: SECRET, required: false}
tasks:
  - {id: one, type: io.kestra.plugin.core.log.Log, message: hi}
  - {id: two, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.name }}"}
"""


@pytest.fixture
def kestra() -> Iterator[KestraServer]:
    with kestra_server() as server:
        yield server


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """A command that a signal has ended leaves its handlers: the program would be over."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are short."""

    def asking(context: object) -> Asking:
        return Asking(context, sleep=lambda s: time.sleep(min(s, 0.01)), chance=lambda: 1.0)

    monkeypatch.setattr(watching, "PACE", FAST)
    monkeypatch.setattr(watching, "_LOOK", 0.02)
    monkeypatch.setattr(elsewhere, "Asking", asking)


@pytest.fixture
def kestrel(kestra: KestraServer, tmp_path: Path) -> Callable[..., Result]:
    """Runs a command with the login of the server in the environment, and a flow file there."""
    (tmp_path / "flow.yaml").write_text(FLOW)

    def run(*arguments: str, on: bool = True, **env: str | None) -> Result:
        own = {"KESTRA_USER": USER, "KESTRA_PASSWORD": PASSWORD, "CI": None}
        words = [*arguments, "--server", kestra.url] if on else list(arguments)
        return run_here(words, tmp_path, {**own, **env})

    return run
