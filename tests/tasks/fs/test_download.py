import hashlib
import os

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import written

DOWNLOAD = "io.kestra.plugin.fs.local.Download"


def test_a_file_goes_into_storage(ctx, folder):
    outputs = written(DOWNLOAD, **{"from": str(folder / "a.txt")}).run(ctx).outputs
    assert outputs["size"] == 2
    assert outputs["uri"].startswith("kestra:///company/team/reach/executions/")
    assert outputs["uri"].endswith(".txt")
    assert ctx.files.local(outputs["uri"]).read_bytes() == b"aa"


@pytest.mark.parametrize("name", ["odd: name", "no. ", "x.a:b"])
def test_any_name_will_do(name, ctx, folder):
    (folder / name).write_bytes(b"x")
    outputs = written(DOWNLOAD, **{"from": name}).run(ctx).outputs
    assert ctx.files.local(outputs["uri"]).read_bytes() == b"x"


def test_what_is_no_file_is_a_failure(ctx, folder):
    with pytest.raises(TaskFailed, match=r"Source file '.*none' does not exist"):
        written(DOWNLOAD, **{"from": "none"}).run(ctx)
    with pytest.raises(TaskFailed, match=r"Unable to copy '.*data': "):
        written(DOWNLOAD, **{"from": "."}).run(ctx)
    os.mkfifo(folder / "pipe")
    with pytest.raises(TaskFailed, match=r"Unable to copy '.*pipe': it is no regular file"):
        written(DOWNLOAD, **{"from": "pipe"}).run(ctx)


SUM = hashlib.sha256(b"aa").hexdigest()


def checked(ctx, folder, **more):
    said = {"from": str(folder / "a.txt"), "validateChecksum": True, **more}
    return written(DOWNLOAD, **said).run(ctx).outputs


def test_a_file_may_have_to_have_a_checksum(ctx, folder):
    assert checked(ctx, folder, checksumExpected=SUM.upper())["size"] == 2
    with pytest.raises(TaskFailed, match=f"Checksum mismatch: expected 00ff, got {SUM}"):
        checked(ctx, folder, checksumExpected="00ff")
    with pytest.raises(TaskFailed, match="validateChecksum needs checksumExpected"):
        checked(ctx, folder)
