"""Heads that are told once, forms, failures in one line, what is folded and what is held back."""

import json
import time

import pytest

from kestrel_cli.model.event import AttemptEnded, AttemptStarted, LogLine
from kestrel_cli.model.state import State
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.held_lines import HeldLines
from kestrel_cli.reporters.log_options import LogOptions
from kestrel_cli.reporters.logs import LogLines
from tests.reporters.builders import START, Utf8, add, block, loop, new_execution
from tests.reporters.test_logs import Scene, retry

PERSON = Style(width=100, wraps=True, person=True)


def rows(scene):
    return [line[13:] for line in scene.text.splitlines()]


def test_the_head_stands_once_above_the_lines_of_one_task_run():
    scene = Scene(PERSON)
    scene.log("one")
    scene.log("two", at=START + 2_900_000)
    scene.log("three", at=START + 3_100_000)
    scene.log("four", "WARN", at=START + 3_100_000)
    scene.log("five", "WARN", run=0, at=START + 3_100_000)
    scene.log("six", "WARN", at=START + 3_100_000)
    assert rows(scene) == [
        "INFO  foreach[2] > shell  one",
        "                          │ two",
        "INFO  foreach[2] > shell  three",
        "WARN  foreach[2] > shell  four",
        "WARN  foreach             five",
        "WARN  foreach[2] > shell  six",
    ]


def test_in_a_pipe_and_in_ci_every_line_has_its_head():
    for style in (Style(), Style(width=120), Style(width=100, wraps=True)):
        scene = Scene(style)
        scene.log("one")
        scene.log("two")
        assert [row[:4] for row in rows(scene)] == ["INFO", "INFO"]


def test_a_line_that_has_no_room_beside_the_others_has_a_head_of_its_own():
    scene = Scene(Style(width=60, wraps=True, person=True))
    scene.log("short")
    scene.log("word " * 12)
    scene.log("short again")
    assert rows(scene)[:2] == ["INFO  foreach[2] > shell  short", "INFO  foreach[2] > shell"]
    assert scene.text.splitlines()[2:] == [
        "    │ word word word word word word word word word word word",
        "    │ word ",
        "    │ short again",
    ]


def test_lines_of_a_loop_differ_on_a_narrow_terminal():
    scene = Scene(Style(width=60, wraps=True, person=True))
    scene.execution = new_execution(flow_id="demo")
    parent = None
    for name in ("order", "the_machine_does_its_work", "cup"):
        parent = add(scene.execution, block(name), parent)
    pours = [
        add(scene.execution, "pour", parent, value=str(at), iteration=at).number for at in (0, 1)
    ]
    for number in pours:
        scene.log("x", run=number)
    assert [row[6:] for row in rows(scene)] == ["… > cup[1] > pour  x", "… > cup[2] > pour  x"]


# -- forms


def test_short_lines_have_no_time_and_a_level_only_where_it_matters():
    scene = Scene(options=LogOptions(form="short"))
    scene.log("hello\nworld")
    scene.log("bad", "ERROR")
    assert scene.text == (
        "foreach[2] > shell  hello\n                    │ world\nERROR foreach[2] > shell  bad\n"
    )


def test_json_lines_say_all_and_fold_nothing():
    scene = Scene(options=LogOptions(form="json"))
    for _ in range(5):
        scene.log("a \x1b[31m“red”\n\x85", "ERROR")
    scene.log("own", run=None)
    found = [json.loads(line) for line in scene.text.splitlines()]
    assert found[0] == {
        "at": "2025-05-04T12:02:54.121836Z",
        "level": "ERROR",
        "task": "shell",
        "path": "foreach[2] > shell",
        "value": "b",
        "attempt": 0,
        "execution": scene.execution.id,
        "message": "a \x1b[31m“red”\n\x85",
    }
    assert len(found) == 6
    assert set(found[5]) == {"at", "level", "path", "attempt", "execution", "message"}


def test_news_have_their_name_in_json():
    scene = Scene(options=LogOptions(form="json"))
    scene.tell(AttemptEnded(1, START, State.FAILED, error="x"))
    found = json.loads(scene.text)
    assert (found["level"], found["news"], found["message"]) == ("ERROR", "FAIL", "x")


# -- one line for a failed attempt


def ends(scene, message, *before, run=1):
    scene.shell.state = State.RETRYING
    for one in before:
        scene.lines.on_log(LogLine(run, START, "ERROR", one), scene.execution)
    scene.lines.on_log(LogLine(run, START, "ERROR", message, 0, True), scene.execution)
    scene.tell(AttemptEnded(run, START + 9_000, State.FAILED, error=message))


def test_a_failed_attempt_has_one_line():
    scene = Scene()
    retry(scene, maxAttempts=2)
    ends(scene, "exit code 2\nmore", "from the script")
    assert rows(scene) == [
        "ERROR foreach[2] > shell  from the script",
        "FAIL  foreach[2] > shell  exit code 2 (attempt 1 of 2, next in 5s)",
        "                          │ more",
    ]


def test_without_a_note_the_error_itself_is_the_line():
    scene = Scene()
    scene.shell.state = State.FAILED
    scene.lines.on_log(LogLine(1, START, "ERROR", "exit code 2", 0, True), scene.execution)
    assert scene.text == ""
    scene.tell(AttemptEnded(1, START, State.FAILED, error="exit code 2"))
    assert rows(scene) == ["ERROR foreach[2] > shell  exit code 2"]


