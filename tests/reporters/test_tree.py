import re
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.model.event import Judged
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.painter import write_lines
from kestrel_cli.reporters.style import LOOKS
from kestrel_cli.reporters.tree import tree_lines
from tests.reporters.builders import (
    Utf8,
    add,
    batches,
    block,
    call,
    deep,
    each_switch,
    end,
    iterations,
    loop,
    new_execution,
    paused,
    retried,
    sub_flows,
)
from tests.reporters.test_clean import NASTY
from tests.support.flows import flow, leaf, task
from tests.support.play import Play


def drawn(execution, style=Style()):  # noqa: B008  frozen
    stream = Utf8()
    write_lines(tree_lines(execution, style), stream, colour=style.colour)
    return "\n" + stream.getvalue()


def test_the_flow_of_the_task_run_page():
    assert (
        drawn(each_switch())
        == """
✔ demo.each_switch SUCCESS 1.2s  execution 6s1egIkxu3gpzzILDnyxTn
└── ✔ hierarchy_1 SUCCESS 840ms
    ├── ✔ hierarchy_2 [caseA] #0 SUCCESS 12ms
    │   │   {"value":"caseA"}
    │   └── ✔ hierarchy_2_a SUCCESS 12ms
    │           {"value":"hierarchy_2_a"}
    └── ✔ hierarchy_2 [caseB] #1 SUCCESS 12ms
        │   {"value":"caseB"}
        ├── ✔ hierarchy_2_b_first SUCCESS 12ms
        │       {"value":"hierarchy_2_b_first"}
        └── ✔ hierarchy_2_b_second SUCCESS 12ms
            ├── ✔ switch [case1] #0 SUCCESS 12ms
            │   │   {"value":"case1"}
            │   └── ✔ switch_1 SUCCESS 12ms
            └── ✔ switch [case2] #1 SUCCESS 12ms
                │   {"value":"case2"}
                └── ✔ switch_2 SUCCESS 2.3s
"""
    )


def test_a_failure_in_ascii():
    assert (
        drawn(loop(2, frozenset({1})), Style(unicode=False)).replace("⬅", "<")
        == """
FAIL demo.loop FAILED 1.2s  execution 6s1egIkxu3gpzzILDnyxTn
`-- FAIL foreach FAILED 12ms
    +-- ok log [s0] #0 SUCCESS 12ms
    |       {"value":"log > s0 < 2025-05-04T12:02:53.938333Z"}
    `-- FAIL log [s1] #1 FAILED 12ms
            error: exit code 2
"""
    )


def rich_execution():
    execution = new_execution(flow_id="mixed", outputs={"all": [1, 2, 3]})
    add(execution, "long", outputs={"text": "x" * 200})
    wait = add(execution, block("parallel"), state=State.WARNING)
    add(execution, "skipped", wait, State.SKIPPED)
    add(
        execution,
        "shell",
        wait,
        State.WARNING,
        attempts=3,
        error="exit code 127\nsh: 1: some_command_with_a_long_name: not found in any directory",
        micros=3_723_000_000,
    )
    add(execution, "killed", wait, State.KILLED)
    return end(execution, State.WARNING)


def test_sixty_columns():
    assert (
        drawn(rich_execution(), Style(width=60, wraps=True))
        == """
⚠ demo.mixed WARNING 1.2s  execution 6s1egIkxu3gpzzILDnyxTn
│   {"all":[1,2,3]}
├── ✔ long SUCCESS 12ms
│       {"text":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
│       xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
│       xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
└── ⚠ parallel WARNING 12ms
    ├── ↷ skipped SKIPPED
    ├── ⚠ shell WARNING 1h 2m, 3 attempts
    │       error: exit code 127 (attempt 3)
    │       │ sh: 1: some_command_with_a_long_name: not
    │       │ found in any directory
    └── ■ killed KILLED 12ms
"""
    )


