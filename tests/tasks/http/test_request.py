import json
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.worker.services import Given
from tests.support.flows import written
from tests.support.reach import ReachingContext

REQUEST = "io.kestra.plugin.core.http.Request"


@pytest.fixture
def request_(base, ctx):
    """Run a Request for a path; returns its outputs."""

    def run(path, ctx=ctx, **properties):
        return written(REQUEST, uri=base + path, **properties).run(ctx).outputs

    return run


@pytest.fixture
def echoed(request_):
    """What the server got."""
    return lambda **properties: json.loads(request_("/echo", **properties)["body"])


def test_an_answer_is_kept_with_its_code_and_headers(request_, base):
    outputs = request_("/rows")
    assert outputs["uri"] == f"{base}/rows"
    assert outputs["code"] == 200
    assert outputs["body"] == "a,b\n1,2\n"
    assert outputs["headers"]["Content-Length"] == ["8"]
    assert outputs["headers"]["X-Row"] == ["1", "2"]


def test_an_answer_without_a_body_has_no_output_of_it(request_):
    assert "body" not in request_("/empty")
    assert "body" not in request_("/rows", method="HEAD")


@pytest.mark.parametrize("path", ["/gzip", "/deflate", "/bare-deflate"])
def test_a_packed_body_is_unpacked(request_, path):
    assert request_(path)["body"] == "packed"


def test_a_body_is_read_in_its_own_character_set(request_):
    assert request_("/text")["body"] == "hällo"


def test_a_body_is_sent_as_json_unless_said_otherwise(echoed):
    said = echoed(method="POST", body='{"a": "<name>"}')
    assert (said["method"], said["body"]) == ("POST", '{"a": "<name>"}')
    assert said["Content-Type"] == "application/json; charset=UTF-8"
    assert echoed(method="POST", body="<name>", contentType="text/plain")["body"] == "wörld"
    assert echoed(method="PUT", body={"a": [1, True]})["body"] == '{"a":[1,true]}'


def test_a_request_without_a_body_says_so(echoed):
    said = echoed(method="POST")
    assert said["Content-Length"] == "0"
    assert "Content-Type" not in said
    assert "Content-Length" not in echoed()


def test_a_body_is_encoded_in_the_character_set_of_the_options(echoed):
    said = echoed(method="POST", body="<name>", options={"defaultCharset": "latin-1"})
    assert said["Content-Length"] == "5"
    assert said["Content-Type"].endswith("; charset=latin-1")


def test_parameters_are_added_to_those_of_the_address(base, ctx):
    task = written(REQUEST, uri=f"{base}/echo?a=b c", params={"q": ["1", "<name>"], "n": 5})
    outputs = task.run(ctx).outputs
    assert outputs["uri"] == f"{base}/echo?a=b%20c&q=1&q=w%C3%B6rld&n=5"
    assert json.loads(outputs["body"])["path"] == "/echo?a=b%20c&q=1&q=w%C3%B6rld&n=5"


def test_headers_are_the_flows_own_where_it_has_them(echoed):
    said = echoed(
        headers={"user-agent": "me", "X-One": "<secret>", "content-type": "x/y"},
        method="POST",
        body="x",
    )
    assert (said["user-agent"], said["X-One"], said["content-type"]) == ("me", "s3cret", "x/y")
    assert "Content-Type" not in said
    assert "User-Agent" not in said


def test_a_form_is_sent_url_encoded(echoed):
    said = echoed(method="POST", formData={"a": "<name>", "n": 1, "m": {"x": 1}})
    assert said["Content-Type"] == "application/x-www-form-urlencoded"
    assert said["body"] == "a=w%C3%B6rld&n=1&m=%7B%22x%22%3A1%7D"


def test_a_form_with_files_is_sent_in_parts(echoed, ctx):
    uri = ctx.files.put(b"1,2\n", "rows.csv")
    said = echoed(
        method="POST",
        contentType="multipart/form-data",
        formData={"who": "<name>", "file": uri, "named": {"name": 'x".csv', "content": uri}},
    )
    assert said["Content-Type"].startswith("multipart/form-data; boundary=kestrel-")
    body = said["body"].replace("\r\n", "\n")
    assert 'name="who"\nContent-Type: text/plain; charset=UTF-8\n\nwörld\n' in body
    assert (
        'name="file"; filename="rows.csv"\nContent-Type: application/octet-stream\n\n1,2\n' in body
    )
    assert 'name="named"; filename="x%22.csv"' in body
    assert int(said["Content-Length"]) == len(said["body"].encode())


