"""Which runner a task gets, and what a container is asked for (by a program that plays Docker)."""

import json
import os
import sys
from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks.scripts import engines, runners
from kestrel_cli.worker.services import Given
from tests.support.processes import Over, alarm
from tests.support.reach import ReachingContext
from tests.support.scripts import DOCKER, PROCESS, content, said, script

# Runs what comes behind the image right here, with only the variables that it was given; writes
# down every call.
DOCKER_PROGRAM = r"""#!PYTHON -S
import json, os, sys
asked = sys.argv[1:]
with open(os.environ["ASKED"], "a") as file:
    file.write(json.dumps(asked) + "\n")
if asked[:1] == ["--config"]:
    with open(asked[1] + "/config.json") as file:
        open(os.environ["ASKED"] + ".config", "w").write(file.read())
    asked = asked[2:]
command = asked.pop(0)
if command == "version":
    sys.exit(0 if "SERVICE" in os.environ else 1)
if command == "pull":
    sys.exit("no such image" if asked[-1] == "nosuch" else 0)
if command == "image":
    print(os.environ.get("IMAGE_USER", ""))
    sys.exit(1 if asked[-1] in ("nosuch", "away") else 0)
if command == "rm":
    sys.exit(0)
flags, values = {}, {"--init", "--rm", "--detach", "--privileged", "--oom-kill-disable"}
while asked[0].startswith("--"):
    flag = asked.pop(0)
    flags.setdefault(flag, []).append(None if flag in values else asked.pop(0))
image = asked.pop(0)
if image == "broken":
    print("docker: no such executable", file=sys.stderr)
    sys.exit(125)
names = flags.get("--env", [])
environ = {name: os.environ[name] for name in names} | {"PATH": os.environ["PATH"]}
os.chdir(flags["--workdir"][0])
entry = [word for word in flags["--entrypoint"] if word]
os.execvpe((entry + asked)[0], entry + asked, environ)
"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Attempts on a machine with Docker."""
    monkeypatch.setattr(engines, "_answers", {})
    monkeypatch.setattr(runners, "_told", set())
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "docker").write_text(DOCKER_PROGRAM.replace("PYTHON", sys.executable))
    (programs / "docker").chmod(0o755)

    def attempt(containers: str = "auto", offline: bool = False, **environ: str) -> ReachingContext:
        around = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "ASKED": str(tmp_path / "asked"),
            "SERVICE": "yes",
            "OUTER": "seen by processes only",
            **environ,
        }
        settings = {"containers": containers, "kill-grace": "0.2"}
        given = Given(settings=settings, offline=offline)
        made.append(ReachingContext(tmp_path, environ=around, given=given))
        return made[-1]

    made: list[ReachingContext] = []
    yield attempt
    for each in made:
        each._reach.close()


def asked(tmp_path: Path, command: str) -> list[list[str]]:
    """The calls of a command, without it."""
    lines = (tmp_path / "asked").read_text().splitlines() if (tmp_path / "asked").exists() else []
    calls = [json.loads(line) for line in lines]
    calls = [call[2:] if call[0] == "--config" else call for call in calls]
    return [call[1:] for call in calls if call[0] == command]


def shell(*commands: str, **more):
    return script("shell.Commands", commands=list(commands), **{"taskRunner": None, **more})


WHERE = "echo ${OUTER:-in a container}"
IN_A_CONTAINER, OUTSIDE = ["in a container"], ["seen by processes only"]


@pytest.mark.parametrize(
    ("containers", "more", "where"),
    [
        ("auto", {}, OUTSIDE),
        ("auto", {"taskRunner": PROCESS}, OUTSIDE),
        ("auto", {"runner": "PROCESS"}, OUTSIDE),
        ("auto", {"runner": "PROCESS", "taskRunner": DOCKER}, IN_A_CONTAINER),
        ("auto", {"taskRunner": DOCKER}, IN_A_CONTAINER),
        ("auto", {"taskRunner": {"type": "io.kestra.plugin.ee.aws.runner.Batch"}}, IN_A_CONTAINER),
        ("auto", {"runner": "DOCKER"}, IN_A_CONTAINER),
        ("auto", {"docker": {"image": "x"}}, IN_A_CONTAINER),
        ("auto", {"containerImage": "x"}, IN_A_CONTAINER),
        ("never", {"taskRunner": DOCKER}, OUTSIDE),
        ("always", {}, IN_A_CONTAINER),
        ("always", {"taskRunner": PROCESS}, OUTSIDE),
    ],
)
def test_which_tasks_run_in_a_container(containers, more, where, machine):
    ctx = machine(containers)
    shell(WHERE, **more).run(ctx)
    assert said(ctx, "INFO")[-1:] == where


