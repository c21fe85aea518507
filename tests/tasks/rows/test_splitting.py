from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks.rows import splitting
from kestrel_cli.tasks.rows.splitting import Batch, byte_size, division, split_file
from tests.support.reach import ReachingContext


@pytest.fixture
def ctx(tmp_path: Path) -> ReachingContext:
    return ReachingContext(tmp_path)


def batches(ctx: ReachingContext, content: bytes, batch: Batch, name: str = "part") -> list[bytes]:
    uri = ctx.files.put(content, "all.csv")
    found = split_file(ctx, uri, **division(ctx, batch), name=name)
    return [ctx.files.local(uri).read_bytes() for uri in found]


def test_rows_are_counted_into_batches(ctx: ReachingContext) -> None:
    assert batches(ctx, b"1\n2\n3\n4\n5", Batch(rows=2)) == [b"1\n2\n", b"3\n4\n", b"5\n"]


def test_a_batch_closes_with_the_row_that_reaches_the_size(ctx: ReachingContext) -> None:
    content = b"12345\n" * 5
    assert batches(ctx, content, Batch(bytes_="7")) == [b"12345\n" * 2] * 2 + [b"12345\n"]
    assert batches(ctx, content, Batch(bytes_="6")) == [b"12345\n"] * 5
    assert batches(ctx, content, Batch(bytes_="1KB")) == [content]


def test_partitions_are_dealt_row_by_row_and_empty_ones_left_out(ctx: ReachingContext) -> None:
    content = b"1\n2\n3\n4\n5\n"
    assert batches(ctx, content, Batch(partitions=2)) == [b"1\n3\n5\n", b"2\n4\n"]
    assert batches(ctx, b"1\n2\n", Batch(partitions=1_000_000_000)) == [b"1\n", b"2\n"]


def test_a_pattern_makes_a_batch_of_each_first_group(ctx: ReachingContext) -> None:
    content = b"b;1\na;2\nno\nb;3\n"
    assert batches(ctx, content, Batch(regexPattern="^(\\w);")) == [b"b;1\nb;3\n", b"a;2\n"]


def test_a_pattern_without_a_group_keeps_nothing_and_says_so(ctx: ReachingContext) -> None:
    assert batches(ctx, b"a\n", Batch(regexPattern="a")) == []
    assert ctx.logs == [("WARN", "`regexPattern` has no group in parentheses: no row is kept: a")]


def test_the_first_of_pattern_bytes_partitions_and_rows_counts(ctx: ReachingContext) -> None:
    said = Batch(rows=1, partitions=3, bytes_="1MB", regexPattern="(x)")
    assert batches(ctx, b"x\ny\n", said) == [b"x\n"]
    assert batches(ctx, b"x\ny\n", said.changed(regexPattern=None)) == [b"x\ny\n"]
    assert len(batches(ctx, b"x\ny\n", said.changed(regexPattern=None, bytes_=None))) == 2


def test_many_keys_stay_in_bounds(ctx: ReachingContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "_KEPT", 100)
    content = b"".join(b"%d\n" % (number % 700) for number in range(1400))
    found = batches(ctx, content, Batch(regexPattern="(.*)"))
    assert found == [b"%d\n" % number * 2 for number in range(700)]


def test_any_line_end_separates_and_the_separator_ends(ctx: ReachingContext) -> None:
    assert batches(ctx, b"1\r\n2\r3\n\n4", Batch(rows=9, separator="|")) == [b"1|2|3||4|"]


def test_bytes_that_are_no_text_stay_as_they_are(ctx: ReachingContext) -> None:
    assert batches(ctx, b"\xff\x00\n\xc3\n", Batch(rows=1)) == [b"\xff\x00\n", b"\xc3\n"]


def test_a_file_without_rows_gives_no_batch(ctx: ReachingContext) -> None:
    for batch in (Batch(rows=1), Batch(partitions=3), Batch(bytes_="1"), Batch(regexPattern="(a)")):
        assert batches(ctx, b"", batch) == []


def test_batches_are_numbered_and_keep_the_extension(ctx: ReachingContext) -> None:
    uri = ctx.files.put(b"1\n2\n", "all.csv")
    found = split_file(ctx, uri, **division(ctx, Batch(rows=1)), name="part")
    assert [uri.rpartition("/")[2] for uri in found] == ["part-1.csv", "part-2.csv"]
    bare = ctx.files.put(b"1\n", "all")
    found = split_file(ctx, bare, **division(ctx, Batch(rows=1)), name="")
    assert found[0].endswith(".tmp")


@pytest.mark.parametrize(
    ("text", "size"), [("10", 10), ("100kb", 102_400), ("2MB", 2 << 20), ("1 GB", 1 << 30)]
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert byte_size(text) == size


@pytest.mark.parametrize("text", ["", "0", "ten", "-1", "1.5MB", "10TB", "٣"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(TaskFailed, match="is no size"):
        byte_size(text)


@pytest.mark.parametrize("batch", [Batch(rows=0), Batch(partitions=-1)])
def test_numbers_below_one_are_refused(ctx: ReachingContext, batch: Batch) -> None:
    with pytest.raises(TaskFailed, match="must be 1 or more"):
        division(ctx, batch)


def test_a_split_has_to_be_told_how(ctx: ReachingContext) -> None:
    with pytest.raises(TaskFailed, match="say how to split"):
        batches(ctx, b"1\n", Batch())


def test_a_file_that_is_not_there_fails_in_words(ctx: ReachingContext) -> None:
    with pytest.raises(Exception, match="does not exist"):
        split_file(ctx, "kestra:///no.csv", **division(ctx, Batch(rows=1)), name="")
