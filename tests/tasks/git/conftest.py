import subprocess
from pathlib import Path

import pytest

from tests.support.reach import ReachingContext

WHO = {
    "GIT_AUTHOR_NAME": "me",
    "GIT_AUTHOR_EMAIL": "me@b.c",
    "GIT_COMMITTER_NAME": "me",
    "GIT_COMMITTER_EMAIL": "me@b.c",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
}


def git(folder: Path, *arguments: str) -> str:
    """Run git for a test; what it prints."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=WHO, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository: two commits on `main`, the first with the tag `v1`, and a branch `dev`."""
    made = tmp_path / "origin"
    made.mkdir()
    git(made, "init", "--quiet", "--initial-branch=main")
    for text in ("one", "two"):
        (made / "file.txt").write_text(text)
        git(made, "add", ".")
        git(made, "commit", "--quiet", "--message", text)
        if text == "one":
            git(made, "tag", "v1")
    git(made, "checkout", "--quiet", "-b", "dev")
    (made / "file.txt").write_text("dev")
    git(made, "commit", "--quiet", "--all", "--message", "dev")
    git(made, "checkout", "--quiet", "main")
    return made


@pytest.fixture
def ctx(tmp_path: Path) -> ReachingContext:
    return ReachingContext(tmp_path / "run", environ=WHO)
