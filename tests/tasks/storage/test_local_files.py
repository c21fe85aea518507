from pathlib import Path

from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import content, stored


def test_inputs_are_written_and_outputs_kept(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    inputs = {"a.txt": "one", "sub/b.txt": stored(ctx, "two"), "c.log": "three"}
    local = task("storage.LocalFiles", "l", inputs=inputs, outputs=["*.txt", "sub/**"])
    uris = local.run(ctx).outputs["uris"]
    assert {name: content(ctx, uri) for name, uri in uris.items()} == {
        "a.txt": "one",
        "sub/b.txt": "two",
    }
    assert (ctx.files.folder() / "c.log").read_text() == "three"


def test_nothing_said_does_nothing(tmp_path: Path) -> None:
    assert task("storage.LocalFiles", "l").run(ReachingContext(tmp_path)).outputs == {"uris": {}}
