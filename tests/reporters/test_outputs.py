import json
from io import StringIO

import pytest

from kestrel_cli.model.event import AttemptEnded, LogLine
from kestrel_cli.model.state import State
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.outputs import OUTPUTS, Sinks
from tests.reporters.builders import START, loop, paused, sub_flows


def shown(name, **options):
    out, err = StringIO(), StringIO()
    reporter = OUTPUTS[name](Sinks(out, err, Style(), Style(), **options))
    execution = loop(1, frozenset({0}))
    reporter.on_log(LogLine(1, START, "INFO", "hello"), execution)
    reporter.on_event(AttemptEnded(1, START, State.FAILED, error="no"), execution)
    reporter.close(execution, 1)
    return out.getvalue(), err.getvalue()


def test_the_table_has_every_form():
    assert list(OUTPUTS) == ["text", "json", "tree", "yaml", "ndjson"]


@pytest.mark.parametrize("name", ["text", "ndjson"])
def test_live_forms_write_everything_to_stdout(name):
    out, err = shown(name)
    assert "hello" in out
    assert err == ""


@pytest.mark.parametrize("name", ["json", "tree", "yaml"])
def test_documents_are_alone_on_stdout(name):
    out, err = shown(name)
    assert "hello" not in out
    assert [line[13:] for line in err.splitlines()] == [
        "INFO  foreach[1] > log  hello",
        "FAIL  foreach[1] > log  no",
    ]
    if name != "yaml":
        assert json.loads(out)["exitCode"] == 1


def test_quiet_documents_come_with_failures_only():
    assert shown("json", quiet=1)[1].count("\n") == 1
    assert shown("json", quiet=2)[1] == ""
    assert shown("json", log_level="ERROR")[1].count("\n") == 1


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_form_takes_executions_inside_each_other(name):
    out, err = StringIO(), StringIO()
    reporter = OUTPUTS[name](Sinks(out, err, Style(), Style()))
    root = sub_flows()
    middle = root.called[1][0]
    reporter.started(root, None, None)
    reporter.started(middle, root, 1)
    reporter.on_log(LogLine(0, START, "INFO", "hello"), middle)
    reporter.close(root, 0)
    assert "hello" in out.getvalue() + err.getvalue()
    assert middle.id in out.getvalue()


@pytest.mark.parametrize("name", ["json", "tree", "yaml"])
def test_beside_a_document_stands_how_to_go_on(name):
    out, err = StringIO(), StringIO()
    OUTPUTS[name](Sinks(out, err, Style(), Style())).close(paused(), 0)
    assert "kestrel resume" not in out.getvalue()
    assert "kestrel resume" in err.getvalue()
