"""Commands in one shell: what the flow says about them, and what comes of them."""

import json
import os
import stat
from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.state import State
from kestrel_cli.tasks.files.working_files import NamespaceFilesSpec
from tests.support.reach import ReachingContext
from tests.support.scripts import content, said, script


def shell(*commands: str, **more):
    return script("shell.Commands", commands=list(commands), **more)


# -- one shell


def test_all_commands_run_in_one_shell(ctx):
    outcome = shell("x=1; cd /", 'echo "$x $PWD $0 $#"').run(ctx)
    assert outcome.outputs == {"vars": {}, "exitCode": 0, "outputFiles": {}}
    assert outcome.state is State.SUCCESS
    assert said(ctx) == ["1 / /bin/sh 0"]
    assert ctx.logs[-1] == ("DEBUG", "Command succeed with exit code 0")


def test_the_first_failure_ends_it(ctx):
    with pytest.raises(TaskFailed, match=r"^Command failed with exit code 3$") as failure:
        shell("echo one", "(exit 3)", "echo two").run(ctx)
    assert failure.value.outputs == {"vars": {}, "exitCode": 3, "outputFiles": {}}
    assert said(ctx) == ["one"]


def test_fail_fast_can_be_switched_off(ctx):
    assert shell("false", "echo two", failFast=False).run(ctx).outputs["exitCode"] == 0
    assert said(ctx) == ["two"]


def test_preparations_come_first_and_in_the_same_shell(ctx):
    shell("echo $x", beforeCommands=["x=prepared"]).run(ctx)
    assert said(ctx) == ["prepared"]
    with pytest.raises(TaskFailed):
        shell("echo never", beforeCommands=["false"]).run(ctx)
    assert said(ctx) == ["prepared"]


def test_another_interpreter(ctx):
    shell("[[ a == a ]] && echo ${BASH_VERSION:+bash} $0", interpreter=["/bin/bash", "-c"]).run(ctx)
    shell("print(1 + 1)", interpreter=["python3", "-c"], failFast=False).run(ctx)
    assert said(ctx) == ["bash /bin/bash", "2"]


def test_messages_of_the_shell_name_no_file_of_ours(ctx):
    with pytest.raises(TaskFailed, match="127"):
        shell("nosuch_program").run(ctx)
    assert said(ctx, "ERROR") == ["/bin/sh: 2: nosuch_program: not found"]


def test_commands_do_not_show_in_the_list_of_processes(ctx):
    shell(": s3cr3t", "tr '\\0' ' ' < /proc/$$/cmdline").run(ctx)
    (line,) = said(ctx)
    assert line.startswith("/bin/sh -c . /")
    assert "s3cr3t" not in line


def test_the_commands_may_be_very_long(ctx):
    script("shell.Script", script="x='" + "y" * 1_000_000 + "'\necho ${#x}").run(ctx)
    assert said(ctx) == ["1000000"]


def test_windows_has_no_set_e_and_other_ends_of_lines(ctx):
    shell("false", "echo two #", targetOS="WINDOWS").run(ctx)
    assert said(ctx, "INFO") == ["two"]


# -- what goes in


def test_variables_are_added_to_the_environment(ctx, monkeypatch):
    ctx.values.update(value="rendered", more={"N": "1"})
    shell('echo "$A $B $HOME"', env={"A": "<value>", "B": "2", "GONE": None}).run(ctx)
    assert said(ctx) == [f"rendered 2 {os.environ['HOME']}"]
    shell('echo "$N"', env="<more>").run(ctx)
    assert said(ctx)[-1] == "1"


def test_the_working_directory_is_named(ctx):
    shell('[ "$PWD" = "$WORKING_DIR" ] && echo same; ls -A').run(ctx)
    assert said(ctx) == ["same"]


def test_templates_see_the_place(ctx):
    task = shell(
        '[ "$W" = "$PWD" ] && [ "$O" = "$OUTPUT_DIR" ] && cat names',
        env={"W": "<workingDir>", "O": "<outputDir>"},
        inputFiles={"names": "<outputFiles>"},
        outputFiles=["a.txt", "*.csv"],
        outputDirectory=True,
    )
    task.run(ctx)
    assert json.loads(said(ctx)[0]) == {"a.txt": f"{ctx.files.folder()}/a.txt"}


def test_input_and_namespace_files_are_there(ctx, tmp_path):
    place = tmp_path / "_files" / "company.team" / "lib.sh"
    place.parent.mkdir(parents=True)
    place.write_text("greet() { echo hello $1; }\n")
    task = shell(
        ". ./lib.sh; greet $(cat sub/name)",
        inputFiles={"sub/name": "you"},
        namespaceFiles=NamespaceFilesSpec(),
    )
    task.run(ctx)
    assert said(ctx)[-1] == "hello you"


def test_addresses_are_replaced_by_paths_of_copies(ctx, tmp_path):
    uri = ctx.files.put(b"stored", "dir/data file.csv")
    place = tmp_path / "_files" / "company.team" / "q.sql"
    place.parent.mkdir(parents=True)
    place.write_text("select 1")
    shell(f"cat {uri}; echo; echo {uri}", "cat nsfile:///q.sql", f"echo changed > {uri}").run(ctx)
    lines = said(ctx)
    assert lines[0] == "stored"
    assert lines[1].endswith("/data_file.csv")
    assert lines[2] == "select 1"
    assert content(ctx, uri) == "stored"
    assert not Path(lines[1]).exists()


def test_an_address_without_a_file_is_named(ctx):
    with pytest.raises(TaskFailed, match="does not exist"):
        shell("cat kestra:///company/team/x/nothing").run(ctx)


