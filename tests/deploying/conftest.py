"""Commands that hand something to a server of the tests' own, or compare with it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kestrel_cli.cli import elsewhere, pushing
from kestrel_cli.server.asking import Asking
from tests.support.cli import Result, run_here
from tests.support.kestra_server import PASSWORD, USER, KestraServer, kestra_server


@pytest.fixture
def kestra() -> Iterator[KestraServer]:
    with kestra_server() as server:
        yield server


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time passes between two tries."""

    def asking(context: object) -> Asking:
        return Asking(context, sleep=lambda _: None, chance=lambda: 1.0)

    monkeypatch.setattr(pushing, "Asking", asking)
    monkeypatch.setattr(elsewhere, "Asking", asking)


@pytest.fixture
def kestrel(kestra: KestraServer, tmp_path: Path) -> Callable[..., Result]:
    """Runs a command with the login of the server in the environment."""

    def run(*arguments: str, on: bool = True, **env: str | None) -> Result:
        own = {"KESTRA_USER": USER, "KESTRA_PASSWORD": PASSWORD, "CI": None}
        words = [*arguments, "--server", kestra.url] if on else list(arguments)
        return run_here(words, tmp_path, {**own, **env})

    return run
