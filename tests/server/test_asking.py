"""Requests that fail, are slow, lead elsewhere, or are answered by somebody else."""

import pytest

from kestrel_cli.errors import Conflict, LoginRefused, NotThere, ServerError, Unreachable
from kestrel_cli.server import executions, flows, key_values
from kestrel_cli.server.asking import Asking, Question
from kestrel_cli.server.connection import connected
from kestrel_cli.server.contexts import context_of
from kestrel_cli.server.proxies import proxy_for
from tests.support.kestra_faults import Fault, html, refused
from tests.support.kestra_server import PASSWORD, kestra_server
from tests.support.proxies import HttpProxy, proxy_server
from tests.support.tls import pem_file, server_context

FLOW = "id: demo\nnamespace: company.team\ntasks:\n  - {id: a, type: io.kestra.x.Y}\n"


def test_what_changes_nothing_is_asked_again(server, kestra, waits):
    kestra.faults.append(refused("GET .*/kv", 503, times=3))
    assert key_values.listed(server, "company.team") == []
    assert waits == [0.5, 1.0, 2.0]
    kestra.faults.append(refused("GET .*/kv", 429, times=1, Retry_After="7"))
    assert key_values.listed(server, "company.team") == []
    assert waits[-1] == 7.0


def test_a_server_that_stays_in_trouble_is_not_reached(server, kestra):
    kestra.faults.append(refused("GET .*/kv", 500))
    with pytest.raises(Unreachable, match="500") as caught:
        key_values.listed(server, "company.team")
    assert caught.value.exit_code == 69
    assert len(kestra.requests("/kv")) == 5


@pytest.mark.parametrize(("status", "again"), [(500, 1), (502, 1), (503, 1), (429, 5)])
def test_what_may_not_be_done_twice_is_asked_again_only_if_it_was_not_looked_at(
    server, kestra, status, again
):
    kestra.faults.append(refused("/restart", status))
    with pytest.raises(Unreachable):
        executions.restart(server, "x")
    assert len(kestra.requests("/restart")) == again


def test_a_busy_server_may_ask_for_time_before_anything(server, kestra, waits):
    kestra.faults.append(refused("POST .*/flows$", 503, times=1, Retry_After="3"))
    assert flows.push(server, "company.team", "demo", FLOW).change == "created"
    assert waits == [3.0]


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [(403, LoginRefused, 3), (404, NotThere, 5), (409, Conflict, 3), (422, ServerError, 3)],
)
def test_refusals_have_their_kinds(server, kestra, status, kind, code):
    kestra.faults.append(refused("/kv", status))
    with pytest.raises(kind) as caught:
        key_values.listed(server, "company.team")
    assert caught.value.exit_code == code
    assert caught.value.status == status


def test_nobody_is_there(waits):
    with kestra_server() as gone:
        context = gone.context()
    with pytest.raises(Unreachable, match="can't be reached") as caught:
        connected(Asking(context, waits.append))
    assert caught.value.exit_code == 69
    assert "proxy" in caught.value.hint


def test_a_slow_server_is_given_up(kestra, asking):
    kestra.faults.append(Fault("/flows/search", times=9, slow=0.15))
    with pytest.raises(Unreachable, match="does not answer"):
        connected(asking(read=0.02))


def test_a_connection_that_closes_without_an_answer_is_tried_again(server, kestra):
    kestra.faults.append(Fault("/kv", times=2, lost=True))
    assert key_values.listed(server, "company.team") == []


@pytest.mark.parametrize("status", [200, 404])
def test_a_page_is_no_kestra(kestra, asking, status):
    kestra.faults.append(html(status=status))
    with pytest.raises(Unreachable, match="is no Kestra") as caught:
        connected(asking())
    assert caught.value.exit_code == 69


def test_json_of_somebody_else_is_no_kestra(kestra, asking):
    kind = {"Content-Type": "application/json"}
    kestra.faults.append(Fault("", times=9, status=200, headers=kind, body=b"[1]"))
    with pytest.raises(Unreachable, match="is no Kestra"):
        connected(asking())


def test_a_login_is_not_sent_to_another_server(kestra, asking):
    with kestra_server() as other:
        there = {"Location": f"{other.url}/api/v1/main/flows/search"}
        kestra.faults.append(Fault("/flows/search", status=302, headers=there))
        with pytest.raises(Unreachable, match="leads to another server") as caught:
            connected(asking())
        assert other.url in caught.value.hint
        assert other.asked == []


def test_a_redirect_on_the_same_server_is_followed(server, kestra):
    there = {"Location": "/api/v1/main/namespaces/company.team/kv"}
    kestra.faults.append(Fault("/other/kv", status=301, headers=there))
    assert key_values.listed(server, "other") == []
    assert all("authorization" in one.headers for one in kestra.asked)