def test_that_no_container_is_used_is_told_once(machine):
    ctx = machine()
    shell("true").run(ctx)
    shell("true").run(ctx)
    assert said(ctx) == ["scripts run as processes on this machine: no container is used"]


@pytest.mark.parametrize(
    ("containers", "environ", "reason"),
    [
        ("never", {}, "containers are switched off"),
        ("auto", {"PATH": "/usr/bin:/bin"}, "neither Docker nor Podman was found"),
        ("auto", {"BROKEN": "1"}, "docker does not answer (is its service running?)"),
    ],
)
def test_an_image_that_is_not_used_is_named(containers, environ, reason, machine):
    ctx = machine(containers, **environ)
    if "BROKEN" in environ:
        del ctx._reach._shared.environ["SERVICE"]
    shell("echo done", containerImage="company/tools:1").run(ctx)
    assert said(ctx) == [
        f"the container image `company/tools:1` is not used, because {reason}: the commands run "
        "as a process on this machine",
        "done",
    ]


def test_a_container_that_has_to_be_is_an_error_when_there_is_none(machine):
    with pytest.raises(TaskFailed, match="but neither Docker nor Podman was found"):
        shell("true").run(machine("always", PATH="/usr/bin:/bin"))


def test_files_and_outputs_work_as_in_a_process(machine):
    ctx = machine()
    task = shell(
        "cat in.txt > out.txt; echo $A; pwd; echo >&2 oh",
        """echo '::{"outputs":{"a":1}}::'""",
        inputFiles={"in.txt": "hello"},
        outputFiles=["out.txt"],
        env={"A": "$x 'y'\nz"},
        taskRunner=DOCKER,
    )
    outputs = task.run(ctx).outputs
    assert content(ctx, outputs["outputFiles"]["out.txt"]) == "hello"
    assert outputs["vars"] == {"a": 1}
    assert outputs["taskRunner"]["containerId"].startswith("kestrel-")
    assert said(ctx, "INFO") == ["$x 'y' z", str(ctx.files.folder())]
    assert said(ctx, "ERROR") == ["oh"]


def test_what_the_container_is_asked_for(machine, tmp_path):
    options = {
        **DOCKER, "image": "company/<tag>", "user": "me", "entryPoint": ["/bin/sh", "-c"],
        "extraHosts": ["a:1.2.3.4"], "networkMode": "none", "portBindings": ["8080:80"],
        "volumes": ["/a:/b"], "cpu": {"cpus": 1.5}, "shmSize": "64m", "privileged": True,
        "memory": {"memory": "512MB", "memorySwap": "1 GB", "oomKillDisable": True},
        "deviceRequests": [{"count": -1}, {"deviceIds": ["0", "1"]}], "pullPolicy": "ALWAYS",
    }  # fmt: skip
    ctx = machine()
    shell("true", taskRunner=options, env={"TOKEN": "s3cr3t"}, interpreter=["exit 0;"]).run(ctx)
    (call,) = asked(tmp_path, "run")
    text = " ".join(call)
    for part in (
        f"--workdir {ctx.files.folder()}", f"--volume {ctx.files.folder()}:{ctx.files.folder()}",
        "--user me", "--network none", "--shm-size 64m", "--cpus 1.5", "--memory 512mb",
        "--memory-swap 1gb", "--oom-kill-disable", "--privileged", "--add-host a:1.2.3.4",
        "--publish 8080:80", "--volume /a:/b", "--gpus all", '--gpus "device=0,1"',
        "--env TOKEN", "--env WORKING_DIR", "--label kestra.io/flow=reach", "--rm", "--init",
        "--entrypoint /bin/sh company/<tag> -c",
    ):  # fmt: skip
        assert part in text, part
    assert "s3cr3t" not in text
    assert asked(tmp_path, "pull") == [["--quiet", "company/<tag>"]]


