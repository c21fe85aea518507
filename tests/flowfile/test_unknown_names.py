import pytest

from kestrel_cli.flowfile import load_bytes
from tests.flowfile.loading import CORE, HEAD, findings, task

INPUTS = "inputs:\n  - {id: name, type: STRING}\n  - {id: db.host, type: STRING}\n"


def warnings(expression, more="", inputs=INPUTS):
    text = inputs + "tasks:\n" + task("first") + task("t", "message: |", f"  {expression}") + more
    return [one.message for one in findings(text) if one.severity == "warning"]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("{{ outputs.frist.value }}", "`outputs.frist`: this flow has no task `frist`"),
        ("{{ outputs['frist'] }}", "`outputs['frist']`: this flow has no task `frist`"),
        ('{{ outputs["a-b"].x }}', '`outputs["a-b"]`: this flow has no task `a-b`'),
        ("{{ outputs.x ?? 'none' }}", "`outputs.x`: this flow has no task `x`"),
        ("{{ tasks.x.state }}", "`tasks.x`: this flow has no task `x`"),
        ("{% if outputs.x %}y{% endif %}", "`outputs.x`: this flow has no task `x`"),
        ("{{ 'it''s' ~ outputs.x }}", "`outputs.x`: this flow has no task `x`"),
        ("{{ inputs.nam }}", "`inputs.nam`: this flow has no input `nam`"),
        ("{{ inputs.host }}", "`inputs.host`: this flow has no input `host`"),
        ("{{ outputs.x-y.z }}", "`outputs.x-y`: this flow has no task `x-y`"),
    ],
)
def test_a_name_that_nothing_has_is_a_warning(expression, message):
    assert warnings(expression) == [message]


@pytest.mark.parametrize(
    "expression",
    [
        "{{ outputs.first.value }}{{ outputs['t'].x }}{{ outputs.first['a'] }}",
        "{{ inputs.name }}{{ inputs['name'] }}{{ inputs.db.host }}{{ inputs.name-1 }}",
        "{{ outputs[inputs.name] }}{{ outputs[taskrun.value] }}{{ outputs | keys }}",
        "{{ trigger.outputs.x }}{{ execution.outputs.x }}{{ my_outputs.x }}{{ parent.inputs.x }}",
        "outputs.x and {{ 'outputs.x' }} and {{ \"see outputs.x\" }}",
        "{# outputs.x #}{% raw %}{{ outputs.x }}{% endraw %}",
        "{% set outputs = {} %}{{ outputs.x }}",
        "{% for inputs in [1] %}{{ inputs.x }}{% endfor %}",
        "{{ outputs. }}{{ outputs['x }}{{ outputs['x' ~ 'y'] }}",
        "{{ outputs.first-tasks.x }}",
    ],
)
def test_names_that_are_there_or_cannot_be_told_are_left_alone(expression):
    assert [one for one in warnings(expression) if "has no" in one] == []


def test_the_place_and_a_near_name_are_told():
    text = "tasks:\n" + task("first") + task("t", 'message: "so {{ outputs.frist }}"')
    (found,) = findings(text)
    assert (found.where[1:], found.length) == ((9, 21), len("outputs.frist"))
    assert found.hint == "did you mean `first`?"


def test_outputs_and_inputs_of_the_flow_are_looked_at_too():
    text = (
        "inputs:\n  - {id: a, type: STRING, defaults: '{{ inputs.b }}'}\n"
        "outputs:\n  - {id: o, type: STRING, value: '{{ outputs.x }}{{ outputs.a }}'}\ntasks:\n"
    )
    assert [one.where.line for one in findings(text + task("a"))] == [4, 6]


def test_parts_of_for_each_item_and_tasks_of_unknown_types_are_there():
    loop = task(
        "each",
        "items: '{{ inputs.f }}'",
        "namespace: a",
        "flowId: b",
        type_name=f"{CORE}.flow.ForEachItem",
    )
    nested = "  - {id: n, type: x.Nest, body: [{task: {id: inner, type: x.Y}}]}\n"
    expression = "{{ outputs.each_merge.x }}{{ outputs.each_items.x }}{{ outputs.inner.x }}"
    assert warnings(expression, loop + nested, "inputs:\n  - {id: f, type: FILE}\n") == []


def test_what_is_rendered_with_the_variables_of_the_called_flow_is_not_looked_at():
    call = task(
        "c",
        "namespace: a",
        "flowId: b",
        "outputs: {x: '{{ outputs.theirs.value }}'}",
        type_name=f"{CORE}.flow.Subflow",
    )
    assert warnings("x", call) == []


def closely(expression, more=""):
    text = HEAD + "tasks:\n" + task("t", f'message: "{expression}"', "runIf: 'true'") + more
    warnings = load_bytes(text.encode(), "x", check_template=lambda _: ()).warnings
    return [(one.message, one.hint) for one in warnings]


def triggers(*listed):
    return "triggers:\n" + "".join(f"  - {{id: t{n}, {one}}}\n" for n, one in enumerate(listed))


SCHEDULE = f"type: {CORE}.trigger.Schedule, cron: '@daily'"
WEBHOOK = f"type: {CORE}.trigger.Webhook, key: secret"


@pytest.mark.parametrize(
    ("expression", "more", "message", "hint"),
    [
        (
            "{{ trigger.date }}",
            "",
            "`trigger.date`: this flow has no triggers",
            "`??` gives a value for runs that no trigger has started",
        ),
        (
            "{{ trigger.dat }}",
            triggers(SCHEDULE),
            "`trigger.dat`: no trigger of this flow gives `dat`",
            "did you mean `date`?",
        ),
        (
            "{{ trigger.body }}",
            triggers(SCHEDULE),
            "`trigger.body`: no trigger of this flow gives `body`",
            None,
        ),
        (
            "{{ execution.startdate }}",
            "",
            "`execution.startdate`: `execution` has no `startdate`",
            "did you mean `startDate`?",
        ),
        (
            "{{ envs.API_URL }}",
            "",
            "`envs.API_URL`: names in `envs` are in small letters, without `ENV_`",
            "write `envs.api_url`: the variable ENV_API_URL gives it",
        ),
        (
            "{{ envs['ENV_HOME'] }}",
            "",
            "`envs['ENV_HOME']`: names in `envs` are in small letters, without `ENV_`",
            "write `envs.home`: the variable ENV_HOME gives it",
        ),
    ],
)
def test_members_of_variables_that_never_are_there_are_told(expression, more, message, hint):
    assert closely(expression, more) == [(message, hint)]


@pytest.mark.parametrize(
    ("expression", "more"),
    [
        ("{{ trigger.date }}", triggers(SCHEDULE)),
        ("{{ trigger.body.x }}{{ trigger.date }}", triggers(SCHEDULE, WEBHOOK)),
        ("{{ trigger.anything }}", triggers(SCHEDULE, "type: io.kestra.plugin.aws.s3.Trigger")),
        ("{{ trigger.executionId }}", ""),
        ("{{ trigger.date ?? execution.startDate }}", ""),
        ("{{ trigger }}{{ trigger['x' ~ 'y'] }}", ""),
        ("{{ envs.api_url }}{{ taskrun.value ?? task.id }}{{ flow.tenantId }}", ""),
        ("{% set flow = {} %}{{ flow.name }}", ""),
        ("{{ labels.team }}{{ my.flow.name }}", ""),
    ],
)
def test_members_that_may_be_there_are_left_alone(expression, more):
    assert closely(expression, more) == []
