import time
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.event import (
    FOREVER,
    AttemptEnded,
    AttemptStarted,
    Begun,
    Concluded,
    Expanded,
    Judged,
    LogLine,
    Refused,
)
from kestrel_cli.model.execution import Attempt
from kestrel_cli.model.frame import Frame, Lane
from kestrel_cli.model.retry import Constant
from kestrel_cli.model.state import State
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.logs import LogLines
from tests.reporters.builders import (
    START,
    Utf8,
    add,
    batches,
    block,
    call,
    iterations,
    loop,
    new_execution,
    paused,
    retried,
    sub_flows,
)
from tests.reporters.test_clean import NASTY

LIVE = Style(width=80, wraps=True)


class Scene:
    """A loop over two values with one task, and live lines of it."""

    def __init__(self, style=Style(), **options):  # noqa: B008  frozen
        self.stream = Utf8()
        self.lines = LogLines(self.stream, style, localtime=time.gmtime, **options)
        self.execution = new_execution(flow_id="demo")
        self.each = add(self.execution, block("foreach"), state=State.RUNNING)
        self.shell = add(self.execution, "shell", self.each, State.RUNNING, value="b", iteration=1)

    def expand(self):
        lanes = [Lane("tasks", 0, 1, value, number) for number, value in enumerate("abc")]
        self.tell(Expanded(0, START, lanes, 1, {}))

    def log(self, message, level="INFO", run=1, at=START):
        self.lines.on_log(LogLine(run, at, level, message), self.execution)

    def tell(self, event):
        self.lines.on_event(event, self.execution)

    @property
    def text(self):
        return self.stream.getvalue()


def test_a_line_says_when_how_important_where_and_what():
    scene = Scene()
    scene.expand()
    scene.log("hello caseB")
    scene.log("from the flow", "ERROR", run=None, at=START + 999_000)
    assert scene.text == (
        "12:02:54.121 INFO  foreach[2/3] > shell  hello caseB\n"
        "12:02:55.120 ERROR demo                  from the flow\n"
    )


def test_the_time_of_day_is_that_of_the_zone():
    scene = Scene()
    scene.lines = LogLines(scene.stream, Style(), localtime=lambda at: time.gmtime(at + 5400))
    scene.log("x")
    assert scene.text.startswith("13:32:54.121 ")


@pytest.mark.parametrize(
    ("least", "shown"),
    [("TRACE", 5), ("DEBUG", 4), ("INFO", 3), ("WARN", 2), ("ERROR", 1)],
)
def test_lines_below_the_level_are_hidden(least, shown):
    scene = Scene(level=least)
    for level in ("TRACE", "DEBUG", "INFO", "WARN", "ERROR"):
        scene.log("x", level)
    assert scene.text.count("\n") == shown
    assert scene.lines.written == shown


def fail(scene, error="exit code 2", state=State.FAILED):
    scene.shell.attempts = [Attempt([(State.CREATED, START), (State.FAILED, START + 9_000)])]
    scene.shell.state = state
    scene.tell(AttemptEnded(1, START + 9_000, State.FAILED, error=error))


def retry(scene, **options):
    policy = Constant(type="constant", interval=Duration.parse("PT5S"), **options)
    scene.execution.flow.policies["shell"] = policy


def test_a_failed_attempt_tells_which_it_was_and_when_the_next_one_comes():
    scene = Scene()
    scene.expand()
    retry(scene, maxAttempts=3)
    fail(scene, state=State.RETRYING)
    fail(scene, "exit code 2\nmore")
    assert scene.text == (
        "12:02:54.130 FAIL  foreach[2/3] > shell  exit code 2 (attempt 1 of 3, next in 5s)\n"
        "12:02:54.130 FAIL  foreach[2/3] > shell  exit code 2 (attempt 1 of 3)\n"
        "                                         │ more\n"
    )


def test_without_a_policy_attempts_are_not_counted():
    scene = Scene()
    fail(scene)
    fail(scene, None, State.WARNING)
    retry(scene)
    fail(scene)
    lines = [line[19:].split("  ", 1)[1] for line in scene.text.splitlines()]
    assert lines == ["exit code 2", "failed (failure allowed)", "exit code 2 (attempt 1)"]


def test_other_bad_ends_have_their_line_and_good_ones_none():
    scene = Scene()
    scene.tell(Begun(START))
    scene.tell(AttemptStarted(1, START))
    scene.tell(AttemptEnded(1, START, State.SUCCESS))
    scene.tell(Concluded(START))
    assert scene.text == ""
    scene.tell(Refused(1, START, "no such variable `x`"))
    scene.tell(AttemptEnded(1, START, State.KILLED))
    scene.tell(Concluded(START, error="bad output"))
    assert [line[13:] for line in scene.text.splitlines()] == [
        "FAIL  foreach[2] > shell  no such variable `x` (not started)",
        "KILL  foreach[2] > shell  killed",
        "FAIL  demo                bad output",
    ]


