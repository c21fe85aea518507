import json
import tarfile

import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from tests.support.archives import tar_of, zip_of
from tests.support.flows import written

PLUGIN = "io.kestra.plugin.compress."


def unpack(ctx, data, algorithm="ZIP", **properties):
    said = {"from": ctx.files.put(data, "x.bin"), "algorithm": algorithm, **properties}
    return written(f"{PLUGIN}ArchiveDecompress", **said).run(ctx).outputs["files"]


def contents(ctx, files):
    return {name: ctx.files.local(uri).read_bytes() for name, uri in files.items()}


@pytest.mark.parametrize("algorithm", ["ZIP", "TAR", "JAR"])
@pytest.mark.parametrize("compression", [None, "GZIP", "ZSTD"])
@pytest.mark.parametrize("as_text", [False, True])
def test_there_and_back(algorithm, compression, as_text, ctx):
    said = {"a.txt": ctx.files.put(b"aa", "1"), "dir/b.csv": ctx.files.put(b"", "2")}
    ctx.values["said"] = json.dumps(said)
    how = {"algorithm": algorithm, **({"compression": compression} if compression else {})}
    task = written(f"{PLUGIN}ArchiveCompress", **{"from": "<said>" if as_text else said}, **how)
    uri = task.run(ctx).outputs["uri"]
    ending = {None: "", "GZIP": ".gz", "ZSTD": ".zst"}[compression]
    assert uri.endswith(f".{algorithm.lower()}{ending}")
    task = written(f"{PLUGIN}ArchiveDecompress", **{"from": uri}, **how)
    files = task.run(ctx).outputs["files"]
    assert contents(ctx, files) == {"a.txt": b"aa", "dir/b.csv": b""}
    assert files["dir/b.csv"].endswith("/dir/b.csv")
    assert ctx.counters == [("count", 2, {}), ("size", 2, {})]


def test_names_of_other_systems_are_kept_in_the_map_only(ctx):
    files = {"10:30.csv": b"1", "CON": b"2", "x. ": b"3", ".hidden.txt": b"4", "%2e%2e/up": b"5"}
    found = unpack(ctx, zip_of(files))
    assert contents(ctx, found) == files
    assert found["10:30.csv"].endswith(".csv")
    assert not any("up" in uri or "CON" in uri for uri in found.values())


def test_names_that_some_systems_mix_up_are_kept_apart(ctx):
    files = {"A.txt": b"1", "a.txt": b"2", "e\N{COMBINING ACUTE ACCENT}": b"3", "é": b"4"}
    found = unpack(ctx, zip_of(files))
    assert contents(ctx, found) == files
    assert len({uri.casefold() for uri in found.values()}) == len(files)


def test_the_last_of_two_entries_of_one_name_counts(ctx):
    data = tar_of({"aa": b"1", "ab": b"2"}).replace(b"aa\0", b"ab\0")
    data = data.replace(_sum("aa"), _sum("ab"), 1)
    assert contents(ctx, unpack(ctx, data, "TAR")) == {"ab": b"2"}


def _sum(name):
    info = tarfile.TarInfo(name)
    info.size = 1
    return info.tobuf()[148:156]


def test_links_are_left_out(ctx):
    data = tar_of({"a": b"x", "odd": {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}})
    assert list(unpack(ctx, data, "TAR")) == ["a"]
    assert ctx.logs == [("WARN", "'odd' is left out: it is a link or device")]


def test_a_refused_archive_leaves_nothing_outside(ctx, tmp_path):
    with pytest.raises(TaskFailed, match="leads out of it"):
        unpack(ctx, zip_of({"../../../../evil": b"x"}))
    assert not [one for one in tmp_path.rglob("*") if "evil" in one.name]


@pytest.mark.parametrize("algorithm", ["AR", "ARJ", "CPIO", "DUMP"])
def test_what_is_not_there_says_so(algorithm, ctx):
    with pytest.raises(TaskFailed, match=f"`algorithm` {algorithm} is not there in Kestrel"):
        unpack(ctx, b"", algorithm)
    with pytest.raises(TaskFailed, match=f"`algorithm` {algorithm} is not there in Kestrel"):
        written(f"{PLUGIN}ArchiveCompress", **{"from": {}}, algorithm=algorithm).run(ctx)


def test_what_can_not_be_packed_is_a_failure(ctx):
    def pack(said):
        written(f"{PLUGIN}ArchiveCompress", **{"from": said}, algorithm="ZIP").run(ctx)

    with pytest.raises((TaskFailed, RenderError)):
        pack({"a": "kestra:///none"})
    with pytest.raises(TaskFailed, match="must be a list or a map of addresses"):
        pack(1)
    with pytest.raises(TaskFailed, match="leads out of it"):
        pack({"../a": ctx.files.put(b"", "x")})
