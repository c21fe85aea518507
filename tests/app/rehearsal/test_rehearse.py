"""Flows that are walked in a world that is made up."""

import os

from kestrel_cli.app.rehearsal.rehearse import rehearse
from kestrel_cli.app.request import RunRequest
from kestrel_cli.flowfile import load
from kestrel_cli.flowfile.library import Library

CORE = "io.kestra.plugin.core"
HEAD = "id: f\nnamespace: company.team\n"


def walked(tmp_path, text, *, others=(), all_branches=False, **more):
    (tmp_path / "flows").mkdir(exist_ok=True)
    for number, other in enumerate(others):
        (tmp_path / "flows" / f"{number}.yaml").write_text(other, "utf-8")
    file = tmp_path / "flows" / "flow.yaml"
    file.write_text(text if text.startswith("id:") else HEAD + text, "utf-8")
    loaded = load(str(file))
    place = tmp_path / "state"
    place.mkdir(exist_ok=True)
    request = RunRequest(loaded.flow, text=loaded.text, environ={}, **more)
    found = rehearse(
        loaded, Library.beside(loaded), request, every_branch=all_branches, within=place
    )
    assert os.listdir(place) == []  # noqa: PTH208  nothing is left
    return found


def made(found):
    return {one.name: one.value for one in found.made_up}


def task(name, kind, *lines):
    return "\n".join([f"  - id: {name}", f"    type: {kind}", *(f"    {one}" for one in lines), ""])


def log(name, message):
    return task(name, f"{CORE}.log.Log", f'message: "{message}"')


def test_what_reaches_out_is_made_up_as_the_flow_reads_it(tmp_path):
    text = "tasks:\n" + task("get", f"{CORE}.http.Request", "uri: https://example.com/a")
    text += log("say", "{{ fromJson(outputs.get.body).total + 1 }} {{ secret('TOKEN') }}")
    text += log("more", "{{ kv('key') }} {{ http('https://example.com').name }}")
    found = walked(tmp_path, text)
    assert (found.at_fault, found.state, found.task_runs) == (False, "SUCCESS", 3)
    assert made(found)["outputs.get"] == {"body": '{"total": 1}'}
    assert made(found)["secret('TOKEN')"] == "made-up-TOKEN"
    assert "kv('key')" in made(found)
    (read,) = [one.readers for one in found.made_up if one.name == "secret('TOKEN')"]
    assert read == ["say"]


def test_required_inputs_are_made_up_as_they_are_typed(tmp_path):
    declared = "".join(
        f"  - {{id: i{n}, type: {kind}}}\n"
        for n, kind in enumerate(
            [
                *("INT, min: 5", "DATE", "SELECT, values: [a, b]", "BOOL", "JSON", "FILE"),
                *("DURATION", 'STRING, validator: "^[A-Z]{3}-[0-9]{2}$"', "SECRET"),
                "ARRAY, itemType: INT",
            ]
        )
    )
    text = f"inputs:\n{declared}tasks:\n" + log("say", "{{ inputs.i0 }} {{ read(inputs.i5) }}")
    found = walked(tmp_path, text)
    assert found.findings == []
    assert made(found)["inputs.i0"] == 5
    assert made(found)["inputs.i2"] == "a"
    assert len(made(found)["inputs.i7"]) == 6


def test_what_is_given_is_used(tmp_path):
    text = "inputs: [{id: day, type: STRING}]\ntasks:\n" + log("say", "{{ inputs.day }}")
    assert made(walked(tmp_path, text, inputs={"day": "x"})) == {}


def test_a_trigger_is_what_the_flow_declares_and_reads(tmp_path):
    text = "tasks:\n" + log("say", "{{ trigger.date | date('yyyy') }} {{ trigger.next }}")
    text += f"triggers:\n  - {{id: at, type: {CORE}.trigger.Schedule, cron: '@daily'}}\n"
    assert walked(tmp_path, text).findings == []
    text = "tasks:\n" + log("say", "{{ trigger.body.user.name }}")
    text += f"triggers:\n  - {{id: hook, type: {CORE}.trigger.Webhook, key: abc}}\n"
    assert walked(tmp_path, text).findings == []


def test_a_loop_has_what_its_tasks_read_of_its_values(tmp_path):
    text = "tasks:\n" + task("get", "io.kestra.plugin.aws.s3.List", "bucket: b")
    text += task("each", f"{CORE}.flow.ForEach", 'values: "{{ outputs.get.objects }}"', "tasks:")
    text += "      - id: say\n        type: " + f"{CORE}.log.Log\n"
    text += '        message: "{{ fromJson(taskrun.value).key | upper }}"\n'
    found = walked(tmp_path, text)
    assert found.findings == []
    assert found.task_runs == 4  # two values


