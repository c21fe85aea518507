import bz2
import gzip
import io
import lzma
import random
import time
import tracemalloc
import zlib

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks.compress import budget
from kestrel_cli.tasks.compress.budget import Budget
from kestrel_cli.tasks.compress.codecs import packing, suffix_of, unpacking

BOTH = ["BZIP2", "DEFLATE", "GZIP", "LZ4FRAME", "LZMA", "XZ", "ZSTD"]
DATA = random.Random(1).randbytes(200_000) + b"abc" * 100_000


def packed(name, data):
    sink = io.BytesIO()
    stream = packing(name, sink)
    for at in range(0, len(data), 70_000):
        stream.write(data[at : at + 70_000])
    stream.finish()
    return sink.getvalue()


def unpacked(name, data, limit=1 << 20):
    return unpacking(name, io.BytesIO(data), Budget(limit)).read()


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("data", [b"", b"x", DATA], ids=["nothing", "one", "much"])
def test_what_goes_in_comes_out(name, data):
    assert unpacked(name, packed(name, data)) == data


def test_others_read_what_is_written():
    assert gzip.decompress(packed("GZIP", DATA)) == DATA
    assert bz2.decompress(packed("BZIP2", DATA)) == DATA
    assert lzma.decompress(packed("XZ", DATA), lzma.FORMAT_XZ) == DATA
    assert lzma.decompress(packed("LZMA", DATA), lzma.FORMAT_ALONE) == DATA
    assert zlib.decompress(packed("DEFLATE", DATA)) == DATA


def test_what_others_write_is_read():
    assert unpacked("GZIP", gzip.compress(DATA)) == DATA
    assert unpacked("XZ", lzma.compress(DATA, preset=9)) == DATA


@pytest.mark.parametrize("name", ["BZIP2", "GZIP", "XZ", "ZSTD", "LZ4FRAME"])
@pytest.mark.parametrize("between", [b"", bytes(8)])
def test_streams_may_follow_one_another(name, between):
    one = packed(name, DATA)
    assert unpacked(name, one + between + packed(name, b"more") + between) == DATA + b"more"


@pytest.mark.parametrize("name", BOTH)
def test_what_follows_and_is_no_stream_is_left(name):
    assert unpacked(name, packed(name, b"data") + b"something else altogether") == b"data"


@pytest.mark.parametrize("name", BOTH)
def test_half_a_stream_is_refused(name):
    whole = packed(name, DATA)
    for half in (whole[: len(whole) // 2], b""):
        with pytest.raises(TaskFailed, match=f"can't be unpacked as {name}: it ends too early"):
            unpacked(name, half)


@pytest.mark.parametrize("name", BOTH)
def test_what_is_packed_otherwise_is_refused(name):
    with pytest.raises(TaskFailed, match=f"the file can't be unpacked as {name}: "):
        unpacked(name, b"Just some text, not packed at all. " * 10)


def exhausted(stream):
    while stream.read(1 << 18):
        pass


@pytest.mark.parametrize("name", BOTH)
def test_a_bomb_is_refused(name, monkeypatch):
    monkeypatch.setattr(budget, "_ALWAYS", 1 << 20)
    data = bytes(3 << 19)
    bomb = packed(name, data)
    with pytest.raises(TaskFailed, match="the file unpacks to more than 1 MB, which is 250 times"):
        exhausted(unpacking(name, io.BytesIO(bomb), Budget(0)))


def test_a_bomb_is_refused_soon_and_with_little_memory():
    bomb = packed("GZIP", bytes(100 << 20))
    stream = unpacking("GZIP", io.BytesIO(bomb), Budget(len(bomb)))
    tracemalloc.start()
    begun = time.monotonic()
    with pytest.raises(TaskFailed, match="the file unpacks to more than 64 MB"):
        exhausted(stream)
    took, memory = time.monotonic() - begun, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert memory < 5 << 20
    assert took < 3  # about 0.1 s


def test_a_stream_that_asks_for_much_memory_is_refused():
    made = lzma.LZMACompressor(lzma.FORMAT_XZ, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0}])
    packed = bytearray(made.compress(b"x") + made.flush())
    packed[16] = 36  # the size of the dictionary: 1 GB
    packed[20:24] = zlib.crc32(packed[12:20]).to_bytes(4, "little")
    with pytest.raises(TaskFailed, match="Memory usage limit"):
        unpacked("XZ", bytes(packed))


@pytest.mark.parametrize("name", ["BROTLI", "DEFLATE64", "LZ4BLOCK", "SNAPPY", "SNAPPYFRAME"])
def test_what_is_not_there_says_so(name):
    with pytest.raises(TaskFailed, match=f"`compression` {name} is not there in Kestrel"):
        packing(name, io.BytesIO())
    with pytest.raises(TaskFailed, match=f"`compression` {name} is not there in Kestrel"):
        unpacking(name, io.BytesIO(), Budget(1))


def test_files_of_compress_are_refused_with_a_way_out():
    with pytest.raises(TaskFailed, match=r"`compression` Z is not there in Kestrel.*`gzip -dc`"):
        packing("Z", io.BytesIO())
    with pytest.raises(TaskFailed, match=r"`compression` Z is not there in Kestrel.*`gzip -dc`"):
        unpacking("Z", io.BytesIO(), Budget(1))


def test_names_end_as_usual():
    assert suffix_of("GZIP") == ".gz"
    assert suffix_of("ZSTD") == ".zst"
