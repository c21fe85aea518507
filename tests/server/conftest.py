"""A server of the tests' own, and who asks it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kestrel_cli.server.asking import Asking
from kestrel_cli.server.connection import Connection, connected
from tests.support.kestra_server import KestraServer, kestra_server


@pytest.fixture
def kestra() -> Iterator[KestraServer]:
    with kestra_server() as server:
        yield server


@pytest.fixture
def waits() -> list[float]:
    """The seconds that were to be waited, none of which pass."""
    return []


@pytest.fixture
def asking(kestra: KestraServer, waits: list[float]) -> Callable[..., Asking]:
    """Who asks the server of the tests, with more fields of a context."""

    def make(**fields: Any) -> Asking:
        return Asking(kestra.context(**fields), sleep=waits.append, chance=lambda: 1.0)

    return make


@pytest.fixture
def server(asking: Callable[..., Asking], kestra: KestraServer) -> Connection:
    """A server that was found; what that took is forgotten."""
    found = connected(asking())
    kestra.asked.clear()
    return found
