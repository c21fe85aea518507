"""One command to its end, whatever that is."""

import os
import secrets
import threading
import time

import pytest

import kestrel_cli.tasks.processes.run as run_module
from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.processes.run import Command, run_command
from kestrel_cli.worker.services import Given
from tests.support.processes import EndingContext, Over, alarm, gone, living
from tests.support.reach import ReachingContext

GRACE = 0.3
QUICK = Given(settings={"kill-grace": str(GRACE)})


@pytest.fixture
def ctx(tmp_path):
    return ReachingContext(tmp_path, given=QUICK)


def shell(text: str, folder, **environ: str) -> Command:
    return Command(["/bin/sh", "-c", text], folder, {**os.environ, **environ}, text)


def run(ctx, text: str, folder, **environ: str) -> int:
    feed = Feed(ctx)
    try:
        return run_command(ctx, shell(text, folder, **environ), feed)
    finally:
        ctx.outputs = feed.outputs


def said(ctx) -> list[tuple[str, str]]:
    return [entry for entry in ctx.logs if entry[0] != "DEBUG"]


# -- ordinary ends


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("true", 0),
        ("exit 1", 1),
        ("exit 126", 126),
        ("nosuch_program 2>/dev/null", 127),
        ("kill -KILL $$", 137),
        ("kill -TERM $$", 143),
        ("kill -SEGV $$", 139),
        ("exit 255", 255),
    ],
)
def test_the_exit_code_is_that_of_shells(text, code, ctx, tmp_path):
    assert run(ctx, text, tmp_path) == code


def test_it_works_in_its_folder_with_its_environment(ctx, tmp_path):
    run(ctx, 'pwd; echo "$X"', tmp_path, X="a b")
    assert said(ctx) == [("INFO", str(tmp_path)), ("INFO", "a b")]


def test_the_log_says_what_was_started(ctx, tmp_path):
    run(ctx, "true", tmp_path)
    ((level, text),) = ctx.logs
    assert level == "DEBUG"
    assert text.startswith("Starting command with pid ")
    assert text.endswith(" [true]")


def test_there_is_no_input_and_no_terminal(ctx, tmp_path):
    assert run(ctx, 'read x; echo "[$x]"; (: < /dev/tty) 2>/dev/null || echo none', tmp_path) == 0
    assert said(ctx) == [("INFO", "[]"), ("INFO", "none")]


def test_a_child_that_closes_its_output_and_lives_is_waited_for(ctx, tmp_path):
    assert run(ctx, "exec >&- 2>&-; sleep 0.1; exit 3", tmp_path) == 3


def test_what_is_still_written_after_the_end_is_waited_for(ctx, tmp_path):
    assert run(ctx, "(sleep 0.1; echo late) & echo early", tmp_path) == 0
    assert said(ctx) == [("INFO", "early"), ("INFO", "late")]


def test_a_grandchild_that_keeps_the_output_open_is_ended(ctx, tmp_path):
    word = f"7{secrets.randbelow(10**9)}"
    assert run(ctx, f"sleep {word} & echo done; exit 5", tmp_path) == 5
    assert gone(word)
    assert said(ctx)[0] == ("INFO", "done")
    assert said(ctx)[1][1].startswith("the command has ended, but processes that it had started")


def test_whoever_is_left_in_the_background_is_ended(ctx, tmp_path):
    word = f"7{secrets.randbelow(10**9)}"
    assert run(ctx, f"sleep {word} >/dev/null 2>&1 & exit 0", tmp_path) == 0
    assert gone(word)
    assert ctx.logs[-1] == ("DEBUG", "processes that the command had left behind were ended")


def test_binary_output_does_no_harm(ctx, tmp_path):
    (tmp_path / "data").write_bytes(bytes(range(256)) * 10)
    run(ctx, "cat data; printf 'half \\303'; sleep 0.02; printf '\\274\\n'", tmp_path)
    assert said(ctx)[-1][1].endswith("half ü")


# -- what can't be started


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["nosuch-program"], r"^the program `nosuch-program` was not found"),
        (["/nosuch/program"], r"^the program `/nosuch/program` was not found"),
        (["/dev/null"], r"^the program `/dev/null` can't be run: permission denied"),
        (["/bin/sh", "-c", "x" * 200_000], r"^the command is longer than the system allows"),
        (["/bin/echo", *["x" * 100_000] * 40], r"together are larger than the system allows"),
        (["/bin/echo", "a\0b"], r"^the command can't be started: embedded null byte"),
    ],
)
def test_a_command_that_cannot_be_started_says_why(argv, why, ctx, tmp_path):
    with pytest.raises(TaskFailed, match=why):
        run_command(ctx, Command(argv, tmp_path, dict(os.environ)), Feed(ctx))


def test_a_variable_that_is_too_large_is_named(ctx, tmp_path):
    with pytest.raises(TaskFailed, match="the environment variable `BIG` is larger"):
        run(ctx, "true", tmp_path, BIG="x" * 140_000)


def test_a_folder_that_is_gone_is_named(ctx, tmp_path):
    with pytest.raises(TaskFailed, match="the working directory is gone"):
        run(ctx, "true", tmp_path / "nosuch")


