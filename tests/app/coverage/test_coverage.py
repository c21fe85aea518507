"""What executions reach of flows. The numbers are counted by hand; how is said beside them."""

import json
import pickle
from pathlib import Path

from kestrel_cli.app.coverage.coverage import Coverage
from kestrel_cli.app.coverage.measure import measure
from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.testing.collect import Project, collect
from kestrel_cli.app.testing.covered import coverage_of
from kestrel_cli.app.testing.run_case import Settings, run_case
from kestrel_cli.flowfile import load
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.shelf import Shelf
from kestrel_cli.model.coverage import FlowCoverage, Kind, Share
from tests.app.running import running

HERE = Path(__file__).parent
CORE = "io.kestra.plugin.core"


def ran(path, *inputs, compat=1, **more):
    """The flow, and what runs with these inputs have reached."""
    loaded = load(str(path), compat=compat)
    coverage = Coverage()
    with coverage.recording():
        for given in inputs:
            request = {"inputs": given, "text": loaded.text, "compat": compat, **more}
            coverage.add(running(loaded.flow, **request).execution)
    return loaded, coverage


def covered(path, *inputs, **more) -> FlowCoverage:
    loaded, coverage = ran(path, *inputs, **more)
    return measure(coverage, [(loaded.flow, loaded.text)]).flows[0]


def written(folder, *tasks, name="f", more=""):
    """A flow file with these tasks, each some lines of YAML, from line 4 on."""
    path = folder / f"{name}.yaml"
    listed = "".join(f"  - {task.strip()}\n" for task in tasks)
    path.write_text(f"id: {name}\nnamespace: company.team\ntasks:\n{listed}{more}")
    return path


def hits(found: FlowCoverage, kind: Kind, task=None):
    return {one.what: one.hits for one in found.points if (one.kind, one.task) == (kind, task)}


def never(found):
    return [f"{one.line} {one.label}" for one in found.never()]


# -- every flowable

NEVER = [
    "6 expression {{ 1 + 1 }} of the inputs",  # n was given
    "10 If many: else",
    "18 task few",  # its expression is not told besides
    "21 Switch pick: case 3",
    "21 Switch pick: defaults",
    "30 task three",
    "34 task other",
    "37 ForEach each: no values",
    "47 LoopUntil until: one pass",
    "105 Fail maybe: allowed failure",
    "116 flow: errors",
    "117 task alarm",
    "128 flow: listener 1",
    "133 task heard",
]


def test_a_flow_with_every_flowable_is_counted_as_a_person_counts_it():
    """With n=2 `many` goes to `then`, `pick` to its case 2, `each` runs over 1 and 2, `until` turns
    twice, for the third pass is over before it begins; `soft` fails, is retried once and allowed.
    """
    found = covered(HERE / "every_flowable.yaml", {"n": 2})
    # many crowd few, pick two three other, each second, until turn, side left right inner, dag one
    # after_one, soft bad told swept, folder work, wait held, maybe, alarm, end, after, heard
    # always: 3+4+2+2+4+3+4+2+2+1+1+1+1+2 = 32. Not few, three, other, alarm, heard. What is
    # disabled is no part of it.
    assert found.share("task") == Share(27, 32)
    # many 2, pick 3, each 2, second's runIf 2, until 2, soft: errors, finally, what it allows: 3,
    # bad's retries 2, maybe 1; the flow: errors, finally, afterExecution, two listeners: 5.
    # Reached: 1 + 1 + 1 + 2 + 1 + 3 + 2 + 0 + 3.
    assert found.share("branch") == Share(14, 22)
    # n's default, who, the conditions of many and until and maybe, crowd, few, pick, each, second,
    # left, after_one, after, out. Not the default, and not few.
    assert found.share("expression") == Share(12, 14)
    assert found.share() == Share(53, 68)
    assert found.share().percent == 77.9  # 53 of 68 are 77.94
    assert never(found) == NEVER


