"""A crash report shows which options were given, and the value of none."""

from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from kestrel_cli.cli.arguments import without_values
from kestrel_cli.cli.commands import COMMANDS, app_for
from tests.cli.flows_here import HELLO
from tests.support.cli import run_here


def reported(arguments: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The line of the report about the arguments of a run that crashes."""

    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    (folder / "flow.yaml").write_text(HELLO)
    monkeypatch.setattr("kestrel_cli.cli.run.load", crash)
    monkeypatch.setattr("sys.argv", ["kestrel", *arguments])
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert run_here(arguments, folder).code == 70
    (report,) = folder.glob("kestrel-crash-*")
    return report.read_text().splitlines()[0].removeprefix("arguments: ")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (["--kv", "key=hunter2"], ["--kv", "key=..."]),
        (["--kv", "hunter2"], ["--kv", "..."]),
        (["--kv=key=hunter2"], ["--kv=key=..."]),
        (["--mock", 'extract={"token": "hunter2"}'], ["--mock", "extract=..."]),
        (["--mock-type", "io.x=hunter2"], ["--mock-type", "io.x=..."]),
        (["--label", "owner=hunter2"], ["--label", "owner=..."]),
        (["--resume", 'ask={"p": "hunter2"}'], ["--resume", "ask=..."]),
        (["-i", "pass=hunter2"], ["-i", "pass=..."]),
        (["-ipass=hunter2"], ["-ipass=..."]),
        (["-qi", "pass=hunter2"], ["-qi", "pass=..."]),
        (["-qqipass=hunter2"], ["-qqipass=..."]),
        (["--input=pass=hunter2"], ["--input=pass=..."]),
        (["--input", "pass:=hunter2=="], ["--input", "pass:=..."]),
        (["--secrets-file", "hunter2"], ["--secrets-file", "..."]),
        (["--secrets-file=/home/a=b/hunter2"], ["--secrets-file=..."]),
        (["--inputs-file", "hunter2"], ["--inputs-file", "..."]),
        (["-o", "json"], ["-o", "..."]),
        (["--kv", "-hunter2"], ["--kv", "..."]),
        (["-q", "--sequential", "--ascii"], ["-q", "--sequential", "--ascii"]),
    ],
    ids=" ".join,
)
def test_values_are_hidden_in_every_form(
    given: list[str], shown: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for before, after in ((["run", "flow.yaml"], []), (["run"], ["flow.yaml"])):
        line = reported([*before, *given, *after], tmp_path, monkeypatch)
        assert line == str([*before, *shown, *after])
        assert "hunter2" not in line
        next(tmp_path.glob("kestrel-crash-*")).unlink()


def test_flows_and_what_comes_after_two_dashes_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = reported(["flow.yaml", "-q", "--kv", "k=v"], tmp_path, monkeypatch)
    assert line == "['flow.yaml', '-q', '--kv', 'k=...']"
    assert without_values(["run", "--", "-x"]) == ["run", "--", "-x"]


def test_what_nothing_is_known_of_may_have_a_value() -> None:
    assert without_values(["run", "--var", "hunter2", "-xhunter2", "-h"]) == [
        "run", "--var", "...", "-x...", "-h",
    ]  # fmt: skip
    assert without_values(["--new=hunter2", "-x", "hunter2"]) == ["--new=...", "-x", "..."]


_NO_OPTIONS = ("help", "completion")


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in _NO_OPTIONS])
def test_the_values_of_every_option_of_every_command_are_hidden(command: str) -> None:
    found: Any = get_command(app_for(command)).commands[command]  # type: ignore[attr-defined]
    options = [one for one in found.params if one.param_type_name == "option"]
    assert options
    for one in options:
        for name in one.opts:
            shown = without_values([command, name, "hunter2", "last"])
            if one.is_flag or one.count:
                assert shown[2] == "hunter2"
            else:
                assert shown == [command, name, "...", "last"]
