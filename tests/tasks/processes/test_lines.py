"""Lines of a stream, however it is cut into pieces: no byte is lost or doubled at a border."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kestrel_cli.tasks.processes.lines import LONGEST, LONGEST_MESSAGE, Line, LineCutter


def cut(*pieces: bytes) -> list[Line]:
    cutter = LineCutter()
    return [line for piece in pieces for line in cutter.cut(piece)] + cutter.rest()


def texts(*pieces: bytes) -> list[str]:
    return [line.text() for line in cut(*pieces)]


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"a", ["a"]),
        (b"a\n", ["a"]),
        (b"a\nb", ["a", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"1%\r2%\r3%\n", ["1%", "2%", "3%"]),
        (b"\n\n", ["", ""]),
        (b"a\r\r\nb", ["a", "", "b"]),
        (b"nul\0here\n", ["nul\0here"]),
        ("grüße 日本\n".encode(), ["grüße 日本"]),
        (b"\xff\xfe\n", ["\ufffd\ufffd"]),
        (b"half \xe6\x97", ["half \ufffd"]),
    ],
)
def test_lines_end_as_java_reads_them_wherever_the_pieces_end(data, lines):
    assert texts(data) == lines
    for at in range(len(data) + 1):
        assert texts(data[:at], data[at:]) == lines, at
    assert texts(*(data[at : at + 1] for at in range(len(data)))) == lines


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b"::{", b"}::", "ü".encode(), b"\xff"])),
    st.lists(st.integers(0, 30)),
)
def test_the_pieces_make_no_difference(parts, cuts):
    data = b"".join(parts)
    places = sorted({0, len(data), *(at for at in cuts if at < len(data))})
    pieces = [data[a:b] for a, b in pairwise(places)]
    assert texts(*pieces) == texts(data)


def test_a_long_line_is_cut_and_what_is_missing_is_told():
    (line,) = cut(*[b"x" * 1000] * 200)
    assert len(line.data) == LONGEST
    assert line.dropped == 200_000 - LONGEST
    assert line.text().endswith(f"xx... [{200_000 - LONGEST} more bytes]")


def test_a_long_line_is_not_cut_within_a_letter():
    long = b"x" * (LONGEST - 1) + "日".encode() * 10
    (line,) = cut(long, long)
    assert "\ufffd" not in line.text()
    assert len(line.data) + line.dropped == 2 * len(long)


def test_a_long_message_is_kept_up_to_its_own_limit():
    message = b"::{" + b"x" * 1_000_000 + b"}::"
    (line,) = cut(message[:10], message[10:500_000], message[500_000:], b"\n")
    assert line == Line(message)
    (line,) = cut(b"::{", *[b"x" * 1_000_000] * 11, b"}::\n")
    assert len(line.data) == LONGEST
    assert line.dropped > LONGEST_MESSAGE


def test_a_long_line_that_only_begins_like_a_message_is_cut():
    (line,) = cut(b"::{" + b"x" * 1_000_000 + b"\n")
    assert len(line.data) == LONGEST


def test_skimming_counts_and_gives_the_last_lines():
    cutter = LineCutter()
    assert cutter.cut(b"be") == []
    assert cutter.skim(b"gun\n" + b"".join(b"%d\n" % n for n in range(100)) + b"re", 3) == (
        101,
        [Line(b"97"), Line(b"98"), Line(b"99")],
    )
    assert cutter.skim(b"st\r\n", 3) == (1, [Line(b"rest")])
    assert cutter.rest() == []


@pytest.mark.parametrize(
    ("before", "piece", "may"),
    [
        (b"", b"a\nb\n", False),
        (b"", b"a\n::{}::\n", True),
        (b":", b":{}::\n", True),
        (b"::", b"x\n", True),
        (b"::{", b"x}::\n", True),
        (b"a", b"b\n", False),
    ],
)
def test_what_may_hold_a_message_is_not_skimmed(before, piece, may):
    cutter = LineCutter()
    cutter.cut(before)
    assert cutter.may_hold_message(piece) is may


@pytest.mark.parametrize(
    ("pieces", "begun"),
    [
        ([], ""),
        ([b"done\n"], ""),
        ([b"done\nPass", b"word: "], "Password: "),
        ([b"done\n", b"10%\r20%\r"], ""),
        ([b'::{"outputs": {'], ""),
        ([b"::"], ""),
        ([b"x" * 5000 + b"?"], "x" * 999 + "?"),
        ([b"gr\xc3\xbc\xc3"], "gr\u00fc\ufffd"),
    ],
)
def test_a_line_that_has_not_ended_can_be_looked_at(pieces, begun):
    cutter = LineCutter()
    for piece in pieces:
        cutter.cut(piece)
    assert cutter.begun() == begun
    assert texts(*pieces) == [line.text() for line in cut(*pieces)]