def test_called_flows_are_walked_and_missing_ones_stood_in_for(tmp_path):
    child = "id: child\nnamespace: company.team\ninputs: [{id: n, type: INT}]\ntasks:\n"
    child += task("get", f"{CORE}.http.Request", "uri: https://example.com/{{ inputs.n }}")
    child += "outputs: [{id: body, type: STRING, value: '{{ outputs.get.body }}'}]\n"
    text = "tasks:\n" + task(
        "call", f"{CORE}.flow.Subflow", "namespace: company.team", "flowId: child", "inputs:"
    )
    text += "      n: \"{{ fromJson(secret('CONF')).n }}\"\n"
    text += task("gone", f"{CORE}.flow.Subflow", "namespace: company.team", "flowId: elsewhere")
    text += log("say", "{{ outputs.call.outputs.body }} {{ outputs.gone.outputs.x.y }}")
    found = walked(tmp_path, text, others=[child])
    assert not found.at_fault
    assert [(one.severity, one.code) for one in found.findings] == [("warning", "unknown-flow")]
    assert made(found)["secret('CONF')"] == '{"n": 1}'


def test_nothing_runs_that_is_called_by_a_name_that_only_the_run_knows(tmp_path):
    touched = tmp_path / "touched"
    child = "id: child\nnamespace: company.team\ntasks:\n"
    child += task("run", "io.kestra.plugin.scripts.shell.Commands", f"commands: [touch {touched}]")
    text = "tasks:\n" + task(
        "call", f"{CORE}.flow.Subflow", "namespace: company.team", "flowId: \"{{ 'chi' ~ 'ld' }}\""
    )
    found = walked(tmp_path, text, others=[child])
    assert (found.at_fault, found.state) == (False, "SUCCESS")
    assert not touched.exists()


def test_what_is_wrong_whatever_the_values_is_found_at_its_place(tmp_path):
    text = "tasks:\n" + task("get", f"{CORE}.http.Request", "uri: https://example.com")
    text += log("say", "{{ outputs.got.body }}")
    found = walked(tmp_path, text)
    (one,) = found.findings
    assert found.at_fault
    assert (one.where.line, one.code, one.severity) == (9, "expression", "error")
    assert "Unable to find `got`" in one.message


def test_texts_of_tasks_that_are_not_run_are_rendered(tmp_path):
    text = "tasks:\n" + task(
        "run", "io.kestra.plugin.scripts.shell.Commands", "commands: ['echo {{ outputs.x.y }}']"
    )
    assert walked(tmp_path, text).at_fault
    good = text.replace("outputs.x.y", "workingDir")
    assert not walked(tmp_path, good).at_fault


def test_a_flow_that_fails_on_purpose_walks(tmp_path):
    text = "tasks:\n" + task("no", f"{CORE}.execution.Fail")
    found = walked(tmp_path, text)
    assert (found.at_fault, found.state) == (False, "FAILED")


def test_nobody_waits(tmp_path):
    text = "tasks:\n" + task("p", f"{CORE}.flow.Pause", "pauseDuration: PT1H")
    text += task("s", f"{CORE}.flow.Sleep", "duration: PT1H")
    text += task(
        "r", f"{CORE}.execution.Fail", "retry: {type: constant, interval: PT1H, maxAttempts: 3}"
    )
    assert walked(tmp_path, text).state == "FAILED"


BRANCHES = (
    "inputs: [{id: n, type: INT, defaults: 1}]\ntasks:\n"
    + task("if", f"{CORE}.flow.If", 'condition: "{{ inputs.n > 5 }}"', "then:")
    + f"      - {{id: big, type: {CORE}.log.Log, message: big}}\n    else:\n"
    + f"      - {{id: small, type: {CORE}.log.Log, message: small}}\n"
    + task("sw", f"{CORE}.flow.Switch", 'value: "{{ inputs.n }}"', "cases:")
    + f"      a: [{{id: a, type: {CORE}.log.Log, message: a}}]\n    defaults:\n"
    + f"      - {{id: d, type: {CORE}.log.Log, message: d}}\n"
    + task("each", f"{CORE}.flow.ForEach", 'values: "{{ [inputs.n] }}"', "tasks:")
    + f"      - {{id: in, type: {CORE}.log.Log, message: x}}\n"
    + task("may", f"{CORE}.log.Log", "message: x", 'runIf: "{{ inputs.n == 1 }}"')
    + "errors:\n"
    + log("tell", "{{ outputs.nothing.there }}")
)


