import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import written
from tests.support.proxies import HttpProxy, SocksProxy, proxy_server
from tests.support.reach import ReachingContext
from tests.support.tls import server_context
from tests.support.web import web_server

REQUEST = "io.kestra.plugin.core.http.Request"


@pytest.fixture(scope="module")
def server():
    with web_server() as made:
        yield made


@pytest.fixture(scope="module")
def secure_server(tmp_path_factory):
    context = server_context(tmp_path_factory.mktemp("tls"))
    with web_server(tls=context) as made:
        yield made


def through(proxy, kind, uri, ctx, **account):
    said = {"type": kind, "address": "127.0.0.1", "port": proxy.server_address[1], **account}
    options = {"proxy": said, "ssl": {"insecureTrustAllCertificates": True}}
    return written(REQUEST, uri=uri, options=options).run(ctx).outputs


@pytest.fixture
def ctx(tmp_path):
    return ReachingContext(tmp_path)


def test_a_plain_request_is_given_to_the_proxy(server, ctx):
    with proxy_server(HttpProxy) as proxy:
        uri = f"http://127.0.0.1:{server.server_port}/rows"
        assert through(proxy, "HTTP", uri, ctx)["body"] == "a,b\n1,2\n"
        assert proxy.seen == [f"GET {uri} HTTP/1.1"]


def test_a_tunnel_leads_to_a_secure_server(secure_server, ctx):
    with proxy_server(HttpProxy) as proxy:
        port = secure_server.server_port
        outputs = through(proxy, "HTTP", f"https://127.0.0.1:{port}/rows", ctx)
        assert outputs["body"] == "a,b\n1,2\n"
        assert proxy.seen == [f"CONNECT 127.0.0.1:{port} HTTP/1.1"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_socks_proxy_connects_to_the_name(scheme, server, secure_server, ctx):
    port = (server if scheme == "http" else secure_server).server_port
    with proxy_server(SocksProxy) as proxy:
        outputs = through(proxy, "SOCKS", f"{scheme}://localhost:{port}/rows", ctx)
        assert outputs["body"] == "a,b\n1,2\n"
        assert proxy.seen == [f"localhost:{port}"]


@pytest.mark.parametrize(
    ("kind", "handler", "scheme"),
    [("HTTP", HttpProxy, "http"), ("HTTP", HttpProxy, "https"), ("SOCKS", SocksProxy, "http")],
)
def test_a_proxy_may_want_a_name_and_password(kind, handler, scheme, server, secure_server, ctx):
    port = (server if scheme == "http" else secure_server).server_port
    uri = f"{scheme}://127.0.0.1:{port}/rows"
    with proxy_server(handler, "me:pass") as proxy:
        outputs = through(proxy, kind, uri, ctx, username="me", password="pass")
        assert outputs["code"] == 200
        assert ctx.hidden == ["pass"]
        for account in ({}, {"username": "me", "password": "other"}):
            with pytest.raises(TaskFailed, match=r"407|the proxy 127"):
                through(proxy, kind, uri, ctx, **account)


def test_the_name_and_password_of_a_proxy_are_not_for_the_server(server, ctx):
    with proxy_server(HttpProxy, "me:pass") as proxy:
        uri = f"http://127.0.0.1:{server.server_port}/rows"
        through(proxy, "HTTP", uri, ctx, username="me", password="pass")
    assert "Authorization" not in server.seen[-1][2]


def test_a_proxy_says_why_it_does_not_get_there(ctx):
    with proxy_server(SocksProxy) as proxy:
        uri = "http://127.0.0.1:1/"
        with pytest.raises(
            TaskFailed, match=r"does not reach 127\.0\.0\.1: the connection was ref"
        ):
            through(proxy, "SOCKS", uri, ctx)


def test_what_is_no_proxy_is_a_failure(server, ctx):
    with pytest.raises(TaskFailed, match=r"the proxy 127\.0\.0\.1 (refuses|gives no valid answer)"):
        through(server, "HTTP", "https://127.0.0.1:1/", ctx)
