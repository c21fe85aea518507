import ast
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from kestrel_cli.app.task_types import describe_runnable
from kestrel_cli.expressions.check import problems
from kestrel_cli.flowfile import load_bytes
from kestrel_cli.model.task_facts import merged_words
from kestrel_cli.tasks import registry
from kestrel_cli.tasks.foreign import all_types
from tests.cli.test_start_up import imported
from tests.support.cli import COMMAND, ROOT, environment, run_here
from tests.support.plugins import install_example

CORE = "io.kestra.plugin.core."


def shown(folder: Path, *arguments: str, **env: str) -> str:
    ended = run_here(["tasks", *arguments], folder, env)
    assert (ended.code, ended.err) == (0, "")
    return ended.out


def data(folder: Path, *arguments: str) -> dict:
    return json.loads(shown(folder, *arguments, "-o", "json"))


# -- the list


def test_the_list_has_every_type_that_runs_with_its_first_sentence(tmp_path: Path) -> None:
    types = {one["type"]: one for one in data(tmp_path)["types"]}
    assert types.keys() == set(registry.names())
    assert all(one["runs"] for one in types.values())
    assert types[f"{CORE}flow.If"] == {
        "type": f"{CORE}flow.If",
        "runs": True,
        "summary": "Run `then` or `else`.",
    }
    assert all(one["summary"].endswith(".") for one in types.values())


def test_the_list_is_grouped_by_package_with_one_line_for_each_type(tmp_path: Path) -> None:
    lines = shown(tmp_path).splitlines()
    group = lines.index("io.kestra.plugin.core.log")
    assert lines[group - 1] == ""
    assert lines[group + 2] == "  Log    Write one or more messages to the log."
    assert sum(line.startswith("  ") for line in lines) == len(registry.names())


def test_all_adds_known_types_that_do_not_run_with_the_reason(tmp_path: Path) -> None:
    assert "trigger.Toggle" not in shown(tmp_path)
    out = shown(tmp_path, "--all")
    assert out.index("known, but not run here") > out.index("io.kestra.plugin.zulip")
    assert (
        "  `io.kestra.plugin.core.trigger.Toggle` needs a Kestra server: it switches triggers on "
        "and off; mock it with `--mock ID={}`\n"
    ) in out
    listed = data(tmp_path, "--all")["types"]
    others = [one for one in listed if not one["runs"]]
    lines = {one.name for one in all_types()}
    known = registry.KNOWN_CORE | registry.KNOWN_NEAR | lines
    assert {one["type"] for one in others} == known - set(registry.names())
    assert all(one["reason"] for one in others)


@pytest.mark.parametrize("width", ["40", "80", "200"])
def test_text_is_folded_to_the_width_that_is_asked_for(tmp_path: Path, width: str) -> None:
    for arguments in ([], ["ForEach"], ["http.Request"]):
        out = shown(tmp_path, *arguments, "--width", width)
        text = out.partition("\nExample\n")[0]
        long = [line for line in text.splitlines() if len(line) > int(width)]
        # What can't be broken: names, and the room that words need at least.
        assert [line for line in long if len(line.split()) > 2 and len(line) > 64] == []


def test_what_is_piped_has_whole_lines_and_no_colours(tmp_path: Path) -> None:
    out = shown(tmp_path, COLUMNS="40")
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) > 100


def test_headings_are_coloured_when_that_is_wanted(tmp_path: Path) -> None:
    assert "\x1b[1mOutputs\x1b[0m" in shown(tmp_path, "If", "--color", "always")
    assert "\x1b" not in shown(tmp_path, "If", NO_COLOR="1")


def test_it_imports_neither_rich_nor_pydantic(tmp_path: Path) -> None:
    modules = imported(tmp_path, "tasks", "ForEach")
    assert not {"rich", "pydantic", "jinja2"} & modules


# -- a page


def test_a_page_tells_all_about_a_type(tmp_path: Path) -> None:
    out = shown(tmp_path, "flow.Pause", "--width", "84")
    assert out.partition("  onResume.id")[0].splitlines() == [
        "io.kestra.plugin.core.flow.Pause",
        "older name: io.kestra.core.tasks.flows.Pause",
        "",
        "Stand still for `pauseDuration`, or until somebody resumes the execution.",
        "",
        "`behavior` says what happens when the duration is over. Without a duration,",
        "`timeout` ends the waiting: the task run is FAILED then. `onPause` runs while it",
        "waits, `tasks` after it.",
        "",
        "Properties",
        "  pauseDuration                 duration; dynamic; older name delay",
        "  behavior                      string; default RESUME; one of RESUME, WARN, CANCEL,",
        "                                FAIL; dynamic",
        "  onResume                      array of objects",
    ]