def test_each_is_counted_as_often_as_it_was_reached():
    found = covered(HERE / "every_flowable.yaml", {"n": 2}, {"n": 1})
    tasks = {one.task: one.hits for one in found.points if one.kind == "task"}
    # The second time `each` runs over 1 alone, which `runIf` does not want; `until` turns twice.
    counted = ("many", "crowd", "few", "second", "turn", "bad", "told", "alarm", "other")
    assert [tasks[one] for one in counted] == [2, 1, 1, 1, 4, 2, 2, 0, 1]
    assert hits(found, "branch", "many") == {"then": 1, "else": 1}
    assert hits(found, "branch", "pick") == {"case 2": 1, "case 3": 0, "defaults": 1}
    assert hits(found, "branch", "second") == {"runIf": 1, "no runIf": 2}
    assert hits(found, "branch", "bad") == {"retry": 2, "retries used up": 2}
    # After each pass the condition is looked at twice: with its own number and the next one's.
    assert list(hits(found, "expression", "until").values()) == [8]


def test_what_only_other_runs_reach_is_reached_by_them():
    """An empty loop, what fails and is allowed to, and what is not: the flow's errors."""
    found = covered(HERE / "every_flowable.yaml", {"n": 2}, {"n": 6}, {})
    assert hits(found, "branch", "maybe") == {"allowed failure": 1}
    assert hits(found, "expression") | {"x": 0} == {
        "{{ 1 + 1 }}": 1,  # only where n is not given
        "{{ inputs.n }} people": 3,
        "{{ outputs.left.value }}": 3,
        "x": 0,
    }


def test_lines_belong_to_the_innermost_task_and_expressions_have_their_own():
    lines = covered(HERE / "every_flowable.yaml", {"n": 2}).lines
    assert not {1, 2, 9, 43, 44, 111, 115, 116, 141} & lines.keys()  # no task, nothing, disabled
    assert [lines[n] for n in (10, 11, 13, 17)] == [1, 1, 1, 1]  # `then` and `else` are many's
    assert [lines[n] for n in (18, 19, 20)] == [0, 0, 0]  # few
    assert (lines[41], lines[45]) == (1, 1)
    assert lines[46] == 2  # `runIf` was asked for both values
    assert (lines[47], lines[49], lines[50]) == (1, 4, 1)
    assert [lines[n] for n in (60, 61, 62)] == [1, 1, 1]  # a block; its expression is on 62
    assert (lines[72], lines[73], lines[76], lines[77]) == (1, 1, 1, 1)
    assert (lines[6], lines[8], lines[143]) == (0, 1, 1)


# -- one after the other


def test_an_empty_loop_and_an_if_without_else(tmp_path):
    path = written(
        tmp_path,
        f'{{id: e, type: {CORE}.flow.ForEach, values: "{{{{ [] }}}}", tasks: '
        f"[{{id: x, type: {CORE}.log.Log, message: x}}]}}",
        f'{{id: i, type: {CORE}.flow.If, condition: "{{{{ false }}}}", then: '
        f"[{{id: y, type: {CORE}.log.Log, message: y}}]}}",
    )
    found = covered(path, {})
    assert hits(found, "branch", "e") == {"values": 0, "no values": 1}
    assert hits(found, "branch", "i") == {"then": 0, "else": 1}
    assert never(found) == [
        "4 task x",
        "4 ForEach e: values",
        "5 task y",
        "5 If i: then",
    ]


def test_a_loop_whose_values_are_none_was_not_empty(tmp_path):
    path = written(
        tmp_path,
        f'{{id: e, type: {CORE}.flow.ForEach, values: "{{{{ outputs.gone }}}}", '
        f"allowFailure: true, tasks: [{{id: x, type: {CORE}.log.Log, message: x}}]}}",
        f'{{id: f, type: {CORE}.flow.ForEach, values: "{{{{ 1 }}}}", '
        f"tasks: [{{id: y, type: {CORE}.log.Log, message: x}}]}}",
    )
    found = covered(path, {})
    assert hits(found, "branch", "e")["no values"] == 0
    assert hits(found, "branch", "f") == {"values": 0, "no values": 0}


