"""The function `http` against a server of our own."""

import socket
import time
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.worker import http_options
from kestrel_cli.worker.http import fetch
from tests.support.proxies import HttpProxy, proxy_server
from tests.support.tls import server_context
from tests.support.web import web_server


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    with web_server() as made:
        yield made


@pytest.fixture
def get(server):
    """Ask the server for a path."""

    def asked(path: str, resolve=socket.getaddrinfo, **more: object) -> object:
        request = {
            "uri": f"http://127.0.0.1:{server.server_port}{path}",
            "method": "GET",
            "query": {},
            "body": None,
            "contentType": None,
            "headers": {},
            "options": {},
            "accept": None,
        }
        return fetch({**request, **more}, resolve)

    return asked


def test_json_is_asked_for_and_becomes_data(get):
    said = get("/echo", query={"a": "b c", "d": ["1", "ü"]}, headers={"X-Own": "1"})
    assert said["path"] == "/echo?a=b+c&d=1&d=%C3%BC"
    assert (said["method"], said["Accept"], said["X-Own"]) == ("GET", "application/json", "1")
    assert "Content-Type" not in said


@pytest.mark.parametrize(
    ("content_type", "body", "sent"),
    [
        (None, {"a": [1, None]}, '{"a": [1, null]}'),
        (None, '{"a":1}', '{"a":1}'),
        ("text/plain", {"a": 1}, '{"a":1}'),
        ("application/x-www-form-urlencoded", {"a": "b c"}, "a=b+c"),
        ("application/x-yaml", {"a": 1}, "a: 1\n"),
    ],
)
def test_a_body_is_written_as_its_type_says(content_type, body, sent, get):
    said = get("/echo", method="POST", body=body, contentType=content_type)
    assert said["Content-Type"] == content_type or content_type is None
    assert said["body"].strip() == sent.strip()


def test_text_stays_text_and_nothing_is_null(get):
    assert get("/text") == "hällo"
    assert get("/gzip") == "packed"
    assert get("/empty") is None


def test_a_status_of_failure_is_an_error_unless_it_is_allowed(get):
    phrase = "^Failed to execute HTTP Request, server respond with status 404 : Not Found$"
    with pytest.raises(RenderError, match=phrase):
        get("/404")
    assert get("/404", options={"allowFailed": True}) == "no"
    assert get("/404", options={"allowedResponseCodes": [404]}) == "no"
    with pytest.raises(RenderError, match="status 200"):
        get("/text", options={"allowedResponseCodes": [404]})


def test_a_redirect_is_followed_as_a_get(get):
    said = get("/here", method="POST", body={"a": 1})
    assert (said["method"], said["path"], said["body"]) == ("GET", "/echo?x=1", "")
    assert get("/here", options={"followRedirects": False}) is None


def test_a_name_and_password_are_for_one_host(get):
    auth = {"type": "BASIC", "username": "me", "password": "pw"}
    headers = {"Cookie": "c=1", "X-Own": "1"}
    assert (
        get("/echo", options={"auth": auth}, headers=headers)["Authorization"] == "Basic bWU6cHc="
    )
    said = get("/away", method="PUT", body="x", options={"auth": auth}, headers=headers)
    assert (said["method"], said["body"], said["X-Own"]) == ("PUT", "x", "1")
    assert not {"Authorization", "Cookie"} & said.keys()
    bearer = {"type": "BEARER", "token": "t"}
    assert get("/echo", options={"auth": bearer})["Authorization"] == "Bearer t"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/loop", "more than 5 redirects"),
        ("/to-file", "must begin with `http"),
        ("/to-metadata", "169.254.169.254 is a link-local or metadata address"),
        ("/bomb", "larger than the limit"),
        ("/large", "larger than the limit"),
        ("/short", "ends before it is whole"),
        ("/no-gzip", "not valid gzip"),
        ("/brotli", "not asked for"),
        ("/garbage", "not valid HTTP"),
        ("/bad-json", "Invalid json"),
    ],
)
def test_an_answer_that_misbehaves_is_an_error(path, why, get, monkeypatch):
    monkeypatch.setattr(http_options, "MAX_BODY", 1_000_000)
    begun = time.monotonic()
    with pytest.raises(RenderError, match=why):
        get(path)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("path", ["/nothing", "/drip", "/drip-headers"])
def test_an_answer_that_does_not_end_is_given_up_in_time(path, get, monkeypatch):
    monkeypatch.setattr(http_options, "SECONDS", 0.3)
    begun = time.monotonic()
    with pytest.raises(RenderError, match=r"does not answer|no whole answer after 0\.3 s"):
        get(path)
    assert time.monotonic() - begun < 0.3 + 0.3


