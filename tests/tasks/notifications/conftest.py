from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.reach import ReachingContext
from tests.support.web import web_server


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    with web_server() as made:
        yield made


@pytest.fixture
def hook(server: ThreadingHTTPServer) -> str:
    """The address of a webhook; what it gets is in `server.hooked`."""
    server.hooked.clear()
    return f"http://127.0.0.1:{server.server_port}/hook/secret"


@pytest.fixture
def ctx(tmp_path: Path) -> ReachingContext:
    return ReachingContext(tmp_path, {"text": "wörld", "token": "t0ken"})
