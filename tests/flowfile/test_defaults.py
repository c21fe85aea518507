import pytest

from kestrel_cli.flowfile import load_bytes
from tests.flowfile.loading import CORE, HEAD, LOG, errors, findings, flow, task

OLD_LOG = "io.kestra.core.tasks.log.Log"


def level(declared, *lines, outer=(), type_name=LOG):
    """The level of one Log task below these plugin defaults."""
    said = [f"  - {{type: {name}, {more}}}\n" for name, more in declared]
    text = (f"pluginDefaults:\n{''.join(said)}" if said else "") + "tasks:\n"
    text += task("a", *lines, "message: hi", type_name=type_name)
    made = load_bytes((HEAD + text).encode(), "flow.yaml", plugin_defaults=outer).flow.tasks[0]
    return made.level


def fills(value, name=LOG, **more):
    return {"type": name, "values": {"level": value}, **more}


@pytest.mark.parametrize("prefix", [LOG, f"{CORE}.log", "io.kestra.plugin.core.l", "io"])
def test_defaults_fill_what_a_task_does_not_say(prefix):
    values = "{message: filled, level: WARN}"
    text = f"pluginDefaults:\n  - type: {prefix}\n    values: {values}\ntasks:\n"
    (made,) = flow(text + f"  - {{id: a, type: {LOG}, level: ERROR}}\n").tasks
    assert (made.message, made.level) == ("filled", "ERROR")


def test_other_types_are_left_alone():
    assert level([(f"{LOG}s", "values: {level: WARN}")]) == "INFO"


def test_forced_defaults_win_the_last_one_of_several():
    declared = [(LOG, "forced: true, values: {level: WARN}")]
    assert level(declared, "level: ERROR") == "WARN"
    declared += [(f"{CORE}.log", "forced: true, values: {level: DEBUG}")]
    assert level(declared, "level: ERROR") == "DEBUG"


def test_the_first_default_of_several_fills():
    declared = [(LOG, "values: {level: WARN}"), (LOG, "values: {level: DEBUG}")]
    assert level(declared) == "WARN"


def test_the_older_name_is_read():
    text = f"taskDefaults:\n  - type: {LOG}\n    values: {{level: WARN}}\ntasks:\n"
    assert flow(text + task("a")).tasks[0].level == "WARN"


@pytest.mark.parametrize(("name", "used"), [(OLD_LOG, LOG), (LOG, OLD_LOG), (OLD_LOG, OLD_LOG)])
def test_older_type_names_mean_the_same_type(name, used):
    assert level([(name, "values: {level: WARN}")], type_name=used) == "WARN"


def test_an_older_package_is_a_prefix_too():
    assert level([("io.kestra.core.tasks.log", "values: {level: WARN}")], type_name=OLD_LOG) == (
        "WARN"
    )


def test_the_flow_fills_before_the_configuration():
    outer = [fills("WARN")]
    assert level([], outer=outer) == "WARN"
    assert level([(LOG, "values: {level: DEBUG}")], outer=outer) == "DEBUG"
    assert level([], "level: ERROR", outer=outer) == "ERROR"


def test_the_configuration_forces_more_than_the_flow():
    outer = [fills("WARN", forced=True)]
    assert level([], "level: ERROR", outer=outer) == "WARN"
    assert level([(LOG, "forced: true, values: {level: DEBUG}")], outer=outer) == "WARN"
    assert level([(LOG, "values: {level: DEBUG}")], outer=outer) == "WARN"


@pytest.mark.parametrize("key", ["tasks", "errors", "finally", "afterExecution"])
def test_tasks_everywhere_get_them(key):
    inner = f"  - id: s\n    type: {CORE}.flow.Sequential\n    tasks:\n" + task("a", indent=6)
    text = f"pluginDefaults:\n  - type: {LOG}\n    values: {{level: WARN}}\n"
    text += ("" if key == "tasks" else "tasks:\n" + task("first")) + f"{key}:\n"
    assert flow(text + inner).by_id["a"].level == "WARN"


def test_tasks_of_flowables_may_come_from_defaults():
    text = (
        f"pluginDefaults:\n  - type: {CORE}.flow.Sequential\n    values:\n      errors:\n"
        + task("e", indent=8)
        + f"tasks:\n  - id: s\n    type: {CORE}.flow.Sequential\n    tasks:\n"
        + task("a", indent=6)
    )
    assert [one.id for one in flow(text).by_id["s"].errors] == ["e"]


