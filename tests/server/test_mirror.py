"""An execution of a server, shown as one of ours."""

import io
import json
import re
from pathlib import Path

import pytest

from kestrel_cli.errors import ServerError
from kestrel_cli.model.event import AttemptEnded, AttemptStarted, Begun, Concluded, KillRequested
from kestrel_cli.model.state import State
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.json_document import write_json
from kestrel_cli.reporters.junit import write_junit
from kestrel_cli.reporters.shape import after_runs, before_runs, run_shape
from kestrel_cli.reporters.tails import NO_TAILS
from kestrel_cli.reporters.tree import tree_lines
from kestrel_cli.server.logs import Entry, entry_of
from kestrel_cli.server.mirror import Mirror, mirrored
from tests.support import kestra_recordings as recorded
from tests.support.kestra_plays import Script, enter, performed

# What the server shows that is its own affair: who worked on it, where its page is.
FOREIGN = ("workerId", "url", "breakpoints", "scheduleDate")
OURS = ("exitCode", "schemaVersion", "error")


def shown(mirror):
    out = io.StringIO()
    write_json(mirror.execution, out, 0)
    document = json.loads(out.getvalue())
    return {name: value for name, value in document.items() if name not in OURS}


def without_foreign(value):
    if isinstance(value, dict):
        return {k: without_foreign(v) for k, v in value.items() if k not in FOREIGN}
    if isinstance(value, list):
        return [without_foreign(one) for one in value]
    if isinstance(value, str) and value.startswith("2026-") and value.endswith("Z"):
        # The first picture has nanoseconds, the stored one microseconds; a zero may be written.
        head, _, fraction = value.removesuffix("Z").partition(".")
        return f"{head}.{fraction[:6].ljust(6, '0')}Z"
    # The length of what has just ended has nanoseconds, too.
    return re.sub(r"^(PT[\d.]*\.\d{6})\d+S$", r"\1S", value) if isinstance(value, str) else value


@recorded.needs_recordings
def test_every_recorded_execution_is_shown_as_the_server_has_it():
    seen = recorded.executions()
    assert len(seen) > 60
    for name, document in seen:
        wanted = without_foreign(document)
        if not wanted.get("taskRunList", True):  # a replay begins with an empty list
            del wanted["taskRunList"]
        if wanted.get("inputs") == {}:
            del wanted["inputs"]
        assert without_foreign(shown(Mirror(document))) == wanted, name


# Those that need no file, no answer and no program.
FLOWS = [
    path
    for path in sorted((Path(__file__).parents[2] / "flows").glob("*.yaml"))
    if path.stem not in ("approval", "files", "packing")
]
FLOW = """\
id: demo
namespace: company.team
labels: {team: data}
inputs: [{id: who, type: STRING, defaults: you}]
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [1, 2]
    tasks:
      - {id: say, type: io.kestra.plugin.core.log.Log, message: "hello {{ inputs.who }}"}
  - id: value
    type: io.kestra.plugin.core.debug.Return
    format: "{{ inputs.who }}"
  - id: boom
    type: io.kestra.plugin.core.execution.Fail
    errorMessage: it broke
"""


RETRIED = """\
id: demo
namespace: company.team
tasks:
  - id: flaky
    type: io.kestra.plugin.core.execution.Assert
    conditions: ["{{ false }}"]
    errorMessage: "try {{ taskrun.attemptsCount + 1 }}"
    retry: {type: constant, interval: PT0.01S, maxAttempts: 2}
"""


def test_an_execution_of_ours_survives_the_way_through_json():
    play = performed(FLOW)
    mirror = Mirror(play.steps[0][0])
    for document, entries in play.steps:
        mirror.hear(entry for one in entries if (entry := entry_of(one)))
        mirror.take(document)
        assert shown(mirror) == document


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_flows_of_every_kind_look_the_same_from_afar(path):
    source = path.read_text()
    play = performed(source)
    last = {document["id"]: document for document, _ in play.steps}
    entries = [one for _, listed in play.steps for one in listed]
    for name, document in last.items():
        own = [entry_of(one) for one in entries if one["executionId"] == name]
        mirror = mirrored(document, own)
        assert shown(mirror) == document
        lines = tree_lines(mirror.execution, Style(), NO_TAILS)
        assert list(lines)


def test_pictures_become_the_events_of_a_run():
    script = Script().run("one").log("one", "hi").end("one", value=1).state("SUCCESS")
    mirror = Mirror(script.steps[0][0])
    events = [event for document, _ in script.steps[1:] for event in mirror.take(document)]
    assert [type(event) for event in events] == [Begun, AttemptStarted, AttemptEnded, Concluded]
    assert events[2].state is State.SUCCESS
    assert events[2].outputs == {"value": 1}
    assert mirror.has_ended
    assert mirror.take(script.steps[-1][0]) == []


