"""`--mock`, `--mock-type`, `--mock-unsupported`."""

import json
from pathlib import Path

import pytest

from kestrel_cli.cli.mocks import read_mocks, read_mocks_of_types, read_resumes
from kestrel_cli.errors import UsageError
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.state import State
from tests.cli.flows_here import CORE, HELLO, UNSUPPORTED, written
from tests.cli.past import FLAKY
from tests.support.cli import Result, run_here

PARENT = f"""
id: parent
namespace: company.team
tasks:
  - {{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: flaky}}
"""


def run(folder: Path, flow: str, *options: str) -> Result:
    return run_here(["run", written(folder, flow), *options], folder)


def mock(*tasks: str) -> Mock:
    (found,) = read_mocks(tasks)
    return found


# -- what the options say


@pytest.mark.parametrize(
    ("option", "found"),
    [
        ("a", Mock(task="a")),
        ("a=", Mock(task="a")),
        ("a={}", Mock(task="a")),
        ('a={"x": [1, "b=c"]}', Mock(task="a", outputs={"x": [1, "b=c"]})),
        ("a={x: 1}", Mock(task="a", outputs={"x": 1})),
        ("a[v]={x: 1}", Mock(task="a", value="v", outputs={"x": 1})),
        ("a[k=v]={x: 1}", Mock(task="a", value="k=v", outputs={"x": 1})),
        ("a[]", Mock(task="a", value="")),
        ('a={"outputs": {"state": 1}}', Mock(task="a", outputs={"state": 1})),
        ('a={"state": "WARNING"}', Mock(task="a", state=State.WARNING)),
        ('a={"error": "why"}', Mock(task="a", state=State.FAILED, error="why")),
        ('a={"error": "why", "state": "WARNING"}', Mock("a", state=State.WARNING, error="why")),
        ('a={"state": "on", "rows": 1}', Mock(task="a", outputs={"state": "on", "rows": 1})),
        ('a={"files": {"uri": "text"}}', Mock(task="a", files={"uri": b"text"})),
        ('a={"files": {"uri": {"b": 1}}}', Mock(task="a", files={"uri": b'{"b": 1}'})),
        (
            'a={"files": {"outputFiles": {"x.txt": "X", "y/z": ""}}}',
            Mock(task="a", files={"x.txt": b"X", "y/z": b""}),
        ),
    ],
)
def test_a_mock_is_a_map_of_outputs_or_says_more(option: str, found: Mock) -> None:
    assert mock(option) == found


def test_a_mock_may_be_in_a_file_and_so_may_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_bytes(b"\xff,1\n")
    Path("mock.yaml").write_text("outputs: {n: 1}\nfiles: {uri: '@rows.csv'}\n", "utf-8")
    assert mock("a=@mock.yaml") == Mock(task="a", outputs={"n": 1}, files={"uri": b"\xff,1\n"})


def test_types_are_named_by_their_beginning() -> None:
    assert read_mocks_of_types(["io.kestra.plugin.aws", "io.x={a: 1}"]) == [
        Mock(prefix="io.kestra.plugin.aws"),
        Mock(prefix="io.x", outputs={"a": 1}),
    ]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("a=5", "`--mock a`: expected a map"),
        ("a=[1]", "`--mock a`: expected a map"),
        ("a={", "`--mock a`: this is neither JSON nor YAML"),
        ("a[b][c]={}", "`--mock a[b][c]`: name the value of the task run itself only"),
        ("a[b={}", "`a[b={}`: write `TASK` or `TASK[value]`"),
        ('a={"state": "PAUSED"}', "`--mock a`: `state` must be one of SUCCESS, WARNING, FAILED"),
        ('a={"outputs": 5}', "`--mock a`: `outputs` must be a map"),
        ('a={"files": ["x"]}', "`--mock a`: `files` must be a map"),
        ('a={"files": {"outputFiles": "x"}}', "`--mock a`: `outputFiles` must be a map"),
        ("a=@nowhere.json", "`--mock a`: nowhere.json: No such file or directory"),
        ('a={"files": {"uri": "@nowhere"}}', "`--mock a`: nowhere: No such file or directory"),
    ],
)
def test_what_is_no_mock_is_refused(option: str, words: str, tmp_path: Path) -> None:
    flow = HELLO.replace("id: greet", "id: a")
    result = run(tmp_path, flow, "--mock", option)
    assert (result.code, result.out) == (2, "")
    assert words in result.err


