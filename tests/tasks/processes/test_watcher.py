"""Children end when we are killed, and so do theirs."""

import os
import secrets
import signal
import subprocess
import sys
import time

import pytest

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


MANY = """
import os, sys, threading
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.support.reach import ReachingContext
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.processes.run import Command, run_command
def run(number, text):
    folder = Path(sys.argv[2], str(number))
    folder.mkdir()
    command = Command(["/bin/sh", "-c", text], folder, dict(os.environ))
    run_command(ReachingContext(folder), command, Feed(ReachingContext(folder)))
for number, text in enumerate(sys.argv[3:]):
    threading.Thread(target=run, args=(number, text)).start()
"""
FAMILY = "trap '' TERM INT HUP; {escape} sleep {word} & sleep {word}; sleep {word}"


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize(
    "escape",
    [
        "",
        "setsid",
        "env -i setsid",
        "nohup",
        "(setsid sleep {word} &) ;",
        "(env -i setsid sleep {word} &);",
    ],
)
def test_all_children_of_many_commands_are_dead_at_once(escape, tmp_path):
    word = f"7{secrets.randbelow(10**9)}"
    text = FAMILY.format(escape=escape.format(word=word), word=word)
    argv = [sys.executable, "-c", MANY, os.getcwd(), str(tmp_path), *[text] * 24]  # noqa: PTH109
    parent = subprocess.Popen(argv, start_new_session=True, stderr=subprocess.DEVNULL)
    each = 3 if "(" in escape else 2
    wait_until(lambda: len(asleep(word)) >= 24 * each, "all of them sleep")
    time.sleep(0.3 if "cd" in escape else 0)  # the next look at orphans tells the watcher
    os.killpg(parent.pid, signal.SIGKILL)
    began = time.monotonic()
    parent.wait()
    wait_until(lambda: not asleep(word), "all of them are dead", 3)
    assert time.monotonic() - began < 1
    assert gone(word)


def asleep(word: str) -> list[str]:
    return [line for line in living(word) if line.startswith("sleep")]


@pytest.mark.skipif(sys.platform != "linux", reason="only there a Python does it")
def test_groups_are_killed_even_when_the_python_is_gone(tmp_path):
    word = f"7{secrets.randbelow(10**9)}"
    program = "import sys; sys.executable = '/nosuch/python'" + PROGRAM
    argv = [sys.executable, "-c", program, os.getcwd(), str(tmp_path), f"sleep {word}; :"]  # noqa: PTH109
    parent = subprocess.Popen(argv, start_new_session=True)
    wait_until(lambda: asleep(word), "it sleeps")
    time.sleep(0.05)  # it is in the table by now
    os.killpg(parent.pid, signal.SIGKILL)
    parent.wait()
    assert gone(word), living(word)
