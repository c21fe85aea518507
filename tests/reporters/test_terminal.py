import re
from io import StringIO

from kestrel_cli.model.event import AttemptEnded, LogLine
from kestrel_cli.model.state import State
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.terminal import Terminal
from tests.reporters.builders import START, loop, paused, retried, sub_flows


def shown(style=Style(), **options):  # noqa: B008  frozen
    stream = StringIO()
    execution = loop(1, frozenset({0}))
    terminal = Terminal(stream, style, **options)
    terminal.on_log(LogLine(1, START, "INFO", "hello"), execution)
    terminal.on_event(AttemptEnded(1, START, State.FAILED, error="exit code 2"), execution)
    terminal.close(execution, 1)
    return re.sub(r"^\d\d:\d\d:\d\d\.\d{3} ", "", stream.getvalue(), flags=re.MULTILINE).split("\n")


def test_a_short_run_is_lines_then_tree_then_summary():
    assert shown() == [
        "INFO  foreach[1] > log  hello",
        "FAIL  foreach[1] > log  exit code 2",
        "",
        "✘ demo.loop FAILED 1.2s  execution 6s1egIkxu3gpzzILDnyxTn",
        "└── ✘ foreach FAILED 12ms",
        "    └── ✘ log [s0] #0 FAILED 12ms",
        "            error: exit code 2",
        "",
        "flow `demo.loop` FAILED in 1.2s: 2 task runs, 1 failed",
        "",
    ]


def test_quiet_shows_failures_and_the_summary():
    assert shown(quiet=1) == [
        "FAIL  foreach[1] > log  exit code 2",
        "flow `demo.loop` FAILED in 1.2s: 2 task runs, 1 failed",
        "",
    ]


def test_quieter_shows_nothing():
    assert shown(quiet=2) == [""]


def test_the_log_level_hides_lines():
    assert "hello" not in "\n".join(shown(log_level="WARN"))


def test_colours_change_nothing_but_colours():
    coloured = "\n".join(shown(Style(colour=True)))
    assert "\x1b[1;31m✘ " in coloured
    plain = [line.rstrip() for line in re.sub(r"\x1b\[[\d;]*m", "", coloured).split("\n")]
    assert plain[3:] == shown()[3:]


def ended(execution, style=Style(), **options):  # noqa: B008  frozen
    stream = StringIO()
    terminal = Terminal(stream, style, **options)
    terminal.started(execution, None, None)
    terminal.close(execution, 0)
    return stream.getvalue().splitlines()


def test_a_paused_end_says_how_to_resume_even_when_quiet():
    assert ended(paused(), quiet=1) == [
        "flow `demo.main` PAUSED in 1.2s: 1 task run, 1 paused",
        "hint: `kestrel resume 6s1egIkxu3gpzzILDnyxTn` goes on with it",
    ]
    assert ended(paused(), quiet=2) == []


def test_a_nest_of_executions_is_drawn_in_colours():
    coloured = "\n".join(ended(retried(sub_flows(True)), Style(colour=True)))
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured).split("\n") == ended(retried(sub_flows(True)))
