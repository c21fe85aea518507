from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import stored


def test_a_file_is_taken_away_once(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    uri = stored(ctx, "x")
    delete = task("storage.Delete", "d", uri=uri)
    assert delete.run(ctx).outputs == {"uri": uri, "deleted": True}
    assert delete.run(ctx).outputs == {"uri": uri, "deleted": False}
    assert not ctx.files.exists(uri)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    folder = stored(ctx, "x").rpartition("/")[0]
    assert task("storage.Delete", "d", uri=folder).run(ctx).outputs["deleted"] is False


def test_a_missing_file_may_be_a_failure(tmp_path: Path) -> None:
    delete = task("storage.Delete", "d", uri="kestra:///a/b", errorOnMissing=True)
    with pytest.raises(TaskFailed, match="Unable to find file 'kestra:///a/b'"):
        delete.run(ReachingContext(tmp_path))
