from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import content, name_of, place


def test_the_text_is_in_the_file(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path, {"who": "wörld"})
    outputs = task("storage.Write", "w", content="<who>", extension=".txt").run(ctx).outputs
    assert content(ctx, outputs["uri"]) == "wörld"
    assert name_of(outputs["uri"]).endswith(".txt")
    assert place(ctx, outputs["uri"]).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("said", "got"), [(None, ".tmp"), ("csv", ".csv"), (".tar.gz", ".tar.gz")])
def test_the_extension_may_lack_its_dot(tmp_path: Path, said: object, got: str) -> None:
    ctx = ReachingContext(tmp_path)
    outputs = task("storage.Write", "w", content="x", extension=said).run(ctx).outputs
    assert name_of(outputs["uri"]).endswith(got)


def test_a_map_is_written_as_json(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    outputs = task("storage.Write", "w", content={"a": [1, True]}).run(ctx).outputs
    assert content(ctx, outputs["uri"]) == '{"a":[1,true]}'


@pytest.mark.parametrize("extension", ["/../../x", "..\\x", "./../x"])
def test_an_extension_does_not_lead_into_a_folder(tmp_path: Path, extension: str) -> None:
    ctx = ReachingContext(tmp_path)
    with pytest.raises(TaskFailed, match="the extension can't hold"):
        task("storage.Write", "w", content="x", extension=extension).run(ctx)
    assert not list(tmp_path.rglob("*.part"))


def test_half_a_surrogate_pair_becomes_a_question_mark(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    outputs = task("storage.Write", "w", content="a\ud800").run(ctx).outputs
    assert content(ctx, outputs["uri"]) == "a?"
