import pytest

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import load, load_bytes
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.subflows import check_subflows
from tests.flowfile.loading import CORE, LOG, task

SUBFLOW = f"{CORE}.flow.Subflow"
FOR_EACH_ITEM = f"{CORE}.flow.ForEachItem"
CALL = ("namespace: company.team", "flowId: child")


def put(folder, flow_id, text=""):
    text = text or "tasks:\n" + task("log")
    (folder / f"{flow_id}.yaml").write_text(f"id: {flow_id}\nnamespace: company.team\n{text}")


def calling(*ids):
    return "tasks:\n" + "".join(
        task(f"to-{one}", "namespace: company.team", f"flowId: {one}", type_name=SUBFLOW)
        for one in ids
    )


def found(folder, text, flow_id="parent"):
    data = f"id: {flow_id}\nnamespace: company.team\n{text}".encode()
    loaded = load_bytes(data, str(folder / f"{flow_id}.yaml"))
    return check_subflows(loaded, Library.beside(loaded, str(folder)))


def told(folder, text, flow_id="parent"):
    return [(one.severity, one.message) for one in found(folder, text, flow_id)]


def with_inputs(folder, inputs, given, type_name=SUBFLOW):
    """What is told about a call with these inputs, of a flow that declares those."""
    put(folder, "child", f"inputs:\n{inputs}tasks:\n" + task("log"))
    more = ("items: x",) if type_name == FOR_EACH_ITEM else ()
    lines = (*CALL, *more, *([f"inputs: {given}"] if given else []))
    return found(folder, "tasks:\n" + task("call", *lines, type_name=type_name))


def test_a_flow_that_is_there_and_needs_nothing_is_fine(tmp_path):
    put(tmp_path, "child")
    assert told(tmp_path, calling("child")) == []


def test_a_flow_that_is_not_found_is_a_warning_that_says_where_was_looked(tmp_path):
    put(tmp_path, "child")
    (one,) = found(tmp_path, calling("chidl"))
    assert one.severity == "warning"
    assert one.message == "Unable to find flow 'company.team'.'chidl' with revision '0'"
    assert one.hint.startswith(f"no file below {tmp_path.resolve()} declares it; did you mean")
    assert one.hint.endswith("; a Kestra server may have it")
    assert one.source.strip() == "flowId: chidl"


def test_a_flow_with_an_invalid_file_is_an_error(tmp_path):
    put(tmp_path, "child", "tasks:\n  - {id: x, type: nothing}\n")
    ((severity, message),) = told(tmp_path, calling("child"))
    assert severity == "error"
    assert message.startswith("the flow 'company.team'.'child' is not valid: ")


def test_a_disabled_flow_is_a_warning(tmp_path):
    put(tmp_path, "child", "disabled: true\ntasks:\n" + task("log"))
    assert told(tmp_path, calling("child")) == [
        ("warning", "Cannot execute a flow which is disabled")
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ("namespace: '{{ flow.namespace }}'", "flowId: x"),
        ("namespace: company.team", "flowId: '{{ inputs.x }}'"),
        ("namespace: company.team", "flowId: x", "disabled: true"),
    ],
)
def test_what_only_the_run_knows_and_what_never_runs_is_passed_over(tmp_path, lines):
    text = "tasks:\n" + task("call", *lines, type_name=SUBFLOW)
    assert [one for one in found(tmp_path, text) if one.severity != "info"] == []


def test_a_call_below_a_disabled_task_is_passed_over(tmp_path):
    inner = task("call", *CALL, type_name=SUBFLOW, indent=6)
    head = f"tasks:\n  - id: s\n    type: {CORE}.flow.Sequential\n    disabled: true\n    tasks:\n"
    assert told(tmp_path, head + inner) == []


# -- circles


def test_a_circle_over_several_files_is_told_with_its_path(tmp_path):
    put(tmp_path, "parent", calling("child"))
    put(tmp_path, "child", calling("log", "grandchild"))
    put(tmp_path, "log")
    put(tmp_path, "grandchild", calling("parent"))
    (one,) = found(tmp_path, calling("child"))
    names = ("parent", "child", "grandchild", "parent")
    path = " > ".join(f"company.team.{name}" for name in names)
    assert (one.severity, one.message) == ("warning", f"the flows call each other: {path}")


def test_a_circle_that_does_not_come_back_here_is_told_too(tmp_path):
    put(tmp_path, "a", calling("b"))
    put(tmp_path, "b", calling("a"))
    assert told(tmp_path, calling("a")) == [
        ("warning", "the flows call each other: company.team.a > company.team.b > company.team.a")
    ]


