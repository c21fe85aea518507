import pytest

from kestrel_cli.model.byte_size import bytes_of, size_words


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("1000", 1000),
        ("1k", 1024),
        ("10 KB", 10_240),
        ("500MB", 500 << 20),
        ("2GiB", 2 << 30),
        (" 1g ", 1 << 30),
        ("3 TB", 3 << 40),
        ("7B", 7),
    ],
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "0", "0GB", "-1", "1.5GB", "GB", "1PB", "²", "1 2", "9" * 99])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a size"):
        bytes_of(text)


@pytest.mark.parametrize("size", [1, 1023, 1024, 1025, 5 << 20, 1 << 30, 3 << 40, 3 << 50])
def test_words_are_read_back(size: int) -> None:
    assert bytes_of(size_words(size)) == size
