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
def base(server: ThreadingHTTPServer) -> str:
    """The address of the server, without a path."""
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def ctx(tmp_path: Path) -> ReachingContext:
    return ReachingContext(tmp_path, {"name": "wörld", "map": {"a": "b"}, "secret": "s3cret"})
