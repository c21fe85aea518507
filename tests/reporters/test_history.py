import json
import time
from io import StringIO

import pytest

from kestrel_cli.model.event import AttemptEnded, LogLine
from kestrel_cli.model.history import Summary
from kestrel_cli.model.state import State
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.history import LISTS, LOGS, show, write_list_json, write_table
from kestrel_cli.reporters.outputs import OUTPUTS, Sinks
from tests.reporters.builders import ID, START, Utf8, each_switch, paused, sub_flows

DONE = Summary(ID, "demo", "hello", "SUCCESS", START, START + 1_200_000, 12_345, "hello.yaml")
GOING = Summary(ID[::-1], "demo.of.something", "long_flow", "RUNNING", START, None, None, "a.yaml")


def table(*summaries, style=Style()):  # noqa: B008  frozen
    stream = Utf8()
    write_table(summaries, stream, style, time.gmtime)
    return "\n" + stream.getvalue()


def sinks(**options):
    return Sinks(StringIO(), StringIO(), Style(), Style(), **options)


def test_a_table_has_a_line_for_each_execution():
    assert (
        table(DONE, GOING)
        == """
ID                      FLOW                         STATE      STARTED              DURATION  TASK RUNS
6s1egIkxu3gpzzILDnyxTn  demo.hello                   ✔ SUCCESS  2025-05-04 12:02:54  1.2s         12,345
nTxynDLIzzpg3uxkIge1s6  demo.of.something.long_flow  ▶ RUNNING  2025-05-04 12:02:54
"""  # noqa: E501
    )


def test_a_narrow_terminal_cuts_the_name_of_the_flow_first():
    text = table(GOING, style=Style(width=91, wraps=True, unicode=False))
    assert (
        text
        == """
ID                      FLOW          STATE        STARTED              DURATION  TASK RUNS
nTxynDLIzzpg3uxkIge1s6  ...long_flow  run RUNNING  2025-05-04 12:02:54
"""
    )


@pytest.mark.parametrize(
    ("width", "head", "row"),
    [
        (
            80,
            "ID           FLOW          STATE        STARTED              DURATION  TASK RUNS",
            "nTxynDLIzzp  ...long_flow  run RUNNING  2025-05-04 12:02:54",
        ),
        (
            60,
            "ID          FLOW          STATE        STARTED",
            "nTxynDLIzz  ...long_flow  run RUNNING  2025-05-04 12:02:54",
        ),
        (
            20,
            "ID          FLOW          STATE",
            "nTxynDLIzz  ...long_flow  run RUNNING",
        ),
    ],
)
def test_a_narrower_one_shortens_ids_and_has_fewer_columns(width, head, row):
    text = table(GOING, style=Style(width=width, wraps=True, unicode=False))
    assert text == f"\n{head}\n{row}\n"


def test_a_process_that_died_leaves_its_execution_lost():
    lost = Summary(ID, "demo", "x", "LOST", START, None, None, "")
    assert "  ? LOST  " in table(lost)


def test_without_executions_there_is_a_word():
    assert table() == "\nno executions\n"


def test_colours_are_those_of_the_states():
    text = table(DONE, style=Style(colour=True))
    assert "\x1b[32m" in text
    assert "✔ SUCCESS" in text


def test_hostile_names_stay_on_their_line():
    hostile = Summary("\x1b[2J\n::x", "a\nb", "c", "\x1b]0;x\x07\n", START, START, 1, "")
    text = table(hostile)
    assert text.count("\n") == 3
    assert "\x1b" not in text


def test_the_list_as_json_names_its_fields_as_an_execution_does():
    stream = StringIO()
    write_list_json([DONE, GOING], stream)
    assert json.loads(stream.getvalue()) == [
        {
            "id": ID,
            "namespace": "demo",
            "flowId": "hello",
            "state": {
                "current": "SUCCESS",
                "duration": "PT1.2S",
                "endDate": "2025-05-04T12:02:55.321836Z",
                "startDate": "2025-05-04T12:02:54.121836Z",
            },
            "taskRunCount": 12_345,
            "file": "hello.yaml",
        },
        {
            "id": ID[::-1],
            "namespace": "demo.of.something",
            "flowId": "long_flow",
            "state": {"current": "RUNNING", "startDate": "2025-05-04T12:02:54.121836Z"},
            "file": "a.yaml",
        },
    ]
    stream = StringIO()
    write_list_json([], stream)
    assert json.loads(stream.getvalue()) == []


@pytest.mark.parametrize("form", LISTS)
def test_every_form_of_a_list_goes_to_stdout(form):
    to = sinks()
    LISTS[form]([DONE], to)
    assert ID in to.out.getvalue()
    assert to.err.getvalue() == ""


@pytest.mark.parametrize("form", OUTPUTS)
def test_an_execution_is_shown_as_run_shows_it(form):
    to, live = sinks(), sinks()
    show(each_switch(True), form, to, 1)
    OUTPUTS[form](live).close(each_switch(True), 1)
    assert to.out.getvalue() == live.out.getvalue() != ""


def replayed(form, **options):
    to = sinks(**options)
    reporter = LOGS[form](to)
    root = sub_flows(True)
    middle = root.called[1][0]
    reporter.started(root, None, None)
    reporter.started(middle, root, 1)
    reporter.on_log(LogLine(0, START, "INFO", "hello"), middle)
    reporter.on_log(LogLine(0, START, "DEBUG", "hidden"), middle)
    reporter.on_event(AttemptEnded(0, START, State.FAILED, error="exit code 2"), middle)
    reporter.close(root, 1)
    return to.out.getvalue()


def test_logs_read_as_they_did_live():
    assert [line[13:] for line in replayed("text").splitlines()] == [
        "INFO  sub > [middle] > inner  hello",
        "FAIL  sub > [middle] > inner  exit code 2",
    ]
    assert replayed("text", quiet=2) == ""


def test_logs_as_objects_are_log_entries_alone():
    (line,) = map(json.loads, replayed("ndjson").splitlines())
    assert (line["event"], line["message"], line["taskId"]) == ("log", "hello", "inner")


def test_the_log_of_what_is_paused_has_no_hint():
    to = sinks()
    LOGS["text"](to).close(paused(), 0)
    assert to.out.getvalue() == to.err.getvalue() == ""
