import subprocess
import sys
from pathlib import Path

import pytest

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import load_bytes
from kestrel_cli.model.triggers import Flow, Schedule, UnknownTrigger
from tests.flowfile.loading import CORE, HEAD, errors, findings, flow, task

TASKS = "tasks:\n" + task("t")
SCHEDULE = f"{CORE}.trigger.Schedule"
CONDITION = f"{CORE}.condition"


def triggers(*listed, inputs=""):
    """A flow with these triggers, the first one in its second line."""
    said = "".join(f"  - {{id: t{n}, {one}}}\n" for n, one in enumerate(listed))
    return f"triggers:\n{said}{inputs}{TASKS}"


def problems(*listed):
    return errors(triggers(*listed))


def warned(text):
    return [one.message for one in findings(text) if one.severity == "warning"]


def test_triggers_are_made_by_their_types():
    made = flow(
        triggers(
            f"type: {SCHEDULE}, cron: '0 9 * * *', timezone: Europe/Paris, inputs: {{a: 1}}",
            "type: io.kestra.core.models.triggers.types.Flow, states: [FAILED]",
            "type: io.kestra.plugin.aws.s3.Trigger, interval: PT30S, bucket: b",
        )
    ).triggers
    assert [type(one) for one in made] == [Schedule, Flow, UnknownTrigger]
    assert (made[0].cron, made[0].timezone, made[1].states) == (
        "0 9 * * *",
        "Europe/Paris",
        ["FAILED"],
    )
    assert made[0].where.line == 4


def test_a_bad_cron_is_refused_at_its_part():
    text = triggers(f"type: {SCHEDULE}, cron: '0 25 * * *'")
    (found,) = [one for one in findings(text) if one.severity == "error"]
    assert found.message.startswith("invalid cron expression '0 25 * * *': `25` is no hour")
    assert found.source[found.where.column - 1 :].startswith("25 *")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            f"type: {SCHEDULE}, cron: every day",
            "invalid cron expression 'every day': Cron expression contains 2 parts but we expect "
            "one of [5]",
        ),
        (f"type: {SCHEDULE}", "missing property `triggers[0].cron`"),
        (f"type: {SCHEDULE}, corn: '@daily', cron: '@daily'", "unknown property `corn`"),
        (
            f"type: {SCHEDULE}, cron: '@daily', timezone: Europe/Pari",
            "`Europe/Pari` is no time zone",
        ),
        (
            f"type: {SCHEDULE}, cron: '@daily', recoverMissedSchedules: FIRST",
            "`triggers[0].recoverMissedSchedules` must be one of `ALL`, `LAST`, `NONE`",
        ),
        (f"type: {SCHEDULE}, cron: '@daily', inputs: x", "`triggers[0].inputs` must be a map"),
        (f"type: {CORE}.trigger.Schedul", f"unknown trigger type `{CORE}.trigger.Schedul`"),
        (f"type: {CORE}.trigger.Whatever", f"unknown trigger type `{CORE}.trigger.Whatever`"),
        (
            f"type: {CORE}.log.Log",
            f"`{CORE}.log.Log` is a type of task, not of trigger",
        ),
        ("type: [x]", "`triggers[0].type` must be the name of a type of trigger"),
        (f"type: {CORE}.trigger.Webhook", "missing property `triggers[0].key`"),
        (f"type: {CORE}.trigger.Webhook, key: ''", "`triggers[0].key` must not be empty"),
        (
            f"type: {CORE}.trigger.Webhook, key: k, responseContentType: text/html",
            "`triggers[0].responseContentType` must be one of `application/json`, `text/plain`",
        ),
        (
            f"type: {CORE}.trigger.Webhook, key: k, conditions: [{{type: "
            f"{CONDITION}.MultipleCondition, id: m, conditions: {{a: {{type: {CONDITION}.Weekend"
            "}}}]",
            "invalid webhook: conditions of type MultipleCondition are not supported",
        ),
        (
            f"type: {CORE}.trigger.Flow, states: [DONE]",
            "`triggers[0].states[0]` must be one of",
        ),
        (
            f"type: {CORE}.trigger.Flow, preconditions: {{flows: [{{namespace: a}}]}}",
            "missing property `triggers[0].preconditions.id`",
        ),
        (
            f"type: {CORE}.trigger.Flow, preconditions: {{id: a, timeWindow: "
            "{type: DAILY_TIME_DEADLINE}}",
            "Time window of type `DAILY_TIME_DEADLINE` must have `deadline`",
        ),
        (
            f"type: {CORE}.trigger.Flow, preconditions: {{id: a, timeWindow: "
            "{type: SLIDING_WINDOW, windowAdvance: PT1H}}",
            "Time window of type `SLIDING_WINDOW` cannot have `windowAdvance`",
        ),
        (
            f"type: {CORE}.trigger.Flow, preconditions: {{id: a, where: [{{id: w, filters: "
            "[{field: STATE, type: IN, value: x}]}]}",
            "`values` cannot be null for type IN",
        ),
        (
            f"type: {CORE}.trigger.Flow, preconditions: {{id: a, where: [{{id: w, filters: "
            "[{field: STAT, type: EQUAL_TO, value: x}]}]}",
            "`triggers[0].preconditions.where[0].filters[0].field` must be one of",
        ),
        (
            "type: io.kestra.plugin.aws.s3.Trigger, stopAfter: [NEVER]",
            "`triggers[0].stopAfter[0]` must be one of",
        ),
        (
            f"type: {SCHEDULE}, cron: '@daily', conditions: [{{type: {CONDITION}.DayWeek, "
            "dayOfWeek: MONDY}]",
            "`triggers[0].conditions[0].dayOfWeek` must be one of",
        ),
        (
            f"type: {SCHEDULE}, cron: '@daily', conditions: [{{type: {CONDITION}.Not, conditions: "
            f"[{{type: {CONDITION}.Expression, expresion: x, expression: x}}]}}]",
            "unknown property `expresion`",
        ),
        (
            f"type: {SCHEDULE}, cron: '@daily', conditions: [{{type: {CONDITION}.Weekends}}]",
            f"unknown condition type `{CONDITION}.Weekends`",
        ),
        (
            f"type: {SCHEDULE}, cron: '@daily', conditions: [5]",
            "`triggers[0].conditions[0]` must be a map with `type`",
        ),
        (
            f"type: {SCHEDULE}, cron: '@daily', conditions: {{type: {CONDITION}.Weekend}}",
            "`triggers[0].conditions` must be a list of conditions",
        ),
        (
            f"type: {SCHEDULE}, cron: '@daily', labels: {{system.x: y}}",
            "System labels can only be set by Kestra itself",
        ),
    ],
)
def test_what_kestra_refuses_of_a_trigger_is_refused(said, message):
    ((line, found),) = problems(said)
    assert line == 2
    assert found.startswith(message)


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        (f"type: {CORE}.trigger.Schedul", f"did you mean `{SCHEDULE}`?"),
        (f"type: {SCHEDULE}, corn: x, cron: '@daily'", "did you mean `cron`?"),
        (
            f"type: {SCHEDULE}, cron: '@daily', timezone: Europe/Pari",
            "did you mean `Europe/Paris`?",
        ),
    ],
)
def test_near_names_are_told(said, hint):
    (found,) = [one for one in findings(triggers(said)) if one.severity == "error"]
    assert found.hint == hint