@pytest.mark.parametrize(
    ("type_name", "values", "problem"),
    [
        (LOG, "nope: 1", f"No property 'nope' exists in plugin '{LOG}'"),
        (LOG, "level: null", "No value provided for key 'level'"),
        (
            "io.kestra.core.tasks.log.Log",
            "nope: 1",
            "No property 'nope' exists in plugin 'io.kestra.core.tasks.log.Log'",
        ),
        (
            f"{CORE}.trigger.Schedule",
            "crn: '@daily'",
            f"No property 'crn' exists in plugin '{CORE}.trigger.Schedule'",
        ),
        (
            f"{CORE}.runner.Process",
            "image: x",
            f"No property 'image' exists in plugin '{CORE}.runner.Process'",
        ),
    ],
)
def test_what_the_exact_type_does_not_have_is_refused_used_or_not(type_name, values, problem):
    text = f"pluginDefaults:\n  - type: {type_name}\n    values: {{{values}}}\ntasks:\n"
    assert errors(text + task("a")) == [(3, f"Invalid Plugin Default: {problem}")]


def test_what_the_exact_type_does_not_have_is_warned_of_in_the_configuration():
    text = HEAD + "tasks:\n" + task("a")
    outer = [{"type": LOG, "values": {"nope": 1}}]
    (found,) = load_bytes(text.encode(), "x", plugin_defaults=outer).warnings
    assert (found.severity, found.message) == (
        "warning",
        f"No property 'nope' exists in plugin '{LOG}'",
    )


def test_triggers_their_conditions_and_listeners_get_them_too():
    text = (
        f"pluginDefaults:\n  - type: {CORE}.trigger.Schedule\n    values: {{timezone: UTC}}\n"
        f"  - type: {CORE}.condition\n    values: {{country: FR}}\n"
        f"  - type: {LOG}\n    values: {{level: WARN}}\n"
        f"triggers:\n  - {{id: t, type: {CORE}.trigger.Schedule, cron: '@daily', conditions: ["
        f"{{type: {CORE}.condition.PublicHoliday}}]}}\n"
        "listeners:\n  - tasks:\n" + task("late", indent=6) + "tasks:\n" + task("a")
    )
    made = flow(text)
    assert made.triggers[0].timezone == "UTC"
    assert made.triggers[0].conditions[0].country == "FR"
    assert made.listeners[0].tasks[0].level == "WARN"


def test_a_property_that_one_type_of_a_prefix_does_not_have_is_passed_over():
    text = f"pluginDefaults:\n  - type: {CORE}\n    values: {{format: x}}\ntasks:\n"
    text += task("a") + task("b", type_name=f"{CORE}.debug.Return")
    assert findings(text) == []
    assert flow(text).by_id["b"].format == "x"


def test_a_wrong_value_is_pointed_at_in_the_default():
    text = f"pluginDefaults:\n  - type: {LOG}\n    values: {{level: LOUD}}\ntasks:\n" + task("a")
    ((line, message),) = errors(text)
    assert line == 3
    assert message.startswith("`level` must be one of")


def test_a_wrong_value_of_the_configuration_is_pointed_at_where_it_is_used():
    text = HEAD + "tasks:\n" + task("a")
    with pytest.raises(Exception, match="must be one of") as caught:
        load_bytes(text.encode(), "flow.yaml", plugin_defaults=[fills("LOUD")])
    (found,) = caught.value.diagnostics
    assert found.source.strip() == f"type: {LOG}"


def test_a_task_keeps_its_place_in_the_file():
    text = f"pluginDefaults:\n  - type: {LOG}\n    values: {{level: WARN}}\ntasks:\n" + task("a")
    assert flow(text).tasks[0].where[1:] == (7, 5)


# -- by name

NAMED = f"pluginDefaults:\n  - {{type: {LOG}, ref: loud, values: {{level: ERROR}}}}\n"


def test_a_named_default_is_for_tasks_that_ask_for_it():
    text = NAMED + "tasks:\n" + task("a") + task("b", "pluginDefaultsRef: loud")
    assert [one.level for one in flow(text).tasks] == ["INFO", "ERROR"]