def test_errors_of_the_flow_and_retries_of_new_executions(tmp_path):
    path = written(
        tmp_path,
        f"{{id: f, type: {CORE}.execution.Fail}}",
        f"{{id: late, type: {CORE}.log.Log, message: late}}",
        more=f"errors:\n  - {{id: a, type: {CORE}.log.Log, message: a}}\n"
        "retry:\n  type: constant\n  interval: PT0.01S\n  maxAttempts: 2\n"
        "  behavior: CREATE_NEW_EXECUTION\n",
    )
    found = covered(path, {})
    assert hits(found, "branch")["errors"] == 2  # of both executions
    assert hits(found, "branch") | {"errors": 0} == {
        "errors": 0,
        "retry": 1,
        "retries used up": 1,
    }
    assert [one.hits for one in found.points if one.kind == "task"] == [2, 0, 2]
    assert never(found) == ["5 task late"]
    assert [one.line for one in found.points if one.what == "retry"] == [8]


def test_loop_and_its_errors_are_of_the_loop(tmp_path):
    path = written(
        tmp_path,
        f"""id: go
    type: {CORE}.flow.Loop
    values: "{{{{ ['a', 'b'] }}}}"
    transmitFailed: false
    outputs:
      - {{id: o, type: STRING, value: "{{{{ item.value }}}}"}}
    tasks:
      - {{id: f, type: {CORE}.execution.Fail, condition: "{{{{ item.value == 'a' }}}}"}}
    errors:
      - {{id: e, type: {CORE}.log.Log, message: "{{{{ item.index }}}}"}}""",
        more=f"errors:\n  - {{id: a, type: {CORE}.log.Log, message: a}}\n",
    )
    found = covered(path, {}, compat=2)
    assert hits(found, "branch", "go") == {"iterations": 1, "no iterations": 0, "errors": 1}
    assert hits(found, "branch") == {"errors": 0}
    assert [one.hits for one in found.points if one.kind == "task"] == [1, 2, 1, 0]
    # `values` for the iterations, and to see whether what comes of them is to be stored; the output
    # of each of them, though one FAILED
    assert hits(found, "expression", "go") == {"{{ ['a', 'b'] }}": 2, "{{ item.value }}": 2}
    assert (found.lines[6], found.lines[9], found.lines[11], found.lines[13]) == (2, 2, 2, 1)


def test_a_for_each_item_has_no_tasks_but_its_own(tmp_path):
    """Its three parts are not in the file; what they render stands in its properties."""
    written(
        tmp_path,
        f"{{id: said, type: {CORE}.log.Log, message: '{{{{ inputs.part }}}}'}}",
        name="called",
        more="inputs:\n  - {id: part, type: STRING}\n",
    )
    path = written(
        tmp_path,
        f'{{id: put, type: {CORE}.storage.Write, content: "a\\nb\\n"}}',
        f"""id: items
    type: {CORE}.flow.ForEachItem
    items: "{{{{ outputs.put.uri }}}}"
    namespace: company.team
    flowId: called
    inputs:
      part: "{{{{ read(taskrun.items) }}}}\"""",
    )
    library = Library(str(tmp_path), own=load(str(path)))
    found = covered(path, {}, library=library, state_dir=str(tmp_path / "state"))
    assert [(one.task, one.hits) for one in found.points if one.kind == "task"] == [
        ("put", 1),
        ("items", 1),
    ]
    assert hits(found, "branch", "items") == {"iterations": 1, "no iterations": 0}
    assert [*hits(found, "expression", "items").values()] == [1, 2]  # `inputs` for both batches
    assert (found.lines[7], found.lines[11]) == (1, 2)


