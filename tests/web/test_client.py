import socket
import time

import pytest

from kestrel_cli.web.address import Failure, address_of
from kestrel_cli.web.bodies import Bytes
from kestrel_cli.web.client import asked
from kestrel_cli.web.dialer import Dialer
from kestrel_cli.web.message import Request
from kestrel_cli.web.proxy import basic
from kestrel_cli.web.wire import Line
from tests.support.tls import server_context
from tests.support.web import web_server


@pytest.fixture(scope="module")
def server():
    with web_server() as made:
        yield made


def send(uri, method="GET", headers=(), body=None, redirects=5, insecure=False, **more):
    line = Line(Dialer(2.0, more.pop("resolve", socket.getaddrinfo)), 2.0, insecure)
    request = Request(method, address_of(uri), list(headers), body)
    with asked(line, request, redirects=redirects, **more) as response:
        return response.status, response.whole(1_000_000), response


@pytest.fixture
def base(server):
    return f"http://127.0.0.1:{server.server_port}"


@pytest.mark.parametrize(
    ("path", "method", "becomes"),
    [
        ("/see-301", "POST", "GET"),
        ("/see-301", "PUT", "PUT"),
        ("/see-302", "POST", "GET"),
        ("/see-303", "PUT", "GET"),
        ("/see-307", "POST", "POST"),
        ("/see-308", "PUT", "PUT"),
    ],
)
def test_a_redirect_keeps_or_changes_the_method_as_browsers_do(base, server, path, method, becomes):
    headers = [("Content-Type", "x/y"), ("X-Own", "1")]
    send(base + path, method, headers, Bytes(b"body"))
    seen_method, _, seen = server.seen[-1]
    assert seen_method == becomes
    assert ("Content-Type" in seen) is (becomes != "GET")
    assert seen["X-Own"] == "1"


def test_a_redirect_to_what_is_no_address_is_a_failure(base):
    with pytest.raises(Failure, match="leads to an address that is not valid"):
        send(f"{base}/to-nowhere")


def test_what_is_for_one_host_does_not_go_to_another(base, server):
    headers = [("Cookie", "c=1"), ("X-Own", "1")]
    send(f"{base}/away", "PUT", headers, Bytes(b"x"), authorization=basic("me", "pw"))
    first, second = server.seen[-2][2], server.seen[-1][2]
    assert first["Authorization"] == "Basic bWU6cHc="
    assert not {"Authorization", "Cookie"} & second.keys()
    assert second["X-Own"] == "1"


def test_every_answer_on_the_way_is_told(base):
    told = []
    send(
        f"{base}/here",
        seen=lambda response: told.append((response.status, response.request.method)),
    )
    assert told == [(303, "GET")]


def test_a_certificate_that_is_not_trusted_is_a_failure(tmp_path):
    with web_server(tls=server_context(tmp_path)) as secure:
        uri = f"https://127.0.0.1:{secure.server_port}/rows"
        with pytest.raises(
            Failure, match=r"^127\.0\.0\.1: its certificate is not trusted: self-sig"
        ):
            send(uri)
        assert send(uri, insecure=True)[0] == 200


def test_a_name_that_is_looked_up_for_ever_is_given_up(base):
    dialer = Dialer(0.1, resolve=lambda *_, **__: time.sleep(1))
    line = Line(dialer, 1.0)
    begun = time.monotonic()
    asking = asked(line, Request("GET", address_of(f"{base}/rows"), []))
    with pytest.raises(Failure, match="was not found in time"), asking:
        pass
    assert time.monotonic() - begun < 0.5


def test_a_cut_ends_the_looking_up(base):
    dialer = Dialer(5.0, resolve=lambda *_, **__: dialer.cut() or time.sleep(1))
    begun = time.monotonic()
    with pytest.raises(Failure, match="was given up"):
        dialer.dial("some.example", 80)
    assert time.monotonic() - begun < 0.5


def test_the_next_address_is_tried_when_one_is_dead(base, server):
    def resolve(host, port, type):
        dead = (socket.AF_INET, type, 0, "", ("127.0.0.1", 1))
        return [dead, (socket.AF_INET, type, 0, "", ("127.0.0.1", server.server_port))]

    assert send("http://some.example/rows", resolve=resolve)[0] == 200


def test_a_server_that_answers_before_it_has_everything_is_heard(base):
    large = Bytes(b"x" * 20_000_000)
    assert send(f"{base}/early", "POST", body=large)[0] == 413