@pytest.mark.parametrize(
    ("image", "policy", "offline", "pulls"),
    [
        ("here", "IF_NOT_PRESENT", False, 0),
        ("away", "IF_NOT_PRESENT", False, 1),
        ("here", "ALWAYS", False, 1),
        ("here", "ALWAYS", True, 0),
        ("away", "NEVER", False, 0),
    ],
)
def test_when_an_image_is_pulled(image, policy, offline, pulls, machine, tmp_path):
    options = {**DOCKER, "image": image, "pullPolicy": policy}
    shell("true", taskRunner=options).run(machine(offline=offline))
    assert len(asked(tmp_path, "pull")) == pulls


def test_an_image_that_cannot_be_had_is_named(machine):
    ctx = machine()
    with pytest.raises(TaskFailed, match="the image `nosuch` can't be pulled"):
        shell("true", containerImage="nosuch").run(ctx)
    assert "no such image" in said(ctx, "ERROR")
    with pytest.raises(TaskFailed, match="`away` is not here, and `--offline` allows no pull"):
        shell("true", containerImage="away").run(machine(offline=True))
    with pytest.raises(TaskFailed, match="docker could not run the image `broken`"):
        shell("true", containerImage="broken").run(ctx)


def test_credentials_are_in_a_file_of_their_own(machine, tmp_path):
    options = {
        **DOCKER, "image": "registry.company.com/tools",
        "config": '{"auths": {"other": {"auth": "x"}}}',
        "credentials": {"username": "me", "password": "s3cr3t"},
    }  # fmt: skip
    shell("true", taskRunner=options).run(machine())
    config = json.loads((tmp_path / "asked.config").read_text())
    assert config["auths"]["other"] == {"auth": "x"}
    assert config["auths"]["registry.company.com"]["password"] == "s3cr3t"
    assert "s3cr3t" not in (tmp_path / "asked").read_text()


def test_a_failure_in_the_container_is_that_of_the_task(machine):
    with pytest.raises(TaskFailed, match="exit code 7") as failure:
        shell("exit 7", taskRunner=DOCKER).run(machine())
    assert failure.value.outputs["exitCode"] == 7


def test_a_container_that_is_cut_short_is_removed(machine, tmp_path):
    ctx = machine()
    with pytest.raises(Over), alarm(0.5):
        shell("sleep 100", taskRunner=DOCKER).run(ctx)
    (call,) = asked(tmp_path, "run")
    assert asked(tmp_path, "rm") == [["--force", call[call.index("--name") + 1]]]


def test_scripts_in_containers_find_their_file_and_kestra(machine):
    ctx = machine()
    text = "from kestra import Kestra; Kestra.outputs({'a': 1})"
    task = script("python.Script", script=text, taskRunner=DOCKER, interpreter=["/bin/sh", "-c"])
    assert task.run(ctx).outputs["vars"] == {"a": 1}


def test_packages_are_installed_within_the_container(machine, tmp_path):
    ctx = machine()
    (tmp_path / "python").write_text('#!/bin/sh\necho "$*"; [ ! -f "$1" ] || cat "$1"\n')
    (tmp_path / "python").chmod(0o755)
    ctx.about.environ["PATH"] = f"{tmp_path}:{ctx.about.environ['PATH']}"
    script("python.Script", script="hi", taskRunner=DOCKER, dependencies=["a", "b>1"]).run(ctx)
    assert said(ctx)[0].startswith("-m pip install -q --target /")
    assert said(ctx)[0].endswith("/packages a b>1")
    assert said(ctx)[-1] == "hi"


def test_another_user_in_the_container_can_read_and_write(machine):
    ctx = machine(IMAGE_USER="1000")
    shell("stat -c %a . in.txt", inputFiles={"in.txt": "x"}, taskRunner=DOCKER).run(ctx)
    assert said(ctx, "INFO") == ["777", "666"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pullPolicy": "SOMETIMES"}, r"^`taskRunner\.pullPolicy` must be "),
        ({"cpu": 1}, r"^`taskRunner\.cpu` must be "),
        ({"config": "no json"}, r"^`config` of the container must be JSON"),
    ],
)
def test_options_that_cannot_be_read_are_named(options, message, machine):
    with pytest.raises(TaskFailed, match=message):
        shell("true", taskRunner={**DOCKER, **options}).run(machine())


def test_options_that_are_not_known_are_told(machine):
    ctx = machine()
    shell("true", taskRunner={**DOCKER, "nosuch": 1}).run(ctx)
    assert said(ctx, "WARN") == ["`taskRunner.nosuch` is not known and has no effect"]
