"""Replaying from a task run that belongs to an execution inside another one."""

import pytest

from kestrel_cli.app.history import story_of
from kestrel_cli.app.named_runs import run_named_in
from kestrel_cli.app.replay import replay
from kestrel_cli.app.resume import resume
from kestrel_cli.errors import NothingMatched, UsageError
from tests.app.flows_on_disk import CORE, Disk, outputs, states
from tests.app.running import Collect, links_named

COUNT = "{{ kv('n', errorOnMissing=false) ?? 0 }}"


@pytest.fixture
def disk(tmp_path):
    return Disk(tmp_path)


def said(task_id, text):
    return f"{{id: {task_id}, type: {CORE}.log.Log, message: '{text}'}}"


def loop(limit):
    return f"""
tasks:
  - {said("first", "first")}
  - id: each
    type: {CORE}.flow.Loop
    values: [a, b, c]
    concurrencyLimit: {limit}
    outputs: [{{id: o, type: STRING, value: "{{{{ outputs.give.value }}}}"}}]
    tasks:
      - {said("before", "before {{ item.value }}")}
      - {{id: give, type: {CORE}.debug.Return, format: "gave {{{{ item.value }}}}"}}
      - {said("after", "after {{ outputs.give.value }}")}
  - {said("last", "last {{ outputs.each.outputs | length }}")}
"""


def replayed(disk, name, selector, **more):
    disk.told = Collect()
    return replay(disk.request(**more), name, run_named_in(selector))


def logged(disk):
    return links_named([line for line in disk.told.logged() if not line.startswith("gave")])


def test_an_iteration_goes_on_from_there_and_those_after_it_run_again(disk):
    disk.flow("main", loop(1))
    first = disk.run().execution
    result = replayed(disk, first.id, "after[b]")
    assert result.execution.state == "SUCCESS"
    assert result.execution.id != first.id
    assert logged(disk) == ["after gave b", "before c", "after gave c", "last 3"]
    expected = outputs(first, "each")
    assert outputs(result.execution, "each") == expected
    assert states(result.execution) == states(first)


def test_iterations_beside_it_stay_where_they_did_not_wait_for_it(disk):
    disk.flow("main", loop(3))
    first = disk.run().execution
    result = replayed(disk, first.id, "give[b]")
    assert logged(disk) == ["after gave b", "last 3"]
    assert outputs(result.execution, "each") == outputs(first, "each")


def test_what_it_was_a_replay_of_is_left_alone(disk):
    disk.flow("main", loop(1))
    first = disk.run().execution
    before = states(first)
    replayed(disk, first.id, "before[b]")
    again = story_of(first.id, str(disk.folder / "state"), {})
    assert states(again.root.execution) == before
    assert [one.execution.state for one in again.told.values()] == ["SUCCESS"] * 4


def test_a_replay_can_be_replayed_and_shown(disk):
    disk.flow("main", loop(1))
    first = disk.run().execution
    second = replayed(disk, first.id, "after[b]").execution
    third = replayed(disk, second.id, "after[c]").execution
    assert logged(disk) == ["after gave c", "last 3"]
    assert third.state == "SUCCESS"
    shown = story_of(third.id, str(disk.folder / "state"), {}).root.execution
    assert states(shown) == states(third)
    assert [one.state for one in shown.called[1]] == ["SUCCESS"] * len(shown.called[1])


NESTED = f"""
tasks:
  - id: outer
    type: {CORE}.flow.ForEach
    values: [x, y]
    tasks:
      - {{id: sub, type: {CORE}.flow.Subflow, namespace: company.team, flowId: child, inputs: {{of: "{{{{ taskrun.value }}}}"}}}}
"""  # noqa: E501
CHILD = f"""
inputs: [{{id: of, type: STRING}}]
tasks:
  - id: each
    type: {CORE}.flow.Loop
    values: [a, b]
    tasks:
      - {said("one", "one {{ inputs.of }} {{ item.value }}")}
      - {said("two", "two {{ inputs.of }} {{ item.value }}")}
outputs: [{{id: o, type: STRING, value: "{{{{ inputs.of }}}}"}}]
"""


def test_a_task_of_a_loop_in_a_subflow_in_a_loop(disk):
    disk.flow("child", CHILD)
    disk.flow("main", NESTED)
    first = disk.run().execution
    result = replayed(disk, first.id, "two[x][b]")
    assert logged(disk) == [
        "two x b", "Created new execution child", "one y a", "two y a", "one y b", "two y b",
    ]  # fmt: skip
    assert states(result.execution) == states(first)


def test_what_a_name_fits_is_told(disk):
    disk.flow("main", loop(1))
    name = disk.run().execution.id
    with pytest.raises(UsageError, match=r"such as `after\[a\]`, `after\[b\]`"):
        replayed(disk, name, "after")
    with pytest.raises(NothingMatched, match="there are runs of: after, before, each, first, give"):
        replayed(disk, name, "other[a]")


def test_a_replay_that_was_cut_anywhere_leads_to_the_same_end(disk):
    disk.flow("main", loop(1))
    first = disk.run().execution
    expected = states(first)
    name = replayed(disk, first.id, "after[b]").execution.id
    journal = disk.folder / "state" / "executions" / name / "journal.ndjson"
    lines = journal.read_bytes().splitlines(keepends=True)
    begins = max(number for number, line in enumerate(lines) if line.startswith(b'["A"'))
    for cut in range(begins + 1, len(lines) - 1):
        journal.write_bytes(b"".join(lines[:cut]))
        disk.told = Collect()
        result = resume(disk.request(), name)
        assert states(result.execution) == expected
        assert result.execution.state == "SUCCESS"
        assert len(set(logged(disk))) == len(logged(disk))
