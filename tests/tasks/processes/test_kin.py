"""Who belongs to a child."""

import os
import shutil
import subprocess

import pytest

from kestrel_cli.tasks.processes import kin
from kestrel_cli.tasks.processes.ask import ask
from kestrel_cli.tasks.processes.kin import MARK, kin_of, still_there


@pytest.fixture
def leader():
    process = subprocess.Popen(
        ["/bin/sh", "-c", "sleep 100 & echo; wait"],
        env={**os.environ, MARK: "a_mark"},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    process.stdout.readline()
    yield process
    for pid in kin_of(process.pid, "a_mark"):
        os.kill(pid, 9)
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("rows", ["_rows_of_proc", "_rows_of_ps"])
def test_a_child_and_its_children_are_found_in_every_way(rows, leader, monkeypatch):
    if rows == "_rows_of_ps" and shutil.which("ps") is None:
        pytest.skip("needs ps")
    monkeypatch.setattr(kin, "_rows", getattr(kin, rows))
    found = kin_of(leader.pid, "nobody has this")
    assert len(found) == 2
    assert leader.pid in found
    assert still_there(found) == set(found)


def test_who_only_carries_the_mark_is_found(leader):
    assert leader.pid in kin_of(0, "a_mark")
    assert leader.pid not in kin_of(0, "another")


def test_a_later_process_of_the_same_number_is_not_the_same(leader):
    assert still_there({leader.pid: "another time"}) == set()
    assert still_there({}) == set()


def test_we_are_not_our_own_kin():
    assert os.getpid() not in kin_of(os.getpid(), "nobody has this")


def test_a_question_is_answered_or_not():
    assert ask(["echo", " a "], os.environ) == "a"
    assert ask(["false"], os.environ) is None
    assert ask(["nosuch-program"], os.environ) is None
