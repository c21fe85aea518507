"""The tasks of Docker, by a program that plays it."""

import json
import os

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks import registry
from kestrel_cli.tasks.scripts import engines
from kestrel_cli.worker.services import Given
from tests.support.programs import Played
from tests.support.reach import ReachingContext
from tests.support.scripts import content, said, script

DOCKER = "io.kestra.plugin.docker.cli."
# Answers; runs what comes behind the image `runs`; writes the id of an image that was built.
BODY = """
asked = sys.argv[1:]
if asked[0] == "--config":
    print(open(asked[1] + "/config.json").read())
    asked = asked[2:]
if asked[0] == "version":
    sys.exit(0 if "SERVICE" in os.environ else 1)
if asked[:2] == ["image", "ls"]:
    print("sha256:1\\nsha256:2\\nsha256:1")
if asked[:2] == ["image", "inspect"] and "--format" not in asked:
    made = "2024-05-01T00:00:01.123456789Z"
    print(json.dumps([{"Id": one, "Created": made, "Size": 7} for one in asked[2:]]))
if "--iidfile" in asked:
    open(asked[asked.index("--iidfile") + 1], "w").write("sha256:new")
    print("read", open(asked[asked.index("--file") + 1]).read())
    print("pulling", file=sys.stderr)
if asked[0] == "run" and "runs" in asked:
    command = asked[asked.index("runs") + 1:]
    os.execvp(command[0], command)
sys.exit(int(os.environ.get("CODE", "0")))
"""


class Machine:
    """A machine on which Docker answers."""

    def __init__(self, folder):
        self._folder = folder
        self._docker = Played(folder / "bin", "docker", BODY)

    def context(self, *, offline=False, **environ):
        path = os.pathsep.join([str(self._docker.folder), os.environ["PATH"]])
        around = {**os.environ, "PATH": path, "SERVICE": "1", **environ}
        return ReachingContext(self._folder, environ=around, given=Given(offline=offline))

    @property
    def calls(self):
        """The lines of what it was asked, but for whether it is there."""
        args = [call["args"] for call in self._docker.calls]
        return [" ".join(one) for one in args if one[0] != "version"]

    @property
    def last(self):
        return self._docker.calls[-1]


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "_answers", {})
    return Machine(tmp_path)


def test_a_container_runs_in_the_working_directory(machine):
    ctx = machine.context()
    task = script(
        f"{DOCKER}Run",
        containerImage="runs",
        commands=["/bin/sh", "-c", 'cat in.txt > out.txt; echo \'::{"outputs": {"a": 1}}::\''],
        inputFiles={"in.txt": "hello"},
        outputFiles=["out.txt"],
        env={"NAME": "value"},
        user="1000",
        portBindings=["8080:80"],
        volumes=["/a:/b"],
        memory={"memory": "512MB"},
        cpu={"cpus": 2},
        privileged=True,
    )
    found = task.run(ctx).outputs
    assert found["vars"] == {"a": 1}
    assert content(ctx, found["outputFiles"]["out.txt"]) == "hello"
    words = machine.calls[-1]
    for flags in ("--rm", "--user 1000", "--publish 8080:80", "--volume /a:/b", "--memory 512mb"):
        assert f" {flags} " in words
    assert "--env NAME" in words
    assert "--entrypoint" not in words
    assert machine.last["env"]["NAME"] == "value"
    assert found["taskRunner"]["containerId"].startswith("kestrel-")


def test_an_image_is_found_in_the_registry_of_the_credentials(machine):
    given = {"registry": "https://reg.example.com:5000/v2", "username": "me", "password": "secret"}
    ctx = machine.context()
    script(f"{DOCKER}Pull", image="a/b:1", credentials=given).run(ctx)
    assert machine.calls[-1].endswith(" pull reg.example.com:5000/a/b:1")
    assert '"username": "me"' in said(ctx, "INFO")[0]
    assert ctx.hidden == ["secret"]
    given = {"registry": "https://index.docker.io/v1/", "username": "me", "password": "x"}
    script(f"{DOCKER}Pull", image="a/b:1", credentials=given).run(ctx)
    assert machine.calls[-1].endswith(" pull a/b:1")


def test_a_container_may_go_on_alone(machine):
    task = script(f"{DOCKER}Run", containerImage="nginx", wait=False, entryPoint=["/start", "-x"])
    task.run(machine.context())
    words = machine.calls[-1]
    assert " --detach " in words
    assert words.endswith("--entrypoint /start nginx -x")


def test_what_fails_in_a_container_fails(machine):
    task = script(f"{DOCKER}Run", containerImage="runs", commands=["/bin/sh", "-c", "exit 3"])
    with pytest.raises(TaskFailed, match="exit code 3") as failed:
        task.run(machine.context())
    assert failed.value.outputs["exitCode"] == 3


