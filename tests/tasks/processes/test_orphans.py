"""Nobody outlives the command that started it, whatever it has done to get away (Linux)."""

import os
import secrets
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.processes.orphans import ORPHANS, Orphans
from kestrel_cli.tasks.processes.run import Command, run_command
from kestrel_cli.worker.services import Given
from tests.support.processes import Over, alarm, gone, living
from tests.support.reach import ReachingContext
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives us orphans")

ESCAPES = {
    "in the background": "sleep {word} &",
    "session": "setsid sleep {word} &",
    "session in a subshell": "(setsid sleep {word} &)",
    "no environment": "env -i setsid sleep {word} &",
    "no environment, in a subshell": "(env -i setsid sleep {word} &)",
    "no environment, elsewhere": "cd /; (env -i setsid sleep {word} &)",
    "double fork": "( (sleep {word} &) & )",
    "double fork into a session": "(setsid sh -c 'sleep {word} & exit' &)",
    "nohup": "nohup sleep {word} &",
    "nohup in a subshell": "(trap '' HUP; env -i nohup sleep {word} &)",
    "does not listen": "(setsid sh -c 'trap \"\" TERM; sleep {word} & wait' &)",
    "a family": "(env -i setsid sh -c 'sleep {word} & sleep {word} & wait' &)",
}
QUIET = "exec >/dev/null 2>&1; "
QUICK = Given(settings={"kill-grace": "0.1"})


@pytest.fixture
def ctx(tmp_path):
    return ReachingContext(tmp_path, given=QUICK)


@pytest.fixture
def word():
    return f"7{secrets.randbelow(10**9)}"


def run(ctx, text: str, folder) -> int:
    environ = dict(os.environ)
    return run_command(ctx, Command(["/bin/sh", "-c", QUIET + text], folder, environ), Feed(ctx))


def asleep(word: str) -> list[str]:
    """The sleepers with a word, without the shells that started them."""
    return [line for line in living(word) if line.startswith("sleep")]


def zombies() -> list[str]:
    """Children of this process that have ended and wait to be looked at."""
    listed = []
    for thread in os.listdir("/proc/self/task"):  # noqa: PTH208
        listed += _text(f"/proc/self/task/{thread}/children").split()
    return [pid for pid in listed if "\nState:\tZ" in _text(f"/proc/{pid}/status")]


def _text(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


@pytest.mark.parametrize("how", ESCAPES)
def test_nobody_is_left_after_a_success(how, ctx, tmp_path, word):
    assert run(ctx, ESCAPES[how].format(word=word) + "\nsleep 0.05", tmp_path) == 0
    assert not living(word)
    assert not zombies()


@pytest.mark.parametrize("how", ESCAPES)
def test_nobody_is_left_by_a_command_that_ends_at_once(how, ctx, tmp_path, word):
    assert run(ctx, ESCAPES[how].format(word=word), tmp_path) == 0
    assert gone(word, 0.2), living(word)


@pytest.mark.parametrize("how", ESCAPES)
def test_nobody_is_left_after_a_timeout(how, ctx, tmp_path, word):
    with pytest.raises(Over), alarm(0.15):
        run(ctx, ESCAPES[how].format(word=word) + f"\nsleep {word}", tmp_path)
    assert gone(word, 0.2), living(word)
    assert not zombies()


def test_those_of_another_command_are_left_alone(ctx, tmp_path, word):
    """Two commands at the same time, each with orphans that bear its mark, or work at its place."""
    folders = [tmp_path / "one", tmp_path / "two"]
    ways = ["(setsid sleep {}1 &) ; (env -i setsid sleep {}1 &)", "(env -i setsid sleep {}2 &)"]
    for folder in folders:
        folder.mkdir()
    texts = [f"{way.replace('{}', word)}; touch ready; while ! [ -e end ]; do sleep 0.01; done"
             for way in ways]  # fmt: skip
    threads = [
        threading.Thread(target=run, args=(ctx, text, folder))
        for text, folder in zip(texts, folders, strict=True)
    ]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(asleep(word)) == 3, "all orphans are there")
    (folders[0] / "end").touch()
    threads[0].join(5)
    assert len(asleep(word)) == 1
    (folders[1] / "end").touch()
    threads[1].join(5)
    assert not asleep(word)


def test_an_orphan_of_whom_nothing_is_known_ends_with_the_last_command(ctx, tmp_path, word):
    """It has no mark and works elsewhere: while another command is under way it may be its one."""
    other = threading.Thread(
        target=run, args=(ctx, "while ! [ -e end ]; do sleep 0.01; done", tmp_path)
    )
    other.start()
    wait_until(lambda: ORPHANS.expected, "the other command is under way")
    time.sleep(0.02)  # the moments of /proc are that long
    run(ctx, f"cd /; (env -i setsid sleep {word} &) ; sleep 0.03", tmp_path)
    (tmp_path / "end").touch()
    other.join(5)
    assert not living(word)


def test_an_orphan_that_each_of_two_left_to_the_other_ends_with_them(tmp_path, word):
    """Both ask at the same time, as the last ones: neither knows that the other ends as well."""
    orphans = Orphans()
    for mark in ("one", "two"):
        orphans.begin(mark, tmp_path / mark)
    text = f"{QUIET}cd /; (env -i setsid sleep {word} &)"
    child = subprocess.Popen(["sh", "-c", text], cwd=tmp_path, start_new_session=True)
    orphans.started(child.pid)
    child.wait()
    wait_until(lambda: asleep(word), "the orphan is there")
    assert not orphans.of(0, "one")
    assert not orphans.of(0, "two")
    orphans.end("one", child.pid)
    assert asleep(word)
    orphans.end("two")
    assert not living(word)
    assert not zombies()


def test_who_was_started_by_somebody_else_here_is_left_alone(ctx, tmp_path, word):
    before = subprocess.Popen(["sleep", word], start_new_session=True)
    try:
        inside = []

        def start(_level, _message):
            if not inside:
                inside.append(subprocess.Popen(["sleep", word]))

        ctx.log = start
        assert run(ctx, "(setsid true &); sleep 0.05", tmp_path) == 0
        assert before.poll() is None
        assert inside[0].poll() is None
    finally:
        for one in [before, *inside]:
            one.kill()
            assert one.wait() == -9  # nobody else has asked how it ended


def test_orphans_that_end_by_themselves_are_taken_away_while_the_command_runs(ctx, tmp_path):
    text = "for i in 1 2 3 4 5 6 7 8; do ( (true &) & ); done; touch ready; sleep 0.5"
    thread = threading.Thread(target=run, args=(ctx, text, tmp_path))
    thread.start()
    wait_until((tmp_path / "ready").exists, "the orphans have been there")
    wait_until(lambda: not zombies(), "nobody waits to be looked at")
    assert thread.is_alive()
    thread.join(5)


def test_orphans_come_to_us_only_while_children_are_under_way(ctx, tmp_path):
    run(ctx, "true", tmp_path)
    assert not ORPHANS.come


def test_the_way_without_lists_of_children_finds_the_same(ctx, tmp_path, word, monkeypatch):
    import kestrel_cli.tasks.processes.orphans as module

    real = os.open
    monkeypatch.setattr(
        module.os, "open", lambda path, *more: real(str(path).replace("children", "nosuch"), *more)
    )
    assert run(ctx, f"(env -i setsid sleep {word} &); sleep 0.05", tmp_path) == 0
    assert not living(word)
