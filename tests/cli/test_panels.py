"""Options in `--help`, grouped."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from kestrel_cli.cli.commands import app_for
from kestrel_cli.cli.panels import OWN, PANELS, PANELS_OF_TEST, panel_of
from tests.support.cli import run_here

RUN_LIKE = ["run", "plan", "rehearse", "resume", "restart", "replay"]


def params_of(command: str) -> list:
    return get_command(app_for(command)).commands[command].params  # type: ignore[attr-defined]


def test_every_option_of_run_has_a_panel() -> None:
    options = [one for one in params_of("run") if one.param_type_name == "option"]
    astray = [one.opts[0] for one in options if panel_of(one)[0] == OWN]
    assert astray == [], "these options have no place in cli/panels.py yet"


def test_every_option_that_a_panel_lists_is_there_and_once() -> None:
    listed = [name for names in PANELS.values() for name in names]
    known = {name for one in params_of("run") for name in one.opts} | {"--help"}
    assert len(listed) == len(set(listed))
    assert set(listed) <= known


@pytest.mark.parametrize("command", RUN_LIKE)
def test_help_shows_each_option_once_below_a_panel(command: str, tmp_path: Path) -> None:
    text = run_here([command, "--help"], tmp_path).out
    options = [max(one.opts, key=len) for one in params_of(command) if one.opts[0][0] == "-"]
    shown = re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.MULTILINE)
    assert sorted(shown) == sorted([*options, "--help"])
    titles = re.findall(r"^(\w[\w ]*):$", text, re.MULTILINE)
    assert [one for one in titles if one in PANELS] == [one for one in PANELS if one in titles]
    assert "Output" in titles


def test_the_most_used_comes_first(tmp_path: Path) -> None:
    text = run_here(["run", "--help"], tmp_path).out
    assert re.search(r"^Inputs:\n  -i, --input K=V ", text, re.MULTILINE)
    assert re.search(r"^Output:\n  -o, --output ", text, re.MULTILINE)
    own = run_here(["replay", "--help"], tmp_path).out
    assert re.search(r"^Options:\n  --task TASK", own, re.MULTILINE)


def test_every_option_of_test_has_a_panel_of_its_own_and_every_panel_has_options() -> None:
    options = [one for one in params_of("test") if one.param_type_name == "option"]
    astray = [one.opts[0] for one in options if panel_of(one, PANELS_OF_TEST)[0] == OWN]
    assert astray == [], "these options have no place in PANELS_OF_TEST of cli/panels.py yet"
    listed = [name for names in PANELS_OF_TEST.values() for name in names]
    assert len(listed) == len(set(listed))
    assert set(listed) <= {name for one in options for name in one.opts} | {"--help"}


def test_help_of_test_shows_its_panels(tmp_path: Path) -> None:
    text = run_here(["test", "--help"], tmp_path).out
    titles = re.findall(r"^(\w[\w ]*):$", text, re.MULTILINE)
    assert titles == ["Arguments", *(one for one in PANELS_OF_TEST if one != OWN)]
