import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import written
from tests.support.proxies import HttpProxy, proxy_server
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
        # The version is http.client's: 1.0 before Python 3.12.
        assert [line.rpartition(" ")[0] for line in proxy.seen] == [f"CONNECT 127.0.0.1:{port}"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_may_want_a_name_and_password(scheme, server, secure_server, ctx):
    port = (server if scheme == "http" else secure_server).server_port
    uri = f"{scheme}://127.0.0.1:{port}/rows"
    with proxy_server(HttpProxy, "me:pass") as proxy:
        outputs = through(proxy, "HTTP", uri, ctx, username="me", password="pass")
        assert outputs["code"] == 200
        assert ctx.hidden == ["pass"]
        for account in ({}, {"username": "me", "password": "other"}):
            with pytest.raises(TaskFailed, match="407"):
                through(proxy, "HTTP", uri, ctx, **account)


def test_the_name_and_password_of_a_proxy_are_not_for_the_server(server, ctx):
    with proxy_server(HttpProxy, "me:pass") as proxy:
        uri = f"http://127.0.0.1:{server.server_port}/rows"
        through(proxy, "HTTP", uri, ctx, username="me", password="pass")
    assert "Authorization" not in server.seen[-1][2]


def test_a_proxy_of_another_kind_is_refused_with_what_to_do_instead(ctx):
    options = {"proxy": {"type": "SOCKS", "address": "127.0.0.1", "port": 1}}
    with pytest.raises(TaskFailed, match="SOCKS, which Kestrel does not do: use an HTTP proxy, or"):
        written(REQUEST, uri="http://127.0.0.1:1/", options=options).run(ctx)


def test_a_proxy_that_is_not_there_is_named(server, ctx):
    with proxy_server(HttpProxy) as proxy:
        pass
    with pytest.raises(TaskFailed, match=r"the proxy 127\.0\.0\.1: Connection refused"):
        through(proxy, "HTTP", f"http://127.0.0.1:{server.server_port}/rows", ctx)


def test_what_is_no_proxy_is_a_failure(server, ctx):
    with pytest.raises(TaskFailed, match=r"the proxy 127\.0\.0\.1 (refuses|gives no valid answer)"):
        through(server, "HTTP", "https://127.0.0.1:1/", ctx)
