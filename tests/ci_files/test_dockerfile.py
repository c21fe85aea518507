"""The Dockerfile, read: what it copies is there, and the image is one that may be run anywhere."""

import json
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch

from tests.support.cli import ROOT

FILE = ROOT / ".github" / "Dockerfile"
Instruction = tuple[str, str]


def instructions() -> list[Instruction]:
    text = re.sub(r"^#.*\n", "", FILE.read_text("utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(name, rest.strip()) for name, _, rest in (one.partition(" ") for one in lines) if name]


def stages() -> list[list[Instruction]]:
    found: list[list[Instruction]] = []
    for one in instructions():
        if one[0] == "FROM":
            found.append([])
        if found:
            found[-1].append(one)
    return found


def copied(stage: list[Instruction]) -> Iterator[str]:
    for name, rest in stage:
        if name == "COPY" and not rest.startswith("--from="):
            yield from rest.split()[:-1]


def test_every_source_is_there_and_let_in() -> None:
    ignored = (FILE.parent / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    let_in = [one[1:] for one in ignored if one.startswith("!")]
    for source in (one for stage in stages() for one in copied(stage)):
        assert (ROOT / source).exists(), source
        assert any(fnmatch(source, pattern) for pattern in let_in), source
    assert "*" in ignored


def test_the_wheel_has_all_that_it_is_built_of() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        data = tomllib.load(file)
    build, _ = stages()
    hatch = data["tool"]["hatch"]
    needed = {"pyproject.toml", data["project"]["readme"], *data["project"]["license-files"]}
    needed |= set(hatch["build"]["targets"]["wheel"]["packages"])
    assert needed == set(copied(build))
    assert hatch["version"]["path"].startswith("kestrel_cli/")


def test_the_image_holds_what_the_first_stage_has_made_and_no_sources() -> None:
    build, image = stages()
    assert not list(copied(image))
    (taken,) = [rest for name, rest in image if name == "COPY"]
    assert taken == "--from=build /opt/kestrel /opt/kestrel"
    assert any("/opt/kestrel" in rest for name, rest in build if name == "RUN")
    assert build[0][1].endswith(" AS build")


def test_nobody_is_root_when_kestrel_runs() -> None:
    _, image = stages()
    users = [rest for name, rest in image if name == "USER"]
    assert users == ["10001"]  # a number: a cluster can see that it is not root
    after = [name for name, _ in image[image.index(("USER", "10001")) :]]
    assert "RUN" not in after
    entry = dict(image)["ENTRYPOINT"]
    assert json.loads(entry) == ["kestrel"]


def test_what_a_linter_would_say() -> None:
    found = instructions()
    assert {name for name, _ in found} <= {
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "FROM",
        "RUN",
        "USER",
        "WORKDIR",
    }
    for name, rest in found:
        if name == "FROM":
            assert "-slim" in rest
            assert ":latest" not in rest
        if name == "RUN":
            assert "sudo" not in rest
            assert rest.count("pip install") + rest.count("pip wheel") == rest.count(
                "--no-cache-dir"
            )
        if name == "WORKDIR":
            assert rest.startswith("/")
