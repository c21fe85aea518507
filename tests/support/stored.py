"""Files in internal storage, for tests of tasks that read and write them."""

from pathlib import Path

from tests.support.reach import ReachingContext

# Names that lead out of a folder, or would on some system.
OUTSIDE = [
    "../secret",
    "a/../../secret",
    "/etc/passwd",
    "..\\secret",
    "%2e%2e/secret",
    "%2e%2e%2fsecret",
    "%252e%252e/secret",
    "..%5csecret",
    "a\0b",
    "a.",
    "a ",
    "CON",
    "a:b",
    "C:\\x",
    "\\\\srv\\x",
    "x" * 300,
]


def stored(ctx: ReachingContext, content: str | bytes, name: str = "in.txt") -> str:
    """The address of a new file in storage."""
    return ctx.files.put(content.encode() if isinstance(content, str) else content, name)


def content(ctx: ReachingContext, uri: object) -> str:
    """What a file in storage holds."""
    return place(ctx, uri).read_bytes().decode()


def place(ctx: ReachingContext, uri: object) -> Path:
    """Where a file in storage is."""
    assert isinstance(uri, str)
    return ctx.files.local(uri)


def name_of(uri: object) -> str:
    """The last part of an address."""
    assert isinstance(uri, str)
    return uri.rpartition("/")[2]
