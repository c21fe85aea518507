"""Which server, and who asks it."""

import json

import pytest

from kestrel_cli.errors import CannotStart, NothingMatched, UsageError
from kestrel_cli.server.contexts import context_of, known_contexts
from kestrel_cli.server.said import KEYS, of_settings

SECRET = "tok-very-secret-1"
FILE = """\
default_context: dev
contexts:
  dev:
    host: https://dev.example.com
    tenant: main
    auth_method: basic
    username: ann
    password: pw-of-dev-1
    headers:
      X-Team: data
  prod:
    host: https://prod.example.com
    tenant: acme
    auth_method: token
    token: tok-of-prod-1
"""


@pytest.fixture
def home(tmp_path):
    place = tmp_path / ".kestractl"
    place.mkdir()
    (place / "config.yaml").write_text(FILE)
    return {"HOME": str(tmp_path)}


def headers(context):
    return dict(context.credentials.headers)


def test_a_context_of_our_settings_stands_above_all_others(home):
    settings = {"prod": {"host": "https://other.example.com", "token": SECRET, "tenant": "t"}}
    environ = home | {"KESTRACTL_HOST": "https://third.example.com"}
    context = context_of("prod", None, environ, settings)
    assert (context.host, context.tenant, context.name) == (
        "https://other.example.com",
        "t",
        "prod",
    )
    assert headers(context) == {"Authorization": f"Bearer {SECRET}"}


def test_contexts_of_kestractl_are_read(home):
    context = context_of("dev", None, home, {})
    assert (context.host, context.tenant) == ("https://dev.example.com", "main")
    assert headers(context)["X-Team"] == "data"
    assert headers(context)["Authorization"].startswith("Basic ")
    assert headers(context_of("prod", None, home, {})) == {"Authorization": "Bearer tok-of-prod-1"}
    assert context_of(None, None, home, {}).host == "https://dev.example.com"  # its default
    assert known_contexts(home, {"ours": {}}) == ["ours", "dev", "prod"]


def test_variables_of_kestractl_stand_above_its_file_and_those_of_the_sdk_below(home):
    environ = home | {"KESTRACTL_TENANT": "other", "KESTRACTL_TOKEN": SECRET}
    context = context_of("dev", None, environ, {})
    assert context.tenant == "other"
    assert headers(context)["Authorization"] == f"Bearer {SECRET}"
    sdk = {"KESTRA_HOSTNAME": "http://sdk.example.com", "KESTRA_API_TOKEN": SECRET}
    assert context_of(None, None, home | sdk, {}).host == "https://dev.example.com"
    context = context_of(None, None, sdk, {})
    assert context.host == "http://sdk.example.com"
    assert headers(context) == {"Authorization": f"Bearer {SECRET}"}


@pytest.mark.parametrize(
    "environ",
    [
        {"KESTRACTL_HOST": "https://evil.example.com"},
        {"KESTRACTL_HOST": "http://dev.example.com"},  # not the same over an open line
        {"KESTRACTL_HOST": "https://dev.example.com:8443"},
    ],
)
def test_a_login_goes_to_the_server_it_was_said_for_only(home, environ):
    context = context_of("dev", None, home | environ, {})
    assert context.host == environ["KESTRACTL_HOST"]
    assert headers(context) == {}


def test_a_server_of_an_option_takes_the_login_of_the_environment():
    environ = {"KESTRA_USER": "ann", "KESTRA_PASSWORD": "pw-of-ann-1"}
    context = context_of(None, "localhost:8080", environ, {})
    assert context.host == "http://localhost:8080"
    assert headers(context)["Authorization"].startswith("Basic ")
    elsewhere = environ | {"KESTRA_HOSTNAME": "https://other.example.com"}
    assert headers(context_of(None, "localhost:8080", elsewhere, {})) == {}


def test_a_tenant_may_be_given_with_the_command(home):
    assert context_of("dev", None, home, {}, tenant="acme").tenant == "acme"


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://kestra.example.com/ui/main/flows", "https://kestra.example.com"),
        ("https://example.com/kestra/", "https://example.com/kestra"),
        ("https://example.com/kestra/api/v1/main", "https://example.com/kestra"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("kestra", "http://kestra"),
    ],
)
def test_the_address_may_be_that_of_a_page(address, host):
    assert context_of(None, address, {}, {}).host == host