def test_a_code_of_failure_is_the_failure_of_the_task_and_shows_the_body(request_):
    with pytest.raises(TaskFailed) as failure:
        request_("/417")
    assert str(failure.value) == (
        "Failed http request with response code '417' and body:\n{\"wrong\": true}"
    )
    with pytest.raises(TaskFailed, match=r"^Failed http request with response code '404'$"):
        request_("/404", method="HEAD")


@pytest.mark.parametrize(
    "properties",
    [
        {"allowFailed": True},
        {"options": {"allowFailed": True}},
        {"options": {"allowedResponseCodes": [417]}},
    ],
)
def test_a_code_of_failure_may_be_allowed(request_, properties):
    outputs = request_("/417", **properties)
    assert (outputs["code"], outputs["body"]) == (417, '{"wrong": true}')


def test_only_codes_of_the_list_are_allowed_when_there_is_one(request_):
    with pytest.raises(TaskFailed, match="response code '200'"):
        request_("/rows", options={"allowedResponseCodes": [201]})


def test_redirects_are_followed_unless_the_options_say_no(request_):
    assert json.loads(request_("/here", method="POST", body="x")["body"])["method"] == "GET"
    outputs = request_("/here", options={"followRedirects": False})
    assert (outputs["code"], outputs["headers"]["Location"]) == (303, ["/echo?x=1"])


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (
            {"auth": {"type": "BASIC", "username": "me", "password": "<secret>"}},
            "Basic bWU6czNjcmV0",
        ),
        ({"basicAuthUser": "me", "basicAuthPassword": "<secret>"}, "Basic bWU6czNjcmV0"),
        ({"auth": {"type": "BEARER", "token": "<secret>"}}, "Bearer s3cret"),
    ],
)
def test_a_name_and_password_are_sent_and_hidden(echoed, ctx, options, sent):
    assert echoed(options=options)["Authorization"] == sent
    assert ctx.hidden == ["s3cret"]


def test_digest_is_refused_with_what_to_do_instead(request_):
    auth = {"type": "DIGEST", "username": "me", "password": "<secret>"}
    with pytest.raises(TaskFailed, match="DIGEST, which Kestrel does not do: use BASIC or BEARER"):
        request_("/rows", options={"auth": auth})


def test_what_is_plainly_asked_for_and_not_done_is_known_before_a_run():
    proxy = {"type": "SOCKS", "address": "h", "port": 1}
    both = {"auth": {"type": "DIGEST"}, "proxy": proxy}
    found = written(REQUEST, uri="http://h/", options=both).lacks()
    assert [text.partition(",")[0] for text in found] == [
        "auth of type DIGEST",
        "a proxy of type SOCKS",
    ]
    assert not written(REQUEST, uri="http://h/").lacks()
    assert written(REQUEST, uri="http://h/", options={"proxyType": "SOCKS"}).lacks() == found[1:]


def test_what_was_sent_and_received_is_counted(request_, ctx, server):
    request_("/rows", method="PUT", body="xyz")
    tags = {
        "request.method": "PUT",
        "request.scheme": "http",
        "request.hostname": "127.0.0.1",
        "response.code": "200",
    }
    counted = {name: value for name, value, found in ctx.counters if found == tags}
    assert counted.pop("response.bytes") > 8
    assert counted == {
        "response.length": 8,
        "request.count": 1,
        "request.bytes": 3,
        "response.count": 1,
    }
    said = f"from '127.0.0.1:{server.server_port}' with the response code '200'"
    assert ctx.logs[-1][0] == "DEBUG"
    assert ctx.logs[-1][1].endswith(said)


def test_what_is_sent_and_received_is_logged_on_demand(request_, ctx):
    logs = ["REQUEST_HEADERS", "REQUEST_BODY", "RESPONSE_HEADERS", "RESPONSE_BODY"]
    headers = {"X-A": "1", "Authorization": "Bearer x"}
    request_("/rows", method="POST", body="sent", headers=headers, options={"logs": logs})
    text = "\n".join(f"{level} {message}" for level, message in ctx.logs)
    assert "DEBUG request:\n    method: POST\n    uri: http://" in text
    assert "DEBUG request headers:\n    X-A: 1\n    Authorization: ******\n" in text
    assert "TRACE request payload:\n    sent" in text
    assert "DEBUG response headers:\n" in text
    assert "TRACE response payload:\n    a,b\n1,2\n" in text


def test_an_encrypted_body_is_hidden_everywhere(request_, ctx):
    outputs = request_("/rows", encryptBody=True)
    assert outputs["encryptedBody"] == "a,b\n1,2\n"
    assert "body" not in outputs
    assert ctx.hidden == ["a,b\n1,2\n"]