def test_a_trigger_without_a_type_is_a_warning_because_kestra_takes_it():
    text = triggers("cron: '@daily'", f"type: {SCHEDULE}, cron: '@daily'")
    assert warned(text) == ["missing property `triggers[0].type`: nothing ever triggers this"]
    assert [one.id for one in flow(text).triggers] == ["t1"]


def test_old_names_of_conditions_are_conditions():
    old = "io.kestra.core.models.conditions.types"
    text = triggers(
        f"type: {SCHEDULE}, cron: '@daily', conditions: [{{type: {old}.NotCondition, conditions: "
        f"[{{type: {old}.WeekendCondition}}, {{type: {CONDITION}.PublicHolidayCondition}}]}}]"
    )
    (inner,) = flow(text).triggers[0].conditions
    assert [type(one).__name__ for one in inner.conditions] == ["Weekend", "PublicHoliday"]


def test_what_kestra_2_has_is_a_warning_for_1_and_fine_for_2():
    newer = "dependsOn: [{flowId: a, namespace: b}], when: '{{ true }}'"
    text = triggers(f"type: {CORE}.trigger.Flow, {newer}")
    assert warned(text) == [
        "Kestra 1.3 has no property `dependsOn` here",
        "Kestra 1.3 has no property `when` here",
    ]
    assert load_bytes((HEAD + text).encode(), "x", compat=2).warnings == ()


def test_a_required_input_without_a_value_is_warned_of():
    inputs = "inputs: [{id: a, type: INT}, {id: b, type: INT, defaults: 1}]\n"
    schedule = f"type: {SCHEDULE}, cron: '@daily'"
    assert warned(triggers(schedule, inputs=inputs)) == [
        "this trigger gives no value for the required input `a`"
    ]
    assert warned(triggers(f"{schedule}, inputs: {{a: 1}}", inputs=inputs)) == []
    assert warned(triggers(f"{schedule}, inputs: {{a: 1, c: 2}}", inputs=inputs)) == [
        "`c`: this flow has no such input"
    ]


def test_a_condition_that_never_holds_is_warned_of():
    text = triggers(
        f"type: {SCHEDULE}, cron: '@daily', conditions: [{{type: {CONDITION}.TimeBetween}}]"
    )
    assert warned(text) == ["Invalid condition with no before nor after"]


def test_conditions_may_nest_deeper_than_python_recurses():
    inner = f"{{type: {CONDITION}.Weekend}}"
    for _ in range(2000):
        inner = f"{{type: {CONDITION}.Not, conditions: [{inner}]}}"
    text = triggers(f"type: {SCHEDULE}, cron: '@daily', conditions: [{inner}]")
    assert len(flow(text, max_depth=20_000).triggers) == 1


def test_a_run_without_triggers_imports_none_of_their_models(tmp_path: Path):
    (tmp_path / "f.yaml").write_text(f"id: f\nnamespace: a\n{TASKS}", "utf-8")
    program = (
        "import sys; from kestrel_cli.flowfile import load; load(sys.argv[1]);"
        "print([name for name in sys.modules if name.startswith('kestrel_cli.model.')"
        " and name.rpartition('.')[2] in ('triggers', 'conditions', 'inputs', 'runners')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "f.yaml")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_preconditions_have_an_id_in_the_whole_flow_of_kestra_1():
    before = "preconditions: {id: p, flows: [{namespace: a, flowId: b}]}"
    listed = "".join(
        f"  - {{id: {name}, type: {CORE}.trigger.Flow, {before}}}\n" for name in ("x", "y")
    )
    text = f"{HEAD}triggers:\n{listed}{TASKS}".encode()
    with pytest.raises(FlowFileError) as refused:
        load_bytes(text, "x")
    (found,) = refused.value.diagnostics
    assert (found.message, found.where.line) == ("Duplicate preconditions with id [p]", 5)
    assert load_bytes(text, "x", compat=2).flow.triggers
