"""Tasks that push, to a repository on this machine."""

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.worker.services import Given
from tests.support.flows import written
from tests.support.reach import ReachingContext
from tests.tasks.git.conftest import WHO, git

GIT = "io.kestra.plugin.git."


@pytest.fixture
def bare(tmp_path, origin):
    """A repository that takes pushes, with the branches of `origin`."""
    made = tmp_path / "bare.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(origin), str(made))
    return made


def run(ctx, name, **properties):
    return written(GIT + name, **properties).run(ctx).outputs


def shown(bare, branch, name):
    return git(bare, "show", f"{branch}:{name}")


def names(bare, branch):
    return git(bare, "ls-tree", "-r", "--name-only", branch).split("\n")


def rows(ctx, uri):
    with ctx.files.open(uri) as file:
        return file.read().decode().splitlines()


def test_a_clone_in_the_working_directory_is_pushed_to_a_new_branch(ctx, bare):
    run(ctx, "Clone", url=str(bare), branch="main")
    found = run(
        ctx,
        "Push",
        branch="feature",
        commitMessage="add a file",
        inputFiles={"to/commit.txt": "new", "other.txt": "not this"},
        addFilesPattern=["to", "nothing*"],
        author={"name": "you", "email": "you@b.c"},
    )
    assert git(bare, "rev-parse", "feature") == found["commitId"]
    assert names(bare, "feature") == ["file.txt", "to/commit.txt"]
    assert git(bare, "log", "-1", "--format=%an %ae %s", "feature") == "you you@b.c add a file"
    assert ("WARN", "there is nothing to add for `nothing*`") in ctx.logs
    again = run(ctx, "Push", branch="feature", commitMessage="x", addFilesPattern=["to"])
    assert again == {}
    assert ("INFO", "No changes to commit. Skipping push.") in ctx.logs


def test_files_of_a_new_clone_give_way(ctx, bare):
    said = {"url": bare.as_uri(), "branch": "dev", "commitMessage": "all new"}
    run(ctx, "Push", **said, inputFiles={"only.txt": "x"}, flows={"enabled": True})
    assert names(bare, "dev") == ["only.txt"]
    assert ("WARN", "flows are not pushed: they are files here") in ctx.logs


def test_a_repository_has_to_be_somewhere(ctx):
    with pytest.raises(TaskFailed, match="no repository in the working directory"):
        run(ctx, "Push", branch="a", commitMessage="b")


def test_namespace_files_are_pushed_and_others_go(ctx, bare):
    files = ctx.files.namespace("company.team")
    files.write("a/one.sql", b"1\n2\n")
    files.write("two.py", b"x\n")
    said = {"url": str(bare), "namespace": "company.team", "branch": "main"}
    found = run(ctx, "PushNamespaceFiles", **said, authorName="me", authorEmail="a@b.c")
    assert names(bare, "main") == ["_files/a/one.sql", "_files/two.py", "file.txt"]
    assert found["commitURL"] == f"{bare.as_uri()}/commit/{found['commitId']}"
    assert git(bare, "log", "-1", "--format=%s") == "Add files from company.team namespace"
    assert rows(ctx, found["files"]) == [
        '{file:"_files/a/one.sql",additions:"+2",deletions:"-0",changes:"0"}',
        '{file:"_files/two.py",additions:"+1",deletions:"-0",changes:"0"}',
    ]
    files.write("two.py", b"y\n")
    files.delete("a/one.sql")
    dry = run(ctx, "PushNamespaceFiles", **said, dryRun=True)
    assert list(dry) == ["files"]
    assert rows(ctx, dry["files"]) == [
        '{file:"_files/a/one.sql",additions:"+0",deletions:"-2",changes:"0"}',
        '{file:"_files/two.py",additions:"+0",deletions:"-0",changes:"1"}',
    ]
    run(ctx, "PushNamespaceFiles", **said, files="*.py")
    assert "_files/a/one.sql" in names(bare, "main")
    assert shown(bare, "main", "_files/two.py") == "y"


def test_files_of_the_execution_are_pushed(ctx, bare):
    uri = ctx.files.put(b"log", "run.log")
    said = {"url": str(bare), "branch": "logs", "gitDirectory": "kept"}
    run(ctx, "PushExecutionFiles", **said, filesMap={"run-1.log": uri})
    assert shown(bare, "logs", "kept/run-1.log") == "log"
    assert git(bare, "log", "-1", "--format=%s", "logs") == "Add files from execution 4uQm"
    (ctx.files.folder() / "report.txt").write_text("done")
    run(ctx, "PushExecutionFiles", **said, files=["*.txt"])
    assert names(bare, "logs") == ["file.txt", "kept/report.txt", "kept/run-1.log"]
    with pytest.raises(TaskFailed, match="no files are there to be pushed"):
        run(ctx, "PushExecutionFiles", **said, filesMap={}, errorOnMissing=True)


def test_a_repository_without_commits_gets_its_first_one(ctx, tmp_path):
    bare = tmp_path / "empty.git"
    git(tmp_path, "init", "--quiet", "--bare", str(bare))
    ctx.files.namespace("company.team").write("a.txt", b"x")
    run(ctx, "PushNamespaceFiles", url=str(bare), namespace="company.team", gitDirectory=".")
    assert names(bare, "main") == ["a.txt"]


def test_who_commits_is_known_even_where_git_knows_nobody(tmp_path, bare):
    environ = {
        name: text
        for name, text in WHO.items()
        if not name.startswith(("GIT_AUTHOR", "GIT_COMMITTER"))
    }
    environ |= {"HOME": str(tmp_path), "EMAIL": ""}
    ctx = ReachingContext(tmp_path / "run", environ=environ)
    ctx.files.namespace("company.team").write("a.txt", b"x")
    run(
        ctx, "PushNamespaceFiles", url=str(bare), namespace="company.team", username="someone"
    )  # fmt: skip
    assert git(bare, "log", "-1", "--format=%an")


def test_offline_only_what_is_here_is_reached(tmp_path, bare):
    ctx = ReachingContext(tmp_path / "run", environ=WHO, given=Given(offline=True))
    said = {"branch": "a", "commitMessage": "b", "inputFiles": {"x": "y"}}
    run(ctx, "Push", url=str(bare), **said)
    with pytest.raises(TaskFailed, match="`--offline` allows none"):
        run(ctx, "Push", url="https://example.com/a.git", **said)