@pytest.mark.parametrize(
    "address", ["ftp://kestra", "http://ann:pw-of-ann-1@kestra", "http://[::1", "http://"]
)
def test_addresses_that_are_none_are_refused_without_telling_a_login(address):
    with pytest.raises(UsageError) as caught:
        context_of(None, address, {}, {})
    assert "pw-of-ann" not in str(caught.value)


def test_nobody_names_a_server_or_an_unknown_one(home):
    with pytest.raises(UsageError, match="no server"):
        context_of(None, None, {}, {})
    with pytest.raises(NothingMatched, match="`dev`, `prod`"):
        context_of("nope", None, home, {})
    with pytest.raises(UsageError, match="two servers"):
        context_of("dev", "http://kestra", home, {})


def test_secrets_of_settings_may_stand_in_variables():
    table = {"host": "http://kestra", "token-env": "MY_TOKEN"}
    assert of_settings("x", table, {"MY_TOKEN": SECRET}).token == SECRET
    with pytest.raises(CannotStart, match="MY_TOKEN"):
        of_settings("x", table, {})
    with pytest.raises(CannotStart, match="contradict"):
        of_settings("x", table | {"token": "a"}, {"MY_TOKEN": SECRET})


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"host": 1},
        {"host": "h", "hots": "x"},
        {"host": "h", "insecure": "yes"},
        {"host": "h", "timeout": "soon"},
        {"host": "h", "headers": 3},
        {"host": "h", "headers": ["no colon"]},
    ],
)
def test_wrong_tables_are_refused(table):
    with pytest.raises(CannotStart, match=r"contexts\.x"):
        of_settings("x", table, {})


def test_every_key_of_a_table_is_taken():
    table = {
        "host": "https://kestra",
        "tenant": "t",
        "username": "ann",
        "password": "pw-of-ann-1",
        "headers": {"X-A": "b"},
        "ca": "/ca.pem",
        "insecure": True,
        "proxy": "http://ann:pw@proxy:3128",
        "timeout": "30s",
    }
    assert set(table) | {"token", "token-env", "password-env"} == set(KEYS)
    context = context_of("x", None, {}, {"x": table})
    assert (context.ca, context.insecure, context.read) == ("/ca.pem", True, 30.0)
    assert (context.proxy.host, context.proxy.port) == ("proxy", 3128)


def test_proxies_of_the_environment_are_used():
    environ = {"https_proxy": "http://proxy:3128", "NO_PROXY": "localhost,.internal"}
    assert context_of(None, "https://kestra.example.com", environ, {}).proxy.host == "proxy"
    assert context_of(None, "https://kestra.internal", environ, {}).proxy is None
    assert context_of(None, "http://kestra.example.com", environ, {}).proxy is None
    with pytest.raises(UsageError, match="HTTPS_PROXY"):
        context_of(None, "https://kestra", {"HTTPS_PROXY": "socks5://proxy:1"}, {})


def test_logins_are_in_no_text(home):
    settings = {"x": {"host": "http://k", "token": SECRET, "headers": {"X-Key": "key-secret-1"}}}
    context = context_of("x", None, {}, settings)
    said = of_settings("x", settings["x"], {})
    shown = f"{context!r} {context} {said!r} {context.credentials.how}"
    assert SECRET not in shown
    assert "key-secret-1" not in shown
    assert set(context.credentials.secrets) == {SECRET, "key-secret-1"}


def test_a_token_with_a_line_break_is_told_without_it():
    environ = {"KESTRA_HOSTNAME": "http://k", "KESTRA_API_TOKEN": f"{SECRET}\n"}
    with pytest.raises(CannotStart, match="line break") as caught:
        context_of(None, None, environ, {})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["a: [", "- 1", "contexts: 3", "contexts: {dev: 3}", "contexts: {dev: {token: [tok-x-1]}}"],
)
def test_a_file_that_is_not_right_is_named_and_not_quoted(home, tmp_path, text):
    (tmp_path / ".kestractl/config.yaml").write_text(text)
    with pytest.raises(CannotStart, match=r"config\.yaml") as caught:
        context_of("dev", None, home, {})
    assert "tok-x-1" not in str(caught.value)


def test_a_file_elsewhere_and_a_file_that_is_empty(tmp_path):
    (tmp_path / "other.yaml").write_text(json.dumps({"contexts": {"x": {"host": "http://k"}}}))
    environ = {"KESTRACTL_CONFIG": str(tmp_path / "other.yaml")}
    assert context_of("x", None, environ, {}).host == "http://k"
    (tmp_path / "other.yaml").write_text("")
    assert known_contexts(environ, {}) == []
