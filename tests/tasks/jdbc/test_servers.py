"""The servers of the tests themselves."""

import subprocess
import sys

import pytest

from tests.support.cli import ROOT
from tests.support.processes import gone, living
from tests.support.servers import Answered, Server


class NotYet(Exception):
    pass


def asking(times: int):
    """Refuses so often, then answers."""
    left = iter(range(times))

    def ask() -> None:
        if next(left, None) is not None:
            raise NotYet

    return ask


def test_a_server_that_refuses_is_asked_again():
    assert Answered(asking(3), (NotYet,)).before(20)


def test_the_last_refusal_is_told():
    answered = Answered(asking(10**6), (NotYet,))
    assert not answered.before(0.1)
    assert answered.why == "the last answer in 0.1 seconds: NotYet()"


def test_one_that_has_ended_is_not_waited_for(tmp_path):
    def ask(_: int) -> None:
        raise NotYet

    words = r"(?s)the server did not start: it has ended.*no room"
    server = Server(tmp_path, None)
    with (
        pytest.raises(pytest.fail.Exception, match=words),
        server.running(ask, (NotYet,), sys.executable, "-c", "raise SystemExit('no room')"),
    ):
        pass


SLEEPS = "import time; time.sleep(300) #"


def test_a_server_ends_with_its_block_and_says_nothing_to_the_tests(tmp_path, capfd):
    word = f"{SLEEPS} {tmp_path}"

    def ask(_: int) -> None:
        if "ready" not in (tmp_path / "log").read_text():
            raise NotYet

    program = f"print('ready', flush=True); {word}"
    with Server(tmp_path, None).running(ask, (NotYet,), sys.executable, "-c", program):
        assert living(word)
    assert gone(word)
    assert capfd.readouterr() == ("", "")


def test_a_server_ends_with_the_tests_however_they_end(tmp_path):
    word = f"{SLEEPS} {tmp_path}"
    program = (
        "import os, sys; from pathlib import Path; from tests.support.servers import Server\n"
        "with Server(Path(sys.argv[1]), None).running(\n"
        "    lambda _: None, (), sys.executable, '-c', sys.argv[2]\n"
        "):\n"
        "    os._exit(3)"
    )
    command = [sys.executable, "-c", program, str(tmp_path), word]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, b"", b"")
    assert gone(word, 20)


def test_a_program_that_fails_is_told_with_what_it_said(tmp_path):
    with pytest.raises(AssertionError, match="no room"):
        Server(tmp_path, None).run(sys.executable, "-c", "raise SystemExit('no room')")
