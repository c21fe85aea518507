"""No name leads out of a folder, by its spelling or by a link, not even one that changes
meanwhile.
"""

import os
import threading
import time
from pathlib import Path

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.model.file_names import parts_of
from kestrel_cli.store.files import (
    NoSuchFile,
    confine,
    read_confined,
    size_confined,
)

BAD = [
    "", "..", "../x", "a/..", "a/../..", "a/../../b", "a/../b", "../work_evil/x", "./../x",
    "..\\", "..\\x", "a\\..\\..\\b", "%2e%2e", "%2e%2e/x", "%2E%2e%2fx", "a/%2e%2e/%2e%2e/b",
    "..%2fx", "..%5cx", "%252e%252e/x", "%25252e%25252e/x", "/etc/passwd", "/", "/./x", "//x",
    "///x", "\\x", "\\\\srv\\x", "//srv/share/x", "\\\\?\\C:\\x", "%2fetc/passwd", "C:\\x", "C:x",
    "c:/x", "a:b", "x::$DATA", "file:///etc/passwd", "x%3ay", "a\0b", "a%00b", "a\nb", "a\x7f",
    "x.", "x ", "a./b", "a /b", "...", "CON", "con.txt", "a/NUL", "COM1", "lpt9.log", "AUX ",
    "x" * 256, "ü" * 128, "a/" + "x" * 300, "\ud800", "%25%32%65" * 3 + "%2525252525252e",
]  # fmt: skip
GOOD = {
    "x": ["x"],
    "a/b.txt": ["a", "b.txt"],
    "a\\b": ["a", "b"],
    "./a//b": ["a", "b"],
    "a/./b": ["a", "b"],
    "..a": ["..a"],
    "a..b": ["a..b"],
    ".env": [".env"],
    "100%.txt": ["100%.txt"],
    "a%20b": ["a%20b"],
    "ä ö/日本": ["ä ö", "日本"],
    "CONSOLE": ["CONSOLE"],
    "com10": ["com10"],
    "x" * 255: ["x" * 255],
}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "x").write_text("inside")
    (tmp_path / "work_evil").mkdir()
    (tmp_path / "work_evil" / "x").write_text("outside")
    (tmp_path / "secret").write_text("outside")
    return folder


@pytest.mark.parametrize("name", BAD, ids=repr)
def test_a_bad_name_is_refused_without_a_path_of_this_machine(name, work):
    for function in (confine, read_confined, size_confined):
        with pytest.raises(RenderError) as failure:
            function(work, name)
        assert not isinstance(failure.value, NoSuchFile)
        assert str(work.parent) not in str(failure.value)


@pytest.mark.parametrize(("name", "parts"), GOOD.items())
def test_a_good_name_has_its_parts_and_is_below_the_folder(name, parts, work):
    assert parts_of(name) == parts
    assert confine(work, name) == work.resolve().joinpath(*parts)


@pytest.mark.parametrize("name", ["..", "a/../b", "..\\x", "%2e%2e/x"])
def test_going_up_is_refused_in_the_words_of_kestra(name, work):
    with pytest.raises(RenderError, match=r"^Path must not contain '\.\./'$"):
        confine(work, name)


# Entries of the folder, what each links to (None: see `made`), and the name to read.
ODD = {
    "to a file outside": ("../secret", "odd"),
    "to a folder outside": ("..", "odd/secret"),
    "to a sibling": ("../work_evil/x", "odd"),
    "to itself": ("odd", "odd"),
    "to a device": ("/dev/zero", "odd"),
    "to nothing": ("nobody", "odd"),
    "to nothing outside": ("../nobody", "odd"),
    "to a fifo": ("pipe", "odd"),
    "a fifo": (None, "pipe"),
    "in a circle": (None, "circle"),
    "a folder": (None, "folder"),
    "below a file": (None, "x/y"),
    "in no folder": (None, "missing/deep"),
}


def made(work: Path, target: str | None) -> None:
    os.mkfifo(work / "pipe")
    (work / "folder").mkdir()
    (work / "circle").symlink_to("elcric")
    (work / "elcric").symlink_to("circle")
    if target is not None:
        (work / "odd").symlink_to(target)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
@pytest.mark.parametrize("what", ODD)
def test_what_is_no_file_of_the_folder_is_refused_at_once(what, work):
    target, name = ODD[what]
    made(work, target)
    begun = time.monotonic()
    for function in (read_confined, size_confined):
        with pytest.raises(RenderError) as failure:
            function(work, name)
        assert str(work.parent) not in str(failure.value)
    assert time.monotonic() - begun < 0.2


def test_links_that_stay_inside_are_followed(work):
    (work / "link").symlink_to("x")
    (work / "here").symlink_to(".")
    assert read_confined(work, "link") == read_confined(work, "here/here/x") == b"inside"


def test_the_folder_itself_may_be_a_link(work):
    (work.parent / "door").symlink_to("work")
    assert read_confined(work.parent / "door", "x") == b"inside"


def test_a_file_is_there_or_not(work):
    (work / "empty").touch()
    assert (size_confined(work, "x"), size_confined(work, "empty")) == (6, 0)
    assert read_confined(work, "empty") == b""
    with pytest.raises(NoSuchFile, match=r"^The file 'a/b' does not exist$"):
        read_confined(work, "a/b")
    with pytest.raises(NoSuchFile):
        read_confined(work.parent / "no such folder", "x")


def test_a_large_file_is_refused(work):
    (work / "large").write_bytes(b"12345")
    assert read_confined(work, "large", 5) == b"12345"
    with pytest.raises(RenderError, match="larger than the limit of 4 bytes"):
        read_confined(work, "large", 4)


@pytest.mark.skipif(os.open not in os.supports_dir_fd, reason="needs openat")
@pytest.mark.parametrize("flipped", ["f", "d"])
def test_a_path_that_flips_while_it_is_read_never_shows_what_is_outside(flipped, work):
    """The file, or the folder it is in, is now the right one and now a link to one outside."""
    for folder, text in ((work, "inside"), (work.parent / "work_evil", "outside")):
        (folder / "d").mkdir()
        (folder / "d" / "f").write_text(text)
    name = {"f": work / "d" / "f", "d": work / "d"}[flipped]
    outside = work.parent / "work_evil" / name.relative_to(work)
    kept, link = work / "kept", work / "link"
    done = threading.Event()

    def flip() -> None:
        for _ in range(1500):
            name.rename(kept)
            link.symlink_to(outside)
            link.rename(name)
            name.unlink()
            kept.rename(name)
        done.set()

    thread = threading.Thread(target=flip)
    thread.start()
    read = set()
    while not done.is_set():
        try:
            read.add(read_confined(work, "d/f"))
        except RenderError:
            read.add(b"")
    thread.join()
    assert b"outside" not in read
    assert read_confined(work, "d/f") == b"inside"