@pytest.mark.parametrize(("quiet", "shown"), [(0, 4), (1, 4), (2, 0)])
def test_quiet_leaves_failures_and_quieter_nothing(quiet, shown):
    scene = Scene(quiet=quiet)
    scene.log("x", "ERROR")
    fail(scene)
    scene.tell(Refused(1, START, "x"))
    scene.tell(AttemptEnded(1, START, State.KILLED))
    scene.tell(Concluded(START, error="x"))
    assert scene.text.count("\n") == shown


def test_further_lines_stand_behind_a_margin_so_no_ci_system_obeys_them():
    scene = Scene(Style(unicode=False))
    scene.log("first\n::error::x\n  ::set-output name=a::b\r::add-mask::y\n")
    assert scene.text == (
        "12:02:54.121 INFO  foreach[2] > shell  first\n"
        "                                       | ::error::x\n"
        "                                       |   ::set-output name=a::b\n"
        "                                       | ::add-mask::y\n"
    )


def test_long_lines_are_folded_for_a_person_only():
    message = " ".join(["words"] * 10)
    scene = Scene()
    scene.log(message)
    assert scene.text.count("\n") == 1
    scene = Scene(LIVE)
    scene.log(message)
    assert scene.text == (
        "12:02:54.121 INFO  foreach[2] > shell  words words words words words words\n"
        "                                       │ words words words words\n"
    )


def test_where_little_room_is_left_messages_go_below():
    scene = Scene(Style(width=60, wraps=True))
    scene.log(" ".join(["words"] * 9))
    assert scene.text == (
        "12:02:54.121 INFO  foreach[2] > shell\n"
        "    │ words words words words words words words words words\n"
    )


def test_colours_end_with_their_row():
    scene = Scene(Style(colour=True))
    scene.log("a \x1b[31mred\nb")
    assert scene.text == (
        "\x1b[2m12:02:54.121\x1b[0m \x1b[32mINFO  \x1b[0m\x1b[36mforeach[2] > shell\x1b[0m"
        "  a \x1b[31mred\x1b[0m\n"
        "                                       \x1b[2m│ \x1b[0mb\n"
    )


def test_ascii_output_has_no_ellipsis():
    scene = Scene(Style(unicode=False, wraps=True, width=60))
    parent = scene.shell
    for name in ("one", "two", "three_and_a_half"):
        parent = add(scene.execution, block(name), parent)
    scene.log("x", run=parent.number)
    assert "foreach[2] > ... > three_and_a_half" in scene.text


@given(NASTY, st.booleans(), st.booleans())
def test_hostile_messages_stay_behind_time_or_margin(message, colour, wraps):
    scene = Scene(Style(colour=colour, wraps=wraps))
    scene.log(message)
    fail(scene, message)
    for line in scene.text.removesuffix("\n").split("\n"):
        if colour:
            assert line.startswith(("\x1b[2m12:02:54.1", " " * 19))
        else:
            assert line.startswith("12:02:54.1") or line.lstrip(" ").startswith("│ ")


def test_a_megabyte_line_is_written_whole():
    scene = Scene()
    scene.log("x" * 1_000_000)
    assert len(scene.text) > 1_000_000
    scene = Scene(LIVE)
    scene.log("漢 " * 100_000)
    assert scene.text.count("漢") == 100_000


class Devnull(StringIO):
    def write(self, text):
        return len(text)


def test_a_hundred_thousand_events_cost_less_than_a_second():
    execution = new_execution()
    add(execution, "log")
    lines, event = LogLines(Devnull(), Style()), AttemptStarted(0, START)
    for _ in range(100_000):
        lines.on_event(event, execution)
        lines.on_event(event, execution)


def test_a_failure_that_the_log_just_told_is_not_told_again():
    execution = loop(1, frozenset({0}))
    stream = StringIO()
    lines = LogLines(stream, Style(), localtime=time.gmtime)
    lines.on_log(LogLine(1, 0, "ERROR", "exit code 2"), execution)
    lines.on_event(AttemptEnded(1, 0, State.FAILED, {}, (), "exit code 2"), execution)
    assert [line.split(None, 1)[1] for line in stream.getvalue().splitlines()] == [
        "ERROR foreach[1] > log  exit code 2",
    ]


class Nest:
    """Live lines of several executions; `lines` without the time."""

    def __init__(self, style=Style(), **options):  # noqa: B008  frozen
        self.stream = Utf8()
        self.live = LogLines(self.stream, style, localtime=time.gmtime, **options)

    def log(self, execution, run, message="x"):
        self.live.on_log(LogLine(run, START, "INFO", message), execution)

    @property
    def lines(self):
        return [" ".join(line[13:].split()) for line in self.stream.getvalue().splitlines()]


