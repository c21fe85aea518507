"""The inputs of an execution."""

import pytest

from kestrel_cli.app.inputs import hide_all, renderer_before
from kestrel_cli.app.request import RunRequest
from kestrel_cli.errors import RenderError
from kestrel_cli.model.masker import Masker, Origin
from tests.support.flows import flow, leaf


def test_defaults_of_inputs_see_what_an_execution_sees():
    made = flow(leaf("a"), variables={"v": 1})
    made.__dict__["label_pairs"] = [("team", "blue")]
    request = RunRequest(
        made,
        environ={"ENV_E": "e"},
        globals={"g": [2]},
        kestra={"url": "http://here"},
        labels=[("more", "red")],
    )
    render = renderer_before(request)
    assert render("{{ vars.v }}", {}) == 1
    assert render("{{ globals.g }}", {}) == [2]
    assert render("{{ envs.e }}-{{ inputs.x }}", {"x": 3}) == "e-3"
    assert (
        render("{{ labels.team }} {{ labels.more }} {{ kestra.url }}", {}) == "blue red http://here"
    )
    assert render("{{ execution.state }} {{ flow.id }}", {}) == "CREATED test"
    assert render(5, {}) == 5
    with pytest.raises(RenderError):
        render("{{ taskrun.id }}", {})


def test_secret_inputs_are_known_by_their_paths():
    masker = Masker()
    hide_all(masker, {"login.token": "hunter2"}, pytest.fail)
    assert masker.origin_of("hunter2") == Origin("input", "login.token")
