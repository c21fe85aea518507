"""`kestrel executions ACTION --help`: a page for each action; and long pages at a terminal."""

from pathlib import Path

import pytest

from kestrel_cli.cli.executions import Action
from kestrel_cli.cli.executions_pages import Executions
from kestrel_cli.reporters.pager import command
from tests.cli.flows_here import HELLO
from tests.cli.past import ran
from tests.cli.test_help import at_terminal
from tests.support.cli import run_here

OWN = {
    "list": ("--limit", "--task"),
    "show": ("--output", "--limit"),
    "logs": ("--task", "--older-than"),
    "files": ("--to", "--task"),
    "delete": ("--dry-run", "--keep"),
    "prune": ("--older-than", "--limit"),
}


def test_every_action_has_a_page() -> None:
    assert set(Executions.pages) == {one.value for one in Action}


@pytest.mark.parametrize("action", OWN)
def test_a_page_has_the_options_of_its_action_and_no_others(action: str, tmp_path: Path) -> None:
    result = run_here(["executions", action, "--help"], tmp_path)
    own, others = OWN[action]
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"Usage: kestrel executions {action} [OPTIONS]")
    assert f"  kestrel executions {action}" in result.out
    assert own in result.out
    assert others not in result.out
    assert "--state-dir" in result.out


def test_without_an_action_all_of_them_are_told(tmp_path: Path) -> None:
    result = run_here(["executions", "--help"], tmp_path)
    assert "--older-than" in result.out
    assert "--task" in result.out


# -- the pager


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"PAGER": "more -s"}, "more -s"),
        ({"PAGER": "more", "KESTREL_PAGER": "most"}, "most"),
        ({"PAGER": "more", "KESTREL_PAGER": ""}, None),
        ({"PAGER": "cat"}, None),
        ({"PAGER": "more", "NO_PAGER": "1"}, None),
        ({"PAGER": "more", "NO_PAGER": "0"}, "more"),
        ({"PATH": "/nowhere"}, None),
    ],
)
def test_which_pager(environ: dict[str, str], expected: str | None) -> None:
    assert command(environ) == expected


@pytest.fixture
def pager(tmp_path: Path) -> str:
    """Marks each line."""
    place = tmp_path / "marks"
    place.write_text('#!/bin/sh\nsed "s/^/paged: /"\n')
    place.chmod(0o755)
    return str(place)


@pytest.mark.parametrize(
    "arguments",
    [["executions", "show", "last"], ["executions", "logs", "last"], ["tasks", "--all"]],
)
def test_long_pages_are_paged_at_a_terminal(
    arguments: list[str], pager: str, tmp_path: Path
) -> None:
    ran(tmp_path, HELLO)
    assert "paged: " in at_terminal(tmp_path, *arguments, PAGER=pager)
    for never in ({"NO_PAGER": "1"}, {"CI": "true"}, {"TERM": "dumb"}):
        assert "paged: " not in at_terminal(tmp_path, *arguments, PAGER=pager, **never)
    assert "paged: " not in at_terminal(tmp_path, *arguments, "--no-pager", PAGER=pager)


def test_who_leaves_the_pager_early_is_no_failure(tmp_path: Path) -> None:
    """`at_terminal` looks at the exit code."""
    at_terminal(tmp_path, "tasks", "--all", PAGER="true")
