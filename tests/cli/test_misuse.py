"""Mistakes on the command line: told as all other errors are, exit code 2."""

from pathlib import Path

import pytest

from tests.cli.flows_here import HELLO, written
from tests.support.cli import run_here

MISTAKES = [
    ("nonsense", "there is no command `nonsense`", "`kestrel --help` lists the commands"),
    ("validat a.yaml", "there is no command `validat`", "did you mean `kestrel validate`?"),
    ("lint", "there is no command `lint`", "`kestrel validate` does that"),
    ("inputs", "there is no command `inputs`", "`kestrel help inputs` explains it"),
    ("--vershon", "`kestrel` has no option `--vershon`", "did you mean `--version`?"),
    ("run a.yaml --zzz", "`kestrel run` has no option `--zzz`", "`kestrel run --help` lists"),
    ("run a.yaml --comat 1", "`kestrel run` has no option `--comat`", "did you mean `--compat`?"),
    ("run a.yaml --github", "`kestrel run` has no option `--github`", "`--github-output`?"),
    ("a.yaml --zzz", "`kestrel run` has no option `--zzz`", "`kestrel run --help` lists"),
    ("run", "FLOW is missing: the flow file; `-` reads", "write `kestrel run FLOW`"),
    ("replay", "ID is missing: the execution's id", "write `kestrel replay ID`"),
    ("run a.yaml b.yaml", "`kestrel run`: nothing more is expected at `b.yaml`", "shows what"),
    ("run a.yaml --color alway", "`--color alway`: use `auto`, `always` or `never`", "`always`?"),
    ("run a.yaml --width", "`--width` needs a value", "`kestrel run --help` tells which"),
    ("run a.yaml --debug=3", "`--debug` takes no value", "write `--debug` alone"),
    ("executions shw", "`kestrel executions shw`: use `list`, `show`", "did you mean `show`?"),
]
WITHOUT_HINT = [
    ("run a.yaml --width x", "`--width x`: this must be a number from 20 on"),
    ("run a.yaml --width 3", "`--width 3`: this must be a number from 20 on"),
    ("run a.yaml --max-depth 100000", "`--max-depth 100000`: this must be a number from 1 to"),
    ("run a.yaml --seed x", "`--seed x`: this must be a number\n"),
    ("schema foo", "`kestrel schema foo`: use `flow`, `test`, "),
]


@pytest.mark.parametrize(("line", "error", "hint"), MISTAKES)
def test_a_mistake_is_told_with_a_way_on(line: str, error: str, hint: str, tmp_path: Path) -> None:
    ended = run_here(line.split(), tmp_path)
    assert (ended.code, ended.out) == (2, "")
    told, _, hinted = ended.err.partition("\nhint: ")
    assert told.startswith(f"error: {error}")
    assert hint in hinted
    assert "Usage:" not in ended.err


@pytest.mark.parametrize(("line", "error"), WITHOUT_HINT)
def test_a_value_that_is_nothing_like_a_right_one(line: str, error: str, tmp_path: Path) -> None:
    ended = run_here(line.split(), tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: {error}")
    assert "hint" not in ended.err


def test_a_file_that_is_there_is_run_by_run(tmp_path: Path) -> None:
    (tmp_path / "flowfile").write_text(HELLO)
    ended = run_here(["flowfile"], tmp_path)
    assert ended.code == 2
    assert "hint: to run that file, write `kestrel run flowfile`" in ended.err


def test_what_was_typed_cannot_act_on_a_terminal(tmp_path: Path) -> None:
    for typed in ("\x1b[31mred", "two\nlines"):
        ended = run_here([typed], tmp_path)
        assert "\x1b" not in ended.err
        assert len(ended.err.splitlines()) == 2


def test_codes_of_commands_are_what_they_were(tmp_path: Path) -> None:
    assert run_here(["run", written(tmp_path, HELLO), "-qq"], tmp_path).code == 0
    assert run_here(["run", "missing.yaml"], tmp_path).code == 3
    assert run_here(["--help"], tmp_path).code == 0
    assert run_here(["run", "--help"], tmp_path).out.startswith("Usage: kestrel run")