def test_a_page_ends_with_common_properties_outputs_metrics_and_an_example(tmp_path: Path) -> None:
    out = shown(tmp_path, "Return", "--width", "90")
    assert out[out.index("Properties of every task") :].splitlines() == [
        "Properties of every task",
        "  id, type, version, pluginDefaultsRef, description, retry, timeout, disabled,",
        "  workerGroup, workerSelector, logLevel, allowFailure, allowWarning, logToFile, runIf,",
        "  taskCache, assets",
        "",
        "Outputs",
        "  value  the rendered `format`",
        "",
        "Metrics",
        "  length    counter: its characters",
        "  duration  timer: how long it took",
        "",
        "Example",
        "  id: example",
        "  namespace: company.team",
        "  tasks:",
        "    - id: example_task",
        "      type: io.kestra.plugin.core.debug.Return",
        '      format: "Hello from {{ flow.id }}"',
    ]


@pytest.mark.parametrize(
    ("type_name", "name", "facts"),
    [
        ("ForEach", "values", {"type": "string or array or object", "required": True}),
        ("ForEach", "tasks", {"type": "array of tasks", "limits": ["not empty"]}),
        ("ForEach", "concurrencyLimit", {"type": "integer", "default": 1, "dynamic": False}),
        ("Switch", "cases", {"type": "object of arrays of tasks"}),
        ("Pause", "pauseDuration", {"olderName": "delay", "dynamic": True}),
        ("Pause", "onPause", {"type": "task"}),
        ("CsvToIon", "fieldSeparator", {"type": "string", "default": ","}),
        ("Log", "level", {"allowed": ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]}),
        ("Log", "message", {"type": "any"}),
        ("ForEachItem", "batch", {"type": "object", "default": {"rows": 1}}),
        ("LoopUntil", "checkFrequency", {"type": "object"}),
    ],
)
def test_properties_are_told_in_words(
    type_name: str, name: str, facts: dict, tmp_path: Path
) -> None:
    found = {one["name"]: one for one in data(tmp_path, type_name)["properties"]}
    assert facts.items() <= found[name].items()


def test_properties_inside_of_others_are_told(tmp_path: Path) -> None:
    (frequency,) = (
        one for one in data(tmp_path, "LoopUntil")["properties"] if one["name"] == "checkFrequency"
    )
    assert [one["name"] for one in frequency["properties"]] == [
        "maxIterations",
        "maxDuration",
        "interval",
    ]
    assert "  checkFrequency.interval " in shown(tmp_path, "LoopUntil")


def test_required_properties_come_first(tmp_path: Path) -> None:
    needed = [one["required"] for one in data(tmp_path, "ForEachItem")["properties"]]
    assert needed == sorted(needed, reverse=True)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (f"{CORE}log.Log", f"{CORE}log.Log"),
        ("io.kestra.core.tasks.flows.Worker", f"{CORE}flow.WorkingDirectory"),
        ("ForEach", f"{CORE}flow.ForEach"),
        ("foreach", f"{CORE}flow.ForEach"),
        ("http.Request", f"{CORE}http.Request"),
        ("kv.Get", f"{CORE}kv.Get"),
    ],
)
def test_a_type_is_found_by_its_name_an_older_one_or_its_end(
    asked: str, found: str, tmp_path: Path
) -> None:
    assert data(tmp_path, asked)["type"] == found


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Foreech", f"there is no task type `Foreech`\nhint: did you mean `{CORE}flow.ForEach`?"),
        ("http.Reqest", f"no task type `http.Reqest`\nhint: did you mean `{CORE}http.Request`?"),
        (f"{CORE}log.Logg", f"did you mean `{CORE}log.Log`?"),
        ("Nonsense", "there is no task type `Nonsense`\nhint: `kestrel tasks` lists those that"),
        ("Get", f"`Get` is the end of 2 names\nhint: use one of `{CORE}kv.Get`, `{CORE}state.Get`"),
        ("kv.Version", f"`{CORE}kv.Version` is no task: it says what kv.PurgeKV purges"),
        ("com.example.Thing", "Kestrel does not run tasks of type `com.example.Thing`\nhint: "),
        ("trino.q", "there is no task type `trino.q`"),
    ],
)
def test_a_type_that_is_not_there_is_exit_code_5(asked: str, said: str, tmp_path: Path) -> None:
    ended = run_here(["tasks", asked], tmp_path)
    assert (ended.code, ended.out) == (5, "")
    assert ended.err.startswith("error: ")
    assert said in ended.err


# -- types that do not run here


def test_a_type_that_does_not_run_says_what_it_is_what_it_outputs_and_how_to_mock_it(
    tmp_path: Path,
) -> None:
    expected = """\
io.kestra.plugin.jdbc.oracle.Query  (Oracle)

Runs one SQL statement in Oracle.

Kestrel does not run tasks of type `io.kestra.plugin.jdbc.oracle.Query`: a mock stands in for a task of it

Mock
  --mock 'ID={"size": 2, "rows": [{"key": "..."}]}'

Outputs
  size  count
  row   map, with `fetchType: FETCH_ONE`
  rows  list of maps, with `fetchType: FETCH`
  uri   address of a file in internal storage, with `fetchType: STORE`
"""  # noqa: E501  whole lines
    for asked in ("io.kestra.plugin.jdbc.oracle.Query", "oracle.Query", "oracle.query"):
        assert shown(tmp_path, asked) == expected


