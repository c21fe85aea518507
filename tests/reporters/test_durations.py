"""Durations that are shown tell how long something was worked on."""

from kestrel_cli.model.execution import Execution
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import State
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.summary import summary_line
from kestrel_cli.reporters.tree import length, tree_lines
from tests.reporters.builders import add, end, new_execution

SECOND = 1_000_000


def text(line: list[tuple[str, str]]) -> str:
    return "".join(part for _, part in line)


def test_the_time_before_a_restart_is_not_counted():
    execution = end(new_execution(), State.FAILED)
    took, last = length(execution), execution.history[-1][1]
    execution.progress.history += [
        (State.RESTARTED, last + 500 * SECOND),
        (State.RUNNING, last + 500 * SECOND),
        (State.SUCCESS, last + 501 * SECOND),
    ]
    execution.progress.state = State.SUCCESS
    assert length(execution) == took + SECOND
    assert "in 2.2s" in text(summary_line(execution))


def test_what_runs_has_taken_until_now():
    execution = new_execution()
    start = execution.history[0][1]
    assert length(execution, start + 9 * SECOND) == 9 * SECOND
    assert "in 9s:" in text(summary_line(execution, start + 9 * SECOND))
    ended = end(new_execution())
    assert length(ended, start + 900 * SECOND) == length(ended)


def test_what_a_replay_has_taken_over_says_so():
    execution = new_execution()
    run = add(execution, "log")
    end(execution)
    run.history[:] = [(state, at - 1000 * SECOND) for state, at in run.history]
    assert not any("taken over" in text(line) for line in tree_lines(execution, Style()))
    replayed = changed(execution.birth, parent_id="4uQm0Zk2XrT8yVbN1cJdLe")
    again = Execution(replayed, execution.flow)
    again.progress.runs.append(run)
    assert any("taken over" in text(line) for line in tree_lines(again, Style()))


def test_links_of_kestra_are_what_they_name_in_the_tree_too():
    execution = new_execution()
    run = add(execution, "log", state=State.FAILED)
    run.error = (
        'Subflow execution [[link execution="1yKX" flowId="store" namespace="acme.sales"]] '
        "ends in FAILED state"
    )
    lines = [text(line) for line in tree_lines(end(execution, State.FAILED), Style())]
    assert "acme.sales.store 1yKX ends in FAILED" in "\n".join(lines)
