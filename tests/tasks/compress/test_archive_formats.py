import io
import tarfile
import time
import tracemalloc
import zipfile
from contextlib import suppress

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks.compress import budget, tars, zips
from kestrel_cli.tasks.compress.archives import entries, write
from kestrel_cli.tasks.compress.budget import Budget
from tests.support.archives import tar_of, zip_of
from tests.support.reach import ReachingContext

kinds = pytest.mark.parametrize(("algorithm", "made"), [("ZIP", zip_of), ("TAR", tar_of)])


@pytest.fixture
def ctx(tmp_path):
    return ReachingContext(tmp_path)


def read(ctx, algorithm, data, compression="", limit=1 << 20):
    """What is in an archive: contents by name, kinds of what is no file."""
    found = entries(ctx, algorithm, compression, io.BytesIO(data), Budget(limit))
    return {entry.name: entry.open().read(1 << 20) if entry.open else entry.kind for entry in found}


@kinds
def test_what_an_archive_holds(algorithm, made, ctx):
    files = {"a.txt": b"a" * 5000, "dir/b": b"", "./c": b"c", "dir/ü ß.csv": b"d"}
    assert read(ctx, algorithm, made(files)) == files
    assert read(ctx, algorithm, made({})) == {}


@pytest.mark.parametrize("algorithm", ["ZIP", "TAR"])
@pytest.mark.parametrize("compression", ["", "GZIP", "XZ"])
def test_what_is_packed_comes_out(algorithm, compression, ctx):
    files = {"a.txt": b"a" * 300_000, "dir/ü": b"", "x": b"1"}
    sink = io.BytesIO()
    given = ((name, len(data), io.BytesIO(data)) for name, data in files.items())
    write(ctx, algorithm, compression, sink, given)
    assert read(ctx, algorithm, sink.getvalue(), compression) == files


def test_others_read_what_is_written(ctx):
    for algorithm in ("ZIP", "TAR"):
        sink = io.BytesIO()
        write(ctx, algorithm, "", sink, [("dir/a", 3, io.BytesIO(b"abc"))])
        sink.seek(0)
        if algorithm == "ZIP":
            with zipfile.ZipFile(sink) as archive:
                assert archive.read("dir/a") == b"abc"
                (info,) = archive.infolist()
                assert abs(time.mktime((*info.date_time, 0, 0, -1)) - time.time()) < 100
        else:
            with tarfile.open(fileobj=sink) as archive:
                assert archive.extractfile("dir/a").read() == b"abc"
                assert abs(archive.getmembers()[0].mtime - time.time()) < 100


@pytest.mark.parametrize(
    "name",
    ["/etc/x", "//x/y", "../x", "a/../../x", "..\\x", "a\\..\\..\\x", "C:\\x", "c:x", "\\\\srv\\x"],
)
@kinds
def test_names_that_lead_out_are_refused(algorithm, made, name, ctx):
    with pytest.raises(TaskFailed, match=r"the archive is refused: the name '.*' leads out of it"):
        read(ctx, algorithm, made({"good": b"x", name: b"x"}))
    with pytest.raises(TaskFailed, match="leads out of it"):
        write(ctx, algorithm, "", io.BytesIO(), [(name, 1, io.BytesIO(b"x"))])


def test_names_with_a_nul_are_refused(ctx):
    with pytest.raises(TaskFailed, match="leads out of it"):
        read(ctx, "ZIP", zip_of({"axb": b"x"}).replace(b"axb", b"a\0b"))


def test_names_in_utf8_that_do_not_say_so(ctx):
    data = zip_of({"aab": b"x"}).replace(b"aab", "aß".encode())
    assert list(read(ctx, "ZIP", data)) == ["aß"]
    latin = zip_of({"aab": b"x"}).replace(b"aab", b"a\x81b")
    assert list(read(ctx, "ZIP", latin)) == ["aüb"]
    assert list(read(ctx, "TAR", tar_of({"a\udcffb": b"x"}))) == ["a\N{REPLACEMENT CHARACTER}b"]


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_are_told(kind, ctx):
    data = tar_of({"a": b"x", "odd": {"type": kind, "linkname": "/etc/passwd"}, "b": b"y"})
    assert read(ctx, "TAR", data) == {"a": b"x", "odd": "link or device", "b": b"y"}


