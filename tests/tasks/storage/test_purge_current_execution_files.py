from pathlib import Path

from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import stored


def test_every_file_of_the_execution_goes(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    uris = [stored(ctx, "1", "a.txt"), stored(ctx, "2", "sub/b.txt")]
    ctx.files.namespace().write("c.txt", b"3")
    purge = task("storage.PurgeCurrentExecutionFiles", "p")
    assert purge.run(ctx).outputs == {"uris": uris}
    assert purge.run(ctx).outputs == {"uris": []}
    assert ctx.files.namespace().names() == ["c.txt"]
