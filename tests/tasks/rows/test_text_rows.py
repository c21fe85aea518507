import io
import re

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks.rows import text_rows
from kestrel_cli.tasks.rows.text_rows import row_bytes, rows_backwards, rows_of


def forwards(content: bytes) -> list[bytes]:
    return [row_bytes(row) for row in rows_of(io.BytesIO(content))]


def backwards(content: bytes, charset: str = "UTF-8") -> list[bytes]:
    return list(rows_backwards(io.BytesIO(content), charset))


SAMPLES = [
    b"",
    b"\n",
    b"a",
    b"a\n",
    b"a\r\nb\rc\n\n",
    b"\r\n\r\n",
    b"\n\r\n\ra",
    b"one\ntwo\xff\x00\nthree",
    "ä\r\n€".encode(),
]


@pytest.mark.parametrize("content", SAMPLES)
@pytest.mark.parametrize("block", [1, 2, 3, 1 << 20])
def test_backwards_is_the_reverse_of_forwards(
    content: bytes, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_rows, "_BLOCK", block)
    expected = re.split(b"\r\n|\n|\r", content)
    if not expected[-1]:
        expected.pop()
    assert forwards(content) == expected
    assert backwards(content) == expected[::-1]


@pytest.mark.parametrize("charset", ["UTF-16LE", "UTF-16BE"])
@pytest.mark.parametrize("block", [2, 4, 1 << 20])
def test_wide_charsets_are_read_from_the_end(
    charset: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_rows, "_BLOCK", block)
    words = ["\u0a0aa", "\U0001f600", "c"]
    content = "\r\n".join(words).encode(charset)
    assert backwards(content, charset) == [word.encode(charset) for word in reversed(words)]


@pytest.mark.parametrize("charset", ["ISO-8859-1", "windows-1252", "US-ASCII", "GBK"])
def test_narrow_charsets_stay_bytes(charset: str) -> None:
    assert backwards(b"a\xe4\n\x80", charset) == [b"\x80", b"a\xe4"]


@pytest.mark.parametrize(
    ("charset", "words"),
    [
        ("klingon", "no known charset"),
        ("base64", "no known charset"),
        ("a\0", "no known charset"),
        ("UTF-32", "can't be read from the end"),
        ("UTF-16", "can't be read from the end"),
    ],
)
def test_other_charsets_are_refused(charset: str, words: str) -> None:
    with pytest.raises(TaskFailed, match=words):
        backwards(b"a", charset)


def test_half_a_character_is_no_text() -> None:
    with pytest.raises(TaskFailed, match="the file is no text in UTF-16LE"):
        backwards(b"a\0b", "UTF-16LE")


def test_a_row_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_rows, "LONGEST", 10)
    monkeypatch.setattr(text_rows, "_BLOCK", 4)
    assert forwards(b"x" * 10 + b"\n") == [b"x" * 10]
    for read in (forwards, backwards):
        with pytest.raises(TaskFailed, match="a row is longer than"):
            read(b"a\n" + b"x" * 30)
