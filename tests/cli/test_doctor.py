"""`kestrel doctor`."""

import json
import os
import sys
import tomllib
from pathlib import Path

import pytest

from kestrel_cli.app.doctor.machine import EXTRAS, containers, interpreters
from kestrel_cli.app.doctor.settings import configuration, state
from kestrel_cli.reporters.console import Flags, Output, style_for
from kestrel_cli.reporters.reasons import reasons
from kestrel_cli.store.config import Config
from kestrel_cli.store.variables import unknown_variables
from tests.cli.flows_here import HELLO, written
from tests.support.cli import ROOT, run_here

# No program but this one: looking for others takes time.
BARE = {"CI": None, "GITHUB_ACTIONS": None}


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str | None]:
    """An environment whose PATH has a shell and nothing else."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sh").symlink_to("/bin/sh")
    return {**BARE, "PATH": str(tmp_path / "bin"), "XDG_CONFIG_HOME": str(tmp_path / "none")}


def test_it_tells_what_is_there_and_what_is_not(
    tmp_path: Path, machine: dict[str, str | None]
) -> None:
    run_here(["run", written(tmp_path, HELLO), "-qq"], tmp_path)
    ended = run_here(["doctor"], tmp_path, machine)
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert f"  ✔ sh                {tmp_path}/bin/sh" in lines
    assert "  · node              not found: needed by scripts.node tasks" in lines
    assert "  ✔ executions  1: 1 SUCCESS" in lines
    assert any(line.startswith("  · docker  not found: without them") for line in lines)
    assert lines[-1] == "nothing is broken"


def test_json_has_the_same(tmp_path: Path, machine: dict[str, str | None]) -> None:
    (tmp_path / "kestrel.toml").write_text('colour = "never"\npause = "skip"\n')
    env = {**machine, "KESTREL_PAUS": "x", "KESTREL_COLOR": "never"}
    ended = run_here(["doctor", "-o", "json"], tmp_path, env)
    found = json.loads(ended.out)
    assert (ended.code, found["ok"], found["schemaVersion"]) == (0, True, 1)
    settings = {one["value"]: one["verdict"] for one in found["sections"]["Settings"]}
    assert settings[str(tmp_path / "kestrel.toml")] == "ok"
    assert settings["KESTREL_COLOR"] == "ok"
    assert settings["unknown variable `KESTREL_PAUS`; did you mean `KESTREL_PAUSE`?"] == "warning"
    assert any("unknown key `colour`; did you mean `color`?" in one for one in settings)
    assert {"name": "colour", "verdict": "ok", "value": "off (by KESTREL_COLOR)"} in found[
        "sections"
    ]["Terminal"]


def test_what_is_broken_ends_with_1(tmp_path: Path, machine: dict[str, str | None]) -> None:
    (tmp_path / "state").write_text("a file")
    (tmp_path / "kestrel.toml").write_text("pause = [\n")
    ended = run_here(["doctor", "--state-dir", "state", "--ascii"], tmp_path, machine)
    assert (ended.code, ended.err) == (1, "")
    assert "  FAIL directory  state (--state-dir): state is no directory" in ended.out
    assert "  FAIL settings  " in ended.out
    assert ended.out.endswith("\n2 broken\n")
    assert json.loads(run_here(["doctor", "-o", "json"], tmp_path, machine).out)["ok"] is False


def test_without_a_shell_nothing_works(tmp_path: Path) -> None:
    facts = {one.name: one for one in interpreters({"PATH": str(tmp_path)}).facts}
    assert facts["sh"].verdict == "broken"
    assert facts["python"].verdict == "missing"


def test_an_engine_that_does_not_answer_is_told(tmp_path: Path) -> None:
    for name, body in (("docker", "exit 1"), ("podman", "echo 5.0")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    docker, podman = containers({"PATH": str(tmp_path)}).facts
    assert (docker.verdict, podman.verdict) == ("warning", "ok")
    assert docker.value.endswith("docker does not answer")
    assert podman.value == f"5.0, {tmp_path}/podman"


def test_every_extra_of_the_project_is_looked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    listed = project["optional-dependencies"]
    assert {one.extra for one in EXTRAS} == set(listed) - {"dev", "programs"}
    for one in EXTRAS:
        assert any(line.startswith(one.package) for line in listed[one.extra])
    assert len(EXTRAS) == 10 if sys.version_info < (3, 14) else 9


def test_a_state_directory_that_is_not_there_yet_is_no_fault(tmp_path: Path) -> None:
    section = state(None, Config(), {"XDG_STATE_HOME": str(tmp_path / "new")})
    assert section.facts[0].value == f"{tmp_path}/new/kestrel (the usual place), not made yet"
    assert [one.name for one in section.facts] == ["directory", "free"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_state_directory_that_is_not_ones_own_is_broken(tmp_path: Path) -> None:
    (tmp_path / "kestrel").mkdir(0o500)
    section = state(None, Config(), {"XDG_STATE_HOME": str(tmp_path)})
    assert section.facts[0].verdict == "broken"


def test_a_folder_without_settings_tells_where_was_looked(tmp_path: Path) -> None:
    section, _ = configuration(tmp_path, {"XDG_CONFIG_HOME": "/none"})
    assert section.facts[0].hint.endswith(", /none/kestrel/config.toml")


# -- variables that nothing reads


def test_unknown_variables_are_told_with_the_near_name() -> None:
    environ = {
        "KESTREL_STATEDIR": "1",
        "KESTREL_QUUX": "1",
        "KESTREL_SECRETS_X": "1",
        "KESTREL_SECRET_X": "1",
        "KESTREL_NO_PLUGINS": "1",
        "KESTREL_TIMEOUT": "1",
        "KESTREL_CHILD": "1",
        "OTHER": "1",
    }
    assert unknown_variables(environ) == [
        "unknown variable `KESTREL_QUUX`; it is ignored",
        "unknown variable `KESTREL_SECRETS_X`; did you mean `KESTREL_SECRET_`?",
        "unknown variable `KESTREL_STATEDIR`; did you mean `KESTREL_STATE_DIR`?",
    ]


def test_config_show_warns_of_them(tmp_path: Path) -> None:
    ended = run_here(["config", "show"], tmp_path, {"KESTREL_PAUS": "hidden-value"})
    assert "warning: unknown variable `KESTREL_PAUS`; did you mean `KESTREL_PAUSE`?" in ended.err
    assert "hidden-value" not in ended.err


# -- the terminal


@pytest.mark.parametrize(
    ("environ", "terminal", "colour", "why"),
    [
        ({}, True, "on", "as it is a terminal"),
        ({}, False, "off", "as it is no terminal"),
        ({"NO_COLOR": "1"}, True, "off", "by NO_COLOR"),
        ({"NO_COLOR": "1", "KESTREL_COLOR": "always"}, False, "on", "by KESTREL_COLOR"),
        ({"KESTREL_COLOR": "nonsense"}, True, "on", "as it is a terminal"),
        ({"FORCE_COLOR": "0"}, True, "off", "by FORCE_COLOR"),
        ({"GITHUB_ACTIONS": "true"}, False, "on", "by GITHUB_ACTIONS"),
        ({"TERM": "dumb"}, True, "off", "by TERM=dumb"),
    ],
)
def test_why_there_are_colours(
    environ: dict[str, str], terminal: bool, colour: str, why: str
) -> None:
    output = Output(terminal, columns=91)
    told = {name: (value, reason) for name, value, reason in reasons(environ, output, Flags())}
    assert told["colour"] == (colour, why)
    assert (colour == "on") == style_for(environ, output).colour


def test_why_it_is_so_wide() -> None:
    def width(environ: dict[str, str], output: Output, flags: Flags) -> tuple[str, str]:
        return next((b, c) for a, b, c in reasons(environ, output, flags) if a == "width")

    terminal = Output(True, columns=91)
    assert width({}, terminal, Flags()) == ("91", "of the terminal")
    assert width({"COLUMNS": "70"}, terminal, Flags()) == ("70", "by COLUMNS")
    assert width({"CI": "1"}, terminal, Flags()) == ("120", "as in CI")
    assert width({}, terminal, Flags(width=50)) == ("50", "by --width")
