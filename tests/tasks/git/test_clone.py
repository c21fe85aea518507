from pathlib import Path

import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.worker.services import Given
from tests.support.flows import written
from tests.support.reach import ReachingContext
from tests.tasks.git.conftest import WHO, git


def clone(ctx, url, **properties):
    said = {"url": str(url), **properties}
    return Path(written("io.kestra.plugin.git.Clone", **said).run(ctx).outputs["directory"])


def commits(folder):
    return git(folder, "log", "--format=%s").split("\n")


def test_the_newest_commit_is_cloned(ctx, origin):
    folder = clone(ctx, origin)
    assert folder == ctx.files.folder()
    assert (folder / "file.txt").read_text() == "two"
    assert commits(folder) == ["two"]
    assert git(folder, "branch", "--show-current") == "main"
    assert "origin/dev" in git(folder, "branch", "--remotes")
    assert ("INFO", f"Start cloning from '{origin.as_uri()}'") in ctx.logs


def test_a_folder_and_a_branch(ctx, origin):
    folder = clone(ctx, origin.as_uri(), directory="in/here", branch="dev", depth=5)
    assert folder == ctx.files.folder() / "in" / "here"
    assert (folder / "file.txt").read_text() == "dev"
    assert commits(folder) == ["dev", "two", "one"]


def test_one_branch_only(ctx, origin):
    folder = clone(ctx, origin, branch="dev", cloneAllBranches=False, noTags=True)
    assert git(folder, "branch", "--remotes") == "origin/dev"
    assert git(folder, "tag") == ""


def test_a_tag_and_a_commit_come_with_their_history(ctx, origin):
    folder = clone(ctx, origin, directory="tag", tag="v1")
    assert (folder / "file.txt").read_text() == "one"
    commit = git(origin, "rev-parse", "v1")
    folder = clone(ctx, origin, directory="commit", commit=commit, branch="dev")
    assert (folder / "file.txt").read_text() == "one"
    assert git(folder, "log", "--format=%s", "origin/dev").split("\n") == ["dev", "two", "one"]


def test_settings_of_the_clone(ctx, origin):
    config = {"core.fileMode": False, "user": {"name": "{{ x }}"}}
    folder = clone(ctx, origin, gitConfig=config)
    assert git(folder, "config", "core.fileMode") == "false"
    assert git(folder, "config", "user.name") == "{{ x }}"


@pytest.mark.parametrize("properties", [{}, {"branch": "main"}, {"tag": "v2"}, {"commit": "HEAD"}])
def test_a_clone_that_is_there_is_brought_up_to_date(properties, ctx, origin):
    folder = clone(ctx, origin)
    (folder / "file.txt").write_text("changed")
    (origin / "file.txt").write_text("three")
    git(origin, "commit", "--quiet", "--all", "--message", "three")
    git(origin, "tag", "v2")
    if "commit" in properties:
        properties = {"commit": git(origin, "rev-parse", "HEAD")}
    clone(ctx, origin, **properties, gitConfig={"user.name": "me"})
    assert (folder / "file.txt").read_text() == "three"
    assert git(folder, "config", "user.name") == "me"


def test_submodules(ctx, origin, tmp_path):
    inner = tmp_path / "inner"
    git(tmp_path, "clone", "--quiet", str(origin), str(inner))
    git(
        origin, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sub"
    )
    git(origin, "commit", "--quiet", "--message", "sub")
    folder = clone(ctx, origin, directory="without")
    assert not (folder / "sub" / "file.txt").exists()
    environ = {
        **WHO,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "protocol.file.allow",
        "GIT_CONFIG_VALUE_0": "always",
    }
    ctx = ReachingContext(tmp_path / "other", environ=environ)
    folder = clone(ctx, origin, cloneSubmodules=True)
    assert (folder / "sub" / "file.txt").read_text() == "two"


def test_a_repository_around_us_is_left_alone(origin, tmp_path):
    environ = {**WHO, "GIT_DIR": str(origin / ".git"), "GIT_WORK_TREE": str(origin)}
    ctx = ReachingContext(tmp_path / "run", environ=environ)
    assert (clone(ctx, origin, branch="dev") / "file.txt").read_text() == "dev"
    assert git(origin, "branch", "--show-current") == "main"


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ({"url": ""}, "`url` is no address of a repository"),
        ({"url": "--upload-pack=x"}, "`url` is no address"),
        ({"url": "ext::sh -c x"}, "`url` is no address"),
        ({"url": "a\nb"}, "`url` is no address"),
        ({"url": "http://[a/b"}, "`url` is no address"),
        ({"url": "ftp://a/b"}, "`url` has to begin with one of http"),
        ({"branch": "none"}, "git clone failed: .*none"),
        ({"tag": "none"}, "git clone failed: .*none"),
        ({"commit": "abcdef1234"}, "git checkout failed: .*abcdef1234"),
        ({"branch": "--x"}, "`branch` is no name of one: '--x'"),
        ({"tag": "a b"}, "`tag` is no name of one"),
        ({"commit": "HEAD"}, "`commit` is no name of one: 'HEAD'"),
        ({"branch": "a", "tag": "b"}, "can't both be set"),
        ({"tag": "v1", "noTags": True}, "can't be cloned with `noTags: true`"),
        ({"cloneAllBranches": False}, "needs a `branch`"),
        ({"depth": 0}, "`depth` must be at least 1"),
        ({"directory": "../x"}, r"\.\./"),
        ({"directory": "/x"}, "must be relative"),
        ({"gitConfig": {"x": 1}}, "`gitConfig`: 'x' is no name of a setting"),
        ({"gitConfig": {"a=b.c": 1}}, "is no name of a setting"),
        ({"username": "a\nb"}, "can't hold line breaks"),
    ],
)
def test_what_can_not_be_cloned_is_a_failure(properties, why, ctx, origin):
    with pytest.raises((TaskFailed, RenderError), match=why):
        clone(ctx, **{"url": str(origin), **properties})


def test_git_says_what_was_wrong(ctx, tmp_path):
    with pytest.raises(TaskFailed, match=r"git clone failed: fatal: .*none"):
        clone(ctx, tmp_path / "none")


def test_a_folder_with_something_else_is_left_alone(ctx, origin):
    (ctx.files.folder() / "x").write_text("mine")
    with pytest.raises(TaskFailed, match="not an empty directory"):
        clone(ctx, origin)
    assert (ctx.files.folder() / "x").read_text() == "mine"


@pytest.mark.parametrize("url", ["https://a.b/c", "git@a.b:c/d", "ssh://a/b"])
def test_nothing_is_fetched_offline(url, origin, tmp_path):
    ctx = ReachingContext(tmp_path / "run", given=Given(offline=True), environ=WHO)
    with pytest.raises(TaskFailed, match="is refused: `--offline` allows none"):
        clone(ctx, url)
    assert (clone(ctx, origin) / "file.txt").exists()


def test_the_program_is_needed(origin, tmp_path):
    task = written("io.kestra.plugin.git.Clone", url="x")
    assert task.needs() == ["git"]
    ctx = ReachingContext(tmp_path / "run", environ={"PATH": str(tmp_path)})
    with pytest.raises(TaskFailed, match="the program `git` was not found"):
        clone(ctx, origin)
