"""urllib3 on connections of ours: what is hooked into it stays in its place."""

import gzip
import socket
import threading
import time
import zlib

import pytest
from urllib3.connection import HTTPConnection, HTTPSConnection

from kestrel_cli.web.address import Failure, address_of
from kestrel_cli.web.dialer import Dialer
from kestrel_cli.web.message import Request
from kestrel_cli.web.wire import Line, exchanged
from tests.support.tls import server_context
from tests.support.web import Handler, web_server

BOMB = 50_000_000  # bytes of nothing


class Packing(Handler):
    """Answers packed in further ways."""

    def say_zstd(self):
        from backports import zstd

        self.answer(200, zstd.compress(b"packed"), Content_Encoding="zstd")

    def say_twice(self):
        body = gzip.compress(zlib.compress(b"packed"))
        self.answer(200, body, Content_Encoding="deflate, gzip")

    def say_gzip_bomb(self):
        self.answer(200, gzip.compress(bytes(BOMB)), Content_Encoding="gzip")

    def say_deflate_bomb(self):
        self.answer(200, zlib.compress(bytes(BOMB)), Content_Encoding="deflate")

    def say_twice_bomb(self):
        body = gzip.compress(gzip.compress(bytes(BOMB)))
        self.answer(200, body, Content_Encoding="gzip, gzip")


@pytest.fixture(scope="module")
def base():
    with web_server(Packing) as made:
        yield f"http://127.0.0.1:{made.server_port}"


def asked(uri, headers=(), dialer=None, **more):
    return exchanged(
        Line(dialer or Dialer(2.0), 2.0, **more), Request("GET", address_of(uri), list(headers))
    )


def test_the_private_name_that_is_overridden_is_where_urllib3_gets_its_sockets():
    assert "_new_conn" in vars(HTTPConnection)
    assert "_new_conn" not in vars(HTTPSConnection)  # it takes the other's
    assert "_new_conn" in HTTPConnection.connect.__code__.co_names
    assert "_new_conn" in HTTPSConnection.connect.__code__.co_names


def test_every_connection_is_the_dialers(tmp_path, base):
    found = []

    def resolve(host, port, type):
        found.append(host)
        return socket.getaddrinfo("127.0.0.1", port, type=type)

    with web_server(tls=server_context(tmp_path)) as secure:
        for scheme, port in (("http", base.rpartition(":")[2]), ("https", secure.server_port)):
            uri = f"{scheme}://some.example:{port}/rows"
            with asked(uri, dialer=Dialer(2.0, resolve), insecure=True) as response:
                assert response.whole(100) == b"a,b\n1,2\n"
                assert response.peer == f"127.0.0.1:{port}"
    assert found == ["some.example"] * 2


@pytest.mark.parametrize("path", ["/zstd", "/twice", "/gzip", "/bare-deflate"])
def test_what_was_asked_for_is_unpacked(base, path):
    if path == "/zstd":
        pytest.importorskip("backports.zstd")
    with asked(base + path) as response:
        assert response.whole(100) == b"packed"


@pytest.mark.parametrize("path", ["/gzip-bomb", "/deflate-bomb", "/twice-bomb"])
def test_an_answer_is_never_unpacked_further_than_it_is_read(base, path):
    with asked(base + path) as response:
        for _ in range(10):
            assert len(response.read(1000)) <= 1000
        assert response.received < 200_000
        with pytest.raises(Failure, match="larger than the limit of 100000 bytes"):
            response.whole(100_000)


def test_an_answer_without_a_body_has_none(base):
    with asked(f"{base}/empty") as response:
        assert not response.has_body
        assert response.read() == b""
        assert response.received > 0


def test_a_header_may_stand_more_than_once(base):
    with asked(f"{base}/rows", [("X-A", "1"), ("X-A", "2")]) as response:
        assert [value for name, value in response.headers if name.lower() == "x-row"] == ["1", "2"]


def test_tls_that_is_never_answered_can_be_cut():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dialer = Dialer(5.0)
        timer = threading.Timer(0.1, dialer.cut)
        timer.start()
        begun = time.monotonic()
        uri = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(Failure), asked(uri, dialer=dialer):
            pass
        timer.join()
        assert time.monotonic() - begun < 2


def test_what_fails_on_our_side_is_not_told_as_the_hosts(base):
    with pytest.raises(OSError, match="no space"), asked(f"{base}/rows"):
        raise OSError("no space")
