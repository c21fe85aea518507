import pytest

from kestrel_cli.flowfile.defaults import Defaults, merged
from tests.flowfile.loading import CORE, LOG, errors, flow, task


@pytest.mark.parametrize("prefix", [LOG, f"{CORE}.log", "io.kestra.plugin.core.l"])
def test_defaults_fill_what_a_task_does_not_say(prefix):
    values = "{message: filled, level: WARN}"
    text = f"pluginDefaults:\n  - type: {prefix}\n    values: {values}\ntasks:\n"
    (made,) = flow(text + f"  - {{id: a, type: {LOG}, level: ERROR}}\n").tasks
    assert (made.message, made.level) == ("filled", "ERROR")


def test_forced_defaults_win():
    text = (
        f"pluginDefaults:\n  - type: {LOG}\n    forced: true\n    values: {{level: WARN}}\ntasks:\n"
    )
    assert flow(text + task("a", "level: ERROR")).tasks[0].level == "WARN"


def test_the_older_name_is_read():
    text = f"taskDefaults:\n  - type: {LOG}\n    values: {{level: WARN}}\ntasks:\n"
    assert flow(text + task("a")).tasks[0].level == "WARN"


def test_older_type_names_mean_the_same_type():
    old = "io.kestra.core.tasks.log.Log"
    text = f"pluginDefaults:\n  - type: {old}\n    values: {{level: WARN}}\ntasks:\n"
    assert flow(text + task("a")).tasks[0].level == "WARN"


def test_nested_tasks_get_them_too():
    text = f"pluginDefaults:\n  - type: {LOG}\n    values: {{level: WARN}}\ntasks:\n"
    inner = f"  - id: s\n    type: {CORE}.flow.Sequential\n    tasks:\n" + task("a", indent=6)
    assert flow(text + inner).by_id["a"].level == "WARN"


def test_a_default_that_no_task_has_is_an_error_of_the_task():
    text = f"pluginDefaults:\n  - type: {LOG}\n    values: {{nope: 1}}\ntasks:\n"
    assert errors(text + task("a")) == [(5, "unknown property `nope`")]


def test_defaults_with_a_ref_wait_for_tasks_that_ask_for_them():
    defaults = Defaults([{"type": "x.Y", "ref": "r", "values": {"a": 1}}])
    assert defaults.applied({"type": "x.Y"}) == {"type": "x.Y"}
    asked = {"type": "x.Y", "pluginDefaultsRef": "r"}
    assert defaults.applied(asked) == {**asked, "a": 1}


def test_task_runners_inside_of_tasks_have_defaults_of_their_own():
    defaults = Defaults([{"type": "r.R", "values": {"a": 1}}])
    assert defaults.applied({"type": "x.Y", "taskRunner": {"type": "r.R"}}) == {
        "type": "x.Y",
        "taskRunner": {"a": 1, "type": "r.R"},
    }


def test_merging_is_deep_and_joins_lists_without_repetition():
    assert merged({"a": {"x": 1, "y": 1}, "l": [1, 2]}, {"a": {"y": 2}, "l": [2, 3]}) == {
        "a": {"x": 1, "y": 2},
        "l": [1, 2, 3],
    }


@pytest.mark.parametrize("declared", [None, 5, [1], [{"type": 1}], [{"type": "x", "values": 3}]])
def test_defaults_that_are_none_are_passed_over(declared):
    assert not Defaults(declared)
