"""The exit code and the final state agree, always.

The table of exit codes. Signals: test_2_terminal_states.py.
"""

import json
from pathlib import Path

import pytest

from tests.cli.flows_here import (
    FAILS,
    HELLO,
    NEEDS_INPUT,
    SLEEPS,
    UNSUPPORTED,
    WARNS,
    written,
)
from tests.support.cli import Result, run_here

IN_JSON = ["-o", "json"]


def run(folder: Path, flow: str, *options: str) -> Result:
    return run_here(["run", written(folder, flow), *options], folder)


def code_and_document(result: Result) -> tuple[int, str]:
    """The exit code, which the document repeats, and the final state."""
    document = json.loads(result.out)
    assert document["exitCode"] == result.code
    return result.code, document["state"]["current"]


@pytest.mark.parametrize(
    ("flow", "options", "code", "state"),
    [
        (HELLO, [], 0, "SUCCESS"),
        (HELLO, ["--fail-on", "warning"], 0, "SUCCESS"),
        (WARNS, [], 0, "WARNING"),
        (WARNS, ["--fail-on", "failed"], 0, "WARNING"),
        (WARNS, ["--fail-on", "warning"], 1, "WARNING"),
        (FAILS, [], 1, "FAILED"),
        (FAILS, ["--fail-on", "warning"], 1, "FAILED"),
        (SLEEPS, ["--timeout", "0.1s"], 124, "KILLED"),
        (SLEEPS, ["--timeout", "PT0.1S"], 124, "KILLED"),
    ],
)
def test_the_exit_code_follows_from_the_final_state(
    flow: str, options: list[str], code: int, state: str, tmp_path: Path
) -> None:
    assert code_and_document(run(tmp_path, flow, *IN_JSON, *options)) == (code, state)


@pytest.mark.parametrize("output", ["text", "json", "tree", "yaml", "ndjson"])
@pytest.mark.parametrize("quiet", [[], ["-q"], ["-qq"]])
def test_the_exit_code_is_the_same_however_it_is_shown(
    output: str, quiet: list[str], tmp_path: Path
) -> None:
    assert run(tmp_path, FAILS, "-o", output, *quiet).code == 1


def test_a_run_that_was_in_time_is_not_timed_out(tmp_path: Path) -> None:
    assert run(tmp_path, HELLO, "--timeout", "30s").code == 0


def test_what_was_killed_by_its_time_limit_shows_its_task_runs(tmp_path: Path) -> None:
    runs = json.loads(run(tmp_path, SLEEPS, *IN_JSON, "--timeout", "0.1s").out)["taskRunList"]
    assert [(one["taskId"], one["state"]["current"]) for one in runs] == [
        ("before", "SUCCESS"),
        ("outer", "KILLED"),
        ("nap", "KILLED"),
    ]


