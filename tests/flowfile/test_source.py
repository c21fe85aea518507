import io
import os
import sys

import pytest

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile.source import Source, decode, place, read_bytes


def refused(path):
    with pytest.raises(FlowFileError) as caught:
        read_bytes(str(path))
    (found,) = caught.value.diagnostics
    assert found.where == (str(path), 0, 0)
    return found


def test_a_file_is_read(tmp_path):
    (tmp_path / "flow.yaml").write_bytes(b"a: 1")
    assert read_bytes(str(tmp_path / "flow.yaml")) == b"a: 1"


def test_standard_input_is_read(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a: 1")))
    assert read_bytes("-") == b"a: 1"


def test_a_missing_file_is_named(tmp_path):
    assert refused(tmp_path / "none.yaml").code == "file-missing"


def test_a_directory_is_named(tmp_path):
    assert refused(tmp_path).message == "this is a directory, not a flow file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_pipe_never_blocks(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe").code == "not-a-file"


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no devices here")  # noqa: PTH110
def test_a_device_is_not_read():
    assert refused("/dev/zero").code == "not-a-file"


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000])
def test_impossible_names_are_refused(path):
    assert refused(path).code == "file-unreadable"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read it")
def test_an_unreadable_file_is_named(tmp_path):
    (tmp_path / "flow.yaml").touch(mode=0)
    assert refused(tmp_path / "flow.yaml").code == "file-unreadable"


def test_lines_are_counted_as_yaml_counts_them():
    source = decode(b"\xef\xbb\xbfa\r\nb\rc\nd", "x")
    assert [source.line(number) for number in range(6)] == ["", "a", "b", "c", "d", ""]
    assert place(source.text, source.text.index("d")) == (4, 1)


def test_lines_are_cut_only_when_asked_for():
    assert Source("x", "a\nb").line(2) == "b"