def test_data_is_no_template(ctx):
    ctx.values["data"] = ["echo '<unknown>'"]
    script("shell.Commands", commands="<data>").run(ctx)
    assert said(ctx) == ["<unknown>"]


# -- what comes out


def test_outputs_metrics_and_logs(ctx):
    task = shell(
        """echo '::{"outputs":{"a":{"b":[1]}},"logs":[{"level":"DEBUG","message":"m"}]}::'""",
        """echo '::{"metrics":[{"name":"n","type":"counter","value":1}]}::' >&2""",
    )
    assert task.run(ctx).outputs["vars"] == {"a": {"b": [1]}}
    assert ("DEBUG", "m") in ctx.logs
    assert ctx.counters == [("n", 1, {})]
    assert said(ctx) == []


def test_output_files_are_kept_even_of_a_failure(ctx):
    task = shell("mkdir d; echo 1 > a.csv; echo 2 > d/b.csv; exit 4", outputFiles=["**.csv"])
    with pytest.raises(TaskFailed, match="exit code 4") as failure:
        task.run(ctx)
    files = failure.value.outputs["outputFiles"]
    assert {name: content(ctx, uri) for name, uri in files.items()} == {
        "a.csv": "1\n", "d/b.csv": "2\n",
    }  # fmt: skip


def test_files_of_the_output_directory_are_kept(ctx):
    task = shell("echo 1 > $OUTPUT_DIR/a; mkdir $OUTPUT_DIR/d; echo 2 > $OUTPUT_DIR/d/b")
    files = task.changed(outputDirectory=True).run(ctx).outputs["outputFiles"]
    assert sorted(files) == ["a", "d/b"]
    assert list(ctx.files.folder().iterdir()) == []


@pytest.mark.parametrize(
    ("more", "there"),
    [
        ({}, False),
        ({"outputDirectory": True}, True),
        ({"outputDirectory": False, "runner": "PROCESS"}, False),
        ({"runner": "PROCESS"}, True),
        ({"env": {"X": "{{ outputDir }}"}}, True),
    ],
)
def test_there_is_an_output_directory_when_it_is_asked_for(more, there, ctx):
    shell('echo "[${OUTPUT_DIR:+there}]"', **more).run(ctx)
    assert said(ctx) == ["[there]" if there else "[]"]


def test_a_full_disk_does_not_hide_the_failure_of_the_script(ctx):
    ctx.files.create = lambda _: (_ for _ in ()).throw(TaskFailed("no space left"))
    with pytest.raises(TaskFailed, match="exit code 2") as failure:
        shell("echo > a; exit 2", outputFiles=["a"]).run(ctx)
    assert failure.value.outputs == {"vars": {}, "exitCode": 2}
    assert ("WARN", "no space left") in ctx.logs
    with pytest.raises(TaskFailed, match="no space left") as failure:
        shell("echo > a", outputFiles=["a"]).run(ctx)
    assert failure.value.outputs == {"vars": {}, "exitCode": 0}


def test_nothing_of_ours_stays(ctx, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    shell("umask 022; stat -c %a . $PYTHONPATH").run(ctx)
    assert said(ctx) == ["700", "700"]
    ctx._reach.close()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_standard_error_does_not_change_the_state(ctx):
    assert shell("echo oh >&2").run(ctx).state is State.SUCCESS
    assert ctx.logs[-2] == ("ERROR", "oh")


# -- the program that is not there


@pytest.mark.parametrize(
    ("task", "programs"),
    [
        (shell("ls"), ["/bin/sh"]),
        (script("ruby.Script", script="x"), ["/bin/sh", "ruby"]),
        (script("ruby.Script", script="x", beforeCommands=["apt install ruby"]), ["/bin/sh"]),
        (script("python.Script", script="x"), ["/bin/sh", "python|python3"]),
        (script("python.Commands", commands=["python main.py"]), ["/bin/sh", "python|python3"]),
        (script("python.Commands", commands=["python3 main.py"]), ["/bin/sh", "python3"]),
        (script("python.Commands", commands=["./main"]), ["/bin/sh"]),
        (script("powershell.Script", script="x"), ["pwsh", "pwsh"]),
        (script("r.Script", script="x", taskRunner=None), ["/bin/sh", "Rscript"]),
        (script("r.Script", script="x", taskRunner=None, containerImage="r-base"), []),
        (script("r.Script", script="x", taskRunner=None, runner="DOCKER"), []),
        (script("r.Script", script="x", env={"PATH": "/opt/r"}), []),
        (script("r.Script", script="x", env="{{ vars.environ }}"), []),
        (script("r.Script", script="x", env={"A": "b"}), ["/bin/sh", "Rscript"]),
    ],
)
def test_programs_that_have_to_be_there_are_known_before(task, programs):
    assert task.needs() == programs


def test_a_missing_program_is_named_before_anything_runs(ctx, tmp_path):
    ctx = ReachingContext(tmp_path, environ={"PATH": "/nosuch"})
    with pytest.raises(TaskFailed, match="the program `lua` was not found on the PATH"):
        script("lua.Script", script="print(1)").run(ctx)
    with pytest.raises(TaskFailed, match="the program `python` or `python3` was not found"):
        script("python.Script", script="print(1)").run(ctx)


def test_files_of_the_private_folder_are_for_the_user_alone(ctx):
    shell("stat -c %a $(tr '\\0' '\\n' < /proc/$$/cmdline | sed -n '3s/^. //p')").run(ctx)
    assert said(ctx) == ["600"]
    assert stat.S_IMODE(ctx.files.folder().stat().st_mode) == 0o700