@pytest.mark.parametrize(
    "options",
    [
        ["--timeout", "soon"],
        ["--timeout", "0"],
        ["--timeout", "-5s"],
        ["--label", "x"],
        ["--label", "=x"],
        ["--label", "system.x=y"],
        ["-i", "name"],
        ["-i", "name:={"],
        ["-i", "name=@nowhere.txt"],
        ["--inputs-file", "nowhere.yaml"],
        ["--inputs-file", "flow.txt"],
        ["-o", "xml"],
        ["--log-level", "loud"],
        ["--width", "3"],
        ["--seed", "x"],
        ["--json-file", "no/such/folder/x.json"],
        ["--json-file", "-"],
        ["--nonsense"],
        ["another.yaml"],
    ],
)
def test_a_wrong_option_ends_with_2_and_runs_nothing(options: list[str], tmp_path: Path) -> None:
    result = run(tmp_path, HELLO, *options)
    assert (result.code, result.out) == (2, "")
    assert result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.yaml", b""),
        ("list.yaml", b"- 1\n"),
        ("broken.yaml", b"id: [\n"),
        ("binary.yaml", bytes(range(256))),
        ("nul.yaml", b"id: a\0b\n"),
        ("latin.yaml", "id: é\n".encode("latin-1")),
        ("wrong.yaml", b"id: a\nnamespace: b\n"),
    ],
)
def test_a_file_that_is_no_flow_ends_with_3(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    result = run_here(["run", name], tmp_path)
    assert (result.code, result.out) == (3, "")
    assert result.err.startswith("error: ")
    assert name in result.err


def test_a_file_that_is_not_there_ends_with_3(tmp_path: Path) -> None:
    for arguments in (["run", "nowhere.yaml"], ["nowhere.yaml"]):
        result = run_here(arguments, tmp_path)
        assert (result.code, result.out) == (3, "")
        assert "nowhere.yaml" in result.err


def test_a_directory_ends_with_3(tmp_path: Path) -> None:
    result = run_here(["run", "."], tmp_path)
    assert (result.code, result.out) == (3, "")


def test_a_missing_input_ends_with_3_and_says_how_to_pass_it(tmp_path: Path) -> None:
    result = run(tmp_path, NEEDS_INPUT)
    assert (result.code, result.out) == (3, "")
    assert "age" in result.err
    assert "-i age=" in result.err


def test_an_input_that_does_not_fit_ends_with_3(tmp_path: Path) -> None:
    result = run(tmp_path, NEEDS_INPUT, "-i", "age=old")
    assert (result.code, result.out) == (3, "")
    assert "`age`" in result.err


def test_a_disabled_flow_ends_with_3(tmp_path: Path) -> None:
    result = run(tmp_path, f"{HELLO}disabled: true\n")
    assert (result.code, result.out) == (3, "")
    assert "disabled" in result.err


def test_a_task_type_that_does_not_run_here_ends_with_4(tmp_path: Path) -> None:
    result = run(tmp_path, UNSUPPORTED)
    assert (result.code, result.out) == (4, "")
    assert "flow.yaml:5:5" in result.err
    assert "io.kestra.plugin.aws.s3.Upload" in result.err


def test_a_retry_with_a_new_execution_ends_as_the_last_one_does(tmp_path: Path) -> None:
    retry = "{type: constant, interval: PT0.01S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}"
    result = run(tmp_path, f"{FAILS}    retry: {retry}\n", *IN_JSON)
    assert code_and_document(result) == (1, "FAILED")
    (first,) = json.loads(result.out)["executions"]
    assert first["state"]["current"] == "RETRIED"


def test_nothing_to_validate_ends_with_5(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    assert run_here(["validate", "flows"], tmp_path).code == 5


def test_a_bug_ends_with_70_and_leaves_a_report_instead_of_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kestrel_cli.cli.run.run_flow", _bug)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = run(tmp_path, HELLO)
    assert (result.code, result.out) == (70, "")
    assert "ZeroDivisionError" in result.err
    assert "Traceback" not in result.err
    (report,) = tmp_path.glob("kestrel-crash-*.txt")
    assert "Traceback" in report.read_text("utf-8")
    assert str(report) in result.err


def test_debug_shows_the_traceback_of_a_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kestrel_cli.cli.run.run_flow", _bug)
    with pytest.raises(ZeroDivisionError):
        run(tmp_path, HELLO, "--debug")


def _bug(_: object) -> None:
    raise ZeroDivisionError("for a test")


def test_the_json_file_is_the_document_of_json_output(tmp_path: Path) -> None:
    result = run(tmp_path, WARNS, *IN_JSON, "--json-file", "run.json", "-qq")
    assert (tmp_path / "run.json").read_text("utf-8") == result.out


def test_a_seed_makes_ids_repeatable(tmp_path: Path) -> None:
    def ids(*options: str) -> list[str]:
        document = json.loads(run(tmp_path, HELLO, *IN_JSON, *options).out)
        return [document["id"], *(one["id"] for one in document["taskRunList"])]

    # Of its own state directory: a journal is never written over.
    first = ids("--seed", "7", "--state-dir", str(tmp_path / "one"))
    assert ids("--seed", "7", "--state-dir", str(tmp_path / "two")) == first
    assert ids("--seed", "8") != first
    assert ids() != ids()