def test_an_option_makes_a_timeout_shorter(get):
    begun = time.monotonic()
    with pytest.raises(RenderError, match=r"127\.0\.0\.1 does not answer"):
        get("/nothing", options={"timeout": {"readIdleTimeout": "PT0.1S"}})
    assert time.monotonic() - begun < 1


def test_a_name_that_is_looked_up_for_ever_is_given_up(get, monkeypatch):
    monkeypatch.setattr(http_options, "SECONDS", 0.2)
    begun = time.monotonic()
    # The limits for the name and for the whole answer are the same: either may be the first.
    with pytest.raises(RenderError, match=r"no whole answer|was not found in time"):
        get("/echo", resolve=lambda *_, **__: time.sleep(1))
    assert time.monotonic() - begun < 0.2 + 0.3


def test_a_name_that_means_a_metadata_address_is_not_connected_to(get, server):
    before = len(server.seen)

    def resolve(host, port, type):
        good = (socket.AF_INET, type, 0, "", ("127.0.0.1", server.server_port))
        return [good, (socket.AF_INET, type, 0, "", ("169.254.169.254", port))]

    with pytest.raises(RenderError, match=r"rebound\.example is a link-local or metadata address"):
        get("", resolve, uri="http://rebound.example/echo")
    assert len(server.seen) == before


def test_the_address_that_was_checked_is_the_one_connected_to(get, server):
    asked = []

    def resolve(host, port, type):
        asked.append(host)
        return [(socket.AF_INET, type, 0, "", ("127.0.0.1", server.server_port))]

    assert get("", resolve, uri="http://some.example/echo")["Host"] == "some.example"
    assert asked == ["some.example"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X": "a\r\nY: b"}, {"X\r\nY": "b"}, {"X:": "b"}, {"": "b"}, {"X": "\0"}, {"X": "日"},
        {"X": ["a", "b\n"]},
    ],
)  # fmt: skip
def test_nothing_can_be_put_in_between_headers(headers, get):
    with pytest.raises(RenderError, match="a header holds"):
        get("/echo", headers=headers)


def test_nothing_can_be_put_in_by_the_other_arguments(get):
    for more in ({"contentType": "a\r\nX: y", "body": "x"}, {"accept": "a\r\nX: y"}):
        with pytest.raises(RenderError, match="a header holds"):
            get("/echo", **more)
    assert get("/echo", query={"a\r\n": "b\r\n"})["path"] == "/echo?a%0D%0A=b%0D%0A"


@pytest.mark.parametrize(
    "options",
    [
        {"proxy": "x"}, {1: 2}, {"auth": "x"}, {"auth": {"type": "DIGEST"}},
        {"auth": {}}, {"timeout": "soon"}, {"timeout": {"connectTimeout": -1}},
        {"timeout": {"x": 1}}, {"allowedResponseCodes": 1},
        {"allowedResponseCodes": ["x"]}, {"followRedirects": "maybe"}, {"logs": ["REQUEST_BODY"]},
    ],
)  # fmt: skip
def test_an_option_without_sense_is_refused(options, get):
    with pytest.raises(RenderError, match="The 'http' function"):
        get("/echo", options=options)


def test_the_options_are_those_of_http_tasks(get, server, tmp_path):
    with proxy_server(HttpProxy, "me:pw") as proxy:
        account = {"username": "me", "password": "pw"}
        said = {"type": "HTTP", "address": "127.0.0.1", "port": proxy.server_address[1], **account}
        assert get("/text", options={"proxy": said}) == "hällo"
        assert proxy.seen == [f"GET http://127.0.0.1:{server.server_port}/text HTTP/1.1"]
    with web_server(tls=server_context(tmp_path)) as secure:
        trusted = {"ssl": {"insecureTrustAllCertificates": True}, "auth": None}
        uri = f"https://127.0.0.1:{secure.server_port}/text"
        assert get("", uri=uri, options=trusted) == "hällo"
    with pytest.raises(RenderError, match="larger than the limit of 3 bytes"):
        get("/text", options={"maxContentLength": 3})


def test_a_host_that_is_not_there_is_an_error(get):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(RenderError, match=r"Failed to execute HTTP request: 127\.0\.0\.1: "):
        get("", uri=f"http://127.0.0.1:{port}/")
    with pytest.raises(RenderError, match=r"name nobody\.invalid is not known"):
        get("", uri="http://nobody.invalid/")


def test_a_server_that_does_not_speak_tls_is_an_error(get, server):
    with pytest.raises(RenderError, match=r"Failed to execute HTTP request: 127\.0\.0\.1: "):
        get("", uri=f"https://127.0.0.1:{server.server_port}/")