def test_the_same_text_in_two_flows_and_two_tasks_is_reached_where_it_was_rendered(tmp_path):
    said = '"{{ flow.id }}"'
    called = written(
        tmp_path,
        f"{{id: said, type: {CORE}.log.Log, message: {said}}}",
        f"{{id: unsaid, type: {CORE}.log.Log, message: {said}, runIf: '{{{{ false }}}}'}}",
        name="called",
    )
    path = written(
        tmp_path,
        f"{{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: called}}",
        f"{{id: said, type: {CORE}.flow.If, condition: 'false', then: "
        f"[{{id: deep, type: {CORE}.log.Log, message: {said}}}]}}",
        name="caller",
    )
    loaded = load(str(path))
    library = Library(str(tmp_path), own=loaded)
    loaded, coverage = ran(path, {}, library=library)
    other = load(str(called))
    report = measure(coverage, [(loaded.flow, loaded.text), (other.flow, other.text)])
    below, above = report.flows
    assert (below.id, above.id) == ("called", "caller")
    assert hits(below, "expression", "said") == {"{{ flow.id }}": 1}
    assert hits(below, "expression", "unsaid") == {"{{ flow.id }}": 0}
    assert hits(above, "expression", "deep") == {"{{ flow.id }}": 0}
    assert report.share("task") == Share(3, 5)  # of `called` one; not what was skipped


def test_nothing_is_heard_when_nobody_listens(tmp_path):
    path = written(tmp_path, f"{{id: a, type: {CORE}.log.Log, message: '{{{{ flow.id }}}}'}}")
    loaded = load(str(path))
    coverage = Coverage()
    with coverage.recording():
        pass
    coverage.add(running(loaded.flow).execution)
    (found,) = measure(coverage, [(loaded.flow, loaded.text)]).flows
    assert (found.share("task"), found.share("expression")) == (Share(1, 1), Share(0, 1))


def test_expressions_are_found_where_they_stand(tmp_path):
    path = written(
        tmp_path,
        f"""id: a
    type: {CORE}.debug.Return
    format: >-
      one
      {{{{ flow.id }}}} and
      {{{{ flow.namespace }}}}""",
        f"""id: b
    type: {CORE}.log.Log
    message:
      - "{{{{ flow.id }}}} first"
      - "{{{{ flow.id }}}}"
      - "{{{{ flow.id }}}}\"""",
    )
    found = covered(path, {})
    assert [one.line for one in found.points if one.kind == "expression"] == [8, 13, 14, 15]
    assert set(found.lines) == set(range(4, 16))


# -- fixtures

SUITE = """
id: suite
namespace: company.team
flowId: f
testCases:
  - id: one
    type: io.kestra.core.tests.flow.UnitTest
    fixtures:
      tasks:
        - {id: get, outputs: {body: "{{ flow.id }}"}}
        - {id: inner, state: WARNING}
    assertions:
      - {value: "{{ outputs.get.body }}", equalTo: f}
  - id: two
    type: io.kestra.core.tests.flow.UnitTest
    fixtures:
      tasks:
        - {id: get}
    assertions:
      - {value: "{{ outputs.in.values.x }}", equalTo: f}
"""


def with_suite(tmp_path):
    http, log = f"{CORE}.http.Request", f"{CORE}.log.Log"
    path = written(
        tmp_path,
        f'{{id: get, type: {http}, uri: "{{{{ inputs.u }}}}", runIf: "{{{{ true }}}}"}}',
        f"{{id: inner, type: {CORE}.flow.If, condition: '{{{{ true }}}}', then: "
        f"[{{id: in, type: {CORE}.output.OutputValues, values: {{x: '{{{{ flow.id }}}}'}}}}]}}",
        more="inputs:\n  - {id: u, type: STRING, defaults: x}\n"
        "outputs:\n  - {id: o, type: STRING, value: '{{ outputs.get.body ?? 1 }}'}\n"
        f"errors:\n  - {{id: say, type: {log}, message: a}}\n",
    )
    (tmp_path / "suite.yaml").write_text(SUITE)
    found, findings = collect([str(tmp_path)], Project(Shelf()))
    assert not [one for one in findings if one.severity == "error"], findings
    return path, found


