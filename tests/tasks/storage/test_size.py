from pathlib import Path

from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import stored


def test_the_size_is_in_bytes(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    assert task("storage.Size", "s", uri=stored(ctx, "ä")).run(ctx).outputs == {"size": 2}
