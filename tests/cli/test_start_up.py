"""Start-up is quick because little is imported: modules are compared, not times."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.flows_here import HELLO, WARNS, written
from tests.support.cli import process_environment

# Imports that cost more than they give to a run of one task (`python -X importtime`). Typer itself
# brings difflib, uuid, platform and subprocess.
SLOW = {
    "asyncio", "concurrent", "csv", "ctypes", "decimal", "email", "fractions", "hashlib", "html",
    "http", "importlib.metadata", "jinja2", "logging", "markupsafe", "multiprocessing", "pydantic",
    "pydantic_core", "pygments", "rich", "secrets", "socket", "sqlite3", "ssl",
    "statistics", "tempfile", "unittest", "urllib.request", "urllib3", "xml", "yaml", "zoneinfo",
}  # fmt: skip
ONE_TASK = """
id: one
namespace: company.team
tasks:
  - id: only
    type: io.kestra.plugin.core.debug.Return
    format: "{{ task.id }} of {{ flow.id }}"
"""
PROGRAM = """
import json, os, sys
os._exit = sys.exit  # what is asked for below has to be told yet
from kestrel_cli.__main__ import main
sys.argv[0] = "kestrel"
try:
    main()
except SystemExit:
    pass
sys.__stderr__.write("\\n" + json.dumps(sorted(sys.modules)))
"""


def imported(folder: Path, *arguments: str) -> set[str]:
    """The modules that a process has in the end."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder,
        env=process_environment(folder),
        capture_output=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(ended.stderr.decode().splitlines()[-1]))


def ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] == "kestrel_cli"}


def slow(modules: set[str]) -> set[str]:
    return {
        name for name in modules if any(name == one or name.startswith(f"{one}.") for one in SLOW)
    }


@pytest.fixture(scope="module")
def one_task(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("one")
    return imported(folder, "run", written(folder, ONE_TASK))


def test_a_run_in_a_pipe_imports_nothing_to_be_watched_with(one_task: set[str]) -> None:
    parts = ("live", "progress", "screen", "status")
    assert not {f"kestrel_cli.reporters.{part}" for part in parts} & one_task


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_said_before_anything_is_imported(option: str, tmp_path: Path) -> None:
    modules = imported(tmp_path, option)
    assert ours(modules) == {"kestrel_cli", "kestrel_cli.__main__", "kestrel_cli.version"}
    assert not {"typer", *SLOW} & modules


@pytest.mark.parametrize("arguments", [["--help"], []])
def test_help_imports_no_command(arguments: list[str], tmp_path: Path) -> None:
    modules = imported(tmp_path, *arguments)
    assert not [
        name
        for name in ours(modules)
        if name.count(".") > 1 and not name.startswith(("kestrel_cli.cli.", "kestrel_cli.model."))
    ]
    assert not slow(modules)
    assert not {"kestrel_cli.cli.run", "ruamel.yaml"} & modules


def test_help_of_a_command_imports_no_library_that_only_a_run_needs(tmp_path: Path) -> None:
    modules = imported(tmp_path, "run", "--help")
    assert not slow(modules)
    assert "ruamel.yaml" not in modules


def test_a_run_of_one_task_imports_no_slow_library(one_task: set[str]) -> None:
    assert not slow(one_task)


def test_a_run_of_one_task_imports_only_the_task_types_it_has(one_task: set[str]) -> None:
    types = {
        name for name in one_task if name.startswith("kestrel_cli.tasks.") and name.count(".") > 2
    }
    assert types == {"kestrel_cli.tasks.debug.return_"}


def test_a_run_of_one_task_imports_nothing_for_inputs_outputs_and_other_formats(
    one_task: set[str],
) -> None:
    for name in (
        "app.preflight.secrets",
        "app.outside",
        "cli.inputs",
        "cli.outside",
        "cli.input_prompts",
        "cli.validate",
        "expressions.filters",
        "expressions.functions",
        "expressions.jq",
        "jq",
        "flowfile.diagnostics",
        "reporters.json_document",
        "reporters.ndjson",
        "reporters.yaml_document",
        "store.files",
        "store.kv",
        "store.secrets",
        "worker.flow_outputs",
        "worker.http",
        "worker.inputs",
    ):
        assert f"kestrel_cli.{name}" not in one_task


@pytest.mark.parametrize("flow", [HELLO, WARNS])
def test_inputs_and_failures_need_no_slow_library(flow: str, tmp_path: Path) -> None:
    assert not slow(imported(tmp_path, "run", written(tmp_path, flow), "-o", "json"))


def test_a_secret_needs_neither_a_database_nor_the_network(tmp_path: Path) -> None:
    flow = ONE_TASK.replace("task.id", "secret('S') ?? task.id")
    (tmp_path / "s.env").write_text("S=a secret word")
    modules = imported(tmp_path, "run", written(tmp_path, flow), "--secrets-file", "s.env")
    assert "kestrel_cli.store.secrets" in modules
    assert not {"sqlite3", "ssl", "http.client", "kestrel_cli.worker.http"} & modules


def test_http_tasks_bring_the_client_only_when_something_is_sent(tmp_path: Path) -> None:
    flow = """
id: sends_nothing
namespace: company.team
tasks:
  - id: request
    type: io.kestra.plugin.core.http.Request
    uri: https://example.com/
    allowFailure: true
  - id: hook
    type: io.kestra.plugin.slack.notifications.SlackIncomingWebhook
    url: https://example.com/hook
    payload: "{}"
    allowFailure: true
"""
    modules = imported(tmp_path, "run", written(tmp_path, flow), "--offline")
    assert "kestrel_cli.web.sending" in modules
    clients = {"urllib3", "http.client", "ssl", "kestrel_cli.web.wire", "kestrel_cli.web.dialer"}
    assert not clients & modules
