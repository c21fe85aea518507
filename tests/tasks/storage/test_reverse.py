from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import content, name_of, place, stored


def test_the_last_row_comes_first(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    reverse = task("storage.Reverse", "r", from_=stored(ctx, "1\n2\r\n3\n", "n.csv"))
    outputs = reverse.run(ctx).outputs
    assert content(ctx, outputs["uri"]) == "3\n2\n1\n"
    assert name_of(outputs["uri"]).endswith(".csv")


def test_the_separator_ends_each_row(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    reverse = task("storage.Reverse", "r", from_=stored(ctx, "1\n2"), separator="|")
    assert content(ctx, reverse.run(ctx).outputs["uri"]) == "2|1|"


def test_the_charset_is_that_of_rows_and_separator(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    uri = stored(ctx, "ä\nb".encode("utf-16-le"))
    reverse = task("storage.Reverse", "r", from_=uri, charset="UTF-16LE")
    assert place(ctx, reverse.run(ctx).outputs["uri"]).read_bytes().decode("utf-16-le") == "b\nä\n"


def test_no_rows_give_an_empty_file(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    assert (
        content(ctx, task("storage.Reverse", "r", from_=stored(ctx, "")).run(ctx).outputs["uri"])
        == ""
    )


@pytest.mark.parametrize(("charset", "separator"), [("klingon", "\n"), ("US-ASCII", "€")])
def test_what_can_not_be_written_is_refused(tmp_path: Path, charset: str, separator: str) -> None:
    ctx = ReachingContext(tmp_path)
    reverse = task(
        "storage.Reverse", "r", from_=stored(ctx, "a"), charset=charset, separator=separator
    )
    with pytest.raises(TaskFailed, match="can't be written in"):
        reverse.run(ctx)
