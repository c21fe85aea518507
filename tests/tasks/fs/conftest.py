from pathlib import Path

import pytest

from tests.support.reach import ReachingContext


@pytest.fixture
def ctx(tmp_path: Path) -> ReachingContext:
    return ReachingContext(tmp_path / "run")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with some files; the test runs in it."""
    made = tmp_path / "data"
    (made / "inner").mkdir(parents=True)
    (made / "b.csv").write_text("b")
    (made / "a.txt").write_text("aa")
    (made / "inner" / "c.csv").write_text("ccc")
    monkeypatch.chdir(made)
    return made
