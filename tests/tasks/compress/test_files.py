import gzip

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import written

PLUGIN = "io.kestra.plugin.compress."


def run(name, ctx, uri, compression):
    said = {"from": uri, "compression": compression}
    return written(PLUGIN + name, **said).run(ctx).outputs["uri"]


@pytest.mark.parametrize("compression", ["GZIP", "BZIP2", "XZ", "LZMA", "DEFLATE", "ZSTD"])
def test_there_and_back(compression, ctx):
    packed = run("FileCompress", ctx, ctx.files.put(b"text" * 1000, "x.csv"), compression)
    assert ctx.files.size(packed) < 200
    uri = run("FileDecompress", ctx, packed, compression)
    assert ctx.files.local(uri).read_bytes() == b"text" * 1000


def test_the_extension_is_found_in_the_name(ctx):
    data = gzip.compress(b"a,b")
    assert run("FileDecompress", ctx, ctx.files.put(data, "x.csv.gz"), "GZIP").endswith(".csv")
    plain = run("FileDecompress", ctx, ctx.files.put(data, "x.gz"), "GZIP")
    assert "." not in plain.rpartition("/")[2]


def test_a_failure_leaves_no_file(ctx, tmp_path):
    with pytest.raises(TaskFailed, match="the file can't be unpacked as GZIP: it ends too early"):
        run("FileDecompress", ctx, ctx.files.put(gzip.compress(b"x" * 100)[:-9], "x.gz"), "GZIP")
    assert [one.name for one in tmp_path.rglob("*") if one.is_file()] == ["x.gz"]
