import pytest

import kestrel_cli
from kestrel_cli.errors import FlowFileError

FLOW = """\
id: hello
namespace: company.team
inputs:
  - {id: name, type: STRING}
tasks:
  - {id: greet, type: io.kestra.plugin.core.debug.Return, format: "Hello {{ inputs.name }}"}
"""


def test_the_public_names_are_these():
    assert sorted(kestrel_cli.__all__) == [
        "Execution",
        "KestrelError",
        "State",
        "TaskRun",
        "__version__",
        "load",
        "run",
    ]
    assert all(getattr(kestrel_cli, name) is not None for name in kestrel_cli.__all__)


def test_a_name_that_is_not_public_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        kestrel_cli.nothing  # noqa: B018  the look-up is what is tested


def test_a_flow_runs_from_python(tmp_path):
    path = tmp_path / "flow.yaml"
    path.write_text(FLOW)
    execution = kestrel_cli.run(kestrel_cli.load(str(path)), {"name": "Ada"})
    assert execution.state == kestrel_cli.State.SUCCESS
    assert execution.runs[0].outputs == {"value": "Hello Ada"}
    assert kestrel_cli.run(str(path), {"name": "Bo"}).state == "SUCCESS"


def test_a_file_that_is_no_flow_is_an_error_of_kestrel(tmp_path):
    path = tmp_path / "flow.yaml"
    path.write_text("id: x\n")
    with pytest.raises(FlowFileError):
        kestrel_cli.run(str(path))
