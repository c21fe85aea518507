"""Where things are on servers of all versions."""

import pytest

from kestrel_cli.errors import LoginRefused, ServerError, Unreachable
from kestrel_cli.server import executions
from kestrel_cli.server.asking import Asking
from kestrel_cli.server.connection import connected
from tests.support.kestra_faults import Fault, refused
from tests.support.kestra_plays import Script
from tests.support.kestra_server import kestra_server

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("version", "prefix", "numbers"),
    [
        ("0.21.4", "/api/v1", (0, 21)),
        ("0.23.0", "/api/v1/main", (0, 23)),
        ("1.3.25", "/api/v1/main", (1, 3)),
        ("2.0.0-SNAPSHOT", "/api/v1/main", (2, 0)),
    ],
)
def test_paths_and_version_are_found_out(version, prefix, numbers):
    with kestra_server(version) as kestra:
        surface = connected(Asking(kestra.context())).surface
    assert (surface.prefix, surface.version, surface.told) == (prefix, numbers, version)
    assert surface.outputs_apart == (numbers >= (2, 0))


def test_a_wrong_login_is_told_as_that(kestra, asking):
    kestra.login = ("somebody", "else")
    with pytest.raises(LoginRefused, match="asks for a login, and none is given") as caught:
        connected(asking(credentials=type(asking().context.credentials)()))
    assert "KESTRA_USER" in caught.value.hint


def test_an_unknown_tenant_is_told_as_that(asking):
    with pytest.raises(ServerError, match="has no tenant `acme`") as caught:
        connected(asking(tenant="acme"))
    assert "main" in caught.value.hint


def test_a_server_that_hides_its_version_is_asked_for_what_is_there(kestra, asking):
    kestra.faults.append(refused("/configs", 404))
    server = connected(asking())
    assert server.surface.version is None
    live = kestra.begin("company.team.demo")
    executions.kill(server, live.play.id)
    assert kestra.requests("DELETE .*/kill")


@pytest.mark.parametrize("told", ["0.21.0", "1.3.25", "2.0.0"])
@pytest.mark.parametrize("really", ["1.3.25", "2.0.0"])
def test_actions_are_found_where_they_are(told, really, waits):
    with kestra_server(really) as kestra:
        server = connected(Asking(kestra.context(), waits.append))
        server.surface.version = tuple(map(int, told.split(".")[:2]))
        kestra.plays["company.team.demo"] = Script().run("one")
        live = kestra.begin("company.team.demo")
        executions.kill(server, live.play.id)
        assert live.state == "KILLED"
        with pytest.raises(ServerError, match="has no execution `nope`"):
            executions.kill(server, "nope")


def test_a_2_0_gives_its_outputs_apart(waits):
    with kestra_server("2.0.0", step=0) as kestra:
        server = connected(Asking(kestra.context(), waits.append))
        play = Script(outputs={"all": "done"}).run("one").end("one", value=1)
        kestra.plays["company.team.demo"] = play.run("two").end("two").state("SUCCESS")
        live = kestra.begin("company.team.demo")
        live.until("SUCCESS")
        found = executions.get(server, live.play.id)
        assert found["outputs"] == {"all": "done"}
        assert [run["outputs"] for run in found["taskRunList"]] == [{"value": 1}, {}]
        assert [run["executionId"] for run in found["taskRunList"]] == [live.play.id] * 2


def test_nothing_is_asked_of_who_answers_nonsense(kestra, asking):
    kestra.faults.append(refused("/flows/search", 404))
    with pytest.raises(Unreachable, match="is no Kestra"):
        connected(asking())


def test_a_2_0_that_hides_its_version_gives_its_outputs_all_the_same(waits):
    with kestra_server("2.0.0", step=0) as kestra:
        kestra.faults.append(refused("/configs", 404))
        server = connected(Asking(kestra.context(), waits.append))
        kestra.plays["company.team.demo"] = Script().run("one").end("one", value=1).state("SUCCESS")
        live = kestra.begin("company.team.demo").until("SUCCESS")
        assert executions.get(server, live.play.id)["taskRunList"][0]["outputs"] == {"value": 1}


def test_outputs_of_early_2_0_stand_elsewhere(waits):
    with kestra_server("2.0.0", step=0) as kestra:
        server = connected(Asking(kestra.context(), waits.append))
        kestra.plays["company.team.demo"] = Script().run("one").end("one", value=1).state("SUCCESS")
        live = kestra.begin("company.team.demo").until("SUCCESS")
        run = live.document["taskRunList"][0]["id"]
        kestra.faults.append(refused("/outputs/(tasks|executions)/", 404))
        answer = Fault(f"/outputs/{live.play.id}/{run}$", 9, 200, JSON, b'{"value": 2}')
        kestra.faults.insert(0, answer)
        kestra.faults.insert(0, Fault(f"/outputs/{live.play.id}$", 9, 200, JSON, b'{"all": 3}'))
        found = executions.get(server, live.play.id)
        assert found["outputs"] == {"all": 3}
        assert found["taskRunList"][0]["outputs"] == {"value": 2}