# -- the end of the attempt

HARD_TO_END = {
    "sleeps": "exec sleep {word}",
    "ignores TERM": "trap '' TERM; sleep {word}; sleep {word}",
    "has a grandchild": "sleep {word} & sleep {word}",
    "has a session of its own": "setsid sleep {word} & wait",
    "double fork": "(setsid sh -c 'sleep {word} & exit' &) ; sleep {word}",
    "is stopped": "sleep {word} & kill -STOP $!; kill -STOP $$",
    "floods": "yes {word}",
}


@pytest.mark.parametrize("name", HARD_TO_END)
def test_nobody_survives_a_timeout_on_the_main_thread(name, ctx, tmp_path):
    word = f"7{secrets.randbelow(10**9)}"
    began = time.perf_counter()
    with pytest.raises(Over), alarm(0.1):
        run(ctx, HARD_TO_END[name].format(word=word), tmp_path)
    assert time.perf_counter() - began < 0.1 + GRACE + 5
    assert gone(word), living(word)


@pytest.mark.parametrize("name", HARD_TO_END)
def test_nobody_survives_a_timeout_on_a_thread(name, tmp_path):
    ctx = EndingContext(tmp_path, given=QUICK)
    word = f"7{secrets.randbelow(10**9)}"
    ended = []

    def attempt():
        try:
            run(ctx, HARD_TO_END[name].format(word=word), tmp_path)
        except Over as over:
            ended.append(over)

    thread = threading.Thread(target=attempt)
    thread.start()
    time.sleep(0.1)
    ctx.end()
    thread.join(0.1 + GRACE + 1)
    assert len(ended) == 1
    assert gone(word), living(word)


def test_an_attempt_that_ended_before_its_child_began_ends_it(tmp_path):
    ctx = EndingContext(tmp_path, given=QUICK)
    ctx.over.set()
    word = f"7{secrets.randbelow(10**9)}"
    with pytest.raises(Over):
        run(ctx, f"sleep {word}", tmp_path)
    assert gone(word)


def test_the_end_comes_at_once_for_a_child_that_hears(ctx, tmp_path):
    began = time.perf_counter()
    with pytest.raises(Over), alarm(0.1):
        run(ctx, "exec sleep 100", tmp_path)
    assert time.perf_counter() - began < 0.25


def test_a_child_may_use_its_grace_and_is_heard(ctx, tmp_path):
    with pytest.raises(Over), alarm(0.15):
        run(ctx, "trap 'echo tidied up; exit' TERM; sleep 100 & wait", tmp_path)
    assert said(ctx) == [("INFO", "tidied up")]


def test_a_chatty_child_on_a_thread_has_its_grace(tmp_path):
    ctx = EndingContext(tmp_path, given=Given(settings={"kill-grace": "5"}))
    text = "trap 'touch tidied; exit' TERM; while :; do echo x; sleep 0.01; done"

    def attempt():
        with pytest.raises(Over):
            run(ctx, text, tmp_path)

    thread = threading.Thread(target=attempt)
    thread.start()
    time.sleep(0.15)
    ctx.end()
    thread.join(5)
    assert (tmp_path / "tidied").exists()


def test_asked_twice_it_does_not_wait_for_the_grace(tmp_path):
    ctx = ReachingContext(tmp_path, given=Given(settings={"kill-grace": "60"}))
    word = f"7{secrets.randbelow(10**9)}"
    began = time.perf_counter()
    with pytest.raises(Over), alarm(0.15, 0.15):
        run(ctx, f"trap '' TERM; sleep {word}; sleep {word}", tmp_path)
    assert time.perf_counter() - began < 1
    assert gone(word)


def test_what_is_to_be_undone_is_undone_only_when_it_is_cut_short(ctx, tmp_path):
    undone = []
    command = shell("true", tmp_path)
    command.undo = lambda: undone.append(1)
    run_command(ctx, command, Feed(ctx))
    assert undone == []
    command = shell("sleep 100", tmp_path)
    command.undo = lambda: undone.append(2)
    with pytest.raises(Over), alarm(0.05):
        run_command(ctx, command, Feed(ctx))
    assert undone == [2]


def test_many_quick_children_leave_nothing(ctx, tmp_path):
    def descriptors():
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    run(ctx, "true", tmp_path)
    before, threads = descriptors(), threading.active_count()
    for _ in range(100):
        run_command(ctx, Command(["/bin/true"], tmp_path, {}), Feed(ctx))
    assert abs(descriptors() - before) <= 2
    assert threading.active_count() <= threads + 1
    assert os.waitpid(-1, os.WNOHANG) == (0, 0)  # no zombie; the watcher lives


def test_a_line_that_the_child_is_stuck_after_is_shown_and_taken_back(ctx, tmp_path, monkeypatch):
    monkeypatch.setattr(run_module, "_STUCK", 0.02)
    assert run(ctx, "echo before; printf 'Go on? '; sleep 0.2; echo yes", tmp_path) == 0
    assert ctx.begun == ["Go on? ", ""]
    assert [text for _, text in said(ctx)][-2:] == ["before", "Go on? yes"]