def test_every_branch_is_walked_and_what_is_wrong_in_one_is_found(tmp_path):
    first = walked(tmp_path, BRANCHES)
    assert (first.walks, first.at_fault) == (1, False)
    assert first.covered.branches == (4, 9)
    found = walked(tmp_path, BRANCHES, all_branches=True)
    assert found.covered.tasks == (10, 10)
    assert found.covered.branches == (9, 9)
    assert found.walks == 6
    (one,) = found.findings
    assert one.message.startswith("in errors of the flow: Unable to find `nothing`")


def test_what_was_never_reached_is_told_with_its_place(tmp_path):
    found = walked(tmp_path, BRANCHES)
    assert ("task", "`big`") in [(one.kind, one.what) for one in found.covered.never]
    assert ("branch", "then of `if`") in [(one.kind, one.what) for one in found.covered.never]


def test_an_output_that_no_such_type_has_is_the_flows_fault(tmp_path):
    query = task("q", "io.kestra.plugin.jdbc.snowflake.Query", "sql: select 1", "fetchType: STORE")
    assert not walked(tmp_path, "tasks:\n" + query + log("s", "{{ outputs.q.uri }}")).at_fault
    wrong = walked(tmp_path, "tasks:\n" + query + log("s", "{{ outputs.q.nope }}"))
    assert [one.code for one in wrong.findings] == ["unknown-output"]


def test_it_is_the_same_each_time(tmp_path):
    assert made(walked(tmp_path, BRANCHES)) == made(walked(tmp_path, BRANCHES))


def test_nothing_is_written_beside_the_flow(tmp_path):
    text = "tasks:\n" + task(
        "up", f"{CORE}.namespace.UploadFiles", "namespace: company.team", "filesMap: {a.txt: hi}"
    )
    text += task(
        "down", f"{CORE}.namespace.DownloadFiles", "namespace: company.team", "files: [a.txt]"
    )
    text += task(
        "del", f"{CORE}.namespace.DeleteFiles", "namespace: company.team", "files: [a.txt]"
    )
    found = walked(tmp_path, text)
    assert found.state is not None
    assert [one.name for one in (tmp_path / "flows").iterdir()] == ["flow.yaml"]


QUERY = "io.kestra.plugin.jdbc.postgresql.Query"
SCRIPT = "io.kestra.plugin.scripts.shell.Script"


def messages(found):
    return [(one.severity, one.where.line, one.message) for one in found.findings]


def test_outputs_that_a_task_never_has_are_found_where_they_are_read(tmp_path):
    text = "tasks:\n" + task("q", QUERY, "url: x", "sql: select 1", "fetchType: FETCH_ONE")
    text += task("s", SCRIPT, "script: ls", 'outputFiles: ["a.csv", "b/*.txt"]')
    text += log("say", "{{ outputs.q.rows }} {{ outputs.s.outputFiles['a.cvs'] }}")
    text += log("fine", "{{ outputs.q.row.n }} {{ outputs.s.outputFiles['b/c.txt'] }}")
    text += log("may", "{{ outputs.q.uri ?? 'none' }} {{ outputs.s.stdOutLineCount }}")
    found = walked(tmp_path, text)
    assert {(line, message.partition(":")[0]) for _, line, message in messages(found)} == {
        (15, "`outputs.q.rows`"),
        (15, "`outputs.s.outputFiles['a.cvs']`"),
    }


def test_inputs_and_variables_that_are_not_declared_are_found_in_types_that_do_not_run(tmp_path):
    text = "inputs: [{id: day, type: STRING}]\nvariables: {base: x}\ntasks:\n"
    text += task("a", "io.kestra.plugin.aws.s3.Download", 'key: "{{ inputs.dya }}"')
    found = walked(tmp_path, text)
    assert found.at_fault
    assert found.findings[0].where.line == 8
    text = text.replace("inputs.dya", "vars.bse")
    assert "`bse`" in walked(tmp_path, text).findings[0].message
    text = text.replace("{{ vars.bse }}", "{{ something.of.its.own }}")
    assert not walked(tmp_path, text).at_fault


