"""Flows are created and updated one by one, and nothing else."""

import pytest

from kestrel_cli.errors import ServerError, Unreachable
from kestrel_cli.server import flows
from kestrel_cli.server.flows import Pushed
from tests.support.kestra_faults import Fault

NAMES = ("company.team", "demo")
FLOW = "id: demo\nnamespace: company.team\ntasks:\n  - {id: a, type: io.kestra.x.Y}\n"
OTHER = FLOW.replace("io.kestra.x.Y", "io.kestra.x.Z")


def test_a_push_creates_updates_and_leaves_alone(server, kestra):
    assert flows.push(server, *NAMES, FLOW) == Pushed("created", 1)
    assert flows.push(server, *NAMES, FLOW) == Pushed("unchanged", 1, 1)
    assert flows.push(server, *NAMES, OTHER) == Pushed("updated", 2, 1)
    assert flows.stored(server, *NAMES).source == OTHER
    assert flows.stored(server, *NAMES, revision=1).source == FLOW
    assert flows.stored(server, "company.team", "nope") is None
    sent = [f"{one.method} {one.path.rpartition('/')[2]}" for one in kestra.asked if one.body]
    assert sent == ["POST flows", "PUT demo"]
    assert not kestra.requests("^DELETE|bulk")


def test_a_flow_that_was_created_without_an_answer_is_found(server, kestra):
    kestra.faults.append(Fault("POST .*/flows$", lost=True))
    with pytest.raises(Unreachable):
        flows.push(server, *NAMES, FLOW)
    assert flows.push(server, *NAMES, FLOW) == Pushed("unchanged", 1, 1)


def test_somebody_else_creates_it_meanwhile(server, kestra, monkeypatch):
    real = flows.stored
    answers = [None]
    monkeypatch.setattr(flows, "stored", lambda *given: answers.pop() if answers else real(*given))
    kestra.flows[NAMES] = [OTHER]
    assert flows.push(server, *NAMES, FLOW) == Pushed("updated", 2, 1)


def test_what_the_server_says_of_a_source(server):
    assert flows.validated(server, FLOW).problem is None
    assert "tasks" in flows.validated(server, "id: x\nnamespace: company.team\n").problem
    # It would cut this in two.
    assert flows.validated(server, FLOW + 'description: "a --- b"\n') is None


def test_an_id_that_is_no_text_to_the_server_is_told(server):
    source = "id: off\nnamespace: company.team\ntasks:\n  - {id: one, type: x}\n"
    with pytest.raises(ServerError, match="the id `off` as `false`") as caught:
        flows.push(server, "company.team", "off", source)
    assert 'id: "off"' in caught.value.hint
