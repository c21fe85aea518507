import os

import pytest

from kestrel_cli.app.history import (
    loaded,
    logged_by,
    path_of,
    story_of,
    summaries,
    told_again,
)
from kestrel_cli.app.run import RunRequest
from kestrel_cli.errors import CannotStart, NothingMatched
from kestrel_cli.flowfile.loader import load_bytes
from kestrel_cli.model.birth import Caller
from kestrel_cli.store.directory import journal_path
from kestrel_cli.store.journal import FlowText
from kestrel_cli.store.locks import hold
from tests.app.running import Collect, running

CORE = "io.kestra.plugin.core"
FLOW = f"""
id: ID
namespace: company.team
tasks:
  - id: loop
    type: {CORE}.flow.Loop
    values: [1, 2]
    tasks:
      - {{id: inner, type: {CORE}.log.Log, message: "{{{{ item.value }}}}"}}
  - {{id: each, type: {CORE}.flow.ForEach, values: [x], tasks: [
      {{id: a, type: {CORE}.debug.Return, format: "{{{{ taskrun.value }}}}"}}]}}
  - {{id: ko, type: {CORE}.execution.Fail, allowFailure: true}}
outputs:
  - {{id: o, type: STRING, value: "{{{{ outputs.a.x.value }}}}"}}
"""


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


def ran(state, name="one", **more):
    """Run the flow; its execution, and what was told."""
    text = FLOW.replace("ID", name)
    told = Collect()
    made = load_bytes(text.encode(), "flow.yaml").flow
    result = running(made, told, text=text, journaled=True, state_dir=str(state), **more)
    return result.execution, told


def facts(execution):
    """What an execution is, as plain data."""
    runs = [
        (run.task.id, run.value, str(run.state), run.outputs, len(run.attempts))
        for run in execution.listed()
    ]
    return execution.id, execution.history, execution.labels, execution.outputs, runs


# -- one run


def test_a_run_that_is_read_back_is_the_same(state):
    execution, _ = ran(state)
    story = story_of(execution.id, str(state), {})
    assert facts(story.root.execution) == facts(execution)
    assert story.name == execution.id
    callers = [one.execution.birth.caller for one in story.told.values()]
    assert callers == [None, Caller(0, 0, 0), Caller(0, 0, 1)]


def test_what_was_told_is_told_again(state):
    execution, before = ran(state)
    again = Collect()
    told_again(execution.id, str(state), {}, again)
    assert again.told == before.told
    assert [(one.id, run) for one, _, run in again.begun] == [
        (one.id, run) for one, _, run in before.begun
    ]
    assert len(again.closed) == 1


def test_a_flow_may_be_changed_before_it_is_folded(state):
    execution, _ = ran(state)
    seen = []
    story_of(execution.id, str(state), {}, adapt=seen.append)
    assert [one.id for one in seen] == ["one"]


def test_what_an_execution_has_logged_is_its_own(state):
    execution, _ = ran(state)
    request = RunRequest(execution.flow, state_dir=str(state), environ={})
    found, lines = logged_by(request, execution.id)
    assert found.id == execution.id
    said = [line.level for line in lines if line.level != "DEBUG"]
    assert said == ["ERROR"]  # of `ko`; what the iterations said is theirs


def test_a_task_may_fetch_the_log_of_its_own_run(state):
    text = f"""
id: fetching
namespace: company.team
tasks:
  - {{id: a, type: {CORE}.log.Log, message: hello}}
  - {{id: fetch, type: {CORE}.log.Fetch, tasksId: [a]}}
"""
    made = load_bytes(text.encode(), "flow.yaml").flow
    result = running(made, journaled=True, state_dir=str(state), text=text)
    assert result.execution.runs[1].outputs["size"] == 1


def test_a_flow_is_read_with_the_defaults_of_its_settings():
    text = f"id: a\nnamespace: b\ntasks:\n  - {{id: t, type: {CORE}.debug.Return}}\n"
    defaults = [{"type": f"{CORE}.debug.Return", "values": {"format": "by default"}}]
    assert loaded(FlowText(0, "flow.yaml", text, defaults)).tasks[0].format == "by default"


# -- ids


def test_the_beginning_of_an_id_is_enough(state):
    execution, _ = ran(state)
    whole = journal_path(state, execution.id)
    assert path_of(execution.id, str(state), {}) == whole
    assert path_of(execution.id[:4], str(state), {}) == whole


def test_an_id_that_several_have_is_refused_with_their_names(state):
    for name in ("abc", "abd"):
        path = journal_path(state, name)
        path.parent.mkdir(parents=True)
        path.write_text("")
    with pytest.raises(NothingMatched, match="begins with `ab`: abc, abd"):
        path_of("ab", str(state), {})
    assert path_of("abd", str(state), {}).parent.name == "abd"


@pytest.mark.parametrize("name", ["", "nope", "../x", ".", "*", "a/b", "ä", "a\0"])
def test_an_id_that_nothing_has_is_refused(state, name):
    ran(state)
    with pytest.raises(NothingMatched, match="`kestrel executions list` shows"):
        path_of(name, str(state), {})


def test_a_journal_that_is_damaged_says_where(state):
    execution, _ = ran(state)
    path = journal_path(state, execution.id)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:5], '["S",99,1]\n', *lines[5:]]))
    with pytest.raises(CannotStart, match="is damaged at line 6"):
        story_of(execution.id, str(state), {})


def test_a_journal_whose_flow_is_none_any_more_says_so(state):
    execution, _ = ran(state)
    path = journal_path(state, execution.id)
    path.write_text(path.read_text().replace("namespace: company.team", "namespace: !"))
    with pytest.raises(CannotStart, match="the flow of this journal can't be read any more"):
        story_of(execution.id, str(state), {})


# -- the list


def test_the_latest_run_comes_first(state):
    ids = [ran(state, name)[0].id for name in ("one", "two")]
    found = list(summaries(str(state), {}))
    assert [(one.id, one.flow_id) for one in found] == [(ids[1], "two"), (ids[0], "one")]
    assert [(one.state, one.runs, one.file) for one in found] == [("WARNING", 4, "flow.yaml")] * 2


def test_one_is_running_while_somebody_holds_it_then_lost(state):
    execution, _ = ran(state)
    path = journal_path(state, execution.id)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    file = os.open(path, os.O_RDWR)
    hold(file)
    (found,) = summaries(str(state), {})
    os.close(file)
    (later,) = summaries(str(state), {})
    assert (found.state, later.state) == ("RUNNING", "LOST")
    assert (later.ended_at, later.runs) == (None, None)


def test_what_cannot_be_read_is_passed_over(state):
    execution, _ = ran(state)
    for name, content in (("a", ""), ("b", '["J",2]\n["N",0,{}]\n'), ("c", "\0"), ("d", "[[[")):
        path = journal_path(state, name)
        path.parent.mkdir()
        path.write_text(content)
    assert [one.id for one in summaries(str(state), {})] == [execution.id]


def test_nothing_is_listed_where_nothing_ran(state):
    assert list(summaries(str(state), {})) == []
    assert not state.exists()