def test_what_can_do_with_nothing_is_a_warning_and_a_wrong_unit_an_error(tmp_path):
    text = "tasks:\n" + log("a", "{{ kv('day') | dateAdd(1, 'DAY') }}")
    assert walked(tmp_path, text).at_fault
    text = "inputs: [{id: c, type: JSON, defaults: '{}'}]\ntasks:\n" + log("a", "{{ inputs.c.x }}")
    found = walked(tmp_path, text)
    assert not found.at_fault
    assert [severity for severity, *_ in messages(found)] == ["warning"]


def test_a_working_directory_has_the_files_that_are_kept_of_it(tmp_path):
    inner = "- {id: run, type: io.kestra.plugin.scripts.shell.Commands, commands: [make]}"
    text = "tasks:\n" + task(
        "wd", f"{CORE}.flow.WorkingDirectory", "outputFiles: [r.txt, '*.json']", "tasks:", inner
    )
    text += log("a", "{{ read(outputs.wd.outputFiles['r.txt']) }}")
    text += log("b", "{{ fromJson(read(outputs.wd.outputFiles['x.json'])).n + 1 }}")
    found = walked(tmp_path, text)
    assert (found.findings, found.state) == ([], "SUCCESS")


def test_a_pause_with_a_timeout_is_answered(tmp_path):
    pause = ("timeout: P1D", "onResume: [{id: ok, type: BOOLEAN}]")
    text = "tasks:\n" + task("wait", f"{CORE}.flow.Pause", *pause)
    text += log("a", "{{ outputs.wait.onResume.ok }}")
    found = walked(tmp_path, text)
    assert (found.findings, found.state) == ([], "SUCCESS")
    assert found.mocks["resume"] == {"wait": {"ok": True}}


def test_outputs_of_flows_with_names_that_only_the_run_knows(tmp_path):
    call = f"{CORE}.flow.Subflow"
    text = "inputs: [{id: k, type: STRING, defaults: a}]\ntasks:\n"
    text += task("c", call, "namespace: company.team", 'flowId: "load_{{ inputs.k }}"')
    text += log("a", "{{ outputs.c.outputs.rows }}")
    found = walked(tmp_path, text)
    assert messages(found) == [
        ("warning", 5, "the flow `company.team.load_a` is not there: an empty one stood in for it")
    ]
    known = "id: load_a\nnamespace: company.team\ntasks:\n" + log("x", "hello")
    found = walked(tmp_path, text, others=[known])
    assert "`outputs`" in found.findings[0].message or "`rows`" in found.findings[0].message
    assert found.at_fault


def test_batches_whose_flow_needs_more_inputs_do_not_walk(tmp_path):
    needs = "id: one\nnamespace: company.team\ninputs: [{id: n, type: INT}]\ntasks:\n" + log(
        "x", "y"
    )
    each = ('items: "{{ outputs.d.uri }}"', "namespace: company.team", "flowId: one")
    text = "tasks:\n" + task("d", "io.kestra.plugin.aws.s3.Download", "key: a")
    text += task("e", f"{CORE}.flow.ForEachItem", *each)
    found = walked(tmp_path, text, others=[needs])
    assert found.at_fault
    assert "required input" in found.findings[0].message


def test_entries_of_the_outputs_of_a_loop(tmp_path):
    inner = f"- {{id: q, type: {QUERY}, url: x, sql: y, fetchType: FETCH}}"
    text = "tasks:\n" + task("l", f"{CORE}.flow.ForEach", "values: [a, b]", "tasks:", inner)
    text += log(
        "say", "{% for one in outputs.q %}{{ one.key }} {{ one.value.size + 1 }}{% endfor %}"
    )
    assert walked(tmp_path, text).findings == []


def test_the_values_of_a_loop_of_today_are_a_list(tmp_path):
    text = "tasks:\n" + task("s", SCRIPT, "script: ls")
    inner = (
        f'- {{id: l, type: {CORE}.log.Log, message: "{{{{ fromJson(item.value).name | upper }}}}"}}'
    )
    values = 'values: "{{ outputs.s.vars.flows }}"'
    text += task("each", f"{CORE}.flow.Loop", values, "tasks:", inner)
    found = walked(tmp_path, text)
    assert (found.findings, found.state) == ([], "SUCCESS")


def test_items_that_are_filtered_have_what_the_condition_reads(tmp_path):
    text = "tasks:\n" + task("d", "io.kestra.plugin.aws.s3.Download", "key: a")
    condition = "filterCondition: \"{{ product_id == '18' and price > 5 }}\""
    text += task("f", f"{CORE}.storage.FilterItems", 'from: "{{ outputs.d.uri }}"', condition)
    found = walked(tmp_path, text)
    assert (found.findings, found.stood_in, found.state) == ([], {}, "SUCCESS")