def test_pictures_that_were_left_out_are_made_up_for():
    script = Script().run("one").end("one").state("KILLING").state("KILLED")
    mirror = Mirror(script.steps[0][0])
    events = mirror.take(script.steps[-1][0])
    kinds = [type(event) for event in events]
    assert kinds == [Begun, AttemptStarted, AttemptEnded, KillRequested, Concluded]
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_the_log_says_why_an_attempt_failed():
    script = Script().run("boom").log("boom", "first", "ERROR").log("boom", "no disk", "ERROR")
    script.end("boom", "FAILED").state("FAILED")
    mirror = Mirror(script.steps[0][0])
    document = script.steps[-1][0]
    assert len(mirror.lacking(document)) == 1
    entries = [entry_of(one) for _, listed in script.steps for one in listed]
    assert mirror.hear(entries) == []  # its task run is not known yet
    assert not mirror.lacking(document)
    failed = [event for event in mirror.take(document) if isinstance(event, AttemptEnded)]
    assert failed[0].error == "no disk"
    assert [line.message for line in mirror.freed()] == ["first", "no disk"]
    assert mirror.freed() == []


def test_each_attempt_has_its_own_cause_although_its_end_was_not_seen():
    play = performed(RETRIED)
    mirror = Mirror(play.steps[0][0])
    mirror.hear(entry for _, listed in play.steps for one in listed if (entry := entry_of(one)))
    ended = [one for one in mirror.take(play.steps[-1][0]) if isinstance(one, AttemptEnded)]
    assert [one.state for one in ended] == [State.FAILED, State.FAILED]
    assert [one.error.splitlines()[-1] for one in ended] == ["try 1", "try 2"]


def test_a_task_run_that_was_tried_again_with_success_has_no_cause_any_more():
    script = Script().run("flaky").log("flaky", "no net", "ERROR").end("flaky", "FAILED")
    mirror = Mirror(script.steps[-1][0])
    mirror.hear(entry_of(one) for _, listed in script.steps for one in listed)
    failed = script.steps[-1][0]
    assert not mirror.lacking(failed)
    later = json.loads(json.dumps(failed))
    run = later["taskRunList"][0]
    mirror.take(json.loads(json.dumps(failed)))
    assert mirror.execution.runs[0].error == "no net"
    good = {
        "histories": [{"state": s, "date": "2026-11-29T00:00:09Z"} for s in ("CREATED", "SUCCESS")]
    }
    run["attempts"].append({"state": good})
    for state in ("RETRYING", "RUNNING", "SUCCESS"):
        enter(run, state, "2026-11-29T00:00:10Z")
    mirror.take(later)
    assert mirror.execution.runs[0].error is None


def test_reporters_show_a_mirror_as_they_show_a_run():
    script = Script().run("boom").log("boom", "no disk", "ERROR").end("boom", "FAILED")
    script.state("FAILED")
    entries = [entry_of(one) for _, listed in script.steps for one in listed]
    execution = mirrored(script.steps[-1][0], entries).execution
    text = "\n".join("".join(part for _, part in line) for line in tree_lines(execution, Style()))
    assert "boom FAILED" in text
    assert "no disk" in text
    out = io.StringIO()
    write_junit(execution, out, NO_TAILS)
    assert "no disk" in out.getvalue()


def test_outputs_of_a_flow_fail_without_a_task_run():
    script = Script().run("one").end("one").log(None, "no such output", "ERROR").state("FAILED")
    entries = [entry_of(one) for _, listed in script.steps for one in listed]
    mirror = mirrored(script.steps[-1][0], entries)
    assert mirror.execution.error == "no such output"


def test_a_task_run_that_is_taken_out_is_gone():
    script = Script().run("one").end("one").run("two").end("two")
    mirror = Mirror(script.steps[-1][0])
    later = json.loads(json.dumps(script.steps[-1][0]))
    del later["taskRunList"][0]
    mirror.take(later)
    assert [run.task.id for run in mirror.execution.listed()] == ["two"]


def test_children_may_stand_before_their_parents():
    script = Script().run("outer").run("inner", parent="outer")
    document = json.loads(json.dumps(script.steps[-1][0]))
    document["taskRunList"].reverse()
    execution = Mirror(document).execution
    assert [run.task.id for run in execution.runs] == ["outer", "inner"]
    assert execution.runs[1].parent == 0


def test_an_execution_that_a_task_run_started_stands_below_it():
    script = Script().run("call").end("call").state("SUCCESS")
    mirror = Mirror(script.steps[-1][0])
    inner = Mirror(Script("company.team.inner").run("one").end("one").state("SUCCESS").steps[-1][0])
    assert mirror.adopt(mirror.execution.run_id(0), inner)
    assert mirror.adopt(mirror.execution.run_id(0), inner)
    assert not mirror.adopt("nobody", inner)
    assert mirror.execution.called == {0: [inner.execution]}


@pytest.mark.parametrize(
    "document",
    [{}, {"id": "x", "state": {}}, {"id": "x", "state": {"histories": [{"state": "?"}]}}],
)
def test_what_is_no_execution_is_refused(document):
    with pytest.raises(ServerError, match="the server shows"):
        Mirror(document)


def test_entries_without_a_task_run_belong_to_the_execution():
    mirror = Mirror(Script().steps[-1][0])
    (line,) = mirror.hear([Entry(None, 5, "INFO", "hello", 0)])
    assert (line.run, line.message) == (None, "hello")


def test_shapes_are_those_of_other_executions():
    mirror = Mirror(Script().run("one").steps[-1][0])
    whole = before_runs(mirror.execution) | after_runs(mirror.execution, None)
    assert whole["state"]["current"] == "RUNNING"
    assert run_shape(mirror.execution, mirror.execution.runs[0])["taskId"] == "one"