def test_links_in_a_zip_are_told(ctx):
    data = zip_of({"odd": b"/etc/passwd"}, external_attr=0o120777 << 16, create_system=3)
    assert read(ctx, "ZIP", data) == {"odd": "link or device"}


def test_folders_are_left_out(ctx):
    folder = {"type": tarfile.DIRTYPE}
    assert read(ctx, "TAR", tar_of({"./": folder, "d": folder, "d/a": b"x"})) == {"d/a": b"x"}
    assert read(ctx, "ZIP", zip_of({"d/": b"", "d/a": b"x"})) == {"d/a": b"x"}


def test_a_zip_that_unpacks_to_too_much_is_refused_before(ctx, monkeypatch):
    monkeypatch.setattr(budget, "_ALWAYS", 1 << 20)
    data = zip_of({"a": bytes(1 << 20), "b": b"x"})
    with pytest.raises(TaskFailed, match="unpacks to more than 1 MB"):
        list(entries(ctx, "ZIP", "", io.BytesIO(data), Budget(len(data))))


def test_a_zip_gives_no_more_than_it_says(ctx):
    data = zip_of({"a": bytes(1 << 20)})
    lying = data.replace((1 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(TaskFailed, match="the archive can't be read: "):
        read(ctx, "ZIP", lying)


@kinds
def test_too_many_entries_are_refused(algorithm, made, ctx, monkeypatch):
    monkeypatch.setattr(zips, "MAX_ENTRIES", 10)
    monkeypatch.setattr(tars, "MAX_ENTRIES", 10)
    assert len(read(ctx, algorithm, made({str(at): b"" for at in range(10)}))) == 10
    with pytest.raises(TaskFailed, match="it has more than 10 entries"):
        read(ctx, algorithm, made({str(at): b"" for at in range(11)}))


def test_entries_of_a_large_zip_are_counted_too(ctx, monkeypatch):
    monkeypatch.setattr(zips, "MAX_ENTRIES", 10)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 5)  # the number goes into the far record
    data = zip_of({str(at): b"" for at in range(11)}) + b""
    assert b"PK\x06\x06" in data
    with pytest.raises(TaskFailed, match="it has more than 10 entries"):
        read(ctx, "ZIP", data)


@kinds
def test_many_entries_need_little_memory(algorithm, made, ctx):
    number = 3000
    data = made({f"some/folder/file-{at}.txt": b"" for at in range(number)})
    tracemalloc.start()
    for _ in entries(ctx, algorithm, "", io.BytesIO(data), Budget(len(data))):
        pass
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert memory < number * 1500


def test_a_header_that_is_too_long_is_refused(ctx):
    for kind in (tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME):
        info = tarfile.TarInfo("x")
        info.type, info.size = kind, 1 << 30
        data = info.tobuf(tarfile.GNU_FORMAT) + bytes(10_240)
        with pytest.raises(TaskFailed, match="one of its headers has no sensible size"):
            read(ctx, "TAR", data)


def test_an_encrypted_entry_is_refused(ctx):
    data = zip_of({"a": b"x"})
    locked = data.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
    assert locked != data
    with pytest.raises(TaskFailed, match="the archive is refused: the entry 'a' is encrypted"):
        read(ctx, "ZIP", locked)


@pytest.mark.parametrize("data", [b"", b"some text " * 100, b"PK\x05\x06"])
@pytest.mark.parametrize("algorithm", ["ZIP", "TAR"])
def test_what_is_no_archive_is_refused(algorithm, data, ctx):
    with pytest.raises(TaskFailed, match="the archive can't be read: "):
        read(ctx, algorithm, data)


@kinds
def test_half_an_archive_is_refused(algorithm, made, ctx):
    data = made({"a": bytes(range(256)) * 100, "b": b"x"})
    with pytest.raises(TaskFailed, match="the archive can't be read: "):
        read(ctx, algorithm, data[:5000] if algorithm == "TAR" else data[: len(data) // 2])


@kinds
def test_flipped_bits_never_crash(algorithm, made, ctx):
    data = made({"a/b.txt": b"hello " * 50, "c": b"x"})
    for at in range(0, min(len(data), 2048), 7):
        broken = bytearray(data)
        broken[at] ^= 0xFF
        with suppress(TaskFailed):
            read(ctx, algorithm, bytes(broken))
