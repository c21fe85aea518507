import base64

import pytest

from kestrel_cli.app.outside import Outside
from kestrel_cli.errors import RenderError
from kestrel_cli.model.event import LogLine
from kestrel_cli.model.masker import Masker, Origin
from kestrel_cli.worker.services import Given, RunServices, log_entry, prefixed_environment


def services(**environ):
    return RunServices(
        environ,
        errors=list,
        described=dict,
        sources=lambda: Outside(Given(), environ, namespace="company.team"),
        namespace="company.team",
        masker=Masker(),
    )


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def test_a_secret_of_kestrel_is_taken_as_it_is():
    assert services(KESTREL_SECRET_TOKEN="a b=").secret("token", None, None) == "a b="


def test_a_secret_of_kestra_is_base64():
    assert services(SECRET_TOKEN=encoded("hällo")).secret("Token", None, None) == "hällo"


def test_a_secret_of_kestrel_comes_first_even_when_it_is_empty():
    found = services(KESTREL_SECRET_TOKEN="", SECRET_TOKEN=encoded("no"))
    assert found.secret("TOKEN", None, None) == ""


@pytest.mark.parametrize(
    "environ",
    [
        {"KESTREL_SECRET_DB": '{"user": "me", "port": 5}'},
        {"SECRET_DB": encoded('{"user": "me", "port": 5}')},
    ],
)
def test_a_part_of_a_secret(environ):
    found = services(**environ)
    assert (found.secret("DB", None, "user"), found.secret("DB", None, "port")) == ("me", "5")


def test_a_secret_is_known_by_its_key_and_a_part_of_it_is_made_of_it():
    found = services(KESTREL_SECRET_DB='{"user": "alice"}', KESTREL_SECRET_TOKEN="hunter2")
    found.secret("token", None, None)
    found.secret("Db", None, "user")
    assert found.masker.origin_of("hunter2") == Origin("secret", "TOKEN")
    assert found.masker.origin_of('{"user": "alice"}') == Origin("secret", "DB")
    assert found.masker.origin_of("alice") is None
    assert found.masker.origins_of("alice") == (Origin("secret", "DB"),)


@pytest.mark.parametrize("text", ["{}", "[1]", "no json", '"user"', "[" * 100_000])
def test_a_part_that_is_not_there_is_an_error(text):
    with pytest.raises(RenderError, match=r"^Cannot find secret sub-key 'user' in secret 'DB'\.$"):
        services(KESTREL_SECRET_DB=text).secret("DB", None, "user")


def test_a_secret_that_is_not_there_is_an_error():
    with pytest.raises(RenderError, match=r"^Cannot find secret for key 'token'\.$"):
        services().secret("token", None, None)


def test_a_secret_of_kestra_that_is_not_base64_is_an_error_that_tells_no_secret():
    with pytest.raises(RenderError) as failure:
        services(SECRET_TOKEN="hunter2!").secret("token", None, None)
    assert "hunter2" not in f"{failure.value} {failure.value.hint}"


def test_error_logs_are_those_of_the_run_described():
    lines = [LogLine(None, 0, "ERROR", "one"), LogLine(1, 5, "ERROR", "two")]
    made = services()
    made._errors, made._described = lambda: lines, lambda line: {"message": line.message}
    assert made.error_logs() == [{"message": "one"}, {"message": "two"}]


@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        ({}, {}),
        ({"ENV_DB_HOST": "x", "PATH": "/bin"}, {"db_host": "x"}),
        ({"KESTRA_A": "1"}, {"a": "1"}),
        ({"ENV_A": "new", "KESTRA_A": "old"}, {"a": "new"}),
        ({"KESTRA_A": "old", "ENV_a": "new"}, {"a": "new"}),
        ({"ENV_": "x", "KESTRA_": "y"}, {}),
    ],
)
def test_envs_are_the_prefixed_variables_in_lower_case(environ, shown):
    assert prefixed_environment(environ) == shown


def test_a_log_entry_has_kestras_shape_without_what_is_not_known():
    names = {"namespace": "n", "flowId": "f", "taskId": None, "taskRunId": None}
    assert log_entry(LogLine(None, 1_500_000, "WARN", "hello", 2), names) == {
        "tenantId": "main",
        "namespace": "n",
        "flowId": "f",
        "attemptNumber": 2,
        "timestamp": "1970-01-01T00:00:01.500000Z",
        "level": "WARN",
        "thread": "main",
        "message": "hello",
    }