def test_who_asks_for_one_gets_no_other_but_forced_ones():
    declared = [(LOG, "ref: r, values: {message: x}"), (LOG, "values: {level: WARN}")]
    assert level(declared, "pluginDefaultsRef: r") == "INFO"
    declared += [(LOG, "forced: true, values: {level: DEBUG}")]
    assert level(declared, "pluginDefaultsRef: r", "level: ERROR") == "DEBUG"


def test_of_defaults_of_one_name_the_forced_one_counts_else_the_first():
    declared = [(LOG, f"ref: r, values: {{level: {one}}}") for one in ("WARN", "DEBUG")]
    assert level(declared, "pluginDefaultsRef: r") == "WARN"
    declared += [(LOG, "ref: r, forced: true, values: {level: TRACE}")]
    assert level(declared, "pluginDefaultsRef: r", "level: ERROR") == "TRACE"
    assert level([], "pluginDefaultsRef: r", outer=[fills("WARN", ref="r")]) == "WARN"


@pytest.mark.parametrize(
    ("head", "ref", "message", "hint"),
    [
        (
            "",
            "loud",
            f"No plugin-defaults exists for pluginDefaultsRef 'loud' referenced by '{LOG}'",
            "give an entry of `pluginDefaults` this `ref`, in the flow or in kestrel.toml",
        ),
        (
            NAMED,
            "lout",
            f"No plugin-defaults exists for pluginDefaultsRef 'lout' referenced by '{LOG}'",
            "did you mean `loud`?",
        ),
        (
            NAMED.replace(LOG, "a.B"),
            "loud",
            f"the plugin default `loud` is declared for a.B, not for a task of type {LOG}",
            None,
        ),
    ],
)
def test_a_name_that_leads_nowhere_is_an_error(head, ref, message, hint):
    text = head + "tasks:\n" + task("a", f"pluginDefaultsRef: {ref}")
    (found,) = findings(text)
    assert (found.severity, found.message, found.hint) == ("error", message, hint)


def test_no_name_asks_for_nothing():
    declared = [(LOG, "values: {level: WARN}")]
    assert level(declared, "pluginDefaultsRef:") == "INFO"


# -- merging


def test_what_is_inside_of_a_task_has_defaults_of_its_own_and_merging_is_deep():
    text = (
        "pluginDefaults:\n"
        "  - type: x.Y\n    values: {taskRunner: {a: 1, b: 1}, l: [1, 2], deep: {m: {p: 1}}}\n"
        "  - type: r.R\n    values: {a: 2, c: 2}\n"
        "tasks:\n"
        "  - {id: t, type: x.Y, taskRunner: {type: r.R, b: 3}, l: [2, 3], deep: {m: {q: 2}}}\n"
    )
    assert flow(text).tasks[0].extra == {
        "taskRunner": {"type": "r.R", "a": 2, "b": 3, "c": 2},
        "l": [1, 2, 3],
        "deep": {"m": {"p": 1, "q": 2}},
    }


def test_forced_lists_are_joined_behind_the_own():
    text = (
        "pluginDefaults:\n  - {type: x.Y, forced: true, values: {l: [1], s: 1}}\n"
        "tasks:\n  - {id: t, type: x.Y, l: [2], s: 2}\n"
    )
    assert flow(text).tasks[0].extra == {"l": [2, 1], "s": 1}


@pytest.mark.parametrize("declared", ["5", "[1]", "[{values: {}}]", "[{type: x.Y, values: 3}]"])
def test_defaults_that_are_none_are_told_and_do_no_harm(declared):
    assert errors(f"pluginDefaults: {declared}\ntasks:\n" + task("a"))


def test_expressions_in_defaults_are_looked_at_like_those_of_the_task():
    text = (
        "inputs:\n  - {id: a-b, type: INT}\n"
        f"pluginDefaults:\n  - {{type: {LOG}, values: {{message: '{{{{ inputs.a-b }}}}'}}}}\n"
        f"tasks:\n  - {{id: a, type: {LOG}}}\n"
    )
    ((line, message),) = errors(text)
    assert line == 4
    assert message.startswith("Invalid input reference")