def test_an_error_that_something_else_follows_is_told():
    scene = Scene()
    scene.lines.on_log(LogLine(1, START, "ERROR", "x", 0, True), scene.execution)
    scene.log("y")
    scene.lines.on_log(LogLine(1, START, "ERROR", "z", 0, True), scene.execution)
    scene.lines.end(scene.execution)
    assert [row.split()[-1] for row in rows(scene)] == ["x", "y", "z"]


def test_what_others_say_meanwhile_keeps_no_failure_apart():
    scene = Scene()
    retry(scene, maxAttempts=2)
    scene.shell.state = State.RETRYING
    scene.lines.on_log(LogLine(1, START, "ERROR", "x", 0, True), scene.execution)
    scene.log("y", run=0)
    scene.tell(AttemptEnded(1, START, State.FAILED, error="x"))
    assert [row.split()[0] for row in rows(scene)] == ["INFO", "FAIL"]


# -- what a loop repeats


def failing(number, messages, options=LogOptions()):  # noqa: B008  frozen
    execution, stream = loop(number, frozenset(range(number))), Utf8()
    lines = LogLines(stream, Style(), localtime=time.gmtime, options=options)
    execution.runs[0].state = State.RUNNING
    for run in execution.runs[1:]:
        for message in messages:
            lines.on_log(LogLine(run.number, START, "WARN", message), execution)
        lines.on_log(LogLine(run.number, START, "ERROR", "no", 0, True), execution)
        lines.on_event(AttemptEnded(run.number, START, State.FAILED, error="no"), execution)
    before = stream.getvalue()
    execution.runs[0].state = State.FAILED
    lines.on_event(AttemptStarted(1, START), execution)
    lines.end(execution)
    return before.splitlines(), stream.getvalue().splitlines()[before.count("\n") :]


def test_equal_failures_of_a_loop_are_counted_after_the_third():
    before, after = failing(500, [])
    assert len(before) == 3
    assert [line[13:] for line in after] == [
        "ERROR foreach > log     the same again, 497 times: no",
    ]


def test_a_single_one_more_is_told_as_it_is():
    before, after = failing(4, [])
    assert (len(before), len(after)) == (3, 1)
    assert after[0].endswith("foreach[4] > log  no")


def test_warnings_beside_failures_are_folded_with_them():
    before, after = failing(10, ["careful"])
    assert len(before) == 6
    assert len(after) == 1


def test_different_messages_and_verbose_runs_are_not_folded():
    before, _ = failing(10, ["x"], LogOptions(verbose=2))
    assert len(before) == 20


def test_equal_lines_of_one_task_run_are_all_told():
    scene = Scene()
    for _ in range(9):
        scene.log("bad", "ERROR")
    assert len(rows(scene)) == 9


def test_tasks_outside_of_loops_are_not_folded():
    execution, stream = new_execution(), Utf8()
    lines = LogLines(stream, Style(), localtime=time.gmtime)
    for _ in range(9):
        run = add(execution, "log")
        lines.on_log(LogLine(run.number, START, "WARN", "x"), execution)
    assert stream.getvalue().count("\n") == 9


# -- only of what failed


def test_the_log_of_a_task_run_is_shown_once_it_has_failed():
    scene = Scene(options=LogOptions(on="failure"))
    scene.log("good", run=0)
    scene.log("one")
    scene.log("own", run=None)
    scene.tell(AttemptEnded(0, START, State.SUCCESS))
    assert rows(scene) == ["INFO  demo          own"]
    scene.tell(AttemptEnded(1, START, State.FAILED, error="bad"))
    scene.lines.end(scene.execution)
    assert [row.split()[-1] for row in rows(scene)] == ["own", "one", "bad"]


def test_what_is_held_back_is_bounded():
    execution, held = new_execution(), HeldLines()
    runs = [add(execution, "log").number for _ in range(60)]
    for run in runs:
        for at in range(700):
            held.put(LogLine(run, at, "INFO", str(at)), run, execution)
    kept = [held.take(run, execution) for run in runs]
    assert sum(len(lines) for lines, _ in kept) <= 20_000
    lines, lost = kept[-1]
    assert (len(lines), lost, lines[-1].message) == (500, 200, "699")


# -- more than usual


@pytest.mark.parametrize(("verbose", "names"), [(0, []), (1, ["DONE"]), (2, ["RUN", "DONE"])])
def test_verbose_runs_tell_what_begins_and_ends(verbose, names):
    scene = Scene(level="TRACE" if verbose == 2 else "DEBUG", options=LogOptions(verbose=verbose))
    from kestrel_cli.model.execution import Attempt

    scene.shell.attempts = [Attempt([(State.CREATED, START), (State.SUCCESS, START + 12_000)])]
    scene.tell(AttemptStarted(1, START))
    scene.tell(AttemptEnded(1, START + 12_000, State.SUCCESS))
    assert [row.split()[0] for row in rows(scene)] == names
    if names:
        assert rows(scene)[-1] == "DONE  foreach[2] > shell  SUCCESS in 12ms"
