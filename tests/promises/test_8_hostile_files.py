"""Reading any bytes as a flow ends in bounded time, with findings and without a traceback."""

import os
import random
from pathlib import Path

import pytest

from tests.cli.flows_here import HELLO
from tests.flowfile.timing import at_most
from tests.support.cli import run_here

_ALIASES = "a: &a [x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
_MERGES = "a: &a {x: 1}\n" + "".join(
    f"{new}: &{new}\n  <<: [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
_FLOW = "id: f\nnamespace: a.b\ntasks:\n  - id: t\n    type: io.kestra.plugin.core.log.Log\n"
HOSTILE = {
    "nothing": b"",
    "zeros": b"\0" * 1000,
    "a byte order mark": b"\xff\xfe",
    "half a letter": b"id: \xe4",
    "binary": random.Random(8).randbytes(20_000),
    "aliases of aliases": _ALIASES.encode(),
    "merges of merges": _MERGES.encode(),
    "an anchor in itself": b"a: &a [*a]\n",
    "brackets": b"[" * 100_000,
    "blanks": b" " * 1_000_000,
    "dashes": b"- " * 50_000,
    "question marks": b"? " * 50_000,
    "quotes": b'"' * 100_001,
    "many documents": b"---\n" * 50_000,
    "tags": b"!!python/object/apply:os.system [touch hacked]\n",
    "a long line": _FLOW.encode() + b"    message: " + b"x" * 5_000_000,
    "a long number": _FLOW.encode() + b"    retry: {maxAttempts: " + b"9" * 100_000 + b"}",
    "many tasks of one name": _FLOW.encode() + b"".join(
        b"  - {id: t, type: io.kestra.plugin.core.log.Log, message: x}\n" for _ in range(2_000)
    ),
    "expressions in expressions": _FLOW.encode() + b"    message: " + b"{{ " * 20_000,
    "blocks in blocks": _FLOW.encode() + b"    message: '" + b"{% if true %}" * 20_000 + b"'",
    "brackets in an expression": _FLOW.encode() + b"    message: '{{ " + b"(" * 20_000 + b" }}'",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_any_bytes_are_read_in_bounded_time(name: str, tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_bytes(HOSTILE[name])
    for command in ("validate", "run"):
        with at_most(2):
            result = run_here([command, "flow.yaml", "-q"], tmp_path)
        assert result.code in (0, 1, 3)
        assert "Traceback" not in result.out + result.err
        assert not (tmp_path / "hacked").exists()


def test_bytes_that_were_changed_somewhere_are_read(tmp_path: Path) -> None:
    luck = random.Random(4)
    for _ in range(150):
        data = bytearray(HELLO.encode())
        for _ in range(luck.randint(1, 6)):
            place = luck.randrange(len(data))
            data[place : place + luck.randint(0, 3)] = luck.randbytes(luck.randint(0, 3))
        (tmp_path / "flow.yaml").write_bytes(data)
        result = run_here(["validate", "flow.yaml"], tmp_path)
        assert result.code in (0, 1), bytes(data)
        assert "Traceback" not in result.out + result.err


@pytest.mark.parametrize("place", ["/dev/zero", "/dev/random", "pipe", "folder", "loop", "none"])
def test_what_is_no_file_is_not_waited_for(place: str, tmp_path: Path) -> None:
    if place.startswith("/dev") and not Path(place).exists():
        pytest.skip("no such device")
    if place == "pipe":
        os.mkfifo(tmp_path / place)
    elif place == "folder":
        (tmp_path / place).mkdir()
    elif place == "loop":
        (tmp_path / place).symlink_to(place)
    with at_most(1):
        assert run_here(["run", place], tmp_path).code == 3