def test_a_body_that_is_no_text_is_a_failure(request_):
    with pytest.raises(
        TaskFailed, match=r"Illegal unicode code point in request body: 921599, .*\n"
    ):
        request_("/undefined")


def test_a_large_body_is_a_failure(request_):
    begun = time.monotonic()
    with pytest.raises(TaskFailed, match="larger than the limit of 100000 bytes"):
        request_("/large", options={"maxContentLength": 100_000})
    with pytest.raises(TaskFailed, match="larger than the limit of 10485760 bytes"):
        request_("/bomb")
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/loop", "more than 50 redirects"),
        ("/to-file", "must begin with `http"),
        ("/to-metadata", "169.254.169.254 is a link-local or metadata address"),
        ("/short", "ends before it is whole"),
        ("/no-gzip", "not valid gzip"),
        ("/brotli", "not asked for"),
        ("/garbage", "not valid HTTP"),
        ("/bye", "127.0.0.1 closed the connection without an answer"),
    ],
)
def test_an_answer_that_misbehaves_is_a_failure(request_, path, why):
    with pytest.raises(TaskFailed, match=f"^Failed to execute HTTP request: .*{why}"):
        request_(path)


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ({"headers": {"X": "a\r\nY: b"}}, "a header holds"),
        ({"method": "GET /x HTTP/1.1\r\n"}, "is no HTTP method"),
        ({"body": "x", "contentType": "a\r\nX: y"}, "a header holds"),
        ({"options": {"defaultCharset": "klingon"}}, "`klingon` is no character set"),
        ({"options": {"proxy": {"address": "h", "port": 1}}}, "a proxy is HTTP, not DIRECT"),
        ({"options": {"proxy": {"address": "h", "type": "HTTP"}}}, "needs a `port`"),
        ({"options": {"timeout": {"connectTimeout": "PT0S"}}}, "must be longer than 0"),
        ({"options": {"maxContentLength": 0}}, "must be from 1 to"),
    ],
)
def test_a_property_without_sense_is_a_failure(request_, properties, why):
    with pytest.raises(TaskFailed, match=why):
        request_("/echo", **properties)


def test_a_server_that_does_not_answer_is_given_up(request_):
    begun = time.monotonic()
    with pytest.raises(TaskFailed, match=r"127\.0\.0\.1 does not answer"):
        request_("/nothing", options={"timeout": {"readIdleTimeout": "PT0.1S"}})
    with pytest.raises(TaskFailed, match=r"127\.0\.0\.1 does not answer"):
        request_("/nothing", options={"readTimeout": "PT0.1S"})
    assert time.monotonic() - begun < 1


def test_a_host_that_is_not_there_is_a_failure(ctx):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TaskFailed, match=r"HTTP request: 127\.0\.0\.1: Connection refused"):
        written(REQUEST, uri=f"http://127.0.0.1:{port}/").run(ctx)


@pytest.mark.parametrize(
    "uri", ["", "x", "ftp://h/", "file:///etc/passwd", "http://me:pw@h/", "http://169.254.169.254/"]
)
def test_an_address_that_is_not_to_be_asked_is_a_failure(ctx, uri):
    with pytest.raises(TaskFailed, match=r"^Failed to execute HTTP request: "):
        written(REQUEST, uri=uri).run(ctx)


def test_nothing_is_asked_offline(tmp_path, base, server):
    before = len(server.seen)
    ctx = ReachingContext(tmp_path, given=Given(offline=True))
    with pytest.raises(TaskFailed, match="`--offline` allows none"):
        written(REQUEST, uri=f"{base}/rows").run(ctx)
    assert len(server.seen) == before


class Ended(Exception):
    pass


class EndingContext(ReachingContext):
    """Ends the attempt as soon as something waits."""

    @contextmanager
    def ending(self, stop):
        timer = threading.Timer(0.1, stop)
        timer.start()
        yield
        timer.cancel()

    def check(self):
        raise Ended


@pytest.mark.parametrize("path", ["/nothing", "/drip", "/drip-headers"])
def test_the_end_of_the_attempt_cuts_the_connection(tmp_path, request_, path):
    begun = time.monotonic()
    with pytest.raises(Ended):
        request_(path, ctx=EndingContext(tmp_path))
    assert time.monotonic() - begun < 1


def test_it_waits_for_something_outside_and_may_change_it():
    task = written(REQUEST, uri="http://h/")
    assert task.blocking
    assert task.outward