def test_flows_that_are_called_twice_are_no_circle(tmp_path):
    put(tmp_path, "a", calling("b", "log"))
    put(tmp_path, "b", calling("log"))
    put(tmp_path, "log")
    assert told(tmp_path, calling("a", "b", "log")) == []


def test_for_each_item_cannot_call_its_own_flow(tmp_path):
    lines = ("items: x", "namespace: company.team", "flowId: parent")
    with pytest.raises(FlowFileError) as refused:
        told(tmp_path, "tasks:\n" + task("each", *lines, type_name=FOR_EACH_ITEM))
    (found,) = refused.value.diagnostics
    assert found.message == "Invalid Flow: Recursive call to flow [company.team.parent]"


# -- inputs

NAME = "  - {id: name, type: STRING}\n"


@pytest.mark.parametrize("type_name", [SUBFLOW, FOR_EACH_ITEM])
def test_an_input_that_the_flow_does_not_declare_is_a_warning(tmp_path, type_name):
    (one,) = with_inputs(tmp_path, NAME, "{name: a, naem: b}", type_name)
    assert (one.severity, one.hint) == ("warning", "did you mean `name`?")
    assert one.message == (
        "Input naem was provided for workflow company.team.child "
        "but isn't declared in the workflow inputs"
    )


@pytest.mark.parametrize("given", ["", "{}", "{name: }"])
def test_a_required_input_that_is_not_given_is_an_error(tmp_path, given):
    (one,) = with_inputs(tmp_path, NAME, given)
    assert (one.severity, one.message) == ("error", "Missing required input:name")
    assert one.hint == "give it in `inputs`: the flow company.team.child needs it"


@pytest.mark.parametrize(
    "inputs",
    [
        "  - {id: a, type: STRING, required: false}\n",
        "  - {id: a, type: STRING, defaults: x}\n",
        "  - {id: a, type: SELECT, values: [x], autoSelectFirst: true}\n",
        "  - {id: b, type: BOOL, defaults: true}\n"
        "  - {id: a, type: STRING, dependsOn: {inputs: [b]}}\n",
        "  - {id: f, type: FORM, inputs: [{id: a, type: STRING, required: false}]}\n",
    ],
)
def test_inputs_that_may_be_left_out_need_not_be_given(tmp_path, inputs):
    assert with_inputs(tmp_path, inputs, "") == []


@pytest.mark.parametrize("given", ["'{{ inputs.all }}'", "{'{{ inputs.key }}': x}"])
def test_inputs_that_an_expression_gives_are_not_looked_at(tmp_path, given):
    told_ = [one for one in with_inputs(tmp_path, NAME, given) if one.severity == "error"]
    assert told_ == []


@pytest.mark.parametrize("given", ["{db.host: a}", "{db: {host: a}}", "{db: '{{ vars.db }}'}"])
def test_dotted_inputs_are_given_by_their_name_or_in_a_map(tmp_path, given):
    assert with_inputs(tmp_path, "  - {id: db.host, type: STRING}\n", given) == []


def test_children_of_a_form_are_inputs(tmp_path):
    form = "  - {id: f, type: FORM, inputs: [{id: a, type: INT}]}\n"
    assert with_inputs(tmp_path, form, "{f.a: 1}") == []
    (one,) = with_inputs(tmp_path, form, "{}")
    assert one.message == "Missing required input:f.a"


def test_a_plain_value_that_does_not_fit_is_an_error(tmp_path):
    (one,) = with_inputs(tmp_path, "  - {id: n, type: INT}\n", "{n: many}")
    assert one.severity == "error"
    assert one.message == 'Invalid value for input `n`. Cause: For input string: "many"'
    assert with_inputs(tmp_path, "  - {id: n, type: INT}\n", "{n: '{{ 1 }}'}") == []


def test_calls_of_a_loaded_flow_are_those_that_plugin_defaults_complete(tmp_path):
    put(tmp_path, "child", f"inputs:\n{NAME}tasks:\n" + task("log"))
    text = f"pluginDefaults:\n  - {{type: {SUBFLOW}, values: {{inputs: {{name: x}}}}}}\n"
    assert told(tmp_path, text + calling("child")) == []
    (tmp_path / "log.yaml").write_text(
        f"id: l\nnamespace: n\ntasks:\n  - {{id: l, type: {LOG}, message: x}}\n"
    )
    assert load(str(tmp_path / "log.yaml")).calls == ()