def test_lines_of_executions_stand_below_the_task_run_that_started_them():
    root, nest = sub_flows(), Nest()
    middle = root.called[1][0]
    last = middle.called[0][0]
    for started in ((root, None, None), (middle, root, 1), (last, middle, 0)):
        nest.live.started(*started)
    nest.log(root, 0)
    nest.log(last, 0)
    nest.log(middle, None)
    assert nest.lines == [
        "INFO log x",
        "INFO sub > [middle] > inner > [last] > shell x",
        "INFO sub > [middle] x",
    ]


def test_positions_of_loops_around_a_subflow_stay():
    scene = Scene()
    scene.expand()
    child = call(scene.execution, scene.shell, "child")
    add(child, "log")
    scene.lines.started(child, scene.execution, 1)
    scene.lines.on_log(LogLine(0, START, "INFO", "x"), child)
    assert scene.text == "12:02:54.121 INFO  foreach[2/3] > shell > [child] > log  x\n"


def test_iterations_of_loop_and_batches_are_numbered():
    nest = Nest()
    for root, number in ((iterations(2), 0), (batches(2), 2)):
        nest.live.started(root, None, None)
        for one in root.called[number]:
            nest.live.started(one, root, number)
            nest.log(one, 0)
            nest.log(one, None)
    assert nest.lines == [
        "INFO loop[1] > log x",
        "INFO loop[1] x",
        "INFO loop[2] > log x",
        "INFO loop[2] x",
        "INFO each > each_items[1] > [child] > log x",
        "INFO each > each_items[1] > [child] x",
        "INFO each > each_items[2] > [child] > log x",
        "INFO each > each_items[2] > [child] x",
    ]


def test_the_execution_that_follows_a_retried_one_takes_its_place():
    root, nest = sub_flows(), Nest()
    middle = retried(root.called[1][0])
    (before,) = middle.earlier
    middle.progress.history = middle.history[:1]
    nest.live.started(before, root, 1)
    nest.log(before, 0)
    nest.live.started(middle, None, None)
    nest.log(middle, 0)
    assert nest.lines == [
        "INFO sub > [middle] > shell x",
        f"AGAIN sub > [middle] execution {middle.id} follows, attempt 2",
        "INFO sub > [middle] > inner x",
    ]


def test_an_execution_that_goes_on_knows_the_sizes_of_its_loops():
    scene = Scene()
    lanes = [Lane("tasks", 0, 1, value, number) for number, value in enumerate("abc")]
    scene.execution.frames = {None: Frame(None, []), 0: Frame(0, lanes)}
    scene.lines.started(scene.execution, None, None)
    scene.log("x")
    assert "foreach[2/3] > shell" in scene.text


def test_an_execution_that_goes_on_is_not_announced():
    nest = Nest()
    nest.live.started(retried(sub_flows()), None, None)
    assert nest.lines == []


def test_an_error_of_another_execution_does_not_hide_a_failure():
    root, nest = sub_flows(True), Nest()
    middle = root.called[1][0]
    nest.live.started(middle, root, 1)
    nest.live.on_log(LogLine(0, START, "ERROR", "no"), middle)
    root.runs[0].state = State.FAILED
    nest.live.on_event(AttemptEnded(0, START, State.FAILED, error="no"), root)
    assert nest.lines == ["ERROR sub > [middle] > inner no", "FAIL log no"]


@pytest.mark.parametrize(("quiet", "shown"), [(0, 1), (1, 0), (2, 0)])
def test_quiet_hides_what_is_no_bad_news(quiet, shown):
    nest = Nest(quiet=quiet)
    nest.live.on_event(Expanded(0, START, [], 1, {}, pause=FOREVER), paused())
    assert len(nest.lines) == shown


def test_waiting_between_passes_is_told_at_debug_only():
    event = Judged(0, START, {}, START + 5_000_000)
    for level, shown in (("INFO", []), ("DEBUG", ["WAIT wait once more in 5s"])):
        nest = Nest(level=level)
        nest.live.on_event(event, paused())
        assert nest.lines == shown


def test_the_end_says_how_to_go_on_with_what_is_paused():
    for execution, shown in ((paused(), 1), (sub_flows(), 0)):
        nest = Nest()
        nest.live.close(execution)
        assert nest.stream.getvalue().count("kestrel resume") == shown
    nest = Nest(quiet=2)
    nest.live.close(paused())
    assert nest.lines == []


def test_narrow_lines_keep_both_ends_of_the_path():
    root, nest = sub_flows(), Nest(Style(width=60, wraps=True, unicode=False))
    middle = root.called[1][0]
    last = middle.called[0][0]
    nest.live.started(middle, root, 1)
    nest.live.started(last, middle, 0)
    nest.log(last, 0)
    assert nest.lines == ["INFO sub > ... > shell x"]
