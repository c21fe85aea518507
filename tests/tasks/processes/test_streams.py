"""Reading both output streams, in the way of each system."""

import subprocess
import sys
import threading
import time

import pytest

from kestrel_cli.tasks.processes.streams import Selected, Streams, Threaded, streams_of


@pytest.fixture(params=[Selected, Threaded])
def opened(request):
    """The streams of a shell command; Threaded is what Windows has, and works here as well."""

    def start(text: str) -> tuple[Streams, "subprocess.Popen[bytes]"]:
        process = subprocess.Popen(
            ["/bin/sh", "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )
        made.append((request.param(process.stdout, process.stderr), process))
        return made[-1]

    made: list[tuple[Streams, subprocess.Popen[bytes]]] = []
    yield start
    for streams, process in made:
        process.kill()
        process.wait()
        while streams.open:
            streams.read(1)
        streams.close()
        streams.release()


def test_everything_is_read_from_both_until_both_end(opened):
    streams, _ = opened("echo out; echo err >&2; head -c 300000 /dev/zero")
    got = {0: b"", 1: b""}
    while streams.open:
        for number, data in streams.read(5):
            got[number] += data
    assert got == {0: b"out\n" + bytes(300_000), 1: b"err\n"}


def test_a_wait_ends_when_there_is_nothing(opened):
    streams, _ = opened("exec sleep 10")
    began = time.perf_counter()
    assert streams.read(0.05) == []
    assert 0.04 < time.perf_counter() - began < 1


def test_a_wait_can_be_ended(opened):
    streams, _ = opened("exec sleep 10")
    timer = threading.Timer(0.05, streams.wake)
    timer.start()
    began = time.perf_counter()
    assert streams.read(10) == []
    assert time.perf_counter() - began < 2
    timer.join()


def test_each_system_has_its_way():
    process = subprocess.Popen(["true"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    streams = streams_of(process.stdout, process.stderr)
    assert isinstance(streams, Threaded if sys.platform == "win32" else Selected)
    streams.close()
    streams.release()
    process.wait()