@pytest.mark.parametrize("where", ["http://[::1", "/again"])
def test_redirects_that_lead_nowhere_end(server, kestra, where):
    kestra.faults.append(Fault("", times=99, status=302, headers={"Location": where}))
    with pytest.raises(Unreachable):
        key_values.listed(server, "company.team")


def test_what_changes_something_follows_no_redirect(server, kestra):
    there = {"Location": "/api/v1/main/elsewhere"}
    kestra.faults.append(Fault("POST .*/restart", times=9, status=307, headers=there))
    with pytest.raises(Unreachable, match="change nothing"):
        executions.restart(server, "x")


def test_no_error_tells_the_login(server, kestra):
    for status in (401, 403, 404, 409, 422, 429, 500):
        kestra.faults[:] = [refused("/kv", status)]
        with pytest.raises(ServerError) as caught:
            key_values.listed(server, "company.team")
        words = f"{caught.value} {caught.value.hint} {caught.value!r} {server!r}"
        assert PASSWORD not in words
        assert server.context.credentials.secrets[0] not in words


@pytest.mark.parametrize(
    ("said", "words", "hint"),
    [
        ({"token": "abc"}, "does not take a token", "takes no tokens"),
        ({"username": "ann", "password": "x"}, "the user `ann`", "is the password right"),
        ({"headers": {"X-Who": "ann"}}, "the headers of the context", "is the password right"),
        ({}, "none is given", "KESTRA_USER"),
    ],
    ids=["token", "password", "headers", "nothing"],
)
def test_a_login_that_is_refused_is_named(kestra, said, words, hint):
    table = {"host": kestra.url, **said}
    with pytest.raises(LoginRefused, match=words) as caught:
        connected(Asking(context_of("x", None, {}, {"x": table})))
    assert hint in caught.value.hint


def test_an_answer_without_end_is_cut_short(server, kestra):
    kestra.faults.append(Fault("/kv", times=9, status=200, body=b" " * 2000))
    with pytest.raises(Unreachable, match="larger than the limit"):
        server.asking.get(Question("GET", server.path("namespaces", "x", "kv")), most=1000)


def test_a_certificate_of_ones_own_is_trusted(tmp_path, waits):
    with kestra_server(tls=server_context(tmp_path)) as kestra:
        table = {"host": kestra.url, "username": "ann@example.com", "password": PASSWORD}
        trusting = table | {"ca": str(pem_file(tmp_path))}
        for more in (trusting, table | {"insecure": True}):
            context = context_of("x", None, {}, {"x": more})
            assert connected(Asking(context, waits.append)).surface.told == "1.3.25"
        context = context_of("x", None, {}, {"x": table})
        with pytest.raises(Unreachable, match="can't be trusted") as caught:
            connected(Asking(context, waits.append))
        assert "`ca`" in caught.value.hint
        wrong = context_of("x", None, {}, {"x": table | {"ca": str(tmp_path / "none.pem")}})
        with pytest.raises(Unreachable, match="the certificates in"):
            connected(Asking(wrong, waits.append))


@pytest.mark.parametrize(
    ("host", "is_used"),
    [
        ("kestra.example.com", True),
        ("127.example.com.org", True),
        ("localhost", False),
        ("LOCALHOST", False),
        ("kestra.localhost", False),
        ("127.0.0.1", False),
        ("::1", False),
        ("in.example.org", False),
    ],
)
def test_the_proxy_of_the_environment_is_not_for_this_machine(host, is_used):
    environ = {"http_proxy": "http://proxy:3128", "no_proxy": "example.org"}
    assert (proxy_for("http", host, environ) is not None) is is_used


def test_a_proxy_is_gone_through(kestra, waits):
    table = {"host": kestra.url, "username": "ann@example.com", "password": PASSWORD}
    with proxy_server(HttpProxy, "me:pw") as proxy:
        there = f"127.0.0.1:{proxy.server_address[1]}"
        own = {"proxy": f"http://me:pw@{there}"}
        context = context_of("x", None, {}, {"x": table | own})
        assert connected(Asking(context, waits.append)).surface.told == "1.3.25"
        assert all(kestra.url in line for line in proxy.seen)
        nobody = context_of("x", None, {}, {"x": table | {"proxy": f"http://{there}"}})
        with pytest.raises(Unreachable, match="wants a login"):
            connected(Asking(nobody, waits.append))
    with pytest.raises(Unreachable, match="the proxy 127"):
        connected(Asking(context, waits.append))