def test_inputs_of_paused_tasks_are_read_the_same_way() -> None:
    assert read_resumes(["a", 'b={"x": "y=z"}', "c={x: 1}"]) == {
        "a": {},
        "b": {"x": "y=z"},
        "c": {"x": 1},
    }
    with pytest.raises(UsageError, match="`--resume a`: expected a map"):
        read_resumes(["a=5"])


# -- what comes of them


def test_a_task_that_the_flow_does_not_have_is_refused_with_the_nearest(tmp_path: Path) -> None:
    result = run(tmp_path, HELLO, "--mock", "gret={}")
    assert (result.code, result.out) == (2, "")
    assert "`--mock gret`: the flow has no task `gret`; did you mean `greet`?" in result.err


def test_a_task_of_a_flow_that_is_called_may_be_mocked(tmp_path: Path) -> None:
    written(tmp_path, FLAKY, "flaky.yaml")
    result = run(tmp_path, PARENT, "--mock", "second={}", "-o", "json")
    assert result.code == 0
    (child,) = json.loads(result.out)["executions"]
    assert [one["taskId"] for one in child["taskRunList"]] == ["first", "second", "third", "tidy"]


def test_the_mock_of_a_value_comes_before_that_of_the_task_and_of_the_type(
    tmp_path: Path,
) -> None:
    flow = f"""
id: loop
namespace: company.team
tasks:
  - id: each
    type: {CORE}.flow.ForEach
    values: [a, b]
    tasks:
      - {{id: one, type: {CORE}.debug.Return, format: real}}
      - {{id: two, type: {CORE}.debug.Return, format: real}}
"""
    options = [
        "--mock-type", f"{CORE}.debug={{value: of the type}}",
        "--mock", "one={value: of the task}",
        "--mock", "one[b]={value: of the value}",
    ]  # fmt: skip
    found = json.loads(run(tmp_path, flow, "-o", "json", *options).out)["taskRunList"][1:]
    assert [one["outputs"]["value"] for one in found] == [
        "of the task", "of the type", "of the value", "of the type",
    ]  # fmt: skip


def test_a_type_that_does_not_run_here_needs_a_mock_for_all_its_runs(tmp_path: Path) -> None:
    result = run(tmp_path, UNSUPPORTED, "--mock", "query[a]={}")
    assert (result.code, result.out) == (4, "")
    assert "--mock 'query={}'" in result.err
    assert run(tmp_path, UNSUPPORTED, "--mock", "query").code == 0
    assert run(tmp_path, UNSUPPORTED, "--mock-type", "io.kestra.plugin.aws").code == 0


def test_an_unsupported_one_succeeds_empty_and_says_so(tmp_path: Path) -> None:
    result = run(tmp_path, UNSUPPORTED, "--mock-unsupported")
    assert result.code == 0
    assert "mocked: io.kestra.plugin.aws.s3.Upload was not run" in result.out


def test_a_mock_that_fails_is_tried_again_by_the_policy_of_its_task(tmp_path: Path) -> None:
    flow = f"{HELLO}    retry: {{type: constant, interval: PT0.01S, maxAttempts: 2}}\n"
    result = run(tmp_path, flow, "--mock", 'greet={"error": "no"}')
    assert result.code == 1
    assert "no (attempt 2 of 2)" in result.out


def test_files_of_a_mock_have_no_name_that_leads_out(tmp_path: Path) -> None:
    mock = 'greet={"files": {"outputFiles": {"../../x": "no"}}}'
    result = run(tmp_path, HELLO, "--mock", mock)
    assert result.code == 1
    assert not list(tmp_path.rglob("x"))