def test_a_hundred_and_twenty_columns():
    assert (
        drawn(rich_execution(), Style(width=120, wraps=True))
        == f"""
⚠ demo.mixed WARNING 1.2s  execution 6s1egIkxu3gpzzILDnyxTn
│   {{"all":[1,2,3]}}
├── ✔ long SUCCESS 12ms
│       {{"text":"{"x" * 103}
│       {"x" * 97}"}}
└── ⚠ parallel WARNING 12ms
    ├── ↷ skipped SKIPPED
    ├── ⚠ shell WARNING 1h 2m, 3 attempts
    │       error: exit code 127 (attempt 3)
    │       │ sh: 1: some_command_with_a_long_name: not found in any directory
    └── ■ killed KILLED 12ms
"""
    )


def test_piped_outputs_stay_on_one_line_up_to_a_limit():
    execution = end(new_execution())
    add(execution, "log", outputs={"x": "y" * 10_000})
    row = drawn(execution).split("\n")[-2]
    assert row.endswith("yyy…")
    assert len(row) == 8 + 2000 + 1


def test_many_iterations_fold_and_failures_do_not():
    assert (
        drawn(loop(300, frozenset({7})))
        == """
✘ demo.loop FAILED 1.2s  execution 6s1egIkxu3gpzzILDnyxTn
└── ✘ foreach FAILED 12ms
    ├── 299 iterations: 299 SUCCESS
    └── ✘ log [s7] #7 FAILED 12ms
            error: exit code 2
"""
    )


def test_depth_becomes_a_number_where_indentation_ends():
    assert (
        drawn(deep(7), Style(width=56))
        == """
✔ demo.deep SUCCESS 1.2s  execution 6s1egIkxu3gpzzILDnyxTn
└── ✔ level1 SUCCESS 12ms
    └── ✔ level2 SUCCESS 12ms
        └── ✔ level3 SUCCESS 12ms
            └── ✔ level4 SUCCESS 12ms
                └┄5 ✔ level5 SUCCESS 12ms
                └┄6 ✔ level6 SUCCESS 12ms
                └┄7 ✔ innermost SUCCESS 12ms
                    {"value":"x"}
"""
    )


def test_five_thousand_levels_are_all_there():
    text = drawn(deep(5000), Style(width=80, wraps=True))
    assert text.count("SUCCESS") == 5001
    assert "└┄5000 ✔ innermost" in text
    assert max(map(len, text.split("\n"))) < 100


def test_an_execution_that_never_began_is_one_line():
    assert drawn(new_execution()) == "\n○ demo.each_switch CREATED <1ms  execution " + (
        "6s1egIkxu3gpzzILDnyxTn\n"
    )


def test_a_task_run_that_never_began_shows_its_error_without_an_attempt():
    execution = end(new_execution(error="bad output"), State.FAILED)
    run = add(execution, "if", state=State.FAILED, error="no `x`")
    run.attempts = []
    assert drawn(execution).split("\n")[2:] == [
        "│   error: bad output",
        "└── ✘ if FAILED 12ms",
        "        error: no `x`",
        "",
    ]


def test_executions_are_drawn_beneath_the_task_run_that_started_them():
    assert (
        ids(drawn(sub_flows(failing=True)))
        == """
✘ demo.main FAILED 1.2s  execution ID
├── ✔ log SUCCESS 12ms
│       {"value":"x"}
└── ✘ sub FAILED 12ms
    │   {"state":"FAILED"}
    └── ✘ demo.middle FAILED 5ms  execution ID
        │   {"total":3}
        └── ✘ inner FAILED 12ms
            └── ✘ demo.last FAILED 5ms  execution ID
                └── ✘ shell FAILED 12ms
                        error: exit code 2
"""
    )


def test_iterations_of_a_loop_show_their_value():
    assert (
        drawn(iterations(2, frozenset({1})), Style(unicode=False))
        == """
FAIL demo.main FAILED 1.2s  execution 6s1egIkxu3gpzzILDnyxTn
`-- FAIL loop FAILED 12ms
    |   {"iterationCount":2}
    +-- ok iteration [s0] #0 SUCCESS 5ms
    |   |   {"x":0}
    |   `-- ok log SUCCESS 12ms
    `-- FAIL iteration [s1] #1 FAILED 5ms
        |   {"x":1}
        `-- FAIL log FAILED 12ms
                error: exit code 2
"""
    )


