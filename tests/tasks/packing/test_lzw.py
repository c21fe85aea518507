import io
import random
import shutil
import subprocess

import pytest

from kestrel_cli.tasks.packing.lzw import unpacked
from tests.support.archives import lzw_of

CASES = [
    {},
    {"most": 12},
    {"most": 10, "clear_at": 800},
    {"clears": False},
    {"clear_at": 257},
    {"clear_at": 600},
]


def datas():
    dice = random.Random(1)
    words = [dice.randbytes(dice.randint(2, 9)) for _ in range(500)]
    return {
        "nothing": b"",
        "one": b"a",
        "same": b"a" * 1000,
        "zeros": bytes(400_000),
        "twice": b"ab" * 500,
        "words": b" ".join(dice.choices(words, k=5000)),
        "noise": dice.randbytes(20_000),
    }


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", datas())
def test_what_was_packed_comes_out(name, case):
    data = datas()[name]
    packed = lzw_of(data, **case)
    assert b"".join(unpacked(io.BytesIO(packed))) == data


@pytest.mark.skipif(not shutil.which("gzip"), reason="there is no gzip")
@pytest.mark.parametrize("case", CASES)
def test_gzip_reads_the_same(case):
    data = datas()["words"]
    said = subprocess.run(
        ["gzip", "-dc"], input=lzw_of(data, **case), capture_output=True, check=True
    )
    assert said.stdout == data


@pytest.mark.parametrize(
    "packed", [b"", b"\x1f\x9d", b"\x1f\x8b\x90aa", b"\x1f\x9d\x91aa", b"\x1f\x9d\x90\xff\xff"]
)
def test_what_was_not_packed_so_is_refused(packed):
    with pytest.raises(ValueError, match=r"it is no file of|means nothing"):
        list(unpacked(io.BytesIO(packed)))
