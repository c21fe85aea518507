"""What executions of a run share: luck, ids, the log."""

import pytest

from tests.app.flows_on_disk import CORE, Disk, outputs, states


def test_a_seed_makes_the_ids_of_all_executions_repeatable(tmp_path):
    disk = Disk(tmp_path)
    disk.flow("child", f"tasks: [{{id: r, type: {CORE}.debug.Return, format: '{{{{ uuid() }}}}'}}]")
    call = f"{{type: {CORE}.flow.Subflow, namespace: company.team, flowId: child"
    disk.flow("main", f"tasks: [{call}, id: a}}, {call}, id: b}}]")

    def facts(seed):
        disk.run(seed=seed, journaled=False)
        return [(one.id, states(one), one.runs[0].outputs) for one in disk.executions()]

    assert facts(7) == facts(7)
    assert facts(7) != facts(8)
    assert len({one[0] for one in facts(7)}) == 3


@pytest.mark.parametrize("wanted", [None, "id"])
def test_tasks_can_fetch_what_was_logged_so_far(tmp_path, wanted):
    disk = Disk(tmp_path)
    more = "" if wanted is None else ', executionId: "{{ execution.id }}"'
    disk.flow("main", f"""
tasks:
  - {{id: say, type: {CORE}.log.Log, message: hello}}
  - {{id: fetch, type: {CORE}.log.Fetch{more}}}
""")  # fmt: skip
    result = disk.run()
    assert result.exit_code == 0, disk.told.told
    assert outputs(result.execution, "fetch")["size"] >= 1
