"""The oldest script tasks."""

import shutil
import sys

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.reach import ReachingContext
from tests.support.scripts import content, said, script

OLD = "io.kestra.core.tasks.scripts."


def bash(*commands: str, **more):
    return script(f"{OLD}Bash", commands=list(commands), **{"runner": "PROCESS", **more})


def test_commands_run_in_one_shell_until_the_first_failure(ctx):
    outputs = bash("x=1", "echo $x").run(ctx).outputs
    assert outputs == {"exitCode": 0, "vars": {}, "files": {}, "outputFiles": {}}
    with pytest.raises(TaskFailed, match=r"^Command failed with exit code 1$"):
        bash("false", "echo never").run(ctx)
    bash("false", "echo two", exitOnFailed=False).run(ctx)
    assert said(ctx) == ["1", "two"]


def test_another_interpreter(ctx):
    bash("echo $0", interpreter="/bin/bash", interpreterArgs=["-ec"]).run(ctx)
    assert said(ctx) == ["/bin/bash"]


def test_files_are_written_under_the_names_that_templates_give(ctx):
    task = bash(
        'cp names "$(sed -n \'s/.*"first":"\\([^"]*\\)".*/\\1/p\' names)"',
        'cat folders > $(sed -n \'s/.*"d":"\\([^"]*\\)".*/\\1/p\' folders)/a.txt',
        inputFiles={"names": "<outputFiles>", "folders": "<outputDirs>", "same": "<temp>"},
        outputFiles=["first", "never"],
        outputDirs=["d"],
    )
    outputs = task.run(ctx).outputs
    assert sorted(outputs["outputFiles"]) == ["d/a.txt", "first", "never"]
    assert outputs["files"] == outputs["outputFiles"]
    assert '"first":' in content(ctx, outputs["outputFiles"]["first"])
    assert content(ctx, outputs["outputFiles"]["never"]) == ""
    assert sorted(path.name for path in ctx.files.folder().iterdir()) == [
        "folders",
        "names",
        "same",
    ]


def test_older_names_of_output_files(ctx):
    outputs = bash("true", files=["a"], outputsFiles=["b"]).run(ctx).outputs
    assert sorted(outputs["files"]) == ["a", "b"]


def test_a_name_that_leads_out_is_refused(ctx):
    with pytest.raises(TaskFailed, match=r"Path must not contain '\.\./'"):
        bash("true", outputFiles=["../x"]).run(ctx)


def test_messages_and_environment(ctx):
    task = bash("""echo '::{"outputs":{"a":"'$A'"}}::'""", env={"A": "x"})
    assert task.run(ctx).outputs["vars"] == {"a": "x"}


def test_python_runs_main_in_a_virtual_environment(ctx):
    task = script(
        f"{OLD}Python",
        runner="PROCESS",
        inputFiles={
            "main.py": "import sys; from kestra import Kestra; Kestra.outputs({'a': sys.argv[1]});"
            "print(sys.prefix != sys.base_prefix)",
        },
        args=["x"],
        pythonPath=sys.executable,
        requirements=None,
    )
    outputs = task.run(ctx).outputs
    assert outputs["vars"] == {"a": "x"}
    assert said(ctx) == ["True"]


def test_python_without_one(ctx):
    task = script(
        f"{OLD}Python", runner="PROCESS", virtualEnv=False, commands=["python a.py", "python b.py"],
        inputFiles={"a.py": "print(1)", "b.py": "print(2)"},
    )  # fmt: skip
    task.run(ctx)
    assert said(ctx) == ["1", "2"]


@pytest.mark.parametrize(("kind", "name"), [("Python", "main.py"), ("Node", "main.js")])
def test_the_main_file_has_to_be_there(kind, name, ctx):
    with pytest.raises(TaskFailed, match=f"to contain at least a {name} key"):
        script(OLD + kind, runner="PROCESS", inputFiles={"other": "x"}).run(ctx)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_node_runs_main_with_kestra_beside_it(ctx):
    code = (
        'const k = require("./kestra"); k.outputs({a: process.argv[2]}); k.counter("c", 1);'
        'k.timer("t", 0.5, {x: "y"}); k.timer("f", (done) => done()); k.gauge("g", 2);'
    )
    task = script(f"{OLD}Node", runner="PROCESS", inputFiles={"main.js": code}, args=["x"])
    assert task.run(ctx).outputs["vars"] == {"a": "x"}
    assert ctx.counters == [("c", 1, {})]
    assert ctx.timers[0] == ("t", 0.5, {"x": "y"})
    assert ctx.gauges == [("g", 2, {})]


def test_packages_of_package_json_are_installed(tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("node", "npm"):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >&2\n')
        (programs / name).chmod(0o755)
    ctx = ReachingContext(tmp_path, environ={"PATH": f"{programs}:/usr/bin:/bin"})
    files = {"main.js": "", "package.json": "{}"}
    script(f"{OLD}Node", runner="PROCESS", inputFiles=files).run(ctx)
    assert said(ctx, "ERROR") == ["npm i", "node main.js"]
    ctx._reach.close()


def test_programs_that_have_to_be_there_are_known_before():
    assert bash("x").needs() == ["/bin/sh"]
    assert bash("x", runner="DOCKER").needs() == []
    assert script(f"{OLD}Node", runner="PROCESS", inputFiles={}).needs() == ["/bin/sh", "node"]
