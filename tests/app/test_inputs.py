"""The inputs of an execution."""

import pytest

from kestrel_cli.app.inputs import hide_all, input_renderer
from kestrel_cli.errors import RenderError
from kestrel_cli.model.masker import Masker, Origin
from tests.support.flows import flow, leaf


def test_defaults_of_inputs_see_the_flow_variables_envs_and_globals():
    render = input_renderer(flow(leaf("a"), variables={"v": 1}), {"ENV_E": "e"}, {"g": [2]})
    assert render("{{ vars.v }}", {}) == 1
    assert render("{{ globals.g }}", {}) == [2]
    assert render("{{ envs.e }}-{{ inputs.x }}", {"x": 3}) == "e-3"
    assert render(5, {}) == 5
    with pytest.raises(RenderError):
        render("{{ outputs }}", {})


def test_secret_inputs_are_known_by_their_paths():
    masker = Masker()
    hide_all(masker, {"login.token": "hunter2"}, pytest.fail)
    assert masker.origin_of("hunter2") == Origin("input", "login.token")
