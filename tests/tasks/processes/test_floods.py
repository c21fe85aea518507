"""Memory stays flat whatever a child writes.

Each flood is read by a Python of its own, whose peak of memory is measured. The log is one that
forgets, so that only our own memory counts.
"""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os, resource, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.support.reach import ReachingContext
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.processes.run import Command, run_command

class Forgetful(ReachingContext):
    entries = letters = 0
    def log(self, level, message):
        self.entries += 1
        self.letters += len(message)
        if self.entries < float(sys.argv[4]):
            time.sleep(0.05)

ctx = Forgetful(Path(sys.argv[2]))
feed = Feed(ctx)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
command = Command(["/bin/sh", "-c", sys.argv[3]], Path(sys.argv[2]), dict(os.environ))
code = run_command(ctx, command, feed)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(code, after - before, time.perf_counter() - began, ctx.letters, len(feed.outputs))
"""


def measured(text: str, folder, slow: int = 0) -> tuple[int, float, float, int, int]:
    argv = [sys.executable, "-c", PROGRAM, os.getcwd(), str(folder), text, str(slow)]  # noqa: PTH109
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    code, kilobytes, seconds, letters, outputs = done.stdout.split()
    return int(code), float(kilobytes) / 1024, float(seconds), int(letters), int(outputs)


@pytest.mark.parametrize(
    ("text", "megabytes"),
    [
        ("yes 'a line of a flood' | head -c 100000000", 100),
        ("head -c 100000000 /dev/zero", 100),
        ("yes '' | head -c 30000000", 30),
        ("(yes err | head -c 30000000 >&2) & yes out | head -c 30000000; wait", 60),
    ],
    ids=["short lines", "one line", "empty lines", "both streams"],
)
def test_a_flood_ends_in_bounded_memory(text, megabytes, tmp_path):
    code, grown, seconds, letters, _ = measured(text, tmp_path)
    assert code == 0
    assert grown < 40
    assert letters < 20_000_000
    assert seconds < megabytes / 20  # some 150 MB/s when nobody else works here


def test_a_child_waits_for_a_slow_log(tmp_path):
    code, grown, seconds, _, _ = measured("yes line | head -c 30000000", tmp_path, slow=10)
    assert code == 0
    assert grown < 40
    assert seconds > 0.4


def test_messages_in_a_flood_are_still_obeyed(tmp_path):
    text = (
        "yes 'a line of a flood' | head -c 18000000; "
        """echo '::{"outputs":{"a":1}}::'; yes | head -c 20000000; """
        """echo '::{"outputs":{"b":1}}::'"""
    )
    assert measured(text, tmp_path)[4] == 2