def cases_of(collected, coverage, only=None):
    with coverage.recording():
        for case in collected.suite.testCases:
            if only in (None, case.id):
                flow = collected.flow
                request = RunRequest(
                    flow.flow, library=collected.library, text=flow.text, environ={}
                )
                result = run_case(case, request, Settings())
                assert (result.errors, result.failed) == ([], [])
                coverage.add(result.execution)
    return coverage


def test_what_a_fixture_stood_in_for_is_reached_and_its_expressions_are_not(tmp_path):
    _, (collected,) = with_suite(tmp_path)
    (found,) = coverage_of([collected], cases_of(collected, Coverage())).flows
    # `get` never ran; `inner` did in the second case, where `in` ran
    assert [(one.task, one.hits, one.mocked) for one in found.points if one.kind == "task"] == [
        ("get", 2, 2),
        ("inner", 2, 1),
        ("in", 1, 0),
        ("say", 0, 0),
    ]
    assert found.mocked == 1
    assert hits(found, "expression", "get") == {"{{ inputs.u }}": 0}
    assert hits(found, "branch", "get") == {"runIf": 0, "no runIf": 0}
    assert hits(found, "branch", "inner") == {"then": 1, "else": 0}
    assert hits(found, "expression", "in") == {"{{ flow.id }}": 1}
    assert hits(found, "expression") == {"{{ outputs.get.body ?? 1 }}": 2}


def test_a_fixture_alone_takes_no_branch(tmp_path):
    _, (collected,) = with_suite(tmp_path)
    (found,) = coverage_of([collected], cases_of(collected, Coverage(), "one")).flows
    assert hits(found, "branch", "inner") == {"then": 0, "else": 0}
    assert hits(found, "expression", "in") == {"{{ flow.id }}": 0}  # the fixture has this text, too
    assert found.mocked == 2


def test_flows_without_a_case_are_told_and_flows_that_were_called_as_well(tmp_path):
    _, (collected,) = with_suite(tmp_path)
    report = coverage_of([collected], Coverage())
    assert (report.share("task"), report.percent) == (Share(0, 4), 0.0)

    written(tmp_path, f"{{id: x, type: {CORE}.log.Log, message: x}}", name="g")
    collected.library = Library(str(tmp_path))
    coverage = Coverage()
    other = collected.library.find("company.team", "g")
    coverage.add(running(other.flow).execution)
    report = coverage_of([collected], coverage)
    assert [(one.id, one.share("task")) for one in report.flows] == [
        ("f", Share(0, 4)),
        ("g", Share(1, 1)),
    ]


# -- several processes


def test_parts_of_several_processes_are_put_together(tmp_path):
    """In whatever order, by pickle or as JSON: the same as one process would have counted."""
    file = HERE / "every_flowable.yaml"
    loaded, whole = ran(file, {"n": 2}, {"n": 1})
    _, first = ran(file, {"n": 2})
    _, second = ran(file, {"n": 1})
    for parts in ([first, second], [second, first]):
        merged = Coverage()
        for part in parts:
            merged.merge(pickle.loads(pickle.dumps(part)))
        assert merged.flows == whole.flows
    data = json.loads(json.dumps(first.as_data()))
    merged = Coverage.from_data(data)
    assert merged.flows == first.flows
    merged.merge(second)
    measured = measure(merged, [(loaded.flow, loaded.text)])
    assert measured == measure(whole, [(loaded.flow, loaded.text)])
    assert first.flows != whole.flows  # nothing of the parts was changed


def test_a_process_hands_over_what_it_saw_bit_by_bit():
    file = HERE / "every_flowable.yaml"
    loaded, whole = ran(file, {"n": 2}, {"n": 1})
    mine, merged = Coverage(), Coverage()
    with mine.recording():
        for number in (2, 1):
            mine.add(running(loaded.flow, inputs={"n": number}, text=loaded.text).execution)
            merged.merge(mine.take())
            assert mine.flows == {}
    assert merged.flows == whole.flows


def test_nothing_is_too_little_to_be_counted():
    assert Coverage.from_data(Coverage().as_data()).flows == {}
    assert measure(Coverage(), []).percent == 100.0