def test_a_type_that_does_not_run_is_told_as_json(tmp_path: Path) -> None:
    assert data(tmp_path, "airbyte.connections.Sync") == {
        "schemaVersion": 1,
        "type": "io.kestra.plugin.airbyte.connections.Sync",
        "olderNames": [],
        "runs": False,
        "reason": "Kestrel does not run tasks of type `io.kestra.plugin.airbyte.connections.Sync`",
        "family": "Airbyte",
        "description": "Starts the sync of a connection, and waits for its end.",
        "outputs": {"jobId": {"kind": "number"}, "alreadyRunning": {"kind": "boolean"}},
        "outputsComplete": True,
        "mock": '--mock \'ID={"jobId": 1, "alreadyRunning": true}\'',
    }


def test_a_type_whose_outputs_are_not_known_says_so(tmp_path: Path) -> None:
    out = shown(tmp_path, "io.kestra.plugin.aws.bedrock.Converse")
    assert out.endswith("\nOutputs\n  (not known)\n")
    assert shown(tmp_path, "io.kestra.plugin.langchain4j.rag.Search").startswith(
        "io.kestra.plugin.ai.rag.Search  (retrieval-augmented generation)\nolder name: io.kestra"
    )


def test_types_that_do_not_run_are_grouped_by_package(tmp_path: Path) -> None:
    out = shown(tmp_path, "--all")
    group = "\n\nio.kestra.plugin.jdbc.trino  (Trino)\n  Queries  Runs several SQL statements in"
    assert group in out


@pytest.mark.parametrize("arguments", [["-o", "yaml"], ["--all", "Log"]])
def test_options_that_do_not_fit_are_exit_code_2(arguments: list[str], tmp_path: Path) -> None:
    assert run_here(["tasks", *arguments], tmp_path).code == 2


# -- every type


@pytest.mark.parametrize("name", registry.names())
def test_the_example_of_every_type_is_a_valid_flow_with_it(name: str) -> None:
    example = describe_runnable(name).example
    compat = 1 if registry.find(name).since == "1" else 2
    loaded = load_bytes(example.encode(), "example.yaml", check_template=problems, compat=compat)
    old = name.endswith(".Template")  # Kestra refuses it unless its configuration says otherwise
    assert [one.code for one in loaded.warnings] == ["template"] * old
    assert [task.type for task in loaded.flow.tasks] == [name]


def given_and_measured(name: str) -> tuple[set[str], set[str]]:
    """The names of outputs and counters that stand in the module of a type as they are."""
    kind = registry.find(name)
    tree = ast.parse(Path(import_module(kind.__module__).__file__).read_text("utf-8"))
    outputs: set[str] = set()
    counters: set[str] = set()
    for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call) and one.args):
        first = call.args[0]
        if getattr(call.func, "id", "") == "Outcome" and isinstance(first, ast.Dict):
            outputs |= {key.value for key in first.keys if isinstance(key, ast.Constant)}
        if getattr(call.func, "attr", "") in ("count", "time", "gauge") and len(call.args) > 1:
            counters |= {first.value} if isinstance(first, ast.Constant) else set()
    return outputs, counters


@pytest.mark.parametrize("name", registry.names())
def test_every_type_tells_the_outputs_and_metrics_that_it_has(name: str) -> None:
    kind = registry.find(name)
    outputs, counters = given_and_measured(name)
    assert outputs <= merged_words(kind, "gives").keys()
    assert counters <= merged_words(kind, "measures").keys()


# -- plugins


def test_types_of_plugins_are_listed_and_described_with_their_distribution(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    install_example(site)
    env = environment(tmp_path, {"PYTHONPATH": os.pathsep.join((str(ROOT), str(site)))})

    def run(*arguments: str) -> str:
        ended = subprocess.run(
            [sys.executable, *COMMAND[1:], "tasks", *arguments],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        return ended.stdout if ended.returncode == 0 else f"exit code {ended.returncode}"

    assert (
        "com.example  (kestrel-shout 0.1.0)\n  Shout  Log a message in capital letters.\n" in run()
    )
    page = run("Shout")
    assert page.startswith("com.example.Shout\nfrom the package kestrel-shout 0.1.0\n")
    assert "  loud  the message in capital letters\n" in page
    assert json.loads(run("Shout", "-o", "json"))["distribution"] == "kestrel-shout 0.1.0"
    assert "com.example" not in run("--no-plugins")
    assert run("Shout", "--no-plugins") == "exit code 5"