@pytest.mark.parametrize("given", ["FROM a\nRUN b", "docker/file"])
def test_an_image_is_built_and_pushed(given, machine):
    ctx = machine.context()
    task = script(
        f"{DOCKER}Build",
        dockerfile=given,
        inputFiles={"docker/file": "FROM a\nRUN b"},
        tags=["https://reg/app:1", "app:2"],
        platforms=["linux/arm64", "linux/amd64"],
        buildArgs={"TOKEN": "x"},
        labels={"a": "b"},
        target="last",
        push=True,
    )
    assert task.run(ctx).outputs == {"imageId": "sha256:new"}
    build, *pushes = machine.calls
    assert pushes == ["push reg/app:1", "push app:2"]
    options = "build --pull --platform linux/amd64 --target last --tag reg/app:1 --tag app:2"
    assert build.startswith(f"{options} --label a=b --iidfile ")
    assert " --build-arg TOKEN --file " in build
    assert build.endswith(" .")
    assert said(ctx, "INFO")[:2] == ["read FROM a", "RUN b"]
    assert "pulling" in said(ctx, "INFO")


def test_an_address_is_a_dockerfile(machine):
    ctx = machine.context()
    uri = ctx.files.put(b"FROM stored", "Dockerfile")
    script(f"{DOCKER}Build", dockerfile=uri, tags=["a"], pull=False).run(ctx)
    assert "read FROM stored" in said(ctx, "INFO")
    assert "--pull" not in machine.calls[-1]


@pytest.mark.parametrize(
    ("name", "properties", "calls"),
    [
        ("Push", {"tags": ["a:1", "b"]}, ["push a:1", "push b"]),
        ("Tag", {"sourceImage": "a", "targetImage": "b:1"}, ["tag a b:1"]),
        ("Stop", {"containerId": "c"}, ["stop c", "rm c"]),
        ("Stop", {"containerId": "c", "kill": True, "delete": False}, ["kill c"]),
        (
            "Rm",
            {"containerIds": ["c", "d"], "imageIds": ["i"], "force": True, "removeVolumes": True},
            ["rm --force --volumes c d", "rmi --force i"],
        ),
        ("Prune", {"pruneType": "IMAGES"}, ["image prune --force --all"]),
        (
            "Prune",
            {"pruneType": "IMAGES", "dangling": True, "until": "10m", "labelFilters": ["a=b"]},
            ["image prune --force --filter until=10m --filter label=a=b"],
        ),
        ("Prune", {"pruneType": "BUILD"}, ["builder prune --force"]),
    ],
)
def test_what_it_is_asked_for(name, properties, calls, machine):
    script(DOCKER + name, **properties).run(machine.context())
    assert machine.calls == calls


def test_images_are_listed(machine):
    task = script(f"{DOCKER}ImageLs", imageNameFilter="a*", labelFilter={"x": "y"}, showAll=True)
    found = task.run(machine.context()).outputs
    assert found["count"] == 2
    assert found["images"][1] == {
        "id": "sha256:2",
        "repoTags": [],
        "repoDigests": [],
        "size": 7,
        "created": 1714521601,
        "labels": {},
    }
    assert machine.calls == [
        "image ls --quiet --no-trunc --all --filter reference=a* --filter label=x=y",
        "image inspect sha256:1 sha256:2",
    ]


def test_compose_takes_files_from_everywhere(machine):
    ctx = machine.context()
    uri = ctx.files.put(b"services: {}", "stored.yaml")
    task = script(
        f"{DOCKER}Compose",
        inputFiles={"here.yaml": "services: {}"},
        composeFiles=["services:\n  a: {}", "here.yaml", uri],
        composeArgs=["up", "-d"],
    )
    task.run(ctx)
    words = machine.calls[-1].split()
    assert [words[n] for n in (0, 1, 3, 5)] == ["compose", "-f", "-f", "-f"]
    assert words[4] == "here.yaml"
    assert words[-2:] == ["up", "-d"]


def test_without_a_service_nothing_is_done(machine, tmp_path):
    ctx = ReachingContext(tmp_path, environ={"PATH": str(tmp_path / "bin")})
    with pytest.raises(TaskFailed, match="needs Docker or Podman, but docker does not answer"):
        script(f"{DOCKER}Tag", sourceImage="a", targetImage="b").run(ctx)
    assert script(f"{DOCKER}Tag", sourceImage="a", targetImage="b").needs() == ["docker|podman"]


def test_what_it_refuses_is_told(machine):
    with pytest.raises(TaskFailed, match="docker push failed with exit code 4"):
        script(f"{DOCKER}Push", tags=["a"]).run(machine.context(CODE="4"))
    with pytest.raises(TaskFailed, match="At least one tag"):
        script(f"{DOCKER}Push", tags=[]).run(machine.context())


@pytest.mark.parametrize(
    ("name", "properties"),
    [
        ("Pull", {"image": "a"}),
        ("Push", {"tags": ["a"]}),
        ("Build", {"tags": ["a"], "dockerfile": "FROM a", "push": True}),
    ],
)
def test_offline_nothing_goes_out(name, properties, machine):
    with pytest.raises(TaskFailed, match="`--offline` allows none"):
        script(DOCKER + name, **properties).run(machine.context(offline=True))
    assert machine.calls == []


def test_the_older_names_are_the_same_types():
    assert registry.find("io.kestra.plugin.docker.Run") is registry.find(f"{DOCKER}Run")
    assert json.dumps(registry.names()).count("plugin.docker.cli.") == 10
