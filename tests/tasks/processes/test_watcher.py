"""Children end when we are killed, and so do theirs."""

import os
import secrets
import signal
import subprocess
import sys

from tests.support.processes import gone, living
from tests.support.waiting import wait_until

PROGRAM = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.support.reach import ReachingContext
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.processes.run import Command, run_command
folder = Path(sys.argv[2])
command = Command(["/bin/sh", "-c", sys.argv[3]], folder, dict(os.environ))
run_command(ReachingContext(folder), command, Feed(ReachingContext(folder)))
"""


def started(text: str, folder) -> "subprocess.Popen[bytes]":
    argv = [sys.executable, "-c", PROGRAM, os.getcwd(), str(folder), text]  # noqa: PTH109
    return subprocess.Popen(argv, start_new_session=True)


def wait_for(word: str, count: int) -> None:
    wait_until(lambda: len(living(word)) >= count, f"{count} processes with `{word}`")


def test_a_child_and_its_children_end_with_a_parent_that_is_killed(tmp_path):
    word = f"7{secrets.randbelow(10**9)}"
    parent = started(f"trap '' TERM; sleep {word} & sleep {word} & wait", tmp_path)
    wait_for(f"sleep {word}", 2)
    os.killpg(parent.pid, signal.SIGKILL)
    parent.wait()
    assert gone(f"sleep {word}"), living(word)
    assert gone(word), living(word)


def test_nobody_watches_for_longer_than_the_parent_lives(tmp_path):
    word = f"kestrel_watch_{secrets.randbelow(10**9)}"
    parent = started(f": {word}", tmp_path)
    assert parent.wait(20) == 0
    assert gone(word)