def test_batches_show_their_number_and_fold():
    assert "│   ├── ✔ demo.child #0 SUCCESS 5ms  execution " in drawn(batches(2))
    assert "│   └── 300 executions: 300 SUCCESS\n" in drawn(batches(300))


def test_retried_executions_stand_above_the_one_that_follows_them():
    assert (
        ids(drawn(retried(loop(1), 2)))
        == """
↻ demo.loop RETRIED 30ms  execution ID, attempt 1
└── ↻ shell RETRIED 20ms
        error: exit code 2
↻ demo.loop RETRIED 30ms  execution ID, attempt 2
└── ↻ shell RETRIED 20ms
        error: exit code 2
✔ demo.loop SUCCESS 1.2s  execution ID, attempt 3
└── ✔ foreach SUCCESS 12ms
    └── ✔ log [s0] #0 SUCCESS 12ms
            {"value":"log > s0 ⬅ 2025-05-04T12:02:53.938333Z"}
"""
    )


def test_a_pause_is_drawn_as_one():
    assert (
        ids(drawn(paused()))
        == """
‖ demo.main PAUSED 1.2s  execution ID
└── ‖ wait PAUSED 5ms
"""
    )


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_glyph(state):
    execution = end(new_execution(), state)
    add(execution, "log", state=state)
    for style, look in ((Style(), "glyph"), (Style(unicode=False), "ascii")):
        assert drawn(execution, style).count(f"{getattr(LOOKS[state], look)} ") == 2


def test_a_loop_until_shows_its_last_pass_and_how_many_there_were():
    play = Play(flow(task("flow.LoopUntil", "until", condition="x", tasks=[leaf("tick")])))
    play.begin()
    for number in range(3):
        if number:
            play.fold(Judged(0, play.tick(), {"iterationCount": number + 1}, play.at + 1))
            play.fire(0)
        play.expand(0, [Lane("tasks", 0, 1, None, number)], outputs={"iterationCount": number + 1})
        play.work(len(play.execution.runs) - 1)
    play.fold(Judged(0, play.tick(), {}))
    play.conclude()
    assert (
        drawn(play.execution)
        == """
✔ company.team.test SUCCESS <1ms  execution test
└── ✔ until #2 SUCCESS <1ms, 3 passes
    │   {"iterationCount":3}
    └── ✔ tick #2 SUCCESS <1ms
"""
    )


def test_executions_may_be_as_deep_inside_each_other():
    execution = at = end(new_execution())
    for _ in range(2000):
        at = call(at, add(at, "sub"), "child")
    text = drawn(execution, Style(width=80, wraps=True))
    assert text.count("demo.child") == 2000
    assert max(map(len, text.split("\n"))) < 120


def ids(text):
    return re.sub(r"\b[0-9A-Za-z]{22}\b", "ID", text)


@given(NASTY, NASTY, NASTY, st.booleans(), st.booleans())
def test_hostile_values_outputs_and_errors_cannot_break_out(value, output, error, wraps, unicode):
    execution = end(new_execution(outputs={output: value}), State.FAILED)
    each = add(execution, block("each"), state=State.FAILED)
    add(execution, "log", each, State.FAILED, value=value, iteration=0, outputs={"x": output},
        error=error)  # fmt: skip
    text = drawn(execution, Style(wraps=wraps, unicode=unicode))
    starts = ("✘", " ", "│", "├", "└", "\x00") if unicode else ("FAIL", " ", "|", "+", "`", "\x00")
    for line in text.strip("\n").split("\n"):
        assert line.startswith(starts)
        assert not line.lstrip(" ").startswith("::")
        assert "\x1b" not in line


class Devnull(StringIO):
    written = 0

    def write(self, text):
        self.written += len(text)
        return len(text)


def test_many_runs_are_drawn():
    for execution in (loop(30_000), loop(30_000, frozenset(range(0, 30_000, 1000)))):
        write_lines(tree_lines(execution, Style()), Devnull(), colour=False)
    everything_failed = loop(30_000, frozenset(range(30_000)))
    stream = Devnull()
    write_lines(tree_lines(everything_failed, Style()), stream, colour=False)
    assert stream.written < 1000  # equal failures are one
