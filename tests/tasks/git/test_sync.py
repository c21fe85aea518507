"""Tasks that bring files of a repository into a namespace."""

import pytest

from tests.support.flows import written
from tests.tasks.git.conftest import git

GIT = "io.kestra.plugin.git."


@pytest.fixture
def files(origin):
    """The repository, with files of namespaces on `main`."""
    for name, text in {
        "_files/a.sql": "1",
        "_files/in/b.py": "2",
        "_files/secret.key": "3",
        "_files/.kestraignore": "*.key\n.kestraignore\n",
        "_flows/flow.yml": "id: x",
    }.items():
        (origin / name).parent.mkdir(exist_ok=True, parents=True)
        (origin / name).write_text(text)
    (origin / "_files/link").symlink_to("a.sql")
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "--message", "files")
    return origin


def run(ctx, name, **properties):
    return written(GIT + name, **properties).run(ctx).outputs


def rows(ctx, uri):
    with ctx.files.open(uri) as file:
        return file.read().decode().splitlines()


def test_files_come_into_the_namespace(ctx, files):
    space = ctx.files.namespace("prod")
    space.write("a.sql", b"old")
    space.write("gone.txt", b"x")
    said = {"url": str(files), "namespace": "prod"}
    dry = run(ctx, "SyncNamespaceFiles", **said, delete=True, dryRun=True)
    assert rows(ctx, dry["files"]) == [
        '{syncState:"DELETED",kestraPath:"/gone.txt"}',
        '{gitPath:"_files/a.sql",syncState:"OVERWRITTEN",kestraPath:"/a.sql"}',
        '{gitPath:"_files/in/b.py",syncState:"ADDED",kestraPath:"/in/b.py"}',
    ]
    assert space.names() == ["a.sql", "gone.txt"]
    run(ctx, "SyncNamespaceFiles", **said)
    assert space.names() == ["a.sql", "gone.txt", "in/b.py"]
    assert space.path("a.sql").read_text() == "1"
    run(ctx, "SyncNamespaceFiles", **said, delete=True)
    assert space.names() == ["a.sql", "in/b.py"]


def test_a_folder_that_is_not_there_is_told_of(ctx, files):
    run(ctx, "SyncNamespaceFiles", url=str(files), namespace="prod", gitDirectory="none")
    assert ("WARN", "the repository has no folder `none`") in ctx.logs


def test_the_older_task_makes_a_folder_the_same(ctx, files):
    space = ctx.files.namespace()
    space.write("scripts/old.txt", b"x")
    space.write("other.txt", b"x")
    said = {"url": str(files), "branch": "main", "namespaceFilesDirectory": "/scripts"}
    run(ctx, "Sync", **said, dryRun=True)
    assert space.names() == ["other.txt", "scripts/old.txt"]
    told = [text for level, text in ctx.logs if level == "INFO"]
    assert told[:3] == ["- /old.txt", "+ /_files/a.sql", "+ /_files/in/b.py"]
    assert ("WARN", "flows in `_flows` are left out: they are files here") in ctx.logs
    run(ctx, "Sync", **said, gitDirectory="_files")
    assert space.names() == ["other.txt", "scripts/a.sql", "scripts/in/b.py"]
